"""Masks: values worked by hand, MONAI's published values, SciPy's own distances, bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.spatial.distance import directed_hausdorff

from medlearn import metrics


def ball(radius, centre, spacing=(1.0, 1.0, 1.0), shape=(99, 99, 99)):
    """The voxels within a radius of a centre, both in mm."""
    grid = np.ogrid[tuple(slice(0, n) for n in shape)]
    squares = sum((g * s - c) ** 2 for g, s, c in zip(grid, spacing, centre))
    return squares <= radius**2


def test_values_by_hand():
    true = np.array([[1, 1, 0], [1, 1, 0]])
    predicted = np.array([[0, 1, 1], [0, 1, 0]])
    assert metrics.dice_coefficient(true, predicted) == pytest.approx(2 * 2 / (4 + 3))
    assert metrics.intersection_over_union(true, predicted) == pytest.approx(2 / 5)
    assert metrics.volume_error(true, predicted) == pytest.approx(-1 / 4)
    assert metrics.volume_ml(np.ones((2, 3, 5)), (1.0, 2.0, 0.5)) == pytest.approx(0.03)


TEST_SPACING = (0.85, 1.2, 0.9)


@pytest.mark.parametrize(
    ("first", "second", "spacing", "percentile", "published"),
    [
        (ball(20, (49, 49, 49)), ball(20, (49, 49, 49)), 1.0, 100, 0.0),
        (ball(20, (20, 20, 20)), ball(20, (19, 19, 19)), 1.0, 100, 1.7320508075688772),
        (ball(33, (19, 33, 22)), ball(33, (20, 33, 22)), 1.0, 100, 1.0),
        (ball(20, (20, 33, 22)), ball(40, (20, 33, 22)), 1.0, 100, 20.223748416156685),
        (ball(20, (20, 33, 22)), ball(40, (20, 33, 22)), 1.0, 95, 20.09975124224178),
        (ball(20, (20, 20, 20), TEST_SPACING), ball(20, (19, 19, 19), TEST_SPACING),
         TEST_SPACING, 100, 2.2671568),
        (ball(15, (20, 33, 22), TEST_SPACING), ball(30, (20, 33, 22), TEST_SPACING),
         TEST_SPACING, 100, 15.62594),
    ],
)
def test_hausdorff_distance_has_the_values_that_monai_publishes(
    first, second, spacing, percentile, published
):
    """From MONAI's test of its HausdorffDistanceMetric (undirected, Euclidean)."""
    for pair in ((first, second), (second, first)):
        value = metrics.hausdorff_distance(*pair, spacing, percentile)
        assert value == pytest.approx(published, rel=1e-6)


def test_percentile_is_taken_in_each_direction_before_the_maximum():
    """A line of 21 pixels against its first pixel: distances 0 to 20 one way, 0 the other."""
    line, point = np.zeros((2, 3, 25)), None
    line[0, 1, 2:23] = 1
    line[1, 1, 2] = 1
    line, point = line
    assert metrics.hausdorff_distance(line, point, 1.0) == pytest.approx(19.0)
    pooled = np.percentile([*range(21), 0], 95)
    assert pooled != pytest.approx(19.0)


@settings(max_examples=60, deadline=None)
@given(
    arrays(bool, (2, 6, 7, 5)),
    st.tuples(*[st.floats(0.3, 3.0)] * 3),
)
def test_hausdorff_distance_of_surfaces_is_scipys(masks, spacing):
    if not all(mask.any() for mask in masks):
        return
    points = []
    for mask in masks:
        padded = np.pad(mask, 1)
        inner = np.ones_like(mask)
        for axis in range(3):
            for step in (-1, 1):
                inner &= np.roll(padded, step, axis)[1:-1, 1:-1, 1:-1]
        points.append(np.argwhere(mask & ~inner) * spacing)
    expected = max(directed_hausdorff(*points)[0], directed_hausdorff(*points[::-1])[0])
    assert metrics.hausdorff_distance(*masks, spacing, 100) == pytest.approx(expected)


