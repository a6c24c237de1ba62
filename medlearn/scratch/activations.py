"""Activation functions, each with the step that carries a gradient back through it.

Every derivative here can be written with the function's own output y, so that a layer keeps y
alone. Taught in chapters 11 and 12; the formulas are those of D2 3.2.1.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


def linear(z):
    """Return z unchanged: no activation.

    Parameters
    ----------
    z : array of any shape

    Returns
    -------
    array of z's shape
        z itself. Taught in chapter 11.

    Examples
    --------
    >>> linear(np.array([-1.0, 2.0]))
    array([-1.,  2.])
    """
    return z


def sigmoid(z):
    """Squash every number into (0, 1): 1 / (1 + exp(-z)).

    Parameters
    ----------
    z : array of any shape

    Returns
    -------
    array of z's shape
        No overflow, however large \\|z\\| is. Source: D2 3.2.1. Taught in chapter 11.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    z = np.asarray(z)
    # exp(-|z|) lies in (0, 1]: the textbook form overflows for very negative z.
    decay = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, decay) / (1 + decay)


def tanh(z):
    """Squash every number into (-1, 1): the hyperbolic tangent.

    Parameters
    ----------
    z : array of any shape

    Returns
    -------
    array of z's shape
        Source: D2 3.2.1. Taught in chapters 11 and 12.

    Examples
    --------
    >>> tanh(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.,  0.,  1.])
    """
    return np.tanh(z)


def relu(z):
    """Cut off what is negative: max(0, z).

    Parameters
    ----------
    z : array of any shape

    Returns
    -------
    array of z's shape
        At the kink, z = 0, the slope is taken as 0, as Keras takes it.
        Source: D2 3.2.1. Taught in chapter 12.

    Examples
    --------
    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return np.maximum(z, 0)


def softmax(z):
    """Turn each row of scores into probabilities: exp(z) / sum(exp(z)) along the last axis.

    Parameters
    ----------
    z : array (..., classes)

    Returns
    -------
    array of z's shape
        Positive; sums to 1 along the last axis. Taught in chapters 11 and 20.

    Examples
    --------
    >>> softmax(np.array([[1000.0, 1000.0]]))
    array([[0.5, 0.5]])
    """
    z = np.asarray(z)
    # Subtracting the largest score changes nothing in the ratio and keeps exp from overflowing.
    exponentials = np.exp(z - z.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


class ActivationFunction(NamedTuple):
    """A function y = forward(z), and backward(y, dy), the gradient for z."""

    forward: Callable
    backward: Callable


ACTIVATIONS = {
    "linear": ActivationFunction(linear, lambda y, dy: dy),
    "sigmoid": ActivationFunction(sigmoid, lambda y, dy: dy * y * (1 - y)),
    "tanh": ActivationFunction(tanh, lambda y, dy: dy * (1 - y * y)),
    "relu": ActivationFunction(relu, lambda y, dy: dy * (y > 0)),
    "softmax": ActivationFunction(
        softmax, lambda y, dy: y * (dy - (dy * y).sum(axis=-1, keepdims=True))
    ),
}


def find_activation(name):
    """Return the ActivationFunction of that name; None stands for "linear".

    Raises
    ------
    ValueError
        Where there is none of that name.

    Examples
    --------
    >>> find_activation("relu").forward(np.array([-3.0, 3.0]))
    array([0., 3.])
    """
    name = "linear" if name is None else name
    if name not in ACTIVATIONS:
        raise ValueError(
            f"There is no activation {name!r}. Choose one of: {', '.join(ACTIVATIONS)}."
        )
    return ACTIVATIONS[name]
