"""How an exercise is declared, checked and hinted at.

A chapter's file declares checks with :func:`exercise`. A check gets what the learner wrote,
looks at its properties, and raises :class:`NotYet` with the reason where it is not right.
"""

import dis
import html
import importlib
import traceback
from dataclasses import dataclass, field
from types import FunctionType, GeneratorType

import numpy as np

FRAMES_SHOWN = 10  # of a learner's traceback
LONGEST_MESSAGE = 600  # characters

__all__ = ["NotYet", "Result", "check", "close", "exercise", "exercises_of", "hint"]


class NotYet(Exception):
    """What the learner wrote is not right yet; the message says what was wrong."""


class _LearnerError(Exception):
    """The learner's own code raised; the cause is its exception."""


@dataclass(frozen=True)
class Exercise:
    """One exercise: its number, its title, its check and its hints."""

    number: str
    title: str
    check: FunctionType
    hints: tuple[str, ...]


_EXERCISES: dict[str, Exercise] = {}
_HINTS_GIVEN: dict[str, int] = {}


def exercise(number, title, hints):
    """Declare the decorated function as the check of an exercise.

    Parameters
    ----------
    number : str
        Chapter and position: ``"11.2"``.
    title : str
    hints : list of str
        From a nudge to nearly the answer.

    Returns
    -------
    callable
        A decorator that returns the function unchanged.

    Raises
    ------
    ValueError
        If the number is taken or there are no hints.
    """
    if number in _EXERCISES:
        raise ValueError(f"exercise {number} is declared twice")
    if not hints:
        raise ValueError(f"exercise {number} needs at least one hint")

    def declare(function):
        _EXERCISES[number] = Exercise(number, title, function, tuple(hints))
        return function

    return declare


def close(value, expected, tolerance=1e-6):
    """Whether ``value`` has the shape of ``expected`` and is equal to it within a tolerance.

    Parameters
    ----------
    value, expected : array_like
    tolerance : float
        Absolute for numbers below 1, relative above.

    Returns
    -------
    bool
        False, too, where ``value`` is no array of numbers.

    Examples
    --------
    >>> close([1.0, 2.0], [1.0, 2.0 + 1e-9]), close([1.0], 1.0), close("one", 1.0)
    (True, False, False)
    """
    try:
        value = np.asarray(value)
    except (TypeError, ValueError):
        return False
    if value.dtype.kind not in "biuf":
        return False
    value = value.astype(float)
    expected = np.asarray(expected, dtype=float)
    return value.shape == expected.shape and bool(
        np.allclose(value, expected, rtol=tolerance, atol=tolerance)
    )


# Status, the sign before it, and the colour of the line beside it. The words carry the meaning.
_LOOKS = {
    "not attempted": ("○", "#666666"),
    "right": ("✓", "#009E73"),
    "not yet": ("△", "#E69F00"),
    "broken": ("✗", "#D55E00"),
}


@dataclass(frozen=True)
class Result:
    """The answer of a check.

    Attributes
    ----------
    number : str
    status : {"not attempted", "right", "not yet", "broken"}
    message : str
    details : str
        The traceback where the learner's code raised, else empty.
    """

    number: str
    status: str
    message: str
    details: str = field(default="", repr=False)

    def __str__(self):
        return f"{_LOOKS[self.status][0]} Exercise {self.number}: {self.status}. {self.message}"

    def __repr__(self):
        return str(self)

    def _repr_html_(self):
        sign, colour = _LOOKS[self.status]
        details = (
            f"<details><summary>Where it happened</summary><pre>{html.escape(self.details)}"
            "</pre></details>"
            if self.details
            else ""
        )
        return (
            f'<div style="border-left: 4px solid {colour}; padding-left: 0.8em">'
            f"<b>{sign} Exercise {self.number}: {self.status}.</b> "
            f"{html.escape(self.message)}{details}</div>"
        )


def _is_untouched(answer):
    """Whether the three dots are still there: a function that does nothing but return None."""
    if answer is ...:
        return True
    if not isinstance(answer, FunctionType):
        return False
    steps = [step for step in dis.get_instructions(answer) if step.opname not in ("RESUME", "NOP")]
    return all(
        step.opname == "RETURN_VALUE"
        or (step.opname in ("LOAD_CONST", "RETURN_CONST") and step.argval is None)
        for step in steps
    )


