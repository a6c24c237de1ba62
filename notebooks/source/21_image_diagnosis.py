# %% [markdown]
# # 21 · Image diagnosis
#
# You will train a network of your own to see pneumonia on chest films, find out how far its answer
# can be trusted, and see where it looked when it was wrong.
#
# | | |
# | --- | --- |
# | **Time** | {reading} to read and do, {running} to run |
# | **Know before** | chapter 10 (sensitivity, calibration, prevalence), chapter 12 (Adam, batch normalisation, early stopping), chapter 20 (convolution, pooling) |
# | **Follows** | D0, sections 4 and 5; D3, section 4.1; D4, section 3.1.2 |
#
# **After this chapter you can**
# - build a VGG-like and a ResNet-like network in Keras, and say what the shortcut is for
# - choose augmentations that anatomy allows, and measure what they are worth
# - choose a network without the test part: by a written rule, on validation or by cross-validation
# - combine networks into an ensemble, fit a temperature, and say what neither can mend
# - set a threshold on validation, read a test result as a clinician does, and draw a Grad-CAM
#   picture without taking it for an explanation

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from medlearn import data, exercises, lesson, metrics, models, plots, tables, widgets

plots.use_course_style()
rng = np.random.default_rng(lesson.seed())

# %% [markdown]
# Keras takes about ten seconds to load.

# %%
keras = lesson.load_keras()
import tensorflow as tf  # noqa: E402  (after load_keras, which quietens its start)

# %% [markdown]
# ## The data
#
# Two sets of pictures, each 28 x 28 pixels: chest films of children, and ultrasound of the breast.
# Both were shrunk so that a laptop can learn from them in a minute.

# %% tags=["card"]
chest = data.load("pneumonia_xray")

# %% tags=["card"]
breast = data.load("breast_ultrasound")

# %%
source = "standin" if chest.is_standin else "real"
train, validation, test = chest.train, chest.validation, chest.test

