"""What a learner sees: the course in JupyterLab in a real browser."""

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from medlearn import course

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
)
MINUTE = 60_000  # ms


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The course as `medlearn lab` serves it; saving is off, so that the notebooks stay."""
    folder = tmp_path_factory.mktemp("settings") / "@jupyterlab" / "notebook-extension"
    folder.mkdir(parents=True)
    (folder / "tracker.jupyterlab-settings").write_text(
        '{"windowingMode": "none"}', encoding="utf-8"
    )
    documents = folder.parent / "docmanager-extension"
    documents.mkdir()
    (documents / "plugin.jupyterlab-settings").write_text('{"autosave": false}', encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(8)
    server = subprocess.Popen(
        [sys.executable, "-m", "medlearn.cli", "lab", "--no-fetch", "--no-browser", "--allow-root",
         f"--port={port}", f"--IdentityProvider.token={token}"],
        env={**os.environ, "JUPYTERLAB_SETTINGS_DIR": str(folder.parent.parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{base}/api/status?token={token}", server)
        yield base, token
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(url, server):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "medlearn lab ended"
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except OSError:
            time.sleep(0.3)
    pytest.fail("medlearn lab does not answer in 60 s")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield opened
        opened.close()


def _run_all(page):
    # Before the page has its kernel, the menu would open a dialog instead.
    toolbar = page.locator(".jp-NotebookPanel-toolbar")
    toolbar.get_by_text("Python 3 (ipykernel)").wait_for(timeout=MINUTE)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=MINUTE)
    page.wait_for_timeout(2000)
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
    page.locator(".jp-InputPrompt", has_text="[*]").first.wait_for(timeout=MINUTE)


@pytest.fixture(params=["00", "11"])
def page(request, address, browser):
    """A notebook opened and run whole."""
    base, token = address
    name = course.find(request.param).notebook.name
    opened = browser.new_page(viewport={"width": 1200, "height": 1600})
    opened.goto(f"{base}/doc/tree/{name}?token={token}", wait_until="domcontentloaded")
    opened.wait_for_selector(".jp-Notebook .jp-Cell", timeout=2 * MINUTE)
    _run_all(opened)
    opened.wait_for_function(
        "() => ![...document.querySelectorAll('.jp-InputPrompt')]"
        ".some(prompt => prompt.textContent.includes('[*]'))",
        timeout=5 * MINUTE,
    )
    yield opened
    opened.close()


def test_a_learner_runs_reads_and_turns_a_knob(page):
    errors = page.locator("[data-mime-type='application/vnd.jupyter.error']")
    assert errors.count() == 0, errors.first.inner_text()
    assert page.locator(".jp-OutputArea", has_text="Error displaying widget").count() == 0
    _formulas_are_typeset(page)
    _slider_changes_the_picture(page)


def _formulas_are_typeset(page):
    if "11_" not in page.url:
        return
    page.wait_for_selector("mjx-container", timeout=MINUTE)
    assert page.locator("mjx-container").count() >= 10
    assert page.locator("mjx-merror").count() == 0
    prose = " ".join(page.locator(".jp-RenderedMarkdown").all_inner_texts())
    assert "$$" not in prose and "\\tag" not in prose


def _slider_changes_the_picture(page):
    picture = page.locator(".widget-vbox .widget-html img").first
    picture.scroll_into_view_if_needed()
    before = picture.get_attribute("src")
    handle = page.locator(".widget-vbox .widget-hslider .noUi-handle").first
    handle.focus()
    handle.press("ArrowRight")
    handle.press("ArrowRight")
    page.wait_for_function(
        "before => { const img = document.querySelector('.widget-vbox .widget-html img');"
        " return img && img.src !== before }",
        arg=before,
        timeout=MINUTE,
    )
