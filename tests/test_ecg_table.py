"""The stored tables of chapter 31 were made with the lesson's settings, and hold what it says."""


import numpy as np
import pytest

from benchmarks import ecg
from medlearn import data, models, tables

from .lessons import settings_of

SOURCES = ("real", "standin")


@pytest.fixture(params=SOURCES)
def table(request):
    return tables.load_table("ecg", request.param)


def test_settings_are_those_of_the_benchmark_and_of_the_lesson(table):
    assert table["settings"] == ecg.SETTINGS == settings_of("31")
    assert {"command", "date", "versions"} <= set(table)
    assert table["command"].endswith(f"benchmarks.ecg --data {table['source']}")


def test_every_run_is_there_once(table):
    found = [(run["variant"], run["seed"]) for run in table["runs"]]
    assert sorted(found) == sorted(ecg.jobs(table["source"]))
    assert sum(variant == "main" for variant, _ in found) >= 10
    variants = {variant for variant, _ in found}
    assert all(sum(each == variant for each, _ in found) >= 3 for variant in variants)


def test_runs_differ_and_count_every_beat(table):
    runs = {(run["variant"], run["seed"]): run for run in table["runs"]}
    main = [np.array(runs["main", seed]["test"]) for seed in range(10)]
    assert len({matrix.tobytes() for matrix in main}) > 5
    for matrix in main[1:]:
        np.testing.assert_array_equal(matrix.sum(axis=1), main[0].sum(axis=1))
    by_record = runs["main", 0]["test_by_record"].values()
    np.testing.assert_array_equal(np.sum(list(by_record), axis=0), main[0])
    by_beat = np.array(runs["split by beat", 0]["test"])
    assert by_beat.sum() == main[0].sum()


def test_counts_of_the_standin_are_those_of_its_parts():
    table = tables.load_table("ecg", "standin")
    beats = data.load("arrhythmia", source="standin", show_card=False)
    for part in ("validation", "test", "aside"):
        counts = np.bincount(getattr(beats, part).y, minlength=4)
        np.testing.assert_array_equal(np.sum(table["runs"][0][part], axis=1), counts)


def test_split_by_beat_deals_out_the_same_numbers_and_leaves_aside_what_is_aside():
    part_of = np.repeat(["train", "validation", "test", "aside"], [50, 20, 30, 5])
    one, two = (ecg.split_by_beat(part_of, seed) for seed in (0, 1))
    for dealt in (one, two):
        assert sorted(dealt) == sorted(part_of)
        assert (dealt[-5:] == "aside").all()
    assert not np.array_equal(one, two)
    assert (part_of[:50] == "train").all()


def test_both_splits_train_on_about_as_many_beats():
    beats = data.load("arrhythmia", source="standin", show_card=False)
    whole, by_patient = ecg.prepared(beats)
    assert len(whole.y) == len(beats.y)
    pairs, rhythm = models.heartbeat_inputs(beats.test)
    np.testing.assert_array_equal(whole.x[0][by_patient == "test"], pairs)
    np.testing.assert_array_equal(whole.x[1][by_patient == "test"], rhythm)
    sizes = [len(ecg.training_rows(whole, split, "train").y)
             for split in (by_patient, ecg.split_by_beat(by_patient, 0))]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.25)
