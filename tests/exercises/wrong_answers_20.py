"""Typical wrong answers to the exercises of chapter 20, and what each must be told."""

WRONG = [
    ("20.1", '''
answer_20_1 = {"A": (64, 48, 10), "B": (32, 24, 10), "C": (21, 16, 3)}
''', "A has no padding"),
    ("20.1", '''
answer_20_1 = {"A": (59, 43, 10), "B": (32, 24, 10), "C": (21, 16, 3)}
''', "one short"),
    ("20.1", '''
answer_20_1 = {"A": (60, 44, 30), "B": (32, 24, 10), "C": (21, 16, 3)}
''', "not for each pair"),
    ("20.1", '''
answer_20_1 = {"A": (60, 44, 10), "B": (31, 23, 10), "C": (21, 16, 3)}
''', "B pads with zeros"),
    ("20.1", '''
answer_20_1 = {"A": (60, 44, 10), "B": (64, 48, 10), "C": (21, 16, 3)}
''', "at stride 1 only"),
    ("20.1", '''
answer_20_1 = {"A": (60, 44, 10), "B": (32, 24, 10), "C": (22, 16, 3)}
''', "round down"),
    ("20.1", '''
answer_20_1 = {"A": (60, 44, 10), "B": (32, 24, 10), "C": (62, 46, 3)}
''', "stride 3"),
    ("20.1", '''
answer_20_1 = {"A": (60, 44, 10), "B": (32, 24, 10), "C": (21, 16, 10)}
''', "no filters"),
    ("20.1", '''
answer_20_1 = {"A": (60, 44, 10), "B": (24, 32, 10), "C": (21, 16, 3)}
''', "Rows first"),
    ("20.1", '''
answer_20_1 = {"A": (10, 60, 44), "B": (10, 32, 24), "C": (3, 21, 16)}
''', "channels come last"),
    ("20.1", '''
answer_20_1 = {"A": np.array([60, 44, 3]), "B": np.array([32, 24, 10])}
answer_20_1["C"] = np.array([21, 16, 3])
''', "reach through all 3 channels"),
    ("20.1", '''
answer_20_1 = {"A": (None, 60, 44, 10), "B": (None, 32, 24, 10), "C": (None, 21, 16, 3)}
''', "without the batch"),
    ("20.1", '''
answer_20_1 = {"A": (60, 44), "B": (32, 24), "C": (21, 16)}
''', "three numbers"),
    ("20.1", '''
answer_20_1 = {"A": (60, 44, 10)}
''', "says nothing of B, C"),
    ("20.2", '''
answer_20_2 = np.array([[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]])
''', "transpose"),
    ("20.2", '''
answer_20_2 = np.array([[0, 0, 0], [1, 1, 1], [0, 0, 0]])
''', "must sum to 0"),
    ("20.2", '''
answer_20_2 = np.array([[1, 1, 1], [-2, -2, -2], [1, 1, 1]])
''', "Change all signs"),
    ("20.2", '''
answer_20_2 = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])
''', "upright line, too"),
    ("20.2", '''
answer_20_2 = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
''', "it sees an edge"),
    ("20.2", '''
answer_20_2 = np.full((3, 3), 1e-12)
''', "all nine entries must sum to 0"),
    ("20.2", '''
answer_20_2 = 1e-12 * np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])
''', "each column of the kernel must sum to 0"),
    ("20.2", '''
answer_20_2 = np.array([-1, 2, -1])
''', "shape (3, 3)"),
    ("20.2", '''
answer_20_2 = np.zeros((3, 3))
''', "zeros answers to nothing"),
    ("20.3", '''
def receptive_field(layers):
    r, d = 1, 1
    for window, stride in layers:
        d *= stride
        r += (window - 1) * d
    return r
''', "of *before* this layer"),
    ("20.3", '''
def receptive_field(layers):
    r, d = 1, 1
    for window, stride in layers:
        r += window * d
        d *= stride
    return r
''', "the whole window"),
    ("20.3", '''
def receptive_field(layers):
    r, d = 0, 1
    for window, stride in layers:
        r += (window - 1) * d
        d *= stride
    return r
''', "One short"),
    ("20.3", '''
def receptive_field(layers):
    return 1 + sum(window - 1 for window, stride in layers)
''', "as if nobody had a stride"),
    ("20.3", '''
def receptive_field(layers):
    d = 1
    for window, stride in layers:
        d *= stride
    return d
''', "Return r"),
    ("20.3", '''
def receptive_field(layers):
    r, d = 1, 1
    for window, stride in layers:
        r, d = r + (window - 1) * d, d * stride
    return r, d
''', "not several"),
    ("20.3", '''
def receptive_field(layers):
    r, d = 1, 1
    for window, stride in layers:
        r += (window - 1) * d
        d += stride - 1
    return r
''', "Do the strides multiply?"),
    ("20.3", '''
def receptive_field(layers):
    r, d = 1, 1
    for window, stride in layers:
        r += (window - 1) * d
        d = stride
    return r
''', "The strides of all earlier layers multiply"),
    ("20.3", '''
def receptive_field(layers):
    r = 1
    for window, stride in layers:
        r = (r - 1) * stride + window
    return r
''', "wrong direction"),
    ("20.4", '''
def max_pool_backward(dy, x, size):
    dx = np.zeros(x.shape)
    whole = dy.repeat(size, axis=1).repeat(size, axis=2)
    dx[:, : whole.shape[1], : whole.shape[2]] = whole
    return dx
''', "Only the largest gets any"),
    ("20.4", '''
def max_pool_backward(dy, x, size):
    dx = np.zeros(x.shape)
    whole = dy.repeat(size, axis=1).repeat(size, axis=2) / size**2
    dx[:, : whole.shape[1], : whole.shape[2]] = whole
    return dx
''', "average pooling"),
    ("20.4", '''
def max_pool_backward(dy, x, size):
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dy.shape):
        window = x[b, i * size : (i + 1) * size, j * size : (j + 1) * size, c]
        m, n = np.unravel_index(window.argmax(), window.shape)
        dx[b, i * size + m, j * size + n, c] = 1
    return dx
''', "the chain rule multiplies"),
    ("20.4", '''
def max_pool_backward(dy, x, size):
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dy.shape):
        window = x[b, i * size : (i + 1) * size, j * size : (j + 1) * size, c]
        m, n = np.unravel_index(window.argmin(), window.shape)
        dx[b, i * size + m, j * size + n, c] = dy[b, i, j, c]
    return dx
''', "argmax, not argmin"),
    ("20.4", '''
def max_pool_backward(dy, x, size):
    dx = np.zeros(x.shape)
    dx[:, : dy.shape[1] * size : size, : dy.shape[2] * size : size] = dy
    return dx
''', "first pixel of each window"),
    ("20.4", '''
def max_pool_backward(dy, x, size):
    dx = np.zeros(x.shape)
    for b, i, j in np.ndindex(dy.shape[:3]):
        window = x[b, i * size : (i + 1) * size, j * size : (j + 1) * size]
        m, n, c = np.unravel_index(window.argmax(), window.shape)
        dx[b, i * size + m, j * size + n, c] = dy[b, i, j, c]
    return dx
''', "each film and channel"),
    ("20.4", '''
def max_pool_backward(dy, x, size):
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dy.shape):
        window = x[b, i * size : (i + 1) * size, j * size : (j + 1) * size, c]
        m, n = np.unravel_index(window.argmax(), window.shape)
        dx[b, i * size + n, j * size + m, c] = dy[b, i, j, c]
    return dx
''', "are exchanged"),
    ("20.4", '''
def max_pool_backward(dy, x, size):
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dy.shape):
        window = x[b, i * size : (i + 1) * size, j * size : (j + 1) * size, c]
        m, n = np.unravel_index(np.abs(window).argmax(), window.shape)
        dx[b, i * size + m, j * size + n, c] = dy[b, i, j, c]
    return dx
''', "farthest from 0"),
    ("20.4", '''
def max_pool_backward(dy, x, size):
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dy.shape):
        window = x[b, i * size : (i + 1) * size, j * size : (j + 1) * size, 0]
        m, n = np.unravel_index(window.argmax(), window.shape)
        dx[b, i * size + m, j * size + n, c] = dy[b, i, j, c]
    return dx
''', "All channels send"),
    ("20.4", '''
def max_pool_backward(dy, x, size):
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dy.shape):
        window = x[0, i * size : (i + 1) * size, j * size : (j + 1) * size, c]
        m, n = np.unravel_index(window.argmax(), window.shape)
        dx[b, i * size + m, j * size + n, c] = dy[b, i, j, c]
    return dx
''', "All films send"),
    ("20.4", '''
def max_pool_backward(dy, x, size):
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dy.shape):
        window = x[b, i * size : (i + 1) * size, j * size : (j + 1) * size, c]
        m, n = np.unravel_index(window.argmax(), window.shape)
        dx[b, i * size + m, j * size + n, c] = window.max()
    return dx
''', "keep their own value"),
    ("20.4", '''
def max_pool_backward(dy, x, size):
    return dy.repeat(size, axis=1).repeat(size, axis=2)[:, :-1]
''', "x's shape"),
]
