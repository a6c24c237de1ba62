"""The stored table of chapter 52: agents that learn to treat sepsis, scored against the truth.

In the folder of the clone:

    uv run python -m benchmarks.deep_agents

Every agent treats 200 thousand simulated patients of ICU-Sepsis. At some points of its training
the survival under its policy is computed exactly, from the process itself. The main settings have
ten seeds; the DQN that is not double and other step sizes three. A few seconds of processor time
a run of the policy gradients, about a minute one of the networks: half an hour in all. A run that
is in the table already is not repeated, unless the settings have changed.
"""

import time

import numpy as np

from medlearn import lesson, rl
from medlearn.tables import table_path

from .storing import as_text, stamp, stored_runs

NAME = "deep_agents"
# The settings of the lesson, which a test compares with these.
SETTINGS = {
    "REINFORCE": {"step_size": 0.1, "patients": 128},
    "with baseline": {"step_size": 0.3, "patients": 128},
    "actor-critic": {"step_size": 1.0, "patients": 128, "critic_power": 0.6, "first_value": 0.78},
    "double DQN": {
        "steps": 7_750, "patients": 256, "width": 128, "memory": 200_000, "warm_up": 5_000,
        "batch_size": 1024, "learning_rate": 0.005, "final_learning_rate": 0.0001,
        "exploration": 1.0, "final_exploration": 0.05, "exploration_ends": 0.5,
        "target_every": 100,
    },
}
EPISODES = 200_000
STEP_SIZES = (0.03, 0.1, 0.3, 1.0)
POINTS = 40  # of a learning curve of the policy gradients
LOOK_EVERY = 310  # steps, of the networks
SEEDS, NETWORK_SEEDS, MORE_SEEDS = 3, 3, 10


def gradient_agent(agent, step_size, seed, process, points=POINTS, on_progress=None):
    """Train one of the three agents without a network and give its LearnedPolicy."""
    chosen = {**SETTINGS[agent], "step_size": step_size}
    if agent == "actor-critic":
        chosen["actor_step"] = chosen.pop("step_size")
        settings = rl.ActorCriticSettings(episodes=EPISODES, **chosen)
        return rl.actor_critic(process, settings, seed, points, on_progress)
    settings = rl.ReinforceSettings(
        episodes=EPISODES, baseline=agent == "with baseline", **chosen
    )
    return rl.reinforce(process, settings, seed, points, on_progress)


def network_agent(agent, seed, process, on_look=None):
    """Train a DQN, double or not; give it and its history of looks."""
    chosen = dict(SETTINGS["double DQN"])
    steps, width = chosen.pop("steps"), chosen.pop("width")
    dqn = rl.DoubleDQN(
        lambda: rl.state_network(process.n_states, process.n_actions, width),
        rl.Ward(process, [seed, 2]),
        rl.DoubleDQNSettings(double=agent == "double DQN", **chosen),
        seed,
        process.admissible,
    )
    history = []

    def look(step, logs):
        if (step + 1) % LOOK_EVERY == 0:
            history.append({"episodes": logs["episodes"], **true_and_claimed(dqn, process)})

    dqn.train(steps, look)
    return dqn, history


def true_and_claimed(dqn, process):
    """Survival under the greedy policy, exactly, and what the network says it would be."""
    values = dqn.values(np.arange(process.n_states, dtype="int32"))
    best = np.where(process.admissible, values, -np.inf).max(axis=1)
    return {
        "value": float(rl.value(process, rl.greedy_policy(process, values))),
        "claim": float(process.initial[~process.terminal] @ best[~process.terminal]),
    }


def run_once(keras, process, agent, step_size, seed):
    """One row of the table."""
    started = time.process_time()
    if agent.endswith("DQN"):
        keras.backend.clear_session()
        history = network_agent(agent, seed, process)[1]
    else:
        history = gradient_agent(agent, step_size, seed, process).history
    return {
        "agent": agent, "step_size": step_size, "seed": seed,
        "processor_seconds": round(time.process_time() - started, 1),
        **{key: [round(row[key], 5) for row in history] for key in history[0]},
    }


def jobs():
    """Agent, step size and seed of every run: seed by seed, so that what breaks off is balanced."""
    mains = {agent: chosen.get("step_size") for agent, chosen in SETTINGS.items()}
    every = [(agent, size, seed) for agent, size in mains.items() for seed in range(MORE_SEEDS)]
    every += [("DQN", None, seed) for seed in range(NETWORK_SEEDS)]
    every += [
        (agent, size, seed)
        for agent in list(mains)[:3]
        for size in STEP_SIZES
        if size != mains[agent]
        for seed in range(SEEDS)
    ]
    return sorted(every, key=lambda job: job[2])


def main():
    keras = lesson.load_keras()
    lesson.use_one_thread()  # small systems are solved faster on one
    process = rl.icu_sepsis().process
    path = table_path(NAME, "real")
    runs = stored_runs(path, SETTINGS)
    done = {(run["agent"], run["step_size"], run["seed"]) for run in runs}
    for job in jobs():
        if job in done:
            continue
        row = run_once(keras, process, *job)
        print(*job, row["value"][-1], f"{row['processor_seconds']} s", flush=True)
        runs.append(row)
        table = {
            "command": f"uv run python -m benchmarks.{NAME}",
            **stamp(),
            "source": "real",
            "settings": SETTINGS,
            "runs": runs,
        }
        path.write_text(as_text(table), encoding="utf-8")


if __name__ == "__main__":
    main()
