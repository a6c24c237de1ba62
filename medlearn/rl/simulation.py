"""Thousands of simulated patients a step; chapter 51.

All patients take their next step together: one look-up in one sorted array draws a next state for
each of them (row number + cumulative probability, found by binary search).
"""

from __future__ import annotations

import numpy as np

from .processes import FiniteProcess
from .records import Records


class Sampler:
    """Draws from one of many distributions for each query, all queries at once; chapter 51.

    Parameters
    ----------
    probabilities : (nnz,)
        The distributions one after another, each summing to 1.
    starts : (n_rows + 1,) int
        Where each distribution starts, as in a CSR array's ``indptr``.

    Examples
    --------
    >>> sampler = Sampler(np.array([0.5, 0.5, 1.0]), np.array([0, 2, 3]))
    >>> places = sampler.draw(np.array([0, 0, 1]), np.random.default_rng(0))
    >>> bool((places[:2] < 2).all()), int(places[2])
    (True, 2)
    """

    def __init__(self, probabilities: np.ndarray, starts: np.ndarray):
        rows = np.repeat(np.arange(starts.size - 1), np.diff(starts))
        total = np.cumsum(probabilities)
        before = np.concatenate([[0.0], total])[starts[:-1]]
        self._sorted = rows + np.clip(total - before[rows], 0.0, 1.0)
        self._last = starts[1:] - 1
        self._first = starts[:-1]

    def draw(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """A place in ``probabilities`` for each of ``rows`` (n,), (n,) int."""
        places = np.searchsorted(self._sorted, rows + rng.random(rows.size), side="right")
        return np.clip(places, self._first[rows], self._last[rows])


class Simulator:
    """A finite process from which many patients are drawn together; chapter 51.

    >>> from medlearn.rl import icu_sepsis
    >>> simulator = Simulator(icu_sepsis().process)
    >>> rng = np.random.default_rng(0)
    >>> states = simulator.start(1000, rng)
    >>> states, rewards, ended = simulator.step(states, np.zeros(1000, dtype=int), rng)
    >>> states.shape, rewards.shape, ended.dtype
    ((1000,), (1000,), dtype('bool'))
    """

    def __init__(self, process: FiniteProcess):
        self.process = process
        self._next = process.transitions.indices
        self._transitions = Sampler(process.transitions.data, process.transitions.indptr)
        self._initial = np.cumsum(process.initial)

    def start(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """First states of ``n`` patients, (n,) int."""
        places = np.searchsorted(self._initial, rng.random(n) * self._initial[-1], side="right")
        return np.minimum(places, self.process.n_states - 1)

    def step(
        self, states: np.ndarray, actions: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Next states (n,), rewards (n,) and whether the episode ended (n,), for each patient.

        An action that is not admissible is carried out as the process's table says.
        """
        rows = states * self.process.n_actions + actions
        next_states = self._next[self._transitions.draw(rows, rng)].astype(np.int64)
        rewards = self.process.arrival_rewards[next_states]
        rewards = rewards + self.process.action_rewards[states, actions]
        return next_states, rewards, self.process.terminal[next_states]


def policy_sampler(process: FiniteProcess, policy: np.ndarray):
    """A function ``(states (n,), rng) -> actions (n,)`` that draws from a policy; chapter 51."""
    policy = process.check_policy(policy)
    filled = np.where(process.terminal[:, None], 1.0 / process.n_actions, policy)
    starts = np.arange(process.n_states + 1) * process.n_actions
    # A zero must never be drawn, not even by rounding: only the positive entries are kept.
    positive = np.flatnonzero(filled)
    sampler = Sampler(filled.ravel()[positive], np.searchsorted(positive, starts))
    actions = positive % process.n_actions
    return lambda states, rng: actions[sampler.draw(states, rng)]


def simulate(
    process: FiniteProcess, policy: np.ndarray, n: int, seed: int, max_steps: int = 500
) -> Records:
    """The records of ``n`` patients treated by a policy; chapter 51.

    An episode that has not ended after ``max_steps`` is cut off (ICU-Sepsis's own limit is 500).
    The same seed gives the same records.

    Examples
    --------
    >>> from medlearn.rl import icu_sepsis
    >>> benchmark = icu_sepsis()
    >>> records = simulate(benchmark.process, benchmark.clinicians, n=2000, seed=0)
    >>> records.n_patients
    2000
    >>> bool(0.74 < records.returns().mean() < 0.82)
    True
    """
    if n < 1 or max_steps < 1:
        raise ValueError(f"n is {n} and max_steps {max_steps}: both must be at least 1")
    policy = process.check_policy(policy)
    simulator, choose = Simulator(process), policy_sampler(process, policy)
    rng = np.random.default_rng(seed)
    patients, states = np.arange(n), simulator.start(n, rng)
    columns = []
    for step in range(max_steps):
        actions = choose(states, rng)
        next_states, rewards, ended = simulator.step(states, actions, rng)
        steps = np.full(patients.size, step)
        taken = policy[states, actions]
        columns.append((patients, steps, states, actions, rewards, next_states, ended, taken))
        patients, states = patients[~ended], next_states[~ended]
        if not patients.size:
            break
    joined = [np.concatenate(parts) for parts in zip(*columns, strict=True)]
    order = np.argsort(joined[0], kind="stable")
    return Records(*(column[order] for column in joined))
