"""The Keras networks of the course, and what belongs to their training and reading.

Importing this package loads no Keras; the first network that is built does. Build and train in a
notebook after ``keras = lesson.load_keras()``, which sets threads and seeds.

Classifiers of this package give a **logit**, shape (n, 1): the log odds of the disease. The
sigmoid of it is the probability. Taught in chapter 21; segmentation in chapter 23,
signals in time in chapter 31, text in chapter 32, adversarial networks in chapters 40 and 41.
"""

from .adversarial import (
    adversarial_network,
    draw_pictures,
    picture_discriminator,
    picture_generator,
    train_adversarial,
)
from .attention_tests import gradient_times_input, shuffled_weights, without_words
from .augmentation import augmentation
from .conditional_adversarial import (
    conditional_discriminator,
    conditional_generator,
    draw_class,
    one_hot,
    train_conditional_generator,
)
from .grad_cam import grad_cam
from .heartbeats import heartbeat_inputs, thinned
from .image_classifiers import d0_network, resnet_like, vgg_like
from .rare_classes import between_neighbours, rare_class_network, thin_diseased, train_for_steps
from .segmentation import (
    as_slices,
    cross_entropy_and_dice_loss,
    from_slices,
    largest_components,
    pixel_cross_entropy,
    predict_labels,
    slices_with_neighbours,
    soft_dice_loss,
    standardised,
    train_segmenter,
    unet,
)
from .sequence_classifiers import convolutional_sequence, recurrent_sequence
from .stored import load_classifier
from .temperature import fit_temperature
from .text import Vocabulary, attention_classifier, tokenise, weights_of_words
from .training import logits, train_classifier

__all__ = [
    "Vocabulary",
    "adversarial_network",
    "as_slices",
    "attention_classifier",
    "augmentation",
    "between_neighbours",
    "conditional_discriminator",
    "conditional_generator",
    "convolutional_sequence",
    "cross_entropy_and_dice_loss",
    "d0_network",
    "draw_class",
    "draw_pictures",
    "fit_temperature",
    "from_slices",
    "grad_cam",
    "gradient_times_input",
    "heartbeat_inputs",
    "largest_components",
    "load_classifier",
    "logits",
    "one_hot",
    "picture_discriminator",
    "picture_generator",
    "pixel_cross_entropy",
    "predict_labels",
    "rare_class_network",
    "recurrent_sequence",
    "resnet_like",
    "shuffled_weights",
    "slices_with_neighbours",
    "soft_dice_loss",
    "standardised",
    "thin_diseased",
    "thinned",
    "tokenise",
    "train_adversarial",
    "train_classifier",
    "train_conditional_generator",
    "train_for_steps",
    "train_segmenter",
    "unet",
    "vgg_like",
    "weights_of_words",
    "without_words",
]
