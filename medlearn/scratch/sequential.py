"""A network of layers one after the other, and its training."""

import copy
import math

import numpy as np

from .layers import Layer


class Sequential:
    """Layers in a row: the output of each is the input of the next.

    Parameters
    ----------
    layers : list of Layer
    seed : int or None
        Each layer without a seed of its own gets one derived from it; so do the shuffles of
        `fit`. The same seed gives the same weights, shuffles and dropout masks.

    Raises
    ------
    TypeError
        Where something in the list is not a Layer.
    ValueError
        Where the list is empty or a layer stands in it twice.

    Notes
    -----
    Taught in chapters 11 (the passes) and 12 (the training).

    Examples
    --------
    >>> from medlearn.scratch import Dense
    >>> model = Sequential([Dense(4, "relu"), Dense(1, "sigmoid")], seed=0)
    >>> model.forward(np.zeros((2, 3)))
    array([[0.5],
           [0.5]], dtype=float32)
    >>> [weight.shape for weight in model.get_weights()]
    [(3, 4), (4,), (4, 1), (1,)]
    """

    def __init__(self, layers, seed=None):
        self.layers = _checked_layers(layers)
        self.seed = seed
        # The shuffles come first: adding a layer then changes neither them nor earlier layers.
        shuffle_seed, *layer_seeds = np.random.SeedSequence(seed).spawn(len(self.layers) + 1)
        self._shuffles = np.random.default_rng(shuffle_seed)
        for layer, layer_seed in zip(self.layers, layer_seeds, strict=True):
            if layer.seed is None:
                layer.seed = int(layer_seed.generate_state(1)[0])
        self._loss = None

    @property
    def built(self):
        """Whether all layers have their weights."""
        return all(layer.built for layer in self.layers)

    def build(self, input_shape):
        """Make all weights for inputs of this shape, batch axis included: (None, 30), x.shape."""
        for layer in self.layers:
            layer.build(input_shape)
            input_shape = layer.output_shape(input_shape)

    def forward(self, x, training=False):
        """Run x (batch, ...) through all layers; the first call builds them."""
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def __call__(self, x, training=False):
        """Short for forward(x, training)."""
        return self.forward(x, training)

    def backward(self, dy):
        """Carry the gradient for the last output back; return the gradient for x.

        Raises
        ------
        RuntimeError
            Before the first forward pass.
        """
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy

    def get_weights(self):
        """Copies of all weights, layer by layer, in the order of Keras's get_weights()."""
        return [weight for layer in self.layers for weight in layer.get_weights()]

    def set_weights(self, weights):
        """Replace all weights by those of a list in the order of get_weights().

        Raises
        ------
        RuntimeError
            Before the model is built.
        ValueError
            Where an array has the wrong shape, or the list the wrong length; no weight is
            changed then.
        """
        if not self.built:
            raise RuntimeError(
                "The model has no weights yet. Call build(input_shape) or forward(x) before "
                "set_weights."
            )
        weights, old = list(weights), self.get_weights()
        shapes = [np.shape(weight) for weight in weights]
        if shapes != [weight.shape for weight in old]:
            raise ValueError(
                f"The model's weights have the shapes {[weight.shape for weight in old]}, "
                f"got {shapes}."
            )
        for layer in self.layers:
            count = len(layer.params) + len(layer.state)
            layer.set_weights(weights[:count])
            weights = weights[count:]

    def fit(
        self, x, y, loss, optimizer, epochs=1, batch_size=32,
        validation_data=None, patience=None, on_epoch=None, shuffle=True,
    ):
        """Train in mini-batches.

        Parameters
        ----------
        x : array (n, ...)
        y : array (n, ...)
            Of the output's shape.
        loss, optimizer
            Objects of this package, or others with the same methods.
        epochs, batch_size : int
            The last batch of an epoch holds what is left.
        validation_data : (x, y) or None
            Scored after each epoch.
        patience : int or None
            Stop after this many epochs in a row without a lower validation loss. With patience,
            the model has the weights of its best epoch at the end, stopped early or not.
        on_epoch : callable or None
            on_epoch(epoch, logs) is called after each epoch; epoch counts from 0, logs holds
            "loss" and, with validation data, "val_loss".
        shuffle : bool
            Draw a new order of the rows for each epoch.

        Returns
        -------
        dict of lists
            "loss": mean over the epoch's batches, in training mode, as Keras reports it;
            "val_loss" with validation data: after the epoch.

        Raises
        ------
        TypeError
            Where loss or optimizer lack the methods or are classes instead of objects; where
            validation_data is no pair.
        ValueError
            Where x and y differ in length, are empty, hold NaN or infinite values, or fit
            neither the layers nor the loss; where patience comes without validation data.

        Notes
        -----
        A sigmoid (softmax) in the last layer under BinaryCrossentropy (CategoricalCrossentropy)
        is taken together with it and computed from the logits, as Keras does: no gradient is
        lost where the probability rounds to 0 or 1. Early stopping: Prechelt 1998,
        doi:10.1016/S0893-6080(98)00010-0.

        Examples
        --------
        >>> from medlearn.scratch import Adam, BinaryCrossentropy, Dense
        >>> x = np.linspace(-1, 1, 20)[:, np.newaxis]
        >>> model = Sequential([Dense(1, "sigmoid")], seed=0)
        >>> history = model.fit(x, x > 0, BinaryCrossentropy(), Adam(0.1), 30, 5)
        >>> history["loss"][-1] < history["loss"][0]
        True
        """
        _check_training(loss, optimizer, epochs, batch_size, validation_data, patience)
        x, y = _checked_data(x, y, "x", "y")
        # Everything is checked before the first step: a refused call must not train half-way.
        _check_labels(loss, y)
        if validation_data is not None:
            validation_data = _checked_data(
                *_checked_pair(validation_data), "validation x", "validation y"
            )
            _check_labels(loss, validation_data[1])
            _check_same_kind((x, y), validation_data)
        self._loss = loss
        objective = _Objective(self, loss)
        history, best = {}, _BestWeights(self, patience)
        for epoch in range(epochs):
            order = self._shuffles.permutation(len(x)) if shuffle else np.arange(len(x))
            logs = {"loss": self._train_epoch(x, y, order, objective, optimizer, batch_size)}
            if validation_data is not None:
                logs["val_loss"] = self.evaluate(*validation_data, loss, batch_size)
            for name, value in logs.items():
                history.setdefault(name, []).append(value)
            if on_epoch is not None:
                on_epoch(epoch, dict(logs))
            if patience is not None and best.is_time_to_stop(logs["val_loss"]):
                break
        best.restore()
        return history

    def predict(self, x, batch_size=32):
        """Outputs for all rows of x, computed batch by batch, not in training mode.

        Parameters
        ----------
        x : array (n, ...)
        batch_size : int

        Returns
        -------
        array (n, ...)

        Raises
        ------
        ValueError
            Where x has no rows.
        """
        x = np.asarray(x)
        _check_whole_number("batch_size", batch_size, 1)
        _check_rows(x, "x")
        return np.concatenate([self.forward(x[rows]) for rows in _batches(len(x), batch_size)])

    def evaluate(self, x, y, loss=None, batch_size=32):
        """Mean loss over all rows, not in training mode, a float.

        Parameters
        ----------
        x : array (n, ...)
        y : array (n, ...)
        loss : loss or None
            None: that of the last `fit`.
        batch_size : int

        Raises
        ------
        RuntimeError
            Without a loss, before the first `fit`.
        ValueError
            As `fit`.
        """
        loss = self._loss if loss is None else loss
        if loss is None:
            raise RuntimeError("The model was not trained yet: give evaluate a loss.")
        _check_whole_number("batch_size", batch_size, 1)
        x, y = _checked_data(x, y, "x", "y")
        objective, total = _Objective(self, loss), 0.0
        for rows in _batches(len(x), batch_size):
            total += objective.forward(x[rows], y[rows], training=False) * len(x[rows])
        return total / len(x)

    def _train_epoch(self, x, y, order, objective, optimizer, batch_size):
        """One pass over the rows in the given order; the mean loss of a row."""
        total = 0.0
        for batch in _batches(len(x), batch_size):
            rows = order[batch]
            total += objective.forward(x[rows], y[rows], training=True) * len(rows)
            objective.backward()
            optimizer.step(self.layers)
        return total / len(x)


