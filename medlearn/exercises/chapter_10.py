"""Checks of chapter 10, Clinical data."""

import re
from numbers import Real

import numpy as np

from .machinery import NotYet, close, exercise

# Why each study of exercise 10.1 leaks, or does not.
LEAKS = {
    "B": "the 50 genes were chosen on all patients, those of the test folds included",
    "C": "four photographs a patient are dealt out one by one, so patients stand on both sides",
    "E": "antibiotics are given after admission, because sepsis is suspected: the future looks in",
    "F": "the epoch was chosen on the test part, which can then no longer report",
}
# Where to look for a leak that is still missing; the reason itself is left to the hints.
THEMES = {"B": "of features", "C": "of patients", "E": "of time", "F": "of choosing"}
CLEAN = {
    "A": "its medians come from the training patients alone",
    "D": "choosing on the validation part and reporting on the test part is what they are for",
}


@exercise(
    "10.1",
    "Find the leaks",
    hints=[
        "Ask of each study: does anything that the model is given, or that was chosen for it, "
        "depend on the test patients or on what happens after the moment of prediction?",
        "Four of the six leak: one by features, one by patients, one by time, one by choosing.",
        "A and D keep the parts apart.",
        " ".join(f"{letter}: {reason}." for letter, reason in LEAKS.items()),
    ],
)
def find_the_leaks(answer):
    """The set of the letters of the studies that leak."""
    if callable(answer) or not isinstance(answer, str | set | frozenset | list | tuple):
        raise NotYet('Answer with a set of letters, such as {"A", "B"}.')
    letters = set(re.findall("[A-Z]", " ".join(map(str, answer)).upper()))
    unknown = letters - LEAKS.keys() - CLEAN.keys()
    if unknown or not letters:
        raise NotYet('Answer with a set of letters from A to F, such as {"A", "B"}.')
    for letter in sorted(letters & CLEAN.keys()):
        raise NotYet(f"Study {letter} does not leak: {CLEAN[letter]}.")
    missed = sorted(LEAKS.keys() - letters)
    if missed:
        themes = ", ".join(THEMES[letter] for letter in missed)
        raise NotYet(f"What you name does leak. {len(missed)} more: think {themes}.")


def _shown(value):
    """A returned number, short; anything else as Python shows it."""
    return f"{value:.4g}" if isinstance(value, Real) else repr(value)


@exercise(
    "10.2",
    "The probability of disease after a result",
    hints=[
        "Think of 1,000 people. How many ill and how many healthy ones have this result? The "
        "answer is the ill among them.",
        "With a negative result: ill = (1 - sensitivity) * prevalence, "
        "healthy = specificity * (1 - prevalence).",
        "In both cases return ill / (ill + healthy).",
    ],
)
def probability_of_disease(learner):
    """Bayes' theorem for a positive and for a negative result."""
    _after_positive(learner)
    _after_negative(learner)
    for positive, among_ill, among_healthy in ((True, 0.8, 0.3), (False, 0.2, 0.7)):
        if not close(learner(positive, 0.8, 0.7, 0.0), 0.0):
            raise NotYet("At prevalence 0 nobody is ill, so every result leaves the answer at 0.")
        value = learner(positive, 0.8, 0.7, 0.99)
        ill, healthy = 0.99 * among_ill, 0.01 * among_healthy
        if not close(value, ill / (ill + healthy)):
            raise NotYet(
                f"Sensitivity 0.8, specificity 0.7, prevalence 0.99, positive={positive}: "
                f"{ill:.4g} / ({ill:.4g} + {healthy:.4g}) = {ill / (ill + healthy):.4g}; you "
                f"return {_shown(value)}."
            )
    value = learner(True, 0.8, 0.7, 0.2)
    if not close(value, 0.4):
        raise NotYet(
            "With sensitivity 0.8, specificity 0.7 and prevalence 0.2 a positive result means "
            f"0.16 / (0.16 + 0.24) = 0.4; you return {_shown(value)}."
        )


def _after_positive(learner):
    value = learner(True, 0.9, 0.8, 0.02)
    if close(value, 0.9):
        raise NotYet(
            "After a positive result you return the sensitivity, 0.9. That is the probability of "
            "the result given the disease; the patient asks for the disease given the result."
        )
    if close(value, 0.9 / 1.1):
        raise NotYet(
            "You left the prevalence out: 0.9 / (0.9 + 0.2) holds only where half of all are ill. "
            "Weight the ill by prevalence and the healthy by 1 - prevalence."
        )
    if close(value, 0.018 / (0.018 + 0.8 * 0.98)):
        raise NotYet(
            "False alarms are the share 1 - specificity of the healthy; you took the specificity."
        )
    if close(value, 0.018 / 0.196):
        raise NotYet(
            "You return the odds after the result, ill : healthy. Turn odds o into a probability: "
            "o / (1 + o)."
        )
    if close(value, 100 * 0.018 / 0.214):
        raise NotYet("You return a percentage. Return the share.")
    if not close(value, 0.018 / 0.214):
        raise NotYet(
            "Sensitivity 0.9, specificity 0.8, prevalence 0.02, result positive: of 1,000 people "
            "18 are ill and positive, 196 healthy and positive, so 18 / 214 = 0.084; you return "
            f"{_shown(value)}."
        )


