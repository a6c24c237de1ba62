"""A split that no seed, platform or library version can change."""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["stratified_split"]

TRAIN, VALIDATION = 0.6, 0.2


def stratified_split(name: str, stratum: np.ndarray) -> np.ndarray:
    """Split rows 60/20/20 within each stratum, in an order drawn from a hash.

    For tables with one row a patient. Rows of a stratum are put in the order of
    SHA-256(name, row number), not of a random generator, whose stream may change
    from one version of NumPy to the next.

    Parameters
    ----------
    name : str
        The data set's name: two sets of equal size are not split alike.
    stratum : numpy.ndarray, shape (n,)
        What each part must hold in equal shares, such as the class.

    Returns
    -------
    numpy.ndarray of str, shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> parts = stratified_split("example", np.array([0] * 50 + [1] * 10))
    >>> [int(np.sum(parts == part)) for part in ("train", "validation", "test")]
    [36, 12, 12]
    >>> int(np.sum(parts[50:] == "train"))
    6
    """
    order = np.argsort(
        [hashlib.sha256(f"{name}:{row}".encode()).hexdigest() for row in range(len(stratum))]
    )
    split = np.full(len(stratum), "test", dtype="<U10")
    for value in np.unique(stratum):
        rows = order[stratum[order] == value]
        first = round(TRAIN * len(rows))
        second = first + round(VALIDATION * len(rows))
        split[rows[:first]] = "train"
        split[rows[first:second]] = "validation"
    return split
