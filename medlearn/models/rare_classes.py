"""A rare disease made from a frequent one, and simple ways to make up for its rareness."""

import numpy as np

from .blocks import convolution, rise_and_fall


def thin_diseased(y, well_for_each, seed):
    """Keep all the well, and so few of the ill that many well ones come to each.

    Parameters
    ----------
    y : array of 0 and 1, shape (n,)
    well_for_each : int
        The well that come to one ill: 20 for 1 to 20.
    seed : int
        Of the draw.

    Returns
    -------
    well, ill, left_out : arrays of int
        Rows of the well, of the ill that are kept, and of the ill that are not.

    Raises
    ------
    ValueError
        If not even one would be kept, or there are too few ill.

    Notes
    -----
    Taught in chapter 41.

    Examples
    --------
    >>> well, ill, left_out = thin_diseased([0] * 40 + [1] * 30, well_for_each=20, seed=0)
    >>> len(well), len(ill), len(left_out)
    (40, 2, 28)
    """
    y = np.asarray(y)
    well, diseased = np.flatnonzero(y == 0), np.flatnonzero(y == 1)
    kept = round(len(well) / well_for_each)
    if not 1 <= kept <= len(diseased):
        raise ValueError(
            f"{len(well)} well and {len(diseased)} ill: 1 to {well_for_each} would keep {kept} of "
            "the ill; give another ratio, or more cases"
        )
    ill = np.sort(np.random.default_rng([41, seed]).choice(diseased, kept, replace=False))
    return well, ill, np.setdiff1d(diseased, ill)


def between_neighbours(x, count, seed, neighbours=5):
    """New pictures on the straight lines between pictures and near ones of the same class (SMOTE).

    Parameters
    ----------
    x : array, shape (n, ...)
        Pictures of one class, at least two.
    count, seed : int
        Of the new ones; of the draw.
    neighbours : int
        A partner is drawn from that many nearest (by pixels).

    Returns
    -------
    numpy.ndarray of float32, shape (count, ...)

    Raises
    ------
    ValueError
        On fewer than two pictures.

    Notes
    -----
    Taught in chapter 41. Source: Chawla and others, Journal of Artificial Intelligence Research
    2002;16:321, doi 10.1613/jair.953.

    Examples
    --------
    >>> new = between_neighbours(np.array([[0.0], [1.0]]), 50, seed=0)
    >>> bool(new.min() >= 0), bool(new.max() <= 1)
    (True, True)
    """
    if len(x) < 2:
        raise ValueError(f"{len(x)} picture(s): give at least two, to draw between them")
    from scipy.spatial.distance import cdist

    flat = x.reshape(len(x), -1)
    distance = cdist(flat, flat)
    np.fill_diagonal(distance, np.inf)
    nearest = np.argsort(distance, axis=1)[:, : min(neighbours, len(x) - 1)]
    rng = np.random.default_rng([41, seed])
    start = rng.integers(len(x), size=count)
    partner = nearest[start, rng.integers(nearest.shape[1], size=count)]
    share = rng.random((count,) + (1,) * (x.ndim - 1))
    return ((1 - share) * x[start] + share * x[partner]).astype("float32")


def rare_class_network(filters=(16, 32, 64), dropout=0.2, augment=None):
    """A network of three strided convolutions: a tenth of the work of chapter 21's.

    Parameters
    ----------
    filters : sequence of int
        Feature maps of each convolution; each halves rows and columns.
    dropout : float
    augment : keras.Layer, optional
        Applied to the pictures first.

    Returns
    -------
    keras.Model
        From (n, 28, 28, 1) to logits (n, 1).

    Notes
    -----
    Taught in chapter 41.

    Examples
    --------
    >>> rare_class_network().output_shape
    (None, 1)
    """
    from keras import Input, Model, layers

    pictures = Input((28, 28, 1))
    x = pictures if augment is None else augment(pictures)
    for count in filters:
        x = convolution(x, count, strides=2)
    x = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(x))
    return Model(pictures, layers.Dense(1, name="logit")(x), name="rare_class_network")


def train_for_steps(model, x, y, steps, weights=None, seed=0, learning_rate=3e-3, batch_size=64):
    """Train for a fixed number of steps, and keep the last weights: nothing is chosen.

    Sets of different sizes get the same number of steps. The learning rate rises and falls as in
    chapter 21.

    Parameters
    ----------
    model : keras.Model
        From (n, ...) to logits (n, 1).
    x : array, shape (n, ...)
    y : array of 0 and 1, shape (n,)
    steps, batch_size : int
    weights : array, shape (n,), optional
        How much each case counts in the loss.
    seed : int
        Of the order.
    learning_rate : float
        The highest.

    Returns
    -------
    list of float
        The mean loss over all steps, as the only entry.

    Raises
    ------
    ValueError
        If steps is below 1.

    Notes
    -----
    Taught in chapter 41.
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}: give 1 or more")
    import keras

    rng = np.random.default_rng(seed)
    rounds = -(-steps * batch_size // len(y))
    order = np.concatenate([rng.permutation(len(y)) for _ in range(rounds)])[: steps * batch_size]
    model.compile(
        optimizer=keras.optimizers.Adam(rise_and_fall(learning_rate, steps, 0.01, 0.01)),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    history = model.fit(
        x[order],
        np.asarray(y, dtype="float32")[order],
        sample_weight=None if weights is None else np.asarray(weights, dtype="float32")[order],
        epochs=1,
        batch_size=batch_size,
        shuffle=False,
        verbose=0,
    )
    return history.history["loss"]
