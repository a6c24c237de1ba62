"""Off-policy estimators against exact values, hand cases and each other."""

import numpy as np
import pytest

from medlearn import rl

# Worked by hand: two states, two actions, one decision or two.
HAND = {
    "patient": [0, 1, 1, 2], "step": [0, 0, 1, 0], "state": [0, 0, 1, 0],
    "action": [0, 1, 0, 0], "reward": [1.0, 0.0, 1.0, 0.0], "next_state": [2, 1, 2, 2],
    "terminated": [True, False, True, True], "behaviour_probability": [0.5, 0.5, 0.25, 0.5],
}
TARGET = np.array([[0.25, 0.75], [0.5, 0.5], [0.0, 0.0]])
STAY = 0.3


def small_process():
    """Two states of a patient, then death (2) and survival (3)."""
    transitions = np.zeros((4, 2, 4))
    transitions[0] = [[STAY, 0.2, 0.2, 0.3], [0.1, 0.5, 0.1, 0.3]]
    transitions[1] = [[0.4, 0.2, 0.3, 0.1], [0.2, 0.2, 0.1, 0.5]]
    transitions[2:, :, 2:] = np.eye(2)[:, np.newaxis]
    return rl.FiniteProcess(
        transitions, initial=[0.6, 0.4, 0, 0], arrival_rewards=[0, 0, 0, 1],
        terminal=[False, False, True, True],
    )


BEHAVIOUR = np.array([[0.5, 0.5], [0.7, 0.3], [0, 0], [0, 0]])
OTHER = np.array([[0.2, 0.8], [0.4, 0.6], [0, 0], [0, 0]])


def logged(n, seed):
    return rl.simulate(small_process(), BEHAVIOUR, n, seed)


def all_estimates(records, policy, model, resamples=50):
    _, action_values = rl.recorded_values(model, policy)
    settings = {"resamples": resamples}
    return [
        rl.importance_sampling(records, policy, **settings),
        rl.weighted_importance_sampling(records, policy, **settings),
        rl.per_decision_weighted_importance_sampling(records, policy, **settings),
        rl.doubly_robust(records, policy, action_values, **settings),
        rl.fitted_q_evaluation(records, policy, **settings),
    ]


def test_hand_case():
    """Weights: 0.5; 1.5, then 1.5 * 2 = 3; 0.5. Returns: 1, 1, 0."""
    records = rl.Records(**HAND)
    weights = rl.importance_weights(records, TARGET)
    np.testing.assert_allclose(weights, [[0.5, 0.5], [1.5, 3.0], [0.5, 0.5]])
    assert rl.importance_sampling(records, TARGET).value == pytest.approx(3.5 / 3)
    assert rl.weighted_importance_sampling(records, TARGET).value == pytest.approx(3.5 / 4)
    by_decision = rl.per_decision_weighted_importance_sampling(records, TARGET).value
    assert by_decision == pytest.approx(0.5 / 2.5 + 3 / 4)
    size = rl.importance_sampling(records, TARGET).effective_sample_size
    assert size == pytest.approx(4**2 / (0.25 + 9 + 0.25))


def test_doubly_robust_by_hand():
    """With a model of zeros it is the per-decision IS; with Q = 1 everywhere see below."""
    records = rl.Records(**HAND)
    zeros = rl.doubly_robust(records, TARGET, np.zeros((3, 2))).value
    assert zeros == pytest.approx((0.5 * 1 + 3 * 1) / 3)
    ones = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    # V = 1 at first; surprises: 1 - 1 = 0; 0 + 1 - 1 = 0, then 0; 0 - 1 = -1 with weight 0.5.
    assert rl.doubly_robust(records, TARGET, ones).value == pytest.approx((1 + 1 + 0.5) / 3)


def test_same_policy_gives_the_mean_return():
    records = logged(3000, 1)
    mean = records.returns().mean()
    estimates = all_estimates(records, BEHAVIOUR, logged(3000, 2))
    for each in estimates[:3]:
        assert each.value == pytest.approx(mean)
        assert each.effective_sample_size == pytest.approx(3000)
    for each in estimates[3:]:
        assert each.value == pytest.approx(mean, abs=0.03)


@pytest.mark.parametrize("place", [0, 3], ids=["IS", "DR"])
def test_unbiased_where_it_should_be(place):
    """The mean of many small studies lies within four standard errors of the exact value."""
    exact = rl.value(small_process(), OTHER)
    rough = np.full((4, 2), 0.3)
    rough[2:] = 0
    values = []
    for seed in range(300):
        records = logged(40, seed)
        if place == 0:
            values.append(rl.importance_sampling(records, OTHER, resamples=10).value)
        else:  # with a poor model, too
            values.append(rl.doubly_robust(records, OTHER, rough, resamples=10).value)
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    assert abs(np.mean(values) - exact) < 4 * error
    assert error < 0.02


