"""Every exercise's check knows its solution, its untouched stub, and its typical mistakes."""

import importlib
import re

import numpy as np
import pytest

from medlearn import exercises

from ..lessons import CHAPTERS, exercise_cells, notebook_of


def _cells():
    """Stub and solution of every exercise of every lesson, with its number and the name defined."""
    for chapter in CHAPTERS:
        for stub, check, solution in exercise_cells(notebook_of(chapter)):
            number, name = re.search(r'check\("([\d.]+)", (\w+)\)', check.source).groups()
            yield number, name, stub.source, solution.source


CELLS = list(_cells())
WRONG = [
    wrong
    for chapter in CHAPTERS
    for wrong in importlib.import_module(f"{__package__}.wrong_answers_{chapter.number}").WRONG
]
NAMES = {number: name for number, name, _, _ in CELLS}


def defined(source, name):
    """What a cell defines, given NumPy and nothing else of the notebook."""
    space = {"np": np, "exercises": exercises}
    exec(source, space)
    return space[name]


@pytest.mark.parametrize(("number", "name", "stub", "solution"), CELLS, ids=[c[0] for c in CELLS])
def test_stub_is_not_attempted_and_solution_is_right(number, name, stub, solution):
    assert exercises.check(number, defined(stub, name)).status == "not attempted"
    result = exercises.check(number, defined(solution, f"{name}_solution"))
    assert result.status == "right", result


@pytest.mark.parametrize(
    ("number", "source", "phrase"), WRONG, ids=[f"{w[0]}-{i}" for i, w in enumerate(WRONG)]
)
def test_typical_mistake_is_named(number, source, phrase):
    result = exercises.check(number, defined(source, NAMES[number]))
    assert result.status == "not yet", result
    assert phrase in result.message


@pytest.mark.parametrize("number", NAMES)
def test_at_least_two_mistakes_with_messages_of_their_own(number):
    messages = [
        exercises.check(number, defined(source, NAMES[number])).message
        for wrong_number, source, _ in WRONG
        if wrong_number == number
    ]
    assert len(messages) >= 2
    assert len(set(messages)) == len(messages)


@pytest.mark.parametrize(("number", "name", "stub", "solution"), CELLS, ids=[c[0] for c in CELLS])
def test_code_that_raises_is_broken_and_nonsense_is_never_a_crash(number, name, stub, solution):
    def raises(*args, **kwargs):
        raise KeyError("mine")

    # A value is asked for in a reading exercise: a function is then no answer.
    asks_for_a_function = "def " in stub
    result = exercises.check(number, raises)
    assert result.status == ("broken" if asks_for_a_function else "not yet"), result
    for nonsense in ("text", -1e9, [], object(), lambda *args: "text"):
        assert exercises.check(number, nonsense).status in ("not yet", "broken")


@pytest.mark.parametrize("chapter", CHAPTERS, ids=[c.number for c in CHAPTERS])
def test_declared_exercises_are_those_of_the_lesson(chapter):
    in_lesson = [number for number in NAMES if number.startswith(f"{chapter.number}.")]
    assert list(exercises.exercises_of(chapter.number)) == in_lesson
