"""A U-Net that labels every pixel, its losses, and the way from volumes to slices and back."""

import math

import numpy as np

from .blocks import convolution, rise_and_fall

# A Dice loss of a structure that is in neither mask must not divide by zero.
SMOOTHING = 1.0


def unet(input_shape=(32, 40, 3), classes=3, filters=(8, 16, 32, 64)):
    """The U-Net: down to coarse pictures, up again, each level joined with its twin.

    Every level has two 3x3 convolutions with batch normalisation. Going down, pooling halves the
    picture and the filters double; going up, pixels are interpolated, and what the same level knew
    on the way down is put beside it.

    Parameters
    ----------
    input_shape : tuple of int
        Rows, columns, channels. Rows and columns must be divisible by 2 for each level but the
        last: by 8 for four levels. None for rows and columns: any that are.
    classes : int
        Labels, the background included.
    filters : sequence of int
        Filters of each level, from the finest.

    Returns
    -------
    keras.Model
        From (n, rows, columns, channels) to **probabilities** (n, rows, columns, classes).
        123,187 weights with the default settings.

    Raises
    ------
    ValueError
        If rows or columns cannot be halved often enough.

    Notes
    -----
    Taught in chapter 23. Source: Ronneberger, Fischer and Brox, MICCAI 2015, doi
    10.1007/978-3-319-24574-4_28; unlike theirs it pads, so that the output has the input's size,
    normalises, interpolates where they learn how to enlarge, and is far smaller. Call
    ``keras.utils.set_random_seed`` before.

    Examples
    --------
    >>> network = unet()
    >>> network.output_shape, network.count_params()
    ((None, 32, 40, 3), 123187)
    """
    times = 2 ** (len(filters) - 1)
    if any(size is not None and size % times for size in input_shape[:2]):
        raise ValueError(
            f"{input_shape[0]} x {input_shape[1]} pixels cannot be halved {len(filters) - 1} "
            f"times: pad or cut to a multiple of {times}, or give fewer levels in filters"
        )
    from keras import Input, Model, layers

    pictures = Input(input_shape)
    x, skips = pictures, []
    for count in filters[:-1]:
        x = convolution(convolution(x, count), count)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = convolution(convolution(x, filters[-1]), filters[-1])
    for count, skip in zip(filters[-2::-1], skips[::-1]):
        finer = layers.UpSampling2D(2, interpolation="bilinear")(x)
        x = convolution(layers.Concatenate()([finer, skip]), count)
        x = convolution(x, count)
    return Model(pictures, layers.Conv2D(classes, 1, activation="softmax")(x), name="unet")


def pixel_cross_entropy(labels, probabilities):
    """The mean over all pixels of minus the logarithm of the true label's probability.

    Parameters
    ----------
    labels : tensor of int, shape (n, rows, columns)
    probabilities : tensor, shape (n, rows, columns, classes)

    Returns
    -------
    tensor
        One number.

    Notes
    -----
    Taught in chapter 23. Source: D4, section 4.1, with N counting pixels.

    Examples
    --------
    >>> float(pixel_cross_entropy([[[0, 1]]], [[[[0.5, 0.5], [0.2, 0.8]]]]))  # doctest: +ELLIPSIS
    0.458...
    """
    from keras import ops

    truth, probabilities = _one_hot(labels, probabilities)
    logarithm = ops.log(ops.clip(probabilities, 1e-7, 1.0))
    return -ops.mean(ops.sum(truth * logarithm, axis=-1))


