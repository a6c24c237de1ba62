"""Right answers in another form than the solution's are right."""

import numpy as np
import pytest

from medlearn import exercises

LINE = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])
SHAPES = {"A": (60, 44, 10), "B": (32, 24, 10), "C": (21, 16, 3)}


@pytest.mark.parametrize(("number", "answer"), [
    ("20.1", {letter: list(shape) for letter, shape in SHAPES.items()}),
    ("20.1", {letter: np.array(shape) for letter, shape in SHAPES.items()}),
    ("20.2", LINE.tolist()),
    ("20.2", 1e-12 * LINE),
    ("20.2", 1e12 * LINE / 3),
], ids=["lists", "arrays", "nested list", "tiny", "huge"])
def test_another_form_is_right(number, answer):
    result = exercises.check(number, answer)
    assert result.status == "right", result


def mixed_update(Q, s, a, r, s_next, ended, open_next, alpha, gamma):
    """Old and target mixed, in nested lists."""
    rows = [list(row) for row in Q]
    best = max(value for value, is_open in zip(Q[s_next], open_next, strict=True) if is_open)
    rows[s][a] = (1 - alpha) * Q[s, a] + alpha * (r + gamma * best * (not ended))
    return rows


def epsilon_greedy_in_a_loop(q, mask, epsilon):
    """A list, filled action by action."""
    places = [place for place in range(len(q)) if mask[place]]
    best = max(places, key=lambda place: q[place])
    return [(p in places) * epsilon / len(places) + (p == best) * (1 - epsilon)
            for p in range(len(q))]  # fmt: skip


def steps_by_sweeps(P, policy, ends):
    """Iterated instead of solved."""
    steps = np.zeros(len(P))
    for _ in range(1000):
        steps = np.where(ends, 0.0, 1 + np.einsum("sa,sat,t->s", policy, P, steps))
    return steps


@pytest.mark.parametrize(("number", "function"), [
    ("51.2", lambda reward, p, v, gamma: np.array(reward + gamma * (p * v).sum())),
    ("51.3", mixed_update),
    ("51.4", epsilon_greedy_in_a_loop),
    ("51.5", steps_by_sweeps),
])
def test_another_way_of_computing_is_right(number, function):
    result = exercises.check(number, function)
    assert result.status == "right", result
