# %% [markdown]
# # 30 · Recurrence from scratch
#
# You will build networks that read a pulse beat by beat and remember what they saw, watch their
# memory fade and their gradients explode, and find out which printed formulas matter.
#
# | | |
# | --- | --- |
# | **Time** | {reading} to read and do, {running} to run |
# | **Know before** | chapters 11 and 12: layers, backward pass, Adam; chapter 10: AUC, intervals |
# | **Follows** | D0, section 3.2; D1, section 3.2; D3, section 3.2; D4, section 4.2 |
#
# **After this chapter you can**
# - unroll a recurrent network in time, and run it in NumPy
# - derive backpropagation through time, implement it, and check it
# - measure how a gradient vanishes or explodes with the time lag, and clip it
# - write the LSTM and the GRU, and tell the right formulas from the misprinted
# - train a network that remembers, and judge it beside a rule that needs no network

# %%
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from sklearn.linear_model import LogisticRegression

from medlearn import data, exercises, lesson, metrics, plots, scratch, tables, widgets

plots.use_course_style()
lesson.use_one_thread()  # the matrices here are small
seeds = [10 * lesson.seed() + k for k in range(3)]
rng = np.random.default_rng(lesson.seed())

# %% [markdown]
# ## The data
#
# A patient with palpitations wears a recorder and presses a button when the heart stumbles. The
# clinician's question: did the press fall on an **extra beat** (a premature or ectopic beat), one
# that comes early? If so, the extra beat may explain the symptom. A press at a normal beat speaks
# against it, and an extra beat that nobody feels explains no symptom.

# %% tags=["card"]
diary = data.load("pulse_diary")

# %%
train, validation, test = diary.train, diary.validation, diary.test
beats = train.x.shape[1]
press = train.x[..., 1].argmax(axis=1)  # the beat of the press, counted from 0
lag = beats - 1 - press
print("x", train.x.shape, "= (strip, beat, interval and button);  y", train.y.shape)
print(f"from the press to the end: {lag.min()} to {lag.max()} beats")
assert lag.min() >= 20

# %% tags=["figure"]
fig, axes = plt.subplots(2, 2, figsize=(10, 4.6), sharex=True, sharey=True)
for row, label in enumerate((0, 1)):
    for ax, strip in zip(axes[row], train.x[train.y == label]):
        at = strip[:, 1].argmax()
        ax.plot(range(1, beats + 1), strip[:, 0], "-o", ms=4, lw=1)
        ax.plot(at + 1, strip[at, 0], "D", ms=11, mfc="none", color=plots.COLOURS["red"], mew=2)
        ax.set_title(f"y = {label}: {diary.class_names[label]}", fontsize=10)
for ax in axes[1]:
    ax.set_xlabel("beat")
for ax in axes[:, 0]:
    ax.set_ylabel("interval (s)")
plots.show(
    fig,
    "Figure 30.1. Four strips; a diamond marks the press. An extra beat is a low point, "
    "and the pause after it a higher one. Extra beats come everywhere: only the one at the press "
    "counts.",
    "Four line plots of thirty intervals around 0.8 seconds with a few sharp dips. In the upper "
    "row the diamond lies at the usual height, in the lower row on a dip.",
)

# %% [markdown]
# The network gets one beat at a time and answers after the last. So it must notice the interval at
# the press (or the pause just after it), and carry one bit of information over more than twenty
# further beats that tell it nothing.
#
# Two lines of code could do that (look up the interval at the press), and the result will show
# them. Here the task is a *test of memory*, as clean as we can make it.

# %%
mean, deviation = train.x[..., 0].mean(), train.x[..., 0].std()  # of the training part alone


def prepared(part):
    x = part.x.copy()
    x[..., 0] = (x[..., 0] - mean) / deviation
    return x, part.y[:, np.newaxis].astype("float32")


(x_train, y_train), (x_validation, y_validation) = prepared(train), prepared(validation)

# %% [markdown]
# ## The idea: the same step, again and again
#
# A dense layer on all 60 numbers would need a weight for each beat, and would learn "early at beat
# 5" and "early at beat 6" as two different things. A **recurrent network** takes the *same* small
# step at every beat: it combines what it sees now, $x_t$, with what it remembers, its **state**
# $h_{t-1}$, into a new state $h_t$.

# %% tags=["figure"]
def box(ax, x, y, text, colour):
    ax.add_patch(FancyBboxPatch((x - 0.35, y - 0.25), 0.7, 0.5, boxstyle="round,pad=0.05",
                                fc=plots.COLOURS[colour], ec="black", alpha=0.35))
    ax.text(x, y, text, ha="center", va="center", fontsize=12)


def arrow(ax, start, end, text="", **style):
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=14, color="black",
                                 **style))
    level = start[1] == end[1]
    ax.text((start[0] + end[0]) / 2 + (0 if level else 0.08), (start[1] + end[1]) / 2 + 0.08, text,
            ha="center" if level else "left", fontsize=12)


fig, ax = plt.subplots(figsize=(11, 3.4))
for column, index in enumerate(("1", "2", "3", "T")):
    x = 2.6 + 1.8 * column + (0.6 if index == "T" else 0)
    box(ax, x, 0, f"$x_{index}$", "sky")
    box(ax, x, 1.3, f"$h_{index}$", "orange")
    arrow(ax, (x, 0.32), (x, 0.98), "$W$")
    before = x - 1.8 - (0.6 if index == "T" else 0)
    arrow(ax, (before + 0.42, 1.3), (x - 0.42, 1.3), "$U$",
          ls="--" if index == "T" else "-")
box(ax, 0.8, 1.3, "$h_0 = 0$", "grey")
box(ax, x + 1.8, 1.3, "answer", "green")
arrow(ax, (x + 0.42, 1.3), (x + 1.38, 1.3), "dense")
ax.set(xlim=(0, 11.6), ylim=(-0.5, 2))
ax.axis("off")
plots.show(
    fig,
    "Figure 30.2. A recurrent network, **unrolled** in time: one column a beat. All columns share "
    "the same two matrices, W from the input and U from the state before. The dashed arrow stands "
    "for the beats between.",
    "A row of boxes h one, h two, h three and h T, linked from left to right by arrows named U, "
    "each fed from below by a box x through an arrow named W. After h T a box: answer.",
)

# %% [markdown]
# The plain recurrent layer (Elman 1990; D4, 4.2, writes it as $h_t = f_W(x_t, h_{t-1})$ and leaves
# $f$ open), for a batch with one strip a row:
#
# $$ a_t = x_t W + h_{t-1} U + \beta \tag{30.1} $$
#
# $$ h_t = \tanh(a_t), \qquad h_0 = 0 \tag{30.2} $$
#
# | symbol | in the code | shape |
# | --- | --- | --- |
# | $x_t$ | `x[:, t]` | (batch, features) |
# | $h_t$ | `h[t]` | (batch, units) |
# | $W$ | `kernel` | (features, units) |
# | $U$ | `recurrent_kernel` | (units, units) |
# | $\beta$ | `bias` | (units,) |
#
# $a_t$ is what goes into the tanh, and $T$ the number of beats.
#
# In the code `h[0]` is the state before the first beat, so `x[:, t]` meets `h[t]` and makes
# `h[t + 1]`.

