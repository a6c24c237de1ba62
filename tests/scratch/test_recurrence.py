"""Recurrent layers and embeddings: Keras's numbers, finite differences, their definition."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from medlearn import scratch

from . import parity

TOLERANCE = 1e-5
DIFFERENCES = 1e-6
seeds = st.integers(0, 2**32 - 1)
shapes = st.tuples(st.integers(1, 5), st.integers(1, 12), st.integers(1, 4))
sizes = st.integers(1, 7)
modest = settings(max_examples=10, deadline=None)
names = pytest.mark.parametrize("name", parity.RECURRENT)
sequences = pytest.mark.parametrize("return_sequences", [False, True])


def make(name, units, **arguments):
    kind, own = parity.RECURRENT[name]
    return getattr(scratch, kind)(units, **own, **arguments)


@names
@sequences
@modest
@given(seed=seeds, shape=shapes, units=sizes)
def test_outputs_and_gradients_are_keras_s(name, return_sequences, seed, shape, units):
    errors = parity.recurrent_errors(
        np.random.default_rng(seed), name, shape, units, return_sequences=return_sequences)
    assert np.max(errors) < TOLERANCE, errors


@names
@pytest.mark.parametrize("activation", ["linear", "sigmoid", "relu"])
def test_other_activations_are_keras_s(name, activation):
    rng = np.random.default_rng(0)
    errors = parity.recurrent_errors(rng, name, (3, 6, 2), 4, activation=activation)
    assert np.max(errors) < TOLERANCE, errors


@names
def test_a_long_sequence_is_keras_s(name):
    errors = parity.recurrent_errors(np.random.default_rng(0), name, (32, 187, 1), 64)
    assert np.max(errors) < 1e-4, errors


@names
@sequences
@modest
@given(seed=seeds, shape=shapes, units=st.integers(1, 4))
def test_gradients_against_finite_differences(name, return_sequences, seed, shape, units):
    layer = make(name, units, return_sequences=return_sequences, seed=seed)
    error = parity.finite_difference_error(np.random.default_rng(seed), layer, shape)
    assert error < DIFFERENCES


@modest
@given(seed=seeds, shape=st.tuples(sizes, sizes), tokens=sizes, columns=sizes)
def test_embedding_against_keras_and_finite_differences(seed, shape, tokens, columns):
    rng = np.random.default_rng(seed)
    assert max(parity.embedding_errors(rng, shape, tokens, columns)) < TOLERANCE
    assert parity.embedding_difference_error(rng, shape, tokens, columns) < DIFFERENCES


def sigma(z):
    return 1 / (1 + np.exp(-z))


def rnn_step(x, h, c, kernel, recurrent_kernel, bias):
    return np.tanh(x @ kernel + h @ recurrent_kernel + bias), c


def lstm_step(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = np.split(x @ kernel + h @ recurrent_kernel + bias, 4)
    c = sigma(f) * c + sigma(i) * np.tanh(g)
    return sigma(o) * np.tanh(c), c


def gru_step(x, h, c, kernel, recurrent_kernel, bias):
    of_x = np.split(x @ kernel + bias[0], 3)
    of_h = np.split(h @ recurrent_kernel + bias[1], 3)
    z, r = sigma(of_x[0] + of_h[0]), sigma(of_x[1] + of_h[1])
    return z * h + (1 - z) * np.tanh(of_x[2] + r * of_h[2]), c


def gru_reset_before_step(x, h, c, kernel, recurrent_kernel, bias):
    of_x = np.split(x @ kernel + bias, 3)
    for_z, for_r, for_candidate = np.split(recurrent_kernel, 3, axis=1)
    z, r = sigma(of_x[0] + h @ for_z), sigma(of_x[1] + h @ for_r)
    return z * h + (1 - z) * np.tanh(of_x[2] + (r * h) @ for_candidate), c


STEPS = dict(zip(parity.RECURRENT, (rnn_step, lstm_step, gru_step, gru_reset_before_step)))


@names
def test_a_layer_is_its_definition_step_by_step(name):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 5, 3))
    layer = make(name, 4, return_sequences=True, dtype="float64", seed=1)
    layer.build(x.shape)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.get_weights()])
    y = layer.forward(x)
    for row in range(2):
        h, c = np.zeros(4), np.zeros(4)
        for t in range(5):
            h, c = STEPS[name](x[row, t], h, c, *layer.get_weights())
            np.testing.assert_allclose(y[row, t], h, atol=1e-12)


@names
def test_the_last_state_is_the_last_of_the_sequence(name):
    x = np.random.default_rng(0).normal(size=(3, 6, 2))
    last, whole = make(name, 4, seed=2), make(name, 4, return_sequences=True, seed=2)
    y = whole.forward(x)
    assert y.shape == whole.output_shape(x.shape) == (3, 6, 4)
    assert last.output_shape((None, None, 2)) == (None, 4)
    np.testing.assert_array_equal(last.forward(x), y[:, -1])
    dy = np.zeros_like(y)
    dy[:, -1] = 1
    np.testing.assert_array_equal(last.backward(dy[:, -1]), whole.backward(dy))
    for name in last.grads:
        np.testing.assert_array_equal(last.grads[name], whole.grads[name])


@names
def test_the_length_may_change_from_call_to_call(name):
    layer = make(name, 4, seed=2)
    x = np.random.default_rng(0).normal(size=(3, 6, 2))
    layer.forward(x)
    assert layer.forward(x[:, :4]).shape == (3, 4)
    assert layer.backward(np.ones((3, 4))).shape == (3, 4, 2)


@names
def test_no_saturated_gate_overflows(name):
    layer = make(name, 3, seed=0)
    with np.errstate(all="raise"):
        y = layer.forward(np.full((1, 4, 2), 1e4))
        layer.backward(np.ones_like(y))
    assert np.isfinite(y).all()


@names
def test_starting_weights_are_keras_s_in_kind(name):
    keras, _ = parity.load_keras()
    kind, own = parity.RECURRENT[name]
    ours, theirs = make(name, 20, seed=0), getattr(keras.layers, kind)(20, **own)
    ours.build((None, 5, 30))
    theirs.build((None, 5, 30))
    assert list(ours.params) == [weight.name for weight in theirs.weights]
    kernel, recurrent_kernel, bias = ours.get_weights()
    keras_kernel, keras_recurrent_kernel, keras_bias = theirs.get_weights()
    np.testing.assert_array_equal(bias, keras_bias)
    assert kernel.shape == keras_kernel.shape
    assert np.abs(kernel).max() == pytest.approx(np.abs(keras_kernel).max(), rel=0.02)
    for matrix in (recurrent_kernel, keras_recurrent_kernel):
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(20), atol=1e-5)


@pytest.mark.parametrize("embedded", [True, False])
def test_a_whole_network_trains_as_in_keras(embedded):
    """With an embedding by plain steps: Keras's Adam and its clipping square the parts that
    repeated tokens send before they add them up (its first step for a token that stands four
    times is twice the learning rate)."""
    keras, _ = parity.load_keras()
    rng = np.random.default_rng(0)
    kind, arguments = ("SGD", {}) if embedded else ("Adam", {"global_clipnorm": 0.05})
    x = rng.integers(0, 9, (40, 12)) if embedded else rng.normal(size=(40, 12, 2))
    y = rng.integers(0, 2, (40, 1)).astype(np.float32)
    first = [scratch.Embedding(9, 5)] if embedded else []
    ours = scratch.Sequential([
        *first, scratch.LSTM(6, return_sequences=True), scratch.GRU(4), scratch.Dense(1, "sigmoid"),
    ], seed=0)
    first = [keras.layers.Embedding(9, 5)] if embedded else []
    theirs = keras.Sequential([
        *first, keras.layers.LSTM(6, return_sequences=True), keras.layers.GRU(4),
        keras.layers.Dense(1, "sigmoid"),
    ])
    ours.build(x.shape)
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())
    theirs.compile(getattr(keras.optimizers, kind)(0.02, **arguments), "binary_crossentropy")
    expected = theirs.fit(x, y, 8, 3, verbose=0, shuffle=False).history["loss"]
    optimizer = getattr(scratch, kind)(0.02, **arguments)
    history = ours.fit(x, y, scratch.BinaryCrossentropy(), optimizer, 3, 8, shuffle=False)
    np.testing.assert_allclose(history["loss"], expected, atol=1e-4)
    assert parity.error(ours.predict(x), theirs(x).numpy()) < 1e-4


def test_a_sigmoid_state_under_cross_entropy_is_no_logit():
    """The loss undoes a sigmoid of a dense layer; a recurrent one has no logits to give."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 4, 1)), rng.integers(0, 2, (30, 1))
    model = scratch.Sequential([scratch.SimpleRNN(1, activation="sigmoid")], seed=0)
    history = model.fit(x, y, scratch.BinaryCrossentropy(), scratch.Adam(0.05), 30)
    assert history["loss"][-1] < history["loss"][0]


