"""The benchmark is read whole, and gives the published and the exactly known figures."""

import importlib

import numpy as np
import pytest

from medlearn import data, rl

module = importlib.import_module("medlearn.rl.icu_sepsis")  # the function has the same name
BENCHMARK = rl.icu_sepsis()
PROCESS = BENCHMARK.process


def test_known_values_are_reproduced():
    assert rl.value(PROCESS, rl.uniform_policy(PROCESS)) == pytest.approx(0.7801, abs=5e-5)
    assert rl.value(PROCESS, BENCHMARK.clinicians) == pytest.approx(0.7818, abs=5e-5)
    best = rl.value_iteration(PROCESS)
    assert rl.value(PROCESS, best.policy) == pytest.approx(0.875142, abs=1e-6)
    assert rl.policy_iteration(PROCESS).values == pytest.approx(best.values, abs=1e-8)


@pytest.mark.parametrize(("policy", "steps"), [
    (rl.uniform_policy(PROCESS), 9.46),
    (BENCHMARK.clinicians, 9.24),
    (rl.policy_iteration(PROCESS).policy, 10.99),
])
def test_known_lengths_are_reproduced(policy, steps):
    assert rl.expected_length(PROCESS, policy) == pytest.approx(steps, abs=0.005)


def test_shapes_and_ends():
    assert (PROCESS.n_states, PROCESS.n_actions) == (716, 25)
    assert np.flatnonzero(PROCESS.terminal).tolist() == [713, 714, 715]
    assert PROCESS.admissible.sum() == 2238 and PROCESS.discount == 1
    assert BENCHMARK.sofa.shape == (716,) and (BENCHMARK.sofa[:713] > 0).all()


def test_rows_of_inadmissible_pairs_are_the_mean_of_the_admissible():
    for state in range(0, 713, 37):
        rows = np.array([PROCESS.next_probabilities(state, action) for action in range(25)])
        mean = rows[PROCESS.admissible[state]].mean(axis=0)
        np.testing.assert_allclose(rows[~PROCESS.admissible[state]] - mean, 0, atol=1e-12)


def test_the_first_digit_of_an_action_is_the_fluid():
    """Clinicians' mean level follows what the states say was given."""
    measured = dict(zip(BENCHMARK.measurement_names, BENCHMARK.centers[:713].T, strict=True))
    fluid = BENCHMARK.clinicians[:713] @ BENCHMARK.fluid
    vasopressor = BENCHMARK.clinicians[:713] @ BENCHMARK.vasopressor
    assert np.corrcoef(fluid, measured["input_4hourly"])[0, 1] > 0.95
    assert np.corrcoef(vasopressor, measured["max_dose_vaso"])[0, 1] > 0.6
    assert np.corrcoef(BENCHMARK.sofa[:713], measured["SOFA"])[0, 1] > 0.99
    assert BENCHMARK.action_names[13] == "fluid 2, vasopressor 3"


def test_missing_or_foreign_files_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_assets", lambda: tmp_path)
    with pytest.raises(RuntimeError, match="install it again"):
        module.icu_sepsis.__wrapped__()
    monkeypatch.undo()
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match="not installed"):
        module.icu_sepsis.__wrapped__()


def test_card_counts_what_the_process_holds():
    text = str(data.icu_sepsis_card())
    for number in ("716 states", "25 actions", "2,238", "20,812 stays"):
        assert number in " ".join(text.split())
