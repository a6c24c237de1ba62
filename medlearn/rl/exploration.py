"""How a learner tries actions: epsilon-greedy over the open actions; chapter 51."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class EpsilonSchedule:
    """The share of random actions, falling in a straight line; chapter 51.

    From ``start`` at the first episode to ``end`` after ``until`` (a share) of all episodes, then
    constant.

    >>> schedule = EpsilonSchedule(start=1.0, end=0.1, until=0.5)
    >>> [round(schedule(done), 2) for done in (0.0, 0.25, 0.5, 1.0)]
    [1.0, 0.55, 0.1, 0.1]
    """

    start: float
    end: float
    until: float = 1.0

    def __post_init__(self):
        if not (0 <= self.start <= 1 and 0 <= self.end <= 1):
            raise ValueError(f"epsilon is a probability, not {self.start} or {self.end}")
        if not 0 < self.until <= 1:
            raise ValueError(f"until is {self.until}; it is a share of the episodes, above 0 to 1")

    def __call__(self, done: float) -> float:
        """Epsilon after a share ``done`` of the episodes."""
        return self.start + (self.end - self.start) * min(done / self.until, 1.0)


def epsilon_greedy(
    values: np.ndarray, mask: np.ndarray, epsilon: float, rng: np.random.Generator
) -> np.ndarray:
    """An action for each patient: the best open one, or with probability epsilon any open one.

    Parameters
    ----------
    values, mask : (n, n_actions)
        Action values of each patient's state, and which actions are open there (bool).
    epsilon : float
    rng : numpy.random.Generator

    Returns
    -------
    (n,) int
        Among equally good open actions the first is taken. Chapter 51.

    Examples
    --------
    >>> values, mask = np.array([[0.2, 0.9, 0.5]]), np.array([[True, False, True]])
    >>> epsilon_greedy(values, mask, 0.0, np.random.default_rng(0))
    array([2])
    """
    greedy = np.where(mask, values, -np.inf).argmax(axis=1)
    # The k-th open action, k drawn for each patient.
    place = np.cumsum(mask, axis=1)
    wanted = np.floor(rng.random(len(mask)) * place[:, -1]) + 1
    explored = (place >= wanted[:, None]).argmax(axis=1)
    return np.where(rng.random(len(mask)) < epsilon, explored, greedy)
