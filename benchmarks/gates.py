"""Which recurrent cells remember: chapter 30's table, printed formulas included.

    uv run python -m benchmarks.gates

Every cell is trained on the pulse diary with the lesson's settings, once a seed, by
medlearn.scratch alone. Goes on where an earlier run was broken off. Writes
benchmarks/tables/gates_standin.json (the diary exists as a simulation alone). About five minutes
on one core.
"""

import argparse
import datetime
import platform
from importlib.metadata import version

import numpy as np

from medlearn import data, lesson, metrics, scratch, tables

from .printed_cells import PrintedGRU, PrintedLSTM
from .storing import as_text, stored_runs

SETTINGS = {
    "units": 16, "epochs": 30, "batch_size": 32, "learning_rate": 0.02, "clipnorm": 1.0,
    "forget_bias": 3.0,
}
SEEDS = range(10)
CELLS = {
    "SimpleRNN": lambda units: scratch.SimpleRNN(units),
    "LSTM, Keras's start": lambda units: scratch.LSTM(units),
    "LSTM": lambda units: scratch.LSTM(units),
    "GRU": lambda units: scratch.GRU(units),
    "GRU, reset before": lambda units: scratch.GRU(units, reset_after=False),
    "D0": lambda units: PrintedGRU(units),
    "D1": lambda units: PrintedLSTM(units, shared=True),
    "D1, own weights": lambda units: PrintedLSTM(units, shared=False),
}
# Cells whose forget gates start further open than with Keras's bias of 1.
OPENED = ("LSTM", "D1", "D1, own weights")
COMMAND = "uv run python -m benchmarks.gates"


def prepared(diary):
    """Train, validation and test as (x, y): intervals standardised by the training part."""
    interval = diary.train.x[..., 0]
    mean, deviation = interval.mean(), interval.std()
    parts = []
    for part in (diary.train, diary.validation, diary.test):
        part.x[..., 0] = (part.x[..., 0] - mean) / deviation
        parts.append((part.x, part.y[:, np.newaxis].astype("float32")))
    return parts


def train(cell, seed, parts, settings=SETTINGS):
    """One run: (model, row of the table)."""
    (x, y), validation, (x_test, y_test) = parts
    layer = CELLS[cell](settings["units"])
    model = scratch.Sequential([layer, scratch.Dense(1, "sigmoid")], seed=seed)
    model.build(x.shape)
    if cell in OPENED:
        layer.params["bias"][layer.units : 2 * layer.units] = settings["forget_bias"]
    optimizer = scratch.Adam(settings["learning_rate"], global_clipnorm=settings["clipnorm"])
    history = model.fit(
        x, y, scratch.BinaryCrossentropy(), optimizer, settings["epochs"], settings["batch_size"],
        validation_data=validation)
    p = model.predict(x_test)[:, 0]
    return model, {
        "cell": cell, "seed": seed,
        "weights": sum(weight.size for weight in model.layers[0].get_weights()),
        "auc": float(metrics.roc_auc(y_test[:, 0], p)),
        "accuracy": float(np.mean((p > 0.5) == y_test[:, 0])),
        "val_loss": [round(value, 4) for value in history["val_loss"]],
    }


def record(runs):
    """The table as it is stored."""
    order = list(CELLS)
    return {
        "command": COMMAND, "source": "standin", "date": datetime.date.today().isoformat(),
        "versions": {"python": platform.python_version(), "numpy": version("numpy")},
        "settings": SETTINGS,
        "runs": sorted(runs, key=lambda run: (order.index(run["cell"]), run["seed"])),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", choices=["standin"], default="standin")
    parser.parse_args()
    lesson.use_one_thread()
    parts = prepared(data.load("pulse_diary", show_card=False))
    path = tables.table_path("gates", "standin")
    runs = stored_runs(path, SETTINGS)
    done = {(run["cell"], run["seed"]) for run in runs}
    for seed in SEEDS:
        for cell in CELLS:
            if (cell, seed) in done:
                continue
            _, row = train(cell, seed, parts)
            runs.append(row)
            path.write_text(as_text(record(runs)), encoding="utf-8")
            print(f"{cell:20} seed {seed}: AUC {row['auc']:.3f}", flush=True)


if __name__ == "__main__":
    main()
