"""Medical data sets with their cards, a fixed split, and stand-ins where they are not at hand.

>>> from medlearn import data
>>> diabetes = data.load("diabetes_progression", show_card=False)
>>> diabetes.train.x.shape
(265, 10)
"""

from .cards import DataCard
from .dataset import Dataset, Split
from .errors import DamagedFileError, DataError, DataNotFoundError, DownloadError
from .icu_sepsis import icu_sepsis_card
from .identified_notes import IdentifiedNote, identified_notes
from .registry import FetchReport, Status, cards, fetch, fetch_all, load, names, status
from .strips import EcgStrip, ecg_strip
from .wearable_simulation import Wearer, simulate_wearer

__all__ = [
    "DamagedFileError",
    "DataCard",
    "DataError",
    "DataNotFoundError",
    "Dataset",
    "DownloadError",
    "EcgStrip",
    "FetchReport",
    "IdentifiedNote",
    "Split",
    "Status",
    "Wearer",
    "cards",
    "ecg_strip",
    "fetch",
    "fetch_all",
    "icu_sepsis_card",
    "identified_notes",
    "load",
    "names",
    "simulate_wearer",
    "status",
]
