"""The networks: their shapes, sizes, and what the documents and papers say of them."""

import numpy as np
import pytest

from medlearn import models

BUILDERS = {"vgg_like": 72_529, "resnet_like": 78_161}


def test_d0_network_is_the_printed_one(keras):
    """Layer by layer as in D0, section 4; on its own images it has the printed program's size."""
    names = [type(layer).__name__ for layer in models.d0_network().layers]
    assert names == ["Conv2D", "MaxPooling2D"] * 2 + ["Conv2D", "Flatten", "Dense", "Dense"]
    assert names.count("Conv2D") == 3, "the document's text says two"
    assert models.d0_network((32, 32, 3), classes=10).count_params() == 122_570
    assert models.d0_network().count_params() == 92_802
    shares = np.asarray(models.d0_network()(np.random.default_rng(0).random((5, 28, 28, 1))))
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("name", BUILDERS)
def test_size_is_as_documented_and_within_the_budget(keras, name):
    model = getattr(models, name)()
    assert model.count_params() == BUILDERS[name] <= 150_000
    assert f"{BUILDERS[name]:,} weights" in getattr(models, name).__doc__


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("shape", [(28, 28, 1), (33, 40, 3)])
def test_one_logit_a_picture_of_any_size(keras, name, shape):
    model = getattr(models, name)(shape)
    assert model.output_shape == (None, 1)
    assert np.isfinite(np.asarray(model(np.zeros((2, *shape), "float32")))).all()


def test_block_that_has_learned_nothing_passes_its_input_on(keras):
    """What makes a ResNet: with the last scale of a block at 0, the shortcut is all there is."""
    model = models.resnet_like((28, 28, 1), filters=(4,), strides=(1,))
    last = [layer for layer in model.layers if type(layer).__name__ == "BatchNormalization"][-1]
    last.gamma.assign(np.zeros(4))
    relus = [layer.output for layer in model.layers if type(layer).__name__ == "Activation"]
    before, after = keras.Model(model.input, [relus[0], relus[-1]])(
        np.random.default_rng(0).random((2, 28, 28, 1)).astype("float32")
    )
    np.testing.assert_allclose(before, after, atol=1e-6)


def test_filters_and_strides_of_different_number_are_refused(keras):
    with pytest.raises(ValueError, match="zip"):
        models.resnet_like(filters=(8, 16), strides=(1,))


def test_d0_network_on_pictures_too_small_for_it_is_refused(keras):
    with pytest.raises(ValueError):
        models.d0_network((16, 16, 1))
