"""Simulated photographs of the retina: a tree of vessels that branches from the optic disc.

At a fork the radii obey Murray's law, r0^3 = r1^3 + r2^3 (doi:10.1073/pnas.12.3.207). Lengths are
in pixels of the halved photographs of CHASE_DB1.
"""

from __future__ import annotations

import numpy as np

__all__ = ["simulate_fundus"]

HEIGHT, WIDTH = 480, 500
CHILDREN = 10
SEED = 1_420
# The radius of the trunks at the disc, the finest that is drawn, and the finest that the second
# observer never leaves out.
TRUNK, FINEST, SURELY_SEEN = 4.2, 0.9, 1.5
STEP = 2.0


def simulate_fundus() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Simulate the photographs, the same at every call.

    Returns
    -------
    x : numpy.ndarray of float32, shape (20, 480, 500, 3)
    y : numpy.ndarray of uint8, shape (20, 480, 500, 2)
        The masks of the first and the second observer.
    child : numpy.ndarray of int, shape (20,)
    """
    rng = np.random.default_rng(SEED)
    eyes = [_eye(rng, side) for _ in range(CHILDREN) for side in (-1, 1)]
    x, y = zip(*eyes, strict=True)
    return np.stack(x), np.stack(y), np.repeat(np.arange(1, CHILDREN + 1), 2)


def _eye(rng: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Simulate one eye: photograph and masks."""
    centre = np.array([HEIGHT / 2, WIDTH / 2])
    disc = centre + [rng.normal(0, 8), side * rng.normal(75, 10)]
    branches = _tree(rng, disc, side)
    seen = [radius >= SURELY_SEEN or rng.random() < 0.6 for _, radius in branches]
    first = _drawn(branches, 0.0)
    second = _drawn([b for b, see in zip(branches, seen, strict=True) if see], 0.25)
    row, column = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    inside = np.hypot(row - centre[0], column - centre[1]) < 0.47 * HEIGHT
    picture = _photograph(rng, first & inside, row, column, disc, centre)
    picture *= inside[..., np.newaxis]
    masks = np.stack([first & inside, second & inside], axis=-1)
    return np.clip(picture, 0, 1).astype(np.float32), masks.astype(np.uint8)


def _tree(rng: np.random.Generator, disc: np.ndarray, side: int) -> list[tuple[np.ndarray, float]]:
    """Grow the tree: paths (points, 2) with their radius."""
    towards_fovea = np.pi if side > 0 else 0.0
    starts = [towards_fovea + turn for turn in (0.9, 1.4, -0.9, -1.4, 2.4, -2.4)]
    growing = [(disc, angle + rng.normal(0, 0.15), TRUNK * rng.uniform(0.6, 1)) for angle in starts]
    branches = []
    while growing:
        place, angle, radius = growing.pop()
        steps = int(rng.uniform(18, 38) * (0.6 + radius / TRUNK) / STEP)
        turns = rng.normal(0, 0.02) + rng.normal(0, 0.05, steps)
        angles = angle + np.cumsum(turns)
        path = place + STEP * np.cumsum(np.stack([np.sin(angles), np.cos(angles)], axis=1), axis=0)
        branches.append((path, radius))
        share = rng.uniform(0.5, 0.9)
        radii = radius * share ** (1 / 3), radius * (1 - share) ** (1 / 3)
        sign = rng.choice([-1, 1])
        outside = np.hypot(*(path[-1] - [HEIGHT / 2, WIDTH / 2])) > 0.5 * HEIGHT
        for child, turn in zip(radii, (0.25, -0.75), strict=True):
            if child >= FINEST and not outside:
                turned = angles[-1] + sign * turn * rng.uniform(0.7, 1.3)
                growing.append((path[-1], turned, 0.95 * child))
    return branches


def _drawn(branches: list[tuple[np.ndarray, float]], narrower: float) -> np.ndarray:
    """Draw the vessels into a mask: all pixels within the radius of a path, disc by disc."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    for path, radius in branches:
        reach = int(np.ceil(TRUNK)) + 1
        offsets = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1).T
        # Paths advance by two pixels: the points between them keep fine vessels whole.
        dense = np.concatenate([path, (path[1:] + path[:-1]) / 2])
        pixels = np.rint(dense)[:, np.newaxis] + offsets
        near = np.hypot(*np.moveaxis(pixels - dense[:, np.newaxis], -1, 0)) <= radius - narrower
        rows, columns = pixels[near].astype(int).T
        kept = (rows >= 0) & (rows < HEIGHT) & (columns >= 0) & (columns < WIDTH)
        mask[rows[kept], columns[kept]] = True
    return mask


def _photograph(
    rng: np.random.Generator,
    vessels: np.ndarray,
    row: np.ndarray,
    column: np.ndarray,
    disc: np.ndarray,
    centre: np.ndarray,
) -> np.ndarray:
    """Colour the picture: uneven light, disc, fovea, vessels, blur and noise."""
    from scipy.ndimage import gaussian_filter

    light = 1 - 0.35 * (np.hypot(row - centre[0], column - centre[1]) / (HEIGHT / 2)) ** 2
    light *= 1 + rng.normal(0, 0.15) * (column / WIDTH - 0.5) + rng.normal(0, 0.15) * (
        row / HEIGHT - 0.5
    )
    light *= 1 + 0.08 * gaussian_filter(rng.normal(0, 12, row.shape), 12)
    from_disc = np.hypot(row - disc[0], column - disc[1])
    glow = 0.6 / (1 + np.exp((from_disc - 26) / 3))
    fovea = disc + 2.2 * (centre - disc)
    dark = 0.35 * np.exp(-((row - fovea[0]) ** 2 + (column - fovea[1]) ** 2) / (2 * 22**2))
    blood = gaussian_filter(vessels.astype(np.float32), 0.8)
    colours = []
    for base, contrast in ((0.62, 0.15), (0.33, 0.38), (0.12, 0.15)):
        tissue = base * light * (1 + glow - dark) * (1 - contrast * blood)
        colours.append(tissue + rng.normal(0, 0.012, row.shape))
    return np.stack(colours, axis=-1)
