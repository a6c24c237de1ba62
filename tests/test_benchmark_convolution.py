"""The speed comparison compares like with like, and its stored tables are its own."""

import json

import numpy as np
import pytest

from benchmarks import convolution
from medlearn import scratch

TABLES = sorted(convolution.TABLES.glob("convolution_*.json"))


def test_the_three_contestants_compute_the_same():
    from .scratch.parity import load_keras

    keras, tf = load_keras()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 7, 6, 2)).astype(np.float32)
    ours, theirs = scratch.Conv2D(3, convolution.KERNEL_SIZE), keras.layers.Conv2D(3, 3)
    dy = rng.normal(size=ours.forward(x).shape).astype(np.float32)
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())
    results = convolution.scratch_step(ours, x, dy)
    looped = convolution.loop_step(x, *ours.get_weights(), dy)
    compiled = convolution.keras_step(theirs)(tf.constant(x), tf.constant(dy))
    assert convolution.largest_difference(results, looped) < 1e-5
    assert convolution.largest_difference(results, compiled) < 1e-5
    assert convolution.largest_difference(results, [2 * np.asarray(r) for r in looped]) > 0.4


def test_there_are_stored_tables():
    assert TABLES


@pytest.mark.parametrize("path", TABLES, ids=[path.stem for path in TABLES])
def test_stored_table_has_the_cases_and_settings_of_the_command(path):
    record = json.loads(path.read_text(encoding="utf-8"))
    rows = [(tuple(row["x"]), row["filters"]) for row in record["rows"]]
    assert rows == convolution.CASES
    assert record["settings"]["kernel_size"] == convolution.KERNEL_SIZE
    assert path == convolution.table_path(record["settings"]["threads"])
    for row in record["rows"]:
        assert row["difference_from_keras"] < 1e-4
        # Speed is not asserted but for the loop: a hundred times and more, whatever the machine.
        if "loop_ms" in row:
            assert row["difference_from_loop"] < 1e-4
    for row in record["rows"][:2]:
        assert row["loop_over_scratch"] > 100
