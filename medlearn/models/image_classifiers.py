"""Small networks that read a picture and give a diagnosis."""

from .blocks import convolution


def d0_network(input_shape=(28, 28, 1), classes=2):
    """The network that D0, section 4, trains on photographs (CIFAR-10), for pictures of any size.

    Three convolutions (D0's text counts two), two poolings, two dense layers, all as printed;
    only the shape of the input and the number of classes are those of the task.

    Parameters
    ----------
    input_shape : tuple of int
        Rows, columns, channels; at least (18, 18, 1).
    classes : int
        Outputs of the softmax: one a class.

    Returns
    -------
    keras.Sequential
        From (n, rows, columns, channels) to **probabilities** (n, classes). 92,802 weights for
        28 x 28 pixels and two classes.

    Notes
    -----
    Taught in chapter 21. Source: D0, Neural networks in medicine: diagnosis and treatment,
    section 4.

    Examples
    --------
    >>> d0_network().count_params()
    92802
    """
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input(input_shape),
            layers.Conv2D(32, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(64, (3, 3), activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ],
        name="d0",
    )


def _begin(input_shape, augment):
    from keras import Input

    pictures = Input(input_shape)
    return pictures, augment(pictures) if augment is not None else pictures


def _finish(pictures, x, dropout, name):
    """Average each feature map, drop some, weigh them into one logit."""
    from keras import Model, layers

    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    return Model(pictures, layers.Dense(1, name="logit")(x), name=name)


def vgg_like(input_shape=(28, 28, 1), filters=(16, 32, 64), dropout=0.2, augment=None):
    """Pairs of 3x3 convolutions with a pooling between the pairs, as in VGG.

    Batch normalisation, global average pooling and a single dense layer are later than VGG; they
    keep the network small.

    Parameters
    ----------
    input_shape : tuple of int
    filters : sequence of int
        Feature maps of each pair.
    dropout : float
        Share of the averaged features that is dropped in training.
    augment : keras.Layer, optional
        Applied to the pictures first, such as `augmentation(...)`.

    Returns
    -------
    keras.Model
        From (n, rows, columns, channels) to logits (n, 1). 72,529 weights as it stands, 448 of
        them moving averages, which are not trained.

    Notes
    -----
    Taught in chapter 21. Source: Simonyan and Zisserman, ICLR 2015, arXiv:1409.1556.

    Examples
    --------
    >>> vgg_like().output_shape
    (None, 1)
    """
    from keras import layers

    pictures, x = _begin(input_shape, augment)
    for stage, count in enumerate(filters):
        if stage > 0:
            x = layers.MaxPooling2D()(x)
        x = convolution(x, count)
        x = convolution(x, count)
    return _finish(pictures, x, dropout, "vgg_like")


def resnet_like(
    input_shape=(28, 28, 1), filters=(16, 32, 64), strides=(2, 2, 1), dropout=0.2, augment=None
):
    """Blocks of two convolutions whose input is added to their output, as in ResNet.

    Parameters
    ----------
    input_shape : tuple of int
    filters, strides : sequence of int
        Feature maps and stride of each block.
    dropout : float
        Share of the averaged features that is dropped in training.
    augment : keras.Layer, optional
        Applied to the pictures first, such as `augmentation(...)`.

    Returns
    -------
    keras.Model
        From (n, rows, columns, channels) to logits (n, 1). 78,161 weights as it stands, 704 of
        them moving averages, which are not trained.

    Notes
    -----
    Taught in chapter 21. Source: He, Zhang, Ren and Sun, CVPR 2016, doi 10.1109/CVPR.2016.90.

    Examples
    --------
    >>> resnet_like().output_shape
    (None, 1)
    """
    from keras import layers

    pictures, x = _begin(input_shape, augment)
    x = convolution(x, filters[0])
    for count, stride in zip(filters, strides, strict=True):
        shortcut = x
        x = convolution(x, count, stride)
        x = convolution(x, count, activation=None)
        if shortcut.shape != x.shape:  # a 1x1 convolution brings the input to the block's shape
            shortcut = convolution(shortcut, count, stride, kernel_size=1, activation=None)
        x = layers.Activation("relu")(layers.Add()([x, shortcut]))
    return _finish(pictures, x, dropout, "resnet_like")
