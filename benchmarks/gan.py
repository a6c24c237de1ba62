"""The stored tables of chapter 40: adversarial networks on chest films and on a ring of points.

In the folder of the clone:

    uv run python -m benchmarks.gan                  # real films and stand-in
    uv run python -m benchmarks.gan --data standin

Every generator learns from the training part, and so do the two baselines: pictures with the mean
and the covariance of the training films, and a kernel density, whose bandwidth is chosen by the
likelihood of the validation part. Each is scored against the validation part, by which the
settings were chosen, and against the test part; as many pictures are drawn as there are films in
the part. "real films" are as many films of the training part: what a perfect generator would give.

On the ring (in the stand-in's table, for it needs no films) the momentum of Adam differs and
nothing else.

Takes about a quarter of an hour on two cores. A run that is in the table already, with these
settings, is not repeated: what breaks off goes on where it was.
"""

import argparse
import json
import time

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from medlearn import data, lesson, metrics, models
from medlearn.tables import table_path

from .storing import as_text, stamp, stored_runs

NAME = "gan"
# The settings of the lesson, which a test compares with these.
SETTINGS = {
    "films": {"latent": 32, "generator": [32, 16], "discriminator": [16, 32], "epochs": 20,
              "batch_size": 32, "rate": 0.001, "average": 0.99},
    "ring": {"modes": 8, "spread": 0.05, "units": 64, "latent": 2, "steps": 2000,
             "batch_size": 256, "rate": 0.001, "momentum": {"collapsing": 0.9, "cured": 0.5}},
    "bandwidths": [0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1],
}
SEEDS = {"real": range(10), "standin": range(5)}  # of the films
RING_SEEDS = range(10)
MADE = ("GAN", "Gaussian", "kernel density", "real films")


def flat(pictures):
    """Pictures as rows, shape (n, 28, 28, 1) to (n, 784)."""
    return np.asarray(pictures, dtype=float).reshape(len(pictures), -1)


def gaussian_pictures(train, count, rng):
    """Pictures with the mean and the covariance of the training films, cut to [0, 1]."""
    rows = flat(train)
    mean, centred = rows.mean(axis=0), rows - rows.mean(axis=0)
    _, singular, directions = np.linalg.svd(centred / np.sqrt(len(rows) - 1), full_matrices=False)
    drawn = mean + (rng.normal(size=(count, len(singular))) * singular) @ directions
    return np.clip(drawn, 0, 1).reshape(count, *train.shape[1:]).astype("float32")


def best_bandwidth(train, validation, bandwidths):
    """The bandwidth under which a kernel density of the training films is likeliest of all.

    The density is the mean of a Gaussian round every training film; it is judged by the mean log
    density of the validation films.
    """
    squared = cdist(flat(validation), flat(train), "sqeuclidean")
    size = flat(train[:1]).shape[1]
    likelihood = [
        (logsumexp(-squared / (2 * h**2), axis=1) - size * np.log(h)).mean() for h in bandwidths
    ]
    return bandwidths[int(np.argmax(likelihood))]


def kernel_pictures(train, count, bandwidth, rng):
    """Training films drawn at random, with noise of the bandwidth on every pixel, cut to [0, 1]."""
    chosen = train[rng.integers(0, len(train), count)]
    return np.clip(chosen + rng.normal(0, bandwidth, chosen.shape), 0, 1).astype("float32")


def train_films(keras, films, seed, on_epoch=None):
    """The lesson's generator of films, trained with this seed; returns it and processor seconds."""
    settings = SETTINGS["films"]
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    game = models.adversarial_network(
        models.picture_generator(settings["latent"], settings["generator"]),
        models.picture_discriminator(settings["discriminator"]),
    )
    started = time.process_time()
    models.train_adversarial(
        game, films, settings["epochs"], settings["rate"], settings["rate"],
        settings["batch_size"], settings["average"], on_epoch,
    )
    return game.generator, time.process_time() - started


class Judge:
    """Scores pictures against a part: by chapter 21's features, and by distance in pixels."""

    def __init__(self, keras, dataset, source):
        classifier = models.load_classifier(source)
        self.network = keras.Model(classifier.input, classifier.layers[-3].output)
        self.train = flat(dataset.train.x)
        self.parts = {name: getattr(dataset, name).x for name in ("validation", "test")}
        self.features = {name: self.read(x) for name, x in self.parts.items()}
        self.unseen = {
            name: np.median(metrics.nearest_neighbour_distances(flat(x), self.train).distance)
            for name, x in self.parts.items()
        }

    def read(self, pictures):
        """The 64 features before the last layer, shape (n, 64)."""
        parts = [
            np.asarray(self.network(pictures[k : k + 512], training=False))
            for k in range(0, len(pictures), 512)
        ]
        return np.concatenate(parts)

    def score(self, pictures, name, nearest=None):
        """Frechet distance, precision, recall; the median way to the nearest training film.

        The way is a share of that of the part's own films, which no generator has seen.
        """
        drawn = self.read(pictures)
        held = metrics.sample_precision_recall(self.features[name], drawn)
        if nearest is None:
            nearest = metrics.nearest_neighbour_distances(flat(pictures), self.train).distance
        return {
            "frechet": round(metrics.frechet_distance(drawn, self.features[name]), 4),
            "precision": round(held.precision, 4),
            "recall": round(held.recall, 4),
            "nearest": round(float(np.median(nearest) / self.unseen[name]), 4),
        }


