"""Potential-based shaping: a reward on the way that does not change what is best.

Taught in chapter 53. NumPy alone.
"""

import numpy as np

__all__ = ["shaped"]


def shaped(process, potential):
    """The process with discount x potential(next state) - potential(state) added to each reward.

    Along a stay these terms cancel but for the first and the last, so that every policy's return
    moves by the same number: minus the potential of the first state.

    Parameters
    ----------
    process : FiniteProcess
    potential : array, shape (states,)
        0 in the terminal states.

    Returns
    -------
    FiniteProcess

    Raises
    ------
    ValueError
        If the potential is of another length, or not 0 in a terminal state: what is left over
        there would reward one way to end against another.

    Notes
    -----
    Ng, Harada and Russell 1999. Taught in chapter 53.
    """
    potential = np.asarray(potential, dtype=float)
    if potential.shape != (process.n_states,):
        raise ValueError(
            f"the potential has shape {potential.shape}: give one of ({process.n_states},)"
        )
    if np.any(potential[process.terminal] != 0):
        raise ValueError(
            "the potential is not 0 in a terminal state: set it to 0 there, or the shaping "
            "changes what is best"
        )
    following = (process.transitions @ potential).reshape(process.rewards.shape)
    bonus = process.discount * following - potential[:, np.newaxis]
    return process.with_rewards(process.arrival_rewards, process.action_rewards + bonus)
