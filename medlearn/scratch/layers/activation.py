"""An activation function as a layer, and the part of a layer that ends in one."""

from ..activations import find_activation
from .base import Layer


class ActivatedLayer(Layer):
    """A layer that ends in an activation: y = activation(logits).

    A subclass calls `_activate(logits)` at the end of its forward pass and writes
    `_backward_logits(dz)`, where dz is the gradient for the logits.
    """

    def __init__(self, activation=None, dtype="float32", seed=None):
        super().__init__(dtype, seed)
        find_activation(activation)  # refuses a name that does not exist
        self.activation = activation or "linear"
        self.logits = None

    def backward_from_logits(self, dz):
        """As backward, from the gradient for the logits, where a loss gives that directly.

        Parameters
        ----------
        dz : array of the last output's shape
            Gradient of the loss for the values that went into the activation.

        Returns
        -------
        array of the last input's shape
        """
        return self._backward_logits(self._checked_dy(dz))

    def _activate(self, logits):
        self.logits = logits
        self._y = find_activation(self.activation).forward(logits)
        return self._y

    def _backward(self, dy):
        return self._backward_logits(find_activation(self.activation).backward(self._y, dy))

    def _backward_logits(self, dz):
        raise NotImplementedError(f"{type(self).__name__} must define _backward_logits(dz).")


class Activation(ActivatedLayer):
    """An activation function as a layer of its own.

    Parameters
    ----------
    name : {"linear", "sigmoid", "tanh", "relu", "softmax"}
        softmax runs along the last axis; relu has slope 0 at 0.
    dtype : {"float32", "float64"}
    seed : int or None
        Has no effect: nothing here is random.

    Raises
    ------
    ValueError
        For another name.

    Notes
    -----
    Input and output (batch, ...). Source: D2 3.2.1. Taught in chapters 11 and 12.

    Examples
    --------
    >>> Activation("relu").forward([[-1.0, 2.0]])
    array([[0., 2.]], dtype=float32)
    """

    def __init__(self, name, dtype="float32", seed=None):
        super().__init__(name, dtype, seed)
        if self.activation == "softmax":
            self.minimum_rank = 2  # batch and classes

    def _forward(self, x, training):
        return self._activate(x)

    def _backward_logits(self, dz):
        return dz
