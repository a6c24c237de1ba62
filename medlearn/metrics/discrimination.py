"""How well a score ranks the diseased above the others: ROC, precision-recall, cut-offs."""

from dataclasses import dataclass

import numpy as np

from .inputs import both_classes, fraction, outcome_and_score


@dataclass(frozen=True, eq=False)
class RocCurve:
    """Receiver operating characteristic: one point for each threshold, from (0, 0) to (1, 1).

    Parameters
    ----------
    false_positive_rate, sensitivity : array, shape (k,)
        Proportions at each threshold; the horizontal and the vertical axis.
    thresholds : array, shape (k,)
        Falling; a case is positive where its score >= threshold. The first is infinity: nobody
        is positive.
    area : float
        Area under the curve.
    """

    false_positive_rate: np.ndarray
    sensitivity: np.ndarray
    thresholds: np.ndarray
    area: float

    @property
    def specificity(self):
        """Specificity at each threshold, shape (k,)."""
        return 1 - self.false_positive_rate

    def __str__(self):
        return f"ROC curve at {self.thresholds.size} thresholds, area {self.area:.3f}"


def roc_curve(y_true, y_score):
    """Sensitivity against false positive rate at every threshold of the scores.

    Parameters
    ----------
    y_true : array of 0 and 1, shape (n,)
        Must hold both.
    y_score : array, shape (n,)
        Higher means more likely diseased; any scale.

    Returns
    -------
    RocCurve
        With every distinct score as a threshold (none is dropped).

    Raises
    ------
    ValueError
        On one class only, empty, differing or non-finite input.

    Notes
    -----
    Calls scikit-learn. Taught in chapter 10. Source: Hanley and McNeil, Radiology 1982;143:29,
    doi 10.1148/radiology.143.1.7063747.

    Examples
    --------
    >>> print(roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]))
    ROC curve at 5 thresholds, area 0.750
    """
    from sklearn.metrics import auc
    from sklearn.metrics import roc_curve as sklearn_roc_curve

    outcome, score = outcome_and_score(y_true, y_score)
    both_classes(outcome, "an ROC curve")
    false_positive_rate, sensitivity, thresholds = sklearn_roc_curve(
        outcome, score, pos_label=1, drop_intermediate=False
    )
    area = float(auc(false_positive_rate, sensitivity))
    return RocCurve(false_positive_rate, sensitivity, thresholds, area)


