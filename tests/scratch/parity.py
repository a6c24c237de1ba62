"""How far medlearn.scratch is from Keras and from finite differences.

`python -m tests.scratch.parity` prints the largest errors as a table; the tests assert that they
stay below their bounds. An error against Keras is the largest absolute difference, divided by the
largest absolute value where that is above 1 (float32 has seven digits, whatever the scale).
"""

import functools
import os

import numpy as np

from medlearn import lesson, scratch

ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu", "softmax")
LOSSES = {
    "MeanSquaredError": ("MeanSquaredError", {}),
    "BinaryCrossentropy": ("BinaryCrossentropy", {}),
    "BinaryCrossentropy(from_logits)": ("BinaryCrossentropy", {"from_logits": True}),
    "CategoricalCrossentropy": ("CategoricalCrossentropy", {}),
    "CategoricalCrossentropy(from_logits)": ("CategoricalCrossentropy", {"from_logits": True}),
}
OPTIMIZERS = {
    "SGD": ("SGD", {}),
    "SGD(momentum=0.9)": ("SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    "RMSprop": ("RMSprop", {}),
    "RMSprop(momentum=0.5)": ("RMSprop", {"learning_rate": 0.002, "rho": 0.8, "momentum": 0.5}),
    "Adam": ("Adam", {}),
    "Adam(0.01, 0.8, 0.99)": ("Adam", {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.99}),
    "SGD(clipnorm=0.1)": ("SGD", {"clipnorm": 0.1}),
    "RMSprop(clipvalue=0.02)": ("RMSprop", {"clipvalue": 0.02}),
    "Adam(global_clipnorm=0.05)": ("Adam", {"global_clipnorm": 0.05}),
}
RECURRENT = {
    "SimpleRNN": ("SimpleRNN", {}),
    "LSTM": ("LSTM", {}),
    "GRU": ("GRU", {}),
    "GRU(reset_after=False)": ("GRU", {"reset_after": False}),
}


@functools.cache
def load_keras():
    """Keras and TensorFlow, on the CPU; started as in a lesson, for other tests of this process."""
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    keras = lesson.load_keras()
    import tensorflow

    return keras, tensorflow


def error(ours, keras_value):
    ours, keras_value = np.asarray(ours), np.asarray(keras_value)
    assert ours.shape == keras_value.shape, (ours.shape, keras_value.shape)
    scale = max(1.0, np.max(np.abs(keras_value), initial=0.0))
    return float(np.max(np.abs(ours - keras_value), initial=0.0) / scale)


def normal(rng, shape, scale=1.0):
    return rng.normal(0, scale, shape).astype(np.float32)


def away_from_kink(z, distance=1e-3):
    return bool(np.min(np.abs(z)) > distance)


def away_from_tie(layer, x, distance=1e-3):
    """Whether the maximum of every window stands out."""
    padded = layer.windows.padded(x, -np.inf)
    windows = np.sort(layer.windows.all_pixels(padded).reshape(-1, np.prod(layer.windows.size),
                                                               x.shape[-1]), axis=1)
    return windows.shape[1] == 1 or bool(np.min(windows[:, -1] - windows[:, -2]) > distance)


def keras_gradients(layer, x, dy, training):
    """Keras's output, gradient for x and gradients of the trained weights by name."""
    _, tf = load_keras()
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=training)
        total = tf.reduce_sum(y * dy)
    dx, gradients = tape.gradient(total, [x, layer.trainable_weights])
    names = [weight.name for weight in layer.trainable_weights]
    return y.numpy(), dx.numpy(), {n: g.numpy() for n, g in zip(names, gradients, strict=True)}


def layer_errors(ours, theirs, x, dy, training):
    """(forward, gradient) errors of a layer that is given Keras's weights."""
    if not theirs.built:
        theirs.build(x.shape)
    ours.build(x.shape)
    ours.set_weights(theirs.get_weights())
    y = ours.forward(x, training)
    dx = ours.backward(dy)
    keras_y, keras_dx, keras_grads = keras_gradients(theirs, x, dy, training)
    assert list(ours.params) == list(keras_grads)
    assert {a.dtype for a in (y, dx, *ours.grads.values())} == {np.dtype(np.float32)}
    forward = [error(y, keras_y)]
    forward += [error(a, b) for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True)]
    gradient = [error(dx, keras_dx)]
    gradient += [error(ours.grads[name], keras_grads[name]) for name in keras_grads]
    return max(forward), max(gradient)


