"""Deep Q-learning with two networks: a double DQN in Keras, for many patients at once.

The agent knows nothing of medicine. It sees observations, chooses among a few actions, and keeps
what followed in a memory. From random drafts of that memory a network learns what each action is
worth. Taught in chapter 52.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

__all__ = ["DoubleDQN", "DoubleDQNSettings", "Step", "VectorEnvironment", "state_network"]

FORBIDDEN = -1e9  # the value of an action that may not be chosen


class Step(NamedTuple):
    """What one step of all patients led to (chapter 52).

    Attributes
    ----------
    reached : array, shape (n, ...)
        The observations that the actions led to.
    rewards : array, shape (n,)
    terminated : array of bool, shape (n,)
        Where nothing follows any more, so that the value of what comes after is 0.
    truncated : array of bool, shape (n,)
        Where life goes on but is watched no longer. Its value is still that of `reached`.
    following : array, shape (n, ...)
        From where it goes on: `reached`, or the first observation of a new patient.
    """

    reached: np.ndarray
    rewards: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray
    following: np.ndarray


class VectorEnvironment(Protocol):
    """Many patients, treated side by side, each with an episode of its own (chapter 52).

    Whoever dies, is discharged or reaches the end of the observed time is replaced by a new
    patient, so that the number of patients stays.
    """

    def reset(self, n):
        """Admit `n` new patients and return their observations, shape (n, ...)."""

    def step(self, actions):
        """Treat every patient once.

        Parameters
        ----------
        actions : array of int, shape (n,)

        Returns
        -------
        Step
        """


@dataclass(frozen=True)
class DoubleDQNSettings:
    """The hyper-parameters of a double DQN (chapter 52).

    Attributes
    ----------
    discount : float
        What a reward one step later is worth, from 0 to 1.
    patients : int
        Treated side by side.
    memory : int
        Transitions kept; the oldest are overwritten.
    warm_up : int
        Transitions collected with random actions before the first update.
    batch_size : int
        Transitions drawn for one update.
    updates_a_step : int
        Updates after each step of all patients.
    learning_rate, final_learning_rate : float
        Of Adam; it falls from the first to the second along half a cosine.
    exploration, final_exploration : float
        The share of random actions; it falls in a straight line.
    exploration_ends : float
        The share of the training after which exploration stays at its final value.
    target_every : int
        Updates from one copy of the network into the target network to the next.
    double : bool
        Whether the network itself chooses the next action that the target network values. With
        False the target network does both: the DQN of 2015.
    """

    discount: float = 1.0
    patients: int = 128
    memory: int = 200_000
    warm_up: int = 5_000
    batch_size: int = 1024
    updates_a_step: int = 1
    learning_rate: float = 3e-3
    final_learning_rate: float = 1e-4
    exploration: float = 1.0
    final_exploration: float = 0.05
    exploration_ends: float = 0.5
    target_every: int = 200
    double: bool = True

    def __post_init__(self):
        for name in ("discount", "exploration", "final_exploration", "exploration_ends"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}: give a number from 0 to 1")
        for name in ("patients", "batch_size", "updates_a_step", "target_every", "warm_up"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: give 1 or more")
        if self.memory < max(self.warm_up, self.patients):
            raise ValueError(
                f"a memory of {self.memory} does not hold the warm-up of {self.warm_up} "
                f"transitions and one step of {self.patients} patients: make it larger"
            )


def state_network(states, actions, width=128):
    """A network for numbered states: each has an embedding, from which a layer reads the values.

    Parameters
    ----------
    states, actions : int
    width : int
        Numbers in the embedding of a state.

    Returns
    -------
    keras.Model
        From states (n,) to values (n, actions).

    Notes
    -----
    Taught in chapter 52.
    """
    import keras

    return keras.Sequential([
        keras.Input((), dtype="int32"),
        keras.layers.Embedding(states, width),
        keras.layers.Dense(actions),
    ])


class DoubleDQN:
    """A network that learns the value of every action from what happened to many patients.

    Parameters
    ----------
    build_network : callable
        Without arguments, gives a keras.Model from observations, shape (n, ...), to the values of
        all actions, shape (n, actions). Called twice: for the network and the target network.
    environment : VectorEnvironment
    settings : DoubleDQNSettings
    seed : int
        Of exploration, memory and weights. The environment has a seed of its own.
    admissible : array of bool, shape (states, actions), optional
        Which actions may be chosen. Only where observations are numbers of states.

    Attributes
    ----------
    network, target : keras.Model
    settings : DoubleDQNSettings

    Notes
    -----
    Taught in chapter 52. Sources: Mnih and others 2015, doi:10.1038/nature14236; van Hasselt, Guez
    and Silver 2016, doi:10.1609/aaai.v30i1.10295. Call ``lesson.load_keras()`` before.
    """

    def __init__(self, build_network, environment, settings, seed=0, admissible=None):
        import keras

        keras.utils.set_random_seed(seed)
        self.environment, self.settings = environment, settings
        self.network, self.target = build_network(), build_network()
        self.target.set_weights(self.network.get_weights())
        self.actions = self.network.output_shape[-1]
        self.admissible = None if admissible is None else np.asarray(admissible, bool)
        self._rng, self._updates = np.random.default_rng(seed), 0
        self._optimizer = keras.optimizers.Adam(settings.learning_rate)
        self._optimizer.build(self.network.trainable_variables)
        self._values = _compiled_values(self.network)
        self._update = _compiled_update(
            self.network, self.target, self._optimizer, settings, self.admissible
        )

    def values(self, observations):
        """The values of all actions, shape (n, actions); `FORBIDDEN` where inadmissible."""
        values = self._values(observations).numpy()
        if self.admissible is not None:
            values[~self.admissible[observations]] = FORBIDDEN
        return values

    def act(self, observations, exploration=0.0):
        """One action for each patient, shape (n,): the best one, or with a probability any."""
        chosen = self.values(observations).argmax(axis=1)
        explore = self._rng.random(len(chosen)) < exploration
        return np.where(explore, self._random_actions(observations), chosen)

    def _random_actions(self, observations):
        n = len(observations)
        if self.admissible is None:
            return self._rng.integers(self.actions, size=n)
        luck = self._rng.random((n, self.actions))
        return np.where(self.admissible[observations], luck, -1).argmax(axis=1)

    def train(self, steps, on_progress=None):
        """Treat patients and learn from them.

        Parameters
        ----------
        steps : int
            Steps of all patients side by side: ``steps * settings.patients`` transitions.
        on_progress : callable, optional
            Called after every step with ``(step, logs)``: the number from 0, and a dict with
            "loss" (of the last update), "return" (mean sum of rewards of the last 1000 episodes
            that ended or were cut off) and "episodes". `medlearn.plots.training_progress(steps)`
            will do.

        Returns
        -------
        list of dict
            The logs of every hundredth step.
        """
        settings, environment = self.settings, self.environment
        observations = environment.reset(settings.patients)
        memory = _Memory(settings.memory, observations)
        returns = _Returns(settings.patients)
        history, loss = [], float("nan")
        for step in range(steps):
            warm = memory.count >= settings.warm_up
            epsilon = _exploration(settings, step / steps) if warm else 1.0
            actions = self.act(observations, epsilon)
            now = environment.step(actions)
            memory.add(observations, actions, now.rewards, now.reached, now.terminated)
            returns.add(now.rewards, now.terminated | now.truncated)
            observations = now.following
            if warm:
                self._optimizer.learning_rate = _learning_rate(settings, step / steps)
                loss = self._learn(memory)
            logs = {"loss": float(loss), "return": returns.mean(), "episodes": returns.episodes}
            if on_progress is not None:
                on_progress(step, logs)
            if step % 100 == 99:
                history.append({"step": step + 1, **logs})
        return history

    def _learn(self, memory):
        """The updates of one step; the target network is renewed now and then."""
        for _ in range(self.settings.updates_a_step):
            loss = self._update(*memory.draw(self.settings.batch_size, self._rng))
            self._updates += 1
            if self._updates % self.settings.target_every == 0:
                self.target.set_weights(self.network.get_weights())
        return loss


def _compiled_values(network):
    """The network as a compiled function: many times faster than ``model.predict`` in a loop."""
    import tensorflow as tf

    @tf.function(reduce_retracing=True)
    def values(observations):
        return network(observations, training=False)

    return values


def _compiled_update(network, target, optimizer, settings, admissible):
    """One step of Adam on the squared difference between value and target."""
    import tensorflow as tf

    forbidden = None
    if admissible is not None:
        forbidden = tf.constant(np.where(admissible, 0, FORBIDDEN), tf.float32)

    def best_of(network, observations):
        """The values of all actions, with what may not be chosen far below."""
        values = network(observations, training=False)
        return values if forbidden is None else values + tf.gather(forbidden, observations)

    @tf.function
    def update(observations, actions, rewards, reached, terminated):
        valued = best_of(target, reached)
        chosen = tf.argmax(best_of(network, reached) if settings.double else valued, axis=1)
        following = tf.gather(valued, chosen, batch_dims=1)
        goal = rewards + settings.discount * tf.where(terminated, 0.0, following)
        with tf.GradientTape() as tape:
            values = tf.gather(network(observations, training=True), actions, batch_dims=1)
            loss = tf.reduce_mean(tf.square(values - goal))
        weights = network.trainable_variables
        optimizer.apply(tape.gradient(loss, weights), weights)
        return loss

    return update


class _Memory:
    """A ring of transitions, as arrays: the newest overwrites the oldest."""

    def __init__(self, size, observations):
        like = observations[:1]
        self.observations = np.zeros((size, *like.shape[1:]), like.dtype)
        self.reached = self.observations.copy()
        self.actions = np.zeros(size, "int32")
        self.rewards = np.zeros(size, "float32")
        self.terminated = np.zeros(size, bool)
        self.count = 0

    def add(self, observations, actions, rewards, reached, terminated):
        places = (self.count + np.arange(len(actions))) % len(self.actions)
        self.observations[places], self.actions[places] = observations, actions
        self.rewards[places], self.reached[places] = rewards, reached
        self.terminated[places] = terminated
        self.count += len(actions)

    def draw(self, n, rng):
        rows = rng.integers(min(self.count, len(self.actions)), size=n)
        columns = self.observations, self.actions, self.rewards, self.reached, self.terminated
        return [column[rows] for column in columns]


class _Returns:
    """The sums of rewards of the episodes that ended last."""

    def __init__(self, patients, kept=1000):
        self.running, self.last, self.episodes = np.zeros(patients), deque(maxlen=kept), 0

    def add(self, rewards, ended):
        self.running += rewards
        self.last.extend(self.running[ended].tolist())
        self.episodes += int(ended.sum())
        self.running[ended] = 0

    def mean(self):
        return float(np.mean(self.last)) if self.last else float("nan")


def _exploration(settings, progress):
    """The share of random actions at a share of the training from 0 to 1."""
    progress = min(1.0, progress / settings.exploration_ends) if settings.exploration_ends else 1.0
    return settings.exploration + progress * (settings.final_exploration - settings.exploration)


def _learning_rate(settings, progress):
    """Half a cosine from the first to the final learning rate."""
    first, last = settings.learning_rate, settings.final_learning_rate
    return last + (first - last) * (1 + math.cos(math.pi * progress)) / 2
