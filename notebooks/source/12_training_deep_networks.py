# %% [markdown]
# # 12 · Training deep networks
#
# Chapter 11 computed gradients; here you make networks of many layers learn from them, see why
# training fails, and stop it before it learns the patients by heart.
#
# | | |
# | --- | --- |
# | **Time** | {reading} to read and do, {running} to run |
# | **Know before** | chapter 10: splits, intervals; chapter 11: layers, loss, backward pass |
# | **Follows** | D2, section 3.2; D3, section 3.3.3, notes 11 to 16 and 23 to 26 |
#
# **After this chapter you can**
# - choose starting weights that carry a signal through many layers, and see when they do not
# - write SGD, momentum, RMSProp and Adam in a few lines each, and compare them fairly
# - build batch normalisation and dropout, and say what each is for
# - read a learning curve, stop early, and report a test error with its interval
# - show that your own network and Keras compute the same numbers

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LassoLarsIC, LinearRegression, Ridge, RidgeCV
from sklearn.model_selection import train_test_split

from medlearn import data, exercises, lesson, metrics, plots, scratch, widgets

plots.use_course_style()
rng = np.random.default_rng(lesson.seed())
seeds = [10 * lesson.seed() + k for k in range(10)]

# %% [markdown]
# ## The data
#
# The outcome is no yes or no this time but an amount: how far diabetes had progressed a year
# after the first visit. That is **regression**.

# %% tags=["card"]
diabetes = data.load("diabetes_progression")

# %% [markdown]
# The ten measurements have different units, so each is **standardised**: minus its mean, divided
# by its standard deviation. Both numbers come from the *training* patients alone. The outcome is
# standardised too: a mean squared error of 1 is then what you get on the training patients by
# predicting their mean for everybody.

# %%
train, validation, test = diabetes.train, diabetes.validation, diabetes.test
x_mean, x_deviation = train.x.mean(axis=0), train.x.std(axis=0)
y_mean, y_deviation = train.y.mean(), train.y.std()


def standardise(part):
    return (part.x - x_mean) / x_deviation, ((part.y - y_mean) / y_deviation)[:, np.newaxis]


x_train, y_train = standardise(train)
x_validation, y_validation = standardise(validation)
print(f"Patients: {len(x_train)} to train ({len(x_train) / 32:.1f} times 32), "
      f"{len(x_validation)} to validate, {len(test.y)} to test")
print(f"Progression of the training patients: from {train.y.min():.0f} to "
      f"{train.y.max():.0f}, mean {y_mean:.0f}, standard deviation {y_deviation:.0f}")

# %% [markdown]
# The mark to beat: **ridge regression**, linear regression with a small pull of the coefficients
# towards zero.

# %%
ridge = RidgeCV(alphas=np.logspace(-2, 4, 30)).fit(x_train, y_train[:, 0])
ridge_loss = np.mean((ridge.predict(x_validation) - y_validation[:, 0]) ** 2)
print(f"Validation loss of ridge regression: {ridge_loss:.2f} (predicting the mean: about 1)")

# %% [markdown]
# ## The idea: a signal must survive the depth
#
# If each layer makes the signal a little smaller, nothing is left after ten layers; if each makes
# it a little larger, it explodes. The gradient has the same trouble on its way back.
#
# Three common activation functions (D2, 3.2.1), here of the weighted sum $z$:
#
# $$ \text{sigmoid}(z) = \frac{1}{1 + e^{-z}}, \qquad \tanh(z) = \frac{e^z - e^{-z}}{e^z + e^{-z}},
# \qquad \text{ReLU}(z) = \max(0, z) \tag{12.1} $$
#
# With $a$ for the output, their slopes are
#
# $$ a (1 - a), \qquad 1 - a^2, \qquad 1 \text{ if } a > 0 \text{ else } 0 \tag{12.2} $$
#
# The backward pass multiplies by that slope in every layer. The sigmoid's is at most 1/4. Where a
# sigmoid or tanh unit sits on its flat part, the slope is nearly 0 and no gradient gets through:
# the unit is **saturated**.

# %%
activations = {
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a**2),
    "ReLU": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(float)),
}
z = np.linspace(-10, 10, 1001)
print("Largest slope:", {name: float(df(f(z)).max()) for name, (f, df) in activations.items()})

# %% [markdown]
# How large should the starting weights be? Take a layer with $n_\text{in}$ inputs (`fan_in`) and
# $n_\text{out}$ outputs (`fan_out`). Let the weights $w$ be independent random numbers with mean 0,
# let $a$ be its inputs, the outputs of the layer before, and write E for the expected value and Var
# for the variance. A weighted sum $z$ adds up $n_\text{in}$ products, and the variances of
# independent terms add:
#
# $$ \mathrm{Var}(z) = n_\text{in} \, \mathrm{Var}(w) \, \mathrm{E}[a^2] \tag{12.3} $$
#
# If the activation is nearly $z$ itself around 0, as tanh is, the signal keeps its size where
# $n_\text{in} \, \mathrm{Var}(w) = 1$. Going backward, the same
# argument asks for $n_\text{out} \, \mathrm{Var}(w) = 1$. **Glorot** initialisation takes the
# middle (Glorot and Bengio 2010):
#
# $$ \mathrm{Var}(w) = \frac{2}{n_\text{in} + n_\text{out}} \tag{12.4} $$
#
# ReLU sets half of a symmetric signal to zero and so halves $\mathrm{E}[a^2]$. **He**
# initialisation makes up for it (He and others 2015):
#
# $$ \mathrm{Var}(w) = \frac{2}{n_\text{in}} \tag{12.5} $$

# %%
def starting_kernel(scheme, fan_in, fan_out, rng):
    deviation = {"Glorot": np.sqrt(2 / (fan_in + fan_out)), "He": np.sqrt(2 / fan_in)}
    return rng.normal(0, deviation.get(scheme, scheme), (fan_in, fan_out))


def signal_and_gradient(x, y, activation, scheme, rng, depth=10, width=100):
    f, slope = activations[activation]
    sizes = [x.shape[1], *[width] * depth, 1]
    kernels = [starting_kernel(scheme, *pair, rng) for pair in zip(sizes, sizes[1:])]
    signals = [x]
    for kernel in kernels[:-1]:
        signals.append(f(signals[-1] @ kernel))
    dz = 2 * (signals[-1] @ kernels[-1] - y) / len(x)
    norms = []
    for kernel, signal in zip(kernels[::-1], signals[::-1]):
        norms.append(np.linalg.norm(signal.T @ dz))
        dz = (dz @ kernel.T) * slope(signal)
    return signals[1:], norms[::-1]

# %% [markdown]
# The function runs the training patients through a fresh network without biases, keeps what each
# hidden layer puts out, and carries the gradient of the squared error back (chapter 11). Nothing
# has been trained. A setting's second item is the standard deviation of the weights, or the scheme
# that chooses it.

# %%
settings = [("sigmoid", "Glorot"), ("tanh", 0.01), ("tanh", 1.0), ("tanh", "Glorot"),
            ("ReLU", "Glorot"), ("ReLU", "He")]
seen = {setting: signal_and_gradient(x_train, y_train, *setting, rng) for setting in settings}

# %% tags=["figure"]
fig, axes = plt.subplots(3, 6, figsize=(12, 5.6))
for column, (setting, (signals, _)) in enumerate(seen.items()):
    for row, layer in enumerate([1, 5, 10]):
        ax = axes[row, column]
        ax.hist(signals[layer - 1].ravel(), bins=40, density=True, color=plots.COLOURS["blue"])
        ax.set_title(f"{setting[0]}, {setting[1]}" if row == 0 else "", fontsize=11)
        ax.set(yticks=[], ylabel=f"layer {layer}" if column == 0 else "")
        ax.tick_params(labelsize=8)
        ax.ticklabel_format(axis="x", style="sci", scilimits=(-2, 2))
        ax.xaxis.get_offset_text().set_fontsize(8)
fig.supxlabel("activation (mind the power of ten at the right of the axis)", fontsize=11)
plots.show(
    fig,
    "Figure 12.1. What comes out of the first, fifth and tenth layer at the start, for six "
    "settings. Small weights shrink the signal to nothing; large ones push tanh onto its two flat "
    "ends. Tanh with Glorot keeps about half the width, ReLU with He most of it; ReLU with Glorot "
    "shrinks. The sigmoid's later layers break up into spikes: see below.",
    "Eighteen histograms, a column a setting. Tanh 0.01: the axis shrinks by many powers of ten. "
    "Tanh 1.0: nearly all values at -1 and +1. Tanh Glorot: the width about halves. ReLU He: it "
    "stays of one order. ReLU Glorot: it shrinks. Sigmoid: the histograms become ragged.",
)

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(8, 4))
for setting, marker in zip(settings, "osv^DX"):
    ax.plot(range(1, 12), seen[setting][1], marker=marker, label=f"{setting[0]}, {setting[1]}")