class _Objective:
    """A model and a loss; a last activation that the loss can undo is left to the loss."""

    def __init__(self, model, loss):
        self._model, self._loss = model, loss
        activation = getattr(loss, "activation", None)
        last = getattr(model.layers[-1], "activation", None)
        # A recurrent layer has an activation, too, but no logits that a loss could take.
        has_logits = hasattr(model.layers[-1], "backward_from_logits")
        undone = has_logits and activation is not None and activation == last
        if undone and loss.from_logits:
            raise ValueError(
                f"{type(loss).__name__}(from_logits=True) wants logits, and the last layer ends "
                f"in {last}. Leave out one of the two."
            )
        self._from_logits = undone
        if undone:
            self._loss = copy.copy(loss)
            self._loss.from_logits = True

    def forward(self, x, y, training):
        y_pred = self._model.forward(x, training)
        if self._from_logits:
            y_pred = self._model.layers[-1].logits
        return self._loss.forward(y, y_pred)

    def backward(self):
        if not self._from_logits:
            self._model.backward(self._loss.backward())
            return
        *others, last = self._model.layers
        dy = last.backward_from_logits(self._loss.backward())
        for layer in reversed(others):
            dy = layer.backward(dy)


class _BestWeights:
    """Early stopping: remembers the weights of the best epoch and says when to stop."""

    def __init__(self, model, patience):
        self._model, self._patience = model, patience
        self._lowest, self._weights, self._waited = math.inf, None, 0

    def is_time_to_stop(self, val_loss):
        if self._weights is None or val_loss < self._lowest:
            self._weights = self._model.get_weights()
        if val_loss < self._lowest:
            self._lowest, self._waited = val_loss, 0
            return False
        self._waited += 1
        return self._waited >= self._patience

    def restore(self):
        if self._weights is not None:
            self._model.set_weights(self._weights)


