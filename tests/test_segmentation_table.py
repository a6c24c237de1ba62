"""The stored tables of chapter 23 were made with the lesson's settings, and hold what it says."""

import ast
import json
import re

import numpy as np
import pytest

from benchmarks import segmentation
from medlearn import course, metrics, tables

LESSON = course.find("23").source.read_text(encoding="utf-8")


@pytest.fixture(params=["real", "standin"])
def table(request):
    return tables.load_table("segmentation", request.param)


def test_settings_are_those_of_the_benchmark_and_of_the_lesson(table):
    assert table["settings"]["brain"] == segmentation.SETTINGS
    assert table["settings"]["vessels"] == segmentation.VESSELS
    in_lesson = ast.literal_eval(re.search(r"^settings = (\{.*\})$", LESSON, re.M).group(1))
    found = re.search(r"^epochs = (\d+) if brain.is_standin else (\d+)$", LESSON, re.M)
    standin, real = found.groups()
    in_lesson["epochs"] = {"real": int(real), "standin": int(standin)}
    assert in_lesson == segmentation.SETTINGS


@pytest.mark.parametrize("source", ["real", "standin"])
def test_every_run_is_there_with_a_seed_of_its_own(source):
    runs = tables.load_table("segmentation", source)["runs"]
    for what, count in segmentation.SEEDS[source].items():
        seeds = [run["seed"] for run in runs if run["what"] == what]
        assert seeds == list(range(count))
    assert len(runs) == sum(segmentation.SEEDS[source].values())
    assert segmentation.SEEDS[source][segmentation.MAIN] >= 10


def test_the_test_part_is_scored_for_the_main_loss_alone(table):
    for run in table["runs"]:
        if run["what"] != "vessels":
            assert ("test" in run) == (run["what"] == segmentation.MAIN)


def test_runs_differ_and_their_scores_are_possible(table):
    main = [run for run in table["runs"] if run["what"] == segmentation.MAIN]
    scores = np.array([run["test"]["raw"]["dice"] for run in main])
    assert len(np.unique(scores[:, 0])) == len(main)
    assert np.all((scores > 0.5) & (scores < 1))
    assert {"command", "date", "versions"} <= set(table)


@pytest.mark.parametrize("source", ["real", "standin"])
def test_tables_are_json_that_any_program_reads(source):
    """No Infinity: the distance to a label that was never found is null."""
    text = tables.table_path("segmentation", source).read_text(encoding="utf-8")
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_a_label_that_is_never_found_has_no_distance():
    truth = np.zeros((4, 4, 4), bool)
    truth[1:3, 1:3, 1:3] = True
    pairs = [(truth, truth), (truth, np.zeros_like(truth))]
    distance = segmentation._mean(lambda a, b: metrics.hausdorff_distance(a, b, 1.0), pairs)
    assert distance is None
    assert segmentation._mean(metrics.dice_coefficient, pairs) == 0.5
