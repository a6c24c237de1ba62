"""A process is checked when it is made, and says what is wrong."""

import numpy as np
import pytest
import scipy.sparse as sparse

from medlearn import rl

from .wards import ENDS, TRANSITIONS, random_process, ward


def changed(place, value):
    rows = TRANSITIONS.copy()
    rows[place] = value
    return rows


@pytest.mark.parametrize(("changes", "message"), [
    ({"initial": [[1.0, 0.0, 0.0, 0.0]]}, r"initial has shape \(1, 4\)"),
    ({"initial": [0.5, 0.4, 0.0, 0.0]}, "initial is no probability distribution"),
    ({"initial": [1.5, -0.5, 0.0, 0.0]}, "initial is no probability distribution"),
    ({"initial": [0.5, 0.0, 0.5, 0.0]}, "start in a terminal state"),
    ({"transitions": TRANSITIONS[:, :, :3]}, "transitions has shape"),
    ({"transitions": TRANSITIONS.reshape(8, 4)[:7]}, "no multiple"),
    ({"transitions": changed((1, 1, 0), 0.6)}, "state 1, action 1 sum to 1.1"),
    ({"transitions": changed((1, 1), [1.2, -0.2, 0.0, 0.0])}, "negative"),
    ({"transitions": changed((0, 0, 1), np.nan)}, "non-finite"),
    ({"arrival_rewards": [0.0, 1.0]}, r"arrival_rewards has shape \(2,\); it must be \(4,\)"),
    ({"action_rewards": np.zeros(4)}, "action_rewards has shape"),
    ({"action_rewards": np.full((4, 2), np.inf)}, "action_rewards holds .* not finite"),
    ({"admissible": np.array([[False, False]] + 3 * [[True, True]])}, "state 0 has no admissible"),
    ({"terminal": [False, True]}, "terminal has shape"),
    ({"terminal": None}, "discount below 1"),
    ({"discount": 0.0}, "discount is 0"),
    ({"discount": 1.1}, "discount is 1.1"),
])  # fmt: skip
def test_what_makes_no_process_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        ward(**changes)


def test_dense_and_sparse_transitions_are_the_same_process():
    given = [TRANSITIONS, TRANSITIONS.reshape(8, 4), sparse.csr_matrix(TRANSITIONS.reshape(8, 4))]
    processes = [ward(transitions=each) for each in given]
    for process in processes:
        assert (process.n_states, process.n_actions) == (4, 2)
        np.testing.assert_array_equal(process.next_probabilities(1, 1), TRANSITIONS[1, 1])


def test_expected_rewards_join_what_is_paid_for_actions_and_for_arrivals():
    process = ward(action_rewards=[[0.0, -0.1], [0.0, -0.2], [9.0, 9.0], [9.0, 9.0]])
    np.testing.assert_allclose(process.rewards, [[0.9, 0.7], [0.0, -0.2], [0, 0], [0, 0]])


def test_same_process_under_another_discount_or_reward():
    process = ward().with_discount(0.5)
    assert process.discount == 0.5 and ward().discount == 1.0
    free = ward().with_rewards(action_rewards=np.ones((4, 2)))
    np.testing.assert_allclose(free.rewards[~ENDS], 1.0)


@pytest.mark.parametrize(("mask", "message"), [
    (np.ones((2, 4)), "mask has shape"),
    (np.array([[1, 0], [0, 0], [0, 0], [0, 0]]), "no action in state 1"),
])
def test_a_mask_that_leaves_no_action_is_refused(mask, message):
    with pytest.raises(ValueError, match=message):
        ward().mask(mask)


@pytest.mark.parametrize(("policy", "message"), [
    (np.ones((4, 3)), "policy has shape"),
    (np.ones((4, 2)), "no probability distribution in state 0"),
    ([[1, 0], [0.5, 0.4], [0, 0], [0, 0]], "in state 1"),
    ([[1, 0], [np.nan, 1], [0, 0], [0, 0]], "in state 1"),
])
def test_what_is_no_policy_is_refused(policy, message):
    with pytest.raises(ValueError, match=message):
        rl.evaluate(ward(), policy)


def test_uniform_policy_keeps_to_the_open_actions():
    process = random_process(0)
    policy = rl.uniform_policy(process)
    live = ~process.terminal
    np.testing.assert_allclose(policy[live].sum(axis=1), 1)
    assert (policy > 0)[live].tolist() == process.admissible[live].tolist()


@pytest.mark.parametrize("actions", [[0, 1], [0, 1, 2, 0], [0, -1, 0, 0]])
def test_actions_that_do_not_exist_are_refused(actions):
    with pytest.raises(ValueError, match="actions"):
        rl.deterministic_policy(ward(), actions)
