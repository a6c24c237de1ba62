"""Measures of synthetic samples: Gaussians and points where the answer is known, bad input."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from medlearn import metrics

FUNCTIONS = [
    metrics.frechet_distance,
    metrics.sample_precision_recall,
    metrics.nearest_neighbour_distances,
]


def with_moments(rng, mean, covariance, count=400):
    """Samples (count, d) whose mean and covariance are exactly the given ones."""
    white = rng.normal(size=(count, len(mean)))
    white -= white.mean(axis=0)
    white = white @ np.linalg.inv(np.linalg.cholesky(np.cov(white, rowvar=False))).T
    return white @ np.linalg.cholesky(np.asarray(covariance, dtype=float)).T + mean


def random_covariance(rng, size):
    root = rng.normal(size=(size, size))
    return root @ root.T + 0.1 * np.eye(size)


def test_frechet_distance_of_a_shift_is_its_squared_length():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(50, 4))
    shift = np.array([1.0, -2.0, 0.5, 0.0])
    assert metrics.frechet_distance(features, features + shift) == pytest.approx(5.25, rel=1e-12)


def test_frechet_distance_of_commuting_gaussians_is_that_of_their_standard_deviations():
    rng = np.random.default_rng(1)
    deviations = np.array([[1.0, 2.0, 3.0], [2.0, 2.0, 0.5]])
    first, second = (with_moments(rng, np.zeros(3), np.diag(s**2)) for s in deviations)
    wanted = np.sum((deviations[0] - deviations[1]) ** 2)
    assert metrics.frechet_distance(first, second) == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_frechet_distance_is_the_closed_form_and_symmetric(seed):
    """Against SciPy's matrix square root, on covariances that do not commute."""
    rng = np.random.default_rng(seed)
    means = rng.normal(size=(2, 6))
    covariances = [random_covariance(rng, 6) for _ in range(2)]
    first, second = (with_moments(rng, m, s) for m, s in zip(means, covariances, strict=True))
    root = sqrtm(covariances[0] @ covariances[1]).real
    wanted = np.sum((means[0] - means[1]) ** 2) + np.trace(sum(covariances) - 2 * root)
    found = metrics.frechet_distance(first, second)
    assert found == pytest.approx(wanted, rel=1e-8)
    assert found == pytest.approx(metrics.frechet_distance(second, first), rel=1e-12)


def test_frechet_distance_holds_where_rows_are_fewer_than_features():
    rng = np.random.default_rng(2)
    few = rng.normal(size=(10, 64))
    assert metrics.frechet_distance(few, few) == pytest.approx(0, abs=1e-10)
    moved = few + np.eye(64)[0]
    assert metrics.frechet_distance(few, moved) == pytest.approx(1, rel=1e-10)
    # Spread along the first axis against spread along the second: nothing is shared.
    along = np.zeros((2, 3, 64))
    along[0, :, 0] = along[1, :, 1] = [-1, 0, 1]
    assert metrics.frechet_distance(*along) == pytest.approx(2, rel=1e-12)


def test_frechet_distance_does_not_change_when_both_sets_are_turned():
    rng = np.random.default_rng(3)
    first, second = rng.normal(size=(30, 5)), 2 * rng.normal(size=(40, 5)) + 1
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    assert metrics.frechet_distance(first @ turn, second @ turn) == pytest.approx(
        metrics.frechet_distance(first, second), rel=1e-10
    )


def test_same_distribution_has_high_precision_and_recall():
    rng = np.random.default_rng(4)
    found = metrics.sample_precision_recall(*rng.normal(size=(2, 1000, 2)))
    assert min(found) > 0.9


def test_one_mode_of_two_is_precise_and_covers_half():
    rng = np.random.default_rng(5)
    real = rng.normal(size=(600, 2))
    real[300:] += 50
    found = metrics.sample_precision_recall(real, rng.normal(size=(600, 2)))
    assert found.precision > 0.9
    assert 0.4 < found.recall < 0.5


def test_far_apart_has_neither_and_copies_have_both():
    rng = np.random.default_rng(6)
    real = rng.normal(size=(300, 3))
    assert metrics.sample_precision_recall(real, real + 100) == (0, 0)
    assert metrics.sample_precision_recall(real, real.copy()) == (1, 1)


def test_wide_samples_are_imprecise_and_narrow_ones_do_not_cover():
    rng = np.random.default_rng(7)
    real = rng.normal(size=(800, 4))
    wide, narrow = (metrics.sample_precision_recall(real, s * rng.normal(size=(800, 4)))
                    for s in (4, 0.2))
    assert wide.precision < 0.5 < wide.recall
    assert narrow.recall < 0.5 < narrow.precision


def test_precision_and_recall_by_hand():
    """Radii of the real points: 1, 1, 1, 7; of the synthetic: 2.9, 1.6, 1.6."""
    real = [[0.0], [1.0], [2.0], [9.0]]
    found = metrics.sample_precision_recall(real, [[-1.5], [1.4], [3.0]], neighbours=1)
    assert found.precision == pytest.approx(2 / 3)  # -1.5 lies outside all real balls
    assert found.recall == 3 / 4  # 9 lies outside all synthetic ones


def test_more_rows_than_a_block_change_nothing():
    rng = np.random.default_rng(8)
    real, synthetic = rng.normal(size=(2, 700, 3))
    distances = np.linalg.norm(synthetic[:, np.newaxis] - real, axis=-1)
    found = metrics.nearest_neighbour_distances(synthetic, real)
    np.testing.assert_allclose(found.distance, distances.min(axis=1))
    np.testing.assert_array_equal(found.index, distances.argmin(axis=1))
    own = np.linalg.norm(real[:, np.newaxis] - real, axis=-1)
    radii = np.sort(own, axis=1)[:, 3]  # column 0 is the sample itself
    precision = np.mean((distances <= radii).any(axis=1))
    assert metrics.sample_precision_recall(real, synthetic).precision == precision


def test_a_copy_is_at_distance_zero():
    reference = np.random.default_rng(9).normal(size=(20, 784))
    found = metrics.nearest_neighbour_distances(reference[[7, 3]], reference)
    assert found.distance.tolist() == [0, 0]
    assert found.index.tolist() == [7, 3]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("first", "second", "advice"),
    [
        (np.zeros((9, 2)), np.zeros((9, 3)), "the same network"),
        (np.zeros((9, 2, 2)), np.zeros((9, 4)), "reshape"),
        (np.zeros(9), np.zeros((9, 1)), "reshape"),
        (np.full((9, 2), np.nan), np.zeros((9, 2)), "NaN or infinite"),
        ([["a"]] * 9, np.zeros((9, 1)), "convert its entries"),
    ],
)
def test_bad_input_is_refused_with_advice(function, first, second, advice):
    with pytest.raises(ValueError, match=advice):
        function(first, second)


def test_too_few_samples_are_refused():
    with pytest.raises(ValueError, match="at least 2 are needed"):
        metrics.frechet_distance([[1.0]], [[1.0], [2.0]])
    with pytest.raises(ValueError, match="at least 4 are needed"):
        metrics.sample_precision_recall(np.zeros((9, 1)), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="whole number from 1"):
        metrics.sample_precision_recall(np.zeros((9, 1)), np.zeros((9, 1)), neighbours=0)
