"""Stand-ins: the form of the real data, about their difficulty, the same every time."""

from __future__ import annotations

import time

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from medlearn import data
from medlearn.data.ultrasound_simulation import _envelope


@pytest.fixture(scope="module")
def films():
    return data.load("pneumonia_xray", source="standin", show_card=False)


@pytest.fixture(scope="module")
def kidney():
    return data.load("kidney_disease", source="standin", show_card=False)


def test_films_have_the_shape_and_the_shift_of_the_real_ones(films):
    assert films.x.shape == (1700, 28, 28, 1)
    assert [len(part.y) for part in (films.train, films.validation, films.test)] == [1200, 200, 300]
    assert films.train.y.mean() == pytest.approx(0.742, abs=0.005)
    assert films.validation.y.mean() == pytest.approx(0.742, abs=0.005)
    assert films.test.y.mean() == pytest.approx(0.625, abs=0.002)


def test_films_are_the_same_every_time_and_soon_made(films):
    started = time.process_time()
    again = data.load("pneumonia_xray", source="standin", show_card=False)
    assert time.process_time() - started < 5
    np.testing.assert_array_equal(again.x, films.x)
    np.testing.assert_array_equal(again.y, films.y)


def test_no_two_films_are_alike(films):
    assert len(np.unique(films.x.reshape(len(films.x), -1), axis=0)) == len(films.x)


def test_films_look_like_chests(films):
    """Mediastinum and liver are lighter than lungs, the corners above the shoulders dark."""
    healthy = films.x[films.y == 0, :, :, 0].mean(axis=0)
    lungs = np.r_[healthy[10:17, 4:8].ravel(), healthy[10:17, 20:24].ravel()].mean()
    assert healthy[8:18, 13:15].mean() > lungs + 0.3
    assert healthy[26:, 4:24].mean() > lungs + 0.2
    assert healthy[:2, [0, 1, 26, 27]].mean() < 0.35


def test_opacities_are_in_the_lungs(films):
    mean = [films.x[films.y == label, :, :, 0].mean(axis=0) for label in (0, 1)]
    difference = mean[1] - mean[0]
    assert difference[8:18, 4:9].mean() > 0.05
    assert difference[8:18, 20:24].mean() > 0.05
    assert abs(difference[24:, 8:20].mean()) < 0.03


def test_logistic_regression_on_pixels_is_good_but_not_perfect(films):
    train, test = films.train, films.test
    model = LogisticRegression(C=0.1, max_iter=1000)
    model.fit(train.x.reshape(len(train.x), -1), train.y)
    scores = model.decision_function(test.x.reshape(len(test.x), -1))
    assert 0.85 < roc_auc_score(test.y, scores) < 0.96


def test_brightness_alone_tells_little(films):
    assert 0.5 < roc_auc_score(films.test.y, films.test.x.mean(axis=(1, 2, 3))) < 0.75


@pytest.fixture(scope="module")
def breasts():
    return data.load("breast_ultrasound", source="standin", show_card=False)


def test_breasts_have_the_numbers_of_the_real_ones(breasts):
    assert breasts.x.shape == (780, 28, 28, 1)
    parts = (breasts.train, breasts.validation, breasts.test)
    assert [(len(part.y), part.y.sum()) for part in parts] == [(546, 147), (78, 21), (156, 42)]
    assert len(np.unique(breasts.x.reshape(780, -1), axis=0)) == 780


def test_breasts_are_the_same_every_time_and_soon_made(breasts):
    started = time.process_time()
    again = data.load("breast_ultrasound", source="standin", show_card=False)
    assert time.process_time() - started < 8
    np.testing.assert_array_equal(again.x, breasts.x)
    np.testing.assert_array_equal(again.y, breasts.y)


def test_speckle_of_even_tissue_is_rayleigh():
    """Mean over standard deviation 1.91, the mark of fully developed speckle; power kept."""
    power = np.full((8, 112, 112), 3.0)
    envelope = _envelope(np.random.default_rng(0), power, np.full((8, 1, 1), 0.034))
    middle = envelope[:, 10:-10]
    assert middle.mean() / middle.std() == pytest.approx(1.91, abs=0.05)
    assert (middle**2).mean() == pytest.approx(3.0, rel=0.03)


def test_breasts_look_like_ultrasound(breasts):
    """Skin is bright, echoes fade with depth, and the sides are alike."""
    by_row = breasts.x.mean(axis=(0, 2, 3))
    assert by_row[0] > by_row[3:].max() + 0.1
    assert by_row[5:12].mean() > by_row[-5:].mean() + 0.15
    left, right = breasts.x[:, :, :14].mean(), breasts.x[:, :, 14:].mean()
    assert left == pytest.approx(right, abs=0.01)