# %%
def rnn_forward(x, kernel, recurrent_kernel, bias):
    h = np.zeros((x.shape[1] + 1, len(x), len(bias)))
    for t in range(x.shape[1]):
        h[t + 1] = np.tanh(x[:, t] @ kernel + h[t] @ recurrent_kernel + bias)
    return h


units = 4
weights = [rng.normal(size=shape) for shape in ((2, units), (units, units), (units,))]
x_small = rng.normal(size=(3, 6, 2))
packaged = scratch.SimpleRNN(units, return_sequences=True, dtype="float64")
packaged.build(x_small.shape)
packaged.set_weights(weights)
h = rnn_forward(x_small, *weights)
assert np.allclose(packaged(x_small), h[1:].transpose(1, 0, 2))
print("states", h.shape, "= (beats + 1, batch, units); the last one is the layer's answer")

# %% [markdown]
# `return_sequences=True` asks a layer for the state after *every* beat; without it, as in our
# network, it gives the last one alone.

# %% [markdown]
# ## The idea: backpropagation through time
#
# Look at Figure 30.2 again: unrolled, this is a deep network with one layer a beat, whose layers
# happen to share their weights. So chapter 11's backward pass applies, from right to left. Write
# $da_t$ for the gradient of the loss for $a_t$, and so on.
#
# A state $h_t$ is used twice: outside (by the loss, or a later layer), and by the next beat through
# $U$. Gradients of both uses add up:
#
# $$ dh_t = dh_t^\text{outside} + da_{t+1} U^\top \tag{30.3} $$
#
# The slope of tanh is $1 - h_t^2$, entry by entry ($\odot$):
#
# $$ da_t = dh_t \odot (1 - h_t^2) \tag{30.4} $$
#
# The weights are used at every beat, so they collect from every beat:
#
# $$ dW = \sum_t x_t^\top da_t, \qquad dU = \sum_t h_{t-1}^\top da_t, \qquad
# d\beta = \sum_t da_t \tag{30.5} $$
#
# (in $d\beta$ also over the rows of the batch), and an input gets
#
# $$ dx_t = da_t W^\top \tag{30.6} $$
#
# That is all of **backpropagation through time** (BPTT; Werbos 1990).

# %%
def rnn_backward(dh_outside, x, h, kernel, recurrent_kernel):
    """dh_outside (beats, batch, units): what each state gets from outside."""
    dx, later = np.zeros_like(x), 0.0
    d_kernel, d_recurrent = np.zeros_like(kernel), np.zeros_like(recurrent_kernel)
    d_bias = np.zeros(len(recurrent_kernel))
    for t in reversed(range(x.shape[1])):
        dh = dh_outside[t] + later                 # (30.3)
        da = dh * (1 - h[t + 1] ** 2)              # (30.4)
        d_kernel += x[:, t].T @ da                 # (30.5)
        d_recurrent += h[t].T @ da
        d_bias += da.sum(axis=0)
        dx[:, t] = da @ kernel.T                   # (30.6)
        later = da @ recurrent_kernel.T
    return dx, d_kernel, d_recurrent, d_bias

# %% [markdown]
# Right? Wrap it as a layer, let `gradient_check` (chapter 11) move every number a little, and
# compare with the package. (There, $W$'s products for all beats are one matrix product before the
# loop, and (30.5) is one after it: the same numbers, sooner.)

# %%
class OurRNN(scratch.Layer):
    def __init__(self, weights):
        super().__init__("float64")
        self.start = dict(zip(("kernel", "recurrent_kernel", "bias"), weights))

    def _build(self, input_shape):
        self.params.update({name: array.copy() for name, array in self.start.items()})

    def _forward(self, x, training):
        self.x, self.h = x, rnn_forward(x, *self.params.values())
        return self.h[1:].transpose(1, 0, 2)

    def _backward(self, dy):
        dx, *gradients = rnn_backward(dy.transpose(1, 0, 2), self.x, self.h,
                                      self.params["kernel"], self.params["recurrent_kernel"])
        self.grads.update(zip(self.params, gradients))
        return dx


ours = OurRNN(weights)
report = scratch.gradient_check(ours, x_small)
print(report)
dy = rng.normal(size=ours.forward(x_small).shape)
assert report.passed and np.allclose(ours.backward(dy), packaged.backward(dy))
assert all(np.allclose(ours.grads[name], packaged.grads[name]) for name in packaged.grads)

# %% [markdown]
# ## The idea: what a gradient loses on its way
#
# Put (30.4) into (30.3), again and again: on its way from the last beat $T$ back over $k$ beats, a
# gradient is multiplied $k$ times by a slope and by $U^\top$. For one strip, whose last state alone
# is used, and with $\mathrm{diag}$ for a matrix with these slopes on its diagonal:
#
# $$ dh_{T-k} = dh_T \prod_{s=0}^{k-1} \mathrm{diag}(1 - h_{T-s}^2) \, U^\top \tag{30.7} $$
#
# Slopes are at most 1. If $U$ shrinks what it multiplies, the gradient **vanishes** with the lag
# $k$, and the network cannot learn from what happened long ago. If $U$ stretches more than the
# slopes shrink, it **explodes** (Bengio and others 1994).
#
# See it. Fresh layers read random signals of 60 beats. How large is the gradient that arrives at
# the input $k$ beats before the end? Keras, and so the package, starts $U$ as a random *orthogonal*
# matrix, which keeps all lengths. We also try it halved and tripled.

# %%
random_signal = rng.normal(size=(32, 60, 2))


def fresh(kind, seed, scale=1.0, gate_bias=None, loudness=1.0):
    """A layer of 16 units: its recurrent kernel times scale, its kernel times loudness."""
    layer = getattr(scratch, kind)(16, dtype="float64", seed=seed)
    layer.build(random_signal.shape)
    layer.params["recurrent_kernel"] *= scale
    layer.params["kernel"] *= loudness
    if gate_bias is not None and kind == "LSTM":
        layer.params["bias"][16:32] = gate_bias  # forget gate, the second block
    if gate_bias is not None and kind == "GRU":
        layer.params["bias"][0, :16] = gate_bias  # update gate, the first block
    return layer


def gradient_by_lag(layer, x=random_signal):
    """Geometric mean over the batch of the gradient's length at lag 0, 1, 2, ..."""
    layer.forward(x)
    dx = layer.backward(np.ones((len(x), layer.units)))
    return np.exp(np.log(np.linalg.norm(dx, axis=2)).mean(axis=0))[::-1]

# %%
plain = {scale: np.array([gradient_by_lag(fresh("SimpleRNN", seed, scale)) for seed in seeds])
         for scale in (0.5, 1.0, 3.0)}
for scale, curves in plain.items():
    change = curves[:, 50] / curves[:, 0]
    print(f"U times {scale}: from lag 0 to lag 50 the gradient changes by a factor of "
          f"{change.min():.0e} to {change.max():.0e}")
