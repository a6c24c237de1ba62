"""Whether acting on a model does more good than treating everybody or nobody."""

from dataclasses import dataclass

import numpy as np

from .inputs import finite_vector, outcome_and_probability


@dataclass(frozen=True, eq=False)
class NetBenefit:
    """Decision curve: net benefit at each threshold probability.

    Parameters
    ----------
    thresholds : array, shape (k,)
        Threshold probabilities.
    model, treat_all, treat_none : array, shape (k,)
        Net benefit, in true positives per patient, of treating those whom the model puts at or
        above the threshold, everybody, and nobody (always 0).
    """

    thresholds: np.ndarray
    model: np.ndarray
    treat_all: np.ndarray
    treat_none: np.ndarray

    def __str__(self):
        rows = zip(self.thresholds, self.model, self.treat_all, self.treat_none, strict=True)
        return "\n".join(
            ["threshold   model  treat all  treat none"]
            + [f"{t:9.3f}  {m:6.3f}  {a:9.3f}  {n:10.3f}" for t, m, a, n in rows]
        )


def net_benefit(y_true, y_probability, thresholds):
    """Net benefit of a model: true positives less false positives weighted by the odds.

    With TP and FP the numbers of true and false positives at threshold probability t among n
    cases: net benefit = TP / n - FP / n * t / (1 - t).

    Parameters
    ----------
    y_true : array of 0 and 1, shape (n,)
        Data of one class are allowed.
    y_probability : array, shape (n,)
        Probabilities of disease in [0, 1].
    thresholds : float or array, shape (k,)
        Threshold probabilities, 0 <= t < 1: the probability of disease at which one is in two
        minds about treating. A case is treated where ``y_probability >= t``.

    Returns
    -------
    NetBenefit

    Raises
    ------
    ValueError
        On empty, differing or non-finite input, probabilities outside [0, 1], a threshold below
        0 or from 1 on (its odds are infinite).

    Notes
    -----
    The prevalence is that of the data: on data enriched with disease the curve is of no use.
    Taught in chapter 10. Source: Vickers and Elkin, Medical Decision Making 2006;26:565,
    doi 10.1177/0272989X06295361.

    Examples
    --------
    >>> print(net_benefit([1, 0, 0, 0], [0.9, 0.6, 0.2, 0.1], [0.1, 0.5]))
    threshold   model  treat all  treat none
        0.100   0.167      0.167       0.000
        0.500   0.000     -0.500       0.000
    """
    outcome, probability = outcome_and_probability(y_true, y_probability)
    thresholds = finite_vector(np.atleast_1d(thresholds), "thresholds")
    if thresholds.min() < 0 or thresholds.max() >= 1:
        raise ValueError(
            "thresholds must be at least 0 and below 1 (the odds of 1 are infinite): "
            "give for example numpy.arange(0.01, 0.51, 0.01)"
        )
    odds = thresholds / (1 - thresholds)
    true_positive = _treated(probability[outcome == 1], thresholds) / outcome.size
    false_positive = _treated(probability[outcome == 0], thresholds) / outcome.size
    prevalence = outcome.mean()
    return NetBenefit(
        thresholds=thresholds,
        model=true_positive - false_positive * odds,
        treat_all=prevalence - (1 - prevalence) * odds,
        treat_none=np.zeros_like(thresholds),
    )


def _treated(probability, thresholds):
    """Number of cases at or above each threshold, shape (k,)."""
    return probability.size - np.searchsorted(np.sort(probability), thresholds, side="left")
