"""Checks of chapter 00, Start here."""

import numpy as np

from .machinery import NotYet, close, exercise


@exercise(
    "00.1",
    "The share of the sick",
    hints=[
        "Prevalence is the number of sick patients divided by the number of all patients. "
        "With the sick coded 1 and the others 0, what does the sum of the codes count?",
        "return diagnoses.mean()",
    ],
)
def prevalence(learner):
    """The share of ones in an array of zeros and ones."""
    value = learner(np.array([1, 0, 0, 0]))
    if close(value, 1.0):
        raise NotYet(
            "For the diagnoses 1, 0, 0, 0 you return 1: that is the number of the sick. "
            "Divide it by the number of all patients."
        )
    if close(value, 0.75):
        raise NotYet(
            "For the diagnoses 1, 0, 0, 0 you return 0.75: that is the share of the healthy."
        )
    if close(value, 25.0):
        raise NotYet("You return a percentage, 25. Return the share, 0.25.")
    if not close(value, 0.25):
        raise NotYet(f"For the diagnoses 1, 0, 0, 0 the answer is 0.25; you return {value!r}.")
    for diagnoses, expected in [([0, 0], 0.0), ([1, 1, 1], 1.0), ([0, 1, 1, 0, 1], 0.6)]:
        value = learner(np.array(diagnoses))
        if not close(value, expected):
            raise NotYet(
                f"Right for 1, 0, 0, 0. For {diagnoses} the answer is {expected}; "
                f"you return {value!r}."
            )