def dense_errors(rng, shape, units, activation):
    keras, _ = load_keras()
    units += activation == "softmax"  # over one unit it is always 1, and Keras warns
    theirs = keras.layers.Dense(units, activation, bias_initializer="random_normal")
    x, dy = normal(rng, shape), normal(rng, (*shape[:-1], units))
    ours = scratch.Dense(units, activation)
    theirs.build(x.shape)
    kernel, bias = theirs.get_weights()
    if activation == "relu" and not away_from_kink(x @ kernel + bias):
        return None
    return layer_errors(ours, theirs, x, dy, training=True)


def activation_errors(rng, shape, name):
    keras, _ = load_keras()
    x, dy = normal(rng, shape, 3.0), normal(rng, shape)
    if name == "relu" and not away_from_kink(x):
        return None
    return layer_errors(scratch.Activation(name), keras.layers.Activation(name), x, dy, True)


def batch_normalization_errors(rng, shape, training):
    keras, _ = load_keras()
    theirs = keras.layers.BatchNormalization()
    theirs.build(shape)
    theirs.set_weights([
        normal(rng, shape[-1:]), normal(rng, shape[-1:]), normal(rng, shape[-1:]),
        rng.uniform(0.5, 2, shape[-1:]).astype(np.float32),
    ])
    x, dy = normal(rng, shape, 2.0) + 1, normal(rng, shape)
    return layer_errors(scratch.BatchNormalization(), theirs, x, dy, training)


def dropout_errors(rng, shape, rate):
    """Keras draws other masks: compare on the entries that both keep, and not in training."""
    keras, tf = load_keras()
    seed = int(rng.integers(2**31))
    ours, theirs = scratch.Dropout(rate, seed=seed), keras.layers.Dropout(rate, seed=seed)
    x = normal(rng, shape) + 10
    y, dx = ours.forward(x, training=True), ours.backward(np.ones(shape))
    x_tensor = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x_tensor)
        keras_y = theirs(x_tensor, training=True)
        total = tf.reduce_sum(keras_y)
    both = (y != 0) & (keras_y.numpy() != 0)
    keras_dx = tape.gradient(total, x_tensor).numpy()
    predicted = error(ours.forward(x), theirs(x, training=False))
    forward = max(predicted, error(y[both], keras_y.numpy()[both]))
    return forward, error(dx[both], keras_dx[both])


def picture_case(rng):
    """A random shape of pictures, a window that fits into it, strides and padding."""
    height, width = (int(n) for n in rng.integers(3, 10, 2))
    size = (int(rng.integers(1, min(height, 4) + 1)), int(rng.integers(1, min(width, 4) + 1)))
    strides = tuple(int(n) for n in rng.integers(1, 4, 2))
    padding = ("valid", "same")[rng.integers(2)]
    return (int(rng.integers(1, 5)), height, width, int(rng.integers(1, 5))), size, strides, padding


def conv2d_errors(rng, shape, size, strides, padding, activation="linear"):
    keras, _ = load_keras()
    filters = int(rng.integers(1 + (activation == "softmax"), 6))
    theirs = keras.layers.Conv2D(
        filters, size, strides, padding, activation=activation, bias_initializer="random_normal")
    ours = scratch.Conv2D(filters, size, strides, padding, activation)
    theirs.build(shape)
    x = normal(rng, shape)
    ours.build(shape)
    ours.set_weights(theirs.get_weights())
    dy = normal(rng, ours.forward(x).shape)
    if activation == "relu" and not away_from_kink(ours.logits):
        return None
    return layer_errors(ours, theirs, x, dy, training=True)


def pooling_errors(rng, kind, shape, size, strides, padding):
    keras, _ = load_keras()
    x = normal(rng, shape)
    ours = getattr(scratch, kind)(size, strides, padding)
    theirs = getattr(keras.layers, kind)(size, strides, padding)
    dy = normal(rng, ours.forward(x).shape)
    return layer_errors(ours, theirs, x, dy, training=True)


def whole_picture_errors(rng, kind, shape):
    """GlobalAveragePooling2D and Flatten."""
    keras, _ = load_keras()
    ours, theirs = getattr(scratch, kind)(), getattr(keras.layers, kind)()
    x = normal(rng, shape)
    return layer_errors(ours, theirs, x, normal(rng, ours.forward(x).shape), training=True)


