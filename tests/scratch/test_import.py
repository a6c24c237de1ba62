"""Importing medlearn.scratch loads NumPy and nothing else of weight."""

import subprocess
import sys

PROGRAM = """
import sys, time
import numpy
before = set(sys.modules)
start = time.perf_counter()
import medlearn.scratch
seconds = time.perf_counter() - start
print(*sorted({name.split(".")[0] for name in set(sys.modules) - before}))
print(seconds)
"""


def test_import_loads_numpy_alone_and_is_fast():
    command = [sys.executable, "-c", PROGRAM]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    modules, seconds = run.stdout.splitlines()
    packages = set(modules.split()) - set(sys.stdlib_module_names)
    assert packages == {"medlearn"}
    assert float(seconds) < 1  # a few milliseconds; the margin is for a busy machine