assert np.all(plain[0.5][:, 50] < 1e-10 * plain[0.5][:, 0])
assert np.all(plain[3.0][:, 50] > 10 * plain[3.0][:, 0])
assert np.all(plain[1.0][:, 50] < 0.5 * plain[1.0][:, 0])

# %% tags=["figure"]
def draw_lags(ax, groups):
    colours = [plots.COLOURS[name] for name in ("blue", "orange", "green", "red", "purple")]
    for (name, curves), colour, dash in zip(groups.items(), colours,
                                            ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)))):
        for number, curve in enumerate(curves):
            ax.plot(curve, ls=dash, color=colour, lw=1.5, label=None if number else name)
    ax.set(yscale="log", xlabel="lag (beats before the end)", ylabel="length of the gradient")
    ax.legend(fontsize=10, loc="center left", bbox_to_anchor=(1, 0.5))


fig, ax = plt.subplots(figsize=(9, 4))
draw_lags(ax, {f"U times {scale:g}": curves for scale, curves in plain.items()})
plots.show(
    fig,
    "Figure 30.3. The gradient that reaches an input, by its lag, for three fresh plain networks "
    "each (logarithmic axis). Straight lines are exponential decay or growth.",
    "Three bundles of lines: one falls straight by more than twenty powers of ten, one falls by "
    "some six, one rises by several.",
)

# %% [markdown]
# Halved, nothing is left. Tripled, the oldest beats shout down all others. Orthogonal lies between,
# but the slopes of tanh still eat the gradient, and training will move $U$.
#
# Turn the knobs. The title gives the largest eigenvalue of $U$ (its size): the factor by which each
# of many products with $U$ stretches a vector. LSTM and GRU are explained below; come back then
# and open their gates.

# %% tags=["figure"]
def lag_picture(kind, scale, gate_bias):
    fig, ax = plt.subplots(figsize=(9, 3.8))
    curves = {"your setting": [gradient_by_lag(fresh(kind, seeds[0], scale, gate_bias))],
              "as Keras starts it": [gradient_by_lag(fresh(kind, seeds[0]))]}
    draw_lags(ax, curves)
    largest = np.abs(np.linalg.eigvals(fresh(kind, seeds[0], scale).params["recurrent_kernel"]
                                       [:, :16])).max()
    ax.set(ylim=(1e-20, 1e6), title=f"{kind}; largest eigenvalue of U's first block: {largest:.2f}")
    return fig

# %% tags=["widget"]
widgets.explore(
    lag_picture,
    {
        "kind": widgets.choice("Layer", ["SimpleRNN", "LSTM", "GRU"]),
        "scale": widgets.slider("U times", 0.2, 4.0, 2.0, 0.1),
        "gate_bias": widgets.slider("Bias of the keeping gate (LSTM, GRU)", -2.0, 6.0, 1.0, 0.5),
    },
    "Figure 30.4. The gradient by lag. For the plain network find the scale at which old beats "
    "neither fade nor shout. It is not exactly 1: the slopes of tanh take their part.",
    "Two lines on a logarithmic axis over 60 beats: at the start of the kernel as Keras has it the "
    "line falls, at twice that it rises.",
)

# %% [markdown]
# ### The cure for an explosion: clip
#
# An exploded gradient often still points downhill; only its length is absurd. So shorten it. With
# $g$ for all gradients of the network taken as one long vector, $\lVert g \rVert$ its length (the
# **global norm**) and a limit $c$ (Pascanu and others 2013):
#
# $$ g \leftarrow g \cdot \min\Bigl(1, \frac{c}{\lVert g \rVert}\Bigr) \tag{30.8} $$
#
# In the package, as in Keras, it is an option of the optimisers: `global_clipnorm`. (`clipnorm`
# clips each weight array by itself, which changes the direction; `clipvalue` each entry.)

# %%
def clipped(gradients, limit):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return [g * min(1, limit / norm) for g in gradients]


example = [rng.normal(size=(3, 4)), rng.normal(size=5)]
for limit in (0.5, 100.0):
    for mine, theirs in zip(clipped(example, limit), scratch.clip_by_global_norm(example, limit)):
        assert np.allclose(mine, theirs)
assert np.isclose(scratch.global_norm(clipped(example, 0.5)), 0.5)

# %% [markdown]
# Does it help? Give plain networks an easier task, strips that end after beat 10 (so the press is
# at most 6 beats back), and large steps of plain gradient descent; beside them, steps a tenth as
# large and not clipped.

# %%
def short_training(seed, rate, limit):
    model = scratch.Sequential([scratch.SimpleRNN(16), scratch.Dense(1, "sigmoid")], seed=seed)
    optimizer = scratch.SGD(rate, global_clipnorm=limit)
    return model.fit(x_train[:640, :10], y_train[:640], scratch.BinaryCrossentropy(), optimizer,
                     epochs=30)["loss"]


CASES = {"large steps": (1.0, None), "large steps, clipped": (1.0, 0.5), "small steps": (0.1, None)}
losses = {name: np.array([short_training(seed, *case) for seed in seeds])
          for name, case in plots.progress(CASES.items(), "Three networks in each of three ways")}
for name, curves in losses.items():
    print(f"loss of the last epoch, {name + ':':22}", curves[:, -1].round(2))
assert np.all(losses["large steps"][:, -10:].mean(axis=1) > 0.4)
assert np.all(np.median(losses["large steps, clipped"][:, -10:], axis=1) < 0.2)
assert np.median(losses["small steps"][:, -10:]) < 0.3

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(8, 3.6))
for (name, curves), colour, dash in zip(losses.items(), ("red", "blue", "green"), (":", "-", "-.")):
    for number, curve in enumerate(curves):
        ax.plot(range(1, 31), curve, ls=dash, color=plots.COLOURS[colour],
                label=None if number else name)
ax.axhline(np.log(2), color=plots.COLOURS["grey"], lw=1)
ax.annotate("guessing", (0.6, np.log(2) + 0.05), fontsize=10)
ax.set(xlabel="epoch", ylabel="training loss", ylim=(0, 2.2))
ax.legend()
plots.show(
    fig,
    "Figure 30.5. Three plain networks each, from the same starts. Large steps throw the weights "
    "to where nothing is learned; clipped, all three learn. Small steps learn, too, but later.",
    "Training loss over 30 epochs. Dotted lines fall at first, then climb above the line of "
    "guessing; solid lines fall to nearly nothing, dash-dotted ones follow some epochs later.",
)

# %% [markdown]
# Two things to keep. Clipping makes large steps safe; a smaller learning rate often does, too, but
# it slows down every step, not just the wild ones. And **a plain network can learn this task while
# the press is recent.** It is not stupid. It is forgetful, and for a vanished gradient there is no
# clipping.

