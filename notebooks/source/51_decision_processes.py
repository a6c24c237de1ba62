# %% [markdown]
# # 51 · Decision processes
#
# You will write treatment as a chain of decisions, compute the best possible treatment of a
# simulated intensive care unit exactly, and let a program find it by trial and error.
#
# | | |
# | --- | --- |
# | **Time** | {reading} to read and do, {running} to run |
# | **Know before** | chapter 10 (intervals); vectors, matrices, probabilities |
# | **Follows** | D4, section 4.4 |
#
# **After this chapter you can**
# - describe a treatment problem by states, actions, rewards and a discount, and say what a discount
#   does to patients
# - compute what a policy is worth, exactly, from the Bellman equation
# - find the best policy by value iteration and by policy iteration
# - write Q-learning with its whole update, and compare ways of exploring
# - say why forbidden actions must be masked, and what a learned policy does not prove

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from medlearn import data, exercises, lesson, metrics, plots, rl, tables, widgets

plots.use_course_style()
lesson.use_one_thread()  # the matrices here are small
rng = np.random.default_rng(lesson.seed())


def shown(table):
    """Four digits, and nothing where there is no number."""
    return table.map(lambda number: "" if np.isnan(number) else f"{number:.4g}")

# %% [markdown]
# ## The data
#
# **Sepsis** is an infection that makes the body's own organs fail. In intensive care two drugs are
# adjusted every few hours: **fluids** into a vein, and **vasopressors**, which narrow the blood
# vessels and so raise the blood pressure. How much of each? Too little starves the organs of
# blood; too much floods the lungs, or chokes the fingers and the gut.
#
# The benchmark **ICU-Sepsis** follows Komorowski and others (2018): of either drug five levels, 0
# for none and 1 to 4 for the quarters of the doses that were given, so 25 actions; one decision
# every four hours.

# %% tags=["card"]
data.icu_sepsis_card()

# %%
benchmark = rl.icu_sepsis()
icu = benchmark.process
treated = ~icu.terminal
open_to = icu.admissible[treated].sum(axis=1)
print(icu)
print(f"Actions open in a state: {open_to.min()} to {open_to.max()}, mean {open_to.mean():.1f}; "
      f"only one in {np.mean(open_to == 1):.0%} of the states")
assert 3 < open_to.mean() < 3.5
assert icu.n_states == 716 and icu.n_actions == 25 and icu.admissible.sum() == 2238

# %% [markdown]
# How ill a patient is, is summed up by the **SOFA score** (sequential organ failure assessment):
# lungs, blood clotting, liver, circulation, brain and kidneys get 0 to 4 points each, 24 in all
# (Vincent and others 1996). By the Sepsis-3 definition, sepsis is a rise of 2 points or more
# through an infection (Singer and others 2016). Each state of the benchmark carries the mean SOFA
# score of its records.
#
# **The end of a course is the end of the record, not of the stay.** The records run from at most 24
# hours before the estimated onset to 48 hours after it (Komorowski and others 2018), and whoever
# died within 90 days counts as dead. So "survived", after 12 hours, means: the record ended there,
# and the patient did not die within the 90 days.
#
# Here are six patients, drawn from the tables and treated as the clinicians did:

# %%
records = rl.simulate(icu, benchmark.clinicians, n=6, seed=lesson.seed())
print("patient  step  state  action                    next state  reward")
for k in range(4):
    print(f"{records.patient[k]:7}  {records.step[k]:4}  {records.state[k]:5}  "
          f"{benchmark.action_names[records.action[k]]:24}  {records.next_state[k]:10}  "
          f"{records.reward[k]:6.0f}")

# %% tags=["figure"]
fig, axes = plt.subplots(2, 3, figsize=(10, 4.6), sharex=True, sharey=True)
for patient, ax in enumerate(axes.ravel()):
    rows = records.patient == patient
    hours = 4 * records.step[rows]
    ax.plot(hours, benchmark.sofa[records.state[rows]], "-o", ms=4)
    died = records.returns()[patient] == 0
    ax.plot(hours[-1] + 4, 0.5, "X" if died else "P", ms=10, color="black")
    ax.set_title(f"patient {patient}: {'died' if died else 'survived'}", fontsize=10)
for ax in axes[1]:
    ax.set_xlabel("hours in the model")
for ax in axes[:, 0]:
    ax.set_ylabel("SOFA (points)")
plots.show(
    fig,
    "Figure 51.1. Six simulated patients under the clinicians' treatment. A dot is a state, "
    "four hours after the one before; the black sign is the end of the record (cross: died "
    "within 90 days, plus: survived).",
    "Six small panels, each a broken line of SOFA scores over hours, ending in a cross or a "
    "plus.",
)

# %% [markdown]
# ## The idea: a decision process
#
# A **Markov decision process** (D4, section 4.4) has five parts:
# - **states** $s$: all that is known of the patient now;
# - **actions** $a$: what can be done;
# - **transition probabilities** $P(s' \mid s, a)$: which state $s'$ comes next;
# - **rewards** $r$: what an outcome is worth to us, here 1 for survival;
# - a **discount** $\gamma$ (gamma), between 0 and 1: what a reward one step later counts.
#
# *Markov* means: the next state depends on the present state and action alone, not on how the
# patient came here. That is an assumption, and for patients a bold one.
#
# A **policy** $\pi(a \mid s)$ says with which probability each action is taken in each state. The
# aim (D4) is the policy with the largest expected discounted sum of rewards,
#
# $$ J(\pi) = \mathrm{E}_\pi \Bigl[ \sum_{t=0}^{\infty} \gamma^t \, r_t \Bigr] \tag{51.1} $$
#
# where E is the mean over all patients and all chance. The sum for one patient is the **return**.
#
# Begin with something that fits on a sheet of paper. A patient is *stable* or in *shock*, and ends
# *dead* or at *home*. Each hour you may *wait* or *treat*. Treatment helps in shock; in a stable
# patient it can only harm.

# %%
names = ["stable", "shock", "dead", "home"]
P = np.array([  # P[state, action, next state]; actions: wait, treat
    [[0.0, 0.1, 0.0, 0.9], [0.0, 0.1, 0.1, 0.8]],
    [[0.1, 0.4, 0.5, 0.0], [0.5, 0.3, 0.2, 0.0]],
    [[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]],
    [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]],
])
ward = rl.FiniteProcess(P, initial=[0.5, 0.5, 0, 0], arrival_rewards=[0, 0, 0, 1],
                        terminal=[False, False, True, True])
print(ward)