def test_lesions_are_dark_and_carcinomas_throw_a_shadow(breasts):
    """Below the lesion the middle of the picture is darker than its sides, if malignant."""
    def darker(rows, label):
        picture = breasts.x[breasts.y == label, rows, :, 0].mean(axis=(0, 1))
        return picture[[0, 1, 2, 25, 26, 27]].mean() - picture[11:17].mean()

    lesion, below = slice(8, 13), slice(18, 26)
    assert darker(lesion, 1) > darker(lesion, 0) > 0.02
    assert darker(below, 1) > 0.03
    assert abs(darker(below, 0)) < 0.03


def test_linear_model_reads_breasts_only_in_part(breasts):
    train, test = breasts.train, breasts.test
    model = LogisticRegression(C=0.01, max_iter=2000)
    model.fit(train.x.reshape(len(train.x), -1), train.y)
    scores = model.decision_function(test.x.reshape(len(test.x), -1))
    assert 0.65 < roc_auc_score(test.y, scores) < 0.9
    assert 0.4 < roc_auc_score(test.y, -test.x.mean(axis=(1, 2, 3))) < 0.65


def test_kidney_table_counts(kidney):
    assert kidney.x.shape == (400, 24)
    assert kidney.y.sum() == 250
    again = data.load("kidney_disease", source="standin", show_card=False)
    np.testing.assert_array_equal(again.x, kidney.x)


def column(kidney, name):
    return kidney.x[:, kidney.feature_names.index(name)]


def test_kidney_values_are_possible(kidney):
    assert set(column(kidney, "specific gravity")[~np.isnan(column(kidney, "specific gravity"))]
               ) <= {1.005, 1.010, 1.015, 1.020, 1.025}
    for name in ("albumin", "sugar"):
        assert set(column(kidney, name)[~np.isnan(column(kidney, name))]) <= set(range(6))
    for name in ("hypertension", "poor appetite", "red blood cells abnormal"):
        assert set(column(kidney, name)[~np.isnan(column(kidney, name))]) == {0, 1}
    assert (np.nan_to_num(kidney.x, nan=1.0) >= 0).all()


def test_more_is_missing_among_the_diseased(kidney):
    missing = np.isnan(kidney.x)
    incomplete = missing.any(axis=1)
    assert incomplete[kidney.y == 1].mean() == pytest.approx(0.83, abs=0.06)
    assert incomplete[kidney.y == 0].mean() == pytest.approx(0.23, abs=0.06)
    assert missing.mean() == pytest.approx(0.105, abs=0.02)


def test_values_go_missing_by_panel(kidney):
    missing = np.isnan(kidney.x).astype(float)
    index = kidney.feature_names.index
    together = np.corrcoef(missing[:, index("sodium")], missing[:, index("potassium")])[0, 1]
    apart = np.corrcoef(missing[:, index("sodium")], missing[:, index("albumin")])[0, 1]
    assert together > 0.85
    assert apart < 0.4


def test_missingness_alone_gives_the_diagnosis_away(kidney):
    model = LogisticRegression(max_iter=1000)
    model.fit(np.isnan(kidney.train.x), kidney.train.y)
    scores = model.decision_function(np.isnan(kidney.test.x))
    assert 0.75 < roc_auc_score(kidney.test.y, scores) < 0.95


def test_values_separate_almost_perfectly_as_in_the_real_table(kidney):
    model = make_pipeline(
        SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(max_iter=1000)
    )
    model.fit(kidney.train.x, kidney.train.y)
    assert roc_auc_score(kidney.test.y, model.decision_function(kidney.test.x)) > 0.97


@pytest.fixture(scope="module")
def brain():
    return data.load("hippocampus", source="standin", show_card=False)


def test_no_voxel_of_the_template_is_in_two_parts(brain):
    """Blocks do not overlap: no two share a mask, nor is one the other's shifted copy."""
    assert len(np.unique(brain.y.reshape(len(brain.y), -1), axis=0)) == len(brain.y)
    assert {part: len(np.unique(getattr(brain, part).patient))
            for part in ("train", "validation", "test")} == {"train": 10, "validation": 5, "test": 7}


def test_a_block_and_its_mirror_image_are_one_subject(brain):
    for subject in np.unique(brain.patient):
        pair = brain.y[brain.patient == subject]
        if len(pair) == 2:
            assert np.mean(pair[0] == pair[1][::-1]) > 0.9


def test_tissue_differs_in_brightness_and_a_threshold_is_not_perfect(brain):
    for x, y in zip(brain.x[..., 0], brain.y):
        dark, grey, white = (np.median(x[y == label]) for label in range(3))
        assert dark < grey < white
    block = brain.x[0, ..., 0]
    cut = np.median(block[brain.y[0] == 1]) / 2 + np.median(block[brain.y[0] == 2]) / 2
    assert 0.7 < np.mean((block > cut) == (brain.y[0] == 2)) < 0.99


