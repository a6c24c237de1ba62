"""The stored table of chapter 53: plans from records, judged and measured against the exact truth.

    uv run python -m benchmarks.planner

Every row is one seed: patients of usual care are simulated from ICU-Sepsis, plans are made from
their records, and each plan's true survival is computed from the benchmark's tables, which a plan
never sees. Parts:

- learning: 5 to 100 thousand patients, several ways to choose among the doses;
- planner: the lesson's planner on 40 thousand patients, and what off-policy evaluation says of its
  plan where a ward follows it in a part of all decisions, beside the truth;
- coarse: the same with states merged into fewer groups, so that records miss what doctors saw; and
  where the doctors see the groups alone as well;
- updating: the plan made anew after every 5,000 simulated patients.

Goes on where an earlier run was broken off. About a quarter of an hour on one core.
"""

import argparse

import numpy as np
from sklearn.cluster import KMeans

from medlearn import lesson, rl, tables
from medlearn.rl.icu_sepsis import MEASUREMENTS

from .storing import as_text, stamp, stored_runs

NAME = "planner"
COMMAND = f"uv run python -m benchmarks.{NAME}"
# The settings of the lesson, which a test compares with these.
SETTINGS = {"patients": 40_000, "min_count": 20, "min_share": 0.1, "resamples": 100}
SIZES = (5_000, 10_000, 20_000, 50_000, 100_000)
# Way to choose -> least count, least share, imaginary deaths.
WAYS = {
    "whatever was ever tried": (1, 0.0, 0),
    "one imaginary death": (1, 0.0, 1),
    "five imaginary deaths": (1, 0.0, 5),
    "given 20 times": (20, 0.0, 0),
    "given in 10 % of decisions": (1, 0.1, 0),
    "both: the planner's rule": (20, 0.1, 0),
}
ADHERENCE = (0.1, 0.25, 0.5, 1.0)
GROUPS = (25, 100, 400)
ROUNDS, ROUND_PATIENTS = 10, 5_000
EXPLORED = 0.2  # share of decisions by lot among the supported doses
# The doses of the four hours themselves are the decision, not what it is made upon.
DOSES = ("max_dose_vaso", "input_4hourly")
BEFORE_THE_DECISION = [name not in DOSES for name in MEASUREMENTS]
SEEDS = {"learning": range(10), "planner": range(30), "coarse": range(10), "updating": range(10)}


def survival(sepsis, advice):
    """The true survival of a ward that follows advice where there is some."""
    return round(rl.value(sepsis.process, rl.policy_of(advice, sepsis.clinicians)), 5)


def counted(records):
    return rl.count_records(records, 716, 25)


def learning(sepsis, seed):
    """Claim and truth of each way to choose, from more and more patients."""
    rows = []
    for size in SIZES:
        counts = counted(rl.simulate(sepsis.process, sepsis.clinicians, size, seed))
        for way, (least, share, deaths) in WAYS.items():
            plan = rl.plan_from_records(counts, counts.supported(least, share), deaths)
            rows.append({
                "patients": size, "way": way, "claim": round(plan.claim, 5),
                "truth": survival(sepsis, plan.advice),
            })
    return {"plans": rows}


def fitted_planner(records, seed):
    settings = {key: SETTINGS[key] for key in ("min_count", "min_share", "resamples")}
    return rl.TreatmentPlanner(**settings, seed=seed).fit(records, 716)


def planner(sepsis, seed):
    """The planner's own figures, how often its intervals hold, and what evaluation says."""
    process, clinicians = sepsis.process, sepsis.clinicians
    records = rl.simulate(process, clinicians, SETTINGS["patients"], seed)
    fitted = fitted_planner(records, seed)
    plan = rl.policy_of(fitted.plan.advice, clinicians)
    ward = fitted.policy(clinicians)
    true_plan, true_usual = rl.evaluate(process, plan), rl.evaluate(process, clinicians)
    living = np.flatnonzero(~process.terminal)
    truths = {
        "with_plan": true_plan, "with_usual_care": true_usual, "gain": true_plan - true_usual,
    }
    weight = rl.visits(process, clinicians)[living]
    covered = {name: [] for name in truths}
    for state in living:
        advice = fitted.recommend(state)
        for name, truth in truths.items():
            interval = getattr(advice, name)
            covered[name].append(
                interval is not None and interval.low <= truth[state] <= interval.high
            )
    advised = fitted.advice[living] >= 0
    right = rl.evaluate(process, ward)[living] > true_usual[living]
    first, second = rl.split_patients(records, seed)
    return {
        "claim": round(fitted.plan.claim, 5),
        "plan": survival(sepsis, fitted.plan.advice),
        "ward": survival(sepsis, fitted.advice),
        "states_advised": int(advised.sum()),
        "decisions_advised": round(float(weight @ advised / weight.sum()), 5),
        "states_that_gain": round(float(right.mean()), 5),
        "coverage": {
            name: round(float(weight @ np.array(held) / weight.sum()), 5)
            for name, held in covered.items()
        },
        "evaluation": [
            row
            for adherence in ADHERENCE
            for row in evaluation(sepsis, first, second, plan, adherence)
        ],
    }


def evaluation(sepsis, first, second, plan, adherence):
    """Each estimator on the second half, for a ward that follows the plan now and then."""
    followed = adherence * plan + (1 - adherence) * sepsis.clinicians
    truth = round(rl.value(sepsis.process, followed), 5)
    _, action_values = rl.recorded_values(first, followed)
    estimates = [
        rl.importance_sampling(second, followed),
        rl.weighted_importance_sampling(second, followed),
        rl.per_decision_weighted_importance_sampling(second, followed),
        rl.doubly_robust(second, followed, action_values),
        rl.fitted_q_evaluation(second, followed, resamples=60),
    ]
    return [
        {
            "adherence": adherence, "method": each.method, "truth": truth,
            "value": round(each.value, 5), "low": round(each.low, 5), "high": round(each.high, 5),
            "effective_sample_size": round(each.effective_sample_size, 1),
        }
        for each in estimates
    ]


