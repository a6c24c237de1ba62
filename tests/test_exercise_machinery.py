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
    result = exercises.check(doubled, lambda *x: object())
    assert result.status == "not yet"


def test_check_that_stumbles_asks_for_the_right_kind(monkeypatch):
    monkeypatch.setattr(machinery, "_EXERCISES", {})

    @machinery.exercise("99.1", "A list", hints=["Two numbers."])
    def check(answer):
        answer.append(1)

    result = exercises.check("99.1", 5)
    assert result.status == "not yet"
    assert "could not read your answer" in result.message


@pytest.mark.parametrize("answer", [0.25, None, "text"])
def test_value_in_place_of_a_function(doubled, answer):
    result = exercises.check(doubled, answer)
    assert result.status == "not yet"
    assert "function itself" in result.message


def test_yield_in_place_of_return(doubled):
    def yields(x):
        yield 2 * x

    result = exercises.check(doubled, yields)
    assert result.status == "not yet"
    assert "yield" in result.message


class Wordless(BaseException):
    def __str__(self):
        raise RuntimeError("no words")


def test_exception_without_words_is_broken(doubled):
    def fails(x):
        raise Wordless

    result = exercises.check(doubled, fails)
    assert result.status == "broken"
    assert "Wordless" in result.message


def test_interrupt_of_the_learner_goes_through(doubled):
    def stopped(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exercises.check(doubled, stopped)


def test_endless_recursion_is_told_in_few_lines(doubled):
    def endless(x):
        return endless(x)

    result = exercises.check(doubled, endless)
    assert result.status == "broken"
    assert "RecursionError" in result.message
    assert len(result.details.splitlines()) < 20


def test_very_long_answer_is_not_echoed_whole(monkeypatch):
    monkeypatch.setattr(machinery, "_EXERCISES", {})

    @machinery.exercise("99.1", "Echo", hints=["none"])
    def check(answer):
        raise machinery.NotYet(f"You gave {answer}, which is too long.")

    message = exercises.check("99.1", "x" * 200_000).message
    assert len(message) < 700
    assert message.startswith("You gave") and message.endswith("too long.")


def test_number_without_quotes(doubled):
    with pytest.raises(ValueError, match="in quotes"):
        exercises.check(99.1, untouched)


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
