import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from scipy.special import expit, logit
from sklearn.calibration import calibration_curve as sklearn_calibration_curve
from sklearn.metrics import brier_score_loss

from medlearn import metrics

from .strategies import outcomes_and_scores


@settings(deadline=None)
@given(outcomes_and_scores())
def test_brier_score_agrees_with_scikit_learn_and_its_definition(case):
    outcome, probability = case
    score = metrics.brier_score(outcome, probability)
    assert score == pytest.approx(brier_score_loss(outcome, probability), abs=1e-15)
    assert score == pytest.approx(np.mean((probability - outcome) ** 2), abs=1e-15)


@pytest.mark.parametrize("only", [0, 1])
def test_brier_score_of_one_class(only):
    assert metrics.brier_score([only, only], [0.2, 0.4]) == pytest.approx(
        ((0.2 - only) ** 2 + (0.4 - only) ** 2) / 2
    )


@settings(deadline=None)
@given(outcomes_and_scores(smallest=10))
def test_calibration_curve_agrees_with_scikit_learn(case):
    outcome, probability = case
    curve = metrics.calibration_curve(outcome, probability, bins=5)
    observed, predicted = sklearn_calibration_curve(
        outcome, probability, n_bins=5, strategy="quantile"
    )
    np.testing.assert_allclose(curve.observed, observed, atol=1e-12)
    np.testing.assert_allclose(curve.predicted, predicted, atol=1e-12)
    assert curve.count.sum() == outcome.size
    assert curve.count @ curve.observed == pytest.approx(outcome.sum())


def test_bins_hold_equal_numbers_and_wilson_intervals():
    rng = np.random.default_rng(0)
    probability = rng.random(1000)
    outcome = (rng.random(1000) < probability).astype(int)
    curve = metrics.calibration_curve(outcome, probability)
    assert curve.count.tolist() == [100] * 10
    interval = metrics.wilson_interval(round(curve.observed[3] * 100), 100)
    assert (curve.low[3], curve.high[3]) == pytest.approx((interval.low, interval.high))
    assert str(curve).count("\n") == 10


def test_equal_probabilities_share_a_bin():
    curve = metrics.calibration_curve([0, 1, 0, 1, 1, 0], [0.2] * 3 + [0.7] * 3, bins=4)
    assert curve.predicted == pytest.approx([0.2, 0.7])
    assert curve.count.tolist() == [3, 3]


@pytest.mark.parametrize("bins", [0, -1, 5])
def test_number_of_bins_must_fit(bins):
    with pytest.raises(ValueError, match="bins must lie between 1 and the number of cases"):
        metrics.calibration_curve([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], bins=bins)


def separated(outcome, log_odds):
    diseased, others = log_odds[outcome == 1], log_odds[outcome == 0]
    return diseased.min() >= others.max() or diseased.max() <= others.min()


@settings(deadline=None, derandomize=True)
@given(outcomes_and_scores(smallest=6))
def test_slope_and_intercept_agree_with_statsmodels(case):
    outcome, share = case
    probability = 0.02 + 0.96 * share
    log_odds = logit(probability)
    assume(not separated(outcome, log_odds))
    # Where nearly all scores are equal, scikit-learn's Newton steps warn and end in another solver.
    assume(np.unique(share, return_counts=True)[1].max() <= 0.8 * share.size)
    line = metrics.calibration_slope_intercept(outcome, probability)
    family = sm.families.Binomial()
    sloped = sm.GLM(outcome, sm.add_constant(log_odds), family=family).fit(tol=1e-12, maxiter=200)
    shifted = sm.GLM(outcome, np.ones(outcome.size), family=family, offset=log_odds).fit(tol=1e-12)
    assert line.slope == pytest.approx(sloped.params[1], rel=1e-5, abs=1e-6)
    assert line.intercept == pytest.approx(shifted.params[0], rel=1e-6, abs=1e-6)


def test_known_miscalibration_is_found():
    rng = np.random.default_rng(1)
    log_odds = rng.normal(size=50_000)
    outcome = (rng.random(50_000) < expit(log_odds)).astype(int)
    overconfident = metrics.calibration_slope_intercept(outcome, expit(2 * log_odds))
    assert overconfident.slope == pytest.approx(0.5, abs=0.02)
    too_high = metrics.calibration_slope_intercept(outcome, expit(log_odds + 0.7))
    assert too_high.slope == pytest.approx(1, abs=0.03)
    assert too_high.intercept == pytest.approx(-0.7, abs=0.03)
    assert "ideal 1" in str(too_high)


def test_after_the_shift_the_mean_risk_is_the_frequency():
    rng = np.random.default_rng(2)
    probability = rng.uniform(0.01, 0.99, 300)
    outcome = (rng.random(300) < 0.1).astype(int)
    line = metrics.calibration_slope_intercept(outcome, probability)
    assert expit(logit(probability) + line.intercept).mean() == pytest.approx(outcome.mean())


@pytest.mark.parametrize(
    ("y_true", "y_probability", "message"),
    [
        ([0, 1, 0], [0.0, 0.5, 0.6], "numpy.clip"),
        ([0, 1, 0], [0.2, 1.0, 0.6], "numpy.clip"),
        ([0, 0, 0], [0.2, 0.3, 0.6], "both classes"),
        ([0, 1, 0], [0.3, 0.3, 0.3], "no slope"),
        ([0, 0, 1, 1], [0.1, 0.3, 0.6, 0.8], "without overlap"),
        ([1, 1, 0, 0], [0.1, 0.3, 0.6, 0.8], "without overlap"),
        ([0, 1, 1], [0.3, 0.3, 0.8], "without overlap"),
    ],
)
def test_no_finite_line_is_said(y_true, y_probability, message):
    with pytest.raises(ValueError, match=message):
        metrics.calibration_slope_intercept(y_true, y_probability)


@pytest.mark.parametrize(
    "metric",
    [
        metrics.brier_score,
        metrics.calibration_curve,
        metrics.calibration_slope_intercept,
        lambda y_true, y_probability: metrics.net_benefit(y_true, y_probability, 0.1),
    ],
)
def test_what_is_no_probability_is_refused(metric):
    with pytest.raises(ValueError, match=r"in \[0, 1\].*sigmoid"):
        metric([0, 1], [-2.0, 3.0])
    with pytest.raises(ValueError, match="NaN"):
        metric([0, 1], [0.2, np.nan])
    with pytest.raises(ValueError, match="same cases"):
        metric([0, 1, 1], [0.2, 0.4])
    with pytest.raises(ValueError, match="empty"):
        metric([], [])
