"""Augmentation: bounded changes in training, none when predicting."""

import numpy as np
import pytest

from medlearn import models

PICTURES = np.random.default_rng(0).random((64, 28, 28, 1)).astype("float32")
EVERYTHING = dict(shift=0.1, rotation=10, zoom=0.1, contrast=0.2, brightness=0.1, mirror=True)


def test_nothing_changes_when_predicting(keras):
    layer = models.augmentation(**EVERYTHING)
    np.testing.assert_array_equal(layer(PICTURES, training=False), PICTURES)


def test_everything_changes_in_training_and_stays_a_picture(keras):
    keras.utils.set_random_seed(0)
    layer = models.augmentation(**EVERYTHING)
    first, second = (np.asarray(layer(PICTURES, training=True)) for _ in range(2))
    assert first.shape == PICTURES.shape
    assert not np.allclose(first, second)
    assert first.min() >= 0 and first.max() <= 1


def test_mirror_turns_about_half_left_to_right_and_none_upside_down(keras):
    keras.utils.set_random_seed(0)
    changed = np.asarray(models.augmentation(mirror=True)(PICTURES, training=True))
    same = (changed == PICTURES).all(axis=(1, 2, 3))
    mirrored = (changed == PICTURES[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (same | mirrored).all()
    assert 15 < mirrored.sum() < 49


def test_shift_goes_no_further_than_asked_for(keras):
    keras.utils.set_random_seed(0)
    dot = np.zeros((200, 29, 29, 1), "float32")
    dot[:, 14, 14] = 1
    moved = np.asarray(models.augmentation(shift=0.1)(dot, training=True))[..., 0]
    mass = moved.sum(axis=(1, 2))
    row = (moved.sum(axis=2) @ np.arange(29)) / mass - 14
    assert 1.5 < np.abs(row).max() <= 2.91


def test_brightness_shifts_the_grey_values(keras):
    keras.utils.set_random_seed(0)
    grey = np.full((200, 8, 8, 1), 0.5, "float32")
    changed = np.asarray(models.augmentation(brightness=0.1)(grey, training=True))
    assert np.ptp(changed, axis=(1, 2, 3)).max() < 1e-6
    assert 0.05 < np.abs(changed - 0.5).max() <= 0.1 + 1e-6


def test_bad_amounts_are_refused(keras):
    with pytest.raises(ValueError, match="shift is -0.1"):
        models.augmentation(shift=-0.1)
    with pytest.raises(ValueError, match="no change is asked for"):
        models.augmentation()
