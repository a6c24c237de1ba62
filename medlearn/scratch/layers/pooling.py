"""Pooling: one number for each window of a channel."""

import numpy as np

from .windows import PictureLayer, WindowLayer


class _Pooling2D(WindowLayer):
    """Windows over each channel by itself."""

    def __init__(self, pool_size=2, strides=None, padding="valid", dtype="float32", seed=None):
        super().__init__(dtype, seed)
        strides = pool_size if strides is None else strides
        self.windows = self._checked_windows(pool_size, strides, padding, "pool_size")

    def output_shape(self, input_shape):
        """(batch, height, width, channels) becomes (batch, windows down, across, channels)."""
        return (input_shape[0], *self.windows.counts(input_shape[1:3]), input_shape[3])

    def _forward(self, x, training):
        self._x_shape = x.shape
        padded = self.windows.padded(x, self.padding_value)
        self._padded_shape = padded.shape
        counts = self.windows.counts(x.shape[1:3])
        return self._pool([
            self.windows.pixels_at(padded, offset, counts) for offset in self.windows.offsets()
        ])

    def _backward(self, dy):
        d_padded = np.zeros(self._padded_shape, self.dtype)
        for place, offset in enumerate(self.windows.offsets()):
            pixels = self.windows.pixels_at(d_padded, offset, dy.shape[1:3])
            pixels += self._share(place, dy)
        return self.windows.unpadded(d_padded, self._x_shape[1:3])


class MaxPooling2D(_Pooling2D):
    """Keep the largest number of each window.

    Parameters
    ----------
    pool_size : int or (int, int)
        Rows and columns of a window.
    strides : int, (int, int) or None
        Steps of the window; None: `pool_size`, windows side by side.
    padding : {"valid", "same"}
        "valid" leaves out rows and columns at the end that fill no window. "same": ceil(pixels /
        stride) windows; padding is never the maximum.
    dtype : {"float32", "float64"}
    seed : int or None
        Has no effect: nothing here is random.

    Raises
    ------
    ValueError
        For sizes below 1 or another padding; for an x that is not (batch, height, width,
        channels) or, with "valid", is smaller than the window.

    Notes
    -----
    Input (batch, height, width, channels), output (batch, windows down, windows across, channels).
    y[i, j] = max over m, n of x[i * stride + m, j * stride + n]: the stride is what the formulas of
    D0 3.1.2, D1 3.1.2, D3 3.1.2 and D4 4.1 lack. Backward, the gradient goes to the maximum; of
    equal ones to the first, row by row, as in TensorFlow on a CPU. Where windows overlap, a pixel
    gets the sum. Taught in chapter 20.

    Examples
    --------
    >>> layer = MaxPooling2D(2)
    >>> x = np.array([[1.0, 2.0, 0.0, 0.0], [3.0, 9.0, 0.0, 5.0]]).reshape(1, 2, 4, 1)
    >>> layer.forward(x).ravel()
    array([9., 5.], dtype=float32)
    >>> layer.backward(np.ones((1, 1, 2, 1)))[0, :, :, 0]
    array([[0., 0., 0., 0.],
           [0., 1., 0., 1.]], dtype=float32)
    """

    padding_value = -np.inf

    def _pool(self, pixels):
        y = pixels[0].copy()
        self._winner = np.zeros(y.shape, np.int32)
        for place, candidate in enumerate(pixels[1:], start=1):
            # Not at a tie: the first stays.
            np.copyto(self._winner, place, where=candidate > y)
            np.maximum(y, candidate, out=y)
        return y

    def _share(self, place, dy):
        return dy * (self._winner == place)


class AveragePooling2D(_Pooling2D):
    """Keep the mean of each window.

    Parameters
    ----------
    pool_size : int or (int, int)
        Rows and columns of a window.
    strides : int, (int, int) or None
        Steps of the window; None: `pool_size`, windows side by side.
    padding : {"valid", "same"}
        As in MaxPooling2D. With "same" the mean is over the pixels of the picture alone; padding
        does not count, as in TensorFlow.
    dtype : {"float32", "float64"}
    seed : int or None
        Has no effect: nothing here is random.

    Raises
    ------
    ValueError
        As MaxPooling2D.

    Notes
    -----
    Input (batch, height, width, channels), output (batch, windows down, windows across, channels).
    Backward, every pixel of a window gets an equal part of the gradient. Source: D3 3.1.2, with a
    window that moves. Taught in chapter 20.

    Examples
    --------
    >>> layer = AveragePooling2D((1, 2))
    >>> layer.forward(np.array([1.0, 3.0, 5.0, 9.0]).reshape(1, 1, 4, 1)).ravel()
    array([2., 7.], dtype=float32)
    >>> layer.backward(np.ones((1, 1, 2, 1))).ravel()
    array([0.5, 0.5, 0.5, 0.5], dtype=float32)
    """

    padding_value = 0.0

    def _pool(self, pixels):
        total = pixels[0].copy()
        for part in pixels[1:]:
            total += part
        self._counted = self._pixels_in_each_window()
        return total / self._counted

    def _share(self, place, dy):
        return dy / self._counted

    def _pixels_in_each_window(self):
        """(1, windows down, windows across, 1): pixels of the picture, without padding."""
        ones = self.windows.padded(np.ones((1, *self._x_shape[1:3], 1), self.dtype))
        return self.windows.all_pixels(ones).sum(axis=(3, 4))


class GlobalAveragePooling2D(PictureLayer):
    """The mean of each channel over the whole picture.

    Parameters
    ----------
    dtype : {"float32", "float64"}
    seed : int or None
        Has no effect: nothing here is random.

    Raises
    ------
    ValueError
        For an x that is not (batch, height, width, channels).

    Notes
    -----
    Input (batch, height, width, channels), output (batch, channels). Source: Lin, Chen and Yan
    2014, doi:10.48550/arXiv.1312.4400. Taught in chapter 20.

    Examples
    --------
    >>> layer = GlobalAveragePooling2D()
    >>> layer.forward(np.array([1.0, 2.0, 3.0, 6.0]).reshape(1, 2, 2, 1))
    array([[3.]], dtype=float32)
    >>> layer.backward([[1.0]])[0, :, :, 0]
    array([[0.25, 0.25],
           [0.25, 0.25]], dtype=float32)
    """

    def output_shape(self, input_shape):
        """(batch, height, width, channels) becomes (batch, channels)."""
        return (input_shape[0], input_shape[3])

    def _forward(self, x, training):
        self._x_shape = x.shape
        return x.mean(axis=(1, 2))

    def _backward(self, dy):
        _, height, width, _ = self._x_shape
        share = dy[:, np.newaxis, np.newaxis] / self.dtype.type(height * width)
        return np.broadcast_to(share, self._x_shape).copy()
