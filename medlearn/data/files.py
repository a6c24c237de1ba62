"""Reading files that may be damaged or hostile, without ever running or unpacking them."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np

from .errors import DamagedFileError

__all__ = [
    "check_sha256",
    "gunzip",
    "open_archive",
    "read_folder",
    "read_member",
    "read_npz",
    "read_tar",
    "sha256_of_arrays",
]

# What zipfile and NumPy raise on damaged bytes; RuntimeError is an unknown compression.
UNREADABLE = (
    ValueError,
    KeyError,
    EOFError,
    OSError,
    RuntimeError,
    MemoryError,
    SyntaxError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


def check_sha256(payload: bytes, expected: str) -> None:
    """Refuse bytes whose SHA-256 is not the expected one.

    Raises
    ------
    DamagedFileError
    """
    found = hashlib.sha256(payload).hexdigest()
    if found != expected:
        raise DamagedFileError(
            f"its SHA-256 is {found[:12]}..., not {expected[:12]}... "
            f"({len(payload):,} bytes): it is truncated or altered"
        )


def sha256_of_arrays(*arrays: np.ndarray) -> str:
    """Give one SHA-256 for numeric arrays, equal on every platform.

    Values count as little-endian float64 and every NaN as the same one; shapes count.

    Examples
    --------
    >>> import numpy as np
    >>> sha256_of_arrays(np.zeros(2))[:12]
    '45e2f25e0283'
    """
    digest = hashlib.sha256()
    for array in arrays:
        values = np.ascontiguousarray(array, dtype="<f8").copy()
        values[np.isnan(values)] = np.nan
        digest.update(str(values.shape).encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def open_archive(payload: bytes) -> zipfile.ZipFile:
    """Open a ZIP archive held in memory, refusing one whose members leave their folder.

    Raises
    ------
    DamagedFileError
        If it is no ZIP archive, or a member's path is absolute or holds "..".
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(payload))
    except UNREADABLE as problem:
        raise DamagedFileError(f"it is not a complete ZIP archive ({problem})") from problem
    for member in archive.namelist():
        if _climbs_out(member):
            raise DamagedFileError(f"its member {member!r} would be written outside its folder")
    return archive


def _climbs_out(member: str) -> bool:
    # A path may be harmless on one system and absolute on another: it is read as both.
    posix, windows = PurePosixPath(member), PureWindowsPath(member)
    absolute = posix.is_absolute() or bool(windows.drive or windows.root)
    return absolute or ".." in posix.parts or ".." in windows.parts


def read_member(archive: zipfile.ZipFile, member: str, largest: int) -> bytes:
    """Read a member into memory, refusing more than `largest` bytes.

    Raises
    ------
    DamagedFileError
        If it is too large, or its checksum in the archive is wrong.
    """
    _refuse_larger(member, archive.getinfo(member).file_size, largest)
    try:
        return archive.read(member)
    except UNREADABLE as problem:
        raise DamagedFileError(f"its member {member!r} cannot be read ({problem})") from problem


def read_npz(payload: bytes, keys: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Read arrays from the bytes of an .npz file, never unpickling anything.

    Raises
    ------
    DamagedFileError
        If a key is missing, holds pickled objects, or the file is damaged.
    """
    open_archive(payload)
    try:
        with np.load(io.BytesIO(payload), allow_pickle=False) as arrays:
            return {key: arrays[key] for key in keys}
    except UNREADABLE as problem:
        raise DamagedFileError(
            f"it does not hold the plain arrays {', '.join(keys)} ({problem}); "
            "pickled objects are never loaded"
        ) from problem


def read_tar(payload: bytes, wanted: re.Pattern[str], largest: int) -> dict[str, bytes]:
    """Read members of a TAR archive into memory, unpacking nothing.

    Parameters
    ----------
    payload : bytes
    wanted : re.Pattern
        What the end of a member's path must match.
    largest : int
        Bytes that a member may have.

    Returns
    -------
    dict of str to bytes
        By the text that matched.

    Raises
    ------
    DamagedFileError
        If it is no TAR archive, is cut off, any member's path leaves its folder, or a wanted
        member is too large.
    """
    found = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(payload), mode="r:") as archive:
            for member in archive:
                if _climbs_out(member.name):
                    raise DamagedFileError(
                        f"its member {member.name!r} would be written outside its folder"
                    )
                match = wanted.search(member.name)
                # Links and devices are passed over: they hold nothing that could be read.
                if match and member.isreg():
                    _refuse_larger(member.name, member.size, largest)
                    found[match.group()] = archive.extractfile(member).read()
                    if len(found[match.group()]) != member.size:
                        raise DamagedFileError(f"its member {member.name!r} is cut off")
    except UNREADABLE as problem:
        if isinstance(problem, DamagedFileError):
            raise
        raise DamagedFileError(f"it is not a complete TAR archive ({problem})") from problem
    return found


def read_folder(folder: Path, wanted: re.Pattern[str], largest: int) -> dict[str, bytes]:
    """Read the members of an archive that lie unpacked in a folder; as `read_tar` otherwise."""
    found = {}
    for path in sorted(folder.rglob("*")):
        match = wanted.search(path.relative_to(folder).as_posix())
        if match and path.is_file():
            _refuse_larger(path.name, path.stat().st_size, largest)
            found[match.group()] = path.read_bytes()
    return found


def _refuse_larger(member: str, size: int, largest: int) -> None:
    if size > largest:
        raise DamagedFileError(f"its member {member!r} is {size:,} bytes, more than {largest:,}")


def gunzip(payload: bytes, largest: int) -> bytes:
    """Unpack gzip, refusing to unpack more than `largest` bytes.

    Raises
    ------
    DamagedFileError
        If it is too large, cut off, or no gzip.

    Examples
    --------
    >>> import gzip
    >>> gunzip(gzip.compress(b"voxels"), largest=100)
    b'voxels'
    """
    unpacking = zlib.decompressobj(wbits=31)
    try:
        content = unpacking.decompress(payload, largest + 1)
    except zlib.error as problem:
        raise DamagedFileError(f"a compressed part cannot be read ({problem})") from problem
    if len(content) > largest:
        raise DamagedFileError(f"a compressed part unpacks to more than {largest:,} bytes")
    if not unpacking.eof:
        raise DamagedFileError("a compressed part is cut off")
    return content
