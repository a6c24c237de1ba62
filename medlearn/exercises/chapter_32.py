"""Checks of chapter 32, Clinical text."""

from collections import Counter

import numpy as np

from ..data import identified_notes
from .machinery import NotYet, close, exercise

MUST_GO = {"A": True, "B": False, "C": True, "D": False, "E": False, "F": True, "G": True,
           "H": False}
WHY = {
    "A": "Names of relatives point to the patient: A must go.",
    "B": "In B, Crohn names a disease, not a person of this note: without it the diagnosis is lost.",
    "C": "Over 89 so few people live that the age gives them away: C becomes '90 or older'.",
    "D": "Ages up to 89 may stay: D points to nobody.",
    "E": "The year alone may stay: E is allowed.",
    "F": "Day and month of an admission are parts of a date: F must go.",
    "G": "A device's serial number belongs to one person alone: G must go.",
    "H": "H is a measurement. The slash makes it look like a date to a careless rule.",
}


@exercise(
    "32.1",
    "What must go?",
    hints=[
        "Ask of each: does it stand in one of the six groups of the table?",
        "Two numbers are none of a date or of a person's age over 89, and one name is that of a "
        "disease.",
    ],
)
def what_must_go(answer):
    """A dictionary from the letters A to H to True or False."""
    if not isinstance(answer, dict):
        raise NotYet('Give a dictionary: {"A": True, "B": False, ...}.')
    answer = {str(letter).strip().upper(): given for letter, given in answer.items()}
    missing = [letter for letter in MUST_GO if letter not in answer]
    if missing:
        raise NotYet(f"The dictionary says nothing of {', '.join(missing)}.")
    for letter, right in MUST_GO.items():
        if answer[letter] not in (True, False):
            raise NotYet(f"{letter} is {answer[letter]!r}: answer True or False.")
        if bool(answer[letter]) != right:
            raise NotYet(f"Think again about {letter}. {WHY[letter]}")


@exercise(
    "32.2",
    "Macro and micro",
    hints=[
        "TP of each class is np.diag(matrix). What are TP + FP and TP + FN of a class?",
        "TP + FP: the column's sum, matrix.sum(axis=0). TP + FN: the row's sum. Together they are "
        "2 TP + FP + FN.",
        "Macro: the mean of 2 * tp / both, with np.maximum(both, 1) below. Micro: sum above and "
        "below first, then divide.",
    ],
)
def macro_and_micro_f1(learner):
    """Mean of the classes' F1, and F1 of the summed counts."""
    matrix = np.array([[8, 2, 0], [4, 10, 1], [5, 0, 3]])
    kept = matrix.copy()
    given = learner(matrix)
    if not np.array_equal(matrix, kept):
        raise NotYet("Your function changes the matrix in place. Make new arrays.")
    if np.shape(given) != (2,):
        raise NotYet(f"Return two numbers, (macro, micro); yours has shape {np.shape(given)}.")
    macro, micro = given
    tp, called, true = np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1)
    f1 = 2 * tp / (called + true)
    precision, recall = tp / called, tp / true
    right = f1.mean(), tp.sum() / matrix.sum()
    if close(macro, right[1]) and close(micro, right[0]) and not close(*right):
        raise NotYet("Macro and micro are exchanged: macro averages over the classes.")
    if close(macro, 2 * precision.mean() * recall.mean() / (precision.mean() + recall.mean())):
        raise NotYet(
            "You average precision and recall first and take F1 of the two means. (32.7) averages "
            "the classes' F1."
        )
    if close(macro, np.sum(f1 * true) / matrix.sum()):
        raise NotYet("You weight the classes by their size. Macro counts each class alike.")
    if close(macro, precision.mean()) or close(macro, recall.mean()):
        raise NotYet("That is the mean of precision or recall alone. F1 takes both.")
    if close(macro, ((precision + recall) / 2).mean()):
        raise NotYet("F1 is the harmonic mean of precision and recall, not (P + R) / 2.")
    if not close(macro, right[0]):
        raise NotYet(f"Macro F1 of the check's matrix is {right[0]:.4f}; yours is {macro!r}.")
    if not close(micro, right[1]):
        raise NotYet(
            f"Micro F1 of the check's matrix is {right[1]:.4f}, which is its accuracy; yours is "
            f"{micro!r}. Sum TP, FP and FN over the classes before you divide."
        )
    empty = np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]])
    macro, micro = learner(empty)
    if not np.isfinite(macro):
        raise NotYet("A class that is neither there nor called gives 0/0: count its F1 as 0.")
    if not close(macro, (6 / 7 + 8 / 9 + 0) / 3):
        raise NotYet(
            "A class that is neither there nor called has an F1 of 0 here and stays in the mean; "
            f"then the macro F1 is 0.5820, yours is {float(macro):.4f}."
        )


