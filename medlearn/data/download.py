"""Downloads that resume, retry, are checked, and appear whole or not at all.

The bytes go to `<name>.part` beside the file's place. What a broken connection or Ctrl-C leaves
there is continued by the next try (HTTP Range); nothing ever loads it. Once complete and checked,
pooch moves it into place in one step.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .errors import DamagedFileError, DownloadError
from .locking import exclusive
from .recipes import RemoteFile

if TYPE_CHECKING:
    import requests

__all__ = ["Patience", "download"]

# What is lost of a chunk when the connection breaks within it is fetched again.
CHUNK = 16 * 1024
PASSING_STATUS = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Patience:
    """How long a download is tried; times in seconds."""

    attempts: int = 5
    attempts_offline: int = 2
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    first_wait: float = 1.0
    longest_wait: float = 30.0


class _TryAgain(Exception):
    """An attempt failed in a way that may pass."""

    def __init__(self, reason: str, wait: float | None = None, offline: bool = False) -> None:
        super().__init__(reason)
        self.wait = wait
        self.offline = offline


def download(
    remote: RemoteFile,
    folder: Path,
    check: Callable[[Path], None],
    progress: bool,
    patience: Patience,
) -> Path:
    """Put a file into a folder, unless a good one is there.

    Parameters
    ----------
    remote : RemoteFile
    folder : pathlib.Path
        Made if need be.
    check : callable
        Takes a path and raises DamagedFileError if the file there is not the right one.
    progress : bool
        Whether to show a progress bar.
    patience : Patience

    Returns
    -------
    pathlib.Path

    Raises
    ------
    DownloadError
        If the source cannot be reached or the folder not be written.
    DamagedFileError
        If the source gave something else than it should. Nothing of it is kept.
    """
    target = folder / remote.filename
    try:
        # A good file is taken even from a folder that cannot be written.
        if _is_good(target, check):
            return target
        folder.mkdir(parents=True, exist_ok=True)
        with exclusive(folder / f".{remote.filename}.lock", lambda: _say_waiting(remote)):
            # Another process may have fetched it while this one waited.
            if not _is_good(target, check):
                target.unlink(missing_ok=True)
                _retrieve(remote, folder, _Resuming(remote, check, progress, patience))
    except DownloadError:
        raise
    except OSError as problem:
        raise _storage_error(folder, problem) from problem
    return target


def _is_good(path: Path, check: Callable[[Path], None]) -> bool:
    try:
        check(path)
    except (DamagedFileError, FileNotFoundError, NotADirectoryError):
        return False
    return True


def _say_waiting(remote: RemoteFile) -> None:
    print(f"Waiting: another process is fetching {remote.filename}.", file=sys.stderr)


def _retrieve(remote: RemoteFile, folder: Path, downloader: _Resuming) -> None:
    import pooch

    with _quiet(pooch.get_logger()):
        pooch.retrieve(
            url=remote.url,
            known_hash=f"sha256:{remote.sha256}" if remote.sha256 else None,
            fname=remote.filename,
            path=folder,
            downloader=downloader,
        )


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


class _Resuming:
    """A downloader for pooch: fills `<name>.part`, checks it, and hands it over."""

    def __init__(
        self,
        remote: RemoteFile,
        check: Callable[[Path], None],
        progress: bool,
        patience: Patience,
    ) -> None:
        self.remote = remote
        self.check = check
        self.progress = progress
        self.patience = patience

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        part = Path(output_file).with_name(f"{self.remote.filename}.part")
        attempt = 0
        while True:
            attempt += 1
            try:
                self._attempt(url, part)
                break
            except _TryAgain as failure:
                attempts = self.patience.attempts
                if failure.offline:
                    attempts = self.patience.attempts_offline
                if attempt >= attempts:
                    raise self._give_up(url, attempt, failure) from failure
                time.sleep(self._wait(attempt, failure))
        os.replace(part, output_file)

    def _wait(self, attempt: int, failure: _TryAgain) -> float:
        wait = self.patience.first_wait * 2 ** (attempt - 1)
        return min(max(wait, failure.wait or 0.0), self.patience.longest_wait)

    def _give_up(self, url: str, attempts: int, failure: _TryAgain) -> DownloadError:
        return DownloadError(
            f"{self.remote.filename} could not be fetched from {urlsplit(url).netloc}: {failure} "
            f"({attempts} attempts). Check the connection and fetch again: what has arrived is "
            "kept and continued. Until then the lessons run on stand-ins.",
            offline=failure.offline,
        )

    def _attempt(self, url: str, part: Path) -> None:
        # An earlier run may have been stopped between the last byte and the move into place.
        if part.is_file() and _is_good(part, self.check):
            return
        resumed = self._receive(url, part)
        try:
            self.check(part)
        except DamagedFileError as problem:
            part.unlink()
            if resumed:
                # The file may have changed at the source since the first half was fetched.
                raise _TryAgain(f"the continued file is damaged ({problem})", wait=0.0) from problem
            raise DamagedFileError(
                f"{self.remote.filename} from {urlsplit(url).netloc} was refused: {problem}. "
                "Nothing of it was kept. Fetch again later; if it stays so, the file has changed "
                "at its source: report it, and go on with the stand-in."
            ) from problem

    def _receive(self, url: str, part: Path) -> bool:
        """Fetch what is missing; say whether it continued an earlier part."""
        import requests

        offset = part.stat().st_size if part.is_file() else 0
        # Compressed on the way, the lengths would not be those of the file.
        headers = {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        timeout = (self.patience.connect_timeout, self.patience.read_timeout)
        answered = False
        try:
            with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
                answered = True
                offset = self._starting_point(response, url, part, offset)
                self._copy(response, part, offset)
        except requests.Timeout as problem:
            raise _TryAgain("the server did not answer in time", offline=not answered) from problem
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as problem:
            reason = "the connection broke off" if answered else "no connection to the server"
            raise _TryAgain(reason, offline=not answered) from problem
        except requests.RequestException as problem:
            raise DownloadError(
                f"{self.remote.filename} could not be fetched: {problem}"
            ) from problem
        except OSError as problem:
            if not answered:
                raise DownloadError(
                    f"{self.remote.filename} could not be fetched: {problem}"
                ) from problem
            # What cannot be completed must not go on filling the disk.
            part.unlink(missing_ok=True)
            raise _storage_error(part.parent, problem) from problem
        return offset > 0

    def _starting_point(
        self, response: requests.Response, url: str, part: Path, offset: int
    ) -> int:
        """Say at which byte the answer begins: 0 where the server ignored the range."""
        status = response.status_code
        if status == 206:
            begins = response.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
            if begins != str(offset):
                part.unlink(missing_ok=True)
                raise _TryAgain("the server continued at the wrong place", wait=0.0)
            return offset
        if status == 200:
            return 0
        if status == 416:
            part.unlink(missing_ok=True)
            raise _TryAgain("the server refused to continue", wait=0.0)
        if status in PASSING_STATUS:
            after = response.headers.get("Retry-After", "")
            raise _TryAgain(f"the server answered {status}", wait=_seconds(after))
        raise DownloadError(
            f"{self.remote.filename} could not be fetched: the server answered {status} for {url}. "
            "The file may have moved: update medlearn, or report it; until then the lessons run "
            "on stand-ins."
        )

    def _copy(self, response: requests.Response, part: Path, offset: int) -> None:
        from tqdm.auto import tqdm

        length = response.headers.get("Content-Length", "")
        total = offset + int(length) if length.isdigit() else None
        with (
            tqdm(
                desc=self.remote.filename,
                total=total,
                initial=offset,
                unit="B",
                unit_scale=True,
                disable=not self.progress,
            ) as bar,
            open(part, "ab" if offset else "wb") as file,
        ):
            for chunk in response.iter_content(CHUNK):
                file.write(chunk)
                bar.update(len(chunk))
        if total is not None and part.stat().st_size != total:
            raise _TryAgain("the file arrived incomplete")


def _seconds(text: str) -> float | None:
    return float(text) if text.isdigit() else None


def _storage_error(folder: Path, problem: OSError) -> DownloadError:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DownloadError(
            f"There is no room left to write in the cache folder {folder} ({problem.strerror}). "
            "Free some space, or name another folder in MEDLEARN_CACHE, and fetch again. What had "
            "arrived was removed."
        )
    return DownloadError(
        f"The cache folder {folder} cannot be written ({problem.strerror or problem}). Make it "
        "writable, or name another folder in the variable MEDLEARN_CACHE, and fetch again."
    )
