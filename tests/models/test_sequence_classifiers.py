"""Networks for signals in time: sizes, shapes, what they learn, what they refuse."""

import numpy as np
import pytest

from medlearn import models
from medlearn.data import Split


def _waves(count, seed):
    """Signals with a hump early or late, which the number beside it turns round."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 0.2, (count, 32, 1)).astype("float32")
    late, turned = rng.integers(0, 2, count), rng.integers(0, 2, count)
    for signal, place in zip(x, late, strict=True):
        signal[6 + 14 * place : 12 + 14 * place] += 1
    numbers = (2.0 * turned + 100 + rng.normal(0, 0.1, count))[:, np.newaxis].astype("float32")
    return Split((x, numbers), late ^ turned, None)


@pytest.mark.parametrize("name", ["convolutional_sequence", "recurrent_sequence"])
def test_both_inputs_are_needed_and_used(keras, name):
    train, validation, test = (_waves(n, seed) for n, seed in ((800, 0), (200, 1), (300, 2)))
    keras.utils.set_random_seed(1)
    options = {"samples": 32, "leads": 1, "numbers": 1, "classes": 2, "dropout": 0.1}
    model = getattr(models, name)(**options)
    models.train_classifier(model, train, validation, epochs=12, learning_rate=0.01, batch_size=32)
    z = models.logits(model, test.x)
    assert z.shape == (300, 2)
    assert np.mean(z.argmax(axis=1) == test.y) > 0.9
    turned = models.logits(model, (test.x[0], 202 - test.x[1]))
    assert np.mean(turned.argmax(axis=1) == test.y) < 0.2


def test_logits_of_several_inputs_do_not_depend_on_the_batch(keras):
    model = models.convolutional_sequence()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 96, 2)).astype("float32"), rng.normal(size=(20, 5)).astype("float32")
    z = models.logits(model, x)
    assert z.shape == (20, 4) and z.dtype == float
    np.testing.assert_allclose(z, models.logits(model, x, batch_size=7), atol=1e-5)


@pytest.mark.parametrize(("name", "options", "weights"), [
    ("convolutional_sequence", {}, "14,776"),
    ("recurrent_sequence", {"cell": "GRU"}, "9,304"),
    ("recurrent_sequence", {"cell": "LSTM"}, "11,352"),
])
def test_size_is_as_documented(keras, name, options, weights):
    build = getattr(models, name)
    assert f"{build(**options).count_params():,}" == weights
    assert weights in build.__doc__


def test_gates_can_be_counted(keras):
    """The LSTM has four blocks of weights, the GRU three."""
    layer = {cell: models.recurrent_sequence(cell=cell).layers for cell in ("GRU", "LSTM")}
    blocks = {}
    for cell, biases in (("GRU", 2), ("LSTM", 1)):
        (both,) = [each for each in layer[cell] if type(each).__name__ == "Bidirectional"]
        blocks[cell] = both.count_params() / 2 / (32 * (2 + 32) + biases * 32)
    assert blocks == {"GRU": 3, "LSTM": 4}


def test_without_numbers_the_signal_alone_decides(keras):
    model = models.convolutional_sequence(numbers=0)
    x = np.random.default_rng(0).normal(size=(3, 96, 2)).astype("float32")
    assert models.logits(model, (x, np.zeros((3, 0), "float32"))).shape == (3, 4)


def test_bad_settings_are_refused(keras):
    with pytest.raises(ValueError, match="cannot be halved 3 times"):
        models.convolutional_sequence(samples=7)
    with pytest.raises(ValueError, match="give GRU or LSTM"):
        models.recurrent_sequence(cell="RNN")
