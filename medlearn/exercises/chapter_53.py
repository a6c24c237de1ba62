"""Checks of chapter 53, Treatment planner."""

import numpy as np

from .machinery import NotYet, close, exercise

FAULTS = {"A": "reward", "B": "claim", "C": "support", "D": "hidden", "E": "support"}
WHY = {
    "A": "The planner of A got what it was rewarded for: quiet. Silence is not survival.",
    "B": "In B the same patients choose the plan and praise it: the winner's curse.",
    "C": "In C others judge, as they should; but nine patients' worth of weight is no study.",
    "D": "In D those who fell lightly were not scanned, and the records do not say how they fell.",
    "E": "In E two patients are all there is: who else has two of two alive?",
}


@exercise(
    "53.1",
    "What is wrong with it?",
    hints=[
        "Ask in this order: What was it rewarded for? On whom was it judged? How many patients "
        "stand behind it? What did the doctors know that the records do not?",
        "Two of the five have too little behind them. One reward, one claim, one hidden cause.",
    ],
)
def what_is_wrong(answer):
    """A dictionary from the letters A to E to the name of a fault."""
    if not isinstance(answer, dict):
        raise NotYet('Give a dictionary: {"A": "claim", "B": ...}.')
    answer = {str(letter).strip().upper(): given for letter, given in answer.items()}
    missing = [letter for letter in FAULTS if letter not in answer]
    if missing:
        raise NotYet(f"The dictionary says nothing of {', '.join(missing)}.")
    known = sorted(set(FAULTS.values()))
    for letter, right in FAULTS.items():
        given = answer[letter]
        if not isinstance(given, str) or given.strip().lower() not in known:
            raise NotYet(f"{letter} is {given!r}: answer one of {', '.join(known)}.")
        if given.strip().lower() != right:
            raise NotYet(f"Think again about {letter}. {WHY[letter]}")


@exercise(
    "53.2",
    "How many patients are that?",
    hints=[
        "A patient's weight is the product over his or her decisions, (53.6): np.prod along the "
        "steps.",
        "w = np.prod(ratios, axis=1); both answers are sums over w.",
        "(w * returns).sum() / w.sum(), and w.sum() ** 2 / (w ** 2).sum().",
    ],
)
def weighted_estimate(learner):
    """The weighted importance sampling estimate and Kish's effective sample size."""
    ratios = np.array([[2.0, 0.5, 1.0], [1.0, 3.0, 2.0], [0.0, 4.0, 1.0], [2.0, 1.0, 1.0]])
    returns = np.array([1.0, 1.0, 0.0, 0.0])
    w = np.array([1.0, 6.0, 0.0, 2.0])
    kept = ratios.copy(), returns.copy()
    given = learner(ratios, returns)
    if not (np.array_equal(ratios, kept[0]) and np.array_equal(returns, kept[1])):
        raise NotYet("Your function changes its arrays in place. Work on new ones.")
    if not isinstance(given, tuple | list | np.ndarray) or len(given) != 2:
        raise NotYet("Return two numbers: the estimate, and the effective sample size.")
    estimate, size = given
    summed = ratios.sum(axis=1)
    if close(estimate, (w * returns).sum() / 4):
        raise NotYet(
            "Your estimate divides by the number of patients: that is IS, left in (53.7). The "
            "weighted form divides by the sum of the weights."
        )
    if close(estimate, (summed * returns).sum() / summed.sum()):
        raise NotYet(
            "Your weights add or average the ratios of the steps. The chance of a stay is a "
            "product: (53.6)."
        )
    last = ratios[:, -1]
    if close(estimate, (last * returns).sum() / last.sum()):
        raise NotYet("Your weights are the last step's ratios. Multiply those of all steps.")
    if close(estimate, returns.mean()):
        raise NotYet("Your estimate is the plain mean of the returns: the weights are not used.")
    if not close(estimate, 7 / 9):
        raise NotYet(
            f"For weights {w} and returns {returns} the estimate is 7 / 9; yours is {estimate!r}."
        )
    if close(size, 3.0) or close(size, 4.0):
        raise NotYet(
            f"Your sample size, {float(size):g}, counts patients. One with weight 6 and one with "
            "weight 1 do not say equally much: use (53.8)."
        )
    if close(size, np.sum(w**2) / np.sum(w) ** 2):
        raise NotYet("Your effective sample size is upside down: it must be 1 at the least.")
    if close(size, np.sum(w) / np.sum(w**2)):
        raise NotYet("In (53.8) the sum of the weights is squared; you left the square out.")
    if not close(size, 81 / 41):
        raise NotYet(f"The effective sample size is 81 / 41 = {81 / 41:.3f}; yours is {size!r}.")
    rng = np.random.default_rng(1)
    ratios, returns = rng.exponential(size=(30, 7)), rng.integers(0, 2, 30).astype(float)
    w = ratios.prod(axis=1)
    wanted = (w * returns).sum() / w.sum(), w.sum() ** 2 / (w**2).sum()
    if not close(learner(ratios, returns), wanted):
        raise NotYet("Right for 4 patients with 3 steps, but not for 30 with 7: is a size typed?")


