"""Checks of chapter 52, deep reinforcement learning."""

import numpy as np

from .machinery import NotYet, close, exercise

KEEPS = {"A": True, "B": True, "C": True, "D": False, "E": False, "F": True}
WHY = {
    "A": "A constant is the same for every action: (52.8) takes it out.",
    "B": "The score of severity at that moment is known before the dose and does not depend on it.",
    "C": "Other patients' mean in that state does not depend on this patient's dose. It is the "
    "usual baseline.",
    "D": "The mean after the dose that was given differs from dose to dose: subtracted, every dose "
    "would look usual, and nothing would be learned.",
    "E": "Four hours later the dose has acted. What it did would be subtracted from its own "
    "reward.",
    "F": "A coin thrown beforehand knows nothing of the dose. It only adds noise.",
}


@exercise(
    "52.1",
    "What may be subtracted?",
    hints=[
        "(52.8) needs one thing alone: in a given state, the number is the same for every action.",
        "Ask of each: was it settled before the dose was chosen, without knowing the dose?",
    ],
)
def what_may_be_subtracted(answer):
    """A dictionary from the letters A to F to True or False."""
    if not isinstance(answer, dict):
        raise NotYet('Give a dictionary: {"A": True, "B": False, ...}.')
    answer = {str(letter).strip().upper(): given for letter, given in answer.items()}
    missing = [letter for letter in KEEPS if letter not in answer]
    if missing:
        raise NotYet(f"The dictionary says nothing of {', '.join(missing)}.")
    for letter, right in KEEPS.items():
        if answer[letter] not in (True, False):
            raise NotYet(f"{letter} is {answer[letter]!r}: answer True or False.")
        if bool(answer[letter]) != right:
            raise NotYet(f"Think again about {letter}. {WHY[letter]}")


def _vector(given, length, name):
    """What a learner returned, as a vector of numbers."""
    found = np.asarray(given, dtype=float)
    if found.shape != (length,):
        raise NotYet(f"Return {length} numbers, one a {name}; yours has shape {found.shape}.")
    return found


def _log_probability(preferences, admissible, action):
    open_ = preferences[admissible]
    return preferences[action] - open_.max() - np.log(np.exp(open_ - open_.max()).sum())


@exercise(
    "52.2",
    "The score with forbidden doses",
    hints=[
        "Begin with the probabilities: exponentials of the allowed preferences, divided by their "
        "sum; 0 for the forbidden.",
        "np.where(admissible, preferences, -np.inf) leaves out the forbidden, whose exponential is "
        "then 0.",
        "The score is 1 for the action that was taken, 0 for the others, minus the probabilities. "
        "Subtract the largest allowed preference before the exponential, or it overflows.",
    ],
)
def masked_score(learner):
    """The gradient of the log probability by the preferences, some actions forbidden."""
    preferences = np.array([0.5, -1.0, 2.0, 0.0, 1.0])
    admissible = np.array([True, True, False, True, False])
    kept = preferences.copy()
    found = _vector(learner(preferences, admissible, 1), 5, "action")
    if not np.array_equal(preferences, kept):
        raise NotYet("Your function changes the preferences in place. Leave them as they were.")
    step = 1e-5
    right = np.array([
        (_log_probability(preferences + step * unit, admissible, 1)
         - _log_probability(preferences - step * unit, admissible, 1)) / (2 * step)
        for unit in np.eye(5)
    ])
    every = np.exp(preferences) / np.exp(preferences).sum()
    taken = np.arange(5) == 1
    if close(found, taken - every, 1e-4):
        raise NotYet(
            "The forbidden actions still have a probability in your softmax. Leave them out of the "
            "sum, and give them 0."
        )
    if close(found, -right, 1e-4):
        raise NotYet("The sign is turned: up for the action that was taken, down for the others.")
    if close(found, taken - right, 1e-4):
        raise NotYet("Those are the probabilities. The score is 1 for what was done, minus them.")
    if close(found, np.where(taken, right, 0.0), 1e-4):
        raise NotYet(
            "The knobs of the other allowed actions count too: each goes down by its share."
        )
    if not close(found, right, 1e-4):
        raise NotYet(f"Finite differences of the logarithm give {right.round(3)}; yours {found}.")
    with np.errstate(all="ignore"):
        large = _vector(learner(5000 * preferences, admissible, 0), 5, "action")
    if not np.isfinite(large).all():
        raise NotYet(
            "With large preferences yours overflows: subtract the largest allowed one first."
        )


