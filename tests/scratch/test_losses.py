"""Losses: hand-worked values, extremes, bad input."""

import numpy as np
import pytest

from medlearn import scratch

LOSSES = [
    scratch.MeanSquaredError(), scratch.BinaryCrossentropy(), scratch.CategoricalCrossentropy(),
    scratch.BinaryCrossentropy(from_logits=True), scratch.CategoricalCrossentropy(from_logits=True),
]


def test_values_worked_by_hand():
    assert scratch.MeanSquaredError().forward([[1.0], [2.0]], [[3.0], [5.0]]) == 6.5
    binary = scratch.BinaryCrossentropy().forward([[1.0], [0.0]], [[0.5], [0.75]])
    assert binary == pytest.approx((np.log(2) + np.log(4)) / 2)
    categorical = scratch.CategoricalCrossentropy().forward([[0, 1, 0]], [[0.25, 0.25, 0.5]])
    assert categorical == pytest.approx(np.log(4))
    # Keras scales rows to sum 1: [1, 3] means [0.25, 0.75].
    scaled = scratch.CategoricalCrossentropy().forward([[1.0, 0.0]], [[1.0, 3.0]])
    assert scaled == pytest.approx(np.log(4))


def test_logits_and_probabilities_agree():
    z, y = np.random.default_rng(0).normal(0, 2, (7, 3)), np.eye(3)[[0, 1, 2, 0, 1, 2, 0]]
    for name, activation in (("BinaryCrossentropy", "sigmoid"),
                             ("CategoricalCrossentropy", "softmax")):
        loss = getattr(scratch, name)
        layer = scratch.Activation(activation, dtype="float64")
        from_logits, from_probabilities = loss(from_logits=True), loss()
        value = from_logits.forward(y, z)
        assert from_probabilities.forward(y, layer.forward(z)) == pytest.approx(value)
        gradient = layer.backward(from_probabilities.backward())
        np.testing.assert_allclose(gradient, from_logits.backward(), atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_logits_give_finite_losses_and_gradients(dtype):
    z = np.array([[-1e4, 1e4]], dtype)
    for loss in LOSSES[3:]:
        assert loss.forward([[1.0, 0.0]], z) == pytest.approx(1e4 if loss is LOSSES[3] else 2e4)
        gradient = loss.backward()
        assert np.isfinite(gradient).all() and gradient.dtype == dtype


def test_probabilities_of_0_and_1_are_clipped():
    value = scratch.BinaryCrossentropy().forward([[1.0]], [[0.0]])
    assert value == pytest.approx(-np.log(1e-7))


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_backward_first_fails_then_repeats(loss):
    fresh = type(loss)()
    with pytest.raises(RuntimeError, match="forward"):
        fresh.backward()
    y_pred = np.array([[0.3, 0.7]])
    fresh.forward([[0.0, 1.0]], y_pred)
    first = fresh.backward()
    y_pred[:] = 0.5
    np.testing.assert_array_equal(fresh.backward(), first)
    assert first.shape == (1, 2)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_shapes_that_would_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match=r"\(3,\).*\(3, 1\)"):
        loss.forward(np.ones(3), np.ones((3, 1)) / 2)
    with pytest.raises(ValueError, match=r"\(3, 1\).*\(3,\)"):
        loss.forward(np.ones((3, 1)), np.ones(3) / 2)
    with pytest.raises(ValueError, match=r"\(2, 4\)"):
        loss.forward(np.ones((2, 3)), np.ones((2, 4)))


def test_the_hint_for_a_missing_axis():
    with pytest.raises(ValueError, match=r"y_true\[:, np.newaxis\]"):
        scratch.BinaryCrossentropy().forward(np.ones(3), np.ones((3, 1)) / 2)
    with pytest.raises(ValueError, match=r"y_true\[:, 0\]"):
        scratch.MeanSquaredError().forward(np.ones((3, 1)), np.ones(3))
    with pytest.raises(ValueError, match=r"np.eye\(4\)\[y_true\]"):
        scratch.CategoricalCrossentropy().forward([0, 3, 1], np.ones((3, 4)) / 4)


@pytest.mark.parametrize(
    ("labels", "hint"), [([-1, 1], r"\(y \+ 1\) / 2"), ([1, 2], "y - 1"), ([0, 2], "two classes")]
)
@pytest.mark.parametrize("from_logits", [False, True])
def test_labels_outside_0_and_1(labels, hint, from_logits):
    loss = scratch.BinaryCrossentropy(from_logits=from_logits)
    with pytest.raises(ValueError, match=hint):
        loss.forward(np.array(labels)[:, np.newaxis], np.full((2, 1), 0.5))


@pytest.mark.parametrize("row", [[0, 0], [1, 1], [2, -1], [-0.5, 1.5]])
def test_rows_that_are_no_distribution(row):
    with pytest.raises(ValueError, match="one-hot"):
        scratch.CategoricalCrossentropy().forward([row], [[0.5, 0.5]])


def test_one_class_alone():
    with pytest.raises(ValueError, match="BinaryCrossentropy"):
        scratch.CategoricalCrossentropy().forward([[1.0]], [[0.5]])


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_other_bad_truths(loss):
    with pytest.raises(ValueError, match="NaN"):
        loss.forward([[np.nan, 1.0]], [[0.5, 0.5]])
    with pytest.raises(ValueError, match="numbers"):
        loss.forward([["a", "b"]], [[0.5, 0.5]])
    with pytest.raises(ValueError, match="empty"):
        loss.forward(np.ones((0, 2)), np.ones((0, 2)))


def test_soft_labels_are_allowed():
    assert scratch.BinaryCrossentropy().forward([[0.5]], [[0.5]]) == pytest.approx(np.log(2))
    value = scratch.CategoricalCrossentropy().forward([[0.5, 0.5]], [[0.5, 0.5]])
    assert value == pytest.approx(np.log(2))


def test_booleans_and_integers_are_labels():
    value = scratch.BinaryCrossentropy().forward(np.array([[True]]), np.array([[0.5]]))
    assert value == scratch.BinaryCrossentropy().forward(np.array([[1]]), np.array([[0.5]]))
