"""Comparing a backward pass with finite differences."""

import copy
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, repr=False)
class ParameterCheck:
    """One array's gradient, twice.

    Attributes
    ----------
    name : str
        "kernel", "bias", ...; "x" is the input; in a model "layers[0] Dense.kernel".
    analytic, numeric : arrays of the same shape
        From backward; from central differences.
    largest_difference : float
        The largest absolute difference between the two.
    relative_error : float
        largest_difference over the largest absolute value of either. Gradients so small that
        float64 differences cannot resolve them to the tolerance are measured against the
        smallest size that they can.
    passed : bool
    """

    name: str
    analytic: np.ndarray
    numeric: np.ndarray
    largest_difference: float
    relative_error: float
    passed: bool


@dataclass(frozen=True, repr=False)
class GradientReport:
    """What gradient_check found. str() prints a table, one line for each array.

    Attributes
    ----------
    checks : tuple of ParameterCheck
    tolerance : float
        The largest relative error that passes.

    Examples
    --------
    >>> from medlearn.scratch import Dense, gradient_check
    >>> report = gradient_check(Dense(1, seed=0), [[1.0, 2.0]])
    >>> [check.name for check in report]
    ['kernel', 'bias', 'x']
    >>> report["bias"].numeric.shape
    (1,)
    """

    checks: tuple
    tolerance: float

    @property
    def passed(self):
        """Whether every array passed."""
        return all(check.passed for check in self.checks)

    @property
    def largest_relative_error(self):
        """The worst of all arrays."""
        return max(check.relative_error for check in self.checks)

    def __iter__(self):
        return iter(self.checks)

    def __len__(self):
        return len(self.checks)

    def __getitem__(self, name):
        """The check of that name."""
        for check in self.checks:
            if check.name == name:
                return check
        names = ", ".join(check.name for check in self.checks)
        raise KeyError(f"no check named {name!r}; there are: {names}")

    def __str__(self):
        width = max(len("parameter"), *(len(check.name) for check in self.checks))
        lines = [
            f"{'parameter':<{width}}  {'analytic':>12}  {'numeric':>12}  "
            f"{'difference':>10}  {'relative':>9}"
        ]
        lines += [_line(check, width) for check in self.checks]
        lines.append(
            "analytic and numeric: the entry where they differ most; "
            f"passes up to a relative error of {self.tolerance:g}"
        )
        return "\n".join(lines)

    __repr__ = __str__


def gradient_check(
    layer_or_model, x, loss=None, y_true=None, epsilon=1e-5, tolerance=1e-6, training=True
):
    """Compare what backward gives with central differences, in float64.

    Every entry of every parameter and of x is moved by +-epsilon, and the change of the loss is
    compared with the gradient from backward. It works on a float64 copy: the layer or model
    itself is left as it was. Dropout keeps one mask throughout; batch normalisation uses the
    batch's statistics unless training is False. Near a kink (ReLU at 0) the two differ rightly:
    stay away from it.

    Parameters
    ----------
    layer_or_model : layer, Sequential or any object with forward(x, training), backward(dy),
        params and grads
    x : array (batch, ...)
    loss : loss or None
        None: a fixed random weighted sum of the outputs stands in for it.
    y_true : array or None
        The truth, where there is a loss.
    epsilon : float above 0
    tolerance : float
        The largest relative error that passes.
    training : bool
        Passed to forward.

    Returns
    -------
    GradientReport
        `.passed`; str() prints a table.

    Raises
    ------
    ValueError
        Where loss comes without y_true or the reverse, epsilon is not above 0, or backward leaves
        out a gradient or gives it another shape than its parameter.

    Notes
    -----
    Taught in chapter 11, where it finds the fault in D2's program (D2 4).

    Examples
    --------
    >>> from medlearn.scratch import Dense
    >>> gradient_check(Dense(3, "tanh", seed=0), np.array([[1.0, -2.0]])).passed
    True
    """
    if (loss is None) != (y_true is None):
        raise ValueError("Give loss and y_true together, or neither.")
    if not (epsilon > 0 and tolerance > 0):
        raise ValueError(f"epsilon and tolerance must be above 0, got {epsilon}, {tolerance}.")
    x = np.array(x, dtype=np.float64)
    twin = _in_float64(layer_or_model)
    objective = _Objective(twin, x, copy.deepcopy(loss), y_true, training)
    analytic, value_scale = objective.gradients()
    arrays = {**_named_params(twin), "x": x}
    # What rounding does to a difference quotient; divided by the tolerance, the smallest gradient
    # that can be told apart from it. A gradient of exactly 0 then passes.
    rounding = 10 * np.finfo(np.float64).eps * max(1.0, value_scale) / epsilon
    smallest = rounding / tolerance
    checks = tuple(
        _compare(name, analytic[name], _central_differences(objective.value, array, epsilon),
                 smallest, tolerance)
        for name, array in arrays.items()
    )
    return GradientReport(checks, tolerance)


