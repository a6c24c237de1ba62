import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from medlearn import metrics

from .literature import LIVER_SCAN, outcome_and_prediction
from .strategies import outcomes


def test_liver_scan_of_altman_and_bland():
    table = metrics.confusion_table(*outcome_and_prediction(**LIVER_SCAN))
    assert table == metrics.ConfusionTable(**LIVER_SCAN)
    assert table.n == 344
    assert round(table.sensitivity, 2) == 0.90
    assert round(table.specificity, 2) == 0.63
    assert round(table.ppv, 2) == 0.88
    assert round(table.npv, 2) == 0.67
    assert round(table.prevalence, 2) == 0.75


def test_predictive_values_agree_with_the_table_at_its_own_prevalence():
    table = metrics.ConfusionTable(**LIVER_SCAN)
    values = metrics.predictive_values(table.sensitivity, table.specificity, table.prevalence)
    assert values.ppv == pytest.approx(table.ppv, rel=1e-12)
    assert values.npv == pytest.approx(table.npv, rel=1e-12)


def test_predictive_values_of_the_liver_scan_where_disease_is_rarer():
    table = metrics.ConfusionTable(**LIVER_SCAN)
    values = metrics.predictive_values(table.sensitivity, table.specificity, 0.25)
    assert round(values.ppv, 2) == 0.45
    assert round(values.npv, 2) == 0.95


def test_predictive_values_at_two_percent_prevalence_by_natural_frequencies():
    # 10,000 people: 200 diseased (180 found), 9,800 not (980 false alarms).
    values = metrics.predictive_values(0.9, 0.9, 0.02)
    assert values.ppv == pytest.approx(180 / (180 + 980))
    assert values.npv == pytest.approx(8820 / (8820 + 20))


@settings(deadline=None)
@given(outcomes(), st.data())
def test_table_agrees_with_scikit_learn(outcome, data):
    rows = st.lists(st.integers(0, 1), min_size=outcome.size, max_size=outcome.size)
    predicted = np.array(data.draw(rows))
    table = metrics.confusion_table(outcome, predicted)
    assert table.sensitivity == pytest.approx(sklearn_metrics.recall_score(outcome, predicted))
    assert table.specificity == pytest.approx(
        sklearn_metrics.recall_score(outcome, predicted, pos_label=0)
    )
    assert table.accuracy == pytest.approx(sklearn_metrics.accuracy_score(outcome, predicted))
    assert table.balanced_accuracy == pytest.approx(
        sklearn_metrics.balanced_accuracy_score(outcome, predicted)
    )
    assert table.f1 == pytest.approx(sklearn_metrics.f1_score(outcome, predicted))
    if predicted.any():
        assert table.ppv == pytest.approx(sklearn_metrics.precision_score(outcome, predicted))
    else:
        assert math.isnan(table.ppv)
    if predicted.all():
        assert math.isnan(table.npv)
    else:
        assert table.npv == pytest.approx(
            sklearn_metrics.precision_score(outcome, predicted, pos_label=0)
        )


@settings(deadline=None)
@given(
    tp=st.integers(1, 100), fp=st.integers(1, 100), fn=st.integers(1, 100), tn=st.integers(1, 100)
)
def test_likelihood_ratios_carry_prior_odds_to_posterior_odds(tp, fp, fn, tn):
    table = metrics.ConfusionTable(tp=tp, fp=fp, fn=fn, tn=tn)
    prior = table.prevalence / (1 - table.prevalence)
    assert prior * table.positive_likelihood_ratio == pytest.approx(table.ppv / (1 - table.ppv))
    assert prior * table.negative_likelihood_ratio == pytest.approx((1 - table.npv) / table.npv)