# %% tags=["figure"]
fig, axes = plt.subplots(4, 8, figsize=(10, 5.4))
for (dataset, label), row in zip([(d, y) for d in (chest, breast) for y in (0, 1)], axes):
    part = dataset.train
    for ax, picture in zip(row, part.x[rng.choice(np.flatnonzero(part.y == label), 8, False)]):
        ax.imshow(picture[..., 0], vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
    row[0].set_ylabel(dataset.class_names[label].replace(" or ", "\nor "), rotation=0, ha="right",
                      va="center")
plots.show(
    fig,
    "Figure 21.1. Eight pictures of each class. Pneumonia clouds the dark lungs. A carcinoma tends "
    "to be ragged and to throw a shadow downwards; a cyst or a fibroadenoma is smooth and oval.",
    "Four rows of eight small pictures: normal chest films with dark lungs, films with pneumonia "
    "with clouded lungs, breast ultrasound with smooth lesions or none, and with ragged dark ones.",
)

# %% [markdown]
# ### Two traps, before any training
#
# **The first: prevalence.** Three films in four of the training part show pneumonia, but five in
# eight of the test part. Somebody who calls *every* film ill scores this:

# %%
for name, part in {"train": train, "validation": validation, "test": test}.items():
    print(f"{name:10}  {len(part.y):5} films, pneumonia {part.y.mean():.1%}: "
          f"accuracy of 'all ill' {np.mean(part.y == 1):.1%}, specificity 0 %")
assert train.y.mean() - test.y.mean() > 0.1

# %% [markdown]
# So accuracy says little, and a probability learned at one prevalence is too high at another.
#
# **The second: twins.** Nobody knows which ultrasound images are of the same woman. Let us look for
# pictures that are nearly the same: the correlation of the pixels of each test picture with each
# training picture, after subtracting each picture's mean.

# %%
def closest(pictures, others):
    """Largest correlation of each picture with any of the others, and which one it is."""
    flat = [p.reshape(len(p), -1) - p.mean(axis=(1, 2, 3))[:, np.newaxis] for p in
            (pictures, others)]
    unit = [p / np.linalg.norm(p, axis=1, keepdims=True) for p in flat]
    correlation = unit[0] @ unit[1].T
    return correlation.max(axis=1), correlation.argmax(axis=1)


likeness, partner = closest(breast.test.x, breast.train.x)
twin = likeness > 0.98
other_label = breast.test.y[twin] != breast.train.y[partner[twin]]
twins = {}
for dataset in (breast, chest):
    for part in ("validation", "test"):
        r = closest(getattr(dataset, part).x, dataset.train.x)[0]
        twins[dataset.name, part] = np.sum(r > 0.98)
        print(f"{dataset.name}, {part}: {twins[dataset.name, part]} of {len(r)} have a near twin "
              "in training (r > 0.98)")
print(f"breast test pictures whose twin has the other diagnosis: {other_label.sum()}")
if source == "real":
    assert twin.sum() > 30 and twins[breast.name, "validation"] > 15
    assert twins[chest.name, "validation"] > 0 and other_label.any()
else:  # no recipe draws a lesion twice; simulated chests are much alike
    assert twin.sum() == twins[breast.name, "validation"] == 0

# %% tags=["figure"]
shown = np.argsort(likeness)[::-1][[0, 5, 10, 20, 30, 40]]
fig, axes = plt.subplots(2, 6, figsize=(9, 3.4))
for column, k in zip(axes.T, shown):
    pair = (breast.test.x[k], breast.train.x[partner[k]])
    labels = (breast.test.y[k], breast.train.y[partner[k]])
    for ax, picture, label in zip(column, pair, labels):
        ax.imshow(picture[..., 0], vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[], xlabel="malignant" if label else "not malignant")
    column[0].set_title(f"r = {likeness[k]:.3f}", fontsize=10)
axes[0, 0].set_ylabel("test")
axes[1, 0].set_ylabel("training")
plots.show(
    fig,
    "Figure 21.2. Six test pictures of the breast (above) and the most similar training picture "
    "(below). In the real data many pairs are the same lesion, seen again.",
    "Two rows of six ultrasound pictures; each pair above and below looks nearly the same in the "
    "real data. Under each picture stands its class.",
)

# %% [markdown]
# Readers of the source found the same (Pawłowska and others 2023). A network can recognise such a
# test picture *by heart*. We cannot split anew without knowing the women, but we can count later
# without the twins. The validation parts leak as well, and we choose on them. And no twin does not
# mean no shared child: two films of one child need not look alike pixel by pixel.

# %% [markdown]
# ## The idea: from one convolution to a diagnosis
#
# A convolution slides a small window over the picture and gives a **feature map**: bright where the
# window's pattern occurs (chapter 20). Several layers find patterns of patterns. Pooling makes maps
# smaller, so that the next window sees more of the picture. At the end the maps become one number,
# the **logit** $z$, the log odds of the disease. Its probability is
#
# $$ p = \sigma(z) = \frac{1}{1 + e^{-z}} \tag{21.1} $$
#
# Where does a network of D0's kind stand? Here it is, as printed in D0, section 4. Two numbers are
# not: the shape of the picture and the number of classes, which are those of our task.

# %%
def d0_network(input_shape=(28, 28, 1), classes=2):
    layers = keras.layers
    return keras.Sequential([
        keras.Input(input_shape),
        layers.Conv2D(32, (3, 3), activation="relu"), layers.MaxPooling2D((2, 2)),
        layers.Conv2D(64, (3, 3), activation="relu"), layers.MaxPooling2D((2, 2)),
        layers.Conv2D(64, (3, 3), activation="relu"), layers.Flatten(),
        layers.Dense(64, activation="relu"), layers.Dense(classes, activation="softmax"),
    ])


for shape, classes in [((32, 32, 3), 10), ((28, 28, 1), 2)]:
    network = d0_network(shape, classes)
    print(shape, "->", network.output_shape[1:], f"{network.count_params():,} weights")

# %% [markdown] tags=["erratum"]
# ### Erratum, D0 section 4: no medical image, no validation, one number
#
# D0 promises diagnosis from medical images and then trains on CIFAR-10: photographs of aeroplanes,
# frogs and lorries. No claim about patients can follow. (D3, section 4.1, has 28 x 28 x 1 pixels
# and ten classes: the shape of MNIST, handwritten digits.) The text counts two convolution layers,
# the program has three. There is no validation part, so nothing can be chosen honestly, and the
# only result is accuracy. Below: the layers counted, and what accuracy hides when this network sees
# chest films.

# %% tags=["erratum"]
kinds = [type(layer).__name__ for layer in d0_network().layers]
print("Convolution layers:", kinds.count("Conv2D"))
assert kinds.count("Conv2D") == 3

# %% [markdown]
# Training takes a while, so this lesson trains *one* network live: its main model. What it is
# compared with was trained beforehand, by one command, and lies in a **stored table**: the run,
# its seed, the figures on validation and test.

# %%
table = tables.load_table("image_diagnosis", source)
runs = pd.json_normalize(table["runs"])
print(table["command"])
for day, versions in sorted({(run["date"], str(run["versions"])) for run in table["runs"]}):
    print("runs of", day, "with", versions)
print(runs.groupby(["data", "variant"], sort=False).size().unstack(0).to_string())

# %%
def of(dataset, variant):
    return runs[(runs.data == dataset.name) & (runs.variant == variant)]


d0_runs = of(chest, "D0's network")
d0_runs[["seed", "test.accuracy", "test.sensitivity", "test.specificity", "test.auc"]].round(3)

# %%
print(f"D0's network, chest films: accuracy {d0_runs['test.accuracy'].mean():.2f}, "
      f"sensitivity {d0_runs['test.sensitivity'].mean():.2f}, "
      f"specificity {d0_runs['test.specificity'].mean():.2f}")
gap = d0_runs["test.sensitivity"] - d0_runs["test.specificity"]
assert source == "standin" or (gap > 0.05).all()

# %% [markdown]
# One accuracy, two very different halves: the network finds the ill and calls many of the well ill
# too. A child called ill without being so may get antibiotics for nothing. (So may one rightly
# called ill: the label holds viral pneumonia too.) Accuracy does not say it.

# %% [markdown]
# ## The idea: deeper, but able to learn
#
# **VGG** (Simonyan and Zisserman 2015) stacks *pairs of 3x3 convolutions*. Two of them see 5x5
# pixels, with 18 weights a channel instead of 25, and a bend (ReLU) in between.
#
# **ResNet** (He and others 2016) adds a *shortcut*. With $F$ for the two convolutions of a block,
# $x$ for its input and $y$ for its output (all of the same shape):
#
# $$ y = \mathrm{ReLU}(x + F(x)) \tag{21.2} $$
#
# Where the ReLU is open, the slope of $y$ for $x$ is
#
# $$ \frac{\partial y}{\partial x} = 1 + \frac{\partial F}{\partial x} \tag{21.3} $$
#
# (for one number). The 1 lets the gradient through even where $F$ is still worth nothing: chapter
# 12's trouble with depth, eased by an addition. Where a block changes the shape, $x$ cannot be
# added as it is: a 1x1 convolution $W$ brings it to shape, $y = \mathrm{ReLU}(Wx + F(x))$, and the
# 1 becomes $W$, a short learned way round the block. In our small network *all three* blocks are of
# this kind; deep ResNets have mostly plain ones.
#
# Both networks have batch normalisation after each
# convolution, and at the end **global average pooling**: each feature map becomes its mean.

# %%
def convolution(x, filters, strides=1, kernel_size=3, activation="relu"):
    x = keras.layers.Conv2D(filters, kernel_size, strides=strides, padding="same", use_bias=False,
                            kernel_initializer="he_normal")(x)
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    return keras.layers.Activation(activation)(x) if activation else x


def finish(pictures, x, dropout=0.2):
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(pictures, keras.layers.Dense(1, name="logit")(x))


def vgg_like(augment=None, filters=(16, 32, 64)):
    pictures = keras.Input((28, 28, 1))
    x = augment(pictures) if augment is not None else pictures
    for stage, count in enumerate(filters):
        if stage > 0:
            x = keras.layers.MaxPooling2D()(x)
        x = convolution(convolution(x, count), count)
    return finish(pictures, x)

# %%
def resnet_like(augment=None, filters=(16, 32, 64), strides=(2, 2, 1)):
    pictures = keras.Input((28, 28, 1))
    x = augment(pictures) if augment is not None else pictures
    x = convolution(x, filters[0])
    for count, stride in zip(filters, strides):
        shortcut = x
        x = convolution(x, count, stride)
        x = convolution(x, count, activation=None)
        if shortcut.shape != x.shape:  # a 1x1 convolution brings the input to the block's shape
            shortcut = convolution(shortcut, count, stride, kernel_size=1, activation=None)
        x = keras.layers.Activation("relu")(keras.layers.Add()([x, shortcut]))
    return finish(pictures, x)

# %% [markdown]
# The same builders stand in `medlearn.models`, for later chapters. With the same weights they must
# give the same logits:

# %%
for ours, packaged in [(vgg_like(), models.vgg_like()), (resnet_like(), models.resnet_like())]:
    packaged.set_weights(ours.get_weights())
    difference = np.abs(models.logits(ours, test.x[:50]) - models.logits(packaged, test.x[:50]))
    print(f"{packaged.name}: {ours.count_params():,} weights, largest difference "
          f"{difference.max():.1e}")
    assert difference.max() < 1e-4 and ours.count_params() <= 150_000

# %% [markdown]
# ## The idea: augmentation that anatomy allows
#
# Few pictures? **Augmentation** shows the network altered copies, drawn anew each time. But a copy
# teaches only what is true of it. So ask of each change: *could this be another patient's picture
# with the same diagnosis?*
#
# | change | chest film | breast ultrasound |
# | --- | --- | --- |
# | shift, small turn, zoom | yes: children never lie quite the same | yes: nor is the probe held so |
# | brighter, darker, more contrast | yes: exposure varies | yes: so does the machine's gain |
# | left to right | no: the heart is on the left | yes: there are two breasts, and two ways to hold a probe |
# | upside down | no: nobody's diaphragm is at the neck | no: skin is on top, and shadows fall down |
#
# D0, section 5, recommends flips and rotations without asking. (What a mirrored chest film does is
# not measured here.) These are the settings of this lesson. Epochs and learning rates were tried
# out on the validation parts, with one to three seeds. How network and augmentation were chosen
# comes next.

# %%
SETTINGS = {
    "pneumonia_xray": {
        "network": "vgg_like", "epochs": 12, "batch_size": 64, "learning_rate": 0.003,
        "augmentation": {"shift": 0.08, "rotation": 7, "zoom": 0.1,
                         "contrast": 0.2, "brightness": 0.1},
        "mirrored": False,
    },
    "breast_ultrasound": {
        "network": "resnet_like", "epochs": 60, "batch_size": 64, "learning_rate": 0.006,
        "augmentation": {"shift": 0.15, "rotation": 15, "zoom": 0.2,
                         "contrast": 0.4, "brightness": 0.2, "mirror": True},
        "mirrored": True,
    },
}
assert table["settings"] == SETTINGS, "the stored table belongs to other settings"

# %% tags=["figure"]
keras.utils.set_random_seed(lesson.seed())
fig, axes = plt.subplots(2, 8, figsize=(11, 3.4))
for row, dataset in zip(axes, (chest, breast)):
    layer = models.augmentation(**SETTINGS[dataset.name]["augmentation"])
    picture = dataset.train.x[np.flatnonzero(dataset.train.y == 1)[:1]]
    copies = np.asarray(layer(np.repeat(picture, 6, axis=0), training=True))
    titles = ["original"] + ["yes"] * 6 + ["NO"]
    for ax, each, title in zip(row, [picture[0], *copies, picture[0, ::-1]], titles):
        ax.imshow(each[..., 0], vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[], title=title)
axes[0, 0].set_ylabel("chest")
axes[1, 0].set_ylabel("breast")
plots.show(
    fig,
    "Figure 21.3. A picture, six altered copies as the network sees them in training (a little "
    "blurred, for shifting by parts of a pixel mixes neighbours), and one that no patient can "
    "give: upside down.",
    "Two rows of eight pictures: the original, six copies shifted, turned, zoomed, brightened or "
    "darkened (the breast also mirrored), and the picture upside down under the word NO.",
)

# %% [markdown]
# ### What is it worth? The chest films
#
# Each point is a network from the stored table, with its own seed. (The table of the stand-in holds
# the main network and D0's alone.)

# %%
MAIN = {name: {"vgg_like": "VGG-like", "resnet_like": "ResNet-like"}[settings["network"]]
        for name, settings in SETTINGS.items()}
LABELS = {"D0's network": "D0's network: none", "no augmentation": "ResNet-like: none",
          "grey values alone": "ResNet-like: grey values",
          "geometry alone": "ResNet-like: geometry", "ResNet-like": "ResNet-like: both",
          "upside down too": "ResNet-like: both + upside down", "VGG-like": "VGG-like: both"}
LABELS = {variant: label for variant, label in LABELS.items() if len(of(chest, variant))}


def strip(ax, dataset, labels, column="test.auc"):
    for place, variant in enumerate(labels):
        values = of(dataset, variant)[column]
        if values.empty:
            continue
        marker, colour = ("D", "orange") if variant == MAIN[dataset.name] else ("o", "blue")
        ax.plot(values, np.full(len(values), -place), marker, alpha=0.6,
                color=plots.COLOURS[colour])
        ax.plot(values.mean(), -place, "|", color="black", markersize=16, markeredgewidth=2)
    ax.set_yticks(-np.arange(len(labels)), labels.values())
    ax.set_ylim(0.5 - len(labels), 0.5)

# %% tags=["figure"]
fig, axes = plt.subplots(1, 2, figsize=(10, 3.2), sharey=True)
for ax, column in zip(axes, ("validation.loss", "test.auc")):
    strip(ax, chest, LABELS, column)
axes[0].set(xlabel="cross-entropy, validation part", title="lower is better")
axes[1].set(xlabel="AUC on the test part", title="higher is better")
plots.show(
    fig,
    "Figure 21.4. Chest films: what augmentation is worth, by validation and by test. A point is a "
    "seed (diamonds: the main network), the line their mean.",
    "Two panels with seven rows of points: D0's network, the ResNet-like one with none, grey "
    "values, geometry, both, both and upside down, and the VGG-like one. On the left the VGG-like "
    "one has the lowest mean validation loss; on the right geometry and both have a high test AUC.",
)

# %% [markdown]
# ### Choose before you test
#
# The rule: **of the variants that anatomy allows, the one with the lowest validation cross-entropy,
# mean over its seeds**. Not the test AUC: who chooses by test has no test left. Not the validation
# AUC: it is near 1 for all, and sees no confidence. (To be honest: some of these runs, test figures
# included, were known when the rule was written. It uses none of them, but it was no blind choice.)

# %%
SHOWN = {"validation.loss": "validation loss", "validation.auc": "validation AUC",
         "test.auc": "test AUC"}
worth = pd.DataFrame({shown: [of(chest, variant)[column].mean() for variant in LABELS]
                      for column, shown in SHOWN.items()}, index=LABELS)
if source == "real":
    allowed = worth.drop("upside down too")
    assert allowed["validation loss"].idxmin() == MAIN[chest.name]
worth.rename(LABELS).round(3)

# %%
if source == "real":
    gain = worth.loc["ResNet-like"] - worth.loc["no augmentation"]
    lost = worth.loc["ResNet-like"] - worth.loc["upside down too"]
    print(f"ResNet-like, AUC gained by augmentation: validation {gain['validation AUC']:+.3f}, "
          f"test {gain['test AUC']:+.3f}; lost again by upside down, on test: "
          f"{lost['test AUC']:.3f}")
    assert gain["test AUC"] > 0.005 > abs(gain["validation AUC"]) and lost["test AUC"] > 0
    assert abs(worth.loc["ResNet-like", "test AUC"] - worth.loc["VGG-like", "test AUC"]) < 0.01

# %% [markdown]
# So the VGG-like network is the main one. Now read validation and test side by side. On the real
# films augmentation seems worth nothing by validation, and is worth one to two hundredths of AUC on
# test; the geometry brings it. The validation films were cut from the training films, a few are
# training films over again, so they cannot show what helps with *other* films. Nor did they tell
# the networks apart for those: by test AUC the ResNet-like one would have done as well. And copies
# that are untrue take part of the gain away.

# %% [markdown]
# ### Choose before you test: the breasts, by cross-validation
#
# The validation part of the breasts is too small to choose by. So all pictures outside the test
# part were cut into thirds, twice. Each recipe learned on two thirds and was scored on the last;
# near twins stayed in one third. ("Strong" is about twice the change of the chest films' settings.)
#
# Each training was read in six ways. The weights: of the best epoch, of the last one, or the mean of
# the last quarter of epochs. And the picture: alone, or **mirrored too**, which means the mean of
# the logits of a picture and of its mirror image. If a mirrored copy may be learned from, it may be
# asked about as well.

# %%
y = breast.validation.y
print(f"Breast, validation part: {y.sum()} malignant of {len(y)}")
compared = tables.load_table("image_recipes", "real")  # chosen on the real pictures, once for all
print(compared["command"])
trials = pd.json_normalize(compared["runs"], "readings", ["recipe", "repeat", "fold"])
readings = trials.groupby(["kept", "mirrored"])[["loss", "auc"]].mean()
readings.round(3)

# %% [markdown]
# Here the rule was written before the runs: first the reading with the lowest cross-entropy on held-out
# pictures, over all recipes. Then, read so, the recipe with the lowest.

# %%
kept, mirrored = readings["loss"].idxmin()
recipes = trials[(trials.kept == kept) & (trials.mirrored == mirrored)]
recipes = recipes.groupby("recipe")[["loss", "auc"]].mean().sort_values("loss")
settings = SETTINGS[breast.name]
winner = compared["settings"]["recipes"][recipes.index[0]]
assert (kept, mirrored) == ("best", settings["mirrored"])
assert all(winner[key] == settings[key] for key in ("network", "epochs", "augmentation"))
recipes.round(3)

# %%
by_epoch = readings["loss"].unstack("mirrored")
assert (by_epoch[True] < by_epoch[False]).all()
assert by_epoch.loc["best"].max() < by_epoch.loc["last"].min()
assert (readings["auc"]["last"] > readings["auc"]["best"]).all()
loss = recipes["loss"]
assert loss["ResNet-like, none"] > loss["ResNet-like"] > loss["ResNet-like, strong"]
alone = trials[(trials.kept == "best") & ~trials.mirrored].groupby("recipe")["loss"].mean()
print(f"ResNet-like, strong: mirror image too changes the loss by "
      f"{loss['ResNet-like, strong'] - alone['ResNet-like, strong']:+.4f}; "
      f"mean over all recipes {np.mean(loss - alone):+.4f}")
between_networks = abs(loss["VGG-like, strong"] - loss["ResNet-like, strong"])
assert between_networks < 0.1 * (loss["ResNet-like, none"] - loss["ResNet-like, strong"])

# %% [markdown]
# Three things pay on pictures that no network has learned from:
# - **Keep the best epoch.** With so few pictures a network soon knows them by heart. The last epoch
#   even ranks better (a higher AUC), but it is far too sure of itself, and the loss counts that.
# - **Augment, and strongly**: copies are harder to learn by heart. It pays most by far.
# - **Ask the mirror image too.** Two views of one lesion, two errors that partly cancel. It costs no
#   training, and gains little where training was strongly augmented.
#
# Which of the two networks it is hardly matters; the rule has to decide.

# %% [markdown]
# ## The idea: train, and keep the best epoch
#
# Chapter 12's tools, and one new: a **learning-rate schedule**. The rate rises to
# $\eta_\text{max}$ over the first tenth of the steps, so that the first, wild gradients do no harm.
# Then it falls along half a cosine to nearly zero (Loshchilov and Hutter 2017), so that the last
# steps settle. With $t$ the share of the fall that is done, from 0 to 1:
#
# $$ \eta = \tfrac{1}{2} \, \eta_\text{max} \, (1 + \cos \pi t) \tag{21.4} $$
#
# `models.train_classifier` does that with Adam, and at the end goes back to the epoch with the
# lowest *validation* loss. (The fall stops at one hundredth of $\eta_\text{max}$.) About half a
# minute on two cores; the only long cell of this lesson.

# %%
settings = SETTINGS[chest.name]
keras.utils.set_random_seed(lesson.seed())
model = vgg_like(augment=models.augmentation(**settings["augmentation"]))
history = models.train_classifier(
    model, train, validation, settings["epochs"], settings["learning_rate"],
    settings["batch_size"], on_epoch=plots.training_progress(settings["epochs"], "VGG-like"))
best_epoch = int(np.argmin(history["val_loss"])) + 1
print(f"Best epoch: {best_epoch} of {settings['epochs']}")

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(7, 3.2))
epochs = range(1, len(history["loss"]) + 1)
ax.plot(epochs, history["loss"], marker="o", label="training (with augmentation)")
ax.plot(epochs, history["val_loss"], marker="s", label="validation")
ax.axvline(best_epoch, color=plots.COLOURS["grey"], linewidth=1)
ax.set(xlabel="epoch", ylabel="binary cross-entropy", ylim=(0, min(1, ax.get_ylim()[1])))
ax.legend()
plots.show(
    fig,
    "Figure 21.5. Loss of the main model; the vertical line marks the epoch that is kept. "
    "The training loss is the harder task: it sees altered copies, with dropout.",
    "Two falling curves over the epochs; the validation curve jumps at first and settles as the "
    "learning rate falls.",
)

