"""Importing the package loads no Keras; every public name says what it is."""

import re
import subprocess
import sys

from medlearn import models

PROGRAM = """
import sys
import medlearn.models
print(sorted({"keras", "tensorflow", "matplotlib", "scipy", "sklearn"} & set(sys.modules)))
"""


def test_import_is_light():
    command = [sys.executable, "-c", PROGRAM]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_every_public_name_says_its_chapter():
    assert sorted(models.__all__) == models.__all__
    for name in models.__all__:
        assert re.search(r"[Cc]hapter [2-4]\d", getattr(models, name).__doc__), name
