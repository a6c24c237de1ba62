"""A finite process as an environment of Gymnasium, for agents that expect one; chapter 51.

Imported by its own name (``from medlearn.rl.environment import FiniteProcessEnv``), so that
``medlearn.rl`` loads no Gymnasium. Towers and others, arXiv:2407.17032.
"""

from __future__ import annotations

import gymnasium
import numpy as np
from gymnasium import spaces

from .processes import FiniteProcess
from .simulation import Simulator


class FiniteProcessEnv(gymnasium.Env):
    """One patient at a time through a :class:`~medlearn.rl.FiniteProcess`; chapter 51.

    Observations are states, actions are numbers; ``info["action_mask"]`` (n_actions,) int8 marks
    what is admissible. The episode is truncated after ``max_steps``.

    Examples
    --------
    >>> from medlearn.rl import icu_sepsis
    >>> env = FiniteProcessEnv(icu_sepsis().process)
    >>> state, info = env.reset(seed=0)
    >>> action = env.action_space.sample(mask=info["action_mask"])
    >>> state, reward, terminated, truncated, info = env.step(action)
    """

    metadata = {"render_modes": []}

    def __init__(self, process: FiniteProcess, max_steps: int = 500):
        if max_steps < 1:
            raise ValueError(f"max_steps is {max_steps}; it must be at least 1")
        self.process = process
        self.max_steps = max_steps
        self.observation_space = spaces.Discrete(process.n_states)
        self.action_space = spaces.Discrete(process.n_actions)
        self._simulator = Simulator(process)
        self._state: int | None = None
        self._steps = 0

    def reset(self, *, seed: int | None = None, options: dict | None = None):
        """A new patient: the first state, and what is admissible there."""
        super().reset(seed=seed)
        self._state = int(self._simulator.start(1, self.np_random)[0])
        self._steps = 0
        return self._state, self._info()

    def step(self, action: int):
        """Treat and see: next state, reward, terminated, truncated, info.

        Raises RuntimeError after the end of an episode, ValueError for an unknown action.
        """
        if self._state is None:
            raise RuntimeError("the episode has ended (or never begun): call reset() first")
        if not self.action_space.contains(action):
            raise ValueError(f"action {action!r} is not between 0 and {self.process.n_actions - 1}")
        states, rewards, ended = self._simulator.step(
            np.array([self._state]), np.array([action]), self.np_random
        )
        self._steps += 1
        self._state = int(states[0])
        terminated = bool(ended[0])
        truncated = not terminated and self._steps >= self.max_steps
        state, info = self._state, self._info()
        if terminated or truncated:
            self._state = None
        return state, float(rewards[0]), terminated, truncated, info

    def _info(self) -> dict:
        return {"action_mask": self.process.admissible[self._state].astype(np.int8)}
