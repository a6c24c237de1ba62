"""MIT-BIH Arrhythmia Database: half-hour ECGs cut into beats, split by patient as in the field."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np

from .arrhythmia_simulation import PARTS, TWIN_RECORD, simulate_recording
from .arrhythmia_simulation import PATIENT_OF as SIMULATED_PATIENT_OF
from .cards import CardText
from .errors import DamagedFileError
from .files import UNREADABLE, check_sha256, open_archive, read_member
from .heartbeats import SAMPLING_RATE, Recording, cut_beats
from .recipes import Contents, Downloaded, RemoteFile

__all__ = ["DS1", "DS2", "RECIPE", "TWIN", "VALIDATION", "read_recording"]

# De Chazal, O'Dwyer and Reilly 2004: two halves of the 44 recordings without a pacemaker.
DS1 = (
    101, 106, 108, 109, 112, 114, 115, 116, 118, 119, 122,
    124, 201, 203, 205, 207, 208, 209, 215, 220, 223, 230,
)
DS2 = (
    100, 103, 105, 111, 113, 117, 121, 123, 200, 202, 210,
    212, 213, 214, 219, 221, 222, 228, 231, 232, 233, 234,
)
# In DS2, but of the same person as 201 in DS1: its header says that both come from one tape.
TWIN, TWIN_OF = 202, 201
VALIDATION = DS1[3::4]  # every fourth, from the fourth on: a rule that looks at no beat
LEAD = "MLII"
SUFFIXES = ("hea", "dat", "atr")
LARGEST_MEMBER = 2_500_000

CLASS_NAMES = ("normal", "supraventricular ectopic", "ventricular ectopic", "fusion")
CODING = (
    "x: mV, filtered to 0.5 to 40 Hz, 120 samples a second, from 0.3 s before the R peak to 0.5 s "
    "after it. y: 0 = N, 1 = S, 2 = V, 3 = F of ANSI/AAMI EC57. extra: record, time, rr_before and "
    "rr_after (s, to the neighbouring beats), symbol (the annotators' own)."
)

TEXT = CardText(
    title="MIT-BIH Arrhythmia Database",
    what=(
        "Half-hour ambulatory ECGs recorded at Boston's Beth Israel Hospital from 1975 to 1979, "
        "every beat labelled by two cardiologists or more; one lead (modified limb lead II) of the "
        "44 recordings without a pacemaker, cut into beats. The 15 unclassifiable beats of these "
        "are left out."
    ),
    row="one heartbeat",
    patients="Told by the source: recordings 201 and 202 are of one man.",
    split_by=(
        "By patient. Train and validation are de Chazal's DS1, of which every fourth recording in "
        "numerical order, from the fourth on, is kept for validation (109, 116, 124, 207, 220); "
        "test is his DS2 without 202, which is in no part, since its patient is in train."
    ),
    coding=CODING,
    licence="ODC-By 1.0",
    source=(
        "Moody and Mark, IEEE Engineering in Medicine and Biology 20 (2001) 45, "
        "doi:10.1109/51.932724; Goldberger and others, Circulation 101 (2000) e215; "
        "physionet.org/content/mitdb/1.0.0. Split: de Chazal and others 2004, "
        "doi:10.1109/TBME.2004.827359. Each file is held to its published checksum; the download "
        "of the archive has not been tested against the source."
    ),
    bias=(
        "Few patients: some classes rest on one or two of them, however many beats there are.",
        "25 of the 48 recordings were chosen for rare rhythms: no prevalence can be read off.",
        "Beats were found and placed by people; a machine's own detector misses some.",
        "One hospital, the 1970s, tape recorders.",
    ),
)

STANDIN_TEXT = CardText(
    title="Arrhythmic ECG (simulated)",
    what=(
        "Simulated single-lead ECGs of five minutes: normal, wide and premature beats whose shapes "
        "come from ECGSYN, the dynamical model of McSharry and others, in NeuroKit2; each patient "
        "with own shapes, rate and rhythm (some with atrial fibrillation), noise and wander."
    ),
    row="one heartbeat",
    patients="One recording each, but for one patient with two; none of them exists.",
    split_by=(
        "By simulated patient. The second recording of the patient with two is in no part, as "
        "recording 202 of the real data."
    ),
    coding=CODING,
    licence="BSD-3-Clause (made by this package)",
    source=(
        "Shapes: McSharry and others, IEEE Transactions on Biomedical Engineering 50 (2003) 289, "
        "doi:10.1109/TBME.2003.808805, from NeuroKit2; in the form of MIT-BIH."
    ),
    bias=(
        "Says nothing of patients: a result on it is a result on its own formulas.",
        "Every ectopic beat of a patient has the same shape: easier than real ones.",
    ),
)


@cache
def _published_checksums() -> dict[str, str]:
    """The source's own SHA-256 of each file, by the file's name."""
    text = Path(__file__).with_name("mitdb_sha256.txt").read_text(encoding="ascii")
    return {name: digest for digest, name in map(str.split, text.splitlines())}


def read_recording(source: Path | bytes, record: int) -> Recording:
    """Read one recording from the published archive, or from a folder of its files.

    Every file is held to the published checksum before it is read.

    Parameters
    ----------
    source : pathlib.Path or bytes
        A folder, an archive's path, or an archive's content.
    record : int

    Raises
    ------
    DamagedFileError
    """
    return _recording(_reader(source), record)


def _reader(source: Path | bytes) -> Callable[[str], bytes]:
    """A function from a file's name to its content."""
    if isinstance(source, Path) and source.is_dir():
        return lambda name: _from_folder(source, name)
    archive = open_archive(source if isinstance(source, bytes) else source.read_bytes())
    members = {
        Path(member).name: member
        for member in archive.namelist()
        if re.search(r"(?:^|/)\d{3}\.(?:hea|dat|atr)$", member)
    }

    def read(name: str) -> bytes:
        if name not in members:
            raise DamagedFileError(f"it lacks {name}")
        return read_member(archive, members[name], LARGEST_MEMBER)

    return read


