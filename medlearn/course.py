"""The course map: parts, chapters, and where their notebooks lie."""

import json
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PARTS", "Chapter", "chapters", "find", "notebooks_folder", "timings"]

PARTS = {
    "0": "Start",
    "1": "Foundations",
    "2": "Images",
    "3": "Sequences",
    "4": "Generative models",
    "5": "Decisions",
    "6": "Trust and use",
    "9": "Appendix",
}

# Number and subject; a chapter's number never changes.
_PLAN = {
    "00": "Start here",
    "10": "Clinical data",
    "11": "Backpropagation from scratch",
    "12": "Training deep networks",
    "13": "Prognosis",
    "20": "Convolution from scratch",
    "21": "Image diagnosis",
    "22": "Transfer learning",
    "23": "Segmentation",
    "24": "Pathology",
    "25": "Autoencoders",
    "30": "Recurrence from scratch",
    "31": "ECG and vital signs",
    "32": "Clinical text",
    "33": "Clinical events",
    "34": "Image sequences",
    "35": "DNA and proteins",
    "36": "Drug discovery",
    "40": "Generative adversarial networks",
    "41": "Conditional GAN",
    "42": "CycleGAN",
    "43": "Reconstruction",
    "50": "Personalised treatment",
    "51": "Decision processes",
    "52": "Deep reinforcement learning",
    "53": "Treatment planner",
    "54": "Hospital resources",
    "55": "Medical robots",
    "60": "Explainability",
    "61": "Edge devices",
    "62": "Privacy",
    "63": "Fairness and governance",
    "64": "Deployment",
    "69": "Capstone",
    "90": "Errata",
    "91": "Glossary",
    "92": "Notation",
}


@dataclass(frozen=True)
class Chapter:
    """One chapter of the map.

    Attributes
    ----------
    number : str
        Two digits; the first is the part.
    subject : str
    source : pathlib.Path or None
        The lesson's text, or None where it is not written yet.
    """

    number: str
    subject: str
    source: Path | None

    @property
    def part(self):
        """The name of the part that the chapter belongs to."""
        return PARTS[self.number[0]]

    @property
    def notebook(self):
        """The path of the notebook that is built from the source; None where there is none."""
        return self.source and self.source.parent.parent / f"{self.source.stem}.ipynb"


def notebooks_folder():
    """The folder that holds the course's notebooks.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    FileNotFoundError
        If the package was installed without the notebooks.
    """
    folder = Path(__file__).resolve().parent.parent / "notebooks"
    if not (folder / "source").is_dir():
        raise FileNotFoundError(
            "the notebooks are not beside the package: clone the whole repository and run the "
            "command in its folder (README.md, first screen)"
        )
    return folder


def chapters():
    """All chapters of the map, in order.

    Returns
    -------
    list of Chapter

    Examples
    --------
    >>> chapters()[0].subject, chapters()[0].part
    ('Start here', 'Start')
    """
    written = {path.stem[:2]: path for path in (notebooks_folder() / "source").glob("[0-9]*.py")}
    return [Chapter(number, subject, written.get(number)) for number, subject in _PLAN.items()]


def find(number):
    """A written chapter by its number.

    Parameters
    ----------
    number : str

    Returns
    -------
    Chapter

    Raises
    ------
    ValueError
        If there is no such chapter, or it is not written yet.
    """
    written = {chapter.number: chapter for chapter in chapters() if chapter.source}
    if number not in written:
        raise ValueError(f"there is no chapter {number!r} to open; written: {', '.join(written)}")
    return written[number]


def timings():
    """Seconds and peak memory of each notebook's last full run.

    Returns
    -------
    dict of str to dict
        By the notebook's stem: ``{"seconds": ..., "peak_memory_mib": ...}``.
    """
    path = notebooks_folder() / "timings.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
