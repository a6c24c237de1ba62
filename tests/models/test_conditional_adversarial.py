"""Conditional adversarial networks: shapes, labels that count, and a class that is learned."""

import numpy as np
import pytest

from medlearn import models


def test_the_label_changes_what_is_drawn_and_the_noise_what_is_drawn_of_it(keras):
    keras.utils.set_random_seed(0)
    generator = models.conditional_generator(8, 2, (16, 8, 4))
    well, ill = (models.draw_class(generator, 4, label, seed=0) for label in (0, 1))
    assert well.shape == ill.shape == (4, 28, 28, 1)
    assert 0 <= well.min() and well.max() <= 1
    assert not np.allclose(well, ill) and not np.allclose(well[0], well[1])
    np.testing.assert_allclose(well, models.draw_class(generator, 4, 0, seed=0), atol=1e-6)


def test_a_mixture_of_labels_is_drawn_too(keras):
    generator = models.conditional_generator(8, 2, (16, 8, 4))
    half = models.draw_pictures(generator, 3, 0, np.full((3, 2), 0.5, dtype="float32"))
    assert half.shape == (3, 28, 28, 1)


def test_the_discriminator_hears_the_label(keras):
    keras.utils.set_random_seed(1)
    discriminator = models.conditional_discriminator(2, (8, 16))
    x = np.random.default_rng(0).random((5, 28, 28, 1)).astype("float32")
    logits = [np.asarray(discriminator([x, models.one_hot([label] * 5)])) for label in (0, 1)]
    assert logits[0].shape == (5, 1)
    assert not np.allclose(*logits)


def test_the_logit_is_the_plain_one_and_the_projection(keras):
    """With a label of zeros the projection falls out; it is linear in the label."""
    keras.utils.set_random_seed(2)
    discriminator = models.conditional_discriminator(2, (8, 16))
    x = np.random.default_rng(1).random((3, 28, 28, 1)).astype("float32")

    def logit(label):
        return np.asarray(discriminator([x, np.tile(np.float32(label), (3, 1))]))

    plain = logit([0, 0])
    both = logit([1, 0]) + logit([0, 1]) - plain
    np.testing.assert_allclose(logit([1, 1]), both, atol=1e-5)


def test_the_pane_moves_pictures_in_and_out_of_training(keras):
    keras.utils.set_random_seed(3)
    x = np.zeros((16, 28, 28, 1), dtype="float32")
    x[:, 10:18, 10:18] = 1
    labels = models.one_hot([0, 1] * 8)
    still = models.conditional_discriminator(2, (8, 16))
    moving = models.conditional_discriminator(2, (8, 16), pane={"shift": 0.2})
    for training in (False, True):
        assert len(np.unique(np.asarray(still([x, labels], training=training)).round(5))) == 2
        assert len(np.unique(np.asarray(moving([x, labels], training=training)).round(5))) > 2


def test_one_hot_refuses_nothing_it_should_take():
    assert models.one_hot([1, 0], classes=3).tolist() == [[0, 1, 0], [1, 0, 0]]
    with pytest.raises(IndexError):
        models.one_hot([2])


def test_each_class_is_learned(keras):
    """Dark pictures are class 0, bright ones class 1: the label decides the brightness."""
    keras.utils.set_random_seed(4)
    rng = np.random.default_rng(0)
    y = np.arange(256) % 2
    x = np.clip(rng.normal(0.2 + 0.6 * y, 0.05)[:, None, None, None] + np.zeros((1, 28, 28, 1)),
                0, 1).astype("float32")
    generator, history = models.train_conditional_generator(
        x, y, epochs=30, latent=8, generator_filters=(16, 8, 4), discriminator_filters=(8, 16),
        generator_rate=3e-3, discriminator_rate=3e-3, batch_size=32,
    )
    assert len(history["generator_loss"]) == 30
    dark, bright = (models.draw_class(generator, 64, label, seed=1).mean() for label in (0, 1))
    assert bright - dark > 0.2


def test_normalisation_is_settled_on_the_weights_that_are_kept(keras):
    """Drawing uses means that fit these weights: a batch normalised by itself looks the same."""
    keras.utils.set_random_seed(5)
    rng = np.random.default_rng(1)
    x = rng.random((128, 28, 28, 1)).astype("float32")
    generator, _ = models.train_conditional_generator(
        x, np.arange(128) % 2, epochs=3, latent=8, generator_filters=(16, 8, 4),
        discriminator_filters=(8, 16), generator_rate=1e-2, batch_size=32,
    )
    noise = rng.normal(size=(256, 8)).astype("float32")
    inputs = [noise, models.one_hot(np.arange(256) % 2)]
    drawn, by_itself = (np.asarray(generator(inputs, training=t)) for t in (False, True))
    assert np.abs(drawn - by_itself).mean() < 0.02
