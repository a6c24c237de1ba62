# %% [markdown]
# # 52 · Deep reinforcement learning
#
# You will teach agents to treat simulated patients, from a bare policy gradient to a network that
# mistrusts its own best guess, and hold each against the exact truth.
#
# | | |
# | --- | --- |
# | **Time** | {reading} to read and do, {running} to run |
# | **Know before** | chapter 51 (values, Q-learning), 12 (Adam), derivative of a logarithm |
# | **Follows** | D4, sections 3.4, 3.4.1 and 4.4 |
#
# **After this chapter you can**
# - derive the gradient of a policy's return, and check it against the exact one
# - say what a baseline and a critic do to the noise of that gradient
# - train a double DQN, and show why one network alone promises too much
# - plan drugs for a patient who is a set of differential equations
# - read a learned plan as a clinician, and say why it is no advice

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

from medlearn import data, exercises, lesson, plots, rl, tables, widgets
from medlearn.rl import hiv, hiv_patients

plots.use_course_style()
lesson.use_one_thread()
SEED = lesson.seed()
rng = np.random.default_rng(SEED)

# %% [markdown]
# Keras takes about ten seconds to load.

# %%
keras = lesson.load_keras()

# %% [markdown]
# ## The data
#
# The patients are those of chapter 51: sepsis in intensive care, as a table of states, doses and
# probabilities that was estimated from records. The second patient of this chapter, with HIV, comes
# later, as equations.

# %% tags=["card"]
data.icu_sepsis_card()

# %% [markdown]
# A step is four hours. The 25 actions are five levels of fluid times five of **vasopressor** (a
# drug that raises the blood pressure). The reward is 1 for a patient who survives (90 days), and 0
# for one who dies, so the expected return *is* the probability of survival. There is no discount.
#
# Because the table is known, the survival under *any* policy can be computed exactly (chapter 51).
# No agent below sees the table. It only treats simulated patients, and we look into the book of
# answers.

# %%
benchmark = rl.icu_sepsis()
process = benchmark.process
best = rl.value_iteration(process)
reference = {
    "any allowed dose, at random": rl.value(process, rl.uniform_policy(process)),
    "clinicians": rl.value(process, benchmark.clinicians),
    "the best policy there is": rl.value(process, best.policy),
}
RANDOM, CLINICIANS, BEST = reference.values()
assert np.allclose([RANDOM, CLINICIANS, BEST], [0.7801, 0.7818, 0.8751], atol=1e-4)
pd.Series(reference, name="survival").to_frame().round(4)

# %% [markdown]
# The gap that an agent can close is the one between 0.78 and 0.875.

# %% [markdown]
# The settings of this lesson, which are also those of its stored tables:

# %%
SETTINGS = {
    "sepsis": {
        "REINFORCE": {"step_size": 0.1, "patients": 128},
        "with baseline": {"step_size": 0.3, "patients": 128},
        "actor-critic": {
            "step_size": 1.0, "patients": 128, "critic_power": 0.6, "first_value": 0.78,
        },
        "double DQN": {
            "steps": 7_750, "patients": 256, "width": 128, "memory": 200_000, "warm_up": 5_000,
            "batch_size": 1024, "learning_rate": 0.005, "final_learning_rate": 0.0001,
            "exploration": 1.0, "final_exploration": 0.05, "exploration_ends": 0.5,
            "target_every": 100,
        },
    },
    "hiv": {
        "steps": {"short": 2400, "full": 6400},
        "agent": {
            "discount": 0.98, "patients": 64, "memory": 400_000, "warm_up": 1280,
            "batch_size": 512, "updates_a_step": 4, "learning_rate": 1e-3,
            "final_learning_rate": 1e-4, "exploration": 1.0, "final_exploration": 0.05,
            "exploration_ends": 0.5, "target_every": 100,
        },
    },
}
sepsis = SETTINGS["sepsis"]
EPISODES = 200_000

# %% [markdown]
# ## The idea: a policy with knobs
#
# D4, section 3.4.1, promises treatment decisions by deep reinforcement learning: states, rewards,
# exploration, learning in simulation. Chapter 51 learned *values* and then took the best action.
# D4, section 3.4, names a second way, the **policy gradient**, without a formula. Here it is.
# Give each state $s$ and action $a$ a knob, the **preference** $\theta_{s,a}$, and let the policy
# $\pi$ be the softmax (chapter 20) over the allowed actions:
#
# $$ \pi_\theta(a \mid s) = \frac{e^{\theta_{s,a}}}{\sum_b e^{\theta_{s,b}}} \tag{52.1} $$
#
# `preferences` has the shape (states, actions). At 0 every allowed action is equally likely.

# %% tags=["figure"]
example = int(process.admissible.sum(axis=1).argmax())
open_ = np.flatnonzero(process.admissible[example])
knobs = np.zeros(process.n_actions)
fig, axes = plt.subplots(1, 2, figsize=(10, 3.2), sharey=True)
for ax, turned in zip(axes, (0.0, 2.0)):
    knobs[open_[1]] = turned
    ax.bar(range(len(open_)), rl.softmax_policy(knobs, process.admissible[example])[open_],
           color=[plots.COLOURS["orange" if k == 1 else "sky"] for k in range(len(open_))],
           hatch=["//" if k == 1 else "" for k in range(len(open_))])
    ax.set(xticks=range(len(open_)), xlabel="action (fluid, vasopressor)",
           title=f"preference of the hatched one: {turned:g}")
    ax.set_xticklabels([f"{benchmark.fluid[a]},{benchmark.vasopressor[a]}" for a in open_],
                       fontsize=8)
axes[0].set(ylabel="probability")
plots.show(
    fig,
    "Figure 52.1. The policy in the state with the most allowed actions. Raising one knob makes "
    "its action more likely and all others less, smoothly: so there is a gradient.",
    "Two bar charts of probabilities. Left all bars are equal; right the second bar is much higher "
    "and the others are lower.",
)

# %% [markdown]
# D4, section 4.4, gives the aim: the expected sum of discounted rewards,
#
# $$ J(\theta) = \mathbb{E}_{\tau \sim \pi_\theta}\left[ R(\tau) \right], \qquad
# R(\tau) = \sum_{t \ge 0} \gamma^t r_t \tag{52.2} $$
#
# $\tau$ is a patient's whole course: states, actions, rewards. $\gamma$ is the discount (1 here).
# We want $\nabla J$, the direction in which to turn all knobs. The trouble: $\theta$ sits in the
# *probability* of the course, not in its reward, and we do not know how patients react.
#
# ### The log-derivative trick
#
# The probability of a course is a product: where it starts, what is done, what follows.
#
# $$ P_\theta(\tau) = d_0(s_0) \prod_t \pi_\theta(a_t \mid s_t) \, P(s_{t+1} \mid s_t, a_t)
# \tag{52.3} $$
#
# For any function, $\nabla \log P = \nabla P / P$. Read from right to left:
#
# $$ \nabla P_\theta(\tau) = P_\theta(\tau) \, \nabla \log P_\theta(\tau) \tag{52.4} $$
#
# So the gradient of a sum over courses is again an *average* over courses. And the logarithm turns
# the product into a sum, in which only the policy depends on $\theta$:
#
# $$ \nabla J(\theta) = \sum_\tau \nabla P_\theta(\tau) \, R(\tau)
# = \mathbb{E}\left[ R(\tau) \sum_t \nabla \log \pi_\theta(a_t \mid s_t) \right] \tag{52.5} $$
#
# The patient's reactions $P$ have dropped out. To estimate the gradient it is enough to treat
# patients and watch. $\nabla \log \pi$ is called the **score**. For the softmax it is, by the knob
# of action $b$ in the state that was visited,
#
# $$ \frac{\partial \log \pi_\theta(a \mid s)}{\partial \theta_{s,b}}
# = \mathbb{1}[b = a] - \pi_\theta(b \mid s) \tag{52.6} $$
#
# ($\mathbb{1}[\ldots]$ is 1 where it is true, else 0.) Up with what was done, down with
# everything in proportion.

# %%
def score(policy, state, action):
    """The gradient of log pi(action | state) by the knobs of that state: (actions,)."""
    return (np.arange(policy.shape[1]) == action) - policy[state]


def score_sum(policy, states, actions, weights):
    """Sum over visits of a weight times the score: (states, actions)."""
    total = np.zeros_like(policy)
    for s, a, weight in zip(states, actions, weights):
        total[s] += weight * score(policy, s, a)
    return total

# %% [markdown]
# ### By hand: two drugs
#
# One sick state, drug A cures 60 %, drug B 80 %. With both knobs at 0, the exact gradient by the
# knob of B is $\pi_A \pi_B (0.8 - 0.6) = 0.05$. Finite differences of the exact value, and 4,000
# patients, must agree with it.

