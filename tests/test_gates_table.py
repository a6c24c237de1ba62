"""The table of chapter 30 belongs to the lesson; the printed cells are as printed and trainable."""

import json

import numpy as np
import pytest

from benchmarks import gates
from benchmarks.printed_cells import PrintedGRU, PrintedLSTM
from benchmarks.storing import stored_runs
from medlearn import data, scratch, tables

from .lessons import settings_of

PRINTED = {
    "D0": lambda: PrintedGRU(3, seed=1),
    "D1": lambda: PrintedLSTM(3, shared=True, seed=1),
    "D1, own weights": lambda: PrintedLSTM(3, shared=False, seed=1),
}


def test_table_is_complete_and_has_the_settings_of_the_lesson_and_of_the_command():
    table = tables.load_table("gates", "standin")
    assert table["settings"] == settings_of("30") == gates.SETTINGS
    assert table["command"] == gates.COMMAND
    assert set(table["versions"]) == {"python", "numpy"} and table["date"]
    runs = [(run["cell"], run["seed"]) for run in table["runs"]]
    assert runs == [(cell, seed) for cell in gates.CELLS for seed in gates.SEEDS]
    assert len(gates.SEEDS) >= 10
    assert all(len(run["val_loss"]) == gates.SETTINGS["epochs"] for run in table["runs"])


def test_a_run_gives_the_row_of_the_table():
    parts = gates.prepared(data.load("pulse_diary", show_card=False))
    _, row = gates.train("LSTM", 0, parts)
    (stored,) = [run for run in tables.load_table("gates", "standin")["runs"]
                 if (run["cell"], run["seed"]) == ("LSTM", 0)]
    assert row["weights"] == stored["weights"]
    assert row["val_loss"][0] == pytest.approx(stored["val_loss"][0], abs=0.01)
    assert row["auc"] == pytest.approx(stored["auc"], abs=0.1)


def test_a_broken_off_table_goes_on_and_one_of_other_settings_begins_anew(tmp_path):
    path = tmp_path / "gates.json"
    assert stored_runs(path, gates.SETTINGS) == []
    run = {"cell": "GRU", "seed": 3}
    table = gates.record([run])
    path.write_text(json.dumps(table), encoding="utf-8")
    assert stored_runs(path, gates.SETTINGS) == [run]
    table["settings"] = {**gates.SETTINGS, "epochs": 1}
    path.write_text(json.dumps(table), encoding="utf-8")
    assert stored_runs(path, gates.SETTINGS) == []


@pytest.mark.parametrize("name", PRINTED)
def test_gradients_of_the_printed_cells(name):
    x = np.random.default_rng(0).normal(size=(3, 5, 2))
    report = scratch.gradient_check(PRINTED[name](), x)
    assert report.passed, str(report)


def sigma(a):
    return 1 / (1 + np.exp(-a))


def test_printed_cells_step_by_step():
    x = np.random.default_rng(0).normal(size=(1, 4, 2))
    d1 = PrintedLSTM(3, shared=True, dtype="float64", seed=1)
    d0 = PrintedGRU(3, dtype="float64", seed=1)
    expected_d1, expected_d0 = np.zeros(3), np.zeros(3)
    y_d1, y_d0 = d1(x), d0(x)
    w = d0.params
    for step in x[0]:
        seen = np.append(step, 0) + expected_d1
        i, f, _, g = np.split(seen @ d1.params["kernel"] + d1.params["bias"], 4)
        expected_d1 = sigma(f) * expected_d1 + sigma(i) * np.tanh(g)
        gates_of = sigma(np.append(step, expected_d0) @ w["gates"] + w["gates_bias"])
        z, r = np.split(gates_of, 2)
        candidate = np.tanh(w["recurrent_kernel"] * (r * expected_d0) + step @ w["kernel"])
        expected_d0 = (1 - z) * expected_d0 + z * candidate
    np.testing.assert_allclose(y_d1[0], expected_d1, atol=1e-12)
    np.testing.assert_allclose(y_d0[0], expected_d0, atol=1e-12)


def test_the_output_gate_of_d1_is_never_trained():
    layer = PRINTED["D1"]()
    layer.forward(np.random.default_rng(0).normal(size=(3, 5, 2)))
    layer.backward(np.ones((3, 3)))
    assert not layer.grads["kernel"][:, 6:9].any()
    assert layer.grads["kernel"][:, :6].any() and layer.grads["kernel"][:, 9:].any()
