"""The lessons as tests see them: every written chapter, its source and its cells."""

import ast

from medlearn import course
from medlearn.notebooks import lesson_notebook

CHAPTERS = [chapter for chapter in course.chapters() if chapter.source]
NUMBERS = [chapter.number for chapter in CHAPTERS]


def notebook_of(chapter):
    """The chapter's notebook as its source makes it, without outputs."""
    return lesson_notebook(chapter.source)


def settings_of(number):
    """The dictionary SETTINGS as it stands in the text of a chapter."""
    tree = ast.parse(course.find(number).source.read_text(encoding="utf-8"))
    (value,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "SETTINGS"
    ]
    return ast.literal_eval(value)


def tags(cell):
    return cell.metadata.get("tags", [])


def cells_with(notebook, tag):
    return [cell for cell in notebook.cells if tag in tags(cell)]


def exercise_cells(notebook):
    """The triples (stub, check, solution), by the order of their stubs."""
    triples = []
    for place, cell in enumerate(notebook.cells):
        if "exercise" in tags(cell):
            triples.append(tuple(notebook.cells[place : place + 3]))
    return triples
