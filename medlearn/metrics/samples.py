"""How good made-up samples are: like the real ones, as varied, and no copies of them."""

from typing import NamedTuple

import numpy as np

from .inputs import finite_matrix

# Rows compared at once with all others, so that thousands of pictures fit into little memory.
_BLOCK = 256


def frechet_distance(features_a, features_b):
    """Squared Frechet distance between two sets, each taken as a Gaussian in feature space.

    With means m and covariances S it is ``|m_a - m_b|^2 + trace(S_a + S_b - 2 (S_a S_b)^(1/2))``.

    Parameters
    ----------
    features_a, features_b : array, shape (n, d) and (m, d)
        One row a sample, such as the features that a network computes of a picture. At least two
        rows each.

    Returns
    -------
    float
        Not below 0, in squared units of the features; 0 where mean and covariance agree. The same
        in either order.

    Raises
    ------
    ValueError
        On fewer than two rows, differing numbers of features, or what is not finite.

    Notes
    -----
    It depends on the features: compare figures of the same network alone (with the features of an
    Inception network trained on photographs it is called FID). It sees means and covariances and
    nothing else. Of few samples it is too large, the more so the fewer: compare sets of equal
    size, and give beside it the distance of two real sets.

    The square root of a matrix that is nearly singular loses half of its digits. The trace of
    ``(S_a S_b)^(1/2)`` is also the sum of the singular values of ``R_a R_b'``, where ``R'R = S``:
    here R comes from a singular value decomposition of the centred features, so that no covariance
    is ever formed, and fewer rows than features do no harm.

    Taught in chapter 40. Source: Heusel and others, NeurIPS 2017, arXiv:1706.08500; the distance:
    Dowson and Landau, Journal of Multivariate Analysis 1982;12:450,
    doi 10.1016/0047-259X(82)90077-X; the bias: Chong and Forsyth, CVPR 2020, arXiv:1911.07023.

    Examples
    --------
    >>> round(frechet_distance([[0.0], [2.0]], [[3.0], [5.0]]), 6)
    9.0
    """
    first, second = _feature_pair(features_a, features_b, ("features_a", "features_b"), least=2)
    shift = first.mean(axis=0) - second.mean(axis=0)
    root_a, root_b = _covariance_root(first), _covariance_root(second)
    shared = np.linalg.svd(root_a @ root_b.T, compute_uv=False).sum()
    spread = (root_a**2).sum() + (root_b**2).sum() - 2 * shared
    return float(shift @ shift + max(spread, 0.0))


class SamplePrecisionRecall(NamedTuple):
    """Share of synthetic samples that look real, and of real ones that the synthetic ones cover."""

    precision: float
    recall: float


def sample_precision_recall(real, synthetic, neighbours=3):
    """Precision and recall of synthetic samples by nearest-neighbour balls.

    Round every sample of a set lies a ball that reaches to its k-th nearest neighbour in the set;
    the union of the balls stands for where the set lives. Precision is the share of the synthetic
    samples inside the real union (do they look real?), recall the share of the real samples
    inside the synthetic union (is all that is real made?).

    Parameters
    ----------
    real, synthetic : array, shape (n, d) and (m, d)
        Features, one row a sample; more rows than ``neighbours``.
    neighbours : int
        k, 3 in the paper. A sample is not its own neighbour.

    Returns
    -------
    SamplePrecisionRecall
        ``precision`` and ``recall``, each in [0, 1].

    Raises
    ------
    ValueError
        On too few rows, k below 1, differing numbers of features, or what is not finite.

    Notes
    -----
    Balls grow where samples are sparse: compare sets of equal size. An outlier among the real
    samples has a large ball and lets much pass. A set of copies of the real samples has perfect
    precision; see `nearest_neighbour_distances`. Taught in chapter 40. Source: Kynkaanniemi and
    others, NeurIPS 2019, arXiv:1904.06991.

    Examples
    --------
    >>> real = [[0.0], [1.0], [2.0], [3.0]]
    >>> sample_precision_recall(real, [[0.1], [0.4], [8.0], [8.1]], neighbours=1)
    SamplePrecisionRecall(precision=0.5, recall=0.25)
    """
    if neighbours != int(neighbours) or neighbours < 1:
        raise ValueError(f"neighbours is {neighbours}: give a whole number from 1 on, such as 3")
    real, synthetic = _feature_pair(
        real, synthetic, ("real", "synthetic"), least=int(neighbours) + 1
    )
    return SamplePrecisionRecall(
        precision=_covered_share(synthetic, real, int(neighbours)),
        recall=_covered_share(real, synthetic, int(neighbours)),
    )


