"""Networks that read a signal in time and a few numbers beside it, and give a logit a class."""


def _inputs(samples, leads, numbers, noise):
    from keras import Input, layers

    signal, context = Input((samples, leads), name="signal"), Input((numbers,), name="numbers")
    return [signal, context], layers.GaussianNoise(noise)(signal)


def _finish(inputs, x, classes, dropout, name):
    """What was read from the signal beside the numbers: one hidden layer, one logit a class."""
    from keras import Model, layers

    x = layers.Dropout(dropout)(x)
    if inputs[1].shape[1]:
        # Numbers come in any unit: normalised, they count from the first step on.
        x = layers.Concatenate()([x, layers.BatchNormalization(momentum=0.9)(inputs[1])])
    x = layers.Dense(32, activation="relu")(x)
    x = layers.Dropout(dropout)(x)
    return Model(inputs, layers.Dense(classes, name="logits")(x), name=name)


def convolutional_sequence(
    samples=96,
    leads=2,
    numbers=5,
    classes=4,
    filters=(16, 24, 24),
    kernel_size=5,
    dropout=0.5,
    noise=0.1,
):
    """A convolutional network along time: each block halves the signal's length.

    Parameters
    ----------
    samples, leads : int
        Of the signal.
    numbers : int
        Beside each signal, such as the intervals to the neighbouring beats.
    classes : int
    filters : sequence of int
        Feature maps of each block: convolution, batch normalisation, ReLU, pooling by two.
    kernel_size : int
        Samples that a convolution sees.
    dropout : float
        Share that is dropped in training, after the convolutions and after the hidden layer.
    noise : float
        Standard deviation of the noise that is added to the signal in training.

    Returns
    -------
    keras.Model
        From [(n, samples, leads), (n, numbers)] to logits (n, classes). 14,776 weights as it
        stands, 138 of them moving averages, which are not trained.

    Raises
    ------
    ValueError
        If the signal is too short to be halved so often.

    Notes
    -----
    Taught in chapter 31.

    Examples
    --------
    >>> convolutional_sequence().output_shape
    (None, 4)
    """
    from keras import layers

    if samples < 2 ** len(filters):
        raise ValueError(
            f"{samples} samples cannot be halved {len(filters)} times: give fewer filters, or a "
            "longer signal"
        )
    inputs, x = _inputs(samples, leads, numbers, noise)
    for count in filters:
        x = layers.Conv1D(count, kernel_size, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.Activation("relu")(x)
        x = layers.MaxPooling1D(2)(x)
    x = layers.Flatten()(x)
    return _finish(inputs, x, classes, dropout, "convolutional_sequence")


def recurrent_sequence(
    samples=96,
    leads=2,
    numbers=5,
    classes=4,
    cell="GRU",
    units=32,
    pooling=2,
    dropout=0.5,
    noise=0.1,
):
    """A recurrent network that reads the signal forwards and backwards.

    Parameters
    ----------
    samples, leads, numbers, classes, dropout, noise
        As for `convolutional_sequence`.
    cell : {"GRU", "LSTM"}
    units : int
        Of each direction.
    pooling : int
        Samples that are averaged to one step before the recurrence: half the steps, half the time.

    Returns
    -------
    keras.Model
        From [(n, samples, leads), (n, numbers)] to logits (n, classes). 9,304 weights with GRU,
        11,352 with LSTM.

    Raises
    ------
    ValueError
        If the cell is unknown.

    Notes
    -----
    Taught in chapter 31; the cells themselves in chapter 30.

    Examples
    --------
    >>> recurrent_sequence(cell="LSTM").output_shape
    (None, 4)
    """
    from keras import layers

    if cell not in ("GRU", "LSTM"):
        raise ValueError(f"cell is {cell!r}: give GRU or LSTM")
    inputs, x = _inputs(samples, leads, numbers, noise)
    x = layers.AveragePooling1D(pooling)(x)
    x = layers.Bidirectional(getattr(layers, cell)(units))(x)
    return _finish(inputs, x, classes, dropout, f"{cell.lower()}_sequence")
