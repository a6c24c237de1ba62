"""A few seconds of a recording as it was recorded, to be looked at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from . import arrhythmia
from .arrhythmia_simulation import simulate_recording
from .heartbeats import SAMPLING_RATE
from .registry import find, reading

__all__ = ["EcgStrip", "ecg_strip"]


class EcgStrip(NamedTuple):
    """Part of one lead.

    Attributes
    ----------
    signal : numpy.ndarray of float32, shape (m,)
        In mV, as recorded: not filtered.
    sampling_rate : int
        Samples a second.
    time : numpy.ndarray, shape (k,)
        Of each annotation, in s from the start of the strip.
    symbol : numpy.ndarray of str, shape (k,)
        The annotators' symbol of each.
    """

    signal: np.ndarray
    sampling_rate: int
    time: np.ndarray
    symbol: np.ndarray


def ecg_strip(record: int, start: float, seconds: float, source: str | None = None) -> EcgStrip:
    """Give some seconds of a recording of the data set "arrhythmia".

    Parameters
    ----------
    record : int
        As in ``load("arrhythmia").extra["record"]``.
    start, seconds : float
        Where the strip begins, and how long it is.
    source : {"auto", "real", "standin"}, optional
        As for `load`.

    Returns
    -------
    EcgStrip

    Raises
    ------
    ValueError
        If there is no such recording, or the strip lies outside it.
    DataNotFoundError, DamagedFileError
        As `load`.

    Notes
    -----
    Taught in chapter 31.

    Examples
    --------
    >>> from medlearn import data
    >>> strip = data.ecg_strip(3, start=10, seconds=6, source="standin")
    >>> strip.signal.shape, strip.sampling_rate
    ((2160,), 360)
    """
    path = find("arrhythmia", source)
    if path is None:
        whole = simulate_recording(record)
    else:
        if record not in (*arrhythmia.DS1, *arrhythmia.DS2):
            raise ValueError(f"there is no recording {record!r} in this data set")
        with reading("arrhythmia", path):
            whole = arrhythmia.read_recording(path, record)
    first, count = round(start * SAMPLING_RATE), round(seconds * SAMPLING_RATE)
    if first < 0 or count < 1 or first + count > len(whole.signal):
        raise ValueError(
            f"recording {record} lasts {len(whole.signal) / SAMPLING_RATE:.0f} s: "
            f"{seconds:g} s from {start:g} s on are not in it"
        )
    inside = (whole.place >= first) & (whole.place < first + count)
    return EcgStrip(
        signal=whole.signal[first : first + count],
        sampling_rate=SAMPLING_RATE,
        time=(whole.place[inside] - first) / SAMPLING_RATE,
        symbol=whole.symbol[inside],
    )
