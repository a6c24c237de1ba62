"""What recurrent layers have in common: time steps, one kernel for all of them, the way back."""

import numpy as np

from ..activations import find_activation
from .base import Layer


class RecurrentLayer(Layer):
    """A layer that walks along a sequence and carries a state from step to step.

    A subclass states `blocks`, the number of blocks of `units` columns in its kernels, and writes
    `_run(inputs)`, which takes inputs @ kernel + bias for all time steps and fills `self._h`, and
    `_run_back(dh)`, which takes the gradient that each state gets from outside and returns those
    for the inputs and for the products with the recurrent kernel.

    Notes
    -----
    Inside, time is the first axis: each step then lies in one piece. What needs no state, the
    product of the inputs with their kernel, is one matrix product for all steps; so are, on the
    way back, the gradients of the kernels. Taught in chapter 30.
    """

    blocks = 1

    def __init__(
        self, units, return_sequences=False, activation=None, dtype="float32", seed=None
    ):
        super().__init__(dtype, seed)
        if isinstance(units, bool) or not isinstance(units, (int, np.integer)) or units < 1:
            raise ValueError(f"units must be a whole number of at least 1, got {units!r}.")
        if not isinstance(return_sequences, (bool, np.bool_)):
            raise ValueError(f"return_sequences must be True or False, got {return_sequences!r}.")
        self.units = int(units)
        self.return_sequences = bool(return_sequences)
        self.activation = "tanh" if activation is None else activation
        find_activation(self.activation)  # refuses a name that does not exist

    def output_shape(self, input_shape):
        """(batch, time, features) becomes (batch, units) or (batch, time, units)."""
        batch, time, _ = input_shape
        return (batch, time, self.units) if self.return_sequences else (batch, self.units)

    def _check_input_shape(self, shape):
        name = type(self).__name__
        if len(shape) != 3:
            raise ValueError(
                f"{name} expected sequences of shape (batch, time, features), got shape "
                f"{tuple(shape)}. For one number a step add the axis of features: "
                "x[..., np.newaxis]; for one sequence the axis of the batch: x[np.newaxis]."
            )
        if shape[1] == 0 or not shape[2]:
            raise ValueError(
                f"{name} got sequences of shape {tuple(shape)}: it needs at least one time step "
                "and at least one feature, whose number must be stated."
            )
        super()._check_input_shape(shape)

    def _build(self, input_shape):
        features, columns = input_shape[-1], self.blocks * self.units
        limit = np.sqrt(6 / (features + columns))
        kernel = self.rng.uniform(-limit, limit, (features, columns))
        self.params["kernel"] = kernel.astype(self.dtype)
        recurrent_kernel = orthogonal(self.rng, self.units, columns)
        self.params["recurrent_kernel"] = recurrent_kernel.astype(self.dtype)
        self.params["bias"] = self._starting_bias().astype(self.dtype)

    def _starting_bias(self):
        return np.zeros(self.blocks * self.units)

    def _input_bias(self):
        """The bias that is added to the products with the inputs."""
        return self.params["bias"]

    def _forward(self, x, training):
        self._kernel = self.params["kernel"]
        self._recurrent_kernel = self.params["recurrent_kernel"]
        batch, time, features = x.shape
        # A copy in which the rows of one time step lie together.
        self._rows = x.transpose(1, 0, 2).reshape(time * batch, features)
        inputs = self._rows @ self._kernel
        inputs += self._input_bias()
        self._h = np.zeros((time + 1, batch, self.units), self.dtype)  # h[0]: nothing seen yet
        self._run(inputs.reshape(time, batch, -1))
        return self._h[1:].transpose(1, 0, 2) if self.return_sequences else self._h[-1]

    def _backward(self, dy):
        time, batch = len(self._h) - 1, self._h.shape[1]
        dh = np.zeros((time, batch, self.units), self.dtype)
        if self.return_sequences:
            dh[:] = dy.transpose(1, 0, 2)
        else:
            dh[-1] = dy
        d_inputs, d_recurrent = self._run_back(dh)
        d_rows = d_inputs.reshape(time * batch, -1)
        self.grads["kernel"] = self._rows.T @ d_rows
        self.grads["recurrent_kernel"] = self._recurrent_gradient(d_recurrent)
        self.grads["bias"] = self._bias_gradient(d_inputs, d_recurrent)
        dx = d_rows @ self._kernel.T
        return dx.reshape(time, batch, -1).transpose(1, 0, 2).copy()

    def _recurrent_gradient(self, d_recurrent):
        before = self._h[:-1].reshape(-1, self.units)
        return before.T @ d_recurrent.reshape(len(before), -1)

    def _bias_gradient(self, d_inputs, d_recurrent):
        return column_sums(d_inputs)

    def _run(self, inputs):
        raise NotImplementedError(f"{type(self).__name__} must define _run(inputs).")

    def _run_back(self, dh):
        raise NotImplementedError(f"{type(self).__name__} must define _run_back(dh).")


def orthogonal(rng, rows, columns):
    """A random matrix with orthonormal rows: it keeps the length of a state that it multiplies.

    Parameters
    ----------
    rng : numpy.random.Generator
    rows, columns : int
        Not more rows than columns.

    Returns
    -------
    array (rows, columns)
        Saxe, McClelland and Ganguli 2014, doi:10.48550/arXiv.1312.6120; Keras's starting value of
        a recurrent kernel. Taught in chapter 30.

    Examples
    --------
    >>> matrix = orthogonal(np.random.default_rng(0), 3, 6)
    >>> bool(np.allclose(matrix @ matrix.T, np.eye(3)))
    True
    """
    q, r = np.linalg.qr(rng.normal(size=(columns, rows)))
    # Without the signs, the decomposition would prefer some directions.
    return (q * np.sign(np.diag(r))).T


def column_sums(array):
    """Sum over all axes but the last; a product with ones is faster than array.sum."""
    rows = array.reshape(-1, array.shape[-1])
    return np.ones(len(rows), array.dtype) @ rows


def sigmoid_into(z):
    """Replace z by sigmoid(z), in place: 1 / (1 + exp(-z)) = (1 + tanh(z / 2)) / 2."""
    z *= 0.5
    np.tanh(z, out=z)
    z += 1
    z *= 0.5
    return z
