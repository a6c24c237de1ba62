"""Checks of chapter 51, Decision processes."""

import numpy as np

from .machinery import NotYet, close, exercise

STATEMENTS = {"A": True, "B": False, "C": False, "D": True, "E": False, "F": True}
WHY = {
    "A": "A is true: the return is 1 for a patient who survives and 0 for one who dies, and the "
    "mean of such numbers is a probability.",
    "B": "B is false: the lesson made the best policy for a discount of 0.9, and it lost lives. A "
    "discount makes a late survival worth less than an early one.",
    "C": "C is false: look at (51.6). There is no P in it, only what was experienced.",
    "D": "D is true: the reward is paid on arrival, and nothing can follow an end.",
    "E": "E is false: only a value *above* what is possible (optimism) makes a greedy learner try "
    "other actions. Look at the row 'greedy' in the lesson.",
    "F": "F is true: the equations know the tables and nothing else. Whether the tables are right "
    "about people is another question.",
}


@exercise(
    "51.1",
    "True or false",
    hints=[
        "B: look at Figure 51.3, on the right. E: look at Figure 51.6.",
        "C: which letters stand in (51.6)? A: what is the mean of ones and zeros?",
        "Three are true and three are false.",
    ],
)
def true_or_false(answer):
    """A dictionary from the letters A to F to True or False."""
    if not isinstance(answer, dict):
        raise NotYet('Give a dictionary: {"A": True or False, ..., "F": ...}.')
    answer = {str(letter).strip().upper(): given for letter, given in answer.items()}
    missing = [letter for letter in STATEMENTS if letter not in answer]
    if missing:
        raise NotYet(f"The dictionary says nothing of {', '.join(missing)}.")
    for letter, truth in STATEMENTS.items():
        given = answer[letter]
        if not isinstance(given, bool | np.bool_):
            raise NotYet(f"{given!r} for {letter} is neither True nor False (without quotes).")
        if bool(given) != truth:
            raise NotYet(WHY[letter])


@exercise(
    "51.2",
    "A Bellman backup",
    hints=[
        "The sum over next states of probability times value is a dot product.",
        "reward + gamma * (probabilities * values).sum(). The reward itself is not discounted.",
    ],
)
def bellman_backup(learner):
    """The value of one action, one step deep."""
    p, v = np.array([0.2, 0.5, 0.3]), np.array([1.0, -2.0, 4.0])
    answer = _number(learner(0.5, p, v, 0.9))
    right = 0.5 + 0.9 * 0.4
    if close(answer, right) and close(_number(learner(-1.0, p, v, 0.5)), -1.0 + 0.5 * 0.4):
        return
    if close(answer, 0.5 + 0.4):
        raise NotYet("You forgot gamma: what comes after the step counts gamma times.")
    if close(answer, 0.9 * (0.5 + 0.4)):
        raise NotYet("You discount the reward too: it is paid now. Only what follows counts less.")
    if close(answer, 0.9 * 0.4):
        raise NotYet("The reward of the step is missing.")
    if close(answer, 0.5 + 0.9 * 4.0):
        raise NotYet(
            "You take the best next state. Which state comes next is chance, not choice: take the "
            "mean, weighted by the probabilities."
        )
    if close(answer, 0.5 + 0.9 * 1.0):
        raise NotYet("You take the plain mean of the values: weight by the probabilities.")
    if close(answer, 0.5 + 0.9 * 3.0):
        raise NotYet("You add up the values: multiply each by its probability first.")
    raise NotYet(
        f"For reward 0.5, probabilities {p.tolist()}, values {v.tolist()} and gamma 0.9 it should "
        f"be {right:.2f}, not {answer:.4g}."
    )


