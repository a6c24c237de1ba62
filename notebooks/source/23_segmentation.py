# %% [markdown]
# # 23 · Segmentation
#
# You will teach a network to outline the hippocampus in MR volumes, voxel by voxel, judge the
# outlines as a clinic would, by the volume that they give, and see what a threshold and an atlas
# manage without any network.
#
# | | |
# | --- | --- |
# | **Time** | {reading} to read and do, {running} to run |
# | **Know before** | chapter 10 (splitting by patient, bootstrap), chapter 12; convolution, pooling and a network in Keras (chapters 20, 21) |
# | **Follows** | D1, sections 2 and 4; D4, sections 2.2, 3.1.1 and 4.1 |
#
# **After this chapter you can**
# - tell a network that segments from one that classifies, by the shape of its output
# - measure a mask by overlap, distance and volume, and name what each measure cannot see
# - build a U-Net from its parts and train it with cross-entropy, Dice, or their sum
# - split, resample and report by subject, beside a threshold and an atlas
# - read volumes as a clinic would: bias, limits of agreement, and what they rule out

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import ndimage

from medlearn import data, exercises, lesson, metrics, models, plots, tables, widgets

plots.use_course_style()
rng = np.random.default_rng(lesson.seed())

# %% [markdown]
# ## The data
#
# The hippocampus is a curl of grey matter, a few centimetres long, deep in each temporal lobe. With
# both of them gone, hardly any new memory of events is kept. It shrinks in Alzheimer's disease,
# more than with age alone, and in epilepsy of the temporal lobe it is often scarred on one side. To
# measure it, somebody outlines it by hand, slice by slice. Can a network take that over? D4,
# section 3.1.1, names four steps, and this chapter takes them in turn: prepare the data, design the
# network, train it, clean up and look. (The real data are about 28 MB, fetched by
# `medlearn fetch hippocampus`; without them the lesson runs on a stand-in.)

# %% tags=["card"]
brain = data.load("hippocampus")

# %% [markdown]
# A **voxel** is a pixel with depth; a **mask** gives each voxel a label. Here there are two: the
# *anterior* part, which is the head, and the *posterior* part, body and tail. The border between
# them is a convention, a cut across (figure 23.1 shows it). The scanner's units mean nothing, so
# each volume is *standardised* by its own mean and standard deviation. That takes nothing from
# other volumes, so it cannot leak. The test part stays shut until the end.

# %%
names = brain.class_names


def standardise(volumes):
    mean = volumes.mean(axis=(1, 2, 3), keepdims=True)
    return (volumes - mean) / volumes.std(axis=(1, 2, 3), keepdims=True)


volumes = {part: standardise(getattr(brain, part).x[..., 0]) for part in ("train", "validation")}
masks = {part: getattr(brain, part).y for part in volumes}
shares = np.bincount(masks["train"].ravel(), minlength=3) / masks["train"].size
print("volumes", volumes["train"].shape, " masks", masks["train"].shape)
print("share of the voxels:", {name: f"{share:.1%}" for name, share in zip(names, shares)})
assert np.allclose(volumes["train"][:9], models.standardised(brain.train.x[:9, ..., 0]), atol=1e-4)

# %% tags=["figure"]
LINES = {1: ("blue", "-"), 2: ("orange", "--")}
piece = "block of the template" if brain.is_standin else "volume"


def outline(ax, mask, **style):
    for label, (colour, dash) in LINES.items():
        if np.any(mask == label):
            settings = {"colors": plots.COLOURS[colour], "linestyles": dash, "linewidths": 1.6}
            ax.contour((mask == label).T.astype(float), [0.5], **{**settings, **style})


def show_slice(ax, picture, title=""):
    ax.imshow(picture.T, origin="lower", vmin=-2.5, vmax=2.5)
    ax.set(xticks=[], yticks=[], title=title)


fig, axes = plt.subplots(1, 3, figsize=(10, 3.9))
image, mask = volumes["train"][0], masks["train"][0]
middle = [int(np.median(place)) for place in np.nonzero(mask)]
views = [("coronal: a cut from ear to ear", 1), ("sagittal: front on the right", 0),
         ("axial: front at the top", 2)]
for ax, (name, axis) in zip(axes, views):
    show_slice(ax, image.take(middle[axis], axis), name)
    outline(ax, mask.take(middle[axis], axis))
plots.show(
    fig,
    f"Figure 23.1. One {piece}, cut in the three directions, with its labels: {names[1]} "
    f"solid blue, {names[2]} dashed orange. Grey values alone hardly show where a label ends.",
    f"Three grey MR slices with a solid blue outline of the {names[1]} label and a dashed orange "
    f"one of the {names[2]} label.",
)

# %% [markdown]
# **Never read left and right from these pictures.** All real volumes look like one side, though
# every subject has two: one side must have been mirrored, and the files do not say which. (In the
# coronal and the axial cut the midline of the head lies to the left, the ear to the right.) Which
# volumes belong to one subject is not told either; the card says how it was inferred. How sure is
# that? The two sides of one brain should be alike in size:

# %%
ml = np.array([metrics.volume_ml(mask > 0, brain.spacing) for mask in masks["train"]])
who = brain.train.patient
same = [tuple(np.flatnonzero(who == w)) for w in np.unique(who) if np.sum(who == w) == 2]
other = [(a, b) for a, b in zip(range(len(who) - 1), range(1, len(who))) if who[a] != who[b]]
for name, pairs in (("the two sides of a subject, as inferred", same),
                    ("neighbours in the list, two subjects", other)):
    r = np.corrcoef(*np.array([ml[list(pair)] for pair in pairs]).T)[0, 1]
    print(f"{name:40} {len(pairs):3} pairs, correlation of their volumes {r:+.2f}")
    if not brain.is_standin:
        assert r > 0.8 if pairs is same else abs(r) < 0.4

# %% [markdown]
# ## The idea: one answer for every voxel
#
# A classifier gives one answer for a picture. **Segmentation** gives one for every pixel or voxel:
# the output has the size of the input, and for each place a probability for each label.

# %% [markdown] tags=["erratum"]
# ### Erratum, D1 section 4: a "segmentation" that is none
#
# D1 promises segmentation and prints the network below. It takes about ten seconds to load Keras.

# %% tags=["erratum"]
keras = lesson.load_keras()
layers = keras.layers
with keras.StatelessScope(initialize_variables=False):  # shapes alone: its weights take 180 MB
    d1 = keras.Sequential([
        keras.Input((256, 256, 1)),
        layers.Conv2D(32, (3, 3), activation="relu"), layers.MaxPooling2D((2, 2)),
        layers.Conv2D(64, (3, 3), activation="relu"), layers.MaxPooling2D((2, 2)),
        layers.Conv2D(128, (3, 3), activation="relu"), layers.MaxPooling2D((2, 2)),
        layers.Flatten(),
        layers.Dense(128, activation="relu"), layers.Dense(1, activation="sigmoid"),
    ])
dense = d1.layers[-2].count_params()
print("output for one picture:", d1.output_shape[1:], " needed: (256, 256, 1)")
print(f"weights: {d1.count_params():,}, of which {dense:,} in one dense layer "
      f"({dense / d1.count_params():.1%})")
