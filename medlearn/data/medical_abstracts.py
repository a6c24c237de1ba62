"""Medical Abstracts: 2,888 abstracts of papers, each under one of five groups of conditions."""

from __future__ import annotations

import csv
import io

import numpy as np

from .cards import CardText
from .errors import DamagedFileError
from .note_simulation import simulate_texts
from .recipes import Contents, Downloaded, RemoteFile
from .splits import stratified_split

__all__ = ["RECIPE", "copies_together"]

# In the order of y. The file counts from 1 and has the catch-all last, as 5.
CLASS_NAMES = (
    "general pathological conditions",
    "neoplasms",
    "digestive system diseases",
    "nervous system diseases",
    "cardiovascular diseases",
)
HEADER = ["condition_label", "medical_abstract"]

CODING = (
    "x: the text, as Python strings. y: 0 = general pathological conditions (the catch-all), 1 = "
    "neoplasms, 2 = digestive system, 3 = nervous system, 4 = cardiovascular diseases."
)

TEXT = CardText(
    title="Medical Abstracts (the published test part)",
    what=(
        "Titles and abstracts of papers on patients and on experiments, in English, each filed "
        "under one of five groups of conditions. Not notes of a clinic."
    ),
    row="one abstract with one label",
    patients="These are papers, not records: each tells of many patients or of none.",
    split_by=(
        "By text, since there are no patients: copies of one abstract stay in one part, and each "
        "part has the same share of every label. Of the published corpus (14,438 abstracts) the "
        "11,550 for training are left out and its test part is split anew. Fixed, whatever the seed."
    ),
    coding=f"{CODING} In the file the catch-all is 5.",
    licence="CC BY-SA 3.0",
    source=(
        "Schopf, Braun and Matthes, NLPIR 2022, doi:10.1145/3582768.3582795; "
        "github.com/sebischair/Medical-Abstracts-TC-Corpus at commit 70a2d91."
    ),
    bias=(
        "The labels are noisy: more than a hundred abstracts stand there twice or three times, "
        "each time with another label, for a paper may be about two conditions.",
        "General pathological conditions is a catch-all: symptoms, complications and whatever fits "
        "no other group.",
        "Abstracts are edited and reviewed; a note written at two in the morning is not.",
        "English alone, and papers of some decades ago.",
    ),
)

STANDIN_TEXT = CardText(
    title="Clinical notes (simulated from a grammar)",
    what=(
        "Simulated notes: sentences put together by a small grammar from words for findings, "
        "tests and treatments of five groups of conditions; part of the sentences are borrowed "
        "from another group, as in a patient with two conditions."
    ),
    row="one simulated note",
    patients="One note each; none of them exists.",
    split_by=(
        "By text: copies of one note stay in one part, each part has the same share of every "
        "label. Fixed, whatever the seed."
    ),
    coding=CODING,
    licence="BSD-3-Clause (made by this package)",
    source="Simulated, in the form of Medical Abstracts, doi:10.1145/3582768.3582795.",
    bias=(
        "Says nothing of patients: a result on it is a result on its own grammar.",
        "Few words and fixed sentences: far easier to read than anything that people write.",
        "As in the real data, some notes stand there twice, with two labels.",
    ),
)


def copies_together(name: str, text: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Split texts 60/20/20, copies in one part, each part with the same share of every label.

    Parameters
    ----------
    name : str
        The data set's name.
    text : numpy.ndarray of str, shape (n,)
    y : numpy.ndarray of int, shape (n,)

    Returns
    -------
    numpy.ndarray of str, shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> text = np.array([f"text {k // 2}" for k in range(20)], dtype=object)
    >>> parts = copies_together("example", text, np.zeros(20, dtype=int))
    >>> [int(np.sum(parts == part)) for part in ("train", "validation", "test")]
    [12, 4, 4]
    >>> bool(np.all(parts[0::2] == parts[1::2]))
    True
    """
    place: dict[str, int] = {}
    copy_of = np.array([place.setdefault(one, len(place)) for one in text])
    # The stratum of a distinct text is the set of its labels, written as a number.
    labels = np.zeros(len(place), dtype=np.int64)
    np.bitwise_or.at(labels, copy_of, 1 << y)
    return stratified_split(name, labels)[copy_of]


def decode(payload: bytes) -> Contents:
    """Read the published CSV file.

    Raises
    ------
    DamagedFileError
    """
    try:
        header, *rows = csv.reader(io.StringIO(payload.decode("utf-8"), newline=""))
    except (UnicodeDecodeError, ValueError, csv.Error) as problem:
        raise DamagedFileError(f"it is no table of texts ({problem})") from problem
    if header != HEADER or any(len(row) != 2 or row[0] not in set("12345") for row in rows):
        raise DamagedFileError("it does not hold a label from 1 to 5 and a text in every row")
    y = np.array([int(label) % 5 for label, _ in rows], dtype=np.int64)
    return _contents(np.array([text.strip() for _, text in rows], dtype=object), y, TEXT)


def simulate() -> Contents:
    """Make the stand-in."""
    return _contents(*simulate_texts(), STANDIN_TEXT)


def _contents(text: np.ndarray, y: np.ndarray, card: CardText) -> Contents:
    return Contents(
        x=text,
        y=y,
        patient=None,
        split=copies_together("medical_abstracts", text, y),
        feature_names=(),
        class_names=CLASS_NAMES,
        text=card,
    )


RECIPE = Downloaded(
    name="medical_abstracts",
    what="2,888 abstracts of medical papers under five groups of conditions",
    licence="CC BY-SA 3.0",
    remote=RemoteFile(
        url=(
            "https://raw.githubusercontent.com/sebischair/Medical-Abstracts-TC-Corpus/"
            "70a2d9106c724729be8b3c4ddb00d1b14ec300c8/medical_tc_test.csv"
        ),
        filename="medical_tc_test.csv",
        megabytes=3.6,
        sha256="1eecea73c9ecad292c55e10403bd139fab9580545d6878482997c5564d51ac05",
        mirror_paths=("medical_abstracts/medical_tc_test.csv",),
    ),
    decode=decode,
    simulate=simulate,
)
