"""How fast medlearn.rl simulates patients, beside the environment of the package icu-sepsis.

    uv run python -m benchmarks.simulation

Both draw patients of ICU-Sepsis under the clinicians' policy, on one core, in turns. The package's
environment takes one patient at a time through Gymnasium; ours takes many together. A step is one
action of one patient, drawing that action included. Writes
benchmarks/tables/simulation_1_thread.json. Let nothing else run meanwhile. Half a minute.
"""

import json
import platform
import subprocess
import sys
import time

import numpy as np

from medlearn import rl
from medlearn.tables import table_path

from .storing import stamp

PATH = table_path("simulation", "real").with_name("simulation_1_thread.json")
PATIENTS = (1, 64, 1_000, 10_000, 100_000)
ROUNDS, SECONDS = 3, 0.5

# Run in a process of its own: importing the package loads the retired gym, which prints warnings.
THEIRS = """
import sys, time, warnings
warnings.simplefilter("ignore")
import gymnasium, icu_sepsis, numpy as np
env = gymnasium.make("Sepsis/ICU-Sepsis-v2")
policy = env.unwrapped.expert_policy
cumulative = np.cumsum(policy, axis=1)
rng = np.random.default_rng(0)
state, _ = env.reset(seed=0)
steps, started = 0, time.process_time()
while time.process_time() - started < {seconds}:
    action = min(int(np.searchsorted(cumulative[state], rng.random(), side="right")), 24)
    state, _, terminated, truncated, _ = env.step(action)
    if terminated or truncated:
        state, _ = env.reset()
    steps += 1
print(steps / (time.process_time() - started))
"""


def package_steps_a_second(seconds):
    """Steps a second of processor time by the package's Gymnasium environment."""
    program = THEIRS.replace("{seconds}", str(seconds))
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise RuntimeError(f"the package's environment failed: {run.stderr[-500:]}")
    return float(run.stdout.split()[-1])


def our_steps_a_second(benchmark, patients, seconds):
    """Steps a second of processor time, so many patients at a time."""
    simulator = rl.Simulator(benchmark.process)
    choose = rl.policy_sampler(benchmark.process, benchmark.clinicians)
    rng = np.random.default_rng(0)
    states, steps, started = simulator.start(patients, rng), 0, time.process_time()
    while time.process_time() - started < seconds:
        states, _, ended = simulator.step(states, choose(states, rng), rng)
        if ended.any():
            states[ended] = simulator.start(int(ended.sum()), rng)
        steps += patients
    return steps / (time.process_time() - started)


def records_a_second(benchmark, patients):
    """Steps a second of `simulate`, which also keeps and orders the records."""
    started = time.process_time()
    records = rl.simulate(benchmark.process, benchmark.clinicians, patients, seed=0)
    return len(records) / (time.process_time() - started)


def measure(rounds=ROUNDS, seconds=SECONDS, patients=PATIENTS):
    """All contestants in turns: what disturbs one disturbs the others. The best round counts."""
    benchmark = rl.icu_sepsis()
    rates = {}
    for _ in range(rounds):
        found = {"icu-sepsis through Gymnasium": package_steps_a_second(seconds)}
        for count in patients:
            name = f"medlearn.rl, {count:,} patients at a time"
            found[name] = our_steps_a_second(benchmark, count, seconds)
        found[f"medlearn.rl, {patients[-1]:,} patients with records"] = records_a_second(
            benchmark, patients[-1]
        )
        for name, rate in found.items():
            rates.setdefault(name, []).append(round(rate))
    return [
        {"what": name, "median": float(np.median(each)), "highest": max(each), "rounds": each}
        for name, each in rates.items()
    ]


def main():
    rows = measure()
    for row in rows:
        print(f"{row['what']:45} {row['median']:12,.0f} {row['highest']:12,.0f} steps a second")
    settings = {"threads": 1, "rounds": ROUNDS, "seconds": SECONDS, "machine": platform.machine()}
    table = {
        "command": "uv run python -m benchmarks.simulation",
        "settings": settings,
        **stamp(("numpy", "scipy", "icu-sepsis", "gymnasium")),
        "rows": rows,
    }
    PATH.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