# %%
dead, alive = [[0, 1, 0]] * 2, [[0, 0, 1]] * 2
two_drugs = rl.FiniteProcess(np.array([[[0, 0.4, 0.6], [0, 0.2, 0.8]], dead, alive]),
                             initial=[1, 0, 0], arrival_rewards=[0, 0, 1],
                             terminal=[False, True, True])


def survival_at(knob_of_b):
    preferences = np.array([[0.0, knob_of_b], [0, 0], [0, 0]])
    return rl.value(two_drugs, rl.softmax_policy(preferences, two_drugs.admissible))


half = rl.softmax_policy(np.zeros((3, 2)), two_drugs.admissible)
care = rl.Ward(two_drugs, SEED).whole_episodes(half, 4000)
sampled = score_sum(half, care.state, care.action, care.reward)[0, 1] / 4000
differences = (survival_at(1e-4) - survival_at(-1e-4)) / 2e-4
print(f"finite differences {differences:.4f}, from 4,000 patients {sampled:.4f}")
assert abs(differences - 0.05) < 1e-6 and abs(sampled - 0.05) < 0.035

# %% [markdown]
# ### REINFORCE
#
# An action cannot change what came before it. So it is weighted only by the rewards that still
# follow, the **return to go**
#
# $$ G_t = \sum_{k \ge t} \gamma^{k-t} r_k, \qquad
# \nabla J = \mathbb{E}\left[ \sum_t \gamma^t G_t \, \nabla \log \pi_\theta(a_t \mid s_t) \right]
# \tag{52.7} $$
#
# The algorithm is the sentence "treat a group of patients, then turn the knobs" (Williams 1992).
# The step size $\alpha$ counts for each visit.

# %%
def a_few_rounds(rounds, patients, step_size):
    ward, preferences = rl.Ward(process, SEED), np.zeros(process.admissible.shape)
    for _ in range(rounds):
        policy = rl.softmax_policy(preferences, process.admissible)
        care = ward.whole_episodes(policy, patients)
        to_go = rl.returns_to_go(care.patient, care.step, care.reward)
        preferences += step_size * rl.score_sum(policy, care.state, care.action, to_go)
    return rl.softmax_policy(preferences, process.admissible)


uniform = rl.uniform_policy(process)
care = rl.Ward(process, SEED).whole_episodes(uniform, 50)
by_hand = score_sum(uniform, care.state, care.action, np.ones(len(care.state)))
ones = np.ones(len(care.state))
assert np.allclose(by_hand, rl.score_sum(uniform, care.state, care.action, ones))
few = rl.value(process, a_few_rounds(100, **sepsis["REINFORCE"]))
print(f"survival after 100 groups of 128 patients: {few:.4f}, before: {RANDOM:.4f}")

# %% [markdown]
# `rl.score_sum` is the function above without the loop, and `rl.reinforce` is this algorithm with a
# record of its progress. 200 thousand patients (a few seconds):

# %%
def curve(learned):
    return pd.DataFrame(learned.history).set_index("episodes")["value"]


plain = rl.reinforce(
    process, rl.ReinforceSettings(EPISODES, baseline=False, **sepsis["REINFORCE"]),
    SEED, on_progress=plots.training_progress(40, "REINFORCE"))
assert RANDOM + 0.015 < curve(plain).iloc[-1] < BEST - 0.03
way = (curve(plain).iloc[-1] - RANDOM) / (BEST - RANDOM)
print(f"survival {curve(plain).iloc[-1]:.4f}: {way:.0%} of the way from random to best")
assert way < 0.6

# %% [markdown]
# It learns, but 200 thousand patients do not buy the whole way. Why?

# %% [markdown]
# ## The idea: less noise
#
# Most patients survive. So nearly every action is pushed *up*, the good ones a little more often.
# The useful part is a small difference between large pushes.
#
# Subtract what is usual. For any number $b(s)$ that does not depend on the action,
#
# $$ \sum_a \pi_\theta(a \mid s) \, b(s) \, \nabla \log \pi_\theta(a \mid s)
# = b(s) \, \nabla \sum_a \pi_\theta(a \mid s) = b(s) \, \nabla 1 = 0 \tag{52.8} $$
#
# So $G_t - b(s_t)$ in place of $G_t$ leaves the *mean* of the gradient as it is. The variance
# changes. A good **baseline** is the mean return from that state, $V(s)$.
#
# Go one step further. Of what follows, judge only the *next* step, and let $V$ speak for the rest:
#
# $$ \delta_t = r_t + \gamma V(s_{t+1}) - V(s_t) \tag{52.9} $$
#
# This surprise (the **temporal difference error**) is positive where things went better than
# expected. A policy that learns from it is the **actor**, the values are the **critic**.
#
# With the true $V$ all three weights have the same mean. It can even be written down exactly. With
# $d(s)$ the expected number of visits,
#
# $$ \frac{\partial J}{\partial \theta_{s,a}}
# = d(s) \, \pi_\theta(a \mid s) \left( Q(s,a) - V(s) \right) \qquad (\gamma = 1) \tag{52.10} $$

# %%
values = rl.evaluate(process, uniform)
exact = (rl.visits(process, uniform)[:, None] * uniform
         * (rl.action_values(process, values) - values[:, None]))
nudge = np.zeros_like(exact)
place = np.unravel_index(np.abs(exact).argmax(), exact.shape)
nudge[place] = 1e-3
up, down = (rl.value(process, rl.softmax_policy(sign * nudge, process.admissible))
            for sign in (1, -1))
print(f"largest entry of the gradient {exact[place]:.3e}, by finite differences "
      f"{(up - down) / 2e-3:.3e}")
assert abs((up - down) / 2e-3 - exact[place]) < 1e-6

# %% [markdown]
# Now let 100 groups of 128 patients each estimate this gradient, with the three weights.

# %%
def estimates(groups=100, patients=128):
    ward = rl.Ward(process, [SEED, 1])
    found = {"return": [], "minus baseline": [], "surprise": []}
    for _ in range(groups):
        care = ward.whole_episodes(uniform, patients)
        to_go = rl.returns_to_go(care.patient, care.step, care.reward)
        surprise = care.reward + values[care.next_state] - values[care.state]
        for name, weight in zip(found, (to_go, to_go - values[care.state], surprise)):
            total = rl.score_sum(uniform, care.state, care.action, weight)
            found[name].append(total.ravel() / patients)
    return {name: np.array(rows) for name, rows in found.items()}


found = estimates()
noise = {name: rows.var(axis=0).sum() for name, rows in found.items()}
angle = {name: rows @ exact.ravel() / np.linalg.norm(rows, axis=1) / np.linalg.norm(exact)
         for name, rows in found.items()}
for name, rows in found.items():
    less = noise["return"] / noise[name]
    print(f"{name:14}: variance {noise[name]:.5f} ({less:3.0f} times less), "
          f"cosine to the exact gradient {angle[name].mean():.3f}")
assert noise["return"] > 3 * noise["minus baseline"] > 15 * noise["surprise"]
assert angle["surprise"].mean() > angle["return"].mean() + 0.02

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(7, 3.6))
for name, line in zip(found, ("-", "--", "-.")):
    ax.hist(angle[name], bins=np.linspace(-0.1, 0.25, 36), histtype="step", linewidth=2,
            linestyle=line, label=name)
ax.axvline(0, color=plots.COLOURS["grey"], linewidth=1)
ax.set(xlabel="cosine between estimate and exact gradient (1 = same direction)",
       ylabel="groups of 128 patients")
ax.legend()
plots.show(
    fig,
    "Figure 52.2. How well does one group of patients point uphill? With the bare return hardly "
    "better than a coin (0). The surprise of a critic points there nearly every time, if weakly: "
    "there are thousands of knobs.",
    "Three histograms of cosines. The one for the return is centred near zero, the one for the "
    "baseline a little to the right, the one for the surprise clearly to the right of zero.",
)

# %% [markdown]
# Here the critic knew the truth. An agent must learn it on the way: $V(s)$ moves by a share of the
# same surprise, and the share shrinks with the number of visits. A critic that is still wrong bends
# the gradient; that is the price. (`help(rl.actor_critic)` shows the whole; a few seconds each.)

# %%
based = rl.reinforce(
    process, rl.ReinforceSettings(EPISODES, **sepsis["with baseline"]),
    SEED, on_progress=plots.training_progress(40, "with baseline"))
told = dict(sepsis["actor-critic"])
bold = told.pop("step_size")
actor = rl.actor_critic(
    process, rl.ActorCriticSettings(EPISODES, actor_step=bold, **told),
    SEED, on_progress=plots.training_progress(40, "actor-critic"))
gradients = {"REINFORCE": plain, "with baseline": based, "actor-critic": actor}
for name, learned in gradients.items():
    print(f"{name:14}: survival {curve(learned).iloc[-1]:.4f}")
assert curve(actor).iloc[-1] > 0.855 > curve(based).iloc[-1] + 0.01
assert curve(based).iloc[-1] > curve(plain).iloc[-1] + 0.01

