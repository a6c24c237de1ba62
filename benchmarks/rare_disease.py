"""The stored tables of chapter 41: ways to make up for a rare disease, beside a conditional GAN.

In the folder of the clone:

    uv run python -m benchmarks.rare_disease --data real
    uv run python -m benchmarks.rare_disease --data standin

For every seed the ill of the training part are thinned anew to one in twenty-one, one conditional
GAN is trained, and the same classifier is trained in every way to the same number of steps. Nothing
is chosen on validation or test part. The sensitivity at 90 % specificity is read off the ROC of
the test part; beside it stands what a threshold gives that was read off the well of the validation
part. Settings were tried on the validation part with the seeds 100 to 102, which are not in the
table (the generator's by the look of its pictures, and once by their Frechet distance). The
classifier of chapter 21 saw the ill that are thinned away: its features measure pictures here.

A row is a seed of a set of pictures; what breaks off goes on where it was. About a minute of one
core a row.
"""

import argparse
import time

import numpy as np

from medlearn import data, lesson, metrics, models
from medlearn.tables import table_path

from .storing import as_text, stamp, stored_runs

NAME = "rare_disease"
SETTINGS = {
    "well_for_each": 20,
    "specificity": 0.9,
    "classifier": {"steps": 200, "learning_rate": 0.003, "batch_size": 64},
    "gan": {"epochs": {"pneumonia_xray": 9, "breast_ultrasound": 27}, "latent": 32,
            "generator_filters": [32, 16, 8], "discriminator_filters": [16, 32, 32],
            "pane": {"shift": 0.08, "brightness": 0.1},
            "generator_rate": 0.001, "discriminator_rate": 0.001, "batch_size": 32},
    "augmentation": {
        "pneumonia_xray": {"shift": 0.08, "rotation": 7, "zoom": 0.1,
                           "contrast": 0.2, "brightness": 0.1},
        "breast_ultrasound": {"shift": 0.15, "rotation": 15, "zoom": 0.2,
                              "contrast": 0.4, "brightness": 0.2, "mirror": True},
    },
    "threads": 1,
}
SEEDS = {"real": range(10), "standin": range(3)}


def thin(train, seed):
    """The pictures of the well, of the ill that are kept, and of the ill left out."""
    rows = models.thin_diseased(train.y, SETTINGS["well_for_each"], seed)
    return [train.x[each] for each in rows]


def train_gan(keras, name, well, ill, seed):
    """One conditional generator, on the well and on the ill repeated to the same number."""
    settings = {**SETTINGS["gan"], "epochs": SETTINGS["gan"]["epochs"][name]}
    x, y = together(well, repeated(ill, len(well)))
    order = np.random.default_rng(seed).permutation(len(y))
    keras.utils.set_random_seed(seed)
    return models.train_conditional_generator(x[order], y[order], **settings)[0]


def repeated(x, count):
    return x[np.arange(count) % len(x)]


def together(well, ill):
    """Pictures and labels: first the well (0), then the ill (1)."""
    return np.concatenate([well, ill]), np.repeat([0, 1], [len(well), len(ill)])


def arms(well, ill, left_out, drawn, seed):
    """The ways to train: pictures of the ill, whether weighted, whether augmented."""
    missing = len(well) - len(ill)
    between = models.between_neighbours(ill, missing, seed)
    real = left_out[np.random.default_rng([41, seed, 1]).permutation(len(left_out))[:missing]]
    copies, drawn = repeated(ill, len(well)), np.concatenate([ill, drawn[:missing]])
    return {
        "nothing": (ill, False, False),
        "class weights": (ill, True, False),
        "oversampling": (copies, False, False),
        "augmentation": (ill, False, True),
        "oversampling + augmentation": (copies, False, True),
        "SMOTE": (np.concatenate([ill, between]), False, False),
        "GAN": (drawn, False, False),
        "GAN + augmentation": (drawn, False, True),
        "more real patients": (np.concatenate([ill, real]), False, False),
    }


def balanced_weights(y):
    """Weights (n,) with which both classes count the same in total."""
    counts = np.bincount(y)
    return (len(y) / (2 * counts))[y]


def train_arm(keras, name, well, arm, seed):
    ill, weighted, augmented = arm
    x, y = together(well, ill)
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    change = models.augmentation(**SETTINGS["augmentation"][name]) if augmented else None
    model = models.rare_class_network(augment=change)
    weights = balanced_weights(y) if weighted else None
    models.train_for_steps(model, x, y, weights=weights, seed=seed, **SETTINGS["classifier"])
    return model


