"""UCI chronic kidney disease: 400 patients, 24 measures, many of them missing."""

from __future__ import annotations

import numpy as np

from .cards import CardText
from .errors import DamagedFileError
from .files import open_archive, read_member, sha256_of_arrays
from .kidney_simulation import simulate_table
from .recipes import Contents, Downloaded, RemoteFile
from .splits import stratified_split

__all__ = ["RECIPE"]

# The source's columns, in its order; for the nominal ones, which word is 1.
COLUMNS = {
    "age": ("age", None),
    "bp": ("blood pressure", None),
    "sg": ("specific gravity", None),
    "al": ("albumin", None),
    "su": ("sugar", None),
    "rbc": ("red blood cells abnormal", {"normal": 0.0, "abnormal": 1.0}),
    "pc": ("pus cells abnormal", {"normal": 0.0, "abnormal": 1.0}),
    "pcc": ("pus cell clumps", {"notpresent": 0.0, "present": 1.0}),
    "ba": ("bacteria", {"notpresent": 0.0, "present": 1.0}),
    "bgr": ("random blood glucose", None),
    "bu": ("blood urea", None),
    "sc": ("serum creatinine", None),
    "sod": ("sodium", None),
    "pot": ("potassium", None),
    "hemo": ("haemoglobin", None),
    "pcv": ("packed cell volume", None),
    "wbcc": ("white blood cell count", None),
    "rbcc": ("red blood cell count", None),
    "htn": ("hypertension", {"no": 0.0, "yes": 1.0}),
    "dm": ("diabetes mellitus", {"no": 0.0, "yes": 1.0}),
    "cad": ("coronary artery disease", {"no": 0.0, "yes": 1.0}),
    "appet": ("poor appetite", {"good": 0.0, "poor": 1.0}),
    "pe": ("pedal oedema", {"no": 0.0, "yes": 1.0}),
    "ane": ("anaemia", {"no": 0.0, "yes": 1.0}),
}
CLASSES = {"notckd": 0, "ckd": 1}
FEATURE_NAMES = tuple(name for name, _ in COLUMNS.values())
CLASS_NAMES = ("no chronic kidney disease", "chronic kidney disease")

# Over x and y as decoded: holds whichever packing (CSV, ARFF, ZIP) they came in.
SHA256_OF_ARRAYS = "ca03a51e4012865d50bf8c307cac7953fc2c171701c4c97b4e0c7cd6f55d2730"
LARGEST_MEMBER = 1_000_000

CODING = (
    "y: 1 = chronic kidney disease. Nominal values are 0/1, 1 being the abnormal one (abnormal, "
    "present, yes, poor). Urine: specific gravity 1.005-1.025, albumin and sugar in grades 0-5. "
    "Age in years, blood pressure in mmHg; glucose, urea and creatinine in mg/dL; sodium and "
    "potassium in mEq/L; haemoglobin in g/dL, packed cell volume in %; white cells per mm3, red "
    "cells in millions per mm3. A missing value is NaN."
)

TEXT = CardText(
    title="Chronic kidney disease (UCI)",
    what=(
        "Blood and urine tests and history of people with and without chronic kidney disease, "
        "Apollo Hospitals, Karaikudi, Tamil Nadu, collected over about two months (donated 2015)."
    ),
    row="taken as one patient",
    patients=(
        "The source has no identifiers and says nothing of repeated patients. No two rows are "
        "alike, and a row is taken as a patient; yet four pairs agree in five or more of eight "
        "blood results (chapter 10 shows them)."
    ),
    split_by=(
        "By row, which is taken as the patient, the same share of the disease in each part; "
        "fixed, whatever the seed."
    ),
    coding=CODING,
    licence="CC BY 4.0",
    source=(
        "Rubini, Soundarapandian and Eswaran, UCI Machine Learning Repository, "
        "doi:10.24432/C5G020. The source publishes no checksum: the arrays are held to one, and "
        "the download has not been tested against the source."
    ),
    bias=(
        "One hospital; 62.5 % diseased is no prevalence of any clinic.",
        "Not one of the healthy has a single abnormal nominal finding: they are too healthy, and "
        "every model separates the classes almost perfectly.",
        "Values are missing far more often among the diseased, so that missingness itself gives "
        "the diagnosis away.",
        "Typing errors are left in (a sodium of 4.5, potassium of 39 and 47, creatinine of 76).",
    ),
)