def _from_folder(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError as problem:
        raise DamagedFileError(f"it lacks {name}") from problem


@contextmanager
def _wfdb():
    """The library, without its warnings of what pandas 4 will not know any more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import wfdb

        yield wfdb


def _recording(read: Callable[[str], bytes], record: int) -> Recording:
    # wfdb reads from paths alone. What is written here has the published bytes and our own names.
    with tempfile.TemporaryDirectory(prefix="medlearn-") as folder:
        stem = Path(folder) / str(record)
        for suffix in SUFFIXES:
            name = f"{record}.{suffix}"
            content = read(name)
            try:
                check_sha256(content, _published_checksums()[name])
            except DamagedFileError as problem:
                raise DamagedFileError(f"of {name}, {problem}") from problem
            stem.with_suffix(f".{suffix}").write_bytes(content)
        try:
            with _wfdb() as wfdb:
                header = wfdb.rdheader(str(stem))
                channel = header.sig_name.index(LEAD)
                signal = wfdb.rdrecord(str(stem), channels=[channel]).p_signal[:, 0]
                marks = wfdb.rdann(str(stem), "atr")
        except UNREADABLE as problem:
            raise DamagedFileError(f"recording {record} cannot be read ({problem})") from problem
    if header.fs != SAMPLING_RATE:
        raise DamagedFileError(f"recording {record} has {header.fs} samples a second")
    return Recording(signal.astype(np.float32), np.asarray(marks.sample), np.array(marks.symbol))


def decode(payload: bytes) -> Contents:
    """Read the published ZIP archive.

    Raises
    ------
    DamagedFileError
    """
    return _real(_reader(payload))


def decode_folder(folder: Path) -> Contents:
    """Read the archive's files from a folder.

    Raises
    ------
    DamagedFileError
    """
    return _real(_reader(folder))


def _real(read: Callable[[str], bytes]) -> Contents:
    part_of = {record: "train" for record in DS1} | {record: "test" for record in DS2}
    part_of |= {record: "validation" for record in VALIDATION} | {TWIN: "aside"}
    patient_of = {record: record for record in part_of} | {TWIN: TWIN_OF}
    recordings = ((record, _recording(read, record)) for record in sorted(part_of))
    return _contents(recordings, part_of, patient_of, TEXT)


def _contents(recordings, part_of, patient_of, text) -> Contents:
    """Cut all recordings into beats, and put them one after the other."""
    beats, classes, about, records = [], [], [], []
    for record, recording in recordings:
        x, y, extra = cut_beats(recording)
        beats.append(x)
        classes.append(y)
        about.append(extra)
        records.append(np.full(len(y), record))
    record = np.concatenate(records)
    extra = {name: np.concatenate([each[name] for each in about]) for name in about[0]}
    return Contents(
        x=np.concatenate(beats),
        y=np.concatenate(classes),
        patient=np.array([patient_of[each] for each in record]),
        split=np.array([part_of[each] for each in record], dtype="<U10"),
        feature_names=(),
        class_names=CLASS_NAMES,
        text=text,
        extra={"record": record, **extra},
    )


def simulate() -> Contents:
    """Make the stand-in."""
    part_of = {record: part for part, records in PARTS.items() for record in records}
    part_of[TWIN_RECORD] = "aside"
    recordings = ((record, simulate_recording(record)) for record in sorted(part_of))
    return _contents(recordings, part_of, SIMULATED_PATIENT_OF, STANDIN_TEXT)


RECIPE = Downloaded(
    name="arrhythmia",
    what="heartbeats of 43 people, from half-hour ECGs, labelled by cardiologists",
    licence="ODC-By 1.0",
    remote=RemoteFile(
        url=(
            "https://physionet.org/static/published-projects/mitdb/"
            "mit-bih-arrhythmia-database-1.0.0.zip"
        ),
        filename="mit-bih-arrhythmia-database-1.0.0.zip",
        megabytes=73.5,
        sha256=None,
        mirror_paths=("mitdb/mit-bih-arrhythmia-database-1.0.0.zip",),
        mirror_folders=("mitdb", "mit-bih-arrhythmia-database-1.0.0"),
    ),
    decode=decode,
    simulate=simulate,
    decode_folder=decode_folder,
)