# %%
z_validation = models.logits(model, validation.x)
print(f"Validation AUC {metrics.roc_auc(validation.y, z_validation):.3f}, "
      f"loss {min(history['val_loss']):.3f}")
prevalence_loss = -np.mean(np.log(np.where(validation.y == 1, train.y.mean(), 1 - train.y.mean())))
print(f"Loss when everybody gets the training prevalence: {prevalence_loss:.3f}")
assert min(history["val_loss"]) < 0.75 * prevalence_loss

# %% [markdown]
# ## The idea: ask several networks
#
# Networks with different seeds make different mistakes. A **deep ensemble** (Lakshminarayanan and
# others 2017) averages their probabilities. With $K$ networks and their logits $z_k$:
#
# $$ p = \frac{1}{K} \sum_{k=1}^{K} \sigma(z_k) \tag{21.5} $$
#
# The ten main networks of the table kept their logits for this.

# %%
def stored_logits(dataset, part):
    """Logits of the main networks, shape (networks, pictures)."""
    rows = [run for run in table["runs"]
            if run["data"] == dataset.name and run["variant"] == MAIN[dataset.name]]
    return np.array([run[f"{part}_logits"] for run in rows])


def cross_entropy(y, p):
    return -np.mean(np.log(np.clip(np.where(y == 1, p, 1 - p), 1e-9, 1)))


