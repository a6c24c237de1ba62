"""Every gradient against central differences, in float64."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from medlearn import scratch

from . import parity

TOLERANCE = 1e-6
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 6)
modest = settings(max_examples=15, deadline=None)


def assert_small(error):
    assume(error is not None)  # near ReLU's kink
    assert error < TOLERANCE


@pytest.mark.parametrize("activation", parity.ACTIVATIONS)
@modest
@given(seed=seeds, rows=sizes, middle=st.lists(sizes, max_size=1), features=sizes, units=sizes)
def test_dense(activation, seed, rows, middle, features, units):
    layer = scratch.Dense(units, activation, seed=seed)
    rng = np.random.default_rng(seed)
    assert_small(parity.finite_difference_error(rng, layer, (rows, *middle, features)))


@pytest.mark.parametrize("name", parity.ACTIVATIONS)
@modest
@given(seed=seeds, rows=sizes, features=sizes)
def test_activation(name, seed, rows, features):
    layer = scratch.Activation(name)
    rng = np.random.default_rng(seed)
    assert_small(parity.finite_difference_error(rng, layer, (rows, features)))


@modest
@given(seed=seeds, rows=sizes, features=sizes, rate=st.floats(0, 1))
def test_dropout_with_its_mask_held(seed, rows, features, rate):
    layer = scratch.Dropout(rate, seed=seed)
    rng = np.random.default_rng(seed)
    assert_small(parity.finite_difference_error(rng, layer, (rows, features)))


@pytest.mark.parametrize("training", [True, False])
@modest
@given(seed=seeds, rows=st.integers(3, 7), middle=st.lists(sizes, max_size=1), features=sizes)
def test_batch_normalization(training, seed, rows, middle, features):
    rng = np.random.default_rng(seed)
    layer = scratch.BatchNormalization()
    shape = (rows, *middle, features)
    layer.build(shape)
    layer.set_weights([w + rng.uniform(0, 1, w.shape) for w in layer.get_weights()])
    x = rng.normal(0, 1, shape)
    assume(x.var(axis=tuple(range(x.ndim - 1))).min() > 0.05)  # near 0 it bends sharply
    assert_small(scratch.gradient_check(layer, x, training=training).largest_relative_error)


@pytest.mark.parametrize("name", parity.LOSSES)
@modest
@given(seed=seeds, rows=sizes, columns=st.integers(2, 6))
def test_loss(name, seed, rows, columns):
    rng = np.random.default_rng(seed)
    assert_small(parity.loss_finite_difference_error(rng, name, rows, columns))


@pytest.mark.parametrize(
    ("output", "loss"),
    [
        ("linear", scratch.MeanSquaredError()),
        ("sigmoid", scratch.BinaryCrossentropy()),
        ("linear", scratch.BinaryCrossentropy(from_logits=True)),
        ("softmax", scratch.CategoricalCrossentropy()),
        ("linear", scratch.CategoricalCrossentropy(from_logits=True)),
    ],
    ids=["mse", "binary", "binary-logits", "categorical", "categorical-logits"],
)
def test_a_whole_network(output, loss):
    model = scratch.Sequential([
        scratch.Dense(5, "tanh"), scratch.BatchNormalization(), scratch.Dropout(0.4),
        scratch.Dense(4, "sigmoid"), scratch.Dense(3, output),
    ], seed=1)
    rng = np.random.default_rng(0)
    y_true = np.eye(3)[rng.integers(0, 3, 8)]
    report = scratch.gradient_check(model, rng.normal(0, 1, (8, 4)), loss, y_true)
    assert report.passed, str(report)
    assert report.largest_relative_error < TOLERANCE
    assert max(np.abs(check.analytic).max() for check in report) > 1e-3