# %% tags=["figure"]
fig, axes = plt.subplots(1, 2, figsize=(9, 2.6), sharey=True)
for ax, action, word in zip(axes, (0, 1), ("wait", "treat")):
    ax.imshow(P[:2, action], vmin=0, vmax=1, cmap="Blues", aspect="auto")
    for (row, column), p in np.ndenumerate(P[:2, action]):
        ax.text(column, row, f"{p:.1f}", ha="center", va="center",
                color="white" if p > 0.6 else "black")
    ax.set(xticks=range(4), xticklabels=names, yticks=range(2), yticklabels=names[:2],
           title=word, xlabel="next state")
    ax.grid(False)
axes[0].set_ylabel("state now")
plots.show(
    fig,
    "Figure 51.2. The whole decision process of the small ward: the probability of each next "
    "state, if you wait and if you treat. Dead and home are ends.",
    "Two tables of probabilities. Wait: stable goes home 0.9, to shock 0.1; shock dies 0.5, "
    "stays 0.4, stable 0.1. Treat: stable goes home 0.8, dies 0.1, shock 0.1; shock gets stable "
    "0.5, stays 0.3, dies 0.2.",
)

# %% [markdown]
# ## The idea: what a policy is worth
#
# Call $v_\pi(s)$, `values`, the expected return from state $s$ on under the policy. Now the key of
# the whole chapter. After one step you stand in another state, and *from there* the same question
# has the answer $v_\pi(s')$. So (Bellman 1957)
#
# $$ v_\pi(s) = \sum_a \pi(a \mid s) \Bigl[ r(s, a) + \gamma \sum_{s'} P(s' \mid s, a) \,
# v_\pi(s') \Bigr] \tag{51.2} $$
#
# where $r(s, a)$ is the mean reward of that step; ends are worth 0, because the reward is paid on
# arrival. With $P_\pi$ for the transitions under the policy and $r_\pi$ for its mean rewards this
# is a system of linear equations, one for each state that is no end, solved at one blow ($I$ is the
# identity matrix):
#
# $$ v_\pi = r_\pi + \gamma P_\pi v_\pi \quad \Longrightarrow \quad
# (I - \gamma P_\pi) \, v_\pi = r_\pi \tag{51.3} $$
#
# By hand, for "wait when stable, treat in shock" and $\gamma = 1$:
# $v(\text{stable}) = 0.9 + 0.1\, v(\text{shock})$ and
# $v(\text{shock}) = 0.5\, v(\text{stable}) + 0.3\, v(\text{shock})$.

# %%
def evaluate(P, r, policy, gamma, ends):
    """P (states, actions, states), r and policy (states, actions): values (states,)."""
    P_pi = np.einsum("sa,sat->st", policy, P)
    r_pi = (policy * r).sum(axis=1)
    go_on = ~ends
    values = np.zeros(len(P))
    A = np.eye(go_on.sum()) - gamma * P_pi[np.ix_(go_on, go_on)]
    values[go_on] = np.linalg.solve(A, r_pi[go_on])
    return values


sensible = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
values = evaluate(P, ward.rewards, sensible, 1.0, ward.terminal)
print({name: round(float(each), 4) for name, each in zip(names, values)})
assert np.allclose(values[:2], [63 / 65, 9 / 13])  # the two equations, solved by hand
assert np.allclose(values, rl.evaluate(ward, sensible))

# %% [markdown]
# `rl.evaluate` does the same for hundreds of states. With a reward of 1 for survival and $\gamma =
# 1$, a value *is* a probability of survival.
#
# ## The idea: the best policy
#
# Write $Q(s, a)$ for what an action is worth if you go on optimally afterwards. The best policy
# takes the best action everywhere, so its values obey the **Bellman optimality equation**
#
# $$ Q^*(s, a) = r(s, a) + \gamma \sum_{s'} P(s' \mid s, a) \max_{a'} Q^*(s', a'), \qquad
# v^*(s) = \max_a Q^*(s, a) \tag{51.4} $$
#
# Every maximum runs over the actions that are open in its state. It makes the equation nonlinear.
# Two ways to solve it:
#
# **Value iteration.** Start with $v = 0$ and apply (51.4) again and again:
#
# $$ v_{k+1}(s) = \max_a \Bigl[ r(s, a) + \gamma \sum_{s'} P(s' \mid s, a) \, v_k(s') \Bigr]
# \tag{51.5} $$
#
# **Policy iteration** (Howard 1960). Compute a policy's values exactly (51.3), then in each state
# take the action that looks best by them; repeat until nothing changes. No step makes the policy
# worse.

# %%
def action_values(process, v):
    """One backup: the bracket of (51.5), for every state and action."""
    after = (process.transitions @ v).reshape(process.n_states, process.n_actions)
    return np.where(process.terminal[:, None], 0, process.rewards + process.discount * after)


def best_open(process, Q):
    return np.where(process.admissible, Q, -np.inf).argmax(axis=1)


def value_iteration(process, tolerance=1e-10):
    v, sweeps = np.zeros(process.n_states), []
    while not sweeps or sweeps[-1] > tolerance:
        Q = action_values(process, v)
        new_v = np.where(process.terminal, 0, Q[np.arange(len(v)), best_open(process, Q)])
        sweeps.append(np.abs(new_v - v).max())
        v = new_v
    return v, sweeps

# %%
def policy_iteration(process):
    actions = process.admissible.argmax(axis=1)  # the first open action
    while True:
        v = rl.evaluate(process, rl.deterministic_policy(process, actions))
        Q, states = action_values(process, v), np.arange(len(v))
        best = best_open(process, Q)
        better = Q[states, best] > Q[states, actions] + 1e-10  # more than rounding
        if not better.any():
            return v, actions
        actions = np.where(better, best, actions)


v, sweeps = value_iteration(ward)
v_exact, actions = policy_iteration(ward)
print(f"value iteration: {v[:2].round(6)} after {len(sweeps)} sweeps")
print("policy iteration:", v_exact[:2].round(6), [["wait", "treat"][a] for a in actions[:2]])
assert np.allclose(v, v_exact) and list(actions[:2]) == [0, 1]

# %% [markdown]
# Both say what a doctor would: leave the stable alone, treat the shocked.
#
# ## The truth about ICU-Sepsis
#
# The same two functions, on 716 states. Nothing is learned yet: the tables are given, and what
# comes out is the exact truth about *this model*.

# %%
v, sweeps = value_iteration(icu)
v_best, actions = policy_iteration(icu)
best = rl.deterministic_policy(icu, actions)
print(f"optimal survival: {icu.initial @ v:.6f} by value iteration ({len(sweeps)} sweeps), "
      f"{icu.initial @ v_best:.6f} by policy iteration")
