"""The stored tables of chapter 32: networks that read, seeds, and learning curves.

In the folder of the clone:

    uv run python -m benchmarks.clinical_text                  # real data and stand-in
    uv run python -m benchmarks.clinical_text --data standin

The main network is trained with ten seeds (attention is tested on five of them), what it is
compared with on three. The learning curves
give the network and TF-IDF with logistic regression the same random parts of the training texts;
the network takes about as many steps on a part, in smaller batches, as on the whole.
Epochs and the strength of the penalty are chosen on the validation part, nothing on the test part.
Takes about a quarter of an hour of processor time. A run that is in the table already is not
repeated, unless the settings have changed: what breaks off goes on where it was.
"""

import argparse
import time

import numpy as np

from medlearn import data, lesson, models
from medlearn.data import Split
from medlearn.models.text import PADDING
from medlearn.tables import table_path

from .storing import as_text, stamp, stored_runs

NAME = "clinical_text"
# The settings of the lesson, which a test compares with these.
SETTINGS = {
    "real": {"vocabulary": 4000, "least": 2, "length": 128, "embedding": 32, "units": 24,
             "word_dropout": 0.2, "dropout": 0.5, "epochs": 8, "batch_size": 64,
             "learning_rate": 0.005},
    "standin": {"vocabulary": 4000, "least": 2, "length": 80, "embedding": 32, "units": 24,
                "word_dropout": 0.2, "dropout": 0.5, "epochs": 12, "batch_size": 64,
                "learning_rate": 0.005},
}
MAIN_SEEDS, OTHER_SEEDS = range(10), range(3)
SIZES = {"real": (216, 433, 866), "standin": (373,)}
SMALLEST_BATCH = 16
TESTED_SEEDS = range(5)  # of the main network, for the tests of attention
PENALTIES = (0.3, 1.0, 3.0, 10.0)  # scikit-learn's C
LEFT_OUT = (1, 3, 10)


def jobs(source):
    """The runs of a source, in the order of use: variant, training texts (None: all), seed."""
    main = [("attention", None, seed) for seed in MAIN_SEEDS]
    sizes = [(size, seed) for seed in OTHER_SEEDS for size in SIZES[source]]
    counting = [("TF-IDF", None, 0), *(("TF-IDF", size, seed) for size, seed in sizes)]
    curve = [("attention", size, seed) for size, seed in sizes]
    variants = ("words", "mean", "last") if source == "real" else ("words",)
    others = [(variant, None, seed) for variant in variants for seed in OTHER_SEEDS]
    return [*main, *counting, *others[: len(OTHER_SEEDS)], *curve, *others[len(OTHER_SEEDS) :]]


def part_of_training(train, size, seed):
    """A random part of the training texts; all of them where size is None."""
    if size is None:
        return train
    rows = np.random.default_rng(seed).permutation(len(train.y))[:size]
    return Split(train.x[rows], train.y[rows], None)


def smaller_batches(settings, texts, everything):
    """Batch size and epochs for a part of the texts: about as many steps as with all of them."""
    batch = max(SMALLEST_BATCH, round(settings["batch_size"] * texts / everything))
    steps = settings["epochs"] * everything / settings["batch_size"]
    return {"batch_size": batch, "epochs": round(steps * batch / texts)}


def class_weight(y):
    """Weights that make the classes count alike, as scikit-learn's "balanced"."""
    counts = np.bincount(y)
    return {label: len(y) / (len(counts) * count) for label, count in enumerate(counts)}


