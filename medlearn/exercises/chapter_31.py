"""Checks of chapter 31, ECG and vital signs."""

import numpy as np

from .machinery import NotYet, close, exercise

LEAKS = {"A": True, "B": False, "C": True, "D": False, "E": True, "F": True}
WHY = {
    "A": "Beats of one patient lie on both sides: the network meets the very hearts again on which "
    "it was trained.",
    "B": "In B no patient is on both sides, and nothing of the test patients was used: no leak.",
    "C": "The last five minutes come from the same hearts and electrodes as the first twenty-five.",
    "D": "In D each recording is made relative to itself, without a label. It can be done with a "
    "new patient too: no leak.",
    "E": "A recording is no patient: two recordings of one man are one heart.",
    "F": "The epoch was chosen by the test patients. It is no fresh test any more.",
}


@exercise(
    "31.1",
    "Does it leak?",
    hints=[
        "One question for each: did anything of a test patient's heart, or of the test labels, "
        "help to make the model?",
        "What can be done with a new patient on the day of use, without any label, is no leak.",
    ],
)
def does_it_leak(answer):
    """A dictionary from the letters A to F to True or False."""
    if not isinstance(answer, dict):
        raise NotYet('Give a dictionary: {"A": True, "B": False, ...}.')
    answer = {str(letter).strip().upper(): given for letter, given in answer.items()}
    missing = [letter for letter in LEAKS if letter not in answer]
    if missing:
        raise NotYet(f"The dictionary says nothing of {', '.join(missing)}.")
    for letter, right in LEAKS.items():
        if answer[letter] not in (True, False):
            raise NotYet(f"{letter} is {answer[letter]!r}: answer True or False.")
        if bool(answer[letter]) != right:
            raise NotYet(f"Think again about {letter}. {WHY[letter]}")


def _share(above, below):
    return above / below if below else np.nan


@exercise(
    "31.2",
    "Sensitivity and predictive value of one class",
    hints=[
        "The row of the class holds all its beats; the column all beats that were called so.",
        "The diagonal entry is in both: confusion[c, c].",
        "sensitivity = confusion[c, c] / confusion[c].sum(); for the predictive value divide by "
        "confusion[:, c].sum(). Where the sum is 0 return np.nan.",
    ],
)
def sensitivity_and_ppv(learner):
    """Sensitivity and positive predictive value of a class, from a confusion matrix."""
    confusion = np.array([[50, 4, 6, 0], [3, 12, 5, 0], [2, 1, 30, 2], [0, 0, 7, 3]])
    kept = confusion.copy()
    found = _pair(learner(confusion, 2))
    if not np.array_equal(confusion, kept):
        raise NotYet("Your function changes the matrix in place. Leave it as it was.")
    right = np.array([30 / 35, 30 / 48])
    if close(found, right[::-1]):
        raise NotYet(
            "The two are exchanged. Rows are the truth here: the row's sum belongs to the "
            "sensitivity, and that comes first."
        )
    rest = confusion.sum() - confusion[2].sum()
    specificity = 1 - (confusion[:, 2].sum() - 30) / rest
    if close(found, [right[0], specificity]):
        raise NotYet("Your second number is the specificity: it divides by the other beats. The "
                     "predictive value divides by the beats that were called so.")
    if close(found, [right[0], np.trace(confusion) / confusion.sum()]):
        raise NotYet("Your second number is the accuracy over all classes.")
    if close(found, 100 * right):
        raise NotYet("Give shares from 0 to 1, not percent.")
    if not close(found, right):
        raise NotYet(f"For class 2 of the check's matrix: {right.round(3)}; yours {found}.")
    found = _pair(learner(confusion, 0))
    if not close(found, [50 / 60, 50 / 55]):
        raise NotYet("Class 2 is right, class 0 is not. Is the class written into your code?")
    silent = confusion * np.array([1, 0, 1, 1])
    found = _pair(learner(silent, 1))
    if not close(found[0], 0.0) or not np.isnan(found[1]):
        raise NotYet(
            "No beat was called class 1 there: the predictive value is 0/0, which nobody knows. "
            "Return np.nan for it, not 0 or an error."
        )


def _pair(given):
    found = np.asarray(given, dtype=float)
    if found.shape != (2,):
        raise NotYet(f"Return two numbers: sensitivity, predictive value. Yours: {given!r}.")
    return found


