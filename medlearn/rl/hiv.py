"""HIV in one patient under two drugs: six equations, four doses, 200 decisions.

The model of Adams and others: how healthy cells, infected cells, virus and immune effectors change
from day to day, and what a plan of treatment is worth. NumPy alone, for many patients at once.
Nothing here is advice for any patient. Taught in chapter 52.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

__all__ = [
    "ACTIONS",
    "EFFICACIES",
    "HEALTHY",
    "STATE",
    "STEPS",
    "STEP_DAYS",
    "UNHEALTHY",
    "Course",
    "HivConstants",
    "always",
    "below",
    "derivatives",
    "on_and_off",
    "reward",
    "runge_kutta",
    "splitting",
    "treat",
    "zones",
]

STATE = ("T1", "T2", "T1*", "T2*", "V", "E")
# The two steady states without drugs between which treatment decides (Adams 2004).
UNHEALTHY = np.array([163573.0, 5.0, 11945.0, 46.0, 63919.0, 24.0])
HEALTHY = np.array([967839.0, 621.0, 76.0, 6.0, 415.0, 353108.0])
ACTIONS = ("no drug", "RTI", "PI", "RTI and PI")
EFFICACIES = np.array([[0.0, 0.0], [0.7, 0.0], [0.0, 0.3], [0.7, 0.3]])
STEP_DAYS, STEPS = 5, 200
VIRUS_WEIGHT, RTI_WEIGHT, PI_WEIGHT, EFFECTOR_WEIGHT = 0.1, 20_000.0, 20_000.0, 1_000.0


@dataclass(frozen=True)
class HivConstants:
    """The constants of one patient, or of many: a number, or an array with one for each patient.

    Attributes
    ----------
    lambda1, lambda2 : cells/(ml day)
        New healthy cells of the two kinds.
    d1, d2 : 1/day
        Death of healthy cells.
    k1, k2 : ml/(virions day)
        Infection of the two kinds of cells.
    f : number from 0 to 1
        How much of the RTI's effect reaches the second kind.
    delta : 1/day
        Death of infected cells.
    m1, m2 : ml/(cells day)
        Killing of infected cells by immune effectors.
    NT : virions/cell
        Set free by an infected cell.
    c : 1/day
        Loss of virus.
    rho1, rho2 : virions/cell
        Used up in an infection.
    lambdaE : cells/(ml day)
        New immune effectors, whatever happens.
    bE, Kb : 1/day, cells/ml
        Growth of the effectors when they meet infected cells: its maximum, and the number of
        infected cells at which half of it is reached.
    dE, Kd : 1/day, cells/ml
        The same for their exhaustion.
    deltaE : 1/day
        Natural death of the effectors.

    Notes
    -----
    Taught in chapter 52. Source: Adams and others 2004, doi:10.3934/mbe.2004.1.223; the same
    constants stand in the public code of RLPy (HIVTreatment) and of WhyNot (simulators/hiv).

    Examples
    --------
    >>> HivConstants().NT
    100.0
    """

    lambda1: float = 1e4
    lambda2: float = 31.98
    d1: float = 0.01
    d2: float = 0.01
    k1: float = 8e-7
    k2: float = 1e-4
    f: float = 0.34
    delta: float = 0.7
    m1: float = 1e-5
    m2: float = 1e-5
    NT: float = 100.0
    c: float = 13.0
    rho1: float = 1.0
    rho2: float = 1.0
    lambdaE: float = 1.0
    bE: float = 0.3
    Kb: float = 100.0
    dE: float = 0.25
    Kd: float = 500.0
    deltaE: float = 0.1

    def __post_init__(self):
        for field in fields(self):
            value = np.asarray(getattr(self, field.name), float)
            if value.ndim > 1 or not (np.isfinite(value) & (value >= 0)).all():
                raise ValueError(
                    f"{field.name} is {getattr(self, field.name)!r}: give a number not below 0, "
                    "or a vector of such numbers, one for each patient"
                )


def derivatives(states, efficacies, constants=None):
    """How fast each quantity changes, per day.

    Parameters
    ----------
    states : array, shape (n, 6)
        T1, T2 (healthy CD4 cells and macrophages), T1*, T2* (infected ones), E (immune effectors)
        in cells/ml, V (virus) in virions/ml, in the order of `STATE`.
    efficacies : array, shape (n, 2) or (2,)
        Of the reverse transcriptase inhibitor and of the protease inhibitor, from 0 to 1.
    constants : HivConstants, optional

    Returns
    -------
    array, shape (n, 6)

    Raises
    ------
    ValueError
        If states or efficacies have another shape.

    Notes
    -----
    Taught in chapter 52. Source: Adams and others 2004, doi:10.3934/mbe.2004.1.223.

    Examples
    --------
    Without drugs the unhealthy state stays almost where it is; the drugs lower its virus:

    >>> untreated, treated = derivatives([UNHEALTHY, UNHEALTHY], EFFICACIES[[0, 3]])
    >>> bool(abs(untreated[4]) < 0.001 * UNHEALTHY[4]), bool(treated[4] < -100_000)
    (True, True)
    """
    x, drugs = _columns(states, efficacies)
    p = constants or HivConstants()
    return _change(x, *_under_drugs(*drugs, p), p).T


def _columns(states, efficacies):
    """States as (6, n) and efficacies as (2, n): a row for each quantity is quicker."""
    x = np.asarray(states, float)
    if x.ndim != 2 or x.shape[1] != len(STATE):
        raise ValueError(f"states have shape {x.shape}: give (patients, {len(STATE)})")
    drugs = np.asarray(efficacies, float)
    if drugs.shape not in ((2,), (len(x), 2)):
        raise ValueError(
            f"efficacies have shape {drugs.shape}: give (2,) or ({len(x)}, 2), RTI before PI"
        )
    return x.T.copy(), np.broadcast_to(drugs, (len(x), 2)).T


def _under_drugs(rti, pi, p):
    """What the drugs leave of both infection rates, and of the making of virus."""
    return (1 - rti) * p.k1, (1 - p.f * rti) * p.k2, (1 - pi) * p.NT * p.delta


def _change(x, k1, k2, production, p):
    """The six equations, for rows of quantities."""
    T1, T2, T1s, T2s, V, E = x
    infected1, infected2, infected = k1 * V * T1, k2 * V * T2, T1s + T2s
    change = np.empty_like(x)
    change[0] = p.lambda1 - p.d1 * T1 - infected1
    change[1] = p.lambda2 - p.d2 * T2 - infected2
    change[2] = infected1 - (p.delta + p.m1 * E) * T1s
    change[3] = infected2 - (p.delta + p.m2 * E) * T2s
    change[4] = production * infected - p.c * V - p.rho1 * infected1 - p.rho2 * infected2
    change[5] = p.lambdaE + E * _growth(infected, p)
    return change


def _growth(infected, p):
    """The rate of the effectors, per day: growth, exhaustion and death."""
    return p.bE * infected / (infected + p.Kb) - p.dE * infected / (infected + p.Kd) - p.deltaE


def runge_kutta(states, efficacies, constants=None, days=STEP_DAYS, step=0.01):
    """Let time pass, accurately: the classical Runge-Kutta method of fourth order.

    Parameters
    ----------
    states, efficacies, constants
        As for :func:`derivatives`; the drugs stay the same all the while.
    days : float
    step : float
        In days. Much virus makes the equations fast (T2 changes at the rate ``k2 V``), and a step
        of 0.05 days blows up. 0.01 is good to nine digits in the plans of chapter 52.

    Returns
    -------
    array, shape (n, 6)

    Raises
    ------
    FloatingPointError
        If the step is too long for these states.

    Notes
    -----
    Taught in chapter 52.

    Examples
    --------
    >>> after = runge_kutta([UNHEALTHY], EFFICACIES[3])
    >>> bool(after[0, 4] < UNHEALTHY[4])  # the drugs lower the virus
    True
    """
    x, (rti, pi) = _columns(states, efficacies)
    p = constants or HivConstants()
    drugs = _under_drugs(rti, pi, p)
    with np.errstate(all="ignore"):
        for _ in range(_steps_in(days, step)):
            first = _change(x, *drugs, p)
            second = _change(x + step / 2 * first, *drugs, p)
            third = _change(x + step / 2 * second, *drugs, p)
            fourth = _change(x + step * third, *drugs, p)
            x = x + step / 6 * (first + 2 * (second + third) + fourth)
    if not (np.isfinite(x).all() and (x > 0).all()):
        raise FloatingPointError(
            f"a step of {step} days is too long for these patients: take a shorter one, "
            "or the method of splitting"
        )
    return x.T


def splitting(states, efficacies, constants=None, days=STEP_DAYS, step=0.05):
    """Let time pass, quickly: each quantity is solved exactly while the others are held.

    One step goes through the quantities there and back (Strang splitting): of second order, and
    for any step nothing blows up or falls below 0. At 0.05 days about eight times as quick as
    :func:`runge_kutta` and good enough to learn from, not to score by.

    Parameters
    ----------
    states, efficacies, constants, days
        As for :func:`runge_kutta`.
    step : float
        In days.

    Returns
    -------
    array, shape (n, 6)

    Notes
    -----
    Taught in chapter 52. Source: Strang 1968, doi:10.1137/0705041.

    Examples
    --------
    >>> accurate = runge_kutta([UNHEALTHY], EFFICACIES[3])
    >>> quick = splitting([UNHEALTHY], EFFICACIES[3])
    >>> bool(np.allclose(quick, accurate, rtol=0.01))
    True
    """
    x, (rti, pi) = _columns(states, efficacies)
    p = constants or HivConstants()
    *rates, production = _under_drugs(rti, pi, p)
    k = _pairs(*rates)
    source, death = _pairs(p.lambda1, p.lambda2), _pairs(p.d1, p.d2)
    kill, used = _pairs(p.m1, p.m2), k * _pairs(p.rho1, p.rho2)
    healthy, infected = x[0:2], x[2:4]

    def pass_healthy(h):
        _relax(healthy, source, death + k * x[4], h)

    def pass_infected(h):
        _relax(infected, k * healthy * x[4], p.delta + kill * x[5], h)

    def pass_effectors(h):
        rate = h * _growth(infected[0] + infected[1], p)
        x[5] = np.exp(rate) * x[5] + h * p.lambdaE * (1 + rate / 2)

    def pass_virus(h):
        loss = p.c + used[0] * healthy[0] + used[1] * healthy[1]
        _relax(x[4], production * (infected[0] + infected[1]), loss, h)

    steps = _steps_in(days, step)
    pass_healthy(step / 2)
    for k_th in range(steps):
        pass_infected(step / 2)
        pass_effectors(step / 2)
        pass_virus(step)
        pass_effectors(step / 2)
        pass_infected(step / 2)
        pass_healthy(step if k_th < steps - 1 else step / 2)
    return x.T


def _pairs(first, second):
    """Constants of the two kinds of cells as rows above each other."""
    first, second = np.broadcast_arrays(first, second)
    return np.stack([np.atleast_1d(first), np.atleast_1d(second)])


def _relax(x, source, rate, h):
    """Solve x' = source - rate x over h, in place; source and rate are held."""
    left = np.exp(-h * rate)
    x *= left
    x += source * (1 - left) / rate