# %% [markdown]
# `first_value` is what the critic believes of every state at the start: 0.78, the survival under
# usual care, which one knows beforehand. REINFORCE was told nothing of the kind (its baseline
# takes over the first return that it sees). Is that why the actor-critic wins? Once more, with a
# critic that begins at 0:

# %%
naive = rl.actor_critic(
    process, rl.ActorCriticSettings(EPISODES, actor_step=bold, **told | {"first_value": 0.0}),
    SEED, on_progress=plots.training_progress(40, "begins at 0"))
print(f"actor-critic that begins at 0: survival {curve(naive).iloc[-1]:.4f}, "
      f"told of usual care: {curve(actor).iloc[-1]:.4f}")
assert curve(based).iloc[-1] + 0.005 < curve(naive).iloc[-1] < curve(actor).iloc[-1] - 0.004

# %% [markdown]
# The head start helps, but most of the gain is the critic's own.

# %% [markdown]
# ### Turn it yourself: how bold may an agent be?
#
# A **stored table** (`benchmarks.deep_agents`) holds these agents at several step sizes, with three
# seeds or more. Which agent bears a large step?

# %%
table = tables.load_table("deep_agents", "real")
assert table["settings"] == sepsis
runs = pd.DataFrame(table["runs"])
runs["end"] = runs["value"].str[-1]
sizes = sorted(runs["step_size"].dropna().unique())
by_size = runs.dropna(subset="step_size").groupby(["agent", "step_size"])["end"].mean().unstack()
assert (by_size.loc["actor-critic"] > by_size.loc["REINFORCE"]).all()
by_size.round(3)

# %% tags=["widget"]
def turn(agent, size):
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), width_ratios=(1.4, 1))
    step = sizes[size]
    for _, run in runs[(runs["agent"] == agent) & (runs["step_size"] == step)].iterrows():
        left.plot(np.array(run["episodes"]) / 1000, run["value"], linestyle="-", linewidth=1,
                  color=plots.COLOURS["blue"])
    for value, text in ((BEST, "best"), (CLINICIANS, "clinicians")):
        left.axhline(value, color=plots.COLOURS["grey"], linestyle="--", linewidth=1)
        left.text(150, value + 0.001, text, fontsize=9)
    left.set(xlabel="thousand patients", ylabel="survival (exact)", ylim=(0.77, 0.885),
             title=f"{agent}, step size {step:g}")
    for name, marker in zip(gradients, "os^"):
        right.plot(sizes, by_size.loc[name, sizes], marker=marker, label=name)
    right.plot(step, by_size.loc[agent, step], "o", markersize=15, markerfacecolor="none",
               color=plots.COLOURS["red"], markeredgewidth=2, linestyle="none")
    right.set(xscale="log", xlabel="step size", ylabel="survival at the end", ylim=(0.77, 0.885))
    right.legend(fontsize=9)
    return fig


widgets.explore(
    turn,
    {"agent": widgets.choice("Agent", list(gradients), "with baseline"),
     "size": widgets.slider("Step size (number)", 0, len(sizes) - 1, 2)},
    "Figure 52.3. Left: every seed of one agent at one step size. Right: the mean at the end, for "
    "all. With much noise, a bold step settles on what a few patients suggested.",
    "Left learning curves between two dashed lines; right three curves of survival against step "
    "size, which part as steps grow: the actor-critic's rises, REINFORCE's falls.",
)

# %% [markdown]
# The step sizes in the settings are the best of this table for each agent: chosen by the very
# figure that is reported. With one number to choose and seeds that differ little, that flatters
# little. (For the actor-critic it is the largest one tried; a larger may be better still.) But in
# a hospital every tried step size would have cost 200 thousand patients.

# %% [markdown]
# ## The idea: a network instead of a table
#
# **Deep** reinforcement learning puts a network in the table's place, so that states may be too
# many to count, or numbers that flow. D4, section 4.4, calls itself deep, and stops short of it.

# %% [markdown] tags=["erratum"]
# ### Erratum, D4 section 4.4: where is the network?
#
# D4 announces reinforcement learning *with deep networks*, and prints the rule of a table, which
# breaks off before its last term (chapter 51 completes it). Nothing in it has weights. The step
# from table to network holds a trap. Write $Q_w$ for a network with weights $w$ and make it the
# square of the bracket:
#
# $$ L(w) = \tfrac{1}{2} \left( y - Q_w(s,a) \right)^2, \qquad
# y = r + \gamma \max_{a'} Q_w(s', a') \tag{52.11} $$
#
# If the **goal** $y$ is held fixed, one step down $L$ with rate $\alpha$ is D4's rule exactly,
# where
# $Q_w$ is a table. If the gradient also runs through $y$, as automatic differentiation does by
# default, another thing is learned. A sick patient (A) goes by chance to a good bed (B, survives)
# or to a bad one (C, dies). True values: A 0.5, B 1, C 0.

# %% tags=["erratum"]
def learn(through_the_goal, episodes=10_000, rate=0.01):
    q = np.zeros(3)  # A, B, C; one action
    beds = np.random.default_rng(SEED).integers(1, 3, episodes)
    for bed in beds:
        for state, goal_state, reward in ((0, bed, 0.0), (bed, None, float(bed == 1))):
            goal = reward + (0.0 if goal_state is None else q[goal_state])
            error = goal - q[state]
            q[state] += rate * error  # D4's rule: down (52.11) with the goal held fixed
            if through_the_goal and goal_state is not None:
                q[goal_state] -= rate * error  # what else changes if it is not
    return q


held, run_through = learn(False), learn(True)
print("goal held fixed:      ", *(f"{n} {v:.2f}" for n, v in zip("ABC", held)))
print("gradient through goal:", *(f"{n} {v:.2f}" for n, v in zip("ABC", run_through)))
assert held[1] > 0.98 and abs(held[2]) < 0.02
assert abs(run_through[1] - 0.75) < 0.1 and abs(run_through[2] - 0.25) < 0.1

# %% [markdown] tags=["erratum"]
# With the gradient through the goal, the good bed is dragged down and the bad one up: the past
# pulls at the future. (The example is Sutton and Barto's, section 11.5.) So a deep Q-network
# holds the goal fixed, and D4's formula in its deep form needs two sets of weights, $w$ and
# $w^-$.

# %% [markdown]
# ### What makes it stable
#
# The **deep Q-network** (DQN, Mnih and others 2015) adds two things to (52.11).
# - A **memory** of past steps, from which batches are drawn at random. Neighbouring steps of one
#   patient are alike; a batch of one patient would teach that patient.
# - A **target network** with older weights $w^-$, copied from $w$ now and then. It gives the goals,
#   so that they do not run away from the network that chases them.
#
# The network here: each state gets a vector of 128 numbers (an **embedding**, chapter 32), from
# which one layer reads 25 values.

# %%
def q_network():
    return keras.Sequential([
        keras.Input((), dtype="int32"),
        keras.layers.Embedding(process.n_states, sepsis["double DQN"]["width"]),
        keras.layers.Dense(process.n_actions),
    ])


packaged = rl.state_network(process.n_states, process.n_actions, sepsis["double DQN"]["width"])
assert q_network().count_params() == packaged.count_params()
print(f"{packaged.count_params():,} weights, for {process.admissible.sum():,} allowed pairs")

# %% [markdown]
# More weights than pairs: here the network is a luxury, and a table would do. It is the test bench,
# where the truth is known. The HIV patient below has no table.

# %% [markdown]
# ### The largest of many guesses is too large
#
# $\max_{a'} Q(s', a')$ has a fault of its own. Let the actions of one state be tried on 20 patients
# each, and take the highest share of survivors as the value of the state:

# %%
truth = best.action_values[example, open_]


def claims(patients=20, trials=4000):
    first, second = rng.binomial(patients, truth, (2, trials, len(truth))) / patients
    chosen = first.argmax(axis=1)
    return first.max(axis=1), second[np.arange(trials), chosen]


one, two = claims()
print(f"best action truly {truth.max():.3f}; highest of {len(truth)} guesses {one.mean():.3f}; "
      f"chosen by one half, valued by another {two.mean():.3f}")
assert one.mean() > truth.max() + 0.02 and two.mean() <= truth.max() + 0.005

# %% [markdown]
# The maximum picks the luckiest guess, and the luck is counted as value. Chosen by one sample and
# valued by *another*, the luck drops out (then it is rather too low). The **double DQN** (van
# Hasselt and others 2016) does that with the two networks it has: $w$ chooses, $w^-$ values:
#
# $$ y = r + \gamma \, Q_{w^-}\!\left(s', \arg\max_{a'} Q_w(s', a')\right) \tag{52.12} $$

# %%
def goals(care, network, target):
    """(52.12) for each step, without a discount: (n,)."""
    options = np.where(process.admissible[care.next_state], network(care.next_state), -np.inf)
    worth = np.take_along_axis(target(care.next_state).numpy(),
                               options.argmax(axis=1)[:, None], axis=1)[:, 0]
    return care.reward + np.where(process.terminal[care.next_state], 0, worth)

