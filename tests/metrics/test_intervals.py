import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit, ndtr, ndtri
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from medlearn import metrics

from .literature import OVARIAN, WILSON, ct_ratings
from .strategies import outcomes_and_scores


@pytest.mark.parametrize(("successes", "trials", "low", "high"), WILSON)
def test_wilson_intervals_of_newcombe(successes, trials, low, high):
    interval = metrics.wilson_interval(successes, trials)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)
    assert interval.estimate == successes / trials


@settings(deadline=None)
@given(st.integers(1, 500), st.data(), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_wilson_agrees_with_statsmodels_and_scipy(trials, data, confidence):
    successes = data.draw(st.integers(0, trials))
    interval = metrics.wilson_interval(successes, trials, confidence)
    oracle = proportion_confint(successes, trials, alpha=1 - confidence, method="wilson")
    assert (interval.low, interval.high) == pytest.approx(oracle, abs=1e-12)
    second = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    assert (interval.low, interval.high) == pytest.approx((second.low, second.high), abs=1e-12)
    assert 0 <= interval.low <= interval.estimate <= interval.high <= 1


def test_wilson_limits_at_the_ends_are_exact():
    assert metrics.wilson_interval(0, 7).low == 0
    assert metrics.wilson_interval(7, 7).high == 1
    assert metrics.wilson_interval(7, 7).low < 0.7


def test_wilson_refuses_impossible_counts():
    with pytest.raises(ValueError, match="at least 1"):
        metrics.wilson_interval(0, 0)
    with pytest.raises(ValueError, match="between 0 and 10"):
        metrics.wilson_interval(11, 10)
    with pytest.raises(TypeError, match="counts, not proportions"):
        metrics.wilson_interval(0.9, 10)


@pytest.mark.parametrize("confidence", [0, 1, 95, float("nan")])
def test_confidence_must_be_a_proportion(confidence):
    with pytest.raises(ValueError, match=r"give 0\.95 for 95 %"):
        metrics.wilson_interval(3, 10, confidence)
    with pytest.raises(ValueError, match=r"give 0\.95 for 95 %"):
        metrics.delong_interval([0, 0, 1, 1], [1, 3, 2, 4], confidence)
    with pytest.raises(ValueError, match=r"give 0\.95 for 95 %"):
        metrics.bootstrap_interval([0, 0, 1, 1], [1, 3, 2, 4], "roc_auc", confidence=confidence)


def delong_by_definition(outcome, score):
    """Area and standard error from the matrix of all pairs (DeLong 1988, equations 3 to 5)."""
    diseased, others = score[outcome == 1][:, None], score[outcome == 0]
    pairs = (diseased > others) + 0.5 * (diseased == others)
    by_diseased, by_other = pairs.mean(axis=1), pairs.mean(axis=0)
    variance = by_diseased.var(ddof=1) / by_diseased.size + by_other.var(ddof=1) / by_other.size
    return pairs.mean(), np.sqrt(variance)


def standard_error(interval):
    """The standard error behind an interval on the logit scale."""
    half = (logit(interval.high) - logit(interval.low)) / 2
    scale = interval.estimate * (1 - interval.estimate)
    return half * scale / ndtri((1 + interval.confidence) / 2)


@pytest.mark.parametrize("column", [0, 1, 2], ids=["albumin", "protein", "Krebs-Goplerud"])
def test_delong_on_the_data_of_delong(column):
    score = 10 - OVARIAN[:, 2] if column == 2 else OVARIAN[:, column]
    outcome = OVARIAN[:, 3].astype(int)
    assert (outcome.sum(), outcome.size) == (31, 43)
    area, error = delong_by_definition(outcome, score)
    interval = metrics.delong_interval(outcome, score)
    assert interval.estimate == pytest.approx(area, abs=1e-12)
    assert standard_error(interval) == pytest.approx(error, rel=1e-10)


def test_delong_on_the_ct_ratings():
    interval = metrics.delong_interval(*ct_ratings())
    assert round(interval.estimate, 3) == 0.893
    assert standard_error(interval) == pytest.approx(delong_by_definition(*ct_ratings())[1])


@settings(deadline=None)
@given(outcomes_and_scores(smallest=4), st.sampled_from([0.8, 0.95]))
def test_delong_agrees_with_its_definition(case, confidence):
    outcome, score = case
    interval = metrics.delong_interval(outcome, score, confidence)
    area, error = delong_by_definition(outcome, score)
    assert interval.estimate == pytest.approx(area, abs=1e-12)
    if error == 0:
        assert np.isnan(interval.low)
        assert np.isnan(interval.high)
        return
    half = ndtri((1 + confidence) / 2) * error / (area * (1 - area))
    assert interval.low == pytest.approx(expit(logit(area) - half), abs=1e-10)
    assert interval.high == pytest.approx(expit(logit(area) + half), abs=1e-10)


@settings(deadline=None)
@given(outcomes_and_scores(smallest=4))
def test_delong_depends_on_ranks_alone_and_turns_with_the_score(case):
    outcome, score = case
    interval = metrics.delong_interval(outcome, score)
    stretched = metrics.delong_interval(outcome, np.exp(3 * score) + 7)
    turned = metrics.delong_interval(outcome, -score)
    np.testing.assert_allclose(
        [stretched.estimate, stretched.low, stretched.high],
        [interval.estimate, interval.low, interval.high],
    )
    np.testing.assert_allclose([1 - turned.high, 1 - turned.low], [interval.low, interval.high])


def test_perfect_separation_has_no_delong_interval():
    interval = metrics.delong_interval([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    assert interval.estimate == 1
    assert str(interval) == "1.00 (95 % CI undefined)"


def test_delong_needs_two_of_each():
    with pytest.raises(ValueError, match="got 1 with and 3 without"):
        metrics.delong_interval([0, 0, 0, 1], [0.1, 0.2, 0.3, 0.9])


def test_interval_reads_as_a_clinician_writes_it():
    assert str(metrics.Interval(0.93, 0.9, 0.96, 0.95)) == "0.93 (95 % CI 0.90 to 0.96)"
    assert "99.9 % CI" in str(metrics.Interval(0.93, 0.9, 0.96, 0.999))


def test_wilson_covers_as_often_as_it_says():
    rng = np.random.default_rng(3)
    covered = []
    for truth in (0.6, 0.8, 0.95):
        for successes in rng.binomial(60, truth, size=300):
            interval = metrics.wilson_interval(successes, 60)
            covered.append(interval.low <= truth <= interval.high)
    assert 0.92 < np.mean(covered) < 0.98


@pytest.mark.parametrize(("shift", "diseased", "others"), [(1.0, 40, 60), (2.2, 30, 120)])
def test_delong_covers_as_often_as_it_says(shift, diseased, others):
    rng = np.random.default_rng(4)
    outcome = np.repeat([1, 0], [diseased, others])
    truth = ndtr(shift / np.sqrt(2))  # two normal distributions of variance 1, a shift apart
    covered = []
    for _ in range(1500):
        interval = metrics.delong_interval(outcome, rng.normal(size=outcome.size) + shift * outcome)
        covered.append(interval.low <= truth <= interval.high)
    assert 0.91 < np.mean(covered) < 0.98


def test_delong_says_nothing_of_the_uncertainty_of_a_constant_score():
    interval = metrics.delong_interval([0, 1] * 50, [1] * 100)
    assert interval.estimate == 0.5
    assert np.isnan(interval.low) and np.isnan(interval.high)
    assert "undefined" in str(interval)
