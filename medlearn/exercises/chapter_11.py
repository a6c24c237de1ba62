"""Checks of chapter 11, Backpropagation from scratch."""

import numpy as np

from .machinery import NotYet, close, exercise


@exercise(
    "11.1",
    "All weights zero",
    hints=[
        "Forward first: with all weights 0, what does a hidden unit answer? It is not 0.",
        "The gradient of W2 is A1ᵀ dZ2. Is A1 zero? Then look at dW1 at the second step.",
        "Do two hidden units with the same weights ever get different gradients?",
    ],
)
def all_weights_zero(answer):
    """One letter: what gradient descent does from weights that are all zero."""
    replies = {
        "a": (
            "A hidden unit with weights 0 answers sigmoid(0) = 0.5, not 0, so that the gradient "
            "of W2, A1ᵀ dZ2, is not zero: W2 moves at the first step."
        ),
        "c": (
            "Slowness is not the trouble. Compare two hidden units: the same weights, hence the "
            "same answers and the same gradients. What could ever make them differ?"
        ),
        "d": (
            "b2 does move, but it is not alone. Hidden units answer 0.5, so that W2 moves at the "
            "first step; from the second step on dA1 = dZ2 W2ᵀ is not zero, and W1 moves too."
        ),
    }
    letter = answer.strip().lower() if isinstance(answer, str) else answer
    if isinstance(letter, str) and letter in replies:
        raise NotYet(replies[letter])
    if letter != "b":
        raise NotYet(f'Answer with one of the letters "a", "b", "c" and "d", not {answer!r}.')


@exercise(
    "11.2",
    "The slope of the sigmoid",
    hints=[
        "Equation (11.10) needs the sigmoid's own output: compute a = 1 / (1 + np.exp(-z)) first.",
        "return a * (1 - a)",
    ],
)
def slope_of_the_sigmoid(learner):
    """sigmoid(z) * (1 - sigmoid(z)), entry by entry."""
    value, further = learner(np.array([0.0])), learner(np.array([2.0]))
    mistakes = (
        (_sigmoid, "You return the sigmoid itself. At z = 0 its slope is 0.25, not 0.5: multiply "
         "by one minus the sigmoid."),
        (lambda z: 1 - _sigmoid(z), "You return one minus the sigmoid, which is one factor of "
         "(11.10): multiply it by the sigmoid."),
        (lambda z: _sigmoid(z) * (1 - z), "You multiply the sigmoid by 1 - z. It takes one minus "
         "the sigmoid of z, not one minus z."),
        (lambda z: z * (1 - z), "z * (1 - z) treats z as if it were already the sigmoid's output. "
         "Compute the sigmoid of z first."),
    )
    for mistake, message in mistakes:
        if close(value, [mistake(0.0)]) and close(further, [mistake(2.0)]):
            raise NotYet(message)
    if close(value, 0.25):
        raise NotYet("For an array of one number return an array of one number, not a scalar.")
    if not close(value, [0.25]):
        raise NotYet(f"At z = 0 the slope is 0.25; you return {_shown(value)}.")
    z = np.array([[-3.0, -0.5, 0.2], [0.7, 1.5, 8.0]])
    _same(learner(z), _sigmoid(z) * (1 - _sigmoid(z)), "Right at z = 0. For z of shape (2, 3)")


@exercise(
    "11.3",
    "Backward through a dense layer",
    hints=[
        "Three gradients, three shapes. Which product of dZ (n, h) with X (n, d) is (d, h)?",
        "dW = X.T @ dZ. In the same way, dX (n, d) needs dZ (n, h) and W (d, h).",
        "dX = dZ @ W.T, and every patient adds to the bias: db = dZ.sum(axis=0).",
    ],
)
def dense_layer_backward(learner):
    """(dX, dW, db) of Z = X @ W + b."""
    X = np.array([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.5]])
    W = np.array([[1.0, 0.0, 2.0, -1.0], [0.5, -2.0, 1.0, 3.0]])
    dZ = np.array([[1.0, 0.0, 2.0, 0.5], [0.0, 1.0, 0.0, -0.5], [3.0, -1.0, 1.0, 2.0]])
    kept = [array.copy() for array in (X, W, dZ)]
    dX, dW, db = _several(learner(X, W, dZ), ("dX", "dW", "db"))
    shapes = [np.shape(array) for array in (dX, dW, db)]
    if shapes != [(3, 2), (2, 4), (4,)] and sorted(shapes) == [(2, 4), (3, 2), (4,)]:
        raise NotYet("Right shapes, wrong order: return dX, dW, db")
    _shape(dX, (3, 2), "dX")
    if np.shape(dW) == (4, 2) and close(dW, dZ.T @ X):
        raise NotYet("Your dW is transposed: it has shape (h, d). Put X.T on the left of dZ.")
    _shape(dW, (2, 4), "dW")
    if close(dW, X.T @ dZ / 3):
        raise NotYet(
            "Your dW is divided by n. The layer knows nothing of a mean: the 1/n belongs to the "
            "loss, and has come with dZ already."
        )
    if np.shape(db) == (3,) and close(db, dZ.sum(axis=1)):
        raise NotYet("Your db sums over the units. Sum over the patients: axis 0.")
    if close(db, dZ.mean(axis=0)):
        raise NotYet(
            "Your db is a mean over the patients. Each patient adds to it in full: take the sum "
            "(the 1/n has come with dZ)."
        )
    if close(db, dZ):
        raise NotYet("Your db is dZ itself. All patients share one bias: sum over axis 0.")
    _shape(db, (4,), "db")
    _same(dX, dZ @ W.T, "dX (dZ times W.T)")
    _same(dW, X.T @ dZ, "dW (X.T times dZ)")
    _same(db, dZ.sum(axis=0), "db (the sum over the patients)")
    if not all(close(now, before, 0) for now, before in zip((X, W, dZ), kept)):
        raise NotYet("Your function changes its inputs. Make new arrays instead.")


