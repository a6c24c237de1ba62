"""Small processes whose values are worked out by hand."""

import numpy as np

from medlearn import rl

TRANSITIONS = np.array([  # state, action (wait, treat), next state: stable, shock, dead, home
    [[0.0, 0.1, 0.0, 0.9], [0.0, 0.1, 0.1, 0.8]],
    [[0.1, 0.4, 0.5, 0.0], [0.5, 0.3, 0.2, 0.0]],
    [[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]],
    [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]],
])  # fmt: skip
ENDS = np.array([False, False, True, True])
SENSIBLE = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
SENSIBLE_VALUES = np.array([63 / 65, 9 / 13, 0.0, 0.0])


def ward(**changes):
    """A patient is stable or in shock, and ends dead or at home; wait or treat."""
    settings = {
        "transitions": TRANSITIONS,
        "initial": [0.5, 0.5, 0.0, 0.0],
        "arrival_rewards": [0.0, 0.0, 0.0, 1.0],
        "terminal": ENDS,
    }
    return rl.FiniteProcess(**{**settings, **changes})


def random_process(seed, n_states=12, n_actions=3):
    """A process at random: sparse rows, some pairs closed, rewards of both kinds."""
    rng = np.random.default_rng(seed)
    shape = (n_states, n_actions, n_states)
    rows = rng.random(shape) * (rng.random(shape) < 0.4)
    rows[:, :, -1] += 0.1  # a way to the end from everywhere
    admissible = rng.random(shape[:2]) < 0.6
    admissible[:, 0] = True
    terminal = np.arange(n_states) == n_states - 1
    return rl.FiniteProcess(
        rows / rows.sum(axis=2, keepdims=True),
        np.where(terminal, 0.0, 1.0 / (n_states - 1)),
        arrival_rewards=rng.normal(size=n_states),
        action_rewards=rng.normal(size=shape[:2]),
        admissible=admissible,
        terminal=terminal,
        discount=0.9,
    )
