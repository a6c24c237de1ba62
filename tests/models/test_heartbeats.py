"""The inputs of a heartbeat classifier: relative to the recording, blind to labels."""

import numpy as np
import pytest

from medlearn import models
from medlearn.data import Split


def _part(seed=0, beats=150):
    rng = np.random.default_rng(seed)
    record = np.repeat([7, 3], beats)
    rr = rng.uniform(0.6, 1.0, 2 * beats)
    extra = {"record": record, "rr_before": rr, "rr_after": np.roll(rr, -1)}
    x = rng.normal(size=(2 * beats, 96, 1)).astype("float32")
    return Split(x, rng.integers(0, 4, 2 * beats), record, extra)


def test_rhythm_is_the_one_of_the_formulas():
    part = _part()
    rhythm = models.heartbeat_inputs(part)[1]
    for each in (7, 3):
        rows = np.flatnonzero(part.extra["record"] == each)
        rr, after = part.extra["rr_before"][rows], part.extra["rr_after"][rows]
        for k in (0, 1, 9, 60, 149):
            usual = rr[max(k - 50, 0) : k + 51].mean()
            recent = rr[max(k - 10, 0) : k].mean() if k else rr[0]
            expected = [rr[k] / usual, after[k] / usual, rr[k] / recent, usual / 0.8,
                        rr[max(k - 1, 0)] / usual]
            np.testing.assert_allclose(rhythm[rows[k]], np.log2(expected), atol=1e-5)


def test_louder_or_slower_hearts_look_the_same():
    part = _part()
    louder = part._replace(x=5 * part.x)
    np.testing.assert_allclose(
        models.heartbeat_inputs(louder)[0], models.heartbeat_inputs(part)[0], rtol=1e-5
    )
    slower = part._replace(extra={**part.extra, "rr_before": 2 * part.extra["rr_before"],
                                  "rr_after": 2 * part.extra["rr_after"]})
    difference = models.heartbeat_inputs(slower)[1] - models.heartbeat_inputs(part)[1]
    np.testing.assert_allclose(difference, np.tile([0, 0, 0, 1, 0], (300, 1)), atol=1e-5)


def test_no_label_and_no_other_recording_is_looked_at():
    part = _part()
    beats, rhythm = models.heartbeat_inputs(part)
    assert beats.shape == (300, 96, 2) and beats.dtype == rhythm.dtype == np.float32
    rows = part.extra["record"] == 3
    alone = Split(part.x[rows], 3 - part.y[rows], part.patient[rows],
                  {name: values[rows] for name, values in part.extra.items()})
    for whole, single in zip((beats, rhythm), models.heartbeat_inputs(alone), strict=True):
        np.testing.assert_array_equal(whole[rows], single)
    usual = beats[rows, :, 1]
    assert np.ptp(usual, axis=0).max() == 0
    np.testing.assert_allclose(usual[0], np.median(beats[rows, :, 0], axis=0), atol=1e-6)


def test_absurd_intervals_are_cut_off():
    part = _part()
    part.extra["rr_before"][5] = 60.0
    assert np.abs(models.heartbeat_inputs(part)[1]).max() == 2


def test_thinning_keeps_all_that_is_not_normal():
    part = _part()
    rows = models.thinned(part, 10)
    assert np.all(np.diff(rows) > 0)
    assert np.sum(part.y[rows] > 0) == np.sum(part.y > 0)
    for each in (3, 7):
        normal = rows[(part.y[rows] == 0) & (part.extra["record"][rows] == each)]
        assert len(normal) == 10
        assert np.ptp(normal) > 100, "spread over the whole recording"
    assert len(models.thinned(part, 1000)) == len(part.y)


def test_parts_without_recordings_are_refused():
    part = _part()
    with pytest.raises(ValueError, match=r"lacks extra\['record'\]"):
        models.heartbeat_inputs(part._replace(extra=None))
    with pytest.raises(ValueError, match="at least one normal beat"):
        models.thinned(part, 0)