ax.set(yscale="log", xlabel="layer (1 is next to the input)", ylabel="norm of the gradient")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plots.show(
    fig,
    "Figure 12.2. Size of each layer's gradient at the start, on a logarithmic axis. Sigmoid "
    "layers lose it on the way back to layer 1 (vanishing gradient), large tanh weights blow it "
    "up (exploding gradient), tiny weights leave none anywhere.",
    "Six lines over eleven layers. From the last layer to the first the sigmoid's falls by several "
    "powers of ten and that of tanh 1.0 rises by three; tanh 0.01 is flat near 1e-10; the others "
    "stay within about one and a half powers of ten.",
)

# %% [markdown]
# Now in numbers. What later layers can use is how much a unit differs *from patient to patient*;
# so the signal is measured as the standard deviation over the patients, averaged over the units.

# %%
def ratio(setting):
    signals, norms = seen[setting]
    spread = [signal.std(axis=0).mean() for signal in (signals[0], signals[-1])]
    return spread[1] / spread[0], norms[0] / norms[-2]


saturated = np.mean(np.abs(seen["tanh", 1.0][0][-1]) > 0.99)
print(f"tanh, weights 1.0: {saturated:.0%} of the last layer's units are saturated")
for setting in settings:
    print(f"{setting!s:22} signal, layer 10 to 1: {ratio(setting)[0]:8.1e}   "
          f"gradient, layer 1 to 10: {ratio(setting)[1]:8.1e}")
assert saturated > 0.6 and ratio(("tanh", 1.0))[1] > 100
assert ratio(("tanh", 0.01))[0] < 1e-6 and ratio(("ReLU", "Glorot"))[0] < 0.1
assert ratio(("tanh", "Glorot"))[0] > 0.2 and ratio(("ReLU", "He"))[0] > 0.1
assert ratio(("sigmoid", "Glorot"))[0] < 1e-4 and ratio(("sigmoid", "Glorot"))[1] < 0.01

# %% [markdown]
# The sigmoid's histograms looked harmless, but they fall into spikes: in layer 10 each unit has
# its own value, the same for all patients. The flat slope lets nothing through in *either*
# direction.
#
# Read both columns, and Figure 12.2 beside them. With tanh 0.01 the gradient is even, but even at
# almost nothing. With tanh 1.0 most units are shut, but the few open ones pass the gradient on
# times large weights, so what gets through grows.
#
# Does it matter once training begins? Train such networks, of chapter 11's layers, from the six
# starts by plain gradient descent, in batches of 32 patients, the default: nine steps an epoch. (In
# `network()`, `batch_norm` and `dropout` stay off until their sections.)

# %%
def network(units, activation="relu", batch_norm=None, dropout=0.0, seed=0):
    layers = []
    for count in units:
        layers.append(scratch.Dense(count))
        if batch_norm is not None:
            layers.append(scratch.BatchNormalization(momentum=batch_norm))
        layers.append(scratch.Activation(activation))
        if dropout:
            layers.append(scratch.Dropout(dropout))
    return scratch.Sequential([*layers, scratch.Dense(1)], seed=seed)


def deep_network(activation, scheme, seed, batch_norm=None):
    model = network([50] * 10, activation.lower(), batch_norm, seed=seed)
    model.build(x_train.shape)
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        if "kernel" in layer.params:
            kernel = starting_kernel(scheme, *layer.params["kernel"].shape, rng)
            layer.params["kernel"] = kernel.astype("float32")
    return model

# %%
squared_error = scratch.MeanSquaredError()
deep_losses = {}
for setting in plots.progress(settings, "Six starts, three networks each"):
    deep_losses[setting] = [
        deep_network(*setting, seed).fit(
            x_train, y_train, squared_error, scratch.SGD(0.005), epochs=30)["loss"]
        for seed in seeds[:3]
    ]

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(8, 4))
for setting, losses in deep_losses.items():
    ax.plot(range(1, 31), np.mean(losses, axis=0), label=f"{setting[0]}, {setting[1]}")
ax.axhline(1, color=plots.COLOURS["grey"], linewidth=1)
ax.annotate("predicting the mean", (20, 1.04), fontsize=10)
ax.set(xlabel="epoch", ylabel="training loss (mean of 3)", ylim=(0, 2.5))
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plots.show(
    fig,
    "Figure 12.3. The same ten layers, the same optimiser; only the starting weights differ. Two "
    "starts never leave the loss of the mean. Tanh 1.0 lies far above it, for large last weights "
    "make large predictions.",
    "Training loss over 30 epochs. Sigmoid Glorot and tanh 0.01 stay at 1, tanh 1.0 above it. Tanh "
    "Glorot falls at once, ReLU Glorot slowly; ReLU He ends lowest.",
)

# %%
last = {setting: [losses[-1] for losses in runs] for setting, runs in deep_losses.items()}
assert min(last["sigmoid", "Glorot"]) > 0.95 and min(last["tanh", 0.01]) > 0.95
assert min(last["tanh", 1.0]) > 1
assert max(last["tanh", "Glorot"]) < 0.65 and max(last["ReLU", "He"]) < 0.5
assert np.mean(last["ReLU", "He"]) < min(np.mean(last["tanh", "Glorot"]),
                                         np.mean(last["ReLU", "Glorot"]))

# %% [markdown]
# When a loss lies flat at the value of the mean predictor, suspect that *no signal gets through*.
# Not more epochs help, but better starting weights.

# %% [markdown]
# ## The idea: four ways to use a gradient
#
# The backward pass gives the gradient; the **optimiser** decides what to do with it. Let $w$ be
# the weights, $g$ the gradient of the loss for them (same shape), and
# $\eta$ the `learning_rate`. All operations act on each weight by itself.
#
# **Gradient descent**, called stochastic (SGD) when $g$ comes from a small batch of patients:
#
# $$ w \leftarrow w - \eta \, g \tag{12.6} $$
#
# **Momentum** (Polyak 1964) keeps a velocity $v$ (start: 0), a fading sum of past steps with the
# factor $\beta$ (`beta`). Steps that keep their direction add up, steps that zigzag cancel:
#
# $$ v \leftarrow \beta v - \eta \, g, \qquad w \leftarrow w + v \tag{12.7} $$
#
# **RMSProp** (Tieleman and Hinton 2012) keeps a moving average $s$ (`square`) of the squared
# gradient and divides by its root. Each weight gets a step of about $\eta$, whether its gradients
# are large or small (larger at first, because $s$ starts at 0):
#
# $$ s \leftarrow \rho s + (1 - \rho) \, g^2, \qquad
# w \leftarrow w - \eta \, g / \sqrt{s + \epsilon} \tag{12.8} $$
#
# **Adam** (Kingma and Ba 2015) does both: a moving average $m$ (`mean`) of the gradient and $s$ of
# its square. Both start at 0 and are too small at first: after $t$ steps the weights of an average
# sum to only $1 - \beta^t$, so it is divided by that:
#
# $$ m \leftarrow \beta_1 m + (1 - \beta_1) \, g, \qquad
# s \leftarrow \beta_2 s + (1 - \beta_2) \, g^2 \tag{12.9} $$
#
# $$ w \leftarrow w - \eta \, \frac{m / (1 - \beta_1^t)}{\sqrt{s / (1 - \beta_2^t)} + \epsilon}
# \tag{12.10} $$
#
# $\rho$, $\beta_1$ and $\beta_2$ lie between 0 and 1; the tiny $\epsilon$ guards the division
# (inside the root in RMSProp and outside in Adam, as in Keras).

# %%
def sgd(w, g, memory, learning_rate):
    return w - learning_rate * g


def momentum(w, g, memory, learning_rate, beta=0.9):
    memory["v"] = beta * memory.get("v", 0) - learning_rate * g
    return w + memory["v"]


def rmsprop(w, g, memory, learning_rate, rho=0.9, epsilon=1e-7):
    memory["square"] = rho * memory.get("square", 0) + (1 - rho) * g**2
    return w - learning_rate * g / np.sqrt(memory["square"] + epsilon)