def test_weighted_estimate_of_a_single_patient_is_that_patients_return():
    """So it is biased: whatever the policy, it never leaves the range of the returns."""
    records = logged(200, 0)
    for patient in range(5):
        one = records.take([patient])
        assert rl.weighted_importance_sampling(one, OTHER).value == one.returns()[0]


def test_all_are_consistent_and_their_intervals_hold_the_truth():
    exact = rl.value(small_process(), OTHER)
    for each in all_estimates(logged(20_000, 3), OTHER, logged(20_000, 4)):
        assert each.value == pytest.approx(exact, abs=0.02), each
        assert each.low - 0.01 < exact < each.high + 0.01, each
        assert 0 < each.high - each.low < 0.1


def test_intervals_hold_as_often_as_they_say():
    exact = rl.value(small_process(), OTHER)
    held = [
        each.low <= exact <= each.high
        for seed in range(150)
        for each in [rl.weighted_importance_sampling(logged(300, seed), OTHER, resamples=150)]
    ]
    assert 0.88 < np.mean(held) < 0.99


def test_fitted_q_evaluation_is_the_fixed_point_of_its_iteration():
    records = logged(500, 5)
    values, action_values = rl.recorded_values(records, OTHER)
    counts = rl.count_records(records, 4, 2)
    q = np.zeros((4, 2))
    for _ in range(300):
        v = (OTHER * q).sum(axis=1)
        returns = counts.rewards + (counts.arrivals @ v).reshape(4, 2)
        q = np.where(counts.taken > 0, returns / np.maximum(counts.taken, 1), 0)
    np.testing.assert_allclose(action_values[:2], q[:2], atol=1e-6)
    np.testing.assert_allclose(values[:2], (OTHER * q).sum(axis=1)[:2], atol=1e-6)


def test_multiplicity_is_the_same_as_repeating_patients():
    records = logged(200, 6)
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, 200, 200)
    multiplicity = np.bincount(drawn, minlength=200)
    for one, other in zip(
        rl.recorded_values(records, OTHER, multiplicity),
        rl.recorded_values(records.take(drawn), OTHER),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-9)


def test_a_loop_without_a_way_out_is_worth_nothing():
    records = rl.Records(
        patient=[0], step=[0], state=[0], action=[0], reward=[0.0], next_state=[0],
        terminated=[False], behaviour_probability=[1.0],
    )
    values, _ = rl.recorded_values(records, np.array([[1.0, 0.0]]))
    assert values.tolist() == [0.0]


def test_effective_sample_size():
    assert rl.effective_sample_size([2, 2, 2]) == pytest.approx(3)
    assert rl.effective_sample_size([0, 0]) == 0
    weights = np.random.default_rng(0).exponential(size=1000)
    assert 1 < rl.effective_sample_size(weights) < 1000


def test_no_patient_follows_the_policy():
    records = rl.Records(**HAND)
    never = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    estimate = rl.weighted_importance_sampling(records.take([0, 2]), never)
    assert estimate.value == 0 and estimate.effective_sample_size == 0


def test_a_behaviour_that_cannot_have_made_the_records_is_refused():
    records = rl.Records(**{**HAND, "behaviour_probability": [0.5, 0.0, 0.25, 0.5]})
    with pytest.raises(ValueError, match="probability 0 under the behaviour"):
        rl.importance_sampling(records, TARGET)


@pytest.mark.parametrize(("policy", "message"), [
    (TARGET[:1], "at least 2 states and 2 actions"),
    (TARGET[:, :1], "at least 2 states and 2 actions"),
    (TARGET[0], "with at least"),
    (2 * TARGET, "sum to 1"),
    ([[1.5, -0.5], [0.5, 0.5], [0, 0]], "0 or more"),
])
def test_what_is_no_policy_is_refused(policy, message):
    with pytest.raises(ValueError, match=message):
        rl.weighted_importance_sampling(rl.Records(**HAND), policy)


@pytest.mark.parametrize("settings", [{"resamples": 0}, {"confidence": 95}])
def test_impossible_intervals_are_refused(settings):
    with pytest.raises(ValueError, match="at least 10 resamples and a confidence such as 0.95"):
        rl.importance_sampling(rl.Records(**HAND), TARGET, **settings)


def test_same_seed_same_interval_and_text():
    records = logged(300, 7)
    one, other = (rl.weighted_importance_sampling(records, OTHER, seed=3) for _ in range(2))
    assert one == other
    assert str(one).startswith("WIS: 0.") and "of 300" in str(one)
