"""A data set as the lessons see it: arrays, a fixed split, a card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas

    from .cards import DataCard

__all__ = ["SPLIT_NAMES", "Dataset", "Split"]

SPLIT_NAMES = ("train", "validation", "test")


class Split(NamedTuple):
    """One part of a data set: the learner's own copies, free to be changed.

    Attributes
    ----------
    x : numpy.ndarray, shape (m, ...)
    y : numpy.ndarray, shape (m,), or (m, ...) for masks
    patient : numpy.ndarray of int, shape (m,), or None
        None where the source does not tell patients apart.
    extra : dict of str to numpy.ndarray, each of shape (m, ...), or None
        What else is known of each row, by name.
    """

    x: np.ndarray
    y: np.ndarray
    patient: np.ndarray | None
    extra: dict[str, np.ndarray] | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Arrays with their split and their card, as `medlearn.data.load` returns them.

    The arrays are read-only, so that no cell can change what a later cell reads;
    `train`, `validation` and `test` hand out copies. Taught in chapter 10.

    Attributes
    ----------
    name : str
    x : numpy.ndarray
        Tables: (n, features) float64, `np.nan` where a value is missing.
        Images: (n, height, width, channels) float32 between 0 and 1.
        Volumes: (n, i, j, k, 1) float32, in the scanner's own units.
        Sequences and signals: (n, time steps, features or leads) float32, in units that the card
        states.
        Texts: (n,) Python strings.
    y : numpy.ndarray, shape (n,), or (n, ...) for masks
        int64, 1 is always the disease, of several classes 0 is the normal one or the
        rest; float64 for a regression.
        Masks: uint8, one label for each pixel or voxel, 0 is the background.
    patient : numpy.ndarray of int, shape (n,), or None
        None where the source does not tell patients apart.
    split : numpy.ndarray of str, shape (n,)
        "train", "validation" or "test"; "aside" where a row is in none of them, on purpose: the
        card says why.
    feature_names, class_names : tuple of str
        `class_names[1]` is the disease; empty for a regression. For masks the name of each label.
    card : DataCard
    is_standin : bool
        True where the data are simulated, in place of the real ones or for want of any.
    spacing : tuple of float, or None
        The size of a voxel along each axis in mm; None where it is unknown, or x is no volume.
    extra : dict of str to numpy.ndarray, each of shape (n, ...), or None
        What else is known of each row, by name; the card's coding says in what units.

    Examples
    --------
    >>> from medlearn import data
    >>> cytology = data.load("breast_cytology", show_card=False)
    >>> cytology
    Dataset 'breast_cytology': x (569, 30) float64, 341 train, 113 validation, 115 test, real
    >>> cytology.train.x.shape
    (341, 30)
    >>> cytology.class_names
    ('benign', 'malignant')
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    patient: np.ndarray | None
    split: np.ndarray
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    card: DataCard
    is_standin: bool
    spacing: tuple[float, ...] | None = None
    extra: dict[str, np.ndarray] | None = None

    def __post_init__(self) -> None:
        for array in (self.x, self.y, self.patient, self.split, *(self.extra or {}).values()):
            if array is None:
                continue
            if len(array) != len(self.x):
                raise ValueError(f"{self.name}: {len(array)} values for {len(self.x)} rows.")
            array.setflags(write=False)

    def __repr__(self) -> str:
        counts = ", ".join(f"{np.sum(self.split == part)} {part}" for part in SPLIT_NAMES)
        kind = "stand-in" if self.is_standin else "real"
        return f"Dataset {self.name!r}: x {self.x.shape} {self.x.dtype}, {counts}, {kind}"

    def _part(self, name: str) -> Split:
        rows = self.split == name
        patient = None if self.patient is None else self.patient[rows]
        extra = None
        if self.extra is not None:
            extra = {name: values[rows] for name, values in self.extra.items()}
        return Split(self.x[rows], self.y[rows], patient, extra)

    @property
    def train(self) -> Split:
        """The part to fit on, as fresh copies: keep it in a variable inside a loop."""
        return self._part("train")

    @property
    def validation(self) -> Split:
        """The part to choose settings and thresholds on, as fresh copies."""
        return self._part("validation")

    @property
    def test(self) -> Split:
        """The part to report on, once, as fresh copies."""
        return self._part("test")

    @property
    def aside(self) -> Split:
        """What is in no part, on purpose, as fresh copies; empty in most sets."""
        return self._part("aside")

    def frame(self) -> pandas.DataFrame:
        """Give a table as a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame, shape (n, features + 1)
            One column a feature and, last, "outcome".

        Raises
        ------
        ValueError
            If the data are images or texts.

        Examples
        --------
        >>> from medlearn import data
        >>> data.load("breast_cytology", show_card=False).frame().shape
        (569, 31)
        """
        if self.x.ndim == 1:
            raise ValueError(
                f"{self.name} holds texts, which make no table. Use its arrays x and y."
            )
        if self.x.ndim != 2:
            raise ValueError(
                f"{self.name} holds images of shape {self.x.shape[1:]}, which make no table. "
                "Use its arrays x and y."
            )
        import pandas

        table = pandas.DataFrame(np.array(self.x), columns=list(self.feature_names))
        return table.assign(outcome=np.array(self.y))
