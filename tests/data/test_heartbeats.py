"""Recordings are cut at their annotations; files are held to the source's checksums."""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from medlearn import data
from medlearn.data import arrhythmia
from medlearn.data.heartbeats import Recording, cut_beats


def recording(symbols, interval=300):
    """A spike of 1 mV at each annotation."""
    place = 400 + interval * np.arange(len(symbols))
    signal = np.zeros(place[-1] + 400, dtype=np.float32)
    for at in place:
        signal[at - 6 : at + 7] += np.hanning(13)
    return Recording(signal, place, np.array(symbols))


def test_windows_are_centred_on_the_annotation():
    x, y, extra = cut_beats(recording(list("NNVNN")))
    assert x.shape == (3, 96, 1) and x.dtype == np.float32
    assert (x[:, :, 0].argmax(axis=1) == 36).all()
    assert y.tolist() == [0, 2, 0]
    np.testing.assert_allclose(extra["rr_before"], 300 / 360)
    np.testing.assert_allclose(extra["time"], (700 + 300 * np.arange(3)) / 360)


def test_every_symbol_of_the_standard_gets_its_class():
    symbols = list("N" + "NLRej" + "AaJS" + "VE" + "F" + "N")
    _, y, extra = cut_beats(recording(symbols))
    assert y.tolist() == [0] * 5 + [1] * 4 + [2] * 2 + [3]
    assert extra["symbol"].tolist() == symbols[1:-1]


def test_marks_that_are_no_beats_are_passed_over_and_unclassifiable_beats_count_as_neighbours():
    plain = cut_beats(recording(list("NNNNNN")))
    marked = recording(list("NNN+NN"))
    x, _, extra = cut_beats(marked)
    assert len(x) == 3 and extra["rr_after"][1] == pytest.approx(600 / 360)
    x, y, extra = cut_beats(recording(list("NNNQNN")))
    assert len(x) == 3 and (y == 0).all()
    np.testing.assert_allclose(extra["rr_after"], plain[2]["rr_after"][:3])


def test_the_filter_takes_the_wander_of_the_baseline_and_shifts_nothing():
    still = recording(list("N" * 12))
    time = np.arange(len(still.signal)) / 360
    wander = (0.5 * np.sin(2 * np.pi * 0.1 * time) + 0.7).astype(np.float32)
    moved = Recording(still.signal + wander, still.place, still.symbol)
    x, calm = cut_beats(moved)[0], cut_beats(still)[0]
    assert np.abs(x[2:-2] - calm[2:-2]).max() < 0.1
    assert (x[:, :, 0].argmax(axis=1) == 36).all()


def record_files(number):
    """The three files of a recording, as wfdb writes them, with both leads in the wrong order."""
    rng = np.random.default_rng(number)
    beat = recording(list("NNVNNANN"))
    leads = np.stack([rng.normal(size=len(beat.signal)), beat.signal], axis=1)
    with tempfile.TemporaryDirectory() as folder, arrhythmia._wfdb() as wfdb:
        wfdb.wrsamp(str(number), 360, ["mV", "mV"], ["V5", "MLII"], leads, fmt=["212", "212"],
                    write_dir=folder)
        wfdb.wrann(str(number), "atr", beat.place, list(beat.symbol), write_dir=folder)
        return {f"{number}.{suffix}": (Path(folder) / f"{number}.{suffix}").read_bytes()
                for suffix in ("hea", "dat", "atr")}


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def files(monkeypatch):
    """Recordings of all 44 numbers, whose checksums are taken for the published ones."""
    one = record_files(101)
    every = {}
    for number in (*arrhythmia.DS1, *arrhythmia.DS2):
        for name, content in one.items():
            renamed = content.replace(b"101", str(number).encode()) if "hea" in name else content
            every[name.replace("101", str(number))] = renamed
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in every.items()}
    monkeypatch.setattr(arrhythmia, "_published_checksums", lambda: sums)
    return every


def test_recordings_come_alike_from_archive_and_folder(files, tmp_path):
    # What the archive holds besides: other versions of some recordings, notes, paced recordings.
    extra = {"mitdb/x_mitdb/x_108.dat": b"other", "mitdb/102.dat": b"paced", "mitdb/RECORDS": b""}
    packed = arrhythmia.decode(zipped({f"mitdb/{n}": c for n, c in files.items()} | extra))
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    unpacked = arrhythmia.decode_folder(tmp_path)
    np.testing.assert_array_equal(packed.x, unpacked.x)
    np.testing.assert_array_equal(packed.y, unpacked.y)
    assert packed.x.shape == (6 * 44, 96, 1)
    assert (packed.x[:, :, 0].argmax(axis=1) == 36).all(), "the lead is MLII, not the first"
    assert set(packed.patient[packed.extra["record"] == 202]) == {201}
    assert set(packed.split[packed.extra["record"] == 202]) == {"aside"}


def test_a_file_that_is_altered_or_missing_is_named(files, tmp_path):
    altered = {**files, "214.dat": files["214.dat"][:-1] + b"?"}
    with pytest.raises(data.DamagedFileError, match="of 214.dat, its SHA-256"):
        arrhythmia.decode(zipped(altered))
    with pytest.raises(data.DamagedFileError, match="lacks 100.hea"):
        arrhythmia.decode(zipped({"1.txt": b""}))
    (tmp_path / "100.hea").write_bytes(files["100.hea"])
    with pytest.raises(data.DamagedFileError, match="lacks 100.dat"):
        arrhythmia.decode_folder(tmp_path)


def test_archive_that_climbs_out_is_refused(files):
    with pytest.raises(data.DamagedFileError, match="outside its folder"):
        arrhythmia.decode(zipped({**files, "../100.dat": b"1"}))


def test_strip_of_an_unknown_recording_is_refused(files, tmp_path, monkeypatch):
    (tmp_path / "mitdb").mkdir()
    for name, content in files.items():
        (tmp_path / "mitdb" / name).write_bytes(content)
    monkeypatch.setenv("MEDLEARN_MIRROR", str(tmp_path))
    strip = data.ecg_strip(101, start=1, seconds=2, source="real")
    assert strip.signal.shape == (720,) and strip.symbol.tolist() == list("NNV")
    with pytest.raises(ValueError, match="no recording 102"):
        data.ecg_strip(102, start=1, seconds=2, source="real")
    (tmp_path / "mitdb" / "101.dat").write_bytes(b"")
    with pytest.raises(data.DamagedFileError, match="medlearn fetch arrhythmia"):
        data.ecg_strip(101, start=1, seconds=2, source="real")
