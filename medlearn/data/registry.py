"""The data sets by name: loading, fetching, and what is where."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from . import (
    arrhythmia,
    breast_cytology,
    breast_ultrasound,
    diabetes_progression,
    hippocampus,
    kidney_disease,
    medical_abstracts,
    pneumonia_xray,
    pulse_diary,
    retinal_vessels,
)
from .cards import DataCard, make_card, show
from .dataset import Dataset
from .download import Patience, download
from .errors import DamagedFileError, DataError, DataNotFoundError, DownloadError
from .files import check_sha256
from .recipes import Bundled, Contents, Downloaded
from .sources import cache_folder, find_cached, find_in_mirror, resolve_source

__all__ = [
    "FetchReport",
    "Status",
    "cards",
    "fetch",
    "fetch_all",
    "load",
    "names",
    "status",
]

REGISTRY: dict[str, Bundled | Downloaded] = {
    module.RECIPE.name: module.RECIPE
    for module in (
        breast_cytology,
        diabetes_progression,
        kidney_disease,
        pneumonia_xray,
        breast_ultrasound,
        hippocampus,
        retinal_vessels,
        pulse_diary,
        arrhythmia,
        medical_abstracts,
    )
}


def names() -> tuple[str, ...]:
    """Give the names that `load` and `fetch` know.

    Examples
    --------
    >>> names()[:2]
    ('breast_cytology', 'diabetes_progression')
    """
    return tuple(REGISTRY)


def load(name: str, source: str | None = None, show_card: bool = True) -> Dataset:
    """Load a data set with its split, and show its card.

    Nothing is downloaded here: what is not at hand is simulated, and the card says so.
    Introduced in chapter 00, taught in chapter 10.

    Parameters
    ----------
    name : str
        One of `names()`.
    source : {"auto", "real", "standin"}, optional
        "auto": the real data if cached or in the mirror folder, else the stand-in. Default: the
        variable MEDLEARN_SOURCE, else "auto". Makes no difference to data bundled with a library,
        which are always real, and to a set that exists as a simulation alone.
    show_card : bool
        Whether to show the card.

    Returns
    -------
    Dataset
        Read-only arrays, read anew at every call.

    Raises
    ------
    ValueError
        If the name or the source is unknown.
    DataNotFoundError
        If the real data are asked for and not at hand.
    DamagedFileError
        If the file at hand is not the published one.

    Examples
    --------
    >>> from medlearn import data
    >>> kidney = data.load("kidney_disease", source="standin", show_card=False)
    >>> kidney.x.shape, kidney.is_standin
    ((400, 24), True)
    """
    recipe = _recipe(name)
    choice = resolve_source(source)
    contents, notice, is_standin = _contents(recipe, choice)
    card = make_card(
        name=recipe.name,
        text=contents.text,
        notice=notice,
        is_standin=is_standin,
        x=contents.x,
        y=contents.y,
        patient=contents.patient,
        split=contents.split,
        class_names=contents.class_names,
    )
    if show_card:
        show(card)
    return Dataset(
        name=recipe.name,
        x=contents.x,
        y=contents.y,
        patient=contents.patient,
        split=contents.split,
        feature_names=contents.feature_names,
        class_names=contents.class_names,
        card=card,
        is_standin=is_standin,
        spacing=contents.spacing,
        extra=contents.extra,
    )


def _recipe(name: str) -> Bundled | Downloaded:
    if name in REGISTRY:
        return REGISTRY[name]
    close = difflib.get_close_matches(str(name), REGISTRY, n=1, cutoff=0.4)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"There is no data set {name!r}.{meant} There are: {', '.join(REGISTRY)}.")


def find(name: str, source: str | None = None) -> Path | None:
    """Say where the real data of a downloaded set lie, or None where the stand-in is meant.

    Parameters
    ----------
    name, source
        As for `load`.

    Raises
    ------
    ValueError
        If the name or the source is unknown.
    DataNotFoundError
        If the real data are asked for and not at hand.
    """
    return _find(_recipe(name), resolve_source(source))


def _find(recipe: Downloaded, choice: str) -> Path | None:
    if choice == "standin":
        return None
    path = find_cached(recipe.remote) or find_in_mirror(recipe.remote)
    if path is None and choice == "real":
        raise DataNotFoundError(
            f"The real data of {recipe.name!r} are not on this computer. Fetch them "
            f"({_size(recipe)}) with the command: medlearn fetch {recipe.name}   "
            'Or load the simulated stand-in with source="standin".'
        )
    return path


def _contents(recipe: Bundled | Downloaded, choice: str) -> tuple[Contents, str, bool]:
    if isinstance(recipe, Bundled) and recipe.simulated:
        notice = "SIMULATED: not patients. This set exists as a simulation alone."
        return recipe.read(), notice, True
    if isinstance(recipe, Bundled):
        return recipe.read(), f"Real data, bundled with {recipe.library}.", False
    path = _find(recipe, choice)
    if path is not None:
        return _read(recipe, path), "Real data, as published.", False
    notice = (
        "STAND-IN: simulated data, not patients. The real data are fetched by the command "
        f"medlearn fetch {recipe.name} ({_size(recipe)})."
    )
    return recipe.simulate(), notice, True


def _size(recipe: Downloaded) -> str:
    return f"{recipe.remote.megabytes:g} MB"


def _read(recipe: Downloaded, path: Path) -> Contents:
    with reading(recipe.name, path):
        return _decode(recipe, path)


@contextmanager
def reading(name: str, path: Path) -> Iterator[None]:
    """Read a file that is in place, or refuse it and say what to do.

    Raises
    ------
    DamagedFileError
        In place of one without advice.
    DataNotFoundError
        In place of an OSError.
    """
    try:
        yield
    except DamagedFileError as problem:
        raise DamagedFileError(
            f"The file {path} was refused: {problem}. Fetch it anew with the command: "
            f"medlearn fetch {name}   (if it lies in the folder that MEDLEARN_MIRROR names, "
            'replace it there). Until then load the stand-in with source="standin".'
        ) from problem
    except OSError as problem:
        raise DataNotFoundError(
            f"The file {path} cannot be read ({problem.strerror}). Make it readable, or load the "
            'stand-in with source="standin".'
        ) from problem


def _decode(recipe: Downloaded, path: Path) -> Contents:
    if path.is_dir():
        return recipe.decode_folder(path)
    payload = path.read_bytes()
    if recipe.remote.sha256 is not None:
        check_sha256(payload, recipe.remote.sha256)
    return recipe.decode(payload)


def fetch(name: str, progress: bool = True) -> Path:
    """Fetch the real data from their public source into the cache, unless they are at hand.

    Parameters
    ----------
    name : str
        One of `names()`.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    pathlib.Path
        The file: in the cache, in the mirror folder, or inside the library that bundles it.

    Raises
    ------
    ValueError
        If the name is unknown.
    DownloadError
        If the source cannot be reached or the cache not be written.
    DamagedFileError
        If the source, or the mirror, holds something else than the published file.

    Examples
    --------
    >>> from medlearn import data
    >>> data.fetch("breast_cytology").name
    'breast_cancer.csv'
    """
    recipe = _recipe(name)
    if isinstance(recipe, Bundled):
        return recipe.path()
    in_mirror = find_in_mirror(recipe.remote)
    if in_mirror is not None:
        _read(recipe, in_mirror)
        return in_mirror
    return download(
        recipe.remote,
        cache_folder(),
        check=lambda path: _decode(recipe, path),
        progress=progress,
        patience=PATIENCE,
    )


PATIENCE = Patience()


@dataclass(frozen=True)
class FetchReport:
    """What `fetch_all` did with one data set.

    Attributes
    ----------
    name : str
    state : str
        "ready", "skipped" (larger than asked for) or "failed".
    path : pathlib.Path or None
    message : str
        Why it was skipped or failed; empty when ready.
    """

    name: str
    state: str
    path: Path | None
    message: str


def fetch_all(max_megabytes: float | None = None, progress: bool = True) -> list[FetchReport]:
    """Fetch every data set, going on where one fails.

    Parameters
    ----------
    max_megabytes : float, optional
        Leave out what is larger.
    progress : bool
        Whether to show progress bars.

    Returns
    -------
    list of FetchReport
        One a data set. Where a server could not be reached, its other files are not tried.
    """
    reports = []
    unreachable: dict[str, DownloadError] = {}  # by server
    for name, recipe in REGISTRY.items():
        megabytes = _megabytes(recipe)
        if max_megabytes is not None and megabytes > max_megabytes:
            reason = f"{megabytes:g} MB: fetch it with the command medlearn fetch {name}"
            reports.append(FetchReport(name, "skipped", None, reason))
            continue
        server = urlsplit(recipe.remote.url).netloc if isinstance(recipe, Downloaded) else ""
        if server in unreachable and _where(recipe) == "not fetched":
            reason = f"not tried: {unreachable[server]}"
            reports.append(FetchReport(name, "failed", None, reason))
            continue
        try:
            reports.append(FetchReport(name, "ready", fetch(name, progress=progress), ""))
        except DataError as problem:
            reports.append(FetchReport(name, "failed", None, str(problem)))
            if isinstance(problem, DownloadError) and problem.offline:
                unreachable[server] = problem
    return reports


def cards() -> list[DataCard]:
    """Give the card of every data set, as it would be loaded now.

    Loads (or simulates) each of them, since a card's numbers come from the arrays.
    """
    return [load(name, show_card=False).card for name in REGISTRY]


@dataclass(frozen=True)
class Status:
    """A line about a data set: what it is, and where it is.

    Attributes
    ----------
    name, what, licence : str
    megabytes : float
    where : str
        "bundled", "cached", "in the mirror" or "not fetched".
    """

    name: str
    what: str
    megabytes: float
    licence: str
    where: str


def status() -> list[Status]:
    """Say of every data set what it is and where, loading none.

    Examples
    --------
    >>> status()[0].where
    'bundled'
    """
    return [
        Status(name, recipe.what, _megabytes(recipe), recipe.licence, _where(recipe))
        for name, recipe in REGISTRY.items()
    ]


def _megabytes(recipe: Bundled | Downloaded) -> float:
    return recipe.megabytes if isinstance(recipe, Bundled) else recipe.remote.megabytes


def _where(recipe: Bundled | Downloaded) -> str:
    if isinstance(recipe, Bundled):
        return "bundled"
    if find_cached(recipe.remote) is not None:
        return "cached"
    if find_in_mirror(recipe.remote) is not None:
        return "in the mirror"
    return "not fetched"
