"""The stored tables belong to the lesson, and the stored classifier gives the table's figures."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks import image_diagnosis
from medlearn import data, lesson, metrics, models, tables
from medlearn.models.stored import figures_path, weights_path

from .lessons import settings_of

SOURCES = ("real", "standin")
needs_the_mirror = pytest.mark.skipif(
    not Path(os.environ.get("MEDLEARN_MIRROR") or "none").is_dir(),
    reason="the variable MEDLEARN_MIRROR names no folder with the real data",
)
every_source = pytest.mark.parametrize("source", SOURCES)


def runs_of(source, name, variant=None):
    """The runs of a data set, or those of one variant, seed by seed."""
    rows = [run for run in tables.load_table("image_diagnosis", source)["runs"]
            if run["data"] == name and variant in (None, run["variant"])]
    return sorted(rows, key=lambda run: run["seed"])


@every_source
def test_table_has_the_settings_of_the_lesson_and_of_the_command(source):
    table = tables.load_table("image_diagnosis", source)
    assert table["settings"] == settings_of("21") == image_diagnosis.SETTINGS
    assert table["source"] == source
    assert table["command"].endswith(f"benchmarks.image_diagnosis --data {source}")
    for run in table["runs"]:
        assert set(run["versions"]) == {"tensorflow", "keras", "numpy"} and run["date"]


@every_source
@pytest.mark.parametrize("name", image_diagnosis.SETTINGS)
def test_table_is_complete_and_its_headline_has_ten_seeds(source, name):
    runs = runs_of(source, name)
    wanted = {(variant, seed) for variant, _, _, seeds in image_diagnosis.variants(name, source)
              for seed in seeds}
    assert {(run["variant"], run["seed"]) for run in runs} == wanted
    assert len(runs) == len(wanted)
    ten = source == "real" or name == "pneumonia_xray"
    assert len(runs_of(source, name, image_diagnosis.main_variant(name))) >= (10 if ten else 5)
    assert all(run["weights"] <= 150_000 for run in runs)


def test_main_network_of_the_chest_films_is_the_one_that_the_rule_chooses():
    losses = {}
    for variant, *_, seeds in image_diagnosis.variants("pneumonia_xray", "real"):
        if variant != image_diagnosis.UNTRUE:
            rows = runs_of("real", "pneumonia_xray", variant)
            assert len(rows) == len(seeds) >= 5
            losses[variant] = np.mean([run["validation"]["loss"] for run in rows])
    assert min(losses, key=losses.get) == image_diagnosis.main_variant("pneumonia_xray")


@pytest.mark.parametrize("name", image_diagnosis.SETTINGS)
def test_figures_follow_from_the_stored_logits(name):
    dataset = data.load(name, source="standin", show_card=False)
    for run in runs_of("standin", name, image_diagnosis.main_variant(name)):
        for part in ("validation", "test"):
            y, z = getattr(dataset, part).y, np.array(run[f"{part}_logits"])
            assert metrics.roc_auc(y, z) == pytest.approx(run[part]["auc"], abs=0.002)
            assert np.mean((z >= 0) == y) == pytest.approx(run[part]["accuracy"], abs=0.01)


@every_source
def test_stored_weights_are_small(source):
    assert weights_path(source).stat().st_size < 1e6


@every_source
def test_stored_classifier_gives_the_logits_that_it_gave_when_stored(source):
    lesson.load_keras()
    pictures = data.load("pneumonia_xray", source="standin", show_card=False).test.x
    wanted = json.loads(figures_path(source).read_text(encoding="utf-8"))["standin_logits"]
    z = models.logits(models.load_classifier(source), pictures[: len(wanted)])
    assert len(wanted) >= 5 and np.ptp(wanted) > 0.5
    np.testing.assert_allclose(z, wanted, atol=0.01)


@pytest.mark.parametrize("source", [pytest.param("real", marks=needs_the_mirror), "standin"])
def test_stored_classifier_gives_the_figures_of_its_table(source):
    lesson.load_keras()
    test = data.load("pneumonia_xray", source=source, show_card=False).test
    z = models.logits(models.load_classifier(source), test.x)
    figures = json.loads(figures_path(source).read_text(encoding="utf-8"))["test"]
    row = runs_of(source, "pneumonia_xray", image_diagnosis.main_variant("pneumonia_xray"))[0]
    for stored in (figures, row["test"]):
        assert metrics.roc_auc(test.y, z) == pytest.approx(stored["auc"], abs=0.005)
        assert np.mean((z >= 0) == test.y) == pytest.approx(stored["accuracy"], abs=0.01)
    assert np.corrcoef(z, row["test_logits"])[0, 1] > 0.99


def test_classifier_of_the_other_source_is_another():
    lesson.load_keras()
    kernels = [models.load_classifier(source).get_weights()[0] for source in SOURCES]
    assert not np.allclose(*kernels)


def test_unknown_source_or_table_is_refused_with_advice():
    with pytest.raises(ValueError, match="give one of real, standin"):
        models.load_classifier("auto")
    with pytest.raises(ValueError, match="give one of real, standin"):
        tables.table_path("image_diagnosis", "auto")
    with pytest.raises(FileNotFoundError, match="python -m benchmarks.none_such --data real"):
        tables.load_table("none_such", "real")


def test_prediction_interval_holds_what_it_promises():
    """Of many further runs, the promised share falls inside."""
    rng = np.random.default_rng(0)
    inside = []
    for _ in range(2000):
        low, high = tables.prediction_interval(rng.normal(0.9, 0.02, 10), level=0.9)
        inside.append(low <= rng.normal(0.9, 0.02) <= high)
    assert 0.88 < np.mean(inside) < 0.92


def test_one_run_gives_no_interval():
    with pytest.raises(ValueError, match="at least two runs"):
        tables.prediction_interval([0.9])