def test_simulated_vessels_are_fine_connected_and_darker():
    from scipy.ndimage import label

    eyes = data.load("retinal_vessels", source="standin", show_card=False)
    first, second = (eyes.y[..., k] == 1 for k in (0, 1))
    agreement = 2 * (first & second).sum() / (first.sum() + second.sum())
    assert 0.75 < agreement < 0.85
    assert 0.03 < first.mean() < 0.1
    for photograph, vessels in zip(eyes.x, first):
        _, pieces = label(vessels, np.ones((3, 3)))
        assert pieces <= 12
        ground = photograph[..., 1] > 0.05
        assert photograph[..., 1][vessels].mean() < 0.9 * photograph[..., 1][ground & ~vessels].mean()


@pytest.fixture(scope="module")
def pulse():
    return data.load("pulse_diary", show_card=False)


def test_strips_have_one_early_press_and_possible_intervals(pulse):
    assert pulse.x.shape == (2000, 30, 2)
    assert [len(part.y) for part in (pulse.train, pulse.validation, pulse.test)] == [1000, 500, 500]
    interval, button = pulse.x[..., 0], pulse.x[..., 1]
    assert (button.sum(axis=1) == 1).all()
    assert set(button.argmax(axis=1)) == {3, 4, 5, 6, 7}
    assert 0.3 < interval.min() < interval.max() < 2
    assert pulse.y.mean() == pytest.approx(0.5, abs=0.03)
    np.testing.assert_array_equal(data.load("pulse_diary", show_card=False).x, pulse.x)


def test_the_beat_of_the_press_decides_and_no_look_at_the_whole_strip_does(pulse):
    interval, button = pulse.x[..., 0], pulse.x[..., 1]
    at_press = (interval * button).sum(axis=1) / np.median(interval, axis=1)
    assert roc_auc_score(pulse.y, -at_press) > 0.97
    for summary in (interval.mean(axis=1), interval.std(axis=1), -interval.min(axis=1)):
        assert abs(roc_auc_score(pulse.y, summary) - 0.5) < 0.2
    extra = interval < 0.85 * np.median(interval, axis=1, keepdims=True)
    assert 2 < extra.sum(axis=1).mean() < 4


@pytest.fixture(scope="module")
def beats():
    return data.load("arrhythmia", source="standin", show_card=False)


def test_simulated_heartbeats_have_the_form_of_the_real_ones(beats):
    assert beats.x.shape[1:] == (96, 1)
    assert [len(np.unique(part.patient)) for part in (beats.train, beats.validation, beats.test)] \
        == [12, 4, 8]
    assert set(beats.aside.patient) == {5} and 5 in beats.train.patient
    for part in (beats.train, beats.validation, beats.test):
        assert (np.bincount(part.y, minlength=4) > 5).all()
        assert np.mean(part.y == 0) > 0.8


def test_simulated_beats_are_the_same_every_time_and_soon_made(beats):
    started = time.process_time()
    again = data.load("arrhythmia", source="standin", show_card=False)
    assert time.process_time() - started < 8
    np.testing.assert_array_equal(again.x, beats.x)
    np.testing.assert_array_equal(again.y, beats.y)


def test_ventricular_beats_come_early_then_pause_and_are_wide(beats):
    early = np.log2(beats.extra["rr_before"] / np.median(beats.extra["rr_before"]))
    late = np.log2(beats.extra["rr_after"] / np.median(beats.extra["rr_after"]))
    assert np.median(early[beats.y == 2]) < -0.2 < np.median(early[beats.y == 0])
    assert np.median(late[beats.y == 2]) > np.median(late[beats.y == 1]) + 0.1

    def width(label):
        qrs = np.abs(beats.x[beats.y == label, 22:53, 0])
        return np.mean(qrs > 0.5 * qrs.max(axis=1, keepdims=True))

    assert width(2) > 1.3 * width(0)
    assert abs(width(1) / width(0) - 1) < 0.25


def test_the_same_patient_in_two_recordings_has_one_shape_and_other_beats(beats):
    first, second, other = (
        np.median(beats.x[(beats.extra["record"] == record) & (beats.y == 0), :, 0], axis=0)
        for record in (5, 25, 6)
    )
    assert np.corrcoef(first, second)[0, 1] > 0.99
    assert np.corrcoef(first, other)[0, 1] < 0.97
    assert not np.array_equal(beats.extra["time"][beats.extra["record"] == 5][:50],
                              beats.extra["time"][beats.extra["record"] == 25][:50])


