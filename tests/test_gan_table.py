"""The stored tables of chapter 40 were made with the lesson's settings, and hold what it says."""

import numpy as np
import pytest

from benchmarks import gan
from medlearn import tables

from .lessons import settings_of

SOURCES = ("real", "standin")
every_source = pytest.mark.parametrize("source", SOURCES)


@every_source
def test_settings_are_those_of_the_benchmark_and_of_the_lesson(source):
    table = tables.load_table("gan", source)
    assert table["settings"] == gan.SETTINGS == settings_of("40")
    assert table["bandwidth"] in gan.SETTINGS["bandwidths"]
    assert table["command"].endswith(f"benchmarks.gan --data {source}")


@every_source
def test_every_run_is_there_with_every_seed(source):
    """Ten seeds of the real films and of the ring; of the stand-in five, for it proves nothing."""
    runs = tables.load_table("gan", source)["runs"]
    wanted = {(what, seed) for what in gan.MADE for seed in gan.SEEDS[source]}
    if source == "standin":
        ring = gan.SETTINGS["ring"]["momentum"]
        wanted |= {(what, seed) for what in ring for seed in gan.RING_SEEDS}
    assert {(run["what"], run["seed"]) for run in runs} == wanted
    assert len(runs) == len(wanted)
    assert min(len(gan.SEEDS["real"]), len(gan.RING_SEEDS)) >= 10 > len(gan.SEEDS["standin"]) >= 5
    assert all({"date", "versions"} <= set(run) for run in runs)


@every_source
def test_scores_are_possible_and_runs_differ(source):
    runs = [run for run in tables.load_table("gan", source)["runs"] if run["what"] in gan.MADE]
    for part in ("validation", "test"):
        scores = np.array([[run[part][name] for name in ("frechet", "precision", "recall",
                                                         "nearest")] for run in runs])
        assert (scores >= 0).all() and (scores[:, 1:3] <= 1).all()
        assert len(np.unique(scores[:, 0])) == len(runs)


@every_source
def test_real_films_are_the_floor(source):
    runs = tables.load_table("gan", source)["runs"]
    mean = {what: np.mean([run["validation"]["frechet"] for run in runs if run["what"] == what])
            for what in gan.MADE}
    assert mean["real films"] < 0.5 * min(mean[what] for what in gan.MADE[:3])


def test_gaussian_pictures_have_mean_and_covariance_of_the_training_films():
    rng = np.random.default_rng(0)
    basis = rng.normal(0, 0.01, (6, 16))
    train = (0.5 + rng.normal(size=(4000, 6)) @ basis).reshape(-1, 4, 4, 1)
    drawn = gan.flat(gan.gaussian_pictures(train, 4000, rng))
    np.testing.assert_allclose(drawn.mean(axis=0), 0.5, atol=0.003)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(gan.flat(train).T), atol=1e-4)


def test_bandwidth_is_the_likeliest():
    """Points of one Gaussian: too narrow misses the unseen ones, too wide thins everything out."""
    rng = np.random.default_rng(0)
    train, validation = (rng.normal(0, 1, (n, 1, 1, 1)) for n in (200, 500))
    assert gan.best_bandwidth(train, validation, [0.001, 0.3, 30.0]) == 0.3


def test_kernel_pictures_lie_round_training_films():
    train = np.random.default_rng(0).uniform(0.3, 0.7, (20, 28, 28, 1))
    drawn = gan.kernel_pictures(train, 50, 0.01, np.random.default_rng(1))
    way = np.linalg.norm(gan.flat(drawn)[:, None] - gan.flat(train), axis=-1).min(axis=1)
    np.testing.assert_allclose(way, 0.01 * 28, rtol=0.15)  # 784 pixels: the root of 784 is 28


def test_real_points_cover_every_mode_and_one_cloud_covers_one():
    points = gan.ring_points(4000, np.random.default_rng(0), 8, 0.05)
    covered, share = gan.modes_covered(points, 8, 0.05)
    assert covered == 8 and share > 0.97
    lone = points[np.linalg.norm(points - [1, 0], axis=1) < 0.2]
    assert gan.modes_covered(lone, 8, 0.05)[0] == 1
    assert gan.modes_covered(points * 3, 8, 0.05) == (0, 0.0)


def test_a_way_without_itself_is_not_zero():
    class Judge:
        train = np.array([[0.0], [1.0], [5.0]])

    assert gan.without_itself(Judge, np.array([0, 2])).tolist() == [1.0, 4.0]
