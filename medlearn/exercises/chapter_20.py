"""Checks of chapter 20, Convolution from scratch."""

import math

import numpy as np

from .machinery import NotYet, close, exercise

SHAPES = {"A": (60, 44, 10), "B": (32, 24, 10), "C": (21, 16, 3)}
WHY_NOT = {
    ("A", (64, 48, 10)): "A has no padding (valid): the 5 x 5 window fits 64 - 5 + 1 times.",
    ("A", (59, 43, 10)): "A is one short: a window of k fits p - k + 1 times, not p - k.",
    ("A", (60, 44, 3)): "A's kernels reach through all 3 channels. What comes out has one channel "
    "for each filter.",
    ("A", (60, 44, 30)): "A's kernels reach through all 3 channels and add them up: one channel "
    "for each filter, not for each pair.",
    ("B", (31, 23, 10)): 'B pads with zeros ("same"): ceil(p / s) windows.',
    ("B", (64, 48, 10)): '"same" keeps the size at stride 1 only. B moves by 2 pixels.',
    ("B", (32, 24, 3)): "B is a convolution: one channel for each filter.",
    ("C", (22, 16, 3)): "C has no padding: what fills no window of 3 is left out, so round down.",
    ("C", (62, 46, 3)): "Without another word, pooling moves by its own size: stride 3.",
    ("C", (21, 16, 1)): "Pooling looks at each channel by itself, so that the channels stay.",
    ("C", (21, 16, 10)): "Pooling has no filters: 10 belongs to A and B. The channels stay, 3.",
}


@exercise(
    "20.1",
    "What comes out?",
    hints=[
        "Use (20.7) for each axis. The number of filters decides the channels; pooling has none "
        "and leaves the channels alone.",
        "A: valid, stride 1. B: same, stride 2. C: valid, and the stride is the window's size, 3.",
        "A: 64 - 5 + 1. B: 64 / 2. C: floor((64 - 3) / 3) + 1. Likewise for 48.",
    ],
)
def what_comes_out(answer):
    """A dictionary from A, B, C to (down, across, channels)."""
    if not isinstance(answer, dict):
        raise NotYet('Give a dictionary: {"A": (down, across, channels), "B": ..., "C": ...}.')
    missing = [letter for letter in SHAPES if letter not in answer]
    if missing:
        raise NotYet(f"The dictionary says nothing of {', '.join(missing)}.")
    for letter, shape in SHAPES.items():
        given = _three_numbers(answer[letter])
        if given is None:
            raise NotYet(
                f"{letter}: give three numbers, (down, across, channels), without the batch, not "
                f"{answer[letter]!r}."
            )
        if given != shape:
            raise NotYet(f"{letter} is not {given}. {_why_not(letter, given)}")


def _three_numbers(given):
    """A tuple of three numbers from a tuple, list or array; None where it is none."""
    try:
        array = np.asarray(given)
    except ValueError:  # lists of different lengths
        return None
    if array.shape != (3,) or array.dtype.kind not in "iuf":
        return None
    return tuple(array.tolist())


def _why_not(letter, given):
    """The likely mistake behind a wrong shape."""
    down, across, channels = SHAPES[letter]
    if given == (channels, down, across):
        return "The numbers are right, but the channels come last: (down, across, channels)."
    if given == (across, down, channels):
        return "Rows first: 64 is the height. (down, across, channels)"
    return WHY_NOT.get((letter, given), "Go through it axis by axis with (20.7).")


