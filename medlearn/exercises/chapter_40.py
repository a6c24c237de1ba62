"""Checks of chapter 40, Generative adversarial networks."""

import warnings

import numpy as np

from .machinery import NotYet, close, exercise

SIGNS = {"A": "collapse", "B": "balance", "C": "copying", "D": "saturation"}
WHY = {
    "A": "In A the drawn films are plausible, but they cover a tenth of the real ones: few kinds "
    "are drawn.",
    "B": "In B the discriminator knows nothing, and the films are good: that is where the game "
    "should end.",
    "C": "In C the drawn films are far nearer to training films than films of other children are.",
    "D": "In D the expert is sure, and the slope of the printed loss is D(G(z)), next to 0.",
}


@exercise(
    "40.1",
    "What is wrong with this game?",
    hints=[
        "Precision asks whether what is drawn is plausible, recall whether all that is real is "
        "drawn. Which trouble leaves the first and takes the second?",
        "Three of the four are troubles. One is where you want to be.",
    ],
)
def what_is_wrong(answer):
    """A dictionary from the letters A to D to one of four words."""
    if not isinstance(answer, dict):
        raise NotYet('Give a dictionary: {"A": "collapse", ...}.')
    answer = {str(k).strip().upper(): str(v).strip().lower() for k, v in answer.items()}
    missing = [letter for letter in SIGNS if letter not in answer]
    if missing:
        raise NotYet(f"The dictionary says nothing of {', '.join(missing)}.")
    for letter, right in SIGNS.items():
        if answer[letter] not in SIGNS.values():
            words = ", ".join(sorted(SIGNS.values()))
            raise NotYet(f"{letter} is {answer[letter]!r}: choose one of {words}.")
        if answer[letter] != right:
            raise NotYet(f"Think again about {letter}. {WHY[letter]}")


def _numbers(given, shape, what):
    """An answer as an array of finite numbers of this shape."""
    given = np.asarray(given, dtype=float)
    if given.shape != shape:
        raise NotYet(f"{what} has shape {given.shape}, it should have {shape}.")
    if not np.isfinite(given).all():
        raise NotYet(f"{what} holds NaN or infinity.")
    return given


@exercise(
    "40.2",
    "The best discriminator",
    hints=[
        "Of all that is shown at x, how much is real? The real there come with share * p.",
        "share * p for the real, (1 - share) * q for the drawn; the answer is the part that is "
        "real.",
    ],
)
def best_discriminator(learner):
    """Bayes' rule with the share of real pictures as the prevalence."""
    p, q = np.array([0.4, 0.2, 0.1, 0.3]), np.array([0.1, 0.2, 0.4, 0.0])
    half = _numbers(learner(p.copy(), q.copy(), 0.5), p.shape, "The answer")
    if close(half, q / (p + q)):
        raise NotYet("That is the probability of *drawn*; asked for is that of real.")
    if close(half, p / (p + q) / 2) or close(half, 0.5 * p):
        raise NotYet("At a share of 1/2 the answer should be p / (p + q): divide by all that is "
                     "shown at x, share * p + (1 - share) * q.")
    if not close(half, p / (p + q)):
        raise NotYet("At a share of 1/2 the answer should be p / (p + q).")
    much = _numbers(learner(p.copy(), q.copy(), 0.9), p.shape, "The answer")
    if close(much, p / (p + q)):
        raise NotYet("Right for a share of 1/2, but the share changes nothing: where nine in ten "
                     "are real, real is likelier everywhere.")
    if close(much, 0.1 * p / (0.1 * p + 0.9 * q)):
        raise NotYet("The shares are exchanged: share is that of the *real*.")
    if not close(much, 0.9 * p / (0.9 * p + 0.1 * q)):
        raise NotYet("Right for a share of 1/2, but not for 0.9: weigh p with the share of the "
                     "real, and q with that of the drawn.")


@exercise(
    "40.3",
    "A loss that never breaks",
    hints=[
        "-log sigmoid(a) = log(1 + exp(-a)). For a = -1000 the exponential is infinite.",
        "np.logaddexp(0, b) is log(1 + exp(b)), computed safely. What is b here?",
    ],
)
def generator_loss(learner):
    """The softplus of the negative logit, averaged."""
    small = np.array([-2.0, 0.0, 1.0, 3.0])
    right = np.log1p(np.exp(-small)).mean()
    given = _numbers(learner(small.copy()), (), "The loss")
    if close(given, right * len(small)):
        raise NotYet("That is the sum over the batch; return the mean.")
    if close(given, np.log1p(np.exp(small)).mean()):
        raise NotYet("The sign of the logit is turned: this is -log(1 - sigmoid), the loss of the "
                     "discriminator on drawn films. The generator wants large logits.")
    if close(given, -np.log1p(np.exp(small)).mean()):
        raise NotYet("That is the saturating loss, log(1 - sigmoid); asked for is -log sigmoid.")
    if close(given, -right):
        raise NotYet("The sign is turned: a loss of fooling must be small where the logits are "
                     "large, and above 0.")
    if not close(given, right):
        raise NotYet(f"For logits {small.tolist()} the loss is {right:.4f}, not {given:.4f}.")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        extreme = np.asarray(learner(np.array([-1000.0, 1000.0])), dtype=float)
    if not np.isfinite(extreme).all():
        raise NotYet("For a logit of -1000 the loss is NaN or infinite: it should be 1000. Do not "
                     "form the sigmoid, nor exp(1000).")
    if not close(extreme, 500.0):
        raise NotYet(f"For logits -1000 and 1000 the mean loss is 500, not {float(extreme):.4g}: "
                     "a clipped probability makes the worst mistake look small.")
    if caught:
        raise NotYet(f"The loss is right but warns ({caught[0].message}): np.logaddexp does not.")


