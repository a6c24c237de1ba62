"""Sequential: training, early stopping, reproducibility, bad input."""

import numpy as np
import pytest

from medlearn import scratch


def network(seed=0, output="sigmoid"):
    return scratch.Sequential([
        scratch.Dense(8, "tanh"), scratch.BatchNormalization(), scratch.Dropout(0.3),
        scratch.Dense(1, output),
    ], seed=seed)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (60, 3))
    return x, (x[:, :1] * x[:, 1:2] > 0).astype(float)


def fit(model, x, y, epochs=3, batch_size=16, **arguments):
    loss = scratch.BinaryCrossentropy()
    return model.fit(x, y, loss, scratch.Adam(0.05), epochs, batch_size, **arguments)


def assert_same(weights, others, same=True):
    equal = [np.array_equal(a, b) for a, b in zip(weights, others, strict=True)]
    assert all(equal) if same else not all(equal)


def test_it_learns_what_no_line_can_tell_apart(data):
    x, y = data
    model = scratch.Sequential([scratch.Dense(16, "relu"), scratch.Dense(1, "sigmoid")], seed=0)
    history = fit(model, x, y, epochs=150)
    assert np.mean((model.predict(x) > 0.5) == y) > 0.95
    assert history["loss"][-1] < 0.5 * history["loss"][0]


def test_the_same_seed_gives_the_same_weights_shuffles_and_masks(data):
    one, other = network(seed=3), network(seed=3)
    assert fit(one, *data) == fit(other, *data)
    assert fit(one, *data) == fit(other, *data)  # and the second time
    assert_same(one.get_weights(), other.get_weights())


def test_another_seed_gives_others(data):
    one, other = network(seed=3), network(seed=4)
    assert fit(one, *data) != fit(other, *data)


def test_no_seed_is_chance(data):
    one, other = network(seed=None), network(seed=None)
    one.build((None, 3))
    other.build((None, 3))
    assert_same(one.get_weights(), other.get_weights(), same=False)


def test_equal_layers_get_different_seeds_and_a_layer_keeps_its_own():
    model = scratch.Sequential(
        [scratch.Dense(3), scratch.Dense(3), scratch.Dense(3, seed=5)], seed=0)
    assert len({layer.seed for layer in model.layers}) == 3
    assert model.layers[2].seed == 5
    model.build((None, 3))
    kernels = model.get_weights()[::2]
    assert not np.allclose(kernels[0], kernels[1])


def test_adding_a_layer_leaves_the_earlier_seeds():
    short = scratch.Sequential([scratch.Dense(2)], seed=0)
    longer = scratch.Sequential([scratch.Dense(2), scratch.Dense(2)], seed=0)
    assert short.layers[0].seed == longer.layers[0].seed


def test_training_does_not_touch_numpys_global_generator(data):
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    fit(network(), *data)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_float32_throughout(data):
    model = network()
    fit(model, *data)
    gradients = [g for layer in model.layers for g in layer.grads.values()]
    arrays = model.get_weights() + gradients
    arrays += [model.predict(data[0]), model.layers[-1].logits]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_each_epoch_visits_every_row_once_in_a_new_order():
    x = np.arange(10.0)[:, np.newaxis]

    class Recorder(scratch.Layer):
        seen = []

        def _forward(self, x, training):
            self.seen.append(x[:, 0].astype(int).tolist())
            return x

        def _backward(self, dy):
            return dy

    model = scratch.Sequential([Recorder(), scratch.Dense(1)], seed=0)
    model.fit(x, x, scratch.MeanSquaredError(), scratch.SGD(1e-4), epochs=2, batch_size=4)
    assert [len(batch) for batch in Recorder.seen] == [4, 4, 2] * 2
    first, second = sum(Recorder.seen[:3], []), sum(Recorder.seen[3:], [])
    assert sorted(first) == sorted(second) == list(range(10))
    assert list(range(10)) != first != second


def test_history_is_the_mean_of_a_row_not_of_a_batch():
    # 5 rows in batches of 4: the last row must not count as much as the first four together.
    x, y = np.zeros((5, 1)), np.array([[1.0], [1], [1], [1], [10.0]])
    model = scratch.Sequential([scratch.Dense(1)])
    history = model.fit(x, y, scratch.MeanSquaredError(), scratch.SGD(1e-12), 1, 4, shuffle=False)
    assert history["loss"] == pytest.approx([20.8])
    assert model.evaluate(x, y, batch_size=4) == pytest.approx(20.8)


