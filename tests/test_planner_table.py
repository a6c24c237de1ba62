"""The table of chapter 53 belongs to the lesson, and its figures can be made again."""

import numpy as np
import pytest

from benchmarks import planner
from medlearn import rl, tables

from .lessons import settings_of


@pytest.fixture(scope="module")
def table():
    return tables.load_table("planner", "real")


def test_table_is_complete_and_has_the_settings_of_the_lesson_and_of_the_command(table):
    assert table["settings"] == settings_of("53") == planner.SETTINGS
    assert table["command"] == planner.COMMAND
    assert set(table["versions"]) == {"numpy", "scipy", "icu-sepsis"} and table["date"]
    runs = [(run["part"], run["seed"]) for run in table["runs"]]
    assert runs == [(part, seed) for part in planner.PARTS for seed in planner.SEEDS[part]]
    assert all(len(seeds) >= 10 for seeds in planner.SEEDS.values())


def test_learning_gives_the_row_of_the_table(table, monkeypatch):
    monkeypatch.setattr(planner, "SIZES", (5_000,))
    row = planner.learning(rl.icu_sepsis(), 3)["plans"]
    (stored,) = [run for run in table["runs"] if (run["part"], run["seed"]) == ("learning", 3)]
    for now, then in zip(row, stored["plans"], strict=False):
        assert (now["way"], now["patients"]) == (then["way"], then["patients"])
        assert now["truth"] == pytest.approx(then["truth"], abs=0.01)
        assert now["claim"] == pytest.approx(then["claim"], abs=0.01)


def test_truths_lie_between_nothing_and_the_best(table):
    truths = [row["truth"] for run in table["runs"] for row in run.get("plans", [])]
    truths += [run[name] for run in table["runs"] for name in ("plan", "ward") if name in run]
    assert 0.75 < min(truths) and max(truths) < 0.87515
    assert len(truths) > 300


def test_merged_records_keep_everything_but_the_states():
    sepsis = rl.icu_sepsis()
    records = rl.simulate(sepsis.process, sepsis.clinicians, 50, seed=0)
    group_of = np.arange(716) // 100
    merged = planner.merged(records, group_of)
    assert merged.state.tolist() == (records.state // 100).tolist()
    assert merged.next_state.tolist() == (records.next_state // 100).tolist()
    assert merged.action.tolist() == records.action.tolist()
    assert merged.returns().tolist() == records.returns().tolist()


def test_averaged_policy_is_the_same_all_over_a_group():
    policy = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.2, 0.8]])
    averaged = planner.averaged(policy, np.array([0, 0, 1, 2]), np.array([3.0, 1.0, 2.0, 0.0]))
    assert averaged.tolist() == [[0.75, 0.25], [0.75, 0.25], [0.5, 0.5], [0.5, 0.5]]


def test_other_patients_mislead_only_where_the_doctors_saw_more(table):
    rows = [row for run in table["runs"] if run["part"] == "coarse" for row in run["plans"]]
    above = {
        see: np.mean([row["low"] > row["truth"] for row in rows if row["doctors_see"] == see])
        for see in ("the state", "the group")
    }
    assert above["the state"] > 0.9 and above["the group"] < 0.1


def test_joined_records_number_the_patients_on():
    sepsis = rl.icu_sepsis()
    parts = [rl.simulate(sepsis.process, sepsis.clinicians, n, seed=n) for n in (3, 5)]
    both = planner.joined(parts)
    assert both.n_patients == 8 and len(both) == len(parts[0]) + len(parts[1])
    assert both.take([3, 4, 5, 6, 7]).state.tolist() == parts[1].state.tolist()
