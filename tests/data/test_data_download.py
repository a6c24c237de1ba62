"""Every way a download can go wrong, against a real server on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from medlearn import data
from medlearn.data import registry

from . import faulty_server as faults

NAME = "pneumonia_xray"

# Run in a process of its own: argv is url, sha256, seconds of patience.
FETCH_SCRIPT = """
import sys
from dataclasses import replace
from medlearn.data import registry
from medlearn.data.download import Patience
recipe = registry.REGISTRY["pneumonia_xray"]
remote = replace(recipe.remote, url=sys.argv[1], sha256=sys.argv[2], filename="images.npz")
registry.REGISTRY["pneumonia_xray"] = replace(recipe, remote=remote)
registry.PATIENCE = Patience(attempts=2, read_timeout=5, first_wait=0.05)
{before}
try:
    print(registry.fetch("pneumonia_xray", progress=False))
except registry.DataError as problem:
    print(type(problem).__name__, problem)
    sys.exit(3)
"""


def start_fetch(server, body, before=""):
    remote = faults.remote_file(server.url, body)
    script = FETCH_SCRIPT.format(before=before)
    return subprocess.Popen(
        [sys.executable, "-c", script, remote.url, remote.sha256],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def visible(cache):
    """List what the cache holds, leaving out the empty lock file."""
    return sorted(path.name for path in cache.glob("*") if not path.name.endswith(".lock"))


def range_start(asked):
    return int(asked.removeprefix("bytes=").removesuffix("-"))


def assert_nothing_loaded(cache):
    assert "images.npz" not in visible(cache)
    assert data.load(NAME, show_card=False).is_standin
    with pytest.raises(data.DataNotFoundError, match="medlearn fetch pneumonia_xray"):
        data.load(NAME, source="real", show_card=False)


def assert_complete(cache, body):
    assert visible(cache) == ["images.npz"]
    assert (cache / "images.npz").read_bytes() == body
    loaded = data.load(NAME, source="real", show_card=False)
    assert not loaded.is_standin
    assert loaded.x.shape == (290, 28, 28, 1)


def test_fetch_puts_the_file_into_the_cache_and_asks_only_once(served, own_cache, body):
    assert data.fetch(NAME, progress=False) == own_cache / "images.npz"
    assert_complete(own_cache, body)
    data.fetch(NAME, progress=False)
    assert served.ranges == [None]


def test_progress_bar_is_shown_on_request(served, capsys):
    data.fetch(NAME, progress=True)
    assert "images.npz: 100%" in capsys.readouterr().err


def test_connection_cut_is_resumed_where_it_broke(served, own_cache, body):
    served.script = [faults.cut, faults.whole]
    data.fetch(NAME, progress=False)
    first, second = served.ranges
    assert first is None
    assert len(body) // 4 < range_start(second) <= len(body) // 2
    assert_complete(own_cache, body)


def test_server_that_ignores_the_range_is_read_from_the_start(served, own_cache, body):
    served.script = [faults.cut, faults.ignoring_range]
    data.fetch(NAME, progress=False)
    assert len(served.ranges) == 2
    assert range_start(served.ranges[1]) > 0
    assert_complete(own_cache, body)


def test_server_that_continues_at_the_wrong_place_is_asked_anew(served, own_cache, body):
    served.script = [faults.cut, faults.wrong_place, faults.whole]
    data.fetch(NAME, progress=False)
    assert [asked is None for asked in served.ranges] == [True, False, True]
    assert_complete(own_cache, body)


def test_body_truncated_every_time_is_given_up_and_never_loaded(served, own_cache):
    served.script = [faults.cut]
    with pytest.raises(data.DownloadError, match=r"broke off \(3 attempts\).*fetch again"):
        data.fetch(NAME, progress=False)
    assert visible(own_cache) == ["images.npz.part"]
    assert_nothing_loaded(own_cache)


def test_truncated_body_without_a_length_is_refused(served, own_cache):
    served.script = [faults.short_without_length]
    with pytest.raises(data.DamagedFileError, match="Nothing of it was kept"):
        data.fetch(NAME, progress=False)
    assert visible(own_cache) == []
    assert_nothing_loaded(own_cache)


def test_wrong_checksum_is_refused_and_removed(served, own_cache):
    served.script = [faults.altered]
    with pytest.raises(data.DamagedFileError, match="SHA-256"):
        data.fetch(NAME, progress=False)
    assert visible(own_cache) == []
    assert_nothing_loaded(own_cache)


def test_part_of_a_file_that_has_changed_since_is_fetched_anew(served, own_cache, body):
    own_cache.mkdir()
    (own_cache / "images.npz.part").write_bytes(b"of an older file" * 100)
    data.fetch(NAME, progress=False)
    assert served.ranges == ["bytes=1600-", None]
    assert_complete(own_cache, body)


def test_part_longer_than_the_file_is_fetched_anew(served, own_cache, body):
    own_cache.mkdir()
    (own_cache / "images.npz.part").write_bytes(body + b"more")
    data.fetch(NAME, progress=False)
    assert served.ranges == [f"bytes={len(body) + 4}-", None]
    assert_complete(own_cache, body)


def test_part_that_was_complete_needs_no_request(served, own_cache, body):
    own_cache.mkdir()
    (own_cache / "images.npz.part").write_bytes(body)
    data.fetch(NAME, progress=False)
    assert served.ranges == []
    assert_complete(own_cache, body)


@pytest.mark.parametrize("answer", [faults.stalled, faults.silent])
def test_stalled_server_times_out(served, own_cache, answer):
    served.script = [answer]
    started = time.monotonic()
    with pytest.raises(data.DownloadError, match="Check the connection"):
        data.fetch(NAME, progress=False)
    assert time.monotonic() - started < 30
    assert_nothing_loaded(own_cache)


def test_missing_file_is_not_asked_for_twice(served, own_cache):
    served.script = [faults.status(404)]
    with pytest.raises(data.DownloadError, match="answered 404.*may have moved"):
        data.fetch(NAME, progress=False)
    assert len(served.ranges) == 1
    assert visible(own_cache) == []
    assert_nothing_loaded(own_cache)


def test_busy_server_is_asked_again(served, own_cache, body):
    served.script = [faults.status(503, Retry_After="0"), faults.status(503), faults.whole]
    data.fetch(NAME, progress=False)
    assert len(served.ranges) == 3
    assert_complete(own_cache, body)


def test_server_that_stays_busy_is_given_up(served, own_cache):
    served.script = [faults.status(503)]
    with pytest.raises(data.DownloadError, match=r"answered 503 \(3 attempts\)"):
        data.fetch(NAME, progress=False)
    assert_nothing_loaded(own_cache)


def test_no_server_fails_soon_and_all_others_are_not_tried(served, own_cache, monkeypatch):
    served.close()
    kidney = registry.REGISTRY["kidney_disease"]
    monkeypatch.setitem(
        registry.REGISTRY,
        "kidney_disease",
        replace(kidney, remote=replace(kidney.remote, url=served.url)),
    )
    with pytest.raises(data.DownloadError, match="no connection") as raised:
        data.fetch(NAME, progress=False)
    assert raised.value.offline
    reports = {report.name: report for report in data.fetch_all(progress=False)}
    assert reports["breast_cytology"].state == "ready"
    assert reports["kidney_disease"].state == "failed"
    assert reports[NAME].message.startswith("not tried")
    assert_nothing_loaded(own_cache)


def test_one_dead_server_does_not_keep_from_asking_another(served, monkeypatch):
    kidney = registry.REGISTRY["kidney_disease"]
    dead = replace(kidney.remote, url="http://127.0.0.1:9/data.csv")
    monkeypatch.setitem(registry.REGISTRY, "kidney_disease", replace(kidney, remote=dead))
    states = {report.name: report.state for report in data.fetch_all(progress=False)}
    assert (states["kidney_disease"], states[NAME]) == ("failed", "ready")


def test_fetch_all_skips_what_is_larger_than_asked_for(served):
    states = {r.name: r.state for r in data.fetch_all(max_megabytes=0.01, progress=False)}
    assert states[NAME] == "skipped"
    assert states["diabetes_progression"] == "ready"
    assert served.ranges == []


def test_damaged_file_in_the_cache_is_refused_then_mended_by_fetch(served, own_cache, body):
    own_cache.mkdir()
    (own_cache / "images.npz").write_bytes(body[:1000])
    for source in ("auto", "real"):
        with pytest.raises(data.DamagedFileError, match="medlearn fetch pneumonia_xray"):
            data.load(NAME, source=source, show_card=False)
    data.fetch(NAME, progress=False)
    assert_complete(own_cache, body)


def test_cache_that_cannot_be_made_is_named(served, tmp_path, monkeypatch):
    (tmp_path / "a file").write_text("not a folder")
    monkeypatch.setenv("MEDLEARN_CACHE", str(tmp_path / "a file" / "cache"))
    with pytest.raises(data.DownloadError, match="MEDLEARN_CACHE"):
        data.fetch(NAME, progress=False)
    assert data.load(NAME, show_card=False).is_standin


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="rights do not bind this user"
)
def test_cache_without_the_right_to_write_is_named(served, own_cache):
    own_cache.mkdir(mode=0o500)
    with pytest.raises(data.DownloadError, match="cannot be written"):
        data.fetch(NAME, progress=False)
    assert visible(own_cache) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot limit the size of files")
def test_full_disk_leaves_nothing_behind(server, own_cache, body):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))"
    process = start_fetch(server, body, before=limit)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 3, output
    assert "no room left" in output
    assert visible(own_cache) == []
    assert_nothing_loaded(own_cache)


def test_two_processes_at_once_fetch_once(server, own_cache, body):
    server.script = [faults.slow]
    processes = [start_fetch(server, body) for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert (own_cache / "images.npz").read_bytes() == body
    assert visible(own_cache) == ["images.npz"]
    assert len(server.ranges) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT between processes")
def test_interrupt_leaves_a_part_that_is_never_loaded_and_then_continued(
    served, own_cache, body
):
    served.script = [faults.stalled, faults.whole]
    # A test run in the background may have been told to ignore Ctrl-C, and children inherit that.
    heed_interrupts = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    process = start_fetch(served, body, before=heed_interrupts)
    part = own_cache / "images.npz.part"
    deadline = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size > 0) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in output
    arrived = part.stat().st_size
    assert visible(own_cache) == ["images.npz.part"]
    assert_nothing_loaded(own_cache)
    data.fetch(NAME, progress=False)
    assert served.ranges == [None, f"bytes={arrived}-"]
    assert_complete(own_cache, body)


def test_a_file_in_the_mirror_is_used_instead_of_a_download(
    served, tmp_path, monkeypatch, own_cache, body
):
    place = tmp_path / "mirror" / "medmnist" / "images.npz"
    place.parent.mkdir(parents=True)
    place.write_bytes(body)
    monkeypatch.setenv("MEDLEARN_MIRROR", str(tmp_path / "mirror"))
    assert data.fetch(NAME, progress=False) == place
    assert served.ranges == []
    assert not data.load(NAME, show_card=False).is_standin
    assert {row.name: row.where for row in data.status()}[NAME] == "in the mirror"
    place.write_bytes(body[:-1])
    with pytest.raises(data.DamagedFileError, match="MEDLEARN_MIRROR"):
        data.fetch(NAME, progress=False)