class NearestNeighbours(NamedTuple):
    """The distance (n,) of each sample to the nearest of a reference set, and which one it is."""

    distance: np.ndarray
    index: np.ndarray


def nearest_neighbour_distances(features, reference):
    """How far each sample lies from the nearest one of a reference set.

    Parameters
    ----------
    features, reference : array, shape (n, d) and (m, d)
        One row a sample: pixels or features.

    Returns
    -------
    NearestNeighbours
        ``distance`` (n,), Euclidean, in units of the features, and ``index`` (n,), the row of the
        reference.

    Raises
    ------
    ValueError
        On no rows, differing numbers of features, or what is not finite.

    Notes
    -----
    A sample that is in the reference too has distance 0. A generator that copies its training
    pictures gives distances far below those of unseen real pictures. Taught in chapters 40 and
    41.

    Examples
    --------
    >>> nearest_neighbour_distances([[0.0, 0.0], [4.0, 4.0]], [[3.0, 4.0], [9.0, 9.0]])
    NearestNeighbours(distance=array([5., 1.]), index=array([0, 0]))
    """
    features, reference = _feature_pair(features, reference, ("features", "reference"), least=1)
    found = [
        (block.min(axis=1), block.argmin(axis=1)) for _, block in _blocks(features, reference)
    ]
    distance, index = (np.concatenate(each) for each in zip(*found, strict=True))
    return NearestNeighbours(distance, index)


def _feature_pair(first, second, names, least):
    """Both sets as finite float64 matrices with as many columns and enough rows."""
    pair = [finite_matrix(each, name) for each, name in zip((first, second), names, strict=True)]
    for matrix, name in zip(pair, names, strict=True):
        if len(matrix) < least:
            raise ValueError(
                f"{name} has {len(matrix)} row(s), at least {least} are needed: give more samples"
            )
    if pair[0].shape[1] != pair[1].shape[1]:
        raise ValueError(
            f"{names[0]} has {pair[0].shape[1]} features and {names[1]} {pair[1].shape[1]}: "
            "compute both with the same network"
        )
    return pair


def _covariance_root(features):
    """A matrix R with R'R = covariance (divided by n - 1), shape (min(n, d), d)."""
    centred = (features - features.mean(axis=0)) / np.sqrt(len(features) - 1)
    _, singular, directions = np.linalg.svd(centred, full_matrices=False)
    return singular[:, np.newaxis] * directions


def _blocks(first, second):
    """The distances between the rows of two matrices, some rows of the first at a time."""
    from scipy.spatial.distance import cdist

    for start in range(0, len(first), _BLOCK):
        yield start, cdist(first[start : start + _BLOCK], second)


def _radii(features, neighbours):
    """The distance of every row to its k-th nearest other row, shape (n,)."""
    radii = []
    for start, block in _blocks(features, features):
        rows = np.arange(len(block))
        block[rows, start + rows] = np.inf  # a sample is not its own neighbour
        radii.append(np.partition(block, neighbours - 1, axis=1)[:, neighbours - 1])
    return np.concatenate(radii)


def _covered_share(samples, centres, neighbours):
    """The share of the samples that lie in a ball round one of the centres."""
    radii = _radii(centres, neighbours)
    inside = [(block <= radii).any(axis=1) for _, block in _blocks(samples, centres)]
    return float(np.concatenate(inside).mean())
