"""Simulated chest radiographs: X-rays through a thorax of ellipsoids.

Parallel rays run from front to back through a body made of simple solids, whose chord lengths
are known in closed form. Beer and Lambert's law turns the lengths into the intensity behind the
body, I = I0 exp(-sum of mu_i L_i); the film shows -log of it, windowed, after quantum noise.
Lengths in centimetres for a child of about three years, attenuation in 1/cm at 60 keV.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["simulate_radiographs"]

PIXELS = 28
OVERSAMPLING = 2
# Images and share of pneumonia of each part; the shares are those of PneumoniaMNIST.
PARTS = {"train": (1200, 0.742), "validation": (200, 0.742), "test": (300, 0.625)}
SEED = 5856
# Films made together: few enough to stay in the processor's cache. Changing it changes them.
BATCH = 25

# Linear attenuation = mass attenuation at 60 keV (NIST, tissues of ICRU report 44) times density.
# Lung is tissue at the density of lung full of air; a child's ribs and vertebrae are mostly
# spongy, so that bone has the mass attenuation of the cortex at a lower density.
SOFT_TISSUE = 0.2048 * 1.06
AERATED_LUNG = 0.2053 * 0.26
SPONGY_BONE = 0.3148 * 1.2


@dataclass(frozen=True, eq=False)
class _Grid:
    """Detector coordinates in cm: x to the right of the picture, z downwards; one row an image."""

    x: np.ndarray
    z: np.ndarray


def simulate_radiographs(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Simulate the radiographs of one part, the same at every call.

    Parameters
    ----------
    part : {"train", "validation", "test"}

    Returns
    -------
    x : numpy.ndarray of float32, shape (n, 28, 28, 1)
        Grey values between 0 (black, air) and 1 (white, bone).
    y : numpy.ndarray of int, shape (n,)
        1 is pneumonia.

    Examples
    --------
    >>> x, y = simulate_radiographs("validation")
    >>> x.shape, float(y.mean())
    ((200, 28, 28, 1), 0.74)
    """
    count, share = PARTS[part]
    rng = np.random.default_rng([SEED, list(PARTS).index(part)])
    y = rng.permutation((np.arange(count) < round(share * count)).astype(np.int64))
    pictures = [_films(rng, y[first : first + BATCH]) for first in range(0, count, BATCH)]
    return np.concatenate(pictures)[..., np.newaxis], y


def _films(rng: np.random.Generator, y: np.ndarray) -> np.ndarray:
    """Simulate one film for each label."""
    n = len(y)
    grid = _grid(rng, n)
    lung = _lung_chords(rng, grid, n)
    aerated = lung * (1 - _consolidation(rng, grid, y))
    depth = SOFT_TISSUE * _body_chord(rng, grid, n)
    depth -= (SOFT_TISSUE - AERATED_LUNG * _vary(rng, n, 1.0, 0.2)) * aerated
    depth += (SPONGY_BONE - SOFT_TISSUE) * _bones(rng, grid, n)
    depth -= SOFT_TISSUE * _stomach_bubble(rng, grid, n)
    return _expose(rng, np.maximum(depth, 0.0), n)


def _vary(rng: np.random.Generator, n: int, mean: float, spread: float) -> np.ndarray:
    """Draw one number an image, within two standard deviations, shaped to broadcast."""
    drawn = mean + spread * np.clip(rng.standard_normal((n, 1, 1)), -2, 2)
    return drawn.astype(np.float32)


def _grid(rng: np.random.Generator, n: int) -> _Grid:
    """Place the detector over each child: shifted, turned and zoomed a little."""
    fine = PIXELS * OVERSAMPLING
    line = ((np.arange(fine) + 0.5) / fine - 0.5).astype(np.float32)
    width = _vary(rng, n, 16.0, 0.8)
    column, row = width * line[np.newaxis, np.newaxis, :], width * line[np.newaxis, :, np.newaxis]
    angle = _vary(rng, n, 0.0, 0.04)
    x = np.cos(angle) * column - np.sin(angle) * row + _vary(rng, n, 0.0, 0.4)
    z = np.sin(angle) * column + np.cos(angle) * row + _vary(rng, n, -0.2, 0.45)
    return _Grid(x, z)


