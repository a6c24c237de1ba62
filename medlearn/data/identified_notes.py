"""Simulated notes that name their (invented) patients, with every identifier marked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from .note_simulation import CONDITIONS, SHARED, fill

__all__ = ["IdentifiedNote", "identified_notes"]


@dataclass(frozen=True)
class IdentifiedNote:
    """A simulated note and where its identifiers stand.

    Attributes
    ----------
    text : str
    identifiers : tuple of (int, int, str)
        First character, one past the last, kind: "name", "date", "phone", "email",
        "record number", "address" or "age over 89".
    """

    text: str
    identifiers: tuple[tuple[int, int, str], ...]


# Some surnames are those of diseases too (Bell palsy, Parkinson disease), as in any clinic.
FIRST = ("Anna", "Luis", "Mei", "Omar", "Ruth", "Pavel", "Grace", "Ivan", "Noor", "Tom")
LAST = ("Miller", "Garcia", "Okafor", "Nguyen", "Bell", "Parkinson", "Schmidt", "Rossi", "Kim",
        "Haddad")
STREETS = ("Elm Street", "Harbour Road", "Mill Lane", "Station Avenue")
TOWNS = ("Springfield", "Newbridge", "Oakville", "Easton")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")

# An identifier stands in brackets; {slots} are filled from the grammar of the simulated notes.
OPENINGS = (
    "[name:titled], {age} years old, was admitted on [date].",
    "[name:full] ([record number]) came to the clinic on [date], aged {age}.",
    "Seen on [date]: [name:titled], aged {age}, of [address].",
    "[name:full], [age over 89] years old, was brought in on [date].",
)
IDENTIFYING = (
    "A relative, [name:full], can be reached at [phone].",
    "Please call [phone] with the result.",
    "Discharged on [date] to [address].",
    "The next visit is on [date] with [name:doctor].",
    "Record [record number] was asked for from the other hospital.",
    "The patient wishes letters to [email].",
    "[name:doctor] saw the patient on [date].",
)
# What rules take for identifiers and must leave in: eponyms, fractions, ranges, plain years.
CLINICAL = (
    "Blood pressure was {high}/{low} mmHg, the pulse {pulse}.",
    "Bell palsy two years ago had healed.",
    "There was no sign of Parkinson disease.",
    "The Glasgow coma scale was {coma}/15.",
    "Aspirin 100 mg, 1-2 tablets a day, since {year}.",
    "Creatinine {creatinine} mg/dL, potassium {potassium} mmol/L.",
    "The disc between L4 and L5 was narrow.",
    "The ejection fraction was 45-50 %.",
)


def _record_number(rng: np.random.Generator) -> str:
    return f"MRN {rng.integers(10**6, 10**7)}"


def _phone(rng: np.random.Generator) -> str:
    # 555-0100 to 555-0199 are kept free for fiction.
    area, last = rng.integers(201, 990), rng.integers(100, 200)
    return str(rng.choice((f"({area}) 555-0{last}", f"{area}-555-0{last}", f"{area} 555 0{last}")))


def _date(rng: np.random.Generator, start: date) -> str:
    day = start + timedelta(days=int(rng.integers(0, 120)))
    month = MONTHS[day.month - 1]
    forms = (day.isoformat(), f"{day:%m/%d/%Y}", f"{day.day} {month} {day.year}",
             f"{month} {day.day}, {day.year}", f"{day.day} {month}")
    return str(rng.choice(forms))


def _name(rng: np.random.Generator, form: str) -> str:
    title = {"titled": ("Mr.", "Mrs.", "Ms."), "doctor": ("Dr.",)}
    names = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    return names if form == "full" else f"{rng.choice(title[form])} {names.split()[1]}"


def _identifier(rng: np.random.Generator, kind: str, form: str, start: date) -> str:
    if kind == "date":
        return _date(rng, start)
    if kind == "name":
        return _name(rng, form)
    return {
        "record number": _record_number,
        "phone": _phone,
        "email": lambda g: f"{g.choice(FIRST)}.{g.choice(LAST)}@example.org".lower(),
        "address": lambda g: f"{g.integers(1, 99)} {g.choice(STREETS)}, {g.choice(TOWNS)}",
        "age over 89": lambda g: str(g.integers(90, 104)),
    }[kind](rng)


def _clinical(rng: np.random.Generator, sentence: str) -> str:
    return sentence.format(
        age=rng.integers(20, 90), high=rng.integers(105, 180), low=rng.integers(55, 100),
        pulse=rng.integers(50, 120), coma=rng.integers(9, 16), year=rng.integers(2005, 2022),
        creatinine=rng.integers(6, 25) / 10, potassium=rng.integers(33, 55) / 10,
    )


def _note(rng: np.random.Generator) -> IdentifiedNote:
    group = str(rng.choice(list(CONDITIONS)))
    body = [
        *rng.choice(IDENTIFYING, 3, replace=False),
        *rng.choice(CLINICAL, 3, replace=False),
        fill(rng, "The diagnosis was {disease}; {treatment} was begun.", group),
        fill(rng, str(rng.choice(SHARED)), group),
    ]
    template = " ".join([str(rng.choice(OPENINGS)), *map(str, rng.permutation(body))])
    start = date(2015, 1, 1) + timedelta(days=int(rng.integers(0, 2500)))
    text, identifiers = "", []
    for number, piece in enumerate(re.split(r"\[([^\]]+)\]", _clinical(rng, template))):
        if number % 2:
            kind, _, form = piece.partition(":")
            piece = _identifier(rng, kind, form, start)
            identifiers.append((len(text), len(text) + len(piece), kind))
        text += piece
    return IdentifiedNote(text, tuple(identifiers))


def identified_notes(n: int, seed: int = 0) -> list[IdentifiedNote]:
    """Simulate clinical notes full of identifiers, and mark each of them.

    People, addresses and numbers are invented; nobody is described.

    Parameters
    ----------
    n : int
    seed : int

    Returns
    -------
    list of IdentifiedNote

    Raises
    ------
    ValueError
        If n is below 1.

    Notes
    -----
    Taught in chapter 32. The kinds are seven of the eighteen of HIPAA's Safe Harbor rule,
    45 CFR 164.514(b)(2).

    Examples
    --------
    >>> (note,) = identified_notes(1)
    >>> start, end, kind = note.identifiers[0]
    >>> kind, note.text[start:end]
    ('date', 'March 23, 2017')
    """
    if n < 1:
        raise ValueError(f"n is {n}: ask for at least one note")
    rng = np.random.default_rng(seed)
    return [_note(rng) for _ in range(n)]
