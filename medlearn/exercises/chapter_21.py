"""Checks of chapter 21, Image diagnosis."""

import numpy as np

from .machinery import NotYet, close, exercise

CHANGES = {"A": True, "B": False, "C": False, "D": True, "E": False, "F": False, "G": True}
WHY = {
    "A": "A mole has no upper side, and the camera could have been held otherwise: A is true to "
    "medicine.",
    "B": "The side of the heart is the very diagnosis in B: mirrored, the label is wrong.",
    "C": "In C the skin would lie below, and shadows would fall upwards.",
    "D": "A slide can lie either way under the microscope: D could be another patient's.",
    "E": "Colour is a sign of its own in a mole, and no skin is green: E cannot occur.",
    "F": "In F the side is what is asked for: the mirrored picture has the other label.",
    "G": "A child two pixels further left is a child with the same lungs: G can occur.",
}


@exercise(
    "21.1",
    "True to medicine?",
    hints=[
        "Two questions for each: can such a picture occur? And does it still have its diagnosis?",
        "Where the side is the diagnosis (B, F) a mirror changes the label. Where up and down or "
        "the colour are given by nature (C, E), the picture cannot occur.",
    ],
)
def true_to_medicine(answer):
    """A dictionary from the letters A to G to True or False."""
    if not isinstance(answer, dict):
        raise NotYet('Give a dictionary: {"A": True, "B": False, ...}.')
    answer = {str(letter).strip().upper(): given for letter, given in answer.items()}
    missing = [letter for letter in CHANGES if letter not in answer]
    if missing:
        raise NotYet(f"The dictionary says nothing of {', '.join(missing)}.")
    for letter, right in CHANGES.items():
        if answer[letter] not in (True, False):
            raise NotYet(f"{letter} is {answer[letter]!r}: answer True or False.")
        if bool(answer[letter]) != right:
            raise NotYet(f"Think again about {letter}. {WHY[letter]}")


@exercise(
    "21.2",
    "Not to miss a carcinoma",
    hints=[
        "Sort the scores of the diseased from high to low. The threshold is one of them. Which?",
        "Of k diseased at least wanted * k must be found: round that up, with np.ceil. (Take 1e-9 "
        "off before: in floating point 0.28 * 25 is a little above 7.)",
        "ill = np.sort(score[y == 1])[::-1]; the answer is ill[needed - 1].",
    ],
)
def threshold_for_sensitivity(learner):
    """The highest threshold that finds at least the wanted share of the diseased."""
    y = np.array([0, 1, 1, 0, 1, 1, 0, 1, 0, 0])
    score = np.array([0.1, 0.9, 0.3, 0.95, 0.6, 0.8, 0.35, 0.5, 0.4, 0.55])
    kept = y.copy(), score.copy()
    given = learner(y, score, 0.8)
    if not (np.array_equal(y, kept[0]) and np.array_equal(score, kept[1])):
        raise NotYet("Your function changes y or score in place. Use np.sort, not score.sort().")
    if np.shape(given) != ():
        raise NotYet(f"Return one number; yours has shape {np.shape(given)}.")
    found = np.mean(score[y == 1] >= given)
    if close(given, 0.3):
        raise NotYet(
            "0.3 finds all five of the diseased, but 0.5 finds four of five, which is enough, and "
            "raises fewer false alarms. Return the highest that is enough."
        )
    if close(given, 0.8) or close(given, 0.9) or close(given, 0.55):
        raise NotYet(
            f"A threshold of {float(given):g} finds {found:.0%} of the diseased; 80 % are wanted. "
            "Do you sort the diseased alone, from high to low? Is the wanted share taken of the "
            "diseased, not of all?"
        )
    if close(given, 0.6):
        raise NotYet("0.6 finds three of five, 60 %: you are one place too high. Count from 0.")
    if close(given, 0.35) or close(given, 0.4):
        raise NotYet("That is a score of a case without the disease. Look at score[y == 1] alone.")
    if not close(given, 0.5):
        raise NotYet(
            f"For the diseased at {np.sort(score[y == 1])} and 80 % the threshold is 0.5; yours is "
            f"{given!r}."
        )
    given = learner(y, score, 0.7)
    if close(given, 0.6):
        raise NotYet(
            "70 % of five is 3.5 people: three are not enough, so four are needed. Round up."
        )
    if not close(given, 0.5):
        raise NotYet(f"At 70 % the threshold is 0.5 still; yours is {given!r}.")
    if not close(learner(y, score, 1.0), 0.3):
        raise NotYet("To find all, the threshold is the lowest score of the diseased, 0.3.")
    # 0.28 * 25 is 7.000000000000001 in floating point.
    many = np.arange(50) / 50
    if not close(learner((np.arange(50) >= 25).astype(int), many, 0.28), many[43]):
        raise NotYet(
            "Of 25 diseased 28 % are 7, not 8: 0.28 * 25 carries a rounding error. Subtract a "
            "tiny number, 1e-9, before rounding up."
        )