def _after_negative(learner):
    value = learner(False, 0.9, 0.8, 0.02)
    expected = 0.002 / (0.002 + 0.784)
    if close(value, 1 - expected):
        raise NotYet(
            "After a negative result you return the negative predictive value, the probability of "
            "being healthy. The patient asks how likely the disease still is: 1 minus that."
        )
    if close(value, 0.018 / 0.214):
        raise NotYet(
            "A negative result gives the same answer as a positive one: does your function look "
            "at `positive`?"
        )
    if close(value, 1 - 0.018 / 0.214):
        raise NotYet(
            "For a negative result you return 1 - PPV: that is the share of the healthy among the "
            "positive. Count those with a negative result anew."
        )
    if not close(value, expected):
        raise NotYet(
            "Sensitivity 0.9, specificity 0.8, prevalence 0.02, result negative: of 1,000 people 2 "
            "are ill and negative, 784 healthy and negative, so 2 / 786 = 0.0025; you return "
            f"{_shown(value)}."
        )


@exercise(
    "10.3",
    "Net benefit",
    hints=[
        "Treated are those with p >= t. Count the ill and the healthy among them.",
        "A false positive weighs t / (1 - t); both counts are divided by the number of all "
        "patients.",
        "return (TP - FP * t / (1 - t)) / len(y_true)",
    ],
)
def benefit_at(learner):
    """Equation 10.6 on a case worked by hand."""
    y = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    p = np.array([0.9, 0.1, 0.8, 0.3, 0.2, 0.1, 0.1, 0.0, 0.0, 0.0])
    # At 0.25: one true positive, two false positives, weight 1/3, ten patients.
    value = learner(y, p, 0.25)
    likely = {
        (1 - 2) / 10: "You did not weight the false positives: multiply them by t / (1 - t).",
        (1 - 2 * 3) / 10: "The weight is upside down: it is t / (1 - t), not (1 - t) / t.",
        (1 - 2 * 0.25) / 10: "The weight is the odds t / (1 - t), not t itself.",
        1 - 2 / 3: "Divide by the number of patients n: net benefit is per patient.",
        1 / 2 - 2 / 8 / 3: (
            "You divided by the ill and by the healthy (sensitivity and false alarm rate). Both "
            "counts are divided by the number of all patients."
        ),
        (1 + 2 / 3) / 10: "False positives are a harm: subtract them.",
    }
    for wrong, reason in likely.items():
        if close(value, wrong):
            raise NotYet(reason)
    if not close(value, (1 - 2 / 3) / 10):
        raise NotYet(
            f"For y_true = {y.tolist()}, p = {p.tolist()}, t = 0.25 there are TP = 1, FP = 2 and "
            f"n = 10, so 1/10 - 2/10 * 1/3 = 0.0333; you return {_shown(value)}."
        )
    if not close(learner(y, p, 0.1), (2 - 5 / 9) / 10):
        raise NotYet(
            "Right at t = 0.25. At t = 0.1 some probabilities equal the threshold: they count as "
            "treated (p >= t)."
        )
    if not close(learner(y, p, 0.95), 0.0):
        raise NotYet("Where nobody is treated the net benefit is 0.")


@exercise(
    "10.4",
    "Split by patient",
    hints=[
        "Draw patients, not rows: np.unique(patient) gives each id once.",
        "rng.choice(ids, size=..., replace=False) draws some of them.",
        "np.isin(patient, chosen) is True for every row of a chosen patient.",
    ],
)
def split_by_patient(learner):
    """A mask of test rows that keeps every patient on one side."""
    order = np.random.default_rng(0)
    ids = order.permutation(np.arange(1000, 1400, 10))  # 40 patients
    patient = order.permutation(np.repeat(ids, 1 + np.arange(40) % 6))
    for share, seed in ((0.25, 1), (0.25, 2), (0.25, 3), (0.32, 4), (0.31, 5)):
        _whole_patients(_mask(learner, patient, share, seed), patient, share)
    mask = _mask(learner, patient, 0.25, seed=1)
    again = _mask(learner, patient, 0.25, seed=1)
    others = [_mask(learner, patient, 0.25, seed=seed) for seed in (2, 3, 4)]
    if all(np.array_equal(mask, other) for other in others):
        raise NotYet(
            "Whatever rng is given, the same patients come out: the first ones may be of one "
            "clinic or one year. Draw them with rng."
        )
    if not np.array_equal(mask, again):
        raise NotYet(
            "The same rng gives different splits: take all random numbers from rng, so that the "
            "split can be repeated."
        )


def _mask(learner, patient, share, seed):
    mask = np.asarray(learner(patient.copy(), share, np.random.default_rng(seed)))
    if mask.shape != patient.shape:
        raise NotYet(
            f"Return one True or False for each row, shape {patient.shape}; yours has shape "
            f"{mask.shape}. Ids or row numbers are not a mask: see np.isin."
        )
    if mask.dtype != bool:
        raise NotYet(f"Return True and False (dtype bool); yours is {mask.dtype}.")
    return mask


def _whole_patients(mask, patient, share):
    both = np.intersect1d(patient[mask], patient[~mask])
    if len(both):
        raise NotYet(
            f"Patient {both[0]} has rows on both sides (and {len(both) - 1} more patients): draw "
            "patients, not rows."
        )
    found, people = len(np.unique(patient[mask])), len(np.unique(patient))
    expected = round(share * people)
    if found == people - expected:
        raise NotYet("True marks the training rows: it must mark the test rows.")
    if found != expected:
        raise NotYet(
            f"Of {people} patients and a share of {share} the test part should hold {expected}; "
            f"yours holds {found}. The share is of patients, not of rows; draw none twice "
            "(replace=False), and round."
        )
