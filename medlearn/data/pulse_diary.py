"""Simulated pulse strips with a patient's button: did the symptom fall on an extra beat?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .cards import CardText
from .dataset import SPLIT_NAMES
from .pulse_simulation import simulate_strips
from .recipes import Bundled, Contents

__all__ = ["RECIPE"]

STRIPS = dict(zip(SPLIT_NAMES, (1000, 500, 500), strict=True))
SEED = 30

TEXT = CardText(
    title="Pulse diary (simulated)",
    what=(
        "Strips of 30 heart beats. Two numbers a beat: the time since the beat before, and whether "
        "the patient pressed the button at that beat, for a palpitation. The button is pressed "
        "once, at one of the beats 4 to 8; extra beats also come elsewhere."
    ),
    row="one strip of one simulated patient",
    patients="One strip each; none of them exists.",
    split_by="By simulated patient (one strip each); all parts are drawn by the same rules.",
    coding=(
        "y: 1 = the beat of the press came early (an extra beat), 0 = it came in time. x: interval "
        "in seconds; button, 1 at the press, else 0."
    ),
    licence="BSD-3-Clause (made by this package)",
    source=(
        "Simulated: intervals with a breathing rhythm and beat-to-beat noise, extra beats that "
        "come 15 to 40 % early with a longer pause after them."
    ),
    bias=(
        "Says nothing of patients: a result on it is a result on its own formulas.",
        "Half of the presses fall on an extra beat, patients press at once and never in error, and "
        "no interval is lost: real diaries are worse in all of this.",
    ),
)


def simulate() -> Contents:
    """Make the strips, the same at every call."""
    rng = np.random.default_rng(SEED)
    parts = [simulate_strips(count, rng) for count in STRIPS.values()]
    y = np.concatenate([y for _, y in parts])
    return Contents(
        x=np.concatenate([x for x, _ in parts]),
        y=y,
        patient=np.arange(len(y)),
        split=np.repeat(np.array(SPLIT_NAMES, dtype="<U10"), list(STRIPS.values())),
        feature_names=("interval", "button"),
        class_names=("press at a normal beat", "press at an extra beat"),
        text=TEXT,
    )


RECIPE = Bundled(
    name="pulse_diary",
    what="2,000 simulated strips of 30 pulse intervals with a patient's button; symptom or not",
    licence="BSD-3-Clause",
    megabytes=0.0,
    library="medlearn",
    read=simulate,
    path=lambda: Path(__file__),
    simulated=True,
)
