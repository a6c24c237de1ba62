"""Two networks that play against each other: one draws pictures, the other tells them from real.

To be read in one sitting: the two networks, the game as a ``train_step``, and its training.
"""

import numpy as np


def picture_generator(latent=32, filters=(32, 16)):
    """From a vector of noise to a picture of 28 x 28 pixels with values in [0, 1].

    A dense layer gives maps of 7 x 7; each transposed convolution doubles them. Its windows are
    4 x 4 at stride 2, so that every pixel is covered by equally many of them (windows that the
    stride does not divide leave a chequered pattern).

    Parameters
    ----------
    latent : int
        Numbers of noise.
    filters : sequence of int
        Feature maps at 7 x 7 and at 14 x 14.

    Returns
    -------
    keras.Model
        From (n, latent) to (n, 28, 28, 1). 64,961 weights as it stands, 3,168 of them moving
        averages, which are not trained.

    Notes
    -----
    Taught in chapter 40. Source: Radford, Metz and Chintala, ICLR 2016, arXiv:1511.06434; the
    pattern: Odena, Dumoulin and Olah, Distill 2016, doi 10.23915/distill.00003.

    Examples
    --------
    >>> picture_generator(latent=8).output_shape
    (None, 28, 28, 1)
    """
    from keras import Input, Model

    z = Input((latent,), name="noise")
    return Model(z, _drawn(z, filters), name="generator")


