"""Tabular SARSA for many patients at once; chapter 51.

Rummery and Niranjan, On-line Q-learning using connectionist systems, Cambridge University 1994;
Sutton and Barto, Reinforcement Learning, 2nd edition 2018, section 6.4.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .action_values import ActionValueTable
from .exploration import epsilon_greedy
from .processes import FiniteProcess
from .q_learning import QLearning
from .simulation import Simulator


class Sarsa(QLearning):
    """What can be set of SARSA: the same as of Q-learning; chapter 51."""


def sarsa(
    process: FiniteProcess,
    settings: Sarsa,
    seed: int,
    mask: np.ndarray | None = None,
    on_progress: Callable[[int, np.ndarray], None] | None = None,
) -> np.ndarray:
    """Learn action values of the policy that is followed, exploration included; chapter 51.

    Differs from :func:`~medlearn.rl.q_learning` in one place: the target holds the value of the
    action that *is taken* next, not that of the best. Parameters and result as there.

    Examples
    --------
    >>> from medlearn.rl import icu_sepsis, greedy_policy, value
    >>> process = icu_sepsis().process
    >>> values = sarsa(process, Sarsa(episodes=5_000), seed=0)
    >>> bool(value(process, greedy_policy(process, values)) > 0.79)
    True
    """
    open_actions = process.mask(mask)
    discount = process.discount if settings.discount is None else settings.discount
    table = ActionValueTable(
        process.admissible.shape, settings.initial, settings.step_size, settings.step_exponent
    )
    rng, simulator = np.random.default_rng(seed), Simulator(process)

    def choose(states):
        epsilon = settings.epsilon(finished / settings.episodes)
        return epsilon_greedy(table.values[states], open_actions[states], epsilon, rng)

    states, finished = simulator.start(settings.patients, rng), 0
    actions = choose(states)
    while finished < settings.episodes:
        next_states, rewards, ended = simulator.step(states, actions, rng)
        arrived = next_states.copy()
        if ended.any():
            next_states[ended] = simulator.start(int(ended.sum()), rng)
        next_actions = choose(next_states)
        following = np.where(ended, 0.0, table.values[arrived, next_actions])
        table.move(states, actions, rewards + discount * following)
        states, actions = next_states, next_actions
        finished += int(ended.sum())
        if on_progress is not None:
            on_progress(min(finished, settings.episodes), table.values)
    return table.values