# %% [markdown]
# ## The idea: a cell that keeps
#
# A plain state is made anew at every beat. The **long short-term memory** (LSTM; Hochreiter and
# Schmidhuber 1997) carries a second memory, the **cell** $c_t$, that is *kept* unless something is
# done to it. Three **gates**, numbers between 0 and 1, decide. Each has its own $W$, $U$, $\beta$;
# $\sigma$ is the sigmoid:
#
# $$ i_t, \; f_t, \; o_t = \sigma(x_t W_{i,f,o} + h_{t-1} U_{i,f,o} + \beta_{i,f,o}) \tag{30.9} $$
#
# $$ g_t = \tanh(x_t W_g + h_{t-1} U_g + \beta_g) \tag{30.10} $$
#
# $$ c_t = f_t \odot c_{t-1} + i_t \odot g_t \tag{30.11} $$
#
# $$ h_t = o_t \odot \tanh(c_t) \tag{30.12} $$
#
# The **forget gate** $f$ (added by Gers and others 2000) keeps the cell where it is 1; the **input
# gate** $i$ lets the **candidate** $g$ in; the **output gate** $o$ shows the cell to the outside.
# D4 (4.2) prints the same formulas, with $W$ and $U$ stacked into one matrix, and they are right.
# Going back along the cell, a gradient is multiplied by the forget gate alone:
#
# $$ dc_{t-1} = dc_t \odot f_t \ + \ \text{what comes through } h_{t-1} \tag{30.13} $$
#
# No matrix, no slope of tanh. With $f$ near 1, it stays.

# %%
def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm_step(x, h, c, kernel, recurrent_kernel, bias):
    i, f, g, o = np.split(x @ kernel + h @ recurrent_kernel + bias, 4, axis=-1)  # Keras's order
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)  # (30.11)
    return sigmoid(o) * np.tanh(c), c  # (30.12)

# %% [markdown]
# The **gated recurrent unit** (GRU; Cho and others 2014) does with two gates and without a cell.
# The **update gate** $z$ keeps the state, the **reset gate** $r$ hides the old state from the
# candidate $\tilde h$:
#
# $$ z_t, \; r_t = \sigma(x_t W_{z,r} + h_{t-1} U_{z,r} + \beta_{z,r}) \tag{30.14} $$
#
# $$ \tilde h_t = \tanh\bigl(x_t W_h + \beta_h + r_t \odot (h_{t-1} U_h + \beta'_h)\bigr)
# \tag{30.15} $$
#
# $$ h_t = z_t \odot h_{t-1} + (1 - z_t) \odot \tilde h_t \tag{30.16} $$
#
# In the package as in Keras, with `reset_after=True` each gate has a second bias, for the state.

# %%
def gru_step(x, h, kernel, recurrent_kernel, bias):
    of_x = np.split(x @ kernel + bias[0], 3, axis=-1)
    of_h = np.split(h @ recurrent_kernel + bias[1], 3, axis=-1)
    z, r = sigmoid(of_x[0] + of_h[0]), sigmoid(of_x[1] + of_h[1])
    candidate = np.tanh(of_x[2] + r * of_h[2])  # (30.15)
    return z * h + (1 - z) * candidate  # (30.16)


def with_random_weights(layer):
    layer.build(x_small.shape)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.get_weights()])
    return layer


lstm, gru = (with_random_weights(kind(units, dtype="float64"))
             for kind in (scratch.LSTM, scratch.GRU))
h_lstm, c, h_gru = np.zeros((3, 3, units))
for t in range(x_small.shape[1]):
    h_lstm, c = lstm_step(x_small[:, t], h_lstm, c, *lstm.get_weights())
    h_gru = gru_step(x_small[:, t], h_gru, *gru.get_weights())
assert np.allclose(lstm(x_small), h_lstm) and np.allclose(gru(x_small), h_gru)
for layer in (lstm, gru):
    report = scratch.gradient_check(layer, x_small)
    print(f"{type(layer).__name__:5} {sum(w.size for w in layer.get_weights())} weights, gradient "
          f"against finite differences: {report.largest_relative_error:.0e}")
    assert report.passed

# %% [markdown]
# Do they keep the gradient? Look before you believe it:

# %%
gated = {}
for name, kind, gate_bias in (("plain", "SimpleRNN", None), ("LSTM, bias 1", "LSTM", 1),
                              ("LSTM, bias 5", "LSTM", 5), ("GRU, bias 0", "GRU", 0),
                              ("GRU, bias 5", "GRU", 5)):
    gated[name] = np.array([gradient_by_lag(fresh(kind, s, 1.0, gate_bias)) for s in seeds])
    kept = gated[name][:, 50] / gated[name][:, 5]
    print(f"{name:13} of the gradient at lag 5, at lag 50 there are left: "
          f"{kept.min():.0e} to {kept.max():.0e}")
left = {name: curves[:, 50] / curves[:, 5] for name, curves in gated.items()}
assert left["plain"].max() < 0.001 and left["LSTM, bias 1"].max() < 0.01
assert left["GRU, bias 0"].max() < 0.1 * left["plain"].min()
assert min(left["LSTM, bias 5"].min(), left["GRU, bias 5"].min()) > 0.1

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(9, 4))
draw_lags(ax, gated)
plots.show(
    fig,
    "Figure 30.6. Fresh networks again, three of each. The surprise: as Keras starts them, an LSTM "
    "(bias 1) forgets, too, and a GRU (bias 0) forgets *faster* than the plain network. Their "
    "advantage is that a bias can open the gate; then the gradient stays.",
    "Five bundles of lines over the lag: GRU bias 0 falls steepest, the plain network and LSTM "
    "bias 1 side by side; GRU bias 5 stays level, LSTM bias 5 dips and rises again.",
)

# %% [markdown]
# The gates give no memory by themselves; they make it *learnable*. At the start a forget gate of
# bias 1 lets $\sigma(1) = 0.73$ through at each beat, and $0.73^{25}$ is next to nothing. Starting
# with a larger bias is an old and good advice (Gers and others 2000; Jozefowicz and others 2015).
# Our main network will start with 3.

# %%
print(f"kept over 25 beats: bias 1: {sigmoid(1) ** 25:.4f}, bias 3: {sigmoid(3) ** 25:.2f}")
assert sigmoid(1) ** 25 < 0.001 < 0.2 < sigmoid(3) ** 25

# %% [markdown] tags=["erratum"]
# ### Erratum, D4 4.2: the LSTM does not solve exploding gradients
#
# D4 says that gates solve both troubles. They ease the vanishing. But (30.13) has a second part:
# what comes through $h_{t-1}$, by the gates and the candidate, passes $U$ at every beat, and where
# $U$ is large it can grow. Take LSTMs with $U$ tripled, as in Figure 30.3, and a nearly silent
# signal:

# %% tags=["erratum"]
exploding = np.array([gradient_by_lag(fresh("LSTM", seed, 3.0, 3, loudness=0.01))
                      for seed in seeds])
growth = exploding[:, -1] / exploding[:, 10]
print("LSTM: the gradient at the first beat is that at lag 10 times",
      ", ".join(f"{factor:,.0f}" for factor in growth))
assert np.all(growth > 20)

# %% [markdown] tags=["erratum"]
# So clip an LSTM, too. We do, below.

