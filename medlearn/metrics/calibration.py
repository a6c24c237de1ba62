"""Whether probabilities can be taken at their word: 20 % means 20 of 100."""

from dataclasses import dataclass
from operator import index

import numpy as np

from .inputs import both_classes, outcome_and_probability
from .intervals import wilson_limits


def brier_score(y_true, y_probability):
    """Mean squared distance of the probabilities from what happened.

    Parameters
    ----------
    y_true : array of 0 and 1, shape (n,)
        Data of one class are allowed.
    y_probability : array, shape (n,)
        Probabilities of disease in [0, 1].

    Returns
    -------
    float
        In [0, 1]; 0 is perfect. Giving everybody the prevalence p scores p (1 - p).

    Raises
    ------
    ValueError
        On empty, differing or non-finite input, and probabilities outside [0, 1].

    Notes
    -----
    Calls scikit-learn. Taught in chapter 10. Source: Brier, Monthly Weather Review 1950;78:1,
    doi 10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Examples
    --------
    >>> round(brier_score([1, 0, 0], [0.9, 0.2, 0.1]), 3)
    0.02
    """
    from sklearn.metrics import brier_score_loss

    outcome, probability = outcome_and_probability(y_true, y_probability)
    return float(brier_score_loss(outcome, probability, pos_label=1))


@dataclass(frozen=True, eq=False)
class CalibrationCurve:
    """Observed against predicted frequency of disease in bins of predicted probability.

    Parameters
    ----------
    predicted : array, shape (k,)
        Mean predicted probability of each bin, rising.
    observed : array, shape (k,)
        Share of the diseased in each bin.
    count : array of int, shape (k,)
        Cases in each bin.
    low, high : array, shape (k,)
        95 % Wilson interval of ``observed`` (cases taken as independent).
    """

    predicted: np.ndarray
    observed: np.ndarray
    count: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def __str__(self):
        rows = zip(self.predicted, self.observed, self.low, self.high, self.count, strict=True)
        return "\n".join(
            ["predicted  observed  (95 % CI)        cases"]
            + [f"{p:9.3f}  {o:8.3f}  ({a:.3f} to {b:.3f})  {n:5d}" for p, o, a, b, n in rows]
        )


def calibration_curve(y_true, y_probability, bins=10):
    """Observed frequency of disease in bins that hold equal numbers of cases.

    Parameters
    ----------
    y_true : array of 0 and 1, shape (n,)
        Data of one class are allowed.
    y_probability : array, shape (n,)
        Probabilities of disease in [0, 1].
    bins : int
        Number of quantile bins, at least 1 (tenths by default). Where probabilities are tied
        there may come out fewer: equal probabilities always share a bin.

    Returns
    -------
    CalibrationCurve

    Raises
    ------
    ValueError
        On empty, differing or non-finite input, probabilities outside [0, 1], bins < 1 or above
        the number of cases.

    Notes
    -----
    Same bins as scikit-learn's ``calibration_curve(strategy="quantile")``, which gives no counts.
    Taught in chapter 10. Source: Van Calster et al., BMC Medicine 2019;17:230,
    doi 10.1186/s12916-019-1466-7.

    Examples
    --------
    >>> print(calibration_curve([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.7, 0.8], bins=2))
    predicted  observed  (95 % CI)        cases
        0.200     0.333  (0.061 to 0.792)      3
        0.700     0.667  (0.208 to 0.939)      3
    """
    outcome, probability = outcome_and_probability(y_true, y_probability)
    bins = index(bins)
    if not 1 <= bins <= outcome.size:
        raise ValueError(
            f"bins must lie between 1 and the number of cases ({outcome.size}), got {bins}"
        )
    edges = np.percentile(probability, 100 * np.linspace(0, 1, bins + 1))
    membership = np.searchsorted(edges[1:-1], probability)
    count = np.bincount(membership, minlength=bins)
    filled = count > 0
    count = count[filled]
    diseased = np.bincount(membership, weights=outcome, minlength=bins)[filled]
    predicted = np.bincount(membership, weights=probability, minlength=bins)[filled] / count
    low, high = wilson_limits(diseased, count, 0.95)
    return CalibrationCurve(predicted, diseased / count, count, low, high)