@exercise(
    "11.4",
    "Two bugs mended",
    hints=[
        "Go line by line beside (11.12) to (11.16). Which line belongs to a mean? Which line "
        "belongs to the sigmoid?",
        "A gradient check finds both: that of all four arrays is wrong by one factor, and those "
        "of W1 and b1 are wrong besides.",
        "dZ2 = (p - y) / len(y), and dZ1 = dZ2 @ W2.T * (1 - A1**2)",
    ],
)
def two_bugs(learner):
    """The gradients of the mean cross-entropy of a tanh network."""
    X = np.array([[0.5, -1.0], [1.5, 0.3], [-0.7, 0.8], [0.1, 0.4]])
    y = np.array([[1.0], [0.0], [1.0], [0.0]])
    W1 = np.array([[0.4, -0.6, 0.9], [0.2, 0.8, -0.5]])
    b1 = np.array([0.1, -0.2, 0.3])
    W2 = np.array([[0.7], [-1.1], [0.5]])
    b2 = np.array([-0.3])
    names = ("dW1", "db1", "dW2", "db2")
    found = _several(learner(X, y, W1, b1, W2, b2), names)
    for name, array, shape in zip(names, found, (W1.shape, b1.shape, W2.shape, b2.shape)):
        _shape(array, shape, name)
    n, h = len(y), W1.shape[1]

    def gradients(A1, slope, delta=lambda p: (p - y) / n):
        dZ2 = delta(_sigmoid(A1 @ W2 + b2))
        dZ1 = dZ2 @ W2.T * slope
        return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)

    def times(factor, arrays):
        return [factor * array for array in arrays]

    A1, kept = np.tanh(X @ W1 + b1), _sigmoid(X @ W1 + b1)
    slope = 1 - A1**2
    right, sigmoids = gradients(A1, slope), gradients(A1, A1 * (1 - A1))
    _refuse(found, times(n, sigmoids), "Both mistakes are still there: compare dZ2 with (11.12), "
            "and ask whose derivative A1 * (1 - A1) is.")
    _refuse(found, sigmoids, "One mended, one left: A1 * (1 - A1) is the derivative of the "
            "sigmoid. The hidden layer is tanh now.")
    _refuse(found, times(n, right), "One mended, one left: all four gradients are n times too "
            "large. The loss is a mean: divide p - y by n.")
    _refuse(found, gradients(A1, 1 - A1), "The derivative of tanh is 1 - A1**2; you forgot the "
            "square.")
    _refuse(found, gradients(A1, 1 - np.tanh(A1) ** 2), "A1 is tanh of the sum already: take "
            "1 - A1**2, not 1 - np.tanh(A1)**2.")
    squared = gradients(A1, slope, lambda p: (p - y) * p * (1 - p) / n)
    for factor in (1, 2):
        _refuse(found, times(factor, squared), "Your dZ2 is that of the squared error (11.19). The "
                "loss is cross-entropy, where p * (1 - p) cancels: (11.12).")
    _refuse(found, times(-1, right), "All four signs are turned round: prediction minus truth, "
            "p - y, not y - p.")
    _refuse(found, gradients(A1, slope, lambda p: p - y / n), "p - y / len(y) divides y alone: "
            "put brackets round p - y.")
    _refuse(found, times(1 / n, right), "You divide by n twice. Once is enough: the 1/n in dZ2 "
            "reaches all four gradients.")
    _refuse(found, gradients(kept, kept * (1 - kept)), "You have put the sigmoid back into the "
            "hidden layer. It is to stay tanh: mend the backward lines.")
    _refuse(found, times(n / h, right), "You divide by the number of hidden units. The mean runs "
            "over the patients: len(y).")
    for name, array, expected in zip(names, found, right):
        _same(array, expected, f"Compared with finite differences, {name}")


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _shown(value):
    """A learner's value for a message, rounded where it is made of numbers."""
    try:
        return np.array_str(np.asarray(value, dtype=float), precision=4, suppress_small=True)
    except (TypeError, ValueError):
        return repr(value)


def _several(value, names):
    """The arrays that a function was to return together."""
    if not isinstance(value, (tuple, list)) or len(value) != len(names):
        raise NotYet(f"Return {len(names)} arrays together: return {', '.join(names)}")
    return value


def _shape(value, shape, name):
    if np.shape(value) != shape:
        raise NotYet(f"{name} should have the shape {shape}; yours has {np.shape(value)}.")


def _same(value, expected, what, tolerance=1e-6):
    if np.shape(value) != np.shape(expected):
        raise NotYet(f"{what} should have the shape {np.shape(expected)}, not {np.shape(value)}.")
    if not close(value, expected, tolerance):
        raise NotYet(f"{what} should be\n{_shown(expected)}\nand you return\n{_shown(value)}")


def _refuse(found, wrong, message):
    if all(close(array, other) for array, other in zip(found, wrong)):
        raise NotYet(message)