def test_callback_sees_every_epoch(data):
    x, y = data
    calls = []
    history = fit(network(), x, y, validation_data=(x, y),
                  on_epoch=lambda epoch, logs: calls.append((epoch, logs)))
    assert [epoch for epoch, _ in calls] == [0, 1, 2]
    assert [logs["val_loss"] for _, logs in calls] == history["val_loss"]
    assert [logs["loss"] for _, logs in calls] == history["loss"]
    assert list(fit(network(), x, y)) == ["loss"]


def test_early_stopping_restores_the_best_epoch(data):
    x, y = data
    model, snapshots = network(), []
    history = fit(
        model, x[:30], y[:30], epochs=200, validation_data=(x[30:], 1 - y[30:]), patience=3,
        on_epoch=lambda epoch, logs: snapshots.append(model.get_weights()),
    )
    losses = history["val_loss"]
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 3 < 200
    assert_same(model.get_weights(), snapshots[best])
    assert_same(model.get_weights(), snapshots[-1], same=False)
    assert model.evaluate(x[30:], 1 - y[30:]) == pytest.approx(losses[best], abs=1e-6)


def test_the_best_epoch_is_restored_when_the_epochs_run_out_too(data):
    x, y = data
    model, snapshots = network(), []
    history = fit(
        model, x[:30], y[:30], epochs=12, validation_data=(x[30:], 1 - y[30:]), patience=50,
        on_epoch=lambda epoch, logs: snapshots.append(model.get_weights()),
    )
    assert len(history["loss"]) == 12
    best = int(np.argmin(history["val_loss"]))
    assert best < 11
    assert_same(model.get_weights(), snapshots[best])


def test_without_patience_the_last_weights_stay(data):
    x, y = data
    model, snapshots = network(), []
    fit(model, x, y, validation_data=(x, 1 - y),
        on_epoch=lambda epoch, logs: snapshots.append(model.get_weights()))
    assert_same(model.get_weights(), snapshots[-1])


def test_validation_leaves_the_training_as_it_is(data):
    x, y = data
    with_validation, without = network(), network()
    fit(with_validation, x, y, validation_data=(x[:7], y[:7]))
    fit(without, x, y)
    assert_same(with_validation.get_weights(), without.get_weights())


def test_predict_and_evaluate_do_not_depend_on_the_batch(data):
    x, y = data
    model = network()
    fit(model, x, y)
    np.testing.assert_allclose(model.predict(x, 7), model.forward(x), atol=1e-6)
    values = [model.evaluate(x, y, scratch.BinaryCrossentropy(), size) for size in (1, 7, 60)]
    np.testing.assert_allclose(values, values[0], rtol=1e-5)


def test_backward_goes_through_all_layers(data):
    x, _ = data
    model = network(output="linear")
    with pytest.raises(RuntimeError, match="forward"):
        model.backward(np.ones((60, 1)))
    model(x, training=True)
    dx = model.backward(np.ones((60, 1)))
    assert dx.shape == x.shape
    np.testing.assert_array_equal(model.backward(np.ones((60, 1))), dx)


def test_weights_of_a_model(data):
    model, other = network(seed=0), network(seed=1)
    with pytest.raises(RuntimeError, match="build"):
        other.set_weights([])
    model.build((None, 3))
    other.build((None, 3))
    other.set_weights(model.get_weights())
    assert_same(model.get_weights(), other.get_weights())
    wrong = [weight + 1 for weight in model.get_weights()]
    wrong[-1] = np.ones(2)
    with pytest.raises(ValueError, match=r"\(2,\)"):
        other.set_weights(wrong)
    assert_same(model.get_weights(), other.get_weights())


def test_training_goes_on_where_it_was(data):
    model, optimizer, loss = network(), scratch.Adam(0.05), scratch.BinaryCrossentropy()
    model.fit(*data, loss, optimizer, 2, 16)
    model.fit(*data, loss, optimizer, 3, 16)
    assert optimizer.iterations == 5 * 4


def test_labels_as_booleans_and_data_as_lists():
    model = scratch.Sequential([scratch.Dense(1, "sigmoid")], seed=0)
    history = fit(model, [[0], [1]], [[False], [True]])
    assert len(history["loss"]) == 3


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_refused_before_training(data, bad):
    x, y = data
    spoiled_x, spoiled_y = x.copy(), y.copy()
    spoiled_x[5, 1] = bad
    spoiled_y[7] = bad
    model = network()
    with pytest.raises(ValueError, match="^x holds 1 NaN.*row 5"):
        fit(model, spoiled_x, y)
    with pytest.raises(ValueError, match="^y holds 1 NaN.*row 7"):
        fit(model, x, spoiled_y)
    with pytest.raises(ValueError, match="^validation x holds 1 NaN"):
        fit(model, x, y, validation_data=(spoiled_x, y))
    assert not model.built