def _chord(
    grid: _Grid,
    centre: tuple[np.ndarray | float, np.ndarray | float],
    half: tuple[np.ndarray | float, np.ndarray | float, np.ndarray | float],
    tilt: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Give the length of each ray inside an ellipsoid, its half axes across, along, in depth."""
    dx, dz = grid.x - centre[0], grid.z - centre[1]
    across = (dx + np.tan(tilt) * dz) * (np.cos(tilt) / half[0])
    along = (dz - np.tan(tilt) * dx) * (np.cos(tilt) / half[1])
    inside = np.maximum(1 - across * across - along * along, 0)
    return np.sqrt(inside, out=inside) * (2 * half[2])


def _step(distance: np.ndarray, softness: float) -> np.ndarray:
    """Go smoothly from 0 to 1 as a distance in cm passes 0."""
    return 0.5 * (1 + np.tanh(distance / softness))


def _body_chord(rng: np.random.Generator, grid: _Grid, n: int) -> np.ndarray:
    """Give the chord of trunk and neck, an elliptic cylinder that narrows, and of the arms."""
    shoulder = _vary(rng, n, -7.1, 0.4)
    rise = _step(grid.z - shoulder, 1.3)
    half_width = 2.8 + rise * _vary(rng, n, 6.0, 0.5)
    half_depth = 4.0 + rise * _vary(rng, n, 1.9, 0.4)
    trunk = 2 * half_depth * np.sqrt(np.maximum(1 - (grid.x / half_width) ** 2, 0)) ** 0.8
    arms = sum(
        _chord(grid, (side * _vary(rng, n, 10.6, 0.6), 2.0), (1.7, 9.0, 1.7), side * 0.06)
        for side in (-1, 1)
    )
    return trunk + arms


def _lung_chords(rng: np.random.Generator, grid: _Grid, n: int) -> np.ndarray:
    """Give the chord of both lungs, less what heart, mediastinum and diaphragm take of it."""
    breath = _vary(rng, n, 5.3, 0.6)
    lungs = np.zeros_like(grid.x)
    for side in (-1, 1):
        centre = side * _vary(rng, n, 3.9, 0.2)
        # Narrow at the apex, wide at the base.
        half_width = _vary(rng, n, 3.3, 0.2) * np.clip(0.85 + 0.045 * grid.z, 0.5, 1.05)
        lung = _chord(
            grid, (centre, 1.3), (half_width, 7.2, 4.6), side * _vary(rng, n, -0.17, 0.03)
        )
        # The liver pushes the right half of the diaphragm (left in the picture) up.
        dome = breath + (0.0 if side < 0 else 0.5) - 1.3 * (1 - ((grid.x - centre) / 3.2) ** 2)
        lungs += lung * _step(dome - grid.z, 0.35)
    half_mediastinum = _vary(rng, n, 1.5, 0.25) + 0.5 * _step(-3.0 - grid.z, 1.0)
    lungs *= _step(np.abs(grid.x - 0.2) - half_mediastinum, 0.35)
    size = _vary(rng, n, 1.0, 0.08)
    heart = _chord(grid, (_vary(rng, n, 1.3, 0.3), 2.6), (3.7 * size, 2.8 * size, 3.6), 0.5)
    vessels = _hila(rng, grid, n)
    return np.maximum(lungs - heart - vessels, 0)


def _hila(rng: np.random.Generator, grid: _Grid, n: int) -> np.ndarray:
    """Give the chord of the vessels at the lung roots."""
    return sum(
        _chord(
            grid,
            (side * _vary(rng, n, 2.3, 0.3), _vary(rng, n, 0.3, 0.5)),
            (_vary(rng, n, 0.9, 0.2), _vary(rng, n, 1.6, 0.3), _vary(rng, n, 0.7, 0.2)),
            side * -0.5,
        )
        for side in (-1, 1)
    )


def _bones(rng: np.random.Generator, grid: _Grid, n: int) -> np.ndarray:
    """Give the chord of spine, ribs and clavicles."""
    spine = 1.9 * np.sqrt(np.maximum(1 - (grid.x / _vary(rng, n, 1.05, 0.1)) ** 2, 0))
    spine = spine * (1 + 0.15 * np.cos(2 * np.pi * grid.z / 1.3))
    across = np.abs(grid.x) / (7.2 + 0.8 * _step(grid.z, 4.0))
    # Along a ray that grazes the cage, a rib is longer.
    grazing = 1 / np.sqrt(np.maximum(1 - across**2, 0.1))
    level = grid.z - 0.10 * np.abs(grid.x) - 0.035 * grid.x**2 + _vary(rng, n, 0.0, 0.5)
    spacing = _vary(rng, n, 1.55, 0.1)
    ribs = np.maximum(np.cos(2 * np.pi * level / spacing), 0) ** 2
    inside = _step(1.05 - across, 0.06) * _step(grid.z + 6.3, 0.5) * _step(7.0 - grid.z, 1.0)
    ribs = _vary(rng, n, 1.0, 0.2) * ribs * grazing * inside
    clavicles = sum(
        _chord(grid, (side * 3.6, _vary(rng, n, -5.9, 0.3)), (3.4, 0.42, 0.6), side * -0.18)
        for side in (-1, 1)
    )
    return spine + ribs + clavicles


def _stomach_bubble(rng: np.random.Generator, grid: _Grid, n: int) -> np.ndarray:
    """Give the chord of the air that some have in the stomach, under the left diaphragm."""
    present = rng.random((n, 1, 1)) < 0.4
    bubble = _chord(
        grid,
        (_vary(rng, n, 3.6, 0.5), _vary(rng, n, 7.0, 0.3)),
        (_vary(rng, n, 1.3, 0.3), _vary(rng, n, 0.7, 0.15), 1.2),
    )
    return present * bubble


def _consolidation(rng: np.random.Generator, grid: _Grid, y: np.ndarray) -> np.ndarray:
    """Give the share of air lost at each place: in foci, or patchily in both lungs."""
    n = len(y)
    severity = y[:, np.newaxis, np.newaxis] * (0.12 + rng.gamma(2.0, 0.45, (n, 1, 1)))
    severity = severity.astype(np.float32)
    focal = rng.random((n, 1, 1)) < 0.5
    foci = np.zeros_like(grid.x)
    for _ in range(2):
        side = rng.choice(np.array([-1, 1], dtype=np.float32), (n, 1, 1))
        centre = (side * _vary(rng, n, 4.0, 0.7), _vary(rng, n, 1.0, 2.2))
        size = _vary(rng, n, 1.7, 0.4) * np.sqrt(severity + 0.2)
        radius = np.hypot(grid.x - centre[0], grid.z - centre[1])
        foci = np.maximum(foci, _step(size - radius, 0.8))
    patchy = np.clip(0.65 + 0.35 * _texture(rng, grid, n), 0, 1)
    return np.where(
        focal, np.clip(0.75 * severity, 0, 0.85) * foci, np.clip(0.45 * severity, 0, 0.75) * patchy
    )


def _texture(rng: np.random.Generator, grid: _Grid, n: int) -> np.ndarray:
    """Give a smooth random field, about standard normal: a sum of a few plane waves."""
    waves = 6
    field = np.zeros_like(grid.x)
    for _ in range(waves):
        direction = rng.uniform(0, 2 * np.pi, (n, 1, 1)).astype(np.float32)
        length = rng.uniform(3.5, 9.0, (n, 1, 1)).astype(np.float32)
        phase = rng.uniform(0, 2 * np.pi, (n, 1, 1)).astype(np.float32)
        along = np.cos(direction) * grid.x + np.sin(direction) * grid.z
        field += np.cos(2 * np.pi * along / length + phase)
    return field * (2 / waves) ** 0.5


def _expose(rng: np.random.Generator, depth: np.ndarray, n: int) -> np.ndarray:
    """Turn optical depths into grey values: attenuation, scatter, noise, film."""
    intensity = np.exp(-depth)
    pixels = intensity.reshape(n, PIXELS, OVERSAMPLING, PIXELS, OVERSAMPLING).mean(axis=(2, 4))
    pixels += _vary(rng, n, 0.15, 0.05) * pixels.mean(axis=(1, 2), keepdims=True)
    photons = 5000.0
    pixels += np.sqrt(pixels / photons) * rng.standard_normal(pixels.shape, dtype=np.float32)
    density = -np.log(np.maximum(pixels, 1e-3))
    low, high = np.quantile(density, [0.03, 0.98], axis=(1, 2), keepdims=True)
    # Half automatic exposure, half the same for everybody.
    low = 0.5 * low + 0.5 * _vary(rng, n, 0.35, 0.2)
    high = high + _vary(rng, n, 0.15, 0.12)
    grey = np.clip((density - low) / (high - low), 0, 1) ** _vary(rng, n, 1.0, 0.12)
    return grey.astype(np.float32)