@exercise(
    "20.2",
    "A kernel for the ribs",
    hints=[
        "What is the same along a level line may be the same along a row of the kernel.",
        "All rows even: [a, a, a], [b, b, b], [c, c, c]. For an even region the whole must sum to "
        "0, and upside down it must be the same: a = c.",
        "With a = c = -1, b must make the sum 0: 3 a + 3 b + 3 c = 0.",
    ],
)
def kernel_for_ribs(answer):
    """A kernel of 3 x 3 for bright level lines."""
    try:
        kernel = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise NotYet("Give a kernel of numbers: np.array([[...], [...], [...]]).") from None
    if kernel.shape != (3, 3):
        raise NotYet(f"The kernel should have the shape (3, 3); yours has {kernel.shape}.")
    if not np.isfinite(kernel).all():
        raise NotYet("The kernel holds NaN or infinity: give nine plain numbers.")

    def answer_to(window):
        return float(np.sum(np.array(window) * kernel))

    level, upright = np.zeros((3, 3)), np.zeros((3, 3))
    level[1], upright[:, 1] = 1, 1
    if not kernel.any():
        raise NotYet("A kernel of zeros answers to nothing at all.")
    nothing = 1e-9 * np.abs(kernel).max()  # room for rounding, whatever the kernel's size
    if abs(answer_to(level)) <= nothing and answer_to(upright) > nothing:
        raise NotYet(
            "Your kernel answers to upright lines. Level means along a row: transpose the kernel."
        )
    if abs(answer_to(np.ones((3, 3)))) > nothing:
        raise NotYet(
            f"To an even region of brightness 1 it answers {answer_to(np.ones((3, 3))):g}; it "
            "should be 0: all nine entries must sum to 0."
        )
    if answer_to(level) < -nothing:
        raise NotYet("To a bright level line the answer is negative. Change all signs.")
    for column in range(3):
        line = np.zeros((3, 3))
        line[:, column] = 1
        if abs(answer_to(line)) > nothing:
            raise NotYet(
                f"It answers to an upright line, too ({answer_to(line):g} with the line in column "
                f"{column}): each column of the kernel must sum to 0."
            )
    if np.abs(kernel - kernel[::-1]).max() > nothing:
        raise NotYet(
            "Upside down it gives another answer: it sees an edge (bright on one side only), "
            "not a line. First and last row must be equal."
        )
    if answer_to(level) <= nothing:
        raise NotYet("To a bright level line in the middle it answers 0. It should be positive.")


@exercise(
    "20.3",
    "How far does it see?",
    hints=[
        "Two numbers are carried from layer to layer, r and d, both 1 at the start.",
        "Use d in r's line before you change d: the new stride counts for later layers only.",
        "for window, stride in layers: r += (window - 1) * d; then d *= stride.",
    ],
)
def receptive_field(learner):
    """The width that one place of the last map sees."""
    layers = [(3, 1), (2, 2), (3, 1), (2, 2)]
    given = learner(list(layers))
    if isinstance(given, (tuple, list)):
        raise NotYet("Return one number, r, not several.")
    if close(given, 4):
        raise NotYet("4 is d, the distance of neighbours. Return r.")
    if close(given, 7):
        raise NotYet("You add window - 1 for each layer as if nobody had a stride. Multiply by d.")
    if close(given, 13):
        raise NotYet("The order: r grows by the d of *before* this layer; multiply d afterwards.")
    if close(given, 9):
        if close(learner([]), 0):
            raise NotYet("One short: before the first layer r is 1, a pixel that sees itself.")
        raise NotYet(
            "The strides of all earlier layers multiply: r grows by (window - 1) * d, then "
            "d *= stride. Neither is set by this layer's stride alone."
        )
    if close(given, 16):
        if close(learner([(5, 1)]), 6):
            raise NotYet("You add the whole window. The first pixel is there already: window - 1.")
        raise NotYet("You go through the layers in the wrong direction for this rule: carry d.")
    if not close(given, 10):
        raise NotYet(f"For {layers}, the lesson's network, the answer is 10; yours is {given!r}.")
    cases = [
        ([], 1, "no layer: one pixel sees itself"),
        ([(5, 1)], 5, "one convolution of 5 x 5"),
        ([(3, 1), (3, 1)], 5, "two convolutions of 3 x 3 see as far as one of 5 x 5"),
        ([(3, 2), (3, 2), (3, 2)], 15, "strides of 2 that build up"),
        ([(1, 3), (2, 1)], 4, "a stride of 3"),
    ]
    for layers, expected, what in cases:
        given = learner(list(layers))
        if not close(given, expected):
            raise NotYet(
                f"Right so far. Not yet for {layers} ({what}): {expected}, not {given!r}. "
                "Do the strides multiply?"
            )


@exercise(
    "20.4",
    "Backward through max pooling",
    hints=[
        "Which pixel of a window gets anything? How much? All others get 0: begin with zeros.",
        "For each b, i, j, c: the window is x[b, i*size:(i+1)*size, j*size:(j+1)*size, c]. "
        "np.unravel_index(window.argmax(), window.shape) gives the place (m, n) of its maximum.",
        "dx[b, i*size + m, j*size + n, c] = dy[b, i, j, c], and return dx.",
    ],
)
def max_pool_backward(learner):
    """The gradient for x: dy at the maxima, 0 elsewhere."""
    rng = np.random.default_rng(0)
    for shape, size in (((2, 4, 6, 3), 2), ((1, 7, 9, 2), 3), ((2, 5, 3, 1), 2)):
        x = rng.permutation(math.prod(shape)).reshape(shape).astype(float) - 20.0
        down, across = shape[1] // size, shape[2] // size
        dy = rng.uniform(1, 2, (shape[0], down, across, shape[3])) * rng.choice([-1, 1])
        _check_pooling(learner, dy, x, size)


