"""REINFORCE: follow the gradient of the expected return, estimated from whole episodes.

Taught in chapter 52.
"""

from dataclasses import dataclass

import numpy as np

from .softmax_policy import LearnedPolicy, score_sum, softmax_policy
from .solving import value
from .ward import Ward

__all__ = ["ReinforceSettings", "reinforce", "returns_to_go"]


@dataclass(frozen=True)
class ReinforceSettings:
    """The hyper-parameters of REINFORCE (chapter 52).

    Attributes
    ----------
    episodes : int
        Patients treated to their end in all.
    patients : int
        Whole episodes between two changes of the policy.
    step_size : float
        Of the policy, for each visit.
    baseline : bool
        Whether what is usual in a state is subtracted from the return.
    baseline_power : float
        The n-th visit of a state moves its baseline by n ** -baseline_power of the error.
    """

    episodes: int = 200_000
    patients: int = 128
    step_size: float = 0.3
    baseline: bool = True
    baseline_power: float = 0.7

    def __post_init__(self):
        if self.patients < 1 or self.episodes < self.patients:
            raise ValueError(
                f"{self.episodes} episodes in groups of {self.patients}: give groups of 1 or more, "
                "and at least one of them"
            )
        if self.step_size <= 0:
            raise ValueError(f"step_size is {self.step_size}: give a number above 0")
        if not 0.5 < self.baseline_power <= 1:
            raise ValueError(
                f"baseline_power is {self.baseline_power}: give a number above 0.5, at most 1, "
                "so that the baseline settles"
            )


def returns_to_go(patient, step, reward, discount=1.0):
    """What each patient still gets from each of its steps on.

    Parameters
    ----------
    patient, step : array of int, shape (n,)
        Who it was, and the number of this step among the patient's, from 0. Every patient's steps
        are all there; the order of the rows does not matter.
    reward : array, shape (n,)
    discount : float
        Above 0.

    Returns
    -------
    array, shape (n,)
        At step t: reward_t + discount * reward_(t+1) + discount ** 2 * reward_(t+2) + ...

    Notes
    -----
    Taught in chapter 52.

    Examples
    --------
    >>> returns_to_go([0, 0, 1], [0, 1, 0], [0.0, 1.0, 0.0], discount=0.9)
    array([0.9, 1. , 0. ])
    """
    patient, step = np.asarray(patient), np.asarray(step)
    present = discount ** step * np.asarray(reward, float)  # as seen from the admission
    order = np.lexsort((-step, patient))
    total = np.cumsum(present[order])
    first = np.concatenate([[True], np.diff(patient[order]) != 0])
    before = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    total -= (total - present[order])[before]
    result = np.empty(len(order))
    result[order] = total / discount ** step[order]
    return result


def reinforce(process, settings, seed=0, points=40, on_progress=None):
    """Learn a policy by REINFORCE, with or without a baseline.

    A group of patients is treated to the end under the policy. Then each action that was taken
    becomes more probable by how much its return to go exceeds the baseline of its state (without a
    baseline: by the whole return).

    Parameters
    ----------
    process : FiniteProcess
    settings : ReinforceSettings
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
    Taught in chapter 52. Source: Williams 1992, doi:10.1007/BF00992696. With a discount below 1 the
    score of step t counts discount ** t, as the gradient of a discounted return demands.
    """
    preferences = np.zeros(process.admissible.shape)
    usual, visits = np.zeros(len(preferences)), np.zeros(len(preferences))
    groups, history = -(-settings.episodes // settings.patients), []
    ward = Ward(process, seed)
    for group in range(groups):
        policy = softmax_policy(preferences, process.admissible)
        care = ward.whole_episodes(policy, settings.patients)
        to_go = returns_to_go(care.patient, care.step, care.reward, process.discount)
        excess = to_go - usual[care.state] if settings.baseline else to_go
        weights = settings.step_size * process.discount**care.step * excess
        preferences += score_sum(policy, care.state, care.action, weights)
        _move_baseline(usual, visits, care.state, to_go, settings.baseline_power)
        while len(history) < points and group + 1 >= groups * (len(history) + 1) / points:
            policy = softmax_policy(preferences, process.admissible)
            row = {"episodes": (group + 1) * settings.patients,
                   "value": float(value(process, policy))}
            history.append(row)
            if on_progress is not None:
                on_progress(len(history) - 1, row)
    return LearnedPolicy(softmax_policy(preferences, process.admissible), preferences, history)


def _move_baseline(usual, visits, states, to_go, power):
    """Move the baseline of each visited state towards the mean return from it."""
    count = np.bincount(states, minlength=len(usual))
    seen = count > 0
    visits += count
    mean = np.bincount(states, to_go, minlength=len(usual))[seen] / count[seen]
    usual[seen] += np.minimum(1, count[seen] / visits[seen] ** power) * (mean - usual[seen])