@exercise(
    "32.3",
    "Attention by hand",
    hints=[
        "Where the mask is False, put -np.inf in place of the score: its exponential is 0.",
        "Subtract each row's largest score before np.exp, with keepdims=True.",
        "The context is (weights[:, :, np.newaxis] * states).sum(axis=1).",
    ],
)
def attention_context(learner):
    """The mean of the states with the weights of a masked softmax."""
    rng = np.random.default_rng(0)
    scores, states = rng.normal(size=(3, 5)), rng.normal(size=(3, 5, 4))
    mask = np.arange(5) < np.array([5, 3, 1])[:, np.newaxis]
    kept = scores.copy(), states.copy(), mask.copy()
    context = np.asarray(learner(scores, states, mask))
    if not all(np.array_equal(*pair) for pair in zip((scores, states, mask), kept)):
        raise NotYet("Your function changes its arrays in place. Make new ones.")
    if context.shape != (3, 4):
        raise NotYet(f"For states (3, 5, 4) return shape (3, 4); yours is {context.shape}.")

    def shares(values, axis=1):
        powers = np.exp(values - values.max(axis=axis, keepdims=True))
        return powers / powers.sum(axis=axis, keepdims=True)

    def pooled(weights):
        return (weights[..., np.newaxis] * states).sum(axis=1)

    right = shares(np.where(mask, scores, -np.inf))
    if close(context, pooled(shares(scores))):
        raise NotYet("The mask is not used: padding takes part of the weight.")
    if close(context, pooled(shares(scores) * mask)):
        raise NotYet(
            "You cut the padding off after the softmax, so the weights no longer sum to 1. Mask "
            "the scores before it, or divide by the new sum."
        )
    if close(context, pooled(shares(scores * mask))):
        raise NotYet(
            "A masked score of 0 is no weight of 0: exp(0) is 1. Put -np.inf in its place."
        )
    if close(context, pooled(mask / mask.sum(axis=1, keepdims=True))):
        raise NotYet("That is the mean of the words: the scores are not used.")
    with np.errstate(all="ignore"):
        over_texts = np.where(mask, np.exp(scores), 0)
        over_texts = over_texts / over_texts.sum(axis=0, keepdims=True)
    if close(context, pooled(over_texts)):
        raise NotYet("Your weights sum to 1 over the texts. Sum over the words, axis 1.")
    if not close(context, pooled(right)):
        raise NotYet(
            f"The first text's context should begin with {pooled(right)[0, 0]:.4f}; yours begins "
            f"with {context[0, 0]:.4f}."
        )
    with np.errstate(all="ignore"):
        large = np.asarray(learner(scores + 900, states, mask))
    if not close(large, pooled(right)):
        raise NotYet(
            "With 900 added to every score the weights are the same, but np.exp overflows. Subtract "
            "the largest score of each row first."
        )
    with np.errstate(all="ignore"):
        loud = np.asarray(learner(np.where(mask, scores, 900.0), states, mask))
    if not close(loud, pooled(right)):
        raise NotYet(
            "With a score of 900 on the padding the context changes. Put -np.inf in the padding's "
            "place before you look for the largest score."
        )


