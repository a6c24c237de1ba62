import re
import subprocess
import sys

from medlearn import metrics

PROBE = """
import sys, time
import numpy
start = time.process_time()
import medlearn.metrics
seconds = time.process_time() - start
heavy = {"sklearn", "scipy", "matplotlib", "pandas", "tensorflow", "keras"} & set(sys.modules)
print(seconds, sorted(heavy))
"""


def test_import_is_light():
    answer = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=True
    )
    seconds, heavy = answer.stdout.split(maxsplit=1)
    assert float(seconds) < 0.1
    assert heavy.strip() == "[]"


def test_every_public_name_is_documented_with_its_chapter_or_fields():
    for name in metrics.__all__:
        documentation = getattr(metrics, name).__doc__
        assert documentation
        if name[0].islower():
            assert re.search(r"[Tt]aught\s+in\s+chapters? (10|23|40)", documentation)
            assert ">>>" in documentation
