"""Neural networks in NumPy alone: what chapters 11, 12, 20 and 30 build, for those after them.

Names, defaults, weight order and arithmetic are Keras's, so that the same weights give the same
numbers in both; the code is written to be read beside the chapters' equations.

Examples
--------
>>> import numpy as np
>>> from medlearn import scratch
>>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
>>> model = scratch.Sequential([scratch.Dense(1)], seed=0)
>>> history = model.fit(x, 2 * x + 1, scratch.MeanSquaredError(), scratch.SGD(0.1), 200, 4)
>>> bool(history["loss"][-1] < 1e-3)
True
"""

from .activations import linear, relu, sigmoid, softmax, tanh
from .checking import GradientReport, gradient_check
from .clipping import clip_by_global_norm, global_norm
from .layers import (
    GRU,
    LSTM,
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
    SimpleRNN,
)
from .losses import BinaryCrossentropy, CategoricalCrossentropy, MeanSquaredError
from .optimizers import SGD, Adam, RMSprop
from .sequential import Sequential

__all__ = [
    "Activation",
    "Adam",
    "AveragePooling2D",
    "BatchNormalization",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Conv2D",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRU",
    "GlobalAveragePooling2D",
    "GradientReport",
    "LSTM",
    "Layer",
    "MaxPooling2D",
    "MeanSquaredError",
    "RMSprop",
    "SGD",
    "Sequential",
    "SimpleRNN",
    "clip_by_global_norm",
    "global_norm",
    "gradient_check",
    "linear",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