def test_lengths_and_emptiness(data):
    x, y = data
    model = network()
    with pytest.raises(ValueError, match="x has 60 rows, y has 59"):
        fit(model, x, y[1:])
    with pytest.raises(ValueError, match="no rows"):
        fit(model, x[:0], y[:0])
    with pytest.raises(ValueError, match="no rows"):
        model.predict(x[:0])
    with pytest.raises(ValueError, match="no rows"):
        model.evaluate(x[:0], y[:0], scratch.MeanSquaredError())
    with pytest.raises(ValueError, match="no rows"):
        model.forward(x[:0])
    with pytest.raises(ValueError, match="validation x has 10 rows"):
        fit(model, x, y, validation_data=(x[:10], y))
    with pytest.raises(ValueError, match="validation x has shape"):
        fit(model, x, y, validation_data=(x[:, :2], y))
    with pytest.raises(ValueError, match="numbers"):
        fit(model, x.astype(str), y)


def test_labels_are_refused_before_the_first_step(data):
    x, y = data
    y = y.copy()
    y[-1] = 2
    model = network()
    with pytest.raises(ValueError, match="labels from 0 to 1"):
        fit(model, x, y)
    with pytest.raises(ValueError, match="labels from 0 to 1"):
        fit(model, x, 2 * data[1] - 1)
    with pytest.raises(ValueError, match="labels from 0 to 1"):
        fit(model, x, data[1], validation_data=(x, y))
    assert not model.built


def test_labels_without_their_second_axis(data):
    x, y = data
    with pytest.raises(ValueError, match=r"y_true\[:, np.newaxis\]"):
        fit(network(), x, y[:, 0])


@pytest.mark.parametrize(
    "arguments",
    [{"epochs": 0}, {"epochs": 1.5}, {"batch_size": 0}, {"batch_size": -1}, {"patience": -1}],
)
def test_bad_numbers(data, arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        fit(network(), *data, validation_data=data, **arguments)


def test_patience_needs_validation_data(data):
    with pytest.raises(ValueError, match="validation_data"):
        fit(network(), *data, patience=2)


def test_names_instead_of_objects(data):
    with pytest.raises(TypeError, match="MeanSquaredError"):
        network().fit(*data, "mse", scratch.Adam(), 1, 8)
    with pytest.raises(TypeError, match=r"Adam\(\)"):
        network().fit(*data, scratch.MeanSquaredError(), "adam", 1, 8)


def test_logits_wanted_and_probabilities_given(data):
    with pytest.raises(ValueError, match="wants logits"):
        network().fit(*data, scratch.BinaryCrossentropy(from_logits=True), scratch.Adam(), 1, 8)


def test_evaluate_without_a_loss(data):
    with pytest.raises(RuntimeError, match="loss"):
        network().evaluate(*data)


def test_what_is_no_network():
    layer = scratch.Dense(1)
    with pytest.raises(ValueError, match="at least one"):
        scratch.Sequential([])
    with pytest.raises(ValueError, match="twice"):
        scratch.Sequential([layer, layer])
    with pytest.raises(TypeError, match="got str"):
        scratch.Sequential(["dense"])
    with pytest.raises(TypeError, match="got Sequential"):
        scratch.Sequential([scratch.Sequential([layer])])


def test_the_width_of_a_later_call(data):
    model = network()
    model.forward(data[0])
    with pytest.raises(ValueError, match=r"expected shape \(..., 3\), got \(2, 4\)"):
        model.predict(np.ones((2, 4)))


def test_class_in_place_of_an_object_is_told():
    x, model = np.zeros((4, 2)), scratch.Sequential([scratch.Dense(1)])
    with pytest.raises(TypeError, match=r"add brackets, MeanSquaredError\(\)"):
        model.fit(x, x[:, :1], scratch.MeanSquaredError, scratch.SGD())
    with pytest.raises(TypeError, match=r"add brackets, SGD\(\)"):
        model.fit(x, x[:, :1], scratch.MeanSquaredError(), scratch.SGD)


@pytest.mark.parametrize("given", [np.zeros((4, 2)), (np.zeros((4, 2)),)])
def test_validation_data_must_be_a_pair(given):
    x = np.zeros((4, 2))
    with pytest.raises(TypeError, match="must be a pair"):
        fit(scratch.Sequential([scratch.Dense(1, "sigmoid")]), x, x[:, :1], validation_data=given)


def test_layer_alone_is_told_to_stand_in_a_list():
    with pytest.raises(TypeError, match=r"Sequential\(\[layer\]\)"):
        scratch.Sequential(scratch.Dense(1))
    with pytest.raises(TypeError, match=r"step\(\[layer\]\)"):
        scratch.SGD().step(scratch.Dense(1))