try:
    d1.fit(x_train, y_train, batch_size=32, epochs=10, validation_data=(x_val, y_val))
except NameError as error:
    print("its last line:", error)
assert d1.output_shape == (None, 1) and 14.6e6 < dense < 14.8e6
assert dense > 0.99 * d1.count_params()

# %% [markdown] tags=["erratum"]
# One number for the whole picture: that is a classifier, and from it no outline can be had. Nearly
# all its weights sit in the dense layer that *throws the places away* (`Flatten` turns them into a
# list). And the data of its last line are never defined. A network that segments must keep the
# places: no `Flatten`, no dense layer at the end.

# %% [markdown]
# ## The idea: measuring a mask
#
# Accuracy, the share of voxels labelled rightly, is useless here: calling *everything* background
# gets nearly all of it. (That is **class imbalance**: the background outnumbers the structure.)

# %%
nothing = np.zeros_like(masks["validation"])
print(f"accuracy of 'all background': {np.mean(masks['validation'] == nothing):.1%}")
if not brain.is_standin:
    assert np.mean(masks["validation"] == nothing) > 0.94

# %% [markdown]
# Three measures that take no credit for the background. Let $A$ be the voxels of the true mask, $B$
# those of the predicted one, and $|A|$ the number of voxels in $A$.
#
# The **Dice coefficient** is 1 for equal masks and 0 for masks that do not meet:
#
# $$ \text{Dice} = \frac{2 \, |A \cap B|}{|A| + |B|} \tag{23.1} $$
#
# **Intersection over union** (IoU) is its stricter sister; one can be computed from the other:
#
# $$ \text{IoU} = \frac{|A \cap B|}{|A \cup B|} = \frac{\text{Dice}}{2 - \text{Dice}} \tag{23.2} $$
#
# The **95 % Hausdorff distance** asks how far apart the *surfaces* lie. Let $S_A$ and $S_B$ be the
# surface voxels (those with a face on the background), $d(a, S)$ the distance in mm from a voxel to
# the nearest of $S$, and $P_{95}$ the 95th percentile: 95 % of the distances are no larger. (The
# maximum would hang on a single stray voxel.)
#
# $$ \text{HD}_{95} = \max\left( \underset{a \in S_A}{P_{95}} \, d(a, S_B), \;
# \underset{b \in S_B}{P_{95}} \, d(b, S_A) \right) \tag{23.3} $$

# %%
def dice(true, predicted):
    return 2 * np.sum(true & predicted) / (np.sum(true) + np.sum(predicted))


grid = np.hypot(*(np.indices((60, 60)) - 30))
rows = []
for radius in (5, 10, 20):
    true, one_larger = grid <= radius, grid <= radius + 1
    rows.append([radius, dice(true, one_larger),
                 metrics.intersection_over_union(true, one_larger),
                 metrics.hausdorff_distance(true, one_larger, spacing=1.0)])
    assert np.isclose(rows[-1][1], metrics.dice_coefficient(true, one_larger))
    assert np.isclose(rows[-1][2], rows[-1][1] / (2 - rows[-1][1]))
pd.DataFrame(rows, columns=["radius of a disc (voxels)", "Dice", "IoU", "HD95 (mm)"]).round(2)

# %% [markdown]
# The same error, one layer too much, costs a small structure far more Dice than a large one. So
# Dice values of different organs must not be compared. And our structure? Put one layer of voxels
# around each mask drawn by hand:

# %%
for label in (1, 2):
    layer = [dice(mask == label, ndimage.binary_dilation(mask == label))
             for mask in masks["validation"][:20]]
    print(f"{names[label]}, one layer too much all around: Dice {np.mean(layer):.2f}")
    if not brain.is_standin:
        assert 0.7 < np.mean(layer) < 0.87

# %% [markdown]
# ## The idea: first without a network
#
# **A threshold.** Otsu's method (1979) tries every cut through the grey values and takes the one
# where the two groups differ most (the variance *between* them is largest). **Region growing**
# starts from a seed and takes in connected voxels whose grey value is within a tolerance of the
# seed's. (The tolerance was chosen on the validation part, from nine.)

# %%
def otsu_threshold(image):
    counts, edges = np.histogram(image, bins=128)
    centres = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts) / counts.sum()  # for each cut: the share of the voxels below it
    mean_below = np.cumsum(counts * centres) / counts.sum()  # their mean, times that share
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (mean_below[-1] * below - mean_below) ** 2 / (below * (1 - below))
    return centres[np.nanargmax(between)]


def grow_region(image, seed, tolerance):
    smooth = ndimage.gaussian_filter(image, 1)
    pieces, _ = ndimage.label(np.abs(smooth - smooth[seed]) < tolerance)
    return pieces == pieces[seed]

# %% [markdown]
# **An atlas** needs no grey value at all. Since all volumes are cut around the hippocampus, count
# for each place how often each label occurs there in the training volumes. The most frequent label
# is the trivial guess: the same mask for everybody. (A research atlas does better: it is first bent
# to fit each brain. Ours is not.)
#
# **Place and brightness together** (Bayes' rule; naive, since a label's brightness is taken to be
# the same everywhere): let $y$ be the label of a voxel, $x$ its grey
# value, $P(y)$ the atlas at its place, and $\mu_y$, $\sigma_y$ the mean and standard deviation of
# the grey values of label $y$ in the training part. Take the label with the largest
#
# $$ P(y \mid x) \; \propto \; P(y) \, \frac{1}{\sigma_y} \,
# e^{-(x - \mu_y)^2 / (2 \sigma_y^2)} \tag{23.4} $$

# %%
atlas = np.stack([np.mean(masks["train"] == label, axis=0) for label in range(3)])
log_atlas = np.log(ndimage.gaussian_filter(atlas, (0, 1, 1, 1)).clip(1e-4))
mu, sigma = np.array([
    [measure(volumes["train"][masks["train"] == label]) for label in range(3)]
    for measure in (np.mean, np.std)])


def atlas_and_brightness(images):
    def labels(image):
        scores = [log_atlas[y] - np.log(sigma[y]) - (image - mu[y]) ** 2 / (2 * sigma[y] ** 2)
                  for y in range(3)]
        return np.argmax(scores, axis=0).astype("uint8")

    return np.stack([labels(image) for image in images])


seed = np.unravel_index(atlas[1:].sum(axis=0).argmax(), atlas.shape[1:])
simple = {
    "all background": lambda images: np.zeros(images.shape, "uint8"),
    "above Otsu's threshold": lambda images: np.stack([i > otsu_threshold(i) for i in images]),
    "below Otsu's threshold": lambda images: np.stack([i < otsu_threshold(i) for i in images]),
    "region growing": lambda images: np.stack([grow_region(i, seed, 0.1) for i in images]),
    "mean atlas": lambda images: np.stack([atlas.argmax(axis=0).astype("uint8")] * len(images)),
    "atlas and brightness": atlas_and_brightness,
}

# %%
def volume_dice(truth, answers, label):
    return np.array([metrics.dice_coefficient(t == label, a == label)
                     for t, a in zip(truth, answers)])


