"""Blocks of nilearn's brain template under simulated scans: the hippocampus data's stand-in."""

from __future__ import annotations

from importlib import resources

import numpy as np

__all__ = ["template_blocks"]

# From back to front the template is resampled to this voxel size, so that five slabs fit in.
DEPTH_MM = 0.7
# Each slab lies between two of training, but for the first and the last.
SLABS = ("train", "test", "train", "validation", "train")
# A block with less tissue than this tells nothing of it.
LEAST_TISSUE = 0.2
SEED = 152


def template_blocks(
    shape: tuple[int, int, int],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, tuple[float, float, float]]:
    """Cut the brain into blocks and scan each, the same at every call.

    Parameters
    ----------
    shape : tuple of int
        Voxels of a block from left to right, back to front, bottom to top.

    Returns
    -------
    x : numpy.ndarray of float32, shape (n, *shape, 1)
    y : numpy.ndarray of uint8, shape (n, *shape)
        0 = background, 1 = grey matter, 2 = white matter.
    subject : numpy.ndarray of int, shape (n,)
        The same for a block and its mirror image in the other half of the brain.
    split : numpy.ndarray of str, shape (n,)
    spacing : tuple of float
        The size of a voxel in mm.
    """
    t1, grey, white = _template()
    tissue = np.where(np.maximum(grey, white) < 0.5, 0, np.where(grey > white, 1, 2))
    tissue = tissue.astype(np.uint8)
    blocks = []
    for corner, subject, part in _corners(tissue, shape):
        window = tuple(slice(a, a + size) for a, size in zip(corner, shape, strict=True))
        blocks.append((t1[window], tissue[window], subject, part))
    signal, y, subject, split = zip(*blocks, strict=True)
    rng = np.random.default_rng(SEED)
    x = np.stack([_scan(rng, block) for block in signal])[..., np.newaxis]
    return x, np.stack(y), np.array(subject), np.array(split, dtype="<U10"), (1.0, DEPTH_MM, 1.0)


def _template() -> list[np.ndarray]:
    """Load T1, grey and white matter, each between 0 and 1, resampled from back to front.

    Read from nilearn's files: importing all of nilearn would take seconds and 200 MB.
    """
    import nibabel

    folder = resources.files("nilearn") / "datasets" / "data"
    volumes = []
    for kind in ("t1", "gm", "wm"):
        name = f"mni_icbm152_{kind}_tal_nlin_sym_09a_converted.nii.gz"
        volume = np.asarray(nibabel.load(folder / name).dataobj, np.float32)
        volumes.append(_resampled(volume / volume.max()))
    return volumes


def _resampled(volume: np.ndarray) -> np.ndarray:
    """Interpolate linearly along the second axis, from 1 mm to DEPTH_MM."""
    place = np.arange(0, volume.shape[1] - 1, DEPTH_MM, dtype=np.float32)
    lower = place.astype(int)
    weight = (place - lower).astype(np.float32)[:, np.newaxis]
    return volume[:, lower] * (1 - weight) + volume[:, lower + 1] * weight


def _corners(
    tissue: np.ndarray, shape: tuple[int, int, int]
) -> list[tuple[tuple[int, int, int], int, str]]:
    """List the blocks with enough tissue: corner, subject, part."""
    found = []
    inside = np.argwhere(tissue.any(axis=(0, 2))).ravel()
    front = inside[0] + (np.ptp(inside) + 1 - len(SLABS) * shape[1]) // 2
    middle = tissue.shape[0] / 2
    rows = range(0, tissue.shape[2] - shape[2] + 1, shape[2])
    for slab, part in enumerate(SLABS):
        for level, bottom in enumerate(rows):
            for step in range(int(middle) // shape[0]):
                subject = (slab * len(rows) + level) * 10 + step
                left = int(np.floor(middle)) - (step + 1) * shape[0]
                mirrored = int(np.ceil(middle)) + step * shape[0]
                for start in (left, mirrored):
                    corner = (start, int(front) + slab * shape[1], bottom)
                    window = tuple(slice(a, a + n) for a, n in zip(corner, shape, strict=True))
                    if np.mean(tissue[window] > 0) >= LEAST_TISSUE:
                        found.append((corner, subject, part))
    return found


def _scan(rng: np.random.Generator, block: np.ndarray) -> np.ndarray:
    """Scan a block: contrast, coil shading, Rician noise (Gudbjartsson and Patz 1995), scale."""
    signal = block ** rng.uniform(0.8, 1.25)
    places = np.meshgrid(*(np.linspace(-1, 1, size) for size in block.shape), indexing="ij")
    shading = sum(rng.uniform(-0.2, 0.2) * place for place in places)
    signal = signal * np.exp(shading)
    noise = rng.normal(0, rng.uniform(0.02, 0.06), (2, *block.shape))
    scan = np.hypot(signal + noise[0], noise[1])
    return (rng.lognormal(6, 1) * scan).astype(np.float32)
