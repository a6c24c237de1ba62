"""Typical wrong answers to the exercises of chapter 11, and what the check says to each."""

WRONG = [
    ("11.1", 'answer_11_1 = "a"', "answers sigmoid(0) = 0.5, not 0"),
    ("11.1", 'answer_11_1 = "c"', "Slowness is not the trouble"),
    ("11.1", 'answer_11_1 = "d"', "b2 does move, but it is not alone"),
    ("11.1", "answer_11_1 = 2", "Answer with one of the letters"),
    (
        "11.2",
        """
def sigmoid_derivative(z):
    return 1 / (1 + np.exp(-z))
""",
        "that is the sigmoid itself",
    ),
    (
        "11.2",
        """
def sigmoid_derivative(z):
    return z * (1 - z)
""",
        "as if it were already the sigmoid's output",
    ),
    (
        "11.2",
        """
def sigmoid_derivative(z):
    a = 1 / (1 + np.exp(-z[0]))
    return a * (1 - a)
""",
        "not a scalar",
    ),
    (
        "11.2",
        """
def sigmoid_derivative(z):
    a = 1 / (1 + np.exp(-z))
    return -a * (1 - a)
""",
        "the slope is 0.25",
    ),
    (
        "11.2",
        """
def sigmoid_derivative(z):
    return (1 - np.tanh(z) ** 2) / 4
""",
        "Right at z = 0",
    ),
    (
        "11.2",
        """
def sigmoid_derivative(z):
    a = 1 / (1 + np.exp(-z))
    a * (1 - a)
""",
        "returned nothing",
    ),
    (
        "11.3",
        """
def dense_backward(X, W, dZ):
    return dZ @ W.T, dZ.T @ X, dZ.sum(axis=0)
""",
        "Your dW is transposed",
    ),
    (
        "11.3",
        """
def dense_backward(X, W, dZ):
    return dZ @ W.T, X.T @ dZ / len(X), dZ.mean(axis=0)
""",
        "Your dW is divided by n",
    ),
    (
        "11.3",
        """
def dense_backward(X, W, dZ):
    return dZ @ W.T, X.T @ dZ, dZ.mean(axis=0)
""",
        "Your db is a mean over the patients",
    ),
    (
        "11.3",
        """
def dense_backward(X, W, dZ):
    return dZ @ W.T, X.T @ dZ, dZ.sum(axis=1)
""",
        "Your db sums over the units",
    ),
    (
        "11.3",
        """
def dense_backward(X, W, dZ):
    return dZ @ W.T, X.T @ dZ, dZ
""",
        "Your db is dZ itself",
    ),
    (
        "11.3",
        """
def dense_backward(X, W, dZ):
    return (W @ dZ.T), X.T @ dZ, dZ.sum(axis=0)
""",
        "dX should have the shape (3, 2)",
    ),
    (
        "11.3",
        """
def dense_backward(X, W, dZ):
    return X.T @ dZ, dZ.sum(axis=0)
""",
        "Return 3 arrays together",
    ),
    (
        "11.4",
        """
def numeric_gradient(f, theta, epsilon=1e-5):
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = epsilon
        gradient[index] = (f(theta + step) - f(theta)) / epsilon
    return gradient
""",
        "the error grows with epsilon",
    ),
    (
        "11.4",
        """
def numeric_gradient(f, theta, epsilon=1e-5):
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = epsilon
        gradient[index] = (f(theta + step) - f(theta - step)) / epsilon
    return gradient
""",
        "Twice too large",
    ),
    (
        "11.4",
        """
def numeric_gradient(f, theta, epsilon=1e-5):
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = epsilon
        gradient[index] = (f(theta + step) - f(theta)) / (2 * epsilon)
    return gradient
""",
        "Half of what it should be",
    ),
    (
        "11.4",
        """
def numeric_gradient(f, theta, epsilon=1e-5):
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = epsilon
        gradient[index] = (f(theta - step) - f(theta + step)) / (2 * epsilon)
    return gradient
""",
        "The sign is turned round",
    ),
    (
        "11.4",
        """
def numeric_gradient(f, theta, epsilon=1e-5):
    return (f(theta + epsilon) - f(theta - epsilon)) / (2 * epsilon)
""",
        "one number, not one for each entry",
    ),
    (
        "11.4",
        """
def numeric_gradient(f, theta, epsilon=1e-5):
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        theta[index] += epsilon
        above = f(theta)
        theta[index] -= 2 * epsilon
        gradient[index] = (above - f(theta)) / (2 * epsilon)
    return gradient
""",
        "leaves theta changed",
    ),
    (
        "11.5",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = p - y
    dZ1 = dZ2 @ W2.T * A1 * (1 - A1)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
""",
        "Both mistakes are still there",
    ),
    (
        "11.5",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = (p - y) / len(y)
    dZ1 = dZ2 @ W2.T * A1 * (1 - A1)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
""",
        "A1 * (1 - A1) is the derivative of the sigmoid",
    ),
    (
        "11.5",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = p - y
    dZ1 = dZ2 @ W2.T * (1 - A1**2)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
""",
        "all four gradients are n times too large",
    ),
    (
        "11.5",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = (p - y) / len(y)
    dZ1 = dZ2 @ W2.T * (1 - A1)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
""",
        "you forgot the square",
    ),
    (
        "11.5",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = (p - y) / len(y)
    dZ1 = dZ2 @ W2.T * (1 - np.tanh(A1) ** 2)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
""",
        "A1 is tanh of the sum already",
    ),
    (
        "11.5",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = (p - y) * p * (1 - p) / len(y)
    dZ1 = dZ2 @ W2.T * (1 - A1**2)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
""",
        "Compared with finite differences",
    ),
]
