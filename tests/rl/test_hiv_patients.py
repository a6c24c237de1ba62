"""The simulated HIV patients as an agent meets them, and the stored planner."""

import json

import numpy as np
import pytest

from medlearn import lesson
from medlearn.rl import hiv, hiv_patients
from medlearn.rl.hiv import HEALTHY, UNHEALTHY, HivConstants
from medlearn.rl.hiv_patients import HivPatients


def test_a_patient_is_watched_for_200_decisions_and_then_replaced():
    patients = HivPatients(step=0.5)
    first = patients.reset(2)
    for decision in range(1, hiv.STEPS + 1):
        now = patients.step(np.array([0, 3]))
        assert not now.terminated.any()
        assert (now.truncated == (decision == hiv.STEPS)).all()
        same = np.array_equal(now.following, now.reached)
        assert same == (decision < hiv.STEPS)
    np.testing.assert_array_equal(now.following, first)
    assert not np.allclose(now.reached[0], now.reached[1])


def test_what_the_agent_sees_and_gains_is_what_the_model_gives():
    patients = HivPatients()
    patients.reset(4)
    now = patients.step(np.arange(4))
    course = hiv.treat(hiv.always(np.arange(4)), n=4, steps=1, integrate=hiv.splitting)
    np.testing.assert_allclose(now.reached, hiv_patients.observe(course.states[1]))
    np.testing.assert_allclose(now.rewards, hiv_patients.learning_reward(course.rewards[0]))
    assert now.reached.dtype == np.float32 and np.abs(now.reached).max() < 5


def test_patients_of_other_constants_react_differently():
    ours, others = HivPatients(), HivPatients(HivConstants(k1=4e-7))
    ours.reset(1), others.reset(1)
    assert others.step(np.array([0])).reached[0, 4] < ours.step(np.array([0])).reached[0, 4] - 0.1


def test_the_learning_reward_keeps_the_order_and_the_sign():
    rewards = np.array([-1e6, -1e4, -1.0, 0.0, 1.0, 1e4, 1e9])
    learned = hiv_patients.learning_reward(rewards)
    assert (np.diff(learned) > 0).all() and (np.sign(learned) == np.sign(rewards)).all()
    np.testing.assert_allclose(learned, -hiv_patients.learning_reward(-rewards))
    assert learned[5] == pytest.approx(0.02 * np.log10(2))


def test_a_network_as_a_plan_takes_its_best_action():
    lesson.load_keras()
    network = hiv_patients.hiv_network(units=8)
    states = np.array([UNHEALTHY, HEALTHY])
    values = np.asarray(network(hiv_patients.observe(states)))
    assert values.shape == (2, 4)
    chosen = hiv_patients.plan_of(network)(0, states)
    np.testing.assert_array_equal(chosen, values.argmax(axis=1))


def test_the_stored_planner_gives_the_score_that_it_gave_when_stored():
    lesson.load_keras()
    figures = json.loads(hiv_patients.FIGURES.read_text(encoding="utf-8"))
    course = hiv.treat(hiv_patients.plan_of(hiv_patients.load_hiv_planner()))
    # Where two actions are worth the same to seven digits, another processor may take the other.
    assert course.score[0] == pytest.approx(figures["score"], rel=0.15)
    assert course.score[0] > 1e10
    assert course.states[-1, 0, 5] > 1e5 > 100 * UNHEALTHY[5]
    assert hiv_patients.WEIGHTS.stat().st_size < 1e6
