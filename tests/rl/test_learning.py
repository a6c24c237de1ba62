"""The tabular learners find what is exactly known, keep to the mask, and repeat themselves."""

import numpy as np
import pytest

from medlearn import rl
from medlearn.rl.action_values import ActionValueTable

from .wards import ENDS, ward

LEARNERS = {"q_learning": (rl.QLearning, rl.q_learning), "sarsa": (rl.Sarsa, rl.sarsa)}
every_learner = pytest.mark.parametrize("name", LEARNERS)
ALL_CHANCE = rl.EpsilonSchedule(1.0, 1.0)


def learn(name, process, seed=0, mask=None, on_progress=None, **options):
    settings, function = LEARNERS[name]
    return function(process, settings(**options), seed, mask, on_progress)


def test_q_learning_finds_the_exact_action_values():
    process = ward(discount=0.9)
    exact = rl.action_values(process, rl.value_iteration(process).values)
    learned = learn("q_learning", process, episodes=30_000, epsilon=ALL_CHANCE)
    np.testing.assert_allclose(learned[~ENDS], exact[~ENDS], atol=0.02)
    assert (learned[ENDS] == 0).all()


def test_sarsa_finds_the_values_of_the_policy_that_it_follows():
    process = ward()
    exact = rl.action_values(process, rl.evaluate(process, rl.uniform_policy(process)))
    learned = learn("sarsa", process, episodes=30_000, epsilon=ALL_CHANCE)
    np.testing.assert_allclose(learned[~ENDS], exact[~ENDS], atol=0.02)
    best = rl.action_values(process, rl.value_iteration(process).values)
    assert abs(best - exact)[~ENDS].max() > 0.05, "the two learners could not be told apart"


@every_learner
def test_same_seed_same_values(name):
    process = rl.icu_sepsis().process
    first, again, other = (learn(name, process, seed, episodes=300) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@every_learner
def test_closed_actions_are_never_tried_nor_looked_at(name):
    process = rl.icu_sepsis().process
    learned = learn(name, process, episodes=500, epsilon=ALL_CHANCE, initial=-7.0)
    assert (learned[~process.admissible] == -7).all()
    mask = np.array([[True, False], [True, False], [True, True], [True, True]])
    # A closed action that looked best would enter the maximum: values start above what is possible.
    closed = learn(name, ward(), mask=mask, episodes=20_000, initial=5.0, epsilon=ALL_CHANCE)
    exact = rl.value_iteration(ward(), mask=mask).action_values
    np.testing.assert_allclose(closed[~ENDS, 0], exact[~ENDS, 0], atol=0.03)
    assert (closed[~ENDS, 1] == 5).all()


@every_learner
def test_progress_is_told_to_the_end(name):
    seen = []
    def note(done, values):
        seen.append(done)

    learn(name, ward(), episodes=300, patients=16, on_progress=note)
    assert seen == sorted(seen) and seen[-1] == 300 and len(seen) > 3


def test_discount_of_the_learner_is_its_own():
    learned = learn("q_learning", ward(), episodes=20_000, discount=0.5, epsilon=ALL_CHANCE)
    exact = rl.value_iteration(ward(discount=0.5)).action_values
    np.testing.assert_allclose(learned[~ENDS], exact[~ENDS], atol=0.02)


def test_q_learning_comes_near_the_optimum_of_icu_sepsis():
    process = rl.icu_sepsis().process
    values = learn("q_learning", process, episodes=20_000)
    assert 0.83 < rl.value(process, rl.greedy_policy(process, values)) < 0.8752


@pytest.mark.parametrize("options", [
    {"episodes": 0}, {"patients": 0}, {"episodes": 10, "patients": 11}, {"discount": 0.0},
    {"discount": 1.5},
])  # fmt: skip
def test_impossible_settings_are_refused(options):
    with pytest.raises(ValueError, match="must"):
        rl.QLearning(**options)


@pytest.mark.parametrize("options", [{"step_size": 0.0}, {"step_size": 1.5}, {"step_exponent": -1}])
def test_impossible_steps_are_refused(options):
    with pytest.raises(ValueError, match="step"):
        ActionValueTable((2, 2), **options)


@pytest.mark.parametrize("numbers", [(1.1, 0.0, 1.0), (0.5, -0.1, 1.0), (0.5, 0.1, 0.0)])
def test_impossible_schedules_are_refused(numbers):
    with pytest.raises(ValueError, match="epsilon|until"):
        rl.EpsilonSchedule(*numbers)


def test_steps_shrink_with_the_visits():
    table = ActionValueTable((1, 1), step_exponent=1.0)
    targets = np.random.default_rng(0).random(50)
    for target in targets:
        table.move(np.array([0]), np.array([0]), np.array([target]))
    assert table.values[0, 0] == pytest.approx(targets.mean())


def test_epsilon_greedy_draws_as_often_as_it_should():
    values, mask = np.array([0.2, 0.9, 0.5, 0.1]), np.array([True, False, True, True])
    n, rng = 200_000, np.random.default_rng(0)
    actions = rl.epsilon_greedy(np.tile(values, (n, 1)), np.tile(mask, (n, 1)), 0.3, rng)
    shares = np.bincount(actions, minlength=4) / n
    np.testing.assert_allclose(shares, [0.1, 0, 0.8, 0.1], atol=0.005)
