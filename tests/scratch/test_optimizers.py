"""Optimisers: one step worked by hand, their memory, bad input."""

import numpy as np
import pytest

from medlearn import scratch

OPTIMIZERS = (scratch.SGD, scratch.RMSprop, scratch.Adam)


def layer_with(weight, gradient):
    layer = scratch.Layer()
    layer.params["kernel"] = np.array(weight)
    layer.grads["kernel"] = np.array(gradient)
    return layer


def weight_after(optimizer, steps=1, gradient=2.0):
    layer = layer_with([1.0], [gradient])
    for _ in range(steps):
        optimizer.step([layer])
    return layer.params["kernel"][0]


def test_steps_worked_by_hand():
    assert weight_after(scratch.SGD(0.1)) == pytest.approx(0.8)
    # Velocities -0.2, then 0.5 (-0.2) - 0.2 = -0.3.
    assert weight_after(scratch.SGD(0.1, momentum=0.5), steps=2) == pytest.approx(0.5)
    # v = 0.1 * 4: the step is 0.1 * 2 / sqrt(0.4).
    assert weight_after(scratch.RMSprop(0.1)) == pytest.approx(1 - 0.2 / np.sqrt(0.4), abs=1e-6)
    # Adam's first step is the learning rate itself, whatever the gradient.
    for gradient in (1e-2, 2.0, -300.0):
        moved = weight_after(scratch.Adam(0.1), gradient=gradient)
        assert moved == pytest.approx(1 - 0.1 * np.sign(gradient), abs=1e-4)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_walks_down_a_bowl(optimizer):
    layer, optimizer = layer_with([3.0, -2.0], [0.0, 0.0]), optimizer(0.05)
    for _ in range(300):
        layer.grads["kernel"] = 2 * layer.params["kernel"]
        optimizer.step([layer])
    assert np.abs(layer.params["kernel"]).max() < 0.1
    assert optimizer.iterations == 300


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_float32_stays_float32_even_with_a_numpy_rate(optimizer):
    layer = layer_with(np.ones(3, np.float32), np.ones(3, np.float32))
    optimizer = optimizer(np.float64(0.1))
    optimizer.learning_rate = np.float64(0.05)
    optimizer.step([layer])
    assert layer.params["kernel"].dtype == np.float32


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_no_gradient_yet(optimizer):
    layer = scratch.Dense(2)
    layer.forward(np.ones((1, 2)))
    before = layer.get_weights()
    optimizer = optimizer()
    with pytest.raises(RuntimeError, match="backward"):
        optimizer.step([layer])
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])
    assert optimizer.iterations == 0


def test_an_optimiser_serves_one_network():
    optimizer = scratch.Adam()
    optimizer.step([layer_with([1.0], [1.0])])
    with pytest.raises(ValueError, match="new one"):
        optimizer.step([layer_with([1.0], [1.0])])


def test_a_gradient_of_another_shape():
    with pytest.raises(ValueError, match=r"\(2,\).*\(1,\)"):
        scratch.SGD().step([layer_with([1.0], [1.0, 2.0])])


def test_the_learning_rate_may_change_between_steps():
    layer, optimizer = layer_with([1.0], [1.0]), scratch.SGD(0.1)
    optimizer.step([layer])
    optimizer.learning_rate = 0.2
    optimizer.step([layer])
    assert layer.params["kernel"][0] == pytest.approx(0.7)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("rate", [0, -0.1, float("nan"), float("inf")])
def test_bad_learning_rates(optimizer, rate):
    with pytest.raises(ValueError, match="learning_rate"):
        optimizer(rate)


@pytest.mark.parametrize(
    ("optimizer", "arguments"),
    [
        (scratch.SGD, {"momentum": -0.1}), (scratch.SGD, {"momentum": 1.1}),
        (scratch.RMSprop, {"rho": 1.0}), (scratch.RMSprop, {"momentum": 2}),
        (scratch.RMSprop, {"epsilon": 0}), (scratch.Adam, {"beta_1": 1.0}),
        (scratch.Adam, {"beta_2": -1}), (scratch.Adam, {"epsilon": -1}),
    ],
)
def test_bad_arguments(optimizer, arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        optimizer(**arguments)
