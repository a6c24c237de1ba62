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
    value = learner(np.array([0.0]))
    if close(value, [0.5]):
        raise NotYet(
            "At z = 0 you return 0.5: that is the sigmoid itself. Its slope there is 0.25; "
            "multiply by one minus the sigmoid."
        )
    if close(value, [0.0]):
        raise NotYet(
            "At z = 0 you return 0: z * (1 - z) treats z as if it were already the sigmoid's "
            "output. Compute the sigmoid of z first."
        )
    if close(value, 0.25):
        raise NotYet("For an array of one number return an array of one number, not a scalar.")
    if not close(value, [0.25]):
        raise NotYet(f"At z = 0 the slope is 0.25; you return {value!r}.")
    z = np.array([[-3.0, -0.5, 0.2], [0.7, 1.5, 4.0]])
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
    "A gradient checker",
    hints=[
        "for index in np.ndindex(theta.shape): visits every entry, whatever the shape.",
        "Make step = np.zeros(theta.shape), set step[index] = epsilon, and compare f(theta + step) "
        "with f(theta - step).",
        "gradient[index] = (f(theta + step) - f(theta - step)) / (2 * epsilon)",
    ],
)
def gradient_checker(learner):
    """Central differences, entry by entry."""
    theta = np.array([[1.0, -2.0, 0.5], [3.0, 0.0, -1.0]])
    kept = theta.copy()

    def squares(array):
        return float(np.sum(np.array(array) ** 2))

    value = learner(squares, theta, 0.001)
    if not close(theta, kept, 1e-9):
        raise NotYet(
            "Your function leaves theta changed: put each entry back, or add the step to a copy."
        )
    if np.shape(value) == ():
        raise NotYet(
            "You return one number, not one for each entry: move one entry at a time and keep "
            "its difference."
        )
    _shape(value, (2, 3), "the gradient")
    if close(value, 4 * kept, 1e-3):
        raise NotYet("Twice too large: the two points lie 2 * epsilon apart. Divide by that.")
    if close(value, kept, 1e-3):
        raise NotYet(
            "Half of what it should be: a one-sided difference spans epsilon, not 2 * epsilon. "
            "Go up and down."
        )
    if close(value, -2 * kept, 1e-3):
        raise NotYet("The sign is turned round: above minus below.")
    _same(value, 2 * kept, "For f = sum of squares, whose gradient is 2 theta, it", 1e-2)
    if not close(value, 2 * kept):
        raise NotYet(
            "Nearly: the error grows with epsilon, as it does for a one-sided difference, "
            "(f(theta + step) - f(theta)) / epsilon. Use the central difference (11.17)."
        )
    single = np.array([0.3, -1.2])
    value = learner(lambda array: float(np.sin(array[0]) * array[1]), single)
    expected = [np.cos(0.3) * -1.2, np.sin(0.3)]
    _same(value, expected, "For f = sin(theta[0]) * theta[1] the gradient")


@exercise(
    "11.5",
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
    A1 = np.tanh(X @ W1 + b1)
    dZ2 = (_sigmoid(A1 @ W2 + b2) - y) / len(y)

    def from_slope(slope):
        dZ1 = dZ2 @ W2.T * slope
        return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)

    right = from_slope(1 - A1**2)
    sigmoids = from_slope(A1 * (1 - A1))
    _refuse(found, [4 * g for g in sigmoids], "Both mistakes are still there: compare dZ2 with "
            "(11.12), and ask whose derivative A1 * (1 - A1) is.")
    _refuse(found, sigmoids, "One mended, one left: A1 * (1 - A1) is the derivative of the "
            "sigmoid. The hidden layer is tanh now.")
    _refuse(found, [4 * g for g in right], "One mended, one left: all four gradients are n "
            "times too large. The loss is a mean: divide p - y by n.")
    _refuse(found, from_slope(1 - A1), "The derivative of tanh is 1 - A1**2; you forgot the "
            "square.")
    _refuse(found, from_slope(1 - np.tanh(A1) ** 2), "A1 is tanh of the sum already: take "
            "1 - A1**2, not 1 - np.tanh(A1)**2.")
    for name, array, expected in zip(names, found, right):
        _same(array, expected, f"Compared with finite differences, {name}")


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


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
        raise NotYet(
            f"{what} should be\n{np.round(expected, 4)}\nand you return\n"
            f"{np.round(np.asarray(value, dtype=float), 4)}"
        )


def _refuse(found, wrong, message):
    if all(close(array, other) for array, other in zip(found, wrong)):
        raise NotYet(message)