assert abs(icu.initial @ v - 0.87514) < 1e-5 and np.allclose(v, v_best, atol=1e-8)
assert np.allclose(v_best, rl.value_iteration(icu).values, atol=1e-8)

# %% [markdown]
# Marks to compare with: a **random** choice among the open actions, the **clinicians**, always
# their **most frequent** open action, and always the open action with the **lowest** number (the
# least fluid). Actions are numbered 5 times the level of fluid plus the level of vasopressor.

# %%
often = np.where(icu.admissible, benchmark.clinicians, -1).argmax(axis=1)
policies = {
    "random": rl.uniform_policy(icu),
    "lowest dose": rl.deterministic_policy(icu, icu.admissible.argmax(axis=1)),
    "clinicians": benchmark.clinicians,
    "clinicians' most frequent": rl.deterministic_policy(icu, often),
    "optimal": best,
}
published = {"random": (0.78, 9.45), "clinicians": (0.78, 9.22), "optimal": (0.88, 10.99)}
truth = pd.DataFrame({
    name: {"survival": rl.value(icu, policy), "steps": rl.expected_length(icu, policy),
           "published survival": published.get(name, (np.nan,))[0],
           "published steps": published.get(name, (0, np.nan))[1]}
    for name, policy in policies.items()
}).T
for name, (survival, steps) in published.items():
    assert abs(truth.survival[name] - survival) < 0.0051 and abs(truth.steps[name] - steps) < 0.03
gain = truth.survival - truth.survival["clinicians"]
assert abs(gain["random"]) < 0.005 and 0 < gain["lowest dose"] < 0.01 and gain["optimal"] > 0.09
shown(truth)

# %% [markdown]
# The published figures (README of the benchmark, Choudhary and others 2024) are rounded, and their
# lengths averaged over simulated patients; they agree. (Their random policy draws from all 25
# actions. That is the same here: a closed action does what the open ones do on average, as you will
# see.) Two things to notice:
# - Random treatment is about as good as the clinicians', and always giving the least is a little
#   better. That cannot be true of patients. It says what the model is: only actions that clinicians
#   took more than 20 times are open, so "random" means random *among what doctors do*; and doctors
#   may have given less to those who were less ill in ways that the states do not hold.
# - The optimum saves nine more of a hundred. Or rather, it would, *if the tables were the truth*.
#   They were estimated from records in which the sicker were treated differently. Chapter 53 asks
#   what is left of it.
#
# ### Exact beside simulated
#
# Where the tables are known, no patient need be simulated. To see that both agree, simulate once,
# with a 99.9 % interval (Wilson's, chapter 10):

# %%
exact = truth.survival["clinicians"]
for n in (100, 1000, 10_000):
    patients = rl.simulate(icu, benchmark.clinicians, n, seed=lesson.seed() + n)
    survived = int(patients.returns().sum())
    interval = metrics.wilson_interval(survived, n, confidence=0.999)
    print(f"{n:6} simulated patients: {interval}")
    assert interval.low < exact < interval.high
print(f"       linear equations: {exact:.6f}")

# %% [markdown]
# Ten thousand patients still leave a doubt of more than a point; the linear system leaves none.
# From here on **every value of a policy is exact**.
#
# ### What a discount does to patients
#
# Value iteration has a plain meaning here: with $\gamma = 1$, $v_k$ is the best chance of a course
# that ends well *within k steps*. And a discount below 1 makes a survival later worth less. That is
# no harmless technicality. The policy that is best for $\gamma$, judged by what counts, survival:

# %%
for gamma in (0.9, 0.97, 0.99, 1.0):
    hasty = rl.policy_iteration(icu.with_discount(gamma)).policy
    print(f"gamma {gamma:<5} survival {rl.value(icu, hasty):.4f}, "
          f"{rl.expected_length(icu, hasty):5.2f} steps")
    assert gamma == 1 or rl.value(icu, hasty) < truth.survival["optimal"] - 0.005
hasty = rl.policy_iteration(icu.with_discount(0.9)).policy
assert rl.value(icu, hasty) < 0.84 and rl.expected_length(icu, hasty) < 8

# %% tags=["figure"]
solved = rl.value_iteration(icu)
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4))
left.plot(range(1, 101), solved.history[:100, 1])
left.axhline(truth.survival["optimal"], color=plots.COLOURS["grey"], lw=1, ls="-")
left.set(xlabel="sweeps k (steps of four hours)", ylabel="mean of $v_k$ over first states",
         ylim=(0, 1))
gammas = [0.7, 0.8, 0.9, 0.95, 0.97, 0.99, 0.995, 1.0]
worth = [rl.value(icu, rl.policy_iteration(icu.with_discount(g)).policy) for g in gammas]
right.plot(gammas, worth, "-o")
right.axhline(exact, color=plots.COLOURS["grey"], lw=1, ls="--")
right.annotate("clinicians", (0.7, exact + 0.002), fontsize=10)
right.set(xlabel="discount the policy was made for", ylabel="its survival", ylim=(0.77, 0.89))
plots.show(
    fig,
    "Figure 51.3. Left: value iteration fills up towards the optimum (grey line); after k "
    "sweeps it knows treatments of k steps. Right: survival under policies that are optimal for "
    "a discount. A policy told to hurry ends its courses sooner and, in the model, loses lives.",
    "Left, a curve rising from 0.14 to a plateau at 0.875 by about 60 sweeps. Right, survival "
    "rising from about 0.81 at discount 0.7 to 0.875 at discount 1, steepest near 1.",
)

# %% [markdown]
# ## The idea: learning without the tables
#
# In life nobody hands you $P$. **Q-learning** (Watkins and Dayan 1992) needs only experience: it
# was in $s_t$, did $a_t$, received $r_t$ and arrived in $s_{t+1}$. It keeps a table $Q$ and moves
# one entry a step towards what the experience suggests:
#
# $$ Q(s_t, a_t) \leftarrow Q(s_t, a_t) + \alpha \Bigl[
# \underbrace{r_t + \gamma \max_{a'} Q(s_{t+1}, a')}_{\text{target}} - Q(s_t, a_t)
# \Bigr] \tag{51.6} $$
#
# The bracket is the **temporal-difference error**: target minus what was believed. $\alpha$ (alpha)
# is the **step size**. The target is (51.4) with one drawn next state in place of the sum over all.
# After an end there is no next state, and its maximum is 0.