def soft_dice_loss(labels, probabilities):
    """One minus the Dice coefficient of probabilities, averaged over the labels but the background.

    Each label's Dice is taken over all pixels of the batch at once, so that a slice without the
    structure does not upset it.

    Parameters
    ----------
    labels : tensor of int, shape (n, rows, columns)
    probabilities : tensor, shape (n, rows, columns, classes)

    Returns
    -------
    tensor
        One number from 0 (all right) to 1.

    Notes
    -----
    Taught in chapter 23. Source: Milletari, Navab and Ahmadi, 3DV 2016, doi 10.1109/3DV.2016.79
    (they square the probabilities in the denominator; here, as in most programs since, not).

    Examples
    --------
    >>> right = soft_dice_loss([[[0, 1]]], [[[[1.0, 0.0], [0.0, 1.0]]]])
    >>> float(right)
    0.0
    """
    from keras import ops

    truth, probabilities = _one_hot(labels, probabilities)
    pixels = tuple(range(len(probabilities.shape) - 1))
    both = ops.sum(truth * probabilities, axis=pixels)
    each = ops.sum(truth, axis=pixels) + ops.sum(probabilities, axis=pixels)
    dice = (2 * both + SMOOTHING) / (each + SMOOTHING)
    return 1 - ops.mean(dice[1:])


def cross_entropy_and_dice_loss(labels, probabilities):
    """The sum of `pixel_cross_entropy` and `soft_dice_loss`, whose parameters it takes.

    Notes
    -----
    Taught in chapter 23. Source: Isensee and others (nnU-Net), Nature Methods 2021;18:203, doi
    10.1038/s41592-020-01008-z.
    """
    return pixel_cross_entropy(labels, probabilities) + soft_dice_loss(labels, probabilities)


def _one_hot(labels, probabilities):
    """Labels as 0 and 1 for each class, and the probabilities, both as float tensors."""
    from keras import ops

    probabilities = ops.convert_to_tensor(probabilities, dtype="float32")
    return ops.one_hot(ops.cast(labels, "int32"), probabilities.shape[-1]), probabilities


def standardised(volumes):
    """Give every volume mean 0 and standard deviation 1, each by its own.

    Parameters
    ----------
    volumes : numpy.ndarray, shape (n, i, j, k)

    Returns
    -------
    numpy.ndarray, shape (n, i, j, k)

    Notes
    -----
    A scanner's units mean nothing, and nothing is learned here from other volumes. Taught in
    chapter 23.

    Examples
    --------
    >>> standardised(np.array([1.0, 3.0]).reshape(1, 2, 1, 1)).ravel().tolist()
    [-1.0, 1.0]
    """
    mean = volumes.mean(axis=(1, 2, 3), keepdims=True)
    return (volumes - mean) / volumes.std(axis=(1, 2, 3), keepdims=True)


def slices_with_neighbours(volumes):
    """Cut volumes into coronal slices, each with the one behind and the one before it as channels.

    Parameters
    ----------
    volumes : numpy.ndarray, shape (n, i, j, k)
        Axes: patients, across (side to side), back to front, bottom to top.

    Returns
    -------
    numpy.ndarray, shape (n * j, i, k, 3)
        Channel 1 is the slice itself. The outermost slices stand in for the neighbours they lack.

    Notes
    -----
    Taught in chapter 23. `from_slices` goes back.

    Examples
    --------
    >>> slices = slices_with_neighbours(np.arange(3.0).reshape(1, 1, 3, 1))
    >>> slices[:, 0, 0].tolist()
    [[0.0, 0.0, 1.0], [0.0, 1.0, 2.0], [1.0, 2.0, 2.0]]
    """
    ordered = np.moveaxis(volumes, 2, 1)
    padded = np.pad(ordered, [(0, 0), (1, 1), (0, 0), (0, 0)], mode="edge")
    count = ordered.shape[1]
    channels = np.stack([padded[:, step : step + count] for step in range(3)], axis=-1)
    return channels.reshape(-1, *channels.shape[2:])


def as_slices(volumes):
    """Cut volumes (n, i, j, k, ...) into coronal slices (n * j, i, k, ...).

    Taught in chapter 23.

    Examples
    --------
    >>> as_slices(np.zeros((2, 32, 56, 40))).shape
    (112, 32, 40)
    """
    moved = np.moveaxis(volumes, 2, 1)
    return moved.reshape(-1, *moved.shape[2:])


