"""Every lesson has the parts that a learner relies on, in their order."""

import re

import pytest

from medlearn.notebooks import minutes_to_read

from .lessons import CHAPTERS, NUMBERS, cells_with, exercise_cells, notebook_of, tags

LESSONS = [chapter for chapter in CHAPTERS if chapter.part not in ("Start", "Appendix")]
KNOWN_TAGS = {"card", "erratum", "widget", "figure", "exercise", "check", "solution"}
LAST_SECTIONS = [
    "The result",
    "Reading it as a clinician",
    "Exercises",
    "What you can now do",
    "Further reading",
    "References",
]

every_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=NUMBERS)
every_lesson = pytest.mark.parametrize("chapter", LESSONS, ids=[c.number for c in LESSONS])


def sections(notebook):
    return [
        line[3:].strip()
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("## ")
    ]


def section_text(notebook, title):
    """The prose of a section: its first cell's text below the heading, up to the next heading."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    return found.group(1) if found else ""


def bullets(text):
    return re.findall(r"^- +(\w.*)", text, re.M)


def objectives(notebook):
    return bullets(notebook.cells[0].source.partition("**After this chapter you can**")[2])


@every_chapter
def test_header_states_promise_time_and_objectives(chapter):
    header = notebook_of(chapter).cells[0].source
    assert header.startswith(f"# {chapter.number} · {chapter.subject}\n"), header[:60]
    promise = header.split("\n\n")[1]
    assert len(promise.split()) >= 8
    assert re.search(r"\*\*Time\*\* \| \d+ minutes to read and do, \d+ (minutes|seconds) to run", header)
    assert "**Know before**" in header
    assert "**Follows**" in header and re.search(r"\bD[0-4]\b", header)
    assert 3 <= len(objectives(notebook_of(chapter))) <= 5


@every_chapter
def test_a_lesson_takes_no_longer_than_a_morning(chapter):
    assert minutes_to_read(notebook_of(chapter)) <= 100, "shorten it, or make two chapters of it"


@every_chapter
def test_objectives_are_lower_case_phrases_and_answered_at_the_end(chapter):
    notebook = notebook_of(chapter)
    aims = objectives(notebook)
    assert all(aim[0].islower() for aim in aims), "begin each objective with a verb, lower case"
    done = bullets(section_text(notebook, "What you can now do"))
    assert len(done) == len(aims), "one line for each objective under 'What you can now do'"


@every_lesson
def test_sections_stand_in_order(chapter):
    found = sections(notebook_of(chapter))
    assert found[0] == "The data"
    assert found[-len(LAST_SECTIONS) :] == LAST_SECTIONS
    assert len(found) >= len(LAST_SECTIONS) + 2, "at least one section that teaches the idea"


@every_chapter
def test_data_come_with_a_card(chapter):
    cards = cells_with(notebook_of(chapter), "card")
    assert cards
    assert all(re.search(r"data\.(load|\w+_card)\(", cell.source) for cell in cards)


@every_chapter
def test_something_can_be_turned(chapter):
    widgets = cells_with(notebook_of(chapter), "widget")
    assert widgets
    assert all("widgets.explore(" in cell.source for cell in widgets)


@every_lesson
def test_errata_are_set_apart_and_name_their_document(chapter):
    errata = cells_with(notebook_of(chapter), "erratum")
    assert errata
    headings = [cell for cell in errata if cell.cell_type == "markdown"]
    assert any(re.search(r"^### .*\bD[0-4]\b", cell.source, re.M) for cell in headings)


@every_chapter
def test_exercises_are_triples_with_a_task_before(chapter):
    notebook = notebook_of(chapter)
    triples = exercise_cells(notebook)
    assert len(triples) >= (3 if chapter in LESSONS else 1)
    assert len(cells_with(notebook, "check")) == len(triples) == len(cells_with(notebook, "solution"))
    for place, (stub, check, solution) in enumerate(triples, start=1):
        number = f"{chapter.number}.{place}"
        assert ["exercise", "check", "solution"] == [t for c in (stub, check, solution) for t in tags(c)]
        before = notebook.cells[: notebook.cells.index(stub)]
        task = [cell.source for cell in before if cell.cell_type == "markdown"][-1]
        assert re.match(
            rf"### Exercise {number} · .+ \((reading|applying|building), about \d+ minutes\)\n", task
        ), task[:80]
        name = re.fullmatch(rf'exercises\.check\("{number}", (\w+)\)', check.source.strip()).group(1)
        assert name in stub.source and f"{name}_solution" in solution.source
        assert f'exercises.check("{number}", {name}_solution)' in solution.source
        assert solution.metadata["jupyter"]["source_hidden"] is True


@every_chapter
def test_nothing_later_depends_on_an_exercise(chapter):
    notebook = notebook_of(chapter)
    for stub, check, solution in exercise_cells(notebook):
        name = check.source.strip().rsplit(" ", 1)[-1].rstrip(")")
        users = [
            cell.id
            for cell in notebook.cells
            if cell.cell_type == "code"
            and cell not in (stub, check, solution)
            and re.search(rf"\b{name}(_solution)?\b", cell.source)
        ]
        # The same word may name something else before the exercise; never after it.
        later = [c.id for c in notebook.cells[notebook.cells.index(solution) + 1 :]]
        assert not set(users) & set(later), (name, users)


@every_chapter
def test_equations_are_numbered_in_order(chapter):
    prose = "\n".join(c.source for c in notebook_of(chapter).cells if c.cell_type == "markdown")
    displayed = re.findall(r"\$\$(.+?)\$\$", prose, re.S)
    numbers = [re.findall(r"\\tag\{([\d.]+)\}", formula) for formula in displayed]
    flat = [number for group in numbers for number in group]
    assert all(numbers), "a displayed equation without a number"
    assert flat == [f"{chapter.number}.{n}" for n in range(1, len(flat) + 1)]


@every_chapter
def test_figures_are_numbered_in_order_and_go_through_the_course_functions(chapter):
    code = [c.source for c in notebook_of(chapter).cells if c.cell_type == "code"]
    numbers = re.findall(r"Figure (\d+\.\d+)\. ", "\n".join(code))
    assert numbers == [f"{chapter.number}.{n}" for n in range(1, len(numbers) + 1)]
    assert "plt.show(" not in "\n".join(code)
    shown = sum(len(re.findall(r"\b(?:plots\.show|widgets\.explore)\(", cell)) for cell in code)
    assert shown == len(numbers)


@every_chapter
def test_cells_are_short_and_tags_known(chapter):
    for cell in notebook_of(chapter).cells:
        assert set(tags(cell)) <= KNOWN_TAGS
        if cell.cell_type == "code" and not tags(cell):
            assert len(cell.source.splitlines()) <= 40, f"a wall of code:\n{cell.source[:200]}"
        if cell.cell_type == "markdown":
            assert len(cell.source.split()) <= 350, f"a wall of text:\n{cell.source[:200]}"


@every_chapter
def test_seeds_come_from_the_lesson(chapter):
    code = "\n".join(c.source for c in notebook_of(chapter).cells if c.cell_type == "code")
    assert "lesson.seed()" in code
    assert "np.random.seed(" not in code
    assert not re.search(r"default_rng\(\)", code), "an unseeded generator"


@every_chapter
def test_the_next_chapter_is_a_later_one_by_its_name(chapter):
    done = section_text(notebook_of(chapter), "What you can now do")
    later = [
        f"[{other.number} · {other.subject}]({other.notebook.name})"
        for other in CHAPTERS
        if other.number > chapter.number
    ]
    links = re.findall(r"^\*\*Next:\*\* (.*)$", done, re.M)
    assert len(links) <= 1 and set(links) <= set(later)


@every_lesson
def test_claims_are_asserted(chapter):
    code = [c.source for c in notebook_of(chapter).cells if c.cell_type == "code"]
    assert sum(len(re.findall(r"^\s*assert ", cell, re.M)) for cell in code) >= 5


@every_lesson
def test_references_carry_dois_or_addresses(chapter):
    references = bullets(section_text(notebook_of(chapter), "References"))
    assert references
    with_address = [line for line in references if "doi.org/10." in line or "https://" in line]
    assert len(with_address) >= 2