# %% [markdown]
# Now train it: 256 patients side by side, one update of 1,024 remembered steps after each step of
# theirs. Doses are random at first; the share of random ones falls to 5 %. Forbidden doses are
# masked (chapter 51). **This takes most of a minute.** `help(rl.DoubleDQN)` shows the whole agent.

# %%
chosen = dict(sepsis["double DQN"])
steps, width = chosen.pop("steps"), chosen.pop("width")
agent = rl.DoubleDQN(
    q_network, rl.Ward(process, [SEED, 2]), rl.DoubleDQNSettings(**chosen), SEED,
    process.admissible)
ALL = np.arange(process.n_states, dtype="int32")
looks, bar = [], plots.training_progress(steps, "Steps")


def look(step, logs):
    bar(step, logs)
    if (step + 1) % 310 == 0:
        q = agent.values(ALL)
        claim = process.initial @ np.where(process.terminal, 0, q.max(axis=1))
        looks.append({"episodes": logs["episodes"], "claim": claim, "return": logs["return"],
                      "value": rl.value(process, rl.greedy_policy(process, q))})


agent.train(steps, look)
looks = pd.DataFrame(looks).set_index("episodes")
looks.tail(3).round(4)

# %% [markdown]
# Does our (52.12) agree with what the agent did? On fresh patients, its values should be near the
# goals on the average.

# %%
policy = rl.greedy_policy(process, agent.values(ALL))
care = rl.Ward(process, [SEED, 3]).whole_episodes(policy, 2000)
said = np.take_along_axis(agent.network(care.state).numpy(), care.action[:, None], axis=1)[:, 0]
off = goals(care, agent.network, agent.target) - said
print(f"goal minus value: mean {off.mean():+.4f}, standard deviation {off.std():.3f}")
assert abs(off.mean()) < 0.01

# %% [markdown]
# And does one network alone promise too much? The table holds the same agent with `double=False`.

# %% tags=["figure"]
fig, axes = plt.subplots(1, 2, figsize=(11, 3.8), sharey=True)
titles = {"DQN": "one network chooses and values", "double DQN": "double"}
for ax, (name, title) in zip(axes, titles.items()):
    chosen_runs = runs[runs["agent"] == name]
    for number, (_, run) in enumerate(chosen_runs.iterrows()):
        thousand = np.array(run["episodes"]) / 1000
        ax.plot(thousand, run["claim"], color=plots.COLOURS["orange"], linestyle="--", linewidth=1,
                label="what it claims" if number == 0 else None)
        ax.plot(thousand, run["value"], color=plots.COLOURS["blue"], linestyle="-", linewidth=1,
                label="what its policy is worth" if number == 0 else None)
    ax.axhline(BEST, color=plots.COLOURS["grey"], linewidth=1, linestyle=":")
    ax.text(2, BEST + 0.002, "no policy can do better", fontsize=9)
    ax.set(xlabel="thousand patients", title=title, ylim=(0.7, 0.93))
axes[0].set_ylabel("survival")
axes[0].legend(fontsize=9, loc="lower right")
plots.show(
    fig,
    "Figure 52.4. Survival as the network claims it, and as it is. Left the claim passes what any "
    "policy can reach. Right it stays near the truth. The policies themselves differ little.",
    "Two panels of curves. Left dashed claims rise above a dotted line near 0.875 and come back; "
    "right they stay below or near it. Solid curves rise to about 0.867 in both.",
)

