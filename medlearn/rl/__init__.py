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
from .processes import FiniteProcess, deterministic_policy, uniform_policy
from .q_learning import QLearning, q_learning
from .records import Records
from .sarsa import Sarsa, sarsa
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
    "EpsilonSchedule",
    "FiniteProcess",
    "IcuSepsis",
    "QLearning",
    "Records",
    "Sampler",
    "Sarsa",
    "Simulator",
    "Solution",
    "action_values",
    "deterministic_policy",
    "epsilon_greedy",
    "evaluate",
    "expected_length",
    "greedy_policy",
    "icu_sepsis",
    "policy_iteration",
    "policy_sampler",
    "q_learning",
    "sarsa",
    "simulate",
    "uniform_policy",
    "value",
    "value_iteration",
    "visits",
]
