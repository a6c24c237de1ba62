"""How the notebooks run as tests: on which data, without a network, within their memory.

Every notebook is run whole by nbval. After its last cell the kernel's peak memory is read; a
table of time and memory stands at the end of the report.
"""

import os
import tempfile
import time
from pathlib import Path

import pytest

from medlearn.lesson import load_keras
from medlearn.notebooks import MEMORY_LIMIT_MIB, peak_memory_mib

GUARD = Path(__file__).parent / "tests" / "network_guard"
FIGURES = "notebook figures"


def pytest_addoption(parser):
    parser.addoption(
        "--data-source",
        choices=["standin", "real"],
        default="standin",
        help="which data the notebooks run on; real data are taken from MEDLEARN_MIRROR",
    )


def pytest_configure(config):
    """The kernels inherit these variables: data source, an empty cache, the blocked network."""
    if config.getoption("--data-source") == "real" and not os.environ.get("MEDLEARN_MIRROR"):
        raise pytest.UsageError(
            "--data-source=real takes the data from a folder: set MEDLEARN_MIRROR to it. After "
            "`medlearn fetch`, the data folder that `medlearn doctor` names will do."
        )
    cache = tempfile.TemporaryDirectory(prefix="medlearn-test-cache-")
    patch = pytest.MonkeyPatch()
    patch.setenv("MEDLEARN_SOURCE", config.getoption("--data-source"))
    patch.setenv("MEDLEARN_CACHE", cache.name)
    patch.setenv("PYTHONPATH", str(GUARD), prepend=os.pathsep)
    config.add_cleanup(cache.cleanup)
    config.add_cleanup(patch.undo)


def pytest_runtest_setup(item):
    # TensorFlow takes the number of threads only once in a process: before its first operation.
    if isinstance(item, pytest.DoctestItem) and "models" in item.path.parts:
        load_keras()


def _is_cell(item):
    return type(item).__name__ == "IPyNbCell"


def _is_last_cell(item, nextitem):
    return nextitem is None or nextitem.parent is not item.parent


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    if _is_cell(item):
        item.parent.started = getattr(item.parent, "started", time.perf_counter())
        item.is_last = _is_last_cell(item, nextitem)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    if not _is_cell(item):
        return (yield)
    if failed := getattr(item.parent, "failed_cell", None):
        pytest.fail(f"not run: {failed} of this notebook failed before", pytrace=False)
    try:
        result = yield
    except BaseException:
        item.parent.failed_cell = item.name
        raise
    if item.is_last:
        _record_and_hold_memory(item)
    return result


def _record_and_hold_memory(item):
    seconds = time.perf_counter() - item.parent.started
    memory = peak_memory_mib(item.parent.kernel.km.provisioner.pid)
    item.user_properties.append((FIGURES, [item.parent.path.name, seconds, memory]))
    if memory is not None and memory > MEMORY_LIMIT_MIB:
        pytest.fail(
            f"{item.parent.path.name}: the kernel's peak memory is {memory:.0f} MiB, over the "
            f"limit of {MEMORY_LIMIT_MIB:.0f}",
            pytrace=False,
        )


def pytest_terminal_summary(terminalreporter):
    reports = [r for group in terminalreporter.stats.values() for r in group]
    rows = sorted(
        value
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == FIGURES
    )
    if rows:
        terminalreporter.section("notebooks: time and peak memory of the kernel")
        for name, seconds, memory in rows:
            shown = "not told by this system" if memory is None else f"{memory:5.0f} MiB"
            terminalreporter.write_line(f"{name:40} {seconds:6.1f} s   {shown}")
