"""Progression of diabetes over a year: 442 patients, bundled with scikit-learn."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np

from .cards import CardText
from .recipes import Bundled, Contents
from .splits import stratified_split

__all__ = ["RECIPE"]

# scikit-learn's names s1 to s6 are the six serum measures, in this order.
FEATURE_NAMES = (
    "age",
    "sex",
    "body mass index",
    "mean arterial pressure",
    "total cholesterol",
    "LDL cholesterol",
    "HDL cholesterol",
    "total to HDL cholesterol",
    "log triglycerides",
    "glucose",
)

TEXT = CardText(
    title="Diabetes progression",
    what=(
        "Ten measures at baseline (age, sex, body mass index, blood pressure, six of the serum) "
        "and, as the outcome, a quantitative measure of how far the disease had progressed one "
        "year later."
    ),
    row="one patient",
    patients="The authors describe 442 patients with one row each; the row number stands in.",
    split_by=(
        "By patient (one row each), within fifths of the outcome, so that each part has the "
        "same range; fixed, whatever the seed."
    ),
    coding=(
        "Unscaled values. Age in years, body mass index in kg/m2, pressure in mmHg; the units of "
        "the serum measures are not stated by the source (cholesterol and glucose look like "
        "mg/dL). Sex is 1 or 2, and the source does not say which is which."
    ),
    licence="No licence stated by the authors; distributed with scikit-learn (BSD-3-Clause)",
    source=(
        "Efron, Hastie, Johnstone and Tibshirani, Annals of Statistics 32 (2004) 407-499, "
        "doi:10.1214/009053604000000067, as bundled with scikit-learn (load_diabetes, unscaled)."
    ),
    bias=(
        "What the outcome measures, and the kind of diabetes, were never published.",
        "The log triglycerides are that by scikit-learn's account, marked as possible.",
        "When, where and how the patients were chosen is unknown.",
    ),
)


def read() -> Contents:
    """Read the table that comes with scikit-learn, unscaled."""
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    y = np.array(bunch.target, dtype=np.float64)
    fifth = np.searchsorted(np.quantile(y, [0.2, 0.4, 0.6, 0.8]), y)
    return Contents(
        x=np.array(bunch.data, dtype=np.float64),
        y=y,
        patient=np.arange(len(y)),
        split=stratified_split("diabetes_progression", fifth),
        feature_names=FEATURE_NAMES,
        class_names=(),
        text=TEXT,
    )


def path() -> Path:
    """Give the place of the file inside scikit-learn."""
    return Path(str(files("sklearn.datasets.data") / "diabetes_data_raw.csv.gz"))


RECIPE = Bundled(
    name="diabetes_progression",
    what="442 patients with diabetes, ten measures; progression after a year (regression)",
    licence="none stated",
    megabytes=0.01,
    library="scikit-learn",
    read=read,
    path=path,
)
