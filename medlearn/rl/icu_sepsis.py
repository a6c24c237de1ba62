"""ICU-Sepsis: the treatment of sepsis in intensive care as a finite decision process; chapter 51.

Choudhary, Gupta and Thomas, ICU-Sepsis: A Benchmark MDP Built from Real Medical Data, Reinforcement
Learning Journal 2024, arXiv:2406.05646. Its tables come in the package ``icu-sepsis`` (MIT) and
hold no patient, only frequencies estimated from MIMIC-III. The tables are read from the package's
files; the package itself is never imported, since it imports the retired ``gym``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .processes import FiniteProcess

DEATH, SURVIVAL, ENDED = 713, 714, 715
DOSE_LEVELS = 5
# The columns of `centers`, in the order in which the authors' program builds them
# (github.com/icu-sepsis/icu-sepsis, icu_sepsis_helpers/mdp_creation/create_rl_table.py); the test
# of SOFA against its column holds the order.
MEASUREMENTS = tuple(
    """gender mechvent max_dose_vaso re_admission age Weight_kg GCS HR SysBP MeanBP DiaBP RR Temp_C
    FiO2_1 Potassium Sodium Chloride Glucose Magnesium Calcium Hb WBC_count Platelets_count PTT PT
    Arterial_pH paO2 paCO2 Arterial_BE HCO3 Arterial_lactate SOFA SIRS Shock_Index PaO2_FiO2
    cumulated_balance SpO2 BUN Creatinine SGOT SGPT Total_bili INR input_total input_4hourly
    output_total output_4hourly""".split()
)


@dataclass(frozen=True, eq=False)
class IcuSepsis:
    """The benchmark's tables; chapter 51.

    Attributes
    ----------
    process : FiniteProcess
        716 states (713 of a patient under treatment, then death, survival and "ended"), 25
        actions, reward 1 for survival, discount 1. A step is four hours. The rows of pairs that
        are not admissible hold the mean of the state's admissible rows, as the authors built them.
    clinicians : (716, 25)
        How often clinicians took each action: the estimated policy behind the records. It gives
        some weight to pairs that are not admissible (taken too seldom to be estimated).
    sofa : (716,)
        Mean SOFA score (0 to 24, higher means more organs failing) of the records in each state;
        0 in the last three states, where it means nothing.
    centers : (716, 47)
        Mean of 47 standardised measurements (``measurement_names``) in each state.
    fluid, vasopressor : (25,) int
        Dose level of each action, 0 (none) to 4 (highest): the quarters of the doses above zero
        that clinicians gave in four hours. Action number: ``5 * fluid + vasopressor``.
    """

    process: FiniteProcess
    clinicians: np.ndarray
    sofa: np.ndarray
    centers: np.ndarray
    fluid: np.ndarray
    vasopressor: np.ndarray

    @property
    def measurement_names(self) -> tuple[str, ...]:
        """The columns of ``centers``, 47 of them, as the authors' program names them."""
        return MEASUREMENTS

    @property
    def action_names(self) -> list[str]:
        """Each action in words, 25 of them."""
        return [
            f"fluid {fluid}, vasopressor {vasopressor}"
            for fluid, vasopressor in zip(self.fluid, self.vasopressor, strict=True)
        ]


@lru_cache(maxsize=1)
def icu_sepsis() -> IcuSepsis:
    """The ICU-Sepsis benchmark (arXiv:2406.05646), read from the package's files; chapter 51.

    Raises RuntimeError where the package is missing or its files are not those of version 2.

    Examples
    --------
    >>> benchmark = icu_sepsis()
    >>> benchmark.process
    FiniteProcess(n_states=716, n_actions=25, terminal=3, admissible=2238, discount=1.0)
    >>> benchmark.action_names[7]
    'fluid 1, vasopressor 2'
    """
    folder = _assets()
    try:
        with np.load(folder / "dynamics.npz", allow_pickle=False) as tables:
            transitions = tables["tx_mat"]
            survival = tables["r_mat"][:, :, SURVIVAL]
            initial = tables["d_0"]
            clinicians = tables["expert_policy"]
            sofa = tables["sofa_scores"]
            centers = tables["state_cluster_centers"]
        admissible = _admissible(folder / "admissible_actions.txt", clinicians.shape)
    except (OSError, KeyError, ValueError, IndexError) as error:
        raise RuntimeError(
            f"the tables of icu-sepsis cannot be read ({error}); install it again: uv sync"
        ) from error
    if transitions.shape != (716, 25, 716) or not (survival[:DEATH] == 1).all():
        raise RuntimeError("these are not the tables of icu-sepsis 2.0: run uv sync")
    terminal = np.arange(716) >= DEATH
    process = FiniteProcess(
        transitions,
        initial,
        arrival_rewards=(np.arange(716) == SURVIVAL).astype(float),
        admissible=admissible & ~terminal[:, None],
        terminal=terminal,
    )
    actions = np.arange(DOSE_LEVELS**2)
    fluid, vasopressor = actions // DOSE_LEVELS, actions % DOSE_LEVELS
    return IcuSepsis(process, clinicians, sofa, centers, fluid, vasopressor)


def _assets() -> Path:
    package = find_spec("icu_sepsis")
    if package is None:
        raise RuntimeError("the package icu-sepsis is not installed: run uv sync")
    return Path(package.submodule_search_locations[0]) / "envs" / "assets"


def _admissible(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """First line: how many actions each state admits; then one line of actions for each state."""
    lines = path.read_text().splitlines()
    counts = [int(count) for count in lines[0].split()]
    admissible = np.zeros(shape, dtype=bool)
    for state, line in enumerate(lines[1 : len(counts) + 1]):
        actions = [int(action) for action in line.split()]
        if len(actions) != counts[state]:
            raise ValueError(f"state {state} admits {len(actions)} actions, not {counts[state]}")
        admissible[state, actions] = True
    return admissible
