"""Dropout."""

import numpy as np

from .base import Layer


class Dropout(Layer):
    """In training, set a random share of the inputs to 0 and scale the rest up to make up for it.

    Parameters
    ----------
    rate : float in [0, 1]
        The share that is dropped (not the share kept: D3 note 26 has it the wrong way round).
    dtype : {"float32", "float64"}
    seed : int or None
        Of the masks. Each training pass draws a new mask.

    Raises
    ------
    ValueError
        For a rate outside [0, 1].

    Notes
    -----
    Inverted dropout, as in Keras: what is kept is divided by 1 - rate, so that the expected
    input of the next layer stays the same and nothing needs scaling when predicting.
    Input and output (batch, ...). Source: Srivastava et al. 2014,
    jmlr.org/papers/v15/srivastava14a. Taught in chapter 12.

    Examples
    --------
    >>> layer = Dropout(0.5, seed=0)
    >>> layer.forward([[1.0, 2.0]])
    array([[1., 2.]], dtype=float32)
    >>> y = layer.forward(np.ones((1, 1000)), training=True)
    >>> np.unique(y)
    array([0., 2.], dtype=float32)
    """

    def __init__(self, rate, dtype="float32", seed=None):
        super().__init__(dtype, seed)
        if not 0 <= rate <= 1:
            raise ValueError(f"rate is the share dropped, between 0 and 1, got {rate!r}.")
        self.rate = float(rate)

    def _forward(self, x, training):
        self._mask = self._draw_mask(x.shape) if training else np.ones((), self.dtype)
        return x * self._mask

    def _draw_mask(self, shape):
        """0 where dropped, 1 / (1 - rate) where kept."""
        kept = self.rng.random(shape) >= self.rate
        scale = 1 / (1 - self.rate) if self.rate < 1 else 0.0
        return kept.astype(self.dtype) * scale

    def _backward(self, dy):
        return dy * self._mask
