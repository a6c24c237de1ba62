"""gradient_check finds faults, reads well, and leaves what it checks alone."""

import numpy as np
import pytest

from medlearn import scratch


class WrongBias(scratch.Dense):
    """Forgets one row in the bias's gradient."""

    def _backward_logits(self, dz):
        dx = super()._backward_logits(dz)
        self.grads["bias"] = dz[1:].sum(axis=0)
        return dx


class CrossEntropyGradient(scratch.MeanSquaredError):
    """D2's fault: the gradient of the cross-entropy beside the value of the squared error."""

    def _backward(self):
        return self._error / self._error.size


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(0, 1, (5, 3))


def test_a_wrong_gradient_is_named(x):
    report = scratch.gradient_check(WrongBias(2, "tanh", seed=0), x)
    assert not report.passed
    assert [check.name for check in report if not check.passed] == ["bias"]
    assert report["bias"].relative_error > 0.01
    assert report["kernel"].relative_error < 1e-6


def test_a_loss_with_another_loss_s_gradient_is_found(x):
    model = scratch.Sequential([scratch.Dense(1, "sigmoid")], seed=0)
    y = np.random.default_rng(1).normal(0, 1, (5, 1))
    report = scratch.gradient_check(model, x, CrossEntropyGradient(), y)
    assert not any(check.passed for check in report)
    assert scratch.gradient_check(model, x, scratch.MeanSquaredError(), y).passed


def test_nan_is_no_pass(x):
    class Undefined(scratch.Dense):
        def _backward_logits(self, dz):
            return super()._backward_logits(dz) * np.nan

    assert not scratch.gradient_check(Undefined(2), x)["x"].passed


def test_names_and_table(x):
    model = scratch.Sequential([scratch.Dense(2), scratch.BatchNormalization()], seed=0)
    report = scratch.gradient_check(model, x)
    assert [check.name for check in report] == [
        "layers[0] Dense.kernel", "layers[0] Dense.bias", "layers[1] BatchNormalization.gamma",
        "layers[1] BatchNormalization.beta", "x",
    ]
    lines = str(report).splitlines()
    assert len(lines) == 1 + len(report) + 1
    assert lines[0].split() == ["parameter", "analytic", "numeric", "difference", "relative"]
    assert all(line.endswith("ok") for line in lines[1:-1])
    assert repr(report) == str(report)
    assert "WRONG" in str(scratch.gradient_check(WrongBias(2), x))
    with pytest.raises(KeyError, match="no check named"):
        report["kernel"]


def test_a_gradient_of_exactly_zero_passes(x):
    # A bias straight before batch normalisation changes nothing.
    model = scratch.Sequential([scratch.Dense(2), scratch.BatchNormalization()], seed=0)
    check = scratch.gradient_check(model, x)["layers[0] Dense.bias"]
    assert check.passed
    assert np.abs(check.analytic).max() < 1e-12


def test_the_model_is_left_alone(x):
    model = scratch.Sequential([
        scratch.Dense(3, "tanh"), scratch.BatchNormalization(), scratch.Dropout(0.5)], seed=0)
    twin = scratch.Sequential([
        scratch.Dense(3, "tanh"), scratch.BatchNormalization(), scratch.Dropout(0.5)], seed=0)
    model.forward(x)
    twin.forward(x)
    scratch.gradient_check(model, x)
    assert model.get_weights()[0].dtype == np.float32
    for weight, other in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, other)
    # Nor has a dropout mask been used up.
    np.testing.assert_array_equal(model(x, training=True), twin(x, training=True))


def test_an_unbuilt_layer_stays_unbuilt(x):
    layer = scratch.Dense(2)
    assert scratch.gradient_check(layer, x).passed
    assert not layer.built


def test_any_object_with_the_four_names_can_be_checked(x):
    class Scale:
        def __init__(self, slope):
            self.params, self.grads, self.slope = {"factor": np.array([2.0])}, {}, slope

        def forward(self, x, training=False):
            self.x = x
            return self.params["factor"] * x

        def backward(self, dy):
            self.grads["factor"] = np.array([self.slope * np.sum(dy * self.x)])
            return self.params["factor"] * dy

    assert scratch.gradient_check(Scale(1), x).passed
    assert not scratch.gradient_check(Scale(2), x)["factor"].passed


def test_gradients_left_out_or_misshapen(x):
    class Forgetful(scratch.Dense):
        def _backward_logits(self, dz):
            dx = super()._backward_logits(dz)
            del self.grads["bias"]
            return dx

    class Misshapen(scratch.Dense):
        def _backward_logits(self, dz):
            return super()._backward_logits(dz).sum(axis=0)

    with pytest.raises(ValueError, match="left out.*bias"):
        scratch.gradient_check(Forgetful(2), x)
    with pytest.raises(ValueError, match=r"shape \(3,\) for x, which has shape \(5, 3\)"):
        scratch.gradient_check(Misshapen(2), x)


def test_bad_arguments(x):
    layer = scratch.Dense(1)
    with pytest.raises(ValueError, match="together"):
        scratch.gradient_check(layer, x, loss=scratch.MeanSquaredError())
    with pytest.raises(ValueError, match="together"):
        scratch.gradient_check(layer, x, y_true=np.ones((5, 1)))
    with pytest.raises(ValueError, match="epsilon"):
        scratch.gradient_check(layer, x, epsilon=0)
    with pytest.raises(ValueError, match="no rows"):
        scratch.gradient_check(layer, x[:0])
