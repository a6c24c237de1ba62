"""Hippocampus MRI of the Medical Segmentation Decathlon: 260 volumes with masks."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from .brain_template import template_blocks
from .cards import CardText
from .errors import DamagedFileError
from .files import UNREADABLE, gunzip, read_folder, read_tar, sha256_of_arrays
from .recipes import Contents, Downloaded, RemoteFile
from .splits import grouped_split

__all__ = ["RECIPE", "SHAPE", "fitted"]

CLASS_NAMES = ("background", "anterior", "posterior")
# Voxels a side: the smallest multiples of 8 that keep every labelled voxel of the centred volumes.
SHAPE = (32, 56, 40)
# In the archive imagesTr and labelsTr; the test images, in imagesTs, have no public labels.
MEMBER = re.compile(r"(?:^|(?<=/))(images|labels)(?:Tr)?/hippocampus_(\d{3})\.nii\.gz$")
LARGEST_MEMBER = 2_000_000
# Over image and mask of each volume in turn, as they come from their files.
SHA256_OF_ARRAYS = "addee79d5c8164f620d85278382122f4f3781752397aab0145e6da9818f20847"

CODING = (
    "x: MR signal in the scanner's own units, which differ between volumes by four orders of "
    "magnitude: standardise each volume. Axes of x and y: medial to lateral, posterior to anterior, "
    "inferior to superior. All volumes look like one side, so the other must have been mirrored; "
    "which is which is not told. y: 0 = background, 1 = anterior (head), 2 = posterior (body and "
    "tail)."
)

TEXT = CardText(
    title="Hippocampus MRI (Medical Segmentation Decathlon, Task04)",
    what=(
        "T1-weighted MR volumes cut out around one hippocampus, of healthy adults and adults with "
        "a psychotic disorder, Vanderbilt University Medical Center, with the outlines of experts; "
        "each cut or padded about its centre to one size, which keeps every labelled voxel."
    ),
    row="one hippocampus",
    patients=(
        "Inferred, not told by the source: volumes 2k-1 and 2k look like the two sides of one "
        "subject, and count as one. All such pairs are alike in intensity, most other neighbours "
        "are not; and their volumes go together, those of other neighbours do not."
    ),
    split_by=(
        "By inferred subject, both sides together: the two sides of one brain are alike, and a "
        "side in training would give the other away. Fixed, whatever the seed."
    ),
    coding=CODING,
    licence="CC BY-SA 4.0",
    source=(
        "Antonelli and others, Nature Communications 13 (2022) 4128, "
        "doi:10.1038/s41467-022-30695-9; Simpson and others, arXiv:1902.09063. The arrays are "
        "held to a checksum; the download has not been tested against the source."
    ),
    bias=(
        "One hospital and one scanner protocol; nobody with dementia or epilepsy.",
        "Already cut out around the hippocampus: a whole brain is a harder task.",
        "Age, sex and diagnosis of the subjects are not in the file.",
        "One outline a volume: how far two experts would differ is not told.",
    ),
)

STANDIN_TEXT = CardText(
    title="Brain tissue (simulated scans of a template)",
    what=(
        "Blocks cut from the MNI ICBM 152 brain template that comes with nilearn (an average of "
        "152 adults, resampled to 0.7 mm from back to front), each under a simulated scan: its own "
        "scale and contrast, a smooth coil shading, Rician noise. Labels from the template's maps "
        "of grey and white matter."
    ),
    row="one block of 32 x 56 x 40 voxels",
    patients=(
        "There is one template brain. Its left and right halves mirror each other, so a block and "
        "its mirror image count as one subject."
    ),
    split_by=(
        "By slab: the brain is cut from back to front into five slabs, of which two are kept for "
        "validation and test; no voxel is in two parts."
    ),
    coding=(
        "x: simulated MR signal, its scale differs between blocks: standardise each. Axes: left "
        "to right, posterior to anterior, inferior to superior. y: 0 = background, 1 = grey "
        "matter, 2 = white matter."
    ),
    licence="BSD-3-Clause (made by this package); template: ICBM, free use with its notice",
    source=(
        "Fonov and others, NeuroImage 54 (2011) 313, doi:10.1016/j.neuroimage.2010.07.033, from "
        "nilearn; in the form of the Medical Segmentation Decathlon's Task04."
    ),
    bias=(
        "Says nothing of patients: one average brain, blurred by averaging.",
        "Another task than the real one: tissue fills half of a block and differs in brightness, "
        "so that even a threshold does well.",
    ),
)


def fitted(volume: np.ndarray, shape: tuple[int, ...], padding: str = "edge") -> np.ndarray:
    """Cut or pad a volume about its centre.

    Parameters
    ----------
    volume : numpy.ndarray
    shape : tuple of int
    padding : {"edge", "constant"}
        Repeat the outermost voxels, or put zeros.

    Examples
    --------
    >>> import numpy as np
    >>> fitted(np.arange(6), (4,)), fitted(np.arange(2), (4,))
    (array([1, 2, 3, 4]), array([0, 0, 1, 1]))
    """
    cut = tuple(
        slice(max(has - want, 0) // 2, max(has - want, 0) // 2 + want)
        for has, want in zip(volume.shape, shape, strict=True)
    )
    volume = volume[cut]
    missing = [want - has for has, want in zip(volume.shape, shape, strict=True)]
    return np.pad(volume, [(gap // 2, gap - gap // 2) for gap in missing], mode=padding)


def decode(payload: bytes) -> Contents:
    """Read the published TAR archive.

    Raises
    ------
    DamagedFileError
    """
    return _contents(read_tar(payload, MEMBER, LARGEST_MEMBER))


def decode_folder(folder: Path) -> Contents:
    """Read the archive's members from a folder.

    Raises
    ------
    DamagedFileError
    """
    return _contents(read_folder(folder, MEMBER, LARGEST_MEMBER))


def _contents(members: dict[str, bytes]) -> Contents:
    files: dict[str, dict[int, bytes]] = {"images": {}, "labels": {}}
    for name, content in members.items():
        kind, number = MEMBER.search(name).groups()
        files[kind][int(number)] = content
    numbers = sorted(files["images"])
    if not numbers or numbers != sorted(files["labels"]):
        raise DamagedFileError(
            f"it holds {len(numbers)} images and {len(files['labels'])} masks of the hippocampus, "
            "not an image and a mask of each"
        )
    volumes = [_volume(files[kind][n]) for n in numbers for kind in ("images", "labels")]
    if sha256_of_arrays(*volumes) != SHA256_OF_ARRAYS:
        raise DamagedFileError("it holds other volumes than the published 260")
    images, masks = volumes[0::2], volumes[1::2]
    subject = (np.array(numbers) + 1) // 2
    return Contents(
        x=np.stack([fitted(image, SHAPE) for image in images])[..., np.newaxis].astype(np.float32),
        y=np.stack([fitted(mask, SHAPE, "constant") for mask in masks]).astype(np.uint8),
        patient=subject,
        split=grouped_split("hippocampus", subject),
        feature_names=(),
        class_names=CLASS_NAMES,
        text=TEXT,
        spacing=(1.0, 1.0, 1.0),
    )


def _volume(content: bytes) -> np.ndarray:
    """Read one compressed NIfTI file: voxels of 1 mm, axes to the right, front and top.

    So the header says; in fact one side of the brain is stored mirrored.
    """
    import nibabel

    try:
        image = nibabel.Nifti1Image.from_bytes(gunzip(content, LARGEST_MEMBER))
        volume = np.asanyarray(image.dataobj)
    except (*UNREADABLE, nibabel.spatialimages.HeaderDataError) as problem:
        raise DamagedFileError(f"one of its volumes cannot be read ({problem})") from problem
    if volume.ndim != 3 or not np.allclose(image.header.get_zooms(), 1.0):
        raise DamagedFileError(f"it holds a volume of shape {volume.shape}, not one of 1 mm voxels")
    return volume


def simulate() -> Contents:
    """Make the stand-in."""
    x, y, subject, split, spacing = template_blocks(SHAPE)
    return Contents(
        x=x,
        y=y,
        patient=subject,
        split=split,
        feature_names=(),
        class_names=("background", "grey matter", "white matter"),
        text=STANDIN_TEXT,
        spacing=spacing,
    )


RECIPE = Downloaded(
    name="hippocampus",
    what="260 MR volumes of the hippocampus with masks of its front and back part",
    licence="CC BY-SA 4.0",
    remote=RemoteFile(
        url="https://msd-for-monai.s3-us-west-2.amazonaws.com/Task04_Hippocampus.tar",
        filename="Task04_Hippocampus.tar",
        megabytes=28.4,
        sha256=None,
        mirror_paths=("hippocampus/Task04_Hippocampus.tar",),
        mirror_folders=("hippocampus", "Task04_Hippocampus"),
    ),
    decode=decode,
    simulate=simulate,
    decode_folder=decode_folder,
)
