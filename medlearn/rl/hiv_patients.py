"""Patients with HIV as a double DQN meets them: what it sees, what it is rewarded with.

The stored planner of chapter 52 is loaded from here. A simulation: no advice for any patient.
"""

from functools import partial
from pathlib import Path

import numpy as np

from .double_dqn import Step
from .hiv import ACTIONS, EFFICACIES, STATE, STEPS, UNHEALTHY, reward, splitting

__all__ = [
    "HivPatients",
    "hiv_network",
    "learning_reward",
    "load_hiv_planner",
    "observe",
    "plan_of",
]

WEIGHTS = Path(__file__).parent / "weights" / "hiv.weights.h5"
FIGURES = WEIGHTS.with_name("hiv.json")
# About the middle between low and high values of each quantity, as log10.
CENTRES = np.array([5.0, 1.5, 3.0, 1.0, 4.0, 3.5])
SMALL_REWARD, REWARD_SCALE = 1e4, 0.02


def observe(states):
    """What the network sees: the powers of ten of the six quantities, about 0.

    Parameters
    ----------
    states : array, shape (n, 6)

    Returns
    -------
    array of float32, shape (n, 6)

    Notes
    -----
    Taught in chapter 52.

    Examples
    --------
    >>> observe([[1e6, 10.0, 1e4, 10.0, 1e4, 100.0]]).tolist()
    [[1.0, -0.5, 1.0, 0.0, 0.0, -1.5]]
    """
    return (np.log10(states) - CENTRES).astype("float32")


def learning_reward(rewards):
    """What the network learns from: the reward's power of ten, with its sign.

    ``0.02 sign(r) log10(1 + |r| / 10000)``. The reward itself grows ten thousandfold between the
    two steady states; a network that fits it sees the largest rewards alone. The factor makes the
    value of a state, discounted with 0.98, a weighted mean of powers of ten. Plans are scored by
    the reward itself.

    Parameters
    ----------
    rewards : array, shape (n,)

    Returns
    -------
    array, shape (n,)

    Notes
    -----
    Taught in chapter 52.

    Examples
    --------
    >>> learning_reward(np.array([-90_000.0, 0.0, 9_990_000.0])).round(3).tolist()
    [-0.02, 0.0, 0.06]
    """
    return REWARD_SCALE * np.sign(rewards) * np.log10(1 + np.abs(rewards) / SMALL_REWARD)


class HivPatients:
    """Patients of chapter 52 as a `VectorEnvironment`: all begin untreated and unwell.

    An episode is cut off after 200 decisions of five days; nobody dies in this model, so no state
    is an end.

    Parameters
    ----------
    constants : HivConstants, optional
    step : float
        Of the quick integrator `splitting`, in days.

    Notes
    -----
    Taught in chapter 52.

    Examples
    --------
    >>> patients = HivPatients()
    >>> patients.reset(3).shape
    (3, 6)
    >>> now = patients.step(np.array([0, 1, 3]))
    >>> now.reached.shape, now.terminated.tolist(), now.truncated.tolist()
    ((3, 6), [False, False, False], [False, False, False])
    """

    def __init__(self, constants=None, step=0.05):
        self.constants = constants
        self._pass_time = partial(splitting, step=step)

    def reset(self, n):
        """Admit n new patients: their observations, shape (n, 6)."""
        self._states = np.tile(UNHEALTHY, (n, 1))
        self._decisions = 0
        return observe(self._states)

    def step(self, actions):
        """Give everybody the drugs of their action for five days: a `Step`."""
        drugs = EFFICACIES[actions]
        rewards = learning_reward(reward(self._states, drugs))
        self._states = self._pass_time(self._states, drugs, self.constants)
        self._decisions += 1
        n, reached = len(rewards), observe(self._states)
        over = self._decisions == STEPS
        following = self.reset(n) if over else reached
        return Step(reached, rewards, np.zeros(n, bool), np.full(n, over), following)


def hiv_network(units=64):
    """The network of the HIV planner: two hidden layers, one value for each of four actions.

    Parameters
    ----------
    units : int
        Of each hidden layer.

    Returns
    -------
    keras.Model
        From observations, shape (n, 6), to values, shape (n, 4).

    Notes
    -----
    Taught in chapter 52. Call ``lesson.load_keras()`` before.
    """
    import keras

    return keras.Sequential([
        keras.Input((len(STATE),)),
        keras.layers.Dense(units, "relu"),
        keras.layers.Dense(units, "relu"),
        keras.layers.Dense(len(ACTIONS)),
    ])


def plan_of(network):
    """A network's values as a plan for :func:`medlearn.rl.hiv.treat`: the best action each time.

    Parameters
    ----------
    network : keras.Model
        From observations to values.

    Returns
    -------
    callable
        Takes step and states, gives an action for each patient.

    Notes
    -----
    Taught in chapter 52.
    """
    def plan(step, states):
        return np.asarray(network(observe(states), training=False)).argmax(axis=1)

    return plan


def load_hiv_planner():
    """The network of the stored full run of chapter 52.

    Returns
    -------
    keras.Model
        Use :func:`plan_of` on it.

    Notes
    -----
    The recipe is ``python -m benchmarks.hiv``: its full run of seed 0. What it scored stands
    beside the weights, and a test holds it to that. Taught in chapter 52. For learning, not for any
    patient.
    """
    network = hiv_network()
    network.load_weights(WEIGHTS)
    return network
