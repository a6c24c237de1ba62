"""The interface that all layers share, and bad input."""

import pickle

import numpy as np
import pytest

from medlearn import scratch

MAKERS = {
    "dense": lambda **kw: scratch.Dense(3, "tanh", **kw),
    "activation": lambda **kw: scratch.Activation("sigmoid", **kw),
    "dropout": lambda **kw: scratch.Dropout(0.5, **kw),
    "batch_normalization": lambda **kw: scratch.BatchNormalization(**kw),
    "flatten": lambda **kw: scratch.Flatten(**kw),
}
PICTURE_MAKERS = {
    "conv2d": lambda **kw: scratch.Conv2D(3, 2, activation="tanh", **kw),
    "max_pooling": lambda **kw: scratch.MaxPooling2D(2, 1, **kw),
    "average_pooling": lambda **kw: scratch.AveragePooling2D(2, 1, "same", **kw),
    "global_average_pooling": lambda **kw: scratch.GlobalAveragePooling2D(**kw),
}
SEQUENCE_MAKERS = {
    "simple_rnn": lambda **kw: scratch.SimpleRNN(3, **kw),
    "lstm": lambda **kw: scratch.LSTM(3, return_sequences=True, **kw),
    "gru": lambda **kw: scratch.GRU(3, return_sequences=True, **kw),
    "gru_reset_before": lambda **kw: scratch.GRU(3, reset_after=False, **kw),
}


@pytest.fixture(params=[*MAKERS, *PICTURE_MAKERS, *SEQUENCE_MAKERS])
def make(request):
    return (MAKERS | PICTURE_MAKERS | SEQUENCE_MAKERS)[request.param]


@pytest.fixture
def x(request):
    """Rows of four features; pictures of two channels, sequences of five steps where wanted."""
    kind = request.node.callspec.params.get("make") if hasattr(request.node, "callspec") else None
    shape = (6, 5, 4, 2) if kind in PICTURE_MAKERS else (6, 4)
    shape = (6, 5, 4) if kind in SEQUENCE_MAKERS else shape
    return np.random.default_rng(0).normal(0, 1, shape)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_stays_in_the_layer_s_dtype(make, x, dtype):
    layer = make(dtype=dtype, seed=0)
    y = layer.forward(x, training=True)
    dx = layer.backward(np.ones(y.shape))
    arrays = [y, dx, *layer.get_weights(), *layer.grads.values()]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


def test_call_is_forward(make, x):
    layer = make(seed=0)
    np.testing.assert_array_equal(layer(x), layer.forward(x))
    assert layer.built


def test_backward_twice_gives_the_same_even_after_a_step(make, x):
    layer = make(seed=0)
    dy = np.random.default_rng(1).normal(0, 1, layer.forward(x, training=True).shape)
    first, first_grads = layer.backward(dy), dict(layer.grads)
    scratch.SGD(0.5).step([layer])
    np.testing.assert_array_equal(layer.backward(dy), first)
    assert list(layer.grads) == list(layer.params)
    for name, gradient in first_grads.items():
        np.testing.assert_array_equal(layer.grads[name], gradient)


def test_backward_belongs_to_the_last_forward(make, x):
    layer, other = make(seed=0), make(seed=0)
    layer.forward(x)
    y = layer.forward(2 * x[:3])
    other.forward(2 * x[:3])
    dy = np.ones(y.shape)
    np.testing.assert_array_equal(layer.backward(dy), other.backward(dy))


def test_what_the_caller_does_to_x_and_y_does_not_reach_backward(make, x):
    layer, other = make(seed=0), make(seed=0)
    x = x.astype(np.float32)
    other.forward(x.copy(), training=True)
    y = layer.forward(x, training=True)
    y[:] = 0
    x[:] = 7
    dy = np.ones(y.shape)
    np.testing.assert_array_equal(layer.backward(dy), other.backward(dy))
    for name in layer.grads:
        np.testing.assert_array_equal(layer.grads[name], other.grads[name])


def test_backward_before_forward(make, x):
    layer = make()
    layer.build(x.shape)
    with pytest.raises(RuntimeError, match="forward"):
        layer.backward(np.ones(x.shape))


def test_dy_of_another_shape(make, x):
    layer = make()
    layer.forward(x)
    with pytest.raises(ValueError, match=r"expected.*got \(6, 9\)"):
        layer.backward(np.ones((6, 9)))


def test_no_rows(make, x):
    with pytest.raises(ValueError, match=r"no rows"):
        make().forward(x[:0])


def test_bad_dtype(make):
    with pytest.raises(ValueError, match="float32"):
        make(dtype="int32")