def _batches(n, batch_size):
    return [slice(start, start + batch_size) for start in range(0, n, batch_size)]


def _checked_layers(layers):
    if isinstance(layers, Layer):
        raise TypeError("A Sequential takes a list: write Sequential([layer]).")
    layers = list(layers)
    if not layers:
        raise ValueError("A Sequential needs at least one layer.")
    for layer in layers:
        if not isinstance(layer, Layer):
            raise TypeError(
                f"A Sequential holds layers of medlearn.scratch, got {type(layer).__name__}. "
                "For a layer of your own, subclass medlearn.scratch.Layer."
            )
    if len({id(layer) for layer in layers}) < len(layers):
        raise ValueError(
            "The same layer stands twice in the list. A layer remembers one forward pass: make "
            "two layers."
        )
    return layers


def _check_training(loss, optimizer, epochs, batch_size, validation_data, patience):
    _check_object("loss", loss, ("forward", "backward"), "MeanSquaredError()")
    _check_object("optimizer", optimizer, ("step",), "Adam()")
    _check_whole_number("epochs", epochs, 1)
    _check_whole_number("batch_size", batch_size, 1)
    if patience is None:
        return
    _check_whole_number("patience", patience, 0)
    if validation_data is None:
        raise ValueError("patience watches the validation loss: give validation_data=(x, y).")


def _check_object(name, value, methods, example):
    if isinstance(value, type):
        raise TypeError(f"{name} is the class {value.__name__}: add brackets, {value.__name__}().")
    if not all(hasattr(value, method) for method in methods):
        raise TypeError(f"{name} must be an object such as {example}, got {value!r}.")


def _checked_pair(validation_data):
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
        raise TypeError(
            f"validation_data must be a pair (x, y), got {type(validation_data).__name__}."
        )
    return validation_data


def _check_labels(loss, y):
    if hasattr(loss, "check_labels"):
        loss.check_labels(y)


def _check_same_kind(training, validation):
    for name, ours, theirs in zip("xy", training, validation, strict=True):
        if ours.shape[1:] != theirs.shape[1:]:
            raise ValueError(
                f"validation {name} has shape {theirs.shape}; all axes but the first must be as "
                f"in training, where {name} has shape {ours.shape}."
            )


def _check_whole_number(name, value, lowest):
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < lowest:
        raise ValueError(f"{name} must be a whole number of at least {lowest}, got {value!r}.")


def _check_rows(array, name):
    if array.ndim == 0 or len(array) == 0:
        raise ValueError(f"{name} has shape {array.shape}: no rows. Give at least one.")


def _checked_data(x, y, x_name, y_name):
    """x and y as arrays of finite numbers with equally many rows."""
    x, y = np.asarray(x), np.asarray(y)
    for array, name in ((x, x_name), (y, y_name)):
        if array.dtype.kind not in "fiub":
            raise ValueError(f"{name} must hold numbers, got dtype {array.dtype}.")
        _check_rows(array, name)
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            raise ValueError(
                f"{name} holds {len(bad)} NaN or infinite values, the first in row {bad[0][0]}. "
                "Impute or drop them before training."
            )
    if len(x) != len(y):
        raise ValueError(f"{x_name} has {len(x)} rows, {y_name} has {len(y)}: one each is needed.")
    return x, y
