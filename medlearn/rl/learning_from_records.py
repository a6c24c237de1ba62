"""Learning from what was recorded: counts, a plan made from them, and its worth by the counts.

Taught in chapter 53. NumPy and SciPy alone.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

__all__ = [
    "NO_ADVICE",
    "Plan",
    "RecordedCounts",
    "count_records",
    "plan_from_records",
    "policy_of",
    "recorded_values",
    "split_patients",
]

NO_ADVICE = -1
# A loop that no recorded patient left has no value of its own: with this it is worth nothing.
_ALMOST_ONE = 1 - 1e-9


@dataclass(frozen=True, eq=False)
class RecordedCounts:
    """What records tell of a process, as counts; chapter 53.

    Attributes
    ----------
    taken : array, shape (states, actions)
        How often each action was taken in each state.
    arrivals : scipy.sparse.csr_array, shape (states * actions, states)
        How often each state followed; row ``state * actions + action``.
    rewards : array, shape (states, actions)
        Sums of the rewards received.
    starts : array, shape (states,)
        How many patients began in each state.
    """

    taken: np.ndarray
    arrivals: csr_array
    rewards: np.ndarray
    starts: np.ndarray

    @property
    def shares(self):
        """Usual care: how often each action was taken, of all in its state; (states, actions)."""
        return self.taken / np.maximum(self.taken.sum(axis=1, keepdims=True), 1)

    def supported(self, min_count=1, min_share=0.0):
        """The actions that were taken often enough to be judged: bool, (states, actions).

        Parameters
        ----------
        min_count : int
            At least so many times in that state.
        min_share : float
            At least this share of all decisions in that state.

        Raises
        ------
        ValueError
            If the count is below 1 or the share is not between 0 and 1.
        """
        if min_count < 1 or not 0 <= min_share <= 1:
            raise ValueError(
                f"min_count is {min_count} and min_share {min_share}: give a count of at least 1 "
                "and a share between 0 and 1"
            )
        return (self.taken >= min_count) & (self.shares >= min_share)


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan made from records, and what it claims for itself; chapter 53.

    Attributes
    ----------
    advice : array of int, shape (states,)
        The action advised; ``NO_ADVICE`` (-1) where none is supported: usual care goes on.
    values : array, shape (states,)
        Expected return by the counts that the plan was made from: too good, see chapter 53.
    claim : float
        The same, mean over the patients' first states.
    """

    advice: np.ndarray
    values: np.ndarray
    claim: float


def count_records(records, n_states, n_actions):
    """Count what was done in each state, and what followed; chapter 53.

    Parameters
    ----------
    records : Records
    n_states, n_actions : int

    Returns
    -------
    RecordedCounts

    Raises
    ------
    ValueError
        If the records hold a state or an action outside these numbers.
    """
    largest = max(records.state.max(), records.next_state.max()), records.action.max()
    if largest[0] >= n_states or largest[1] >= n_actions:
        raise ValueError(
            f"the records hold state {largest[0]} and action {largest[1]}, but there are "
            f"{n_states} states and {n_actions} actions (counted from 0)"
        )
    pair = records.state * n_actions + records.action
    size = n_states * n_actions
    arrivals = csr_array(
        (np.ones(len(pair)), (pair, records.next_state)), shape=(size, n_states)
    )
    shape = (n_states, n_actions)
    return RecordedCounts(
        np.bincount(pair, minlength=size).reshape(shape),
        arrivals,
        np.bincount(pair, records.reward, size).reshape(shape),
        np.bincount(records.state[records.starts], minlength=n_states),
    )