class _Objective:
    """The number whose gradient is checked, as a function of a network's parameters and x."""

    def __init__(self, network, x, loss, y_true, training):
        self._network, self._x, self._training = network, x, training
        self._loss, self._y_true = loss, y_true
        network.forward(x, training)  # builds what is not built yet
        self._generators = [
            (layer.rng, layer.rng.bit_generator.state)
            for layer in _layers(network)
            if isinstance(getattr(layer, "rng", None), np.random.Generator)
        ]
        self._weights = None

    def value(self):
        y = self._forward()
        if self._loss is None:
            return float(np.sum(self._weights * y))
        return self._loss.forward(self._y_true, y)

    def gradients(self):
        """The gradients from backward by name, and the scale of the terms summed up."""
        y = self._forward()
        self._weights = np.random.default_rng(0).uniform(0.5, 1.5, y.shape)
        self._weights *= np.where(np.arange(y.size).reshape(y.shape) % 2, -1, 1)
        if self._loss is None:
            dy, scale = self._weights, float(np.sum(np.abs(self._weights * y)))
        else:
            scale = abs(self._loss.forward(self._y_true, y))
            dy = self._loss.backward()
        dx = np.array(self._network.backward(dy), dtype=np.float64)
        gradients = {**_named_gradients(self._network), "x": dx}
        for name, array in {**_named_params(self._network), "x": self._x}.items():
            if gradients[name].shape != array.shape:
                raise ValueError(
                    f"backward gave a gradient of shape {gradients[name].shape} for {name}, "
                    f"which has shape {array.shape}."
                )
        return gradients, scale

    def _forward(self):
        # The same random numbers at every pass: one dropout mask for the whole check.
        for generator, state in self._generators:
            generator.bit_generator.state = state
        return self._network.forward(self._x, self._training)


def _layers(network):
    return getattr(network, "layers", [network])


def _in_float64(network):
    """A copy whose weights and arithmetic are float64."""
    twin = copy.deepcopy(network)
    for layer in _layers(twin):
        layer.dtype = np.dtype(np.float64)
        for store in (layer.params, getattr(layer, "state", {})):
            for name, array in store.items():
                store[name] = array.astype(np.float64)
    return twin


def _label(network, index, layer, name):
    return f"layers[{index}] {type(layer).__name__}.{name}" if layer is not network else name


def _named_params(network):
    return {
        _label(network, index, layer, name): array
        for index, layer in enumerate(_layers(network))
        for name, array in layer.params.items()
    }


def _named_gradients(network):
    gradients = {}
    for index, layer in enumerate(_layers(network)):
        for name in layer.params:
            if name not in layer.grads:
                raise ValueError(f"{type(layer).__name__}.backward left out grads[{name!r}].")
            gradient = np.array(layer.grads[name], dtype=np.float64)
            gradients[_label(network, index, layer, name)] = gradient
    return gradients


def _central_differences(value, array, epsilon):
    """(value at +epsilon - value at -epsilon) / (2 epsilon), entry by entry of `array`."""
    numeric = np.empty_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + epsilon
        above = value()
        array[index] = kept - epsilon
        below = value()
        array[index] = kept
        numeric[index] = (above - below) / (2 * epsilon)
    return numeric


def _compare(name, analytic, numeric, smallest, tolerance):
    difference = float(np.max(np.abs(analytic - numeric)))
    relative = difference / max(np.max(np.abs(analytic)), np.max(np.abs(numeric)), smallest)
    # Written so that a NaN fails.
    passed = bool(relative <= tolerance)
    return ParameterCheck(name, analytic, numeric, difference, float(relative), passed)


def _line(check, width):
    differences = np.abs(check.analytic - check.numeric)
    worst = np.unravel_index(np.argmax(differences), differences.shape)
    return (
        f"{check.name:<{width}}  {check.analytic[worst]:>12.5g}  {check.numeric[worst]:>12.5g}  "
        f"{check.largest_difference:>10.1e}  {check.relative_error:>9.1e}  "
        f"{'ok' if check.passed else 'WRONG'}"
    )
