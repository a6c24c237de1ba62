"""BreastMNIST: 780 ultrasound images of the breast, 28 x 28 pixels."""

from __future__ import annotations

from .cards import CardText
from .medmnist import read_images, simulated_parts
from .recipes import Contents, Downloaded, RemoteFile
from .ultrasound_simulation import simulate_ultrasound

__all__ = ["RECIPE"]

CLASS_NAMES = ("normal or benign", "malignant")
CODING = (
    "y: 1 = malignant, 0 = normal or benign{turned}. x: grey values from 0 (black, no echo) to 1 "
    "(white); the skin is on top."
)

TEXT = CardText(
    title="BreastMNIST",
    what=(
        "Ultrasound images of the breast of women of 25 to 75 years, taken in 2018 at Baheya "
        "Hospital, Cairo, shrunk to 28 x 28 pixels; normal and benign are one class."
    ),
    row="one ultrasound image",
    patients=(
        "The source counts about 600 women, and the file has no identifiers: some women have "
        "several images, perhaps in more than one part, so that scores may be too good and "
        "intervals are too narrow."
    ),
    split_by="By image, by the publishers, since patients are unknown: 7 to 1 to 2.",
    coding=CODING.format(
        turned=" (the published file codes the other way round; the loader turns it)"
    ),
    licence="CC BY 4.0",
    source=(
        "Yang and others, MedMNIST v2, Scientific Data 10 (2023) 41, "
        "doi:10.1038/s41597-022-01721-8, Zenodo record 10519652; the images: Al-Dhabyani and "
        "others, Data in Brief 28 (2020) 104863, doi:10.1016/j.dib.2019.104863."
    ),
    bias=(
        "Readers of the source found images that occur twice, lesions that occur as benign and as "
        "malignant, pictures of the armpit, and callipers drawn by the examiner (Pawłowska and "
        "others, Data in Brief 48 (2023) 109247, doi:10.1016/j.dib.2023.109247).",
        "One hospital, one kind of machine; more than one image in four is malignant, as in no "
        "screening.",
        "At 28 x 28 pixels the margin of a lesion, which a radiologist reads, is nearly gone.",
    ),
)

STANDIN_TEXT = CardText(
    title="Breast ultrasound (simulated)",
    what=(
        "Simulated ultrasound: echoes of random scatterers (speckle) in layers of skin, fat, gland "
        "and muscle, with irregular lesions that throw a shadow for the malignant, smooth oval "
        "ones or cysts for the benign, and none for the normal."
    ),
    row="one image of one simulated woman",
    patients="One image each; none of them exists.",
    split_by=(
        "By simulated woman (one image each), in the numbers and shares of the real parts."
    ),
    coding=CODING.format(turned=""),
    licence="BSD-3-Clause (made by this package)",
    source="Simulated, in the form of BreastMNIST, doi:10.1038/s41597-022-01721-8.",
    bias=(
        "Says nothing of patients: a result on it is a result on its own formulas.",
        "Far less varied than real images; no calcifications, vessels, callipers or armpits.",
    ),
)


def decode(payload: bytes) -> Contents:
    """Read the arrays of the published .npz file, and turn its labels: 1 becomes malignant.

    Raises
    ------
    DamagedFileError
    """
    x, label, split = read_images(payload)
    return Contents(
        x=x,
        y=1 - label,
        patient=None,
        split=split,
        feature_names=(),
        class_names=CLASS_NAMES,
        text=TEXT,
    )


def simulate() -> Contents:
    """Make the stand-in."""
    return simulated_parts(simulate_ultrasound, CLASS_NAMES, STANDIN_TEXT)


RECIPE = Downloaded(
    name="breast_ultrasound",
    what="780 ultrasound images of the breast, 28 x 28 pixels; malignant or not",
    licence="CC BY 4.0",
    remote=RemoteFile(
        url="https://zenodo.org/records/10519652/files/breastmnist.npz",
        filename="breastmnist.npz",
        megabytes=0.6,
        sha256="3a22d2a4625e7dd8903f0f59030e81a3d0c222bece2e5e10927456cb50efdec1",
        mirror_paths=("medmnist/breastmnist.npz",),
    ),
    decode=decode,
    simulate=simulate,
)
