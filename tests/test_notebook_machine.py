"""From text to notebook: ids that stay, outputs that are clean, nothing lost when a run fails."""

import json

import nbformat
import pytest

from medlearn import course, notebooks

HEADER = """\
# %% [markdown]
# # 00 · Start here
#
# Time: {reading}, {running}

"""


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    """Write a small lesson in place of chapter 00 and return its chapter."""
    (tmp_path / "source").mkdir()
    monkeypatch.setattr(course, "notebooks_folder", lambda: tmp_path)

    def write(body):
        (tmp_path / "source" / "00_start_here.py").write_text(HEADER + body, encoding="utf-8")
        return course.find("00")

    return write


def saved(chapter):
    return nbformat.read(chapter.notebook, as_version=4)


def test_build_runs_fills_times_and_remembers_them(lesson):
    chapter = lesson("# %%\nprint(6 * 7)\n")
    assert notebooks.build("00") == chapter.notebook
    notebook = saved(chapter)
    assert notebook.cells[1].outputs[0].text == "42\n"
    assert notebook.cells[0].source.endswith("Time: 5 minutes, 10 seconds")
    figures = json.loads((chapter.notebook.parent / "timings.json").read_text(encoding="utf-8"))["00_start_here"]
    assert 0 <= figures["seconds"] < 30
    assert figures["peak_memory_mib"] is None or 20 < figures["peak_memory_mib"] < 1000


def test_build_runs_on_the_real_data_with_the_default_seed(lesson, monkeypatch):
    monkeypatch.setenv("MEDLEARN_SEED", "5")
    chapter = lesson(
        "# %%\nimport os\nprint(os.environ['MEDLEARN_SOURCE'], 'MEDLEARN_SEED' in os.environ)\n"
    )
    notebooks.build("00")
    assert saved(chapter).cells[1].outputs[0].text == "real False\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", "division by zero"),
        ("import warnings; warnings.warn('old')", "stderr"),
        ("print('/home/somebody/file')", "machine's path"),
        ("print('C:\\\\Users')", "machine's path"),
        ("print('file:///home/somebody')", "machine's path"),
        ("print('/usr/lib/python3')", "machine's path"),
        (
            "from IPython.display import display\n"
            "display({'image/png': 'iVBORw0KGgo=', 'text/plain': 'x'}, raw=True)",
            "without alt text",
        ),
    ],
)
def test_unfit_outputs_are_refused_and_the_old_notebook_stays(lesson, code, said):
    chapter = lesson("# %%\nprint('good')\n")
    notebooks.build("00")
    before = chapter.notebook.read_bytes()
    lesson(f"# %%\n{code}\n")
    with pytest.raises(Exception, match=said):
        notebooks.build("00")
    assert chapter.notebook.read_bytes() == before


@pytest.mark.parametrize("code", ["print('AUC:')\nprint(1)", "print('a/home/b, ratio 1:/2')"])
def test_harmless_outputs_are_no_machine_paths(lesson, code):
    lesson(f"# %%\n{code}\n")
    assert notebooks.build("00").exists()


def test_live_widget_is_saved_as_its_still_picture(lesson):
    chapter = lesson(
        "# %% tags=['widget']\n"
        "import matplotlib.pyplot as plt\n"
        "from medlearn import widgets\n"
        "def draw(height):\n"
        "    figure, ax = plt.subplots()\n"
        "    ax.plot([0, height])\n"
        "    return figure\n"
        "widgets.explore(draw, {'height': widgets.slider('Height', 0, 3, 1)},\n"
        "                'Figure 00.1. A line.', 'A line that rises.')\n"
    )
    notebooks.build("00")
    notebook = saved(chapter)
    data = notebook.cells[1].outputs[0].data
    assert set(data) == {"image/png", "text/plain"}
    assert "widgets" not in notebook.metadata


def test_ids_stay_when_another_cell_changes(lesson):
    first = notebooks.lesson_notebook(lesson("# %%\na = 1\n\n# %%\nb = 1\n\n# %%\na = 1\n").source)
    second = notebooks.lesson_notebook(lesson("# %%\na = 1\n\n# %%\nb = 2\n\n# %%\na = 1\n").source)
    same = [x.id == y.id for x, y in zip(first.cells, second.cells, strict=True)]
    assert same == [True, True, False, True]
    assert len({cell.id for cell in first.cells}) == 4, "equal cells have ids of their own"


@pytest.mark.parametrize("tag", ["solution", "figure"])
def test_solutions_and_code_of_pictures_are_folded_and_their_first_line_gives_nothing_away(
    lesson, tag
):
    notebook = notebooks.lesson_notebook(lesson(f"# %% tags=['{tag}']\nanswer = 1\n").source)
    cell = notebook.cells[1]
    assert cell.metadata["jupyter"] == {"source_hidden": True}
    first, rest = cell.source.split("\n", 1)
    assert first.startswith("# ") and "answer" not in first
    assert rest == "answer = 1"


def test_reading_time_counts_prose_code_and_exercises(lesson):
    short = lesson("# %%\na = 1\n").source
    assert notebooks.minutes_to_read(notebooks.lesson_notebook(short)) == 5
    words = "# %% [markdown]\n# " + "word " * 1500 + "\n"
    heading = "\n# %% [markdown]\n# ### Exercise 00.1 · Title (building, about 12 minutes)\n#\n# Do.\n"
    long = lesson(words + heading).source
    assert notebooks.minutes_to_read(notebooks.lesson_notebook(long)) == 25
    references = "\n# %% [markdown]\n# ## References\n# " + "word " * 1500 + "\n"
    longer = lesson(words + heading + references).source
    assert notebooks.minutes_to_read(notebooks.lesson_notebook(longer)) == 25


def test_header_gives_the_time_that_is_remembered(lesson, monkeypatch):
    chapter = lesson("# %%\na = 1\n")
    run = notebooks._run
    monkeypatch.setattr(notebooks, "_run", lambda *args: (60.2, run(*args)[1]))
    notebooks.build("00")
    again = notebooks.lesson_notebook(chapter.source)
    assert saved(chapter).cells[0].source == again.cells[0].source


def test_saved_notebook_with_a_cell_not_run_is_found(lesson):
    chapter = lesson("# %%\na = 1\n\n# %%\nb = 1\n")
    notebooks.build("00")
    notebook = saved(chapter)
    assert notebooks.problems_in_outputs(notebook) == []
    notebook.cells[1].execution_count = None
    notebook.cells[2].execution_count = 1
    assert len(notebooks.problems_in_outputs(notebook)) == 2


def test_package_without_notebooks_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(course, "__file__", str(tmp_path / "medlearn" / "course.py"))
    with pytest.raises(FileNotFoundError, match="clone the whole repository"):
        course.notebooks_folder()
