"""Checks of an installation: each a line that says ok, or what to do."""

import importlib.metadata
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CHECKS", "Finding", "examine"]

PACKAGES = ["jupyterlab", "tensorflow", "keras", "numpy", "scipy", "scikit-learn", "pandas",
            "matplotlib", "ipykernel", "ipywidgets"]
MEMORY_NEEDED_GIB = 1.5
DISK_NEEDED_MIB = 200
VARIABLES = ["MEDLEARN_SEED", "MEDLEARN_SOURCE", "MEDLEARN_CACHE", "MEDLEARN_MIRROR"]
# In a process of its own: a broken TensorFlow can end the process that imports it.
TRAIN_ONE_STEP = """
from medlearn.lesson import load_keras
keras = load_keras()
import numpy as np
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")
x = np.ones((8, 3))
first = model.train_on_batch(x, np.ones((8, 1)))
for _ in range(20):
    last = model.train_on_batch(x, np.ones((8, 1)))
assert last < first or first == 0, (first, last)
"""


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    name : str
    ok : bool
    text : str
        What was found; where it is not ok, what to do.
    """

    name: str
    ok: bool
    text: str

    def __str__(self):
        return f"{'ok  ' if self.ok else 'MEND'}  {self.name}: {self.text}"


def python_version():
    """Python's version lies in the range that the package declares."""
    version = platform.python_version()
    supported = (3, 11) <= sys.version_info[:2] < (3, 14)
    advice = "" if supported else "; use Python 3.11, 3.12 or 3.13 (uv python install 3.12)"
    return Finding("Python", supported, version + advice)


def settings():
    """The variables that steer the course hold what they may hold."""
    from . import lesson
    from .data import sources

    for examined in (lesson.seed, lambda: sources.resolve_source(None), sources.mirror_folder):
        try:
            examined()
        except ValueError as error:
            return Finding("settings", False, str(error))
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        return Finding("settings", False, f"KERAS_BACKEND is {backend!r}; unset it")
    names = [name for name in VARIABLES if os.environ.get(name)]
    return Finding("settings", True, f"set: {', '.join(names)}" if names else "none set")


def packages():
    """The packages of the course are installed."""
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", False, f"missing: {', '.join(missing)}; run: uv sync")
    return Finding("packages", True, ", ".join(found))


def memory():
    """There is memory for the largest notebook and JupyterLab."""
    import psutil

    available = psutil.virtual_memory().available / 2**30
    ok = available >= MEMORY_NEEDED_GIB
    advice = "" if ok else f"; close other programs: {MEMORY_NEEDED_GIB:g} GiB should be free"
    return Finding("memory", ok, f"{available:.1f} GiB free{advice}")


def cores():
    """How many processor cores there are; one is enough, only slower."""
    count = os.cpu_count() or 1
    slower = " (lessons take up to twice as long)" if count < 2 else ""
    return Finding("cores", True, f"{count}{slower}")


def cache():
    """The folder for downloaded data can be written to and has room."""
    import psutil

    from .data.sources import cache_folder

    folder = cache_folder()
    shown = str(folder).replace(str(Path.home()), "~", 1)
    advice = "set MEDLEARN_CACHE to a folder that you may write to"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding("data folder", False, f"{shown}: {error.strerror}; {advice}")
    free = psutil.disk_usage(str(folder)).free / 2**20
    if free < DISK_NEEDED_MIB:
        return Finding("data folder", False, f"{shown}: {free:.0f} MiB free; {advice} with room")
    return Finding("data folder", True, f"{shown}, {free / 1024:.1f} GiB free")


def kernel():
    """A Jupyter kernel starts and computes."""
    from jupyter_client.manager import start_new_kernel

    try:
        manager, client = start_new_kernel(
            kernel_name="python3", startup_timeout=60, stderr=subprocess.DEVNULL
        )
    except Exception as error:  # whatever keeps it from starting, the learner reads it here
        advice = "run: python -m ipykernel install --user"
        return Finding("Jupyter kernel", False, f"does not start ({error}); {advice}")
    try:
        reply = client.execute_interactive(
            "assert 6 * 7 == 42", timeout=60, output_hook=lambda message: None
        )
        ok = reply["content"]["status"] == "ok"
    except TimeoutError:
        ok = False
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return Finding("Jupyter kernel", ok, "starts" if ok else "does not answer; restart and retry")


def tensorflow():
    """TensorFlow trains a small network (in a process of its own; takes about 10 s)."""
    if not settings().ok:
        return Finding("TensorFlow", False, "not tried; mend the settings first")
    try:
        run = subprocess.run(
            [sys.executable, "-c", TRAIN_ONE_STEP], capture_output=True, text=True, timeout=180
        )
    except subprocess.TimeoutExpired:
        return Finding("TensorFlow", False, "no answer in 180 s; restart the computer and retry")
    if run.returncode == 0:
        return Finding("TensorFlow", True, "trains")
    last = (run.stderr.strip().splitlines() or [f"ended with code {run.returncode}"])[-1]
    return Finding("TensorFlow", False, f"{last}; run: uv sync --reinstall-package tensorflow")


CHECKS = [python_version, settings, packages, memory, cores, cache, kernel, tensorflow]


def examine(checks=None):
    """Run the checks one by one.

    Parameters
    ----------
    checks : list of callable, optional
        By default all of :data:`CHECKS`.

    Yields
    ------
    Finding

    Examples
    --------
    >>> [finding.ok for finding in examine([python_version, packages])]
    [True, True]
    """
    for check in CHECKS if checks is None else checks:
        try:
            yield check()
        except Exception as error:  # a broken package: that is what one comes here for
            name = check.__name__.replace("_", " ")
            yield Finding(name, False, f"{type(error).__name__}: {error}; run: uv sync")
