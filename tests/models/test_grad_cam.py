"""Grad-CAM: adds up to the logit, follows what the network sees, ignores what it does not."""

import numpy as np
import pytest

from medlearn import models


@pytest.fixture(scope="module")
def trained(keras, bars):
    keras.utils.set_random_seed(1)
    model = models.vgg_like(filters=(8, 16), augment=models.augmentation(shift=0.05))
    models.train_classifier(model, *bars[:2], epochs=8, learning_rate=0.01, batch_size=32)
    return model


def test_map_lies_where_the_upright_bar_is(keras, trained, bars):
    test = bars[2]
    ill = test.y == 1
    maps = models.grad_cam(trained, test.x[ill])
    assert maps.shape == (ill.sum(), 14, 14)
    assert (maps >= 0).all()
    brightest = test.x[ill].reshape(ill.sum(), 14, 2, 14, 2).mean(axis=(2, 4))
    def peak(picture):
        smooth = np.array([np.unravel_index(each.argmax(), (14, 14)) for each in picture])
        return smooth
    distance = np.abs(peak(maps) - peak(brightest)).max(axis=1)
    assert np.mean(distance <= 4) > 0.7


def test_uncut_map_adds_up_to_the_logit(keras):
    """Global average and one dense layer: mean of sum(w * maps) plus bias is the logit."""
    keras.utils.set_random_seed(2)
    model = models.resnet_like(filters=(4, 8), strides=(2, 1))
    kernel, bias = model.get_layer("logit").get_weights()
    # Positive weights on maps that a ReLU made positive: the cut removes nothing.
    model.get_layer("logit").set_weights([np.abs(kernel), bias])
    x = np.random.default_rng(0).random((3, 28, 28, 1)).astype("float32")
    maps = models.grad_cam(model, x)
    np.testing.assert_allclose(maps.mean(axis=(1, 2)) + bias, models.logits(model, x), rtol=1e-3)


def test_picture_by_itself_gets_the_same_map(trained, bars):
    x = bars[2].x[:4]
    together = models.grad_cam(trained, x)
    np.testing.assert_allclose(together[2:3], models.grad_cam(trained, x[2:3]), atol=1e-4)


def test_unknown_layer_and_network_without_logit_are_refused(keras, trained, bars):
    with pytest.raises(ValueError, match="no layer 'none such' gives maps"):
        models.grad_cam(trained, bars[2].x[:1], layer="none such")
    with pytest.raises(ValueError, match="one logit"):
        models.grad_cam(models.d0_network(), bars[2].x[:1])
