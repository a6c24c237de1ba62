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
    on_epoch=None,
):
    """Train a network that gives one logit, and keep the epoch of the lowest validation loss.

    The learning rate rises to `learning_rate` over the first tenth of the steps and then falls
    along half a cosine to nearly 0, so that the last epochs settle. The loss is the binary
    cross-entropy of the logit.

    Parameters
    ----------
    model : keras.Model
        From (n, rows, columns, channels) to (n, 1).
    train, validation : Split
        With pictures `x` and outcomes `y` (0 and 1).
    epochs, batch_size : int
    learning_rate : float
        The highest.
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
        If the network gives anything but one number a picture, or epochs is below 1.

    Notes
    -----
    Taught in chapter 21. Source of the schedule: Loshchilov and Hutter, ICLR 2017,
    arXiv:1608.03983. Call ``keras.utils.set_random_seed`` before the network is built.
    """
    if model.output_shape[-1] != 1:
        raise ValueError(
            f"the network gives {model.output_shape[-1]} numbers a picture: end it with Dense(1)"
        )
    if epochs < 1:
        raise ValueError(f"epochs is {epochs}: give 1 or more")
    import keras

    steps = epochs * math.ceil(len(train.y) / batch_size)
    schedule = rise_and_fall(learning_rate, steps, start=0.01, end=0.01)
    model.compile(
        optimizer=keras.optimizers.Adam(schedule),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
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
        verbose=0,
        callbacks=callbacks,
    )
    return history.history


def logits(model, x, batch_size=512):
    """What a network says of pictures, when predicting: no dropout, no augmentation.

    Parameters
    ----------
    model : keras.Model
        From (n, rows, columns, channels) to (n, 1).
    x : array, shape (n, rows, columns, channels)
    batch_size : int
        Pictures at once: it bounds the memory, and changes no result.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)

    Notes
    -----
    Calls the network itself; ``model.predict`` sets up a loop anew each time. Taught in
    chapter 21.
    """
    parts = [
        np.asarray(model(x[first : first + batch_size], training=False))[:, 0]
        for first in range(0, len(x), batch_size)
    ]
    return np.concatenate(parts).astype(float)