table = {}
for name, method in simple.items():
    answers = method(volumes["validation"])
    whole = volume_dice(masks["validation"] > 0, answers > 0, True).mean()
    parts = [volume_dice(masks["validation"], answers, label).mean() for label in (1, 2)]
    two_labels = "atlas" in name
    table[name] = [whole, *(parts if two_labels else [np.nan, np.nan])]
table = pd.DataFrame(table, index=["both labels as one", *names[1:]]).T
assert table.loc["all background"].iloc[0] == 0
if not brain.is_standin:
    assert table.iloc[1:4, 0].max() < 0.4 < 0.6 < table.loc["mean atlas"].min()
    assert table.loc["mean atlas"].min() + 0.02 < table.loc["atlas and brightness"].min() < 0.8
table.map(lambda value: "" if np.isnan(value) else f"{value:.2f}")

# %% [markdown]
# The mean Dice on the validation volumes. On the real data thresholds and region growing fail: the
# hippocampus is grey matter among grey matter, and its border is drawn by anatomy, not by
# brightness. *Where* a voxel lies says more than how bright it is, and both together make a good
# simple method. A network must beat that, not the threshold. (The stand-in is another task, whole
# tissues, and there a threshold does well.)

# %% [markdown]
# ## The idea: the U-Net
#
# To label a voxel one must see *what* is around it, far enough to know one's place in the brain,
# and *where exactly* the border runs. Pooling sees far but loses places. The **U-Net** (Ronneberger
# and others 2015) does both: it goes down to coarse pictures and comes up again, and at each level
# of the way up it puts beside the coarse answer what the same level knew on the way down (a **skip
# connection**).

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(9, 3.6))
sizes = ["32 x 40", "16 x 20", "8 x 10", "4 x 5"]
boxes = {}
for level, (size, count) in enumerate(zip(sizes, (8, 16, 32, 64))):
    for x in ({level, 6 - level} if level < 3 else {3}):
        boxes[x] = -level
        ax.text(x, -level, f"{size}\n{count} filters", ha="center", va="center", fontsize=9,
                bbox={"boxstyle": "round,pad=0.4", "fc": "white", "ec": plots.COLOURS["blue"]})
arrow = {"arrowstyle": "->", "color": plots.COLOURS["grey"], "shrinkA": 20, "shrinkB": 20}
for x in range(6):
    ax.annotate("", (x + 1, boxes[x + 1]), (x, boxes[x]), arrowprops=arrow)
for level in range(3):
    skip = {**arrow, "linestyle": "--", "color": plots.COLOURS["red"], "shrinkA": 34, "shrinkB": 34}
    ax.annotate("", (6 - level, -level), (level, -level), arrowprops=skip)
    ax.text(3, -level + 0.12, "skip", ha="center", fontsize=9, color=plots.COLOURS["red"])
ax.text(-0.2, 0.55, "3 slices in", ha="center")
ax.text(6.2, 0.55, "3 probabilities a pixel out", ha="center")
ax.set(xlim=(-0.9, 7.1), ylim=(-3.5, 0.9))
ax.axis("off")
plots.show(
    fig,
    "Figure 23.2. The U-Net of this chapter. Solid arrows: down by pooling, up by interpolation, "
    "two convolutions in each box. Dashed arrows: the skips, which carry sharp places across.",
    "Boxes in the form of a U: from 32 x 40 pixels with 8 filters down to 4 x 5 with 64 and up "
    "again; dashed arrows join the boxes of equal size.",
)

# %% [markdown]
# A volume goes through it slice by slice, in **coronal** slices (the plane in which experts draw).
# So that the network sees a little of the third direction, each slice brings its two neighbours
# along as further channels.

# %%
def coronal(array):
    moved = np.moveaxis(array, 2, 1)  # (n, i, j, k) to (n, j, i, k)
    return moved.reshape(-1, *moved.shape[2:])


def with_neighbours(images):
    moved = np.moveaxis(images, 2, 1)
    padded = np.pad(moved, [(0, 0), (1, 1), (0, 0), (0, 0)], mode="edge")
    channels = [padded[:, step:step + moved.shape[1]] for step in range(3)]
    return np.stack(channels, axis=-1).reshape(-1, *moved.shape[2:], 3)


slices, slice_labels = with_neighbours(volumes["train"]), coronal(masks["train"])
print("slices", slices.shape, " labels", slice_labels.shape)
assert np.array_equal(slices[:224], models.slices_with_neighbours(volumes["train"][:4]))
del volumes["train"]  # its slices are enough

# %% [markdown]
# One box: twice a 3 x 3 convolution that keeps the size (`padding="same"`), batch normalisation
# (chapter 12) and ReLU. The way down keeps each level's result for the way up. The last layer is a
# 1 x 1 convolution: the same small softmax classifier at every pixel. With $z_{ic}$ for its sum at
# pixel $i$ and label $c$, the probability is
#
# $$ p_{ic} = \frac{e^{z_{ic}}}{\sum_{c'} e^{z_{ic'}}} \tag{23.5} $$

