"""The layers of medlearn.scratch, one a file."""

from .activation import Activation
from .base import Layer
from .batch_normalization import BatchNormalization
from .conv2d import Conv2D
from .dense import Dense
from .dropout import Dropout
from .embedding import Embedding
from .flatten import Flatten
from .gru import GRU
from .lstm import LSTM
from .pooling import AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D
from .simple_rnn import SimpleRNN

__all__ = [
    "Activation",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRU",
    "GlobalAveragePooling2D",
    "LSTM",
    "Layer",
    "MaxPooling2D",
    "SimpleRNN",
]