def _check_pooling(learner, dy, x, size):
    kept = dy.copy(), x.copy()
    dx = np.asarray(learner(dy, x, size))
    if not (np.array_equal(dy, kept[0]) and np.array_equal(x, kept[1])):
        raise NotYet("Your function changes dy or x itself. Begin with np.zeros(x.shape).")
    if dx.shape != x.shape:
        raise NotYet(f"dx should have x's shape {x.shape}; yours has {dx.shape}.")
    down, across = dy.shape[1:3]
    inside = dx[:, : down * size, : across * size]
    if not close(dx.sum(), inside.sum()) or np.count_nonzero(dx) != np.count_nonzero(inside):
        raise NotYet("Rows and columns at the end that fill no window must get 0.")

    pixels, gradients = (_by_window(array, dy.shape, size) for array in (x, dx))
    right = _sent_to(pixels.argmax(axis=-1), dy, size)
    if close(gradients, right):
        return
    for wrong, message in _mistakes_in_pooling(pixels, right, dy, size):
        if close(gradients, wrong):
            raise NotYet(message)
    if np.count_nonzero(gradients) < np.count_nonzero(right):
        raise NotYet(
            "Some windows send nothing back. Does each write at its own place, i * size + m and "
            "j * size + n, and has each film and channel a maximum of its own?"
        )
    film, i, j, channel = np.argwhere(~np.isclose(gradients, right).all(axis=-1))[0]
    place = film, i, j, channel
    raise NotYet(
        f"For windows of {size} x {size}: film {film}, window ({i}, {j}), channel {channel} holds "
        f"{pixels[place]} and should send {right[place].round(2)} back, row by row; yours sends "
        f"{gradients[place].round(2)}."
    )


def _by_window(array, shape, size):
    """An array of x's shape as (batch, windows down, windows across, channels, size * size)."""
    batch, down, across, channels = shape
    whole = array[:, : down * size, : across * size]
    whole = whole.reshape(batch, down, size, across, size, channels)
    return whole.transpose(0, 1, 3, 5, 2, 4).reshape(*shape, size**2)


def _sent_to(places, dy, size):
    """What arrives, by window, where each window sends its gradient to one of its places."""
    return np.where(np.arange(size**2) == places[..., np.newaxis], dy[..., np.newaxis], 0.0)


def _mistakes_in_pooling(pixels, right, dy, size):
    """Typical wrong gradients, by window, and what to say of each."""
    largest = pixels.argmax(axis=-1)
    everywhere = np.repeat(dy[..., np.newaxis], size**2, axis=-1)
    exchanged = largest % size * size + largest // size
    return [
        (everywhere, "Every pixel of a window gets the whole gradient. Only the largest gets any."),
        (everywhere / size**2,
         "That is average pooling: equal parts. The largest pixel gets everything."),
        (right != 0, "The right pixels, but they get 1. They get dy: the chain rule multiplies."),
        (np.where(right != 0, pixels, 0.0),
         "The right pixels, but they keep their own value. They get that of dy."),
        (_sent_to(pixels.argmin(axis=-1), dy, size),
         "The gradient goes to the smallest pixel of each window: argmax, not argmin."),
        (_sent_to(np.abs(pixels).argmax(axis=-1), dy, size),
         "The gradient goes to the pixel farthest from 0. The largest is meant, with its sign."),
        (_sent_to(np.zeros_like(largest), dy, size),
         "The gradient goes to the first pixel of each window. Find the largest one."),
        (_sent_to(exchanged, dy, size),
         "Row and column inside the window are exchanged: m counts down and belongs to i, n "
         "across and belongs to j."),
        (_sent_to(np.broadcast_to(largest[..., :1], largest.shape), dy, size),
         "All channels send to where the first channel has its maximum. Each has its own."),
        (_sent_to(np.broadcast_to(largest[:1], largest.shape), dy, size),
         "All films send to where the first film has its maximum. Each has its own."),
    ]
