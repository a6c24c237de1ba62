"""From a lesson's text to its notebook, and from the lesson to the handout for a class.

The text ``notebooks/source/NN_topic.py`` is the truth; the notebook is built from it by a full
run on the real data.
"""

import hashlib
import json
import math
import os
import re
import time
from contextlib import suppress
from pathlib import Path

from . import course

__all__ = [
    "MEMORY_LIMIT_MIB",
    "WIDGET_VIEW",
    "build",
    "handout",
    "lesson_notebook",
    "minutes_to_read",
    "peak_memory_mib",
    "problems_in_outputs",
]

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# JupyterLab shows the first line of a folded cell: it must not give a solution away.
FIRST_LINE = {
    "solution": "# A solution. Click on the three dots to open it.",
    "figure": "# The code of a picture. Click on the three dots to open it.",
}
FOLDED = set(FIRST_LINE)
# Words of technical prose and lines of code that a learner takes in a minute.
WORDS_A_MINUTE, CODE_LINES_A_MINUTE = 150, 12
# A path that names a machine or its user: Unix homes and temporary folders, Windows drives.
MACHINE_PATH = re.compile(
    r"(?<![\w.:/])/(?:home|root|Users|tmp|work|private|var|opt|mnt|usr|srv)/"
    r"|\bfile:///|\b[A-Z]:[\\/]\w"
)
# Of a notebook's kernel at its peak: Binder gives 2 GB, JupyterLab included.
MEMORY_LIMIT_MIB = 1.5 * 1024


def _metadata():
    """What a notebook says of itself: no versions, which would differ between machines."""
    return {"kernelspec": dict(KERNEL), "language_info": {"name": "python"}}


def _tags(cell):
    return cell.metadata.get("tags", [])


def _with_stable_ids(notebook, stem):
    """Number each cell by its own text, so that an edit changes the id of the edited cell alone."""
    seen = {}
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:10]
        seen[digest] = seen.get(digest, 0) + 1
        copy = f"-{seen[digest]}" if seen[digest] > 1 else ""
        cell["id"] = f"{stem[:2]}-{digest}{copy}"


def minutes_to_read(notebook):
    """Minutes that a learner needs for a lesson, exercises included, rounded up to five.

    Counted from the words of prose down to the references, the lines of code, and the minutes
    that each exercise's heading states.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    int
    """
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    prose = prose.partition("\n## References")[0]
    code = [
        line
        for c in notebook.cells
        if c.cell_type == "code" and not FOLDED & set(_tags(c))
        for line in c.source.splitlines()
        if line.strip()
    ]
    exercises = sum(int(n) for n in re.findall(r"^### Exercise .*?(\d+) minutes?\)", prose, re.M))
    minutes = len(prose.split()) / WORDS_A_MINUTE + len(code) / CODE_LINES_A_MINUTE + exercises
    return 5 * math.ceil(minutes / 5)


def _running_time(seconds):
    if seconds <= 110:
        return f"{10 * math.ceil(seconds / 10)} seconds"
    return f"{math.ceil(seconds / 60)} minutes"


def lesson_notebook(source, seconds=None):
    """The notebook of a lesson's text, without outputs.

    Parameters
    ----------
    source : pathlib.Path
        ``NN_topic.py``, in Jupytext's percent format.
    seconds : float, optional
        The measured time of a full run, for the lesson's header; by default that of the last
        build.

    Returns
    -------
    nbformat.NotebookNode
        With stable cell ids; solutions and the code of pictures are folded.
    """
    import jupytext

    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = _metadata()
    _with_stable_ids(notebook, source.stem)
    if seconds is None:
        seconds = course.timings().get(source.stem, {}).get("seconds", 0)
    for cell in notebook.cells:
        for tag in FOLDED & set(_tags(cell)):
            cell.metadata["jupyter"] = {"source_hidden": True}
            cell.source = f"{FIRST_LINE[tag]}\n{cell.source}"
    header = notebook.cells[0]
    header.source = header.source.replace("{reading}", f"{minutes_to_read(notebook)} minutes")
    header.source = header.source.replace("{running}", _running_time(seconds))
    return notebook


