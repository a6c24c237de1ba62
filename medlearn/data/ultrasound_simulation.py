"""Simulated breast ultrasound: echoes of random scatterers through layers and lesions.

Tissue is a cloud of scatterers too small to be seen apart. Their echoes add up with random
phases, so that the field behind the pulse is complex Gaussian noise, its power set by the tissue,
smoothed by the pulse; the picture shows its envelope (Rayleigh distributed: the grain called
speckle) on a logarithmic scale. What lies above takes from the echoes of what lies below: a
carcinoma attenuates more and throws a shadow, the fluid of a cyst less, and what is behind it
shines. Lengths in centimetres, x to the right, z downwards from the skin; echo levels in decibel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["simulate_ultrasound"]

PIXELS = 28
OVERSAMPLING = 4
# Images and malignant among them: the numbers of BreastMNIST.
PARTS = {"train": (546, 147), "validation": (78, 21), "test": (156, 42)}
# Of the images that are not malignant, the share without any lesion, as in the source of the
# real images (133 normal and 437 benign); of the benign lesions, the share of cysts (made up).
NORMAL_SHARE, CYST_SHARE = 133 / 570, 0.25
SEED = 780
# Images made together. Changing it changes them.
BATCH = 26

# The pulse: standard deviations of its envelope along and across the beam.
PULSE_AXIAL, PULSE_LATERAL = 0.025, 0.05
MARGIN = 16  # rows without echoes below, lest the transform carry the skin's to the bottom
DYNAMIC_RANGE = 50.0  # decibel from black to white


@dataclass(frozen=True, eq=False)
class _Lesion:
    """Lesions, one an image, every number of shape (n, 1, 1).

    `level` and `rim`: echo level inside, and in the border, relative to the tissue (dB);
    `attenuation`: what the way through it takes, there and back (dB/cm); `softness`: width of
    the border (cm); `lobes`: amplitude and phase of the outline's harmonics, (n, harmonics).
    """

    x: np.ndarray
    z: np.ndarray
    half_width: np.ndarray
    half_height: np.ndarray
    level: np.ndarray
    rim: np.ndarray
    attenuation: np.ndarray
    softness: np.ndarray
    lobes: np.ndarray
    phases: np.ndarray


def simulate_ultrasound(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Simulate the images of one part, the same at every call.

    Parameters
    ----------
    part : {"train", "validation", "test"}

    Returns
    -------
    x : numpy.ndarray of float32, shape (n, 28, 28, 1)
        Grey values between 0 (black, no echo) and 1 (white).
    y : numpy.ndarray of int, shape (n,)
        1 is malignant.

    Examples
    --------
    >>> x, y = simulate_ultrasound("validation")
    >>> x.shape, int(y.sum())
    ((78, 28, 28, 1), 21)
    """
    count, malignant = PARTS[part]
    rng = np.random.default_rng([SEED, list(PARTS).index(part)])
    y = rng.permutation((np.arange(count) < malignant).astype(np.int64))
    pictures = [_images(rng, y[first : first + BATCH]) for first in range(0, count, BATCH)]
    return np.concatenate(pictures)[..., np.newaxis], y


def _images(rng: np.random.Generator, y: np.ndarray) -> np.ndarray:
    """Simulate one image for each label."""
    n = len(y)
    depth = _vary(rng, n, 3.8, 0.5)
    line = ((np.arange(PIXELS * OVERSAMPLING) + 0.5) / (PIXELS * OVERSAMPLING)).astype(np.float32)
    x = depth * (line[np.newaxis, np.newaxis, :] - 0.5)
    z = depth * line[np.newaxis, :, np.newaxis]
    lesion = _lesions(rng, y)
    inside, border = _cover(lesion, x, z)
    level = _layers(rng, n, x, z) + lesion.rim * border
    level = level * (1 - 0.8 * inside) + (lesion.level - 3.0) * inside
    step = depth / (PIXELS * OVERSAMPLING)
    lost = np.cumsum(lesion.attenuation * inside, axis=1) * step
    lost = lost + _vary(rng, n, 5.5, 1.5) * z  # what the machine's gain does not make up for
    power = 10 ** ((level - lost) / 10)
    return _grey(rng, _envelope(rng, power, step), n)


def _vary(rng: np.random.Generator, n: int, mean: float, spread: float) -> np.ndarray:
    """Draw one number an image, within two standard deviations, shaped to broadcast."""
    drawn = mean + spread * np.clip(rng.standard_normal((n, 1, 1)), -2, 2)
    return drawn.astype(np.float32)


def _step(distance: np.ndarray, width: np.ndarray | float) -> np.ndarray:
    """Give 1 where the distance is positive and 0 where negative, blurred over the width."""
    return 1 / (1 + np.exp(-np.clip(4 * distance / width, -30, 30)))