STANDIN_TEXT = CardText(
    title="Chronic kidney disease (simulated)",
    what=(
        "A simulated table: a latent severity drives correlated blood and urine tests; values go "
        "missing by panel (urine, chemistry, electrolytes, blood count), far more often among the "
        "diseased, at the rates of the real table."
    ),
    row="one simulated patient",
    patients="One row each; none of them exists.",
    split_by=(
        "By simulated patient (one row each), the same share of the disease in each part; fixed, "
        "whatever the seed."
    ),
    coding=CODING,
    licence="BSD-3-Clause (made by this package)",
    source=(
        "Simulated; means, spreads and rates of missing values follow the UCI table, "
        "doi:10.24432/C5G020."
    ),
    bias=(
        "Says nothing of patients: a result on it is a result on its own formulas.",
        "As in the real table, the healthy are too healthy and missingness gives the diagnosis "
        "away.",
    ),
)


def decode(payload: bytes) -> Contents:
    """Read the table from CSV, ARFF, or a ZIP archive of either.

    Raises
    ------
    DamagedFileError
    """
    for text in _texts(payload):
        x, y = parse(text)
        if sha256_of_arrays(x, y) == SHA256_OF_ARRAYS:
            return _contents(x, y, TEXT)
    raise DamagedFileError("it holds other values than the published table of 400 rows")


def _texts(payload: bytes) -> list[str]:
    if not payload.startswith(b"PK"):
        return [payload.decode("latin-1")]
    archive = open_archive(payload)
    tables = [name for name in archive.namelist() if name.lower().endswith((".arff", ".csv"))]
    if not tables:
        raise DamagedFileError("it holds no .arff or .csv file")
    return [read_member(archive, name, LARGEST_MEMBER).decode("latin-1") for name in tables]


def parse(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Read the dirty table: stray tabs and spaces, "?" or nothing for missing, spare commas.

    Parameters
    ----------
    text : str
        ARFF, or CSV with the source's header.

    Returns
    -------
    x : numpy.ndarray, shape (n, 24)
    y : numpy.ndarray of int, shape (n,)

    Raises
    ------
    DamagedFileError
        If a row or a value cannot be read.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    starts = [i for i, line in enumerate(lines) if line.lower() == "@data"]
    is_arff = bool(starts)
    rows = lines[starts[0] + 1 if is_arff else 1 :]
    fields = [_fields(row, is_arff) for row in rows if not row.startswith("%")]
    x = np.array([_values(row[:-1]) for row in fields], dtype=np.float64).reshape(-1, len(COLUMNS))
    return x, np.array([_class(row[-1]) for row in fields], dtype=np.int64)


def _fields(row: str, is_arff: bool) -> list[str]:
    fields = [field.strip().strip("'\"").strip().lower() for field in row.split(",")]
    expected = len(COLUMNS) + 1
    if is_arff and len(fields) > expected:
        # Three rows of the publisher's file have a comma too many, which leaves an empty field.
        fields = [field for field in fields if field]
    if len(fields) != expected:
        raise DamagedFileError(f"it has a row of {len(fields)} values instead of {expected}")
    return fields


def _values(fields: list[str]) -> list[float]:
    values = []
    for field, (name, words) in zip(fields, COLUMNS.values(), strict=True):
        try:
            if field in ("?", "", "nan"):
                values.append(np.nan)
            else:
                values.append(float(field) if words is None else words[field])
        except (ValueError, KeyError):
            raise DamagedFileError(f"it has {field!r} for {name}") from None
    return values


def _class(field: str) -> int:
    if field not in CLASSES:
        raise DamagedFileError(f"it has {field!r} for the class")
    return CLASSES[field]


def simulate() -> Contents:
    """Make the stand-in."""
    x, y = simulate_table(tuple(COLUMNS))
    return _contents(x, y, STANDIN_TEXT)


def _contents(x: np.ndarray, y: np.ndarray, text: CardText) -> Contents:
    return Contents(
        x=x,
        y=y,
        patient=np.arange(len(y)),
        split=stratified_split("kidney_disease", y),
        feature_names=FEATURE_NAMES,
        class_names=CLASS_NAMES,
        text=text,
    )


RECIPE = Downloaded(
    name="kidney_disease",
    what="400 patients, 24 blood and urine tests and findings, many missing; kidney disease or not",
    licence="CC BY 4.0",
    remote=RemoteFile(
        # Its ZIP archive holds a RAR archive, which Python cannot read; the CSV is the same table.
        url="https://archive.ics.uci.edu/static/public/336/data.csv",
        filename="chronic_kidney_disease.csv",
        megabytes=0.05,
        sha256=None,
        mirror_paths=(
            "uci_ckd/chronic_kidney_disease.arff",
            "chronic_kidney_disease.arff",
            "uci_ckd/data.csv",
            "uci_ckd/chronic+kidney+disease.zip",
            "chronic+kidney+disease.zip",
        ),
    ),
    decode=decode,
    simulate=simulate,
)
