"""The two-dimensional convolution, which computes a cross-correlation."""

import numpy as np

from .activation import ActivatedLayer
from .windows import WindowLayer


class Conv2D(WindowLayer, ActivatedLayer):
    """Slide small kernels over a picture: one sum of products for each window and filter.

    Parameters
    ----------
    filters : int
        Number of kernels, and so of output channels.
    kernel_size : int or (int, int)
        Rows and columns of a kernel.
    strides : int or (int, int)
        Steps of the window, down and across.
    padding : {"valid", "same"}
        "valid": the windows that fit. "same": ceil(pixels / stride) windows, zeros around the
        picture; of an odd number of them the larger part below and to the right.
    activation : str or None
        Name of an activation; None is "linear".
    dtype : {"float32", "float64"}
    seed : int or None
        Of the kernels' starting values.

    Attributes
    ----------
    params : dict
        kernel (rows, columns, channels, filters), drawn uniformly from +-sqrt(6 / (rows * columns
        * (channels + filters))); bias (filters,), zero: as in Keras.
    logits : array (batch, windows down, windows across, filters)
        The sums plus bias of the last forward pass.

    Raises
    ------
    ValueError
        For sizes below 1, another padding or an unknown activation; for an x that is not
        (batch, height, width, channels), has other channels than the layer was built for, or,
        with "valid", is smaller than the kernel.

    Notes
    -----
    Input (batch, height, width, channels), output (batch, windows down, windows across, filters).
    y[i, j] = sum over m, n of x[i * stride + m, j * stride + n] kernel[m, n] + bias: D4 4.1's
    formula, a cross-correlation; a convolution in the mathematical sense would flip the kernel.
    All windows are laid out as the rows of one matrix (im2col: Chellapilla, Puri and Simard 2006,
    inria.hal.science/inria-00112631): one matrix product forward, one back to the kernel, and one
    for each entry of the kernel's window back to the picture. Taught in chapter 20.

    Examples
    --------
    >>> layer = Conv2D(1, kernel_size=(1, 2))
    >>> layer.build((None, 1, 4, 1))
    >>> layer.set_weights([np.array([-1.0, 1.0]).reshape(1, 2, 1, 1), np.array([0.0])])
    >>> layer.forward(np.array([0.0, 0.0, 5.0, 5.0]).reshape(1, 1, 4, 1)).ravel()
    array([0., 5., 0.], dtype=float32)
    >>> layer.backward(np.ones((1, 1, 3, 1))).ravel()
    array([-1.,  0.,  0.,  1.], dtype=float32)
    """

    def __init__(
        self, filters, kernel_size, strides=1, padding="valid", activation=None,
        dtype="float32", seed=None,
    ):
        super().__init__(activation, dtype, seed)
        if isinstance(filters, bool) or not isinstance(filters, (int, np.integer)) or filters < 1:
            raise ValueError(f"filters must be a whole number of at least 1, got {filters!r}.")
        self.filters = int(filters)
        self.windows = self._checked_windows(kernel_size, strides, padding, "kernel_size")

    def output_shape(self, input_shape):
        """(batch, height, width, channels) becomes (batch, windows down, across, filters)."""
        return (input_shape[0], *self.windows.counts(input_shape[1:3]), self.filters)

    def _build(self, input_shape):
        if input_shape[-1] is None:
            raise ValueError(
                f"Conv2D needs the number of channels, got {tuple(input_shape)}. Build it with, "
                "for example, (None, 28, 28, 1)."
            )
        rows, columns = self.windows.size
        shape = (rows, columns, input_shape[-1], self.filters)
        limit = np.sqrt(6 / (rows * columns * (input_shape[-1] + self.filters)))
        self.params["kernel"] = self.rng.uniform(-limit, limit, shape).astype(self.dtype)
        self.params["bias"] = np.zeros(self.filters, self.dtype)

    def _forward(self, x, training):
        self._x_shape, self._kernel = x.shape, self.params["kernel"]
        padded = self.windows.padded(x)
        self._padded_shape = padded.shape
        # One row a window: rows * columns * channels numbers. The reshape copies.
        self._columns = self.windows.all_pixels(padded).reshape(-1, self._kernel[..., 0].size)
        logits = self._columns @ self._kernel.reshape(-1, self.filters)
        logits += self.params["bias"]
        return self._activate(logits.reshape(self.output_shape(x.shape)))

    def _backward_logits(self, dz):
        dz_rows = dz.reshape(-1, self.filters)
        self.grads["kernel"] = (self._columns.T @ dz_rows).reshape(self._kernel.shape)
        # A product with ones: several times faster than dz_rows.sum(axis=0).
        self.grads["bias"] = np.ones(len(dz_rows), self.dtype) @ dz_rows
        counts, channels = dz.shape[1:3], self._x_shape[-1]
        d_padded = np.zeros(self._padded_shape, self.dtype)
        # What every window sends back to the pixel that its kernel's entry (m, n) stood on.
        for m, n in self.windows.offsets():
            sent_back = dz_rows @ self._kernel[m, n].T
            pixels = self.windows.pixels_at(d_padded, (m, n), counts)
            pixels += sent_back.reshape(-1, *counts, channels)
        return self.windows.unpadded(d_padded, self._x_shape[1:3])