def test_a_network_of_sequences_passes_the_gradient_check():
    model = scratch.Sequential([
        scratch.GRU(3, return_sequences=True), scratch.LSTM(2), scratch.Dense(1, "sigmoid"),
    ], seed=0)
    rng = np.random.default_rng(1)
    report = scratch.gradient_check(
        model, rng.normal(size=(4, 5, 2)), scratch.BinaryCrossentropy(),
        rng.integers(0, 2, (4, 1)),
    )
    assert report.passed, str(report)


@names
@pytest.mark.parametrize(
    ("shape", "advice"),
    [((6, 4), r"x\[..., np.newaxis\]"), ((2, 3, 4, 1), "batch, time, features"),
     ((2, 0, 3), "at least one time step"), ((2, 3, 0), "at least one feature")],
)
def test_what_is_no_sequence(name, shape, advice):
    with pytest.raises(ValueError, match=advice):
        make(name, 3).forward(np.ones(shape))


@names
def test_other_features_and_bad_arguments(name):
    layer = make(name, 3)
    with pytest.raises(ValueError, match="number must be stated"):
        layer.build((None, 5, None))
    layer.forward(np.ones((2, 5, 4)))
    with pytest.raises(ValueError, match="last axis of 4"):
        layer.forward(np.ones((2, 5, 3)))
    for units in (0, -2, 1.5, "3", True):
        with pytest.raises(ValueError, match="units"):
            make(name, units)
    with pytest.raises(ValueError, match="return_sequences"):
        make(name, 3, return_sequences="yes")
    with pytest.raises(ValueError, match="no activation 'swish'"):
        make(name, 3, activation="swish")