# %%
def box(x, filters):
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False,
                          kernel_initializer="he_normal")(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.Activation("relu")(x)
    return x


def build_unet(filters=(8, 16, 32, 64)):
    x = inputs = keras.Input(slices.shape[1:])
    kept = []
    for count in filters[:-1]:  # down
        x = box(x, count)
        kept.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = box(x, filters[-1])
    for count, skip in zip(filters[-2::-1], kept[::-1]):  # up
        x = layers.UpSampling2D(2, interpolation="bilinear")(x)
        x = box(layers.Concatenate()([x, skip]), count)
    return keras.Model(inputs, layers.Conv2D(3, 1, activation="softmax")(x))

# %% [markdown]
# From here on the course takes it from `medlearn.models`. With the same weights both must give the
# same probabilities, one for each label at each pixel.

# %%
ours, packaged = build_unet(), models.unet()
packaged.set_weights(ours.get_weights())
some = slices[20:24]
difference = np.abs(np.array(ours(some)) - np.array(packaged(some))).max()
print(f"{ours.count_params():,} weights, output {ours.output_shape[1:]}; largest difference "
      f"{difference:.1e}")
assert difference < 1e-5 and ours.count_params() <= 150_000
assert ours.output_shape == (None, *slice_labels.shape[1:], 3)

# %% [markdown]
# ## The idea: what to minimise
#
# Write $y_{ic}$ for 1 where pixel $i$ has label $c$ and 0 elsewhere. **Pixel cross-entropy** is the
# loss of a classifier, averaged over all $N$ pixels of the batch:
#
# $$ L_\text{CE} = -\frac{1}{N} \sum_{i=1}^{N} \sum_c y_{ic} \log p_{ic} \tag{23.6} $$
#
# Most of these pixels are background, easy and far from any border. The **Dice loss** (Milletari
# and others 2016) takes (23.1) with probabilities for masks, for each label but the background. A
# pixel of the background now counts only as far as the network takes it for structure. All sums run
# over the whole batch. The 1 above and below keeps a batch without the structure
# from dividing 0 by 0. $C$ is the number of labels without the background:
#
# $$ L_\text{Dice} = 1 - \frac{1}{C} \sum_{c \ge 1} \frac{2 \sum_i y_{ic} \, p_{ic} + 1}
# {\sum_i y_{ic} + \sum_i p_{ic} + 1} \tag{23.7} $$
#
# Cross-entropy pulls at every pixel on its own, Dice aims at what is reported. Their **sum** is
# customary (nnU-Net; Isensee and others 2021).

# %%
ops = keras.ops


def cross_entropy(labels, p):
    y = ops.one_hot(ops.cast(labels, "int32"), 3)
    return -ops.mean(ops.sum(y * ops.log(ops.clip(p, 1e-7, 1.0)), axis=-1))


def dice_loss(labels, p):
    y = ops.one_hot(ops.cast(labels, "int32"), 3)
    pixels = (0, 1, 2)
    both, each = ops.sum(y * p, pixels), ops.sum(y, pixels) + ops.sum(p, pixels)
    return 1 - ops.mean(((2 * both + 1) / (each + 1))[1:])

# %%
guesses = {"one third for each": np.full((280, *slice_labels.shape[1:], 3), 1 / 3),
           "all background": np.eye(3)[np.zeros_like(slice_labels[:280])] * 0.997 + 0.001,
           "shares of the labels": np.broadcast_to(shares, (280, *slice_labels.shape[1:], 3)),
           "the truth": np.eye(3)[slice_labels[:280]] * 0.997 + 0.001}
for name, p in guesses.items():
    p = p.astype("float32")
    values = [float(loss(slice_labels[:280], p)) for loss in (cross_entropy, dice_loss)]
    print(f"{name:22} cross-entropy {values[0]:.3f}   Dice loss {values[1]:.3f}")
    packaged_losses = models.pixel_cross_entropy, models.soft_dice_loss
    assert np.allclose(values, [float(loss(slice_labels[:280], p)) for loss in packaged_losses],
                       atol=1e-5)

# %% [markdown]
# On the real data a network that has learned nothing but "these labels are rare" has left most of
# its way behind it, if cross-entropy is the judge; the Dice loss still gives it almost the worst
# mark. Whether that matters after training is for the table below to say.

# %% [markdown] tags=["erratum"]
# ### Erratum, D4 4.1: N counts pixels
#
# D4 prints (23.6) for segmentation and calls $N$ the number of samples. With one term for each
# sample there is no place for the pixels; summed over pixels but divided by samples, the loss would
# grow with the size of the picture, and so would every step of the optimiser.

# %% tags=["erratum"]
p = guesses["shares of the labels"][:100].astype("float32")
for name, window in (("whole slices", slice(None)), ("their middle half", slice(8, 24))):
    labels_seen, p_seen = slice_labels[:100, window], p[:, window]
    chosen = np.take_along_axis(p_seen, labels_seen[..., np.newaxis].astype(int), axis=-1)
    total = -np.sum(np.log(chosen))
    print(f"{name:18} divided by samples {total / 100:7.1f}   by pixels {total / chosen.size:.3f}")
    assert np.isclose(total / chosen.size, float(cross_entropy(labels_seen, p_seen)), rtol=1e-4)
    assert total / 100 > 50 * total / chosen.size

# %% [markdown]
# ### Training
#
# The sum of both losses, Adam, a learning rate that rises for a tenth of the steps and then falls
# to 0 along a cosine, three passes over the slices (more for the small stand-in). All of it was
# chosen on the validation part. Half a minute on two cores; on one core twice that.

# %%
stored = tables.load_table("segmentation", "standin" if brain.is_standin else "real")
epochs = 8 if brain.is_standin else 3
settings = {"filters": [8, 16, 32, 64], "learning_rate": 0.003, "batch_size": 32}

keras.utils.set_random_seed(lesson.seed() % 2**32)
unet = models.unet(filters=settings["filters"])
losses = models.train_segmenter(
    unet, slices, slice_labels, epochs=epochs, learning_rate=settings["learning_rate"],
    batch_size=settings["batch_size"], seed=lesson.seed(),
    on_epoch=plots.training_progress(epochs, "Epochs"))
print("loss after each epoch:", np.round(losses, 3))
in_table = stored["settings"]["brain"]
assert {**settings, "epochs": epochs} == {**in_table, "epochs": in_table["epochs"][
    "standin" if brain.is_standin else "real"]}
assert losses[-1] < losses[0]
del slices, slice_labels, guesses  # a small computer is short of memory

# %% [markdown]
# Each voxel gets its most probable label, and the slices are put together to volumes again.

# %%
def predict(images):
    answers = []
    for image in images:
        p = unet(with_neighbours(image[np.newaxis]), training=False)
        answers.append(np.moveaxis(np.argmax(p, axis=-1), 0, 1))  # (j, i, k) to (i, j, k)
    return np.stack(answers).astype("uint8")


answers = predict(volumes["validation"])
assert np.array_equal(answers, models.predict_labels(unet, volumes["validation"]))
on_validation = [volume_dice(masks["validation"], answers, label).mean() for label in (1, 2)]
print({name: f"Dice {value:.3f}" for name, value in zip(names[1:], on_validation)})
best_simple = table.loc["atlas and brightness", list(names[1:])].to_numpy(float)
assert np.all(np.array(on_validation) > best_simple + 0.05)

# %% [markdown]
# ### Which loss?
#
# Other losses and other seeds come from a stored table that
# `uv run python -m benchmarks.segmentation` makes. Scores are means over the validation volumes.

# %%
parts = list(names[1:])
runs = pd.DataFrame([
    {"loss": run["what"], "seed": run["seed"],
     **dict(zip(parts, run["validation"]["raw"]["dice"]))}
    for run in stored["runs"] if run["what"] != "vessels"])
runs["lost"] = (runs[parts] < 0.5).any(axis=1)  # networks that hardly ever answer one of the labels
print(f"table of {stored['date']}, Keras {stored['versions']['keras']}; Dice on validation")
by_loss = runs.groupby("loss")
lost = by_loss["lost"].sum()
pd.DataFrame({"seeds": by_loss.size(), "a label lost in": lost,
              **{f"median, {part}": by_loss[part].median() for part in parts},
              **{f"lowest, {part}": by_loss[part].min() for part in parts}}).round(3)

# %%
median = runs[~runs["lost"]].groupby("loss")[parts].median().mean(axis=1)
print(f"without the lost ones, median Dice of both labels: sum minus cross-entropy "
      f"{median['sum'] - median['cross-entropy']:+.3f}, sum minus Dice "
      f"{median['sum'] - median['Dice']:+.3f}")
assert lost["sum"] == lost["Dice"] == 0 and abs(median["sum"] - median["Dice"]) < 0.01
if brain.is_standin:
    assert lost["cross-entropy"] == 0 and abs(median["sum"] - median["cross-entropy"]) < 0.02
else:
    assert lost["cross-entropy"] > 0 and 0.004 < median["sum"] - median["cross-entropy"] < 0.03

# %% [markdown]
# On the real data, where the background outnumbers the structure by far, cross-entropy alone loses
# a label with some seeds. One of these networks was looked at more closely: where the label is, it
# gives it a higher probability than elsewhere, but never the *highest*, so no voxel is called by
# it. Where no label is lost, cross-entropy is about one hundredth behind in the same training time.
# The Dice loss and the sum are nearly level and lose nothing. On the stand-in, where labels are
# balanced, nothing is gained. All losses had the learning rate and the few epochs that were chosen
# for the sum; longer training may level them. (The first three seeds had shown nothing of the lost
# labels.)

# %% [markdown]
# ### Post-processing
#
# A hippocampus is in one piece; the network does not know that. Keep the **largest connected
# component** of all that is labelled (voxels that touch at a face are connected) and drop the rest.

# %%
def largest_component(labels):
    pieces, count = ndimage.label(labels > 0)
    sizes = np.bincount(pieces.ravel())[1:]
    return labels * (pieces == 1 + np.argmax(sizes)) if count else labels


cleaned = np.stack([largest_component(a) for a in answers])
assert np.array_equal(cleaned, [models.largest_components(a) for a in answers])
changed = np.any(cleaned != answers, axis=(1, 2, 3))
rows = {}
for name, result in (("as predicted", answers), ("largest component", cleaned)):
    pairs = [(t > 0, a > 0) for t, a in zip(masks["validation"], result)]
    rows[name] = [np.mean([metrics.dice_coefficient(*pair) for pair in pairs]),
                  *(np.mean([metrics.hausdorff_distance(*pair, brain.spacing, percentile)
                             for pair in pairs]) for percentile in (95, 100))]
print(f"{changed.sum()} of {len(changed)} volumes had pieces to drop")
effect = pd.DataFrame(rows, index=["Dice", "HD95 (mm)", "Hausdorff, 100 % (mm)"]).T
if not brain.is_standin:
    assert abs(effect.diff().iloc[1, 0]) < 0.005 and effect.diff().iloc[1, 2] <= 0.2
effect.round(3)

# %% [markdown]
# Small stray pieces hardly weigh in Dice or HD95, and the largest distance shows them. It is a
# safety net, not a gain. Where a structure may have several pieces (vessels, tumours, the
# stand-in's tissue) it would be wrong.

# %% [markdown]
# ## The result
#
# Everything is fixed, chosen on the validation part: open the test part. (The stored table holds
# the test scores of ten seeds; nothing was changed for them.) On the real data the largest
# component is kept, on the stand-in not (its tissue is not in one piece). The intervals resample
# *subjects*: two sides of one brain are alike, and count as one draw.

# %%
test = brain.test
test_volumes = standardise(test.x[..., 0])
test_answers = predict(test_volumes)
if not brain.is_standin:
    test_answers = np.stack([largest_component(a) for a in test_answers])
methods = {"mean atlas": simple["mean atlas"](test_volumes),
           "atlas and brightness": atlas_and_brightness(test_volumes), "U-Net": test_answers}


def mean_interval(values):
    return metrics.bootstrap_interval(values, values, lambda _, v: v.mean(), test.patient)


rows, test_dice = {}, {}
for name, result in methods.items():
    test_dice[name] = np.stack([volume_dice(test.y, result, label) for label in (1, 2)], axis=1)
    rows[name] = {f"Dice, {part}": str(mean_interval(test_dice[name][:, k]))
                  for k, part in enumerate(names[1:])}
    for label, part in enumerate(names[1:], start=1):
        distances = np.array([metrics.hausdorff_distance(t == label, a == label, brain.spacing)
                              for t, a in zip(test.y, result)])
        rows[name][f"HD95, {part} (mm)"] = str(mean_interval(distances))
pd.DataFrame(rows).T

# %% [markdown]
# The difference between the network and the best simple method, on the same volumes, and the spread
# over seeds from the stored table:

# %%
gain = test_dice["U-Net"].mean(axis=1) - test_dice["atlas and brightness"].mean(axis=1)
print(f"U-Net minus atlas and brightness, mean Dice: {mean_interval(gain)}")
assert mean_interval(gain).low > 0.03
which = "raw" if brain.is_standin else "largest component"
main_runs = [run["test"][which]["dice"] for run in stored["runs"] if run["what"] == "sum"]
assert len(main_runs) >= 10
live = test_dice["U-Net"].mean(axis=0)
for k, part in enumerate(names[1:]):
    seeds = np.array(main_runs)[:, k]
    low, high = tables.prediction_interval(seeds)
    print(f"{part}: {len(seeds)} seeds, mean Dice {seeds.mean():.3f} (SD {seeds.std(ddof=1):.3f}); "
          f"this run {live[k]:.3f}, expected between {low:.3f} and {high:.3f}")
    assert low <= live[k] <= high
if not brain.is_standin:
    published = {"anterior": 0.898, "posterior": 0.881}  # nnU-Net, cross-validation
    gap = np.array(list(published.values())) - np.mean(main_runs, axis=0)
    print(f"published minus the mean of the seeds: {gap[0]:.3f} and {gap[1]:.3f}")
    assert np.all(np.mean(main_runs, axis=0) > [0.87, 0.85])
    assert np.all((gap > 0.005) & (gap < 0.025))

# %% [markdown]
# **Beside published figures.** In five-fold cross-validation on these same 260 volumes, nnU-Net, a
# far larger three-dimensional network, reaches 0.898 for the anterior and 0.881 for the posterior
# part. The figures are those of its preprint of 2019 (Isensee and others), as MONAI's tutorial
# quotes them; MONAI's own build of it reaches 0.898 and 0.882. A small network and half a minute
# leave a gap of one to two hundredths. Two things help the other side of the comparison: it trained
# on 208 volumes at a time, not on 155, and its folds were drawn by *volume*, so that one side of a
# brain could be in training and the other in validation. Ours were drawn by subject.
#
# Nobody should expect 1.0, since outlines by hand differ too. And our atlas is no match for a good
# one. On other data, for the hippocampus as a whole, a method with *fitted* atlases and landmarks
# reached 0.87 in 16 young healthy people and 0.84 in a group with epilepsy patients (Chupin and
# others 2009): sick hippocampi are harder. And for adults of this hospital one with 195 atlases
# comes near the agreement between raters, or beyond it (OVAL).

# %% tags=["figure"]
mean_dice = test_dice["U-Net"].mean(axis=1)
order = np.argsort(mean_dice)
picked = {"best": order[-1], "median": order[len(order) // 2], "worst": order[0]}
fig, axes = plt.subplots(2, 3, figsize=(10, 6.6))
for column, (name, n) in zip(axes.T, picked.items()):
    middle = [int(np.median(place)) for place in np.nonzero(test.y[n])]
    for ax, axis in zip(column, (1, 0)):
        cut = middle[axis]
        show_slice(ax, test_volumes[n].take(cut, axis))
        outline(ax, test.y[n].take(cut, axis), linestyles="-", colors="white")
        outline(ax, test_answers[n].take(cut, axis), linestyles="--",
                colors=plots.COLOURS["orange"])
    column[0].set_title(f"{name}: mean Dice {mean_dice[n]:.2f}")
axes[0, 0].set_ylabel("coronal")
axes[1, 0].set_ylabel("sagittal")
plots.show(
    fig,
    "Figure 23.3. Best, median and worst test volume: by hand in solid white, by the U-Net in "
    "dashed orange. On the real data even the worst outline lies in the right place. It runs "
    "further in than the one by hand, and the two labels meet elsewhere.",
    "Six MR slices, three patients in a coronal and a sagittal cut. Solid and dashed outlines "
    "nearly coincide in the best and the median patient and differ along the border in the worst.",
)

# %% [markdown]
# Look for yourself: every test volume, every slice. Where do the outlines part: at the front, at
# the tail, where the labels meet? And is it always the *network* that is wrong? Begin with the
# worst volume.

# %% tags=["figure"]
def draw_slice(rank, cut, method):
    n = order[rank - 1]
    fig, ax = plt.subplots(figsize=(4.6, 5.2))
    show_slice(ax, test_volumes[n][:, cut])
    outline(ax, test.y[n][:, cut], linestyles="-", colors="white")
    outline(ax, methods[method][n][:, cut], linestyles="--", colors=plots.COLOURS["orange"])
    values = [metrics.dice_coefficient(test.y[n] == k, methods[method][n] == k) for k in (1, 2)]
    ax.set_title(f"{method}, slice {cut}\nDice of the whole volume: {names[1]} {values[0]:.2f}, "
                 f"{names[2]} {values[1]:.2f}", fontsize=10)
    return fig

# %% tags=["widget"]
widgets.explore(
    draw_slice,
    {
        "rank": widgets.slider("Volume, from worst to best", 1, len(order), len(order) // 2),
        "cut": widgets.slider(f"Slice, from back (0) to front ({test.y.shape[2] - 1})", 0,
                              test.y.shape[2] - 1, 33),
        "method": widgets.choice("Method", list(methods), "U-Net"),
    },
    "Figure 23.4. The slice browser: by hand in solid white, the chosen method in dashed orange. "
    "Go from back to front, and compare the U-Net with the atlas, which is the same for everybody. "
    "(Stripes at the rim are padding.)",
    "One coronal MR slice of a middling test volume with a solid outline by hand and a dashed one "
    "by the U-Net, which nearly coincide.",
)

# %% [markdown]
# ## Reading it as a clinician
#
# A clinic does not read Dice. It reads the picture first: is the hippocampus lower on one side, is
# the space around it wider? (The usual scale for that runs from 0 to 4 for each side; Scheltens and
# others 1992.) Then, if at all, a **volume**, beside the other side and beside people of the same
# age and head size. The volume is the voxels of the mask times the volume of a voxel.
#
# Do the network's volumes agree with those by hand? Not a correlation but the *differences* tell
# (Bland and Altman 1986). With $\bar{d}$ for their mean (the **bias**) and $s$ for their standard
# deviation, about 95 % of the differences lie between the **limits of agreement**, if they are
# roughly normal:
#
# $$ \bar{d} \pm 1.96 \, s \tag{23.8} $$

# %%
by_hand, by_network = (np.array([metrics.volume_ml(mask > 0, brain.spacing) for mask in result])
                       for result in (test.y, test_answers))
mean_volume = (by_hand + by_network) / 2
percent = 100 * (by_network - by_hand) / mean_volume
agreement = metrics.bland_altman(np.zeros_like(percent), percent, test.patient)
limits = [x.estimate for x in (agreement.low, agreement.bias, agreement.high)]
outside = np.sum((percent < limits[0]) | (percent > limits[2]))
print(f"mean volume by hand {by_hand.mean():.2f} ml; correlation "
      f"{np.corrcoef(by_hand, by_network)[0, 1]:.2f}")
for name, x in (("bias", agreement.bias), ("lower limit", agreement.low),
                ("upper limit", agreement.high)):
    print(f"{name:11} in percent {x}")
print(f"{outside} of {len(percent)} differences lie outside the limits")
assert np.isclose(limits[2] - limits[0], 2 * 1.96 * percent.std(ddof=1))
if not brain.is_standin:
    assert abs(limits[1]) < 6 and 6 < 1.96 * agreement.deviation < 30

# %% tags=["figure"]
fig, ax = plt.subplots(figsize=(7, 4.2))
ax.plot(mean_volume, percent, "o", color=plots.COLOURS["blue"], linestyle="none")
for value, dash, text in zip(limits, ("--", "-", "--"), ("lower limit", "bias", "upper limit")):
    ax.axhline(value, color=plots.COLOURS["red"], linestyle=dash, linewidth=1.5)
    ax.annotate(f"{text} {value:+.1f} %", (0.99, value), xycoords=("axes fraction", "data"),
                ha="right", va="bottom", fontsize=9, bbox={"fc": "white", "ec": "none", "pad": 1})
ax.axhline(0, color="black", linewidth=0.8)
ax.set(xlabel="mean of the volumes by hand and by network (ml)",
       ylabel="network minus hand (% of their mean)")
plots.show(
    fig,
    "Figure 23.5. Bland and Altman's picture: for each test volume the difference between network "
    "and hand. The solid line is the bias, the dashed ones are the limits of agreement. On the "
    "real data one volume far below helps to push them apart.",
    "Scatter of percentage differences against the mean of both volumes, most within the two "
    "dashed limits around a line near zero.",
)

# %% [markdown]
# ### What the limits say, and what they do not
#
# - They are for *one* volume, of people like these: healthy or with a psychotic disorder.
# - They hold the errors of *both*, network and hand. The truth is not among the two.
# - They are estimates from few people; each has its own interval (printed above).
# - They promise nothing about a *change*. A follow-up subtracts two volumes of one person. Errors
#   that both scans share would cancel; others would add up. Nobody here was scanned twice.
#
# How large is that? Beside it, published: two readers who outline the same scans (Jansen and others
# 2009), how much smaller the hippocampus is in Alzheimer's disease and in mild cognitive impairment
# (MCI), its forerunner in some (Shi and others 2009; the lower of both sides), and how much faster
# it shrinks in Alzheimer's disease than with age (Barnes and others 2009; 95 % interval 1.73 to
# 4.94).

# %%
half_width = 1.96 * agreement.deviation
spread = 100 * by_hand.std(ddof=1) / by_hand.mean()
rows = [
    ("half the width of the limits", half_width, "network and hand, here"),
    ("mean difference, without its sign", np.abs(percent).mean(), "network and hand, here"),
    ("mean difference, right side", 6.2, "two readers (left 7.4), Jansen"),
    ("standard deviation between people", spread, "by hand, here"),
    ("Alzheimer's disease: smaller by", 23.1, "Shi"),
    ("MCI: smaller by", 11.1, "Shi"),
    ("Alzheimer's disease: a year's extra loss", 3.33, "Barnes"),
]
pd.DataFrame(rows, columns=["", "percent", "from"]).set_index("").round(1)

# %%
if not brain.is_standin:
    assert 3.33 < half_width < 23.1 and np.abs(percent).mean() < 7.4
    assert agreement.deviation < spread

# %% [markdown]
# On the real data: the network is no further from the hand than those two readers from each other
# (other scans, other rules for outlining, so only the order of size counts). A year's extra loss is
# far within the limits: in one person, at one time, it cannot be told from an error. The loss of
# MCI is about as large as the limits are wide to each side. That of Alzheimer's disease is larger,
# if the network did as well in the sick (nobody knows: see Chupin above). Even then one small
# hippocampus proves nothing, since healthy people differ too. Over *groups*, where all errors but
# the bias average out, smaller differences can be seen.
#
# ### An illusion: "it makes the small ones larger"
#
# Put the same differences against three quantities, and fit a line to each:

# %%
difference = by_network - by_hand
slopes = {}
for name, volume in (("by hand", by_hand), ("by network", by_network),
                     ("mean of both", mean_volume)):
    slopes[name] = metrics.bootstrap_interval(
        volume, difference, lambda v, d: np.polyfit(v, d, 1)[0], test.patient)
    print(f"change of the difference for each ml, volume {name:12}: {slopes[name]}")
if not brain.is_standin:
    assert slopes["by hand"].high < 0.05
    assert slopes["by hand"].estimate + 0.08 < slopes["mean of both"].estimate
    assert slopes["mean of both"].estimate + 0.05 < slopes["by network"].estimate
    assert slopes["mean of both"].low < 0 < slopes["mean of both"].high

# %% [markdown]
# Against the volume by hand the line falls (real data): the network seems to enlarge the small and
# to shrink the large, and a shrunken hippocampus would be missed. Against the network's own volume
# the line does not fall. Both cannot be believed. An error of the hand sits in the difference *and*
# on the axis, and tilts the line by itself; so does one of the network. That is why the picture has
# the *mean* of both below (Bland and Altman 1995). There the slope is small, and its interval holds
# 0: these data do not show that small ones are enlarged. They cannot rule it out either.
#
# ### Before anybody uses it
#
# - **Errors cancel in a volume.** Too much here and too little there can give the right number in
#   the wrong place: look at the outline.
# - **Sensitivity, predictive values and net benefit** do not apply: a volume is no decision. They
#   would, for a threshold on volumes, with patients and controls, which the file does not tell
#   apart. The *probabilities* were not used beyond the most probable label, so their calibration
#   was not looked at.
# - **Subgroups** cannot be checked: age, sex, diagnosis and side are not in the file.
# - **Not to be used** for diagnosis or follow-up; on another scanner, at another age, in dementia
#   or epilepsy; on whole brains (these were cut around the hippocampus by somebody who knew where
#   it is); where the anatomy is changed by a tumour or an operation.

# %% [markdown]
# ## Exercises
#
# `exercises.hint("23.1")` gives a hint, and the next one each time. First look at this table: four
# errors made on purpose on a made-up structure, an ellipsoid of the size of a hippocampus.

# %%
del brain, volumes, masks, answers, cleaned, unet, ours, packaged  # the exercises need the memory
places = (np.indices((32, 56, 40)) - np.array([16, 28, 20])[:, None, None, None])
true = np.sum((places / np.array([6, 18, 7])[:, None, None, None]) ** 2, axis=0) <= 1
stray, half = true.copy(), true.copy()
stray[:2, :2, :2] = True
half[:, 28:] = False
made = {"A": stray, "B": ndimage.binary_dilation(true), "C": np.roll(true, 1, axis=0), "D": half}
pd.DataFrame({
    letter: {"Dice": metrics.dice_coefficient(true, wrong),
             "HD95 (mm)": metrics.hausdorff_distance(true, wrong, spacing=1.0),
             "Hausdorff, 100 % (mm)": metrics.hausdorff_distance(true, wrong, 1.0, percentile=100),
             "volume error (%)": 100 * metrics.volume_error(true, wrong)}
    for letter, wrong in made.items()}).T.round(2)

# %% [markdown]
# ### Exercise 23.1 · Four errors (reading, about 4 minutes)
#
# Which error is which? Give A, B, C and D each one of `"shifted"`, `"too large"` (one layer all
# around), `"a stray piece"` (far away), `"half missing"`, as a dictionary `{"A": ..., "B": ...}`.

# %% tags=["exercise"]
answer_23_1 = ...

# %% tags=["check"]
exercises.check("23.1", answer_23_1)

# %% tags=["solution"]
answer_23_1_solution = {
    "A": "a stray piece", "B": "too large", "C": "shifted", "D": "half missing",
}
exercises.check("23.1", answer_23_1_solution)

# %% [markdown]
# ### Exercise 23.2 · The Dice loss of one structure (applying, about 6 minutes)
#
# Write (23.7) in NumPy for one structure: `truth` holds 0 and 1, `probability` numbers from 0 to 1,
# both of shape (slices, rows, columns).

# %% tags=["exercise"]
def one_dice_loss(truth, probability):
    """Return the Dice loss over the whole batch, one number."""
    ...

# %% tags=["check"]
exercises.check("23.2", one_dice_loss)

# %% tags=["solution"]
def one_dice_loss_solution(truth, probability):
    both = np.sum(truth * probability)
    return 1 - (2 * both + 1) / (np.sum(truth) + np.sum(probability) + 1)


exercises.check("23.2", one_dice_loss_solution)

# %% [markdown]
# ### Exercise 23.3 · The 95 % Hausdorff distance (building, about 10 minutes)
#
# Write (23.3). `first` and `second` are the surface voxels of two masks, as places of shape
# (points, axes); `spacing` is the size of a voxel in mm along each axis.

# %% tags=["exercise"]
def hd95(first, second, spacing):
    """Return the 95 % Hausdorff distance in mm, one number."""
    ...

# %% tags=["check"]
exercises.check("23.3", hd95)

# %% tags=["solution"]
def hd95_solution(first, second, spacing):
    first, second = np.asarray(first) * spacing, np.asarray(second) * spacing
    distances = np.linalg.norm(first[:, np.newaxis] - second[np.newaxis], axis=-1)
    return max(np.percentile(distances.min(axis=axis), 95) for axis in (0, 1))


exercises.check("23.3", hd95_solution)

# %% [markdown]
# ### A second task: the vessels of the retina
#
# Another structure, another measure of success: here *two* observers drew the vessels. How well the
# second agrees with the first is what a program can hope for. (The real data are 3 MB.)

# %% tags=["card"]
eyes = data.load("retinal_vessels")

# %% tags=["figure"]
from matplotlib.colors import ListedColormap  # noqa: E402  (for this picture alone)

shown = np.flatnonzero(eyes.split == "train")[0]
x, y = eyes.x[shown].copy(), eyes.y[shown].copy()
del eyes  # memory again: one eye is enough here
fig, axes = plt.subplots(1, 3, figsize=(10, 3.6))
axes[0].imshow(x)
axes[1].imshow(x[..., 1])
four = ListedColormap(["black", plots.COLOURS["orange"], plots.COLOURS["blue"], "white"])
axes[2].imshow((y[..., 0] + 2 * y[..., 1])[40:240, 240:440], cmap=four, vmin=0, vmax=3)
for ax, title in zip(axes, ("photograph", "its green channel", "two observers, a part enlarged")):
    ax.set(xticks=[], yticks=[], title=title)
plots.show(
    fig,
    "Figure 23.6. One eye of the training part, and where the observers saw vessels, upper right: "
    "white both, lighter orange the first alone, darker blue the second alone. They part at the "
    f"edges and at the finest vessels (Dice {metrics.dice_coefficient(y[..., 0], y[..., 1]):.2f}).",
    "A round photograph of a retina, its green channel with dark branching vessels, and an "
    "enlarged part of the masks: white where both agree, coloured rims where one alone drew.",
)

# %% [markdown]
# ### Exercise 23.4 · Retinal vessels without a network (building, about 15 minutes)
#
# Write a mask of the vessels from the green channel: vessels are **darker than their
# surroundings**, whatever the lamp. `inside` is True where the picture shows the eye; call the
# share `share` of those pixels vessels. (You may import from `scipy.ndimage` inside the function.
# To try it on the eye above: `x[..., 1]` is its green channel, `x[..., 0] > 0.1` is where it is.)
# The solution compares it with the second observer, and with a U-Net after a short training.

# %% tags=["exercise"]
def vessel_mask(green, inside, share):
    """green (rows, columns), inside bool. Return a bool mask of the same shape."""
    ...

# %% tags=["check"]
exercises.check("23.4", vessel_mask)

# %% tags=["solution"]
def vessel_mask_solution(green, inside, share):
    from scipy.ndimage import gaussian_filter

    light = gaussian_filter(green * inside, 8)
    surroundings = light / np.maximum(gaussian_filter(inside * 1.0, 8), 1e-6)
    darker = 1 - green / np.maximum(surroundings, 1e-6)
    return (darker > np.quantile(darker[inside], 1 - share)) & inside


def compare_with_the_second_observer():
    from scipy import ndimage

    from medlearn import data, metrics, tables

    eyes = data.load("retinal_vessels", show_card=False)
    stored = tables.load_table("segmentation", "standin" if eyes.is_standin else "real")

    def disc(x):
        return ndimage.binary_erosion(ndimage.binary_fill_holes(x[..., 0] > 0.1), iterations=4)

    share = np.mean([np.sum(eyes.y[n, ..., 0]) / disc(eyes.x[n]).sum()
                     for n in np.flatnonzero(eyes.split == "train")])
    test = eyes.test
    found = [vessel_mask_solution(x[..., 1], disc(x), share) for x in test.x]
    rows = {
        "this function": [metrics.dice_coefficient(y[..., 0], f) for y, f in zip(test.y, found)],
        "second observer": [metrics.dice_coefficient(y[..., 0], y[..., 1]) for y in test.y],
        "U-Net (stored table)": np.mean(
            [run["test"] for run in stored["runs"] if run["what"] == "vessels"], axis=0),
    }
    for name, values in rows.items():
        shown = metrics.bootstrap_interval(
            np.array(values), np.array(values), lambda _, v: v.mean(), test.patient)
        print(f"{name:22} Dice with the first observer {shown}")


compare_with_the_second_observer()
exercises.check("23.4", vessel_mask_solution)

# %% [markdown]
# ## What you can now do
#
# - ask of any "segmentation" network what shape its output has, and where its weights sit
# - choose a measure for a mask, and say which error it would miss
# - build a U-Net, and say what the skips and each loss are for
# - put a network beside an atlas on held-out subjects, with intervals that resample subjects
# - turn masks into volumes, and say for which question their limits of agreement are too wide
#
# **Next:** [30 · Recurrence from scratch](30_recurrence_from_scratch.ipynb)

# %% [markdown]
# ## Further reading
#
# - Ronneberger, Fischer and Brox 2015: the U-Net; eight pages, still the starting point.
# - Isensee and others 2021: how far a plain U-Net gets when the rest is done with care.
# - Maier-Hein and others 2024, Reinke and others 2024: which measure for which question.

# %% [markdown]
# ## References
#
# - D1, *Neural networks in medical image analysis*, sections 2 and 4; D4, *Deep learning in health
#   care in practice*, sections 2.2, 3.1.1 and 4.1.
# - Antonelli et al., Nat Commun 2022;13:4128, <https://doi.org/10.1038/s41467-022-30695-9>. The
#   Medical Segmentation Decathlon.
# - Barnes et al., 2009, <https://doi.org/10.1016/j.neurobiolaging.2008.01.010>. A
#   meta-analysis of hippocampal atrophy rates in Alzheimer's disease. Neurobiol Aging 30:1711.
# - Bland, Altman, Lancet 1995;346:1085, <https://doi.org/10.1016/S0140-6736(95)91748-9>. Comparing
#   methods of measurement: why plotting difference against standard method is misleading.
# - Bland, Altman, Lancet 1986;327:307, <https://doi.org/10.1016/S0140-6736(86)90837-8>. Statistical
#   methods for assessing agreement between two methods of clinical measurement.
# - Chupin et al., NeuroImage 2009;46:749, <https://doi.org/10.1016/j.neuroimage.2009.02.013>.
#   Automatic segmentation of the hippocampus and the amygdala driven by hybrid constraints.
# - Fraz et al., IEEE Trans Biomed Eng 2012;59:2538, <https://doi.org/10.1109/TBME.2012.2205687>. An
#   ensemble classification-based approach applied to retinal blood vessel segmentation.
# - Isensee et al., 2019, <https://arxiv.org/abs/1904.08128>. Automated design of deep learning
#   methods for biomedical image segmentation. The preprint of the next; quoted in
#   <https://github.com/Project-MONAI/tutorials>, folder `modules/dynunet_pipeline`.
# - Isensee et al., Nat Methods 2021;18:203, <https://doi.org/10.1038/s41592-020-01008-z>. nnU-Net:
#   a self-configuring method for deep learning-based biomedical image segmentation.
# - Jansen et al., Proc ISMRM 2009, abstract 965, <http://archive.ismrm.org/2009/0965.html>.
#   Reliability analysis of hippocampal MRI volumetry at 3 Tesla.
# - Maier-Hein et al., Nat Methods 2024;21:195, <https://doi.org/10.1038/s41592-023-02151-z>.
#   Metrics reloaded: recommendations for image analysis validation.
# - Milletari, Navab, Ahmadi, 3DV 2016, <https://doi.org/10.1109/3DV.2016.79>. V-Net: fully
#   convolutional neural networks for volumetric medical image segmentation.
# - Otsu, IEEE Trans Syst Man Cybern 1979;9:62, <https://doi.org/10.1109/TSMC.1979.4310076>. A
#   threshold selection method from gray-level histograms.
# - OVAL, the Open Vanderbilt Archive of the temporal Lobe,
#   <https://pmc.ncbi.nlm.nih.gov/articles/PMC8715642>. Multi-atlas segmentation of hippocampus
#   head, body and tail and of the amygdala.
# - Reinke et al., Nat Methods 2024;21:182, <https://doi.org/10.1038/s41592-023-02150-0>.
#   Understanding metric-related pitfalls in image analysis validation.
# - Ronneberger, Fischer, Brox, MICCAI 2015, <https://doi.org/10.1007/978-3-319-24574-4_28>. U-Net:
#   convolutional networks for biomedical image segmentation.
# - Scheltens et al., J Neurol Neurosurg Psychiatry 1992;55:967,
#   <https://doi.org/10.1136/jnnp.55.10.967>. Atrophy of medial temporal lobes on MRI.
# - Shi et al., Hippocampus 2009;19:1055, <https://doi.org/10.1002/hipo.20573>. Hippocampal volume
#   and asymmetry in mild cognitive impairment and Alzheimer's disease.