rows = []
for dataset in (chest, breast):
    y, each = dataset.test.y, expit(stored_logits(dataset, "test"))
    together = each.mean(axis=0)
    rows.append({
        "data": dataset.name, "networks": len(each),
        "AUC, mean of single": np.mean([metrics.roc_auc(y, p) for p in each]),
        "AUC, ensemble": metrics.roc_auc(y, together),
        "loss, mean of single": np.mean([cross_entropy(y, p) for p in each]),
        "loss, ensemble": cross_entropy(y, together)})
    assert rows[-1]["loss, ensemble"] < rows[-1]["loss, mean of single"]
pd.DataFrame(rows).set_index("data").round(3)

# %% [markdown]
# The ensemble's loss is *always* at most the mean of the single losses: the logarithm bends that
# way (Jensen's inequality). How much it gains must be measured. It costs ten trainings.

# %% [markdown]
# ## The idea: a temperature for honest probabilities
#
# A network may rank well and still be too sure of itself. **Temperature scaling** (Guo and others
# 2017) divides every logit by one number $T$ before the sigmoid:
#
# $$ p = \sigma(z / T) \tag{21.6} $$
#
# $T$ above 1 pulls all probabilities towards one half. The order of the patients, and so the AUC,
# stays. $T$ is fitted to the *validation* part by the lowest cross-entropy, one number for all.