@exercise(
    "21.3",
    "An ensemble with a temperature",
    hints=[
        "Three steps: divide the logits, sigmoid, mean over the networks. In that order.",
        "temperatures[:, np.newaxis] has shape (networks, 1), and divides row by row.",
        "p = 1 / (1 + np.exp(-z)); the networks are axis 0.",
    ],
)
def ensemble_probability(learner):
    """The mean over the networks of the tempered probabilities."""
    z = np.array([[2.0, -1.0, 0.5, -6.0], [6.0, 1.0, -2.0, -3.0], [1.0, -4.0, 3.0, 2.0]])
    t = np.array([1.0, 2.0, 4.0])
    kept = z.copy()

    def sigmoid(values):
        return 1 / (1 + np.exp(-values))

    p = np.asarray(learner(z, t))
    if not np.array_equal(z, kept):
        raise NotYet("Your function changes the logits in place (as /= does). Make a new array.")
    if p.shape == (3,) or p.shape == z.shape:
        raise NotYet(f"One probability a picture, (4,); yours is {p.shape}: mean over axis 0.")
    if p.shape != (4,):
        raise NotYet(f"Return shape (4,) for logits of shape (3, 4); yours is {p.shape}.")
    scaled = z / t[:, np.newaxis]
    right = sigmoid(scaled).mean(axis=0)
    if close(p, sigmoid(scaled.mean(axis=0))):
        raise NotYet(
            "You average the logits, then take the sigmoid. (21.5) averages the probabilities."
        )
    if close(p, sigmoid(z).mean(axis=0)):
        raise NotYet("The temperatures are not used: divide each network's logits by its own.")
    if close(p, sigmoid(z * t[:, np.newaxis]).mean(axis=0)):
        raise NotYet("You multiply by the temperature. Divide: above 1 it must calm the network.")
    if close(p, (sigmoid(z) / t[:, np.newaxis]).mean(axis=0)):
        raise NotYet("You divide the probabilities. The temperature divides the logits (21.6).")
    if close(p, sigmoid(z / t.mean()).mean(axis=0)):
        raise NotYet("One temperature for all. Each network has its own.")
    if close(p, 1 - right):
        raise NotYet("The sign in the sigmoid: 1 / (1 + exp(-z)). Yours is the chance to be well.")
    if close(p, scaled.mean(axis=0)):
        raise NotYet("These are logits. Put them through the sigmoid (21.1).")
    if not close(p, right):
        raise NotYet(f"For the check's logits the answer is {right.round(3)}; yours is {p}.")


@exercise(
    "21.4",
    "Grad-CAM by hand",
    hints=[
        "First one number a picture and channel: the gradient summed over rows and columns.",
        "gradient.sum(axis=(1, 2), keepdims=True) has shape (n, 1, 1, channels).",
        "Multiply with the maps, sum over the channels (axis -1), cut at 0 with np.maximum.",
    ],
)
def cam_from_gradient(learner):
    """ReLU of the sum over channels of summed gradient times map."""
    rng = np.random.default_rng(0)
    maps, gradient = rng.random((3, 4, 5, 6)), rng.normal(size=(3, 4, 5, 6))
    kept = maps.copy(), gradient.copy()
    cam = np.asarray(learner(maps, gradient))
    if not (np.array_equal(maps, kept[0]) and np.array_equal(gradient, kept[1])):
        raise NotYet("Your function changes its arrays in place. Make new ones.")
    if cam.shape != (3, 4, 5):
        raise NotYet(f"For maps (3, 4, 5, 6) return shape (3, 4, 5); yours is {cam.shape}.")
    alpha = gradient.sum(axis=(1, 2), keepdims=True)
    uncut = (alpha * maps).sum(axis=-1)
    if close(cam, uncut):
        raise NotYet("What speaks against the disease is negative: cut it off, with np.maximum.")
    if close(cam, np.maximum((gradient * maps).sum(axis=-1), 0)):
        raise NotYet(
            "You multiply place by place. (21.8) first sums the gradient over the places: one "
            "weight a map."
        )
    if close(cam, np.abs(uncut)):
        raise NotYet("The absolute value shows evidence against as if it were for. Cut at 0.")
    if close(cam, (np.maximum(alpha, 0) * maps).sum(axis=-1)):
        raise NotYet("You cut the weights. Sum over the channels first, then cut.")
    if close(cam, np.maximum(uncut, 0) / (4 * 5)):
        raise NotYet("That is the paper's mean over the places; (21.8) takes the sum.")
    if close(cam, np.maximum((alpha * maps).mean(axis=-1), 0)):
        raise NotYet("You average over the channels. Sum them, or the map is no part of the logit.")
    whole = gradient.sum(axis=(0, 1, 2), keepdims=True)
    if close(cam, np.maximum((whole * maps).sum(axis=-1), 0)):
        raise NotYet("You sum over the pictures too. Each picture has its own weights.")
    if not close(cam, np.maximum(uncut, 0)):
        raise NotYet(
            f"The first place of the first picture should be {max(uncut[0, 0, 0], 0):.4f}; yours "
            f"is {cam[0, 0, 0]:.4f}."
        )
