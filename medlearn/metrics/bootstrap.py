"""Bootstrap intervals: resample patients, with all that belongs to them."""

from operator import index

import numpy as np

from .inputs import (
    binary_vector,
    confidence_level,
    finite_vector,
    outcome_and_prediction,
    outcome_and_probability,
    outcome_and_score,
    same_length,
)
from .intervals import Interval

# Cells (resamples times rows) computed at once: some 8 MB an array.
_CELLS_AT_ONCE = 1_000_000


def bootstrap_interval(
    y_true, y_score, metric, patient=None, resamples=2000, confidence=0.95, seed=0
):
    """Percentile bootstrap interval of a metric, resampling patients.

    As many patients as there are get drawn with replacement, each with all his or her rows; the
    limits are the quantiles of the metric over the resamples. Draws are **not stratified** by
    outcome: the prevalence varies between resamples as it would between studies.

    Parameters
    ----------
    y_true : array, shape (n,)
        0 and 1. A callable metric may take any finite numbers (the outcome of a regression).
    y_score : array, shape (n,)
        Scores for "roc_auc" and "average_precision", probabilities for "brier", 0 and 1 for
        "sensitivity", "specificity", "accuracy", "ppv" and "npv". For a callable any array with
        n rows.
    metric : str or callable
        One of the names above, computed for many resamples at once; or a function
        ``metric(y_true, y_score) -> float``, called once for each resample, which is slower
        (2,000 calls).
    patient : array, shape (n,), optional
        Who each row belongs to: numbers or strings. None: each row is a patient of its own. Rows
        of one patient are alike; resampled row by row the interval comes out too narrow.
    resamples : int
    confidence : float
    seed : int or numpy.random.Generator
        The same seed draws the same patients, whatever the metric (but for those redrawn).

    Returns
    -------
    Interval
        A resample in which the metric is undefined (NaN: an AUC or a sensitivity without
        diseased cases, a PPV without positives) is drawn again, and counted in
        ``Interval.redrawn``. For a callable so is a resample that holds one class only, where
        the data hold 0 and 1. Many of them mean that the data are too few for an interval.

    Raises
    ------
    ValueError
        On an unknown name, input that the metric refuses, fewer than two patients, a metric that
        is undefined on the data themselves or in nine resamples of ten.

    Notes
    -----
    Memory stays below 300 MB for up to 1,000,000 rows. In simulations with 80 to 400 patients the
    95 % interval covered the true AUC in 93 to 95 % of data sets. A metric that is perfect in the
    data (an AUC of 1) is so in every resample: an interval without width then says nothing; for a
    proportion use `wilson_interval`. Taught in chapter 10. Sources: Efron and Tibshirani,
    Statistical Science 1986;1:54, doi 10.1214/ss/1177013815; whole clusters: Field and Welsh, JRSS
    B 2007;69:369, doi 10.1111/j.1467-9868.2007.00593.x.

    Examples
    --------
    >>> y_true, y_score = [0, 0, 1, 0, 1, 1] * 20, [0.1, 0.2, 0.3, 0.4, 0.8, 0.9] * 20
    >>> print(bootstrap_interval(y_true, y_score, "roc_auc"))
    0.89 (95 % CI 0.83 to 0.94)
    """
    confidence = confidence_level(confidence)
    resamples = index(resamples)
    if resamples < 1:
        raise ValueError(f"resamples must be at least 1, got {resamples}: 2000 is usual")
    member, patients = _members(patient, y_true)
    statistic = _statistic(y_true, y_score, metric, member, patients)
    estimate = float(statistic(np.ones((1, patients), dtype=np.int64))[0])
    if np.isnan(estimate):
        raise ValueError(
            f"{metric} is undefined on these data (one class only, or no such prediction): "
            "evaluate on data where it can be computed"
        )
    rows_at_once = max(1, _CELLS_AT_ONCE // member.size)
    values, redrawn = _resampled(
        statistic, patients, resamples, rows_at_once, np.random.default_rng(seed)
    )
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(estimate, float(low), float(high), confidence, redrawn)


def _members(patient, y_true):
    """Number the patients from 0: each row's number, shape (n,), and how many there are."""
    if patient is None:
        member, patients = np.arange(len(y_true)), len(y_true)
    else:
        identifiers = np.asarray(patient)
        if identifiers.ndim != 1:
            raise ValueError(f"patient has shape {identifiers.shape}: pass a vector (n,)")
        same_length(y_true, identifiers, ("y_true", "patient"))
        if any(one is None or one != one for one in identifiers.tolist()):
            raise ValueError("patient holds missing values: give every row its patient")
        names, member = np.unique(identifiers, return_inverse=True)
        patients = names.size
    if patients == 1:
        raise ValueError(
            "a bootstrap needs at least two patients: with one every resample is the same"
        )
    return member, patients


def _resampled(statistic, patients, resamples, rows_at_once, rng):
    """Values of the statistic in resamples where it is defined, and how many were not."""
    values, drawn = np.empty(0), 0
    while values.size < resamples:
        if drawn > 10 * resamples:
            raise ValueError(
                "the metric is undefined in nine resamples of ten: too few patients for a "
                "bootstrap interval"
            )
        size = min(rows_at_once, resamples - values.size)
        fresh = statistic(_draw(patients, size, rng))
        values = np.concatenate([values, fresh[~np.isnan(fresh)]])
        drawn += size
    return values, drawn - resamples


def _draw(patients, size, rng):
    """How often each patient is drawn in each resample, shape (size, patients)."""
    drawn = rng.integers(patients, size=(size, patients))
    drawn += patients * np.arange(size)[:, None]
    return np.bincount(drawn.ravel(), minlength=size * patients).reshape(size, patients)


def _statistic(y_true, y_score, metric, member, patients):
    """A function from draws (size, patients) to values of the metric (size,)."""
    if callable(metric):
        return _called(y_true, y_score, metric, member)
    if metric == "roc_auc":
        return _weighted_roc_auc(*outcome_and_score(y_true, y_score), member)
    if metric == "average_precision":
        return _weighted_average_precision(*outcome_and_score(y_true, y_score), member)
    if metric == "brier":
        outcome, probability = outcome_and_probability(y_true, y_score)
        return _share((probability - outcome) ** 2, np.ones(outcome.size), member, patients)
    if metric not in _COUNTED:
        names = ", ".join(sorted(["roc_auc", "average_precision", "brier", *_COUNTED]))
        raise ValueError(
            f"unknown metric {metric!r}: give one of {names}, or a function (y_true, y_score)"
        )
    outcome, predicted = outcome_and_prediction(y_true, y_score)
    return _share(*_COUNTED[metric](outcome, predicted), member, patients)


# Which rows count as hits, and which are counted at all.
_COUNTED = {
    "sensitivity": lambda outcome, predicted: (outcome * predicted, outcome),
    "specificity": lambda outcome, predicted: ((1 - outcome) * (1 - predicted), 1 - outcome),
    "accuracy": lambda outcome, predicted: (outcome == predicted, np.ones(outcome.size)),
    "ppv": lambda outcome, predicted: (outcome * predicted, predicted),
    "npv": lambda outcome, predicted: ((1 - outcome) * (1 - predicted), 1 - predicted),
}


def _share(hits, counted, member, patients):
    """Sum of hits / sum of counted rows: sums by patient, then one matrix product."""
    sums = np.stack(
        [np.bincount(member, weights=rows, minlength=patients) for rows in (hits, counted)], axis=1
    )

    def values(draws):
        above, below = (draws @ sums).T
        return np.divide(above, below, out=np.full(above.size, np.nan), where=below > 0)

    return values


def _weighted_roc_auc(outcome, score, member):
    """Wins of diseased over other rows, from cumulative weights of the others by score."""
    others = np.flatnonzero(outcome == 0)
    others = others[np.argsort(score[others], kind="stable")]
    diseased = np.flatnonzero(outcome == 1)
    diseased = diseased[np.argsort(score[diseased], kind="stable")]
    below = np.searchsorted(score[others], score[diseased], side="left")
    not_above = np.searchsorted(score[others], score[diseased], side="right")
    tied = not_above > below

    def values(draws):
        weight = draws[:, member[diseased]]
        cumulative = np.zeros((len(draws), others.size + 1), dtype=np.int64)
        np.cumsum(draws[:, member[others]], axis=1, out=cumulative[:, 1:])
        wins = np.einsum("ij,ij->i", weight, cumulative[:, below], dtype=np.float64)
        if tied.any():
            ties = cumulative[:, not_above[tied]] - cumulative[:, below[tied]]
            wins += 0.5 * np.einsum("ij,ij->i", weight[:, tied], ties)
        pairs = weight.sum(axis=1) * cumulative[:, -1]
        return np.divide(wins, pairs, out=np.full(wins.size, np.nan), where=pairs > 0)

    return values


def _weighted_average_precision(outcome, score, member):
    """Steps in recall times precision, from cumulative weights by falling score."""
    order = np.argsort(-score, kind="stable")
    ordered_outcome, ordered_member = outcome[order], member[order]
    last_of_tie = np.append(np.flatnonzero(np.diff(score[order])), outcome.size - 1)

    def values(draws):
        weight = draws[:, ordered_member]
        predicted = np.cumsum(weight, axis=1)[:, last_of_tie]
        hits = np.cumsum(weight * ordered_outcome, axis=1)[:, last_of_tie]
        precision = np.divide(hits, predicted, out=np.zeros(hits.shape), where=predicted > 0)
        steps = np.diff(hits, axis=1, prepend=0)
        diseased = hits[:, -1]
        # Without cases of one class the curve is refused, as `average_precision` does.
        defined = (diseased > 0) & (diseased < predicted[:, -1])
        area = np.einsum("ij,ij->i", steps, precision)
        return np.divide(area, diseased, out=np.full(area.size, np.nan), where=defined)

    return values


def _called(y_true, y_score, metric, member):
    """Call the metric on the rows of each resample."""
    outcome, score = finite_vector(y_true, "y_true"), np.asarray(y_score)
    same_length(outcome, score, ("y_true", "y_score"))
    classes = np.unique(outcome)
    if classes.size == 2 and set(classes) == {0, 1}:
        outcome = binary_vector(outcome, "y_true")
    two_classes = outcome.dtype == np.int64

    def value(draw):
        rows = np.repeat(np.arange(outcome.size), draw[member])
        if two_classes and np.ptp(outcome[rows]) == 0:
            return np.nan
        return float(metric(outcome[rows], score[rows]))

    return lambda draws: np.array([value(draw) for draw in draws])