# %%
temperatures = np.exp(np.linspace(-1.5, 1.5, 301))
losses = [cross_entropy(validation.y, expit(z_validation / t)) for t in temperatures]
T = temperatures[int(np.argmin(losses))]
print(f"T = {T:.2f} by trying 301 values, {models.fit_temperature(validation.y, z_validation):.2f} "
      "by medlearn.models")
assert abs(T / models.fit_temperature(validation.y, z_validation) - 1) < 0.02

# %% [markdown]
# ## The result
#
# Network, epoch, temperature and threshold are chosen without the test part. The stored tables have
# already shown test figures, so this is no first look at the test films; nothing was changed for
# them. Beside our network: calling everybody ill, a
# logistic regression on the pixels, and the published ResNet-18 for the same files at 28 pixels,
# trained in its own way (Yang and others 2023): AUC 0.944 and accuracy 0.854 on the chest films,
# 0.901 and 0.863 on the
# breasts. It has about 11 million weights.

# %%
def flat(part):
    return part.x.reshape(len(part.x), -1)


def logistic_regression(dataset):
    """Fitted on training pixels; its strength of the penalty chosen on validation."""
    fits = [LogisticRegression(C=c, max_iter=500).fit(flat(dataset.train), dataset.train.y)
            for c in (0.001, 0.01, 0.1)]
    return max(fits, key=lambda fit: metrics.roc_auc(
        dataset.validation.y, fit.decision_function(flat(dataset.validation))))


linear = {dataset.name: logistic_regression(dataset) for dataset in (chest, breast)}
z_test = models.logits(model, test.x)
z_linear = linear[chest.name].decision_function(flat(test))
for name, z in {"logistic regression": z_linear, "our network, live": z_test}.items():
    print(f"{name:20} AUC {metrics.delong_interval(test.y, z)}")

# %%
PUBLISHED = {chest.name: 0.944, breast.name: 0.901}
main_auc = of(chest, MAIN[chest.name])["test.auc"]
low, high = tables.prediction_interval(main_auc)
live_auc = metrics.roc_auc(test.y, z_test)
print(f"Live {live_auc:.3f}; ten seeds {main_auc.mean():.3f} (SD {main_auc.std(ddof=1):.3f}), "
      f"99.9 % prediction interval {low:.3f} to {high:.3f}")
assert low <= live_auc <= high and len(main_auc) >= 10
assert round(model.count_params(), -3) == 73_000

# %% [markdown]
# (With the default seed the live run repeats the table's first run; set MEDLEARN_SEED to 10 or more
# for a new one.)

# %%
NETWORKS = {name: name for name in ("D0's network", "ResNet-like", "VGG-like")
            if name in set(runs.variant)}
rows = {}
for dataset in (chest, breast):
    y, scores = dataset.test.y, linear[dataset.name].decision_function(flat(dataset.test))
    rows["logistic regression", dataset.name] = [metrics.roc_auc(y, scores), np.nan, 1]
    for variant in NETWORKS:
        values = of(dataset, variant)["test.auc"]
        if values.empty:  # on the breasts the other network was compared by cross-validation
            continue
        spread = values.std(ddof=1) if len(values) >= 5 else np.nan
        rows[variant, dataset.name] = [values.mean(), spread, len(values)]
    rows["ResNet-18, published", dataset.name] = [PUBLISHED[dataset.name], np.nan, np.nan]
summary = pd.DataFrame(rows, index=["AUC", "SD over seeds", "runs"]).T
summary.unstack(1).reindex(summary.index.unique(0)).round(3)

# %% tags=["figure"]
fig, axes = plt.subplots(1, 2, figsize=(10, 2.8), sharey=True)
for ax, dataset, title in zip(axes, (chest, breast), ("chest films", "breast ultrasound")):
    strip(ax, dataset, NETWORKS)
    scores = linear[dataset.name].decision_function(flat(dataset.test))
    ax.axvline(metrics.roc_auc(dataset.test.y, scores), color="black", linestyle=":",
               label="logistic regression")
    ax.axvline(PUBLISHED[dataset.name], color=plots.COLOURS["red"], linestyle="--",
               label="ResNet-18, published (real data)")
    ax.set(xlabel="AUC on the test part", title=title)
axes[0].legend(loc="upper center", bbox_to_anchor=(1.0, -0.3), ncols=2, fontsize=9)
plots.show(
    fig,
    "Figure 21.6. Networks and marks to beat; a point is one seed (diamonds: the main network), "
    "the short line their mean. A row without points was not run.",
    "Two panels, chest and breast, with the test AUC of the networks as points, a dotted line "
    "for logistic regression and a dashed one for the published network.",
)

# %% [markdown]
# ### Without the twins
#
# And the breasts without the test pictures that have a near twin in training?

# %%
if breast.is_standin:
    print("The stand-in has no twins.")
else:
    every, without = ([metrics.roc_auc(breast.test.y[keep], z[keep])
                       for z in stored_logits(breast, "test")] for keep in (twin >= 0, ~twin))
    print(f"All {len(twin)} test pictures: AUC {np.mean(every):.3f}; "
          f"the {np.sum(~twin)} without a twin: {np.mean(without):.3f}")
    print(f"Malignant among those with a twin {breast.test.y[twin].mean():.0%}, "
          f"without {breast.test.y[~twin].mean():.0%}")
ensemble = expit(stored_logits(breast, "test")).mean(axis=0)
interval = metrics.delong_interval(breast.test.y, ensemble)
print(f"Ensemble, all test pictures: AUC {interval}; carcinomas {breast.test.y.sum()}")
if source == "real":
    assert summary.loc[(MAIN[breast.name], breast.name), "AUC"] < PUBLISHED[breast.name]
    assert interval.low < PUBLISHED[breast.name] < interval.high

# %% [markdown]
# A leak is expected to flatter. Here (real data) the AUC is if anything higher without the twins,
# but few of the twins are carcinomas, and some pairs carry both diagnoses: the difference means
# nothing. The leak is proved, its size is not; only a split by woman could tell. How to read the
# rest:
# - **Chest films (real).** By AUC a network of some 73,000 weights does better than the published
#   one with over a hundred times as many. At a threshold of one half its accuracy may be lower; the
#   next section shows why accuracy is a poor judge. D0's network comes near the published figure.
#   Between it and ours lie architecture, schedule, choice of epoch and augmentation, all at once.
# - **Breasts (real).** On average a single network stays *below* the published figure. We had aimed
#   at 0.90, and missed it; the recipe was chosen without the test part, so it stays as it is. The
#   ensemble comes level, and its interval is wide: few carcinomas in the test part. Differences of a
#   hundredth or two say nothing here.
# - **The spread over seeds** is luck of the start and the order alone; the test part's own error
#   comes on top. A single run that beats another by less is no news.

# %% [markdown]
# ## Reading it as a clinician
#
# ### A threshold of one half is nobody's choice
#
# At $p \ge 0.5$ our network does this on the test films:

# %%
def at_threshold(y, z, threshold):
    found = metrics.confusion_table(y, (z >= threshold).astype(int))
    interval = [metrics.wilson_interval(hits, count) for hits, count in
                ((found.tp, found.tp + found.fn), (found.tn, found.tn + found.fp))]
    return found, f"sensitivity {interval[0]}, specificity {interval[1]}"


