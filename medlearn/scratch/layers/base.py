"""What every layer has in common: shapes, weights, the order of calls."""

import numpy as np


class Layer:
    """A step of a network that maps an array x to an array y and carries gradients back.

    A subclass writes three methods: `_build(input_shape)` fills `params` (and `state`),
    `_forward(x, training)` returns y, `_backward(dy)` fills `grads` and returns the gradient
    for x. It says `output_shape` where y has another shape than x. The base class checks shapes,
    converts to the layer's dtype and keeps the order of calls.

    Parameters
    ----------
    dtype : {"float32", "float64"}
        Of the weights, the outputs and the gradients.
    seed : int or None
        Where the layer's random numbers start. None: from chance, unless a Sequential with a
        seed hands it one.

    Attributes
    ----------
    params, grads : dict of arrays
        Trained weights under Keras's names, and the gradients of the last backward pass.
    state : dict of arrays
        Weights that are not trained by gradients.
    built : bool
        Whether the weights exist.

    Notes
    -----
    Taught in chapter 11 (D2 3.1: forward and backward pass).

    Examples
    --------
    >>> class Double(Layer):
    ...     def _forward(self, x, training):
    ...         return 2 * x
    ...     def _backward(self, dy):
    ...         return 2 * dy
    >>> layer = Double()
    >>> layer.forward(np.ones((1, 2)))
    array([[2., 2.]], dtype=float32)
    >>> layer.backward(np.ones((1, 2)))
    array([[2., 2.]], dtype=float32)
    """

    minimum_rank = 1  # how many axes x must have, the first being the batch

    def __init__(self, dtype="float32", seed=None):
        self.dtype = _checked_dtype(dtype)
        self.seed = seed
        self.params, self.grads, self.state = {}, {}, {}
        self.built = False
        self._input_shape = None
        self._output_shape = None
        self._generator = None

    @property
    def rng(self):
        """The layer's own numpy random generator, made from `seed` at its first use."""
        if self._generator is None:
            self._generator = np.random.default_rng(self.seed)
        return self._generator

    def build(self, input_shape):
        """Make the weights for inputs of this shape, batch axis included: (None, 30), x.shape.

        Raises
        ------
        ValueError
            Where the layer cannot take such inputs, or was built for others.
        """
        self._check_input_shape(tuple(input_shape))
        if not self.built:
            self._build(tuple(input_shape))
            self._input_shape = tuple(input_shape)
            self.built = True

    def output_shape(self, input_shape):
        """Shape of y for an x of shape `input_shape`, both with the batch axis."""
        return tuple(input_shape)

    def forward(self, x, training=False):
        """Compute y from x; the first call builds the layer.

        Parameters
        ----------
        x : array (batch, ...)
        training : bool
            Dropout and BatchNormalization behave differently in training.

        Returns
        -------
        array (batch, ...) of the layer's dtype

        Raises
        ------
        ValueError
            Where x has the wrong rank or width, or no rows.
        """
        # A copy: what the caller does to x afterwards must not reach the backward pass.
        x = np.array(x, dtype=self.dtype)
        self.build(x.shape)
        if x.shape[0] == 0:
            raise ValueError(
                f"{type(self).__name__} got x of shape {x.shape}: no rows. Give at least one."
            )
        y = self._forward(x, training)
        self._output_shape = y.shape
        return y.copy()

    def __call__(self, x, training=False):
        """Short for forward(x, training)."""
        return self.forward(x, training)

    def backward(self, dy):
        """Carry a gradient back through the last forward pass.

        Parameters
        ----------
        dy : array of the last output's shape
            Gradient of the loss for y.

        Returns
        -------
        array of the last input's shape
            Gradient of the loss for x; `grads` is overwritten. A second call gives the same.

        Raises
        ------
        RuntimeError
            Before the first forward pass.
        ValueError
            Where dy has not the shape of the last output.
        """
        return self._backward(self._checked_dy(dy))

    def get_weights(self):
        """Copies of all weights as a list, in the order of Keras's get_weights()."""
        return [array.copy() for store in (self.params, self.state) for array in store.values()]

    def set_weights(self, weights):
        """Replace all weights by those of a list in the order of get_weights().

        Raises
        ------
        RuntimeError
            Before the layer is built.
        ValueError
            Where an array has the wrong shape, or the list the wrong length.
        """
        if not self.built:
            raise RuntimeError(
                f"{type(self).__name__} has no weights yet. Call build(input_shape) or "
                "forward(x) before set_weights."
            )
        slots = [(store, name) for store in (self.params, self.state) for name in store]
        weights = [np.array(weight, dtype=self.dtype) for weight in weights]
        if len(weights) != len(slots):
            raise ValueError(
                f"{type(self).__name__} has {len(slots)} weights "
                f"({', '.join(name for _, name in slots) or 'none'}), got {len(weights)}."
            )
        # All shapes first: a refused list must leave no weight changed.
        for (store, name), weight in zip(slots, weights, strict=True):
            if weight.shape != store[name].shape:
                raise ValueError(
                    f"{type(self).__name__}: {name} has shape {store[name].shape}, "
                    f"got {weight.shape}."
                )
        for (store, name), weight in zip(slots, weights, strict=True):
            store[name] = weight

    def _build(self, input_shape):
        """Fill `params` and `state`. A layer without weights has nothing to do."""

    def _forward(self, x, training):
        raise NotImplementedError(f"{type(self).__name__} must define _forward(x, training).")

    def _backward(self, dy):
        raise NotImplementedError(f"{type(self).__name__} must define _backward(dy).")

    def _check_input_shape(self, shape):
        """Raise ValueError where x of this shape does not fit the layer."""
        name = type(self).__name__
        if len(shape) < self.minimum_rank:
            raise ValueError(
                f"{name} expected an input of at least {self.minimum_rank} axes, batch first, "
                f"got shape {shape}. For one sample add the batch axis: x[np.newaxis]; for one "
                "feature the feature axis: x[:, np.newaxis]."
            )
        # Without weights there is nothing that a width could fail to fit.
        if self.params and shape[-1] != self._input_shape[-1]:
            raise ValueError(
                f"{name} was built for inputs with a last axis of {self._input_shape[-1]}, "
                f"expected shape (..., {self._input_shape[-1]}), got {shape}."
            )

    def _checked_dy(self, dy):
        if self._output_shape is None:
            raise RuntimeError(
                f"{type(self).__name__}.backward belongs to the last forward pass: call "
                "forward(x) first."
            )
        dy = np.asarray(dy, dtype=self.dtype)
        if dy.shape != self._output_shape:
            raise ValueError(
                f"{type(self).__name__}.backward expected dy of the last output's shape "
                f"{self._output_shape}, got {dy.shape}."
            )
        return dy


def _checked_dtype(dtype):
    dtype = np.dtype(dtype)
    if dtype not in (np.float32, np.float64):
        raise ValueError(f"dtype must be 'float32' or 'float64', got {dtype.name!r}.")
    return dtype
