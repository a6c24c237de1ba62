"""The activation functions by themselves."""

import numpy as np
import pytest

from medlearn import scratch
from medlearn.scratch.activations import find_activation

FUNCTIONS = (scratch.linear, scratch.sigmoid, scratch.tanh, scratch.relu, scratch.softmax)


def test_values_worked_by_hand():
    z = np.array([[0.0, np.log(3.0), -np.log(3.0)]])
    np.testing.assert_allclose(scratch.sigmoid(z), [[0.5, 0.75, 0.25]])
    np.testing.assert_allclose(scratch.tanh(z), [[0.0, 0.8, -0.8]])
    np.testing.assert_allclose(scratch.relu(z), [[0.0, np.log(3.0), 0.0]])
    np.testing.assert_allclose(scratch.softmax(z), np.array([[3.0, 9.0, 1.0]]) / 13)
    np.testing.assert_array_equal(scratch.linear(z), z)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_inputs_overflow_nothing_and_the_dtype_stays(function, dtype):
    y = function(np.array([[-1e4, -80.0, 0.0, 80.0, 1e4]], dtype))
    assert np.isfinite(y).all()
    assert y.dtype == dtype


def test_sigmoid_keeps_small_probabilities():
    # 1 - sigmoid(-z) would give 0 here.
    assert scratch.sigmoid(np.array([-700.0]))[0] == pytest.approx(np.exp(-700.0))


def test_softmax_is_blind_to_a_shift_and_sums_to_one():
    z = np.random.default_rng(0).normal(0, 5, (6, 4))
    np.testing.assert_allclose(scratch.softmax(z + 1e3), scratch.softmax(z), rtol=1e-9)
    np.testing.assert_allclose(scratch.softmax(z).sum(axis=-1), 1)


def test_relu_has_slope_zero_at_its_kink():
    layer = scratch.Activation("relu")
    layer.forward([[-1.0, 0.0, 1.0]])
    np.testing.assert_array_equal(layer.backward([[5.0, 5.0, 5.0]]), [[0, 0, 5]])


@pytest.mark.parametrize("make", [find_activation, scratch.Activation])
def test_unknown_name_lists_the_known_ones(make):
    with pytest.raises(ValueError, match="'swich'.*sigmoid.*softmax"):
        make("swich")


def test_none_is_linear():
    assert scratch.Dense(1).activation == "linear"
    assert scratch.Dense(1, "linear").activation == "linear"
