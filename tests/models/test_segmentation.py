"""The U-Net: its shape, that it can see, its losses worked by hand; slices there and back."""

import subprocess
import sys

import numpy as np
import pytest

from medlearn import lesson, models


@pytest.fixture(scope="module")
def keras():
    return lesson.load_keras()


def test_import_loads_no_keras():
    code = "import sys, medlearn.models; print({'keras', 'tensorflow', 'scipy'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


@pytest.mark.parametrize("shape", [(56, 40, 3), (48, 64, 1)])
def test_output_has_the_size_of_the_picture_and_sums_to_one(keras, shape):
    network = models.unet(shape, classes=4)
    out = np.array(network(np.random.default_rng(0).normal(size=(2, *shape))))
    assert out.shape == (2, *shape[:2], 4)
    np.testing.assert_allclose(out.sum(axis=-1), 1, rtol=1e-5)


def test_it_stays_below_the_limit_of_weights(keras):
    assert models.unet().count_params() <= 150_000


def test_a_picture_that_cannot_be_halved_is_refused(keras):
    with pytest.raises(ValueError, match="multiple of 8"):
        models.unet((50, 40, 1))
    with pytest.raises(ValueError, match="cannot be halved 3 times"):
        models.unet((56, 44, 1))


def test_every_output_depends_on_near_and_on_far_pixels(keras):
    """Down and up again, a pixel is seen by others far away; the skips keep it sharp."""
    network = models.unet((56, 40, 1))
    picture = np.zeros((1, 56, 40, 1), dtype="float32")
    spot = picture.copy()
    spot[0, 28, 20] = 5
    change = np.abs(np.array(network(spot)) - np.array(network(picture))).sum(axis=-1)[0]
    assert change[28, 20] > 0
    assert np.flatnonzero(change.sum(axis=1)).size > 30


def test_losses_by_hand(keras):
    labels = np.array([[[0, 1, 1, 2]]])
    probabilities = np.array([[[[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.3, 0.6, 0.1],
                                [0.1, 0.4, 0.5]]]])
    entropy = -np.mean(np.log([0.8, 0.7, 0.6, 0.5]))
    first = (2 * 1.3 + 1) / (2 + 1.8 + 1)
    second = (2 * 0.5 + 1) / (1 + 0.8 + 1)
    dice = 1 - (first + second) / 2
    values = [float(loss(labels, probabilities)) for loss in (
        models.pixel_cross_entropy, models.soft_dice_loss, models.cross_entropy_and_dice_loss)]
    assert values == pytest.approx([entropy, dice, entropy + dice], rel=1e-6)


def test_dice_loss_of_hard_answers_is_one_minus_the_metric(keras):
    from medlearn import metrics

    rng = np.random.default_rng(3)
    labels, answers = rng.integers(0, 3, (2, 4, 20, 20))
    loss = float(models.soft_dice_loss(labels, np.eye(3)[answers]))
    dice = [metrics.dice_coefficient(labels == k, answers == k) for k in (1, 2)]
    assert loss == pytest.approx(1 - np.mean(dice), abs=0.002)


def test_it_learns_a_bright_disc_and_predicts_volumes(keras):
    rng = np.random.default_rng(0)
    volumes = rng.normal(size=(6, 16, 8, 16)).astype("float32")
    grid = np.indices((16, 8, 16))
    truth = np.stack([
        (np.hypot(grid[0] - c, grid[2] - c) < 4).astype("uint8") for c in rng.uniform(5, 11, 6)
    ])
    volumes = models.standardised(volumes + 4 * truth)
    keras.utils.set_random_seed(0)
    network = models.unet((16, 16, 3), classes=2, filters=(4, 8))
    seen = []
    losses = models.train_segmenter(
        network, models.slices_with_neighbours(volumes), models.as_slices(truth), epochs=12,
        batch_size=4, on_epoch=lambda epoch, logs: seen.append(epoch))
    assert seen == list(range(12)) and losses[-1] < 0.5 * losses[0]
    labels = models.predict_labels(network, volumes)
    assert labels.shape == truth.shape and labels.dtype == np.uint8
    assert np.mean(labels == truth) > 0.97


def test_the_loss_of_an_epoch_is_the_mean_over_its_slices(keras):
    """Also where the last batch is smaller; every slice comes once, whatever the order."""
    labels = np.arange(10, dtype="uint8")[:, None, None] * np.ones((1, 8, 8), dtype="uint8")
    network = models.unet((8, 8, 1), classes=2, filters=(2, 4))
    losses = models.train_segmenter(
        network, np.zeros((10, 8, 8, 1), dtype="float32"), labels, epochs=2, batch_size=4, seed=3,
        loss=lambda y, p: keras.ops.mean(keras.ops.cast(y, "float32")) + 0 * keras.ops.sum(p))
    assert losses == pytest.approx([4.5, 4.5], rel=1e-6)


def test_slices_keep_their_order_and_neighbours():
    volumes = np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    slices = models.slices_with_neighbours(volumes)
    assert slices.shape == (8, 3, 5, 3)
    np.testing.assert_array_equal(models.from_slices(slices[..., 1], 4), volumes)
    # The second slice of the second volume, between the first and the third.
    for channel in range(3):
        np.testing.assert_array_equal(slices[5, ..., channel], volumes[1, :, channel])
    np.testing.assert_array_equal(slices[4, ..., 0], volumes[1, :, 0])


def test_standardised_volumes_forget_scale_and_offset():
    volumes = np.random.default_rng(0).gamma(2, size=(3, 4, 5, 6))
    one = models.standardised(volumes)
    np.testing.assert_allclose(one.mean(axis=(1, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(models.standardised(1e5 * volumes + 7), one, atol=1e-9)


def test_largest_component_keeps_touching_labels_together():
    labels = np.zeros((5, 8, 8), dtype=np.uint8)
    labels[1:4, 1:4, 1:4] = 1
    labels[1:4, 4:6, 1:4] = 2
    labels[0, 7, 7] = 2
    labels[4, 4, 4] = 1  # touches at a corner only
    kept = models.largest_components(labels)
    assert kept[0, 7, 7] == kept[4, 4, 4] == 0
    np.testing.assert_array_equal(kept[1:4, 1:6, 1:4], labels[1:4, 1:6, 1:4])
    assert labels[0, 7, 7] == 2
    assert models.largest_components(np.zeros((2, 2, 2), dtype=np.uint8)).sum() == 0
