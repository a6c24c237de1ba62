import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from medlearn import metrics

from .literature import ct_ratings
from .strategies import outcomes_and_scores

NEED_BOTH_CLASSES = [
    metrics.roc_curve,
    metrics.roc_auc,
    metrics.precision_recall_curve,
    metrics.average_precision,
    metrics.delong_interval,
]


def test_ct_ratings_of_hanley_and_mcneil():
    outcome, rating = ct_ratings()
    assert round(metrics.roc_auc(outcome, rating), 3) == 0.893
    assert round(metrics.roc_curve(outcome, rating).area, 3) == 0.893


def test_standard_error_of_hanley_and_mcneil_is_close_to_delongs():
    # Their formula from the area alone, with Q1 = A / (2 - A) and Q2 = 2 A^2 / (1 + A), gives
    # 0.032; DeLong's, from the ratings, differs little.
    outcome, rating = ct_ratings()
    area, diseased, others = metrics.roc_auc(outcome, rating), 51, 58
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (diseased - 1) * (q1 - area**2) + (others - 1) * (q2 - area**2)
    error = np.sqrt(variance / (diseased * others))
    assert round(error, 3) == 0.032
    interval = metrics.delong_interval(outcome, rating, confidence=0.6827)
    assert interval.width / 2 == pytest.approx(error, rel=0.1)


@settings(deadline=None)
@given(outcomes_and_scores())
def test_area_is_the_share_of_pairs_ranked_right(case):
    outcome, score = case
    diseased, others = score[outcome == 1][:, None], score[outcome == 0]
    share = np.mean((diseased > others) + 0.5 * (diseased == others))
    assert metrics.roc_auc(outcome, score) == pytest.approx(share, abs=1e-12)
    assert metrics.roc_curve(outcome, score).area == pytest.approx(share, abs=1e-12)


@settings(deadline=None)
@given(outcomes_and_scores())
def test_every_point_of_the_curve_is_a_confusion_table(case):
    outcome, score = case
    curve = metrics.roc_curve(outcome, score)
    assert curve.thresholds.size == np.unique(score).size + 1
    for rate, sensitivity, threshold in zip(
        curve.false_positive_rate, curve.sensitivity, curve.thresholds, strict=True
    ):
        table = metrics.confusion_table(outcome, score >= threshold)
        assert table.sensitivity == pytest.approx(sensitivity)
        assert 1 - table.specificity == pytest.approx(rate)


@settings(deadline=None)
@given(outcomes_and_scores())
def test_precision_recall_agrees_with_scikit_learn(case):
    outcome, score = case
    curve = metrics.precision_recall_curve(outcome, score)
    precision, recall, thresholds = sklearn_metrics.precision_recall_curve(outcome, score)
    assert np.array_equal(curve.precision, precision)
    assert np.array_equal(curve.recall, recall)
    assert np.array_equal(curve.thresholds, thresholds)
    assert curve.prevalence == outcome.mean()
    steps = -np.diff(curve.recall) @ curve.precision[:-1]
    assert curve.average_precision == pytest.approx(steps)
    assert metrics.average_precision(outcome, score) == curve.average_precision


@settings(deadline=None)
@given(outcomes_and_scores(), st.floats(0, 1))
def test_sensitivity_at_specificity_is_the_best_of_all_thresholds(case, specificity):
    outcome, score = case
    tables = {
        threshold: metrics.confusion_table(outcome, score >= threshold) for threshold in set(score)
    }
    allowed = [t.sensitivity for t in tables.values() if t.specificity >= specificity - 1e-12]
    if not allowed:
        with pytest.raises(ValueError, match="no threshold among the scores reaches"):
            metrics.sensitivity_at_specificity(outcome, score, specificity)
        return
    point = metrics.sensitivity_at_specificity(outcome, score, specificity)
    assert point.sensitivity == pytest.approx(max(allowed))
    assert point.specificity >= specificity - 1e-12
    table = tables[point.threshold]
    assert point.sensitivity == pytest.approx(table.sensitivity)
    assert point.specificity == pytest.approx(table.specificity)


def test_specificity_of_nine_in_ten_is_reached_by_nine_of_ten():
    outcome = np.repeat([0, 1], [10, 2])
    score = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 15, 16])
    point = metrics.sensitivity_at_specificity(outcome, score, 0.9)
    assert (point.threshold, point.sensitivity) == (15, 1.0)
    assert point.specificity == pytest.approx(0.9)


def test_unreachable_specificity_says_what_is_reached():
    with pytest.raises(ValueError, match=r"reaches specificity 0.95 .*reached is 0.500.*ask for"):
        metrics.sensitivity_at_specificity([0, 0, 1, 1], [0.1, 0.9, 0.5, 0.6], 0.95)


@pytest.mark.parametrize("bad", [-0.1, 95, float("nan"), [0.9, 0.95]])
def test_specificity_must_be_one_proportion(bad):
    with pytest.raises(ValueError, match="specificity must"):
        metrics.sensitivity_at_specificity([0, 1], [0.1, 0.9], bad)


@pytest.mark.parametrize("metric", NEED_BOTH_CLASSES)
@pytest.mark.parametrize("only", [0, 1])
def test_one_class_only_is_refused(metric, only):
    with pytest.raises(ValueError, match=f"are {only}: evaluate on data that hold both"):
        metric([only] * 4, [0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize("metric", NEED_BOTH_CLASSES)
def test_bad_scores_are_refused(metric):
    with pytest.raises(ValueError, match="NaN or infinite"):
        metric([0, 1, 0, 1], [0.1, np.nan, 0.3, 0.4])
    with pytest.raises(ValueError, match="NaN or infinite"):
        metric([0, 1, 0, 1], [0.1, np.inf, 0.3, 0.4])
    with pytest.raises(ValueError, match="same cases"):
        metric([0, 1, 0, 1], [0.1, 0.3, 0.4])
    with pytest.raises(ValueError, match="empty"):
        metric([], [])
    with pytest.raises(ValueError, match="numpy.ravel"):
        metric([0, 1, 0, 1], np.ones((4, 1)))


def test_results_print_their_figures():
    outcome, score = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]
    assert "area 0.750" in str(metrics.roc_curve(outcome, score))
    assert "average precision 0.833" in str(metrics.precision_recall_curve(outcome, score))
    point = metrics.sensitivity_at_specificity(outcome, score, 0.5)
    assert str(point) == "sensitivity 1.000 at specificity 0.500 (positive from 0.35)"