@pytest.mark.parametrize("kind", ["dense", "batch_normalization"])
def test_wrong_rank_and_width(kind, x):
    layer = MAKERS[kind]()
    with pytest.raises(ValueError, match=r"at least 2 axes.*got shape \(4,\)"):
        layer.forward(np.ones(4))
    layer.forward(x)
    with pytest.raises(ValueError, match=r"expected shape \(..., 4\), got \(6, 5\)"):
        layer.forward(np.ones((6, 5)))
    with pytest.raises(ValueError, match="got"):
        layer.build((None, 5))


def test_batch_normalization_keeps_its_rank(x):
    layer = scratch.BatchNormalization()
    layer.forward(x)
    with pytest.raises(ValueError, match=r"2 axes.*got shape \(6, 2, 4\)"):
        layer.forward(np.ones((6, 2, 4)))


def test_layers_without_weights_take_any_width(x):
    for layer in (scratch.Dropout(0.2), scratch.Activation("tanh")):
        assert layer.forward(x).shape == (6, 4)
        assert layer.forward(x[:, :2]).shape == (6, 2)


def test_building_ahead_gives_what_the_first_call_gives(make, x):
    ahead, late = make(seed=3), make(seed=3)
    ahead.build((None, *x.shape[1:]))
    late.forward(x)
    assert ahead.built and late.built
    for one, other in zip(ahead.get_weights(), late.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", ["dense", "batch_normalization"])
def test_get_and_set_weights(kind, x):
    layer = MAKERS[kind](seed=0)
    weights = [np.ones((4, 3)), np.zeros(3)]
    with pytest.raises(RuntimeError, match="build"):
        layer.set_weights(weights)
    y = layer.forward(x)
    weights = layer.get_weights()
    for weight in weights:
        weight += 1  # a copy: the layer does not see this
    np.testing.assert_array_equal(layer.forward(x), y)
    layer.set_weights(weights)
    expected = [weight.copy() for weight in weights]
    for weight in weights:
        weight += 1  # nor this
    for one, other in zip(layer.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", ["dense", "batch_normalization"])
def test_set_weights_of_a_wrong_shape_changes_nothing(kind, x):
    layer = MAKERS[kind](seed=0)
    layer.forward(x)
    before = layer.get_weights()
    wrong = [weight + 1 for weight in before]
    wrong[-1] = np.ones((3, 2))
    with pytest.raises(ValueError, match=r"shape \(\d,\), got \(3, 2\)"):
        layer.set_weights(wrong)
    with pytest.raises(ValueError, match="got 1"):
        layer.set_weights(wrong[:1])
    for one, other in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("units", [0, -1, 2.5, "3", True])
def test_dense_units(units):
    with pytest.raises(ValueError, match="units"):
        scratch.Dense(units)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_dropout_rate(rate):
    with pytest.raises(ValueError, match="share dropped"):
        scratch.Dropout(rate)


@pytest.mark.parametrize("arguments", [{"momentum": 1.5}, {"epsilon": 0}])
def test_batch_normalization_arguments(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        scratch.BatchNormalization(**arguments)


def test_dropout_rate_is_the_share_dropped_and_the_mean_stays():
    x = np.ones((200, 500))
    y = scratch.Dropout(0.2, seed=0).forward(x, training=True)
    assert np.mean(y == 0) == pytest.approx(0.2, abs=0.01)
    assert y.mean() == pytest.approx(1, abs=0.01)


def test_dropout_draws_a_new_mask_each_time_and_the_same_ones_from_the_same_seed():
    x = np.ones((5, 20))
    layer, twin = scratch.Dropout(0.5, seed=4), scratch.Dropout(0.5, seed=4)
    first, second = layer(x, training=True), layer(x, training=True)
    assert (first != second).any()
    np.testing.assert_array_equal(twin(x, training=True), first)
    np.testing.assert_array_equal(twin(x, training=True), second)


def test_batch_normalization_in_training_and_after():
    x = np.random.default_rng(0).normal(5, 3, (400, 2))
    layer = scratch.BatchNormalization(momentum=0.5)
    y = layer.forward(x, training=True)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=0), 1, atol=1e-3)
    # Half of the old average, half of the batch.
    np.testing.assert_allclose(layer.state["moving_mean"], x.mean(axis=0) / 2, rtol=1e-5)
    np.testing.assert_allclose(layer.state["moving_variance"], (1 + x.var(axis=0)) / 2, rtol=1e-5)
    state = {name: value.copy() for name, value in layer.state.items()}
    layer.forward(x)  # not in training: nothing moves
    for name, value in state.items():
        np.testing.assert_array_equal(layer.state[name], value)


def test_a_layer_of_one_s_own_that_lacks_a_method():
    class Half(scratch.Layer):
        def _forward(self, x, training):
            return x / 2

    layer = Half()
    layer.forward([[1.0]])
    with pytest.raises(NotImplementedError, match="_backward"):
        layer.backward([[1.0]])


def test_a_layer_survives_pickling(make, x):
    layer = make(seed=0)
    y = layer.forward(x)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(layer)).forward(x), y)