def _steps_in(days, step):
    steps = round(days / step)
    if steps < 1 or abs(steps * step - days) > 1e-9:
        raise ValueError(f"a step of {step} days does not divide {days} days: give one that does")
    return steps


def reward(states, efficacies):
    """What one decision is worth, given where the patient is: shape (n,).

    ``1000 E - 0.1 V - 20000 rti^2 - 20000 pi^2``: effectors count for the patient, virus and drugs
    (for their side effects) against.

    Parameters
    ----------
    states, efficacies
        As for :func:`derivatives`: the state when the drugs are chosen, and the drugs.

    Notes
    -----
    Taught in chapter 52. The weights are those of Adams and others 2004 as WhyNot's code gives
    them; RLPy's code, after Ernst and others 2006 (Conference on Decision and Control), has 2000
    for the protease inhibitor.

    Examples
    --------
    >>> round(float(reward([UNHEALTHY], EFFICACIES[0])[0]), 1)
    17608.1
    """
    x, (rti, pi) = _columns(states, efficacies)
    drugs = RTI_WEIGHT * rti**2 + PI_WEIGHT * pi**2
    return EFFECTOR_WEIGHT * x[5] - VIRUS_WEIGHT * x[4] - drugs


class Course(NamedTuple):
    """What happened to patients under a plan.

    Attributes
    ----------
    states : array, shape (steps + 1, n, 6)
        Before each decision, and after the last; units as for `derivatives`.
    actions : array of int, shape (steps, n)
        Places in `ACTIONS`.
    rewards : array, shape (steps, n)
    """

    states: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray

    @property
    def score(self):
        """The sum of the rewards, without discount: shape (n,)."""
        return self.rewards.sum(axis=0)

    @property
    def days(self):
        """The day of each row of `states`."""
        return STEP_DAYS * np.arange(len(self.states))


