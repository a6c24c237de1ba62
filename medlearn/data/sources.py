"""Where data come from: the source asked for, the cache, the mirror."""

from __future__ import annotations

import os
from pathlib import Path

from .recipes import RemoteFile

__all__ = [
    "SOURCES", "cache_folder", "find_cached", "find_in_mirror", "mirror_folder", "resolve_source",
]

SOURCES = ("auto", "real", "standin")


def resolve_source(source: str | None) -> str:
    """Say which source is meant: the argument, else MEDLEARN_SOURCE, else "auto".

    Raises
    ------
    ValueError
        If it is none of "auto", "real", "standin".

    Examples
    --------
    >>> resolve_source("real")
    'real'
    """
    origin = "source" if source is not None else "The variable MEDLEARN_SOURCE"
    if source is None:
        source = os.environ.get("MEDLEARN_SOURCE", "").strip() or "auto"
    if source not in SOURCES:
        raise ValueError(f"{origin} is {source!r}; it must be one of {', '.join(SOURCES)}.")
    return source


def cache_folder() -> Path:
    """Give the folder for downloads: MEDLEARN_CACHE, else the user's cache folder.

    It need not exist yet.
    """
    named = os.environ.get("MEDLEARN_CACHE", "").strip()
    if named:
        return Path(named).expanduser().absolute()
    import pooch

    return Path(pooch.os_cache("medlearn"))


def find_cached(remote: RemoteFile) -> Path | None:
    """Give the file's place in the cache, if it is there."""
    path = cache_folder() / remote.filename
    return path if path.is_file() else None


def mirror_folder() -> Path | None:
    """Give the folder that MEDLEARN_MIRROR names, if it names one.

    Raises
    ------
    ValueError
        If it names something else: a mistyped mirror must not end in stand-ins.
    """
    named = os.environ.get("MEDLEARN_MIRROR", "").strip()
    if not named:
        return None
    folder = Path(named).expanduser().absolute()
    if not folder.is_dir():
        raise ValueError(
            f"The variable MEDLEARN_MIRROR names {named}, which is no folder: correct or unset it."
        )
    return folder


def find_in_mirror(remote: RemoteFile) -> Path | None:
    """Give the file's place in the folder that MEDLEARN_MIRROR names, if it is there.

    Of an archive it may be a folder that holds the members.
    """
    mirror = mirror_folder()
    if mirror is None:
        return None
    for place in (*remote.mirror_paths, remote.filename):
        if (mirror / place).is_file():
            return mirror / place
    for place in remote.mirror_folders:
        if (mirror / place).is_dir():
            return mirror / place
    return None