half, words = at_threshold(test.y, z_test, 0)
print(f"Accuracy {half.accuracy:.3f} (published ResNet-18: 0.854): {words}")
assert half.sensitivity > half.specificity

# %% [markdown]
# It finds nearly all the ill, and calls many of the well ill. So set the threshold by what it is
# for, on the **validation** part: the highest sensitivity at a specificity of 95 %.

# %%
WANTED = 0.95
chosen = metrics.sensitivity_at_specificity(validation.y, z_validation, WANTED)
print(f"On validation: {chosen}; that is a logit, p = {expit(chosen.threshold):.2f}")
cut, words = at_threshold(test.y, z_test, chosen.threshold)
print("On test:      ", words)
cuts = [metrics.sensitivity_at_specificity(validation.y, z, WANTED).threshold
        for z in stored_logits(chest, "validation")]
kept = [np.mean(z[test.y == 0] < each) for z, each in zip(stored_logits(chest, "test"), cuts)]
print(f"Specificity on test of the ten stored networks: {min(kept):.2f} to {max(kept):.2f}")
assert source == "standin" or max(cut.specificity, *kept) < WANTED - 0.05

# %% [markdown]
# The wanted specificity holds on validation. On the real test films it is far lower, for each of
# the ten networks. Specificity does not depend on prevalence, only on who the well are; so the
# films themselves differ. They came in another batch; and validation shares films, and probably children,
# with training, so it flatters. It is a small picture of what happens when a model moves to the
# next hospital: **check the threshold where it is to be used**, on patients from there.
#
# ### Breasts: sensitivity is for *malignant*
#
# A missed carcinoma costs more than a needless biopsy, so here the threshold is set for a
# *sensitivity* of at least 90 % on validation, with the ensemble.

# %%
p_breast = expit(stored_logits(breast, "validation")).mean(axis=0)
ill = np.sort(p_breast[breast.validation.y == 1])
biopsy_from = ill[int(np.floor(0.1 * len(ill)))]
biopsy, words = at_threshold(breast.test.y, ensemble, biopsy_from)
print(f"Biopsy from p = {biopsy_from:.2f}, on test: {words}")
print(f"{biopsy.fn} of {biopsy.tp + biopsy.fn} carcinomas missed, {biopsy.fp} needless biopsies")

# %% [markdown]
# ### Predictive values at a prevalence you would meet
#
# Nobody's clinic has 62 % pneumonia. In an emergency department, 16 % of the children and young
# people whose chest was filmed for suspected pneumonia had it, certain or possible, on the film
# (Neuman and others 2011). The others there cough and wheeze; ours are normal films. So the
# specificity, and with it the true PPV, is probably lower still.

# %%
CLINIC = 0.16
for name, prevalence in {"test part": test.y.mean(), "emergency department": CLINIC}.items():
    values = metrics.predictive_values(cut.sensitivity, cut.specificity, prevalence)
    print(f"{name:21} prevalence {prevalence:.1%}: {values}")
assert metrics.predictive_values(cut.sensitivity, cut.specificity, CLINIC).ppv < cut.ppv

# %% [markdown]
# ### Can the probabilities be taken at their word?

# %%
def log_odds(p):
    return np.log(p / (1 - p))


print(f"Intercept to expect from the fallen prevalence alone: "
      f"{log_odds(test.y.mean()) - log_odds(train.y.mean()):.2f}")
for name, p in {"as it comes": expit(z_test), f"temperature {T:.2f}": expit(z_test / T)}.items():
    line = metrics.calibration_slope_intercept(test.y, np.clip(p, 1e-6, 1 - 1e-6))
    print(f"{name:16} loss {cross_entropy(test.y, p):.3f}, "
          f"Brier {metrics.brier_score(test.y, p):.3f}; {line}")

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(5, 4.4))
ax.plot([0, 1], [0, 1], color=plots.COLOURS["grey"], linestyle="-", linewidth=1)
for name, p, marker in [("as it comes", expit(z_test), "o"),
                        (f"temperature {T:.2f}", expit(z_test / T), "s")]:
    curve = metrics.calibration_curve(test.y, p, bins=6)
    ax.errorbar(curve.predicted, curve.observed, marker=marker, capsize=3, label=name,
                yerr=[curve.observed - curve.low, curve.high - curve.observed])
ax.set(xlabel="predicted probability of pneumonia", ylabel="share with pneumonia")
ax.legend()
plots.show(
    fig,
    "Figure 21.7. Calibration on the test films, in sixths, with 95 % intervals. A point below the "
    "diagonal: the network promises more pneumonia than there is.",
    "Two curves of observed share against predicted probability with error bars, near the diagonal "
    "at the ends and, in the real data, below it in the middle.",
)

# %% [markdown]
# An intercept below 0 says that risks are too high on average. Part of it is the fallen prevalence;
# on the real films it is far lower than that explains, as the films themselves differ. What does a
# temperature do about it? Ask all ten stored networks, on both sets:

# %%
rows = {}
for dataset in (chest, breast):
    pairs = list(zip(stored_logits(dataset, "validation"), stored_logits(dataset, "test")))
    fitted = [models.fit_temperature(dataset.validation.y, z) for z, _ in pairs]
    before = np.mean([cross_entropy(dataset.test.y, expit(z)) for _, z in pairs])
    after = np.mean([cross_entropy(dataset.test.y, expit(z / each))
                     for (_, z), each in zip(pairs, fitted)])
    rows[dataset.name] = {"lowest T": min(fitted), "middle T": np.median(fitted),
                          "highest T": max(fitted), "test loss before": before, "test loss after": after}
tempered = pd.DataFrame(rows).T
change = tempered["test loss after"] - tempered["test loss before"]
if source == "real":
    assert tempered.loc[chest.name, "highest T"] < 1 and change[chest.name] > 0.01
    assert abs(tempered.loc[breast.name, "middle T"] - 1) < 0.1 and abs(change[breast.name]) < 0.01
tempered.round(3)

# %% [markdown]
# Read the real data. On the breasts $T$ lies about 1 and the test loss hardly moves: the epoch was
# kept by its validation loss, which leaves little to mend. On the chest films it does *harm*. On
# validation the networks are too timid (training on altered pictures may be why), so a $T$ below 1
# makes them bolder. On test their fault is another: the risks are too *high*, and a temperature
# cannot shift, only stretch. It mends the confidence on films *like those it was fitted to*. So we
# go on without it.
#
# ### Is it worth acting on?
#
# **Net benefit** (chapter 10) counts a needless treatment as $t / (1 - t)$ of a treated illness,
# where $t$ is the probability at which you would be in two minds. At a prevalence $\pi$ other than
# that of the data:
#
# $$ \text{net benefit} = \pi \cdot \text{sensitivity} - (1 - \pi) (1 - \text{specificity})
# \, \frac{t}{1 - t} \tag{21.7} $$
#
# The network learned at another prevalence, $\pi_0$; so its log odds are first moved by the
# difference of the log odds of $\pi$ and $\pi_0$. (That mends the prevalence alone; the risks stay
# too high by what the films differ. To treat means to act on the film; with which drug is another
# question.)

