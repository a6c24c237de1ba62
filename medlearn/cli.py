"""The command ``medlearn``: open the course, fetch data, check the installation, hand out."""

import argparse
import re
import sys

from . import __version__

__all__ = ["main"]

SMALL_MEGABYTES = 10


def lab(arguments):
    """Fetch the small data sets, then open the course in JupyterLab."""
    from jupyterlab.labapp import LabApp

    from .course import notebooks_folder

    folder = notebooks_folder()
    if arguments.fetch:
        fetch_small_sets()
    start = folder / "00_start_here.ipynb"
    options = [f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None", *arguments.options]
    LabApp.launch_instance([str(start), *options])
    return 0


def fetch_small_sets():
    """Fetch what is small; whatever goes wrong, the lessons run on stand-ins."""
    from . import data

    print(f"Fetching the data sets under {SMALL_MEGABYTES} MB (Ctrl-C skips this).", flush=True)
    try:
        reports = data.fetch_all(max_megabytes=SMALL_MEGABYTES)
    except KeyboardInterrupt:
        print("\nSkipped.")
        reports = []
    failed = [report for report in reports if report.state == "failed"]
    for report in failed:
        print(f"  {report.name}: {report.message}")
    if failed:
        print("Lessons run on stand-ins where real data are missing, and say so.")
        print("To try again: medlearn fetch")


def fetch(arguments):
    """Fetch data sets by name, or all."""
    from . import data

    if arguments.small and arguments.names:
        raise ValueError("give names or --small, not both")
    if arguments.small:
        fetch_small_sets()
        return 0
    if not arguments.names:
        reports = data.fetch_all()
        for report in reports:
            print(f"{report.name}: {report.path or report.message}")
        return 1 if any(report.state == "failed" for report in reports) else 0
    failed = False
    for name in arguments.names:
        try:
            print(f"{name}: {data.fetch(name)}")
        except (ValueError, OSError) as error:
            failed = True
            print(f"{name}: {error}", file=sys.stderr)
    return 1 if failed else 0


def show_data(_arguments):
    """Print the table of data sets."""
    from . import data

    rows = [("name", "what", "MB", "licence", "where")]
    for row in data.status():
        rows.append((row.name, row.what, f"{row.megabytes:.2f}", row.licence, row.where))
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    return 0


def doctor(_arguments):
    """Check the installation, a line each."""
    from .doctor import examine

    healthy = True
    for finding in examine():
        print(finding, flush=True)
        healthy &= finding.ok
    print("All is well: medlearn lab" if healthy else "Mend the lines marked MEND, then retry.")
    return 0 if healthy else 1


def handout(arguments):
    """Write the notebooks for a class."""
    from .notebooks import handout as write

    written = write(arguments.folder, solutions=arguments.solutions)
    kept = "with" if arguments.solutions else "without"
    print(f"{len(written)} notebooks {kept} solutions, without outputs: {arguments.folder}")
    return 0


def build(arguments):
    """Build notebooks from their text by a full run on the real data."""
    from .course import chapters
    from .notebooks import build as build_one

    from nbclient.exceptions import CellExecutionError

    numbers = arguments.numbers or [c.number for c in chapters() if c.source]
    for number in numbers:
        print(f"{number}: ", end="", flush=True)
        try:
            print(build_one(number).name)
        except CellExecutionError as error:
            raise ValueError(
                f"a cell fails; the notebook stays as it was\n{_plain(error)}"
            ) from error
    return 0


def _plain(error):
    """The words of an error without the colour codes of a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", str(error))


def parser():
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="medlearn", description=__doc__.splitlines()[0])
    top.add_argument("--version", action="version", version=f"medlearn {__version__}")
    commands = top.add_subparsers(required=True, metavar="command")

    def command(function, name):
        added = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        added.set_defaults(run=function)
        return added

    opened = command(lab, "lab")
    opened.add_argument("--no-fetch", dest="fetch", action="store_false",
                        help="do not fetch data before")
    opened.epilog = "Other options are passed on to JupyterLab, such as --no-browser or --port."
    fetched = command(fetch, "fetch")
    fetched.add_argument("names", nargs="*", help="default: all")
    fetched.add_argument("--small", action="store_true",
                         help=f"the sets under {SMALL_MEGABYTES} MB; go on where one fails")
    command(show_data, "data")
    command(doctor, "doctor")
    handed = command(handout, "handout")
    handed.add_argument("folder", help="a new or empty folder")
    handed.add_argument("--solutions", action="store_true", help="keep the solutions")
    command(build, "build").add_argument("numbers", nargs="*", help="chapters; default: all")
    return top


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, optional
        Arguments; by default those of the process.

    Returns
    -------
    int
        0 where all went well, 1 where something failed, 2 for a wrong command.
    """
    arguments, rest = parser().parse_known_args(argv)
    if rest and arguments.run is not lab:
        parser().error(f"unknown arguments: {' '.join(rest)}")
    arguments.options = rest
    try:
        return arguments.run(arguments)
    except (ValueError, OSError) as error:
        print(f"medlearn: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
