"""The stored tables of chapter 31: networks that name heartbeats, and two ways to split the beats.

In the folder of the clone:

    uv run python -m benchmarks.ecg                  # real data and stand-in
    uv run python -m benchmarks.ecg --data standin

Every run is trained on the training beats, its epoch chosen on the validation beats, and then
scored on all beats of validation, test and recording 202 (which shares its patient with the
training part). The main network has ten seeds, what it is compared with three (the lesson shows
each). Five to ten seconds of processor time a run, up to twice that for GRU and LSTM: about five
minutes in all. A run that is in the table already is not repeated, unless the settings have
changed: what breaks off goes on where it was.
"""

import argparse
import time

import numpy as np

from medlearn import data, lesson, models
from medlearn.data import Split
from medlearn.tables import table_path

from .storing import as_text, stamp, stored_runs

NAME = "ecg"
# The settings of the lesson, which a test compares with these.
SETTINGS = {
    "network": "convolutional_sequence", "epochs": 6, "batch_size": 128, "learning_rate": 0.002,
    "normal_beats": 200,
}
# Of each variant: the network, its options, how the beats are split, and the seeds.
VARIANTS = {
    "main": ("convolutional_sequence", {}, "patient", range(10)),
    "split by beat": ("convolutional_sequence", {}, "beat", range(3)),
    "GRU": ("recurrent_sequence", {"cell": "GRU"}, "patient", range(3)),
    "LSTM": ("recurrent_sequence", {"cell": "LSTM"}, "patient", range(3)),
    "without the usual beat": ("convolutional_sequence", {"leads": 1}, "patient", range(3)),
    "without the rhythm": ("convolutional_sequence", {"numbers": 0}, "patient", range(3)),
}
STANDIN_VARIANTS = ("main", "split by beat")
CLASSES = 4


def prepared(dataset):
    """All beats once: both inputs, classes, recordings, and the part of each by patient."""
    names = ("train", "validation", "test", "aside")
    parts = {name: getattr(dataset, name) for name in names}
    inputs = [models.heartbeat_inputs(part) for part in parts.values()]
    whole = Split(
        x=tuple(np.concatenate(each) for each in zip(*inputs, strict=True)),
        y=np.concatenate([part.y for part in parts.values()]),
        patient=np.concatenate([part.patient for part in parts.values()]),
        extra={"record": np.concatenate([part.extra["record"] for part in parts.values()])},
    )
    return whole, np.repeat(names, [len(part.y) for part in parts.values()])


def rows_of(whole, rows):
    """The given rows of prepared beats."""
    return Split(
        tuple(each[rows] for each in whole.x), whole.y[rows], whole.patient[rows],
        {"record": whole.extra["record"][rows]},
    )


def split_by_beat(part_of, seed):
    """Deal the same beats out anew, whoever they come from: as many for each part as before."""
    dealt = part_of.copy()
    inside = np.flatnonzero(part_of != "aside")
    dealt[inside] = np.random.default_rng(seed).permutation(part_of[inside])
    return dealt


def training_rows(whole, part_of, part):
    """The beats of a part, without most normal ones: as many as in the split by patient."""
    rows = rows_of(whole, np.flatnonzero(part_of == part))
    # A split by beat spreads a part over all recordings: fewer of each make the same number.
    recordings = {"train": 17, "validation": 5}[part]
    most = round(SETTINGS["normal_beats"] * recordings / len(np.unique(rows.extra["record"])))
    return rows_of(rows, models.thinned(rows, most))


def restricted(x, options):
    """The inputs that a variant gets: without the usual beat, or without the rhythm."""
    beats, rhythm = x
    return beats[..., : options.get("leads", 2)], rhythm[:, : options.get("numbers", 5)]


def build(network, options):
    """The network of a variant."""
    return getattr(models, network)(**options)


def confusion(y, called):
    """Beats of each class (row) called each class (column)."""
    return np.bincount(CLASSES * y + called, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def run_once(keras, whole, by_patient, variant, seed):
    """One row of the table."""
    network, options, split, _ = VARIANTS[variant]
    part_of = by_patient if split == "patient" else split_by_beat(by_patient, seed)
    parts = [training_rows(whole, part_of, part) for part in ("train", "validation")]
    parts = [part._replace(x=restricted(part.x, options)) for part in parts]
    keras.backend.clear_session()  # frees the network before
    keras.utils.set_random_seed(seed)
    started = time.process_time()
    model = build(network, options)
    history = models.train_classifier(
        model, *parts, SETTINGS["epochs"], SETTINGS["learning_rate"], SETTINGS["batch_size"]
    )
    seconds = time.process_time() - started
    scored = np.flatnonzero(part_of != "train")
    inputs = tuple(each[scored] for each in restricted(whole.x, options))
    called = np.full(len(whole.y), -1)
    called[scored] = models.logits(model, inputs).argmax(axis=1)
    row = {
        "variant": variant,
        "seed": seed,
        "weights": model.count_params(),
        "training_beats": len(parts[0].y),
        "processor_seconds": round(seconds, 1),
        "epoch": int(np.argmin(history["val_loss"])) + 1,
        "validation_loss": round(min(history["val_loss"]), 5),
    }
    for part in ("validation", "test", "aside"):
        rows = part_of == part
        row[part] = confusion(whole.y[rows], called[rows]).tolist()
    if split == "patient":
        record = whole.extra["record"]
        row["test_by_record"] = {
            str(each): confusion(whole.y[record == each], called[record == each]).tolist()
            for each in np.unique(record[part_of == "test"])
        }
    return row


def jobs(source):
    """Variant and seed of every run: the main ones first, then seed by seed."""
    chosen = VARIANTS if source == "real" else STANDIN_VARIANTS
    every = [(variant, seed) for variant in chosen for seed in VARIANTS[variant][3]]
    return sorted(every, key=lambda job: (job[0] != "main", job[1]))


def make_table(keras, source):
    """Train what is missing in the table of this source, and write it after every run."""
    path = table_path(NAME, source)
    runs = stored_runs(path, SETTINGS)
    done = {(row["variant"], row["seed"]) for row in runs}
    whole, by_patient = prepared(data.load("arrhythmia", source=source, show_card=False))
    for variant, seed in jobs(source):
        if (variant, seed) in done:
            continue
        row = run_once(keras, whole, by_patient, variant, seed)
        print(variant, seed, row["validation_loss"], f"{row['processor_seconds']} s", flush=True)
        runs.append(row)
        table = {
            "command": f"uv run python -m benchmarks.{NAME} --data {source}",
            **stamp(),
            "source": source,
            "settings": SETTINGS,
            "runs": runs,
        }
        path.write_text(as_text(table), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", choices=["real", "standin"], action="append")
    arguments = parser.parse_args()
    keras = lesson.load_keras()
    for source in arguments.data or ["real", "standin"]:
        make_table(keras, source)


if __name__ == "__main__":
    main()
