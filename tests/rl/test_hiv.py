"""The HIV model against published figures, an independent solver, and its own laws."""

import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import fsolve

from medlearn.rl import hiv
from medlearn.rl.hiv import EFFICACIES, HEALTHY, UNHEALTHY, HivConstants

PROGRAM = """
import sys
import medlearn.rl.hiv, medlearn.rl.hiv_patients
print(sorted({"keras", "tensorflow", "matplotlib", "gymnasium"} & set(sys.modules)))
"""


def change(state, action=0, constants=None):
    return hiv.derivatives([state], EFFICACIES[action], constants)[0]


@pytest.mark.parametrize("printed", [UNHEALTHY, HEALTHY], ids=["unhealthy", "healthy"])
def test_the_published_steady_states_are_steady(printed):
    """Solved for exactly, they round to the printed figures."""
    start = np.log(printed)
    exact = np.exp(fsolve(lambda z: change(np.exp(z)) / np.exp(z), start, xtol=1e-12))
    assert np.abs(change(exact)).max() < 1e-3
    np.testing.assert_allclose(exact, printed, rtol=2e-5, atol=0.51)


def test_the_healthy_state_holds_without_drugs_and_the_uninfected_one_does_not():
    stays = hiv.treat(hiv.always(0), start=HEALTHY, steps=60, integrate=hiv.splitting)
    np.testing.assert_allclose(stays.states[-1, 0], HEALTHY, rtol=0.02, atol=1)
    infected = np.array([1e6, 3198, 1e-4, 1e-4, 1, 10])
    falls = hiv.treat(hiv.always(0), start=infected, steps=80, integrate=hiv.splitting)
    assert falls.states[-1, 0, 0] < 5e5 and falls.states[:, 0, 4].max() > 1e5


def test_derivatives_by_hand():
    T1, T2, T1s, T2s, V, E = state = np.array([2e5, 100.0, 300.0, 100.0, 1000.0, 50.0])
    new1, new2 = 0.3 * 8e-7 * V * T1, (1 - 0.34 * 0.7) * 1e-4 * V * T2
    expected = [
        1e4 - 0.01 * T1 - new1, 31.98 - 0.01 * T2 - new2,
        new1 - 0.7 * T1s - 1e-5 * E * T1s, new2 - 0.7 * T2s - 1e-5 * E * T2s,
        0.7 * 100 * 0.7 * 400 - 13 * V - new1 - new2,
        1 + 0.3 * 400 / 500 * E - 0.25 * 400 / 900 * E - 0.1 * E,
    ]
    np.testing.assert_allclose(change(state, 3), expected, rtol=1e-12)


@pytest.mark.parametrize("field", [field.name for field in fields(HivConstants)])
def test_every_constant_matters(field):
    state = np.array([2e5, 100.0, 300.0, 100.0, 1000.0, 50.0])
    other = HivConstants(**{field: 1.1 * getattr(HivConstants(), field)})
    assert not np.allclose(change(state, 3), change(state, 3, other), rtol=1e-12, atol=0)


def test_known_scores_by_the_accurate_integrator():
    course = hiv.treat(hiv.always(np.array([0, 3])), n=2)
    assert course.score[0] == pytest.approx(3_432_807.3, abs=0.5)
    assert course.score[1] == pytest.approx(6.678e6, rel=1e-3)
    np.testing.assert_allclose(course.rewards[0], [17608.1, 17608.1 - 9800 - 1800])
    assert course.days[-1] == 1000 and course.states.shape == (201, 2, 6)


def test_runge_kutta_agrees_with_scipys_stiff_solver():
    """Over 40 days of doses that come and go, where the virus peaks above half a million."""
    doses = [0, 0, 3, 0, 1, 2, 0, 3]
    state = start = np.array([9e5, 2500.0, 10.0, 1.0, 1000.0, 24.0])
    ours = hiv.treat(lambda step, states: doses[step], start=start, steps=len(doses))
    for step, dose in enumerate(doses):
        answer = solve_ivp(
            lambda t, x, drugs=EFFICACIES[dose]: hiv.derivatives([x], drugs)[0], (0, 5), state,
            method="LSODA", rtol=1e-10, atol=1e-9)
        state = answer.y[:, -1]
        np.testing.assert_allclose(ours.states[step + 1, 0], state, rtol=1e-5)
    assert ours.states[:, 0, 4].max() > 5e5


