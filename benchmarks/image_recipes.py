"""The stored table behind chapter 21's recipe for the breasts: cross-validation before any test.

In the folder of the clone:

    uv run python -m benchmarks.image_recipes --data real

The 624 pictures of training and validation part are cut into three parts, twice. Each recipe
is trained on two parts and scored on the third; near-identical pictures (perhaps of one woman) stay
in one part. An eighth of the two parts serves to choose an epoch, as the validation part does in
the lesson. The test part is not looked at.

Each training is read in several ways: the weights of the best epoch, of the last one, or the mean
of the last quarter; and from the picture alone, or from it and its mirror image.

The rule, written down before the first run: of the ways of reading, the one with the lowest
cross-entropy on the held-out pictures, mean over all recipes; with it, the recipe with the lowest.
The AUC decides only where two agree to three decimals. Takes about ten minutes on one core; what
breaks off goes on where it was.
"""

import argparse

import numpy as np
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

from medlearn import data, lesson, metrics, models
from medlearn.data.dataset import Split
from medlearn.tables import table_path

from .storing import as_text, stamp, stored_runs

NAME = "image_recipes"
GENTLE = {"shift": 0.08, "rotation": 7, "zoom": 0.1, "contrast": 0.2, "brightness": 0.1,
          "mirror": True}
STRONG = {"shift": 0.15, "rotation": 15, "zoom": 0.2, "contrast": 0.4, "brightness": 0.2,
          "mirror": True}
SETTINGS = {
    "data": "breast_ultrasound", "folds": 3, "repeats": 2, "twins_from": 0.98,
    "batch_size": 64, "learning_rate": 0.006, "threads": 1,
    "recipes": {
        "ResNet-like": {"network": "resnet_like", "epochs": 60, "augmentation": GENTLE},
        "VGG-like": {"network": "vgg_like", "epochs": 60, "augmentation": GENTLE},
        "ResNet-like, none": {"network": "resnet_like", "epochs": 60, "augmentation": None},
        "ResNet-like, strong": {"network": "resnet_like", "epochs": 60, "augmentation": STRONG},
        "VGG-like, strong": {"network": "vgg_like", "epochs": 60, "augmentation": STRONG},
    },
}
READINGS = [(kept, mirrored) for kept in ("best", "last", "mean") for mirrored in (False, True)]


def twin_groups(pictures, likeness):
    """The number of the group of each picture: those alike, and what is alike to those, are one."""
    flat = pictures.reshape(len(pictures), -1)
    return connected_components(np.corrcoef(flat) > likeness)[1]


def folds(y, groups):
    """Training, stopping and held-out pictures of every fold, as indices."""
    for repeat in range(SETTINGS["repeats"]):
        outer = StratifiedGroupKFold(SETTINGS["folds"], shuffle=True, random_state=repeat)
        for fold, (rest, held_out) in enumerate(outer.split(y, y, groups)):
            inner = StratifiedGroupKFold(8, shuffle=True, random_state=repeat)
            learn, stop = next(inner.split(rest, y[rest], groups[rest]))
            yield repeat, fold, rest[learn], rest[stop], held_out


def read(model, weights, x, mirrored):
    model.set_weights(weights)
    z = models.logits(model, x)
    return (z + models.logits(model, x[:, :, ::-1])) / 2 if mirrored else z


def run_once(keras, recipe, parts, seed):
    """Train once and read in every way; returns a list with a dict for each reading."""
    learn, stop, held_out = parts
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    amounts = recipe["augmentation"]
    augment = models.augmentation(**amounts) if amounts else None
    model = getattr(models, recipe["network"])(augment=augment)
    states = []
    models.train_classifier(
        model, learn, stop, recipe["epochs"], SETTINGS["learning_rate"], SETTINGS["batch_size"],
        on_epoch=lambda epoch, logs: states.append(model.get_weights()),
    )
    quarter = states[-(recipe["epochs"] // 4):]
    weights = {
        "best": model.get_weights(),
        "last": states[-1],
        "mean": [np.mean(each, axis=0) for each in zip(*quarter, strict=True)],
    }
    rows = []
    for kept, mirrored in READINGS:
        z = read(model, weights[kept], held_out.x, mirrored)
        rows.append({
            "kept": kept, "mirrored": mirrored,
            "loss": round(float(np.mean(np.logaddexp(0, z) - held_out.y * z)), 5),
            "auc": round(metrics.roc_auc(held_out.y, z), 5),
        })
    return rows


def _lowest(rows, key):
    """The value of key(row) with the lowest mean loss; on a tie, the highest mean AUC."""
    groups = {}
    for row in rows:
        groups.setdefault(key(row), []).append((row["loss"], -row["auc"]))
    means = {value: np.mean(pairs, axis=0) for value, pairs in groups.items()}
    return min(means, key=lambda value: (round(means[value][0], 3), means[value][1]))


def choose(runs):
    """The reading and the recipe that the rule chooses: ((kept, mirrored), recipe)."""
    rows = [{"recipe": run["recipe"], **reading} for run in runs for reading in run["readings"]]
    reading = _lowest(rows, lambda row: (row["kept"], row["mirrored"]))
    read_so = [row for row in rows if (row["kept"], row["mirrored"]) == reading]
    return reading, _lowest(read_so, lambda row: row["recipe"])


def make_table(keras, source):
    """Train what is missing in the table, and write it after every run."""
    path = table_path(NAME, source)
    runs = stored_runs(path, SETTINGS)
    done = {(row["recipe"], row["repeat"], row["fold"]) for row in runs}
    dataset = data.load(SETTINGS["data"], source=source, show_card=False)
    x = np.concatenate([dataset.train.x, dataset.validation.x])
    y = np.concatenate([dataset.train.y, dataset.validation.y])
    for repeat, fold, *indices in folds(y, twin_groups(x, SETTINGS["twins_from"])):
        parts = [Split(x[rows], y[rows], None) for rows in indices]
        for name, recipe in SETTINGS["recipes"].items():
            if (name, repeat, fold) in done:
                continue
            readings = run_once(keras, recipe, parts, seed=repeat)
            print(repeat, fold, name, readings[0], flush=True)
            runs.append({
                "recipe": name, "repeat": repeat, "fold": fold, "held_out": len(parts[2].y),
                **stamp(), "readings": readings,
            })
            table = {
                "command": f"uv run python -m benchmarks.{NAME} --data {source}",
                "source": source,
                "settings": SETTINGS,
                "runs": runs,
            }
            path.write_text(as_text(table), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", choices=["real", "standin"], default="real")
    make_table(lesson.load_keras(SETTINGS["threads"]), parser.parse_args().data)


if __name__ == "__main__":
    main()
