import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medlearn import metrics

from .literature import FAMILY_HISTORY, FAMILY_HISTORY_NET_BENEFIT, outcome_and_prediction
from .strategies import outcomes_and_scores


def test_family_history_as_dcurves_reports_it():
    outcome, history = outcome_and_prediction(**FAMILY_HISTORY)
    thresholds, model, treat_all = np.array(FAMILY_HISTORY_NET_BENEFIT).T
    benefit = metrics.net_benefit(outcome, history, thresholds)
    np.testing.assert_allclose(benefit.model, model, atol=1e-14)
    np.testing.assert_allclose(benefit.treat_all, treat_all, atol=1e-14)
    assert not benefit.treat_none.any()


@settings(deadline=None)
@given(outcomes_and_scores(), st.lists(st.floats(0, 0.99), min_size=1, max_size=5))
def test_net_benefit_is_that_of_the_confusion_table(case, thresholds):
    outcome, probability = case
    benefit = metrics.net_benefit(outcome, probability, thresholds)
    for threshold, model in zip(thresholds, benefit.model, strict=True):
        table = metrics.confusion_table(outcome, probability >= threshold)
        expected = (table.tp - table.fp * threshold / (1 - threshold)) / table.n
        assert model == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(outcomes_and_scores())
def test_at_threshold_zero_everybody_is_treated(case):
    outcome, probability = case
    benefit = metrics.net_benefit(outcome, probability, 0)
    assert benefit.model[0] == benefit.treat_all[0] == pytest.approx(outcome.mean())


def test_treating_all_is_worth_nothing_at_the_prevalence():
    benefit = metrics.net_benefit([1, 0, 0, 0], [0.9, 0.1, 0.1, 0.1], 0.25)
    assert benefit.treat_all[0] == pytest.approx(0)
    assert benefit.model[0] == 0.25


@pytest.mark.parametrize(("only", "treat_all"), [(0, -0.25), (1, 1.0)])
def test_one_class_is_allowed(only, treat_all):
    benefit = metrics.net_benefit([only] * 3, [0.1, 0.5, 0.9], 0.2)
    assert benefit.treat_all[0] == pytest.approx(treat_all)


@pytest.mark.parametrize("bad", [1, -0.1, [0.2, 1.5]])
def test_thresholds_must_have_finite_odds(bad):
    with pytest.raises(ValueError, match="at least 0 and below 1"):
        metrics.net_benefit([0, 1], [0.1, 0.9], bad)


def test_prints_a_row_for_each_threshold():
    lines = str(metrics.net_benefit([0, 1], [0.1, 0.9], [0.1, 0.2])).splitlines()
    assert len(lines) == 3
    assert lines[1].split()[0] == "0.100"
