"""Counts, plans and shaping against exact values."""

import numpy as np
import pytest

from medlearn import rl
from medlearn.rl.learning_from_records import NO_ADVICE

from .test_off_policy import BEHAVIOUR, HAND, logged, small_process


def test_counts_by_hand():
    counts = rl.count_records(rl.Records(**HAND), 3, 2)
    assert counts.taken.tolist() == [[2, 1], [1, 0], [0, 0]]
    assert counts.rewards.tolist() == [[1, 0], [1, 0], [0, 0]]
    assert counts.starts.tolist() == [3, 0, 0]
    assert counts.arrivals.toarray()[0].tolist() == [0, 0, 2]
    assert counts.shares[0].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert counts.supported(2).tolist() == [[True, False], [False, False], [False, False]]
    assert counts.supported(1, 0.5).tolist() == [[True, False], [True, False], [False, False]]


def test_plan_by_hand():
    """Now 1/2; or first to state 1, where everybody lived."""
    counts = rl.count_records(rl.Records(**HAND), 3, 2)
    plan = rl.plan_from_records(counts)
    assert plan.advice.tolist() == [1, 0, NO_ADVICE]
    assert plan.values.tolist() == [1, 1, 0] and plan.claim == 1
    doubtful = rl.plan_from_records(counts, imaginary_deaths=1)
    # 1 / (2 + 1) now; or 1 / (1 + 1) of what state 1 is worth, 1 / (1 + 1).
    assert doubtful.advice.tolist() == [0, 0, NO_ADVICE]
    assert doubtful.values.tolist() == pytest.approx([1 / 3, 1 / 2, 0])


def test_usual_care_goes_on_where_nothing_is_supported():
    counts = rl.count_records(rl.Records(**HAND), 3, 2)
    plan = rl.plan_from_records(counts, counts.supported(min_count=2))
    assert plan.advice.tolist() == [0, NO_ADVICE, NO_ADVICE]
    assert plan.values.tolist() == pytest.approx([0.5, 1, 0])
    usual = np.array([[0.3, 0.7], [0.6, 0.4], [0, 0]])
    assert rl.policy_of(plan.advice, usual).tolist() == [[1, 0], [0.6, 0.4], [0, 0]]
    assert usual[0, 0] == 0.3


def test_many_records_lead_to_the_optimum_and_an_honest_claim():
    process = small_process()
    best = rl.value_iteration(process)
    plan = rl.plan_from_records(rl.count_records(logged(100_000, 0), 4, 2))
    assert plan.advice[:2].tolist() == best.policy[:2].argmax(axis=1).tolist()
    assert plan.claim == pytest.approx(rl.value(process, best.policy), abs=0.01)


def test_few_records_claim_too_much():
    process = small_process()
    gaps = []
    for seed in range(100):
        plan = rl.plan_from_records(rl.count_records(logged(30, seed), 4, 2))
        truth = rl.value(process, rl.policy_of(plan.advice, BEHAVIOUR))
        gaps.append(plan.claim - truth)
    assert np.mean(gaps) > 0.02


def test_pessimism_lowers_the_claim():
    counts = rl.count_records(logged(100, 0), 4, 2)
    claims = [rl.plan_from_records(counts, imaginary_deaths=k).claim for k in (0, 1, 5)]
    assert claims[0] > claims[1] > claims[2] > 0


def test_patients_are_split_whole():
    records = logged(101, 0)
    first, second = rl.split_patients(records, seed=1)
    assert (first.n_patients, second.n_patients) == (50, 51)
    assert len(first) + len(second) == len(records)
    both = sorted([*first.lengths.tolist(), *second.lengths.tolist()])
    assert both == sorted(records.lengths.tolist())
    again, _ = rl.split_patients(records, seed=1)
    other, _ = rl.split_patients(records, seed=2)
    assert again.state.tolist() == first.state.tolist() != other.state.tolist()


@pytest.mark.parametrize(("call", "message"), [
    (lambda c: c.supported(0), "a count of at least 1"),
    (lambda c: c.supported(1, 1.5), "a share between 0 and 1"),
    (lambda c: rl.plan_from_records(c, imaginary_deaths=-1), "give 0 or more"),
    (lambda c: rl.plan_from_records(c, np.full((3, 2), True)), "never taken"),
    (lambda c: rl.count_records(rl.Records(**HAND), 2, 2), "there are 2 states"),
    (lambda c: rl.count_records(rl.Records(**HAND), 3, 1), "1 actions"),
])
def test_bad_input_is_refused_with_advice(call, message):
    with pytest.raises(ValueError, match=message):
        call(rl.count_records(rl.Records(**HAND), 3, 2))


def test_shaping_moves_every_return_by_the_same_number():
    process = small_process()
    potential = np.array([0.7, -0.4, 0.0, 0.0])
    shaped = rl.shaped(process, potential)
    for policy in (BEHAVIOUR, rl.uniform_policy(process)):
        moved = rl.evaluate(shaped, policy) - rl.evaluate(process, policy)
        np.testing.assert_allclose(moved, -potential, atol=1e-12)


def test_shaping_keeps_the_optimum_and_a_plain_penalty_need_not():
    sepsis = rl.icu_sepsis()
    potential = -0.05 * sepsis.sofa
    policy = rl.value_iteration(rl.shaped(sepsis.process, potential)).policy
    assert rl.value(sepsis.process, policy) == pytest.approx(0.875142, abs=1e-5)
    penalty = np.repeat(potential[:, np.newaxis], 25, axis=1)
    plain = sepsis.process.with_rewards(sepsis.process.arrival_rewards, penalty)
    assert rl.value(sepsis.process, rl.value_iteration(plain).policy) < 0.82


def test_a_wrong_potential_is_refused():
    process = small_process()
    with pytest.raises(ValueError, match=r"give one of \(4,\)"):
        rl.shaped(process, np.zeros(3))
    with pytest.raises(ValueError, match="not 0 in a terminal state"):
        rl.shaped(process, np.ones(4))