@settings(max_examples=100, deadline=None)
@given(arrays(bool, array_shapes(min_dims=2, max_dims=2)).flatmap(
    lambda first: st.tuples(st.just(first), arrays(bool, first.shape))
))
def test_overlaps_are_symmetric_bounded_and_rank_alike(pair):
    first, second = pair
    dice = metrics.dice_coefficient(first, second)
    union = metrics.intersection_over_union(first, second)
    if not (first.any() or second.any()):
        assert np.isnan(dice) and np.isnan(union)
        return
    assert 0 <= union <= dice <= 1
    assert union == pytest.approx(dice / (2 - dice))
    assert dice == metrics.dice_coefficient(second, first)
    assert (dice == 1) == np.array_equal(first, second)


def test_empty_masks():
    empty, full = np.zeros((3, 3)), np.ones((3, 3))
    assert metrics.dice_coefficient(empty, full) == 0
    assert metrics.intersection_over_union(full, empty) == 0
    assert np.isnan(metrics.dice_coefficient(empty, empty))
    assert metrics.hausdorff_distance(empty, full, 1.0) == np.inf
    assert np.isnan(metrics.hausdorff_distance(empty, empty, 1.0))
    assert metrics.volume_error(full, empty) == -1
    assert np.isnan(metrics.volume_error(empty, full))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: metrics.dice_coefficient([0, 2], [0, 1]), "one label at a time"),
        (lambda: metrics.dice_coefficient([0, 1], [0, 0.4]), "probabilities into 0 and 1"),
        (lambda: metrics.volume_error([0, 1, 1], [0, 1]), "same image"),
        (lambda: metrics.hausdorff_distance([[0, 1]], [[1, 1]], (1.0, 1.0, 1.0)), "2 axes"),
        (lambda: metrics.hausdorff_distance([[0, 1]], [[1, 1]], -1.0), "positive"),
        (lambda: metrics.hausdorff_distance([[0, 1]], [[1, 1]], 1.0, 0.95 - 1), "95 is usual"),
        (lambda: metrics.volume_ml(np.ones((2, 2, 2)), (1.0, np.nan, 1.0)), "positive"),
        (lambda: metrics.bland_altman([1, 2], [1, 2]), "three rows"),
        (lambda: metrics.bland_altman([1, 2, np.nan], [1, 2, 3]), "NaN"),
    ],
)
def test_bad_input_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_bland_altman_by_hand_and_by_patient():
    rng = np.random.default_rng(1)
    patient = np.repeat(np.arange(40), 2)
    first = rng.normal(3, 0.3, 80)
    second = first + 0.1 + np.repeat(rng.normal(0, 0.2, 40), 2)
    single, grouped = (metrics.bland_altman(first, second, who) for who in (None, patient))
    difference = second - first
    assert single.bias.estimate == pytest.approx(difference.mean())
    width = 2 * 1.96 * difference.std(ddof=1)
    assert single.high.estimate - single.low.estimate == pytest.approx(width)
    assert single.deviation == pytest.approx(difference.std(ddof=1))
    assert grouped.low.estimate == single.low.estimate
    assert grouped.low.low < grouped.low.estimate < grouped.low.high < grouped.bias.estimate
    # The two sides of a patient differ alike: half the rows say nothing new.
    assert grouped.bias.width == pytest.approx(np.sqrt(2) * single.bias.width, rel=0.15)


def test_limits_of_agreement_are_less_certain_than_the_bias_as_bland_and_altman_derive():
    """Their standard error is that of the bias times the root of 1 + 1.96^2 / 2."""
    rng = np.random.default_rng(2)
    agreement = metrics.bland_altman(np.zeros(300), rng.normal(1, 2, 300))
    times = np.sqrt(1 + 1.96**2 / 2)
    for limit in (agreement.low, agreement.high):
        assert limit.width == pytest.approx(times * agreement.bias.width, rel=0.15)
    assert "limits of agreement" in str(agreement)
