"""Gradient clipping: a step of bounded length, whatever the gradient. Taught in chapter 30."""

import numpy as np


def global_norm(gradients):
    """Length of all gradients together, as if they were one vector.

    Parameters
    ----------
    gradients : iterable of arrays

    Returns
    -------
    float
        The square root of the sum of the squares of all entries. Taught in chapter 30.

    Examples
    --------
    >>> global_norm([np.array([3.0]), np.array([[0.0, 4.0]])])
    5.0
    """
    # In float64: the square of a float32 gradient above 1e19 would overflow.
    return float(np.sqrt(sum(np.sum(np.square(g, dtype=np.float64)) for g in gradients)))


def clip_by_global_norm(gradients, limit):
    """Shorten all gradients by one factor where their common length exceeds a limit.

    Parameters
    ----------
    gradients : list of arrays
    limit : float above 0

    Returns
    -------
    list of arrays
        Of the same shapes and dtypes; unchanged in direction, of global norm `limit` at most.

    Raises
    ------
    ValueError
        Where limit is not above 0, or a gradient holds NaN or infinity, which no factor mends.

    Notes
    -----
    Pascanu, Mikolov and Bengio 2013, proceedings.mlr.press/v28/pascanu13. Taught in chapter 30.

    Examples
    --------
    >>> clip_by_global_norm([np.array([3.0]), np.array([4.0])], limit=1.0)
    [array([0.6]), array([0.8])]
    """
    gradients = [np.asarray(gradient) for gradient in gradients]
    limit = checked_positive("limit", limit)
    norm = global_norm(gradients)
    if not np.isfinite(norm):
        raise ValueError(
            "A gradient holds NaN or infinity: clipping cannot mend it. Lower the learning rate, "
            "or look for the first step at which the loss is not finite."
        )
    factor = limit / max(norm, limit)
    return [gradient * gradient.dtype.type(factor) for gradient in gradients]


def checked_positive(name, value):
    """`value` as a float above 0.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> checked_positive("clipnorm", 1)
    1.0
    """
    value = float(value)
    if not (value > 0 and np.isfinite(value)):
        raise ValueError(f"{name} must be above 0 and finite, got {value!r}.")
    return value
