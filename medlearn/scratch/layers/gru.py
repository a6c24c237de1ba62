"""The gated recurrent unit, in both of its conventions."""

import numpy as np

from ..activations import find_activation
from .recurrent import RecurrentLayer, column_sums, sigmoid_into


class GRU(RecurrentLayer):
    """A state that an update gate z keeps, and a reset gate r hides from its candidate.

    z, r = sigmoid(x[t] @ kernel + h[t-1] @ recurrent_kernel + bias), first and second block;
    h[t] = z * h[t-1] + (1 - z) * candidate. The candidate is the activation of
    x[t] @ kernel + bias + r * (h[t-1] @ recurrent_kernel + recurrent bias) with reset_after, of
    x[t] @ kernel + bias + (r * h[t-1]) @ recurrent_kernel without; each with the third block.

    Parameters
    ----------
    units : int
        Length of the state.
    return_sequences : bool
        False: give the last state; True: that of every time step.
    activation : str or None
        Of the candidate; None is "tanh", Keras's default. The gates are sigmoids.
    dtype : {"float32", "float64"}
    seed : int or None
        Of the kernels' starting values.
    reset_after : bool
        Whether the reset gate acts after the product with the recurrent kernel (Keras's default)
        or before it.

    Attributes
    ----------
    params : dict
        kernel (features, 3 units), drawn uniformly from +-sqrt(6 / (features + 3 units));
        recurrent_kernel (units, 3 units) with orthonormal rows; bias, zero: (2, 3 units) with
        reset_after, the row of the inputs and that of the state, else (3 units,). Blocks in
        Keras's order: update gate, reset gate, candidate.

    Raises
    ------
    ValueError
        For units below 1 or an unknown activation; for an x that is not (batch, time, features)
        or has other features than the layer was built for.

    Notes
    -----
    Input (batch, time, features), output (batch, units) or (batch, time, units). The number of
    time steps may differ from call to call. Cho and others 2014, doi:10.3115/v1/D14-1179 (reset
    before the product, z as here); D0 3.2.1 and Chung and others 2014, arXiv:1412.3555, exchange
    z and 1 - z. Taught in chapter 30.

    Examples
    --------
    >>> for reset_after in (True, False):
    ...     layer = GRU(2, reset_after=reset_after)
    ...     layer.build((None, 5, 3))
    ...     print([weight.shape for weight in layer.get_weights()])
    [(3, 6), (2, 6), (2, 6)]
    [(3, 6), (2, 6), (6,)]
    """

    blocks = 3

    def __init__(
        self, units, return_sequences=False, activation=None, dtype="float32", seed=None,
        reset_after=True,
    ):
        super().__init__(units, return_sequences, activation, dtype, seed)
        if not isinstance(reset_after, (bool, np.bool_)):
            raise ValueError(f"reset_after must be True or False, got {reset_after!r}.")
        self.reset_after = bool(reset_after)

    def _starting_bias(self):
        columns = 3 * self.units
        return np.zeros((2, columns) if self.reset_after else columns)

    def _input_bias(self):
        return self.params["bias"][0] if self.reset_after else self.params["bias"]

    def _split(self, array):
        """The columns of the two gates, z and r, and those of the candidate."""
        return array[..., : 2 * self.units], array[..., 2 * self.units :]

    def _run(self, inputs):
        activate = find_activation(self.activation).forward
        self._blocks = inputs  # becomes z, r and the candidate
        self._product = np.empty_like(self._h[1:])  # what the candidate takes from the state
        self._bias = self.params["bias"][1] if self.reset_after else None
        for t, block in enumerate(self._blocks):
            h = self._h[t]
            gates, candidate = self._split(block)
            if self.reset_after:
                of_gates, of_candidate = self._split(h @ self._recurrent_kernel + self._bias)
                gates += of_gates
                z, r = self._gates(gates)
                self._product[t] = of_candidate
                candidate += r * of_candidate
            else:
                for_gates, for_candidate = self._split(self._recurrent_kernel)
                gates += h @ for_gates
                z, r = self._gates(gates)
                self._product[t] = r * h
                candidate += self._product[t] @ for_candidate
            candidate[:] = activate(candidate)
            self._h[t + 1] = candidate + z * (h - candidate)

    def _gates(self, gates):
        sigmoid_into(gates)
        return gates[:, : self.units], gates[:, self.units :]

    def _run_back(self, dh):
        slope = find_activation(self.activation).backward
        units, recurrent_kernel = self.units, self._recurrent_kernel
        d_inputs = np.empty_like(self._blocks)
        d_recurrent = np.empty_like(self._blocks) if self.reset_after else d_inputs
        for_gates, for_candidate = self._split(recurrent_kernel)
        later = 0
        for t in reversed(range(len(dh))):
            gates, candidate = self._split(self._blocks[t])
            z, r = gates[:, :units], gates[:, units:]
            d_gates, d_candidate = self._split(d_inputs[t])
            h, dh_t = self._h[t], dh[t] + later
            d_gates[:, :units] = dh_t * (h - candidate) * z * (1 - z)
            d_candidate[:] = slope(candidate, dh_t * (1 - z))
            if self.reset_after:
                dr = d_candidate * self._product[t]
            else:
                d_reset = d_candidate @ for_candidate.T  # for r * h
                dr = d_reset * h
            d_gates[:, units:] = dr * r * (1 - r)
            later = dh_t * z
            if self.reset_after:
                d_recurrent[t, :, : 2 * units] = d_gates
                d_recurrent[t, :, 2 * units :] = d_candidate * r
                later += d_recurrent[t] @ recurrent_kernel.T
            else:
                later += d_gates @ for_gates.T + d_reset * r
        return d_inputs, d_recurrent

    def _recurrent_gradient(self, d_recurrent):
        if self.reset_after:
            return super()._recurrent_gradient(d_recurrent)
        # The candidate's product takes r * h in place of h.
        d_gates, d_candidate = self._split(d_recurrent.reshape(-1, 3 * self.units))
        before, reset = (a.reshape(-1, self.units) for a in (self._h[:-1], self._product))
        return np.concatenate([before.T @ d_gates, reset.T @ d_candidate], axis=1)

    def _bias_gradient(self, d_inputs, d_recurrent):
        if self.reset_after:
            return np.stack([column_sums(d_inputs), column_sums(d_recurrent)])
        return column_sums(d_inputs)