# %% [markdown] tags=["erratum"]
# ### Erratum, D4 section 4.4: the update breaks off
#
# D4 prints (51.6) as far as the opening of the last term, and ends there: "minus Q of s with some
# index". How it goes on decides everything. Three endings, on the small ward, with actions at
# random:
# - minus $Q(s_t, a_t)$, the right one: the entry moves *towards* the target;
# - minus $Q(s_{t+1}, a_t)$, as a glance at the broken line may suggest: the bracket is then never
#   negative here, so entries can only grow;
# - nothing: they grow without end too.
#
# Also missing in D4: what happens at the end of an episode (the maximum is 0), and that only open
# actions may enter it.

# %% tags=["erratum"]
def run_ending(ending, steps=6000, alpha=0.02):
    Q, seen = np.zeros((4, 2)), []
    dice, s = np.random.default_rng(lesson.seed()), 1
    for _ in range(steps):
        a = dice.integers(2)
        s_next = dice.choice(4, p=P[s, a])
        subtracted = {"Q(s_t, a_t)": Q[s, a], "Q(s_{t+1}, a_t)": Q[s_next, a], "nothing": 0}[ending]
        Q[s, a] += alpha * (ward.arrival_rewards[s_next] + Q[s_next].max() - subtracted)
        s = dice.integers(2) if ward.terminal[s_next] else s_next
        seen.append(Q[1, 1])
    return Q, np.array(seen)


endings = {ending: run_ending(ending) for ending in ("Q(s_t, a_t)", "Q(s_{t+1}, a_t)", "nothing")}
Q_ward = action_values(ward, rl.value_iteration(ward).values)
for ending, (Q, _) in endings.items():
    print(f"minus {ending:16} Q(shock, treat) = {Q[1, 1]:.3g}   (exact: {Q_ward[1, 1]:.3f})")
assert np.abs(endings["Q(s_t, a_t)"][0] - Q_ward).max() < 0.25
assert endings["Q(s_{t+1}, a_t)"][0].max() > 2 and endings["nothing"][0].max() > 100

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(8, 3.4))
for ending, (_, seen) in endings.items():
    ax.plot(seen, label=f"minus ${ending}$" if "Q" in ending else f"minus {ending}")
ax.axhline(Q_ward[1, 1], color="black", lw=1, ls="-")
ax.annotate("exact", (5500, Q_ward[1, 1] + 0.1), fontsize=10)
ax.set(xlabel="step", ylabel="Q(shock, treat)", ylim=(0, 5))
ax.legend()
plots.show(
    fig,
    "Figure 51.4. Three ways to end D4's broken formula. A value is a probability of survival: "
    "whatever leaves the range from 0 to 1 is no value. Only the right ending stays at the "
    "exact one.",
    "Three lines over 6000 steps: the right ending rises to about 0.69 and trembles there, the "
    "other two leave the picture at the top.",
)

# %% [markdown]
# Why does the right one tremble? Each target is one drawn patient, and a constant $\alpha$ never
# stops listening to the last of them. Let the step shrink with the number $n$ of times that this
# pair of state and action has been moved:
#
# $$ \alpha_n = n^{-0.7} \tag{51.7} $$
#
# An exponent above 0.5 and up to 1 lets the noise die out and still lets the table travel as far as
# it must (Robbins and Monro 1951). With $1$ every target ever seen would count the same, also the
# first, made of an empty table; $0.7$ forgets those faster.
#
# **Exploration.** Who always takes the action that looks best never learns about the others. The
# common remedy, **epsilon-greedy**: with probability $\epsilon$ any open action, else the best
# known. Here $\epsilon$ falls from 1 to 0.1 over the first half of the patients.
#
# **Forbidden actions.** Closed actions are **masked**: never drawn, never looked at in the maximum.
#
# Our learner treats 256 patients side by side: for NumPy that is many times faster than one after
# another (`benchmarks.simulation` measures it). Where several of them share a pair, the pair moves
# once, towards their mean target.

# %%
SETTINGS = {"patients": 256, "step_exponent": 0.7, "epsilon": [1.0, 0.1, 0.5]}


def move(Q, count, s, a, target):
    pairs, place, number = np.unique(s * Q.shape[1] + a, return_inverse=True, return_counts=True)
    mean = np.bincount(place, weights=target) / number
    count.flat[pairs] += 1
    alpha = count.flat[pairs] ** -SETTINGS["step_exponent"]  # (51.7)
    Q.flat[pairs] += alpha * (mean - Q.flat[pairs])  # (51.6)


def q_learning(process, episodes, seed, checkpoints=10):
    Q, count = np.zeros(process.admissible.shape), np.zeros(process.admissible.shape, dtype=int)
    epsilon = rl.EpsilonSchedule(*SETTINGS["epsilon"])
    rng, hospital = np.random.default_rng(seed), rl.Simulator(process)
    s, finished, curve = hospital.start(SETTINGS["patients"], rng), 0, []
    for k in plots.progress(range(1, checkpoints + 1), "Q-learning"):
        while finished < episodes * k / checkpoints:
            a = rl.epsilon_greedy(Q[s], process.admissible[s], epsilon(finished / episodes), rng)
            s_next, r, ended = hospital.step(s, a, rng)
            best_next = np.where(process.admissible[s_next], Q[s_next], -np.inf).max(axis=1)
            move(Q, count, s, a, r + process.discount * np.where(ended, 0, best_next))
            s = s_next
            s[ended] = hospital.start(ended.sum(), rng)  # new patients take the places
            finished += ended.sum()
        curve.append(rl.value(process, rl.greedy_policy(process, Q)))
    return Q, np.array(curve)

# %% [markdown]
# A hundred thousand simulated patients; a few seconds. After each tenth of them the policy learned
# so far is evaluated, exactly. The same learner stands in `medlearn.rl`, and with the same seed
# gives the same table.

# %%
Q, curve = q_learning(icu, 100_000, seed=lesson.seed())
learned = rl.greedy_policy(icu, Q)
live = rl.value(icu, learned)
assert curve[0] > exact
print(f"survival under the learned policy: {live:.4f} (optimum {truth.survival['optimal']:.4f})")
small, _ = q_learning(icu, 3000, seed=lesson.seed())
packaged = rl.q_learning(icu, rl.QLearning(episodes=3000), seed=lesson.seed())
assert np.allclose(small, packaged) and live >= 0.860

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(7.5, 3.6))
ax.plot(np.arange(1, 11) * 10, curve, "-o", ms=4, label="Q-learning, this run")
for name, dash in (("optimal", "-"), ("clinicians", "--"), ("random", ":")):
    ax.axhline(truth.survival[name], color=plots.COLOURS["grey"], lw=1.5, ls=dash)
    ax.annotate(name, (88 if name != "random" else 2,
                       truth.survival[name] + (0.002 if name != "random" else -0.006)), fontsize=10)
