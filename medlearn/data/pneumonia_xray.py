"""PneumoniaMNIST: 5,856 chest radiographs of children, 28 x 28 pixels."""

from __future__ import annotations

from .cards import CardText
from .medmnist import read_images, simulated_parts
from .radiograph_simulation import simulate_radiographs
from .recipes import Contents, Downloaded, RemoteFile

__all__ = ["RECIPE"]

CLASS_NAMES = ("normal", "pneumonia")
CODING = (
    "y: 1 = pneumonia (bacterial or viral), 0 = normal. x: grey values from 0 (black) to 1 (white)."
)

TEXT = CardText(
    title="PneumoniaMNIST",
    what=(
        "Chest radiographs (anterior-posterior) of children of one to five years from the "
        "Guangzhou Women and Children's Medical Center, shrunk to 28 x 28 pixels."
    ),
    row="one radiograph",
    patients=(
        "The file has no identifiers; some children have several radiographs, perhaps in more than "
        "one part, so that scores may be too good and intervals are too narrow."
    ),
    split_by=(
        "By image, by the publishers, since patients are unknown: their training images were cut "
        "9 to 1 into train and validation, their validation images are the test part."
    ),
    coding=CODING,
    licence="CC BY 4.0",
    source=(
        "Yang and others, MedMNIST v2, Scientific Data 10 (2023) 41, "
        "doi:10.1038/s41597-022-01721-8, Zenodo record 10519652; the radiographs: Kermany and "
        "others, Cell 172 (2018) 1122-1131, doi:10.1016/j.cell.2018.02.010."
    ),
    bias=(
        "The prevalence differs between the parts: choose no threshold that rests on it.",
        "One hospital, small children, poor films left out; most are ill, as in no clinic.",
        "Films of ill children are often framed closer and have less contrast, so that a model may "
        "learn the film instead of the lung.",
        "At 28 x 28 pixels much of what a radiologist reads is gone.",
    ),
)

STANDIN_TEXT = CardText(
    title="Chest radiographs (simulated)",
    what=(
        "Simulated radiographs: X-rays attenuated by Beer and Lambert's law through a thorax of "
        "ellipsoids (lungs, heart, liver, spine, ribs, clavicles), with consolidations or "
        "diffuse opacities for the ill, quantum noise and varied exposure."
    ),
    row="one radiograph of one simulated child",
    patients="One radiograph each; none of them exists.",
    split_by=(
        "By simulated child (one radiograph each), with the shares of pneumonia of the real parts."
    ),
    coding=CODING,
    licence="BSD-3-Clause (made by this package)",
    source="Simulated, in the form of PneumoniaMNIST, doi:10.1038/s41597-022-01721-8.",
    bias=(
        "Says nothing of patients: a result on it is a result on its own formulas.",
        "Far less varied than real films; no text, tubes or foreign bodies.",
        "As in the real data, the prevalence differs between the parts.",
    ),
)


def decode(payload: bytes) -> Contents:
    """Read the arrays of the published .npz file.

    Raises
    ------
    DamagedFileError
    """
    x, y, split = read_images(payload)
    return Contents(
        x=x,
        y=y,
        patient=None,
        split=split,
        feature_names=(),
        class_names=CLASS_NAMES,
        text=TEXT,
    )


def simulate() -> Contents:
    """Make the stand-in."""
    return simulated_parts(simulate_radiographs, CLASS_NAMES, STANDIN_TEXT)


RECIPE = Downloaded(
    name="pneumonia_xray",
    what="5,856 chest radiographs of children, 28 x 28 pixels; pneumonia or normal",
    licence="CC BY 4.0",
    remote=RemoteFile(
        url="https://zenodo.org/records/10519652/files/pneumoniamnist.npz",
        filename="pneumoniamnist.npz",
        megabytes=4.2,
        sha256="e1792d3f03751cb101e99f19a63b3c1941436c988665f47853417b05be250cd8",
        mirror_paths=("medmnist/pneumoniamnist.npz",),
    ),
    decode=decode,
    simulate=simulate,
)
