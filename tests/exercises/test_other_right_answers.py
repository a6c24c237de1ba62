"""Right answers in another form than the solution's are right."""

import numpy as np
import pytest

from medlearn import exercises

LINE = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])
SHAPES = {"A": (60, 44, 10), "B": (32, 24, 10), "C": (21, 16, 3)}


@pytest.mark.parametrize(("number", "answer"), [
    ("20.1", {letter: list(shape) for letter, shape in SHAPES.items()}),
    ("20.1", {letter: np.array(shape) for letter, shape in SHAPES.items()}),
    ("20.2", LINE.tolist()),
    ("20.2", 1e-12 * LINE),
    ("20.2", 1e12 * LINE / 3),
], ids=["lists", "arrays", "nested list", "tiny", "huge"])
def test_another_form_is_right(number, answer):
    result = exercises.check(number, answer)
    assert result.status == "right", result
