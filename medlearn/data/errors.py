"""What can go wrong with data, as exceptions whose messages say what to do next."""

__all__ = ["DamagedFileError", "DataError", "DataNotFoundError", "DownloadError"]


class DataError(Exception):
    """The common parent: catch it to go on without a data set."""


class DataNotFoundError(DataError, FileNotFoundError):
    """The real data were asked for and are neither in the cache nor in the mirror."""


class DamagedFileError(DataError, ValueError):
    """A file is truncated, altered, holds pickles, or its archive climbs out of its folder."""


class DownloadError(DataError, OSError):
    """A download did not succeed; nothing incomplete was put in the file's place.

    Attributes
    ----------
    offline : bool
        True where no server answered at all, so that trying the next file is pointless.
    """

    def __init__(self, message: str, offline: bool = False) -> None:
        super().__init__(message)
        self.offline = offline
