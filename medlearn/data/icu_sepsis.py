"""The card of ICU-Sepsis: a decision process estimated from intensive-care records."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .cards import DataCard
from .errors import DataNotFoundError

__all__ = ["icu_sepsis_card"]


def icu_sepsis_card() -> DataCard:
    """Give the card of the benchmark that `medlearn.rl.icu_sepsis` reads; chapter 51.

    It holds no rows of patients, so there is nothing to load or to split here.

    Raises
    ------
    DataNotFoundError
        If the package icu-sepsis is not installed.
    """
    package = find_spec("icu_sepsis")
    if package is None:
        raise DataNotFoundError("the package icu-sepsis is not installed: run uv sync")
    folder = Path(package.submodule_search_locations[0]) / "envs" / "assets"
    with np.load(folder / "dynamics.npz", allow_pickle=False) as tables:
        start, clinicians = tables["d_0"], tables["expert_policy"]
    counts = (folder / "admissible_actions.txt").read_text().splitlines()[0].split()
    admissible = sum(int(count) for count in counts[:-3])
    # The probabilities of the first state are counts of stays over their number.
    stays = round(1 / start[start > 0].min())
    if not np.allclose(start * stays, np.round(start * stays), atol=1e-6):
        raise DataNotFoundError("the tables of icu-sepsis are not those of version 2: run uv sync")
    rows = (
        ("What", "A finite decision process: in each state and for each action the probability of "
         "every next state, four hours later. States are clusters of 47 measurements, vital signs, "
         "laboratory values and treatments."),
        ("Size", f"{len(start)} states (the last three: death, survival, ended), "
         f"{clinicians.shape[1]} actions (5 levels of fluid, 5 of vasopressor); {admissible:,} of "
         f"the {(len(start) - 3) * clinicians.shape[1]:,} pairs of state and action admissible"),
        ("Patients", f"{stays:,} stays in intensive care, counted back from the probabilities of "
         "the first state. Adults who met the Sepsis-3 definition (infection with organ failure)."),
        ("Outcome", "Reward 1 for survival, 0 for death. Death counts within 90 days, as in the "
         "authors' program; an episode ends with the record, which runs from at most 24 hours "
         "before the estimated onset to 48 hours after it (Komorowski et al. 2018)."),
        ("Split", "None. The tables are taken as the truth about a simulated hospital: its "
         "patients are drawn from them, and every value can be computed exactly."),
        ("Coding", "Dose level 0 is none; 1 to 4 are the quarters of the doses above zero in the "
         "records: fluid in mL in four hours, vasopressor as the highest rate in them. Action "
         "number = 5 x fluid + vasopressor."),
        ("Known bias", "One hospital in Boston, 2001 to 2012. Doctors treated the sicker patients "
         "differently, for reasons that are not all recorded, so the tables hold no proof of cause "
         "and effect. A pair seen 20 times or less is inadmissible, and its row is the mean of the "
         "state's other rows: an invention. Missing measurements were filled with 0 before "
         "clustering."),
        ("Licence", "MIT (the tables). The records behind them (MIMIC-III) need a data use "
         "agreement and are not part of it."),
        ("Source", "Choudhary, Gupta and Thomas, Reinforcement Learning Journal 2024, "
         "arXiv:2406.05646, in the package icu-sepsis 2.0.1; after Komorowski et al. 2018, "
         "doi:10.1038/s41591-018-0213-5; records: Johnson et al. 2016, doi:10.1038/sdata.2016.35."),
    )  # fmt: skip
    notice = (
        "Real in its origin: frequencies estimated from records of patients, bundled with "
        "icu-sepsis. Every patient drawn from it is simulated."
    )
    return DataCard("icu_sepsis", "ICU-Sepsis, a benchmark of decisions", notice, False, rows)
