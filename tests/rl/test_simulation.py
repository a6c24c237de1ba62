"""Simulated patients follow the tables, and their records are in order."""

import numpy as np
import pytest

from medlearn import rl

from .wards import SENSIBLE, TRANSITIONS, random_process, ward

N = 200_000


def test_sampler_draws_each_place_as_often_as_it_should():
    probabilities, starts = np.array([0.2, 0.3, 0.5, 1.0, 0.9, 0.1]), np.array([0, 3, 4, 6])
    sampler = rl.Sampler(probabilities, starts)
    rows = np.repeat(np.arange(3), N)
    counts = np.bincount(sampler.draw(rows, np.random.default_rng(0)), minlength=6) / N
    np.testing.assert_allclose(counts, probabilities, atol=0.005)


class Edge:
    """A generator that draws the largest number below 1, or 0."""

    def __init__(self, number):
        self.number = number

    def random(self, size):
        return np.full(size, self.number)


@pytest.mark.parametrize(("number", "place"), [(0.0, 0), (np.nextafter(1, 0), 1)])
def test_sampler_never_leaves_its_row(number, place):
    rows = 20_000  # so many that row + cumulative probability is rounded
    sampler = rl.Sampler(np.tile([0.5, 0.5], rows), np.arange(rows + 1) * 2)
    drawn = sampler.draw(np.arange(rows), Edge(number))
    np.testing.assert_array_equal(drawn, 2 * np.arange(rows) + place)


def test_steps_follow_the_transitions_and_pay_the_rewards():
    process = ward(action_rewards=[[0, -0.5], [0, -0.25], [0, 0], [0, 0]])
    simulator, rng = rl.Simulator(process), np.random.default_rng(0)
    states, actions = np.full(N, 1), np.full(N, 1)
    arrived, rewards, ended = simulator.step(states, actions, rng)
    np.testing.assert_allclose(np.bincount(arrived, minlength=4) / N, TRANSITIONS[1, 1], atol=0.005)
    np.testing.assert_allclose(rewards, -0.25 + (arrived == 3))
    np.testing.assert_array_equal(ended, arrived >= 2)


def test_a_policy_is_followed_and_what_it_never_does_is_never_done():
    process = random_process(1)
    policy = rl.uniform_policy(process)
    choose = rl.policy_sampler(process, policy)
    actions = choose(np.full(N, 3), np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(actions, minlength=3) / N, policy[3], atol=0.005)
    assert process.admissible[3, actions].all()


def test_mean_return_lies_at_the_exact_value():
    process = ward(discount=0.8)
    returns = rl.simulate(process, SENSIBLE, N, seed=0).returns(0.8)
    error = returns.std() / np.sqrt(N)
    assert abs(returns.mean() - rl.value(process, SENSIBLE)) < 4 * error


def test_records_are_chains_with_their_probabilities():
    benchmark = rl.icu_sepsis()
    records = rl.simulate(benchmark.process, benchmark.clinicians, 500, seed=1)
    assert records.n_patients == 500 and len(records) == records.lengths.sum()
    within = np.diff(records.patient) == 0
    np.testing.assert_array_equal(records.next_state[:-1][within], records.state[1:][within])
    np.testing.assert_array_equal(
        records.behaviour_probability, benchmark.clinicians[records.state, records.action]
    )
    last = np.append(records.starts[1:], len(records)) - 1
    assert records.terminated[last].all() and records.terminated.sum() == 500
    np.testing.assert_array_equal(records.returns(), records.next_state[last] == 714)


def test_same_seed_same_records_another_seed_others():
    benchmark = rl.icu_sepsis()
    runs = [rl.simulate(benchmark.process, benchmark.clinicians, 50, seed) for seed in (3, 3, 4)]
    np.testing.assert_array_equal(runs[0].state, runs[1].state)
    assert not np.array_equal(runs[0].state, runs[2].state)


def test_episodes_are_cut_off():
    records = rl.simulate(ward(), SENSIBLE, 5000, seed=0, max_steps=2)
    assert records.lengths.max() == 2 and 0 < records.terminated.sum() < 5000


@pytest.mark.parametrize("options", [{"n": 0}, {"n": 5, "max_steps": 0}])
def test_no_patients_or_no_steps_are_refused(options):
    with pytest.raises(ValueError, match="at least 1"):
        rl.simulate(ward(), SENSIBLE, seed=0, **options)


COLUMNS = {
    "patient": [0, 0, 1], "step": [0, 1, 0], "state": [0, 1, 1], "action": [0, 1, 1],
    "reward": [0, 1, 2], "next_state": [1, 3, 2], "terminated": [False, True, True],
    "behaviour_probability": [1.0, 0.5, 0.5],
}  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), [
    ({"patient": [0, 1, 0]}, "ordered by patient"),
    ({"patient": [1, 1, 2]}, "ordered by patient"),
    ({"patient": [0, 0, 2]}, "ordered by patient"),
    ({"step": [0, 2, 0]}, "ordered by patient"),
    ({"step": [1, 2, 0]}, "ordered by patient"),
    ({"reward": [0, 1]}, "reward has shape"),
    ({name: [] for name in COLUMNS}, "without a row"),
])
def test_records_in_disorder_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        rl.Records(**{**COLUMNS, **changes})


def test_records_by_patient():
    records = rl.Records(**COLUMNS)
    assert records.returns(0.5).tolist() == [0.5, 2.0]
    assert records.by_step(records.reward, fill=-1).tolist() == [[0, 1], [2, -1]]
    again = records.take([1, 0, 1])
    assert again.patient.tolist() == [0, 1, 1, 2] and again.reward.tolist() == [2, 0, 1, 2]
    assert again.lengths.tolist() == [1, 2, 1]
