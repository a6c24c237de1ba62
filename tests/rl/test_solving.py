"""Exact values agree with hand calculation, with simulation and with each other."""

import itertools

import numpy as np
import pytest

from medlearn import rl

from .wards import ENDS, SENSIBLE, SENSIBLE_VALUES, TRANSITIONS, random_process, ward


def test_values_worked_out_by_hand():
    np.testing.assert_allclose(rl.evaluate(ward(), SENSIBLE), SENSIBLE_VALUES)
    assert rl.value(ward(), SENSIBLE) == pytest.approx(SENSIBLE_VALUES[:2].mean())


@pytest.mark.parametrize("seed", range(5))
def test_values_obey_the_bellman_equation(seed):
    process = random_process(seed)
    policy = rl.uniform_policy(process)
    values = rl.evaluate(process, policy)
    backup = (policy * rl.action_values(process, values)).sum(axis=1)
    np.testing.assert_allclose(backup, values, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_both_iterations_find_the_best_of_all_policies(seed):
    process = random_process(seed, n_states=6, n_actions=2)
    by_values, by_policies = rl.value_iteration(process), rl.policy_iteration(process)
    choices = [np.flatnonzero(row) for row in process.admissible]
    everything = np.array([
        rl.evaluate(process, rl.deterministic_policy(process, np.array(actions)))
        for actions in itertools.product(*choices)
    ])  # fmt: skip
    for solution in (by_values, by_policies):
        np.testing.assert_allclose(solution.values, everything.max(axis=0), atol=1e-8)
        values = rl.evaluate(process, solution.policy)
        np.testing.assert_allclose(values, solution.values, atol=1e-8)
    assert by_policies.sweeps < by_values.sweeps == len(by_values.history)


@pytest.mark.parametrize("solve", [rl.value_iteration, rl.policy_iteration])
def test_a_closed_action_is_never_chosen(solve):
    mask = np.array([[True, True], [True, False], [True, True], [True, True]])
    assert solve(ward()).policy[1].tolist() == [0, 1]
    assert solve(ward(), mask=mask).policy[1].tolist() == [1, 0]
    assert solve(ward(admissible=mask)).policy[1].tolist() == [1, 0]


def test_policies_only_improve():
    history = rl.policy_iteration(rl.icu_sepsis().process).history
    assert (np.diff(history[:, 1]) > 0).all()


def test_length_and_visits_agree_with_a_hand_calculation():
    # stable: 1 + 0.1 n(shock); shock: 1 + 0.5 n(stable) + 0.3 n(shock)
    shock = 1.5 / 0.65
    stable = 1 + 0.1 * shock
    assert rl.expected_length(ward(), SENSIBLE) == pytest.approx((stable + shock) / 2)
    visits = rl.visits(ward(), SENSIBLE)
    assert visits.sum() == pytest.approx((stable + shock) / 2)
    assert visits[ENDS].tolist() == [0, 0]


def test_length_ignores_the_discount():
    assert rl.expected_length(ward(discount=0.5), SENSIBLE) == rl.expected_length(ward(), SENSIBLE)


def test_episodes_without_end_are_refused_unless_discounted():
    rows = TRANSITIONS.copy()
    rows[1, 1] = [0, 1, 0, 0]
    with pytest.raises(ValueError, match="go on for ever"):
        rl.evaluate(ward(transitions=rows), SENSIBLE)
    assert rl.evaluate(ward(transitions=rows, discount=0.9), SENSIBLE)[1] == 0
    costs = np.array([[0.0, 0.0], [0.0, 1.0], [0, 0], [0, 0]])
    with pytest.raises(RuntimeError, match="not settled after 50 sweeps"):
        rl.value_iteration(ward(transitions=rows, action_rewards=costs), max_sweeps=50)


def test_the_first_of_equal_actions_is_taken():
    assert rl.greedy_policy(ward(), np.ones((4, 2)))[:2].tolist() == [[1, 0], [1, 0]]