@exercise(
    "51.3",
    "The completed update",
    hints=[
        "First the best next value: 0 after an end, else the maximum of Q[s_next] over the open "
        "actions, Q[s_next][open_next].max().",
        "target = r + gamma * best_next; then Q[s, a] + alpha * (target - Q[s, a]). Work on "
        "np.array(Q, dtype=float), a copy.",
    ],
)
def completed_update(learner):
    """The table after one step of Q-learning."""
    Q = np.array([[0.1, 0.2, 0.3], [0.5, 0.9, 0.4], [0.0, 0.7, 0.6]])
    kept, mask = Q.copy(), np.array([True, False, True])
    new = _table(learner(Q, 0, 1, 0.25, 1, False, mask, 0.5, 0.8), Q.shape)
    if not np.array_equal(Q, kept):
        raise NotYet("Your function changes the table it was given: work on np.array(Q), a copy.")
    right, old = kept.copy(), kept[0, 1]
    right[0, 1] += 0.5 * (0.25 + 0.8 * 0.5 - old)
    for bracket, message in {
        0.25 + 0.8 * 0.9 - old: "The maximum runs over a closed action. Only actions with "
        "open_next True may enter it.",
        0.25 + 0.8 * 0.5: "Nothing is subtracted: the entry grows without end. The error is the "
        "target minus Q[s, a].",
        0.25 + 0.8 * 0.5 - 0.9: "You subtract Q[s_next, a]. The entry that is moved is Q[s, a], "
        "and the error is measured from it.",
        0.25 + 0.5 - old: "gamma is missing before the best next value.",
        0.8 * 0.5 - old: "The reward is missing in the target.",
        0.25 + 0.8 * 0.9 - 0.0: "Nothing is subtracted, and a closed action enters the maximum.",
    }.items():
        if close(new[0, 1], old + 0.5 * bracket):
            raise NotYet(message)
    if close(new[0, 1], 0.25 + 0.8 * 0.5):
        raise NotYet("You put the target in place of the entry: move only a step alpha towards it.")
    if not close(new[0, 1], right[0, 1]):
        raise NotYet(f"Q[s, a] should become {right[0, 1]:.4f}, and is {new[0, 1]:.4f}.")
    if not close(new, right):
        raise NotYet("Another entry than Q[s, a] changed too. One step moves one entry.")
    ended = _table(learner(kept.copy(), 2, 2, 1.0, 1, True, mask, 0.5, 0.8), Q.shape)
    if not close(ended[2, 2], 0.6 + 0.5 * (1.0 - 0.6)):
        raise NotYet("After an end (ended is True) nothing follows: the best next value is 0.")
    negative = kept - 5.0
    below = _table(learner(negative.copy(), 0, 1, 0.0, 1, False, mask, 0.5, 0.8), Q.shape)
    expected = negative[0, 1] + 0.5 * (0.8 * (0.5 - 5.0) - negative[0, 1])
    if not close(below[0, 1], expected):
        raise NotYet(
            "With negative values it goes wrong: closed actions must be left out, not set to 0, "
            "which would be the largest."
        )


@exercise(
    "51.4",
    "Epsilon-greedy as probabilities",
    hints=[
        "Two parts: epsilon, shared equally among the open actions; and 1 - epsilon for the best "
        "open one.",
        "np.where(mask, q, -np.inf).argmax() is the best open action, the first of equals.",
    ],
)
def masked_epsilon_greedy(learner):
    """Probabilities of all actions in one state."""
    q, mask = np.array([0.2, 0.9, 0.5, 0.1]), np.array([True, False, True, True])
    policy = _vector(learner(q.copy(), mask.copy(), 0.3), 4)
    right = np.array([0.1, 0.0, 0.8, 0.1])
    if policy[1] > 0:
        raise NotYet(
            "Action 1 is closed and has a probability: "
            + ("its value is the largest, but it may not be taken." if policy[1] > 0.5
               else "only open actions share epsilon.")
        )  # fmt: skip
    if not close(policy.sum(), 1.0):
        if close(policy[2], 0.7 + 0.3 / 4):
            raise NotYet("You share epsilon among all four actions; only three are open.")
        if close(policy[2], 0.7):
            raise NotYet(
                f"The probabilities sum to {policy.sum():.3g}. The best action has its share of "
                "epsilon too: it is one of those drawn by chance."
            )
        raise NotYet(f"The probabilities sum to {policy.sum():.3g}, not to 1.")
    if close(policy, [0.15, 0.0, 0.7, 0.15]):
        raise NotYet(
            "You share epsilon among the *other* open actions. 'Any open action' includes the best."
        )
    if close(policy, [0.7 / 3, 0.0, 0.3 + 0.7 / 3, 0.7 / 3]):
        raise NotYet("epsilon and 1 - epsilon are swapped: epsilon is the share of chance.")
    if not close(policy, right):
        raise NotYet(f"For q {q.tolist()}, action 1 closed, epsilon 0.3 it should be {right}.")
    if not close(_vector(learner(q - 3.0, mask.copy(), 0.3), 4), right):
        raise NotYet("With negative values another action is best: mask with -np.inf, not 0.")
    if not close(_vector(learner(np.zeros(4), mask.copy(), 0.0), 4), [1.0, 0.0, 0.0, 0.0]):
        raise NotYet("Of equally good open actions take the first alone.")


