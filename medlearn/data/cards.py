"""Data cards: what a reader must know of a data set before the first model."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass
from html import escape

import numpy as np

from .dataset import SPLIT_NAMES

__all__ = ["CardText", "DataCard", "make_card", "show"]


@dataclass(frozen=True)
class CardText:
    """The part of a card that is written, not computed.

    Attributes
    ----------
    title, what : str
    row : str
        What one row is, "one patient" or "one radiograph".
    patients : str
        How patients are told apart, or that they are not.
    split_by : str
        How the split was made, and why so.
    coding : str
        How values and classes are coded, and in what units.
    licence, source : str
    bias : tuple of str
        What is known to be wrong or one-sided.
    """

    title: str
    what: str
    row: str
    patients: str
    split_by: str
    coding: str
    licence: str
    source: str
    bias: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class DataCard:
    """A data card, shown as a table in a notebook and as plain text elsewhere.

    Every number on it is computed from the arrays that were loaded. Taught in chapter 10.

    Attributes
    ----------
    name, title : str
    notice : str
        Real or stand-in, in a sentence.
    is_standin : bool
    rows : tuple of (str, str)
        Heading and text, in the order shown.

    Examples
    --------
    >>> from medlearn import data
    >>> card = data.load("breast_cytology", show_card=False).card
    >>> print(dict(card.rows)["Malignant"])
    37.3 % of all (212 of 569); train 37.2 %, validation 37.2 %, test 37.4 %
    """

    name: str
    title: str
    notice: str
    is_standin: bool
    rows: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        width = max(len(heading) for heading, _ in self.rows) + 2
        lines = [f"{self.title} ({self.name})", *textwrap.wrap(self.notice, 96), ""]
        for heading, text in self.rows:
            lines += textwrap.wrap(
                text,
                width=96,
                initial_indent=heading.ljust(width),
                subsequent_indent=" " * width,
                break_long_words=False,
                break_on_hyphens=False,
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        cell = "text-align:left;vertical-align:top;white-space:normal"
        body = "".join(
            f'<tr><th scope="row" style="{cell}">{escape(heading)}</th>'
            f'<td style="{cell};max-width:48em">{escape(text)}</td></tr>'
            for heading, text in self.rows
        )
        border = "3px dashed" if self.is_standin else "1px solid"
        return (
            f'<table style="border:{border} currentColor">'
            f'<caption style="text-align:left"><strong>{escape(self.title)}</strong> '
            f"(<code>{escape(self.name)}</code>)<br>{escape(self.notice)}</caption>"
            f"<tbody>{body}</tbody></table>"
        )


def make_card(
    name: str,
    text: CardText,
    notice: str,
    is_standin: bool,
    x: np.ndarray,
    y: np.ndarray,
    patient: np.ndarray | None,
    split: np.ndarray,
    class_names: tuple[str, ...],
) -> DataCard:
    """Write a card: the text as given, every number from the arrays."""
    rows = [
        ("What", text.what),
        ("Rows", f"{len(x):,}, each {text.row}; {_shape(x)}"),
        ("Patients", _patients(patient, text.patients)),
        _outcome(y, split, class_names),
    ]
    if x.dtype.kind == "f" and np.isnan(x).any():
        rows.append(("Missing", _missing(x, y, class_names)))
    counts = ", ".join(f"{np.sum(split == part):,} {part}" for part in SPLIT_NAMES)
    rows += [
        ("Split", f"{counts}. {text.split_by}"),
        ("Coding", text.coding),
        ("Known bias", " ".join(text.bias)),
        ("Licence", text.licence),
        ("Source", text.source),
    ]
    return DataCard(name, text.title, notice, is_standin, tuple(rows))


def _shape(x: np.ndarray) -> str:
    if x.ndim == 1:
        return f"{np.median([len(text.split()) for text in x]):.0f} words in the median"
    if x.ndim == 2:
        return f"{x.shape[1]} features"
    if x.ndim == 3:
        return f"{x.shape[1]} time steps"
    sizes = " x ".join(str(size) for size in x.shape[1:-1])
    return f"{sizes} {'pixels' if x.ndim == 4 else 'voxels'}"


def _patients(patient: np.ndarray | None, text: str) -> str:
    count = "number unknown" if patient is None else f"{len(np.unique(patient)):,}"
    return f"{count}. {text}"


def _outcome(y: np.ndarray, split: np.ndarray, class_names: tuple[str, ...]) -> tuple[str, str]:
    if not class_names:
        parts = ", ".join(f"{part} {y[split == part].mean():.0f}" for part in SPLIT_NAMES)
        return "Outcome", f"mean {y.mean():.0f}, standard deviation {y.std():.0f}; means: {parts}"
    if y.ndim > 1:
        return "Labels", _labels(y, split, class_names)
    if len(class_names) > 2:
        return "Classes", _labels(y, split, class_names)
    parts = ", ".join(f"{part} {100 * y[split == part].mean():.1f} %" for part in SPLIT_NAMES)
    whole = f"{100 * y.mean():.1f} % of all ({int(y.sum()):,} of {len(y):,})"
    return class_names[1].capitalize(), f"{whole}; {parts}"


def _labels(y: np.ndarray, split: np.ndarray, class_names: tuple[str, ...]) -> str:
    """Give the share of each label but the first (background, normal, rest), in each part."""
    texts = []
    for label, name in enumerate(class_names[1:], start=1):
        here = (y == label).reshape(len(y), -1).mean(axis=1)
        parts = ", ".join(f"{part} {100 * here[split == part].mean():.1f} %" for part in SPLIT_NAMES)
        texts.append(f"{name} {100 * here.mean():.1f} % ({parts})")
    return "; ".join(texts)


def _missing(x: np.ndarray, y: np.ndarray, class_names: tuple[str, ...]) -> str:
    missing = np.isnan(x)
    incomplete = missing.any(axis=1)
    text = (
        f"{100 * missing.mean():.1f} % of all values; "
        f"{100 * incomplete.mean():.1f} % of the rows lack at least one"
    )
    if class_names:
        shares = (
            f"{100 * incomplete[y == label].mean():.1f} % of class {label} ({class_name})"
            for label, class_name in enumerate(class_names)
        )
        text += ": " + ", ".join(shares)
    return text


def show(card: DataCard) -> None:
    """Show a card as a notebook's output where there is one, else print it."""
    if "IPython" in sys.modules:
        from IPython import get_ipython
        from IPython.display import display

        if get_ipython() is not None:
            display(card)
            return
    print(card)
