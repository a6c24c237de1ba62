"""Keras, set up once as in a lesson, and a task that a network learns in seconds."""

import numpy as np
import pytest

from medlearn import lesson
from medlearn.data.dataset import Split


@pytest.fixture(scope="session")
def keras():
    return lesson.load_keras()


def _bars(count, seed):
    """Pictures with a bright bar, upright (1) or lying (0), at a random place in noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0.3, 0.1, (count, 28, 28, 1)).astype("float32")
    y = rng.integers(0, 2, count)
    for picture, upright in zip(x, y, strict=True):
        row, column = rng.integers(4, 18, 2)
        height, width = (8, 2) if upright else (2, 8)
        picture[row : row + height, column : column + width] += 0.5
    return Split(np.clip(x, 0, 1), y, None)


@pytest.fixture(scope="session")
def bars():
    return _bars(256, 0), _bars(128, 1), _bars(128, 2)