@pytest.mark.parametrize(
    ("counts", "undefined"),
    [
        ({"tp": 0, "fp": 0, "fn": 3, "tn": 5}, ["ppv", "positive_likelihood_ratio"]),
        ({"tp": 3, "fp": 5, "fn": 0, "tn": 0}, ["npv", "negative_likelihood_ratio"]),
        ({"tp": 0, "fp": 2, "fn": 0, "tn": 5}, ["sensitivity", "balanced_accuracy"]),
        ({"tp": 2, "fp": 0, "fn": 5, "tn": 0}, ["specificity", "balanced_accuracy"]),
        ({"tp": 0, "fp": 0, "fn": 0, "tn": 5}, ["f1", "sensitivity", "ppv"]),
    ],
)
def test_what_cannot_be_known_is_nan(counts, undefined):
    table = metrics.ConfusionTable(**counts)
    assert all(math.isnan(getattr(table, name)) for name in undefined)
    assert 0 <= table.accuracy <= 1


def test_likelihood_ratio_without_false_positives_is_infinite():
    table = metrics.ConfusionTable(tp=3, fp=0, fn=1, tn=9)
    assert table.positive_likelihood_ratio == math.inf


def test_predictive_values_at_the_ends():
    assert metrics.predictive_values(0.9, 0.8, 0.0).ppv == 0
    assert metrics.predictive_values(0.9, 0.8, 0.0).npv == 1
    assert metrics.predictive_values(0.9, 0.8, 1.0).ppv == 1
    assert metrics.predictive_values(0.9, 0.8, 1.0).npv == 0
    assert math.isnan(metrics.predictive_values(0.9, 1.0, 0.0).ppv)
    assert math.isnan(metrics.predictive_values(1.0, 0.9, 1.0).npv)


def test_predictive_values_of_many_prevalences():
    prevalence = np.linspace(0.01, 0.5, 20)
    values = metrics.predictive_values(0.9, 0.8, prevalence)
    assert values.ppv.shape == (20,)
    assert np.all(np.diff(values.ppv) > 0)
    assert np.all(np.diff(values.npv) < 0)
    assert values.ppv[3] == metrics.predictive_values(0.9, 0.8, prevalence[3]).ppv


@pytest.mark.parametrize("bad", [-0.1, 1.5, 90, float("nan")])
def test_predictive_values_refuse_what_is_no_proportion(bad):
    with pytest.raises(ValueError, match=r"prevalence must lie between 0 and 1.*proportion"):
        metrics.predictive_values(0.9, 0.9, bad)


@pytest.mark.parametrize(
    ("y_true", "y_predicted", "message"),
    [
        ([], [], "empty"),
        ([0, 1], [0, 1, 1], "same cases"),
        ([0, 2], [0, 1], "holds 2"),
        ([-1, 1], [0, 1], "recode"),
        ([0, 1], [0.2, 0.7], "threshold"),
        ([0, float("nan")], [0, 1], "NaN"),
        ([0, None], [0, 1], "numbers|NaN"),
        (["benign", "malignant"], [0, 1], "numbers"),
        ([0, 1], [[0], [1]], "numpy.ravel"),
        ([0, 1], [[0, 1], [1, 0]], "one class"),
    ],
)
def test_bad_input_is_refused_with_advice(y_true, y_predicted, message):
    with pytest.raises(ValueError, match=message):
        metrics.confusion_table(y_true, y_predicted)


def test_labels_may_be_booleans_or_floats():
    table = metrics.confusion_table(np.array([True, False, True]), np.array([1.0, 0.0, 0.0]))
    assert table == metrics.ConfusionTable(tp=1, fp=0, fn=1, tn=1)


def test_counts_must_be_counts():
    with pytest.raises(TypeError, match="whole number"):
        metrics.ConfusionTable(tp=1.5, fp=0, fn=0, tn=0)
    with pytest.raises(ValueError, match="negative"):
        metrics.ConfusionTable(tp=-1, fp=0, fn=0, tn=3)
    with pytest.raises(ValueError, match="at least one case"):
        metrics.ConfusionTable(tp=0, fp=0, fn=0, tn=0)


def test_table_prints_aligned():
    lines = str(metrics.ConfusionTable(tp=123456789, fp=1, fn=2, tn=123456789012)).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert "123456789" in lines[1]
