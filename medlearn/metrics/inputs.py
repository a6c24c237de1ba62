"""Checks of what a metric is given: each returns a clean array or says what to do."""

import numpy as np


def finite_vector(values, name):
    """Return ``values`` as a float64 vector (n,), refusing what is not finite numbers."""
    try:
        vector = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers: convert its entries first") from error
    if vector.ndim == 2 and 1 in vector.shape:
        raise ValueError(
            f"{name} has shape {vector.shape}, but a vector (n,) is needed: "
            f"pass numpy.ravel({name})"
        )
    if vector.ndim != 1:
        raise ValueError(
            f"{name} has shape {vector.shape}, but a vector (n,) is needed: "
            "pass the numbers of one class"
        )
    if vector.size == 0:
        raise ValueError(f"{name} is empty: pass at least one case")
    bad = np.count_nonzero(~np.isfinite(vector))
    if bad:
        raise ValueError(
            f"{name} holds {bad} value(s) that are NaN or infinite: "
            "impute them or leave these cases out, and say which"
        )
    return vector


def finite_matrix(values, name):
    """Return ``values`` as a float64 matrix (n, d), refusing what is not finite numbers."""
    try:
        matrix = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} must hold numbers, as many in each row: convert its entries first"
        ) from error
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(
            f"{name} has shape {matrix.shape}, but a matrix (n, d) is needed, one row a sample: "
            f"for pictures pass {name}.reshape(len({name}), -1)"
        )
    bad = np.count_nonzero(~np.isfinite(matrix))
    if bad:
        raise ValueError(
            f"{name} holds {bad} value(s) that are NaN or infinite: find out where they come from, "
            "or leave these samples out, and say how many"
        )
    return matrix


def binary_vector(values, name):
    """Return ``values`` as an int64 vector (n,) of 0 and 1."""
    vector = finite_vector(values, name)
    other = np.setdiff1d(vector, [0.0, 1.0])
    if other.size:
        raise ValueError(
            f"{name} must hold 0 (no disease) and 1 (disease) only, but holds {other[0]:g}: "
            "recode labels, or turn scores into 0 and 1 with a threshold (score >= threshold)"
        )
    return vector.astype(np.int64)


def probability_vector(values, name):
    """Return ``values`` as a float64 vector (n,) within [0, 1]."""
    vector = finite_vector(values, name)
    if vector.min() < 0 or vector.max() > 1:
        raise ValueError(
            f"{name} must lie in [0, 1], but reaches from {vector.min():g} to {vector.max():g}: "
            "turn logits into probabilities with the sigmoid first"
        )
    return vector


def same_length(first, second, names):
    """Refuse two arrays that do not describe the same cases."""
    if len(first) != len(second):
        raise ValueError(
            f"{names[0]} has {len(first)} cases and {names[1]} has {len(second)}: "
            "pass the same cases in the same order"
        )


def outcome_and_score(y_true, y_score):
    """Return the checked pair for a metric of scores on any scale."""
    outcome = binary_vector(y_true, "y_true")
    score = finite_vector(y_score, "y_score")
    same_length(outcome, score, ("y_true", "y_score"))
    return outcome, score


def outcome_and_probability(y_true, y_probability):
    """Return the checked pair for a metric of probabilities."""
    outcome = binary_vector(y_true, "y_true")
    probability = probability_vector(y_probability, "y_probability")
    same_length(outcome, probability, ("y_true", "y_probability"))
    return outcome, probability


def outcome_and_prediction(y_true, y_predicted):
    """Return the checked pair for a metric of yes-or-no predictions."""
    outcome = binary_vector(y_true, "y_true")
    predicted = binary_vector(y_predicted, "y_predicted")
    same_length(outcome, predicted, ("y_true", "y_predicted"))
    return outcome, predicted


def both_classes(outcome, what):
    """Refuse data of one class where ``what`` compares the two."""
    diseased = int(outcome.sum())
    if diseased in (0, outcome.size):
        raise ValueError(
            f"{what} needs cases with and without the disease, but all {outcome.size} values of "
            f"y_true are {outcome[0]}: evaluate on data that hold both classes"
        )


def fraction(value, name):
    """Return ``value`` (a number or an array) as float64 within [0, 1]."""
    array = np.asarray(value, dtype=np.float64)
    if not np.all((array >= 0) & (array <= 1)):
        raise ValueError(
            f"{name} must lie between 0 and 1, got {value}: give a proportion, 0.9 for 90 %"
        )
    return array


def confidence_level(confidence):
    """Return the confidence as a float strictly between 0 and 1."""
    level = float(confidence)
    if not 0 < level < 1:
        raise ValueError(
            f"confidence must lie between 0 and 1, got {confidence}: give 0.95 for 95 %"
        )
    return level
