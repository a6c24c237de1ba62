"""Many simulated patients of a finite process, as the agents of chapter 52 treat them."""

from typing import NamedTuple

import numpy as np

from .double_dqn import Step
from .simulation import Simulator
from .softmax_policy import drawn_actions

__all__ = ["Episodes", "Ward"]


class Episodes(NamedTuple):
    """Whole episodes, one row a step; all of shape (n,) (chapter 52).

    Attributes
    ----------
    patient, step : array of int
        Who, and the number of this step among the patient's, from 0.
    state, action, next_state : array of int
    reward : array of float
    """

    patient: np.ndarray
    step: np.ndarray
    state: np.ndarray
    action: np.ndarray
    reward: np.ndarray
    next_state: np.ndarray


class Ward:
    """Patients of a finite process side by side; a `VectorEnvironment` of state numbers.

    Parameters
    ----------
    process : FiniteProcess
    seed : int or sequence of int

    Attributes
    ----------
    process : FiniteProcess

    Notes
    -----
    Taught in chapter 52.

    Examples
    --------
    >>> from medlearn import rl
    >>> ward = Ward(rl.icu_sepsis().process, seed=0)
    >>> states = ward.reset(5)
    >>> ward.step(rl.uniform_policy(ward.process)[states].argmax(axis=1)).rewards.shape
    (5,)
    """

    def __init__(self, process, seed):
        self.process = process
        self._simulator, self._rng = Simulator(process), np.random.default_rng(seed)
        self._states = None

    def reset(self, n):
        """The first states of `n` new patients, shape (n,)."""
        self._states = self._admitted(n)
        return self._states

    def step(self, actions):
        """Treat every patient once; who has come to an end is replaced by a new patient.

        Parameters
        ----------
        actions : array of int, shape (n,)

        Returns
        -------
        Step

        Raises
        ------
        RuntimeError
            Before the first `reset`.
        """
        if self._states is None:
            raise RuntimeError("there are no patients yet: call reset(n) first")
        reached, rewards, ended = self._simulator.step(self._states, actions, self._rng)
        reached = reached.astype("int32")
        following = reached.copy()
        following[ended] = self._admitted(int(ended.sum()))
        self._states = following
        nobody = np.zeros(len(ended), bool)
        return Step(reached, rewards.astype("float32"), ended, nobody, following)

    def whole_episodes(self, policy, n):
        """Treat `n` new patients to their end.

        Parameters
        ----------
        policy : array, shape (states, actions)
        n : int

        Returns
        -------
        Episodes
        """
        patients, states, rows, step = np.arange(n), self._admitted(n), [], 0
        while len(patients):
            actions = drawn_actions(policy[states], self._rng)
            reached, rewards, ended = self._simulator.step(states, actions, self._rng)
            steps = np.full(len(patients), step)
            rows.append((patients, steps, states, actions, rewards, reached))
            patients, states, step = patients[~ended], reached[~ended], step + 1
        return Episodes(*(np.concatenate(column) for column in zip(*rows, strict=True)))

    def _admitted(self, n):
        return self._simulator.start(n, self._rng).astype("int32")
