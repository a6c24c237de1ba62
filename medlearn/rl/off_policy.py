"""Off-policy evaluation: what a policy would be worth, from records of another one.

Returns are the undiscounted sums of rewards. Every estimate comes with a bootstrap interval over
patients and the effective sample size of its weights. Taught in chapter 53. NumPy and SciPy alone.
"""

from dataclasses import dataclass

import numpy as np

from .learning_from_records import recorded_values

__all__ = [
    "Estimate",
    "doubly_robust",
    "effective_sample_size",
    "fitted_q_evaluation",
    "importance_sampling",
    "importance_weights",
    "per_decision_weighted_importance_sampling",
    "weighted_importance_sampling",
]

_RESAMPLES_AT_ONCE = 50  # of a bootstrap: some 8 MB for 20,000 patients


@dataclass(frozen=True)
class Estimate:
    """An estimate of a policy's expected return; chapter 53.

    Attributes
    ----------
    method : str
    value : float
    low, high : float
        Percentile bootstrap interval over patients.
    effective_sample_size : float
        Patients who followed the policy themselves would be worth so many; see
        :func:`effective_sample_size`.
    patients : int
        On record.
    """

    method: str
    value: float
    low: float
    high: float
    effective_sample_size: float
    patients: int

    def __str__(self):
        return (
            f"{self.method}: {self.value:.3f} ({self.low:.3f} to {self.high:.3f}), effective "
            f"sample size {self.effective_sample_size:.0f} of {self.patients}"
        )


def importance_weights(records, policy):
    """How much more likely each stay would be under another policy; chapter 53.

    Parameters
    ----------
    records : Records
        With the behaviour's probability of each recorded action.
    policy : array, shape (states, actions)
        Probabilities, of the policy to be evaluated.

    Returns
    -------
    array, shape (patients, steps)
        The product of the ratios up to each step; after the end of a stay its last value.

    Raises
    ------
    ValueError
        If a recorded action has no positive probability under the behaviour, or the policy is not
        one of probabilities for every recorded state and action.
    """
    policy = _checked(policy, records)
    if not np.all(records.behaviour_probability > 0):
        raise ValueError(
            "a recorded action has probability 0 under the behaviour, which therefore did not "
            "make these records: check the behaviour's probabilities"
        )
    ratio = policy[records.state, records.action] / records.behaviour_probability
    return np.cumprod(records.by_step(ratio, fill=1.0), axis=1)


def effective_sample_size(weights):
    """Kish's effective sample size of weights; chapter 53.

    Equal weights give the number of patients, one heavy one among zeros gives 1.

    Parameters
    ----------
    weights : array, shape (patients,)

    Returns
    -------
    float
        (sum of weights)^2 / sum of squared weights; 0 where all weights are 0.

    Examples
    --------
    >>> effective_sample_size([1, 1, 1, 1]), effective_sample_size([5, 0, 0, 0])
    (4.0, 1.0)
    """
    weights = np.asarray(weights, dtype=float)
    squares = np.sum(weights**2)
    return float(np.sum(weights) ** 2 / squares) if squares > 0 else 0.0


def importance_sampling(records, policy, resamples=200, confidence=0.95, seed=0):
    """Ordinary importance sampling (IS): the mean of weight times return.

    Unbiased, with a variance that grows with the length of the stay.

    Parameters
    ----------
    records : Records
    policy : array, shape (states, actions)
    resamples : int
        Of the bootstrap.
    confidence : float
    seed : int

    Returns
    -------
    Estimate

    Notes
    -----
    Precup, Sutton and Singh 2000; taught in chapter 53.
    """
    weights = importance_weights(records, policy)[:, -1]
    weighted = weights * records.returns()

    def mean(multiplicity):
        return multiplicity @ weighted / records.n_patients

    return _estimate("IS", mean, weights, resamples, confidence, seed)


def weighted_importance_sampling(records, policy, resamples=200, confidence=0.95, seed=0):
    """Weighted importance sampling (WIS): the sum of weight times return by the sum of weights.

    Taught in chapter 53. Biased for few patients, towards the behaviour's value; consistent; far
    less variance than IS.

    Parameters, returns and source as for :func:`importance_sampling`.
    """
    weights = importance_weights(records, policy)[:, -1]
    weighted = weights * records.returns()

    def ratio(multiplicity):
        return _quotient(multiplicity @ weighted, multiplicity @ weights)

    return _estimate("WIS", ratio, weights, resamples, confidence, seed)