def from_slices(slices, depth):
    """Put coronal slices (n * depth, i, k) together to volumes (n, i, depth, k).

    Taught in chapter 23.

    Examples
    --------
    >>> volumes = np.arange(48).reshape(2, 3, 4, 2)
    >>> np.array_equal(from_slices(as_slices(volumes), 4), volumes)
    True
    """
    return np.moveaxis(slices.reshape(-1, depth, *slices.shape[1:]), 1, 2)


def train_segmenter(
    network,
    slices,
    labels,
    epochs,
    loss=cross_entropy_and_dice_loss,
    learning_rate=3e-3,
    batch_size=32,
    seed=0,
    on_epoch=None,
):
    """Train with Adam, the learning rate rising for a tenth of the steps and then falling to 0.

    Parameters
    ----------
    network : keras.Model
        Such as `unet()`.
    slices : numpy.ndarray, shape (n, rows, columns, channels)
    labels : numpy.ndarray of int, shape (n, rows, columns)
    epochs, batch_size : int
    loss : callable
        Takes labels and probabilities.
    learning_rate : float
        The highest.
    seed : int
        Of the order of the slices, a new one each epoch.
    on_epoch : callable, optional
        Called with ``(epoch, logs)``, such as `medlearn.plots.training_progress(epochs)`.

    Returns
    -------
    list of float
        The mean loss of each epoch's slices.

    Notes
    -----
    There is no early stopping: with the rate at 0 the last epoch is the one to keep. Taught in
    chapter 23. Source of the schedule: Loshchilov and Hutter, ICLR 2017, arXiv:1608.03983.
    """
    import keras

    steps = epochs * math.ceil(len(slices) / batch_size)
    schedule = rise_and_fall(learning_rate, steps, start=0.1, end=0.0)
    network.compile(optimizer=keras.optimizers.Adam(schedule), loss=loss)
    rng, losses = np.random.default_rng(seed), []
    for epoch in range(epochs):
        order, total = rng.permutation(len(slices)), 0.0
        # Given the arrays themselves, `fit` would copy them as a whole, and keep the copy.
        for first in range(0, len(slices), batch_size):
            rows = order[first : first + batch_size]
            network.reset_metrics()
            total += len(rows) * float(network.train_on_batch(slices[rows], labels[rows]))
        losses.append(total / len(slices))
        if on_epoch is not None:
            on_epoch(epoch, {"loss": losses[-1]})
    return losses


def predict_labels(network, volumes):
    """Label volumes slice by slice: the most probable label of each voxel.

    Parameters
    ----------
    network : keras.Model
        From slices with their neighbours (n, i, k, 3) to probabilities (n, i, k, classes).
    volumes : numpy.ndarray, shape (n, i, j, k)
        Standardised.

    Returns
    -------
    numpy.ndarray of uint8, shape (n, i, j, k)

    Notes
    -----
    Taught in chapter 23.
    """
    labels = [
        np.argmax(network(slices_with_neighbours(volume[np.newaxis]), training=False), axis=-1)
        for volume in volumes
    ]
    return from_slices(np.concatenate(labels), volumes.shape[2]).astype(np.uint8)


def largest_components(labels):
    """Keep the largest connected piece of all that is labelled; the rest becomes background.

    Parameters
    ----------
    labels : numpy.ndarray of int, shape (i, j, k)
        One volume; 0 is the background.

    Returns
    -------
    numpy.ndarray, shape (i, j, k)

    Notes
    -----
    Voxels that touch at a face are connected. The labels are taken together: an anterior and a
    posterior part that touch are one piece. Only true where the structure is in one piece. Taught
    in chapter 23.

    Examples
    --------
    >>> largest_components(np.array([[[1, 2, 0, 1]]])).tolist()
    [[[1, 2, 0, 0]]]
    """
    from scipy.ndimage import label

    pieces, count = label(labels > 0)
    if count < 2:
        return labels.copy()
    largest = 1 + np.argmax(np.bincount(pieces.ravel())[1:])
    return np.where(pieces == largest, labels, 0).astype(labels.dtype)
