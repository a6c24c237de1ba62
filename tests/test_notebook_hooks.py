"""What the root conftest.py adds to nbval: the table, the memory limit, the stop after a failure."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

CONFTEST = Path(__file__).parent.parent / "conftest.py"


@pytest.fixture
def run(tmp_path):
    """Run a notebook of the given cells under a copy of the root conftest.py."""

    def run_cells(*sources, limit=None):
        shutil.copy(CONFTEST, tmp_path)
        if limit is not None:
            with (tmp_path / "conftest.py").open("a", encoding="utf-8") as file:
                file.write(f"\nMEMORY_LIMIT_MIB = {limit}\n")
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "tiny.ipynb")
        return subprocess.run(
            [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-rf", "-p",
             "no:cacheprovider", "-c", str(tmp_path / "none.ini"), "--rootdir", str(tmp_path),
             str(tmp_path / "tiny.ipynb")],
            capture_output=True, text=True, timeout=300, cwd=tmp_path,
        )  # fmt: skip

    (tmp_path / "none.ini").write_text("", encoding="utf-8")
    return run_cells


def test_table_gives_time_and_memory(run):
    done = run("x = 1", "assert x == 1")
    assert done.returncode == 0, done.stdout
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("tiny.ipynb  ")]
    assert row.split()[2] == "s" and float(row.split()[1]) > 0


def test_nothing_runs_after_a_failing_cell(run):
    done = run("x = 1", "assert x == 2", "print('reached')")
    assert done.returncode == 1
    assert "1 passed" in done.stdout and "2 failed" in done.stdout
    assert "of this notebook failed before" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux's /proc")
def test_too_much_memory_fails(run):
    done = run("x = 1", limit=1)
    assert done.returncode == 1
    assert "over the limit of 1" in done.stdout.replace("\n", " ")
