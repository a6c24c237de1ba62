"""What a clinician reads off a model, with intervals.

For masks see :mod:`medlearn.metrics.segmentation` (chapter 23), for synthetic samples
:mod:`medlearn.metrics.samples` (chapter 40). Everywhere else ``y_true`` (n,) comes first and holds
0 and 1, where 1 is the disease; then comes ``y_score`` (n,) (higher means more likely diseased),
``y_probability`` (n,) (a score that is a probability) or ``y_predicted`` (n,) (0 or 1). The notions
are taught in chapter 10.

Examples
--------
>>> from medlearn import metrics
>>> table = metrics.confusion_table([1, 1, 1, 0, 0], [1, 1, 0, 0, 1])
>>> round(table.sensitivity, 2), round(table.specificity, 2)
(0.67, 0.5)
"""

from .bootstrap import bootstrap_interval
from .calibration import (
    CalibrationCurve,
    CalibrationLine,
    brier_score,
    calibration_curve,
    calibration_slope_intercept,
)
from .confusion import ConfusionTable, PredictiveValues, confusion_table, predictive_values
from .decision import NetBenefit, net_benefit
from .discrimination import (
    OperatingPoint,
    PrecisionRecallCurve,
    RocCurve,
    average_precision,
    precision_recall_curve,
    roc_auc,
    roc_curve,
    sensitivity_at_specificity,
)
from .intervals import Interval, delong_interval, wilson_interval
from .samples import (
    NearestNeighbours,
    SamplePrecisionRecall,
    frechet_distance,
    nearest_neighbour_distances,
    sample_precision_recall,
)
from .segmentation import (
    Agreement,
    bland_altman,
    dice_coefficient,
    hausdorff_distance,
    intersection_over_union,
    volume_error,
    volume_ml,
)

__all__ = [
    "Agreement",
    "CalibrationCurve",
    "CalibrationLine",
    "ConfusionTable",
    "Interval",
    "NearestNeighbours",
    "NetBenefit",
    "OperatingPoint",
    "PrecisionRecallCurve",
    "PredictiveValues",
    "RocCurve",
    "SamplePrecisionRecall",
    "average_precision",
    "bland_altman",
    "bootstrap_interval",
    "brier_score",
    "calibration_curve",
    "calibration_slope_intercept",
    "confusion_table",
    "delong_interval",
    "dice_coefficient",
    "frechet_distance",
    "hausdorff_distance",
    "intersection_over_union",
    "nearest_neighbour_distances",
    "net_benefit",
    "precision_recall_curve",
    "predictive_values",
    "roc_auc",
    "roc_curve",
    "sample_precision_recall",
    "sensitivity_at_specificity",
    "volume_error",
    "volume_ml",
    "wilson_interval",
]