def without_itself(judge, rows):
    """The way of each of these training films to the nearest other one."""
    distance = cdist(judge.train[rows], judge.train)
    distance[np.arange(len(rows)), rows] = np.inf
    return distance.min(axis=1)


def run_films(keras, judge, films, what, seed, bandwidth):
    """One row of the table: what was made, with this seed, scored against both parts."""
    rng = np.random.default_rng([seed, MADE.index(what)])
    row = {"what": what, "seed": seed, **stamp()}
    if what == "GAN":
        generator, seconds = train_films(keras, films, seed)
        row["processor_seconds"] = round(seconds, 1)
    for name, part in judge.parts.items():
        count, nearest = len(part), None
        if what == "GAN":
            pictures = models.draw_pictures(generator, count, seed)
        elif what == "Gaussian":
            pictures = gaussian_pictures(films, count, rng)
        elif what == "kernel density":
            pictures = kernel_pictures(films, count, bandwidth, rng)
        else:
            chosen = rng.choice(len(films), count, replace=False)
            pictures, nearest = films[chosen], without_itself(judge, chosen)
        row[name] = judge.score(pictures, name, nearest)
    return row


def ring_points(count, rng, modes, spread):
    """Points round `modes` places on the unit circle, shape (count, 2)."""
    angle = 2 * np.pi * rng.integers(0, modes, count) / modes
    centre = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (centre + rng.normal(0, spread, (count, 2))).astype("float32")


def modes_covered(points, modes, spread):
    """How many places have a fair number of points, and the share of points at any place.

    A point is at a place within 3 spreads of it. A place is covered that has at least a tenth of
    the points that it should have.
    """
    angle = 2 * np.pi * np.arange(modes) / modes
    distance = cdist(points, np.stack([np.cos(angle), np.sin(angle)], axis=1))
    near = distance.argmin(axis=1)[distance.min(axis=1) <= 3 * spread]
    counts = np.bincount(near, minlength=modes)
    return int((counts >= 0.1 * len(points) / modes).sum()), len(near) / len(points)


def run_ring(keras, what, seed):
    """One row of the table: how a ring was learned with one momentum and one seed."""
    settings = SETTINGS["ring"]
    modes, spread = settings["modes"], settings["spread"]
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    layers, units = keras.layers, settings["units"]

    def player(inputs, outputs):
        hidden = [layers.Dense(units, activation="relu") for _ in range(2)]
        return keras.Sequential([keras.Input((inputs,)), *hidden, layers.Dense(outputs)])

    game = models.adversarial_network(player(settings["latent"], 2), player(2, 1))
    momentum = settings["momentum"][what]
    game.compile(*(keras.optimizers.Adam(settings["rate"], momentum) for _ in range(2)))
    count = settings["batch_size"] * settings["steps"]
    points = ring_points(count, np.random.default_rng(seed), modes, spread)
    started = time.process_time()
    game.fit(points, batch_size=settings["batch_size"], verbose=0)
    seconds = time.process_time() - started
    drawn = models.draw_pictures(game.generator, 2000, seed)
    covered, share = modes_covered(drawn, modes, spread)
    return {"what": what, "seed": seed, **stamp(), "processor_seconds": round(seconds, 1),
            "covered": covered, "share": round(share, 4)}


def make_table(keras, source):
    """Make what is missing in the table of this source, and write it after every run."""
    path = table_path(NAME, source)
    settings = json.loads(json.dumps(SETTINGS))
    dataset = data.load("pneumonia_xray", source=source, show_card=False)
    films, judge = dataset.train.x, Judge(keras, dataset, source)
    bandwidth = best_bandwidth(films, dataset.validation.x, settings["bandwidths"])
    runs = stored_runs(path, settings)
    done = {(row["what"], row["seed"]) for row in runs}
    jobs = [(what, seed) for seed in SEEDS[source] for what in MADE]
    if source == "standin":
        jobs = [(what, seed) for seed in RING_SEEDS for what in settings["ring"]["momentum"]] + jobs
    for what, seed in jobs:
        if (what, seed) in done:
            continue
        if what in MADE:
            row = run_films(keras, judge, films, what, seed, bandwidth)
        else:
            row = run_ring(keras, what, seed)
        print(source, json.dumps({k: v for k, v in row.items() if k != "versions"}), flush=True)
        runs.append(row)
        table = {
            "command": f"uv run python -m benchmarks.{NAME} --data {source}",
            "source": source,
            "settings": settings,
            "bandwidth": bandwidth,
            "unseen": {name: round(float(way), 4) for name, way in judge.unseen.items()},
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