# %%
claims_of = runs[runs["agent"].isin(["DQN", "double DQN"])].assign(
    highest=lambda rows: rows["claim"].map(max),
    gap=lambda rows: [np.mean(np.subtract(claim, value)[len(claim) // 3:])
                      for claim, value in zip(rows["claim"], rows["value"])])
shown = claims_of.groupby("agent")[["highest", "gap", "end"]].mean()
shown.insert(0, "seeds", claims_of.groupby("agent").size())
assert (claims_of[claims_of["agent"] == "DQN"]["highest"] > BEST).all()
assert shown.loc["DQN", "gap"] > shown.loc["double DQN", "gap"] + 0.02
assert abs(shown.loc["DQN", "end"] - shown.loc["double DQN", "end"]) < 0.01
shown.columns = ["seeds", "highest claim", "claim - truth", "survival at the end"]
shown.round(3)

# %% [markdown]
# (Means over seeds; the gap over the last two thirds of the training.) An honest negative: the
# policy is better by some thousandths at most. Where all actions of a state are overrated
# alike, their order stays. But whoever *reports* the claim reports a falsehood, and chapter 53 will
# meet agents whose claim is all there is.

# %% [markdown]
# ## A patient who is a set of equations
#
# The sepsis benchmark has 716 numbered states. Most of medicine has no numbered states: it has
# measurements, any of which can take any value. There a table of values cannot be filled in, and
# a network has to stand in for it. Our second patient is of that kind: a person with **HIV**, as
# six differential equations of Adams and others (2004).
#
# HIV lives in cells of the immune system and destroys them. The model follows, per millilitre of
# blood,
# - $T_1$ and $T_2$: healthy **CD4 cells** (the helpers that direct the immune response) and
#   healthy macrophages (cells that eat intruders), and $T_1^*$ and $T_2^*$, the same cells
#   infected;
# - $V$: free virus, the **viral load**;
# - $E$: **effectors**, killer cells that recognise infected cells and destroy them.
#
# Two kinds of drugs act on it. A reverse transcriptase inhibitor (**RTI**) keeps the virus out of
# new cells; a protease inhibitor (**PI**) makes infected cells set free virus that infects
# nobody. Their efficacies are $\varepsilon_1$ (0 or 0.7) and $\varepsilon_2$ (0 or 0.3). That
# makes four actions, chosen anew every 5 days, 200 times: nearly three years.

# %% [markdown]
# In words: healthy cells are made, die, and are infected by the virus. Infected cells die, or are
# killed by effectors. They set free virus, which is lost at the rate $c$. As equations, with a
# dot for the change per day and $I = T_1^* + T_2^*$ for all infected cells:
#
# $$ \begin{aligned}
# \dot T_1 &= \lambda_1 - d_1 T_1 - (1-\varepsilon_1) k_1 V T_1 \\
# \dot T_2 &= \lambda_2 - d_2 T_2 - (1-f\varepsilon_1) k_2 V T_2 \\
# \dot T_1^* &= (1-\varepsilon_1) k_1 V T_1 - (\delta + m_1 E)\, T_1^* \\
# \dot T_2^* &= (1-f\varepsilon_1) k_2 V T_2 - (\delta + m_2 E)\, T_2^* \\
# \dot V &= (1-\varepsilon_2) N_T \delta I - c V
#   - \left[(1-\varepsilon_1)\rho_1 k_1 T_1 + (1-f\varepsilon_1)\rho_2 k_2 T_2\right] V \\
# \dot E &= \lambda_E + g(I)\, E, \qquad
#   g(I) = b_E \frac{I}{I + K_b} - d_E \frac{I}{I + K_d} - \delta_E
# \end{aligned} \tag{52.13} $$
#
# The 20 constants stand with their units in `hiv.HivConstants`. All states lie in an array of
# shape (patients, 6), in the order $T_1, T_2, T_1^*, T_2^*, V, E$.

# %%
patient = hiv.HivConstants()
start = pd.DataFrame([hiv.UNHEALTHY, hiv.HEALTHY], columns=hiv.STATE,
                     index=["untreated, unwell", "untreated, well"])
start["CD4 cells per microlitre"] = (start["T1"] / 1000).round()
start.round().astype(int)

# %% [markdown]
# Without drugs the model has two states in which it can rest, and they are very different. In the
# first, where our patient starts, the virus has won. In the second less than a hundredth of the
# infected cells is left, and ten thousand times as many effectors hold them down, *without any
# drug*. The question is whether drugs, given and withheld at the right times, can carry a patient
# from one to the other.

# %% [markdown]
# ### What a plan is worth
#
# Every 5 days the plan earns, from the state it finds and the drugs it chooses,
#
# $$ r = 1000\,E - 0.1\,V - 20000\,\varepsilon_1^2 - 20000\,\varepsilon_2^2 \tag{52.14} $$
#
# Effectors count for it, virus and drugs (side effects) against it. A plan's **score** is the
# plain sum over the 200 decisions. Nothing is discounted in the score. (Ernst and others, 2006,
# discount by 0.98 a step, and so will our agent *while it learns*.)
#
# The weights have two versions in public code: WhyNot, after Adams, has 20,000 for both drugs;
# RLPy, after Ernst, has 2,000 for the PI. It moves scores by a hair, as the table below shows.
# (RLPy also gives the RTI at 0.3 where the PI is meant. Read constants in code with the paper
# beside it.)

# %%
def advance(states, efficacies, days=5, step=0.01):
    """The classical Runge-Kutta method: four looks at the change, then a step."""
    for _ in range(round(days / step)):
        a = hiv.derivatives(states, efficacies)
        b = hiv.derivatives(states + step / 2 * a, efficacies)
        c = hiv.derivatives(states + step / 2 * b, efficacies)
        d = hiv.derivatives(states + step * c, efficacies)
        states = states + step / 6 * (a + 2 * b + 2 * c + d)
    return states


both = np.array([hiv.UNHEALTHY, hiv.HEALTHY])
drugs = hiv.EFFICACIES[[3, 0]]
assert np.allclose(advance(both, drugs), hiv.runge_kutta(both, drugs), rtol=1e-12)

# %% [markdown]
# ### How short must a step be?
#
# A wrong integrator gives a wrong score, and an agent finds every mistake that pays. So we hold
# ours against SciPy's LSODA, a solver that chooses its own steps, in the worst hour of this
# disease: a healthy body in which the virus explodes.

# %%
from scipy.integrate import solve_ivp

outbreak = np.array([9e5, 2500.0, 10.0, 1.0, 1000.0, 24.0])
truth = solve_ivp(lambda t, x: hiv.derivatives([x], hiv.EFFICACIES[0])[0], (0, 15), outbreak,
                  method="LSODA", rtol=1e-10, atol=1e-9).y[:, -1]
errors = {}
for name, method, step in [("Runge-Kutta", hiv.runge_kutta, 0.05),
                           ("Runge-Kutta", hiv.runge_kutta, 0.01),
                           ("Runge-Kutta", hiv.runge_kutta, 0.005),
                           ("splitting", hiv.splitting, 0.05)]:
    try:
        found = method([outbreak], hiv.EFFICACIES[0], days=15, step=step)[0]
        errors[f"{name}, step {step} days"] = f"{np.abs(found / truth - 1).max():.1e}"
    except FloatingPointError:
        errors[f"{name}, step {step} days"] = "blows up"
assert errors["Runge-Kutta, step 0.05 days"] == "blows up"
assert float(errors["Runge-Kutta, step 0.01 days"]) < 1e-5
pd.Series(errors, name="largest relative error after 15 days").to_frame()

# %% [markdown]
# With much virus the equations are fast (they are called **stiff**), and a step of 0.05 days
# blows up. At 0.01 Runge-Kutta is exact for our purposes: **every score below is computed with
# it.** It takes about ten seconds for 200 decisions, for one patient or for ten. For learning and
# searching we use a quicker method, `hiv.splitting`, that never blows up and is off by some
# percent.

# %% [markdown]
# ### Simple plans first
#
# Nothing at all; both drugs always; every cycle of up to 150 days on and 150 days off, with each
# combination of drugs; and two kinds of rules that look at the patient: "the RTI while there are
# fewer CD4 cells than …", and three zones of infected cells (below a first number the RTI, below
# a second the PI, above it both; of all orders of the drugs we tried, this one came out best).
# More than 3,000 plans are tried side by side in a few seconds, which is what arrays are for.

# %%
on, off = (1 + np.indices((30, 30))).reshape(2, -1)
cycles = {(a, b, drug): score for drug in (1, 2, 3) for a, b, score in zip(
    on, off, hiv.treat(hiv.on_and_off(on, off, drug), len(on), integrate=hiv.splitting).score)}
best_cycle = max(cycles, key=cycles.get)
thresholds = np.geomspace(1e5, 1e6, 200)
rules = hiv.treat(hiv.below("T1", thresholds, action=1), len(thresholds),
                  integrate=hiv.splitting).score
threshold = thresholds[rules.argmax()]
low, high = np.geomspace(10, 2e4, 28)[np.stack(np.triu_indices(28))]
zones = hiv.treat(hiv.zones(low, high), len(low), integrate=hiv.splitting).score
best_zones = low[zones.argmax()], high[zones.argmax()]
print(f"best of {len(cycles):,} cycles: {hiv.ACTIONS[best_cycle[2]]}, {5 * best_cycle[0]} days on, "
      f"{5 * best_cycle[1]} off\nbest rule: RTI while there are fewer than "
      f"{threshold / 1000:.0f} CD4 cells per microlitre\nbest zones: RTI below "
      f"{best_zones[0]:,.0f} infected cells, PI below {best_zones[1]:,.0f}, both above; "
      f"{np.mean(zones > 1e9):.1%} of all zones reach 1e9")

# %% tags=["figure"]
grid = np.array([cycles[a, b, 1] for a, b in zip(on, off)]).reshape(30, 30)
fig, ax = plt.subplots(figsize=(6.2, 4.2))
picture = ax.imshow(np.log10(grid).T, origin="lower", cmap="cividis", aspect="auto",
                    extent=(2.5, 152.5, 2.5, 152.5))
ax.plot(5 * best_cycle[0], 5 * best_cycle[1], "o", color="black", fillstyle="none", markersize=12)
ax.set(xlabel="days on the RTI", ylabel="days off it")
ax.grid(False)
fig.colorbar(picture, label="score (power of ten)")
plots.show(
    fig,
    "Figure 52.5. What every fixed cycle of the RTI scores. Neighbouring cycles can differ "
    "tenfold: a plan that does not look at the patient needs luck. The circle is the best cycle.",
    "Map of days on against days off; a ragged pattern with a few bright cells at short pauses, "
    "the best one circled at the lower left.",
)

# %% [markdown]
# ### Why pausing can help here
#
# Look at the last line of (52.13). Effectors grow only by meeting infected cells, but too many
# infected cells exhaust them. Here is their growth rate $g(I)$.

# %%
def growth(infected, p=patient):
    """The rate at which the effectors change, per day."""
    return (p.bE * infected / (infected + p.Kb) - p.dE * infected / (infected + p.Kd) - p.deltaE)


infected = np.geomspace(1, 3e4, 2000)
window = infected[growth(infected) > 0]
unwell, well = hiv.UNHEALTHY[2:4].sum(), hiv.HEALTHY[2:4].sum()
assert 0.7 < best_zones[0] / window.max() < 1.4
assert growth(unwell) < 0 and unwell > 5 * window.max() and abs(well - window.min()) < 5
print(f"effectors grow between {window.min():.0f} and {window.max():,.0f} infected cells per ml; "
      f"our patient starts with {unwell:,.0f}")

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(7, 3.6))
ax.semilogx(infected, growth(infected))
ax.fill_between(infected, growth(infected), 0, where=growth(infected) > 0, hatch="//",
                color=plots.COLOURS["green"], alpha=0.4)
ax.axhline(0, color="black", linewidth=1)
for place, text in ((unwell, "start"), (well, "well")):
    ax.plot(place, growth(place), "o", color=plots.COLOURS["red"])
    ax.annotate(text, (place, growth(place)), xytext=(0, 9), textcoords="offset points",
                ha="center")
ax.set(xlabel="infected cells $I$ per ml", ylabel="growth of effectors, per day")
plots.show(
    fig,
    "Figure 52.6. Effectors learn by exposure. Where the curve is above 0 (hatched), they grow. At "
    "the start there are far too many infected cells.",
    "A curve over infected cells on a log axis: negative at few cells, positive in a hatched "
    "window from about 80 to 1200, negative again at the start of our patient near 12,000.",
)

# %% [markdown]
# (The best zones, found by a blind search, lie at the upper end of this window. Whoever knows the
# mechanism can write that rule with two numbers.)
#
# So a plan must first bring the infected cells down into the window, then *keep some there*, so
# that effectors grow ten-thousandfold, and at last stop. That is the idea of **structured
# treatment interruption**: planned pauses that let the body train itself on a little virus.
# Nobody tells our agent this.

# %% [markdown]
# ### The agent's eyes and its reward
#
# The quantities run over seven powers of ten, the rewards over four. A network that is fitted by
# squares would see only the largest. So the agent sees the *logarithms* of the six quantities
# (shifted to lie about 0), and learns from the logarithm of the reward, with its sign:
#
# $$ \tilde r = 0.02\, \operatorname{sign}(r)\, \log_{10}\!\left(1 + \frac{|r|}{10^4}\right)
# \tag{52.15} $$
#
# That changes what it aims at: above some 10,000, every tenfold gain counts the same. It is a
# choice of ours for *learning*. Plans are *scored* by (52.14), untouched.

# %%
def squeezed(r):
    return 0.02 * np.sign(r) * np.log10(1 + np.abs(r) / 1e4)


r = np.array([-1e5, 0.0, 17_608.0, 1e6, 3.5e8])
assert np.allclose(squeezed(r), hiv_patients.learning_reward(r))
print(pd.DataFrame({"reward": r, "learned from": squeezed(r).round(4)}).to_string(index=False))

# %% [markdown]
# The agent is the double DQN from above; only the network has changed, from a table of embeddings
# to two hidden layers. It treats 64 patients side by side and learns from random drafts of its
# memory. It begins with random drugs. Nobody dies in this model, so no state is an end: where the
# 200 decisions are over, the value of the state goes on counting.
#
# This short training takes a little more than half a minute.

# %%
short = SETTINGS["hiv"]["steps"]["short"]
hiv_agent = rl.DoubleDQN(hiv_patients.hiv_network, hiv_patients.HivPatients(),
                         rl.DoubleDQNSettings(**SETTINGS["hiv"]["agent"]), seed=SEED)
history = hiv_agent.train(short, on_progress=plots.training_progress(short, "Patients with HIV"))

# %% [markdown]
# Beside it we load the stored planner: the same agent with the same settings, only trained
# longer. All plans are now scored together, accurately (about ten seconds).

# %%
def side_by_side(plans):
    """Patient k is treated by plan k."""
    def plan(step, states):
        return [int(np.ravel(each(step, states[[k]]))[0]) for k, each in enumerate(plans)]
    return plan


planner = hiv_patients.load_hiv_planner()
plans = {
    "no drug (trivial)": hiv.always(0),
    "both drugs, always": hiv.always(3),
    "best fixed cycle": hiv.on_and_off(*best_cycle),
    "best rule on CD4 cells": hiv.below("T1", threshold, action=1),
    "best zones": hiv.zones(*best_zones),
    "double DQN, live": hiv_patients.plan_of(hiv_agent.network),
    "double DQN, full training": hiv_patients.plan_of(planner),
}
course = hiv.treat(side_by_side(list(plans.values())), len(plans))
score = dict(zip(plans, course.score))
hiv_result = pd.DataFrame({
    "score": [f"{value:.2e}" for value in course.score],
    "virus at the end (per ml)": course.states[-1, :, 4].round(0).astype(int),
    "CD4 at the end (per microlitre)": (course.states[-1, :, 0] / 1000).round(0).astype(int),
    "steps on any drug": (course.actions > 0).sum(axis=0),
}, index=list(plans))
hiv_result

# %%
assert abs(score["no drug (trivial)"] - 3_432_807) < 1
assert 6.6e6 < score["both drugs, always"] < 6.8e6
cheaper_pi = score["both drugs, always"] + 200 * 18_000 * 0.3**2
print(f"with RLPy's weight of 2,000 for the PI, both drugs always would score {cheaper_pi:.2e}")
assert 3.5e7 < score["best fixed cycle"] < 4.5e7
simple = max(score[name] for name in ("best fixed cycle", "best rule on CD4 cells", "best zones"))
assert score["double DQN, full training"] > 1e10
assert score["double DQN, full training"] > 5 * simple
assert score["double DQN, live"] > 25 * score["best fixed cycle"]
print(f"live: {score['double DQN, live'] / simple:,.0f} times the best simple plan; "
      f"full training: {score['double DQN, full training'] / simple:,.0f} times")

# %% tags=["figure"]
shown = {"both drugs, always": "grey", "double DQN, live": "orange",
         "double DQN, full training": "blue"}
panels = [("virus per ml", 4, 1), ("CD4 cells per microlitre", 0, 1000), ("effectors per ml", 5, 1)]
fig, axes = plt.subplots(5, 1, figsize=(8.5, 10), sharex=True, height_ratios=[3, 3, 3, 1, 1])
for ax, (label, column, unit) in zip(axes, panels):
    for (name, colour), dash in zip(shown.items(), (":", "--", "-")):
        k = list(plans).index(name)
        ax.semilogy(course.days, course.states[:, k, column] / unit, dash, label=name,
                    color=plots.COLOURS[colour])
    ax.set_ylabel(label)
axes[0].legend(ncols=3, fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0))
for ax, name in zip(axes[3:], list(shown)[1:]):
    doses = hiv.EFFICACIES[course.actions[:, list(plans).index(name)]] > 0
    for row, (drug, colour) in enumerate((("RTI", "green"), ("PI", "purple"))):
        ax.fill_between(course.days[:-1], row, row + 0.8 * doses[:, row], step="post",
                        color=plots.COLOURS[colour], linewidth=0)
    ax.set(yticks=[0.4, 1.4], yticklabels=["RTI", "PI"], ylim=(0, 2), title=name)
    ax.grid(False)
