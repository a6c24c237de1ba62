"""Checks of chapter 23, Segmentation."""

import numpy as np

from .machinery import NotYet, close, exercise

ERRORS = {"A": "a stray piece", "B": "too large", "C": "shifted", "D": "half missing"}
WHY_NOT = {
    ("A", "too large"): "A's HD95 is 0 mm: 95 % of its surface is right. A layer all around "
    "would move every voxel of it.",
    ("A", "shifted"): "A's HD95 is 0 mm: 95 % of its surface is right. A shift moves all of it.",
    ("A", "half missing"): "A's volume is a little too large, not half.",
    ("B", "a stray piece"): "B's Hausdorff distance is that of about one voxel: nothing lies far "
    "away.",
    ("B", "shifted"): "A shift leaves the volume as it was. What is B's volume error?",
    ("B", "half missing"): "B's volume error is positive.",
    ("C", "a stray piece"): "C's Hausdorff distance is small: nothing lies far away.",
    ("C", "too large"): "C's volume error is 0. A layer all around would show in it.",
    ("C", "half missing"): "C's volume error is 0.",
    ("D", "a stray piece"): "D's volume is too small; a stray piece adds to it.",
    ("D", "too large"): "D's volume error is negative.",
    ("D", "shifted"): "A shift leaves the volume as it was. What is D's volume error?",
}


@exercise(
    "23.1",
    "Four errors",
    hints=[
        "Begin with the volume error. Which error leaves the volume as it was? Which halves it?",
        "Two are left, both with too much. In one of them HD95 and the distance at 100 % are far "
        "apart: few voxels, a long way off.",
    ],
)
def four_errors(answer):
    """A dictionary from the letters A to D to the four errors."""
    if not isinstance(answer, dict):
        raise NotYet('Give a dictionary: {"A": "...", "B": "...", "C": "...", "D": "..."}.')
    answer = {str(letter).strip().upper(): given for letter, given in answer.items()}
    missing = [letter for letter in ERRORS if letter not in answer]
    if missing:
        raise NotYet(f"The dictionary says nothing of {', '.join(missing)}.")
    for letter, error in ERRORS.items():
        given = str(answer[letter]).strip().lower()
        if given not in ERRORS.values():
            raise NotYet(f"{answer[letter]!r} for {letter} is none of: {list(ERRORS.values())}.")
        if given != error:
            raise NotYet(f"{letter} is not {given!r}. {WHY_NOT[letter, given]}")


