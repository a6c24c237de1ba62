"""Temperature scaling: one number that makes a network's confidence honest."""

import numpy as np


def fit_temperature(y_true, logit):
    """The temperature at which the logits, divided by it, fit the outcomes best.

    Minimises the binary cross-entropy of sigmoid(logit / T). Above 1 the network was too sure of
    itself, below 1 not sure enough. The ranking, and so the AUC, stays as it is.

    Parameters
    ----------
    y_true : array of 0 and 1, shape (n,)
        Of the **validation** part: fitted on the test part it would flatter.
    logit : array, shape (n,)

    Returns
    -------
    float
        Between 0.01 and 100.

    Raises
    ------
    ValueError
        If the arrays differ in length or hold anything else; if one class only is there; if no
        finite temperature is best: every logit on the right side of 0, or on average none.

    Notes
    -----
    Taught in chapter 21. Source: Guo, Pleiss, Sun and Weinberger, ICML 2017, PMLR 70:1321,
    arXiv:1706.04599.

    Examples
    --------
    >>> round(fit_temperature([0, 1, 0, 1], [-1.0, 2.0, 1.0, -0.5]), 2)
    1.96
    """
    y, z = np.asarray(y_true, dtype=float), np.asarray(logit, dtype=float)
    if y.ndim != 1 or y.shape != z.shape:
        raise ValueError(f"y_true {y.shape} and logit {z.shape} must be vectors of one length")
    if not np.isin(y, (0, 1)).all() or not np.isfinite(z).all():
        raise ValueError("y_true must hold 0 and 1, and logit finite numbers")
    if y.min() == y.max():
        raise ValueError("one class only: fit the temperature where both occur")
    toward_truth = (2 * y - 1) * z
    if toward_truth.min() >= 0 or toward_truth.sum() <= 0:
        raise ValueError(
            "no finite temperature fits best: all cases are right, or the logits do not point the "
            "right way on average; use more validation cases, or a better network"
        )
    from scipy.optimize import minimize_scalar

    def cross_entropy(log_temperature):
        scaled = z / np.exp(log_temperature)
        return np.mean(np.logaddexp(0, scaled) - y * scaled)

    limit = np.log(100)
    return float(np.exp(minimize_scalar(cross_entropy, bounds=(-limit, limit)).x))
