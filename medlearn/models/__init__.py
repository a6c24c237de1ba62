"""The Keras networks of the course, and what belongs to their training and reading.

Importing this package loads no Keras; the first network that is built does. Build and train in a
notebook after ``keras = lesson.load_keras()``, which sets threads and seeds.

Classifiers of this package give a **logit**, shape (n, 1): the log odds of the disease. The
sigmoid of it is the probability. Taught in chapter 21.
"""

from .augmentation import augmentation
from .grad_cam import grad_cam
from .image_classifiers import d0_network, resnet_like, vgg_like
from .stored import load_classifier
from .temperature import fit_temperature
from .training import logits, train_classifier

__all__ = [
    "augmentation",
    "d0_network",
    "fit_temperature",
    "grad_cam",
    "load_classifier",
    "logits",
    "resnet_like",
    "train_classifier",
    "vgg_like",
]