@exercise(
    "51.5",
    "How long does a stay last?",
    hints=[
        "Call the steps n. Before an end: n(s) = 1 + sum over s' of P_pi(s, s') n(s').",
        "P_pi = np.einsum('sa,sat->st', policy, P). Keep only the rows and columns of states that "
        "are no end: P_pi[np.ix_(~ends, ~ends)].",
        "np.linalg.solve(np.eye(k) - those, np.ones(k)), put back in their places; 0 for the ends.",
    ],
)
def expected_steps(learner):
    """The mean number of steps until an end, from every state."""
    P = np.zeros((4, 2, 4))
    P[0] = [[0.5, 0.25, 0.0, 0.25], [0.0, 0.0, 0.5, 0.5]]
    P[1] = [[1.0, 0.0, 0.0, 0.0]] * 2  # an end: its row must not matter
    P[2] = [[0.2, 0.4, 0.4, 0.0], [0.0, 1.0, 0.0, 0.0]]
    P[3] = [[0.0, 0.0, 0.0, 1.0]] * 2
    ends = np.array([False, True, False, True])
    policy = np.array([[0.6, 0.4], [0.5, 0.5], [0.3, 0.7], [0.5, 0.5]])
    steps = _vector(learner(P.copy(), policy.copy(), ends.copy()), 4)
    moves = np.einsum("sa,sat->st", policy, P)[np.ix_(~ends, ~ends)]
    right = np.zeros(4)
    right[~ends] = np.linalg.solve(np.eye(2) - moves, np.ones(2))
    if close(steps, right):
        return
    plain = np.zeros(4)
    plain[~ends] = np.linalg.solve(np.eye(2) - P.mean(axis=1)[np.ix_(~ends, ~ends)], np.ones(2))
    transposed = np.zeros(4)
    transposed[~ends] = np.linalg.solve(np.eye(2) - moves.T, np.ones(2))
    if not close(steps[ends], [0.0, 0.0]):
        raise NotYet("An end has 0 steps: whoever is home stays no longer.")
    if close(steps[~ends], right[~ends] - 1):
        raise NotYet("One step too few: the step out of the last state counts as well.")
    if close(steps, plain):
        raise NotYet("You take the plain mean over actions: weight them by the policy.")
    if close(steps, transposed):
        raise NotYet("The matrix is transposed: row s, column s' is the move from s to s'.")
    if close(steps[~ends], [1.0, 1.0]):
        raise NotYet("That counts one step for everybody: what follows must be added.")
    raise NotYet(f"On a small case it should be {right.round(4)}, and is {steps.round(4)}.")


def _number(answer):
    if np.ndim(answer) or not np.issubdtype(np.asarray(answer).dtype, np.number):
        raise NotYet("Return one number.")
    return float(answer)


def _vector(answer, size):
    answer = np.asarray(answer, dtype=float)
    if answer.shape != (size,):
        raise NotYet(f"Return an array of shape ({size},), not {answer.shape}.")
    return answer


def _table(answer, shape):
    answer = np.asarray(answer, dtype=float)
    if answer.shape != shape:
        raise NotYet(f"Return the whole table, shape {shape}, not {answer.shape}.")
    return answer
