"""The stored table of chapter 52 was made with the lesson's settings, and holds what it says."""

from dataclasses import asdict

import numpy as np
import pytest

from benchmarks import deep_agents
from medlearn import rl, tables

from .lessons import settings_of

BEST = 0.875142


@pytest.fixture(scope="module")
def table():
    return tables.load_table("deep_agents", "real")


def runs_of(table, agent):
    size = deep_agents.SETTINGS.get(agent, {}).get("step_size")
    return [run for run in table["runs"] if (run["agent"], run["step_size"]) == (agent, size)]


def test_settings_are_those_of_the_benchmark_and_of_the_lesson(table):
    assert table["settings"] == deep_agents.SETTINGS == settings_of("52")["sepsis"]
    assert {"command", "date", "versions"} <= set(table)
    assert table["command"].endswith("benchmarks.deep_agents")


def test_every_run_is_there_once_and_the_main_ones_with_ten_seeds(table):
    found = [(run["agent"], run["step_size"], run["seed"]) for run in table["runs"]]
    assert sorted(map(str, found)) == sorted(map(str, deep_agents.jobs()))
    for agent in deep_agents.SETTINGS:
        ends = {run["value"][-1] for run in runs_of(table, agent)}
        assert len(runs_of(table, agent)) == 10 and len(ends) > 5


def test_main_step_sizes_are_the_best_of_the_table(table):
    for agent in ("REINFORCE", "with baseline", "actor-critic"):
        ends = {size: [run["value"][-1] for run in table["runs"]
                       if (run["agent"], run["step_size"]) == (agent, size)]
                for size in deep_agents.STEP_SIZES}
        best = max(ends, key=lambda size: np.mean(ends[size]))
        assert best == deep_agents.SETTINGS[agent]["step_size"]


def test_values_are_those_of_policies_and_the_headlines_stand(table):
    for run in table["runs"]:
        assert len(run["value"]) == len(run["episodes"])
        assert all(0.7 < value <= BEST + 1e-5 for value in run["value"])
        assert 180_000 < run["episodes"][-1] < 215_000
    assert min(run["value"][-1] for run in runs_of(table, "actor-critic")) >= 0.855
    assert min(run["value"][-1] for run in runs_of(table, "double DQN")) >= 0.86
    assert all(max(run["claim"]) > BEST for run in runs_of(table, "DQN"))


@pytest.mark.parametrize("agent", ["REINFORCE", "with baseline", "actor-critic"])
def test_beginning_of_a_stored_run_can_be_made_again(table, agent, monkeypatch):
    """The first tenth of seed 0: the same patients, the same policy."""
    monkeypatch.setattr(deep_agents, "EPISODES", deep_agents.EPISODES // 10)
    process = rl.icu_sepsis().process
    chosen = deep_agents.SETTINGS[agent]
    learned = deep_agents.gradient_agent(agent, chosen["step_size"], 0, process, points=1)
    stored = next(run for run in runs_of(table, agent) if run["seed"] == 0)
    at = np.interp(learned.history[-1]["episodes"], stored["episodes"], stored["value"])
    assert learned.history[-1]["value"] == pytest.approx(at, abs=1e-3)


def test_network_settings_name_hyper_parameters_of_the_agent():
    chosen = dict(deep_agents.SETTINGS["double DQN"])
    known = asdict(rl.DoubleDQNSettings())
    assert set(chosen) - set(known) == {"steps", "width"}