@dataclass(frozen=True)
class CalibrationLine:
    """Calibration slope (ideal 1) and calibration-in-the-large (intercept, ideal 0)."""

    slope: float
    intercept: float

    def __str__(self):
        return (
            f"calibration slope {self.slope:.2f} (ideal 1), "
            f"intercept {self.intercept:.2f} (ideal 0)"
        )


def calibration_slope_intercept(y_true, y_probability):
    """Slope and intercept of logistic recalibration, each from a model of its own.

    With L = logit(y_probability), fitted by maximum likelihood:

    - slope b, from logit P(y = 1) = a + b L. Below 1: predictions too extreme (overfitting).
    - intercept c, from logit P(y = 1) = c + L, **the slope fixed at 1**: calibration-in-the-large.
      Below 0: risks predicted too high on average. It is not the a of the first model.

    Parameters
    ----------
    y_true : array of 0 and 1, shape (n,)
        Must hold both.
    y_probability : array, shape (n,)
        Probabilities of disease strictly inside (0, 1).

    Returns
    -------
    CalibrationLine

    Raises
    ------
    ValueError
        On one class only, empty, differing or non-finite input; probabilities of exactly 0 or 1
        (their logit is infinite); probabilities that are all equal, or that separate the
        classes without overlap (no finite slope fits best).

    Notes
    -----
    Taught in chapter 10. Sources: Cox, Biometrika 1958;45:562, doi 10.1093/biomet/45.3-4.562;
    Steyerberg et al., Epidemiology 2010;21:128, doi 10.1097/EDE.0b013e3181c30fb2; Van Calster et
    al., BMC Medicine 2019;17:230, doi 10.1186/s12916-019-1466-7.

    Examples
    --------
    >>> print(calibration_slope_intercept([0, 0, 1, 0, 1, 1], [0.1, 0.3, 0.2, 0.6, 0.7, 0.8]))
    calibration slope 0.81 (ideal 1), intercept 0.28 (ideal 0)
    """
    from scipy.special import logit

    outcome, probability = outcome_and_probability(y_true, y_probability)
    both_classes(outcome, "the calibration slope")
    if probability.min() == 0 or probability.max() == 1:
        raise ValueError(
            "y_probability holds exactly 0 or 1, whose logit is infinite: clip first, for example "
            "numpy.clip(y_probability, 1e-6, 1 - 1e-6), and say so"
        )
    log_odds = logit(probability)
    _refuse_separation(log_odds[outcome == 1], log_odds[outcome == 0])
    slope = _slope(outcome, log_odds)
    return CalibrationLine(slope, _intercept(outcome, log_odds))


def _refuse_separation(diseased, others):
    """Refuse log odds to which no finite slope fits best."""
    everything = np.concatenate([diseased, others])
    if everything.min() == everything.max():
        raise ValueError(
            "all probabilities are equal, so there is no slope: evaluate a model that tells "
            "cases apart"
        )
    if diseased.min() >= others.max() or diseased.max() <= others.min():
        raise ValueError(
            "the probabilities separate the classes without overlap, so no finite slope fits "
            "best: evaluate on more cases"
        )


def _slope(outcome, log_odds):
    """Maximum likelihood slope of the outcome on standardised log odds, scaled back."""
    from sklearn.linear_model import LogisticRegression

    scale = log_odds.std()
    standardised = ((log_odds - log_odds.mean()) / scale)[:, None]
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    return float(model.fit(standardised, outcome).coef_[0, 0] / scale)


def _intercept(outcome, log_odds):
    """The shift of the log odds that makes the mean predicted risk the observed frequency."""
    from scipy.optimize import brentq
    from scipy.special import expit, logit

    # The shift that moves every case above (below) the frequency brackets the root.
    target = logit(outcome.mean())
    low, high = target - log_odds.max() - 1, target - log_odds.min() + 1
    return float(brentq(lambda c: expit(log_odds + c).mean() - outcome.mean(), low, high))
