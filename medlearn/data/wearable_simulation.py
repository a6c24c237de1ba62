"""Heart rate of simulated people who wear a sensor for weeks; some of them fall ill."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Wearer", "simulate_wearer"]

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, eq=False)
class Wearer:
    """What a sensor on the wrist recorded of one simulated person.

    Attributes
    ----------
    heart_rate : numpy.ndarray of float32, shape (days * 1440,)
        Beats a minute, one a minute from midnight on; NaN while the sensor is off.
    steps : numpy.ndarray of int64, shape (days * 1440,)
        In each minute.
    infection : float or None
        Days from the start to the onset of the infection; None for those who stay well.
    """

    heart_rate: np.ndarray
    steps: np.ndarray
    infection: float | None


def simulate_wearer(days: int, seed: int, infection: float | None = None) -> Wearer:
    """Simulate the heart rate of one person, minute by minute.

    The sum of: a resting rate of one's own (50 to 80 a minute), a day and night rhythm (lowest at
    about four in the morning), what walking and running add, a slow wander of some days (sleep,
    stress, the menstrual cycle), single nights after alcohol or a late meal, and noise. An
    infection adds 4 to 13 beats a minute (as much as 0.5 to 1.5 degrees of fever, at 8.5 a degree)
    times a curve that rises within a day or so and fades over five.

    Parameters
    ----------
    days : int
    seed : int
        Each seed is another person, the same every time.
    infection : float, optional
        The day of its onset; must lie within the days.

    Returns
    -------
    Wearer

    Raises
    ------
    ValueError
        If days is below 1, or the infection lies outside them.

    Notes
    -----
    **Simulated**: its sizes are set by hand, to the order of what is published, and no result on it
    is a result about people. Taught in chapter 31. Fever: Karjalainen and Viitasalo, Archives of
    Internal Medicine 1986;146:1169 (8.5 beats a minute a degree in young men).

    Examples
    --------
    >>> wearer = simulate_wearer(days=2, seed=0)
    >>> wearer.heart_rate.shape
    (2880,)
    """
    if days < 1:
        raise ValueError(f"days is {days}: simulate one or more")
    if infection is not None and not 0 <= infection < days:
        raise ValueError(f"an infection on day {infection} is not within {days} days")
    rng = np.random.default_rng([47, seed])
    minute = np.arange(days * MINUTES_A_DAY)
    hour = (minute / 60) % 24
    resting = rng.uniform(50, 80)
    swing = rng.uniform(4, 9)
    rhythm = -swing * np.cos(2 * np.pi * (hour - rng.uniform(3, 5)) / 24) + swing
    steps = _steps(rng, days)
    rate = resting + rhythm + _effort(steps) + _slow_wander(rng, days) + _late_nights(rng, days)
    rate = rate + _smooth_noise(rng, len(minute))
    off = _sensor_off(rng, days)
    if infection is not None:
        since = minute / MINUTES_A_DAY - infection
        rate = rate + rng.uniform(4, 13) * np.where(
            since > 0, (1 - np.exp(-since.clip(0) / 0.6)) * np.exp(-since.clip(0) / 5), 0
        )
    rate[off] = np.nan
    return Wearer(rate.astype(np.float32), steps, infection)


def _steps(rng, days):
    """Steps a minute: walks between 7 and 23 o'clock, now and then a run; none at night."""
    steps = np.zeros(days * MINUTES_A_DAY, dtype=np.int64)
    for day in range(days):
        begin = day * MINUTES_A_DAY
        for _ in range(rng.poisson(14)):
            start = begin + int(rng.uniform(7, 22.5) * 60)
            stop = start + int(rng.exponential(12)) + 2
            steps[start:stop] = np.maximum(steps[start:stop], rng.integers(20, 110))
        if rng.random() < 0.25:
            start = begin + int(rng.uniform(7, 20) * 60)
            steps[start : start + int(rng.uniform(20, 50))] = rng.integers(140, 175)
    return steps


def _effort(steps):
    """Beats a minute that steps add: they come and go within some minutes."""
    from scipy.signal import lfilter

    wanted = 0.35 * np.minimum(steps, 100) + 0.6 * np.maximum(steps - 100, 0)
    return lfilter([0.3], [1, -0.7], wanted)


def _slow_wander(rng, days):
    nights = np.zeros(days + 2)
    for day in range(1, days + 2):
        nights[day] = 0.8 * nights[day - 1] + 1.0 * rng.standard_normal()
    return np.interp(np.arange(days * MINUTES_A_DAY) / MINUTES_A_DAY, np.arange(days + 2), nights)


def _late_nights(rng, days):
    """Alcohol or a late meal: some beats a minute from the evening until the morning after."""
    minute = np.arange(days * MINUTES_A_DAY) / MINUTES_A_DAY
    added = np.zeros(len(minute))
    for day in np.flatnonzero(rng.random(days) < 0.08):
        since = minute - (day + 21 / 24)
        added += rng.uniform(4, 12) * ((since > 0) & (since < 0.5)) * (1 - since / 0.5)
    return added


def _smooth_noise(rng, minutes):
    noise = rng.standard_normal(minutes + 4)
    return 2.5 * np.convolve(noise, np.full(5, 1 / np.sqrt(5)), mode="valid")


def _sensor_off(rng, days):
    """An hour or so a day on the charger."""
    off = np.zeros(days * MINUTES_A_DAY, dtype=bool)
    for day in range(days):
        start = day * MINUTES_A_DAY + int(rng.uniform(0, 23) * 60)
        off[start : start + int(rng.uniform(20, 90))] = True
    return off
