"""Adversarial networks that draw a wanted class: both players are told the label.

Built on the networks and the game of chapter 40. To be read in one sitting.
"""

import numpy as np

from .adversarial import adversarial_network, draw_pictures, train_adversarial
from .augmentation import augmentation
from .blocks import convolution


def conditional_generator(latent=32, classes=2, filters=(32, 16, 8)):
    """From noise and a label to a picture of 28 x 28 pixels with values in [0, 1].

    The label becomes a learned vector as long as the noise and is put beside it. Where chapter 40
    enlarges maps by transposed convolutions, here each pixel is doubled and a plain convolution
    follows: with few pictures to learn from, that leaves less of a grid in what is drawn.

    Parameters
    ----------
    latent : int
        Numbers of noise.
    classes : int
    filters : sequence of three int
        Feature maps at 7 x 7, at 14 x 14 and at 28 x 28.

    Returns
    -------
    keras.Model
        From [noise (n, latent), label (n, classes)] to pictures (n, 28, 28, 1). The label is
        one-hot; a mixture of classes, such as (0.5, 0.5), is drawn as well.

    Notes
    -----
    Taught in chapter 41. Source: Mirza and Osindero, 2014, arXiv:1411.1784; D4, section 4.3; the
    doubled pixels: Odena, Dumoulin and Olah, Distill 2016, doi 10.23915/distill.00003.

    Examples
    --------
    >>> conditional_generator(latent=8, filters=(16, 8, 4)).output_shape
    (None, 28, 28, 1)
    """
    from keras import Input, Model, layers

    z, label = Input((latent,), name="noise"), Input((classes,), name="label")
    wanted = layers.Dense(latent, use_bias=False, name="label_vector")(label)
    x = layers.Concatenate()([z, wanted])
    x = layers.Dense(7 * 7 * filters[0], use_bias=False)(x)
    x = layers.Reshape((7, 7, filters[0]))(x)
    x = layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(x))
    for count in filters[1:]:
        x = convolution(layers.UpSampling2D()(x), count)
    picture = layers.Conv2D(1, 3, padding="same", activation="sigmoid")(x)
    return Model([z, label], picture, name="conditional_generator")


def conditional_discriminator(classes=2, filters=(16, 32, 32), units=64, pane=None):
    """From a picture and a label to one logit: the log odds that this is a real picture of it.

    The label chooses a vector, whose product with the picture's features is added to a logit that
    does not depend on the label (a projection). Every layer is divided by its spectral norm, as in
    chapter 40.

    Parameters
    ----------
    classes : int
    filters : sequence of int
        Feature maps at 14 x 14 and at 7 x 7, and of further convolutions at 7 x 7.
    units : int
        Features that are compared with the label.
    pane : dict, optional
        Amounts for `augmentation`: every picture, real or drawn, is changed at random before it is
        judged, in the steps of both players. So a few pictures are harder to learn by heart, and
        the generator has no reason to draw the changes themselves.

    Returns
    -------
    keras.Model
        From [pictures (n, 28, 28, 1), label (n, classes)] to logits (n, 1).

    Notes
    -----
    Taught in chapter 41. Source of the projection: Miyato and Koyama, ICLR 2018, arXiv:1802.05637;
    of the changes: Zhao and others, NeurIPS 2020, arXiv:2006.10738.

    Examples
    --------
    >>> conditional_discriminator(filters=(8, 16)).output_shape
    (None, 1)
    """
    from keras import Input, Model, layers

    bounded = layers.SpectralNormalization
    pictures, label = Input((28, 28, 1), name="pictures"), Input((classes,), name="label")
    x = pictures if pane is None else _always(augmentation(**pane))(pictures)
    x = layers.Rescaling(4.0, offset=-2.0)(x)  # as in chapter 40: films have little contrast
    for place, count in enumerate(filters):
        strides = 2 if place < 2 else 1
        step = layers.Conv2D(count, 4, strides=strides, padding="same", use_bias=False)
        x = layers.LeakyReLU(negative_slope=0.2)(bounded(step)(x))
    features = bounded(layers.Dense(units, use_bias=False), name="features")(layers.Flatten()(x))
    features = layers.LeakyReLU(negative_slope=0.2)(features)
    label_vector = bounded(layers.Dense(units, use_bias=False), name="label_vector")
    agreement = layers.Dot(axes=1, name="agreement")([features, label_vector(label)])
    # Not bounded: the last layer sets how steep the whole may be.
    logit = layers.Add(name="logit")([layers.Dense(1, name="plain_logit")(features), agreement])
    return Model([pictures, label], logit, name="conditional_discriminator")