ax.set(xlabel="simulated patients (thousands)", ylabel="survival, exact", xlim=(0, 103),
       ylim=(0.765, 0.885))
ax.legend(loc="center right")
plots.show(
    fig,
    "Figure 51.5. What the policy learned so far is worth. At the first point it has passed "
    "the clinicians; then it gains ever more slowly. Note the axis: it begins at 0.765.",
    "A curve that rises from 0.82, above the clinicians' line at 0.78, ever more slowly towards "
    "the optimum's line at 0.875.",
)

# %% [markdown]
# ## The idea: trying things out
#
# One run proves little. The **stored table** holds ten seeds of this learner, and three or
# more of each variant, made by one command.

# %%
table = tables.load_table("q_learning", "real")
runs = pd.json_normalize(table["runs"], max_level=0)
print(table["command"])
for day, versions in sorted({(run["date"], str(run["versions"])) for run in table["runs"]}):
    print("runs of", day, "with", versions)
assert {key: table["settings"][key] for key in SETTINGS} == SETTINGS


def of(variant, episodes=100_000):
    return runs[(runs.variant == variant) & (runs.episodes == episodes)]


ways = ["Q-learning", "Q-learning, to 0", "epsilon 0.1", "epsilon 1", "greedy",
        "greedy, optimistic", "SARSA", "SARSA, to 0"]
compared = {name: of(name).value.agg(["mean", "min", "max", "count"]) for name in ways}
shown(pd.DataFrame(compared).T)

# %% [markdown]
# The rows, all after 100 thousand patients:
# - *Q-learning*: $\epsilon$ from 1 to 0.1 over the first half; *to 0*: from 1 to 0 over all
#   patients;
# - *epsilon* 0.1 and 1: constant; 1 is all chance, and it still learns, because Q-learning's target
#   asks for the *best* next action, whatever is done (it is **off-policy**);
# - *greedy*: no chance at all. It never tries anything but the first open action, since no other
#   value ever rises above its starting 0: exactly the *lowest dose* of the first table;
# - *greedy, optimistic*: no chance either, but every value starts at 1, the best there is. Each try
#   disappoints, so the next action looks better: **optimism explores by itself**.
# - *SARSA* (Rummery and Niranjan 1994) replaces the maximum by the action that is really taken
#   next:
#
# $$ Q(s_t, a_t) \leftarrow Q(s_t, a_t) + \alpha \bigl[ r_t
# + \gamma \, Q(s_{t+1}, a_{t+1}) - Q(s_t, a_t) \bigr] \tag{51.8} $$
#
# So SARSA learns what its policy is worth *with* the exploring (**on-policy**). That is honest, and
# slower here, with the step that was chosen for Q-learning: early, random next actions enter every
# target.

# %%
assert np.allclose(of("greedy").value, truth.survival["lowest dose"], atol=1e-4)
assert of("Q-learning").value.min() > of("epsilon 0.1").value.max()
assert of("greedy, optimistic").value.min() > of("greedy").value.max() + 0.05
assert of("SARSA").value.max() < of("SARSA, to 0").value.min()
assert of("SARSA, to 0").value.max() < of("Q-learning").value.min()
assert of("Q-learning").value.min() > of("epsilon 1").value.max()

# %% tags=["figure"]
labels = {"Q-learning": "Q-learning, epsilon 1 to 0.1", "epsilon 0.1": "epsilon 0.1",
          "epsilon 1": "epsilon 1 (all chance)", "greedy, optimistic": "greedy, optimistic",
          "SARSA": "SARSA, epsilon 1 to 0.1", "greedy": "greedy"}
fig, ax = plt.subplots(figsize=(8, 4))
for (name, label), marker in zip(labels.items(), "os^Dvx"):
    curves = np.array(of(name).curve.tolist())
    places = np.arange(1, curves.shape[1] + 1) * 100 / curves.shape[1]
    ax.plot(places, curves.mean(axis=0), marker=marker, ms=4, label=label)
    ax.fill_between(places, curves.min(axis=0), curves.max(axis=0), alpha=0.15)
ax.axhline(truth.survival["optimal"], color=plots.COLOURS["grey"], lw=1.5, ls="-")
ax.set(xlabel="simulated patients (thousands)", ylabel="survival, exact")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=9)
plots.show(
    fig,
    "Figure 51.6. Ways of exploring, three to ten seeds each (line: mean, band: lowest to "
    "highest). Grey: the optimum. Without any exploration next to nothing is learned.",
    "Six curves. Greedy is flat at 0.788. The others rise; at the end Q-learning with a falling "
    "epsilon is highest, SARSA lowest of those that learn.",
)

# %% [markdown]
# ## A lesson in safety: forbidden actions
#
# Most pairs of state and action were tried by clinicians 20 times or less, or never. The authors of
# the benchmark closed them, and filled their rows with the mean of the state's open rows, so that a
# program may step there. Let us see that:

# %%
state = int(np.flatnonzero(open_to == 4)[0])
rows = np.array([icu.next_probabilities(state, action) for action in range(25)])
open_rows, closed_rows = rows[icu.admissible[state]], rows[~icu.admissible[state]]
difference = abs(closed_rows - open_rows.mean(axis=0)).max()
print(f"state {state}: open actions {np.flatnonzero(icu.admissible[state]).tolist()}; "
      f"largest difference of the closed rows from the mean of the open: {difference:.0e}")
assert np.allclose(closed_rows, open_rows.mean(axis=0))

# %% [markdown]
# So a closed action is, in the model, a mixture of the open ones. In truth nobody knows what it
# would do: a high dose of vasopressor for a patient who never got any is no mixture of fluids. What
# if we forget the mask?

# %%
masked, unmasked = of("Q-learning"), of("unmasked")
gap = np.sort(masked.value)[0] - np.sort(unmasked.value)[::-1]  # worst of one, each of the other
late = of("unmasked", 200_000)
print(f"100 thousand patients: masked {masked.value.mean():.4f}, "
      f"unmasked {unmasked.value.mean():.4f}, "
      f"smallest gap of any two seeds {gap.min():.4f}")
print(f"200 thousand patients: unmasked {late.value.mean():.4f}")
acts = rl.visits(icu, benchmark.clinicians)[:, None] * benchmark.clinicians
rare = acts[~icu.admissible].sum() / acts.sum()
print(f"something closed is done by the unmasked policy in "
      f"{unmasked.inadmissible_share.mean():.0%} of all steps, by clinicians in {rare:.0%}")
print(f"survival that it promises itself: {unmasked.claimed.mean():.3f}; "
      f"the masked one: {masked.claimed.mean():.3f}")
