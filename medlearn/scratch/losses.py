"""Losses: how far predictions are from the truth, and the gradient that says where to go.

The arithmetic is Keras's: the mean over the batch (and over all other axes that the loss does
not sum), probabilities clipped to [1e-7, 1 - 1e-7] before a logarithm. Taught in chapter 11.
"""

import numpy as np

from .activations import sigmoid, softmax

# Keras's backend.epsilon(): keeps log(0) away.
PROBABILITY_EPSILON = 1e-7


class Loss:
    """A loss: forward(y_true, y_pred) gives its value, backward() the gradient for y_pred.

    A subclass writes `_forward(y_true, y_pred)`, `_backward()` and, where only some values can
    be true ones, `check_labels(y_true)`.

    Examples
    --------
    >>> class MeanAbsoluteError(Loss):
    ...     def _forward(self, y_true, y_pred):
    ...         self._error = y_pred - y_true
    ...         return np.mean(np.abs(self._error))
    ...     def _backward(self):
    ...         return np.sign(self._error) / self._error.size
    >>> MeanAbsoluteError().forward([[1.0], [2.0]], [[2.0], [5.0]])
    2.0
    """

    from_logits = False
    activation = None  # the activation that this loss can undo, where there is one

    def __init__(self):
        self._has_run = False

    def forward(self, y_true, y_pred):
        """Return the mean loss of a batch, a float.

        Parameters
        ----------
        y_true, y_pred : arrays of the same shape (batch, ...)

        Raises
        ------
        ValueError
            Where the shapes differ, the arrays are empty, or y_true holds what no truth can be.
        """
        y_pred = np.array(y_pred)
        if y_pred.dtype not in (np.float32, np.float64):
            y_pred = y_pred.astype(np.float64)
        y_true = _as_numbers(y_true).astype(y_pred.dtype)
        self._check_shapes(y_true, y_pred)
        self.check_labels(y_true)
        value = float(self._forward(y_true, y_pred))
        self._has_run = True
        return value

    def backward(self):
        """Return the gradient of the last forward's value for its y_pred, of y_pred's shape.

        Raises
        ------
        RuntimeError
            Before the first forward.
        """
        if not self._has_run:
            raise RuntimeError(
                f"{type(self).__name__}.backward belongs to the last forward: call "
                "forward(y_true, y_pred) first."
            )
        return self._backward()

    def _check_shapes(self, y_true, y_pred):
        if y_true.shape == y_pred.shape:
            if y_pred.size == 0:
                raise ValueError(f"The batch is empty: y_pred has shape {y_pred.shape}.")
            return
        hint = "The two must agree: NumPy would otherwise compare every row with every other."
        if y_pred.shape == (*y_true.shape, 1):
            hint = "Give y_true a second axis: y_true[:, np.newaxis]."
        elif y_true.shape == (*y_pred.shape, 1):
            hint = "Drop the second axis of y_true: y_true[:, 0]."
        raise ValueError(
            f"{type(self).__name__} got y_true of shape {y_true.shape} and y_pred of shape "
            f"{y_pred.shape}. {hint}"
        )

    def check_labels(self, y_true):
        """Raise ValueError where y_true (an array of numbers) holds what no truth can be."""
        if not np.isfinite(y_true).all():
            raise ValueError("y_true holds NaN or infinite values: drop these rows first.")

    def _forward(self, y_true, y_pred):
        raise NotImplementedError(f"{type(self).__name__} must define _forward(y_true, y_pred).")

    def _backward(self):
        raise NotImplementedError(f"{type(self).__name__} must define _backward().")


class MeanSquaredError(Loss):
    """Mean of (y_pred - y_true) squared.

    Notes
    -----
    y_true and y_pred (batch, ...). Source: D2 3.2.2. Taught in chapter 11.

    Raises
    ------
    ValueError
        Where the shapes differ or y_true is not finite.

    Examples
    --------
    >>> loss = MeanSquaredError()
    >>> loss.forward([[0.0], [0.0]], [[1.0], [3.0]])
    5.0
    >>> loss.backward()
    array([[1.],
           [3.]])
    """

    def _forward(self, y_true, y_pred):
        self._error = y_pred - y_true
        return np.mean(self._error**2)

    def _backward(self):
        return 2 * self._error / self._error.size


