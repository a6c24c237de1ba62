"""The .npz files of MedMNIST, and stand-ins of their form: images and labels of three parts."""

from __future__ import annotations

import numpy as np

from .dataset import SPLIT_NAMES
from .errors import DamagedFileError
from .files import read_npz
from .recipes import Contents

__all__ = ["read_images", "simulated_parts"]

FILE_KEYS = {"train": "train", "validation": "val", "test": "test"}


def read_images(payload: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read images, labels and parts of a published file of grey pictures.

    Parameters
    ----------
    payload : bytes

    Returns
    -------
    x : numpy.ndarray of float32, shape (n, 28, 28, 1)
        From 0 to 1.
    label : numpy.ndarray of int64, shape (n,)
        As the file has it.
    split : numpy.ndarray of str, shape (n,)

    Raises
    ------
    DamagedFileError
        If anything in the file is not as published.
    """
    keys = tuple(f"{key}_{kind}" for key in FILE_KEYS.values() for kind in ("images", "labels"))
    arrays = read_npz(payload, keys)
    images = [arrays[f"{FILE_KEYS[part]}_images"] for part in SPLIT_NAMES]
    labels = [arrays[f"{FILE_KEYS[part]}_labels"].ravel() for part in SPLIT_NAMES]
    for image, label in zip(images, labels, strict=True):
        if image.shape != (len(label), 28, 28) or image.dtype != np.uint8:
            raise DamagedFileError(f"it holds images of shape {image.shape}, type {image.dtype}")
    x = np.concatenate(images)[..., np.newaxis].astype(np.float32) / np.float32(255)
    split = np.repeat(np.array(SPLIT_NAMES, dtype="<U10"), [len(label) for label in labels])
    return x, np.concatenate(labels).astype(np.int64), split


def simulated_parts(simulate_part, class_names, text) -> Contents:
    """Make the stand-in of a published file: simulated persons with one picture each.

    Parameters
    ----------
    simulate_part : callable
        Takes "train", "validation" or "test"; gives pictures (m, 28, 28, 1) and outcomes (m,).
    class_names : tuple of str
    text : CardText

    Returns
    -------
    Contents
    """
    pictures, outcomes = zip(*(simulate_part(part) for part in SPLIT_NAMES), strict=True)
    y = np.concatenate(outcomes)
    return Contents(
        x=np.concatenate(pictures),
        y=y,
        patient=np.arange(len(y)),
        split=np.repeat(np.array(SPLIT_NAMES, dtype="<U10"), [len(part) for part in outcomes]),
        feature_names=(),
        class_names=class_names,
        text=text,
    )