assert gap.min() >= 0.04 and unmasked.inadmissible_share.min() > 0.3 > 2 * rare
assert late.value.max() < masked.value.min() and (unmasked.claimed > unmasked.value + 0.03).all()

# %% [markdown]
# Three lessons in one.
# - **It learns far worse.** It must tell 25 actions apart where 3 are open on average, and the
#   maximum over many noisy values picks out the luckiest: the unmasked learner promises itself more
#   than it keeps, by far. With twice the patients it is still behind.
# - **It does what hardly anybody has tried**, in a large part of all steps. Clinicians do so too,
#   far less often, and for a reason seen at the bedside; the learner has none.
# - **And even its score is a fiction**, because the rows of closed actions are. In a hospital
#   nothing would have filled them in, and the learner would have found out on patients.
#
# Masking costs one line. The free optimum is the same with and without the mask: a mean is never
# better than the best of its parts.

# %%
everything = np.ones_like(icu.admissible)
free = rl.value(icu, rl.value_iteration(icu, mask=everything).policy)
print(f"optimum with every action open: {free:.6f}")
assert abs(free - truth.survival["optimal"]) < 1e-8

# %% [markdown]
# ### Turn it yourself: discount and step size
#
# The stored learning curves, three seeds each, for the learner's discount and step. What is drawn
# is always *survival*, not the discounted return.

# %%
steps = ["n^-1", "n^-0.7", "constant 0.02", "constant 0.3"]
grid = {(discount, step): of(f"discount {discount}, {step}").value
        for discount in (0.9, 0.97, 1.0) for step in steps}
assert all(len(values) == 3 for values in grid.values())
for step in ("n^-1", "constant 0.02", "constant 0.3"):
    assert grid[1.0, step].max() < grid[1.0, "n^-0.7"].min() - 0.01
for discount in (0.9, 0.97):
    assert grid[discount, "n^-0.7"].max() < grid[1.0, "n^-0.7"].min() - 0.005
survival = pd.Series({place: values.mean() for place, values in grid.items()}).unstack()[steps]
survival.rename_axis(index="discount", columns="step").round(3)

# %% tags=["widget"]
def draw_curve(discount, step):
    fig, ax = plt.subplots(figsize=(7, 3.2))
    curves = np.array(of(f"discount {discount}, {step}").curve.tolist())
    places = np.arange(1, curves.shape[1] + 1) * 100 / curves.shape[1]
    ax.plot(places, curves.mean(axis=0), "-o", ms=4)
    ax.fill_between(places, curves.min(axis=0), curves.max(axis=0), alpha=0.2)
    for name, dash in (("optimal", "-"), ("clinicians", "--")):
        ax.axhline(truth.survival[name], color=plots.COLOURS["grey"], lw=1.5, ls=dash)
        ax.annotate(name, (2, truth.survival[name] + 0.002), fontsize=10)
    ax.set(xlabel="simulated patients (thousands)", ylabel="survival, exact",
           xlim=(0, 103), ylim=(0.76, 0.89),
           title=f"discount {discount}, step {step}: {curves[:, -1].mean():.3f} at the end")
    return fig


widgets.explore(
    draw_curve,
    {"discount": widgets.choice("Discount", [0.9, 0.97, 1.0], 1.0),
     "step": widgets.choice("Step size", steps, "n^-0.7")},
    "Figure 51.7. Q-learning for a discount and a step size, three seeds (line: mean, band: lowest "
    "to highest). A constant step is too noisy or too slow; a small discount learns the wrong "
    "thing.",
    "A learning curve between the lines of the clinicians and of the optimum. With discount 1 and "
    "step n^-0.7 it rises from about 0.82 to 0.87.",
)

# %% [markdown]
# ## The result
#
# All in one table: exact survival, for the learners the mean of ten seeds (SARSA: of three) with a
# 95 % bootstrap interval of that mean. *Part of the way*: from the clinicians (0) to the optimum
# (1). The published optimum is 0.88; D4 gives no figure.

# %%
def of_seeds(values):
    values = np.asarray(values)
    assert len(values) >= 10
    means = rng.choice(values, (5000, len(values))).mean(axis=1)
    return {"survival": values.mean(), "low": np.quantile(means, 0.025),
            "high": np.quantile(means, 0.975), "lowest seed": values.min(), "seeds": len(values)}


result = pd.DataFrame({
    **{name: {"survival": value} for name, value in truth.survival.items()},
    "Q-learning, 100 thousand": of_seeds(of("Q-learning").value),
    "Q-learning, 200 thousand": of_seeds(of("Q-learning", 200_000).value),
    "unmasked, 100 thousand": of_seeds(of("unmasked").value),
    "SARSA, to 0, 100 thousand": {"survival": of("SARSA, to 0").value.mean(), "seeds": 3},
}).T.sort_values("survival")
result["part of the way"] = (result.survival - exact) / (truth.survival["optimal"] - exact)
shown(result)

# %%
low, high = tables.prediction_interval(of("Q-learning").value)
seconds = [of("Q-learning", n).processor_seconds.max() for n in (100_000, 200_000)]
print(f"this run {live:.4f}; 99.9 % prediction interval of the table {low:.4f} to {high:.4f}; "
      f"learning took at most {seconds[0]:.0f} and {seconds[1]:.0f} s of one core")
assert low < live < high and len(of("Q-learning")) >= 10
stays = round(1 / icu.initial[icu.initial > 0].min())  # counted back, as in the card
assert of("Q-learning").value.min() > truth.survival["optimal"] - 0.01 and 100_000 > 4 * stays
assert of("Q-learning").value.min() >= 0.860 and of("Q-learning", 200_000).value.min() >= 0.868
assert (of("Q-learning").claimed < of("Q-learning").value - 0.002).all()
optimistic = of("greedy, optimistic")
assert (optimistic.claimed > optimistic.value + 0.01).all()

# %% [markdown]
# Q-learning comes within a hundredth of the optimum, without having seen a single probability. It
# needed several times as many patients as there are stays behind the tables (see the card), **and
# it tried random treatments on them**. In a simulation that costs nothing. Nobody may do it in a
# hospital; chapter 53 learns from records instead.
#
# And never report a learner's own Q as its result. After 100 thousand patients the masked learner
# promises itself *less* than it keeps (asserted above), since its table is still climbing from 0;
# the unmasked and the optimistic one promise *more*.

# %% [markdown]
# ## Reading it as a clinician
#
# Sensitivity, predictive values and calibration do not apply: nothing is diagnosed, and the values
# are exact. What applies: *who* gains in the model, *by doing what*, and *how sure* one may be.

