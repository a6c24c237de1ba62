"""The double DQN: learns the values of a small process, chooses and values with two networks."""

import numpy as np
import pytest

from medlearn import lesson, rl
from medlearn.rl.double_dqn import FORBIDDEN, _learning_rate, _Memory

from .test_policy_gradients import two_step_process


@pytest.fixture(scope="module")
def keras():
    return lesson.load_keras()


def agent_for(process, seed=0, **settings):
    chosen = {"patients": 20, "memory": 5000, "warm_up": 200, "batch_size": 64,
              "learning_rate": 0.02, "final_learning_rate": 0.001, "target_every": 20, **settings}
    return rl.DoubleDQN(
        lambda: rl.state_network(process.n_states, process.n_actions, 8),
        rl.Ward(process, [seed, 1]),
        rl.DoubleDQNSettings(discount=process.discount, **chosen), seed, process.admissible)


@pytest.mark.parametrize("double", [True, False])
def test_it_learns_the_values_of_a_small_process(keras, double):
    process = two_step_process(discount=0.9)
    agent, seen = agent_for(process, double=double), []
    history = agent.train(1500, lambda step, logs: seen.append(logs))
    found, best = agent.values(np.arange(4, dtype="int32")), rl.value_iteration(process)
    np.testing.assert_allclose(found[0], best.action_values[0], atol=0.06)
    np.testing.assert_allclose(found[1, :2], best.action_values[1, :2], atol=0.06)
    assert found[1, 2] == FORBIDDEN
    np.testing.assert_array_equal(
        rl.greedy_policy(process, found)[:2], best.policy[:2])
    assert len(seen) == 1500 and [row["step"] for row in history] == list(range(100, 1501, 100))
    assert history[-1]["episodes"] > 5000 and history[-1]["return"] == seen[-1]["return"]


def test_same_seed_same_weights(keras):
    one, same, other = (agent_for(two_step_process(), seed) for seed in (0, 0, 1))
    for agent in (one, same, other):
        agent.train(60)
    for left, right in zip(one.network.get_weights(), same.network.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    assert not np.array_equal(one.network.get_weights()[0], other.network.get_weights()[0])


@pytest.mark.parametrize(("double", "goal"), [(True, 0.5 + 0.9 * 0.2), (False, 0.5 + 0.9 * 0.8)])
def test_one_update_moves_towards_the_goal_of_the_formula(keras, double, goal):
    """In the reached state the network prefers action 1, the target network action 0."""
    process = two_step_process(discount=0.9)
    agent = agent_for(process, double=double)
    for network, values in ((agent.network, [0.1, 0.9, 5.0]), (agent.target, [0.8, 0.2, 5.0])):
        embedding, kernel, bias = network.get_weights()
        network.set_weights([0 * embedding, 0 * kernel, np.array(values)])
    batch = (np.zeros(4, "int32"), np.zeros(4, "int32"), np.full(4, 0.5, "float32"),
             np.ones(4, "int32"), np.zeros(4, bool))
    assert float(agent._update(*batch)) == pytest.approx((goal - 0.1) ** 2, rel=1e-5)
    ended = (*batch[:-1], np.ones(4, bool))
    value = float(agent.network(batch[0][:1]).numpy()[0, 0])
    assert float(agent._update(*ended)) == pytest.approx((0.5 - value) ** 2, rel=1e-4)


def test_forbidden_actions_are_never_tried(keras):
    agent = agent_for(two_step_process())
    states = np.ones(2000, "int32")
    for exploration in (1.0, 0.5, 0.0):
        assert set(agent.act(states, exploration)) <= {0, 1}
    assert set(agent.act(np.zeros(2000, "int32"), 1.0)) == {0, 1, 2}


class Countdown:
    """Patients with a number that falls to 0; watched for three steps alone."""

    def reset(self, n):
        self.left, self.watched = np.full((n, 1), 5.0, "float32"), 0
        return self.left

    def step(self, actions):
        reached = self.left - 1 - actions[:, np.newaxis].astype("float32")
        self.watched += 1
        terminated = reached[:, 0] <= 0
        truncated = ~terminated & (self.watched % 3 == 0)
        self.left = np.where((terminated | truncated)[:, np.newaxis], np.float32(5), reached)
        return rl.Step(reached, np.ones(len(reached), "float32"), terminated, truncated, self.left)


def test_continuous_observations_and_episodes_that_are_cut_off(keras):
    def network():
        return keras.Sequential([keras.Input((1,)), keras.layers.Dense(8, "relu"),
                                 keras.layers.Dense(2)])

    settings = rl.DoubleDQNSettings(
        discount=0.5, patients=4, memory=400, warm_up=40, batch_size=16, updates_a_step=2)
    agent = rl.DoubleDQN(network, Countdown(), settings)
    history = agent.train(100)
    assert agent.act(np.full((3, 1), 5, "float32")).shape == (3,)
    assert 2 <= history[-1]["return"] <= 3
    assert np.isfinite(history[-1]["loss"])


def test_memory_keeps_the_newest():
    memory = _Memory(5, np.zeros((1, 2), "float32"))
    for k in range(4):
        memory.add(np.full((2, 2), k), [k, k], [k, k], np.full((2, 2), -k), [False, True])
    assert sorted(memory.actions) == [1, 2, 2, 3, 3]
    observations, actions, rewards, reached, _ = memory.draw(50, np.random.default_rng(0))
    np.testing.assert_array_equal(observations[:, 0], actions)
    np.testing.assert_array_equal(reached[:, 1], -rewards)


def test_learning_rate_falls_from_the_first_to_the_last():
    settings = rl.DoubleDQNSettings()
    rates = [_learning_rate(settings, share) for share in np.linspace(0, 1, 20)]
    assert rates[0] == settings.learning_rate
    assert rates[-1] == pytest.approx(settings.final_learning_rate)
    assert (np.diff(rates) < 0).all()


@pytest.mark.parametrize(("wrong", "message"), [
    ({"discount": 1.5}, "discount is 1.5"),
    ({"batch_size": 0}, "batch_size is 0"),
    ({"memory": 10}, "make it larger"),
])
def test_settings_that_cannot_work_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        rl.DoubleDQNSettings(**wrong)
