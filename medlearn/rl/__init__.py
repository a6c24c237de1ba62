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

from .actor_critic import ActorCriticSettings, actor_critic
from .double_dqn import DoubleDQN, DoubleDQNSettings, Step, state_network
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
from .reinforce import ReinforceSettings, reinforce, returns_to_go
from .sarsa import Sarsa, sarsa
from .shaping import shaped
from .simulation import Sampler, Simulator, policy_sampler, simulate
from .softmax_policy import LearnedPolicy, drawn_actions, score_sum, softmax_policy
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
from .ward import Episodes, Ward

__all__ = [
    "ActorCriticSettings",
    "Alternative",
    "DoubleDQN",
    "DoubleDQNSettings",
    "Episodes",
    "EpsilonSchedule",
    "Estimate",
    "FiniteProcess",
    "IcuSepsis",
    "LearnedPolicy",
    "Plan",
    "QLearning",
    "Range",
    "Recommendation",
    "RecordedCounts",
    "Records",
    "ReinforceSettings",
    "Sampler",
    "Sarsa",
    "Simulator",
    "Solution",
    "Step",
    "TreatmentPlanner",
    "Ward",
    "action_values",
    "actor_critic",
    "count_records",
    "deterministic_policy",
    "doubly_robust",
    "drawn_actions",
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
    "reinforce",
    "returns_to_go",
    "sarsa",
    "score_sum",
    "shaped",
    "simulate",
    "softmax_policy",
    "split_patients",
    "state_network",
    "uniform_policy",
    "value",
    "value_iteration",
    "visits",
    "weighted_importance_sampling",
]
