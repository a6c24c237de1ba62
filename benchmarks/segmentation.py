"""The stored tables of chapter 23: losses and seeds of the U-Net, and the retinal vessels.

In the folder of the clone:

    uv run python -m benchmarks.segmentation                     # real data and stand-in
    uv run python -m benchmarks.segmentation --data standin

Every run trains on the training part for a fixed number of epochs. The main loss is trained with
ten seeds and scored on validation and test part. The other losses are scored on the validation part
alone, with ten seeds on the real data and three on the stand-in. The vessels have three seeds. It
takes half an hour to an hour on two free cores and up to 2 GB of memory. A run that is in the table
already is not repeated, unless the settings have changed: what breaks off goes on where it was.
"""

import argparse
import gc
import json
import time

import numpy as np

from medlearn import data, lesson, metrics, models
from medlearn.tables import table_path

from .storing import as_text, stamp, stored_runs

NAME = "segmentation"
# The settings of the lesson, which a test compares with these: chosen on the validation part. The
# stand-in has fewer volumes, and so needs more epochs for as many steps.
SETTINGS = {
    "filters": [8, 16, 32, 64],
    "learning_rate": 0.003,
    "batch_size": 32,
    "epochs": {"real": 3, "standin": 8},
}
VESSELS = {
    "filters": [8, 16, 32, 64],
    "learning_rate": 0.003,
    "batch_size": 32,
    "epochs": 3,
    "patch": 64,
    "patches": 3000,
}
LOSSES = {
    "sum": models.cross_entropy_and_dice_loss,
    "cross-entropy": models.pixel_cross_entropy,
    "Dice": models.soft_dice_loss,
}
MAIN = "sum"
# The lesson draws conclusions on losses from the real data alone; the stand-in's show the way.
SEEDS = {
    "real": {"sum": 10, "cross-entropy": 10, "Dice": 10, "vessels": 3},
    "standin": {"sum": 10, "cross-entropy": 3, "Dice": 3, "vessels": 3},
}


def train(keras, brain, loss, seed):
    """Train the lesson's network on the training part."""
    keras.utils.set_random_seed(seed)
    network = models.unet(classes=len(brain.class_names), filters=SETTINGS["filters"])
    part = brain.train
    models.train_segmenter(
        network,
        models.slices_with_neighbours(models.standardised(part.x[..., 0])),
        models.as_slices(part.y),
        epochs=SETTINGS["epochs"]["standin" if brain.is_standin else "real"],
        loss=LOSSES[loss],
        learning_rate=SETTINGS["learning_rate"],
        batch_size=SETTINGS["batch_size"],
        seed=seed,
    )
    return network


def scores(network, brain, part):
    """Means over the volumes of a part: before and after the largest component is taken."""
    labels = models.predict_labels(network, models.standardised(part.x[..., 0]))
    cleaned = [models.largest_components(volume) for volume in labels]
    found = {}
    for key, answers in (("raw", labels), ("largest component", cleaned)):
        pairs = [
            [(truth == label, answer == label) for truth, answer in zip(part.y, answers)]
            for label in range(1, len(brain.class_names))
        ]
        found[key] = {
            "dice": [_mean(metrics.dice_coefficient, group) for group in pairs],
            "hd95": [
                _mean(lambda a, b: metrics.hausdorff_distance(a, b, brain.spacing), group)
                for group in pairs
            ],
            "volume_error": [_mean(metrics.volume_error, group) for group in pairs],
        }
    return found


def _mean(metric, pairs):
    """The mean over the pairs; None where it is not finite: no distance to a label never found."""
    mean = float(np.mean([metric(*pair) for pair in pairs]))
    return round(mean, 5) if np.isfinite(mean) else None


def brain_run(keras, brain, loss, seed):
    """One network and its scores; the test part for the main loss alone."""
    start = time.perf_counter(), time.process_time()
    network = train(keras, brain, loss, seed)
    seconds = time.perf_counter() - start[0], time.process_time() - start[1]
    run = {"what": loss, "seed": seed, "validation": scores(network, brain, brain.validation)}
    if loss == MAIN:
        run["test"] = scores(network, brain, brain.test)
    return {**run, "seconds": round(seconds[0], 1), "cpu_seconds": round(seconds[1], 1)}


def patches(rng, eyes):
    """Random squares of the photographs and of the first observer's masks."""
    size, count = VESSELS["patch"], VESSELS["patches"]
    which = rng.integers(len(eyes.x), size=count)
    top = rng.integers(eyes.x.shape[1] - size, size=count)
    left = rng.integers(eyes.x.shape[2] - size, size=count)
    cut = [(n, slice(i, i + size), slice(j, j + size)) for n, i, j in zip(which, top, left)]
    masks = eyes.y[..., 0]
    return np.stack([eyes.x[place] for place in cut]), np.stack([masks[place] for place in cut])


def vessel_run(keras, eyes, seed):
    """One network on the retina: its Dice with the first observer, eye by eye."""
    start = time.perf_counter(), time.process_time()
    keras.utils.set_random_seed(seed)
    height, width = (size // 8 * 8 for size in eyes.x.shape[1:3])
    network = models.unet((None, None, 3), classes=2, filters=VESSELS["filters"])
    models.train_segmenter(
        network,
        *patches(np.random.default_rng(seed), eyes.train),
        epochs=VESSELS["epochs"],
        learning_rate=VESSELS["learning_rate"],
        batch_size=VESSELS["batch_size"],
        seed=seed,
    )
    seconds = time.perf_counter() - start[0], time.process_time() - start[1]
    run = {"what": "vessels", "seed": seed}
    for name, part in (("validation", eyes.validation), ("test", eyes.test)):
        run[name] = [
            round(metrics.dice_coefficient(truth[:height, :width, 0], answer), 5)
            for truth, answer in zip(part.y, (
                np.argmax(network(x[np.newaxis, :height, :width], training=False)[0], axis=-1)
                for x in part.x
            ))
        ]
    return {**run, "seconds": round(seconds[0], 1), "cpu_seconds": round(seconds[1], 1)}


def make_table(source):
    """Fill the table of one source, run by run."""
    keras = lesson.load_keras()
    settings = json.loads(json.dumps({"brain": SETTINGS, "vessels": VESSELS}))
    path = table_path(NAME, source)
    runs = stored_runs(path, settings)
    done = {(run["what"], run["seed"]) for run in runs}
    missing = {
        what: [seed for seed in range(count) if (what, seed) not in done]
        for what, count in SEEDS[source].items()
    }
    for name in ("hippocampus", "retinal_vessels"):
        wanted = [what for what in missing if (what == "vessels") == (name == "retinal_vessels")]
        if not any(missing[what] for what in wanted):
            continue
        dataset = data.load(name, source=source, show_card=False)
        for what in wanted:
            for seed in missing[what]:
                # Without both, each network would stay in memory until the end.
                keras.backend.clear_session()
                gc.collect()
                if what == "vessels":
                    run = vessel_run(keras, dataset, seed)
                else:
                    run = brain_run(keras, dataset, what, seed)
                runs.append(run)
                print(source, json.dumps(run), flush=True)
                write_table(path, source, settings, runs)


def write_table(path, source, settings, runs):
    """Write what is there so far."""
    table = {
        "command": f"python -m benchmarks.{NAME} --data {source}",
        **stamp(("keras", "tensorflow", "numpy", "scipy")),
        "settings": settings,
        "runs": runs,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_text(table), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", choices=["real", "standin"], help="default: both")
    chosen = parser.parse_args().data
    for source in [chosen] if chosen else ["real", "standin"]:
        make_table(source)


if __name__ == "__main__":
    main()
