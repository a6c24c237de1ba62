"""The stand-in of the arrhythmia data: ECGs built beat by beat from ECGSYN's shapes."""

from __future__ import annotations

import warnings

import numpy as np

from .heartbeats import SAMPLING_RATE, Recording

__all__ = ["PARTS", "PATIENT_OF", "TWIN_RECORD", "simulate_recording"]

PARTS = {
    "train": tuple(range(1, 13)),
    "validation": tuple(range(13, 17)),
    "test": tuple(range(17, 25)),
}
TWIN_RECORD = 25  # a second recording of patient 5, as 202 is of 201's
PATIENT_OF = {record: record for record in range(1, 25)} | {TWIN_RECORD: 5}
SECONDS = 300
# ECGSYN's P, Q, R, S, T: angle in degrees (the R peak at 0), height, width.
ANGLE = np.array([-70.0, -15.0, 0.0, 15.0, 100.0])
HEIGHT = np.array([1.2, -5.0, 30.0, -7.5, 0.75])
WIDTH = np.array([0.25, 0.1, 0.1, 0.1, 0.4])
BEFORE, AFTER = round(0.40 * SAMPLING_RATE), round(0.55 * SAMPLING_RATE)  # of a beat's shape


def simulate_recording(record: int) -> Recording:
    """Simulate five minutes of one patient; the same every time.

    Parameters
    ----------
    record : int
        1 to 25. Recordings 5 and 25 share their patient: shapes and rhythm, not beats.

    Raises
    ------
    ValueError
        On another number.
    """
    if record not in PATIENT_OF:
        raise ValueError(f"there is no simulated recording {record!r}: give a number of 1 to 25")
    patient = _Patient(np.random.default_rng([20, PATIENT_OF[record]]), PATIENT_OF[record])
    rng = np.random.default_rng([31, record])
    place, symbol = patient.rhythm(rng)
    signal = np.zeros(SECONDS * SAMPLING_RATE)
    for at, kind in zip(place, symbol, strict=True):
        shape = patient.shapes[kind] * (1 + 0.04 * rng.standard_normal())
        first, last = at - BEFORE, at + AFTER
        cut = slice(max(-first, 0), len(shape) - max(last - len(signal), 0))
        signal[max(first, 0) : last] += shape[cut]
    signal += _disturbance(rng, len(signal))
    return Recording(signal.astype(np.float32), place, symbol)


