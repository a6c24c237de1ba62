"""A finite Markov decision process: states, actions, where they lead and what they are worth.

Taught in chapter 51 (document D4, section 4.4). After Sutton and Barto, Reinforcement Learning: An
Introduction, 2nd edition, MIT Press 2018, chapter 3; Puterman, Markov Decision Processes, Wiley
1994, doi:10.1002/9780470316887.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sparse

SUM_TOLERANCE = 1e-8


@dataclass(frozen=True, eq=False)
class FiniteProcess:
    """A finite Markov decision process, checked when it is made; chapter 51.

    The reward of one step from ``state`` by ``action`` to ``next_state`` is
    ``action_rewards[state, action] + arrival_rewards[next_state]``. An episode ends on arrival in
    a terminal state: the reward of that arrival still counts, nothing after it does. A policy is
    an array (n_states, n_actions) of probabilities; its rows of terminal states are never read.

    Parameters
    ----------
    transitions : (n_states * n_actions, n_states) array or SciPy sparse array, or
        (n_states, n_actions, n_states) array
        Probability of each next state. Row ``state * n_actions + action``. Stored as CSR.
    initial : (n_states,)
        Probability that an episode starts in each state; none of them terminal.
    arrival_rewards : (n_states,), optional
        Reward of arriving in a state. Zero if not given.
    action_rewards : (n_states, n_actions), optional
        Reward of an action in a state, wherever it leads. Zero if not given.
    admissible : (n_states, n_actions) bool, optional
        What may be done in each state. Everything if not given.
    terminal : (n_states,) bool, optional
        States that end an episode. None if not given; then ``discount`` must be below 1.
    discount : float
        Weight of a reward one step later, above 0 and at most 1.

    Raises
    ------
    ValueError
        A shape, probability or discount that makes no process; the message says which and where.

    Examples
    --------
    A patient is stable (0) or septic (1), and dies (2) or goes home (3). Waiting costs nothing;
    treatment helps the septic patient.

    >>> transitions = [[[0.0, 0.1, 0.0, 0.9], [0.0, 0.1, 0.1, 0.8]],
    ...                [[0.1, 0.4, 0.5, 0.0], [0.5, 0.3, 0.2, 0.0]],
    ...                [[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]],
    ...                [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]]]
    >>> process = FiniteProcess(np.array(transitions), initial=[0.5, 0.5, 0, 0],
    ...                         arrival_rewards=[0, 0, 0, 1], terminal=[False, False, True, True])
    >>> process
    FiniteProcess(n_states=4, n_actions=2, terminal=2, admissible=4, discount=1.0)
    >>> process.next_probabilities(1, 1)
    array([0.5, 0.3, 0.2, 0. ])
    """

    transitions: sparse.csr_array
    initial: np.ndarray
    arrival_rewards: np.ndarray | None = None
    action_rewards: np.ndarray | None = None
    admissible: np.ndarray | None = None
    terminal: np.ndarray | None = None
    discount: float = 1.0

    def __post_init__(self):
        initial = np.asarray(self.initial, dtype=float)
        if initial.ndim != 1 or initial.size == 0:
            raise ValueError(f"initial has shape {initial.shape}; it must be (n_states,)")
        n_states = initial.size
        transitions = _as_csr(self.transitions, n_states)
        shape = (n_states, transitions.shape[0] // n_states)
        fields = {
            "initial": initial,
            "transitions": transitions,
            "arrival_rewards": _filled(self.arrival_rewards, (n_states,), 0.0),
            "action_rewards": _filled(self.action_rewards, shape, 0.0),
            "admissible": _filled(self.admissible, shape, True),
            "terminal": _filled(self.terminal, (n_states,), False),
            "discount": float(self.discount),
        }
        for name, field in fields.items():
            if isinstance(field, np.ndarray) and field.shape != (
                expected := _expected_shape(name, shape)
            ):
                raise ValueError(f"{name} has shape {field.shape}; it must be {expected}")
            object.__setattr__(self, name, field)
        self._check()

    def _check(self):
        if not 0 < self.discount <= 1:
            raise ValueError(f"discount is {self.discount}; it must lie above 0 and be at most 1")
        if self.discount == 1 and not self.terminal.any():
            raise ValueError("no state is terminal: a sum without end needs a discount below 1")
        for name in ("arrival_rewards", "action_rewards"):
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f"{name} holds a value that is not finite")
        _check_distributions(self.initial[None], np.array([True]), "initial")
        if self.initial[self.terminal].any():
            raise ValueError("initial lets an episode start in a terminal state")
        without = np.flatnonzero(~self.terminal & ~self.admissible.any(axis=1))
        if without.size:
            raise ValueError(f"state {without[0]} has no admissible action")
        data = self.transitions.data
        if not np.isfinite(data).all() or (data < 0).any():
            raise ValueError("transitions holds a negative or non-finite probability")
        totals = self.transitions.sum(axis=1).reshape(self.n_states, self.n_actions)
        wrong = np.argwhere((abs(totals - 1) > SUM_TOLERANCE) & ~self.terminal[:, None])
        if wrong.size:
            state, action = wrong[0]
            raise ValueError(
                f"the transitions of state {state}, action {action} sum to "
                f"{totals[state, action]:.6g} instead of 1"
            )

    def __repr__(self):
        pairs = int(self.admissible[~self.terminal].sum())
        return (
            f"FiniteProcess(n_states={self.n_states}, n_actions={self.n_actions}, "
            f"terminal={int(self.terminal.sum())}, admissible={pairs}, discount={self.discount})"
        )

    @property
    def n_states(self) -> int:
        """How many states, the terminal ones with them."""
        return self.transitions.shape[1]

    @property
    def n_actions(self) -> int:
        """How many actions."""
        return self.transitions.shape[0] // self.transitions.shape[1]

    @cached_property
    def rewards(self) -> np.ndarray:
        """Expected reward of an action in a state, (n_states, n_actions); 0 in terminal states."""
        expected = self.action_rewards + (self.transitions @ self.arrival_rewards).reshape(
            self.action_rewards.shape
        )
        return np.where(self.terminal[:, None], 0.0, expected)

    def next_probabilities(self, state: int, action: int) -> np.ndarray:
        """Probability of each next state, (n_states,)."""
        return self.transitions[[state * self.n_actions + action]].toarray()[0]

    def with_discount(self, discount: float) -> FiniteProcess:
        """The same process under another discount."""
        return replace(self, discount=discount)

    def with_rewards(
        self,
        arrival_rewards: np.ndarray | None = None,
        action_rewards: np.ndarray | None = None,
    ) -> FiniteProcess:
        """The same process under other rewards; what is not given becomes zero."""
        return replace(self, arrival_rewards=arrival_rewards, action_rewards=action_rewards)

    def mask(self, mask: np.ndarray | None = None) -> np.ndarray:
        """The actions that are open, (n_states, n_actions) bool: the admissible ones by default.

        Raises ValueError where a mask has the wrong shape or leaves a state without an action.
        """
        if mask is None:
            return self.admissible
        mask = np.asarray(mask, dtype=bool)
        if mask.shape != self.admissible.shape:
            raise ValueError(f"mask has shape {mask.shape}; it must be {self.admissible.shape}")
        without = np.flatnonzero(~self.terminal & ~mask.any(axis=1))
        if without.size:
            raise ValueError(f"the mask leaves no action in state {without[0]}")
        return mask

    def check_policy(self, policy: np.ndarray) -> np.ndarray:
        """The policy as a float array, or a ValueError that says what is wrong with it."""
        policy = np.asarray(policy, dtype=float)
        if policy.shape != self.admissible.shape:
            raise ValueError(
                f"the policy has shape {policy.shape}; it must be {self.admissible.shape}, "
                "one probability for each state and action"
            )
        _check_distributions(policy, ~self.terminal, "the policy")
        return policy


def uniform_policy(process: FiniteProcess, mask: np.ndarray | None = None) -> np.ndarray:
    """Every open action with the same probability, (n_states, n_actions); chapter 51.

    ``mask`` (n_states, n_actions) says what is open: the admissible actions by default.
    """
    open_actions = process.mask(mask) & ~process.terminal[:, None]
    return open_actions / np.maximum(open_actions.sum(axis=1, keepdims=True), 1)


def deterministic_policy(process: FiniteProcess, actions: np.ndarray) -> np.ndarray:
    """One action in each state, ``actions`` (n_states,), as a policy; chapter 51.

    Raises ValueError for an action that does not exist.
    """
    actions = np.asarray(actions)
    if actions.shape != (process.n_states,):
        raise ValueError(f"actions has shape {actions.shape}; it must be ({process.n_states},)")
    if actions.min() < 0 or actions.max() >= process.n_actions:
        raise ValueError(f"actions must lie between 0 and {process.n_actions - 1}")
    policy = np.zeros((process.n_states, process.n_actions))
    policy[np.arange(process.n_states), actions] = 1.0
    policy[process.terminal] = 0.0
    return policy


def _as_csr(transitions, n_states: int) -> sparse.csr_array:
    if not sparse.issparse(transitions):
        transitions = np.asarray(transitions, dtype=float)
        if transitions.ndim == 3:
            transitions = transitions.reshape(-1, transitions.shape[2])
    if transitions.ndim != 2 or transitions.shape[1] != n_states or transitions.shape[0] == 0:
        raise ValueError(
            f"transitions has shape {transitions.shape}; with {n_states} states it must be "
            f"(n_states * n_actions, {n_states})"
        )
    if transitions.shape[0] % n_states:
        raise ValueError(
            f"transitions has {transitions.shape[0]} rows, which is no multiple of the "
            f"{n_states} states: one row for each state and action"
        )
    csr = sparse.csr_array(transitions, dtype=float)
    csr.sum_duplicates()
    csr.eliminate_zeros()
    return csr


def _filled(values, shape: tuple[int, ...], default: float | bool) -> np.ndarray:
    if values is None:
        return np.full(shape, default)
    return np.asarray(values, dtype=type(default))


def _expected_shape(name: str, shape: tuple[int, int]) -> tuple[int, ...]:
    return shape if name in ("action_rewards", "admissible") else shape[:1]


def _check_distributions(rows: np.ndarray, needed: np.ndarray, name: str):
    """Every needed row of (n, k) is a probability distribution, or a ValueError."""
    wrong = ~np.isfinite(rows).all(axis=1) | (rows < 0).any(axis=1)
    wrong |= abs(rows.sum(axis=1) - 1) > SUM_TOLERANCE
    wrong &= needed
    if wrong.any():
        place = "" if len(rows) == 1 else f" in state {np.flatnonzero(wrong)[0]}"
        raise ValueError(f"{name} is no probability distribution{place}: it must be >= 0, sum 1")
