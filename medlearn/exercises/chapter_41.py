"""Checks of chapter 41, Conditional GAN."""

import numpy as np

from .machinery import NotYet, close, exercise

HOLDS = {"A": False, "B": True, "C": False, "D": True, "E": False}
WHY = {
    "A": "In A the GAN has seen the test patients: what it draws carries them into the training "
    "part. That is leakage.",
    "B": "B compares pairs and states an interval over both thinning and training: it holds.",
    "C": "In C one patient of 50 is two percentage points or more, and one run is one draw of "
    "luck: without an interval 86 against 79 says little.",
    "D": "D gives the rivals what it gives the GAN: the same care. It holds.",
    "E": "In E the test part has chosen the number of pictures: the reported AUC flatters.",
}


@exercise(
    "41.1",
    "Can you believe it?",
    hints=[
        "Three questions for each: did anything of the test part leak? Did the rival get a fair "
        "chance? Could luck explain it?",
        "In A and E something reaches back from the test part. In C nobody says what luck does.",
    ],
)
def believable(answer):
    """A dictionary from the letters A to E to True or False."""
    if not isinstance(answer, dict):
        raise NotYet('Give a dictionary: {"A": True, "B": False, ...}.')
    answer = {str(letter).strip().upper(): given for letter, given in answer.items()}
    missing = [letter for letter in HOLDS if letter not in answer]
    if missing:
        raise NotYet(f"The dictionary says nothing of {', '.join(missing)}.")
    for letter, right in HOLDS.items():
        if answer[letter] not in (True, False):
            raise NotYet(f"{letter} is {answer[letter]!r}: answer True or False.")
        if bool(answer[letter]) != right:
            raise NotYet(f"Think again about {letter}. {WHY[letter]}")


@exercise(
    "41.2",
    "Between neighbours",
    hints=[
        "All distances at once: np.linalg.norm(x[:, np.newaxis] - x, axis=-1) has shape (n, n).",
        "A picture's nearest is itself, at distance 0: put np.inf on the diagonal first, with "
        "np.fill_diagonal.",
        "distance.argmin(axis=1) says which neighbour; (1 - share) * x + share * x[neighbour].",
    ],
)
def mix_with_nearest(learner):
    """Every row mixed with its nearest other row."""
    x = np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0], [5.0, 3.0], [1.0, 1.5]])
    neighbour = [1, 0, 3, 2, 1]
    kept = x.copy()
    mixed = np.asarray(learner(x, 0.25))
    if not np.array_equal(x, kept):
        raise NotYet("Your function changes x in place. Make a new array.")
    if mixed.shape != x.shape:
        raise NotYet(f"For x of shape (5, 2) return shape (5, 2); yours is {mixed.shape}.")
    if close(mixed, x):
        raise NotYet(
            "You give back x itself: the nearest to each picture is the picture, at distance 0. "
            "Leave it out."
        )
    if close(mixed, 0.25 * x + 0.75 * x[neighbour]):
        raise NotYet("The share is that of the neighbour; yours is the picture's own.")
    if close(mixed, x[neighbour]):
        raise NotYet(
            "That is the neighbour itself. Mix: (1 - share) * picture + share * neighbour."
        )
    if close(mixed, x + 0.25 * x[neighbour]):
        raise NotYet(
            "You add the neighbour to the whole picture. The picture's share is 1 - share."
        )
    distance = np.linalg.norm(x[:, np.newaxis] - x, axis=-1)
    if close(mixed, 0.75 * x + 0.25 * x[distance.argmax(axis=1)]):
        raise NotYet("You mix with the farthest. argmin finds the nearest.")
    if not close(mixed, 0.75 * x + 0.25 * x[neighbour]):
        raise NotYet(
            f"The first row, (0, 0), has (1, 0) as its nearest: a quarter of it is (0.25, 0). "
            f"Yours is {mixed[0]}."
        )
    if not close(learner(x, 0.0), x):
        raise NotYet("With a share of 0 nothing of the neighbour is left: x must come back.")
    # By the sum of the steps along the columns, the nearest to the first would be the last.
    other = np.array([[0.0, 0.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.0, 3.0]])
    if not close(learner(other, 1.0), other[[1, 0, 0]]):
        raise NotYet(
            "With a share of 1 the nearest other row must come back, by the root of the summed "
            "squares over all columns (Euclid): of (0, 0, 0), (2, 2, 0) and (0, 0, 3) the first "
            "two are nearest."
        )


@exercise(
    "41.3",
    "Whom does it betray?",
    hints=[
        "First one number for each person: the distance to the nearest of the released pictures.",
        "near_in[:, np.newaxis] and near_out[np.newaxis, :] meet in a table (m, n) of all pairs.",
        "np.mean((near_in < near_out) + 0.5 * (near_in == near_out)), as floats.",
    ],
)
def betrayal(learner):
    """The share of pairs in which the one inside lies nearer to what was released."""
    released = np.array([[0.0, 0.0], [10.0, 0.0]])
    inside = np.array([[1.0, 0.0], [10.0, 2.0], [0.0, 3.0]])  # nearest at 1, 2, 3
    outside = np.array([[2.0, 0.0], [10.0, 4.0]])  # nearest at 2, 4
    right = (2 + 1.5 + 1) / 6
    given = learner(inside, outside, released)
    if np.shape(given) != ():
        raise NotYet(f"Return one number; yours has shape {np.shape(given)}.")
    if close(given, 1 - right):
        raise NotYet("The wrong way round: who was inside lies nearer, and that must give 1.")
    if close(given, 4 / 6):
        raise NotYet("A tie is counted as nothing. It counts one half: nobody can tell.")
    if close(given, 5 / 6):
        raise NotYet("A tie is counted as whole. It counts one half: nobody can tell.")
    distance = [np.linalg.norm(x[:, np.newaxis] - released, axis=-1) for x in (inside, outside)]
    a, b = (each.mean(axis=1) for each in distance)
    a = a[:, np.newaxis]
    if close(given, np.mean((a < b) + 0.5 * (a == b))):
        raise NotYet("You take the mean distance to all released pictures. The nearest one counts.")
    if close(given, np.mean([1, 2, 3]) / np.mean([2, 4])) or close(given, 1.0):
        raise NotYet(
            "You compare the means of the two groups. Count pairs: each inside, each outside."
        )
    if not close(given, right):
        raise NotYet(
            f"Inside lie at 1, 2, 3 from the nearest, outside at 2, 4: of six pairs 4 are won and "
            f"one is tied, {right:.3f}; yours is {given!r}."
        )
    if not close(learner(released, outside, released), 1.0):
        raise NotYet("Released copies betray everybody: the answer must be 1.")
    if not close(learner(inside, inside, released), 0.5):
        raise NotYet("The same people inside and outside cannot be told apart: one half.")