class BinaryCrossentropy(Loss):
    """Mean of -(y_true log p + (1 - y_true) log(1 - p)).

    Parameters
    ----------
    from_logits : bool
        False: y_pred holds the probabilities p; what lies outside [1e-7, 1 - 1e-7] is clipped
        and gets no gradient, as in Keras. True: y_pred holds logits z, p = sigmoid(z).

    Raises
    ------
    ValueError
        Where the shapes differ or y_true leaves [0, 1].

    Notes
    -----
    y_true and y_pred (batch, ...). Source: D2 3.2.2. Taught in chapter 11.

    Examples
    --------
    >>> loss = BinaryCrossentropy(from_logits=True)
    >>> round(loss.forward([[1.0]], [[0.0]]), 4)
    0.6931
    >>> loss.backward()
    array([[-0.5]])
    """

    activation = "sigmoid"

    def __init__(self, from_logits=False):
        super().__init__()
        self.from_logits = bool(from_logits)

    def check_labels(self, y_true):
        """As for every loss, and labels must lie in [0, 1]."""
        super().check_labels(y_true)
        if y_true.min() < 0 or y_true.max() > 1:
            raise ValueError(
                f"BinaryCrossentropy expects labels from 0 to 1, got {y_true.min():g} to "
                f"{y_true.max():g}. Recode -1/1 with (y + 1) / 2 and 1/2 with y - 1; for more "
                "than two classes use CategoricalCrossentropy."
            )

    def _forward(self, y_true, y_pred):
        self._y_true, self._y_pred = y_true, y_pred
        if self.from_logits:
            # log(1 + exp(z)) without overflow: max(z, 0) + log(1 + exp(-|z|)).
            softplus = np.maximum(y_pred, 0) + np.log1p(np.exp(-np.abs(y_pred)))
            return np.mean(softplus - y_true * y_pred)
        p = _clipped(y_pred)
        return -np.mean(y_true * np.log(p) + (1 - y_true) * np.log(1 - p))

    def _backward(self):
        y_true, y_pred = self._y_true, self._y_pred
        if self.from_logits:
            return (sigmoid(y_pred) - y_true) / y_pred.size
        p = _clipped(y_pred)
        gradient = ((1 - y_true) / (1 - p) - y_true / p) / p.size
        return np.where(_inside(y_pred), gradient, 0)


class CategoricalCrossentropy(Loss):
    """Mean over the batch of -sum over the classes of y_true log p.

    Parameters
    ----------
    from_logits : bool
        False: y_pred holds probabilities; they are scaled to sum to 1 along the last axis, then
        clipped to [1e-7, 1 - 1e-7] (no gradient where clipped), as in Keras. True: y_pred holds
        logits z, p = softmax(z).

    Raises
    ------
    ValueError
        Where the shapes differ, there is one class alone, or a row of y_true is no distribution
        over the classes.

    Notes
    -----
    y_true and y_pred (batch, ..., classes); y_true one-hot, or probabilities that sum to 1.
    Source: D4 4.1. Taught in chapters 11 and 20.

    Examples
    --------
    >>> loss = CategoricalCrossentropy()
    >>> round(loss.forward([[0.0, 1.0]], [[0.5, 0.5]]), 4)
    0.6931
    >>> loss.backward()
    array([[ 1., -1.]])
    """

    activation = "softmax"

    def __init__(self, from_logits=False):
        super().__init__()
        self.from_logits = bool(from_logits)

    def _check_shapes(self, y_true, y_pred):
        if y_pred.ndim == y_true.ndim + 1 and y_true.shape[:1] == y_pred.shape[:1]:
            raise ValueError(
                f"CategoricalCrossentropy expects one column a class, got y_true of shape "
                f"{y_true.shape} for y_pred of shape {y_pred.shape}. Turn class numbers into "
                f"columns: np.eye({y_pred.shape[-1]})[y_true]."
            )
        super()._check_shapes(y_true, y_pred)
        if y_pred.ndim < 2 or y_pred.shape[-1] < 2:
            raise ValueError(
                f"CategoricalCrossentropy needs at least two classes on the last axis, got shape "
                f"{y_pred.shape}. For one column use BinaryCrossentropy."
            )

    def check_labels(self, y_true):
        """As for every loss, and each row must be a distribution over the classes."""
        super().check_labels(y_true)
        if y_true.min() < 0 or not np.allclose(y_true.sum(axis=-1), 1, atol=1e-5):
            raise ValueError(
                "CategoricalCrossentropy expects every row of y_true to be one-hot (or to hold "
                "probabilities that sum to 1). Turn class numbers into columns: "
                "np.eye(classes)[y]."
            )

    def _forward(self, y_true, y_pred):
        self._y_true, self._y_pred = y_true, y_pred
        if self.from_logits:
            shifted = y_pred - y_pred.max(axis=-1, keepdims=True)
            log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        else:
            log_p = np.log(_clipped(y_pred / y_pred.sum(axis=-1, keepdims=True)))
        return -np.mean((y_true * log_p).sum(axis=-1))

    def _backward(self):
        y_true, y_pred = self._y_true, self._y_pred
        rows = y_pred.size // y_pred.shape[-1]
        if self.from_logits:
            return (softmax(y_pred) - y_true) / rows
        total = y_pred.sum(axis=-1, keepdims=True)
        p = y_pred / total
        dp = np.where(_inside(p), -y_true / _clipped(p), 0) / rows
        # The scaling to sum 1 is part of the function: dp/dy_pred has this second term.
        return (dp - (dp * p).sum(axis=-1, keepdims=True)) / total


def _as_numbers(values):
    values = np.asarray(values)
    if values.dtype.kind not in "fiub":
        raise ValueError(f"y_true must hold numbers, got dtype {values.dtype}.")
    return values


def _clipped(p):
    return np.clip(p, PROBABILITY_EPSILON, 1 - PROBABILITY_EPSILON)


def _inside(p):
    """Where clipping changes nothing, so that a gradient passes."""
    return _clipped(p) == p
