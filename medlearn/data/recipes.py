"""How a data set is made: bundled with a library, or downloaded with a stand-in beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .cards import CardText

__all__ = ["Bundled", "Contents", "Downloaded", "RemoteFile"]


@dataclass(frozen=True, eq=False)
class Contents:
    """What a recipe yields: the arrays of a `Dataset` and the text of its card."""

    x: np.ndarray
    y: np.ndarray
    patient: np.ndarray | None
    split: np.ndarray
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    text: CardText
    spacing: tuple[float, ...] | None = None
    extra: dict[str, np.ndarray] | None = None


@dataclass(frozen=True)
class RemoteFile:
    """A file at a public source.

    Attributes
    ----------
    url : str
    filename : str
        Its name in the cache.
    megabytes : float
    sha256 : str or None
        None where the publisher's file has no known checksum; the recipe's `decode`
        then holds the arrays to one of their own.
    mirror_paths : tuple of str
        Where a mirror folder may hold it, or what was packed in it.
    mirror_folders : tuple of str
        Of an archive: where a mirror folder may hold its members, unpacked.
    """

    url: str
    filename: str
    megabytes: float
    sha256: str | None
    mirror_paths: tuple[str, ...]
    mirror_folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bundled:
    """A data set that comes inside an installed library: always there.

    Real, but for a `simulated` one: that is made by this package, and no real data stand behind it.
    """

    name: str
    what: str
    licence: str
    megabytes: float
    library: str
    read: Callable[[], Contents]
    path: Callable[[], Path]
    simulated: bool = False


@dataclass(frozen=True)
class Downloaded:
    """A data set that is fetched once, and simulated until then.

    `decode` takes the file's bytes, refuses damaged ones and gives the contents; of an archive,
    `decode_folder` does so with a folder that holds its members.
    """

    name: str
    what: str
    licence: str
    remote: RemoteFile
    decode: Callable[[bytes], Contents]
    simulate: Callable[[], Contents]
    decode_folder: Callable[[Path], Contents] | None = None
