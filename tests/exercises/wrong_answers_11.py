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
        "You return the sigmoid itself",
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
        "11.2",
        """
def sigmoid_derivative(z):
    return 1 - 1 / (1 + np.exp(-z))
""",
        "one minus the sigmoid, which is one factor",
    ),
    (
        "11.2",
        """
def sigmoid_derivative(z):
    return 1 / (1 + np.exp(-z)) * (1 - z)
""",
        "You multiply the sigmoid by 1 - z",
    ),
    (
        "11.2",
        """
def sigmoid_derivative(z):
    a = 1 / (1 + np.exp(-np.clip(z, -5, 5)))
    return a * (1 - a)
""",
        "0.0066]",
    ),
    (
        "11.3",
        """
def dense_backward(X, W, dZ):
    return X.T @ dZ, dZ.sum(axis=0), dZ @ W.T
""",
        "Right shapes, wrong order: return dX, dW, db",
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
        "11.4",
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
        "11.4",
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
        "11.4",
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
        "11.4",
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
        "11.4",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = (p - y) * p * (1 - p) / len(y)
    dZ1 = dZ2 @ W2.T * (1 - A1**2)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
""",
        "Your dZ2 is that of the squared error",
    ),
    (
        "11.4",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = (y - p) / len(y)
    dZ1 = dZ2 @ W2.T * (1 - A1**2)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
""",
        "All four signs are turned round",
    ),
    (
        "11.4",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = p - y / len(y)
    dZ1 = dZ2 @ W2.T * (1 - A1**2)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
""",
        "put brackets round p - y",
    ),
    (
        "11.4",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = (p - y) / len(y)
    dZ1 = dZ2 @ W2.T * (1 - A1**2)
    return (X.T @ dZ1 / len(y), dZ1.mean(axis=0),
            A1.T @ dZ2 / len(y), dZ2.mean(axis=0))
""",
        "You divide by n twice",
    ),
    (
        "11.4",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = (p - y) / len(y)
    dZ1 = dZ2 @ W2.T * A1 * (1 - A1)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
""",
        "You have put the sigmoid back",
    ),
    (
        "11.4",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = (p - y) / len(b1)
    dZ1 = dZ2 @ W2.T * (1 - A1**2)
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
""",
        "You divide by the number of hidden units",
    ),
    (
        "11.4",
        """
def mended_backward(X, y, W1, b1, W2, b2):
    A1 = np.tanh(X @ W1 + b1)
    p = 1 / (1 + np.exp(-(A1 @ W2 + b2)))
    dZ2 = (p - y) / len(y)
    dZ1 = dZ2 @ W2.T
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)
""",
        "Compared with finite differences",
    ),
]
