"""Batch normalisation."""

import numpy as np

from .base import Layer


class BatchNormalization(Layer):
    """Bring every feature to mean 0 and variance 1, then scale by gamma and shift by beta.

    In training the mean and variance are those of the batch, and moving averages follow them;
    otherwise the moving averages are used.

    Parameters
    ----------
    momentum : float in [0, 1]
        Share of the old moving average that each training pass keeps.
    epsilon : float above 0
        Added to the variance, against division by zero.
    dtype : {"float32", "float64"}
    seed : int or None
        Has no effect: nothing here is random.

    Attributes
    ----------
    params : dict
        gamma (features,), starting at 1; beta (features,), starting at 0.
    state : dict
        moving_mean (features,), starting at 0; moving_variance (features,), starting at 1.

    Raises
    ------
    ValueError
        For a momentum or epsilon out of range; for an x without a feature axis or of another
        width than the layer was built for.

    Notes
    -----
    Input and output (batch, ..., features); the features are the last axis. It normalises
    activations; D3 note 23 takes it for a regulariser, which it is not by design. Source: Ioffe and Szegedy
    2015, doi:10.48550/arXiv.1502.03167. Taught in chapter 12.

    Examples
    --------
    >>> layer = BatchNormalization(epsilon=1e-9)
    >>> layer.forward([[1.0], [3.0]], training=True).ravel()
    array([-1.,  1.], dtype=float32)
    >>> {name: float(value[0]) for name, value in layer.state.items()}["moving_variance"]
    1.0
    """

    minimum_rank = 2

    def __init__(self, momentum=0.99, epsilon=1e-3, dtype="float32", seed=None):
        super().__init__(dtype, seed)
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum must lie between 0 and 1, got {momentum!r}.")
        if not epsilon > 0:
            raise ValueError(f"epsilon must be above 0, got {epsilon!r}.")
        self.momentum, self.epsilon = float(momentum), float(epsilon)

    def _check_input_shape(self, shape):
        super()._check_input_shape(shape)
        if self.built and len(shape) != len(self._input_shape):
            raise ValueError(
                f"BatchNormalization was built for inputs of {len(self._input_shape)} axes, "
                f"expected that many, got shape {shape}."
            )

    def _build(self, input_shape):
        features = input_shape[-1]
        self.params["gamma"] = np.ones(features, self.dtype)
        self.params["beta"] = np.zeros(features, self.dtype)
        self.state["moving_mean"] = np.zeros(features, self.dtype)
        self.state["moving_variance"] = np.ones(features, self.dtype)

    def _forward(self, x, training):
        self._batch_axes = tuple(range(x.ndim - 1))
        self._used_batch = training
        if training:
            mean, variance = x.mean(self._batch_axes), x.var(self._batch_axes)
            self._follow("moving_mean", mean)
            self._follow("moving_variance", variance)
        else:
            mean, variance = self.state["moving_mean"], self.state["moving_variance"]
        self._gamma = self.params["gamma"]
        self._inverse_deviation = 1 / np.sqrt(variance + self.epsilon)
        self._x_hat = (x - mean) * self._inverse_deviation
        return self._gamma * self._x_hat + self.params["beta"]

    def _follow(self, name, value):
        self.state[name] = self.state[name] * self.momentum + value * (1 - self.momentum)

    def _backward(self, dy):
        self.grads["gamma"] = (dy * self._x_hat).sum(self._batch_axes)
        self.grads["beta"] = dy.sum(self._batch_axes)
        dx_hat = dy * self._gamma
        if self._used_batch:
            # Mean and variance are functions of x too: what moves all rows together, or along
            # x_hat, leaves the output as it is.
            along = self._x_hat * (dx_hat * self._x_hat).mean(self._batch_axes)
            dx_hat = dx_hat - dx_hat.mean(self._batch_axes) - along
        return dx_hat * self._inverse_deviation