def test_strip_holds_the_beats_of_its_recording(beats):
    row = np.flatnonzero((beats.extra["record"] == 7) & (beats.y == 2))[3]
    time_of = beats.extra["time"][row]
    strip = data.ecg_strip(7, start=time_of - 2, seconds=5, source="standin")
    assert strip.signal.shape == (5 * 360,)
    place = np.abs(strip.time - 2).argmin()
    assert strip.time[place] == pytest.approx(2, abs=0.01) and strip.symbol[place] == "V"


@pytest.mark.parametrize(("record", "start", "said"),
                         [(99, 0, "no simulated recording 99"), (3, 298, "lasts 300 s"),
                          (3, -1, "not in it")])
def test_strip_outside_is_refused(record, start, said):
    with pytest.raises(ValueError, match=said):
        data.ecg_strip(record, start=start, seconds=6, source="standin")


def test_wearers_differ_sleep_walk_and_fall_ill():
    ill, well = (data.simulate_wearer(30, seed=4, infection=onset) for onset in (20.0, None))
    rate, steps = ill.heart_rate, ill.steps
    hour = np.arange(len(rate)) / 60 % 24
    assert np.array_equal(steps, well.steps)
    before = slice(0, 20 * 1440)
    np.testing.assert_array_equal(rate[before], well.heart_rate[before])
    after = slice(21 * 1440, 23 * 1440)
    risen = np.nanmedian(rate[after] - well.heart_rate[after])
    assert 2 < risen < 13
    still = (steps == 0) & np.isfinite(well.heart_rate)
    night, evening = (np.median(well.heart_rate[still & (np.abs(hour - h) < 1.5)]) for h in (4, 16))
    assert evening > night + 4
    walking = np.nanmedian(well.heart_rate[steps > 60])
    assert walking > np.median(well.heart_rate[still]) + 8
    assert 0.005 < np.mean(np.isnan(rate)) < 0.08
    other = data.simulate_wearer(30, seed=5).heart_rate
    assert abs(np.nanmedian(other) - np.nanmedian(well.heart_rate)) > 0.5


def test_wearers_are_the_same_every_time():
    one, two = (data.simulate_wearer(2, seed=9).heart_rate for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_impossible_wearers_are_refused():
    with pytest.raises(ValueError, match="simulate one or more"):
        data.simulate_wearer(0, seed=0)
    with pytest.raises(ValueError, match="not within 10 days"):
        data.simulate_wearer(10, seed=0, infection=10)


@pytest.fixture(scope="module")
def notes():
    return data.load("medical_abstracts", source="standin", show_card=False)


def test_notes_have_the_classes_and_the_double_labels_of_the_real_abstracts(notes):
    assert [len(part.y) for part in (notes.train, notes.validation, notes.test)] == [746, 248, 254]
    shares = np.bincount(notes.y) / len(notes.y)
    np.testing.assert_allclose(shares, [0.333, 0.219, 0.104, 0.133, 0.211], atol=0.02)
    parts, labels = {}, {}
    for text, part, label in zip(notes.x, notes.split, notes.y):
        parts.setdefault(text, set()).add(part)
        labels.setdefault(text, []).append(int(label))
    assert all(len(found) == 1 for found in parts.values())
    twice = [found for found in labels.values() if len(found) > 1]
    assert len(twice) == 48
    assert all(len(set(found)) == 2 for found in twice)


def test_notes_are_the_same_every_time_and_their_words_tell_the_class_in_part(notes):
    from sklearn.feature_extraction.text import TfidfVectorizer

    again = data.load("medical_abstracts", source="standin", show_card=False)
    assert again.x.tolist() == notes.x.tolist()
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(class_weight="balanced"))
    model.fit(notes.train.x, notes.train.y)
    assert 0.7 < np.mean(model.predict(notes.test.x) == notes.test.y) < 0.97


def test_identified_notes_mark_every_identifier_and_nothing_clinical():
    found = data.identified_notes(200, seed=3)
    assert found == data.identified_notes(200, seed=3) != data.identified_notes(200, seed=4)
    kinds = {kind for note in found for _, _, kind in note.identifiers}
    assert kinds == {"name", "date", "phone", "email", "record number", "address", "age over 89"}
    for note in found:
        rest, end_before = "", 0
        for start, end, kind in note.identifiers:
            assert end_before <= start < end
            rest += note.text[end_before:start]
            end_before = end
            if kind == "age over 89":
                assert int(note.text[start:end]) > 89
        rest += note.text[end_before:]
        assert not any(sign in rest for sign in ("@", "MRN", "Mr.", "Dr.", "555", "[", "{"))


def test_identified_notes_hold_what_rules_take_for_identifiers():
    text = " ".join(note.text for note in data.identified_notes(200))
    assert all(trap in text for trap in ("Bell palsy", "Parkinson disease", "/15", "1-2 tablets"))


def test_no_identified_note_is_refused():
    with pytest.raises(ValueError, match="at least one note"):
        data.identified_notes(0)