def test_reset_after_is_yes_or_no():
    with pytest.raises(ValueError, match="reset_after"):
        scratch.GRU(3, reset_after=None)


def test_embedding_of_any_shape_and_any_length():
    layer = scratch.Embedding(5, 3, seed=0)
    assert layer.forward([[1, 2], [4, 4]]).shape == (2, 2, 3)
    assert layer.forward([[1, 2, 0]]).shape == layer.output_shape((1, 3)) == (1, 3, 3)
    assert layer.forward([4]).shape == (1, 3)
    assert np.abs(layer.get_weights()[0]).max() <= 0.05


@pytest.mark.parametrize("tokens", [[[0.5]], [[float("nan")]]])
def test_tokens_are_whole_numbers(tokens):
    with pytest.raises(ValueError, match="whole numbers"):
        scratch.Embedding(3, 2).forward(tokens)


@pytest.mark.parametrize(("tokens", "told"), [([[0, 3]], "3"), ([[-1, 2]], "-1"),
                                             ([[float("inf")]], "inf")])
def test_unknown_tokens(tokens, told):
    with pytest.raises(ValueError, match=f"tokens 0 to 2; x holds {told}"):
        scratch.Embedding(3, 2).forward(tokens)


@pytest.mark.parametrize("arguments", [(0, 2), (3, 0), (2.5, 2), (3, True)])
def test_dimensions_of_an_embedding(arguments):
    with pytest.raises(ValueError, match="_dim"):
        scratch.Embedding(*arguments)


@modest
@given(seed=seeds, limit=st.floats(0.01, 10))
def test_clipping_shortens_and_keeps_the_direction(seed, limit):
    rng = np.random.default_rng(seed)
    gradients = [rng.normal(size=(3, 2)), rng.normal(size=4).astype(np.float32)]
    norm = scratch.global_norm(gradients)
    assume(abs(norm - limit) > 1e-3)
    clipped = scratch.clip_by_global_norm(gradients, limit)
    assert scratch.global_norm(clipped) == pytest.approx(min(norm, limit), rel=1e-6)
    assert [c.dtype for c in clipped] == [g.dtype for g in gradients]
    for before, after in zip(gradients, clipped, strict=True):
        np.testing.assert_allclose(after, before * min(1, limit / norm), rtol=1e-5)


def test_a_huge_gradient_in_float32_is_clipped():
    (clipped,) = scratch.clip_by_global_norm([np.full(4, 1e30, np.float32)], 1.0)
    np.testing.assert_allclose(clipped, 0.5, rtol=1e-6)


def test_clipping_refuses_what_no_factor_mends():
    with pytest.raises(ValueError, match="NaN or infinity"):
        scratch.clip_by_global_norm([np.array([1.0, np.nan])], 1.0)
    with pytest.raises(ValueError, match="limit must be above 0"):
        scratch.clip_by_global_norm([np.ones(2)], 0)


@pytest.mark.parametrize("kind", ["SGD", "RMSprop", "Adam"])
def test_optimisers_clip_in_one_way_and_leave_the_gradients(kind):
    optimizer = getattr(scratch, kind)
    with pytest.raises(ValueError, match="Clip in one way"):
        optimizer(clipnorm=1.0, global_clipnorm=1.0)
    for name in ("clipnorm", "clipvalue", "global_clipnorm"):
        with pytest.raises(ValueError, match=f"{name} must be above 0"):
            optimizer(**{name: 0})
        layer = scratch.Dense(2, seed=0)
        layer.forward(np.ones((1, 3)))
        layer.backward(np.full((1, 2), 50.0))
        before = {key: value.copy() for key, value in layer.grads.items()}
        optimizer(**{name: 0.1}).step([layer])
        for key, value in before.items():
            np.testing.assert_array_equal(layer.grads[key], value)


def test_a_step_is_never_longer_than_the_limit_allows():
    layer = scratch.Dense(2, seed=0)
    layer.forward(np.ones((1, 3)))
    before = layer.get_weights()
    layer.backward(np.full((1, 2), 1e6))
    scratch.SGD(0.5, global_clipnorm=2.0).step([layer])
    moved = [a - b for a, b in zip(layer.get_weights(), before, strict=True)]
    assert scratch.global_norm(moved) == pytest.approx(0.5 * 2.0, rel=1e-5)
