"""How well one mask agrees with another: overlap, distance of the surfaces, volume."""

from dataclasses import dataclass

import numpy as np

from .inputs import finite_vector, same_length
from .intervals import Interval


def _masks(mask_true, mask_predicted):
    """Both masks as boolean arrays of one shape, or an error that says what to do."""
    pair = []
    for mask, name in ((mask_true, "mask_true"), (mask_predicted, "mask_predicted")):
        mask = np.asarray(mask)
        if mask.dtype != bool:
            other = np.setdiff1d(mask, [0, 1])
            if other.size:
                raise ValueError(
                    f"{name} must hold 0 and 1 only, but holds {other[0]}: compare one label at a "
                    "time (mask == label), or turn probabilities into 0 and 1"
                )
        pair.append(mask.astype(bool))
    if pair[0].shape != pair[1].shape:
        raise ValueError(
            f"mask_true has shape {pair[0].shape} and mask_predicted {pair[1].shape}: "
            "pass masks of the same image"
        )
    return pair


def _lengths(spacing, dimensions):
    """The size of a voxel along each axis, shape (dimensions,)."""
    lengths = np.asarray(spacing, dtype=np.float64)
    if lengths.ndim == 0:
        lengths = np.full(dimensions, float(lengths))
    if lengths.shape != (dimensions,) or not np.all(np.isfinite(lengths) & (lengths > 0)):
        raise ValueError(
            f"spacing is {spacing!r}: give the size of a voxel in mm, one positive number for each "
            f"of the {dimensions} axes"
        )
    return lengths


def dice_coefficient(mask_true, mask_predicted):
    """Twice the voxels that both masks hold, divided by the voxels of both together.

    Parameters
    ----------
    mask_true, mask_predicted : array of bool (or 0 and 1), any shape
        One structure of one image.

    Returns
    -------
    float
        In [0, 1]: 1 where the masks are the same. 0 where one is empty and the other is not; NaN
        where both are, for there is nothing to agree on (leave such images out of a mean, and say
        how many).

    Raises
    ------
    ValueError
        On other values than 0 and 1, or differing shapes.

    Notes
    -----
    It weighs false alarms and misses alike, and is the F1 score of the voxels. The value of an
    error depends on the size: the outermost layer of voxels is a large share of a small structure.
    MONAI's DiceMetric gives NaN for every image whose true mask is empty; here a false alarm in
    such an image counts as 0. Taught in chapter 23. Source: Dice, Ecology 1945;26:297, doi
    10.2307/1932409; which measure when: Maier-Hein and others, Nature Methods 2024;21:195, doi
    10.1038/s41592-023-02151-z.

    Examples
    --------
    >>> dice_coefficient([0, 1, 1, 1], [0, 0, 1, 1])
    0.8
    """
    first, second = _masks(mask_true, mask_predicted)
    both = first.sum() + second.sum()
    return float(2 * (first & second).sum() / both) if both else float("nan")


def intersection_over_union(mask_true, mask_predicted):
    """The voxels that both masks hold, divided by those that at least one holds (Jaccard index).

    Parameters, errors and empty masks are those of `dice_coefficient`.

    Returns
    -------
    float
        In [0, 1]; with D for the Dice coefficient it is D / (2 - D), so that both rank alike.

    Notes
    -----
    Taught in chapter 23. Source: Jaccard, New Phytologist 1912;11:37, doi
    10.1111/j.1469-8137.1912.tb05611.x.

    Examples
    --------
    >>> round(intersection_over_union([0, 1, 1, 1], [0, 0, 1, 1]), 3)
    0.667
    """
    first, second = _masks(mask_true, mask_predicted)
    union = (first | second).sum()
    return float((first & second).sum() / union) if union else float("nan")


def hausdorff_distance(mask_true, mask_predicted, spacing, percentile=95):
    """How far apart the surfaces of two masks lie, at a percentile (HD95).

    For every surface voxel of one mask the distance to the nearest surface voxel of the other;
    the percentile of these distances; the larger of the two directions.

    Parameters
    ----------
    mask_true, mask_predicted : array of bool (or 0 and 1), two or three axes
        One structure of one image.
    spacing : float or sequence of float
        The size of a voxel in mm, along each axis or the same along all.
    percentile : float
        100 gives the Hausdorff distance itself, which a single stray voxel decides.

    Returns
    -------
    float
        In mm. Infinity where one mask is empty and the other is not; NaN where both are.

    Raises
    ------
    ValueError
        On other values than 0 and 1, differing shapes, a spacing that does not fit, or a
        percentile outside (0, 100].

    Notes
    -----
    A surface voxel is one of the mask with a face on the background or on the edge of the image.
    This is MONAI's definition (`compute_hausdorff_distance`), with the same values; MONAI, too,
    answers infinity or NaN for empty masks. Other programs pool the distances of both directions
    before they take the percentile, or weigh them by surface area (DeepMind's surface-distance):
    theirs can be smaller or larger, so state which is meant. SciPy computes the distances. Taught
    in chapter 23. Sources: Huttenlocher and others, IEEE TPAMI 1993;15:850, doi 10.1109/34.232073;
    pitfalls: Reinke and others, Nature Methods 2024;21:182, doi 10.1038/s41592-023-02150-0.

    Examples
    --------
    >>> hausdorff_distance([[0, 1, 0, 0]], [[0, 0, 0, 1]], spacing=(1.0, 0.5))
    1.0
    """
    first, second = _masks(mask_true, mask_predicted)
    lengths = _lengths(spacing, first.ndim)
    if not 0 < percentile <= 100:
        raise ValueError(f"percentile must lie in (0, 100], got {percentile}: 95 is usual")
    if not (first.any() and second.any()):
        return float("inf") if first.any() or second.any() else float("nan")
    # Outside the box around both masks there is background alone, which is what erosion assumes.
    window = _window(first | second)
    surfaces = [_surface(mask[window]) for mask in (first, second)]
    directions = (_distances(*surfaces, lengths), _distances(*surfaces[::-1], lengths))
    return float(max(np.percentile(distances, percentile) for distances in directions))


