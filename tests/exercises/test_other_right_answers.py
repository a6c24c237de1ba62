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


def score_by_a_loop(preferences, admissible, action):
    highest = max(preferences[admissible])
    weights = [np.exp(knob - highest) if allowed else 0.0
               for knob, allowed in zip(preferences, admissible, strict=True)]
    return [float(k == action) - weight / sum(weights) for k, weight in enumerate(weights)]


def goals_one_by_one(rewards, ended, chooser, valuer, admissible, discount):
    goals = list(rewards)
    for row in np.flatnonzero(~ended):
        allowed = np.flatnonzero(admissible[row])
        goals[row] += discount * valuer[row, max(allowed, key=lambda k: chooser[row, k])]
    return goals


def n_steps_with_padding(rewards, values, n, discount):
    rewards, values = np.pad(rewards, (0, n)), np.pad(values, (0, n))
    return [sum(discount**k * rewards[t + k] for k in range(n)) + discount**n * values[t + n]
            for t in range(len(rewards) - n)]


@pytest.mark.parametrize(("number", "answer"), [
    ("52.1", {"a": 1, "b": 1, "c": 1, "d": 0, "e": 0, "f": 1}),
    ("52.2", score_by_a_loop),
    ("52.3", goals_one_by_one),
    ("52.4", n_steps_with_padding),
], ids=["numbers", "a loop", "one by one", "padding"])
def test_another_way_to_write_chapter_52_is_right(number, answer):
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