def recurrent_errors(rng, name, shape, units, **arguments):
    """Of a recurrent layer on sequences (batch, time, features), with random biases."""
    keras, _ = load_keras()
    kind, own = RECURRENT[name]
    theirs = getattr(keras.layers, kind)(units, **own, **arguments)
    theirs.build(shape)
    *kernels, bias = theirs.get_weights()
    theirs.set_weights([*kernels, normal(rng, bias.shape)])
    ours = getattr(scratch, kind)(units, **own, **arguments)
    x = normal(rng, shape)
    return layer_errors(ours, theirs, x, normal(rng, ours.forward(x).shape), training=True)


def embedding_errors(rng, shape, tokens, columns):
    """Tokens are drawn with repetition. There is no gradient for them to compare."""
    keras, tf = load_keras()
    ours, theirs = scratch.Embedding(tokens, columns), keras.layers.Embedding(tokens, columns)
    x, dy = rng.integers(0, tokens, shape), normal(rng, (*shape, columns))
    theirs.build(shape)
    ours.build(shape)
    ours.set_weights(theirs.get_weights())
    with tf.GradientTape() as tape:
        y = theirs(x)
        total = tf.reduce_sum(y * dy)
    keras_gradient = tf.convert_to_tensor(tape.gradient(total, theirs.trainable_weights[0]))
    assert list(ours.params) == [weight.name for weight in theirs.weights]
    forward = error(ours.forward(x), y.numpy())
    assert not ours.backward(dy).any()
    return forward, error(ours.grads["embeddings"], keras_gradient.numpy())


def loss_case(rng, name, rows, columns):
    """A loss, and y_true and y_pred that suit it."""
    class_name, arguments = LOSSES[name]
    y_pred = normal(rng, (rows, columns), 3.0)
    y_true = normal(rng, (rows, columns))
    if class_name == "BinaryCrossentropy":
        y_true = rng.integers(0, 2, (rows, columns)).astype(np.float32)
        y_pred = y_pred if arguments else scratch.sigmoid(y_pred)
    if class_name == "CategoricalCrossentropy":
        y_true = np.eye(columns, dtype=np.float32)[rng.integers(0, columns, rows)]
        y_pred = y_pred if arguments else scratch.softmax(y_pred)
    return getattr(scratch, class_name)(**arguments), y_true, y_pred


def loss_errors(rng, name, rows, columns):
    keras, tf = load_keras()
    ours, y_true, y_pred = loss_case(rng, name, rows, columns)
    class_name, arguments = LOSSES[name]
    y_tensor = tf.constant(y_pred)
    with tf.GradientTape() as tape:
        tape.watch(y_tensor)
        keras_value = getattr(keras.losses, class_name)(**arguments)(y_true, y_tensor)
    keras_gradient = tape.gradient(keras_value, y_tensor).numpy()
    value = error(ours.forward(y_true, y_pred), keras_value.numpy())
    assert ours.backward().dtype == np.float32
    return value, error(ours.backward(), keras_gradient)


def small_networks(activation, units, outputs):
    """The same network twice. No bias stands straight before a batch normalisation: its gradient
    is 0 but for rounding, and RMSprop and Adam blow rounding up to steps of full length."""
    keras, _ = load_keras()
    ours = scratch.Sequential([
        scratch.BatchNormalization(), scratch.Dense(units, activation), scratch.Dropout(0.0),
        scratch.Dense(outputs), scratch.Activation("softmax"),
    ])
    theirs = keras.Sequential([
        keras.layers.BatchNormalization(), keras.layers.Dense(units, activation),
        keras.layers.Dropout(0.0), keras.layers.Dense(outputs),
        keras.layers.Activation("softmax"),
    ])
    return ours, theirs