# %% [markdown]
# ### The GRU's two conventions
#
# Two GRUs in two papers can both be right and disagree. First, **what $z$ means**: in (30.16), as
# with Cho and in Keras, it keeps; with Chung and others (2014), and in D0, it lets the new in, and
# $1 - z$ keeps. As $1 - \sigma(a) = \sigma(-a)$, turning the sign of $z$'s weights turns one into
# the other. Second, **where $r$ acts**: after the product with $U_h$, as in (30.15) and in Keras
# unless told otherwise (`reset_after=True`), or before it, as with Cho, with Chung and in D0:
#
# $$ \tilde h_t = \tanh\bigl(x_t W_h + \beta_h + (r_t \odot h_{t-1}) \, U_h\bigr) \tag{30.17} $$
#
# That is another function, and no change of signs mends it.

# %%
def gru_other_z(x, h, kernel, recurrent_kernel, bias):
    of_x = np.split(x @ kernel + bias[0], 3, axis=-1)
    of_h = np.split(h @ recurrent_kernel + bias[1], 3, axis=-1)
    z, r = sigmoid(of_x[0] + of_h[0]), sigmoid(of_x[1] + of_h[1])
    return (1 - z) * h + z * np.tanh(of_x[2] + r * of_h[2])


swapped = [weight.copy() for weight in gru.get_weights()]
for weight in swapped:
    weight[..., :units] *= -1  # the first block is z's
h_swapped = np.zeros((3, units))
for t in range(x_small.shape[1]):
    h_swapped = gru_other_z(x_small[:, t], h_swapped, *swapped)
before = scratch.GRU(units, reset_after=False, dtype="float64")
before.build(x_small.shape)
kernel, recurrent_kernel, bias = gru.get_weights()
before.set_weights([kernel, recurrent_kernel, bias.sum(axis=0)])
print(f"z the other way round, signs turned: differs by {np.abs(h_swapped - h_gru).max():.0e}")
print(f"reset before the product, same weights: differs by "
      f"{np.abs(before(x_small) - h_gru).max():.2f}")
assert np.allclose(h_swapped, h_gru) and np.abs(before(x_small) - h_gru).max() > 0.01

# %% [markdown]
# In practice: weights of a GRU from elsewhere need their convention. Both learn (see below).

# %% [markdown] tags=["erratum"]
# ### Erratum, D1 3.2.1: no cell, an idle gate, shared weights
#
# In our names, D1 prints for its "gated unit", with one matrix $W$ for $x$ *and* $h$:
#
# $$ i_t, f_t, o_t = \sigma((x_t + h_{t-1}) W_{i,f,o} + \beta), \quad
# g_t = \tanh((x_t + h_{t-1}) W_g + \beta_g), \quad
# h_t = f_t \odot h_{t-1} + i_t \odot g_t \tag{30.18} $$
#
# Run it as printed, on two numbers a beat and four units:

# %% tags=["erratum"]
def d1_step(x, h, kernel, bias):
    i, f, o, g = np.split((x + h) @ kernel + bias, 4, axis=-1)  # as x W + h W
    return sigmoid(f) * h + sigmoid(i) * np.tanh(g)  # o is not used


d1_kernel, d1_bias = rng.normal(size=(units, 4 * units)), np.zeros(4 * units)
try:
    d1_step(x_small[:, 0], np.zeros((3, units)), d1_kernel, d1_bias)
except ValueError as error:
    print("ValueError:", error)
else:
    raise AssertionError("it should not fit")

# %% [markdown] tags=["erratum"]
# Fill $x$ up with zeros to the width of $h$, and it runs. Exchange now what is seen and what is
# remembered: but for what the forget gate keeps, the result is the same.

# %% tags=["erratum"]
filled, nothing = np.zeros((2, 3, units))
filled[:, :2] = x_small[:, 0]
seen, remembered = (d1_step(x, h, d1_kernel, d1_bias)
                    for x, h in ((filled, nothing), (nothing, filled)))
forget = sigmoid((filled @ d1_kernel + d1_bias)[:, units : 2 * units])
assert np.allclose(seen, remembered - forget * filled)

# %% [markdown] tags=["erratum"]
# 1. **Shared weights**: one matrix can only serve both if $x$ is as wide as $h$. Filled up with
#    zeros it runs; but then gates and candidate see only the sum, and cannot tell what is *seen*
#    from what is *remembered*.
# 2. **The output gate leads nowhere**: its gradient is exactly 0, so a quarter of the weights is
#    never trained.
# 3. **No cell**: $h$ is kept like a cell but never squashed. An LSTM's state stays within
#    $\pm 1$; this one does not:

# %% tags=["erratum"]
steady = np.ones((1, units))
open_bias = np.repeat([3.0, 6.0, 0.0, 3.0], units)  # i, f, o, g
h_d1, h_right, c_right = np.zeros((3, 1, units))
right_bias = np.repeat([3.0, 6.0, 3.0, 3.0], units)  # i, f, g, o
no_kernel = np.zeros((units, 4 * units))
for _ in range(100):
    h_d1 = d1_step(steady, h_d1, no_kernel, open_bias)
    h_right, c_right = lstm_step(steady, h_right, c_right, no_kernel, no_kernel, right_bias)
print(f"open gates, after 100 beats: D1's state {h_d1.max():.0f}, an LSTM's {h_right.max():.2f}")
assert h_d1.max() > 50 and h_right.max() <= 1
other_o = d1_kernel.copy()
other_o[:, 2 * units : 3 * units] += 1  # o's columns
assert np.array_equal(d1_step(filled, filled, d1_kernel, d1_bias),
                      d1_step(filled, filled, other_o, d1_bias))

# %% [markdown] tags=["erratum"]
# ### Erratum, D0 3.2.1 and D3 3.2.1: a product of the wrong kind, and a wrong name
#
# D0's candidate multiplies the state *entry by entry* with a matrix $W_{hh}$:
#
# $$ \tilde h_t = \tanh\bigl(W_{hh} \circ (r_t \circ h_{t-1}) + x_t W_{xh} + b_h\bigr)
# \tag{30.19} $$
#
# A matrix times a vector, entry by entry, is a matrix: the state would grow an axis. Read $W_{hh}$
# as a vector and it runs; then no unit's candidate sees another unit's state. D0's first line,
# moreover, is a plain network that shares $W_{hh}$, $W_{xh}$ and $b_h$ with the candidate; its
# $h_t$ is overwritten by the last line, so that it has no effect at all.
#
# D3 lists an input, a forget and an output gate and calls the result a GRU. Those are the LSTM's.
# The two cannot be exchanged, not even their weights:

# %% tags=["erratum"]
state, reset = rng.normal(size=units), rng.random(units)
w_hh, w_xh, b_h = rng.normal(size=(units, units)), rng.normal(size=(2, units)), np.zeros(units)
as_printed = np.tanh(w_hh * (reset * state) + x_small[0, 0] @ w_xh + b_h)
print("D0: a state of shape", state.shape, "has a candidate of shape", as_printed.shape)
assert as_printed.shape == (units, units)

