"""What the commands that fill stored tables share: to go on, to stamp, to write."""

import json
from datetime import UTC, datetime
from importlib.metadata import version


def stored_runs(path, settings):
    """The runs of an earlier call with these settings; none where there is none.

    Parameters
    ----------
    path : pathlib.Path
        Of the table.
    settings : dict
        As they would be read from JSON.

    Returns
    -------
    list of dict
    """
    if not path.is_file():
        return []
    table = json.loads(path.read_text(encoding="utf-8"))
    return table["runs"] if table["settings"] == settings else []


def stamp(packages=("tensorflow", "keras", "numpy")):
    """Date and versions, of the run or the table that they are written into."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {package: version(package) for package in packages},
    }


def as_text(table):
    """A table as JSON with one run a line, so that changes can be read.

    Raises
    ------
    ValueError
        If a figure is not finite: JSON knows no such number.
    """
    head = {key: value for key, value in table.items() if key != "runs"}
    rows = ",\n".join("  " + json.dumps(row, allow_nan=False) for row in table["runs"])
    head = json.dumps(head, indent=1, allow_nan=False)
    return head[:-2] + f',\n "runs": [\n{rows}\n ]\n}}\n'