def training_error(rng, optimizer, rows, features, units, outputs, steps=20):
    """Largest error of all weights, and of the losses, after training steps on new batches."""
    keras, tf = load_keras()
    class_name, arguments = OPTIMIZERS[optimizer]
    ours, theirs = small_networks("tanh", units, outputs)
    ours.build((None, features))
    theirs.build((None, features))
    ours.set_weights(theirs.get_weights())
    loss, keras_loss = scratch.CategoricalCrossentropy(), keras.losses.CategoricalCrossentropy()
    our_optimizer = getattr(scratch, class_name)(**arguments)
    keras_optimizer = getattr(keras.optimizers, class_name)(**arguments)
    worst = 0.0
    for _ in range(steps):
        x = normal(rng, (rows, features))
        y = np.eye(outputs, dtype=np.float32)[rng.integers(0, outputs, rows)]
        with tf.GradientTape() as tape:
            keras_value = keras_loss(y, theirs(x, training=True))
        weights = theirs.trainable_weights
        keras_optimizer.apply(tape.gradient(keras_value, weights), weights)
        value = loss.forward(y, ours.forward(x, training=True))
        ours.backward(loss.backward())
        our_optimizer.step(ours.layers)
        worst = max(worst, error(value, keras_value.numpy()))
    pairs = zip(ours.get_weights(), theirs.get_weights(), strict=True)
    return max(worst, *(error(a, b) for a, b in pairs))


def optimizer_error(rng, optimizer, shape, steps=20):
    """Largest error of a weight after steps along the same given gradients."""
    keras, tf = load_keras()
    class_name, arguments = OPTIMIZERS[optimizer]
    layer = scratch.Layer()
    layer.params["kernel"] = normal(rng, shape)
    variable = keras.Variable(layer.params["kernel"])
    ours = getattr(scratch, class_name)(**arguments)
    theirs = getattr(keras.optimizers, class_name)(**arguments)
    worst = 0.0
    for _ in range(steps):
        layer.grads["kernel"] = normal(rng, shape, 10.0 ** rng.integers(-4, 3))
        theirs.apply([tf.constant(layer.grads["kernel"])], [variable])
        ours.step([layer])
        worst = max(worst, error(layer.params["kernel"], variable.numpy()))
    assert layer.params["kernel"].dtype == np.float32
    return worst


def finite_difference_error(rng, layer, shape):
    """Largest relative error of all gradients of a layer; None near ReLU's kink."""
    x = rng.normal(0, 1, shape)
    layer.dtype = np.dtype(np.float64)
    layer.build(shape)
    layer.set_weights([w + rng.normal(0, 0.3, w.shape) ** 2 for w in layer.get_weights()])
    layer.forward(x, training=True)
    if getattr(layer, "activation", None) == "relu" and not away_from_kink(layer.logits):
        return None
    if isinstance(layer, scratch.MaxPooling2D) and not away_from_tie(layer, x):
        return None
    return scratch.gradient_check(layer, x).largest_relative_error


def embedding_difference_error(rng, shape, tokens, columns, epsilon=1e-5):
    """Relative error of the table's gradient; tokens themselves cannot be moved a little."""
    layer = scratch.Embedding(tokens, columns, dtype="float64", seed=0)
    x, weights = rng.integers(0, tokens, shape), rng.normal(size=(*shape, columns))
    layer.forward(x)
    layer.backward(weights)
    numeric = np.zeros((tokens, columns))
    for index in np.ndindex(numeric.shape):
        values = []
        for step in (epsilon, -epsilon):
            layer.params["embeddings"][index] += step
            values.append(np.sum(weights * layer.forward(x)))
            layer.params["embeddings"][index] -= step
        numeric[index] = (values[0] - values[1]) / (2 * epsilon)
    return float(np.max(np.abs(layer.grads["embeddings"] - numeric)) / np.max(np.abs(numeric)))


def loss_finite_difference_error(rng, name, rows, columns, epsilon=1e-5):
    """Relative error of a loss's gradient in float64, by central differences written out here."""
    loss, y_true, y_pred = loss_case(rng, name, rows, columns)
    y_pred = y_pred.astype(np.float64)
    if name in ("BinaryCrossentropy", "CategoricalCrossentropy"):
        y_pred = np.clip(y_pred, 0.02, 0.98)  # 1/p bends sharply near 0
    loss.forward(y_true, y_pred)
    analytic, numeric = loss.backward(), np.zeros_like(y_pred)
    for index in np.ndindex(y_pred.shape):
        step = np.zeros_like(y_pred)
        step[index] = epsilon
        above, below = loss.forward(y_true, y_pred + step), loss.forward(y_true, y_pred - step)
        numeric[index] = (above - below) / (2 * epsilon)
    return float(np.max(np.abs(analytic - numeric)) / np.max(np.abs(numeric)))


def _worst(measure, repeats):
    """The largest of each figure over `repeats` generators; what gives None is passed over."""
    results = [measure(np.random.default_rng(seed)) for seed in range(repeats)]
    return np.max([result for result in results if result is not None], axis=0)


