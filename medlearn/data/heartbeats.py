"""Cutting a single-lead ECG into beats: the filter, the window, the intervals to the neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["BEFORE", "BEAT_RATE", "CLASS_OF", "SAMPLING_RATE", "SAMPLES", "Recording", "cut_beats"]

SAMPLING_RATE = 360  # Hz, of a recording
BEAT_RATE = 120  # Hz, of the beats cut from it: every third sample of what was filtered
BEFORE, AFTER = 36, 60  # samples of a beat before and from its annotation on: 0.3 s and 0.5 s
SAMPLES = BEFORE + AFTER
PASS_BAND = (0.5, 40.0)  # Hz: below lies the wander of the baseline, above mains hum and muscle

# The annotators' symbol of a beat -> 0 N, 1 S, 2 V, 3 F of ANSI/AAMI EC57. Unclassifiable and
# paced beats (class Q) are not here.
CLASS_OF = {
    **dict.fromkeys("NLRej", 0),
    **dict.fromkeys("AaJS", 1),
    **dict.fromkeys("VE", 2),
    "F": 3,
}
BEATS = {*CLASS_OF, "/", "f", "Q"}


@dataclass(frozen=True, eq=False)
class Recording:
    """One lead with the places and kinds of its annotations.

    Attributes
    ----------
    signal : numpy.ndarray of float32, shape (m,)
        In mV, 360 samples a second.
    place : numpy.ndarray of int, shape (k,)
        The sample of each beat, near its R peak.
    symbol : numpy.ndarray of str, shape (k,)
        What the annotators called it: N normal, V premature ventricular, and so on.
    """

    signal: np.ndarray
    place: np.ndarray
    symbol: np.ndarray


def cut_beats(recording: Recording) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Cut the classifiable beats out of a recording.

    The lead is filtered forward and backward (so that nothing is shifted in time) by a
    Butterworth filter of second order, 0.5 to 40 Hz, and every third sample kept. A beat too near
    either end for its window or without a neighbour is left out.

    Returns
    -------
    x : numpy.ndarray of float32, shape (beats, 96, 1)
        In mV, 120 samples a second, from 0.3 s before the annotation to 0.5 s after it.
    y : numpy.ndarray of int64, shape (beats,)
    about : dict of str to numpy.ndarray, each of shape (beats,)
        "time" of the annotation, "rr_before" and "rr_after" (to the annotated beats on either
        side), all in s, and "symbol".
    """
    from scipy.signal import butter, sosfiltfilt

    band = butter(2, PASS_BAND, "bandpass", fs=SAMPLING_RATE, output="sos")
    step = SAMPLING_RATE // BEAT_RATE
    lead = sosfiltfilt(band, recording.signal)[::step].astype(np.float32)
    is_beat = np.isin(recording.symbol, sorted(BEATS))
    place, symbol = recording.place[is_beat], recording.symbol[is_beat]
    time = place / SAMPLING_RATE
    centre = np.round(place / step).astype(int)
    kept = np.isin(symbol, sorted(CLASS_OF)) & (centre >= BEFORE) & (centre + AFTER <= len(lead))
    kept[[0, -1]] = False
    before = np.diff(time, prepend=time[0])
    after = np.diff(time, append=time[-1])
    windows = np.lib.stride_tricks.sliding_window_view(lead, SAMPLES)
    return (
        windows[centre[kept] - BEFORE][..., np.newaxis],
        np.array([CLASS_OF[each] for each in symbol[kept]], dtype=np.int64),
        {
            "time": time[kept],
            "rr_before": before[kept],
            "rr_after": after[kept],
            "symbol": symbol[kept],
        },
    )