@exercise(
    "23.2",
    "The Dice loss of one structure",
    hints=[
        "Three sums over all pixels: of truth times probability, of truth, of probability.",
        "dice = (2 * both + 1) / (truth.sum() + probability.sum() + 1); the loss is 1 minus that.",
    ],
)
def dice_loss(learner):
    """The loss (23.7) for one structure, on a batch of masks and probabilities."""
    truth = np.array([[[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    probability = np.array(
        [[[0.9, 0.4, 0.2], [0.1, 0.8, 0.0]], [[0.3, 0.0, 0.0], [0.0, 0.1, 0.0]]]
    )
    both, each = (truth * probability).sum(), truth.sum() + probability.sum()
    right = 1 - (2 * both + 1) / (each + 1)
    given = learner(truth.copy(), probability.copy())
    if np.ndim(given) != 0:
        raise NotYet(f"The loss of a batch is one number; yours has shape {np.shape(given)}.")
    hard = (probability > 0.5).astype(float)
    mistakes = {
        1 - right: "That is the Dice coefficient. The loss is 1 minus it, so that less is better.",
        1 - (both + 1) / (each + 1): "The factor 2 before the overlap is missing: a perfect answer "
        "would get a loss of about 1/2.",
        1 - 2 * both / each: "The + 1 above and below is missing. Without it a batch that holds "
        "nothing of the structure divides 0 by 0.",
        1 - 2 * both / (each + 1): "The + 1 stands below only. It belongs above as well, so that "
        "nothing predicted where there is nothing costs nothing.",
        1 - (2 * (truth * hard).sum() + 1) / (truth.sum() + hard.sum() + 1): "You turn the "
        "probabilities into 0 and 1. A step has no slope: nothing could be learned. Use the "
        "probabilities as they are.",
        1
        - np.mean(
            [
                (2 * (t * p).sum() + 1) / (t.sum() + p.sum() + 1)
                for t, p in zip(truth, probability)
            ]
        ): "You average over the slices. The second slice holds nothing of the structure, and the "
        "slightest probability there counts as a failure. Take one Dice over the whole batch.",
        1 - (both + 1) / (each - both + 1): "That is the loss of the intersection over union. The "
        "Dice loss divides twice the overlap by the sum of both sizes.",
    }
    for value, message in mistakes.items():
        if close(given, value):
            raise NotYet(message)
    if not close(given, right):
        raise NotYet(f"For the first test case the loss is {right:.4f}; yours is {given:.4f}.")
    empty = np.zeros((1, 2, 2))
    if not close(learner(empty, empty), 0.0):
        raise NotYet("Nothing there and nothing predicted must cost nothing.")
    if not close(learner(np.ones((3, 4, 5)), np.ones((3, 4, 5))), 0.0):
        raise NotYet("A perfect answer must cost nothing, whatever the shape of the batch.")


def _box(shape, *spans):
    mask = np.zeros(shape, dtype=bool)
    mask[tuple(slice(*span) for span in spans)] = True
    return mask


@exercise(
    "23.3",
    "The 95 % Hausdorff distance",
    hints=[
        "Points in mm: np.argwhere(surface) * spacing. You have two lists of points.",
        "All distances at once: np.linalg.norm(a[:, None] - b[None], axis=-1), shape (n, m). Its "
        "minimum along axis 1 is the distance of each point of a to the nearest of b.",
        "max(np.percentile(table.min(axis=1), 95), np.percentile(table.min(axis=0), 95)).",
    ],
)
def hd95(learner):
    """HD95 of two lists of surface points in voxels, with the size of a voxel."""
    rng = np.random.default_rng(0)
    line = np.stack([np.zeros(41), np.arange(41.0)], axis=1)
    point = line[:1]
    spacing = np.array([1.0, 0.5])

    def tables(first, second, size):
        return np.linalg.norm((first[:, None] - second[None]) * size, axis=-1)

    def expected(first, second, size):
        table = tables(first, second, size)
        return max(np.percentile(table.min(axis=axis), 95) for axis in (0, 1))

    given = learner(line.copy(), point.copy(), spacing.copy())
    if np.ndim(given) != 0:
        raise NotYet(f"The answer is one number; yours has shape {np.shape(given)}.")
    one_way = tables(line, point, spacing)
    if close(given, 0.0) and not close(learner(point, line, spacing), 0.0):
        raise NotYet("Only one direction, from the second to the first. Take the larger of both.")
    if close(learner(point.copy(), line.copy(), spacing.copy()), 0.0):
        raise NotYet("Only one direction, from the first to the second. Take the larger of both.")
    if close(given, 2 * expected(line, point, spacing)):
        raise NotYet("The distances are in voxels. Multiply the points by the spacing first.")
    if close(given, one_way.min(axis=1).max()):
        raise NotYet("That is the largest distance, which a single stray voxel decides. Take the "
                     "95th percentile.")
    if close(given, np.percentile([*one_way.min(axis=1), 0.0], 95)):
        raise NotYet("You pool both directions before the percentile. Take the percentile of each, "
                     "then the larger.")
    if close(given, np.mean([expected(line, point, spacing), 0.0])):
        raise NotYet("You average the two directions. Take the larger.")
    if not close(given, expected(line, point, spacing)):
        raise NotYet(
            "A line of 41 voxels of 0.5 mm against its first voxel: the distances are 0 to 20 mm, "
            f"their 95th percentile is {expected(line, point, spacing):g}; yours is {given:g}."
        )
    first, second = rng.integers(0, 20, (30, 3)), rng.integers(5, 25, (50, 3))
    size = np.array([1.0, 0.7, 2.0])
    given = learner(first, second, size)
    if close(given, tables(first, second, size).max()):
        raise NotYet("That is the distance to the farthest point. Take the nearest: min.")
    if not close(given, expected(first, second, size)):
        raise NotYet(
            f"Right in two dimensions. For points in three, with voxels of {size} mm, the answer "
            f"is {expected(first, second, size):.3f}; yours is {given:.3f}. Does your code take "
            "any number of axes?"
        )


def _retina(brightness=1.0, tilt=0.0, contrast=0.2, seed=0):
    """A round picture with a dark cross on tilted light: green, inside, truth."""
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[:160, :160]
    inside = np.hypot(row - 80, column - 80) < 75
    truth = inside & ((np.abs(row - 70) < 2) | (np.abs(column - 95) < 2))
    light = 0.4 * brightness * (1 + tilt * (column - 80) / 80)
    green = light * (1 - contrast * truth) + rng.normal(0, 0.004 * brightness, row.shape)
    return green * inside, inside, truth


def _dice(first, second):
    return 2 * np.sum(first & second) / max(np.sum(first) + np.sum(second), 1)


@exercise(
    "23.4",
    "Retinal vessels without a network",
    hints=[
        "Where is it darker than its surroundings? scipy.ndimage.gaussian_filter(green, 8) is the "
        "surroundings, but for the black outside the disc, which darkens the rim.",
        "A mean over the disc alone: gaussian_filter(green * inside, 8) divided by "
        "gaussian_filter(inside * 1.0, 8).",
        "darker = 1 - green / surroundings, which no lamp changes. Call that share of the pixels "
        "vessels that is the darkest by this measure.",
        "mask = darker > np.quantile(darker[inside], 1 - share); then mask & inside.",
    ],
)
def vessels(learner):
    """A mask of the vessels that does not depend on lamp and tilt."""
    green, inside, truth = _retina()
    share = truth.sum() / inside.sum()
    kept = green.copy()
    mask = np.asarray(learner(green, inside.copy(), share))
    if not np.array_equal(kept, green):
        raise NotYet("Your function changes the picture that it is given. Work on a copy.")
    if mask.shape != green.shape:
        raise NotYet(f"For a picture of {green.shape} you return shape {mask.shape}.")
    if mask.dtype != bool:
        if set(np.unique(mask)) - {0, 1}:
            raise NotYet("Return a mask: True where there is a vessel, False elsewhere.")
        mask = mask.astype(bool)
    if np.any(mask & ~inside):
        raise NotYet("Your mask marks pixels outside the visible disc, where there is no eye.")
    found = _dice(mask, truth)
    if found < 0.1 and _dice(~mask & inside, truth) > found:
        raise NotYet("Your mask marks what is brighter than its surroundings. Vessels are darker.")
    if abs(mask.sum() / inside.sum() - share) > 0.3 * share:
        raise NotYet(
            f"You mark {mask.sum() / inside.sum():.0%} of the disc; asked for was {share:.0%}. "
            "Take the quantile over the pixels inside the disc."
        )
    if found < 0.8:
        raise NotYet(f"On evenly lit vessels the Dice should be above 0.8; yours is {found:.2f}.")
    green, inside, truth = _retina(tilt=0.5)
    found = _dice(np.asarray(learner(green, inside, share)).astype(bool), truth)
    if found < 0.8:
        raise NotYet(
            f"With the light from one side the Dice falls to {found:.2f}: a threshold of the grey "
            "value calls the dim side vessels. Compare each pixel with its surroundings."
        )
    plain = np.asarray(learner(*_retina(tilt=0.3)[:2], share)).astype(bool)
    dim = np.asarray(learner(*_retina(tilt=0.3, brightness=0.4)[:2], share)).astype(bool)
    if _dice(plain, dim) < 0.95:
        raise NotYet("A weaker lamp changes your mask. Is a grey value written into your code?")
    twice = np.asarray(learner(*_retina()[:2], 2 * share)).astype(bool)
    if twice.sum() < 1.5 * mask.sum():
        raise NotYet("Twice the share should mark about twice the pixels. Do you use the argument?")
