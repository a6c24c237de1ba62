"""The speed comparison compares like with like, and its stored tables are its own."""

import json

import numpy as np
import pytest

from benchmarks import convolution, recurrence

TABLES = sorted(recurrence.TABLES.glob("recurrence_*.json"))
SMALL = [(kind, arguments, (2, 7, 1), 3) for kind, arguments, *_ in recurrence.CASES[:5]]


@pytest.mark.parametrize("case", SMALL, ids=[str(case[:2]) for case in SMALL])
def test_both_contestants_compute_the_same(case):
    from .scratch.parity import load_keras

    load_keras()
    calls = recurrence.contestants(*case)
    ours, theirs = calls["scratch"](), calls["keras"]()
    assert len(ours) == 5  # output, gradient for x, and for the three weights
    assert convolution.largest_difference(ours, theirs) < 1e-5
    assert convolution.largest_difference(ours, [2 * np.asarray(a) for a in theirs]) > 0.4


def test_there_are_stored_tables():
    assert TABLES


@pytest.mark.parametrize("path", TABLES, ids=[path.stem for path in TABLES])
def test_stored_table_has_the_cases_of_the_command(path):
    record = json.loads(path.read_text(encoding="utf-8"))
    cases = [(row["layer"], row["arguments"], tuple(row["x"]), row["units"])
             for row in record["rows"]]
    assert cases == recurrence.CASES
    assert path == recurrence.table_path(record["settings"]["threads"])
    assert all(row["difference_from_keras"] < 1e-4 for row in record["rows"])
    # The aim, with a margin for a busy machine: speed itself is not asserted.
    assert all(row["times_keras_ms"] < 10 for row in record["rows"][:3])