# %%
v_clinicians = rl.evaluate(icu, benchmark.clinicians)
v_learned = rl.evaluate(icu, learned)
groups = {"SOFA below 5": (0, 5), "5 to 7": (5, 7), "7 to 9": (7, 9), "9 and more": (9, 25)}
by_group = {}
for name, (low, high) in groups.items():
    here = treated & (benchmark.sofa >= low) & (benchmark.sofa < high)
    weight = icu.initial[here] / icu.initial[here].sum()
    by_group[name] = {"share of patients": icu.initial[here].sum(),
                      "clinicians": weight @ v_clinicians[here],
                      "learned": weight @ v_learned[here], "optimal": weight @ v_best[here]}
by_group = pd.DataFrame(by_group).T
assert by_group.clinicians.is_monotonic_decreasing
assert (by_group.learned > by_group.clinicians).all()
by_group.round(3)

# %% [markdown]
# In the model every group gains, by the score at the start. And *what* would be done differently?
# The share of all steps that get each pair of doses:

# %% tags=["figure"]
uses = {}
fig, axes = plt.subplots(1, 3, figsize=(11, 3.6), sharey=True)
for ax, (name, policy) in zip(axes, {"clinicians": benchmark.clinicians, "learned": learned,
                                      "optimal": best}.items()):
    visits = rl.visits(icu, policy)
    use = (visits @ policy / visits.sum()).reshape(5, 5)
    uses[name] = use
    ax.imshow(use.T, vmin=0, vmax=0.3, origin="lower", cmap="Blues")
    for (fluid, vasopressor), share in np.ndenumerate(use):
        ax.text(fluid, vasopressor, f"{100 * share:.0f}", ha="center", va="center",
                color="white" if share > 0.2 else "black")
    ax.set(title=name, xlabel="fluid (level)", xticks=range(5), yticks=range(5))
    ax.grid(False)
axes[0].set_ylabel("vasopressor (level)")
plots.show(
    fig,
    "Figure 51.8. Doses given, in percent of all four-hour steps (level 0 is none). All three "
    "leave most patients without vasopressor; they differ in the fluid.",
    "Three grids of five by five percentages. Most of the weight lies in the bottom row, no "
    "vasopressor, spread over the fluid levels; the optimal policy puts more on the highest "
    "fluid level.",
)

# %%
assert all(use[:, 0].sum() > 0.75 for use in uses.values())  # no vasopressor
most_fluid = {name: use[4].sum() for name, use in uses.items()}
assert min(most_fluid["learned"], most_fluid["optimal"]) > most_fluid["clinicians"] + 0.05

# %%
Q_best = np.where(icu.admissible, rl.action_values(icu, v_best), -np.inf)[treated]
ordered = np.sort(Q_best[open_to > 1], axis=1)
lead = ordered[:, -1] - ordered[:, -2]
cases = np.median((stays * acts[treated])[icu.admissible[treated] & (open_to > 1)[:, None]])
noise = np.sqrt(exact * (1 - exact) / cases)
support = benchmark.clinicians[treated][np.arange(713), actions[treated]][open_to > 1]
same = np.mean((learned.argmax(axis=1) == actions)[treated][open_to > 1])
print("Where there is a choice:")
print(f"  lead of the best action over the next: median {np.median(lead):.4f} of survival")
print(f"  a pair rests on about {cases:.0f} cases (median): standard error about {noise:.2f}")
print(f"  clinicians took the best action in {np.median(support):.0%} of cases (median of states)")
print(f"  the learned policy takes the optimal action in {same:.0%} of the states")
assert 0.003 < np.median(lead) < 0.008 < noise / 5 and np.median(support) < 0.5 and same < 0.9

# %% [markdown]
# - The best action leads the next by half a percentage point or so: far less than tables estimated
#   from a few dozen cases can tell apart. (Cases: stays times visits under the clinicians' policy;
#   the error is that of a survival rate, $\sqrt{p(1-p)/n}$.) **Many "optimal" doses are ties,
#   decided by noise** in the records.
# - The learned policy differs from the optimal one in many states, and loses little by it. The
#   same, seen from the other side.
# - More fluid here looks good because those who *could* be given it did well? The tables cannot
#   say: doctors chose doses by more than the 47 measurements (**confounding**).
#
# ### One patient's way
#
# Choose a patient and a policy: above the SOFA score, below the exact chance of survival, which
# changes with every state.

# %% tags=["widget"]
ways_to_treat = {"clinicians": (benchmark.clinicians, v_clinicians),
                 "learned": (learned, v_learned), "optimal": (best, v_best)}
paths = {name: rl.simulate(icu, policy, 20, seed=lesson.seed() + 1)
         for name, (policy, _) in ways_to_treat.items()}


def draw_path(patient, policy):
    path = paths[policy]
    rows = path.patient == patient
    hours, states = 4 * path.step[rows], path.state[rows]
    died = path.returns()[patient] == 0
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(7, 4.4), sharex=True)
    top.plot(hours, benchmark.sofa[states], "-o", ms=4)
    top.set(ylabel="SOFA (points)", ylim=(0, 19),
            title=f"patient {patient}, {policy}: {'died' if died else 'survived'}")
    chance = [*ways_to_treat[policy][1][states], 0.0 if died else 1.0]
    bottom.step([*hours, hours[-1] + 4], chance, "-o", ms=4, where="post")
    bottom.set(xlabel="hours in the model", ylabel="chance of survival", ylim=(-0.05, 1.05))
    bottom.locator_params(axis="x", integer=True, steps=[2, 4, 8, 10])
    return fig


widgets.explore(
    draw_path,
    {"patient": widgets.slider("Patient", 0, 19, 0),
     "policy": widgets.choice("Treated by", list(ways_to_treat), "clinicians")},
    "Figure 51.9. One simulated patient. All policies start from the same first state; then "
    "chance and treatment part ways.",
    "Above, a line of SOFA scores over hours; below, a stair of the chance of survival, ending "
    "at 0 or 1.",
)

# %% [markdown]
# **Not to be used** for any patient. Whoever reads "0.87 instead of 0.78" as lives saved reads a
# property of tables as one of people. The tables come from one hospital; states are rough clusters;
# what is Markov in them is so by construction (records end after 72 hours at the latest, simulated
# courses do not); the benchmark's authors say themselves that it should guide no treatment.

# %% [markdown]
# ## Exercises
#
# `exercises.hint("51.1")` gives a hint, and the next one each time.

