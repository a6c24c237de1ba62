"""The stored tables of chapter 21: networks, augmentations and seeds on both sets of pictures.

In the folder of the clone:

    uv run python -m benchmarks.image_diagnosis                  # real data and stand-in
    uv run python -m benchmarks.image_diagnosis --data standin
    uv run python -m benchmarks.image_diagnosis --store          # the classifiers of later chapters

Every run is trained on the training part, its epoch chosen on the validation part, and then scored
on both validation and test part; nothing is chosen on the test part. Networks are trained with ten
seeds, on the stand-ins with five where the lesson trains none live; altered augmentations with
five.

The rule for the main network of the chest films: of the variants that anatomy allows, the one with
the lowest cross-entropy on the validation part, mean over its seeds. Of the breast pictures the
validation part is too small for that; their recipe comes from `benchmarks.image_recipes`. The
stand-ins take over what was chosen on the real pictures.

Takes about half an hour on two cores. A run that is in the table already, with these settings, is not
repeated: what breaks off goes on where it was. So each run carries its own date and versions.
"""

import argparse
import json
import time

import numpy as np

from medlearn import data, lesson, metrics, models
from medlearn.models.stored import figures_path, weights_path
from medlearn.tables import table_path

from .storing import as_text, stamp

NAME = "image_diagnosis"
# The settings of the lesson, which a test compares with these. Epochs and learning rates were tried
# on the validation parts.
SETTINGS = {
    "pneumonia_xray": {
        "network": "vgg_like", "epochs": 12, "batch_size": 64, "learning_rate": 0.003,
        "augmentation": {"shift": 0.08, "rotation": 7, "zoom": 0.1,
                         "contrast": 0.2, "brightness": 0.1},
        "mirrored": False,
    },
    "breast_ultrasound": {
        "network": "resnet_like", "epochs": 60, "batch_size": 64, "learning_rate": 0.006,
        "augmentation": {"shift": 0.15, "rotation": 15, "zoom": 0.2,
                         "contrast": 0.4, "brightness": 0.2, "mirror": True},
        "mirrored": True,
    },
}
NETWORKS = {"ResNet-like": "resnet_like", "VGG-like": "vgg_like"}
SEEDS, STANDIN_SEEDS, ALTERED_SEEDS = range(10), range(5), range(5)
D0_EPOCHS = 10  # as printed
GEOMETRY = ("shift", "rotation", "zoom", "mirror")
UNTRUE = "upside down too"  # not to be chosen, whatever its loss


def main_variant(name):
    """The variant that is the main network of a data set."""
    return next(v for v, network in NETWORKS.items() if network == SETTINGS[name]["network"])


def variants(name, source):
    """The runs of a data set: a name, the network, its augmentation, the seeds.

    The first is the main one. Beside D0's network it is compared on the real chest films alone:
    what an augmentation is worth on simulated pictures is of no interest, and on the breasts
    `benchmarks.image_recipes` tells it without the test part.
    """
    chosen, main = SETTINGS[name]["augmentation"], main_variant(name)
    live = name == "pneumonia_xray"  # the run of the lesson is held against the table's ten
    rows = [
        (main, NETWORKS[main], chosen, SEEDS if live or source == "real" else STANDIN_SEEDS),
        ("D0's network", "d0_network", None, SEEDS if source == "real" else STANDIN_SEEDS),
    ]
    if source == "real" and name == "pneumonia_xray":
        geometry = {key: value for key, value in chosen.items() if key in GEOMETRY}
        grey = {key: value for key, value in chosen.items() if key not in GEOMETRY}
        rows += [
            *((v, network, chosen, SEEDS) for v, network in NETWORKS.items() if v != main),
            ("no augmentation", "resnet_like", None, ALTERED_SEEDS),
            ("geometry alone", "resnet_like", geometry, ALTERED_SEEDS),
            ("grey values alone", "resnet_like", grey, ALTERED_SEEDS),
            (UNTRUE, "resnet_like", {**chosen, "upside_down": True}, ALTERED_SEEDS),
        ]
    return rows


def augmentation_layer(keras, amounts):
    """The augmentation of a run; the one that is untrue to medicine exists here alone."""
    if amounts is None:
        return None
    known = {key: value for key, value in amounts.items() if key != "upside_down"}
    layer = models.augmentation(**known)
    if "upside_down" in amounts:
        return keras.Sequential([keras.layers.RandomFlip("vertical"), layer])
    return layer