def _drawn(x, filters):
    """The picture that grows from a vector: shape (n, d) to (n, 28, 28, 1)."""
    from keras import layers

    first, second = filters
    x = layers.Dense(7 * 7 * first, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Reshape((7, 7, first))(layers.Activation("relu")(x))
    x = layers.Conv2DTranspose(second, 4, strides=2, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Activation("relu")(x)
    return layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="sigmoid")(x)


def picture_discriminator(filters=(16, 32)):
    """From a picture of 28 x 28 pixels to one logit: the log odds that it is real.

    Every convolution is divided by its spectral norm: the most by which its kernel, read as a
    matrix, can stretch a vector. This bounds how steep the answer can be. The dense layer at the
    end is left free, so that the answer can be sure. Grey values are stretched first to about -2
    to 2: films have little contrast, and a bounded network can do little about that.

    Parameters
    ----------
    filters : sequence of int
        Feature maps at 14 x 14 and at 7 x 7.

    Returns
    -------
    keras.Model
        From (n, 28, 28, 1), values in [0, 1], to logits (n, 1). 10,065 weights as it stands,
        48 of them for the spectral norms, which are not trained.

    Notes
    -----
    Taught in chapter 40. Source: Miyato, Kataoka, Koyama and Yoshida, ICLR 2018, arXiv:1802.05957.
    Keras estimates the norm with one step of power iteration each time, and puts the divided
    kernel in the place of the old.

    Examples
    --------
    >>> picture_discriminator().output_shape
    (None, 1)
    """
    from keras import Input, Model

    pictures = Input((28, 28, 1), name="pictures")
    return Model(pictures, _judged(pictures, filters), name="discriminator")


def _judged(x, filters):
    """The logit of a picture: shape (n, 28, 28, channels) to (n, 1)."""
    from keras import layers

    x = layers.Rescaling(4.0, offset=-2.0)(x)
    for count in filters:
        convolution = layers.Conv2D(count, 4, strides=2, padding="same", use_bias=False)
        x = layers.SpectralNormalization(convolution)(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    return layers.Dense(1, name="logit")(layers.Flatten()(x))


def adversarial_network(generator, discriminator, saturating=False):
    """The game as a Keras model: its ``fit`` takes pictures, its ``train_step`` moves both players.

    Parameters
    ----------
    generator : keras.Model
        From noise (n, latent) to pictures.
    discriminator : keras.Model
        From pictures to logits (n, 1), so without a last activation.
    saturating : bool
        Whether the generator minimises log(1 - D(G(z))), as in the printed game, rather than
        -log D(G(z)), whose gradient is strong where the discriminator is sure.

    Returns
    -------
    keras.Model
        Compile it with ``compile(generator_optimizer, discriminator_optimizer)``; ``fit`` on
        pictures. A tuple (pictures, condition) is fit as well: both networks then get the
        condition as a second input.

    Raises
    ------
    ValueError
        If the discriminator does not take what the generator gives, or ends in an activation.

    Notes
    -----
    Taught in chapter 40. Source: Goodfellow and others, NeurIPS 2014, arXiv:1406.2661.

    Examples
    --------
    >>> game = adversarial_network(picture_generator(8), picture_discriminator())
    >>> game.latent
    8
    """
    _check_players(generator, discriminator)
    import keras
    import tensorflow as tf
    from keras import ops

    def cross_entropy(label, logits):
        return ops.mean(ops.binary_crossentropy(ops.full_like(logits, label), logits, True))

    class AdversarialNetwork(keras.Model):
        def __init__(self):
            super().__init__(name="adversarial_network")
            self.generator, self.discriminator = generator, discriminator
            self.latent = _first(generator.input_shape)[-1]
            self.noise = keras.random.SeedGenerator()
            self.losses_shown = {
                name: keras.metrics.Mean(name)
                for name in ("discriminator_loss", "generator_loss", "real", "fake")
            }

        def compile(self, generator_optimizer, discriminator_optimizer):
            super().compile()
            self.generator_optimizer = generator_optimizer
            self.discriminator_optimizer = discriminator_optimizer

        @property
        def metrics(self):
            return list(self.losses_shown.values())

        def call(self, z, training=False):
            return self.generator(z, training=training)

        def train_step(self, data):
            real, condition, _ = keras.utils.unpack_x_y_sample_weight(data)
            z = keras.random.normal((ops.shape(real)[0], self.latent), seed=self.noise)

            # The discriminator: real pictures are 1, drawn ones 0.
            fake = self.generator(_with(z, condition), training=True)
            with tf.GradientTape() as tape:
                on_real = self.discriminator(_with(real, condition), training=True)
                on_fake = self.discriminator(_with(fake, condition), training=True)
                loss = cross_entropy(1.0, on_real) + cross_entropy(0.0, on_fake)
            weights = self.discriminator.trainable_variables
            self.discriminator_optimizer.apply(tape.gradient(loss, weights), weights)

            # The generator: it wants to be called 1. Its weights alone move.
            with tf.GradientTape() as tape:
                drawn = self.generator(_with(z, condition), training=True)
                answer = self.discriminator(_with(drawn, condition), training=False)
                won = -cross_entropy(0.0, answer) if saturating else cross_entropy(1.0, answer)
            weights = self.generator.trainable_variables
            self.generator_optimizer.apply(tape.gradient(won, weights), weights)

            shown = (loss, won, ops.mean(ops.sigmoid(on_real)), ops.mean(ops.sigmoid(on_fake)))
            for metric, value in zip(self.metrics, shown, strict=True):
                metric.update_state(value)
            return {metric.name: metric.result() for metric in self.metrics}

    return AdversarialNetwork()


def _first(shape):
    """The shape of the first input, of a network with one or several."""
    return shape[0] if isinstance(shape, list) else shape


def _with(x, condition):
    """The inputs of a player: x alone, or x and the condition."""
    return x if condition is None else [x, condition]


def _check_players(generator, discriminator):
    drawn, judged = generator.output_shape, _first(discriminator.input_shape)
    if drawn[1:] != judged[1:]:
        raise ValueError(
            f"the generator gives {drawn[1:]}, the discriminator takes {judged[1:]}: "
            "give both the same rows, columns and channels"
        )
    last = discriminator.layers[-1]
    last = getattr(last, "layer", last)  # inside spectral normalisation
    name = getattr(getattr(last, "activation", None), "__name__", "linear")
    if name != "linear":
        raise ValueError(
            f"the discriminator ends in {name}: end it with a Dense layer without activation, "
            "the loss applies its own"
        )


def train_adversarial(
    game,
    pictures,
    epochs,
    generator_rate=1e-3,
    discriminator_rate=1e-3,
    batch_size=32,
    average=0.99,
    on_epoch=None,
):
    """Train both players with Adam; the generator ends with the running average of its weights.

    The players circle round each other, and the average lies nearer the middle of the circle than
    any of the last steps. The generator's batch normalisation is then measured anew, on pictures
    that the averaged weights draw.

    Parameters
    ----------
    game : keras.Model
        From `adversarial_network`.
    pictures : array, or tuple of arrays
        Shape (n, rows, columns, channels), values in [0, 1]; or pictures and their condition.
    epochs, batch_size : int
    generator_rate, discriminator_rate : float
        Learning rates.
    average : float
        How much of the running average each step keeps, from 0 to below 1; 0: the last weights.
    on_epoch : callable, optional
        Called with ``(epoch, logs)``, such as `medlearn.plots.training_progress(epochs)`.

    Returns
    -------
    dict of str to list of float
        "discriminator_loss", "generator_loss", and the mean probability "real" that the
        discriminator gives to the real pictures and "fake" that it gives to the drawn ones; one
        value an epoch.

    Raises
    ------
    ValueError
        If epochs is below 1, or the average none.

    Notes
    -----
    Taught in chapter 40. Source of Adam's setting (beta_1 0.5) Radford, Metz and Chintala, ICLR
    2016, arXiv:1511.06434; of the average Yazici and others, ICLR 2019, arXiv:1806.04498. Call
    ``keras.utils.set_random_seed`` before the networks are built.
    """
    if epochs < 1:
        raise ValueError(f"epochs is {epochs}: give 1 or more")
    if not 0 <= average < 1:
        raise ValueError(f"average is {average}: give a share from 0 to below 1, such as 0.99")
    import keras

    def adam(rate, **settings):
        return keras.optimizers.Adam(rate, beta_1=0.5, **settings)

    averaged = {"use_ema": True, "ema_momentum": average} if average else {}
    generator_optimizer = adam(generator_rate, **averaged)
    game.compile(generator_optimizer, adam(discriminator_rate))
    callbacks = [] if on_epoch is None else [keras.callbacks.LambdaCallback(on_epoch_end=on_epoch)]
    conditioned = isinstance(pictures, tuple)
    history = game.fit(
        *(pictures if conditioned else (pictures,)),
        epochs=epochs,
        batch_size=batch_size,
        verbose=0,
        callbacks=callbacks,
    )
    generator_optimizer.finalize_variable_values(game.generator.trainable_variables)
    _settle_normalisation(game, pictures[1] if conditioned else None, batch_size)
    return history.history


def _settle_normalisation(game, condition, batch_size, batches=100):
    """Let the generator's batch normalisation measure the maps that the averaged weights give.

    What it kept belongs to the last weights of the training, which are no longer there.
    """
    rng = np.random.default_rng(0)
    for _ in range(batches):
        z = rng.normal(size=(batch_size, game.latent)).astype("float32")
        rows = None if condition is None else condition[rng.integers(0, len(condition), batch_size)]
        game.generator(_with(z, rows), training=True)


def draw_pictures(generator, count, seed, condition=None, batch_size=512):
    """Pictures that a generator draws from fresh noise.

    Parameters
    ----------
    generator : keras.Model
        From noise (n, latent), and a condition where it takes one, to pictures.
    count : int
    seed : int
        Of the noise.
    condition : array, shape (count, ...), optional
    batch_size : int
        Pictures at once; it changes no result.

    Returns
    -------
    numpy.ndarray of float32, shape (count, rows, columns, channels)

    Raises
    ------
    ValueError
        If count is below 1.

    Notes
    -----
    Taught in chapter 40.
    """
    if count < 1:
        raise ValueError(f"count is {count}: give 1 or more")
    latent = _first(generator.input_shape)[-1]
    z = np.random.default_rng(seed).normal(size=(count, latent)).astype("float32")
    parts = []
    for first in range(0, count, batch_size):
        rows = slice(first, first + batch_size)
        inputs = _with(z[rows], None if condition is None else condition[rows])
        parts.append(np.asarray(generator(inputs, training=False)))
    return np.concatenate(parts)
