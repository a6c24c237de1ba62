"""The stored table of chapter 51 was made with the lesson's settings, and holds what it says."""

import numpy as np
import pytest

from benchmarks import q_learning
from medlearn import rl, tables

from .lessons import settings_of

TABLE = tables.load_table(q_learning.NAME, q_learning.SOURCE)
PROCESS = rl.icu_sepsis().process


def values(variant, episodes):
    return np.array([run["value"] for run in TABLE["runs"]
                     if (run["variant"], run["episodes"]) == (variant, episodes)])  # fmt: skip


def test_settings_are_those_of_the_lesson_and_of_the_command():
    assert settings_of("51") == q_learning.SETTINGS
    assert TABLE["settings"] == {**q_learning.SETTINGS, "checkpoints": q_learning.CHECKPOINTS}
    assert TABLE["command"].endswith("python -m benchmarks.q_learning")
    default = rl.QLearning()
    epsilon = [default.epsilon.start, default.epsilon.end, default.epsilon.until]
    assert q_learning.SETTINGS == {
        "patients": default.patients, "step_exponent": default.step_exponent, "epsilon": epsilon,
    }  # fmt: skip


def test_every_run_is_there_once():
    wanted = [(variant, differs, episodes, seed)
              for variant, differs, episodes, seed in q_learning.jobs()]
    found = [(run["variant"], run["differs"], run["episodes"], run["seed"])
             for run in TABLE["runs"]]
    assert sorted(map(str, found)) == sorted(map(str, wanted))
    assert len(values("Q-learning", 100_000)) == len(values("Q-learning", 200_000)) == 10


def test_the_bars_are_passed_by_every_seed():
    assert values("Q-learning", 100_000).min() >= 0.860
    assert values("Q-learning", 200_000).min() >= 0.868
    assert values("unmasked", 100_000).max() <= values("Q-learning", 100_000).min() - 0.04
    assert all(run["processor_seconds"] < 10 for run in TABLE["runs"])


def test_no_value_is_above_the_optimum_and_curves_end_at_the_value():
    best = rl.value(PROCESS, rl.policy_iteration(PROCESS).policy)
    for run in TABLE["runs"]:
        assert len(run["curve"]) == q_learning.CHECKPOINTS and run["curve"][-1] == run["value"]
        assert 0.75 < min(run["curve"]) and max(run["curve"]) <= best
        masked = run["differs"].get("masked", True)
        assert (run["inadmissible_share"] == 0) == masked


@pytest.mark.parametrize("variant", ["Q-learning", "unmasked", "SARSA"])
def test_a_short_run_is_made_as_the_learner_makes_it(variant):
    differs = q_learning.VARIANTS[variant]
    row = q_learning.run_once(PROCESS, variant, differs, 1000, seed=3)
    learner = rl.sarsa if variant == "SARSA" else rl.q_learning
    settings = (rl.Sarsa if variant == "SARSA" else rl.QLearning)(episodes=1000)
    mask = PROCESS.admissible | (variant == "unmasked")
    learned = learner(PROCESS, settings, 3, mask)
    policy = rl.greedy_policy(PROCESS, learned, mask)
    assert row["value"] == pytest.approx(rl.value(PROCESS, policy), abs=1e-5)
    assert (row["inadmissible_share"] > 0) == (variant == "unmasked")