def roc_auc(y_true, y_score):
    """Area under the ROC curve: the chance that a diseased case scores above one without.

    Ties count one half. Parameters and errors are those of `roc_curve`.

    Returns
    -------
    float
        In [0, 1]; 0.5 for a score that tells nothing.

    Notes
    -----
    Calls scikit-learn. Taught in chapter 10. Source: Hanley and McNeil, Radiology 1982;143:29,
    doi 10.1148/radiology.143.1.7063747. For an interval see `delong_interval` and
    `bootstrap_interval`.

    Examples
    --------
    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    from sklearn.metrics import roc_auc_score

    outcome, score = outcome_and_score(y_true, y_score)
    both_classes(outcome, "the area under the ROC curve")
    return float(roc_auc_score(outcome, score))


@dataclass(frozen=True, eq=False)
class PrecisionRecallCurve:
    """Positive predictive value (precision) against sensitivity (recall).

    Parameters
    ----------
    precision, recall : array, shape (k + 1,)
        Proportions; the last pair is (1, 0), which no threshold gives.
    thresholds : array, shape (k,)
        Rising; a case is positive where its score >= threshold.
    average_precision : float
        See `average_precision`.
    prevalence : float
        Share of the diseased: the precision of a score that tells nothing.
    """

    precision: np.ndarray
    recall: np.ndarray
    thresholds: np.ndarray
    average_precision: float
    prevalence: float

    def __str__(self):
        return (
            f"precision-recall curve at {self.thresholds.size} thresholds, average precision "
            f"{self.average_precision:.3f} (prevalence {self.prevalence:.3f})"
        )


def precision_recall_curve(y_true, y_score):
    """Precision against recall at every threshold of the scores.

    Parameters, errors and the sense of ``y_score`` are those of `roc_curve`.

    Returns
    -------
    PrecisionRecallCurve

    Notes
    -----
    Calls scikit-learn. The curve moves with the prevalence, which the ROC curve does not.
    Taught in chapter 10. Source: Saito and Rehmsmeier, PLoS ONE 2015;10:e0118432,
    doi 10.1371/journal.pone.0118432.

    Examples
    --------
    >>> print(precision_recall_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]))
    precision-recall curve at 4 thresholds, average precision 0.833 (prevalence 0.500)
    """
    from sklearn.metrics import precision_recall_curve as sklearn_precision_recall_curve

    outcome, score = outcome_and_score(y_true, y_score)
    both_classes(outcome, "a precision-recall curve")
    precision, recall, thresholds = sklearn_precision_recall_curve(outcome, score, pos_label=1)
    return PrecisionRecallCurve(
        precision, recall, thresholds, average_precision(outcome, score), float(outcome.mean())
    )


def average_precision(y_true, y_score):
    """Area under the precision-recall curve as a sum of steps (no interpolation).

    The mean of the precision over the steps in recall: sum of (R_k - R_(k-1)) P_k. Parameters
    and errors are those of `roc_curve`.

    Returns
    -------
    float
        In [0, 1]; close to the prevalence for a score that tells nothing.

    Notes
    -----
    Calls scikit-learn. Taught in chapter 10.

    Examples
    --------
    >>> round(average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 3)
    0.833
    """
    from sklearn.metrics import average_precision_score

    outcome, score = outcome_and_score(y_true, y_score)
    both_classes(outcome, "average precision")
    return float(average_precision_score(outcome, score))


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold with the sensitivity and specificity that it gives."""

    threshold: float
    sensitivity: float
    specificity: float

    def __str__(self):
        return (
            f"sensitivity {self.sensitivity:.3f} at specificity {self.specificity:.3f} "
            f"(positive from {self.threshold:.4g})"
        )


def sensitivity_at_specificity(y_true, y_score, specificity):
    """The most sensitive threshold whose specificity is at least the stated one.

    Parameters
    ----------
    y_true, y_score : array, shape (n,)
        As for `roc_curve`.
    specificity : float
        The specificity to be kept, in [0, 1].

    Returns
    -------
    OperatingPoint
        With the specificity reached, which may be above the stated one. A case is positive where
        ``y_score >= threshold``; of thresholds with equal sensitivity the highest is taken.

    Raises
    ------
    ValueError
        On what `roc_curve` refuses; where the specificity lies outside [0, 1]; and where only
        calling nobody positive would reach it (the highest scores are of cases without the
        disease, and too many of them).

    Notes
    -----
    Choose the threshold on validation data and report it on test data: chosen and reported on
    the same cases it flatters. Taught in chapter 10.

    Examples
    --------
    >>> print(sensitivity_at_specificity([0, 0, 0, 1, 1], [0.1, 0.2, 0.7, 0.6, 0.9], 0.95))
    sensitivity 0.500 at specificity 1.000 (positive from 0.9)
    """
    wanted = fraction(specificity, "specificity")
    if wanted.ndim:
        raise ValueError("specificity must be one number: call once for each")
    curve = roc_curve(y_true, y_score)
    # Proportions of counts carry rounding errors: 1 - 0.1 must count as 0.9.
    enough = curve.specificity[1:] >= wanted - 1e-12
    if not enough.any():
        raise ValueError(
            f"no threshold among the scores reaches specificity {wanted:g} (the highest reached "
            f"is {curve.specificity[1]:.3f}): ask for less, or use more cases without the disease"
        )
    last = np.flatnonzero(enough)[-1]
    best = 1 + int(np.flatnonzero(curve.sensitivity[1:] == curve.sensitivity[1 + last])[0])
    return OperatingPoint(
        threshold=float(curve.thresholds[best]),
        sensitivity=float(curve.sensitivity[best]),
        specificity=float(curve.specificity[best]),
    )
