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

from .lessons import notebook_of, tags

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
)
MINUTE = 60_000  # ms
WHOLE = ["00", "11"]  # run whole; the others as far as their widget, to save time
TO_THE_WIDGET = ["20", "21", "23", "30", "31", "32", "40", "41", "51", "52", "53"]


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


def _wait_for_kernel(page):
    # Before the page has its kernel, the menu would open a dialog instead.
    toolbar = page.locator(".jp-NotebookPanel-toolbar")
    toolbar.get_by_text("Python 3 (ipykernel)").wait_for(timeout=MINUTE)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=MINUTE)
    page.wait_for_timeout(2000)


def _choose_in_run_menu(page, label):
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{label}$")).click()
    page.locator(".jp-InputPrompt", has_text="[*]").first.wait_for(timeout=MINUTE)


def _run(page, chapter):
    _wait_for_kernel(page)
    if chapter.number in WHOLE:
        _choose_in_run_menu(page, "Run All Cells")
    else:
        cells = notebook_of(chapter).cells
        widget = next(place for place, cell in enumerate(cells) if "widget" in tags(cell))
        page.locator(".jp-Notebook .jp-Cell").nth(widget).locator(".jp-InputPrompt").click()
        _choose_in_run_menu(page, "Run All Above Selected Cell")
        page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "() => ![...document.querySelectorAll('.jp-InputPrompt')]"
        ".some(prompt => prompt.textContent.includes('[*]'))",
        timeout=10 * MINUTE,
    )


@pytest.fixture(params=[*WHOLE, *TO_THE_WIDGET])
def page(request, address, browser):
    """A notebook opened and run."""
    base, token = address
    chapter = course.find(request.param)
    opened = browser.new_page(viewport={"width": 1200, "height": 1600})
    opened.goto(
        f"{base}/doc/tree/{chapter.notebook.name}?token={token}", wait_until="domcontentloaded"
    )
    opened.wait_for_selector(".jp-Notebook .jp-Cell", timeout=2 * MINUTE)
    _run(opened, chapter)
    yield opened
    opened.close()


def test_a_learner_runs_reads_and_turns_a_knob(page):
    errors = page.locator("[data-mime-type='application/vnd.jupyter.error']")
    assert errors.count() == 0, errors.first.inner_text()
    assert page.locator(".jp-OutputArea", has_text="Error displaying widget").count() == 0
    _formulas_are_typeset(page)
    _every_control_redraws_the_picture(page)
    _a_wrong_kernel_is_refused(page)


def _formulas_are_typeset(page):
    if "11_" not in page.url:
        return
    page.wait_for_selector("mjx-container", timeout=MINUTE)
    assert page.locator("mjx-container").count() >= 10
    assert page.locator("mjx-merror").count() == 0
    prose = " ".join(page.locator(".jp-RenderedMarkdown").all_inner_texts())
    assert "$$" not in prose and "\\tag" not in prose


def _every_control_redraws_the_picture(page):
    picture = page.locator(".widget-vbox .widget-html img").first
    picture.wait_for(timeout=MINUTE)
    first = picture.get_attribute("src")
    for move, kind in (
        (_choose_another, ".widget-dropdown select"),
        (_write_a_kernel, ".widget-text input"),
        (_step_aside, ".widget-hslider .noUi-handle"),
    ):
        for control in page.locator(".widget-vbox").first.locator(kind).all():
            before = picture.get_attribute("alt")
            control.scroll_into_view_if_needed()
            move(control)
            # The description ends in the values that the picture was drawn with.
            page.wait_for_function(
                "before => document.querySelector('.widget-vbox .widget-html img').alt !== before",
                arg=before,
                timeout=MINUTE,
            )
    assert picture.get_attribute("src") != first
    assert page.locator(".widget-vbox", has_text="Not drawn").count() == 0


def _choose_another(select):
    last = select.locator("option").count() - 1
    select.select_option(index=0 if select.evaluate("s => s.selectedIndex") == last else last)


def _write_a_kernel(line):
    line.fill("1 -1")
    line.press("Enter")


def _step_aside(handle):
    now, most = (float(handle.get_attribute(f"aria-value{name}")) for name in ("now", "max"))
    handle.focus()
    handle.press("ArrowRight" if now < most else "ArrowLeft")


def _a_wrong_kernel_is_refused(page):
    line = page.locator(".widget-vbox .widget-text input")
    if line.count():
        line.fill("1 -1; 1")
        line.press("Enter")
        message = page.locator(".widget-vbox", has_text="all rows need equally many numbers")
        message.wait_for(timeout=MINUTE)