def adam(w, g, memory, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    memory["t"] = t = memory.get("t", 0) + 1
    memory["mean"] = beta_1 * memory.get("mean", 0) + (1 - beta_1) * g
    memory["square"] = beta_2 * memory.get("square", 0) + (1 - beta_2) * g**2
    mean, square = memory["mean"] / (1 - beta_1**t), memory["square"] / (1 - beta_2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon)


optimisers = {"SGD": sgd, "momentum": momentum, "RMSProp": rmsprop, "Adam": adam}

# %% [markdown]
# From here on the course takes them from `medlearn.scratch`. Given the same gradients, both must
# land on the same weights. (Adam differs a little: Keras, and so the package, adds $\epsilon$
# before the correction for the start.)

# %%
def make_optimiser(name, rate):
    if name == "momentum":
        return scratch.SGD(rate, momentum=0.9)
    return {"SGD": scratch.SGD, "RMSProp": scratch.RMSprop, "Adam": scratch.Adam}[name](rate)


for name, step in optimisers.items():
    packaged = make_optimiser(name, 0.01)
    layer = scratch.Dense(3, dtype="float64", seed=1)
    layer.build(x_train.shape)
    w, memory = layer.params["kernel"].copy(), {}
    for _ in range(20):
        error = layer.forward(x_train) - y_train
        layer.backward(2 * error / error.size)
        w = step(w, layer.grads["kernel"], memory, 0.01)
        packaged.step([layer])
    difference = np.abs(w - layer.params["kernel"]).max()
    print(f"{name:9} after 20 steps, largest difference {difference:.1e}")
    assert difference < 1e-4

# %% [markdown]
# Now watch them walk in a long valley, a hundred times steeper across than
# along (its **condition number** is 100). In the upper row it lies along the axes: each weight has
# its own steepness, as when measurements have different units. In the lower row it lies askew: the
# weights depend on one another, as when measurements are correlated.

# %%
def valley(tilt):
    angle = np.deg2rad(tilt)
    axes = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return axes @ np.diag([1.0, 100.0]) @ axes.T, axes @ [-10.0, -1.0]


def walk(step, tilt, steps, learning_rate, **settings):
    curvature, w = valley(tilt)
    path, memory = [w], {}
    for _ in range(steps):
        w = step(w, curvature @ w, memory, learning_rate, **settings)
        path.append(w)
    return np.array(path)


def loss_along(path, tilt):
    curvature, _ = valley(tilt)
    return np.sum(path @ curvature * path, axis=1) / 2


def steps_needed(step, tilt, learning_rate):
    with np.errstate(all="ignore"):  # a rate that is too large overflows
        loss = loss_along(walk(step, tilt, 300, learning_rate), tilt)
    too_high = np.flatnonzero(~(loss <= 0.01 * loss[0]))  # an overflow (NaN) is too high as well
    return int(too_high[-1]) + 1  # the first step after which it stays low

# %% [markdown]
# A fair race gives each optimiser its own best learning rate, from one grid. We count the steps
# until the loss has dropped to a hundredth and stays there.

# %%
grid = np.logspace(-4, 1, 26)
race = {(name, tilt): min((steps_needed(step, tilt, rate), rate) for rate in grid)
        for name, step in optimisers.items() for tilt in (0, 45)}
pd.DataFrame({f"valley tilted by {tilt} degrees": {name: race[name, tilt][0] for name in optimisers}
              for tilt in (0, 45)}).rename_axis("steps needed")

# %% tags=["figure"]
def draw_valley(ax, tilt):
    first, second = np.meshgrid(np.linspace(-12, 4, 200), np.linspace(-10, 6, 200))
    points = np.stack([first, second], axis=-1)
    loss = np.einsum("...i,ij,...j", points, valley(tilt)[0], points) / 2
    ax.contour(first, second, loss, levels=np.geomspace(1, 1000, 7), colors="0.7", linewidths=1)
    ax.plot(0, 0, "k*", markersize=10)

# %% tags=["figure"]
fig, axes = plt.subplots(2, 4, figsize=(12, 6), sharex=True, sharey=True)
for row, tilt in zip(axes, (0, 45)):
    for ax, (name, step) in zip(row, optimisers.items()):
        steps, rate = race[name, tilt]
        draw_valley(ax, tilt)
        ax.plot(*walk(step, tilt, 40, rate).T, "o-", markersize=3, linewidth=1)
        ax.set_title(f"{name}, rate {rate:.2g}", fontsize=11)
    row[0].set_ylabel("$w_2$")
for ax in axes[1]:
    ax.set_xlabel("$w_1$")
plots.show(
    fig,
    "Figure 12.4. The first forty steps of each optimiser, each with its best learning rate; the "
    "star is the minimum, the rings are lines of equal loss. SGD cannot go faster along the valley "
    "without bouncing off its walls. Momentum lets the bounces cancel.",
    "Eight contour plots of a narrow valley, upright above and askew below, with one path each. "
    "SGD and RMSProp are still on the way after forty steps; momentum and Adam swing about the "
    "valley floor and arrive at the star.",
)

# %%
assert max(race["momentum", 0][0], race["Adam", 0][0]) < race["SGD", 0][0] / 2
slower = {name: race[name, 45][0] - race[name, 0][0] for name in optimisers}
assert max(abs(slower["SGD"]), abs(slower["momentum"])) <= 2  # rounding
assert min(slower["RMSProp"], slower["Adam"]) > 0

# %% [markdown]
# SGD and momentum do not care how the valley lies. RMSProp and Adam do: they rescale each weight
# by itself, and lose part of their advantage where the weights are entangled.
#
# **You can mend part of the valley yourself.** Standardising removes the differences of unit; the
# correlation of measurements (total, LDL and HDL cholesterol know of each other) remains. For
# linear regression the condition number follows from the data:

# %%
raw, standardised = (np.linalg.cond(x.T @ x) for x in (train.x - x_mean, x_train))
print(f"Condition number, own units: {raw:,.0f}; standardised: {standardised:,.0f}")
assert raw > 10 * standardised

# %% [markdown]
# Turn the knobs. With SGD, raise the learning rate until the walk jumps out of the valley.

# %% tags=["figure"]
def draw_walk(optimiser, exponent, beta, tilt):
    settings = {"momentum": {"beta": beta}, "Adam": {"beta_1": beta}}.get(optimiser, {})
    with np.errstate(all="ignore"):
        path = walk(optimisers[optimiser], tilt, 60, 10.0**exponent, **settings)
        loss = loss_along(path, tilt)
    fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
    draw_valley(left, tilt)
    left.plot(*np.clip(path, -50, 50).T, "o-", markersize=4, linewidth=1)
    left.set(xlim=(-12, 4), ylim=(-10, 6), xlabel="$w_1$", ylabel="$w_2$",
             title=f"{optimiser}, learning rate {10.0**exponent:.3g}")
    right.plot(np.clip(loss, 1e-6, 1e9))
    right.axhline(0.01 * loss[0], color=plots.COLOURS["grey"], linewidth=1)
    right.set(yscale="log", xlabel="step", ylabel="loss", title="line: a hundredth of the start")
    return fig

# %% tags=["widget"]
widgets.explore(
    draw_walk,
    {
        "optimiser": widgets.choice("Optimiser", list(optimisers), "momentum"),
        "exponent": widgets.slider("log10 of the learning rate", -4.0, 0.5, -2.2, 0.1),
        "beta": widgets.slider("Momentum (beta; for Adam beta_1)", 0.0, 0.99, 0.9, 0.01),
        "tilt": widgets.slider("Tilt of the valley", 0, 90, 0, 15),
    },
    "Figure 12.5. Sixty steps on the valley. Find, for each optimiser, the largest learning rate "
    "that still converges; then tilt the valley and look again. For SGD the limit is 2 divided by "
    "the steepest curvature, here 0.02. With beta 0 momentum is SGD. The third knob moves momentum "
    "and Adam only.",
    "Left a contour plot of the valley with the path of momentum swinging to the minimum; right "
    "the loss falling over sixty steps on a logarithmic axis.",
)

# %% [markdown] tags=["erratum"]
# ### Erratum, D3 3.3.3: backpropagation is not an optimiser
#
# D3 trains one of its two adversarial networks (chapter 40) with "gradient descent" and the other
# with "gradient backpropagation", as if these were two optimisers. **Backpropagation computes the
# gradient and changes no weight. An optimiser takes a gradient, wherever it comes from, and changes
# the weights.** Both networks need both. One backward pass, four optimisers (momentum's first step
# is SGD's, as it has no velocity yet):

# %% tags=["erratum"]
layer = scratch.Dense(1, seed=lesson.seed())
error, before = layer.forward(x_train) - y_train, layer.params["kernel"].copy()
layer.backward(2 * error / error.size)
assert np.array_equal(layer.params["kernel"], before)

print("The backward pass changed no weight. First step of three weights from its gradient:")
for name, step in optimisers.items():
    change = step(before, layer.grads["kernel"], {}, 0.01) - before
    print(f"  {name:9} {np.round(change[:3, 0], 4)}")

# %% [markdown]
# ### On the patients
#
# Each optimiser gets a grid of learning rates; the one with the lowest validation loss (lowest
# point of the mean curve of three networks with seeds of their own) is kept; then ten new networks
# are trained with it. This takes some seconds.

# %%
def train_small(name, rate, seed, epochs):
    return network([32, 32], seed=seed).fit(
        x_train, y_train, squared_error, make_optimiser(name, rate), epochs=epochs,
        validation_data=(x_validation, y_validation))


def tuning_loss(name, rate):
    with np.errstate(all="ignore"):  # a rate that is too large overflows
        runs = [train_small(name, rate, 10**6 + seed, 30)["val_loss"] for seed in seeds[:3]]
    return np.nan_to_num(np.mean(runs, axis=0), nan=np.inf).min()


rates = {"SGD": [0.003, 0.01, 0.03, 0.1, 0.3], "momentum": [0.001, 0.003, 0.01, 0.03, 0.1],
         "RMSProp": [0.0003, 0.001, 0.003, 0.01, 0.03], "Adam": [0.001, 0.003, 0.01, 0.03, 0.1]}
chosen = {}
for name in plots.progress(list(rates), "Tuning four optimisers"):
    chosen[name] = min(rates[name], key=lambda rate: tuning_loss(name, rate))
assert len({len(grid) for grid in rates.values()}) == 1

# %%
curves = {name: [train_small(name, chosen[name], seed, 50) for seed in seeds]
          for name in plots.progress(list(rates), "Ten networks each")}
best_losses = {name: [min(run["val_loss"]) for run in runs] for name, runs in curves.items()}

# %% tags=["figure"]
fig, axes = plt.subplots(1, 2, figsize=(11, 4), sharey=True)
for ax, part in zip(axes, ("loss", "val_loss")):
    for name, runs in curves.items():
        values = np.array([run[part] for run in runs])
        line, = ax.plot(range(1, 51), values.mean(axis=0), label=f"{name}, rate {chosen[name]}")
        ax.fill_between(range(1, 51), values.min(axis=0), values.max(axis=0), alpha=0.12,
                        color=line.get_color())
    ax.axhline(ridge_loss, color="black", linewidth=1)
    ax.set(xlabel="epoch", ylim=(0, 1.2))
axes[0].set(ylabel="loss", title="training")
axes[1].set(title="validation (thin line: ridge regression)")
axes[0].legend()
plots.show(
    fig,
    "Figure 12.6. Four tuned optimisers, mean and range of ten networks. They differ in how fast "
    "they fit the training patients. On patients they have not seen they reach the same floor "
    "within a few epochs, and then all get worse.",
    "Left, training loss falls for all four, at different speeds. Right, validation loss falls to "
    "about the line of ridge regression within some five epochs and then rises for all four.",
)

# %%
summary = pd.DataFrame({
    "learning rate": chosen,
    "lowest validation loss, mean": {n: np.mean(v) for n, v in best_losses.items()},
    "its spread over seeds (SD)": {n: np.std(v, ddof=1) for n, v in best_losses.items()},
})
means = summary["lowest validation loss, mean"]
assert np.ptp(means) < 0.05
for name, runs in curves.items():
    assert np.mean([run["val_loss"][-1] for run in runs]) > means[name]
summary.round({column: 2 for column in summary.columns[1:]})

# %% [markdown]
# Tuned alike, the four are alike: their means differ by less than 5 % of the outcome's variance.
# Who tunes one and leaves the others at their defaults can find a winner that is none. Most lessons
# from here on use Adam because it is customary. The right-hand picture shows another problem, to
# which we come back: **overfitting**.

# %% [markdown]
# ## The idea: batch normalisation
#
# Good starting weights keep the signal's size at the *start*. Batch normalisation (Ioffe and
# Szegedy 2015) restores it at *every* step. For one unit, let $x_i$ be its weighted sum for
# patient $i$ of a batch of $n$. In training:
#
# $$ \mu = \frac{1}{n} \sum_{i=1}^{n} x_i, \qquad
# \sigma^2 = \frac{1}{n} \sum_{i=1}^{n} (x_i - \mu)^2 \tag{12.11} $$
#
# $$ \hat{x}_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad y_i = \gamma \hat{x}_i + \beta
# \tag{12.12} $$
#
# The scale $\gamma$ (`gamma`) and the shift $\beta$ (`beta`; no relation to momentum's) are
# trained. A patient alone has no variance, so training keeps moving averages with a factor
# $\alpha$ (Keras calls it momentum), and prediction uses them in place of $\mu$ and $\sigma^2$:
#
# $$ \mu_\text{moving} \leftarrow \alpha \, \mu_\text{moving} + (1 - \alpha) \, \mu, \qquad
# \sigma^2_\text{moving} \leftarrow \alpha \, \sigma^2_\text{moving} + (1 - \alpha) \, \sigma^2
# \tag{12.13} $$

# %%
def batch_norm_forward(x, gamma, beta, epsilon=1e-3):
    mean, variance = x.mean(axis=0), x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(variance + epsilon)
    return gamma * x_hat + beta, (x_hat, gamma, variance + epsilon)

# %% [markdown]
# **Backward.** Write $dy_i$ for the gradient of the loss for $y_i$, and so on. From (12.12),
# $d\gamma = \sum_i dy_i \hat{x}_i$, $d\beta = \sum_i dy_i$ and $d\hat{x}_i = \gamma \, dy_i$. But
# $x_i$ reaches $\hat{x}_j$ of *every* patient $j$ of the batch, through $\mu$ and $\sigma^2$. With
# $\partial \mu / \partial x_i = 1/n$ and $\partial \sigma^2 / \partial x_i = 2 (x_i - \mu) / n$,
# the quotient rule gives
#
# $$ \frac{\partial \hat{x}_j}{\partial x_i} = \frac{1}{\sqrt{\sigma^2 + \epsilon}}
# \left( \delta_{ij} - \frac{1}{n} - \frac{\hat{x}_i \hat{x}_j}{n} \right), \qquad
# \delta_{ij} = 1 \text{ if } i = j \text{ else } 0 \tag{12.14} $$
#
# Sum $d\hat{x}_j$ times that over all $j$:
#
# $$ dx_i = \frac{1}{\sqrt{\sigma^2 + \epsilon}} \left( d\hat{x}_i - \frac{1}{n} \sum_j d\hat{x}_j
# - \hat{x}_i \, \frac{1}{n} \sum_j d\hat{x}_j \hat{x}_j \right) \tag{12.15} $$
#
# In words: remove the gradient's mean and what lies along $\hat{x}$. To shift or stretch the whole
# batch would change nothing, so the gradient does not ask for it.

# %%
def batch_norm_backward(dy, cache):
    x_hat, gamma, variance = cache
    dx_hat = dy * gamma
    along = x_hat * (dx_hat * x_hat).mean(axis=0)
    dx = (dx_hat - dx_hat.mean(axis=0) - along) / np.sqrt(variance)
    return dx, (dy * x_hat).sum(axis=0), dy.sum(axis=0)

# %%
layer = scratch.BatchNormalization(dtype="float64")
x, dy = 3 + 2 * rng.normal(size=(8, 4)), rng.normal(size=(8, 4))
layer.build(x.shape)
gamma, beta = rng.normal(size=4), rng.normal(size=4)
layer.set_weights([gamma, beta, np.zeros(4), np.ones(4)])

y, cache = batch_norm_forward(x, gamma, beta)
dx, dgamma, dbeta = batch_norm_backward(dy, cache)
pairs = [(y, layer.forward(x, training=True)), (dx, layer.backward(dy)),
         (dgamma, layer.grads["gamma"]), (dbeta, layer.grads["beta"])]
print(f"Largest difference from medlearn.scratch: {max(np.abs(a - b).max() for a, b in pairs):.1e}")
assert all(np.allclose(a, b) for a, b in pairs) and scratch.gradient_check(layer, x).passed
stretched, _ = batch_norm_forward(1000 * x + 7, gamma, beta)
change = np.abs(stretched - y).max()
print(f"x a thousand times larger and shifted by 7: y changes by {change:.1e} at most")
assert change < 0.02

# %% [markdown]
# The last line says what the layer buys: weights a thousand times too large come out (nearly) the
# same. (With weights far too small, $\epsilon$ would weigh in.)
# Put batch normalisation in every layer of starts that failed in Figure 12.3, and of one with too
# high a learning rate. An overflow is shown as NaN.

# %%
def last_loss(activation, scheme, rate, batch_norm, seed):
    model = deep_network(activation, scheme, seed, batch_norm)
    with np.errstate(all="ignore"):  # weights may overflow; the loss is NaN then
        history = model.fit(x_train, y_train, squared_error, scratch.SGD(rate), epochs=30)
    return history["loss"][-1], model


cases = [("sigmoid", "Glorot", 0.01), ("tanh", 0.01, 0.01), ("ReLU", "He", 0.2)]
rows = []
for case in plots.progress(cases, "With and without batch normalisation"):
    without = [last_loss(*case, None, seed)[0] for seed in seeds[:3]]
    with_it = [last_loss(*case, 0.9, seed)[0] for seed in seeds[:3]]
    rows.append([*case, np.mean(without), np.mean(with_it)])
    assert max(with_it) < 0.8 and min(np.nan_to_num(without, nan=np.inf)) > 0.95
pd.DataFrame(rows, columns=["activation", "start", "learning rate", "loss without",
                            "loss with"]).round(2)

# %% [markdown]
# So batch normalisation makes training robust: bad starts recover and higher learning rates
# work.
#
# **A trap.** The moving averages must have caught up before you predict. Keras's default factor of
# 0.99 forgets its starting values over several hundred steps; a small data set has few steps in an
# epoch. If a network trains well and predicts badly, even on its own training patients, look here
# first. The same network, the same training, two factors:

# %%
lag = {}
for factor in (0.99, 0.9):
    model = last_loss("tanh", 0.01, 0.01, factor, seeds[0])[1]
    lag[factor] = [np.mean((model.forward(x_train, training=mode) - y_train) ** 2)
                   for mode in (True, False)]
    print(f"factor {factor}: loss on the training patients {lag[factor][0]:.2f} in training mode, "
          f"{lag[factor][1]:.2f} when predicting")
assert lag[0.99][1] > 0.9 > lag[0.99][0] and lag[0.9][1] < 0.85

# %% [markdown]
# ## The idea: dropout
#
# Dropout (Srivastava and others 2014) silences each unit with the probability $r$, the `rate`,
# anew at each training step, so that no unit can rely on another being there. Let $m_i$ be 1 with
# probability $1 - r$ and 0 otherwise:
#
# $$ y_i = \frac{m_i}{1 - r} \, x_i \quad \text{in training}, \qquad y_i = x_i \quad \text{when
# predicting} \tag{12.16} $$
#
# The division keeps the expected value, $\mathrm{E}[y_i] = x_i$, so that nothing needs scaling when
# predicting: *inverted* dropout. Going backward, the gradient is multiplied by the same
# $m_i / (1 - r)$.

# %%
def dropout(x, rate, rng):
    mask = (rng.random(x.shape) >= rate) / (1 - rate)
    return x * mask, mask


ones = np.ones((1000, 100))
y, mask = dropout(ones, 0.2, np.random.default_rng(lesson.seed()))
layer = scratch.Dropout(0.2, dtype="float64", seed=lesson.seed())
assert np.allclose(y, layer.forward(ones, training=True))
assert np.allclose(mask, layer.backward(ones)) and np.array_equal(ones, layer.forward(ones))
print(f"Rate 0.2: {np.mean(y == 0):.1%} dropped, the rest is {y.max()}, mean {y.mean():.3f}")

# %% [markdown] tags=["erratum"]
# ### Erratum, D3 note 26: the dropout rate is the share that is dropped
#
# The note takes the dropout rate for the share of neurons that is *kept*. In Keras, and in (12.16),
# it is the share *dropped*. (In Srivastava and others $p$ is the probability of keeping a unit;
# that may be where the confusion comes from.) Read wrongly, a rate of 0.2 would silence four units
# in five. Keras decides; loading it takes about ten seconds.

# %% tags=["erratum"]
keras = lesson.load_keras()
kept = np.mean(np.array(keras.layers.Dropout(0.2)(ones.astype("float32"), training=True)) > 0)
print(f"keras.layers.Dropout(0.2) keeps {kept:.1%} of the units.")
assert 0.78 < kept < 0.82

# %% [markdown]
# ## The idea: against overfitting
#
# The **gap** between validation and training loss measures how far a network has learned its
# training patients instead of the disease. A small gap alone is no aim: the mean predictor has
# none. Read it beside the validation loss. Four things are said to narrow the gap: batch
# normalisation, dropout, and these two.
#
# **Weight decay** shrinks the kernels a little at every step, with a strength $\lambda$ (`decay`).
# With SGD that is ridge regression's pull, for networks. With Adam, a penalty added to the loss
# would act differently, so the shrinking is a step of its own (Loshchilov and Hutter 2019):
#
# $$ w \leftarrow (1 - \eta \lambda) \, w \tag{12.17} $$
#
# **Early stopping** ends training when the validation loss has not improved for a number of epochs,
# the `patience`, and goes back to the weights of the best epoch. (D2, 3.2.3, stops at a threshold
# of the loss or after a set number of rounds. Neither looks at patients kept aside: in Figure 12.6
# the training loss keeps falling while the network gets worse.)

# %%
class WithWeightDecay:
    def __init__(self, optimiser, decay):
        self.optimiser, self.decay = optimiser, decay

    def step(self, layers):
        self.optimiser.step(layers)
        shrink = 1 - self.optimiser.learning_rate * self.decay
        for layer in layers:
            if "kernel" in layer.params:
                layer.params["kernel"] = (shrink * layer.params["kernel"]).astype("float32")


def train_and_watch(seed, decay=0.0, rate=0.003, **settings):
    model, train_losses = network([64, 64], seed=seed, **settings), []
    optimiser = scratch.Adam(rate)
    history = model.fit(
        x_train, y_train, squared_error,
        WithWeightDecay(optimiser, decay) if decay else optimiser, epochs=100,
        validation_data=(x_validation, y_validation),
        on_epoch=lambda epoch, logs: train_losses.append(model.evaluate(x_train, y_train)))
    return np.array(train_losses), np.array(history["val_loss"])

# %% [markdown]
# One network, far too large for so few patients, ten times each. The training loss is measured
# after each epoch *as in prediction*, without dropout's noise. Batch normalisation gets the factor
# 0.9, so that the trap above plays no part. This takes about fifteen seconds.

# %%
remedies = {"nothing": {}, "batch normalisation": {"batch_norm": 0.9},
            "weight decay": {"decay": 1.0}, "dropout": {"dropout": 0.5}}
watched = {name: np.array([train_and_watch(seed, **settings) for seed in seeds])
           for name, settings in plots.progress(list(remedies.items()), "Forty networks")}

# %% tags=["figure"]
fig, axes = plt.subplots(1, 4, figsize=(12, 3.6), sharey=True)
for ax, (name, runs) in zip(axes, watched.items()):
    ax.plot(range(1, 101), runs[:, 0].mean(axis=0), label="training")
    ax.plot(range(1, 101), runs[:, 1].mean(axis=0), label="validation")
    ax.axhline(ridge_loss, color="black", linewidth=1)
    ax.set(title=name, xlabel="epoch", ylim=(0, 1.2))
axes[0].set_ylabel("loss (mean of 10)")
axes[0].legend(loc="center right")
plots.show(
    fig,
    "Figure 12.7. The same network under four regimes (thin line: ridge regression on "
    "validation). Batch normalisation changes the picture little; dropout closes most of the gap.",
    "Four panels of training and validation loss. With nothing training falls to almost 0 and "
    "validation rises to almost 1; with batch normalisation nearly the same; with weight decay the "
    "lines lie closer; with dropout validation stays flat below 0.6.",
)

# %%
def at_epoch(runs, epoch):
    losses = runs[np.arange(len(runs)), :, epoch]
    return {"training": losses[:, 0].mean(), "validation": losses[:, 1].mean(),
            "gap": np.diff(losses).mean(), "gap, SD over seeds": np.diff(losses).std(ddof=1)}


table = {name: at_epoch(runs, -1) for name, runs in watched.items()}
plain = watched["nothing"]
table["early stopping"] = at_epoch(plain, plain[:, 1].argmin(axis=1))
gap = {name: row["gap"] for name, row in table.items()}
pd.DataFrame(table).T.round(2)

# %%
kept_gap = {name: gap[name] / gap["nothing"] for name in gap}
print("Left of the gap:", {name: f"{share:.0%}" for name, share in kept_gap.items()})
others = ("weight decay", "dropout", "early stopping")
assert 0.6 < kept_gap["batch normalisation"] < 1
assert kept_gap["batch normalisation"] > max(kept_gap[name] for name in others) + 0.1
assert watched["dropout"][:, 1, -1].mean() < 0.65 and kept_gap["dropout"] < 0.4
best = {name: runs[:, 1].min(axis=1).mean() for name, runs in watched.items()}
assert best["batch normalisation"] > best["nothing"] + 0.03
print(f"Lowest validation loss on the way: {best['nothing']:.2f} without, "
      f"{best['batch normalisation']:.2f} with batch normalisation")

# %% [markdown]
# Early stopping has an advantage here: its epoch was chosen on the validation loss that the table
# then reports. That is why a *test* set is kept aside.

# %% [markdown] tags=["erratum"]
# ### Erratum, D3 note 23: batch normalisation is not a remedy for overfitting
#
# The note introduces batch normalisation as a technique that reduces overfitting; even its Chinese
# name there, 批量正则化, says "batch *regularisation*" (normalisation: 归一化, 标准化). What it does by design
# stands in (12.12): it normalises activations, so that deep networks can be trained at all.
# Measured above: it leaves most of the gap, far more than dropout, weight decay or early stopping
# do (each at one strength, not tuned), and even at its best epoch the network was worse than
# without it. With a smaller learning rate it makes the gap *larger* (below). A regularising side
# effect can occur: its authors saw one on photographs, in some cases enough to leave out dropout
# (Ioffe and Szegedy 2015). D3's note 24, on dropout, is right.

# %% tags=["erratum"]
slow_gap = {}
for name in ("nothing", "batch normalisation"):
    runs = [train_and_watch(seed, rate=0.0005, **remedies[name]) for seed in seeds[:5]]
    slow_gap[name] = at_epoch(np.array(runs), -1)["gap"]
print(f"Adam at 0.0005, five networks each: gap {slow_gap['nothing']:.2f} without, "
      f"{slow_gap['batch normalisation']:.2f} with batch normalisation")
assert slow_gap["batch normalisation"] > slow_gap["nothing"]

# %% [markdown]
# ## The idea: the same network in Keras
#
# From here on large networks are built with Keras. Given the same starting weights and the same
# batches, all weights, and the moving averages of batch normalisation, must agree with ours after
# every step. (Dropout is left out: the two draw different masks.)

# %%
ours = scratch.Sequential([
    scratch.Dense(32, activation="relu"), scratch.BatchNormalization(),
    scratch.Dense(32, activation="relu"), scratch.Dense(1)], seed=seeds[0])
ours.build(x_train.shape)

theirs = keras.Sequential([
    keras.Input((10,)),
    keras.layers.Dense(32, activation="relu"), keras.layers.BatchNormalization(),
    keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
theirs.compile(optimizer=keras.optimizers.Adam(0.003), loss="mse")
theirs.set_weights(ours.get_weights())

# %%
adam_of_ours = scratch.Adam(0.003)
x32, y32 = x_train.astype("float32"), y_train.astype("float32")
for step in range(1, 21):
    batch = rng.choice(len(x32), 32, replace=False)
    loss = squared_error.forward(y32[batch], ours.forward(x32[batch], training=True))
    ours.backward(squared_error.backward())
    adam_of_ours.step(ours.layers)
    loss_keras = float(theirs.train_on_batch(x32[batch], y32[batch]))
    difference = max(np.abs(a - b).max() for a, b in zip(ours.get_weights(), theirs.get_weights()))
    assert difference < 1e-5 and abs(loss - loss_keras) < 1e-5 * max(1, loss)
    if step in (1, 2, 5, 10, 20):
        print(f"step {step:2}: loss {loss:.6f} and {loss_keras:.6f}, "
              f"largest difference of a weight {difference:.1e}")

# %% [markdown]
# What remains is rounding. In Keras's own words, the large network with early stopping reads as
# below. (In `medlearn.scratch` it is `fit(..., patience=30)`.)

# %%
def keras_with_early_stopping(seed):
    keras.utils.set_random_seed(seed % 2**32)
    model = keras.Sequential([
        keras.Input((10,)), keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(64, activation="relu"), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mse")
    stop = keras.callbacks.EarlyStopping(patience=30, restore_best_weights=True)
    history = model.fit(x32, y32, epochs=200, batch_size=32, verbose=0, callbacks=[stop],
                        validation_data=(x_validation, y_validation))
    return history.history["val_loss"]


keras_losses = [keras_with_early_stopping(seed)
                for seed in plots.progress(seeds[:5], "Five networks in Keras")]
lowest = {"Keras, five networks": np.array([min(losses) for losses in keras_losses]),
          "ours, ten networks": plain[:, 1].min(axis=1)}
for name, losses in lowest.items():
    print(f"{name}: lowest validation loss {losses.mean():.2f} "
          f"({losses.min():.2f} to {losses.max():.2f})")
assert max(map(len, keras_losses)) < 200 and abs(np.subtract(*map(np.mean, lowest.values()))) < 0.05

# %% [markdown]
# Other starting weights and other batches, so other figures; the two means agree.

# %% [markdown]
# ## The result
#
# Now choose a network. Everything is chosen on the **validation** patients: eight candidates, small
# or large, with or without batch normalisation (factor 0.9) and dropout, all with early stopping.

# %%
def train_candidate(units, batch_norm, rate, seed, parts=None):
    x, y, x_val, y_val = parts or (x_train, y_train, x_validation, y_validation)
    model = network(units, batch_norm=batch_norm, dropout=rate, seed=seed)
    history = model.fit(x, y, squared_error, scratch.Adam(0.003), epochs=200,
                        validation_data=(x_val, y_val), patience=30)
    return model, min(history["val_loss"])


candidates = [(units, batch_norm, rate) for units in ([16], [64, 64])
              for batch_norm in (None, 0.9) for rate in (0.0, 0.5)]
scores = np.array([[train_candidate(*candidate, 10**6 + seed)[1] for seed in seeds]
                   for candidate in plots.progress(candidates, "Eight candidates, ten each")])
means, errors = scores.mean(axis=1), scores.std(axis=1, ddof=1) / np.sqrt(len(seeds))
winner = candidates[int(means.argmin())]
pd.DataFrame({
    "hidden units": [units for units, _, _ in candidates],
    "batch normalisation": ["yes" if factor else "no" for _, factor, _ in candidates],
    "dropout": [rate for _, _, rate in candidates],
    "validation loss, mean": means.round(3),
    "standard error of the mean": errors.round(3),
})

# %%
alone = candidates.index(([64, 64], 0.9, 0.0))
first, second = np.argsort(means)[:2]
behind = {name: (means[k] - means[first], np.hypot(errors[k], errors[first]))
          for name, k in {"second best": second, "large, BN alone": alone}.items()}
print(f"Chosen: hidden units {winner[0]}, batch normalisation {'yes' if winner[1] else 'no'}, "
      f"dropout {winner[2]}; validation loss {means.min():.2f} (ridge: {ridge_loss:.2f})")
for name, (gap_to_first, error) in behind.items():
    print(f"{name}: behind by {gap_to_first:.3f}, standard error {error:.3f}")
assert behind["second best"][0] < 3 * behind["second best"][1]
assert behind["large, BN alone"][0] > 3 * behind["large, BN alone"][1]
assert np.ptp(np.delete(means, alone)) < 0.1

# %% [markdown]
# Between the first and the second, ten seeds do not decide: which of the two is taken is luck. The
# large network with batch normalisation and no dropout is worse by many standard errors. The others
# lie in between.
#
# With that fixed, train ten networks and open the **test** set once. Two measures: the root mean
# squared error, in the outcome's units, and the share $R^2$ of the test patients' variance that the
# predictions $\hat{y}_i$ explain ($\bar{y}$ is the test patients' mean):
#
# $$ \text{RMSE} = \sqrt{\frac{1}{n} \sum_i (y_i - \hat{y}_i)^2}, \qquad R^2 = 1 -
# \frac{\sum_i (y_i - \hat{y}_i)^2}{\sum_i (y_i - \bar{y})^2} \tag{12.18} $$
#
# Beside it: the mean predictor, linear regression, ridge regression, and the method of the paper
# that these data come from, least angle regression in its lasso form, its steps chosen by a
# penalised criterion (Efron and others 2004; here scikit-learn's version).

# %%
x_test, _ = standardise(test)
networks = [train_candidate(*winner, seed)[0] for seed in seeds]
in_units = np.hstack([model.predict(x_test) for model in networks]) * y_deviation + y_mean

simple = {"mean predictor": np.full(len(test.y), y_mean)}
for name, estimator in {"linear regression": LinearRegression(), "ridge regression": ridge,
                        "lasso by LARS (Efron 2004)": LassoLarsIC("aic")}.items():
    fitted = estimator.fit(x_train, y_train[:, 0])
    simple[name] = fitted.predict(x_test) * y_deviation + y_mean


def squared_errors(y, predicted):
    return (predicted.reshape(len(y), -1) - y[:, np.newaxis]) ** 2


def rmse(y, predicted):
    return np.mean(np.sqrt(np.mean(squared_errors(y, predicted), axis=0)))


def r2(y, predicted):
    return 1 - np.mean(squared_errors(y, predicted)) / np.var(y)

# %%
rows, intervals = {}, {}
for name, predicted in {**simple, "network (mean of 10 seeds)": in_units}.items():
    intervals[name] = metrics.bootstrap_interval(test.y, predicted, rmse, seed=lesson.seed())
    rows[name] = {"RMSE": str(intervals[name]), "R2": f"{r2(test.y, predicted):z.2f}"}
by_seed = [rmse(test.y, column) for column in in_units.T]
print(f"Ten networks: RMSE from {min(by_seed):.2f} to {max(by_seed):.2f}, "
      f"SD over seeds {np.std(by_seed, ddof=1):.2f}")
pd.DataFrame(rows).T

# %% [markdown]
# The intervals (bootstrap over the test patients, chapter 10) overlap, but overlap is no test: all
# methods are judged on the *same* patients. So resample the **difference**.

# %%
both = np.column_stack([in_units, simple["ridge regression"]])
paired = metrics.bootstrap_interval(
    test.y, both, lambda y, p: rmse(y, p[:, :-1]) - rmse(y, p[:, -1]), seed=lesson.seed())
print(f"RMSE of the network minus that of ridge regression: {paired}")
worst, ridge_rmse = intervals["mean predictor"].estimate, intervals["ridge regression"].estimate
assert ridge_rmse < 0.8 * worst and np.mean(by_seed) < 0.8 * worst
assert paired.high > 0 and abs(paired.estimate) < 8

# %% [markdown]
# One split is one draw. Repeat everything but the choice of the network on thirty random splits of
# the same patients (60 % to train, 20 % to validate, 20 % to test).

# %%
def one_resplit(seed):
    order = np.random.default_rng(seed).permutation(len(diabetes.y))
    first, second, third = np.split(order, [len(train.y), len(train.y) + len(validation.y)])
    mean, deviation = diabetes.x[first].mean(axis=0), diabetes.x[first].std(axis=0)
    centre, scale = diabetes.y[first].mean(), diabetes.y[first].std()
    x = (diabetes.x - mean) / deviation
    y = ((diabetes.y - centre) / scale)[:, np.newaxis]
    model, _ = train_candidate(*winner, seed, (x[first], y[first], x[second], y[second]))
    linear = RidgeCV(alphas=np.logspace(-2, 4, 30)).fit(x[first], y[first, 0])
    truth = diabetes.y[third]
    predictions = [model.predict(x[third])[:, 0], linear.predict(x[third])]
    return [measure(truth, p * scale + centre) for p in predictions for measure in (rmse, r2)]


resplits = np.array([one_resplit(1000 * lesson.seed() + k)
                     for k in plots.progress(range(30), "Thirty splits")])
difference = resplits[:, 0] - resplits[:, 2]
print(f"Network minus ridge, RMSE: mean {difference.mean():+.2f}, from {difference.min():+.2f} to "
      f"{difference.max():+.2f}; the network is better in {np.sum(difference < 0)} of 30 splits")
assert -0.02 < difference.mean() / resplits[:, 2].mean() < 0.06

# %%
own_r2, ours_r2 = ridge.score(x_train, y_train[:, 0]), r2(test.y, simple["ridge regression"])
split_r2 = resplits[:, 3]
print(f"R2 of ridge: {own_r2:.2f} on the patients it was fitted to, {ours_r2:.2f} on our test set; "
      f"over the splits {split_r2.min():.2f} to {split_r2.max():.2f}, median "
      f"{np.median(split_r2):.2f}")
assert ours_r2 > own_r2 and np.mean(split_r2 < ours_r2) > 0.9
assert 0.4 < np.median(split_r2) < 0.55

# %% [markdown]
# **Our test set happened to be an easy one.** Ridge regression scores better on it than on the
# patients it was fitted to, and better than on nearly all other splits. Expect what the splits
# show. The comparison of methods suffers less: all had the same patients.
#
# Two conditions favour the network in the splits: it was chosen on patients who come back as test
# patients, and it uses the validation patients for stopping. It still gains nothing. The splits
# share patients, so their range is no confidence interval.

# %% [markdown]
# And a published figure. (The paper of 2004 gives no error on patients kept aside that we could
# verify.) scikit-learn's user guide (section on
# permutation importance) fits ridge regression to these data and prints an $R^2$ of 0.356... (its
# further digits cut, not rounded) on a quarter of the patients. We get the same with its split and
# setting:

# %%
parts = train_test_split(diabetes.x, diabetes.y, random_state=0)
scale = np.sqrt(((diabetes.x - diabetes.x.mean(axis=0)) ** 2).sum(axis=0))  # as load_diabetes()
guide = Ridge(alpha=1e-2).fit(parts[0] / scale, parts[2])
published = guide.score(parts[1] / scale, parts[3])
print(f"R2 on the user guide's split: {published:.4f}")
assert int(1000 * published) == 356 and np.mean(split_r2 > published) > 0.8

# %% tags=["figure"]
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8))
left.hist(difference, bins=12, color=plots.COLOURS["blue"])
left.axvline(0, color="black", linewidth=1)
left.set(xlabel="RMSE, network minus ridge", ylabel="splits", title="right of 0: ridge is better")
right.hist(resplits[:, 3], bins=12, color=plots.COLOURS["orange"])
right.axvline(published, color="black", linestyle="--", label="user guide's split")
right.axvline(ours_r2, color="black", linestyle=":", label="this lesson's test set")
right.set(xlabel="$R^2$ of ridge regression", ylabel="splits")
right.legend(loc="upper center", bbox_to_anchor=(0.5, 1.2), ncols=2, fontsize=9)
plots.show(
    fig,
    "Figure 12.8. Thirty random splits. Left: now the network, now ridge regression is ahead. "
    "Right: the same method scores very differently from split to split. The published figure lies "
    "low, our test set at or beyond the upper end: one split can mislead either way.",
    "Two histograms. The differences of RMSE lie on both sides of zero. The R2 values of ridge "
    "regression spread widely; the user guide's split lies low among them, this lesson's test set "
    "at or beyond the upper end.",
)

# %% [markdown]
# **The honest answer.** All methods beat the mean predictor by a wide margin. The network, with
# everything this chapter taught, gains nothing over ridge regression: the interval of the
# difference includes zero or lies on ridge's side, and over thirty splits the mean difference is
# small beside the error itself. That is nothing unusual: a review of clinical prediction models
# found no benefit of machine learning over logistic regression where the comparison was fair
# (Christodoulou and others 2019). What you learned pays off where the input is
# an image, a signal or a text, from chapter 20 on.

# %% [markdown]
# ## Reading it as a clinician
#
# So you would use ridge regression: ten coefficients that can be read. What is its prediction worth
# for *one* patient? Take a **prediction interval** by the split conformal method (Lei and others
# 2018): of the absolute errors on the $n$ validation patients, to whom the model has not been
# fitted, use the quantile
#
# $$ q = \text{the } \lceil (n + 1) (1 - \alpha) \rceil \text{-th smallest } |y_i - \hat{y}_i|,
# \qquad \hat{y} \pm q \tag{12.19} $$
#
# as half-width. For patients from the same source the interval holds the truth with a probability
# of at least $1 - \alpha$, here 90 %, on average and whatever the model.

# %%
alpha = 0.1
predicted = simple["ridge regression"]
errors = np.abs(validation.y - ridge.predict(x_validation) * y_deviation - y_mean)
q = np.sort(errors)[int(np.ceil((len(errors) + 1) * (1 - alpha))) - 1]
covered = np.abs(test.y - predicted) <= q
coverage = metrics.wilson_interval(int(covered.sum()), len(covered))
within = np.mean(np.abs(diabetes.y - np.median(diabetes.y)) <= q)
print(f"Mean absolute error {np.mean(np.abs(test.y - predicted)):.0f}; 90 % interval: "
      f"prediction plus or minus {q:.0f}")
print(f"Coverage on the test patients: {coverage}")
print(f"An interval of that width around the median holds {within:.0%} of all patients.")
told_apart = np.abs(predicted - y_mean) > q
print(f"The interval leaves out the average for {told_apart.sum()} of {len(predicted)} patients.")
assert coverage.high > 0.9 and within > 0.6 and told_apart.mean() < 0.2

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(7, 5))
order = np.argsort(predicted)
ax.fill_between(predicted[order], predicted[order] - q, predicted[order] + q, alpha=0.2,
                color=plots.COLOURS["sky"], label="90 % prediction interval")
ax.plot(predicted[order], predicted[order], color="black", linewidth=1, label="perfect")
for value, marker, colour in [(1, "o", "blue"), (2, "^", "red")]:
    rows = test.x[:, 1] == value
    ax.plot(predicted[rows], test.y[rows], marker, color=plots.COLOURS[colour],
            linestyle="none", label=f"sex coded {value}")
ax.axhline(y_mean, color=plots.COLOURS["grey"], linestyle=":", label="average in training")
ax.set(xlabel="predicted progression", ylabel="observed progression (no unit published)")
ax.legend(fontsize=9)
plots.show(
    fig,
    "Figure 12.9. Test patients: ridge regression's prediction and what came. The band is so wide "
    "that for most patients it includes the average (horizontal line).",
    "Scatter of observed against predicted progression, circles and triangles for the two codes of "
    "sex, around the diagonal, nearly all inside a broad band on both sides of it. The average's "
    "line leaves the band only at its two ends.",
)

# %% [markdown]
# **Calibration** for an amount: regress what was observed on what was predicted. A slope of 1 means
# that a prediction higher by ten points means ten points more; below 1, predictions are too
# extreme. A slope of 1 with a shift is still wrong, so look at the mean of observed minus predicted
# too. And the **subgroups**: is the error the same for both sexes? Again, resample the difference.

# %%
slope = metrics.bootstrap_interval(
    test.y, predicted, lambda y, p: np.polyfit(p, y, 1)[0], seed=lesson.seed())
shift = metrics.bootstrap_interval(
    test.y, predicted, lambda y, p: np.mean(y - p), seed=lesson.seed())
print(f"Calibration slope: {slope}\nMean of observed minus predicted: {shift}")


def difference_by_sex(y, p):
    one, two = p[:, 1] == 1, p[:, 1] == 2
    return rmse(y[one], p[one, 0]) - rmse(y[two], p[two, 0])


for value in (1, 2):
    rows = test.x[:, 1] == value
    print(f"Sex coded {value}: {rows.sum()} patients, RMSE "
          f"{rmse(test.y[rows], predicted[rows]):.0f}, {covered[rows].mean():.0%} covered")
sexes = metrics.bootstrap_interval(
    test.y, np.column_stack([predicted, test.x[:, 1]]), difference_by_sex, seed=lesson.seed())
print(f"RMSE of code 1 minus that of code 2: {sexes}")
assert slope.low < 1 < slope.high and shift.low < 0 < shift.high and sexes.low < 0 < sexes.high

# %% [markdown]
# Put together:
# - **For a group, useful:** over the splits ridge regression explains about half of the differences
#   between patients (the median printed above).
# - **For one patient, hardly:** the 90 % interval spans most of what occurs at all. "You will get
#   worse faster than average" (or slower) can be said of few patients only (printed above).
# - **Both sexes alike?** The interval of the difference includes zero and is wide: so few patients
#   cannot tell.
# - **Sensitivity, predictive values and net benefit do not apply**: without a threshold
#   and an action there is no decision.
# - **Not to be used** to choose or withhold treatment, to set premiums, or on any patient today.
#   What the outcome measures was never published, nor the hospital, the years, the kind of diabetes
#   and which code of sex is which. Nobody has validated it elsewhere. And no coefficient says what
#   would happen if a measurement were *changed*.

# %% [markdown]
# ## Exercises
#
# `exercises.hint("12.1")` gives a hint, and the next one each time. First look at these pictures:

# %% tags=["figure"]
faults = {
    "A": (deep_network("tanh", 0.01, seeds[0]), scratch.SGD(0.01)),
    "B": (network([64, 64], seed=seeds[0]), scratch.Adam(0.003)),
    "C": (network([32, 32], seed=seeds[0]), scratch.SGD(0.0001)),
    "D": (network([], seed=seeds[0]), scratch.RMSprop(0.3)),
}
fig, axes = plt.subplots(1, 4, figsize=(12, 3.4), sharey=True)
learned = {}
for ax, (letter, (model, optimiser)) in zip(axes, faults.items()):
    run = learned[letter] = model.fit(x_train, y_train, squared_error, optimiser, epochs=60,
                    validation_data=(x_validation, y_validation))
    ax.plot(range(1, 61), run["loss"], label="training")
    ax.plot(range(1, 61), run["val_loss"], label="validation")
    ax.set(title=letter, xlabel="epoch", ylim=(0, 2))
axes[0].set_ylabel("loss")
axes[0].legend()
plots.show(
    fig,
    "Figure 12.10. Learning curves of four networks. A loss of 1 is that of predicting the mean.",
    "A: both curves lie flat at 1. B: training falls towards 0 while validation falls briefly and "
    "then rises. C: both fall slowly, smoothly, and still at the end. D: both jump up and down, "
    "sometimes beyond the top of the picture.",
)

# %% tags=["figure"]
flat, over, slow, jumps = (np.array([learned[k]["loss"], learned[k]["val_loss"]]) for k in "ABCD")
assert np.all(np.abs(flat[0] - 1) < 0.05)
assert over[0, -1] < 0.2 and over[1, -1] > over[1].min() + 0.1
assert slow[0, 0] > slow[0, -1] > 0.5 and np.mean(np.diff(slow[0]) < 0) > 0.9
assert np.mean(np.abs(np.diff(jumps[0]))) > 0.1

# %% [markdown]
# ### Exercise 12.1 · Four learning curves (reading, about 4 minutes)
#
# Four networks, four different faults (Figure 12.10). What is wrong with A, B, C and D? Give each
# one of `"overfitting"`, `"learning rate too small"`, `"learning rate too large"`,
# `"no signal: starting weights too small"`, as a dictionary `{"A": ..., "B": ..., ...}`.

# %% tags=["exercise"]
answer_12_1 = ...

# %% tags=["check"]
exercises.check("12.1", answer_12_1)

# %% tags=["solution"]
answer_12_1_solution = {
    "A": "no signal: starting weights too small", "B": "overfitting",
    "C": "learning rate too small", "D": "learning rate too large",
}
exercises.check("12.1", answer_12_1_solution)

# %% [markdown]
# ### Exercise 12.2 · Looking ahead with Nesterov (applying, about 5 minutes)
#
# Momentum asks for the gradient where it stands, and is then carried on by the old velocity.
# Nesterov's form (Sutskever and others 2013) asks where the old velocity is about to carry it, at
# $w + \beta v$; everything else is (12.7). You get the gradient as a function: `gradient(w)` is
# $g$ at any $w$.

# %% tags=["exercise"]
def nesterov_step(w, gradient, v, learning_rate, beta):
    """Return (new w, new v), arrays of the shape of w."""
    ...

# %% tags=["check"]
exercises.check("12.2", nesterov_step)

# %% tags=["solution"]
def nesterov_step_solution(w, gradient, v, learning_rate, beta):
    v = beta * v - learning_rate * gradient(w + beta * v)
    return w + v, v


exercises.check("12.2", nesterov_step_solution)

# %% [markdown]
# ### Exercise 12.3 · Inverted dropout (applying, about 6 minutes)
#
# Write dropout by (12.16). `rng.random(shape)` gives uniform random numbers from 0 to 1. Leave `x`
# itself as it is.

# %% tags=["exercise"]
def inverted_dropout(x, rate, training, rng):
    """Return an array of x's shape: in training a share `rate` is 0 and the rest scaled up."""
    ...

# %% tags=["check"]
exercises.check("12.3", inverted_dropout)

# %% tags=["solution"]
def inverted_dropout_solution(x, rate, training, rng):
    if not training:
        return x
    return x * (rng.random(x.shape) >= rate) / (1 - rate)


exercises.check("12.3", inverted_dropout_solution)

# %% [markdown]
# ### Exercise 12.4 · Batch normalisation, both modes (building, about 10 minutes)
#
# Write the whole layer's forward pass: (12.11) to (12.13) in training, the moving averages when
# predicting. `alpha` is the factor of (12.13).

# %% tags=["exercise"]
def batch_norm(x, gamma, beta, moving_mean, moving_variance, training, alpha=0.99, epsilon=1e-3):
    """x (n, features), all else (features,). Return (y, moving mean, moving variance)."""
    ...

# %% tags=["check"]
exercises.check("12.4", batch_norm)

# %% tags=["solution"]
def batch_norm_solution(x, gamma, beta, moving_mean, moving_variance, training,
                        alpha=0.99, epsilon=1e-3):
    mean, variance = moving_mean, moving_variance
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
        moving_mean = alpha * moving_mean + (1 - alpha) * mean
        moving_variance = alpha * moving_variance + (1 - alpha) * variance
    y = gamma * (x - mean) / np.sqrt(variance + epsilon) + beta
    return y, moving_mean, moving_variance


exercises.check("12.4", batch_norm_solution)

# %% [markdown]
# ### Exercise 12.5 · When to stop (building, about 8 minutes)
#
# You get the validation losses of all epochs, as if they came one by one. Training stops after the
# epoch that is the `patience`-th in a row without a loss *lower* than the best so far, or after the
# last. Return the best epoch until then and the epoch after which training stopped, from 0.

# %% tags=["exercise"]
def early_stopping(val_losses, patience):
    """Return (best epoch, last epoch trained), two ints counted from 0."""
    ...

# %% tags=["check"]
exercises.check("12.5", early_stopping)

# %% tags=["solution"]
def early_stopping_solution(val_losses, patience):
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best, epoch


exercises.check("12.5", early_stopping_solution)

# %% [markdown]
# ## What you can now do
#
# - choose starting weights by the activation, and recognise a signal that does not get through
# - write four optimisers, and compare methods with equal tuning, over seeds
# - build batch normalisation and dropout, and not mix up what they are for
# - read learning curves, stop early, and report a difference with its interval, also when it is
#   "no gain"
# - check a network of your own against Keras
#
# **Next:** [20 · Convolution from scratch](20_convolution_from_scratch.ipynb)

# %% [markdown]
# ## Further reading
#
# - He and others (2015) and Glorot and Bengio (2010): short, with the arguments of (12.3) to
#   (12.5).

# %% [markdown]
# ## References
# - Christodoulou et al., 2019, <https://doi.org/10.1016/j.jclinepi.2019.02.004>. A systematic
#   review shows no performance benefit of machine learning over logistic regression for clinical
#   prediction models. J Clin Epidemiol 110:12.
# - Efron, Hastie, Johnstone, Tibshirani, 2004, <https://doi.org/10.1214/009053604000000067>. Least
#   angle regression. Annals of Statistics 32:407 (the data).
# - Glorot, Bengio, AISTATS 2010, <https://proceedings.mlr.press/v9/glorot10a.html>. Understanding
#   the difficulty of training deep feedforward neural networks. PMLR 9:249.
# - He, Zhang, Ren, Sun, ICCV 2015, <https://doi.org/10.1109/ICCV.2015.123>. Delving deep into
#   rectifiers.
# - Ioffe, Szegedy, ICML 2015, <https://arxiv.org/abs/1502.03167>. Batch normalization: accelerating
#   deep network training by reducing internal covariate shift.
# - Kingma, Ba, ICLR 2015, <https://arxiv.org/abs/1412.6980>. Adam: a method for stochastic
#   optimization.
# - Lei et al., JASA 2018;113:1094, <https://doi.org/10.1080/01621459.2017.1307116>.
#   Distribution-free predictive inference for regression.
# - Loshchilov, Hutter, ICLR 2019, <https://arxiv.org/abs/1711.05101>. Decoupled weight decay
#   regularization.
# - Polyak, 1964, <https://doi.org/10.1016/0041-5553(64)90137-5>. Some methods of speeding up the
#   convergence of iteration methods (momentum).
# - scikit-learn, user guide, <https://scikit-learn.org/stable/modules/permutation_importance.html>.
#   Permutation feature importance (the figure of 0.356).
# - Srivastava et al., JMLR 2014;15:1929, <https://www.jmlr.org/papers/v15/srivastava14a.html>.
#   Dropout: a simple way to prevent neural networks from overfitting.
# - Sutskever, Martens, Dahl, Hinton, ICML 2013, <https://dl.acm.org/doi/10.5555/3042817.3043064>.
#   On the importance of initialization and momentum in deep learning.
# - Tieleman, Hinton, Coursera 2012. Neural networks for machine learning, lecture 6.5 (RMSProp).
# - D2, Neural networks in health care: prediction and personalised treatment, section 3.2; D3, AI
#   in medicine: CNN, RNN, GAN in code, section 3.3.3, notes 11 to 16 and 23 to 26.
