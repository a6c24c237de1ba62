"""Training a classifier: Adam, a learning rate that rises and falls, the best epoch kept."""

import math

import numpy as np

from .blocks import rise_and_fall


def train_classifier(
    model,
    train,
    validation,
    epochs,
    learning_rate=3e-3,
    batch_size=64,
    class_weight=None,
    on_epoch=None,
):
    """Train a network that gives logits, and keep the epoch of the lowest validation loss.

    The learning rate rises to `learning_rate` over the first tenth of the steps and then falls
    along half a cosine to nearly 0, so that the last epochs settle. The loss is the cross-entropy
    of the logits: the binary one where the network gives one, else that of a softmax over them.

    Parameters
    ----------
    model : keras.Model
        From (n, ...) to (n, 1), or to (n, classes): logits, so without a last activation. Several
        inputs are given as a tuple of arrays.
    train, validation : Split
        With inputs `x`, shape (n, ...), and outcomes `y`, shape (n,): 0 and 1, or the number of
        the class, from 0.
    epochs, batch_size : int
    learning_rate : float
        The highest.
    class_weight : dict of int to float, optional
        How much one case of each class weighs in the loss of the training part; that of the
        validation part is never weighted.
    on_epoch : callable, optional
        Called with ``(epoch, logs)``, such as `medlearn.plots.training_progress(epochs)`.

    Returns
    -------
    dict of str to list of float
        "loss" and "val_loss", one an epoch. The model then holds the weights of the epoch with
        the lowest "val_loss".

    Raises
    ------
    ValueError
        If the network ends in a sigmoid or softmax, if an outcome is none of its classes, or if
        epochs is below 1.

    Notes
    -----
    Taught in chapter 21. Source of the schedule: Loshchilov and Hutter, ICLR 2017,
    arXiv:1608.03983. Call ``keras.utils.set_random_seed`` before the network is built.
    """
    outputs = model.output_shape[-1]
    _check_logits(model)
    _check_outcomes((train.y, validation.y), max(outputs, 2))
    if epochs < 1:
        raise ValueError(f"epochs is {epochs}: give 1 or more")
    import keras

    losses = keras.losses
    loss = losses.BinaryCrossentropy if outputs == 1 else losses.SparseCategoricalCrossentropy

    steps = epochs * math.ceil(len(train.y) / batch_size)
    schedule = rise_and_fall(learning_rate, steps, start=0.01, end=0.01)
    model.compile(
        optimizer=keras.optimizers.Adam(schedule),
        loss=loss(from_logits=True),
    )
    callbacks = [keras.callbacks.EarlyStopping(patience=epochs, restore_best_weights=True)]
    if on_epoch is not None:
        callbacks.append(keras.callbacks.LambdaCallback(on_epoch_end=on_epoch))
    history = model.fit(
        train.x,
        train.y,
        validation_data=(validation.x, validation.y),
        epochs=epochs,
        batch_size=batch_size,
        class_weight=class_weight,
        verbose=0,
        callbacks=callbacks,
    )
    return history.history


def _check_logits(model):
    last = getattr(model.layers[-1], "activation", None)
    name = getattr(last, "__name__", "linear")
    if name != "linear":
        raise ValueError(
            f"the network ends in {name}: end it with a Dense layer without activation, "
            "the loss applies its own"
        )


def _check_outcomes(outcomes, classes):
    for y in outcomes:
        if np.min(y) < 0 or np.max(y) >= classes:
            raise ValueError(
                f"outcomes go from {np.min(y)} to {np.max(y)}, the network tells 0 to "
                f"{classes - 1}: number the classes from 0, and give the last layer one unit each"
            )


def logits(model, x, batch_size=512, mirrored=False):
    """What a network says of its inputs, when predicting: no dropout, no augmentation.

    Parameters
    ----------
    model : keras.Model
        From (n, ...) to (n, 1) or (n, classes).
    x : array, shape (n, ...), or tuple of such arrays
        A tuple for a network with several inputs.
    batch_size : int
        Inputs at once: it bounds the memory, and changes no result.
    mirrored : bool
        For pictures, shape (n, rows, columns, channels): whether to give the mean of the logits of
        the picture and of its mirror image, left to right. Ask anatomy first, as for
        `augmentation`.

    Returns
    -------
    numpy.ndarray of float64, shape (n,) or (n, classes)

    Raises
    ------
    ValueError
        If what is to be mirrored is no set of pictures.

    Notes
    -----
    Calls the network itself; ``model.predict`` sets up a loop anew each time. Taught in
    chapter 21.
    """
    if mirrored:
        if np.ndim(x) != 4:
            raise ValueError(
                f"x has shape {np.shape(x)}: to mirror, give pictures (n, rows, columns, channels)"
            )
        both = (logits(model, each, batch_size) for each in (x, x[:, :, ::-1]))
        return sum(both) / 2
    several = isinstance(x, (tuple, list))
    inputs = x if several else (x,)
    parts = []
    for first in range(0, len(inputs[0]), batch_size):
        batch = [each[first : first + batch_size] for each in inputs]
        parts.append(np.asarray(model(batch if several else batch[0], training=False)))
    scores = np.concatenate(parts).astype(float)
    return scores[:, 0] if scores.shape[-1] == 1 else scores
