"""Wisconsin diagnostic breast cytology: 569 fine-needle aspirates, bundled with scikit-learn."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np

from .cards import CardText
from .recipes import Bundled, Contents
from .splits import stratified_split

__all__ = ["RECIPE"]

TEXT = CardText(
    title="Wisconsin diagnostic breast cytology",
    what=(
        "Fine-needle aspirates of breast masses, University of Wisconsin (donated 1995). Ten "
        "measures of the cell nuclei in one digitised field (radius, texture, perimeter, ...), "
        "each as the mean over the nuclei, its standard error, and the mean of the three "
        "largest ('worst')."
    ),
    row="one aspirate of one patient",
    patients=(
        "The authors describe a consecutive series of 569 patients, so a row is taken as a "
        "patient; scikit-learn's copy leaves out the identifiers, and the row number stands in."
    ),
    split_by=(
        "By patient (one row each), the same share of malignant in each part; fixed, "
        "whatever the seed."
    ),
    coding=(
        "y: 1 = malignant, 0 = benign. scikit-learn codes it the other way round (0 = malignant); "
        "it is turned here, so that sensitivity is for malignant. The source gives no units."
    ),
    licence="CC BY 4.0 (UCI Machine Learning Repository)",
    source=(
        "Wolberg, Street and Mangasarian, UCI, doi:10.24432/C5DW2B, as bundled with scikit-learn "
        "(load_breast_cancer). Described in Cancer Letters 77 (1994) 163-171, "
        "doi:10.1016/0304-3835(94)90099-X."
    ),
    bias=(
        "One hospital; more than a third are malignant, far more than in screening.",
        "A person placed a first outline near each nucleus, and a program fitted it (Street and "
        "others 1993, doi:10.1117/12.148698): another person or program may measure otherwise.",
        "The ten measures overlap (radius, perimeter and area say nearly the same).",
    ),
)


def read() -> Contents:
    """Read the table that comes with scikit-learn, with malignant as 1."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    y = (bunch.target == list(bunch.target_names).index("malignant")).astype(np.int64)
    return Contents(
        x=np.array(bunch.data, dtype=np.float64),
        y=y,
        patient=np.arange(len(y)),
        split=stratified_split("breast_cytology", y),
        feature_names=tuple(str(name) for name in bunch.feature_names),
        class_names=("benign", "malignant"),
        text=TEXT,
    )


def path() -> Path:
    """Give the place of the file inside scikit-learn."""
    return Path(str(files("sklearn.datasets.data") / "breast_cancer.csv"))


RECIPE = Bundled(
    name="breast_cytology",
    what="569 fine-needle aspirates of the breast, 30 measures of the nuclei; malignant or benign",
    licence="CC BY 4.0",
    megabytes=0.12,
    library="scikit-learn",
    read=read,
    path=path,
)