def _watched(function):
    """The learner's function, with its exceptions told apart from those of the check."""

    name = getattr(function, "__name__", "your function")

    def call(*args, **kwargs):
        try:
            value = function(*args, **kwargs)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise _LearnerError from error
        if value is None:
            raise NotYet(f"{name} returned nothing: end it with a return statement.")
        if isinstance(value, GeneratorType):
            raise NotYet(f"{name} has yield in it: end it with a return statement instead.")
        return value

    call.__name__ = call.__qualname__ = name
    return call


def _learners_traceback(error):
    """The traceback without the frames of this package, which the learner did not write."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
    lines = [f"line {frame.lineno}, in {frame.name}: {frame.line or ''}" for frame in frames]
    if len(lines) > FRAMES_SHOWN:
        lines[: -FRAMES_SHOWN] = [f"... {len(lines) - FRAMES_SHOWN} calls before"]
    return "\n".join([*lines, _named(error)])


def _named(error):
    """Kind and words of an exception; a learner's own class may fail to give words."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


def _shortened(message):
    """A message without the middle of a very long answer that it quotes."""
    if len(message) <= LONGEST_MESSAGE:
        return message
    return f"{message[: LONGEST_MESSAGE // 2]} [...] {message[-LONGEST_MESSAGE // 2 :]}"


def _exercise(number):
    if not isinstance(number, str):
        raise ValueError(f'write the number of the exercise in quotes: "{number}"')
    chapter = str(number).partition(".")[0]
    available = exercises_of(chapter)
    if number not in available:
        known = ", ".join(available) or "none"
        raise ValueError(f"there is no exercise {number!r}; chapter {chapter!r} has: {known}")
    return available[number]


def exercises_of(chapter):
    """The exercises of a chapter.

    Parameters
    ----------
    chapter : str
        Two digits, such as ``"11"``.

    Returns
    -------
    dict of str to Exercise
        By number; empty for a chapter without exercises.

    Examples
    --------
    >>> list(exercises_of("00"))
    ['00.1']
    """
    name = f"{__package__}.chapter_{chapter}"
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
    return {n: e for n, e in _EXERCISES.items() if n.partition(".")[0] == chapter}


def check(number, answer):
    """Check what a learner wrote for an exercise.

    Parameters
    ----------
    number : str
        The exercise's number, such as ``"11.2"``.
    answer : object
        The learner's function, or value.

    Returns
    -------
    Result
        Not attempted (the stub is untouched), right, not yet (with what was wrong), or broken
        (the learner's code raised). Nothing that a learner writes makes this function raise.

    Raises
    ------
    ValueError
        If there is no exercise of that number.

    Examples
    --------
    >>> check("00.1", ...).status
    'not attempted'
    """
    task = _exercise(number)
    if _is_untouched(answer):
        return Result(
            number, "not attempted", f"Write your answer, run its cell, then this one. Stuck? "
            f'exercises.hint("{number}")'
        )
    try:
        task.check(_watched(answer) if callable(answer) else answer)
    except NotYet as reason:
        return Result(number, "not yet", _shortened(str(reason)))
    except _LearnerError as wrapper:
        error = wrapper.__cause__
        message = (
            f"Your code raised {_shortened(_named(error))}. That happens to everybody; read the "
            "message, look at the line, and try the function on a small case of your own."
        )
        return Result(number, "broken", message, _learners_traceback(error))
    except Exception as error:
        # The check stumbled over an answer of a kind that it did not foresee.
        if "not callable" in str(error):
            message = "Give the function itself, without calling it: its name and no brackets."
            return Result(number, "not yet", message)
        message = (
            f"The check could not read your answer ({type(error).__name__}: {error}). "
            "Does it return what the task asks for, of the right kind and shape?"
        )
        return Result(number, "not yet", message)
    return Result(number, "right", f"{task.title}: done.")


class Hint(str):
    """A hint, shown without quotes."""

    def __repr__(self):
        return str(self)


def hint(number):
    """The next hint of an exercise; after the last one, the first again.

    Parameters
    ----------
    number : str

    Returns
    -------
    Hint

    Raises
    ------
    ValueError
        If there is no exercise of that number.

    Examples
    --------
    >>> hint("00.1")  # doctest: +ELLIPSIS
    Hint 1 of 2. ...
    """
    task = _exercise(number)
    given = _HINTS_GIVEN.get(number, 0) % len(task.hints)
    _HINTS_GIVEN[number] = given + 1
    return Hint(f"Hint {given + 1} of {len(task.hints)}. {task.hints[given]}")
