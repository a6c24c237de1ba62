"""The fully connected layer."""

import numpy as np

from .activation import ActivatedLayer


class Dense(ActivatedLayer):
    """Every unit sees every feature: y = activation(x @ kernel + bias).

    Parameters
    ----------
    units : int
        Number of outputs.
    activation : str or None
        Name of an activation; None is "linear".
    dtype : {"float32", "float64"}
    seed : int or None
        Of the kernel's starting values.

    Attributes
    ----------
    params : dict
        kernel (features, units), drawn uniformly from +-sqrt(6 / (features + units)); bias
        (units,), zero: as in Keras.
    logits : array (batch, ..., units)
        x @ kernel + bias of the last forward pass.

    Raises
    ------
    ValueError
        For units below 1 or an unknown activation; for an x without a feature axis or of
        another width than the layer was built for.

    Notes
    -----
    Input (batch, ..., features), output (batch, ..., units): axes between are kept, as in Keras.
    Source: D2 3.1; starting values: Glorot and Bengio 2010, proceedings.mlr.press/v9/glorot10a.
    Taught in chapter 11, the starting values in chapter 12.

    Examples
    --------
    >>> layer = Dense(1, activation="sigmoid")
    >>> layer.build((None, 2))
    >>> layer.set_weights([np.array([[1.0], [-1.0]]), np.array([0.0])])
    >>> layer.forward([[3.0, 3.0]])
    array([[0.5]], dtype=float32)
    >>> layer.backward([[1.0]])
    array([[ 0.25, -0.25]], dtype=float32)
    """

    minimum_rank = 2

    def __init__(self, units, activation=None, dtype="float32", seed=None):
        super().__init__(activation, dtype, seed)
        if isinstance(units, bool) or not isinstance(units, (int, np.integer)) or units < 1:
            raise ValueError(f"units must be a whole number of at least 1, got {units!r}.")
        self.units = int(units)

    def output_shape(self, input_shape):
        """(batch, ..., features) becomes (batch, ..., units)."""
        return (*input_shape[:-1], self.units)

    def _build(self, input_shape):
        features = input_shape[-1]
        limit = np.sqrt(6 / (features + self.units))
        kernel = self.rng.uniform(-limit, limit, (features, self.units))
        self.params["kernel"] = kernel.astype(self.dtype)
        self.params["bias"] = np.zeros(self.units, self.dtype)

    def _forward(self, x, training):
        self._x, self._kernel = x, self.params["kernel"]
        return self._activate(x @ self._kernel + self.params["bias"])

    def _backward_logits(self, dz):
        # Axes between batch and features count as further rows.
        rows, dz_rows = self._x.reshape(-1, self._x.shape[-1]), dz.reshape(-1, self.units)
        self.grads["kernel"] = rows.T @ dz_rows
        self.grads["bias"] = dz_rows.sum(axis=0)
        return dz @ self._kernel.T