def _ring():
    angle = np.pi * np.arange(4) / 2
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


@exercise(
    "40.4",
    "Count the modes",
    hints=[
        "First all distances, shape (n, k): points[:, np.newaxis] - centres, then the norm over "
        "the last axis.",
        "argmin over the centres gives each point its centre, min whether it is within the radius.",
        "np.bincount(nearest[within], minlength=k) counts; compare with share * n / k.",
    ],
)
def count_modes(learner):
    """Points near enough to their nearest centre, counted by centre."""
    centres = _ring()

    def ask(points, radius=0.2, share=0.1):
        given = learner(points.copy(), centres.copy(), radius, share)
        if np.ndim(given) != 0:
            raise NotYet("Return one number: how many centres are covered.")
        return int(given)

    everywhere = np.repeat(centres, 25, axis=0) + 0.01
    if ask(everywhere) != 4:
        raise NotYet(f"25 points at each of 4 centres cover all 4, not {ask(everywhere)}.")
    far = np.concatenate([np.repeat(centres[:1], 50, axis=0), 5 * np.repeat(centres[1:], 20, 0)])
    if ask(far) != 1:
        raise NotYet("Points far from every centre have been counted: only those within the radius "
                     "of their nearest centre count.")
    few = np.concatenate([np.repeat(centres[:1], 98, axis=0), centres[1:3]])
    if ask(few) != 1:
        raise NotYet("A centre with 1 point of 100 is not covered: its fair part is 25, and a "
                     "tenth of that is 2.5.")
    lost = np.concatenate([np.repeat(centres[:1], 3, axis=0), np.full((97, 2), 9.0)])
    if ask(lost) != 1:
        raise NotYet("3 of 100 points at a centre cover it (a tenth of the fair part is 2.5). The "
                     "fair part is of *all* points, wherever they lie.")
    exact = np.concatenate([np.repeat(centres[:1], 37, axis=0), np.repeat(centres[1:2], 3, axis=0)])
    if ask(exact, share=0.3) != 2:
        raise NotYet("A centre with exactly its share is covered: at least, not more than.")
    wide = np.repeat(centres[:1] * 0.9, 40, axis=0)
    if ask(wide, radius=3.0) != 1:
        raise NotYet("With a wide radius one point was counted at several centres: it belongs to "
                     "its nearest alone.")


@exercise(
    "40.5",
    "Spectral normalisation",
    hints=[
        "kernel.reshape(-1, filters) has one column for each filter.",
        "One step: v = W.T @ (W @ v), then divide v by its length.",
        "At the end the norm is the length of W @ v; divide the whole kernel by it.",
    ],
)
def normalised_kernel(learner):
    """Power iteration on the kernel, read as a matrix."""
    rng = np.random.default_rng(40)
    kernel = rng.normal(size=(3, 3, 2, 5))
    kernel[..., 0] *= 3  # one direction stands out, so that few steps suffice
    start = np.ones(5)
    kept = kernel.copy(), start.copy()
    given = _numbers(learner(kernel, start, 200), kernel.shape, "The kernel")
    if not (np.array_equal(kernel, kept[0]) and np.array_equal(start, kept[1])):
        raise NotYet("The kernel or the start was changed in place; return a new array.")
    matrix = kernel.reshape(-1, 5)
    largest = np.linalg.norm(matrix, 2)
    if close(given, kernel / np.linalg.norm(kernel)):
        raise NotYet("That is the root of the sum of squares (Frobenius); the spectral norm is "
                     "the largest stretch, which is smaller.")
    if close(given, kernel / largest**2):
        raise NotYet("W.T @ W stretches by the *square* of the norm: take the length of W @ v.")
    if close(given, kernel * largest):
        raise NotYet("The kernel was multiplied by its norm: divide.")
    if close(given, kernel / np.linalg.norm(kernel.reshape(3, -1), 2)) or close(
        given, kernel / np.linalg.norm(kernel.reshape(-1, 10), 2)
    ):
        raise NotYet("The matrix has the wrong shape: one column for each filter, "
                     "kernel.reshape(-1, filters).")
    if not close(given, kernel / largest, tolerance=1e-6):
        stretch = np.linalg.norm(given.reshape(-1, 5), 2)
        raise NotYet(f"Read as a matrix, the result should have norm 1; it has {stretch:.3f}.")
    scaled = _numbers(learner(kernel, 10 * start, 200), kernel.shape, "The kernel")
    if not close(scaled, given):
        raise NotYet("Ten times the start gives another result: scale the vector to length 1.")
    once = _numbers(learner(kernel, start, 1), kernel.shape, "The kernel")
    if close(once, given):
        raise NotYet("One step and two hundred give the same: use as many steps as you are given.")
