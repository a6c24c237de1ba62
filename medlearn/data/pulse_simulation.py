"""Simulated intervals between heart beats, with extra beats and a button that is pressed once."""

from __future__ import annotations

import numpy as np

__all__ = ["simulate_strips"]

BEATS = 30
FIRST_PRESS, LAST_PRESS = 3, 7  # beats counted from 0
EXTRA_BEATS = 0.12  # of the beats away from the press


def simulate_strips(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Simulate strips of 30 beats.

    Parameters
    ----------
    count : int
    rng : numpy.random.Generator

    Returns
    -------
    x : numpy.ndarray of float32, shape (count, 30, 2)
        Seconds since the beat before; 1 where the button is pressed, else 0.
    y : numpy.ndarray of int, shape (count,)
        Whether the beat of the press was an extra beat.

    Examples
    --------
    >>> x, y = simulate_strips(5, np.random.default_rng(0))
    >>> x.shape, int(x[..., 1].sum())
    ((5, 30, 2), 5)
    """
    y = rng.integers(0, 2, count)
    press = rng.integers(FIRST_PRESS, LAST_PRESS + 1, count)
    extra = _extra_beats(rng, y, press)
    early = rng.uniform(0.60, 0.85, extra.shape)
    pause = rng.uniform(1.05, 1.30, extra.shape)
    after = np.roll(extra, 1, axis=1)
    after[:, 0] = False
    intervals = _normal_intervals(rng, count)
    intervals = np.where(extra, intervals * early, intervals)
    intervals = np.where(after, intervals * pause, intervals)
    button = np.arange(BEATS) == press[:, np.newaxis]
    return np.stack([intervals, button], axis=2).astype(np.float32), y.astype(np.int64)


def _normal_intervals(rng: np.random.Generator, count: int) -> np.ndarray:
    """Seconds between beats: a pulse of one's own, breathing, and noise from beat to beat."""
    mean = np.clip(rng.normal(0.85, 0.10, (count, 1)), 0.60, 1.15)
    beats_a_breath, phase = rng.uniform(3.5, 6.0, (count, 1)), rng.random((count, 1))
    breathing = 0.03 * np.sin(2 * np.pi * (np.arange(BEATS) / beats_a_breath + phase))
    return mean * (1 + breathing + 0.03 * rng.standard_normal((count, BEATS)))


def _extra_beats(rng: np.random.Generator, y: np.ndarray, press: np.ndarray) -> np.ndarray:
    """Where extra beats are: never two in a row, none beside the press, at the press as y says."""
    extra = rng.random((len(y), BEATS)) < EXTRA_BEATS
    distance = np.arange(BEATS) - press[:, np.newaxis]
    extra[np.abs(distance) <= 1] = False
    for beat in range(1, BEATS):
        extra[:, beat] &= ~extra[:, beat - 1]
    extra[distance == 0] = y == 1
    return extra