def treat(plan, n=1, constants=None, integrate=runge_kutta, start=UNHEALTHY, steps=STEPS):
    """Treat patients by a plan, five days a step, and keep everything.

    Parameters
    ----------
    plan : callable
        Takes the number of the step, from 0, and the states, shape (n, 6); gives a place in
        `ACTIONS` for each patient, shape (n,) or one for all.
    n : int
        Patients.
    constants : HivConstants, optional
    integrate : callable
        :func:`runge_kutta`, or :func:`splitting` where a quick answer will do.
    start : array, shape (6,) or (n, 6)
    steps : int

    Returns
    -------
    Course

    Notes
    -----
    Taught in chapter 52. With `runge_kutta` 1000 days take about 8 seconds, for one patient as
    for ten.

    Examples
    --------
    >>> course = treat(always(3), n=2, steps=4)
    >>> course.states.shape, course.actions.tolist()
    ((5, 2, 6), [[3, 3], [3, 3], [3, 3], [3, 3]])
    """
    states = np.broadcast_to(np.asarray(start, float), (n, len(STATE)))
    seen, actions, rewards = [states], [], []
    for step in range(steps):
        chosen = np.broadcast_to(plan(step, states), (n,)).astype(int)
        drugs = EFFICACIES[chosen]
        rewards.append(reward(states, drugs))
        states = integrate(states, drugs, constants)
        actions.append(chosen)
        seen.append(states)
    return Course(np.array(seen), np.array(actions), np.array(rewards))