# %% [markdown]
# ### Exercise 51.1 · True or false (reading, about 4 minutes)
#
# Answer `True` or `False` for each. A: with reward 1 for survival and discount 1, a value is a
# probability of survival. B: a discount of 0.9 changes only the numbers, never the best policy. C:
# Q-learning needs the transition probabilities. D: after an end, the maximum in Q-learning's target
# is 0. E: a learner that is always greedy, with all values at 0 at the start, explores by itself.
# F: an optimum computed from tables is a fact about the tables.

# %% tags=["exercise"]
answer_51_1 = ...  # a dictionary {"A": True or False, ..., "F": ...}

# %% tags=["check"]
exercises.check("51.1", answer_51_1)

# %% tags=["solution"]
answer_51_1_solution = {"A": True, "B": False, "C": False, "D": True, "E": False, "F": True}
exercises.check("51.1", answer_51_1_solution)

# %% [markdown]
# ### Exercise 51.2 · A Bellman backup (applying, about 5 minutes)
#
# Write the bracket of (51.5) for one state and one action: what the action is worth, if the next
# state is worth `values`.

# %% tags=["exercise"]
def backup(reward, probabilities, values, gamma):
    """reward: r(s, a); probabilities, values (states,): return the action's value, a number."""
    ...

# %% tags=["check"]
exercises.check("51.2", backup)

# %% tags=["solution"]
def backup_solution(reward, probabilities, values, gamma):
    return reward + gamma * np.dot(probabilities, values)


exercises.check("51.2", backup_solution)

# %% [markdown]
# ### Exercise 51.3 · The completed update (applying, about 7 minutes)
#
# Write (51.6) for one step, with a mask: `open_next` says which actions are open in the next state.
# Return a *new* table. After an end (`ended`), nothing follows.

# %% tags=["exercise"]
def q_update(Q, s, a, r, s_next, ended, open_next, alpha, gamma):
    """Q (states, actions), open_next (actions,) bool: return the table after one step."""
    ...

# %% tags=["check"]
exercises.check("51.3", q_update)

# %% tags=["solution"]
def q_update_solution(Q, s, a, r, s_next, ended, open_next, alpha, gamma):
    Q = np.array(Q, dtype=float)
    best_next = 0.0 if ended else Q[s_next][open_next].max()
    Q[s, a] += alpha * (r + gamma * best_next - Q[s, a])
    return Q


exercises.check("51.3", q_update_solution)

# %% [markdown]
# ### Exercise 51.4 · Epsilon-greedy as probabilities (applying, about 7 minutes)
#
# Return the probability of every action in one state: with probability epsilon any *open* action
# (the best one is among them), else the best open one (the first of equals).

# %% tags=["exercise"]
def epsilon_greedy_policy(q, mask, epsilon):
    """q (actions,), mask (actions,) bool: return probabilities (actions,)."""
    ...

# %% tags=["check"]
exercises.check("51.4", epsilon_greedy_policy)

# %% tags=["solution"]
def epsilon_greedy_policy_solution(q, mask, epsilon):
    policy = epsilon * mask / np.sum(mask)
    policy[np.where(mask, q, -np.inf).argmax()] += 1 - epsilon
    return policy


exercises.check("51.4", epsilon_greedy_policy_solution)

# %% [markdown]
# ### Exercise 51.5 · How long does a stay last? (building, about 9 minutes)
#
# Give the expected number of steps from every state until the end, under a policy. Think of (51.3)
# with a reward of 1 for every step. Ends have 0 steps.

# %% tags=["exercise"]
def expected_steps(P, policy, ends):
    """P (states, actions, states), policy (states, actions), ends (states,) bool: (states,)."""
    ...

# %% tags=["check"]
exercises.check("51.5", expected_steps)

# %% tags=["solution"]
def expected_steps_solution(P, policy, ends):
    moves = np.einsum("sa,sat->st", policy, P)[np.ix_(~ends, ~ends)]
    steps = np.zeros(len(P))
    steps[~ends] = np.linalg.solve(np.eye(len(moves)) - moves, np.ones(len(moves)))
    return steps


exercises.check("51.5", expected_steps_solution)

# %% [markdown]
# ## What you can now do
#
# - describe treatment as a decision process, and see that a discount is a choice about patients
# - solve the Bellman equation of a policy, and give its value without simulating anybody
# - find the best policy by sweeps, or by evaluating and improving
# - write the whole of Q-learning, and choose how it explores
# - mask what must not be tried, and keep a fact about tables apart from a fact about people
#
# **Next:** [52 · Deep reinforcement learning](52_deep_reinforcement_learning.ipynb)

# %% [markdown]
# ## Further reading
#
# - Sutton and Barto (2018), chapters 3, 4 and 6: the book of the field, free on its authors' site.

# %% [markdown]
# ## References
# - Bellman, Dynamic programming, Princeton University Press 1957.
# - Choudhary, Gupta, Thomas, Reinforcement Learning Journal 2024,
#   <https://arxiv.org/abs/2406.05646>. ICU-Sepsis: a benchmark MDP built from real medical data
#   (the tables; published values from its README, <https://pypi.org/project/icu-sepsis/2.0.1>).
# - Howard, Dynamic programming and Markov processes, MIT Press 1960.
# - Johnson et al., 2016, <https://doi.org/10.1038/sdata.2016.35>. MIMIC-III, a freely accessible
#   critical care database. Scientific Data 3:160035.
# - Komorowski, Celi, Badawi, Gordon, Faisal, 2018, <https://doi.org/10.1038/s41591-018-0213-5>. The
#   Artificial Intelligence Clinician learns optimal treatment strategies for sepsis in intensive
#   care. Nature Medicine 24:1716.
# - Robbins, Monro, 1951, <https://doi.org/10.1214/aoms/1177729586>. A stochastic approximation
#   method. Annals of Mathematical Statistics 22:400.
# - Rummery, Niranjan, 1994. On-line Q-learning using connectionist systems. Cambridge University,
#   CUED/F-INFENG/TR 166 (SARSA).
# - Singer et al., 2016, <https://doi.org/10.1001/jama.2016.0287>. The third international consensus
#   definitions for sepsis and septic shock (Sepsis-3). JAMA 315:801.
# - Sutton, Barto, Reinforcement learning: an introduction, 2nd edition, MIT Press 2018,
#   <http://incompleteideas.net/book/the-book-2nd.html>.
# - Vincent et al., 1996, <https://doi.org/10.1007/BF01709751>. The SOFA score to describe organ
#   dysfunction/failure. Intensive Care Medicine 22:707.
# - Watkins, Dayan, 1992, <https://doi.org/10.1007/BF00992698>. Q-learning. Machine Learning 8:279.
# - D4, Deep learning in health care in practice, section 4.4.
