"""Notebook and source are one lesson; what is saved in a notebook is fit to be read."""

import nbformat
import pytest

from medlearn import course
from medlearn.notebooks import MEMORY_LIMIT_MIB, problems_in_outputs

from .lessons import CHAPTERS, NUMBERS, notebook_of, tags

# Seconds that a notebook may take alone on two cores, where it is more than 150.
LONGER = {"40": 200, "52": 240}  # seconds: networks that take turns, two agents

every_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=NUMBERS)


def saved(chapter):
    return nbformat.read(chapter.notebook, as_version=4)


@every_chapter
def test_notebook_agrees_with_its_source_cell_by_cell(chapter):
    expected, found = notebook_of(chapter), saved(chapter)
    advice = f"run: medlearn build {chapter.number}"
    assert [c.id for c in found.cells] == [c.id for c in expected.cells], advice
    for ours, theirs in zip(expected.cells, found.cells, strict=True):
        assert (ours.cell_type, ours.source) == (theirs.cell_type, theirs.source), advice
        assert ours.metadata == theirs.metadata, advice
    assert found.metadata == expected.metadata


@every_chapter
def test_saved_outputs_are_complete_in_order_and_clean(chapter):
    notebook = saved(chapter)
    nbformat.validate(notebook)
    assert problems_in_outputs(notebook) == []


@every_chapter
def test_saved_outputs_come_from_the_real_data(chapter):
    cards = [
        "".join(str(output.get("data", {}).get("text/plain", "")) for output in cell.outputs)
        for cell in saved(chapter).cells
        if "card" in tags(cell)
    ]
    assert cards
    for card in cards:
        assert "STAND-IN" not in card.upper(), card


@every_chapter
def test_cards_pictures_and_checks_have_outputs(chapter):
    for cell in saved(chapter).cells:
        if {"card", "widget", "check", "solution"} & set(tags(cell)):
            assert cell.outputs, cell.source[:80]


@every_chapter
def test_untouched_stubs_say_not_attempted_and_solutions_are_right(chapter):
    for cell in saved(chapter).cells:
        shown = "".join(str(o.get("data", {}).get("text/plain", "")) for o in cell.get("outputs", []))
        if "check" in tags(cell):
            assert "not attempted" in shown
        if "solution" in tags(cell):
            assert ": right." in shown


@every_chapter
def test_time_and_memory_of_the_last_run_are_known_and_within_the_budget(chapter):
    figures = course.timings()[chapter.notebook.stem]
    assert 0 <= figures["seconds"] <= LONGER.get(chapter.number, 150)
    memory = figures["peak_memory_mib"]  # None: built where the system does not tell
    assert memory is None or 0 < memory <= MEMORY_LIMIT_MIB


def test_no_notebook_without_a_source():
    folder = course.notebooks_folder()
    assert {p.stem for p in folder.glob("*.ipynb")} == {c.source.stem for c in CHAPTERS}
    assert set(course.timings()) == {c.source.stem for c in CHAPTERS}
