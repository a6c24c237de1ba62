"""The classifier that chapter 21 trains, as later chapters load it."""

from pathlib import Path

from .image_classifiers import vgg_like

WEIGHTS = Path(__file__).parent / "weights"
SOURCES = ("real", "standin")


def load_classifier(source):
    """The classifier of chest radiographs that chapter 21 trains.

    Parameters
    ----------
    source : {"real", "standin"}
        Whether it was trained on the real radiographs or on the stand-in. Take what your data
        are: ``"standin" if chest.is_standin else "real"``.

    Returns
    -------
    keras.Model
        `vgg_like()`, from pictures (n, 28, 28, 1) of ``data.load("pneumonia_xray")`` to logits
        (n, 1) of pneumonia.

    Raises
    ------
    ValueError
        If there is no such source.

    Notes
    -----
    The recipe is ``python -m benchmarks.image_diagnosis --store``: the chapter's main model with
    seed 0. What it gives stands beside the weights, and a test holds it to that. Taught in chapter 21. For learning,
    not for any patient.
    """
    if source not in SOURCES:
        raise ValueError(f"source is {source!r}: give one of {', '.join(SOURCES)}")
    model = vgg_like()
    model.load_weights(weights_path(source))
    return model


def weights_path(source):
    """Where the weights lie that were trained on this source of data."""
    return WEIGHTS / f"pneumonia_xray_{source}.weights.h5"


def figures_path(source):
    """Where the figures lie that these weights gave when they were stored."""
    return WEIGHTS / f"pneumonia_xray_{source}.json"
