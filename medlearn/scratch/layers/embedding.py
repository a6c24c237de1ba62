"""From the number of a word or code to a row of learned numbers."""

import numpy as np

from .base import Layer


class Embedding(Layer):
    """Look each token up in a table that is trained: y = embeddings[x].

    Parameters
    ----------
    input_dim : int
        Number of tokens; they are counted from 0.
    output_dim : int
        Numbers that stand for a token.
    dtype : {"float32", "float64"}
    seed : int or None
        Of the table's starting values.

    Attributes
    ----------
    params : dict
        embeddings (input_dim, output_dim), drawn uniformly from +-0.05, as in Keras.

    Raises
    ------
    ValueError
        For dimensions below 1; for tokens that are not whole numbers from 0 to input_dim - 1.

    Notes
    -----
    Input (batch, ...) of whole numbers, output (batch, ..., output_dim). A row of the table
    collects the gradients of all places where its token stands. There is nothing to be moved in a
    token: backward returns zeros for x. No token is masked. Gradients and plain steps are Keras's;
    Keras's Adam (3.15) squares the parts that repeated tokens send before it adds them up, so that
    its steps for such tokens are longer. Taught in chapter 32.

    Examples
    --------
    >>> layer = Embedding(3, 2)
    >>> layer.build((None, 4))
    >>> layer.set_weights([[[0.0, 0.1], [1.0, 1.1], [2.0, 2.1]]])
    >>> layer.forward([[2, 0, 2, 2]])[0]
    array([[2. , 2.1],
           [0. , 0.1],
           [2. , 2.1],
           [2. , 2.1]], dtype=float32)
    >>> _ = layer.backward(np.ones((1, 4, 2)))
    >>> layer.grads["embeddings"]
    array([[1., 1.],
           [0., 0.],
           [3., 3.]], dtype=float32)
    """

    def __init__(self, input_dim, output_dim, dtype="float32", seed=None):
        super().__init__(dtype, seed)
        for name, value in (("input_dim", input_dim), ("output_dim", output_dim)):
            whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
            if not whole or value < 1:
                raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}.")
        self.input_dim, self.output_dim = int(input_dim), int(output_dim)

    def output_shape(self, input_shape):
        """(batch, ...) becomes (batch, ..., output_dim)."""
        return (*input_shape, self.output_dim)

    def _check_input_shape(self, shape):
        """Any shape will do: the number of tokens may differ from call to call."""
        if not shape:
            raise ValueError("Embedding expected tokens of shape (batch, ...), got one number.")

    def _build(self, input_shape):
        table = self.rng.uniform(-0.05, 0.05, (self.input_dim, self.output_dim))
        self.params["embeddings"] = table.astype(self.dtype)

    def _forward(self, x, training):
        if not np.array_equal(x, np.floor(x)):  # NaN, too, differs from itself
            raise ValueError("Embedding takes tokens, whole numbers; x holds others.")
        unknown = x[(x < 0) | (x >= self.input_dim)]
        if unknown.size:
            raise ValueError(
                f"Embedding has rows for the tokens 0 to {self.input_dim - 1}; x holds "
                f"{unknown[0]:g}. Give it a larger input_dim, or map rare tokens to one that "
                "stands for all of them."
            )
        self._tokens = x.astype(np.int64)
        return self.params["embeddings"][self._tokens]

    def _backward(self, dy):
        gradient = np.zeros((self.input_dim, self.output_dim), self.dtype)
        # Adds at repeated tokens, which gradient[tokens] += dy would not.
        np.add.at(gradient, self._tokens.ravel(), dy.reshape(-1, self.output_dim))
        self.grads["embeddings"] = gradient
        return np.zeros(self._tokens.shape, self.dtype)
