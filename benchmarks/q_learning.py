"""The stored table of chapter 51: Q-learning and SARSA on ICU-Sepsis, beside the exact optimum.

In the folder of the clone:

    uv run python -m benchmarks.q_learning

Ten seeds of the learner and of the one without a mask, three of the other variants and of the
widget's grid. The value of what was learned is exact (a linear system over the benchmark's tables),
so a row holds no noise of evaluation. Takes about two minutes on one core. A run that is in the
table already, with these settings, is not repeated: what breaks off goes on where it was.
"""

import json
import time

from threadpoolctl import threadpool_limits

from medlearn import rl
from medlearn.tables import table_path

from .storing import as_text, stamp, stored_runs

NAME, SOURCE = "q_learning", "real"
# The settings of the lesson, which a test compares with these.
SETTINGS = {"patients": 256, "step_exponent": 0.7, "epsilon": [1.0, 0.1, 0.5]}
EPISODES, LONG = 100_000, 200_000
# The headline and what it is first compared with; the other variants and the widget's grid.
SEEDS, OTHER_SEEDS = range(10), range(3)
MAIN = ("Q-learning", "unmasked")
CHECKPOINTS = 10
# What differs from SETTINGS, by the name of the variant. Epsilon: start, end, until when.
VARIANTS = {
    "Q-learning": {},
    "epsilon 0.1": {"epsilon": [0.1, 0.1, 1.0]},
    "epsilon 1": {"epsilon": [1.0, 1.0, 1.0]},
    "greedy": {"epsilon": [0.0, 0.0, 1.0]},
    "greedy, optimistic": {"epsilon": [0.0, 0.0, 1.0], "initial": 1.0},
    "unmasked": {"masked": False},
    "SARSA": {"method": "sarsa"},
    "SARSA, to 0": {"method": "sarsa", "epsilon": [1.0, 0.0, 1.0]},
    "Q-learning, to 0": {"epsilon": [1.0, 0.0, 1.0]},
}
GRID = {
    f"discount {discount}, {name}": {"discount": discount, **step}
    for discount in (0.9, 0.97, 1.0)
    for name, step in {
        "n^-1": {"step_exponent": 1.0},
        "n^-0.7": {"step_exponent": 0.7},
        "constant 0.02": {"step_size": 0.02},
        "constant 0.3": {"step_size": 0.3},
    }.items()
}


def seeds_of(variant, episodes):
    """The seeds of a variant."""
    if variant == "Q-learning" or (variant in MAIN and episodes == EPISODES):
        return SEEDS
    return OTHER_SEEDS


def jobs():
    """(variant, what differs, episodes, seed), the headline first."""
    rows = [
        (variant, differs, episodes, seed)
        for variant, differs in {**VARIANTS, **GRID}.items()
        for episodes in ((EPISODES, LONG) if variant in MAIN else (EPISODES,))
        for seed in seeds_of(variant, episodes)
    ]
    return sorted(rows, key=lambda row: (row[0] != "Q-learning", row[2] == LONG))


def learn(process, differs, episodes, seed):
    """One run: the curve of exact values, the last action values, and seconds of the processor."""
    options = {**SETTINGS, **differs}
    method, masked = options.pop("method", "q_learning"), options.pop("masked", True)
    options["epsilon"] = rl.EpsilonSchedule(*options["epsilon"])
    learners = {"q_learning": (rl.QLearning, rl.q_learning), "sarsa": (rl.Sarsa, rl.sarsa)}
    kind, function = learners[method]
    mask = process.admissible if masked else process.admissible | True
    curve, evaluating = [], 0.0

    def on_progress(finished, values):
        nonlocal evaluating
        if finished >= episodes * (len(curve) + 1) / CHECKPOINTS:
            began = time.process_time()
            policy = rl.greedy_policy(process, values, mask)
            curve.append(round(rl.value(process, policy), 5))
            evaluating += time.process_time() - began

    started = time.process_time()
    values = function(process, kind(episodes=episodes, **options), seed, mask, on_progress)
    return curve, values, mask, time.process_time() - started - evaluating


def run_once(process, variant, differs, episodes, seed):
    """One row of the table."""
    curve, values, mask, seconds = learn(process, differs, episodes, seed)
    policy = rl.greedy_policy(process, values, mask)
    visits = rl.visits(process, policy)
    forbidden = (visits[:, None] * policy * ~process.admissible).sum() / visits.sum()
    claimed = process.initial @ (policy * values).sum(axis=1)
    return {
        "variant": variant,
        "differs": differs,
        "episodes": episodes,
        "seed": seed,
        **stamp(("numpy", "scipy", "icu-sepsis")),
        "processor_seconds": round(seconds, 2),
        "value": curve[-1],
        "claimed": round(float(claimed), 5),
        "inadmissible_share": round(float(forbidden), 5),
        "curve": curve,
    }


def main():
    path = table_path(NAME, SOURCE)
    settings = json.loads(json.dumps({**SETTINGS, "checkpoints": CHECKPOINTS}))
    wanted = {(variant, episodes, seed) for variant, _, episodes, seed in jobs()}
    runs = [
        row
        for row in stored_runs(path, settings)
        if (row["variant"], row["episodes"], row["seed"]) in wanted
    ]
    done = {(row["variant"], row["episodes"], row["seed"]) for row in runs}
    process = rl.icu_sepsis().process
    for variant, differs, episodes, seed in jobs():
        if (variant, episodes, seed) in done:
            continue
        with threadpool_limits(1):
            runs.append(run_once(process, variant, differs, episodes, seed))
        print(variant, episodes, seed, runs[-1]["value"], runs[-1]["processor_seconds"], flush=True)
        command = f"uv run python -m benchmarks.{NAME}"
        table = {"command": command, "settings": settings, "runs": runs}
        path.write_text(as_text(table), encoding="utf-8")


if __name__ == "__main__":
    main()
