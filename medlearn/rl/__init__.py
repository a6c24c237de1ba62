"""Decisions: finite decision processes, exact solutions, simulated patients; chapters 51 to 53.

Everywhere a policy is an array (n_states, n_actions) of probabilities, and a value is an expected
discounted return. The environment for Gymnasium is imported by its own name
(``medlearn.rl.environment``), so that importing this package loads NumPy and SciPy alone.

Examples
--------
>>> from medlearn import rl
>>> benchmark = rl.icu_sepsis()
>>> best = rl.value_iteration(benchmark.process)
>>> round(rl.value(benchmark.process, best.policy), 4)
0.8751
"""

from .exploration import EpsilonSchedule, epsilon_greedy
from .icu_sepsis import IcuSepsis, icu_sepsis
from .learning_from_records import (
    Plan,
    RecordedCounts,
    count_records,
    plan_from_records,
    policy_of,
    recorded_values,
    split_patients,
)
from .off_policy import (
    Estimate,
    doubly_robust,
    effective_sample_size,
    fitted_q_evaluation,
    importance_sampling,
    importance_weights,
    per_decision_weighted_importance_sampling,
    weighted_importance_sampling,
)
from .planner import Alternative, Range, Recommendation, TreatmentPlanner
from .processes import FiniteProcess, deterministic_policy, uniform_policy
from .q_learning import QLearning, q_learning
from .records import Records
from .sarsa import Sarsa, sarsa
from .shaping import shaped
from .simulation import Sampler, Simulator, policy_sampler, simulate
from .solving import (
    Solution,
    action_values,
    evaluate,
    expected_length,
    greedy_policy,
    policy_iteration,
    value,
    value_iteration,
    visits,
)

__all__ = [
    "Alternative",
    "EpsilonSchedule",
    "Estimate",
    "FiniteProcess",
    "IcuSepsis",
    "Plan",
    "QLearning",
    "Range",
    "Recommendation",
    "RecordedCounts",
    "Records",
    "Sampler",
    "Sarsa",
    "Simulator",
    "Solution",
    "TreatmentPlanner",
    "action_values",
    "count_records",
    "deterministic_policy",
    "doubly_robust",
    "effective_sample_size",
    "epsilon_greedy",
    "evaluate",
    "expected_length",
    "fitted_q_evaluation",
    "greedy_policy",
    "icu_sepsis",
    "importance_sampling",
    "importance_weights",
    "per_decision_weighted_importance_sampling",
    "plan_from_records",
    "policy_iteration",
    "policy_of",
    "policy_sampler",
    "q_learning",
    "recorded_values",
    "sarsa",
    "shaped",
    "simulate",
    "split_patients",
    "uniform_policy",
    "value",
    "value_iteration",
    "visits",
    "weighted_importance_sampling",
]