def _layers(rng: np.random.Generator, n: int, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Give the echo level of skin, fat, gland and muscle, with bright septa between the lobules."""
    wave = _vary(rng, n, 0.0, 0.1) * np.sin(x * _vary(rng, n, 2.0, 0.5) + _vary(rng, n, 0, 3))
    fat, gland, muscle = (
        _step(z - wave - edge, 0.15)
        for edge in (0.22, _vary(rng, n, 0.9, 0.25), _vary(rng, n, 2.7, 0.3))
    )
    level = -10.0 * fat + _vary(rng, n, 7.0, 2.0) * gland - _vary(rng, n, 5.0, 2.0) * muscle
    slope = _vary(rng, n, 0.0, 0.15)
    for _ in range(4):
        along = z - slope * x - wave - _vary(rng, n, 1.6, 0.8)
        level = level + _vary(rng, n, 4.0, 3.0) * np.exp(-((along / 0.06) ** 2))
    # Lobules of fat and gland: a coarse texture of a few waves, longer across than in depth.
    for _ in range(4):
        phase = _vary(rng, n, 0, 3) + x * _vary(rng, n, 0, 3.0) + z * _vary(rng, n, 4.0, 3.0)
        level = level + 1.2 * np.cos(phase)
    return level


def _lesions(rng: np.random.Generator, y: np.ndarray) -> _Lesion:
    """Draw a lesion for each label; where there is none, it does not differ from the tissue."""
    n = len(y)
    malignant = y[:, np.newaxis, np.newaxis] == 1
    none = ~malignant & (rng.random((n, 1, 1)) < NORMAL_SHARE)
    cyst = ~malignant & (rng.random((n, 1, 1)) < CYST_SHARE)

    def pick(if_malignant, if_solid, if_cyst):
        ill, solid, fluid = (_vary(rng, n, *each) for each in (if_malignant, if_solid, if_cyst))
        return np.where(malignant, ill, np.where(cyst, fluid, solid))

    radius = np.maximum(pick((0.60, 0.20), (0.52, 0.20), (0.48, 0.18)), 0.2)
    flattening = np.clip(pick((1.00, 0.17), (0.76, 0.15), (0.80, 0.12)), 0.45, 1.6)
    irregular = np.maximum(pick((0.12, 0.07), (0.07, 0.06), (0.03, 0.02)), 0)
    harmonics = np.arange(2, 10)
    # Benign outlines have few, gentle lobes; those of carcinomas also fine spicules.
    fall = np.where(malignant[:, :, 0], 0.3, 1.5)
    lobes = irregular[:, :, 0] * harmonics**-fall * rng.standard_normal((n, len(harmonics)))
    present = ~none
    return _Lesion(
        x=_vary(rng, n, 0.0, 0.45),
        z=_vary(rng, n, 1.45, 0.35),
        half_width=radius / np.sqrt(flattening),
        half_height=radius * np.sqrt(flattening),
        level=pick((-14.0, 3.0), (-11.0, 4.0), (-26.0, 5.0)),
        rim=present * pick((2.5, 1.5), (1.0, 1.0), (1.0, 1.0)),
        attenuation=present * pick((5.0, 5.0), (1.0, 4.0), (-4.0, 2.0)),
        softness=np.maximum(pick((0.20, 0.06), (0.12, 0.05), (0.06, 0.02)), 0.03),
        lobes=np.where(none[:, :, 0], np.nan, lobes),
        phases=rng.uniform(0, 2 * np.pi, (n, len(harmonics))),
    )


def _cover(lesion: _Lesion, x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give how far each place lies inside the lesion, and in its border, both from 0 to 1."""
    across, down = (x - lesion.x) / lesion.half_width, (z - lesion.z) / lesion.half_height
    angle, outline = np.arctan2(down, across), 1.0
    for place, harmonic in enumerate(range(2, 2 + lesion.lobes.shape[1])):
        lobe, phase = (part[:, place, None, None] for part in (lesion.lobes, lesion.phases))
        outline = outline + lobe * np.cos(harmonic * angle + phase)
    size = np.sqrt(lesion.half_width * lesion.half_height)
    distance = (np.maximum(outline, 0.3) - np.hypot(across, down)) * size
    inside = np.nan_to_num(_step(distance, lesion.softness))
    border = np.nan_to_num(np.exp(-((distance / (1.5 * lesion.softness)) ** 2)))
    return inside, border


def _envelope(rng: np.random.Generator, power: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Give the envelope of the echoes: complex noise of that power, smoothed by the pulse.

    Parameters
    ----------
    power : numpy.ndarray, shape (n, rows, columns)
    step : numpy.ndarray, shape (n, 1, 1)
        Distance between two places of the grid, in cm.
    """
    noise = rng.standard_normal((2, *power.shape), dtype=np.float32)
    field = np.sqrt(power / 2) * (noise[0] + 1j * noise[1])
    rows, columns = power.shape[1:]
    sizes = (rows + MARGIN, columns)
    down, across = (np.fft.fftfreq(size)[np.newaxis] / step[:, 0] for size in sizes)
    pulse = np.exp(
        -2 * np.pi**2 * ((PULSE_AXIAL * down[:, :, None]) ** 2
                         + (PULSE_LATERAL * across[:, None, :]) ** 2)
    )
    # Divided by its own gain, so that even tissue keeps its power.
    pulse /= np.sqrt(np.mean(pulse**2, axis=(1, 2), keepdims=True))
    return np.abs(np.fft.ifft2(np.fft.fft2(field, s=sizes) * pulse)[:, :rows])


def _grey(rng: np.random.Generator, envelope: np.ndarray, n: int) -> np.ndarray:
    """Compress the envelope logarithmically, and average it into pixels."""
    decibel = 20 * np.log10(np.maximum(envelope, 1e-6))
    gain = _vary(rng, n, 34.0, 4.0)
    grey = np.clip((decibel + gain) / DYNAMIC_RANGE, 0, 1)
    pixels = grey.reshape(n, PIXELS, OVERSAMPLING, PIXELS, OVERSAMPLING).mean(axis=(2, 4))
    return pixels.astype(np.float32)