for layer in (lstm, gru):
    blocks = layer.get_weights()[0].shape[1] // units
    print(f"{type(layer).__name__}: {blocks} blocks of weights")
try:
    gru.set_weights(lstm.get_weights())
except ValueError as error:
    print("ValueError:", error)
else:
    raise AssertionError("an LSTM's weights must not fit a GRU")

# %% [markdown]
# ### Do the misprints matter? A memory test for all
#
# Train every cell on the full strips, ten times each. The printed ones are made to run as said
# above: D1 with $x$ filled up (and once more with a matrix of its own for each), D0 with a vector.
# LSTM and D1 start with a forget bias of 3, and one LSTM with Keras's 1. That takes some minutes,
# so it is done once, by `uv run python -m benchmarks.gates`, with these settings:

# %%
SETTINGS = {
    "units": 16, "epochs": 30, "batch_size": 32, "learning_rate": 0.02, "clipnorm": 1.0,
    "forget_bias": 3.0,
}
table = tables.load_table("gates", "standin")
assert table["settings"] == SETTINGS
runs = {}
for run in table["runs"]:
    runs.setdefault(run["cell"], []).append(run)
assert {len(group) for group in runs.values()} == {10}


def epochs_needed(run):
    below = np.flatnonzero(np.array(run["val_loss"]) < 0.3)
    return below[0] + 1 if len(below) else np.inf


print(f"{'cell':21} weights  remembers (test AUC > 0.9)  epochs until validation loss < 0.3")
for cell, group in runs.items():
    learned = [run["auc"] > 0.9 for run in group]
    needed = np.median([epochs_needed(run) for run in group])
    print(f"{cell:21} {group[0]['weights']:7} {sum(learned):12} of {len(group):2}"
          f"{'' if np.isinf(needed) else f'               median {needed:.0f}':>30}")

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(9, 4))
for place, (cell, group) in enumerate(runs.items()):
    aucs = [run["auc"] for run in group]
    jitter = np.linspace(-0.2, 0.2, len(aucs))
    ax.plot(aucs, place + jitter, "o", color=plots.COLOURS["blue"], mfc="none")
ax.axvline(0.5, color=plots.COLOURS["grey"], lw=1)
ax.annotate("guessing", (0.505, -0.75), fontsize=10)
ax.set(yticks=range(len(runs)), yticklabels=list(runs), xlabel="AUC on the test strips",
       ylim=(len(runs) - 0.4, -0.9))
plots.show(
    fig,
    "Figure 30.7. Every cell, one circle a seed (stored table). The plain network guesses. The "
    "gated ones remember in most or all runs, the misprinted ones among them; the LSTM depends on "
    "its start.",
    "One row of circles for each cell. Plain network: all near 0.5. LSTM as Keras starts it: "
    "spread. The others: nearly all at 1.",
)

# %%
def share_learned(cell):
    return np.mean([run["auc"] > 0.9 for run in runs[cell]])


assert share_learned("SimpleRNN") == 0
assert min(share_learned(cell) for cell in ("LSTM", "GRU", "GRU, reset before")) >= 0.8
assert share_learned("LSTM, Keras's start") < share_learned("LSTM")
late = {cell: np.median([epochs_needed(run) for run in runs[cell]]) for cell in ("LSTM", "GRU")}
assert share_learned("GRU") == 1 and late["GRU"] > late["LSTM"]
for cell in ("D0", "D1", "D1, own weights"):
    assert share_learned(cell) >= 0.8

# %% [markdown]
# **An honest negative.** On this task none of the misprints in D0 and D1, once made to run, does
# any harm. What the task needs is a gate that keeps, and they have one. So a good score does *not*
# show that a formula is right. What did show it: the shapes, a gradient of exactly 0, a state that
# grows without bound, and the comparison with a reference, number by number. What matters far more
# for the LSTM here is the bias at the start.
#
# **Figure 30.6 did not foretell this table.** The fresh GRU (bias 0) lost the most on the way, and
# learned every time, if late. A fresh network's gradient is no forecast: training moves the gates.
# Train one GRU and measure it before and after, from 5 to 22 beats back (the shortest way to a
# press). About five seconds, on a busy computer half a minute.

# %%
def network(layer):
    model = scratch.Sequential([layer, scratch.Dense(1, "sigmoid")], seed=lesson.seed())
    model.build(x_train.shape)
    return model


def fit(model, name):
    optimizer = scratch.Adam(SETTINGS["learning_rate"], global_clipnorm=SETTINGS["clipnorm"])
    return model.fit(
        x_train, y_train, scratch.BinaryCrossentropy(), optimizer, SETTINGS["epochs"],
        SETTINGS["batch_size"], validation_data=(x_validation, y_validation),
        on_epoch=plots.training_progress(SETTINGS["epochs"], name))


def share_left(layer):
    by_lag = gradient_by_lag(layer, x_train[:64])
    return by_lag[lag.min()] / by_lag[5]


gru_model = network(scratch.GRU(SETTINGS["units"]))
at_first = share_left(gru_model.layers[0])
fit(gru_model, "GRU")
trained = share_left(gru_model.layers[0])
print(f"of the gradient at lag 5, at lag {lag.min()} there are left: "
      f"fresh GRU {at_first:.0e}, trained GRU {trained:.0e}")
assert at_first < 0.05 and trained > 0.1

# %% [markdown]
# Training has opened the gate. A plain network has none to open.

# %% [markdown]
# ## The result
#
# Now train the main network live: an LSTM of 16 units and one dense unit, with the table's
# settings. About five seconds (on a busy computer half a minute).

# %%
lstm_layer = scratch.LSTM(SETTINGS["units"])
model = network(lstm_layer)
forget_block = slice(lstm_layer.units, 2 * lstm_layer.units)  # the second block
lstm_layer.params["bias"][forget_block] = SETTINGS["forget_bias"]
history = fit(model, "LSTM")

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(8, 3.4))
epochs = range(1, len(history["loss"]) + 1)
ax.plot(epochs, history["loss"], "-", label="training")
ax.plot(epochs, history["val_loss"], "--", label="validation")
ax.axhline(np.log(2), color=plots.COLOURS["grey"], lw=1)
ax.set(xlabel="epoch", ylabel="binary cross-entropy")
ax.legend()
plots.show(
    fig,
    "Figure 30.8. The LSTM learns. At first nothing seems to happen (the grey line is guessing); "
    "then, within a few epochs, it finds out what to remember.",
    "Two lines stay near 0.69 for some epochs, fall steeply together, and stay near zero.",
)

# %% [markdown]
# The rivals: the majority class; logistic regression on all 60 numbers; and logistic regression on
# one feature made by hand, the interval at the press divided by the strip's median. The penalty of
# the first is chosen on the validation part. Figure 30.7 has shown the **test** part already;
# nothing is chosen by it here.

# %%
def flat(x):
    return x.reshape(len(x), -1)


