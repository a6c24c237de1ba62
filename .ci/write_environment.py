"""Write environment.yml: Python and pip from conda, every package at the version that uv.lock holds.

Run it after a change of uv.lock:  uv run .ci/write_environment.py
A test holds that the file is what this script would write.
"""

import os
import subprocess
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PYTHON = "3.12"
HEADER = """\
# For conda and Binder. Written from uv.lock by .ci/write_environment.py; do not edit by hand.
#   conda env create -f environment.yml && conda activate medlearn && medlearn lab
name: medlearn
channels:
  - conda-forge
  - nodefaults
dependencies:
"""
# The platforms that pyproject.toml names for the lock.
PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_machine": "x86_64", "os_name": "posix",
              "platform_system": "Linux"},
    "darwin": {"sys_platform": "darwin", "platform_machine": "arm64", "os_name": "posix",
               "platform_system": "Darwin"},
    "win32": {"sys_platform": "win32", "platform_machine": "AMD64", "os_name": "nt",
              "platform_system": "Windows"},
}
COMMON = {"python_version": PYTHON, "python_full_version": f"{PYTHON}.11",
          "implementation_name": "cpython", "platform_python_implementation": "CPython"}


def locked_requirements():
    """What uv.lock holds for learners (without the test group), one requirement a line."""
    export = subprocess.run(
        [os.environ.get("UV", "uv"), "export", "--frozen", "--no-default-groups", "--no-hashes", "--no-annotate",
         "--no-header", "--no-emit-project"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )
    return [Requirement(line) for line in export.stdout.splitlines() if line.strip()]


def pins():
    """The requirements for this Python, with a marker only where platforms differ."""
    for requirement in locked_requirements():
        pin = f"{requirement.name}{requirement.specifier}"
        marker = requirement.marker
        fits = [name for name, values in PLATFORMS.items()
                if marker is None or marker.evaluate({**COMMON, **values})]
        if len(fits) == len(PLATFORMS):
            yield pin
        elif fits:
            yield f"{pin} ; " + " or ".join(f"sys_platform == '{name}'" for name in fits)


def environment():
    """The text of environment.yml."""
    pip_lines = [*pins(), "--editable ."]
    conda = [f"  - python={PYTHON}", "  - pip", "  - pip:"]
    quoted = [f'      - "{line}"' if ";" in line else f"      - {line}" for line in pip_lines]
    return HEADER + "\n".join(conda + quoted) + "\n"


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment(), encoding="utf-8")
