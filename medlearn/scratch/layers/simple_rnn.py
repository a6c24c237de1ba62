"""The plain recurrent layer."""

import numpy as np

from ..activations import find_activation
from .recurrent import RecurrentLayer


class SimpleRNN(RecurrentLayer):
    """A state that is made anew at each step from the input and the state before.

    h[t] = activation(x[t] @ kernel + h[t-1] @ recurrent_kernel + bias), h[0] = 0 before the first.

    Parameters
    ----------
    units : int
        Length of the state.
    return_sequences : bool
        False: give the last state; True: that of every time step.
    activation : str or None
        Name of an activation; None is "tanh", Keras's default.
    dtype : {"float32", "float64"}
    seed : int or None
        Of the kernels' starting values.

    Attributes
    ----------
    params : dict
        kernel (features, units), drawn uniformly from +-sqrt(6 / (features + units));
        recurrent_kernel (units, units), a random orthogonal matrix; bias (units,), zero: as in
        Keras.

    Raises
    ------
    ValueError
        For units below 1 or an unknown activation; for an x that is not (batch, time, features)
        or has other features than the layer was built for.

    Notes
    -----
    Input (batch, time, features), output (batch, units) or (batch, time, units). The number of
    time steps may differ from call to call. Source: D4 4.2; Elman 1990,
    doi:10.1207/s15516709cog1402_1. Taught in chapter 30.

    Examples
    --------
    >>> layer = SimpleRNN(1, activation="linear")
    >>> layer.build((None, 3, 1))
    >>> layer.set_weights([[[1.0]], [[0.5]], [0.0]])
    >>> layer.forward([[[4.0], [2.0], [1.0]]])
    array([[3.]], dtype=float32)
    >>> layer.backward([[1.0]]).ravel()
    array([0.25, 0.5 , 1.  ], dtype=float32)
    """

    def _run(self, inputs):
        activate = find_activation(self.activation).forward
        for t, step in enumerate(inputs):
            self._h[t + 1] = activate(step + self._h[t] @ self._recurrent_kernel)

    def _run_back(self, dh):
        slope = find_activation(self.activation).backward
        dz = np.empty_like(dh)
        from_later = 0
        for t in reversed(range(len(dh))):
            dz[t] = slope(self._h[t + 1], dh[t] + from_later)
            from_later = dz[t] @ self._recurrent_kernel.T
        return dz, dz