class _Patient:
    """Shapes of the beats (mV) and the habits of the rhythm of one simulated patient."""

    def __init__(self, rng: np.random.Generator, number: int) -> None:
        self.interval = 60 / rng.uniform(55, 95)  # s
        # Every fourth patient has few ectopic beats, every sixth has atrial fibrillation.
        frequent = number % 4 != 0
        self.fibrillates = number % 6 == 3
        self.ventricular = rng.uniform(0.04, 0.16) if frequent else 0.005
        self.supraventricular = 0.0 if self.fibrillates else rng.uniform(0.02, 0.08)
        self.fusion = 0.01 if frequent and number % 3 == 1 else 0.0
        self.coupling = rng.uniform(0.55, 0.8)  # of a ventricular beat, as a share of the interval
        self.shapes = self._shapes(rng)

    def _shapes(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        rate = 60 / self.interval
        size = rng.uniform(0.6, 1.4)
        wide = rng.uniform(0.9, 1.3) * (1.7 if rng.random() < 0.2 else 1.0)
        height = HEIGHT * rng.uniform(0.6, 1.4, 5)
        height[4] *= rng.choice([1.0, 1.0, -0.6])
        width = WIDTH * np.array([1, wide, wide, wide, 1])
        normal = _ecgsyn_beat(rate, ANGLE, height * (_NO_P if self.fibrillates else 1), width)
        early_p = height * np.array([rng.uniform(-0.8, 0.3), 1, 1, 1, 1])
        later_p = ANGLE + np.array([rng.uniform(5, 20), 0, 0, 0, 0])
        early = _ecgsyn_beat(rate, later_p, early_p, width)
        deep = HEIGHT * np.array([0, rng.uniform(0.2, 1), 1, rng.uniform(1, 3.5), 0])
        deep[4] = -rng.uniform(1.0, 2.5)
        spread = rng.uniform(1.8, 2.6)
        ectopic = _ecgsyn_beat(
            rate, ANGLE * np.array([1, 1.7, 1, 1.7, 1.15]), deep, WIDTH * spread
        ) * rng.choice([1.0, 1.0, -1.0])
        shapes = {"N": size * normal, "A": size * early, "V": 1.3 * size * ectopic}
        return {**shapes, "F": 0.5 * (shapes["N"] + shapes["V"])}

    def rhythm(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Places (samples) and symbols of the beats."""
        times, symbols = [0.5], ["N"]
        slow, late = 0.0, 1.0  # the wandering of the rate; a pause after an early beat
        while times[-1] < SECONDS - 2:
            slow = 0.95 * slow + 0.01 * rng.standard_normal()
            spread = 0.22 if self.fibrillates else 0.02
            regular = self.interval * max(1 + slow + spread * rng.standard_normal(), 0.45)
            chances = [self.ventricular, self.supraventricular, self.fusion]
            kind = rng.choice(["V", "A", "F", "N"], p=[*chances, 1 - sum(chances)])
            share = {
                "V": self.coupling + 0.04 * rng.standard_normal(),
                "A": rng.uniform(0.62, 0.85),
                "F": rng.uniform(0.9, 1.0),
                "N": late,
            }[kind]
            times.append(times[-1] + max(regular * share, 0.3))
            symbols.append(str(kind))
            # After a ventricular beat the sinus node keeps its time: early beat and pause make two
            # intervals. A supraventricular one resets it.
            late = {"V": 2 - share, "A": rng.uniform(1.0, 1.1)}.get(str(kind), 1.0)
        return np.round(np.array(times) * SAMPLING_RATE).astype(int), np.array(symbols)


_NO_P = np.array([0.0, 1.0, 1.0, 1.0, 1.0])


def _ecgsyn_beat(rate: float, angle: np.ndarray, height: np.ndarray, width: np.ndarray):
    """One beat by the dynamical model of ECGSYN, on a baseline of 0; the QRS spans 1.6 mV."""
    with warnings.catch_warnings():  # of a module of SciPy that NeuroKit2 should not import
        warnings.simplefilter("ignore", DeprecationWarning)
        import neurokit2

    period = round(60 / rate * SAMPLING_RATE)
    lead = neurokit2.ecg_simulate(
        length=6 * period,
        sampling_rate=SAMPLING_RATE,
        noise=0,
        heart_rate=rate,
        heart_rate_std=0.01,
        random_state=0,
        ti=tuple(angle),
        ai=tuple(height),
        bi=tuple(width),
    )
    middle = slice(2 * period, 4 * period)
    steepest = np.abs(np.gradient(np.asarray(lead)))[middle].argmax() + 2 * period
    near = slice(steepest - 20, steepest + 21)
    peak = steepest - 20 + np.abs(lead[near] - np.median(lead)).argmax()
    beat = lead[peak - BEFORE : peak + AFTER] - np.median(lead)
    fade = np.minimum(1, np.minimum(np.arange(len(beat)), np.arange(len(beat))[::-1]) / 20)
    return beat * fade


def _disturbance(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Wander of the baseline with breath and posture, muscle noise, and a few jolts (mV)."""
    time = np.arange(samples) / SAMPLING_RATE
    breath = 0.06 * np.sin(2 * np.pi * rng.uniform(0.2, 0.35) * time + rng.uniform(0, 6))
    moves = np.arange(0, SECONDS + 10, 10)
    posture = np.interp(time, moves, 0.1 * rng.standard_normal(len(moves)))
    noise = 0.03 * rng.standard_normal(samples)
    for jolt in rng.uniform(5, SECONDS - 5, 4):
        noise += 0.4 * rng.standard_normal() * np.exp(-0.5 * ((time - jolt) / 0.3) ** 2)
    return breath + posture + noise
