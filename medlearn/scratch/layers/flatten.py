"""From a picture to a row of numbers."""

import math

from .base import Layer


class Flatten(Layer):
    """Lay all axes but the batch out in one row.

    Parameters
    ----------
    dtype : {"float32", "float64"}
    seed : int or None
        Has no effect: nothing here is random.

    Raises
    ------
    ValueError
        From output_shape, and so where a Sequential is built ahead, for an axis but the batch
        whose length is None. The layer itself can be built for one: it has no weights.

    Notes
    -----
    Input (batch, ...), output (batch, features), the last axis running fastest: for a picture
    row by row, and within a pixel channel by channel, as in Keras. An x of shape (batch,) becomes
    (batch, 1). Taught in chapter 20.

    Examples
    --------
    >>> layer = Flatten()
    >>> layer.forward([[[1.0, 2.0], [3.0, 4.0]]])
    array([[1., 2., 3., 4.]], dtype=float32)
    >>> layer.backward([[1.0, 1.0, 1.0, 1.0]]).shape
    (1, 2, 2)
    """

    def output_shape(self, input_shape):
        """(batch, ...) becomes (batch, product of the rest)."""
        if None in input_shape[1:]:
            raise ValueError(
                f"Flatten needs the length of every axis but the batch, got {tuple(input_shape)}. "
                "Build with the full shape, such as (None, 28, 28, 1)."
            )
        return (input_shape[0], math.prod(input_shape[1:]))

    def _forward(self, x, training):
        self._x_shape = x.shape
        return x.reshape(self.output_shape(x.shape))

    def _backward(self, dy):
        return dy.reshape(self._x_shape).copy()
