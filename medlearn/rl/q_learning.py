"""Tabular Q-learning for many patients at once; chapter 51.

Watkins and Dayan, Q-learning, Machine Learning 8 (1992) 279, doi:10.1007/BF00992698. Document D4,
section 4.4, breaks off inside its update; this is the whole of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .action_values import ActionValueTable
from .exploration import EpsilonSchedule, epsilon_greedy
from .processes import FiniteProcess
from .simulation import Simulator


@dataclass(frozen=True)
class QLearning:
    """What can be set of Q-learning; chapter 51.

    Attributes
    ----------
    episodes : int
        Patients to learn from.
    patients : int
        How many are treated at the same time.
    epsilon : EpsilonSchedule
        Share of random actions over the course of the episodes.
    step_exponent : float
        The n-th step of a pair is ``n ** -step_exponent``.
    step_size : float, optional
        A constant step instead.
    initial : float
        The value of every pair at the start; 1 is optimism where the return is at most 1.
    discount : float, optional
        That of the learner. Default: the process's own.
    """

    episodes: int = 100_000
    patients: int = 256
    epsilon: EpsilonSchedule = EpsilonSchedule(1.0, 0.1, 0.5)
    step_exponent: float = 0.7
    step_size: float | None = None
    initial: float = 0.0
    discount: float | None = None

    def __post_init__(self):
        if self.episodes < 1 or not 1 <= self.patients <= self.episodes:
            raise ValueError("episodes and patients must be at least 1, and patients <= episodes")
        if self.discount is not None and not 0 < self.discount <= 1:
            raise ValueError(f"discount is {self.discount}; it must lie above 0, be at most 1")


def q_learning(
    process: FiniteProcess,
    settings: QLearning,
    seed: int,
    mask: np.ndarray | None = None,
    on_progress: Callable[[int, np.ndarray], None] | None = None,
) -> np.ndarray:
    """Learn action values from simulated patients by Q-learning; chapter 51.

    Parameters
    ----------
    process : FiniteProcess
        Used as a simulator alone: the learner sees states, rewards and ends, no probability.
    settings : QLearning
    seed : int
        The same seed gives the same values.
    mask : (n_states, n_actions) bool, optional
        The open actions: the admissible ones by default. Closed ones are neither tried nor looked
        at in the target.
    on_progress : callable, optional
        Called with the number of finished episodes and the values so far after every step of all
        patients.

    Returns
    -------
    (n_states, n_actions)
        Action values. ``greedy_policy(process, values, mask)`` is what was learned.

    Examples
    --------
    >>> from medlearn.rl import icu_sepsis, greedy_policy, value
    >>> process = icu_sepsis().process
    >>> values = q_learning(process, QLearning(episodes=5_000), seed=0)
    >>> bool(value(process, greedy_policy(process, values)) > 0.79)
    True
    """
    open_actions = process.mask(mask)
    discount = process.discount if settings.discount is None else settings.discount
    table = ActionValueTable(
        process.admissible.shape, settings.initial, settings.step_size, settings.step_exponent
    )
    rng, simulator = np.random.default_rng(seed), Simulator(process)
    states, finished = simulator.start(settings.patients, rng), 0
    while finished < settings.episodes:
        epsilon = settings.epsilon(finished / settings.episodes)
        actions = epsilon_greedy(table.values[states], open_actions[states], epsilon, rng)
        next_states, rewards, ended = simulator.step(states, actions, rng)
        # The best that an open action promises afterwards; nothing after the end.
        best = np.where(open_actions[next_states], table.values[next_states], -np.inf).max(axis=1)
        targets = rewards + discount * np.where(ended, 0.0, best)
        table.move(states, actions, targets)
        states = next_states
        if ended.any():
            states[ended] = simulator.start(int(ended.sum()), rng)
            finished += int(ended.sum())
        if on_progress is not None:
            on_progress(min(finished, settings.episodes), table.values)
    return table.values
