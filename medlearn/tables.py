"""Stored tables: what took longer than a lesson may, computed once by one command."""

import json

from .course import notebooks_folder

__all__ = ["load_table", "prediction_interval", "table_path"]

SOURCES = ("real", "standin")


def table_path(name, source):
    """Where a stored table lies, whether it is there or not.

    Parameters
    ----------
    name : str
        Of the file in ``benchmarks`` that makes it.
    source : {"real", "standin"}
        The data that it was computed on.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ValueError
        If there is no such source.
    """
    if source not in SOURCES:
        raise ValueError(f"source is {source!r}: give one of {', '.join(SOURCES)}")
    return notebooks_folder().parent / "benchmarks" / "tables" / f"{name}_{source}.json"


def load_table(name, source):
    """Load a stored table.

    Parameters
    ----------
    name, source
        As for :func:`table_path`.

    Returns
    -------
    dict
        "command", "settings" and "runs": a list with a dict for each run; "date" and "versions" of
        the whole table, or of each run where it was made bit by bit.

    Raises
    ------
    FileNotFoundError
        If it is not stored; the message says the command that makes it.
    """
    path = table_path(name, source)
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no table {path.name}; make it, in the folder of the clone: "
            f"uv run python -m benchmarks.{name} --data {source}"
        )
    return json.loads(path.read_text(encoding="utf-8"))


def prediction_interval(values, level=0.999):
    """The interval in which one further run is expected, from runs that differ in their seed.

    The values are taken as normal: mean +- t s sqrt(1 + 1/n), with Student's t at n - 1 degrees
    of freedom and the standard deviation s.

    Parameters
    ----------
    values : array, shape (n,)
        One a run, n at least 2.
    level : float
        The probability that a further run falls inside.

    Returns
    -------
    low, high : float

    Raises
    ------
    ValueError
        On fewer than two values.

    Examples
    --------
    >>> low, high = prediction_interval([0.95, 0.96, 0.97, 0.96], level=0.95)
    >>> round(low, 3), round(high, 3)
    (0.931, 0.989)
    """
    import numpy as np
    from scipy.stats import t

    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"give at least two runs as a vector, not shape {values.shape}")
    half = t.ppf((1 + level) / 2, len(values) - 1) * values.std(ddof=1)
    half *= np.sqrt(1 + 1 / len(values))
    return float(values.mean() - half), float(values.mean() + half)
