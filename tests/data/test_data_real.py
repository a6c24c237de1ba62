"""The real files, where a mirror folder holds them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from medlearn import data
from medlearn.data import arrhythmia, registry

MIRROR = os.environ.get("MEDLEARN_MIRROR", "")

pytestmark = pytest.mark.skipif(
    not (MIRROR and Path(MIRROR).is_dir()),
    reason="the variable MEDLEARN_MIRROR names no folder with the real data",
)


@pytest.fixture(autouse=True)
def mirror(own_cache, monkeypatch):
    monkeypatch.setenv("MEDLEARN_MIRROR", MIRROR)


def test_kidney_disease_is_the_published_table():
    """Counts of the UCI page and of its readers: 250 and 150, 1,012 missing in 242 rows."""
    kidney = data.load("kidney_disease", source="real", show_card=False)
    assert kidney.x.shape == (400, 24)
    assert (kidney.y == 1).sum() == 250
    missing = np.isnan(kidney.x)
    assert missing.sum() == 1012
    assert missing.any(axis=1).sum() == 242
    assert kidney.x[0, :4].tolist() == [48, 80, 1.020, 1]
    haemoglobin = kidney.frame().groupby("outcome")["haemoglobin"].mean()
    assert haemoglobin[0] == pytest.approx(15.19, abs=0.01)
    assert haemoglobin[1] == pytest.approx(10.65, abs=0.01)


def test_healthy_have_no_abnormal_finding():
    kidney = data.load("kidney_disease", source="real", show_card=False)
    binary = [set(np.unique(c[~np.isnan(c)])) == {0, 1} for c in kidney.x.T]
    assert sum(binary) == 10
    assert np.nansum(kidney.x[kidney.y == 0][:, binary]) == 0


def test_pneumonia_is_the_published_file():
    films = data.load("pneumonia_xray", source="real", show_card=False)
    assert not films.is_standin
    assert films.patient is None
    assert films.train.patient is None
    assert [len(part.y) for part in (films.train, films.validation, films.test)] == [4708, 524, 624]
    assert films.train.y.sum() == 3494
    assert films.test.y.mean() == 0.625
    assert films.x.max() == 1
    path = data.fetch("pneumonia_xray")
    assert hashlib.md5(path.read_bytes()).hexdigest() == "28209eda62fecd6e6a2d98b1501bb15f"
    assert registry.REGISTRY["pneumonia_xray"].remote.megabytes == pytest.approx(
        path.stat().st_size / 1e6, abs=0.05
    )


def test_card_of_the_radiographs_says_that_patients_are_unknown():
    rows = dict(data.load("pneumonia_xray", source="real", show_card=False).card.rows)
    assert rows["Patients"].startswith("number unknown")
    assert "By image, by the publishers" in rows["Split"]
    assert "train 74.2 %" in rows["Pneumonia"]
    assert "test 62.5 %" in rows["Pneumonia"]


def test_breast_ultrasound_is_the_published_file_with_its_labels_turned():
    breasts = data.load("breast_ultrasound", source="real", show_card=False)
    parts = (breasts.train, breasts.validation, breasts.test)
    assert [len(part.y) for part in parts] == [546, 78, 156]
    assert breasts.patient is None
    path = data.fetch("breast_ultrasound")
    assert hashlib.md5(path.read_bytes()).hexdigest() == "750601b1f35ba3300ea97c75c52ff8f6"
    with np.load(path) as published:
        np.testing.assert_array_equal(breasts.test.y, 1 - published["test_labels"].ravel())
    # The source counts 210 malignant of 780; the file calls them 0.
    assert breasts.y.sum() == 210
    assert breasts.class_names[1] == "malignant"
    assert registry.REGISTRY["breast_ultrasound"].remote.megabytes == pytest.approx(
        path.stat().st_size / 1e6, abs=0.05
    )


def test_card_of_the_ultrasound_says_what_is_coded_and_that_patients_are_unknown():
    rows = dict(data.load("breast_ultrasound", source="real", show_card=False).card.rows)
    assert rows["Patients"].startswith("number unknown") and "about 600 women" in rows["Patients"]
    assert "By image, by the publishers" in rows["Split"]
    assert rows["Malignant"].startswith("26.9 % of all (210 of 780)")
    assert "1 = malignant" in rows["Coding"] and "other way round" in rows["Coding"]


def test_auto_takes_the_real_data_and_names_no_folder():
    names = ("kidney_disease", "pneumonia_xray", "breast_ultrasound", "hippocampus",
             "retinal_vessels", "arrhythmia", "medical_abstracts")
    for name in names:
        loaded = data.load(name, show_card=False)
        assert not loaded.is_standin
        assert MIRROR not in str(loaded.card)
    assert {row.where for row in data.status()} == {"bundled", "in the mirror"}


def test_hippocampus_is_the_published_training_part():
    """260 of 263 volumes announced; no labelled voxel is lost by the common shape."""
    brain = data.load("hippocampus", source="real", show_card=False)
    assert brain.x.shape == (260, 32, 56, 40, 1)
    assert brain.spacing == (1.0, 1.0, 1.0)
    assert len(np.unique(brain.patient)) == 170
    # Voxels of each label over all files, counted before they were cut to one shape.
    assert [int(np.sum(brain.y == label)) for label in (1, 2)] == [445938, 410816]
    outermost = [brain.y.take(place, axis) for axis in (1, 2, 3) for place in (0, -1)]
    assert not any(np.any(face) for face in outermost)


def test_sides_of_an_inferred_subject_are_alike_in_scale():
    brain = data.load("hippocampus", source="real", show_card=False)
    level = np.log10(np.median(brain.x, axis=(1, 2, 3, 4)))
    pairs = [np.flatnonzero(brain.patient == who) for who in np.unique(brain.patient)]
    apart = [abs(level[pair[0]] - level[pair[1]]) for pair in pairs if len(pair) == 2]
    assert len(apart) == 90
    assert max(apart) < 0.2
    assert level.std() > 1


def test_sides_of_an_inferred_subject_go_together_in_volume_and_look_like_one_side():
    """The card says both: pairs correlate, and one side of the brain is stored mirrored."""
    brain = data.load("hippocampus", source="real", show_card=False)
    pairs = [np.flatnonzero(brain.patient == who) for who in np.unique(brain.patient)]
    first, second = np.array([pair for pair in pairs if len(pair) == 2]).T
    volume = (brain.y > 0).sum(axis=(1, 2, 3))
    assert np.corrcoef(volume[first], volume[second])[0, 1] > 0.85
    masks = [(brain.y[side] > 0).mean(axis=0) for side in (first, second)]
    as_stored, mirrored = (
        np.corrcoef(masks[0].ravel(), other.ravel())[0, 1] for other in (masks[1], masks[1][::-1])
    )
    assert as_stored > 0.95 and mirrored < 0.7


def test_retinal_vessels_are_the_published_photographs():
    eyes = data.load("retinal_vessels", source="real", show_card=False)
    assert eyes.x.shape == (28, 480, 500, 3)
    assert [len(np.unique(p.patient)) for p in (eyes.train, eyes.validation, eyes.test)] == [8, 3, 3]
    first, second = eyes.y[..., 0] == 1, eyes.y[..., 1] == 1
    agreement = 2 * (first & second).sum() / (first.sum() + second.sum())
    assert agreement == pytest.approx(0.787, abs=0.005)


@pytest.fixture(scope="module")
def beats():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDLEARN_MIRROR", MIRROR)
        return data.load("arrhythmia", source="real", show_card=False)


def test_heartbeats_are_those_of_the_published_recordings(beats):
    """Counts of DS1 and DS2 as the field reports them, but for the outermost beats."""
    published = {"DS1": [45866, 944, 3788, 415], "DS2": [44259, 1837, 3221, 388]}
    for half, records in {"DS1": arrhythmia.DS1, "DS2": arrhythmia.DS2}.items():
        counts = np.bincount(beats.y[np.isin(beats.extra["record"], records)], minlength=4)
        lost = np.array(published[half]) - counts
        assert np.all(lost >= 0) and lost.sum() <= 2.5 * len(records)


def test_one_man_with_two_recordings_is_one_patient(beats):
    assert len(np.unique(beats.patient)) == 43
    assert set(beats.aside.extra["record"]) == {202} and set(beats.aside.patient) == {201}
    assert set(beats.train.extra["record"]) == set(arrhythmia.DS1) - set(arrhythmia.VALIDATION)
    assert sorted(set(beats.validation.patient)) == [109, 116, 124, 207, 220]
    assert set(beats.test.extra["record"]) == set(arrhythmia.DS2) - {202}
    header = (Path(MIRROR) / "mitdb" / "202.hea").read_text(encoding="ascii")
    assert "analog tape as record 201" in header


def test_beats_are_centred_and_intervals_are_those_between_annotations(beats):
    normal = beats.y == 0
    peak = np.abs(beats.x[normal, 24:49, 0]).argmax(axis=1) + 24
    assert np.mean(np.abs(peak - 36) <= 3) > 0.9
    assert 0.7 < np.median(beats.extra["rr_before"]) < 0.85
    rows = np.flatnonzero(beats.extra["record"] == 100)
    step = np.diff(beats.extra["time"][rows])
    np.testing.assert_allclose(step, beats.extra["rr_before"][rows][1:], atol=1e-9)


def test_lead_is_the_same_limb_lead_where_the_file_has_it_second(beats):
    """In recording 114 the first channel is V5."""
    with arrhythmia._wfdb() as wfdb:
        record = wfdb.rdrecord(str(Path(MIRROR) / "mitdb" / "114"))
    assert record.sig_name == ["V5", "MLII"]
    strip = data.ecg_strip(114, start=10, seconds=5, source="real")
    np.testing.assert_allclose(strip.signal, record.p_signal[3600:5400, 1], atol=1e-6)


def test_published_checksums_are_those_of_the_source():
    text = (Path(MIRROR) / "mitdb" / "SHA256SUMS.txt").read_text(encoding="ascii")
    source = {name: digest for digest, name in map(str.split, text.splitlines())}
    ours = arrhythmia._published_checksums()
    assert len(ours) == 3 * 44
    assert all(source[name] == digest for name, digest in ours.items())


def test_medical_abstracts_are_the_published_test_part():
    """Counts of the publishers' page; copies of an abstract are in one part, never with one label."""
    abstracts = data.load("medical_abstracts", source="real", show_card=False)
    assert len(abstracts.x) == 2888
    counts = dict(zip(abstracts.class_names, np.bincount(abstracts.y).tolist()))
    assert counts == {
        "general pathological conditions": 961,
        "neoplasms": 633,
        "digestive system diseases": 299,
        "nervous system diseases": 385,
        "cardiovascular diseases": 610,
    }
    parts, labels = {}, {}
    for text, part, label in zip(abstracts.x, abstracts.split, abstracts.y):
        parts.setdefault(text, set()).add(part)
        labels.setdefault(text, []).append(int(label))
    assert len(parts) == 2770
    assert all(len(found) == 1 for found in parts.values())
    assert all(len(set(found)) == len(found) for found in labels.values())
    assert registry.REGISTRY["medical_abstracts"].remote.megabytes == pytest.approx(
        data.fetch("medical_abstracts").stat().st_size / 1e6, abs=0.05
    )
