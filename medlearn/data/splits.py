"""A split that no seed, platform or library version can change."""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["grouped_split", "stratified_split"]

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
    order = _hash_order(name, range(len(stratum)))
    split = np.full(len(stratum), "test", dtype="<U10")
    for value in np.unique(stratum):
        _cut(split, order[stratum[order] == value])
    return split


def grouped_split(name: str, group: np.ndarray) -> np.ndarray:
    """Split groups 60/20/20, each whole, in an order drawn from a hash.

    For data with several rows of one patient. Groups are put in the order of
    SHA-256(name, group number).

    Parameters
    ----------
    name : str
        The data set's name: two sets with the same groups are not split alike.
    group : numpy.ndarray of int, shape (n,)
        Whose each row is.

    Returns
    -------
    numpy.ndarray of str, shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> parts = grouped_split("example", np.repeat(np.arange(10), 2))
    >>> [int(np.sum(parts == part)) for part in ("train", "validation", "test")]
    [12, 4, 4]
    """
    groups = np.unique(group)
    part_of = np.full(len(groups), "test", dtype="<U10")
    _cut(part_of, _hash_order(name, groups))
    return part_of[np.searchsorted(groups, group)]


def _hash_order(name: str, numbers) -> np.ndarray:
    """The places of the numbers, in the order of SHA-256(name, number)."""
    return np.argsort([hashlib.sha256(f"{name}:{each}".encode()).hexdigest() for each in numbers])


def _cut(split: np.ndarray, places: np.ndarray) -> None:
    """Write the first 60 % of the places down as training, the next 20 % as validation."""
    first = round(TRAIN * len(places))
    second = first + round(VALIDATION * len(places))
    split[places[:first]] = "train"
    split[places[first:second]] = "validation"