@exercise(
    "52.3",
    "Goals of a double DQN",
    hints=[
        "Choose with one network: np.where(admissible, chooser, -np.inf).argmax(axis=1).",
        "Value with the other: valuer[np.arange(n), chosen].",
        "Where the episode has ended, the goal is the reward alone: np.where(ended, 0.0, ...).",
    ],
)
def double_goals(learner):
    """Rewards plus the discounted value, by one network, of the action that another chose."""
    rewards = np.array([0.0, 1.0, 0.5, 0.0])
    ended = np.array([False, True, False, False])
    chooser = np.array([[1.0, 3, 2], [0, 1, 5], [2, 1, 9], [-3, -2, -1]])
    valuer = np.array([[7.0, 4, 8], [3, 2, 6], [5, 6, 1], [-4, -6, -2]])
    admissible = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 0], [1, 1, 0]], bool)
    kept = chooser.copy(), valuer.copy()

    def ask(discount):
        return _vector(learner(rewards, ended, chooser, valuer, admissible, discount), 4, "patient")

    found = ask(0.9)
    if not all(np.array_equal(*pair) for pair in zip(kept, (chooser, valuer), strict=True)):
        raise NotYet("Your function changes the values in place. Leave them as they were.")

    def worth(choose, value, mask):
        chosen = np.where(mask, choose, -np.inf).argmax(axis=1)
        return value[np.arange(4), chosen]

    right = worth(chooser, valuer, admissible)
    every = np.ones_like(admissible)
    for following, message in (
        (worth(valuer, valuer, admissible), "That is the plain DQN: the valuer chooses as well. "
         "Let the chooser choose and the valuer value."),
        (worth(chooser, chooser, admissible), "The chooser also values in yours. Read the value of "
         "its action off the other network."),
        (worth(valuer, chooser, admissible), "The two networks are exchanged."),
        (worth(chooser, valuer, every), "A forbidden action was chosen. Put it at -np.inf before "
         "the argmax."),
        (worth(np.where(admissible, chooser, 0), valuer, every), "A forbidden action set to 0 "
         "still wins where all allowed values are negative. Use -np.inf."),
    ):
        if close(found, rewards + 0.9 * np.where(ended, 0, following)):
            raise NotYet(message)
    if close(found, rewards + 0.9 * right):
        raise NotYet("After the end of an episode nothing follows: the goal there is the reward.")
    if close(found, np.where(ended, 0, rewards + 0.9 * right)):
        raise NotYet("Where the episode ended, its last reward still counts.")
    if close(found, rewards + np.where(ended, 0, right)):
        raise NotYet("The discount is missing.")
    goal = rewards + 0.9 * np.where(ended, 0, right)
    if not close(found, goal):
        raise NotYet(f"For the check's batch: {goal}; yours {found}.")
    if not close(ask(0.5), rewards + 0.5 * np.where(ended, 0, right)):
        raise NotYet("Right at one discount, wrong at another. Is it written into your code?")


@exercise(
    "52.4",
    "Between the two",
    hints=[
        "The sum runs from t to t + n - 1, or to the last reward if that comes first.",
        "If t + n is still inside the episode, add discount ** n * values[t + n].",
        "end = min(t + n, T); sum discount ** (k - t) * rewards[k] for k from t to end - 1.",
    ],
)
def n_step_goals(learner):
    """Discounted rewards of n steps, and the critic's word for the rest."""
    rewards = np.array([0.0, 1.0, -0.5, 0.0, 2.0])
    values = np.array([0.3, 0.6, 0.2, 0.9, 0.7])

    def goals(n, discount, later=0):
        length = len(rewards)
        found = np.zeros(length)
        for t in range(length):
            end = min(t + n, length)
            found[t] = sum(discount ** (k - t) * rewards[k] for k in range(t, end))
            if end < length:
                found[t] += discount ** (n + later) * values[end]
        return found

    kept = rewards.copy()
    found = _vector(learner(rewards, values, 2, 0.9), 5, "step")
    if not np.array_equal(rewards, kept):
        raise NotYet("Your function changes the rewards in place. Leave them as they were.")
    right = goals(2, 0.9)
    if close(found, goals(2, 0.9, later=-2)):
        raise NotYet(
            "The critic speaks for a time that is n steps away: discount ** n belongs to it."
        )
    if close(found, goals(9, 0.9)):
        raise NotYet("That is the whole return to go: the critic is not asked.")
    if close(found, goals(1, 0.9)):
        raise NotYet("That is one step only: n is not used.")
    if close(found, goals(3, 0.9)):
        raise NotYet("One reward too many: the sum has n terms, from r_t to r_(t+n-1).")
    if close(found[:3], right[:3]) and not close(found, right):
        raise NotYet(
            "Right until the end comes near. Where fewer than n rewards are left, sum those, and "
            "add nothing."
        )
    if not close(found, right):
        raise NotYet(f"For the check's patient with n = 2: {right.round(3)}; yours {found}.")
    for n, discount in ((1, 0.5), (3, 1.0), (7, 0.9)):
        if not close(_vector(learner(rewards, values, n, discount), 5, "step"), goals(n, discount)):
            raise NotYet(f"Right for n = 2, wrong for n = {n} with a discount of {discount}.")
