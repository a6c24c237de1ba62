"""The machinery of the exercises: four answers, kind words, hints in steps."""

import functools
import sys

import numpy as np
import pytest

from medlearn import exercises
from medlearn.exercises import machinery


@pytest.fixture
def doubled(monkeypatch):
    """An exercise of a chapter that no lesson has: return twice the argument."""
    monkeypatch.setattr(machinery, "_EXERCISES", {})
    monkeypatch.setattr(machinery, "_HINTS_GIVEN", {})

    @machinery.exercise("99.1", "Twice", hints=["Add it to itself.", "return 2 * x"])
    def check(learner):
        if not machinery.close(learner(np.array([1.0, 2.0])), [2.0, 4.0]):
            raise machinery.NotYet("For 1 and 2 the answer is 2 and 4.")

    return "99.1"


def untouched(x):
    """Return twice x."""
    ...


def test_untouched_stub_is_not_attempted(doubled):
    assert exercises.check(doubled, untouched).status == "not attempted"
    assert exercises.check(doubled, ...).status == "not attempted"


@pytest.mark.parametrize("answer", [lambda x: 0.5, lambda x: "text", lambda x: x, lambda x: ...])
def test_constant_is_an_attempt(doubled, answer):
    assert exercises.check(doubled, answer).status == "not yet"


def test_stub_without_docstring_is_not_attempted(doubled):
    def bare(x): ...

    assert exercises.check(doubled, bare).status == "not attempted"


def test_function_that_only_calls_something_is_attempted(doubled):
    def calls(x):
        """Return twice x."""
        print()

    result = exercises.check(doubled, calls)
    assert result.status == "not yet"
    assert "calls returned nothing" in result.message


def test_right_answer(doubled):
    result = exercises.check(doubled, lambda x: 2 * x)
    assert (result.status, result.message) == ("right", "Twice: done.")


def test_wrong_answer_says_what_was_wrong(doubled):
    result = exercises.check(doubled, lambda x: x)
    assert (result.status, result.message) == ("not yet", "For 1 and 2 the answer is 2 and 4.")


def test_exception_of_the_learner_is_broken_and_shows_only_the_learners_lines(doubled):
    def fails(x):
        return x / missing  # noqa: F821

    result = exercises.check(doubled, fails)
    assert result.status == "broken"
    assert "NameError" in result.message
    assert "in fails" in result.details
    assert "machinery.py" not in result.details
    assert "<pre>" in result._repr_html_()


def test_exit_of_the_learner_is_broken(doubled):
    result = exercises.check(doubled, lambda x: sys.exit("enough"))
    assert result.status == "broken"
    assert "SystemExit: enough" in result.message


def test_callable_without_a_name_that_returns_nothing(doubled):
    result = exercises.check(doubled, functools.partial(print, end=""))
    assert (result.status, result.message[:13]) == ("not yet", "your function")


def test_answer_of_an_unforeseen_kind_is_not_yet(doubled):
    result = exercises.check(doubled, 5)
    assert result.status == "not yet"
    assert "could not read your answer" in result.message


def test_learners_text_cannot_break_the_page(doubled):
    def fails(x):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in exercises.check(doubled, fails)._repr_html_()


def test_hints_come_in_steps_and_begin_again(doubled):
    given = [str(exercises.hint(doubled)) for _ in range(3)]
    assert given[0] == given[2] == "Hint 1 of 2. Add it to itself."
    assert given[1] == "Hint 2 of 2. return 2 * x"


@pytest.mark.parametrize("number", ["99.1", "00.9", "nonsense", ""])
def test_unknown_exercise_is_named_with_those_there_are(number):
    with pytest.raises(ValueError, match=r"there is no exercise .*has:"):
        exercises.check(number, ...)
    with pytest.raises(ValueError, match="there is no exercise"):
        exercises.hint(number)


def test_number_cannot_be_taken_twice(doubled):
    with pytest.raises(ValueError, match="declared twice"):
        machinery.exercise(doubled, "Again", hints=["one"])


def test_exercise_needs_a_hint(doubled):
    with pytest.raises(ValueError, match="at least one hint"):
        machinery.exercise("99.2", "Hintless", hints=[])


@pytest.mark.parametrize(
    ("value", "expected", "answer"),
    [
        ([1.0], [1.0 + 1e-9], True),
        ([1.0], [1.1], False),
        ([1.0], 1.0, False),
        (np.nan, 1.0, False),
        ("text", 1.0, False),
        ("1.0", 1.0, False),
        ([1 + 5j], [1.0], False),
        (10**400, 1.0, False),
        ([[1], [1, 2]], 1.0, False),
        (1e9 + 1, 1e9, True),
    ],
)
def test_close(value, expected, answer):
    assert machinery.close(value, expected) is answer
