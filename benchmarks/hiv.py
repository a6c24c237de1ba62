"""A double DQN that plans HIV treatment: chapter 52's table, and its stored planner.

    uv run python -m benchmarks.hiv

Each run trains the lesson's network on the simulated patient, for the lesson's short training or
for the full one, and scores it with the accurate integrator. Goes on where an earlier run was
broken off. Writes benchmarks/tables/hiv_standin.json (these patients exist as equations alone),
and the weights of the full run of seed 0 into the package, as the chapter's stored planner.
About 40 seconds of processor time a short run, two minutes a full one.
"""

import argparse
import json
import time

from medlearn import lesson, tables
from medlearn.rl.double_dqn import DoubleDQN, DoubleDQNSettings
from medlearn.rl.hiv import ACTIONS, splitting, treat
from medlearn.rl.hiv_patients import FIGURES, WEIGHTS, HivPatients, hiv_network, plan_of

from .storing import as_text, stamp, stored_runs

SETTINGS = {
    "steps": {"short": 2400, "full": 6400},
    "agent": {
        "discount": 0.98, "patients": 64, "memory": 400_000, "warm_up": 1280, "batch_size": 512,
        "updates_a_step": 4, "learning_rate": 1e-3, "final_learning_rate": 1e-4,
        "exploration": 1.0, "final_exploration": 0.05, "exploration_ends": 0.5,
        "target_every": 100,
    },
}
STORED = ("full", 0)
RUNS = [STORED] + [("short", seed) for seed in range(10)] + [("full", s) for s in range(1, 5)]
TRACED_EVERY = 400  # steps
COMMAND = "uv run python -m benchmarks.hiv"


def train(training, seed, settings=SETTINGS):
    """One run: (network, row of the table)."""
    steps = settings["steps"][training]
    agent = DoubleDQN(
        hiv_network, HivPatients(), DoubleDQNSettings(**settings["agent"]), seed=seed)
    trace, tracing = [], 0.0

    def follow(step, logs):
        """Score the network as it stands, quickly; this is no part of the training's time."""
        nonlocal tracing
        if (step + 1) % TRACED_EVERY == 0:
            begun = time.process_time()
            score = treat(plan_of(agent.network), integrate=splitting).score[0]
            trace.append(float(f"{score:.4g}"))
            tracing += time.process_time() - begun

    begun = time.process_time()
    agent.train(steps, on_progress=follow)
    seconds = time.process_time() - begun - tracing
    return agent.network, {
        "training": training, "seed": seed, **scored(agent.network),
        "trace": trace, "cpu_seconds": round(seconds, 1), **stamp(),
    }


def scored(network):
    """What a network's plan is worth, accurately, and how often it gave which drugs."""
    course = treat(plan_of(network))
    doses = {name: int((course.actions == k).sum()) for k, name in enumerate(ACTIONS)}
    virus, effectors = course.states[-1, 0, 4], course.states[-1, 0, 5]
    return {
        "score": float(course.score[0]), "doses": doses,
        "final_virus": float(virus), "final_effectors": float(effectors),
    }


def record(runs):
    """The table as it is stored."""
    return {
        "command": COMMAND, "source": "standin", "settings": SETTINGS,
        "runs": sorted(runs, key=lambda run: (run["training"], run["seed"])),
    }


def fill_table():
    path = tables.table_path("hiv", "standin")
    runs = stored_runs(path, SETTINGS)
    done = {(run["training"], run["seed"]) for run in runs}
    for training, seed in RUNS:
        if (training, seed) in done:
            continue
        network, row = train(training, seed)
        if (training, seed) == STORED:
            store(network, row)
        runs.append(row)
        path.write_text(as_text(record(runs)), encoding="utf-8")
        print(f"{training} seed {seed}: {row['score']:.3g}, {row['cpu_seconds']} s", flush=True)


def store(network, row):
    """Keep one run's weights in the package, with what they scored beside them."""
    WEIGHTS.parent.mkdir(exist_ok=True)
    network.save_weights(WEIGHTS)
    FIGURES.write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", choices=["standin"], default="standin")
    parser.parse_args()
    lesson.load_keras()
    fill_table()


if __name__ == "__main__":
    main()
