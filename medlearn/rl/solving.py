"""What a policy is worth, exactly, and which policy is best; chapter 51.

A policy's values solve the linear Bellman equation; the best values solve the Bellman optimality
equation, found by value iteration (Bellman 1957) or policy iteration (Howard 1960). Sutton and
Barto, Reinforcement Learning, 2nd edition 2018, chapters 3 and 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse

from .processes import FiniteProcess, deterministic_policy

TIE = 1e-10


@dataclass(frozen=True)
class Solution:
    """What value iteration or policy iteration found; chapter 51.

    ``values`` (n_states,), ``action_values`` (n_states, n_actions) also for actions that were not
    open, ``policy`` (n_states, n_actions) with one action in each state. ``history`` holds one
    row a sweep: the largest change of a value in that sweep, and the value of the starting
    distribution after it.
    """

    values: np.ndarray
    action_values: np.ndarray
    policy: np.ndarray
    history: np.ndarray

    @property
    def sweeps(self) -> int:
        """How many sweeps (or improvements of the policy) it took."""
        return len(self.history)


def evaluate(process: FiniteProcess, policy: np.ndarray) -> np.ndarray:
    """Expected discounted return from every state under a policy, (n_states,), exactly.

    Solves ``values = rewards + discount * transitions @ values`` as a linear system; terminal
    states are worth 0. Chapter 51.

    Raises
    ------
    ValueError
        The policy is no distribution over actions, or lets an episode go on for ever.

    Examples
    --------
    A patient who is treated goes home with probability 0.8, stays with probability 0.2.

    >>> process = FiniteProcess(np.array([[[0.2, 0.8]], [[0.0, 1.0]]]), initial=[1, 0],
    ...                         action_rewards=[[-1.0], [0.0]], terminal=[False, True])
    >>> evaluate(process, [[1.0], [1.0]])
    array([-1.25,  0.  ])
    """
    policy = process.check_policy(policy)
    return _solve(process, policy, (policy * process.rewards).sum(axis=1), process.discount)


def value(process: FiniteProcess, policy: np.ndarray) -> float:
    """Expected discounted return of a policy over the starting distribution; chapter 51."""
    return float(process.initial @ evaluate(process, policy))


def action_values(process: FiniteProcess, values: np.ndarray) -> np.ndarray:
    """Return of each action followed by ``values`` (n_states,): (n_states, n_actions).

    One Bellman backup: ``rewards + discount * transitions @ values``; 0 in terminal states.
    Actions that are not admissible have their value too. Chapter 51.
    """
    values = np.where(process.terminal, 0.0, values)
    backup = process.rewards + process.discount * (process.transitions @ values).reshape(
        process.rewards.shape
    )
    return np.where(process.terminal[:, None], 0.0, backup)


def expected_length(process: FiniteProcess, policy: np.ndarray) -> float:
    """Mean number of actions in an episode under a policy; chapter 51."""
    policy = process.check_policy(policy)
    return float(process.initial @ _solve(process, policy, np.ones(process.n_states), 1.0))


def visits(process: FiniteProcess, policy: np.ndarray) -> np.ndarray:
    """Expected number of times that an episode acts in each state, (n_states,); chapter 51.

    Undiscounted; 0 in terminal states; its sum is the expected length.
    """
    running = ~process.terminal
    moves = _moves(process, process.check_policy(policy))
    counts = np.zeros(process.n_states)
    counts[running] = _linear_solve(moves.T, process.initial[running], 1.0)
    return counts


def greedy_policy(
    process: FiniteProcess, action_values: np.ndarray, mask: np.ndarray | None = None
) -> np.ndarray:
    """The open action of the highest value in each state, (n_states, n_actions); chapter 51.

    ``mask`` (n_states, n_actions) says what is open: the admissible actions by default. Among
    equal values the first action is taken.
    """
    open_values = np.where(process.mask(mask), action_values, -np.inf)
    return deterministic_policy(process, open_values.argmax(axis=1))


def value_iteration(
    process: FiniteProcess,
    mask: np.ndarray | None = None,
    tolerance: float = 1e-10,
    max_sweeps: int = 10_000,
) -> Solution:
    """The best policy among the open actions, by sweeps of Bellman backups; chapter 51.

    ``mask`` (n_states, n_actions) says what is open: the admissible actions by default. Stops
    when no value changes by more than ``tolerance`` in a sweep.

    Raises RuntimeError when it has not settled after ``max_sweeps``.
    """
    closed = ~process.mask(mask)
    values = np.zeros(process.n_states)
    history = []
    while not history or history[-1][0] > tolerance:
        if len(history) == max_sweeps:
            raise RuntimeError(
                f"not settled after {max_sweeps} sweeps (last change {history[-1][0]:.2g}): does "
                "every policy end? If not, set a discount below 1"
            )
        backup = action_values(process, values)
        backup[closed] = -np.inf
        new_values = np.where(process.terminal, 0.0, backup.max(axis=1))
        history.append((abs(new_values - values).max(), process.initial @ new_values))
        values = new_values
    backup = action_values(process, values)
    return Solution(values, backup, greedy_policy(process, backup, mask), np.array(history))


def policy_iteration(
    process: FiniteProcess, mask: np.ndarray | None = None, max_sweeps: int = 1000
) -> Solution:
    """The best policy among the open actions: evaluate exactly, improve, repeat; chapter 51.

    Starts from the first open action in each state. An action is changed only for one that is
    better by more than rounding, so it ends. ``mask`` as in :func:`value_iteration`.

    Raises RuntimeError when the policy has not settled after ``max_sweeps`` improvements.
    """
    open_actions = process.mask(mask)
    states = np.arange(process.n_states)
    actions = open_actions.argmax(axis=1)
    values = np.zeros(process.n_states)
    history = []
    for _ in range(max_sweeps):
        policy = deterministic_policy(process, actions)
        new_values = evaluate(process, policy)
        history.append((abs(new_values - values).max(), process.initial @ new_values))
        values = new_values
        backup = action_values(process, values)
        open_values = np.where(open_actions, backup, -np.inf)
        best = open_values.argmax(axis=1)
        better = backup[states, best] > backup[states, actions] + TIE
        if not (better & ~process.terminal).any():
            return Solution(values, backup, policy, np.array(history))
        actions = np.where(better, best, actions)
    raise RuntimeError(f"the policy has not settled after {max_sweeps} improvements")


def _moves(process: FiniteProcess, policy: np.ndarray) -> np.ndarray:
    """Transitions among the states that are not terminal under a policy, dense (n, n)."""
    running = np.flatnonzero(~process.terminal)
    state, action = np.nonzero(policy[running])
    weights = sparse.csr_array(
        (
            policy[running[state], action],
            (state, running[state] * process.n_actions + action),
        ),
        shape=(running.size, process.transitions.shape[0]),
    )
    return (weights @ process.transitions).toarray()[:, running]


def _solve(
    process: FiniteProcess, policy: np.ndarray, gains: np.ndarray, discount: float
) -> np.ndarray:
    running = ~process.terminal
    totals = np.zeros(process.n_states)
    totals[running] = _linear_solve(_moves(process, policy), gains[running], discount)
    return totals


def _linear_solve(moves: np.ndarray, gains: np.ndarray, discount: float) -> np.ndarray:
    try:
        solved = np.linalg.solve(np.eye(len(moves)) - discount * moves, gains)
    except np.linalg.LinAlgError:
        solved = np.full(len(moves), np.inf)
    if not np.isfinite(solved).all() or abs(solved).max() > 1e12:
        raise ValueError(
            "under this policy an episode can go on for ever: give every state a way to a terminal "
            "one, or (for values, not for lengths) set a discount below 1"
        )
    return solved