def train(keras, dataset, network, amounts, seed):
    """Train one network; returns it, the logits of validation and test part, and seconds."""
    settings = SETTINGS[dataset.name]
    parts = dataset.train, dataset.validation, dataset.test
    keras.backend.clear_session()  # frees the network before
    keras.utils.set_random_seed(seed)
    started = time.process_time()
    if network == "d0_network":
        model = models.d0_network()
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        model.fit(parts[0].x, parts[0].y, epochs=D0_EPOCHS, batch_size=64, verbose=0)
        shares = [np.asarray(model(part.x, training=False), dtype=float) for part in parts[1:]]
        scores = [np.log(p[:, 1] + 1e-12) - np.log(p[:, 0] + 1e-12) for p in shares]
    else:
        model = getattr(models, network)(augment=augmentation_layer(keras, amounts))
        models.train_classifier(
            model, *parts[:2], settings["epochs"], settings["learning_rate"],
            settings["batch_size"],
        )
        scores = [models.logits(model, part.x, mirrored=settings["mirrored"]) for part in parts[1:]]
    return model, scores, time.process_time() - started


def measure(y, logit):
    """AUC and cross-entropy; accuracy, sensitivity, specificity at a probability of 0.5."""
    at_half = metrics.confusion_table(y, (logit >= 0).astype(int))
    return {
        "auc": round(metrics.roc_auc(y, logit), 5),
        "loss": round(float(np.mean(np.logaddexp(0, logit) - y * logit)), 5),
        "accuracy": round(at_half.accuracy, 5),
        "sensitivity": round(at_half.sensitivity, 5),
        "specificity": round(at_half.specificity, 5),
    }


def run_once(keras, dataset, variant, network, amounts, seed):
    """One row of the table; the main network keeps its logits, for ensembles and thresholds."""
    model, (validation, test), seconds = train(keras, dataset, network, amounts, seed)
    row = {
        "data": dataset.name,
        "variant": variant,
        "network": network,
        "weights": model.count_params(),
        "augmentation": amounts,
        "seed": seed,
        **stamp(),
        "processor_seconds": round(seconds, 1),
        "validation": measure(dataset.validation.y, validation),
        "test": measure(dataset.test.y, test),
    }
    if variant == main_variant(dataset.name):
        row["validation_logits"] = np.round(validation, 3).tolist()
        row["test_logits"] = np.round(test, 3).tolist()
    return row


def make_table(keras, source):
    """Train what is missing in the table of this source, and write it after every run."""
    path = table_path(NAME, source)
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    settings = json.loads(json.dumps(SETTINGS))
    before = stored.get("settings", {})
    runs = [row for row in stored.get("runs", []) if before[row["data"]] == settings[row["data"]]]
    done = {(row["data"], row["variant"], row["seed"]) for row in runs}
    datasets = {name: data.load(name, source=source, show_card=False) for name in SETTINGS}
    jobs = [
        (name, variant, network, amounts, seed)
        for name in SETTINGS
        for variant, network, amounts, seeds in variants(name, source)
        for seed in seeds
    ]
    # The main runs of both sets first, then seed by seed: what breaks off is still of use.
    jobs.sort(key=lambda job: (job[1] != main_variant(job[0]), job[4]))
    for name, variant, network, amounts, seed in jobs:
        if (name, variant, seed) in done:
            continue
        row = run_once(keras, datasets[name], variant, network, amounts, seed)
        print(name, variant, seed, row["validation"], f"{row['processor_seconds']} s", flush=True)
        runs.append(row)
        table = {
            "command": f"uv run python -m benchmarks.{NAME} --data {source}",
            "source": source,
            "settings": settings,
            "runs": runs,
        }
        path.write_text(as_text(table), encoding="utf-8")


def store_classifier(keras, source):
    """Train the main network of the radiographs with seed 0; store its weights and its figures.

    The figures hold the weights to what they gave: on the test part, and on a few pictures of the
    stand-in, which are at hand everywhere.
    """
    dataset = data.load("pneumonia_xray", source=source, show_card=False)
    main = SETTINGS[dataset.name]
    trained, (_, test), _ = train(keras, dataset, main["network"], main["augmentation"], seed=0)
    plain = getattr(models, main["network"])()  # without the augmentation, for training alone
    plain.set_weights(trained.get_weights())
    path = weights_path(source)
    path.parent.mkdir(exist_ok=True)
    plain.save_weights(path)
    standin = data.load("pneumonia_xray", source="standin", show_card=False)
    figures = {
        "command": f"uv run python -m benchmarks.{NAME} --store --data {source}",
        **stamp(),
        "test": measure(dataset.test.y, test),
        "standin_logits": np.round(models.logits(plain, standin.test.x[:8]), 3).tolist(),
    }
    figures_path(source).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(path.name, f"{path.stat().st_size / 1e6:.2f} MB", figures["test"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", choices=["real", "standin"], action="append")
    parser.add_argument("--store", action="store_true", help="only store the classifiers")
    arguments = parser.parse_args()
    keras = lesson.load_keras()
    for source in arguments.data or ["real", "standin"]:
        (store_classifier if arguments.store else make_table)(keras, source)


if __name__ == "__main__":
    main()
