"""What is logged of patients: who was in which state, what was done, what came of it; chapter 51.

The form that learning from records and off-policy evaluation use (chapter 53).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True, eq=False)
class Records:
    """Logged episodes, one row a step, ordered by patient and then by step; chapters 51 and 53.

    Every array has shape (n_rows,). Patients are numbered from 0 without gaps; every patient's
    steps count from 0. ``behaviour_probability`` is the probability with which the logging policy
    took the action. ``terminated`` marks the step that ended in a terminal state; an episode
    whose last step is not marked was cut off.

    Raises ValueError where the arrays differ in length or are not in this order.

    Examples
    --------
    >>> records = Records(patient=[0, 0, 1], step=[0, 1, 0], state=[3, 4, 3], action=[0, 1, 1],
    ...                   reward=[0, 1, 0], next_state=[4, 9, 8], terminated=[False, True, True],
    ...                   behaviour_probability=[0.5, 0.2, 0.5])
    >>> records.n_patients, records.lengths.tolist(), records.returns().tolist()
    (2, [2, 1], [1.0, 0.0])
    >>> records.by_step(records.reward)
    array([[0., 1.],
           [0., 0.]])
    """

    patient: np.ndarray
    step: np.ndarray
    state: np.ndarray
    action: np.ndarray
    reward: np.ndarray
    next_state: np.ndarray
    terminated: np.ndarray
    behaviour_probability: np.ndarray

    def __post_init__(self):
        kinds = {"reward": float, "behaviour_probability": float, "terminated": bool}
        for field in fields(self):
            array = np.asarray(getattr(self, field.name), dtype=kinds.get(field.name, np.int64))
            object.__setattr__(self, field.name, array)
            if array.ndim != 1 or array.shape != self.patient.shape:
                raise ValueError(
                    f"{field.name} has shape {array.shape}, patient {self.patient.shape}: "
                    "every column of records has one entry a row"
                )
        if not self.patient.size:
            raise ValueError("records without a row")
        new = np.diff(self.patient, prepend=-1)
        steps = np.where(new == 1, 0, np.roll(self.step, 1) + 1)
        if not np.isin(new, (0, 1)).all() or (self.step != steps).any():
            raise ValueError(
                "records must be ordered by patient (0, 1, 2, ... without gaps) and step (from 0)"
            )

    def __len__(self):
        return self.patient.size

    @property
    def n_patients(self) -> int:
        """How many patients."""
        return int(self.patient[-1]) + 1

    @property
    def starts(self) -> np.ndarray:
        """The row of each patient's first step, (n_patients,)."""
        return np.flatnonzero(self.step == 0)

    @property
    def lengths(self) -> np.ndarray:
        """How many steps each patient has, (n_patients,)."""
        return np.bincount(self.patient)

    def returns(self, discount: float = 1.0) -> np.ndarray:
        """Discounted sum of rewards of each patient, (n_patients,)."""
        return np.bincount(self.patient, weights=self.reward * discount**self.step)

    def by_step(self, column: np.ndarray, fill: float = 0.0) -> np.ndarray:
        """A column (n_rows,) as (n_patients, longest), filled up after each patient's end."""
        column = np.asarray(column)
        shape = (self.n_patients, self.lengths.max())
        table = np.full(shape, fill, dtype=np.result_type(column, type(fill)))
        table[self.patient, self.step] = column
        return table

    def take(self, patients: np.ndarray) -> Records:
        """The records of these patients, in this order, numbered anew; repeats are allowed.

        So a bootstrap over patients is ``records.take(rng.integers(n, size=n))``.
        """
        patients = np.asarray(patients)
        lengths = self.lengths[patients]
        first = np.repeat(self.starts[patients] - np.cumsum(lengths) + lengths, lengths)
        rows = first + np.arange(lengths.sum())
        columns = {field.name: getattr(self, field.name)[rows] for field in fields(self)}
        columns["patient"] = np.repeat(np.arange(patients.size), lengths)
        return Records(**columns)