def _always(change):
    """A layer that changes its pictures in every call, in training and out of it."""
    from keras import layers

    class Pane(layers.Layer):
        def __init__(self):
            super().__init__(name="pane")
            self.change = change

        def call(self, pictures):
            return self.change(pictures, training=True)

    return Pane()


def one_hot(labels, classes=2):
    """Labels (n,) as rows (n, classes) of 0 with a single 1.

    Taught in chapter 41.

    Examples
    --------
    >>> one_hot([0, 1]).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return np.eye(classes, dtype="float32")[np.asarray(labels, dtype=int)]


def train_conditional_generator(
    x,
    y,
    epochs,
    latent=32,
    generator_filters=(32, 16, 8),
    discriminator_filters=(16, 32, 32),
    pane=None,
    generator_rate=1e-3,
    discriminator_rate=1e-3,
    batch_size=32,
    on_epoch=None,
):
    """Build both players and train them on pictures with two classes.

    Parameters
    ----------
    x : array, shape (n, 28, 28, 1)
        Values in [0, 1].
    y : array of 0 and 1, shape (n,)
        Let both be equally frequent, by repeating the rarer: a class is learned from the
        pictures of it that the discriminator is shown.
    epochs, batch_size, latent : int
    generator_filters, discriminator_filters : sequence of int
    pane : dict, optional
        See `conditional_discriminator`.
    generator_rate, discriminator_rate : float
        Learning rates.
    on_epoch : callable, optional
        As for `train_adversarial`.

    Returns
    -------
    generator : keras.Model
        With the running average of its weights.
    history : dict of str to list of float
        As `train_adversarial` returns it.

    Notes
    -----
    Taught in chapter 41. Call ``keras.utils.set_random_seed`` first.
    """
    generator = conditional_generator(latent, 2, generator_filters)
    discriminator = conditional_discriminator(2, discriminator_filters, pane=pane)
    game = adversarial_network(generator, discriminator)
    history = train_adversarial(
        game, (x, one_hot(y)), epochs, generator_rate, discriminator_rate, batch_size,
        on_epoch=on_epoch,
    )
    _settle_normalisation(generator, latent, batch_size)
    return generator, history


def _settle_normalisation(generator, latent, batch_size, rounds=60):
    """Give the batch normalisation the means and variances of the averaged weights.

    Its moving averages followed the last weights, which are not those that are kept.
    """
    rng = np.random.default_rng(0)
    labels = one_hot(np.arange(batch_size) % 2)
    for _ in range(rounds):
        noise = rng.normal(size=(batch_size, latent)).astype("float32")
        generator([noise, labels], training=True)


def draw_class(generator, count, label, seed):
    """Pictures of one class that a conditional generator draws.

    Parameters
    ----------
    generator : keras.Model
        Such as `train_conditional_generator` gives.
    count, seed : int
        Of the pictures; of their noise.
    label : int
        The class, from 0.

    Returns
    -------
    numpy.ndarray of float32, shape (count, 28, 28, 1)

    Notes
    -----
    The same seed with another label starts from the same noise. Taught in chapter 41.
    """
    classes = generator.input_shape[1][-1]
    return draw_pictures(generator, count, seed, one_hot(np.full(count, label), classes))