def _shape(rng, rank=2):
    return tuple(int(n) for n in rng.integers(2, 9, rank))


def _units(rng):
    return int(rng.integers(1, 8))


def _picture_difference_error(rng, make):
    shape, *window = picture_case(rng)
    return finite_difference_error(rng, make(*window), shape)


def rows_of_table(repeats=30):
    """(item, forward, gradient, finite differences, 20 steps); None where there is none."""
    layers = {}
    for name in ACTIVATIONS:
        layers[f"Dense({name})"] = (
            lambda rng, a=name: dense_errors(rng, _shape(rng), _units(rng), a),
            lambda rng, a=name: finite_difference_error(
                rng, scratch.Dense(_units(rng), a, seed=0), _shape(rng)),
        )
        layers[f"Activation({name})"] = (
            lambda rng, a=name: activation_errors(rng, _shape(rng), a),
            lambda rng, a=name: finite_difference_error(rng, scratch.Activation(a), _shape(rng)),
        )
    layers["Dropout"] = (
        lambda rng: dropout_errors(rng, _shape(rng), rng.uniform(0.1, 0.9)),
        lambda rng: finite_difference_error(rng, scratch.Dropout(0.4), _shape(rng)),
    )
    layers["BatchNormalization"] = (
        lambda rng: batch_normalization_errors(rng, _shape(rng), bool(rng.integers(2))),
        lambda rng: finite_difference_error(rng, scratch.BatchNormalization(), _shape(rng)),
    )
    for name in ("linear", "relu", "softmax"):
        layers[f"Conv2D({name})"] = (
            lambda rng, a=name: conv2d_errors(rng, *picture_case(rng), a),
            lambda rng, a=name: _picture_difference_error(
                rng, lambda *window: scratch.Conv2D(2, *window, a, seed=0)),
        )
    for kind in ("MaxPooling2D", "AveragePooling2D"):
        layers[kind] = (
            lambda rng, k=kind: pooling_errors(rng, k, *picture_case(rng)),
            lambda rng, k=kind: _picture_difference_error(rng, getattr(scratch, k)),
        )
    for kind in ("GlobalAveragePooling2D", "Flatten"):
        layers[kind] = (
            lambda rng, k=kind: whole_picture_errors(rng, k, picture_case(rng)[0]),
            lambda rng, k=kind: _picture_difference_error(rng, lambda *_: getattr(scratch, k)()),
        )
    for name, (kind, own) in RECURRENT.items():
        layers[name] = (
            lambda rng, n=name: recurrent_errors(rng, n, _shape(rng, 3), _units(rng)),
            lambda rng, k=kind, o=own: finite_difference_error(
                rng, getattr(scratch, k)(_units(rng), seed=0, **o), _shape(rng, 3)),
        )
    layers["Embedding"] = (
        lambda rng: embedding_errors(rng, _shape(rng), *_shape(rng)),
        lambda rng: embedding_difference_error(rng, _shape(rng), *_shape(rng)),
    )
    for item, (against_keras, against_differences) in layers.items():
        forward, gradient = _worst(against_keras, repeats)
        yield item, forward, gradient, _worst(against_differences, repeats), None
    for name in LOSSES:
        forward, gradient = _worst(lambda rng, n=name: loss_errors(rng, n, *_shape(rng)), repeats)
        difference = _worst(
            lambda rng, n=name: loss_finite_difference_error(rng, n, *_shape(rng)), repeats)
        yield name, forward, gradient, difference, None
    for name in OPTIMIZERS:
        single = _worst(lambda rng, n=name: optimizer_error(rng, n, _shape(rng)), repeats // 3)
        yield f"{name}, same gradients", None, None, None, single
        network = _worst(
            lambda rng, n=name: training_error(rng, n, *_shape(rng, 4)), repeats // 3)
        yield f"{name}, network", None, None, None, network


def main():
    heads = ("forward", "gradient", "differences", "20 steps")
    print(f"{'largest error':<38}" + "".join(f"{head:>13}" for head in heads))
    for item, *figures in rows_of_table():
        cells = ("" if figure is None else f"{figure:.1e}" for figure in figures)
        print(f"{item:<38}" + "".join(f"{cell:>13}" for cell in cells))


if __name__ == "__main__":
    main()
