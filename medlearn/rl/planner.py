"""A treatment planner: learned from records, tested on other patients, silent where it must be.

Taught in chapter 53. NumPy and SciPy alone.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from .learning_from_records import (
    NO_ADVICE,
    count_records,
    plan_from_records,
    policy_of,
    recorded_values,
    split_patients,
)

__all__ = ["Alternative", "Range", "Recommendation", "TreatmentPlanner"]

WARNING = "A benchmark built from records, not advice for any patient."


@dataclass(frozen=True)
class Range:
    """An estimate with its interval; chapter 53.

    Attributes
    ----------
    value, low, high : float
    """

    value: float
    low: float
    high: float

    def __format__(self, spec):
        return f"{self.value:{spec}} ({self.low:{spec}} to {self.high:{spec}})"


@dataclass(frozen=True)
class Alternative:
    """A dose that clinicians gave often enough to be judged; chapter 53.

    Attributes
    ----------
    action : int
    name : str
    survival : Range
        If this dose is given now, and the plan is followed afterwards.
    count, patients : int
        How often clinicians gave it in this state, and to how many patients; both halves.
    share : float
        Of all decisions in this state; both halves.
    shown_worse : bool
        Whether it is worse than the plan's dose by more than chance explains. Where it is not,
        the choice between the two is open.
    """

    action: int
    name: str
    survival: Range
    count: int
    patients: int
    share: float
    shown_worse: bool


@dataclass(frozen=True)
class Recommendation:
    """What the planner says of a patient's state; ``print`` it to read it; chapter 53.

    Attributes
    ----------
    state : int
    action : int or None
        The dose recommended; None where there is no recommendation.
    name : str
        The dose in words; empty where there is none.
    reason : str
        Why there is no recommendation; empty where there is one.
    with_plan, with_usual_care, gain : Range or None
        Expected survival if the plan is followed from now on, if usual care goes on, and the
        difference; by patients whom the plan was not chosen on. None where the state was never
        recorded among them. The plan is meant as it was chosen, before anything was declined.
    gain_now : Range or None
        The part of the gain that belongs to this one decision: the plan's dose now, less usual
        care now, the plan being followed afterwards in both. None where ``gain`` is, or where the
        plan has no dose. Where its interval reaches 0, the gain is owed to later decisions.
    decisions : int
        On record in this state, of all patients.
    options : tuple of Alternative
        Every dose with enough support, best first; the first is the plan's, even where the
        planner does not recommend it.
    """

    state: int
    action: int | None
    name: str
    reason: str
    with_plan: Range | None
    with_usual_care: Range | None
    gain: Range | None
    gain_now: Range | None
    decisions: int
    options: tuple

    def __str__(self):
        head = self.name if self.action is not None else f"No recommendation: {self.reason}"
        lines = [f"State {self.state}, {self.decisions} decisions on record", head]
        if self.gain is not None and self.options:
            lines += [
                f"  expected survival with the plan  {self.with_plan:.2f}",
                f"                    with usual care {self.with_usual_care:.2f}",
                f"                    gain            {self.gain:+.2f}",
                f"             of it by this dose alone   {self.gain_now:+.2f}",
            ]
        for option in self.options:
            verdict = "" if option is self.options[0] else (
                ", worse" if option.shown_worse else ", not shown to be worse"
            )
            lines.append(
                f"  {option.name}: given {option.count} times ({option.share:.0%}) to "
                f"{option.patients} patients, survival {option.survival:.2f}{verdict}"
            )
        return "\n".join([*lines, WARNING])


class TreatmentPlanner:
    """Learn a plan from one half of the patients, judge it on the other, and advise or decline.

    The plan chooses, in each state, the best of the doses that clinicians gave often enough there.
    It declines where

    - no dose has enough support in the records, or
    - the other half of the patients does not show that the plan beats usual care: the interval
      of the gain reaches 0.

    Parameters
    ----------
    min_count : int
        A dose has support where the half that chooses got it at least so often in that state.
    min_share : float
        And in at least this share of that half's decisions in that state.
    confidence : float
        Of the intervals (normal, from a bootstrap over patients).
    resamples : int
        Of the bootstrap; about 50 ms each for 20,000 patients.
    seed : int
        Of the split of the patients and of the bootstrap: the same seed gives the same planner.

    Attributes
    ----------
    advice : array of int, shape (states,)
        After :meth:`fit`: the dose recommended, or ``NO_ADVICE`` (-1).
    plan : Plan
        Before anything was declined.

    Notes
    -----
    Taught in chapter 53. The intervals hold where the state says all that matters of a patient
    (the Markov property). No records can show that it does.

    Examples
    --------
    >>> from medlearn import rl
    >>> sepsis = rl.icu_sepsis()
    >>> records = rl.simulate(sepsis.process, sepsis.clinicians, 4000, seed=0)
    >>> planner = rl.TreatmentPlanner(resamples=20).fit(records)
    >>> planner.recommend(0).action is None or planner.recommend(0).action >= 0
    True
    """

    def __init__(
        self, min_count=20, min_share=0.10, confidence=0.95, resamples=100, seed=0
    ):
        if resamples < 10:
            raise ValueError(f"resamples is {resamples}: a bootstrap needs at least 10")
        if not 0.5 <= confidence < 1:
            raise ValueError(f"confidence is {confidence}: give a share such as 0.95")
        self.min_count, self.min_share = min_count, min_share
        self.confidence, self.resamples, self.seed = confidence, resamples, seed

    def fit(self, records, n_states=None, action_names=None, on_resample=range):
        """Choose a plan, judge it, decide where to advise.

        Parameters
        ----------
        records : Records
            Of patients under usual care.
        n_states : int, optional
            How many states there are; default: up to the last one on record.
        action_names : list of str, optional
            The doses in words, one an action; default: "dose 0", "dose 1", ...
        on_resample : callable
            Takes the number of resamples and gives what to iterate over: a progress bar such as
            ``lambda n: plots.progress(range(n), "Judging")``.

        Returns
        -------
        TreatmentPlanner
            Itself.

        Raises
        ------
        ValueError
            If there are fewer than 2 patients, or fewer names than actions.
        """
        if records.n_patients < 2:
            raise ValueError("a plan is chosen and judged on different patients: give at least 2")
        if n_states is None:
            n_states = int(max(records.state.max(), records.next_state.max())) + 1
        n_actions = int(records.action.max()) + 1 if action_names is None else len(action_names)
        self.action_names = action_names or [f"dose {k}" for k in range(n_actions)]
        chosen_on, judged_on = split_patients(records, self.seed)
        self._all = count_records(records, n_states, n_actions)
        self._patients = _patients_given(records, n_states, n_actions)
        counts = count_records(chosen_on, n_states, n_actions)
        # Counted on all patients, the support would follow chance in those who judge.
        self._supported = counts.supported(self.min_count, self.min_share)
        self._chosen_on = counts
        self.plan = plan_from_records(counts, self._supported)
        self._judge(judged_on, on_resample)
        shown = self._gain[0] - self._z * self._gain[1] > 0
        self.advice = np.where(shown, self.plan.advice, NO_ADVICE)
        return self

    @property
    def _z(self):
        return norm.ppf((1 + self.confidence) / 2)

    def _judge(self, records, on_resample):
        """Values and their standard errors by patients whom the plan was not chosen on."""
        usual = count_records(records, *self._all.taken.shape).shares
        plan = policy_of(self.plan.advice, usual)
        rows = np.arange(len(plan))
        best = np.maximum(self.plan.advice, 0)

        def measured(multiplicity):
            with_plan, options = recorded_values(records, plan, multiplicity)
            with_usual, _ = recorded_values(records, usual, multiplicity)
            lead = options[rows, best][:, np.newaxis] - options
            now = (usual * lead).sum(axis=1)
            return with_plan, with_usual, with_plan - with_usual, now, options, lead

        rng = np.random.default_rng(self.seed)
        n = records.n_patients
        draws = [
            measured(np.bincount(rng.integers(0, n, n), minlength=n))
            for _ in on_resample(self.resamples)
        ]
        estimates = measured(np.ones(n, dtype=int))
        errors = [np.std(each, axis=0, ddof=1) for each in zip(*draws, strict=True)]
        pairs = zip(estimates, errors, strict=True)
        self._with_plan, self._with_usual, self._gain, self._now, self._options, self._lead = pairs
        self._judged = np.bincount(records.state, minlength=len(plan)) > 0

    def policy(self, usual):
        """The policy of a ward that follows the planner where it advises, and else its habit.

        Parameters
        ----------
        usual : array, shape (states, actions)
            Usual care, as probabilities.

        Returns
        -------
        array, shape (states, actions)
        """
        return policy_of(self._fitted().advice, usual)

    def recommend(self, state):
        """What the planner says of a patient in this state.

        Parameters
        ----------
        state : int

        Returns
        -------
        Recommendation

        Raises
        ------
        RuntimeError
            Before :meth:`fit`.
        TypeError
            If the state is not a whole number.
        ValueError
            If there is no such state, or a stay that has reached it is over.
        """
        state = self._fitted()._checked(state)
        decisions = int(self._all.taken[state].sum())
        reason = self._reason(state)
        action = None if reason else int(self.advice[state])
        judged = bool(self._judged[state])
        planned = self.plan.advice[state] != NO_ADVICE
        return Recommendation(
            state=state,
            action=action,
            name="" if action is None else self.action_names[action],
            reason=reason,
            with_plan=self._range(self._with_plan, state, 0) if judged else None,
            with_usual_care=self._range(self._with_usual, state, 0) if judged else None,
            gain=self._range(self._gain, state, -1) if judged else None,
            gain_now=self._range(self._now, state, -1) if judged and planned else None,
            decisions=decisions,
            options=self._listed(state),
        )

    def _fitted(self):
        if not hasattr(self, "advice"):
            raise RuntimeError("the planner has seen no records yet: call fit(records) first")
        return self

    def _checked(self, state):
        if isinstance(state, bool) or not isinstance(state, int | np.integer):
            raise TypeError(f"the state is {state!r}: give a whole number")
        last = len(self.advice) - 1
        if not 0 <= state <= last:
            raise ValueError(f"there is no state {state}: give one from 0 to {last}")
        if self._all.taken[state].sum() == 0 and self._all.arrivals[:, [state]].sum() > 0:
            raise ValueError(f"a stay that reaches state {state} is over: nothing is to be decided")
        return int(state)

    def _reason(self, state):
        seen = int(self._chosen_on.taken[state].sum())
        if seen < self.min_count:
            return (
                f"only {seen} decisions for patients like this one in the half that chooses; at "
                f"least {self.min_count} are needed"
            )
        if not self._supported[state].any():
            return (
                f"no dose was given at least {self.min_count} times and in at least "
                f"{self.min_share:.0%} of the decisions, in the half that chooses"
            )
        if self.advice[state] == NO_ADVICE:
            return "the half that judges does not show that the plan beats usual care"
        return ""

    def _listed(self, state):
        actions = np.flatnonzero(self._supported[state])
        best = self.plan.advice[state]
        options = [self._option(state, action) for action in actions]
        return tuple(sorted(options, key=lambda o: (o.action != best, -o.survival.value)))

    def _option(self, state, action):
        lead, error = (each[state, action] for each in self._lead)
        return Alternative(
            action=int(action),
            name=self.action_names[action],
            survival=self._range(self._options, (state, action), 0),
            count=int(self._all.taken[state, action]),
            patients=int(self._patients[state, action]),
            share=float(self._all.shares[state, action]),
            shown_worse=bool(lead > self._z * error and lead > 0),
        )

    def _range(self, pair, place, lowest):
        value, half = pair[0][place], self._z * pair[1][place]
        return Range(
            float(value), float(max(value - half, lowest)), float(min(value + half, 1))
        )


def _patients_given(records, n_states, n_actions):
    """How many patients got each action in each state at least once."""
    pair = records.state * n_actions + records.action
    once = np.unique(np.column_stack([pair, records.patient]), axis=0)[:, 0]
    return np.bincount(once, minlength=n_states * n_actions).reshape(n_states, n_actions)
