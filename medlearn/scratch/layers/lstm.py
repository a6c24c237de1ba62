"""The long short-term memory."""

import numpy as np

from ..activations import find_activation
from .recurrent import RecurrentLayer, sigmoid_into


class LSTM(RecurrentLayer):
    """A state h beside a cell c, which gates write to, forget and read.

    With z = x[t] @ kernel + h[t-1] @ recurrent_kernel + bias, in four blocks of `units` columns:
    i, f, o = sigmoid of the first, second and fourth, g = activation of the third;
    c[t] = f * c[t-1] + i * g and h[t] = o * activation(c[t]).

    Parameters
    ----------
    units : int
        Length of the state and of the cell.
    return_sequences : bool
        False: give the last state; True: that of every time step.
    activation : str or None
        Of candidate and cell; None is "tanh", Keras's default. The gates are sigmoids.
    dtype : {"float32", "float64"}
    seed : int or None
        Of the kernels' starting values.

    Attributes
    ----------
    params : dict
        kernel (features, 4 units), drawn uniformly from +-sqrt(6 / (features + 4 units));
        recurrent_kernel (units, 4 units) with orthonormal rows; bias (4 units,), zero but for
        ones at the forget gate. Blocks in Keras's order: input gate, forget gate, candidate,
        output gate.

    Raises
    ------
    ValueError
        For units below 1 or an unknown activation; for an x that is not (batch, time, features)
        or has other features than the layer was built for.

    Notes
    -----
    Input (batch, time, features), output (batch, units) or (batch, time, units). The number of
    time steps may differ from call to call. Source: D4 4.2; Hochreiter and Schmidhuber 1997,
    doi:10.1162/neco.1997.9.8.1735; the forget gate: Gers, Schmidhuber and Cummins 2000,
    doi:10.1162/089976600300015015. Taught in chapter 30.

    Examples
    --------
    >>> layer = LSTM(2)
    >>> layer.build((None, 5, 3))
    >>> [(name, weight.shape) for name, weight in layer.params.items()]
    [('kernel', (3, 8)), ('recurrent_kernel', (2, 8)), ('bias', (8,))]
    >>> layer.params["bias"]
    array([0., 0., 1., 1., 0., 0., 0., 0.], dtype=float32)
    """

    blocks = 4

    def _starting_bias(self):
        bias = super()._starting_bias()
        bias[self.units : 2 * self.units] = 1  # at first, forget little
        return bias

    def _split(self, gates):
        """The four blocks of columns: i, f, g, o."""
        units = self.units
        return (gates[..., k * units : (k + 1) * units] for k in range(4))

    def _run(self, inputs):
        activate = find_activation(self.activation).forward
        self._gates = inputs
        self._c = np.zeros_like(self._h)
        self._active_c = np.empty_like(self._h[1:])
        for t, z in enumerate(self._gates):
            z += self._h[t] @ self._recurrent_kernel
            i, f, g, o = self._split(z)
            g[:] = activate(g)
            sigmoid_into(z[:, : 2 * self.units])  # i and f
            sigmoid_into(o)
            self._c[t + 1] = f * self._c[t] + i * g
            self._active_c[t] = activate(self._c[t + 1])
            self._h[t + 1] = o * self._active_c[t]

    def _run_back(self, dh):
        slope = find_activation(self.activation).backward
        dz = np.empty_like(self._gates)
        dh_later = dc_later = 0
        for t in reversed(range(len(dh))):
            i, f, g, o = self._split(self._gates[t])
            di, df, dg, do = self._split(dz[t])
            dh_t = dh[t] + dh_later
            dc = slope(self._active_c[t], dh_t * o) + dc_later
            di[:] = dc * g * i * (1 - i)
            df[:] = dc * self._c[t] * f * (1 - f)
            dg[:] = slope(g, dc * i)
            do[:] = dh_t * self._active_c[t] * o * (1 - o)
            dh_later = dz[t] @ self._recurrent_kernel.T
            dc_later = dc * f
        return dz, dz