def per_decision_weighted_importance_sampling(
    records, policy, resamples=200, confidence=0.95, seed=0
):
    """Per-decision WIS: each reward is weighted by the decisions before it alone.

    Taught in chapter 53. The sum over the steps of sum(weight so far times reward) by sum(weight
    so far), where those whose stay has ended keep their last weight and get no more reward.

    Parameters, returns and source as for :func:`importance_sampling`.
    """
    weights = importance_weights(records, policy)
    weighted = weights * records.by_step(records.reward)

    def sum_of_ratios(multiplicity):
        return _quotient(multiplicity @ weighted, multiplicity @ weights).sum(axis=-1)

    return _estimate("PDWIS", sum_of_ratios, weights[:, -1], resamples, confidence, seed)


def doubly_robust(records, policy, action_values, resamples=200, confidence=0.95, seed=0):
    """Doubly robust estimate (DR): a model's value, corrected by weighted surprises.

    For each patient the value of the first state, plus at each step the weight so far times what
    came more than expected: reward + value of the next state - value of the action. Unbiased
    where the behaviour's probabilities are right, whatever the model; of small variance where the
    model is right.

    Parameters
    ----------
    records : Records
    policy : array, shape (states, actions)
    action_values : array, shape (states, actions)
        By a model made from *other* patients, such as that of :func:`recorded_values` on another
        half. A state's value is their mean under the policy.
    resamples, confidence, seed
        As for :func:`importance_sampling`.

    Returns
    -------
    Estimate

    Notes
    -----
    Jiang and Li 2016, https://arxiv.org/abs/1511.03722; taught in chapter 53.
    """
    weights = importance_weights(records, policy)
    values = (policy * action_values).sum(axis=1)
    surprise = (
        records.reward
        + values[records.next_state]
        - action_values[records.state, records.action]
    )
    terms = np.bincount(
        records.patient, weights[records.patient, records.step] * surprise, records.n_patients
    )
    terms += values[records.state[records.starts]]

    def mean(multiplicity):
        return multiplicity @ terms / records.n_patients

    return _estimate("DR", mean, weights[:, -1], resamples, confidence, seed)


def fitted_q_evaluation(records, policy, resamples=100, confidence=0.95, seed=0):
    """Fitted Q evaluation (FQE) with a table: the policy's value by the recorded transitions.

    Uses no weights, and trusts that the state holds all that matters; see
    :func:`medlearn.rl.recorded_values`. Its effective sample size is that of the weights that it
    does without, to show what it leaves to that trust.

    Parameters, returns as for :func:`importance_sampling`; about 20 ms a resample.

    Notes
    -----
    Le, Voloshin and Yue 2019, https://arxiv.org/abs/1903.08738; taught in chapter 53.
    """
    first = records.state[records.starts]

    def value(multiplicity):
        rows = np.atleast_2d(multiplicity)
        means = [row @ recorded_values(records, policy, row)[0][first] / row.sum() for row in rows]
        return np.array(means).reshape(np.shape(multiplicity)[:-1])

    weights = importance_weights(records, policy)[:, -1]
    return _estimate("FQE", value, weights, resamples, confidence, seed)


def _checked(policy, records):
    """The policy as an array, if it says what to do in every recorded state."""
    policy = np.asarray(policy, dtype=float)
    least = int(records.state.max()) + 1, int(records.action.max()) + 1
    if policy.ndim != 2 or policy.shape[0] < least[0] or policy.shape[1] < least[1]:
        raise ValueError(
            f"the policy has shape {policy.shape}: the records need one of (states, actions) with "
            f"at least {least[0]} states and {least[1]} actions"
        )
    rows = policy[np.unique(records.state)]
    if not (np.all(rows >= 0) and np.allclose(rows.sum(axis=1), 1)):
        raise ValueError(
            "the policy does not hold probabilities: in every recorded state those of the actions "
            "must be 0 or more and sum to 1"
        )
    return policy


def _quotient(weighted, weights):
    """Weighted sum by sum of weights; 0 where nobody has weight."""
    return np.where(weights > 0, weighted / np.where(weights > 0, weights, 1), 0.0)


def _estimate(method, statistic, weights, resamples, confidence, seed):
    """The statistic of all patients, its percentile bootstrap interval and its sample size."""
    if resamples < 10 or not 0.5 <= confidence < 1:
        raise ValueError(
            f"resamples is {resamples} and confidence {confidence}: a bootstrap needs at least 10 "
            "resamples and a confidence such as 0.95"
        )
    patients = len(weights)
    rng = np.random.default_rng(seed)
    drawn = []
    while sum(map(len, drawn)) < resamples:
        rows = min(_RESAMPLES_AT_ONCE, resamples - sum(map(len, drawn)))
        drawn.append(statistic(rng.multinomial(patients, np.full(patients, 1 / patients), rows)))
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(drawn), [tail, 1 - tail])
    value = float(statistic(np.ones(patients, dtype=int)))
    size = effective_sample_size(weights)
    return Estimate(method, value, float(low), float(high), size, patients)