axes[-1].set_xlabel("day")
plots.show(
    fig,
    "Figure 52.7. Three plans for the same patient. Under drugs that never stop the virus falls, "
    "comes back, and the effectors stay few. The learned plans keep some virus, on which the "
    "effectors grow more than hundredfold. The fully trained one then stops all drugs. The bars "
    "below show when a drug is given.",
    "Virus, CD4 cells and effectors over 1000 days on log axes for constant therapy (dotted) and "
    "two learned plans, under which effectors climb from 24 by powers of ten, with outbreaks of "
    "virus and falls of CD4 cells on the way; bars of doses beneath.",
)

# %%
k = list(plans).index("both drugs, always")
under_drugs = course.states[:, k, 2:4].sum(axis=1)
k = list(plans).index("double DQN, full training")
cd4 = course.states[:, k, 0] / 1000
print(f"both drugs always: infected cells fall to {under_drugs.min():.1f} per ml, then settle at "
      f"{under_drugs[-1]:,.0f}\nfull training: "
      f"effectors grow {course.states[-1, k, 5] / 24:,.0f}-fold; "
      f"CD4 cells fall to {cd4.min():.0f} per microlitre on day {course.days[cd4.argmin()]}, "
      f"from {cd4[:cd4.argmin()].max():.0f} before")
assert under_drugs.min() < window.min() and under_drugs[-1] > window.max()
assert course.states[-1, k, 5] > 5000 * 24 and cd4.min() < cd4[0] / 2 < 100
assert (course.actions[-50:, k] == 0).all()  # no drug in the last 250 days
assert course.states[-1, list(plans).index("double DQN, live"), 5] > 100 * 24

# %% [markdown]
# Drugs that never stop miss the window on both sides: first too few infected cells, then too many
# again. The learned plan stays near it, and after the effectors have grown it gives no drug at
# all.
#
# (The short training has mostly learned the first half: it keeps the patient in the window by
# drugs, and hardly ever dares to stop them. So it differs from seed to seed.)
#
# But look at the CD4 cells on the way. The plan lets the virus break out, and the CD4 cells fall
# far below the patient's first count and below 200 per microlitre, where infections that a
# healthy body shrugs off become deadly (below 200 is one of the definitions of AIDS). The agent
# did nothing wrong: **CD4 cells do not stand in its reward** (52.14), and nobody dies in its
# model. A reward that forgets something is answered by a plan that sacrifices it. Chapter 53 is
# about that.

# %% [markdown]
# ### Many seeds, not one
#
# A deep agent is a gamble with its seed. The stored table has short trainings and full ones, all
# that were run, each scored accurately at its last step (no best step was picked).

# %%
hiv_table = tables.load_table("hiv", "standin")
assert hiv_table["settings"] == SETTINGS["hiv"], "the stored table belongs to other settings"
hiv_runs = pd.DataFrame(hiv_table["runs"])
times = SETTINGS["hiv"]["steps"]["full"] / short
print(f"{hiv_table['command']}; the full training is {times:.1f} times as long as the short one")
powers = {name: np.log10(group.score) for name, group in hiv_runs.groupby("training")}
summary = hiv_runs.groupby("training").agg(
    seeds=("seed", "size"), lowest=("score", "min"), median=("score", "median"),
    highest=("score", "max"), seconds=("cpu_seconds", "median"))
low, high = tables.prediction_interval(powers["short"])
assert low < np.log10(score["double DQN, live"]) < high
assert (hiv_runs[hiv_runs.training == "full"].score > 1e10).all()
assert hiv_runs.score.min() > 25 * score["best fixed cycle"]
summary.map(lambda value: f"{value:.3g}")

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(7.5, 4))
for training, colour, dash in (("short", "orange", "--"), ("full", "blue", "-")):
    for k, run in enumerate(hiv_runs[hiv_runs.training == training].itertuples()):
        steps = 400 * np.arange(1, len(run.trace) + 1)
        ax.semilogy(steps, np.maximum(run.trace, 1e5), dash, color=plots.COLOURS[colour],
                    alpha=0.6, linewidth=1, label=f"{training} training" if k == 0 else None)
ax.axhline(simple, color="black", linewidth=1)
ax.annotate("best simple plan", (0, simple), xytext=(2, 4), textcoords="offset points", fontsize=9)
ax.set(xlabel="steps of training", ylabel="score of the plan so far (at least $10^5$)",
       xlim=(0, None))
ax.legend()
plots.show(
    fig,
    "Figure 52.8. The score on the way (by the quick integrator), a line for each seed. Plans stay "
    "poor for a long time, jump when the other steady state is found, and can fall back.",
    "Lines over training steps on a log axis: below the best simple plan at first, then jumping "
    "towards and above ten to the tenth, with drops in between.",
)

# %% [markdown]
# ### Will it do for another patient?
#
# The plan was learned on *one* set of constants. No two patients share theirs, and nobody can
# measure them all. Here the stored planner meets 200 patients whose 20 constants are each changed
# at random by up to 5, 10 or 20 percent. It sees their state, but does not know their constants.
# (The quick integrator; none of these patients was used to choose anything. A quarter of a
# minute.)