def threshold_of_the_well(z_well):
    """The lowest score above which at most a tenth of the well lie."""
    return float(np.quantile(z_well, SETTINGS["specificity"], method="higher"))


def measure(model, validation, test):
    """AUC and sensitivity off the ROC; both shares at the threshold of the well of validation."""
    z, specificity = models.logits(model, test.x), SETTINGS["specificity"]
    cut = threshold_of_the_well(models.logits(model, validation.x[validation.y == 0]))
    called = metrics.confusion_table(test.y, (z > cut).astype(int))
    found = metrics.sensitivity_at_specificity(test.y, z, specificity)
    return {
        "auc": round(metrics.roc_auc(test.y, z), 5),
        "sensitivity": round(found.sensitivity, 5),
        "at_threshold": [round(called.sensitivity, 5), round(called.specificity, 5)],
        "test_logits": np.round(z, 2).tolist(),
    }


def flat(x):
    return x.reshape(len(x), -1)


def membership(ill, left_out, released):
    """AUC of telling the ill that were learned from, by the distance to the nearest picture."""
    distance = metrics.nearest_neighbour_distances(
        flat(np.concatenate([ill, left_out])), flat(released)
    ).distance
    return round(metrics.roc_auc(np.repeat([1, 0], [len(ill), len(left_out)]), -distance), 5)


def quality(features, ill, left_out, sets):
    """Each set of pictures of the ill, held against ill children whom nobody learned from."""
    rows = {}
    count = min(len(left_out) // 2, *(len(x) for x in sets.values()))
    reference, other = features(left_out[:count]), features(left_out[count : 2 * count])
    sets = {name: features(x[:count]) for name, x in sets.items()} | {"other real": other}
    for name, drawn in sets.items():
        shares = metrics.sample_precision_recall(reference, drawn)
        rows[name] = {
            "frechet": round(metrics.frechet_distance(reference, drawn), 4),
            "precision": round(shares.precision, 4), "recall": round(shares.recall, 4),
        }
    return rows


def feature_network(keras, source):
    """The features of chapter 21's classifier: the averaged maps before its last layer."""
    model = models.load_classifier(source)
    inner = keras.Model(model.input, model.layers[-3].output)
    return lambda x: np.concatenate(
        [inner(x[k : k + 256], training=False) for k in range(0, len(x), 256)]
    )


def run_once(keras, source, dataset, seed):
    """One row: a thinning, a GAN, all ways to train."""
    started, name = time.process_time(), dataset.name
    well, ill, left_out = thin(dataset.train, seed)
    generator = train_gan(keras, name, well, ill, seed)
    drawn = models.draw_class(generator, len(well), 1, seed)
    gan_seconds = time.process_time() - started
    between = models.between_neighbours(ill, len(well), seed)
    row = {
        "data": name, "seed": seed, **stamp(), "ill": len(ill), "well": len(well),
        "membership": {"GAN": membership(ill, left_out, drawn),
                       "SMOTE": membership(ill, left_out, between)},
    }
    if name == "pneumonia_xray":
        sets = {"GAN": drawn, "SMOTE": between, "well children": well}
        row["quality"] = quality(feature_network(keras, source), ill, left_out, sets)
    ways = arms(well, ill, left_out, drawn, seed)
    validation, test = dataset.validation, dataset.test
    row["arms"] = {way: measure(train_arm(keras, name, well, arm, seed), validation, test)
                   for way, arm in ways.items()}
    seconds = time.process_time() - started
    return row | {"gan_seconds": round(gan_seconds, 1), "processor_seconds": round(seconds, 1)}


def make_table(keras, source):
    """Compute what is missing in the table of this source, and write it after every row."""
    path = table_path(NAME, source)
    runs = stored_runs(path, SETTINGS)
    done = {(row["data"], row["seed"]) for row in runs}
    names = list(SETTINGS["augmentation"])
    datasets = {name: data.load(name, source=source, show_card=False) for name in names}
    for seed in SEEDS[source]:
        for name in names:
            if (name, seed) in done:
                continue
            runs.append(run_once(keras, source, datasets[name], seed))
            shown = {way: (each["auc"], each["sensitivity"])
                     for way, each in runs[-1]["arms"].items()}
            print(name, seed, shown, runs[-1]["membership"],
                  f"{runs[-1]['processor_seconds']} s", flush=True)
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