def tf_idf(train, validation):
    """TF-IDF with logistic regression; the penalty has the best macro F1 on validation."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score
    from sklearn.pipeline import make_pipeline

    fits = [
        make_pipeline(
            TfidfVectorizer(tokenizer=models.tokenise, token_pattern=None, sublinear_tf=True,
                            min_df=2),
            LogisticRegression(C=c, class_weight="balanced", max_iter=1000),
        ).fit(train.x, train.y)
        for c in PENALTIES
    ]
    return max(fits, key=lambda fit: f1_score(validation.y, fit.predict(validation.x),
                                              average="macro"))


def network(train, validation, pooling, settings, seed):
    """Train one network; returns it and a function that encodes parts."""
    import keras

    vocabulary = models.Vocabulary.of_texts(train.x, settings["vocabulary"], settings["least"])
    encode = lambda part: Split(vocabulary.encode(part.x, settings["length"]), part.y, None)  # noqa: E731
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = models.attention_classifier(
        len(vocabulary), int(train.y.max()) + 1, settings["embedding"], settings["units"],
        settings["word_dropout"], settings["dropout"], pooling,
    )
    models.train_classifier(
        model, encode(train), encode(validation), settings["epochs"], settings["learning_rate"],
        settings["batch_size"], class_weight=class_weight(train.y),
    )
    return model, encode


def read(model, tokens):
    """Logits in one compiled call: a recurrent network called as it is runs word by word."""
    return model.predict_on_batch(tokens).astype(float)


def softmax(logits):
    """Probabilities of logits (..., classes)."""
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def attention_tests(model, tokens, seed):
    """What shuffling attention and leaving words out change, as shares of the texts."""
    rng = np.random.default_rng(seed)
    weights, states = models.weights_of_words(model, tokens)
    kernel, bias = model.get_layer("logits").get_weights()
    before = softmax(read(model, tokens))
    called = before.argmax(axis=1)
    words = tokens != PADDING
    others = {
        "shuffled": models.shuffled_weights(weights, tokens, rng),
        "uniform": words / words.sum(axis=1, keepdims=True),
    }
    found = {}
    for name, other in others.items():
        after = softmax((other[..., None] * states).sum(axis=1) @ kernel + bias)
        found[name] = {"changed": float(np.mean(after.argmax(axis=1) != called)),
                       "distance": float(np.abs(after - before).sum(axis=1).mean() / 2)}
    rankings = {"attention": weights, "gradient": models.gradient_times_input(model, tokens),
                "random": rng.random(tokens.shape)}
    for name, ranking in rankings.items():
        for count in LEFT_OUT:
            after = softmax(read(model, models.without_words(tokens, ranking, count)))
            found[f"{name} {count}"] = {
                "changed": float(np.mean(after.argmax(axis=1) != called)),
                "lost": float(np.mean((before - after)[np.arange(len(called)), called])),
            }
    return {name: {key: round(value, 5) for key, value in row.items()}
            for name, row in found.items()}


def measure(y, called):
    """Macro F1 and accuracy."""
    from sklearn.metrics import accuracy_score, f1_score

    return {"macro_f1": round(float(f1_score(y, called, average="macro")), 5),
            "accuracy": round(float(accuracy_score(y, called)), 5)}


def run_once(dataset, source, variant, size, seed):
    """One row of the table."""
    settings = dict(SETTINGS[source])
    train = part_of_training(dataset.train, size, seed)
    validation, test = dataset.validation, dataset.test
    settings |= smaller_batches(settings, len(train.y), len(dataset.train.y))
    started = time.process_time()
    row = {"variant": variant, "texts": len(train.y), "seed": seed}
    if variant == "TF-IDF":
        fit = tf_idf(train, validation)
        called = [fit.predict(part.x) for part in (validation, test)]
        row["penalty"] = fit[-1].C
    else:
        model, encode = network(train, validation, variant, settings, seed)
        scores = [read(model, encode(part).x) for part in (validation, test)]
        called = [score.argmax(axis=1) for score in scores]
        row |= {"epochs": settings["epochs"], "batch_size": settings["batch_size"],
                "weights": model.count_params()}
    row |= {"processor_seconds": round(time.process_time() - started, 1),
            "validation": measure(validation.y, called[0]), "test": measure(test.y, called[1])}
    if variant == "attention" and size is None:
        tokens = encode(test).x
        weights = models.weights_of_words(model, tokens)[0]
        row["test_called"] = called[1].tolist()
        row["most_attended"] = weights.argmax(axis=1).tolist()
        if seed in TESTED_SEEDS:
            row["attention_tests"] = attention_tests(model, tokens, seed)
    return row


def make_table(source):
    """Run what is missing in the table of this source, and write it after every run."""
    path = table_path(NAME, source)
    settings = SETTINGS[source]
    runs = stored_runs(path, settings)
    dataset = data.load("medical_abstracts", source=source, show_card=False)
    everything = len(dataset.train.y)
    done = {(row["variant"], row["texts"], row["seed"]) for row in runs}
    for variant, size, seed in jobs(source):
        if (variant, size or everything, seed) in done:
            continue
        runs.append(run_once(dataset, source, variant, size, seed))
        print(source, {key: value for key, value in runs[-1].items()
                       if key not in ("test_called", "most_attended")}, flush=True)
        table = {
            "command": f"uv run python -m benchmarks.{NAME} --data {source}",
            **stamp(("tensorflow", "keras", "numpy", "scikit-learn")),
            "source": source,
            "settings": settings,
            "runs": runs,
        }
        path.write_text(as_text(table), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", choices=["real", "standin"], action="append")
    arguments = parser.parse_args()
    lesson.use_one_thread()  # of NumPy and SciPy: the logistic regressions are small
    lesson.load_keras()
    for source in arguments.data or ["real", "standin"]:
        make_table(source)


if __name__ == "__main__":
    main()