# %%
def strangers(n, spread, seed):
    """Patients whose constants each differ by up to a share from the nominal ones."""
    draw = np.random.default_rng(seed)
    return hiv.HivConstants(**{
        name: value * draw.uniform(1 - spread, 1 + spread, n)
        for name, value in vars(patient).items()})


strange = {}
for spread in plots.progress((0.05, 0.1, 0.2), "Strangers"):
    others = strangers(200, spread, SEED)
    for name in ("both drugs, always", "best fixed cycle", "best zones",
                 "double DQN, full training"):
        found = hiv.treat(plans[name], 200, others, integrate=hiv.splitting).score
        strange[f"±{spread:.0%}", name] = {
            "10th percentile": np.quantile(found, 0.1), "median": np.median(found),
            "share above 1e10": np.mean(found > 1e10)}
robust = pd.DataFrame(strange).T
robust.map(lambda value: f"{value:.2g}")

# %%
def share(spread, name):
    return robust.loc[(spread, name), "share above 1e10"]


full = "double DQN, full training"
assert robust.loc[("±5%", full), "median"] > 1e10 and share("±5%", full) > 0.7
assert share("±20%", full) < 0.6 and robust.loc[("±20%", full), "10th percentile"] < 1e9
for spread in ("±5%", "±10%", "±20%"):
    assert share(spread, full) > share(spread, "best fixed cycle") + 0.2
    assert share(spread, full) > share(spread, "best zones") + 0.03

# %% [markdown]
# Because it looks at the patient, the learned plan stands a small difference: at 5 percent most
# strangers still reach the good state, where the fixed cycle, tuned to one patient to the day,
# hardly ever does. At 20 percent it fails a large part of them. It is better than the simple
# plans throughout, and still no plan for a person whose constants are unknown. (A median says
# nothing about those at the lower end: look at the 10th percentile.)

# %% [markdown]
# ### Read it as a clinician: no advice
#
# Would you stop a patient's drugs because of Figure 52.7? It was tried. The **SMART trial**
# (2006) drew by lot who of 5,472 people with HIV and more than 350 CD4 cells per microlitre
# stayed on drugs, and who paused them until the count fell below 250. In those who paused,
# opportunistic disease or death was 2.6 times as frequent (hazard ratio; 95 % interval 1.9 to
# 3.7), and the strategy was stopped. Pausing by CD4 count is not the same plan as ours. But ours
# rests on a body that nobody has met: effectors that grow ten-thousandfold, virus that never
# becomes resistant, no hidden reservoir, no other disease, and a laboratory that measures six
# quantities without error every five days.
#
# An agent optimises the model it is given, and the weights that somebody chose. The better it
# gets, the more it uses what the model has wrong. **The best plan in a model is a question to a
# trial, never an answer for a patient.** Ernst and others (2006), who first learned such a plan
# from simulated data, wrote of *clinical data*; none of the figures here comes from a patient.

# %% [markdown]
# ## The result
#
# All agents on sepsis, each scored exactly, at the end of 200 thousand patients: the seeds of the
# stored table, and the live run. (The interval is for the mean over seeds, by Student's t.)

# %%
live = {name: curve(learned).iloc[-1] for name, learned in gradients.items()}
live["double DQN"] = looks["value"].iloc[-1]
main = runs[(runs["agent"] == "double DQN")
            | (runs["step_size"] == runs["agent"].map(
                {name: each.get("step_size") for name, each in sepsis.items()}))]
rows = []
for name in live:
    ends = main.loc[main["agent"] == name, "end"]
    low, high = tables.prediction_interval(ends)
    assert low <= live[name] <= high, (name, live[name], low, high)
    half = stats.t.ppf(0.975, len(ends) - 1) * ends.std() / np.sqrt(len(ends))
    interval = f"{ends.mean() - half:.4f} to {ends.mean() + half:.4f}"
    rows.append([name, len(ends), ends.mean(), interval, ends.min(), ends.max(), live[name]])
result = pd.DataFrame(rows, columns=["agent", "seeds", "mean", "95 % CI of the mean", "lowest",
                                     "highest", "live"]).set_index("agent")
assert result.loc["actor-critic", "lowest"] >= 0.855 and result.loc["double DQN", "lowest"] >= 0.86
result.round(4)

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(8, 4.4))
for name in live:
    ends = main[main["agent"] == name]
    thousand = np.mean(ends["episodes"].tolist(), axis=0) / 1000
    every = np.array(ends["value"].tolist())
    (line,) = ax.plot(thousand, every.mean(axis=0), label=name)
    ax.fill_between(thousand, every.min(axis=0), every.max(axis=0), alpha=0.25,
                    color=line.get_color(), linewidth=0)
for value, text in ((BEST, "the best policy there is"), (CLINICIANS, "clinicians")):
    ax.axhline(value, color=plots.COLOURS["grey"], linestyle="--", linewidth=1)
    ax.text(60, value + 0.001, text, fontsize=9)
ax.set(xlabel="thousand patients treated", ylabel="survival under the policy (exact)",
       ylim=(0.775, 0.885))
ax.legend(loc="upper left", bbox_to_anchor=(0, 0.9), fontsize=9)
plots.show(
    fig,
    "Figure 52.9. Mean and range over seeds. The DQN's policy is the greedy one; the others' still "
    "draw their doses. The actor-critic is ahead for most of the way.",
    "Four rising curves with narrow bands between dashed lines at 0.782 and 0.875. REINFORCE ends "
    "lowest, then the baseline, then actor-critic and double DQN close to the upper line.",
)

# %% [markdown]
# The simple model to beat is chapter 51's table, with the same number of patients:

# %%
q = rl.q_learning(process, rl.QLearning(episodes=EPISODES), SEED)
tabular = rl.value(process, rl.greedy_policy(process, q))
print(f"tabular Q-learning: survival {tabular:.4f}")
assert tabular > result.loc["double DQN", "mean"] - 0.003

# %% [markdown]
# So **here the network gains nothing**: the table is as good, in a fraction of the time. A network
# earns its keep where no table exists, as with the HIV patient.
#
# A figure of others: the README of a public repository that runs the benchmark's own experiments
# anew states 0.86 ± 0.01 (mean and standard deviation) for a DQN, not double, over eight seeds
# of 500 thousand episodes (Nack). Nobody reviewed it. It is a mean of sampled returns over the
# last thousand steps; ours are exact values of the greedy policy, so compare them loosely.

# %% [markdown]
# ## Reading it as a clinician
#
# What does the learned policy *do*? Weigh each state by how often the policy comes there, and
# compare with clinicians and with the best policy, by the **SOFA** score (0 to 24; the higher, the
# more organs fail).

# %% tags=["figure"]
plans = {"clinicians": benchmark.clinicians, "double DQN": policy, "best": best.policy}
bands = [(0, 5), (5, 8), (8, 11), (11, 25)]
fig, axes = plt.subplots(1, 2, figsize=(11, 3.8), sharey=True)
level = {}
for ax, (title, dose) in zip(axes, {"fluid": benchmark.fluid,
                                    "vasopressor": benchmark.vasopressor}.items()):
    for (name, plan), marker in zip(plans.items(), "os^"):
        visits = rl.visits(process, plan)
        inside = [(benchmark.sofa >= low) & (benchmark.sofa < high) for low, high in bands]
        mean = [np.average((plan @ dose)[rows], weights=visits[rows]) for rows in inside]
        level[title, name] = np.array(mean)
        ax.plot(range(4), mean, marker=marker, label=name)
    ax.set(xticks=range(4), xlabel="SOFA", title=title)
    ax.set_xticklabels(["below 5", "5 to 8", "8 to 11", "11 and above"])
axes[0].set_ylabel("mean dose level (0 to 4)")
axes[0].legend(fontsize=9)
plots.show(
    fig,
    "Figure 52.10. Doses by severity, over the states that each policy comes to.",
    "Two panels of three lines each over four bands of the SOFA score: fluid and vasopressor "
    "levels of clinicians, the double DQN and the best policy.",
)

# %%
for name in ("double DQN", "best"):
    assert (level["fluid", name] > level["fluid", "clinicians"] + 0.1).all()
    assert level["vasopressor", name][3] < level["vasopressor", "clinicians"][3] - 0.2

# %% [markdown]
# Both give more fluid than clinicians at every severity, and less vasopressor to the sickest. Is
# that better medicine, or a trace of who was given what? A table cannot tell (see below).

# %% [markdown]
# Do two good policies agree on the bedside? Take the DQN's action, the actor-critic's most likely
# one, and the best, in the states that matter (weighted by visits).

# %%
sharp = {"double DQN": policy, "actor-critic": rl.greedy_policy(process, actor.preferences),
         "best": best.policy}