def plan_from_records(counts, supported=None, imaginary_deaths=0.0, tolerance=1e-8):
    """The best plan by the counts, among supported actions.

    Value iteration (chapter 51) in the process that the counts describe. Where no action is
    supported, usual care goes on, as it was recorded.

    Parameters
    ----------
    counts : RecordedCounts
    supported : array of bool, shape (states, actions), optional
        The actions to choose from; default: all that were taken at least once.
    imaginary_deaths : float
        Pessimism: so many patients are added to every state and action who got no reward. It
        weighs most where few real ones are.
    tolerance : float
        The largest change of a value at which iteration ends.

    Returns
    -------
    Plan

    Raises
    ------
    ValueError
        If ``imaginary_deaths`` is negative or an action is called supported that was never taken.

    Notes
    -----
    Taught in chapter 53. The imaginary deaths are a simple form of the halting state of Kidambi
    et al. 2020, https://arxiv.org/abs/2005.05951.
    """
    if imaginary_deaths < 0:
        raise ValueError(f"imaginary_deaths is {imaginary_deaths}: give 0 or more")
    if supported is None:
        supported = counts.taken > 0
    if np.any(supported & (counts.taken == 0)):
        raise ValueError(
            "an action is called supported that was never taken: use counts.supported(...)"
        )
    states, actions = counts.taken.shape
    patients = counts.taken + imaginary_deaths
    patients = np.where(patients == 0, 1, patients)
    covered = supported.any(axis=1)
    values = np.zeros(states)
    while True:
        returns = counts.rewards + (counts.arrivals @ values).reshape(states, actions)
        action_values = np.where(supported, returns / patients, -np.inf)
        usual = returns.sum(axis=1) / np.maximum(counts.taken.sum(axis=1), 1)
        updated = np.where(covered, action_values.max(axis=1, initial=-np.inf), usual)
        change = np.abs(updated - values).max()
        values = updated
        if change < tolerance:
            break
    advice = np.where(covered, action_values.argmax(axis=1), NO_ADVICE)
    return Plan(advice, values, float(counts.starts @ values / counts.starts.sum()))


def policy_of(advice, usual):
    """The policy of a ward that follows advice where there is some; chapter 53.

    Where there is none, its habit goes on.

    Parameters
    ----------
    advice : array of int, shape (states,)
        An action for each state, or ``NO_ADVICE``.
    usual : array, shape (states, actions)
        Usual care, as probabilities.

    Returns
    -------
    array, shape (states, actions)

    Examples
    --------
    >>> policy_of(np.array([1, NO_ADVICE]), np.array([[0.5, 0.5], [0.9, 0.1]]))
    array([[0. , 1. ],
           [0.9, 0.1]])
    """
    policy = np.array(usual, dtype=float)
    advised = np.flatnonzero(advice != NO_ADVICE)
    policy[advised] = 0
    policy[advised, advice[advised]] = 1
    return policy


def recorded_values(records, policy, multiplicity=None):
    """The values of a policy in the process that the records describe.

    Two states in a row are all that is used of a stay, so this is exact for many patients if the
    states hold all that matters (the Markov property), and wrong if they do not, however many
    patients there are.

    Parameters
    ----------
    records : Records
    policy : array, shape (states, actions)
        Probabilities. Where it takes an action that no patient got in that state, the records
        cannot tell; that share of it is valued as usual care in that state.
    multiplicity : array of int, shape (patients,), optional
        How often each patient counts, as in a bootstrap resample; default: once.

    Returns
    -------
    values : array, shape (states,)
        Of the policy; 0 in a state that no counted patient was in.
    action_values : array, shape (states, actions)
        Of each action now and the policy from then on; the state's value where never taken.

    Notes
    -----
    The fixed point of fitted Q evaluation with a table, solved as a linear system. Taught in
    chapter 53.
    """
    states, actions = policy.shape
    pair = records.state * actions + records.action
    weight = np.ones(len(pair)) if multiplicity is None else multiplicity[records.patient]
    taken = np.bincount(pair, weight, states * actions).reshape(policy.shape)
    usual = taken / np.maximum(taken.sum(axis=1, keepdims=True), 1)
    known = np.where(taken > 0, policy, 0)
    known = known + (1 - known.sum(axis=1, keepdims=True)) * usual
    share = weight * (known / np.maximum(taken, 1)).ravel()[pair]
    step = np.bincount(records.state * states + records.next_state, share, states**2)
    step = step.reshape(states, states)
    reward = np.bincount(records.state, share * records.reward, states)
    values = np.linalg.solve(np.eye(states) - _ALMOST_ONE * step, reward)
    returns = np.bincount(
        pair, weight * (records.reward + values[records.next_state]), states * actions
    ).reshape(policy.shape)
    action_values = np.where(taken > 0, returns / np.maximum(taken, 1), values[:, np.newaxis])
    return values, action_values


def split_patients(records, seed):
    """Two halves of the patients: to choose a plan on, and to judge it; chapter 53.

    Parameters
    ----------
    records : Records
    seed : int

    Returns
    -------
    first, second : Records
        Each patient is in one of them, with all that was recorded.
    """
    order = np.random.default_rng(seed).permutation(records.n_patients)
    half = len(order) // 2
    return records.take(order[:half]), records.take(order[half:])
