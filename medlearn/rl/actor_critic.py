"""Actor and critic: a policy that is corrected after every step by what was better than expected.

Taught in chapter 52.
"""

from dataclasses import dataclass

import numpy as np

from .softmax_policy import LearnedPolicy, drawn_actions, softmax_policy
from .solving import value
from .ward import Ward

__all__ = ["ActorCriticSettings", "actor_critic"]


@dataclass(frozen=True)
class ActorCriticSettings:
    """The hyper-parameters of an actor-critic (chapter 52).

    Attributes
    ----------
    episodes : int
        Patients treated to their end in all.
    patients : int
        Treated side by side.
    actor_step : float
        The step size of the policy, for each visit.
    critic_power : float
        The n-th visit of a state moves its value by n ** -critic_power of the error.
    first_value : float
        What the critic expects of every state before it has seen any.
    """

    episodes: int = 200_000
    patients: int = 128
    actor_step: float = 1.0
    critic_power: float = 0.6
    first_value: float = 0.0

    def __post_init__(self):
        for name in ("episodes", "patients"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: give 1 or more")
        if self.actor_step <= 0:
            raise ValueError(f"actor_step is {self.actor_step}: give a number above 0")
        if not 0.5 < self.critic_power <= 1:
            raise ValueError(
                f"critic_power is {self.critic_power}: give a number above 0.5, at most 1, "
                "so that the values settle"
            )


def actor_critic(process, settings, seed=0, points=40, on_progress=None):
    """Learn a policy (the actor) and the values of the states under it (the critic) together.

    After each step, with the values V of the critic, the surprise

        delta = reward + discount * V(next state) - V(state)

    moves the critic's V(state) and, along the score of the action, the actor's preferences.

    Parameters
    ----------
    process : FiniteProcess
    settings : ActorCriticSettings
    seed : int
    points : int
        How often, at equal distances, the exact value of the policy is taken.
    on_progress : callable, optional
        Called with ``(point, row)`` at each of these points, from 0;
        `medlearn.plots.training_progress(points)` will do.

    Returns
    -------
    LearnedPolicy
        Its history has a row for each point: "episodes", and "value" of the policy.

    Notes
    -----
    Taught in chapter 52. Sources: Barto, Sutton and Anderson 1983, doi:10.1109/TSMC.1983.6313077;
    Sutton and Barto 2018, section 13.5. The surprise of a patient who is already `t` steps in care
    counts discount ** t, as the gradient of a discounted return demands.
    """
    ward, rng = Ward(process, seed), np.random.default_rng([seed, 1])
    preferences = np.zeros(process.admissible.shape)
    values = np.where(process.terminal, 0.0, settings.first_value)
    visits = np.zeros(len(values))
    age = np.zeros(settings.patients)
    states, finished, history = ward.reset(settings.patients), 0, []
    while finished < settings.episodes:
        policy = softmax_policy(preferences[states], process.admissible[states])
        actions = drawn_actions(policy, rng)
        now = ward.step(actions)
        following = np.where(now.terminated, 0.0, values[now.reached])
        surprise = now.rewards + process.discount * following - values[states]
        _move_critic(values, visits, states, surprise, settings.critic_power)
        _move_actor(
            preferences, policy, states, actions,
            settings.actor_step * process.discount**age * surprise,
        )
        age = np.where(now.terminated, 0, age + 1)
        states, finished = now.following, finished + int(now.terminated.sum())
        while len(history) < points and finished >= settings.episodes * (len(history) + 1) / points:
            row = {"episodes": finished, "value": _value(process, preferences)}
            history.append(row)
            if on_progress is not None:
                on_progress(len(history) - 1, row)
    return LearnedPolicy(softmax_policy(preferences, process.admissible), preferences, history)


def _move_critic(values, visits, states, surprise, power):
    """Move the value of each visited state by the mean surprise of its patients."""
    count = np.bincount(states, minlength=len(values))
    seen = count > 0
    visits += count
    mean = np.bincount(states, surprise, minlength=len(values))[seen] / count[seen]
    values[seen] += np.minimum(1, count[seen] / visits[seen] ** power) * mean


def _move_actor(preferences, policy, states, actions, weights):
    """Add the weighted scores of this step: `policy` has one row for each patient."""
    scores = -policy
    scores[np.arange(len(actions)), actions] += 1
    np.add.at(preferences, states, weights[:, np.newaxis] * scores)


def _value(process, preferences):
    return float(value(process, softmax_policy(preferences, process.admissible)))