def merged(records, group_of):
    """Records in which states are known by their group alone."""
    columns = {name: getattr(records, name) for name in (
        "patient", "step", "action", "reward", "terminated", "behaviour_probability")}
    return rl.Records(
        **columns, state=group_of[records.state], next_state=group_of[records.next_state]
    )


def coarse(sepsis, seed):
    """Chosen on one half and judged on the other, where records know groups of states alone.

    Either the doctors see the state itself, more than the records tell, or the group alone: each
    then gives what doctors give on average in the patient's group.
    """
    process, clinicians = sepsis.process, sepsis.clinicians
    living = ~process.terminal
    features = sepsis.centers[living][:, BEFORE_THE_DECISION]
    rows = []
    for groups in GROUPS:
        group = KMeans(groups, n_init=1, random_state=seed).fit_predict(features)
        group_of = np.concatenate([group, groups + np.arange(process.terminal.sum())])
        seen = rl.visits(process, clinicians)
        doctors = {"the state": clinicians, "the group": averaged(clinicians, group_of, seen)}
        for seen_by_doctors, behaviour in doctors.items():
            records = rl.simulate(process, behaviour, SETTINGS["patients"], seed)
            first, second = rl.split_patients(merged(records, group_of), seed)
            counts = rl.count_records(first, groups + 3, 25)
            plan = rl.plan_from_records(counts, counts.supported(20, SETTINGS["min_share"]))
            usual = rl.count_records(second, groups + 3, 25).shares
            policy = rl.policy_of(plan.advice, usual)
            held_out = rl.fitted_q_evaluation(second, policy, resamples=60)
            truth = rl.value(process, rl.policy_of(plan.advice[group_of], behaviour))
            rows.append({
                "groups": groups, "doctors_see": seen_by_doctors, "claim": round(plan.claim, 5),
                "held_out": round(held_out.value, 5), "low": round(held_out.low, 5),
                "high": round(held_out.high, 5), "truth": round(truth, 5),
            })
    return {"plans": rows}


def averaged(policy, group_of, weight):
    """In every state the group's mean of a policy, with a weight for each state."""
    summed = np.zeros((group_of.max() + 1, policy.shape[1]))
    np.add.at(summed, group_of, policy * weight[:, np.newaxis])
    totals = summed.sum(axis=1, keepdims=True)
    means = np.where(totals > 0, summed / np.where(totals > 0, totals, 1), 1 / policy.shape[1])
    return means[group_of]


def joined(records):
    """Several records as one, the patients numbered on."""
    before = np.cumsum([0, *(each.n_patients for each in records[:-1])])
    columns = {
        name: np.concatenate([getattr(each, name) for each in records])
        for name in ("step", "state", "action", "reward", "next_state", "terminated",
                     "behaviour_probability")
    }
    patient = np.concatenate([each.patient + n for each, n in zip(records, before, strict=True)])
    return rl.Records(patient=patient, **columns)


def updating(sepsis, seed):
    """The plan after each round, and the survival of those treated meanwhile, by mode."""
    process, clinicians = sepsis.process, sepsis.clinicians
    start = rl.simulate(process, clinicians, ROUND_PATIENTS, seed)
    supported = counted(start).supported(5, SETTINGS["min_share"])
    lot = supported / np.maximum(supported.sum(axis=1, keepdims=True), 1)
    covered = supported.any(axis=1, keepdims=True)
    rows = []
    for mode in ("usual care goes on", "the plan is followed", "followed, with trials"):
        records, plans, treated = [start], [], []
        for number in range(ROUNDS + 1):
            plan = rl.plan_from_records(counted(joined(records)), supported)
            followed = rl.policy_of(plan.advice, clinicians)
            plans.append(survival(sepsis, plan.advice))
            if mode == "usual care goes on":
                followed = clinicians
            elif mode == "followed, with trials":
                tried = (1 - EXPLORED) * followed + EXPLORED * lot
                followed = np.where(covered, tried, clinicians)
            treated.append(round(rl.value(process, followed), 5))
            next_seed = 1000 * (seed + 1) + number
            records.append(rl.simulate(process, followed, ROUND_PATIENTS, next_seed))
        rows.append({"mode": mode, "plan": plans, "treated": treated})
    return {"modes": rows}


PARTS = {"learning": learning, "coarse": coarse, "updating": updating, "planner": planner}


def record(runs):
    """The table as it is stored."""
    order = list(PARTS)
    return {
        "command": COMMAND, "source": "real", **stamp(("numpy", "scipy", "icu-sepsis")),
        "settings": SETTINGS,
        "runs": sorted(runs, key=lambda run: (order.index(run["part"]), run["seed"])),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", choices=["real"], default="real")
    parser.parse_args()
    lesson.use_one_thread()
    sepsis = rl.icu_sepsis()
    path = tables.table_path(NAME, "real")
    runs = stored_runs(path, SETTINGS)
    done = {(run["part"], run["seed"]) for run in runs}
    for part, make in PARTS.items():
        for seed in SEEDS[part]:
            if (part, seed) not in done:
                runs.append({"part": part, "seed": seed, **make(sepsis, seed)})
                path.write_text(as_text(record(runs)), encoding="utf-8")
                print(part, seed, flush=True)


if __name__ == "__main__":
    main()
