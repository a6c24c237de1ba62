"""A policy with one adjustable number for each state and action, and its score.

Taught in chapter 52.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["LearnedPolicy", "drawn_actions", "score_sum", "softmax_policy"]


@dataclass(frozen=True, eq=False)
class LearnedPolicy:
    """What an agent that adjusts a policy gives (chapter 52).

    Attributes
    ----------
    policy : array, shape (states, actions)
        Probabilities of the actions in each state.
    preferences : array, shape (states, actions)
        What the policy is the softmax of.
    history : list of dict
        At some points of the training: "episodes" so far, and the exact "value" of the policy.
    """

    policy: np.ndarray
    preferences: np.ndarray
    history: list


def softmax_policy(preferences, admissible):
    """Probabilities that grow with the exponential of a preference; 0 where inadmissible.

    Parameters
    ----------
    preferences : array, shape (..., actions)
    admissible : array of bool, shape (..., actions)

    Returns
    -------
    array, shape (..., actions)
        Each row sums to 1; to 0 where nothing is admissible, as in a terminal state.

    Notes
    -----
    Taught in chapter 52.

    Examples
    --------
    >>> softmax_policy(np.array([[0.0, 0.0, 5.0]]), np.array([[True, True, False]]))
    array([[0.5, 0.5, 0. ]])
    """
    highest = np.max(preferences, axis=-1, keepdims=True, where=admissible, initial=-1e300)
    weights = np.where(admissible, np.exp(np.minimum(preferences - highest, 0.0)), 0.0)
    return weights / np.maximum(weights.sum(axis=-1, keepdims=True), 1e-300)


def drawn_actions(policy, rng):
    """One action for each patient (chapter 52).

    Parameters
    ----------
    policy : array, shape (n, actions)
        The probabilities for each patient.
    rng : numpy.random.Generator

    Returns
    -------
    array of int, shape (n,)
        An action of probability 0 is never drawn.

    Examples
    --------
    >>> drawn_actions(np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]), np.random.default_rng(0))
    array([1, 0])
    """
    total = policy.cumsum(axis=1)
    luck = rng.random(len(policy)) * total[:, -1]
    return (total <= luck[:, np.newaxis]).sum(axis=1)


def score_sum(policy, states, actions, weights):
    """Sum over visits of a weight times the gradient of log pi(action | state).

    For a softmax the gradient by the preferences of the visited state is
    1[action] - policy[state]: up for what was done, down for all in proportion.

    Parameters
    ----------
    policy : array, shape (states, actions)
    states, actions : array of int, shape (n,)
    weights : array, shape (n,)

    Returns
    -------
    array, shape (states, actions)

    Notes
    -----
    Taught in chapter 52. Source: Williams 1992, doi:10.1007/BF00992696.

    Examples
    --------
    >>> score_sum(np.array([[0.5, 0.5]]), [0], [1], [2.0])
    array([[-1.,  1.]])
    """
    n_states, n_actions = policy.shape
    pairs = np.asarray(states) * n_actions + np.asarray(actions)
    done = np.bincount(pairs, weights, minlength=policy.size).reshape(policy.shape)
    total = np.bincount(states, weights, minlength=n_states)
    return done - total[:, np.newaxis] * policy
