"""The stored tables of chapter 41: the lesson's settings, complete, figures that follow."""

import numpy as np
import pytest

from benchmarks import rare_disease
from medlearn import data, metrics, tables

from .lessons import settings_of

SOURCES = ("real", "standin")
every_source = pytest.mark.parametrize("source", SOURCES)


@every_source
def test_table_has_the_settings_of_the_lesson_and_of_the_command(source):
    table = tables.load_table("rare_disease", source)
    assert table["settings"] == settings_of("41") == rare_disease.SETTINGS
    assert table["source"] == source
    assert table["command"].endswith(f"benchmarks.rare_disease --data {source}")
    for run in table["runs"]:
        assert set(run["versions"]) == {"tensorflow", "keras", "numpy"} and run["date"]


@every_source
def test_table_is_complete_and_the_real_one_has_ten_seeds(source):
    runs = tables.load_table("rare_disease", source)["runs"]
    names = rare_disease.SETTINGS["augmentation"]
    wanted = {(name, seed) for name in names for seed in rare_disease.SEEDS[source]}
    assert {(run["data"], run["seed"]) for run in runs} == wanted and len(runs) == len(wanted)
    assert len(rare_disease.SEEDS["real"]) >= 10
    assert all(len(run["arms"]) == 9 for run in runs)


def test_the_disease_is_as_rare_as_it_is_said_to_be():
    for run in tables.load_table("rare_disease", "real")["runs"]:
        assert run["ill"] == round(run["well"] / rare_disease.SETTINGS["well_for_each"])


def test_figures_follow_from_the_stored_logits():
    runs = tables.load_table("rare_disease", "standin")["runs"]
    tests = {name: data.load(name, source="standin", show_card=False).test
             for name in {run["data"] for run in runs}}
    for run in runs:
        y = tests[run["data"]].y
        for arm in run["arms"].values():
            assert metrics.roc_auc(y, arm["test_logits"]) == pytest.approx(arm["auc"], abs=0.005)
            found = metrics.sensitivity_at_specificity(y, arm["test_logits"], 0.9)
            assert found.sensitivity == pytest.approx(arm["sensitivity"], abs=0.05)


def test_balanced_weights_give_both_classes_the_same_total():
    y = np.array([0] * 20 + [1])
    weights = rare_disease.balanced_weights(y)
    assert weights[y == 0].sum() == pytest.approx(weights[y == 1].sum())
    assert weights.mean() == pytest.approx(1)


def test_threshold_leaves_a_tenth_of_the_well_above():
    z = np.random.default_rng(0).permutation(100) * 0.5
    assert np.mean(z > rare_disease.threshold_of_the_well(z)) <= 0.1
    assert np.mean(z > rare_disease.threshold_of_the_well(z) - 0.5) <= 0.11


def test_every_way_gets_as_many_ill_as_it_says():
    rng = np.random.default_rng(0)
    well, ill, left_out, drawn = (rng.random((n, 28, 28, 1)) for n in (40, 4, 60, 40))
    ways = rare_disease.arms(well, ill, left_out, drawn, seed=0)
    counts = {way: len(pictures) for way, (pictures, *_) in ways.items()}
    few = {"nothing", "class weights", "augmentation"}
    assert all(count == (4 if way in few else 40) for way, count in counts.items())
    for way, (pictures, *_) in ways.items():
        np.testing.assert_array_equal(pictures[:4], ill, err_msg=way)
    distance = metrics.nearest_neighbour_distances(
        rare_disease.flat(ways["more real patients"][0][4:]), rare_disease.flat(left_out)
    ).distance
    assert distance.max() == 0


def test_copies_betray_everybody():
    rng = np.random.default_rng(1)
    ill, left_out = rng.random((2, 30, 4, 4, 1))
    assert rare_disease.membership(ill, left_out, ill) == 1
    assert abs(rare_disease.membership(ill, left_out, rng.random((30, 4, 4, 1))) - 0.5) < 0.25
