"""Loading: sources, splits, cards, and arrays that stay as they are."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from medlearn import data
from medlearn.data.splits import grouped_split, stratified_split

NAMES = (
    "breast_cytology",
    "diabetes_progression",
    "kidney_disease",
    "pneumonia_xray",
    "breast_ultrasound",
    "hippocampus",
    "retinal_vessels",
    "pulse_diary",
    "arrhythmia",
    "medical_abstracts",
)
TABLES = NAMES[:3]
MASKED = ("hippocampus", "retinal_vessels")
SEVERAL_CLASSES = ("arrhythmia", "medical_abstracts")
TEXTS = ("medical_abstracts",)


@pytest.fixture(scope="module")
def standins():
    return {name: data.load(name, source="standin", show_card=False) for name in NAMES}


def test_names():
    assert data.names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_dataset_keeps_the_contract(standins, name):
    loaded = standins[name]
    n = len(loaded.x)
    assert loaded.split.shape == (n,)
    assert len(loaded.y) == n
    assert {"train", "validation", "test"} <= set(loaded.split)
    assert set(loaded.split) <= {"train", "validation", "test", "aside"}
    parts = (loaded.train, loaded.validation, loaded.test, loaded.aside)
    assert sum(len(part.y) for part in parts) == n
    for array in (loaded.extra or {}).values():
        assert len(array) == n
    if name in TABLES:
        assert loaded.x.dtype == np.float64
        assert loaded.x.shape == (n, len(loaded.feature_names))
    elif name in TEXTS:
        assert loaded.x.shape == (n,)
        assert all(type(text) is str and text.strip() for text in loaded.x)
    else:
        assert loaded.x.dtype == np.float32
        assert np.isfinite(loaded.x).all()
    if loaded.x.ndim == 4:
        assert loaded.x.min() >= 0
        assert loaded.x.max() <= 1
    if name in MASKED:
        assert loaded.y.dtype == np.uint8
        assert loaded.y.shape[:3] == loaded.x.shape[:3]
        assert set(np.unique(loaded.y)) == set(range(len(loaded.class_names)))
        assert loaded.class_names[0] == "background"
        return
    assert loaded.y.shape == (n,)
    if loaded.class_names:
        assert loaded.y.dtype == np.int64
        assert len(loaded.class_names) > 2 or name not in SEVERAL_CLASSES
        assert set(loaded.y) == set(range(len(loaded.class_names)))
    else:
        assert loaded.y.dtype == np.float64


@pytest.mark.parametrize("name", NAMES)
def test_no_patient_is_in_two_parts(standins, name):
    loaded = standins[name]
    # Where there are no patients, no text may be in two parts.
    parts = [set(part.x if name in TEXTS else part.patient) for part in (loaded.train, loaded.validation, loaded.test)]
    assert sum(map(len, parts)) == len(set.union(*parts))


def test_malignant_is_one(standins):
    cytology = standins["breast_cytology"]
    assert cytology.x.shape == (569, 30)
    assert cytology.class_names == ("benign", "malignant")
    assert cytology.y.sum() == 212
    radius = cytology.x[:, cytology.feature_names.index("mean radius")]
    assert radius[cytology.y == 1].mean() > radius[cytology.y == 0].mean() + 4


def test_bundled_data_are_real_whatever_the_source(standins):
    assert not standins["breast_cytology"].is_standin
    assert not data.load("diabetes_progression", source="real", show_card=False).is_standin


@pytest.mark.parametrize("source", ["auto", "real", "standin"])
def test_what_exists_as_a_simulation_alone_says_so_whatever_the_source(source):
    pulse = data.load("pulse_diary", source=source, show_card=False)
    assert pulse.is_standin
    assert pulse.card.notice.startswith("SIMULATED: not patients")
    assert "2,000, each one strip of one simulated patient; 30 time steps" in str(pulse.card)


def test_diabetes_is_unscaled(standins):
    diabetes = standins["diabetes_progression"]
    assert diabetes.x.shape == (442, 10)
    assert 18 < diabetes.x[:, 0].min() < diabetes.x[:, 0].max() < 90
    assert diabetes.y.mean() == pytest.approx(152.13, abs=0.01)


@pytest.mark.parametrize("name", TABLES)
def test_parts_are_60_20_20_with_equal_shares(standins, name):
    loaded = standins[name]
    n = len(loaded.y)
    for part, share in ((loaded.train, 0.6), (loaded.validation, 0.2), (loaded.test, 0.2)):
        assert len(part.y) == pytest.approx(share * n, abs=3)
        assert part.y.mean() == pytest.approx(loaded.y.mean(), rel=0.02)


def test_split_is_the_same_for_ever():
    """Values written down once: lessons' figures rest on them."""
    split = stratified_split("breast_cytology", np.zeros(10))
    assert " ".join(part[:2] for part in split) == "va tr va tr tr tr tr tr te te"
    assert stratified_split("kidney_disease", np.zeros(10)).tolist() != split.tolist()