def peak_memory_mib(pid):
    """The peak resident memory of a process in MiB, where the system tells (Linux), else None."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return None


def _tidy(cell):
    """Drop from the outputs what belongs to one run alone: execution times, live widgets."""
    cell.metadata.pop("execution", None)
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if WIDGET_VIEW in data:
            del data[WIDGET_VIEW]
            output.metadata.pop(WIDGET_VIEW, None)


def _words(output):
    """All text of an output: stream, traceback, and its forms of display but for pictures."""
    shown = output.get("data", {}).items()
    forms = [str(value) for form, value in shown if not form.startswith("image/")]
    return "\n".join([output.get("text", ""), *output.get("traceback", []), *forms])


def problems_in_outputs(notebook):
    """What is wrong with a notebook's saved outputs.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    list of str
        Cells that did not run or ran out of order, errors, warnings on stderr, pictures without
        a description, live widgets, paths of a machine. Empty where all is well.
    """
    problems = []
    code = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
    for expected, cell in enumerate(code, start=1):
        where = f"cell {cell.id}"
        if cell.execution_count != expected:
            problems.append(f"{where}: execution count {cell.execution_count}, not {expected}")
        for output in cell.outputs:
            if output.output_type == "error":
                problems.append(f"{where}: error {output.ename}: {output.evalue}")
            elif output.output_type == "stream" and output.name == "stderr":
                problems.append(f"{where}: stderr: {output.text.strip()[:200]}")
            elif "image/png" in output.get("data", {}):
                if not output.metadata.get("image/png", {}).get("alt"):
                    problems.append(f"{where}: a picture without alt text")
            if WIDGET_VIEW in output.get("data", {}):
                problems.append(f"{where}: a live widget is saved")
            text = _words(output)
            if found := MACHINE_PATH.search(text):
                problems.append(f"{where}: names a machine's path: {found.group()}")
    return problems


def _run(notebook, folder, timeout):
    """Run all cells in place; returns seconds and peak memory in MiB."""
    from nbclient import NotebookClient

    environment = {**os.environ, "MEDLEARN_SOURCE": "real"}
    environment.pop("MEDLEARN_SEED", None)
    client = NotebookClient(
        notebook, timeout=timeout, kernel_name="python3", resources={"metadata": {"path": folder}}
    )
    start = time.perf_counter()
    with client.setup_kernel(env=environment):
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index, execution_count=None)
        memory = peak_memory_mib(client.km.provisioner.pid)
    return time.perf_counter() - start, memory


def build(number, timeout=600):
    """Build a chapter's notebook from its text by a full run on the real data.

    Parameters
    ----------
    number : str
        The chapter's number, such as ``"11"``.
    timeout : float
        Seconds that one cell may take.

    Returns
    -------
    pathlib.Path
        The notebook. The time and memory of the run are written to ``notebooks/timings.json``.

    Raises
    ------
    ValueError
        If there is no such chapter, or the outputs are not fit to be saved; the notebook that
        was there before is then left as it was.
    nbclient.exceptions.CellExecutionError
        If a cell fails; likewise.
    """
    import nbformat

    chapter = course.find(number)
    notebook = lesson_notebook(chapter.source)
    seconds, memory = _run(notebook, chapter.notebook.parent, timeout)
    seconds = round(seconds)  # as it is remembered: the header must not change with the fraction
    for cell in notebook.cells:
        _tidy(cell)
    notebook.metadata = _metadata()
    if problems := problems_in_outputs(notebook):
        raise ValueError("the outputs cannot be saved:\n  " + "\n  ".join(problems))
    notebook.cells[0].source = lesson_notebook(chapter.source, seconds).cells[0].source
    nbformat.validate(notebook)
    nbformat.write(notebook, chapter.notebook)
    _remember(chapter.notebook.stem, seconds, memory)
    return chapter.notebook


def _remember(stem, seconds, memory):
    table = course.timings()
    table[stem] = {"seconds": seconds, "peak_memory_mib": memory and round(memory)}
    text = json.dumps(dict(sorted(table.items())), indent=1) + "\n"
    (course.notebooks_folder() / "timings.json").write_text(text, encoding="utf-8")


def handout(folder, solutions=False):
    """Write the notebooks for a class: without outputs and, unless asked for, without solutions.

    Parameters
    ----------
    folder : str or pathlib.Path
        A folder that does not exist yet or is empty.
    solutions : bool
        Keep the folded solutions.

    Returns
    -------
    list of pathlib.Path
        The notebooks written.

    Raises
    ------
    FileExistsError
        If the folder holds anything: what a class has written there is not overwritten.
    OSError
        If the folder cannot be made.
    """
    import nbformat

    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is not an empty folder; name a new one")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise type(error)(f"{folder} cannot be made ({error.strerror}); name another") from error
    written = []
    for chapter in course.chapters():
        if chapter.source is None:
            continue
        notebook = lesson_notebook(chapter.source)
        if not solutions:
            notebook.cells = [c for c in notebook.cells if "solution" not in _tags(c)]
        path = folder / chapter.notebook.name
        nbformat.write(notebook, path)
        written.append(path)
    return written