def at_press(part):
    at = (part.x[..., 0] * part.x[..., 1]).sum(axis=1)
    return (at / np.median(part.x[..., 0], axis=1))[:, np.newaxis]


candidates = [LogisticRegression(C=strength, max_iter=5000).fit(flat(x_train), train.y)
              for strength in (0.001, 0.01, 0.1)]
raw = max(candidates, key=lambda fitted: metrics.roc_auc(
    validation.y, fitted.decision_function(flat(x_validation))))
by_hand = LogisticRegression().fit(at_press(train), train.y)

x_test, y_test = prepared(test)
scores = {
    "logistic regression, all numbers": raw.predict_proba(flat(x_test))[:, 1],
    "logistic regression, by hand": by_hand.predict_proba(at_press(test))[:, 1],
    "our LSTM": model.predict(x_test)[:, 0],
}
majority = round(train.y.mean())
print(f"{'':34} {'AUC (95 % CI)':32} accuracy at 0.5")
print(f"{'majority class':34} {'0.50':32} {np.mean(test.y == majority):.3f}")
for name, p in scores.items():
    accuracy = np.mean((p > 0.5) == test.y)
    print(f"{name:34} {metrics.delong_interval(test.y, p)!s:32} {accuracy:.3f}")

# %%
auc = {name: metrics.roc_auc(test.y, p) for name, p in scores.items()}
assert auc["our LSTM"] > 0.9 > 0.85 > auc["logistic regression, all numbers"]
assert auc["logistic regression, by hand"] > 0.97
ten = [run["auc"] for run in runs["LSTM"]]
low, high = tables.prediction_interval(ten)
print(f"table, LSTM: mean AUC {np.mean(ten):.3f}, SD over seeds {np.std(ten, ddof=1):.3f}")
assert auc["our LSTM"] >= min(low, 0.95)  # AUCs crowd at 1: the normal interval is too narrow

# %% [markdown]
# - The LSTM finds by itself what to look at and when, and keeps it. Logistic regression on all
#   numbers gets only a part: it can weigh the early beats, but what counts is the *product* of
#   button and interval.
# - **But the feature made by hand is as good, with two weights.** Where you know what matters,
#   compute it. A network is for signals in which you do not (chapter 31).
# - There is no published figure to compare with: the strips are simulated, for this course.
#
# ### The same weights in Keras
#
# Order and gates are Keras's, so its LSTM takes our weights as they are. So do the other layers:
# compare outputs and gradients. Loading Keras takes about ten seconds.

# %%
keras = lesson.load_keras()
in_keras = keras.Sequential([keras.Input((None, 2)), keras.layers.LSTM(16),
                             keras.layers.Dense(1, activation="sigmoid")])
in_keras.set_weights(model.get_weights())
p_keras = np.array(in_keras(x_test))[:, 0]
difference = np.abs(p_keras - scores["our LSTM"]).max()
print(f"largest difference of a predicted probability on {len(test.y)} strips: {difference:.0e}")
assert difference < 1e-4

# %%
import tensorflow as tf  # for its gradients

for kind, arguments in (("SimpleRNN", {}), ("LSTM", {}), ("GRU", {}),
                        ("GRU", {"reset_after": False})):
    theirs = getattr(keras.layers, kind)(8, **arguments)
    mine = getattr(scratch, kind)(8, **arguments, seed=lesson.seed())
    x = tf.constant(x_test[:32])
    with tf.GradientTape() as tape:
        tape.watch(x)
        mine.forward(x_test[:32])
        theirs.build(x.shape)
        theirs.set_weights(mine.get_weights())
        total = tf.reduce_sum(theirs(x))
    gradients = tape.gradient(total, [x, *theirs.trainable_weights])
    ours = [mine.backward(np.ones((32, 8))), *mine.grads.values()]
    worst = max(np.abs(a - b.numpy()).max() / np.abs(b.numpy()).max()
                for a, b in zip(ours, gradients))
    print(f"{kind:9} {arguments!s:23} largest relative difference of a gradient {worst:.0e}")
    assert worst < 1e-4

# %% [markdown]
# ## Reading it as a clinician
#
# Choose on the validation part the threshold that calls at most 5 % of the presses at normal beats
# an extra beat, and carry it to the test part. Half of the simulated presses fall on an extra beat;
# for the predictive values suppose also a clinic where a tenth do. (Net benefit: chapter 10.)

# %%
p_validation, p_test = model.predict(x_validation)[:, 0], scores["our LSTM"]
point = metrics.sensitivity_at_specificity(validation.y, p_validation, 0.95)
counts = metrics.confusion_table(test.y, (p_test >= point.threshold).astype(int))
sensitivity = metrics.wilson_interval(counts.tp, counts.tp + counts.fn)
specificity = metrics.wilson_interval(counts.tn, counts.tn + counts.fp)
print(f"threshold {point.threshold:.2g}; test: sensitivity {sensitivity}")
print(f"{'':16} test: specificity {specificity}")
crowded = np.mean((p_test < 0.05) | (p_test > 0.95))
print(f"probabilities below 0.05 or above 0.95: {crowded:.0%} of the test strips")
for prevalence in (test.y.mean(), 0.10):
    values = metrics.predictive_values(counts.sensitivity, counts.specificity, prevalence)
    print(f"extra beats at {prevalence:.0%} of the presses: of the positive strips "
          f"{values.ppv:.0%} are right, of the negative ones {values.npv:.1%}")
benefit = metrics.net_benefit(test.y, p_test, [0.2, 0.5])
print("net benefit at thresholds of 20 and 50 %:", np.round(benefit.model, 3),
      "calling every press an extra beat:", np.round(benefit.treat_all, 3))
assert specificity.high > 0.9 and np.all(benefit.model > benefit.treat_all)
assert crowded > 0.8

# %% [markdown]
# How far does the memory reach? The network has seen strips of 30 beats. Let the recorder run on:
# append beats 11 to 30 of another strip, where nobody presses, once or more often, and ask again.

