"""The command line, run as a user runs it."""

import os
import subprocess
import sys

import nbformat
import pytest

from medlearn import cli

from .lessons import CHAPTERS, exercise_cells


def medlearn(*arguments, **variables):
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "medlearn.cli", *map(str, arguments)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_without_a_command_it_says_what_there_is():
    run = medlearn()
    assert run.returncode == 2
    help_text = medlearn("--help").stdout
    for command in ("lab", "fetch", "data", "doctor", "handout", "build"):
        assert command in help_text


def test_data_lists_every_set_with_licence_and_place(tmp_path):
    run = medlearn("data", MEDLEARN_CACHE=str(tmp_path), MEDLEARN_MIRROR="")
    assert run.returncode == 0, run.stderr
    lines = {line.split()[0]: line for line in run.stdout.splitlines()}
    assert lines["name"].split() == ["name", "what", "MB", "licence", "where"]
    assert lines["breast_cytology"].endswith("bundled")
    assert lines["pneumonia_xray"].endswith("not fetched")
    assert "CC BY 4.0" in lines["pneumonia_xray"]


def test_fetch_of_an_unknown_name_fails_and_names_the_closest():
    run = medlearn("fetch", "pneumonia")
    assert run.returncode == 1
    assert "pneumonia_xray" in run.stderr
    assert "Traceback" not in run.stderr


def test_fetch_without_a_network_says_so_and_leaves_nothing(tmp_path):
    run = medlearn("fetch", "pneumonia_xray", MEDLEARN_CACHE=str(tmp_path), MEDLEARN_MIRROR="")
    assert run.returncode == 1
    assert "pneumonia_xray" in run.stderr
    assert "Traceback" not in run.stderr
    assert [p.name for p in tmp_path.rglob("*") if p.is_file() and p.suffix != ".lock"] == []


def test_fetch_small_goes_on_without_a_network(tmp_path):
    run = medlearn("fetch", "--small", MEDLEARN_CACHE=str(tmp_path), MEDLEARN_MIRROR="")
    assert run.returncode == 0
    assert "stand-ins" in run.stdout


def test_fetch_of_names_and_small_at_once_is_refused():
    run = medlearn("fetch", "breast_cytology", "--small")
    assert run.returncode == 1
    assert "not both" in run.stderr


def test_mistyped_mirror_is_refused(tmp_path):
    run = medlearn("data", MEDLEARN_MIRROR=str(tmp_path / "nowhere"))
    assert run.returncode == 1
    assert "MEDLEARN_MIRROR" in run.stderr and "correct or unset" in run.stderr


def test_fetch_of_a_bundled_set_names_its_file():
    run = medlearn("fetch", "breast_cytology")
    assert run.returncode == 0
    assert run.stdout.startswith("breast_cytology: ")


def test_unknown_option_is_refused():
    assert medlearn("data", "--colour").returncode == 2


def test_lab_passes_unknown_options_on(monkeypatch):
    from jupyterlab.labapp import LabApp

    launched = []
    monkeypatch.setattr(LabApp, "launch_instance", launched.append)
    assert cli.main(["lab", "--no-fetch", "--no-browser", "--port=8899"]) == 0
    (arguments,) = launched
    assert arguments[0].endswith("00_start_here.ipynb")
    assert arguments[-2:] == ["--no-browser", "--port=8899"]
    assert any(a.startswith("--ServerApp.root_dir=") and a.endswith("notebooks") for a in arguments)
    assert "--LabApp.news_url=None" in arguments, "no question about news on a learner's screen"


@pytest.mark.parametrize("solutions", [False, True])
def test_handout_holds_every_lesson_without_outputs(tmp_path, solutions):
    folder = tmp_path / "class"
    run = medlearn("handout", folder, *["--solutions"] * solutions)
    assert run.returncode == 0, run.stderr
    assert {p.name for p in folder.iterdir()} == {c.notebook.name for c in CHAPTERS}
    for chapter in CHAPTERS:
        notebook = nbformat.read(folder / chapter.notebook.name, as_version=4)
        nbformat.validate(notebook)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
        kept = [cell for cell in code if "solution" in cell.metadata.get("tags", [])]
        assert len(kept) == (len(exercise_cells(notebook)) if solutions else 0)
        assert exercise_cells(notebook)


def test_handout_never_overwrites_what_a_class_wrote(tmp_path):
    mine = tmp_path / "00_start_here.ipynb"
    mine.write_text("a learner's work", encoding="utf-8")
    run = medlearn("handout", tmp_path)
    assert run.returncode == 1
    assert "not an empty folder" in run.stderr
    assert mine.read_text(encoding="utf-8") == "a learner's work"


def test_handout_into_a_file_is_refused(tmp_path):
    path = tmp_path / "file"
    path.write_text("text", encoding="utf-8")
    assert medlearn("handout", path).returncode == 1
    assert path.read_text(encoding="utf-8") == "text"


def test_handout_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("text", encoding="utf-8")
    run = medlearn("handout", tmp_path / "file" / "class")
    assert run.returncode == 1
    assert "name another" in run.stderr and "Errno" not in run.stderr


def test_build_tells_of_a_failing_cell_in_plain_text(monkeypatch, capsys):
    from nbclient.exceptions import CellExecutionError

    def fails(number):
        raise CellExecutionError("\x1b[31mNameError\x1b[0m: x", "NameError", "x")

    monkeypatch.setattr("medlearn.notebooks.build", fails)
    assert cli.main(["build", "00"]) == 1
    told = capsys.readouterr().err
    assert "NameError: x" in told and "stays as it was" in told and "\x1b" not in told


def test_build_of_an_unknown_chapter_names_those_there_are():
    run = medlearn("build", "77")
    assert run.returncode == 1
    assert "there is no chapter '77'" in run.stderr
    assert "11" in run.stderr
