"""A simulated table of chronic kidney disease, with the missingness of the real one.

A latent severity, positive among the diseased, shifts correlated tests; values go missing by
panel, because a panel is ordered as a whole, and more often among the diseased. Means, spreads
and rates are those of the UCI table (doi:10.24432/C5G020), rounded.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

__all__ = ["simulate_table"]

DISEASED, HEALTHY = 250, 150
SEED = 336

# Rate of missing values among the diseased and the healthy, and the panel ordered together.
MISSING = {
    "age": (0.032, 0.007, "age"),
    "bp": (0.040, 0.013, "pressure"),
    "sg": (0.168, 0.033, "urine"),
    "al": (0.164, 0.033, "urine"),
    "su": (0.176, 0.033, "urine"),
    "rbc": (0.572, 0.060, "urine"),
    "pc": (0.224, 0.060, "urine"),
    "pcc": (0.000, 0.027, "sediment"),
    "ba": (0.000, 0.027, "sediment"),
    "bgr": (0.152, 0.040, "chemistry"),
    "bu": (0.052, 0.040, "chemistry"),
    "sc": (0.048, 0.033, "chemistry"),
    "sod": (0.328, 0.033, "electrolytes"),
    "pot": (0.332, 0.033, "electrolytes"),
    "hemo": (0.184, 0.040, "blood count"),
    "pcv": (0.268, 0.027, "blood count"),
    "wbcc": (0.396, 0.047, "blood count"),
    "rbcc": (0.496, 0.047, "blood count"),
    "htn": (0.000, 0.013, "history"),
    "dm": (0.000, 0.013, "history"),
    "cad": (0.000, 0.013, "history"),
    "appet": (0.000, 0.007, "signs"),
    "pe": (0.000, 0.007, "signs"),
    "ane": (0.000, 0.007, "signs"),
}
# Parts of the variance of the latent propensity to be missing: the patient's, the panel's, own.
PATIENT, PANEL, OWN = 0.25, 0.74, 0.01

# Share of the diseased with the finding; the healthy have none, as in the real table.
FINDINGS = {
    "rbc": 0.439,
    "pc": 0.392,
    "pcc": 0.168,
    "ba": 0.088,
    "htn": 0.588,
    "dm": 0.548,
    "cad": 0.136,
    "appet": 0.328,
    "pe": 0.304,
    "ane": 0.240,
}


def simulate_table(columns: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Simulate 400 patients, 250 of them diseased, the same at every call.

    Parameters
    ----------
    columns : tuple of str
        The short names of the UCI table, in the order wanted.

    Returns
    -------
    x : numpy.ndarray, shape (400, len(columns))
    y : numpy.ndarray of int, shape (400,)

    Examples
    --------
    >>> x, y = simulate_table(("age", "hemo"))
    >>> x.shape, int(y.sum())
    ((400, 2), 250)
    """
    rng = np.random.default_rng(SEED)
    y = rng.permutation(np.repeat([1, 0], [DISEASED, HEALTHY]))
    complete = _complete(rng, y)
    missing = _missing(rng, y)
    x = np.column_stack([np.where(missing[name], np.nan, complete[name]) for name in columns])
    return x, y.astype(np.int64)


def _complete(rng: np.random.Generator, y: np.ndarray) -> dict[str, np.ndarray]:
    n = len(y)
    sick = y == 1
    # 0 for the healthy; skewed for the diseased: many mild cases, a few grave ones.
    severity = np.where(sick, np.minimum(0.35 + rng.gamma(2.0, 0.33, n), 2.6), 0.0)

    def normal(healthy: float, shift: float, spread: float) -> np.ndarray:
        return healthy + shift * severity + spread * rng.standard_normal(n)

    findings = {name: _finding(rng, severity, sick, share) for name, share in FINDINGS.items()}
    haemoglobin = np.clip(normal(15.1, -4.0, 1.2) - 0.8 * findings["ane"], 3.1, 17.8)
    diabetic = findings["dm"] == 1
    values = {
        "age": np.round(np.clip(normal(46.5, 7.0, 15.0), 2, 90)),
        "bp": 10 * np.round(np.clip(normal(71, 5, 8) + 5 * findings["htn"], 50, 180) / 10),
        "sg": 1.0 + 0.005 * np.clip(np.round(normal(4.4, -1.6, 0.5)), 1, 5),
        "al": _grade(rng, severity, sick, 1.6),
        "su": np.where(diabetic, _grade(rng, severity, sick, 1.2), 0.0),
        "bgr": np.round(normal(108, 8, 18) + diabetic * rng.gamma(2.0, 55.0, n)),
        "bu": np.round(np.exp(np.log(31) + 0.60 * severity + 0.35 * rng.standard_normal(n))),
        "sc": np.round(np.exp(np.log(0.85) + 1.1 * severity + 0.3 * rng.standard_normal(n)), 1),
        "sod": np.round(normal(141.5, -6.5, 4.8)),
        "pot": np.round(np.clip(normal(4.3, 0.25, 0.6), 2.5, 7.6), 1),
        "hemo": np.round(haemoglobin, 1),
        "pcv": np.round(np.clip(3.05 * haemoglobin + 1.8 * rng.standard_normal(n), 9, 54)),
        "wbcc": np.round(
            7600 * np.exp(0.1 * severity + (0.23 + 0.1 * sick) * rng.standard_normal(n)), -2
        ),
        "rbcc": np.round(np.clip(0.352 * haemoglobin + 0.45 * rng.standard_normal(n), 2.1, 8.0), 1),
    }
    return values | findings


def _finding(
    rng: np.random.Generator, severity: np.ndarray, sick: np.ndarray, share: float
) -> np.ndarray:
    """Draw a yes/no finding, more likely with severity, at a set share of the diseased."""
    tilted = 0.6 * severity / severity[sick].mean() + 0.4
    return (sick & (rng.random(len(severity)) < share * tilted)).astype(np.float64)


def _grade(
    rng: np.random.Generator, severity: np.ndarray, sick: np.ndarray, scale: float
) -> np.ndarray:
    """Draw a dipstick grade from 0 to 5; the healthy have 0."""
    raw = np.round(scale * severity + rng.standard_normal(len(severity)))
    return np.where(sick, np.clip(raw, 0, 5), 0.0)


def _missing(rng: np.random.Generator, y: np.ndarray) -> dict[str, np.ndarray]:
    patient = rng.standard_normal(len(y))
    panels = sorted({panel for *_, panel in MISSING.values()})
    shared = {panel: rng.standard_normal(len(y)) for panel in panels}
    missing = {}
    for name, (diseased, healthy, panel) in MISSING.items():
        own = rng.standard_normal(len(y))
        propensity = (
            np.sqrt(PATIENT) * patient + np.sqrt(PANEL) * shared[panel] + np.sqrt(OWN) * own
        )
        threshold = np.where(y == 1, _normal_quantile(diseased), _normal_quantile(healthy))
        missing[name] = propensity < threshold
    return missing


def _normal_quantile(rate: float) -> float:
    return NormalDist().inv_cdf(rate) if rate > 0 else -np.inf
