"""The two-by-two table of a test against the truth, and what follows from it."""

from dataclasses import dataclass
from operator import index

import numpy as np

from .inputs import fraction, outcome_and_prediction


def _ratio(numerator, denominator):
    """Divide; NaN for 0/0 and infinity for x/0, without a warning."""
    if denominator:
        return numerator / denominator
    return float("inf") if numerator > 0 else float("nan")


@dataclass(frozen=True)
class ConfusionTable:
    """Counts of true and false, positive and negative predictions.

    Every proportion lies in [0, 1]; one with nothing to count (the positive predictive value
    where nobody tested positive) is NaN. Taught in chapter 10.

    Parameters
    ----------
    tp, fp, fn, tn : int
        Counts of cases: true positives, false positives, false negatives, true negatives.

    References
    ----------
    Altman and Bland, BMJ 1994;308:1552 (sensitivity and specificity),
    doi 10.1136/bmj.308.6943.1552, and BMJ 1994;309:102 (predictive values),
    doi 10.1136/bmj.309.6947.102.

    Examples
    --------
    >>> table = ConfusionTable(tp=231, fp=32, fn=27, tn=54)
    >>> print(table)
                        disease  no disease
    predicted positive      231          32
    predicted negative       27          54
    >>> round(table.ppv, 2)
    0.88
    """

    tp: int
    fp: int
    fn: int
    tn: int

    def __post_init__(self):
        for name in ("tp", "fp", "fn", "tn"):
            try:
                count = index(getattr(self, name))
            except TypeError as error:
                raise TypeError(f"{name} must be a whole number of cases") from error
            if count < 0:
                raise ValueError(f"{name} must not be negative, got {count}: give a count of cases")
            object.__setattr__(self, name, count)
        if self.n == 0:
            raise ValueError("a confusion table needs at least one case")

    @property
    def n(self):
        """Number of cases."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def sensitivity(self):
        """Share of the diseased that are predicted positive (also: recall)."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def specificity(self):
        """Share of those without the disease that are predicted negative."""
        return _ratio(self.tn, self.tn + self.fp)

    @property
    def accuracy(self):
        """Share of all cases that are predicted right."""
        return (self.tp + self.tn) / self.n

    @property
    def prevalence(self):
        """Share of the diseased among these cases (not in the population)."""
        return (self.tp + self.fn) / self.n

    @property
    def ppv(self):
        """Positive predictive value among these cases, at their prevalence (also: precision)."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def npv(self):
        """Negative predictive value among these cases, at their prevalence."""
        return _ratio(self.tn, self.tn + self.fn)

    @property
    def balanced_accuracy(self):
        """Mean of sensitivity and specificity; 0.5 for a prediction that ignores the case."""
        return (self.sensitivity + self.specificity) / 2

    @property
    def f1(self):
        """Harmonic mean of positive predictive value and sensitivity; NaN if only ``tn`` > 0."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def positive_likelihood_ratio(self):
        """Sensitivity / (1 - specificity): what a positive result multiplies the odds by."""
        return _ratio(self.sensitivity, _ratio(self.fp, self.tn + self.fp))

    @property
    def negative_likelihood_ratio(self):
        """(1 - sensitivity) / specificity: what a negative result multiplies the odds by."""
        return _ratio(_ratio(self.fn, self.tp + self.fn), self.specificity)

    def __str__(self):
        width = max(len("disease"), *(len(str(count)) for count in (self.tp, self.fn)))
        other = max(len("no disease"), *(len(str(count)) for count in (self.fp, self.tn)))
        return "\n".join(
            f"{label:18s}  {left!s:>{width}}  {right!s:>{other}}"
            for label, left, right in (
                ("", "disease", "no disease"),
                ("predicted positive", self.tp, self.fp),
                ("predicted negative", self.fn, self.tn),
            )
        )


def confusion_table(y_true, y_predicted):
    """Count the predictions by truth.

    Parameters
    ----------
    y_true : array of 0 and 1, shape (n,)
        1 is the disease. Data of one class are allowed: what cannot be known is then NaN.
    y_predicted : array of 0 and 1, shape (n,)
        1 is a positive prediction. From scores: ``y_score >= threshold``.

    Returns
    -------
    ConfusionTable

    Raises
    ------
    ValueError
        Where the arrays are empty, differ in length or hold anything but 0 and 1.

    Notes
    -----
    Taught in chapter 10.

    Examples
    --------
    >>> confusion_table([1, 1, 0, 0, 0], [1, 0, 0, 0, 1])
    ConfusionTable(tp=1, fp=1, fn=1, tn=2)
    """
    from sklearn.metrics import confusion_matrix

    outcome, predicted = outcome_and_prediction(y_true, y_predicted)
    (tn, fp), (fn, tp) = confusion_matrix(outcome, predicted, labels=[0, 1])
    return ConfusionTable(tp=int(tp), fp=int(fp), fn=int(fn), tn=int(tn))


@dataclass(frozen=True, eq=False)
class PredictiveValues:
    """Positive and negative predictive value: each a float, or an array as broadcast."""

    ppv: float | np.ndarray
    npv: float | np.ndarray

    def __str__(self):
        ppv, npv = (np.array2string(np.asarray(v), precision=3) for v in (self.ppv, self.npv))
        return f"PPV {ppv}, NPV {npv}"


def predictive_values(sensitivity, specificity, prevalence):
    """Predictive values of a test where the disease has the stated prevalence (Bayes' theorem).

    Parameters
    ----------
    sensitivity, specificity, prevalence : float or array
        Proportions in [0, 1]; arrays are broadcast together.

    Returns
    -------
    PredictiveValues
        Floats where all three are numbers, else arrays. At prevalence 0 the PPV is 0 and at
        prevalence 1 the NPV is 0; a value is NaN where no result of that kind can occur (PPV at
        prevalence 0 of a test with specificity 1).

    Raises
    ------
    ValueError
        Where a proportion lies outside [0, 1] or is NaN.

    Notes
    -----
    Taught in chapter 10. Source: Altman and Bland, BMJ 1994;309:102,
    doi 10.1136/bmj.309.6947.102.

    Examples
    --------
    >>> print(predictive_values(sensitivity=0.9, specificity=0.9, prevalence=0.02))
    PPV 0.155, NPV 0.998
    """
    sensitivity = fraction(sensitivity, "sensitivity")
    specificity = fraction(specificity, "specificity")
    prevalence = fraction(prevalence, "prevalence")
    true_positive = sensitivity * prevalence
    false_positive = (1 - specificity) * (1 - prevalence)
    true_negative = specificity * (1 - prevalence)
    false_negative = (1 - sensitivity) * prevalence
    with np.errstate(invalid="ignore"):
        ppv = np.divide(true_positive, true_positive + false_positive)
        npv = np.divide(true_negative, true_negative + false_negative)
    if ppv.ndim == 0:
        return PredictiveValues(float(ppv), float(npv))
    return PredictiveValues(ppv, npv)