def test_splitting_is_of_second_order_and_stays_positive():
    start = np.tile([5e5, 500.0, 500.0, 10.0, 1e5, 1000.0], (2, 1))
    drugs = EFFICACIES[[0, 3]]
    exact = hiv.runge_kutta(start, drugs, step=0.005)
    errors = [np.abs(hiv.splitting(start, drugs, step=step) / exact - 1).max()
              for step in (0.1, 0.05, 0.025)]
    assert 3.3 < errors[0] / errors[1] < 4.7 and 3.3 < errors[1] / errors[2] < 4.7
    assert (hiv.splitting(start, drugs, step=5.0) > 0).all()


def test_too_long_a_step_is_refused():
    virus = np.array([[1e6, 3000.0, 5e4, 100.0, 1e6, 24.0]])
    with pytest.raises(FloatingPointError, match="take a shorter one"):
        hiv.runge_kutta(virus, EFFICACIES[0], step=0.05)
    with pytest.raises(ValueError, match="does not divide 5 days"):
        hiv.splitting(virus, EFFICACIES[0], step=0.3)


@pytest.mark.parametrize("integrate", [hiv.runge_kutta, hiv.splitting])
def test_patients_side_by_side_are_independent(integrate):
    constants = HivConstants(k1=np.array([8e-7, 4e-7]), bE=np.array([0.3, 0.28]))
    drugs = EFFICACIES[[1, 2]]
    both = integrate(np.array([UNHEALTHY, HEALTHY]), drugs, constants)
    for k, start in enumerate((UNHEALTHY, HEALTHY)):
        own = HivConstants(k1=constants.k1[k], bE=constants.bE[k])
        np.testing.assert_allclose(both[k], integrate([start], drugs[k], own)[0], rtol=1e-12)


def test_the_starting_states_are_left_as_they_were():
    start = np.array([UNHEALTHY])
    hiv.splitting(start, EFFICACIES[3])
    np.testing.assert_array_equal(start[0], UNHEALTHY)


def test_rewards_count_drugs_once_each():
    gains = hiv.reward(np.tile(HEALTHY, (4, 1)), EFFICACIES)
    np.testing.assert_allclose(gains[0] - gains, [0, 9800, 1800, 11600])
    assert gains[0] == pytest.approx(353_108_000 - 41.5)


@pytest.mark.parametrize("states, efficacies, message", [
    (UNHEALTHY, EFFICACIES[0], r"give \(patients, 6\)"),
    ([UNHEALTHY], EFFICACIES, r"give \(2,\) or \(1, 2\), RTI before PI"),
])
def test_bad_shapes_are_refused(states, efficacies, message):
    for function in (hiv.derivatives, hiv.runge_kutta, hiv.splitting, hiv.reward):
        with pytest.raises(ValueError, match=message):
            function(states, efficacies)


def test_bad_constants_and_quantities_are_refused():
    with pytest.raises(ValueError, match="k1 is -1: give a number not below 0"):
        HivConstants(k1=-1)
    with pytest.raises(ValueError, match="no quantity 'CD4': give one of T1, T2"):
        hiv.below("CD4", 1.0)


def test_plans():
    states = np.array([UNHEALTHY, HEALTHY])
    cycle = hiv.on_and_off(np.array([1, 2]), np.array([1, 1]), action=1)
    assert [cycle(step, states).tolist() for step in range(3)] == [[1, 1], [0, 1], [1, 0]]
    middle = [*hiv.UNHEALTHY[:2], 500.0, 0.0, *hiv.UNHEALTHY[4:]]
    assert hiv.zones(100, 1000, (0, 2, 3))(0, np.array([*states, middle])).tolist() == [3, 0, 2]
    assert hiv.below("V", np.array([1e5, 10.0]), action=2)(0, states).tolist() == [2, 0]


def test_import_is_light():
    command = [sys.executable, "-c", PROGRAM]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
