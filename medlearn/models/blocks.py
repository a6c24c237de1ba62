"""What several networks share: the convolution with its normalisation, the learning rate's course."""


def convolution(x, filters, strides=1, kernel_size=3, activation="relu"):
    """Convolution, batch normalisation, activation: the brick of chapters 21 and 23.

    Parameters
    ----------
    x : keras tensor, shape (n, rows, columns, channels)
    filters, strides, kernel_size : int
    activation : str or None

    Returns
    -------
    keras tensor, shape (n, rows / strides, columns / strides, filters)
    """
    from keras import layers

    x = layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    # Small data sets have few steps: a moving average of 0.9 catches up (chapter 12).
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.Activation(activation)(x) if activation else x


def rise_and_fall(learning_rate, steps, start, end):
    """A learning rate that rises for a tenth of the steps, then falls along half a cosine.

    Parameters
    ----------
    learning_rate : float
        The highest.
    steps : int
        Of the whole training.
    start, end : float
        Where it begins and ends, as shares of the highest.

    Returns
    -------
    keras.optimizers.schedules.CosineDecay

    Notes
    -----
    Taught in chapter 21. Source: Loshchilov and Hutter, ICLR 2017, arXiv:1608.03983.
    """
    from keras.optimizers.schedules import CosineDecay

    rise = max(1, steps // 10)
    return CosineDecay(
        start * learning_rate,
        max(1, steps - rise),
        alpha=end,
        warmup_target=learning_rate,
        warmup_steps=rise,
    )
