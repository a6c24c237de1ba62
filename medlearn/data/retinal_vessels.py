"""CHASE_DB1: 28 photographs of children's retinas, vessels outlined by two observers."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

import numpy as np

from .cards import CardText
from .errors import DamagedFileError
from .files import UNREADABLE, open_archive, read_folder, read_member, sha256_of_arrays
from .fundus_simulation import simulate_fundus
from .recipes import Contents, Downloaded, RemoteFile
from .splits import grouped_split

__all__ = ["RECIPE"]

CLASS_NAMES = ("background", "vessel")
CHILDREN = 14
MEMBER = re.compile(r"(?:^|(?<=/))Image_(\d\d)([LR])(\.jpg|_1stHO\.png|_2ndHO\.png)$")
KINDS = (".jpg", "_1stHO.png", "_2ndHO.png")
LARGEST_MEMBER = 5_000_000
# Pixels across and down, as published; both are halved.
SIZE = (999, 960)
# Of the photographs the bytes are held to a checksum, since JPEG decoders differ in the last
# digit; of the masks the arrays.
SHA256_OF_PHOTOGRAPHS = "f5df227e9e4063ea3477837fccec143c848cb1f3f45c5d558b3ec8c3848bb229"
SHA256_OF_MASKS = "347a95073f800c7e90e3d85efc6706f7dd6786308bf7538b135a21abf0dde670"

CODING = (
    "x: red, green and blue from 0 to 1; vessels show best in green. y: the last axis holds the "
    "first and the second observer's mask, 1 = vessel. Half the published size: each pixel is the "
    "mean of four, and vessel where at least half of the four are."
)

TEXT = CardText(
    title="Retinal vessels (CHASE_DB1)",
    what=(
        "Photographs of the back of the eye of schoolchildren, London, taken in a study of their "
        "hearts and vessels; the vessels outlined by two observers, each on their own."
    ),
    row="one eye",
    patients="Told by the file names: the left and the right eye of each child.",
    split_by=(
        "By child, both eyes together, since they are alike. Fixed, whatever the seed. Many "
        "papers take the first 20 photographs to train and the last 8 to test."
    ),
    coding=CODING,
    licence="CC BY 4.0",
    source=(
        "Fraz and others, IEEE Transactions on Biomedical Engineering 59 (2012) 2538, "
        "doi:10.1109/TBME.2012.2205687; researchdata.kingston.ac.uk/96. Photographs and masks are "
        "held to checksums; the download has not been tested against the source."
    ),
    bias=(
        "Few children, all healthy; no diabetes, no old vessels.",
        "Uneven light, and a bright streak along the larger arteries.",
        "The observers differ: neither of them is the truth.",
    ),
)

STANDIN_TEXT = CardText(
    title="Retinal vessels (simulated)",
    what=(
        "Simulated photographs of the back of an eye: vessels branch from the optic disc, their "
        "widths by Murray's law, over an unevenly lit, noisy background; the second observer is "
        "simulated too, who draws a little narrower and leaves out some of the finest vessels."
    ),
    row="one simulated eye",
    patients="Two eyes of each simulated child; none of them exists.",
    split_by="By simulated child, both eyes together. Fixed, whatever the seed.",
    coding=CODING,
    licence="BSD-3-Clause (made by this package)",
    source="Simulated, in the form of CHASE_DB1, doi:10.1109/TBME.2012.2205687.",
    bias=(
        "Says nothing of patients: a result on it is a result on its own formulas.",
        "Vessels are cleaner than in a photograph: no streak of reflected light, no haemorrhages.",
    ),
)


def decode(payload: bytes) -> Contents:
    """Read the published ZIP archive.

    Raises
    ------
    DamagedFileError
    """
    archive = open_archive(payload)
    found = {}
    for name in archive.namelist():
        if match := MEMBER.search(name):
            found[match.group()] = read_member(archive, name, LARGEST_MEMBER)
    return _contents(found)


def decode_folder(folder: Path) -> Contents:
    """Read the archive's members from a folder.

    Raises
    ------
    DamagedFileError
    """
    return _contents(read_folder(folder, MEMBER, LARGEST_MEMBER))


def _contents(members: dict[str, bytes]) -> Contents:
    eyes = [(child, side) for child in range(1, CHILDREN + 1) for side in "LR"]
    try:
        photographs, first, second = (
            [members[f"Image_{child:02}{side}{kind}"] for child, side in eyes] for kind in KINDS
        )
    except KeyError as problem:
        raise DamagedFileError(f"it lacks {problem}") from problem
    if hashlib.sha256(b"".join(photographs)).hexdigest() != SHA256_OF_PHOTOGRAPHS:
        raise DamagedFileError("it holds other photographs than the published ones")
    masks = [_picture(mask, "1") for pair in zip(first, second, strict=True) for mask in pair]
    if sha256_of_arrays(*masks) != SHA256_OF_MASKS:
        raise DamagedFileError("it holds other masks than the published ones")
    y = np.stack([_halved(mask[..., np.newaxis])[..., 0] >= 0.5 for mask in masks])
    child = np.repeat(np.arange(1, CHILDREN + 1), 2)
    del masks
    # Filled one by one: a list beside the array would double the memory.
    x = np.empty((len(eyes), *y.shape[1:], 3), dtype=np.float32)
    for photograph, place in zip(photographs, x, strict=True):
        np.divide(_halved(_picture(photograph, "RGB")), np.float32(255), out=place)
    return Contents(
        x=x,
        y=np.stack([y[0::2], y[1::2]], axis=-1).astype(np.uint8),
        patient=child,
        split=grouped_split("retinal_vessels", child),
        feature_names=(),
        class_names=CLASS_NAMES,
        text=TEXT,
    )


def _picture(content: bytes, mode: str) -> np.ndarray:
    """Decode a picture; "1" gives 0 and 1."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.size != SIZE:
                raise DamagedFileError(f"it holds a picture of {image.size} pixels, not {SIZE}")
            return np.asarray(image.convert(mode)).astype(np.uint8)
    except UNREADABLE as problem:
        if isinstance(problem, DamagedFileError):
            raise
        raise DamagedFileError(f"one of its pictures cannot be read ({problem})") from problem


def _halved(picture: np.ndarray) -> np.ndarray:
    """Take the mean of each two by two pixels; an odd last row or column counts twice."""
    height, width, _ = picture.shape
    even = np.pad(picture, [(0, height % 2), (0, width % 2), (0, 0)], mode="edge")
    return even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2, -1).mean(
        axis=(1, 3), dtype=np.float32
    )


def simulate() -> Contents:
    """Make the stand-in."""
    x, y, child = simulate_fundus()
    return Contents(
        x=x,
        y=y,
        patient=child,
        split=grouped_split("retinal_vessels", child),
        feature_names=(),
        class_names=CLASS_NAMES,
        text=STANDIN_TEXT,
    )


RECIPE = Downloaded(
    name="retinal_vessels",
    what="28 photographs of the retina with the vessels outlined by two observers",
    licence="CC BY 4.0",
    remote=RemoteFile(
        url="https://researchdata.kingston.ac.uk/96/1/CHASEDB1.zip",
        filename="CHASEDB1.zip",
        megabytes=2.6,
        sha256=None,
        mirror_paths=("chasedb1/CHASEDB1.zip",),
        mirror_folders=("chasedb1", "CHASEDB1"),
    ),
    decode=decode,
    simulate=simulate,
    decode_folder=decode_folder,
)