@exercise(
    "31.3",
    "Early or late?",
    hints=[
        "np.diff(times) gives all intervals; interval k ends at beat k + 1.",
        "For each interval take the median of the `back` intervals before it: "
        "np.median(intervals[k - back:k]). The interval itself is not among them.",
        "The first `back` intervals have no such past: start with np.full(len(intervals), np.nan).",
    ],
)
def prematurity(learner):
    """log2 of each interval over the median of the intervals before it."""
    times = np.cumsum([0.0, 0.8, 0.9, 0.7, 0.4, 1.3, 0.85, 0.75, 1.6, 0.6])
    intervals = np.diff(times)
    found = np.asarray(learner(times.copy(), 3), dtype=float)
    if found.shape == (len(times),):
        raise NotYet(f"{len(times)} beats have {len(intervals)} intervals: return one number each.")
    if found.shape != intervals.shape:
        raise NotYet(f"Return shape {intervals.shape}, one an interval; yours {found.shape}.")

    def expected(values, back, take=np.median, ahead=0, log=np.log2):
        result = np.full(len(values), np.nan)
        for k in range(back, len(values)):
            result[k] = log(values[k] / take(values[k - back + ahead : k + ahead]))
        return result

    right = expected(intervals, 3)
    later = slice(3, None)
    if not np.isnan(found[:3]).all():
        raise NotYet("The first three intervals have no three before them: leave them np.nan.")
    mistakes = {
        "You take the natural logarithm. With base 2 (np.log2) half is -1 and twice is 1.":
            expected(intervals, 3, log=np.log),
        "You return the ratio itself. Take its base-2 logarithm.":
            expected(intervals, 3, log=lambda ratio: ratio),
        "The interval itself is among those it is compared with, so that an early beat hides "
        "part of its own earliness. Take those before it alone.": expected(intervals, 3, ahead=1),
        "You compare with the mean. One early beat and its pause pull it; take the median.":
            expected(intervals, 3, take=np.mean),
        "The sign is turned: an early beat must come out negative.": -right,
    }
    for message, wrong in mistakes.items():
        if close(found[later], wrong[later]):
            raise NotYet(message)
    if not close(found[later], right[later]):
        raise NotYet(f"For the check's beats: {right[later].round(3)}; yours {found[later]}.")
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(0.5, 1.2, 40))
    if not close(np.asarray(learner(times, 10))[10:], expected(np.diff(times), 10)[10:]):
        raise NotYet("Right for back = 3, not for back = 10. Is the 3 written into your code?")
    if not close(np.asarray(learner(2 * times, 10))[10:], expected(np.diff(times), 10)[10:]):
        raise NotYet("A heart at half the rate must give the same numbers: they are ratios.")


@exercise(
    "31.4",
    "Alarms that do not ring all night",
    hints=[
        "Go through the hours in order, and remember the hour of the last alarm.",
        "An alarm rings where the excess is above the threshold and the last alarm is at least "
        "`quiet` hours ago. NaN > threshold is False: nothing to do.",
        "last = -np.inf; for hour, value in enumerate(excess): if value > threshold and "
        "hour - last >= quiet: ...",
    ],
)
def alarm_hours(learner):
    """The hours of the alarms: above the threshold, with silence after each."""
    excess = np.array([0, 5, 6, 7, 8, 5, np.nan, 1, 9, 5, 1, 6, 1, 1, 4, 1], dtype=float)

    def expected(values, threshold, quiet):
        hours, last = [], -np.inf
        for hour, value in enumerate(values):
            if value > threshold and hour - last >= quiet:
                hours.append(hour)
                last = hour
        return np.array(hours)

    found = np.asarray(learner(excess.copy(), 4.0, 3))
    if found.dtype == bool:
        raise NotYet("Return the numbers of the hours, not True and False.")
    if found.ndim != 1:
        raise NotYet(f"Return a list of hours; yours has shape {found.shape}.")
    above = np.flatnonzero(excess > 4)
    mistakes = {
        "Every hour above the threshold rings. After an alarm there must be `quiet` hours of "
        "silence.": above,
        "An alarm rings only where the threshold is crossed from below. If it is still above after "
        "the silence, it rings again.": np.array([1, 8, 11]),
        "Above means above: at exactly the threshold nothing rings. And mind the silence.":
            np.array([1, 4, 8, 11, 14]),
        "The silence is one hour too long: an alarm may ring `quiet` hours after the last.":
            expected(excess, 4.0, 4),
        "The silence is one hour too short.": expected(excess, 4.0, 2),
        "You count the silence from the last hour above the threshold. Count it from the last "
        "alarm, or one that lasts for days rings once.": np.array([1, 8]),
    }
    right = expected(excess, 4.0, 3)
    if not close(found, right):
        for message, wrong in mistakes.items():
            if close(found, wrong):
                raise NotYet(message)
        raise NotYet(f"For the check's excess the alarms ring at {right}; yours at {found}.")
    rng = np.random.default_rng(1)
    long = rng.normal(size=500).cumsum() / 5
    for threshold, quiet in ((1.0, 24), (-2.0, 7), (100.0, 5)):
        found = np.asarray(learner(long, threshold, quiet))
        if not close(found, expected(long, threshold, quiet)):
            raise NotYet(
                f"Right for 16 hours, not for 500 at threshold {threshold} and silence {quiet}. "
                "Is a number of the first case written into your code?"
            )
