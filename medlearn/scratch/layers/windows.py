"""Windows that slide over pictures: how many, what is padded, which pixels each covers."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .base import Layer


class Windows:
    """The geometry of windows of one size that move over a picture in steps.

    Parameters
    ----------
    size, strides : (int, int)
        Rows and columns.
    padding : {"valid", "same"}

    Notes
    -----
    "valid": windows that fit, floor((pixels - size) / stride) + 1 of them along an axis. "same":
    ceil(pixels / stride) of them, and as many zeros around the picture as they need; of an odd
    number the larger part stands below and to the right, as in TensorFlow. Taught in chapter 20.

    Examples
    --------
    >>> Windows((3, 3), (2, 2), "valid").counts((7, 8))
    (3, 3)
    >>> Windows((3, 3), (2, 2), "same").margins((7, 8))
    ((1, 1), (0, 1))
    """

    def __init__(self, size, strides, padding):
        self.size, self.strides, self.padding = size, strides, padding

    def counts(self, pixels):
        """Number of windows along each axis; None where the number of pixels is None."""
        return tuple(
            None if p is None else -(-p // s) if self.padding == "same" else (p - k) // s + 1
            for p, k, s in zip(pixels, self.size, self.strides, strict=True)
        )

    def margins(self, pixels):
        """Rows of padding (above, below) and columns (left, right)."""
        margins = []
        for p, n, k, s in zip(pixels, self.counts(pixels), self.size, self.strides, strict=True):
            total = max((n - 1) * s + k - p, 0) if self.padding == "same" else 0
            margins.append((total // 2, total - total // 2))
        return tuple(margins)

    def padded(self, x, value=0):
        """x (batch, height, width, channels) with the margins around it, filled with `value`."""
        margins = self.margins(x.shape[1:3])
        if not np.any(margins):
            return x
        return np.pad(x, ((0, 0), *margins, (0, 0)), constant_values=value)

    def unpadded(self, padded, pixels):
        """The part of `padded` inside the margins: a picture of `pixels` again."""
        (above, _), (left, _) = self.margins(pixels)
        return padded[:, above : above + pixels[0], left : left + pixels[1]]

    def offsets(self):
        """Every place inside a window, row by row."""
        return np.ndindex(self.size)

    def pixels_at(self, padded, offset, counts):
        """What stands at one place of all windows: a view (batch, *counts, channels)."""
        rows, columns = (
            slice(start, start + (n - 1) * s + 1, s)
            for start, n, s in zip(offset, counts, self.strides, strict=True)
        )
        return padded[:, rows, columns]

    def all_pixels(self, padded):
        """All windows: a view (batch, windows down, windows across, *size, channels)."""
        view = sliding_window_view(padded, self.size, axis=(1, 2))
        return view[:, :: self.strides[0], :: self.strides[1]].transpose(0, 1, 2, 4, 5, 3)


class PictureLayer(Layer):
    """A layer that takes pictures, (batch, height, width, channels)."""

    minimum_rank = 4

    def _check_input_shape(self, shape):
        if len(shape) != 4:
            raise ValueError(
                f"{type(self).__name__} expected pictures of shape (batch, height, width, "
                f"channels), got shape {shape}. For grey pictures add the axis of channels: "
                "x[..., np.newaxis]; for one picture the axis of the batch: x[np.newaxis]."
            )
        if 0 in shape[1:]:
            raise ValueError(
                f"{type(self).__name__} got pictures of shape {tuple(shape)}: height, width and "
                "channels must be at least 1."
            )
        super()._check_input_shape(shape)


class WindowLayer(PictureLayer):
    """A layer that looks at pictures through windows; a subclass sets `windows`."""

    def _check_input_shape(self, shape):
        super()._check_input_shape(shape)
        if self.windows.padding == "same":
            return
        for pixels, size in zip(shape[1:3], self.windows.size, strict=True):
            if pixels is not None and pixels < size:
                raise ValueError(
                    f"{type(self).__name__}: a window of {self.windows.size} pixels does not fit "
                    f"into a picture of {tuple(shape[1:3])}. Take a smaller window, a larger "
                    'picture, or padding="same".'
                )

    def _checked_windows(self, size, strides, padding, size_name):
        if padding not in ("valid", "same"):
            raise ValueError(f'padding must be "valid" or "same", got {padding!r}.')
        return Windows(_pair(size, size_name), _pair(strides, "strides"), padding)


def _pair(value, name):
    """One whole number for both axes, or two."""
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    whole = all(isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in pair)
    if len(pair) != 2 or not whole or min(pair) < 1:
        raise ValueError(
            f"{name} must be a whole number of at least 1, or two of them (rows, columns), got "
            f"{value!r}."
        )
    return tuple(int(v) for v in pair)