def always(action):
    """The plan that never changes.

    Parameters
    ----------
    action : int
        A place in `ACTIONS`, or an array of shape (n,) with one for each patient.

    Notes
    -----
    Taught in chapter 52.

    Examples
    --------
    >>> always(3)(17, None)
    3
    """
    return lambda step, states: action


def on_and_off(on, off, action=3):
    """The plan that gives drugs for `on` steps and none for `off` steps, over and over.

    Parameters
    ----------
    on, off : int
        In steps of five days, or arrays of shape (n,) with one for each patient.
    action : int
        What is given in the on-phase: a place in `ACTIONS`.

    Notes
    -----
    Taught in chapter 52.

    Examples
    --------
    >>> plan = on_and_off(on=2, off=1)
    >>> [int(plan(step, None)) for step in range(6)]
    [3, 3, 0, 3, 3, 0]
    """
    period = np.asarray(on) + np.asarray(off)
    return lambda step, states: np.where(step % period < on, action, 0)


def below(quantity, thresholds, action=1):
    """The rule of one number: drugs while a quantity is below a threshold, else none.

    Parameters
    ----------
    quantity : str
        One of `STATE`.
    thresholds : float
        In the unit of the quantity, or an array of shape (n,) with one for each patient.
    action : int
        A place in `ACTIONS`.

    Raises
    ------
    ValueError
        If there is no such quantity.

    Notes
    -----
    Taught in chapter 52.

    Examples
    --------
    >>> plan = below("T1", 400_000)
    >>> plan(0, np.array([UNHEALTHY, HEALTHY])).tolist()
    [1, 0]
    """
    if quantity not in STATE:
        raise ValueError(f"there is no quantity {quantity!r}: give one of {', '.join(STATE)}")
    place = STATE.index(quantity)
    return lambda step, states: np.where(states[:, place] < thresholds, action, 0)


def zones(low, high, actions=(1, 2, 3)):
    """The rule of two numbers: which drugs, by the infected cells T1* + T2*.

    Parameters
    ----------
    low, high : float
        In cells/ml, or arrays of shape (n,) with one for each patient.
    actions : sequence of three int
        Places in `ACTIONS`: below `low`, from `low` to below `high`, and from `high` on.

    Notes
    -----
    Taught in chapter 52.

    Examples
    --------
    >>> zones(100, 1000)(0, np.array([UNHEALTHY, HEALTHY])).tolist()
    [3, 1]
    """
    def plan(step, states):
        infected = states[:, 2] + states[:, 3]
        return np.asarray(actions)[(infected >= low).astype(int) + (infected >= high)]

    return plan