def test_groups_stay_whole_and_their_split_is_the_same_for_ever():
    group = np.array([7, 3, 3, 9, 7, 1, 12, 9, 20, 21])
    split = grouped_split("hippocampus", group)
    for number in group:
        assert len(set(split[group == number])) == 1
    assert " ".join(part[:2] for part in split) == "tr tr tr va tr te tr va te tr"
    assert grouped_split("retinal_vessels", group).tolist() != split.tolist()


def test_loading_does_not_touch_the_global_random_numbers():
    np.random.seed(1)
    before = np.random.random()
    np.random.seed(1)
    for name in NAMES:
        data.load(name, source="standin", show_card=False)
    assert np.random.random() == before


@pytest.mark.parametrize("name", NAMES)
def test_a_learner_cannot_spoil_a_later_load(standins, name):
    loaded = data.load(name, source="standin", show_card=False)
    with pytest.raises(ValueError, match="read-only"):
        loaded.x[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        loaded.y[0] = 0
    train = loaded.train
    train.x[:] = 0
    train.y[:] = 0
    again = data.load(name, source="standin", show_card=False)
    for other in (loaded, again):
        np.testing.assert_array_equal(other.x, standins[name].x)
        np.testing.assert_array_equal(other.y, standins[name].y)


def test_rows_keep_what_else_is_known_of_them(standins):
    beats = standins["arrhythmia"]
    for part in (beats.train, beats.test, beats.aside):
        assert set(part.extra) == {"record", "time", "rr_before", "rr_after", "symbol"}
        assert all(len(values) == len(part.y) for values in part.extra.values())
    with pytest.raises(ValueError, match="read-only"):
        beats.extra["time"][0] = 0
    beats.train.extra["time"][:] = 0
    assert beats.train.extra["time"].max() > 200
    assert standins["pneumonia_xray"].train.extra is None
    assert len(standins["pneumonia_xray"].aside.y) == 0


def test_card_of_several_classes_tells_the_share_of_each(standins):
    beats = standins["arrhythmia"]
    rows = dict(beats.card.rows)
    share = 100 * np.mean(beats.y == 2)
    assert f"ventricular ectopic {share:.1f} %" in rows["Classes"]
    assert "96 time steps" in rows["Rows"]


def test_frame(standins):
    kidney = standins["kidney_disease"]
    table = kidney.frame()
    assert list(table.columns) == [*kidney.feature_names, "outcome"]
    assert table["outcome"].sum() == 250
    table.iloc[:, :] = 0
    assert kidney.y.sum() == 250
    with pytest.raises(ValueError, match="images"):
        standins["pneumonia_xray"].frame()
    with pytest.raises(ValueError, match="texts"):
        standins["medical_abstracts"].frame()


def test_unknown_name_lists_the_names_and_the_closest():
    with pytest.raises(ValueError, match=r"Did you mean 'breast_cytology'.*kidney_disease"):
        data.load("breast_cytologie")
    with pytest.raises(ValueError, match="There are: breast_cytology"):
        data.fetch("zzz")


def test_auto_without_the_file_is_a_standin_that_says_so(capsys):
    loaded = data.load("pneumonia_xray")
    assert loaded.is_standin
    printed = " ".join(capsys.readouterr().out.split())
    assert "STAND-IN: simulated data, not patients" in printed
    assert "medlearn fetch pneumonia_xray (4.2 MB)" in printed


def test_real_without_the_file_says_the_command():
    with pytest.raises(data.DataNotFoundError, match="medlearn fetch kidney_disease"):
        data.load("kidney_disease", source="real")


def test_variable_sets_the_source_and_the_argument_wins(monkeypatch):
    monkeypatch.setenv("MEDLEARN_SOURCE", "real")
    with pytest.raises(data.DataNotFoundError):
        data.load("kidney_disease", show_card=False)
    assert data.load("kidney_disease", source="standin", show_card=False).is_standin
    monkeypatch.setenv("MEDLEARN_SOURCE", "")
    assert data.load("kidney_disease", show_card=False).is_standin


def test_bad_sources_are_named(monkeypatch):
    with pytest.raises(ValueError, match="source is 'reel'; it must be one of auto, real, standin"):
        data.load("kidney_disease", source="reel")
    monkeypatch.setenv("MEDLEARN_SOURCE", "fake")
    with pytest.raises(ValueError, match="variable MEDLEARN_SOURCE is 'fake'"):
        data.load("breast_cytology", show_card=False)


def test_mirror_folder_that_is_not_there_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("MEDLEARN_MIRROR", str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match="no folder: correct or unset"):
        data.load("kidney_disease", show_card=False)


HEADINGS = ["What", "Rows", "Patients", "Split", "Coding", "Known bias", "Licence", "Source"]


def test_cards_hold_what_a_reader_must_know():
    found = data.cards()
    assert [card.name for card in found] == list(NAMES)
    for card in found:
        rows = dict(card.rows)
        assert set(HEADINGS) <= set(rows)
        assert all(len(text) > 10 or heading == "Licence" for heading, text in card.rows)
        assert card.is_standin == card.notice.startswith(("STAND-IN", "SIMULATED"))


def test_card_numbers_come_from_the_arrays(standins):
    kidney = standins["kidney_disease"]
    rows = dict(kidney.card.rows)
    missing = np.isnan(kidney.x)
    assert rows["Chronic kidney disease"].startswith("62.5 % of all (250 of 400)")
    assert rows["Missing"].startswith(f"{100 * missing.mean():.1f} % of all values")
    assert rows["Split"].startswith("240 train, 80 validation, 80 test")
    assert f"{100 * standins['pneumonia_xray'].test.y.mean():.1f} %" in dict(
        standins["pneumonia_xray"].card.rows
    )["Pneumonia"]


def test_card_of_masks_tells_the_share_of_each_label(standins):
    brain = standins["hippocampus"]
    rows = dict(brain.card.rows)
    assert "32 x 56 x 40 voxels" in rows["Rows"]
    for label, name in ((1, "grey matter"), (2, "white matter")):
        whole, train = (100 * np.mean(y == label) for y in (brain.y, brain.train.y))
        assert f"{name} {whole:.1f} % (train {train:.1f} %" in rows["Labels"]
    assert "480 x 500 pixels" in dict(standins["retinal_vessels"].card.rows)["Rows"]
    assert brain.spacing == (1.0, 0.7, 1.0)


@pytest.mark.parametrize("name", NAMES)
def test_card_as_html_and_as_text_say_the_same(standins, name):
    card = standins[name].card
    html = card._repr_html_()
    stripped = unescape(re.sub(r"<[^>]+>", " ", html))
    for part in (card.title, card.notice, *(text for row in card.rows for text in row)):
        assert " ".join(part.split()) in " ".join(stripped.split())
        assert " ".join(part.split()) in " ".join(str(card).split())
    assert html.count("<tr>") == html.count('scope="row"') == len(card.rows)
    assert max(map(len, str(card).splitlines())) <= 100


def test_card_escapes_markup(standins):
    card = replace(standins["kidney_disease"].card, notice="a < b & <script>")
    assert "<script>" not in card._repr_html_()
    assert "a &lt; b &amp;" in card._repr_html_()


def test_card_is_an_output_of_its_own_in_a_notebook(capsys):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    published = []
    shell.display_pub.publish = lambda data, **_: published.append(data)
    try:
        data.load("breast_cytology")
    finally:
        InteractiveShell.clear_instance()
    assert "<table" in published[0]["text/html"]
    assert "Wisconsin" in published[0]["text/plain"]
    assert capsys.readouterr().out == ""


def test_show_card_can_be_left_out(capsys):
    data.load("breast_cytology", show_card=False)
    assert capsys.readouterr().out == ""


def test_status_tells_where_things_are():
    rows = {row.name: row for row in data.status()}
    assert tuple(rows) == NAMES
    assert rows["breast_cytology"].where == "bundled"
    assert rows["pneumonia_xray"].where == "not fetched"
    assert rows["pneumonia_xray"].megabytes == 4.2
    assert all(row.what and row.licence for row in rows.values())


def test_bundled_sets_need_no_fetching():
    for name in NAMES[:2]:
        path = data.fetch(name)
        assert path.is_file()
        row = next(row for row in data.status() if row.name == name)
        assert row.megabytes == pytest.approx(path.stat().st_size / 1e6, abs=0.005)


def test_import_is_light():
    heavy = ["tensorflow", "keras", "matplotlib", "sklearn", "pandas", "scipy", "IPython"]
    heavy += ["pooch", "requests", "tqdm", "nibabel", "nilearn", "PIL", "wfdb", "neurokit2"]
    code = f"import sys, medlearn.data; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