# %%
tails = x_test[np.argsort(rng.random(len(x_test))), 10:].copy()
tails[..., 1] = 0  # no second press
for extra in (0, 20, 40, 80, 160):
    longer = np.concatenate([x_test] + [tails] * (extra // 20), axis=1)
    p_longer = model.predict(longer)[:, 0]
    print(f"{longer.shape[1]:4} beats: AUC {metrics.roc_auc(test.y, p_longer):.3f}, "
          f"accuracy at the threshold {np.mean((p_longer >= point.threshold) == test.y):.3f}")
    assert longer.shape[1] == beats + extra

# %% [markdown]
# - **A strip longer than any that was trained on** may go well or not (see the table above, and
#   try `MEDLEARN_SEED=2`): nothing taught the network to keep the bit any further, and a good test
#   score says nothing about it. Test a network on the lengths that it will meet.
# - **The threshold itself says little**: the probabilities crowd at 0 and 1, and anything between
#   separates the classes nearly as well.
# - **Calibration and subgroups** are not examined: with simulated patients they would only repeat
#   the simulation's own rules.
# - **Not to be used** on any patient. Real presses come late, intervals are lost, palpitations have
#   many causes, and no simulated score says anything about them.

# %% [markdown]
# ## Exercises
#
# Nothing later depends on them. `exercises.hint("30.1")` in a cell of your own gives a hint.

# %% [markdown]
# ### Exercise 30.1 · Find the wrong gate (reading, about 5 minutes)
#
# Four cells of an LSTM were copied with one mistake each, or none. What is wrong with each? Answer
# with one of: `"right"`, `"forgets at once"`, `"never forgets"`, `"output gate unused"`.
#
# - A: `c = i * g`, then `h = o * tanh(c)`
# - B: `c = f * c + i * g`, then `h = o * tanh(c)`
# - C: `c = f * c + i * g`, then `h = tanh(c)`
# - D: `c = c + i * g`, then `h = o * tanh(c)`

# %% tags=["exercise"]
answer_30_1 = ...  # {"A": "...", "B": "...", "C": "...", "D": "..."}

# %% tags=["check"]
exercises.check("30.1", answer_30_1)

# %% tags=["solution"]
answer_30_1_solution = {"A": "forgets at once", "B": "right", "C": "output gate unused",
                        "D": "never forgets"}
exercises.check("30.1", answer_30_1_solution)

# %% [markdown]
# ### Exercise 30.2 · One step of a GRU (applying, about 8 minutes)
#
# Implement one step of the GRU with the reset gate *before* the product, (30.14), (30.17) and
# (30.16). All three blocks (z, r, candidate) stand side by side in `kernel`, `recurrent_kernel` and
# `bias`.

# %% tags=["exercise"]
def gru_step_before(x, h, kernel, recurrent_kernel, bias):
    """x (batch, features), h (batch, units), kernel (features, 3 units),
    recurrent_kernel (units, 3 units), bias (3 units,). Return the new h.
    """
    ...

# %% tags=["check"]
exercises.check("30.2", gru_step_before)

# %% tags=["solution"]
def gru_step_before_solution(x, h, kernel, recurrent_kernel, bias):
    of_x = np.split(x @ kernel + bias, 3, axis=1)
    u_z, u_r, u_h = np.split(recurrent_kernel, 3, axis=1)
    z = 1 / (1 + np.exp(-(of_x[0] + h @ u_z)))
    r = 1 / (1 + np.exp(-(of_x[1] + h @ u_r)))
    candidate = np.tanh(of_x[2] + (r * h) @ u_h)
    return z * h + (1 - z) * candidate


exercises.check("30.2", gru_step_before_solution)

# %% [markdown]
# ### Exercise 30.3 · Clip by the global norm (applying, about 5 minutes)
#
# Implement (30.8) for a list of arrays. The arrays that you are given must not change.

# %% tags=["exercise"]
def clip(gradients, limit):
    """Return a new list of arrays."""
    ...

# %% tags=["check"]
exercises.check("30.3", clip)

# %% tags=["solution"]
def clip_solution(gradients, limit):
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))
    return [gradient * min(1, limit / norm) if norm > 0 else gradient for gradient in gradients]


exercises.check("30.3", clip_solution)

# %% [markdown]
# ### Exercise 30.4 · The gradient of the recurrent kernel (building, about 12 minutes)
#
# A plain network has run over $T$ beats; only its last state is used. Compute $dU$ by (30.3) to
# (30.5). `h[0]` is the state before the first beat, `h[t]` that after beat $t$.

# %% tags=["exercise"]
def recurrent_kernel_gradient(dh_last, h, recurrent_kernel):
    """dh_last (batch, units), h (T + 1, batch, units), recurrent_kernel (units, units).

    Return the gradient for recurrent_kernel.
    """
    ...

# %% tags=["check"]
exercises.check("30.4", recurrent_kernel_gradient)

# %% tags=["solution"]
def recurrent_kernel_gradient_solution(dh_last, h, recurrent_kernel):
    gradient, dh = np.zeros_like(recurrent_kernel), dh_last
    for t in reversed(range(1, len(h))):
        da = dh * (1 - h[t] ** 2)
        gradient = gradient + h[t - 1].T @ da
        dh = da @ recurrent_kernel.T
    return gradient


exercises.check("30.4", recurrent_kernel_gradient_solution)

# %% [markdown]
# ## What you can now do
#
# - unroll a recurrent network and run (30.1) and (30.2) in NumPy
# - derive (30.3) to (30.6), implement them, and check them by finite differences
# - measure a gradient against the time lag, see it vanish and explode, and clip it by (30.8)
# - write LSTM and GRU, name the two conventions of the GRU, and see what is wrong in D0, D1, D3, D4
# - train a network that remembers, and say when a feature made by hand does as well
#
# **Next:** [31 · ECG and vital signs](31_ecg_and_vital_signs.ipynb)

# %% [markdown]
# ## Further reading
#
# - Pascanu, Mikolov and Bengio 2013: why gradients vanish and explode, and clipping.
# - Hochreiter and Schmidhuber 1997: the LSTM, from the problem to the cell.
# - Jozefowicz, Zaremba and Sutskever 2015: thousands of cells compared; the forget bias matters.

# %% [markdown]
# ## References
#
# - Bengio, Simard, Frasconi, IEEE Trans Neural Netw 1994;5:157,
#   <https://doi.org/10.1109/72.279181>. Learning long-term dependencies with gradient descent is
#   difficult.
# - Cho et al., EMNLP 2014, <https://doi.org/10.3115/v1/D14-1179>. Learning phrase representations
#   using RNN encoder-decoder for statistical machine translation (the GRU).
# - Chung, Gulcehre, Cho, Bengio, 2014, <https://arxiv.org/abs/1412.3555>. Empirical evaluation of
#   gated recurrent neural networks on sequence modeling.
# - Elman, Cogn Sci 1990;14:179, <https://doi.org/10.1207/s15516709cog1402_1>. Finding structure in
#   time.
# - Gers, Schmidhuber, Cummins, Neural Comput 2000;12:2451,
#   <https://doi.org/10.1162/089976600300015015>. Learning to forget: continual prediction with
#   LSTM.
# - Hochreiter, Schmidhuber, Neural Comput 1997;9:1735,
#   <https://doi.org/10.1162/neco.1997.9.8.1735>. Long short-term memory.
# - Jozefowicz, Zaremba, Sutskever, ICML 2015,
#   <https://proceedings.mlr.press/v37/jozefowicz15.html>. An empirical exploration of recurrent
#   network architectures.
# - Pascanu, Mikolov, Bengio, ICML 2013, <https://proceedings.mlr.press/v28/pascanu13.html>. On the
#   difficulty of training recurrent neural networks.
# - Werbos, Proc IEEE 1990;78:1550, <https://doi.org/10.1109/5.58337>. Backpropagation through time:
#   what it does and how to do it.
# - D0, Neural networks in medicine: diagnosis and treatment, section 3.2; D1, Neural networks in
#   medical image analysis, section 3.2; D3, AI in medicine: CNN, RNN, GAN in code, section 3.2; D4,
#   Deep learning in health care in practice, section 4.2.
