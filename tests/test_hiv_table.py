"""The table of the HIV planner belongs to the lesson and to the command."""

import json

import pytest

from benchmarks import hiv as command
from medlearn import tables
from medlearn.rl import hiv
from medlearn.rl.hiv_patients import FIGURES

from .lessons import settings_of


def runs_of(training):
    return [run for run in tables.load_table("hiv", "standin")["runs"]
            if run["training"] == training]


def test_table_has_the_settings_of_the_lesson_and_of_the_command():
    table = tables.load_table("hiv", "standin")
    assert table["settings"] == settings_of("52")["hiv"] == command.SETTINGS
    assert table["command"] == command.COMMAND and table["source"] == "standin"
    for run in table["runs"]:
        assert set(run["versions"]) == {"tensorflow", "keras", "numpy"} and run["date"]


def test_table_is_complete():
    runs = tables.load_table("hiv", "standin")["runs"]
    assert {(run["training"], run["seed"]) for run in runs} == set(command.RUNS)
    assert len(runs) == len(command.RUNS)
    for run in runs:
        assert len(run["trace"]) == command.SETTINGS["steps"][run["training"]] // 400
        assert sum(run["doses"].values()) == hiv.STEPS
    assert len(runs_of("short")) == 10 and len(runs_of("full")) >= 5


def test_the_full_training_passes_the_bar():
    assert all(run["score"] > 1e10 for run in runs_of("full"))


def test_the_stored_planner_is_the_tables_run():
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    training, seed = command.STORED
    (row,) = [run for run in runs_of(training) if run["seed"] == seed]
    assert figures == row


@pytest.mark.parametrize("training", ["short", "full"])
def test_the_first_score_of_a_trace_is_far_below_the_last(training):
    for run in runs_of(training):
        assert run["score"] > 10 * run["trace"][0]