# %%
def net_benefit_at(t, prevalence, y, z):
    moved = z + log_odds(prevalence) - log_odds(train.y.mean())
    treated = moved >= log_odds(t)
    odds = t / (1 - t)
    sensitivity, false_alarms = treated[y == 1].mean(), treated[y == 0].mean()
    return prevalence * sensitivity - (1 - prevalence) * false_alarms * odds


t = np.linspace(0.02, 0.5, 49)
benefit = {"network": [net_benefit_at(each, CLINIC, test.y, z_test) for each in t],
           "treat all": CLINIC - (1 - CLINIC) * t / (1 - t), "treat none": 0 * t}

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(7, 3.4))
for name, values in benefit.items():
    ax.plot(t, values, label=name)
ax.set(xlabel="probability at which you would treat", ylabel="net benefit (true positives/child)",
       ylim=(-0.05, 0.18))
ax.legend()
plots.show(
    fig,
    "Figure 21.8. Decision curve at a prevalence of 16 %. In the middle range the network does "
    "more good than treating all or none, *if* children there look like these.",
    "Net benefit against the threshold. Treat all falls steeply through zero near 0.16, treat none "
    "is flat at zero, the network lies above both over most of the range.",
)

# %%
middle = (t > 0.1) & (t < 0.3)
assert np.all(np.array(benefit["network"])[middle]
              > np.maximum(benefit["treat all"], 0)[middle])

# %% [markdown]
# ### Where did it look?
#
# **Grad-CAM** (Selvaraju and others 2017). The last convolution gives maps $A_c$ of 7 x 7 places,
# $c$ counting the channels. The gradient says how much each map counts for the logit $z$:
#
# $$ \alpha_c = \sum_{i,j} \frac{\partial z}{\partial A_{c,i,j}}, \qquad
# L = \mathrm{ReLU}\Bigl(\sum_c \alpha_c A_c\Bigr) \tag{21.8} $$
#
# (The paper takes the mean over $i, j$ instead of the sum: the same picture on another scale.)

# %%
def grad_cam(model, x):
    last = [layer for layer in model.layers if isinstance(layer, keras.layers.Activation)][-1]
    both = keras.Model(model.input, [last.output, model.output])

    @tf.function  # compiled once, then run
    def maps_and_gradient(pictures):
        with tf.GradientTape() as tape:
            maps, logit = both(pictures, training=False)
            total = tf.reduce_sum(logit)  # each picture's logit depends on its own maps alone
        return maps, tape.gradient(total, maps)

    maps, gradient = (each.numpy() for each in maps_and_gradient(tf.constant(x)))
    alpha = gradient.sum(axis=(1, 2), keepdims=True)
    return np.maximum((alpha * maps).sum(axis=-1), 0)


cams = grad_cam(model, test.x)
assert np.allclose(cams, models.grad_cam(model, test.x), atol=1e-3)
print("Maps:", cams.shape)

# %%
p_test = expit(z_test)
called_ill = z_test >= chosen.threshold
groups = {"found": (test.y == 1) & called_ill, "missed": (test.y == 1) & ~called_ill,
          "false alarm": (test.y == 0) & called_ill, "rightly cleared": (test.y == 0) & ~called_ill}
surest = {name: rows[np.argsort(np.abs(z_test[rows] - chosen.threshold))[::-1]]
          for name, rows in ((n, np.flatnonzero(g)) for n, g in groups.items())}
print({name: len(rows) for name, rows in surest.items()})


def overlay(ax, k):
    ax.imshow(test.x[k, ..., 0], vmin=0, vmax=1, extent=(0, 28, 28, 0))
    ax.contourf(np.arange(7) * 4 + 2, np.arange(7) * 4 + 2, cams[k], levels=6, alpha=0.4,
                cmap="cividis", vmin=0, vmax=np.quantile(cams, 0.99))
    ax.set(xticks=[], yticks=[], xlim=(0, 28), ylim=(28, 0))

# %% tags=["figure"]
fig, axes = plt.subplots(4, 6, figsize=(9, 6.4))
for row, (name, cases) in zip(axes, surest.items()):
    for ax in row:
        ax.axis("off")
    for pair, k in zip(row.reshape(3, 2), cases[:3]):
        pair[0].imshow(test.x[k, ..., 0], vmin=0, vmax=1)
        overlay(pair[1], k)
        pair[0].set_title(f"{name}, p = {p_test[k]:.2f}", fontsize=9, loc="left")
plots.show(
    fig,
    "Figure 21.9. The three surest test films of each group (or what there is): the film, and over "
    "it the Grad-CAM map (yellow: speaks for pneumonia). The same scale everywhere. Missed means "
    "below the "
    f"threshold chosen above, p = {expit(chosen.threshold):.2f}.",
    "Four rows (found, missed, false alarm, rightly cleared) of three films each beside the same "
    "film with a coarse coloured map. Maps of called films are bright over large, blurred "
    "regions, those of cleared films nearly empty.",
)

# %% [markdown]
# A sober word. A map of 7 x 7 places shows *roughly where* evidence was taken from, not *what* it
# was, nor whether it is the disease. A bright place does not prove a right reason: a false alarm
# has one too. Where is the yellow in your figure: over clouded lung, or over heart and spine? Each of
# the 7 x 7 places sees far beyond itself, and a network may read framing and contrast; the map
# cannot tell which. Compared with radiologists' outlines on larger films, all tested
# methods of this kind located findings worse than people did (Saporta and others 2022). Use such
# maps to find faults (a map on a letter in the corner), never to convince a doctor.

# %% [markdown]
# ### Turn it yourself: a case browser
#
# Choose a group, leaf through its cases, and move the threshold: the case's own group changes, and
# with it what the whole test part pays.

# %% tags=["widget"]
def browse(group, place, cut_at):
    fig, (left, right) = plt.subplots(1, 2, figsize=(7, 3.2))
    k = surest[group][min(place, len(surest[group]) - 1)] if len(surest[group]) else 0
    overlay(left, k)
    left.set_title(f"{chest.class_names[test.y[k]]}, p = {p_test[k]:.2f}: "
                   f"called {'ill' if p_test[k] >= cut_at else 'well'}", fontsize=10)
    table_now = metrics.confusion_table(test.y, (p_test >= cut_at).astype(int))
    shares = {"sensitivity": table_now.sensitivity, "specificity": table_now.specificity,
              "PPV at 16 %": np.nan_to_num(metrics.predictive_values(
                  table_now.sensitivity, table_now.specificity, CLINIC).ppv)}
    bars = right.barh(list(shares), list(shares.values()), color=plots.COLOURS["sky"])
    right.bar_label(bars, fmt="%.2f", padding=3)
    right.set(xlim=(0, 1.2), xlabel=f"share, test films, threshold {cut_at:.2f}")
    return fig


widgets.explore(
    browse,
    {"group": widgets.choice("Group at the chosen threshold", list(groups), "false alarm"),
     "place": widgets.slider("Case, from the surest on", 0, 30, 0),
     "cut_at": widgets.slider("Threshold on the probability", 0.01, 0.99,
                              round(float(np.clip(expit(chosen.threshold), 0.01, 0.99)), 2))},
    "Figure 21.10. One film with its Grad-CAM map, and what the threshold does to all test films.",
    "On the left a chest film under a coarse coloured map with its true class, probability and "
    "call; on the right three bars: sensitivity, specificity, and PPV at a prevalence of 16 %.",
)

