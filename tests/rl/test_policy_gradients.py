"""Policy gradients against exact values: the score, REINFORCE, its baseline, the actor-critic."""

import numpy as np
import pytest

from medlearn import rl


def two_step_process(discount=1.0):
    """Two sick states, two drugs, one of them forbidden in the second; death and recovery."""
    dead, well = [0, 0, 1, 0], [0, 0, 0, 1]
    transitions = np.array([
        [[0.0, 0.5, 0.2, 0.3], [0.1, 0.3, 0.1, 0.5], [0.0, 0.2, 0.6, 0.2]],
        [[0.2, 0.0, 0.5, 0.3], [0.3, 0.0, 0.1, 0.6], [0.0, 0.0, 0.0, 1.0]],
        [dead] * 3,
        [well] * 3,
    ])
    admissible = np.ones((4, 3), bool)
    admissible[1, 2] = False
    return rl.FiniteProcess(
        transitions, initial=[0.7, 0.3, 0, 0], arrival_rewards=[0, 0, 0, 1],
        action_rewards=np.array([[0, -0.1, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]),
        admissible=admissible, terminal=[False, False, True, True], discount=discount,
    )


def finite_differences(process, preferences, step=1e-5):
    def value(shift):
        return rl.value(process, rl.softmax_policy(preferences + shift, process.admissible))

    gradient = np.zeros_like(preferences)
    for place in np.ndindex(preferences.shape):
        nudge = np.zeros_like(preferences)
        nudge[place] = step
        gradient[place] = (value(nudge) - value(-nudge)) / (2 * step)
    return gradient


@pytest.fixture
def preferences():
    return np.random.default_rng(0).normal(size=(4, 3))


def test_softmax_is_a_distribution_that_never_takes_what_is_forbidden(preferences):
    process = two_step_process()
    policy = rl.softmax_policy(1000 * preferences, process.admissible)
    np.testing.assert_allclose(policy.sum(axis=1), 1)
    assert policy[1, 2] == 0 and np.isfinite(policy).all()
    assert not rl.softmax_policy(preferences, np.zeros((4, 3), bool)).any()
    states = np.full(5000, 1)
    drawn = rl.drawn_actions(
        rl.softmax_policy(preferences, process.admissible)[states], np.random.default_rng(1))
    assert set(drawn) == {0, 1}


def test_score_is_the_derivative_of_the_logarithm(preferences):
    process = two_step_process()
    policy = rl.softmax_policy(preferences, process.admissible)
    step = 1e-6
    for state, action in ((0, 2), (1, 0)):
        nudged = np.array([
            rl.softmax_policy(preferences[state] + step * unit, process.admissible[state])[action]
            for unit in np.eye(3)])
        numeric = np.log(nudged / policy[state, action]) / step
        score = rl.score_sum(policy, [state], [action], [1.0])
        np.testing.assert_allclose(score[state], numeric, atol=1e-4)
        assert not np.delete(score, state, axis=0).any()


@pytest.mark.parametrize("discount", [1.0, 0.8])
@pytest.mark.parametrize("weight", ["return to go", "baseline", "surprise"])
def test_estimated_gradient_is_the_exact_one_within_its_standard_error(
    preferences, discount, weight
):
    process = two_step_process(discount)
    policy = rl.softmax_policy(preferences, process.admissible)
    values = rl.evaluate(process, policy)
    groups, patients = 100, 400
    ward, found = rl.Ward(process, 5), []
    for _ in range(groups):
        care = ward.whole_episodes(policy, patients)
        to_go = rl.returns_to_go(care.patient, care.step, care.reward, discount)
        if weight == "baseline":
            to_go = to_go - values[care.state]
        if weight == "surprise":
            to_go = care.reward + discount * values[care.next_state] - values[care.state]
        weights = discount**care.step * to_go / patients
        found.append(rl.score_sum(policy, care.state, care.action, weights))
    error = np.std(found, axis=0, ddof=1) / np.sqrt(groups)
    exact = finite_differences(process, preferences)
    assert (abs(np.mean(found, axis=0) - exact) <= 4.5 * error + 1e-9).all()
    assert np.linalg.norm(error) < 0.1 * np.linalg.norm(exact)


def test_returns_to_go_in_any_order_of_rows():
    rng = np.random.default_rng(3)
    lengths = [3, 1, 4]
    patient = np.repeat([0, 1, 2], lengths)
    step = np.concatenate([np.arange(n) for n in lengths])
    reward = rng.normal(size=8)
    wanted = np.concatenate([
        [sum(0.7 ** (k - t) * own[k] for k in range(t, len(own))) for t in range(len(own))]
        for own in np.split(reward, np.cumsum(lengths)[:-1])])
    order = rng.permutation(8)
    found = rl.returns_to_go(patient[order], step[order], reward[order], 0.7)
    np.testing.assert_allclose(found, wanted[order])


AGENTS = {
    "REINFORCE": (rl.reinforce, rl.ReinforceSettings(20_000, 50, 0.02, baseline=False), 0.02),
    "with baseline": (rl.reinforce, rl.ReinforceSettings(20_000, 50, 0.05), 0.01),
    "actor-critic": (rl.actor_critic, rl.ActorCriticSettings(20_000, 50, 0.05), 0.01),
}


@pytest.mark.parametrize("agent", AGENTS)
def test_learned_policy_is_worth_nearly_the_optimum(agent):
    process = two_step_process()
    learn, settings, margin = AGENTS[agent]
    best = rl.value(process, rl.value_iteration(process).policy)
    seen = []
    learned = learn(process, settings, seed=1, points=5, on_progress=lambda *row: seen.append(row))
    assert rl.value(process, learned.policy) > best - margin
    assert [point for point, _ in seen] == [0, 1, 2, 3, 4]
    assert [row for _, row in seen] == learned.history
    value = rl.value(process, learned.policy)
    assert learned.history[-1]["value"] == pytest.approx(value, abs=1e-3)
    assert not learned.policy[~process.admissible].any()


@pytest.mark.parametrize("agent", AGENTS)
def test_same_seed_same_policy_other_seed_another(agent):
    learn, _, _ = AGENTS[agent]
    settings = {
        "REINFORCE": rl.ReinforceSettings(400, 50, 0.1, baseline=False),
        "with baseline": rl.ReinforceSettings(400, 50, 0.1),
        "actor-critic": rl.ActorCriticSettings(400, 50, 0.1),
    }[agent]
    one, same, other = (
        learn(two_step_process(), settings, seed, points=1).preferences for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(("wrong", "message"), [
    (lambda: rl.ReinforceSettings(episodes=10, patients=20), "groups of 20"),
    (lambda: rl.ReinforceSettings(step_size=0), "above 0"),
    (lambda: rl.ReinforceSettings(baseline_power=0.4), "above 0.5"),
    (lambda: rl.ActorCriticSettings(patients=0), "patients is 0"),
    (lambda: rl.ActorCriticSettings(actor_step=-1), "above 0"),
    (lambda: rl.ActorCriticSettings(critic_power=2), "at most 1"),
    (lambda: rl.Ward(two_step_process(), 0).step(np.zeros(3, int)), "call reset"),
])
def test_settings_that_cannot_work_are_refused(wrong, message):
    with pytest.raises((ValueError, RuntimeError), match=message):
        wrong()


def test_ward_replaces_who_has_come_to_an_end():
    process = two_step_process()
    ward = rl.Ward(process, 0)
    states = ward.reset(500)
    for _ in range(20):
        now = ward.step(np.zeros(500, int))
        assert (now.terminated == process.terminal[now.reached]).all()
        assert not process.terminal[now.following].any() and not now.truncated.any()
        np.testing.assert_array_equal(now.following[~now.terminated], now.reached[~now.terminated])
        states = now.following
    assert len(states) == 500


def test_whole_episodes_are_whole_and_worth_what_the_policy_is():
    process = two_step_process()
    policy = rl.uniform_policy(process)
    care = rl.Ward(process, 0).whole_episodes(policy, 20_000)
    last = process.terminal[care.next_state]
    assert last.sum() == 20_000 and len(np.unique(care.patient[last])) == 20_000
    to_go = rl.returns_to_go(care.patient, care.step, care.reward)[care.step == 0]
    assert to_go.mean() == pytest.approx(rl.value(process, policy), abs=0.02)
