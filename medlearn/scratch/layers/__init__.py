"""The layers of medlearn.scratch, one a file."""

from .activation import Activation
from .base import Layer
from .batch_normalization import BatchNormalization
from .dense import Dense
from .dropout import Dropout

__all__ = ["Activation", "BatchNormalization", "Dense", "Dropout", "Layer"]