# %% [markdown]
# **Not to be used** on any patient. The films are 28 pixels wide, from one hospital, of children of
# one to five years, with poor films left out; nobody knows how many children there are; the
# specificity already slipped from one batch of films to the next. The breast data have twins across
# the parts, so no figure for them, the published included, can be taken at its word.

# %% [markdown]
# ## Exercises
#
# `exercises.hint("21.1")` gives a hint, and the next one each time.

# %% [markdown]
# ### Exercise 21.1 · True to medicine? (reading, about 4 minutes)
#
# Which change keeps picture *and* diagnosis possible? Answer `True` (could be another patient) or
# `False` for each: A, a skin photograph of a mole turned by 90 degrees; B, a chest film mirrored to
# find a heart on the wrong side (dextrocardia); C, an ultrasound of the breast upside down; D, a
# stained tissue slide mirrored; E, a mole photographed with all colours turned to green; F, a hip
# film to tell *left* from *right*, mirrored; G, a chest film shifted by two pixels.

# %% tags=["exercise"]
answer_21_1 = ...  # a dictionary {"A": True or False, ..., "G": ...}

# %% tags=["check"]
exercises.check("21.1", answer_21_1)

# %% tags=["solution"]
answer_21_1_solution = {"A": True, "B": False, "C": False, "D": True, "E": False, "F": False,
                        "G": True}
exercises.check("21.1", answer_21_1_solution)

# %% [markdown]
# ### Exercise 21.2 · Not to miss a carcinoma (applying, about 6 minutes)
#
# Return the *highest* threshold on the validation scores at which at least the wanted share of the
# diseased is found. A case is positive where `score >= threshold`. The threshold is one of the
# scores of the diseased.

# %% tags=["exercise"]
def threshold_for_sensitivity(y, score, wanted):
    """y (n,) of 0 and 1, score (n,), wanted in (0, 1]: return the threshold, a float."""
    ...

# %% tags=["check"]
exercises.check("21.2", threshold_for_sensitivity)

# %% tags=["solution"]
def threshold_for_sensitivity_solution(y, score, wanted):
    ill = np.sort(score[y == 1])[::-1]
    needed = int(np.ceil(wanted * len(ill) - 1e-9))
    return float(ill[needed - 1])


exercises.check("21.2", threshold_for_sensitivity_solution)

# %% [markdown]
# ### Exercise 21.3 · An ensemble with a temperature (applying, about 8 minutes)
#
# Return the ensemble's probability by (21.5), each network's logits first divided by its own
# temperature (21.6).

# %% tags=["exercise"]
def ensemble_probability(logits, temperatures):
    """logits (networks, n), temperatures (networks,): return probabilities (n,)."""
    ...

# %% tags=["check"]
exercises.check("21.3", ensemble_probability)

# %% tags=["solution"]
def ensemble_probability_solution(logits, temperatures):
    p = 1 / (1 + np.exp(-logits / temperatures[:, np.newaxis]))
    return p.mean(axis=0)


exercises.check("21.3", ensemble_probability_solution)

# %% [markdown]
# ### Exercise 21.4 · Grad-CAM by hand (building, about 8 minutes)
#
# You get the last feature maps and the gradient of the logit for them, as arrays. Return the map
# $L$ of (21.8) for every picture.

# %% tags=["exercise"]
def cam_from_gradient(maps, gradient):
    """maps, gradient (n, rows, columns, channels): return (n, rows, columns)."""
    ...

# %% tags=["check"]
exercises.check("21.4", cam_from_gradient)

# %% tags=["solution"]
def cam_from_gradient_solution(maps, gradient):
    alpha = gradient.sum(axis=(1, 2), keepdims=True)
    return np.maximum((alpha * maps).sum(axis=-1), 0)


exercises.check("21.4", cam_from_gradient_solution)

# %% [markdown]
# ## What you can now do
#
# - build two kinds of convolutional network, and say why a shortcut lets the gradient through
# - ask of an augmentation whether it is true to medicine, and measure what it is worth
# - write a rule before the runs, and choose by it without the test part
# - average networks, and fit a temperature on validation, knowing what neither can mend
# - set a threshold on validation, state predictive values and net benefit at a prevalence, and draw
#   where a network found its evidence, without taking it for an explanation
#
# **Next:** [23 · Segmentation](23_segmentation.ipynb)

# %% [markdown]
# ## Further reading
#
# - He and others (2016), short and clear. For what goes wrong on the way to the clinic: Saporta and
#   others (2022).

# %% [markdown]
# ## References
# - Al-Dhabyani, Gomaa, Khaled, Fahmy, 2020, <https://doi.org/10.1016/j.dib.2019.104863>. Dataset of
#   breast ultrasound images. Data in Brief 28:104863.
# - Guo, Pleiss, Sun, Weinberger, ICML 2017, <https://arxiv.org/abs/1706.04599>. On calibration of
#   modern neural networks.
# - He, Zhang, Ren, Sun, CVPR 2016, <https://doi.org/10.1109/CVPR.2016.90>. Deep residual learning
#   for image recognition.
# - Kermany et al., 2018, <https://doi.org/10.1016/j.cell.2018.02.010>. Identifying medical
#   diagnoses and treatable diseases by image-based deep learning. Cell 172:1122 (the chest films).
# - Lakshminarayanan, Pritzel, Blundell, NeurIPS 2017, <https://arxiv.org/abs/1612.01474>. Simple
#   and scalable predictive uncertainty estimation using deep ensembles.
# - Loshchilov, Hutter, ICLR 2017, <https://arxiv.org/abs/1608.03983>. SGDR: stochastic gradient
#   descent with warm restarts.
# - Neuman, Monuteaux, Scully, Bachur, 2011, <https://doi.org/10.1542/peds.2010-3367>. Prediction of
#   pneumonia in a pediatric emergency department. Pediatrics 128:246.
# - Pawłowska, Karwat, Żołek, 2023, <https://doi.org/10.1016/j.dib.2023.109247>. Letter on the
#   dataset of breast ultrasound images. Data in Brief 48:109247.
# - Saporta et al., 2022, <https://doi.org/10.1038/s42256-022-00536-x>. Benchmarking saliency
#   methods for chest X-ray interpretation. Nature Machine Intelligence 4:867.
# - Selvaraju et al., ICCV 2017, <https://doi.org/10.1109/ICCV.2017.74>. Grad-CAM: visual
#   explanations from deep networks via gradient-based localization.
# - Simonyan, Zisserman, ICLR 2015, <https://arxiv.org/abs/1409.1556>. Very deep convolutional
#   networks for large-scale image recognition.
# - Yang et al., 2023, <https://doi.org/10.1038/s41597-022-01721-8>. MedMNIST v2. Scientific Data
#   10:41 (the files, and the published ResNet-18).
# - D0, Neural networks in medicine: diagnosis and treatment, sections 4 and 5; D3, AI in medicine:
#   CNN, RNN, GAN in code, section 4.1; D4, Deep learning in health care in practice, section 3.1.2.
