"""Two recurrent cells as D0 and D1 print them, made trainable for the comparison of chapter 30.

They are wrong on purpose and no part of the package. Each walks step by step as the formula reads;
their gradients are held to finite differences in the tests.
"""

import numpy as np

from medlearn.scratch import Layer, sigmoid


def glorot(rng, rows, columns):
    """Starting values of a kernel, as in medlearn.scratch."""
    limit = np.sqrt(6 / (rows + columns))
    return rng.uniform(-limit, limit, (rows, columns))


class PrintedLSTM(Layer):
    """D1 3.2.1: gates i, f, o and candidate g, h = f * h + i * g. No cell; o leads nowhere.

    `shared=True` as printed: one matrix for x and h, so that both need the same width, and x is
    filled up with zeros. `shared=False` gives each a matrix of its own and keeps the rest.
    """

    def __init__(self, units, shared, dtype="float32", seed=None):
        super().__init__(dtype, seed)
        self.units, self.shared = units, shared

    def output_shape(self, input_shape):
        return (input_shape[0], self.units)

    def _build(self, input_shape):
        rows = self.units if self.shared else input_shape[-1] + self.units
        kernel = glorot(self.rng, rows, 4 * self.units)
        self.params["kernel"] = kernel.astype(self.dtype)
        self.params["bias"] = np.zeros(4 * self.units, self.dtype)
        self.params["bias"][self.units : 2 * self.units] = 1  # of f, as in Keras's LSTM

    def _seen(self, x, h):
        """What meets the matrix: x + h where they share it, else x beside h."""
        if not self.shared:
            return np.concatenate([x, h], axis=1)
        seen = h.copy()
        seen[:, : x.shape[1]] += x
        return seen

    def _forward(self, x, training):
        self._x, self._kernel = x, self.params["kernel"]
        self._steps = []
        h = np.zeros((len(x), self.units), self.dtype)
        for t in range(x.shape[1]):
            seen = self._seen(x[:, t], h)
            i, f, o, g = np.split(seen @ self._kernel + self.params["bias"], 4, axis=1)
            i, f, g = sigmoid(i), sigmoid(f), np.tanh(g)
            self._steps.append((seen, h, i, f, g))
            h = f * h + i * g
        return h

    def _backward(self, dy):
        dx, dh = np.zeros_like(self._x), dy
        self.grads = {name: np.zeros_like(weight) for name, weight in self.params.items()}
        for t, (seen, h, i, f, g) in reversed(list(enumerate(self._steps))):
            dz = np.concatenate([
                dh * g * i * (1 - i), dh * h * f * (1 - f), np.zeros_like(h),  # nothing to o
                dh * i * (1 - g**2),
            ], axis=1)
            self.grads["kernel"] += seen.T @ dz
            self.grads["bias"] += dz.sum(axis=0)
            d_seen, features = dz @ self._kernel.T, self._x.shape[2]
            dx[:, t] = d_seen[:, :features]
            dh = dh * f + (d_seen if self.shared else d_seen[:, features:])
        return dx


class PrintedGRU(Layer):
    """D0 3.2.1: a GRU whose candidate multiplies the state entry by entry: w_hh * (r * h).

    h = (1 - z) * h + z * candidate. Its first line, a plain RNN, is overwritten by the last and
    so left out.
    """

    def __init__(self, units, dtype="float32", seed=None):
        super().__init__(dtype, seed)
        self.units = units

    def output_shape(self, input_shape):
        return (input_shape[0], self.units)

    def _build(self, input_shape):
        features, units = input_shape[-1], self.units
        start = {
            "gates": glorot(self.rng, features + units, 2 * units),
            "gates_bias": np.zeros(2 * units),
            "kernel": glorot(self.rng, features, units),
            "recurrent_kernel": self.rng.choice([-1.0, 1.0], units),  # a vector
            "bias": np.zeros(units),
        }
        self.params.update({name: value.astype(self.dtype) for name, value in start.items()})

    def _forward(self, x, training):
        self._x, self._used = x, dict(self.params)
        own = self._used["recurrent_kernel"]
        self._steps = []
        h = np.zeros((len(x), self.units), self.dtype)
        for t in range(x.shape[1]):
            seen = np.concatenate([x[:, t], h], axis=1)
            z, r = np.split(sigmoid(seen @ self._used["gates"] + self._used["gates_bias"]), 2, 1)
            candidate = np.tanh(own * (r * h) + x[:, t] @ self._used["kernel"] + self._used["bias"])
            self._steps.append((seen, h, z, r, candidate))
            h = (1 - z) * h + z * candidate
        return h

    def _backward(self, dy):
        dx, dh, own = np.zeros_like(self._x), dy, self._used["recurrent_kernel"]
        self.grads = {name: np.zeros_like(weight) for name, weight in self.params.items()}
        for t, (seen, h, z, r, candidate) in reversed(list(enumerate(self._steps))):
            x, features = self._x[:, t], self._x.shape[2]
            d_candidate = dh * z * (1 - candidate**2)
            d_gates = np.concatenate([
                dh * (candidate - h) * z * (1 - z), d_candidate * own * h * r * (1 - r),
            ], axis=1)
            self.grads["gates"] += seen.T @ d_gates
            self.grads["gates_bias"] += d_gates.sum(axis=0)
            self.grads["kernel"] += x.T @ d_candidate
            self.grads["recurrent_kernel"] += (d_candidate * r * h).sum(axis=0)
            self.grads["bias"] += d_candidate.sum(axis=0)
            d_seen = d_gates @ self._used["gates"].T
            dx[:, t] = d_seen[:, :features] + d_candidate @ self._used["kernel"].T
            dh = dh * (1 - z) + d_candidate * own * r + d_seen[:, features:]
        return dx
