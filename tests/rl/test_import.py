"""Importing the package loads NumPy and SciPy alone; every public name says its chapter."""

import re
import subprocess
import sys

from medlearn import rl

PROGRAM = """
import sys
import medlearn.rl
medlearn.rl.icu_sepsis()
heavy = {"keras", "tensorflow", "matplotlib", "gymnasium", "gym", "icu_sepsis", "pandas"}
others = {"medlearn.data", "medlearn.scratch", "medlearn.metrics", "medlearn.models"}
print(sorted((heavy | others) & set(sys.modules)))
"""


def test_import_is_light_and_knows_no_other_part():
    command = [sys.executable, "-c", PROGRAM]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_every_public_name_says_its_chapter():
    assert sorted(rl.__all__) == rl.__all__
    for name in rl.__all__:
        assert re.search(r"[Cc]hapters? 5\d", getattr(rl, name).__doc__), name