@exercise(
    "32.4",
    "Dates become days",
    hints=[
        r"re.findall(r'\d{4}-\d{2}-\d{2}', text) gives all dates. Which is the earliest?",
        "np.datetime64('2021-03-03') - np.datetime64('2021-03-01') is a number of days; "
        ".astype(int) makes it an integer.",
        "re.sub(pattern, lambda m: f'day {...}', text), where m.group() is the date found.",
    ],
)
def dates_to_days(learner):
    """ISO dates replaced by the day since the earliest of them."""
    text = "Seen 2021-03-17; operated on 2021-03-01, fever on 2021-03-03. Pressure 120/80."
    given = learner(text)
    if not isinstance(given, str):
        raise NotYet(f"Return the text, a string; yours is a {type(given).__name__}.")
    right = "Seen day 16; operated on day 0, fever on day 2. Pressure 120/80."
    if given == text:
        raise NotYet("The text comes back unchanged. re.sub returns a new text.")
    if given == right.replace("day 16", "day 0").replace("on day 0,", "on day -16,").replace(
        "day 2.", "day -14."
    ):
        raise NotYet(
            "You count from the first date in the text. Count from the earliest one, or some days "
            "are negative."
        )
    if given == "Seen day 2; operated on day 0, fever on day 1. Pressure 120/80.":
        raise NotYet("That is the order of the dates, not the days between them: 0, 2, 16.")
    if given == right.replace("day 16", "day 17").replace("day 2.", "day 3.").replace(
        "day 0", "day 1"
    ):
        raise NotYet("The earliest date is day 0, not day 1.")
    if "days" in given:
        raise NotYet('A NumPy difference prints as "16 days". Make an integer: .astype(int).')
    if given != right:
        raise NotYet(f"For {text!r} return {right!r}; yours is {given!r}.")
    across = learner("From 2020-02-28 to 2020-03-01, and 2021-01-01.")
    if across != "From day 0 to day 2, and day 308.":
        raise NotYet(
            "Months and years differ in length, and 2020 is a leap year: subtract real dates, as "
            f"np.datetime64 does. Yours: {across!r}."
        )
    if learner("No date, 120/80.") != "No date, 120/80.":
        raise NotYet("A text without a date must come back as it is.")


@exercise(
    "32.5",
    "Rules that find identifiers",
    hints=[
        "One rule a kind, and re.finditer(rule, text) with .span() for each hit. Begin with what is "
        "marked: MRN, @, the titles Mr. Mrs. Ms. Dr.",
        "Dates come in five forms: 2021-03-01, 03/01/2021, 1 March 2021, March 1, 2021 and 1 March. "
        "120/80 and 11/15 are none of them. An age over 89 is 9x or 1xx before 'years old'.",
        "Names without a title are two capitalised words before a comma or a bracket; an address is "
        "a number, two capitalised words of which the second is Street, Road, Lane or Avenue, a "
        "comma and a town.",
    ],
)
def find_identifiers(learner):
    """Recall of each kind at least 95 %, clinical loss at most 2 %, on new notes."""
    hits, seen, lost, clinical, example = Counter(), Counter(), 0, 0, {}
    taken = Counter()
    for note in identified_notes(150, seed=32):
        gone = _covered(learner(note.text), len(note.text))
        letters = np.array([character.isalnum() for character in note.text])
        secret = np.zeros(len(note.text), dtype=bool)
        for start, end, kind in note.identifiers:
            secret[start:end] = True
            seen[kind] += 1
            if gone[start:end][letters[start:end]].all():
                hits[kind] += 1
            else:
                example.setdefault(kind, note.text[start:end])
        wrongly = gone & ~secret & letters
        lost += wrongly.sum()
        clinical += (~secret & letters).sum()
        taken.update(_words(note.text, wrongly))
    for kind in seen:
        if hits[kind] < 0.95 * seen[kind]:
            raise NotYet(
                f"Of the identifiers of the kind {kind!r} only {hits[kind] / seen[kind]:.0%} are "
                f"gone; one that stayed: {example[kind]!r}."
            )
    if lost > 0.02 * clinical:
        common = ", ".join(repr(word) for word, _ in taken.most_common(4))
        raise NotYet(
            f"All kinds are gone, but so is {lost / clinical:.1%} of the clinical text; most often "
            f"{common}. At most 2 %."
        )


def _covered(spans, length):
    """Which characters the learner's spans cover."""
    gone = np.zeros(length, dtype=bool)
    if isinstance(spans, str) or not hasattr(spans, "__iter__"):
        raise NotYet("Return a list of (start, end), not " + type(spans).__name__ + ".")
    for span in spans:
        if not isinstance(span, (tuple, list)) or len(span) != 2:
            raise NotYet(f"Each hit is a pair (start, end); yours holds {span!r}. Use .span().")
        if not all(isinstance(place, (int, np.integer)) and 0 <= place <= length for place in span):
            raise NotYet(f"Start and end are places in the text, 0 to {length}; yours is {span!r}.")
        gone[slice(*span)] = True
    return gone


def _words(text, wrongly):
    """The words of a text that are covered in part or whole."""
    place = 0
    for word in text.split(" "):
        if wrongly[place : place + len(word)].any():
            yield word
        place += len(word) + 1