weight = rl.visits(process, best.policy)
choice = (process.admissible.sum(axis=1) > 1) & ~process.terminal
agree = {}
for first, second in (("double DQN", "best"), ("actor-critic", "best"),
                      ("double DQN", "actor-critic")):
    same = (sharp[first] == sharp[second]).all(axis=1)
    agree[f"{first} and {second}"] = np.average(same[choice], weights=weight[choice])
    print(f"{first} and {second}: same dose in {agree[f'{first} and {second}']:.0%} of the visits")
spread = [rl.value(process, plan) for plan in sharp.values()]
print(f"survival: {min(spread):.3f} to {max(spread):.3f}")
assert max(agree.values()) < 0.9 and max(spread) - min(spread) < 0.02

# %% [markdown]
# Policies that save nearly the same share of patients give different doses at many bedsides. So a
# high value does *not* say that the single advice is right, and an explanation of one dose explains
# one seed.
#
# And what did learning cost? These agents tried random doses on patients by the ten thousand.

# %%
early = looks["return"].iloc[:3].mean()
print(f"survival of the patients treated early in training, up to episode {looks.index[2]:,}: "
      f"{early:.3f}; clinicians {CLINICIANS:.3f}")
assert RANDOM - 0.04 < early < 0.83
stays = round(1 / process.initial[process.initial > 0].min())
assert 9 * stays < EPISODES < 10 * stays

# %% [markdown]
# That looks harmless: chance among the *allowed* doses does about as well as clinicians here,
# because the mask holds only doses that clinicians gave in such states. Chapter 51 shows what
# happens without it. And each of these patients could have been treated by the better policy.
#
# Two hundred thousand patients is nearly ten times what the records behind this benchmark hold (the
# card). Nobody may learn like that on people. Chapter 53 learns from records instead.
#
# **Must not be used** for any patient. The simulator knows 716 kinds of patients, and what
# clinicians happened to do. Doses depend on illness: who got more vasopressor was sicker in ways
# that the table does not hold. Guidelines for such work: Gottesman and others (2019).

# %% [markdown]
# ## Exercises
#
# `exercises.hint("52.1")` gives a hint, and the next one each time.

# %% [markdown]
# ### Exercise 52.1 · What may be subtracted? (reading, about 4 minutes)
#
# Which of these may be subtracted from the return without bending the gradient (its mean stays)?
# Answer `True` or `False`. A: the constant 0.78. B: the patient's SOFA score at that moment. C: the
# mean return of *other* patients in that state. D: the mean return after the *dose that was given*
# in that state. E: the SOFA score four hours later. F: the result of a coin thrown beforehand.

# %% tags=["exercise"]
answer_52_1 = ...  # a dictionary {"A": True or False, ..., "F": ...}

# %% tags=["check"]
exercises.check("52.1", answer_52_1)

# %% tags=["solution"]
answer_52_1_solution = {"A": True, "B": True, "C": True, "D": False, "E": False, "F": True}
exercises.check("52.1", answer_52_1_solution)

# %% [markdown]
# ### Exercise 52.2 · The score with forbidden doses (applying, about 6 minutes)
#
# Return the gradient of $\log \pi(a \mid s)$ by all knobs of the state, where some actions are
# forbidden: their probability is 0, and their knobs do nothing.

# %% tags=["exercise"]
def masked_score(preferences, admissible, action):
    """preferences (actions,), admissible (actions,) of bool, action allowed: return (actions,)."""
    ...

# %% tags=["check"]
exercises.check("52.2", masked_score)

# %% tags=["solution"]
def masked_score_solution(preferences, admissible, action):
    allowed = np.where(admissible, preferences, -np.inf)  # its exponential is 0
    weights = np.exp(allowed - allowed.max())
    return (np.arange(len(preferences)) == action) - weights / weights.sum()


exercises.check("52.2", masked_score_solution)

# %% [markdown]
# ### Exercise 52.3 · Goals of a double DQN (building, about 7 minutes)
#
# Write (52.12) with a discount, for a batch. `chooser` and `valuer` hold the values of both
# networks at the states that were reached. Where an episode has ended, nothing follows. Only
# allowed actions may be chosen.

# %% tags=["exercise"]
def double_goals(rewards, ended, chooser, valuer, admissible, discount):
    """rewards, ended (n,); chooser, valuer, admissible (n, actions): return the goals (n,)."""
    ...

# %% tags=["check"]
exercises.check("52.3", double_goals)

# %% tags=["solution"]
def double_goals_solution(rewards, ended, chooser, valuer, admissible, discount):
    chosen = np.where(admissible, chooser, -np.inf).argmax(axis=1)
    worth = valuer[np.arange(len(rewards)), chosen]
    return rewards + discount * np.where(ended, 0.0, worth)


exercises.check("52.3", double_goals_solution)

# %% [markdown]
# ### Exercise 52.4 · Between the two (building, about 7 minutes)
#
# REINFORCE waits to the end, the actor-critic looks one step ahead. In between: sum `n`
# discounted rewards, then let the critic speak for the rest. At step $t$ that is $r_t + \gamma
# r_{t+1} + \ldots + \gamma^{n-1} r_{t+n-1} + \gamma^n V(s_{t+n})$. Where the episode ends before,
# sum what there is.

# %% tags=["exercise"]
def n_step_goals(rewards, values, n, discount):
    """One patient: rewards (T,), values (T,) of the states s_0 to s_(T-1). Return (T,)."""
    ...

# %% tags=["check"]
exercises.check("52.4", n_step_goals)

# %% tags=["solution"]
def n_step_goals_solution(rewards, values, n, discount):
    length = len(rewards)
    goals = np.zeros(length)
    for t in range(length):
        end = min(t + n, length)
        goals[t] = sum(discount ** (k - t) * rewards[k] for k in range(t, end))
        if end < length:
            goals[t] += discount**n * values[end]
    return goals


exercises.check("52.4", n_step_goals_solution)

# %% [markdown]
# ## What you can now do
#
# - derive the gradient of a return by the log-derivative trick, and hold it against the exact one
# - measure the variance of its estimate, and lower it by a baseline and a critic
# - train a double DQN, and compare what a network claims with what its policy is worth
# - let the same agent plan drugs for a patient without a table of states
# - read doses by severity, and tell a good value from a good advice
#
# **Next:** [53 · Treatment planner](53_treatment_planner.ipynb)

# %% [markdown]
# ## Further reading
#
# - Sutton and Barto (2018), chapter 13, for policy gradients; chapter 11.5 for the trap of (52.11).
# - Gottesman and others (2019), three pages that every project of this kind should read first.

# %% [markdown]
# ## References
# - Adams, Banks, Kwon, Tran, 2004, <https://doi.org/10.3934/mbe.2004.1.223>. Dynamic multidrug
#   therapies for HIV: optimal and STI control approaches. Mathematical Biosciences and Engineering
#   1:223.
# - Barto, Sutton, Anderson, 1983, <https://doi.org/10.1109/TSMC.1983.6313077>. Neuronlike adaptive
#   elements that can solve difficult learning control problems. IEEE Transactions on Systems, Man,
#   and Cybernetics 13:834.
# - Choudhary, Gupta, Thomas, 2024, <https://arxiv.org/abs/2406.05646>. ICU-Sepsis: a benchmark MDP
#   built from real medical data. Reinforcement Learning Conference.
# - Ernst, Stan, Goncalves, Wehenkel, 2006, <https://ieeexplore.ieee.org/document/4177178>. Clinical
#   data based optimal STI strategies for HIV: a reinforcement learning approach. IEEE Conference
#   on Decision and Control.
# - Gottesman et al., 2019, <https://doi.org/10.1038/s41591-018-0310-5>. Guidelines for
#   reinforcement learning in healthcare. Nature Medicine 25:16.
# - Mnih et al., 2015, <https://doi.org/10.1038/nature14236>. Human-level control through deep
#   reinforcement learning. Nature 518:529.
# - Nack, <https://github.com/felix-nack/ICU-Sepsis-Experiments>. Baselines on ICU-Sepsis, run anew
#   (the README's table of convergence).
# - SMART Study Group, 2006, <https://doi.org/10.1056/NEJMoa062360>. CD4+ count-guided interruption
#   of antiretroviral treatment. New England Journal of Medicine 355:2283.
# - Strang, 1968, <https://doi.org/10.1137/0705041>. On the construction and comparison of
#   difference schemes. SIAM Journal on Numerical Analysis 5:506 (`hiv.splitting`).
# - Sutton, Barto, 2018. Reinforcement learning: an introduction, second edition. MIT Press;
#   <http://incompleteideas.net/book/the-book-2nd.html>.
# - Van Hasselt, Guez, Silver, 2016, <https://doi.org/10.1609/aaai.v30i1.10295>. Deep reinforcement
#   learning with double Q-learning. AAAI.
# - Williams, 1992, <https://doi.org/10.1007/BF00992696>. Simple statistical gradient-following
#   algorithms for connectionist reinforcement learning. Machine Learning 8:229.
# - D4, Deep learning in health care in practice, sections 3.4, 3.4.1 and 4.4.
