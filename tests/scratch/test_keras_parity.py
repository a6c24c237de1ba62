"""medlearn.scratch gives Keras's numbers: outputs, gradients, optimiser steps, training."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from medlearn import scratch

from . import parity

TOLERANCE = 1e-5
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 8)
several = st.integers(2, 8)

modest = settings(max_examples=12, deadline=None)
few = settings(max_examples=3, deadline=None)


def assert_close(errors):
    assume(errors is not None)  # near ReLU's kink
    assert np.max(errors) < TOLERANCE, errors


@pytest.mark.parametrize("activation", parity.ACTIVATIONS)
@modest
@given(seed=seeds, rows=sizes, middle=st.lists(several, max_size=1), features=sizes, units=sizes)
def test_dense(activation, seed, rows, middle, features, units):
    rng = np.random.default_rng(seed)
    assert_close(parity.dense_errors(rng, (rows, *middle, features), units, activation))


@pytest.mark.parametrize("name", parity.ACTIVATIONS)
@modest
@given(seed=seeds, rows=sizes, features=several)
def test_activation(name, seed, rows, features):
    assert_close(parity.activation_errors(np.random.default_rng(seed), (rows, features), name))


@pytest.mark.parametrize("training", [True, False])
@modest
@given(seed=seeds, rows=st.integers(4, 9), middle=st.lists(several, max_size=1), features=sizes)
def test_batch_normalization(training, seed, rows, middle, features):
    # From 4 rows: the variance of 2 or 3 can be so small that float32 itself loses 1e-5.
    rng = np.random.default_rng(seed)
    assert_close(parity.batch_normalization_errors(rng, (rows, *middle, features), training))


@modest
@given(seed=seeds, features=sizes)
def test_batch_normalization_of_two_rows_in_float64(seed, features):
    keras, _ = parity.load_keras()
    rng = np.random.default_rng(seed)
    x, dy = rng.normal(1, 2, (2, features)), rng.normal(0, 1, (2, features))
    ours = scratch.BatchNormalization(dtype="float64")
    y, dx = ours.forward(x, training=True), ours.backward(dy)
    theirs = keras.layers.BatchNormalization(dtype="float64")
    keras_y, keras_dx, _ = parity.keras_gradients(theirs, x, dy, training=True)
    assert max(parity.error(y, keras_y), parity.error(dx, keras_dx)) < 1e-10


@modest
@given(seed=seeds, rows=several, features=several, rate=st.floats(0.05, 0.95))
def test_dropout_scales_what_it_keeps(seed, rows, features, rate):
    assert_close(parity.dropout_errors(np.random.default_rng(seed), (rows, features), rate))


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_dropout_at_the_ends(rate):
    keras, _ = parity.load_keras()
    x = np.ones((3, 4), np.float32)
    layer = scratch.Dropout(rate)
    np.testing.assert_array_equal(layer.forward(x, training=True), x * (1 - rate))
    np.testing.assert_array_equal(layer.backward(x), x * (1 - rate))
    np.testing.assert_array_equal(keras.layers.Dropout(rate)(x, training=True), x * (1 - rate))


@pytest.mark.parametrize("name", parity.LOSSES)
@modest
@given(seed=seeds, rows=sizes, columns=several)
def test_loss(name, seed, rows, columns):
    assert_close(parity.loss_errors(np.random.default_rng(seed), name, rows, columns))


@pytest.mark.parametrize(
    ("name", "y_true", "y_pred"),
    [
        ("BinaryCrossentropy", [[0, 1, 1, 0, 1]], [[0, 1, 0, 1, 1e-9]]),
        ("BinaryCrossentropy", [[0.3, 0.9]], [[0.0, 0.5]]),
        ("BinaryCrossentropy", [[0, 1]], [[1.5, -0.5]]),
        ("CategoricalCrossentropy", [[1, 0], [0, 1], [1, 0]], [[1, 0], [1, 0], [0.5, 1.5]]),
        ("CategoricalCrossentropy", [[0, 0, 1]], [[0.2, 0.2, 1e-9]]),
    ],
)
def test_clipping_of_probabilities_is_keras_s(name, y_true, y_pred):
    keras, tf = parity.load_keras()
    y_true, y_pred = np.array(y_true, np.float32), np.array(y_pred, np.float32)
    y_tensor = tf.constant(y_pred)
    with tf.GradientTape() as tape:
        tape.watch(y_tensor)
        expected = getattr(keras.losses, name)()(y_true, y_tensor)
    loss = getattr(scratch, name)()
    assert loss.forward(y_true, y_pred) == pytest.approx(float(expected), rel=1e-6)
    gradient = tape.gradient(expected, y_tensor).numpy()
    np.testing.assert_allclose(loss.backward(), gradient, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", parity.OPTIMIZERS)
@few
@given(seed=seeds, shape=st.tuples(sizes, sizes))
def test_twenty_steps_along_given_gradients(name, seed, shape):
    assert parity.optimizer_error(np.random.default_rng(seed), name, shape) < TOLERANCE


@pytest.mark.parametrize("name", parity.OPTIMIZERS)
@few
@given(seed=seeds, rows=st.integers(4, 9), features=sizes, units=sizes, outputs=several)
def test_twenty_training_steps_of_a_network(name, seed, rows, features, units, outputs):
    rng = np.random.default_rng(seed)
    assert parity.training_error(rng, name, rows, features, units, outputs) < TOLERANCE


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam"])
def test_defaults_of_the_optimisers(name):
    keras, _ = parity.load_keras()
    ours, theirs = getattr(scratch, name)(), getattr(keras.optimizers, name)().get_config()
    for key in set(vars(ours)) & set(theirs):
        assert getattr(ours, key) == pytest.approx(theirs[key]), key
    assert "learning_rate" in set(vars(ours)) & set(theirs)


def test_defaults_of_batch_normalisation_and_names_of_its_weights():
    keras, _ = parity.load_keras()
    ours, theirs = scratch.BatchNormalization(), keras.layers.BatchNormalization()
    assert (ours.momentum, ours.epsilon) == (theirs.momentum, theirs.epsilon)
    ours.build((None, 3))
    theirs.build((None, 3))
    assert [*ours.params, *ours.state] == [weight.name for weight in theirs.weights]


def test_glorot_uniform_and_zero_bias_as_in_keras():
    keras, _ = parity.load_keras()
    ours, theirs = scratch.Dense(80, seed=0), keras.layers.Dense(80)
    ours.build((None, 120))
    theirs.build((None, 120))
    (kernel, bias), (keras_kernel, keras_bias) = ours.get_weights(), theirs.get_weights()
    limit = np.sqrt(6 / 200)
    assert 0.99 * limit < np.abs(kernel).max() <= limit
    assert np.abs(keras_kernel).max() == pytest.approx(limit, rel=0.01)
    assert kernel.std() == pytest.approx(keras_kernel.std(), rel=0.05)
    assert not bias.any() and not keras_bias.any()


def test_weights_go_both_ways():
    ours, theirs = parity.small_networks("relu", 5, 3)
    x = parity.normal(np.random.default_rng(0), (6, 4))
    ours.forward(x, training=True)
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())
    assert parity.error(ours.predict(x), theirs(x).numpy()) < TOLERANCE
    theirs.set_weights([weight + 0.1 for weight in theirs.get_weights()])
    ours.set_weights(theirs.get_weights())
    assert parity.error(ours.predict(x), theirs(x).numpy()) < TOLERANCE
    assert {weight.dtype for weight in ours.get_weights()} == {np.dtype(np.float32)}


@pytest.fixture
def twins():
    """A network with a sigmoid output, in both packages, with the same weights, and its data."""
    keras, _ = parity.load_keras()
    rng = np.random.default_rng(0)
    x = parity.normal(rng, (45, 4))
    y = (x @ [[1.0], [-2.0], [0.5], [0.0]] + rng.normal(0, 2, (45, 1)) > 0).astype(np.float32)
    ours = scratch.Sequential([
        scratch.BatchNormalization(), scratch.Dense(8, "tanh"), scratch.Dense(1, "sigmoid"),
    ])
    theirs = keras.Sequential([
        keras.layers.BatchNormalization(), keras.layers.Dense(8, "tanh"),
        keras.layers.Dense(1, "sigmoid"),
    ])
    ours.build(x.shape)
    theirs.build(x.shape)
    ours.set_weights(theirs.get_weights())
    return ours, theirs, (x[:30], y[:30]), (x[30:], y[30:])


def test_fit_reports_and_reaches_what_keras_does(twins):
    keras, _ = parity.load_keras()
    ours, theirs, training, validation = twins
    theirs.compile(keras.optimizers.Adam(0.02), keras.losses.BinaryCrossentropy())
    expected = theirs.fit(
        *training, epochs=4, batch_size=8, shuffle=False, validation_data=validation, verbose=0
    ).history
    history = ours.fit(
        *training, scratch.BinaryCrossentropy(), scratch.Adam(0.02), 4, 8, validation,
        shuffle=False,
    )
    assert list(history) == list(expected) == ["loss", "val_loss"]
    for name in expected:
        np.testing.assert_allclose(history[name], expected[name], atol=TOLERANCE)
    for ours_weight, keras_weight in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert parity.error(ours_weight, keras_weight) < TOLERANCE


def test_early_stopping_ends_where_keras_s_does(twins):
    keras, _ = parity.load_keras()
    ours, theirs, training, validation = twins
    stopping = keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
    theirs.compile(keras.optimizers.RMSprop(0.05), keras.losses.BinaryCrossentropy())
    expected = theirs.fit(
        *training, epochs=60, batch_size=10, shuffle=False, validation_data=validation,
        callbacks=[stopping], verbose=0,
    ).history
    history = ours.fit(
        *training, scratch.BinaryCrossentropy(), scratch.RMSprop(0.05), 60, 10, validation,
        patience=2, shuffle=False,
    )
    assert 2 < len(history["loss"]) == len(expected["loss"]) < 60
    for ours_weight, keras_weight in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        # Rounding grows over the epochs at this learning rate.
        assert parity.error(ours_weight, keras_weight) < 1e-3


@pytest.mark.parametrize("output", ["layer", "activation"])
def test_a_saturated_sigmoid_still_learns_as_in_keras(output):
    """p rounds to 1 while y is 0: from the probability alone there would be no gradient."""
    keras, _ = parity.load_keras()
    x, y = np.ones((4, 1), np.float32), np.zeros((4, 1), np.float32)
    if output == "layer":
        ours = scratch.Sequential([scratch.Dense(1, "sigmoid")])
        theirs = keras.Sequential([keras.layers.Dense(1, "sigmoid")])
    else:
        ours = scratch.Sequential([scratch.Dense(1), scratch.Activation("sigmoid")])
        theirs = keras.Sequential([keras.layers.Dense(1), keras.layers.Activation("sigmoid")])
    for model in (ours, theirs):
        model.build((None, 1))
        model.set_weights([np.array([[20.0]]), np.array([10.0])])
    theirs.compile(keras.optimizers.SGD(1.0), keras.losses.BinaryCrossentropy())
    expected = theirs.fit(x, y, epochs=1, batch_size=4, verbose=0).history["loss"]
    history = ours.fit(x, y, scratch.BinaryCrossentropy(), scratch.SGD(1.0), 1, 4)
    assert history["loss"] == pytest.approx([30.0]) == expected
    np.testing.assert_allclose(ours.get_weights()[1], [9.0], atol=1e-5)
    np.testing.assert_allclose(theirs.get_weights()[1], [9.0], atol=1e-5)
    assert ours.evaluate(x, y) == pytest.approx(theirs.evaluate(x, y, verbose=0))