def _window(mask):
    """Slices of the box that holds all of a mask."""
    within = []
    for axis in range(mask.ndim):
        others = tuple(a for a in range(mask.ndim) if a != axis)
        places = np.flatnonzero(mask.any(axis=others))
        within.append(slice(places[0], places[-1] + 1))
    return tuple(within)


def _surface(mask):
    from scipy.ndimage import binary_erosion

    return mask & ~binary_erosion(mask)


def _distances(surface, other, lengths):
    from scipy.ndimage import distance_transform_edt

    return distance_transform_edt(~other, sampling=lengths)[surface]


def volume_ml(mask, spacing):
    """The volume of a mask: its voxels times the volume of a voxel.

    Parameters
    ----------
    mask : array of bool (or 0 and 1), three axes
    spacing : float or sequence of float
        The size of a voxel in mm.

    Returns
    -------
    float
        In millilitres (1 ml = 1000 cubic mm).

    Raises
    ------
    ValueError
        On other values than 0 and 1, or a spacing that does not fit.

    Notes
    -----
    Taught in chapter 23.

    Examples
    --------
    >>> import numpy as np
    >>> volume_ml(np.ones((10, 10, 10)), spacing=(1.0, 1.0, 2.0))
    2.0
    """
    mask, _ = _masks(mask, mask)
    return float(mask.sum() * np.prod(_lengths(spacing, mask.ndim)) / 1000)


def volume_error(mask_true, mask_predicted):
    """By which share the predicted volume is too large.

    Parameters and errors are those of `dice_coefficient`.

    Returns
    -------
    float
        (predicted - true) / true: 0.1 is ten percent too large, -0.1 too small, -1 nothing at all.
        NaN where the true mask is empty, since no share of nothing can be given.

    Notes
    -----
    Errors in different places cancel: a volume can be right and the mask in the wrong place.
    Taught in chapter 23.

    Examples
    --------
    >>> volume_error([0, 1, 1, 1, 1], [1, 0, 1, 1, 0])
    -0.25
    """
    first, second = _masks(mask_true, mask_predicted)
    true = int(first.sum())
    return float((int(second.sum()) - true) / true) if true else float("nan")


@dataclass(frozen=True)
class Agreement:
    """Bland and Altman's analysis of two methods that measure the same thing.

    Parameters
    ----------
    bias : Interval
        The mean of second minus first, with its confidence interval.
    low, high : Interval
        The limits of agreement, each with its confidence interval: about 95 % of the differences
        lie between them, if these are roughly normal.
    deviation : float
        The standard deviation of the differences.
    """

    bias: Interval
    low: Interval
    high: Interval
    deviation: float

    def __str__(self):
        return f"bias {self.bias}, 95 % limits of agreement {self.low} and {self.high}"


def bland_altman(first, second, patient=None, confidence=0.95, seed=0):
    """Mean difference and limits of agreement between two methods of measurement.

    Parameters
    ----------
    first, second : array, shape (n,)
        The same quantity measured twice, such as volumes by hand and by a network.
    patient : array, shape (n,), optional
        Who each row belongs to; the intervals then resample patients. The limits are those of
        single rows.
    confidence : float
        Of the intervals; the limits are always the 95 % ones.
    seed : int or numpy.random.Generator

    Returns
    -------
    Agreement
        Differences are second minus first; the limits are bias +- 1.96 standard deviations.

    Raises
    ------
    ValueError
        On fewer than three rows, differing lengths or values that are not finite.

    Notes
    -----
    A correlation does not measure agreement: a method that always gives half correlates
    perfectly. The limits hold the errors of both methods; where the differences grow with the
    quantity, give percentages or logarithms. Taught in chapter 23. Source: Bland and Altman, Lancet
    1986;327:307, doi 10.1016/S0140-6736(86)90837-8.

    Examples
    --------
    >>> agreement = bland_altman([1.0, 2.0, 3.0, 4.0], [1.1, 2.3, 3.1, 4.1])
    >>> [round(x.estimate, 2) for x in (agreement.low, agreement.bias, agreement.high)]
    [-0.05, 0.15, 0.35]
    """
    from .bootstrap import bootstrap_interval

    first, second = finite_vector(first, "first"), finite_vector(second, "second")
    same_length(first, second, ("first", "second"))
    if first.size < 3:
        raise ValueError(f"limits of agreement need at least three rows, got {first.size}")
    difference = second - first

    def interval(multiple):
        """The mean of the differences plus a multiple of their standard deviation."""
        return bootstrap_interval(
            difference, difference, lambda _, d: d.mean() + multiple * d.std(ddof=1), patient,
            confidence=confidence, seed=seed,
        )

    deviation = float(difference.std(ddof=1))
    return Agreement(interval(0), interval(-1.96), interval(1.96), deviation)