@exercise(
    "53.3",
    "A reward that changes nothing",
    hints=[
        "The next state is not known before: take the expected potential, the sum over s' of "
        "P(s' | s, a) times the potential of s'.",
        "transitions @ potential has shape (states, actions); potential[:, np.newaxis] broadcasts "
        "over the actions.",
        "np.where(terminal[:, np.newaxis], 0.0, ...) empties the rows of the terminal states.",
    ],
)
def shaping_bonus(learner):
    """The expected bonus of potential-based shaping."""
    transitions = np.array([
        [[0.5, 0.25, 0.25], [0.0, 0.5, 0.5]],
        [[0.2, 0.3, 0.5], [0.6, 0.4, 0.0]],
        [[0.0, 0.0, 1.0], [0.5, 0.0, 0.5]],
    ])
    potential, terminal = np.array([2.0, -4.0, 0.0]), np.array([False, False, True])
    kept = transitions.copy(), potential.copy()
    given = learner(transitions, potential, terminal, 0.9)
    if not (np.array_equal(transitions, kept[0]) and np.array_equal(potential, kept[1])):
        raise NotYet("Your function changes its arrays in place. Work on new ones.")
    if np.shape(given) != (3, 2):
        raise NotYet(f"Return an array (states, actions), here (3, 2); yours is {np.shape(given)}.")
    following = transitions @ potential
    now = potential[:, np.newaxis]
    wanted = np.where(terminal[:, np.newaxis], 0.0, 0.9 * following - now)

    def alike(other):
        return close(np.asarray(given)[:2], other[:2])

    if alike(following - now):
        raise NotYet("The discount is missing: it goes before the potential of the next state.")
    if alike(0.9 * (following - now)):
        raise NotYet("The discount belongs to the next state's potential alone.")
    if alike(now - 0.9 * following):
        raise NotYet("The sign is turned: what comes is added, what is left behind subtracted.")
    if alike(0.9 * following) or alike(following):
        raise NotYet("That is the potential of what comes. Subtract the one of the present state.")
    if alike(np.repeat(-now, 2, axis=1)) or alike(np.repeat(now, 2, axis=1)):
        raise NotYet(
            "That is a reward for being in a state, not for its change: the penalty of (53.2)."
        )
    if alike(wanted) and not close(given, wanted):
        raise NotYet(
            "Right where the stay goes on, but in the terminal state something is added. There "
            "the stay is over: nothing."
        )
    if not close(given, wanted):
        raise NotYet(
            f"In the first state the bonuses are {wanted[0]}; yours are {np.asarray(given)[0]}."
        )
    if not close(learner(transitions, 3 * potential, terminal, 1.0),
                 np.where(terminal[:, np.newaxis], 0.0, 3 * (following - now))):
        raise NotYet("Right at a discount of 0.9, but not at 1 with another potential.")


TAKEN = np.array([
    [60, 30, 10, 0],  # dose 2 is rare; dose 1 is the best of the common ones
    [5, 3, 0, 0],  # too few patients
    [400, 30, 30, 40],  # 30 of 500 is 6 %
    [0, 0, 0, 0],  # never seen
    [50, 50, 0, 0],  # the best is no better than usual care
    [25, 25, 25, 25],  # all common: the last is best
])
VALUES = np.array([
    [0.70, 0.80, 0.99, 0.00],
    [0.90, 0.95, 0.00, 0.00],
    [0.75, 0.95, 0.60, 0.70],
    [0.00, 0.00, 0.00, 0.00],
    [0.70, 0.71, 0.00, 0.00],
    [0.50, 0.55, 0.60, 0.65],
])
USUAL = np.array([0.72, 0.50, 0.70, 0.00, 0.70, 0.57])


@exercise(
    "53.4",
    "A planner that can say no",
    hints=[
        "Three steps: which doses are allowed; the best of them; is it better than usual care by "
        "more than the margin?",
        "Set the values of the doses that are not allowed to -np.inf, then take max and argmax "
        "along the actions.",
        "A state without any decision has a share of 0 / 0: divide by np.maximum(sum, 1).",
    ],
)
def advise(learner):
    """The dose advised in each state, or -1."""
    kept = TAKEN.copy(), VALUES.copy()
    given = learner(TAKEN, VALUES, USUAL, 20, 0.1, 0.02)
    if not (np.array_equal(TAKEN, kept[0]) and np.array_equal(VALUES, kept[1])):
        TAKEN[:], VALUES[:] = kept
        raise NotYet("Your function changes its arrays in place. Work on new ones.")
    if np.shape(given) != (6,):
        raise NotYet(f"Return one number a state, shape (6,); yours has {np.shape(given)}.")
    given = np.asarray(given)
    if given[0] == 2:
        raise NotYet(
            "In a state with 100 decisions you advise a dose given 10 times, because its value is "
            "the highest: the winner's curse. At least 20 are wanted."
        )
    if given[1] != -1:
        raise NotYet("You advise in a state with 8 decisions in all. Nothing is supported there.")
    if given[2] == 1:
        raise NotYet(
            "You advise a dose given 30 times of 500, 6 %. It must be given often enough *and* in "
            "at least 10 % of the decisions: both."
        )
    if given[3] != -1:
        raise NotYet("You advise in a state that nobody was ever in. Return -1 there.")
    if given[4] != -1:
        raise NotYet(
            "You advise where the best dose is worth 0.71 and usual care 0.70: not more than the "
            "margin of 0.02. Return -1 there."
        )
    if close(given, [-1, -1, -1, -1, -1, 3]):
        raise NotYet(
            "You decline too often. The best *allowed* dose is to be compared with usual care, not "
            "the best of all; and the share is of the decisions in that state."
        )
    if not close(given, [1, -1, 0, -1, -1, 3]):
        raise NotYet(f"The advice is [1, -1, 0, -1, -1, 3]; yours is {given.tolist()}.")
    if not close(learner(TAKEN, VALUES, USUAL, 5, 0.1, 0.0), [2, 0, 0, -1, 1, 3]):
        raise NotYet("Right for these limits, but not for others: is a limit typed?")
