# %% [markdown]
# # 20 · Convolution from scratch
#
# You will slide a small window over a radiograph, find out which of four printed formulas your
# library really computes, and train a network that looks at pictures with nothing but NumPy.
#
# | | |
# | --- | --- |
# | **Time** | {reading} to read and do, {running} to run |
# | **Know before** | chapters 11 and 12: layers, loss, backward pass, Adam; NumPy arrays |
# | **Follows** | D0, section 3.1; D1, section 3.1; D3, section 3.1; D4, section 4.1 |
#
# **After this chapter you can**
# - compute a convolution by hand and in NumPy, and say which printed formula a library computes
# - choose kernels, strides, padding and pooling, and predict the shape of what comes out
# - say how much of a picture one unit sees, and show it
# - derive the backward pass of a convolution, implement it, and check it
# - train a small network on radiographs, and judge it on another batch of films

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import convolve2d
from sklearn.linear_model import LogisticRegression

from medlearn import data, exercises, lesson, metrics, plots, scratch, widgets

plots.use_course_style()
lesson.use_one_thread()  # the matrices here are small
rng = np.random.default_rng(lesson.seed())

# %% [markdown]
# ## The data
#
# Chest films of small children, as in chapter 11: is there a pneumonia?

# %% tags=["card"]
chest = data.load("pneumonia_xray")

# %%
train, validation, test = chest.train, chest.validation, chest.test
for name, part in (("train", train), ("validation", validation), ("test", test)):
    print(f"{name:10} {len(part.y):5} films, shape of x {part.x.shape}, "
          f"pneumonia {part.y.mean():.1%}")
normal, ill = (train.x[train.y == label][:4, :, :, 0] for label in (0, 1))
film = normal[0]  # (28, 28): the picture of the next sections

# %% [markdown]
# The last column is a trap, and the chapter comes back to it: in the test part fewer children are
# ill than where the network learns. The last axis of `x` holds the **channels**: one for a grey
# picture, three for a coloured one.

# %% tags=["figure"]
fig, axes = plt.subplots(2, 4, figsize=(8, 4.4))
for row, (pictures, label) in enumerate(((normal, "normal"), (ill, "pneumonia"))):
    for ax, picture in zip(axes[row], pictures):
        ax.imshow(picture, vmin=0, vmax=1)
        ax.set_title(label, fontsize=10)
        ax.axis("off")
plots.show(
    fig,
    "Figure 20.1. Four films without and four with pneumonia, 28 pixels a side. Air is dark, bone "
    "and fluid are bright. The lungs below are hazier. Beware: the mere contrast of a film already "
    "tells much, as the result will show.",
    "Two rows of four small grey chest films: two dark lungs left and right of a bright spine and "
    "heart; in the lower row the lungs are hazier.",
)

# %% [markdown]
# ## The idea: a window that slides
#
# A dense layer gives every pixel a weight of its own. But an edge or a hazy spot *looks* the same
# wherever it lies (what it means there, later layers may weigh). So look through a small
# **window**, ask the *same* question at every place, and write the answers down as a new picture.
# The question is a small table of weights, the **kernel**; the new picture is called a **feature
# map**.

# %%
kernel = np.array([[-1.0, 0.0, 1.0],
                   [-2.0, 0.0, 2.0],
                   [-1.0, 0.0, 1.0]])  # right minus left: it answers to upright edges

i, j = 12, 10
window = film[i : i + 3, j : j + 3]
print("window\n", window.round(2))
print("times the kernel, entry by entry\n", (window * kernel).round(2))
print(f"summed up: {np.sum(window * kernel):.3f}")

# %% [markdown]
# For a picture $x$ and a kernel $k$ of 3 rows and 3 columns, both counted from 0:
#
# $$ y_{ij} = \sum_{m=0}^{2} \sum_{n=0}^{2} x_{i+m, \, j+n} \, k_{mn} \tag{20.1} $$
#
# $m, n$ walk through the window; $i, j$ say where it stands. Here it is as the formula reads:

# %%
def slide(x, k):
    rows, columns = k.shape
    y = np.zeros((x.shape[0] - rows + 1, x.shape[1] - columns + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = np.sum(x[i : i + rows, j : j + columns] * k)
    return y


y = slide(film, kernel)
print("28 x 28 pixels in,", " x ".join(map(str, y.shape)), "out")
assert y.shape == (26, 26) and np.isclose(y[12, 10], np.sum(window * kernel))
assert np.allclose(slide(np.full((28, 28), 0.7), kernel), 0)  # nothing to see: no answer

# %% tags=["figure"]
fig, axes = plt.subplots(1, 3, figsize=(10, 3.6))
axes[0].imshow(film)
axes[0].set_title("film, 28 x 28; one window")
axes[0].add_patch(plt.Rectangle((j - 0.5, i - 0.5), 3, 3, fill=False, ec="yellow", lw=2))
axes[1].imshow(kernel, cmap="PuOr", vmin=-2, vmax=2)
axes[1].set_title("kernel, 3 x 3")
for (m, n), value in np.ndenumerate(kernel):
    axes[1].text(n, m, f"{value:.0f}", ha="center", va="center", fontsize=14,
                 color="white" if abs(value) > 1 else "black")
limit = np.abs(y).max()
shown = axes[2].imshow(y, cmap="PuOr", vmin=-limit, vmax=limit)
axes[2].add_patch(plt.Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, ec="black", lw=2))
axes[2].set_title("feature map, 26 x 26; one answer")
fig.colorbar(shown, ax=axes[2], label="sum of products")
for ax in axes:
    ax.grid(False)
    ax.set(xticks=[], yticks=[])
plots.show(
    fig,
    "Figure 20.2. One window, one kernel, one answer. Where the film gets brighter to the right "
    "the answer is positive (see the scale), where it gets darker negative, in even regions zero.",
    "Left a chest film with a small square; in the middle the kernel's nine numbers; right the "
    "feature map, strong along the upright borders of lungs, heart and ribcage, pale elsewhere.",
)

# %% [markdown]
# Two things are gained. **Few weights**: one kernel serves all places. And **what moves in the
# picture moves in the answer** (*equivariance*): nobody has to learn a spot again for each place.

# %%
moved = np.roll(film, 2, axis=1)  # two pixels to the right
assert np.allclose(slide(moved, kernel)[:, 2:], y[:, :-2])
dense_weights = film.size * y.size
print(f"A dense layer from 28 x 28 to 26 x 26: {dense_weights:,} weights; "
      f"our kernel: {kernel.size}")
assert dense_weights > 10_000 * kernel.size

# %% [markdown] tags=["erratum"]
# ### Erratum, D0 3.1.1, D1 3.1.1, D3 3.1.1 and D4 4.1: one name, four operations
#
# All four articles print a formula for "the convolution". In the names of (20.1), counted from 0
# and without the bias, they are, in this order:
#
# $$ y_{ij} = \sum_{m} x_{im} \, k_{mj} \tag{20.2} $$
#
# $$ y_{ij} = \sum_{m=0}^{2} \sum_{n=0}^{2} x_{mn} \, k_{m-i, \, n-j} \tag{20.3} $$
#
# $$ y_{ij} = \sum_{m=0}^{2} \sum_{n=0}^{2} x_{m-i, \, n-j} \, k_{mn} \tag{20.4} $$
#
# $$ y_{ij} = \sum_{m} \sum_{n} x_{i+m, \, j+n} \, k_{mn} \tag{20.5} $$
#
# Mathematics means a fifth thing by convolution; it flips the kernel in both directions:
#
# $$ y_{ij} = \sum_{m=0}^{2} \sum_{n=0}^{2} x_{i+m, \, j+n} \, k_{2-m, \, 2-n} \tag{20.6} $$
#
# Compute all five on the same film. What lies outside an array counts as 0. (In plain Python a
# negative index would silently count from the other end.)

# %% tags=["erratum"]
def at(array, i, j):
    inside = 0 <= i < array.shape[0] and 0 <= j < array.shape[1]
    return array[i, j] if inside else 0.0


terms = {  # what is summed over m and n
    "D1, (20.3)": lambda x, k, i, j, m, n: at(x, m, n) * at(k, m - i, n - j),
    "D3, (20.4)": lambda x, k, i, j, m, n: at(x, m - i, n - j) * k[m, n],
    "D4, (20.5)": lambda x, k, i, j, m, n: at(x, i + m, j + n) * k[m, n],
    "true convolution, (20.6)": lambda x, k, i, j, m, n: at(x, i + m, j + n) * k[2 - m, 2 - n],
}


def printed(term, x, k, i, j):
    return sum(term(x, k, i, j, m, n) for m, n in np.ndindex(3, 3))


results = {"D0, (20.2)": film[:, :3] @ kernel}
for name, term in terms.items():
    results[name] = np.array([[printed(term, film, kernel, i, j) for j in range(26)]
                              for i in range(26)])

# %% tags=["figure"]
fig, axes = plt.subplots(1, 6, figsize=(13, 2.9), width_ratios=[1, 0.4, 1, 1, 1, 1])
axes[0].imshow(film)
axes[0].set_title("film", fontsize=10)
for ax, (name, result) in zip(axes[1:], results.items()):
    shown = ax.imshow(result, cmap="PuOr", vmin=-limit, vmax=limit)
    ax.set_title(f"{name}\n{result.shape[0]} x {result.shape[1]}", fontsize=10)
for ax in axes[2:4]:
    ax.add_patch(plt.Rectangle((-0.5, -0.5), 3, 3, fill=False, ec="black"))
    ax.text(4, 2, "nothing but this", fontsize=9)
fig.colorbar(shown, ax=axes[1:], label="sum of products", pad=0.01)
for ax in axes:
    ax.grid(False)
    ax.set(xticks=[], yticks=[])
plots.show(
    fig,
    "Figure 20.3. One film, one kernel, five formulas. D0's is three columns wide, D1's and D3's "
    "are empty but for a corner of 3 x 3 pixels, D4's shows the edges, and true convolution the "
    "same edges with the opposite sign, because *this* kernel, flipped, is its own negative (the "
    "blur would stay as it is).",
    "A film and five results: a narrow strip; two blank squares with faint marks in the upper left "
    "corner; the edges of the chest; the same edges with positive and negative exchanged. A scale.",
)

# %% [markdown] tags=["erratum"]
# - **D0's is a matrix product**, a dense layer: it mixes the first three pixels of each row by one
#   rule and never looks at the rest. It knows no neighbours: shuffle the columns of $x$ and the
#   rows of $k$ alike, and nothing changes.
# - **D1's window never moves.** $m, n$ stop at 2, so that only the film's upper left corner is
#   read. Let them run over the *whole picture* and the formula is right.
# - **D3's window walks out of the picture**, up and to the left. It has the sign of $i$ and $j$
#   wrong. Its bias, too, is counted by row ($b_i$); it is one for each kernel.
# - **D4's is right** and is (20.1). Its name is not: mathematicians call it **cross-correlation**.

# %% tags=["erratum"]
shuffle = [2, 0, 1]
assert np.allclose(film[:, shuffle] @ kernel[shuffle], results["D0, (20.2)"])
for name in ("D1, (20.3)", "D3, (20.4)"):
    outside = results[name].copy()
    outside[:3, :3] = 0
    assert not outside.any() and results[name].any()
assert not np.allclose(results["D1, (20.3)"], results["D3, (20.4)"])

for i, j in ((0, 0), (5, 7), (20, 13)):  # each repaired
    wide = sum(film[m, n] * at(kernel, m - i, n - j) for m, n in np.ndindex(film.shape))
    turned = printed(terms["D3, (20.4)"], film, kernel, -i, -j)
    assert np.allclose([wide, turned], y[i, j])
print("D1 over the whole picture, and D3 with the sign turned, give (20.1).")

# %% [markdown] tags=["erratum"]
# And which does Keras compute? Ask it, and SciPy, whose function keeps the mathematicians' meaning.
# Loading Keras takes about ten seconds.

# %% tags=["erratum"]
keras = lesson.load_keras()
layer = keras.layers.Conv2D(1, 3, use_bias=False)
layer.build((None, 28, 28, 1))
layer.set_weights([kernel.reshape(3, 3, 1, 1)])
in_keras = np.array(layer(film.reshape(1, 28, 28, 1)))[0, :, :, 0]

for name, result in results.items():
    same = result.shape == in_keras.shape and np.allclose(result, in_keras, atol=1e-5)
    print(f"{name:25} {'is what Keras computes' if same else 'is not what Keras computes'}")
    assert same == name.startswith("D4")
flipped = results["true convolution, (20.6)"]
assert np.allclose(flipped, -results["D4, (20.5)"])  # this kernel flipped is its own negative
assert np.allclose(convolve2d(film, kernel, "valid"), flipped, atol=1e-6)
assert np.allclose(slide(film, kernel[::-1, ::-1]), flipped)

# %% [markdown] tags=["erratum"]
# **Does it matter?** Not for a network that learns its kernels: it would learn the flipped one. It
# does where a kernel comes from elsewhere, from a paper, a signal-processing library, another
# framework's file. From here on "convolution" means what everybody in deep learning means by it:
# cross-correlation.

# %% [markdown]
# ## The idea: kernels by hand
#
# Long before networks learned kernels, people wrote them. Some need only a few numbers:

# %%
kernels = {
    "blur": "1 1 1; 1 1 1; 1 1 1",
    "upright edges": "-1 0 1; -2 0 2; -1 0 1",
    "level edges": "-1 -2 -1; 0 0 0; 1 2 1",
    "sharpen": "0 -1 0; -1 5 -1; 0 -1 0",
    "spots and outlines": "-1 -1 -1; -1 8 -1; -1 -1 -1",
}


def parse_kernel(text):
    rows = [row.split() for row in text.split(";")]
    if len({len(row) for row in rows}) != 1:
        raise ValueError("all rows need equally many numbers; rows end with ; as in 1 0; 0 1")
    return np.array(rows, dtype=float)

# %% [markdown]
# A kernel whose entries sum to 0 answers nothing to an even region; one that sums to 1 keeps its
# brightness. (This blur sums to 9: a map nine times as bright. Divided by 9 it is the mean of the
# window.) Choose a kernel, then **write one of your own**, of any size: try `1 -1`, a blur of 5 x
# 5, an edge from corner to corner, and a flipped kernel.

# %% tags=["figure"]
pictures = {"normal": film, "pneumonia": ill[0]}


def apply_kernel(picture, ready_made, own):
    k = parse_kernel(kernels.get(ready_made, own))
    x = pictures[picture]
    if k.shape[0] > x.shape[0] or k.shape[1] > x.shape[1]:
        raise ValueError("the kernel is larger than the film")
    result = slide(x, k)
    fig, axes = plt.subplots(1, 3, figsize=(9.5, 3.4))
    for ax, values, title in zip(axes, (x, k, result), (picture, "kernel", "feature map")):
        signed = values.min() < 0
        limit = np.abs(values).max() or 1
        drawn = ax.imshow(values, cmap="PuOr" if signed else "gray",
                          vmin=-limit if signed else None, vmax=limit if signed else None)
        ax.set_title(f"{title}, {values.shape[0]} x {values.shape[1]}, sum {values.sum():.3g}"
                     if title == "kernel" else f"{title}, {values.shape[0]} x {values.shape[1]}",
                     fontsize=11)
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        fig.colorbar(drawn, ax=ax, shrink=0.8)
    if k.size <= 49:
        for (m, n), value in np.ndenumerate(k):
            axes[1].text(n, m, f"{value:g}", ha="center", va="center", fontsize=11, bbox={
                "boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.8})
    return fig

# %% tags=["widget"]
widgets.explore(
    apply_kernel,
    {
        "picture": widgets.choice("Film", list(pictures)),
        "ready_made": widgets.choice("Kernel", [*kernels, "my own"], "level edges"),
        "own": widgets.text("My own (rows end with ;)", "0 1 2; -1 0 1; -2 -1 0"),
    },
    "Figure 20.4. A film, a kernel, a feature map. Level edges are positive where the film gets "
    "brighter downwards, above all at the diaphragm. Choose *my own* and edit the numbers.",
    "Left a chest film, in the middle the kernel for level edges with its nine numbers, right its "
    "feature map with bands along the diaphragm and the shoulders.",
)

# %%
blurred = slide(film, parse_kernel(kernels["blur"]) / 9)
even = np.full((5, 5), 0.4)
assert np.abs(np.diff(blurred)).mean() < np.abs(np.diff(film)).mean()
assert np.allclose(slide(even, parse_kernel(kernels["sharpen"])), 0.4)
assert all(np.allclose(slide(even, parse_kernel(kernels[name])), 0)
           for name in ("upright edges", "level edges", "spots and outlines"))

# %% [markdown]
# ## The idea: strides, padding, channels, filters
#
# Four more numbers make a layer of it.
#
# - **Stride** $s$: the window moves by $s$ pixels at a time.
# - **Padding**: `"valid"` takes only windows that fit; `"same"` puts zeros around the picture.
# - **Channels** $c$: a kernel reaches through all channels of its input.
# - **Filters** $f$: several kernels side by side; each gives one channel of the output.
#
# Along an axis of $p$ pixels, with a kernel of $k$, the number of windows is
#
# $$ \Bigl\lfloor \frac{p - k}{s} \Bigr\rfloor + 1 \ \text{(valid)}, \qquad
# \Bigl\lceil \frac{p}{s} \Bigr\rceil \ \text{(same)} \tag{20.7} $$
#
# and for film $b$ of a batch, with the bias $\beta_f$ (`bias`), one number a filter:
#
# $$ z_{bijf} = \sum_{m, n, c} x_{b, \, si+m, \, sj+n, \, c} \, k_{mncf} + \beta_f \tag{20.8} $$
#
# (with the zeros of "same", if any, already around $x$).
#
# | symbol | in the code | shape |
# | --- | --- | --- |
# | $x$ | `x` | (batch, height, width, channels) |
# | $k$ | `kernel` | (rows, columns, channels, filters) |
# | $\beta$ | `bias` | (filters,) |
# | $z$ | `z` | (batch, windows down, windows across, filters) |

# %%
def windows_along(pixels, size, stride, padding):
    if padding == "same":
        return int(np.ceil(pixels / stride))
    return (pixels - size) // stride + 1


for size, stride, padding in ((3, 1, "valid"), (3, 1, "same"), (3, 2, "valid"), (5, 2, "same")):
    expected = windows_along(28, size, stride, padding)
    ours = scratch.Conv2D(8, size, stride, padding)(film[np.newaxis, :, :, np.newaxis])
    in_keras = keras.layers.Conv2D(8, size, stride, padding)(film[np.newaxis, :, :, np.newaxis])
    print(f"kernel {size}, stride {stride}, {padding}: 28 x 28 x 1 becomes "
          f"{' x '.join(map(str, ours.shape[1:]))}")
    assert ours.shape == tuple(in_keras.shape) == (1, expected, expected, 8)

# %% [markdown]
# A Python loop over all windows is slow. But (20.8) is a sum of products for each window and
# filter: a **matrix product** of *all windows, one a row* with *all kernels, one a column*. Laying
# the windows out as rows is called **im2col** (Chellapilla and others 2006). NumPy's
# `sliding_window_view` shows all windows without copying a pixel; the `reshape` then copies them.

# %%
def windows_of(x, size, stride=1):
    view = sliding_window_view(x, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    return view.transpose(0, 1, 2, 4, 5, 3)  # (batch, down, across, size, size, channels)


def conv_forward(x, kernel, bias, stride=1):
    size, _, channels, filters = kernel.shape
    windows = windows_of(x, size, stride)
    rows = windows.reshape(-1, size * size * channels)
    z = rows @ kernel.reshape(-1, filters) + bias
    return z.reshape(*windows.shape[:3], filters), rows

# %%
x = train.x[:32].astype(float)
kernel_8 = rng.normal(size=(3, 3, 1, 8))
start = time.perf_counter()
looped = np.stack([[slide(picture[:, :, 0], kernel_8[:, :, 0, f]) for f in range(8)]
                   for picture in x])
middle = time.perf_counter()
z, rows = conv_forward(x, kernel_8, np.zeros(8))
end = time.perf_counter()
print(f"32 films, 8 filters: loop {1000 * (middle - start):.0f} ms, "
      f"matrix product {1000 * (end - middle):.1f} ms; rows {rows.shape}")
assert np.allclose(z, looped.transpose(0, 2, 3, 1))
assert end - middle < middle - start

# %% [markdown]
# ## The idea: pooling
#
# A diagnosis needs to know *that* there is a haze, not on which pixel. **Pooling** keeps one number
# a window and channel: the largest, or the mean. With windows of $k \times k$ at stride $s$
# (usually $s = k$, windows side by side), for the maximum:
#
# $$ y_{bijc} = \max_{0 \le m, n < k} \, x_{b, \, si+m, \, sj+n, \, c} \tag{20.9} $$

# %%
def max_pool(x, size):
    return windows_of(x, size, size).max(axis=(3, 4))


def average_pool(x, size):
    return windows_of(x, size, size).mean(axis=(3, 4))


for ours, package in ((max_pool, scratch.MaxPooling2D), (average_pool, scratch.AveragePooling2D)):
    assert np.allclose(ours(z, 2), package(2)(z), atol=1e-6)
print(f"{z.shape} becomes {max_pool(z, 2).shape}: a quarter of the numbers")

# %% [markdown]
# What does it buy? Move a film by one pixel and see how much the feature map changes, relative to
# its own size, before and after pooling.

# %%
def change(maps, maps_moved):
    return np.linalg.norm(maps - maps_moved) / np.linalg.norm(maps)


edge_kernel = kernel.reshape(3, 3, 1, 1)
maps, maps_moved = (np.maximum(conv_forward(picture, edge_kernel, 0.0)[0], 0)
                    for picture in (x, np.roll(x, 1, axis=2)))
changes = {"before pooling": change(maps, maps_moved)}
for size in (2, 4):
    for pool in (average_pool, max_pool):
        changes[f"{pool.__name__} {size} x {size}"] = change(pool(maps, size),
                                                             pool(maps_moved, size))
for name, value in changes.items():
    print(f"{name:20} changes by {value:.0%}")
assert max(changes["max_pool 4 x 4"], changes["average_pool 4 x 4"]) < changes["before pooling"]

# %% tags=["figure"]
fig, axes = plt.subplots(1, 5, figsize=(12, 2.8))
edge_map = np.maximum(y, 0)  # of the film in Figure 20.2
batch = edge_map[np.newaxis, :, :, np.newaxis]
pooled = {"feature map": batch, "maximum, 2 x 2": max_pool(batch, 2),
          "mean, 2 x 2": average_pool(batch, 2), "maximum, 4 x 4": max_pool(batch, 4),
          "mean, 4 x 4": average_pool(batch, 4)}
for ax, (name, picture) in zip(axes, pooled.items()):
    ax.imshow(picture[0, :, :, 0], vmin=0, vmax=0.8 * edge_map.max())
    ax.set_title(f"{name}\n{picture.shape[1]} x {picture.shape[2]}", fontsize=10)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
plots.show(
    fig,
    "Figure 20.5. The positive part of a map of upright edges, pooled; all on one scale from black "
    "(0) to white. The maximum keeps a strong answer strong; the mean thins it out. Either way the "
    "place gets vague.",
    "Five grey squares of falling size with the same bright upright bands; in the maxima the bands "
    "stay bright and get broad, in the means they fade.",
)

# %% [markdown] tags=["erratum"]
# ### Erratum, D0 3.1.2, D1 3.1.2, D3 3.1.2 and D4 4.1: pooling without a window
#
# Each prints a maximum; none has both a window and a stride.
#
# - **D0** takes the entries numbered $i \times j + 1$ to $i \times j + n$ of a map that has two
#   indices: a single index, and the same for $(2, 3)$, $(3, 2)$, $(1, 6)$ and $(6, 1)$.
# - **D1** takes the maximum of $x(i, j)$ and names no range.
# - **D3** uses $x_{k-i+1, \, l-j+1}$, as in its convolution, also for the mean: with growing $i$
#   the window leaves the picture at the upper left.
# - **D4** uses $X_{i+m, \, j+n}$: a window, at stride 1. The map loses one row and one column
#   instead of half.
#
# The right form is (20.9). On the feature map of Figure 20.5, in windows of 2 x 2:

# %% tags=["erratum"]
places = [(i, j) for i, j in np.ndindex(13, 13)]
d0_windows = {i * j + 1 for i, j in places}
d3_inside = [(i, j) for i, j in places if i <= 1 and j <= 1]  # 0 <= m - i for some m < 2
d4 = sliding_window_view(edge_map, (2, 2)).max(axis=(2, 3))
right = pooled["maximum, 2 x 2"][0, :, :, 0]
print(f"D0: {len(places)} places share {len(d0_windows)} windows")
print(f"D1: the maximum of everything is one number, {edge_map.max():.2f}")
print(f"D3: {len(d3_inside)} of {len(places)} windows touch the picture")
print(f"D4: {edge_map.shape} becomes {d4.shape}; (20.9): {right.shape}")
assert len(d0_windows) < len(places) / 2 and len(d3_inside) == 4
assert d4.shape == (25, 25) and np.array_equal(d4[::2, ::2], right)

# %% [markdown]
# The last assertion: D4's formula, taken at every second place, *is* max pooling.
#
# ## The idea: how far a unit sees
#
# Stack a convolution of 3 x 3, a pooling of 2 x 2, and both again. A number in the last map depends
# on a patch of the film, its **receptive field**. Let $r$ be its width in pixels and $d$ the
# distance on the film of two neighbours in the map; both start at 1. A layer with a window of $k$
# and stride $s$ makes
#
# $$ r \leftarrow r + (k - 1) \, d, \qquad d \leftarrow s \, d \tag{20.10} $$

# %%
def small_network(seed):
    return scratch.Sequential([
        scratch.Conv2D(8, 3, activation="relu"), scratch.MaxPooling2D(2),
        scratch.Conv2D(16, 3, activation="relu"), scratch.MaxPooling2D(2),
        scratch.Flatten(), scratch.Dropout(0.5), scratch.Dense(2, activation="softmax"),
    ], seed=seed)


r, d, shape = 1, 1, (1, 28, 28, 1)
front = scratch.Sequential(small_network(lesson.seed()).layers[:4])
for layer, size, stride in zip(front.layers, (3, 2, 3, 2), (1, 2, 1, 2)):
    r, d, shape = r + (size - 1) * d, stride * d, layer.output_shape(shape)
    print(f"{type(layer).__name__:13} map {shape[1]:2} x {shape[2]:2} x {shape[3]:2}: "
          f"sees {r:2} x {r:2} pixels, neighbours {d} apart")

# %% [markdown]
# And *seen*: send a gradient back from a single place of the last map. Where it arrives on the
# film, the unit looks; where it is exactly 0, the unit is blind.

# %%
last_map = front.forward(train.x[:500])
dy = np.zeros_like(last_map)
dy[:, 2, 2, :] = 1  # one place, all 16 channels, 500 films
arrived = np.abs(front.backward(dy)).mean(axis=0)[:, :, 0]
seen_rows, seen_columns = np.flatnonzero(arrived.any(axis=1)), np.flatnonzero(arrived.any(axis=0))
print(f"rows {seen_rows[0]} to {seen_rows[-1]}, columns {seen_columns[0]} to {seen_columns[-1]}")
assert seen_rows[0] == seen_columns[0] == 2 * d and len(seen_rows) == len(seen_columns) == r
central = arrived[2 * d + 2 : 2 * d + 8, 2 * d + 2 : 2 * d + 8].sum() / arrived.sum()
print(f"{36 / r**2:.0%} of these pixels, in the middle, get {central:.0%} of the gradient")
assert central > 36 / r**2

# %% tags=["figure"]
fig, axes = plt.subplots(1, 2, figsize=(8, 3.6))
axes[0].imshow(film)
axes[0].set_title("what place (2, 2) can see")
shown = axes[1].imshow(arrived, cmap="magma")
axes[1].set_title("gradient that arrives")
fig.colorbar(shown, ax=axes[1], label="mean size of the gradient")
for ax, colour in zip(axes, ("yellow", "white")):
    ax.add_patch(plt.Rectangle((2 * d - 0.5, 2 * d - 0.5), r, r, fill=False, ec=colour, lw=2))
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
plots.show(
    fig,
    "Figure 20.6. The receptive field by (20.10), a square, and by the gradient: nothing arrives "
    "outside. The middle, which more paths lead to, counts for more (Luo and others 2016).",
    "Left a film with a square of 10 x 10 pixels on it; right a dark field with a glow inside the "
    "same square, brighter in its middle.",
)

# %% [markdown]
# ## The idea: from numbers to shares
#
# The last layer gives each class a score; a score is no probability. (D1, 3.1.3, stops at the
# score.) With $z_k$ for the score of class $k$ of $K$, the **softmax** (D0 and D3, 3.1.3) makes
# shares that are positive and sum to 1, and the **categorical cross-entropy** charges for the share
# of the true class ($y_k = 1$ for it, else 0; this is (11.8) for one film):
#
# $$ p_k = \frac{e^{z_k}}{\sum_{l=1}^{K} e^{z_l}}, \qquad L = - \sum_{k=1}^{K} y_k \log p_k
# \tag{20.11} $$
#
# Together they have a gradient as simple as the one of chapter 11:
#
# $$ \frac{\partial L}{\partial z_k} = p_k - y_k \tag{20.12} $$
#
# (From $\partial \log p_l / \partial z_k = \delta_{kl} - p_k$, where $\delta_{kl}$ is 1 if
# $k = l$, else 0, and $\sum_l y_l = 1$.)
#
# One trap: $e^{1000}$ overflows. Only differences of scores matter, so subtract the largest first.

# %%
def softmax(z):
    exponentials = np.exp(z - z.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


scores = np.array([[2.0, 1.0, -1.0], [1000.0, 999.0, 997.0]])
print(softmax(scores).round(3))
assert np.allclose(softmax(scores)[0], softmax(scores)[1])
with np.errstate(all="ignore"):
    naive = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
assert np.isnan(naive[1]).any()
two = softmax(np.array([[0.3, 1.7]]))[0, 1]
assert np.isclose(two, 1 / (1 + np.exp(-(1.7 - 0.3))))  # two classes: the sigmoid again

# %%
loss = scratch.CategoricalCrossentropy(from_logits=True)
truth = np.array([[0.0, 1.0, 0.0]])
loss.forward(truth, scores[:1])
assert np.allclose(loss.backward(), softmax(scores[:1]) - truth)

# %% [markdown]
# ## The idea: the backward pass of a convolution
#
# The next layer hands back $dz$, the gradient of the loss for $z$, of $z$'s shape. In (20.8) each
# product has one weight and one pixel. So a weight collects *its pixel times $dz$* over all windows
# and films, and a bias collects $dz$:
#
# $$ dk_{mncf} = \sum_{b, i, j} x_{b, \, si+m, \, sj+n, \, c} \, dz_{bijf}, \qquad
# d\beta_f = \sum_{b, i, j} dz_{bijf} \tag{20.13} $$
#
# A pixel collects *its weight times $dz$* over all windows that hold it. It is easiest to write
# from the window's side: window $(i, j)$ sends to its pixel at $(m, n)$, and a pixel adds up what
# it gets:
#
# $$ dx_{b, \, si+m, \, sj+n, \, c} \ \text{gets} \ \sum_f dz_{bijf} \, k_{mncf}
# \quad \text{for all } i, j, m, n \tag{20.14} $$
#
# | gradient | shape | as a matrix product |
# | --- | --- | --- |
# | `d_kernel` | (rows · columns · channels, filters) | `rows.T @ dz` |
# | `d_bias` | (filters,) | sum over all windows |
# | `dx` | as `x` | for each (m, n): `dz @ kernel[m, n].T`, added to the picture |
#
# The only loop left runs over the nine places of the kernel.

# %%
def conv_backward(dz, rows, x_shape, kernel, stride=1):
    size, _, channels, filters = kernel.shape
    dz_rows = dz.reshape(-1, filters)
    d_kernel = (rows.T @ dz_rows).reshape(kernel.shape)
    d_bias = dz_rows.sum(axis=0)
    dx, (down, across) = np.zeros(x_shape), dz.shape[1:3]
    for m, n in np.ndindex(size, size):
        pixels = dx[:, m : m + stride * down : stride, n : n + stride * across : stride]
        pixels += dz @ kernel[m, n].T
    return dx, d_kernel, d_bias

# %% [markdown]
# Is it right? Wrap it as a layer and ask `gradient_check` (chapter 11), which moves every number up
# and down a little. Then compare with the package.

# %%
class OurConvolution(scratch.Layer):
    def __init__(self, kernel, bias, stride):
        super().__init__("float64")
        self.start, self.stride = {"kernel": kernel, "bias": bias}, stride

    def _build(self, input_shape):
        self.params.update({name: array.copy() for name, array in self.start.items()})

    def _forward(self, x, training):
        self.x_shape, self.kernel = x.shape, self.params["kernel"]
        z, self.rows = conv_forward(x, self.kernel, self.params["bias"], self.stride)
        return z

    def _backward(self, dy):
        dx, self.grads["kernel"], self.grads["bias"] = conv_backward(
            dy, self.rows, self.x_shape, self.kernel, self.stride)
        return dx

# %%
x_small = rng.normal(size=(2, 8, 7, 2))
weights = [rng.normal(size=(3, 3, 2, 4)), rng.normal(size=4)]
for stride in (1, 2):
    ours = OurConvolution(*weights, stride)
    report = scratch.gradient_check(ours, x_small)
    packaged = scratch.Conv2D(4, 3, stride, dtype="float64")
    packaged.build(x_small.shape)
    packaged.set_weights(weights)
    dz = rng.normal(size=ours.forward(x_small).shape)
    pairs = [(ours.forward(x_small), packaged.forward(x_small)),
             (ours.backward(dz), packaged.backward(dz)),
             *((ours.grads[name], packaged.grads[name]) for name in ("kernel", "bias"))]
    difference = max(np.abs(a - b).max() for a, b in pairs)
    print(f"stride {stride}: largest difference from medlearn.scratch {difference:.1e}")
    assert report.passed and difference < 1e-10
print(report)

# %% [markdown]
# **The flip comes back.** At stride 1 the gradient that a picture gets is a *true* convolution
# (20.6) of $dz$ with the kernel, over every place where the two overlap. The forward pass
# correlates, the backward pass convolves.

# %%
dz = rng.normal(size=(1, 26, 26, 1))
dx, _, _ = conv_backward(dz, windows_of(x[:1], 3).reshape(-1, 9), (1, 28, 28, 1), edge_kernel)
assert np.allclose(dx[0, :, :, 0], convolve2d(dz[0, :, :, 0], kernel, "full"))

# %% [markdown]
# Pooling has no weights. The mean hands each of its pixels an equal part; the maximum hands
# everything to the pixel that won (exercise 20.4). At a tie the package, like TensorFlow on a CPU,
# takes the first in reading order.

# %%
tie = scratch.MaxPooling2D(2)
tie.forward(np.array([[1.0, 7.0], [7.0, 3.0]]).reshape(1, 2, 2, 1))
print(tie.backward(np.full((1, 1, 1, 1), 5.0))[0, :, :, 0])

# %% [markdown]
# ## The result
#
# Everything is built; now train it. `small_network` (above Figure 20.6) gets 2,000 films of the
# training part (on the stand-in, all that there are). Its last layer is dense, with a dropout of
# one half before it (chapter 12). Brightness is standardised with their mean and standard
# deviation. Training stops after 15 epochs, or before that when the loss on the validation part
# has not fallen for four; the weights of the best epoch stay. Ten networks, each with a start and
# an order of films of its own, take about half a minute (on a slow computer two).

# %%
rows = rng.choice(len(train.y), min(2000, len(train.y)), replace=False)
mean, deviation = train.x[rows].mean(), train.x[rows].std()


def prepared(part):
    return ((part.x - mean) / deviation).astype("float32"), np.eye(2, dtype="float32")[part.y]


x_train, y_train = (array[rows] for array in prepared(train))
(x_validation, y_validation), (x_test, _) = prepared(validation), prepared(test)
seeds = [10 * lesson.seed() + k for k in range(10)]
print("y_train", y_train.shape, "- one column a class, a 1 in the column of the true one")

# %%
def train_network(seed):
    model = small_network(seed)
    history = model.fit(
        x_train, y_train, scratch.CategoricalCrossentropy(), scratch.Adam(0.003), epochs=15,
        batch_size=32, validation_data=(x_validation, y_validation), patience=4)
    return model, history


trained = [train_network(seed) for seed in plots.progress(seeds, "Ten networks")]
networks, histories = zip(*trained)
epochs = [len(history["loss"]) for history in histories]
print(f"{sum(weight.size for weight in networks[0].get_weights()):,} weights; "
      f"{min(epochs)} to {max(epochs)} epochs")

# %% tags=["figure"]
fig, axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True)
for ax, part, title in zip(axes, ("loss", "val_loss"), ("training", "validation")):
    for number, history in enumerate(histories):
        ax.plot(range(1, len(history[part]) + 1), history[part], "-", lw=2.5 if number == 0 else 1,
                color=plots.COLOURS["blue" if number == 0 else "grey"],
                label="the first" if number == 0 else None)
    ax.set(title=title, xlabel="epoch", ylim=(0, 0.6))
axes[0].set_ylabel("categorical cross-entropy")
axes[0].legend()
plots.show(
    fig,
    "Figure 20.7. Ten networks learn; the thick line is the first one, whose predictions are read "
    "below. Most of the gain comes in the first few epochs.",
    "Two panels of ten falling lines each; the training loss keeps falling, the validation loss "
    "levels off after some five epochs.",
)

# %% [markdown]
# The rivals. *Majority class*: call everybody ill, since most training films are. *Logistic
# regression* on all 784 pixels of the same films; its penalty is chosen on the validation part, as
# the network's stopping was.

# %%
def flat(pictures):
    return pictures.reshape(len(pictures), -1)


def fitted_logistic(strength):
    return LogisticRegression(C=strength, max_iter=5000).fit(flat(x_train), train.y[rows])


candidates = [fitted_logistic(strength) for strength in (0.001, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)]
logistic = max(candidates, key=lambda model: metrics.roc_auc(
    validation.y, model.decision_function(flat(x_validation))))
print(f"chosen for logistic regression: C = {logistic.C:g}, neither the first nor the last tried")
assert logistic.C not in (candidates[0].C, candidates[-1].C)
p_validation = np.column_stack([model.predict(x_validation)[:, 1] for model in networks]
                               + [logistic.predict_proba(flat(x_validation))[:, 1]])

# %% [markdown]
# With all that settled, open the **test** part (not quite for the first time: see the confession
# below). The published figure is that of a ResNet-18, a network of 18 layers and millions of
# weights, trained on *all* training films at 28 pixels, with the same test part (Yang and others
# 2023, MedMNIST v2).

# %%
p_test = np.column_stack([model.predict(x_test)[:, 1] for model in networks]
                         + [logistic.predict_proba(flat(x_test))[:, 1]])
auc = np.array([metrics.roc_auc(test.y, p) for p in p_test.T])
accuracy = np.mean((p_test > 0.5) == test.y[:, np.newaxis], axis=0)
print(f"{'':32} AUC (95 % CI)                    accuracy at 0.5")
print(f"{'majority class':32} 0.50                             {test.y.mean():.3f}")
contrast = metrics.roc_auc(test.y, -test.x.std(axis=(1, 2, 3)))
print(f"{'mere contrast (less: ill)':32} {contrast:.2f}")
for name, column in (("logistic regression", 10), ("our network, the first", 0)):
    print(f"{name:32} {metrics.delong_interval(test.y, p_test[:, column])!s:32} "
          f"{accuracy[column]:.3f}")
print(f"{'our ten networks, mean':32} {auc[:10].mean():.3f} (from {auc[:10].min():.3f} to "
      f"{auc[:10].max():.3f})     {accuracy[:10].mean():.3f}")
if not chest.is_standin:
    print(f"{'ResNet-18, published':32} {0.944:.3f}                            {0.854:.3f}")
    assert 0.75 < contrast < auc[10]

# %%
def auc_gain(truth, p):
    *ours, simple = [metrics.roc_auc(truth, column) for column in p.T]
    return np.mean(ours) - simple


gain = metrics.bootstrap_interval(test.y, p_test, auc_gain, resamples=300, seed=lesson.seed())
print(f"mean AUC of the ten minus that of logistic regression: {gain.estimate:+.3f} "
      f"(95 % CI {gain.low:+.3f} to {gain.high:+.3f})\nSD over the ten starts "
      f"{auc[:10].std(ddof=1):.3f}; better than logistic regression: {np.sum(auc[:10] > auc[10])} "
      "of 10")
assert auc[:10].min() > 0.7 and auc[10] > 0.7

# %%
if not chest.is_standin:
    assert 0.92 < auc[:10].mean() < 0.96 and np.sum(auc[:10] > auc[10]) >= 8
    assert 0.005 < gain.estimate < 0.06 and gain.low > -0.005
    assert gain.estimate > 2 * auc[:10].std(ddof=1) / np.sqrt(10)  # not the luck of the starts
    one = metrics.delong_interval(test.y, p_test[:, 0])
    assert one.high - one.low > 0.03
    assert abs(auc[:10].mean() - 0.944) < 0.02  # the published figure
    assert abs(accuracy[:10].mean() - accuracy[10]) < 0.03

# %% [markdown]
# **How to read it.**
# - On the real films nearly every network ranks the test films better than logistic regression
#   does. The gain is a few hundredths: small, but not the luck of the starts (it is more than twice
#   the standard error of a mean of ten, the SD divided by $\sqrt{10}$), and its interval lies
#   above zero or all but. At 28 pixels a pneumonia shows as broad haze, and perhaps that is why
#   logistic regression does so well.
# - **The accuracies show no such gain.** They depend on the threshold of 0.5; see the next section.
# - With some two thousand weights and fewer than half of the films the networks come close to the
#   published one. Differences of a hundredth lie well within the interval of *one* figure, and the
#   published one comes without. Chapter 21 takes larger networks and all films.
# - One confession: a first version without dropout gained hardly anything, and dropout was put in
#   after its test score had been seen. So this test part was not quite unseen.
# - The intervals are too narrow where a child has several films, which nobody can tell here.
#
# ### The same weights in Keras
#
# One test remains for everything that you built: hand the first network's weights to Keras and
# compare the predictions. (Dropout has no weights and does nothing when predicting: left out.)

# %%
in_keras = keras.Sequential([
    keras.Input((28, 28, 1)),
    keras.layers.Conv2D(8, 3, activation="relu"), keras.layers.MaxPooling2D(2),
    keras.layers.Conv2D(16, 3, activation="relu"), keras.layers.MaxPooling2D(2),
    keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax"),
])
in_keras.set_weights(networks[0].get_weights())
p_keras = np.array(in_keras(x_test, training=False))[:, 1]
difference = np.abs(p_keras - p_test[:, 0]).max()
print(f"largest difference of a predicted probability on {len(test.y)} films: {difference:.1e}")
assert difference < 1e-4

# %% [markdown]
# ## Reading it as a clinician
#
# ### The prevalence trap, and the trap behind it
#
# The validation part says what to expect. Fix a threshold there that leaves 90 % of the normal
# films alone, and carry it to the test part:

# %%
def rates(y, p, threshold):
    table = metrics.confusion_table(y, (p >= threshold).astype(int))
    return table.sensitivity, table.specificity, table.accuracy, table


point = metrics.sensitivity_at_specificity(validation.y, p_validation[:, 0], 0.90)
print(f"threshold from the validation part: {point.threshold:.2f}\n")
print(f"{'part':12}{'prevalence':>11}{'threshold':>11}{'sensitivity':>13}{'specificity':>13}"
      f"{'accuracy':>10}")
for name, part, p in (("validation", validation, p_validation), ("test", test, p_test)):
    for threshold in (0.5, point.threshold):
        sensitivity, specificity, right, _ = rates(part.y, p[:, 0], threshold)
        print(f"{name:12}{part.y.mean():11.1%}{threshold:11.2f}{sensitivity:13.1%}"
              f"{specificity:13.1%}{right:10.1%}")

# %% [markdown]
# An accuracy is a mixture of sensitivity and specificity, by the prevalence $\pi$:
#
# $$ \text{accuracy} = \pi \cdot \text{sensitivity} + (1 - \pi) \cdot \text{specificity}
# \tag{20.15} $$
#
# So with the same sensitivity and specificity it falls with the prevalence where, as on the real
# films, the sensitivity is the higher of the two. How much of the fall is that?

# %%
sensitivity, specificity, seen, _ = rates(validation.y, p_validation[:, 0], point.threshold)
*_, found, table = rates(test.y, p_test[:, 0], point.threshold)
assert np.isclose(seen, validation.y.mean() * sensitivity
                  + (1 - validation.y.mean()) * specificity)
mixed = test.y.mean() * sensitivity + (1 - test.y.mean()) * specificity
print(f"accuracy, validation: {seen:.1%}; with the test part's prevalence alone: {mixed:.1%}; "
      f"found on the test part: {found:.1%}")
intervals = {"sensitivity": metrics.wilson_interval(table.tp, table.tp + table.fn),
             "specificity": metrics.wilson_interval(table.tn, table.tn + table.fp)}
for name, interval in intervals.items():
    print(f"{name} on the test part: {interval}")
auc_validation = metrics.roc_auc(validation.y, p_validation[:, 0])
print(f"AUC of the first network: validation {auc_validation:.3f}, test {auc[0]:.3f}")
if not chest.is_standin:
    assert sensitivity > specificity and abs(mixed - seen) < 0.03 and mixed - found > 0.05
    assert intervals["specificity"].high < 0.85 and intervals["sensitivity"].low > 0.9
    assert auc_validation - auc[0] > 0.02
    curve = metrics.roc_curve(test.y, p_test[:, 0])
    assert not np.any((curve.sensitivity >= sensitivity)
                      & (1 - curve.false_positive_rate >= specificity))

# %% [markdown]
# On the real films the prevalence explains little of the fall. The rest is worse: **the threshold
# does not travel.** It promised to leave nine normal films in ten alone, and leaves far fewer (the
# specificity above). The validation films were cut from the same pile as the training films,
# perhaps partly of the same children; the test films are another pile. Choosing a threshold on
# validation films is right, and not enough: they must be films like those on which it will be
# used. And it is not the threshold alone: the AUC has fallen, too, so that *no* threshold gives on
# the test films what this one gave on the validation films. (The stand-in's parts are drawn by one
# recipe, so that there is no such fall.)

# %% tags=["figure"]
shown = [("validation", validation, p_validation, "--", "s"), ("test", test, p_test, "-", "o")]
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
for name, part, p, dash, _ in shown:
    curve = metrics.roc_curve(part.y, p[:, 0])
    left.plot(curve.false_positive_rate, curve.sensitivity, dash, label=name)
    sens, spec, *_ = rates(part.y, p[:, 0], point.threshold)
    left.plot(1 - spec, sens, "ko", ms=7, mfc="none")
left.set(xlabel="1 - specificity", ylabel="sensitivity", title="circles: the chosen threshold")
left.legend(loc="lower right")
for name, part, p, dash, marker in shown:
    groups = metrics.calibration_curve(part.y, p[:, 0], bins=5)
    right.errorbar(groups.predicted, groups.observed,
                   [groups.observed - groups.low, groups.high - groups.observed],
                   marker=marker, ls=dash, capsize=3, label=name)
right.plot([0, 1], [0, 1], color=plots.COLOURS["grey"], ls=":", label="ideal")
right.set(xlabel="predicted probability of pneumonia", ylabel="share that had pneumonia")
right.legend(loc="upper left")
plots.show(
    fig,
    "Figure 20.8. Left: the same threshold stands at another place of another curve. Right: the "
    "probabilities, in five groups of equal size with 95 % intervals; a point below the dotted "
    "line means that the network is too sure of a pneumonia.",
    "Left two ROC curves, that of the validation part nearer to the upper left corner, each with a "
    "circle. Right calibration of both parts against the diagonal.",
)

# %%
for name, part, p in (("validation", validation, p_validation), ("test", test, p_test)):
    groups = metrics.calibration_curve(part.y, p[:, 0], bins=5)
    too_sure = np.sum(groups.high < groups.predicted)
    print(f"{name:10} mean probability {p[:, 0].mean():.1%}, ill {part.y.mean():.1%}; the whole "
          f"interval below the line in {too_sure} of {len(groups.predicted)} groups")
if not chest.is_standin:
    assert p_test[:, 0].mean() - test.y.mean() > 0.05 and too_sure >= 2  # of the test part
    assert abs(p_validation[:, 0].mean() - validation.y.mean()) < 0.04

# %% [markdown]
# What does a positive answer mean? It depends on who is X-rayed. Take the test part's sensitivity
# and specificity at its own prevalence and at two lower ones (made up, to show the range). That
# supposes that both stay as they are. They have just failed to do so, and where fewer are ill, the
# ill are often less ill: read it as an example, not as a forecast.

# %%
ppv = []
for prevalence in (test.y.mean(), 0.20, 0.05):
    values = metrics.predictive_values(table.sensitivity, table.specificity, prevalence)
    ppv.append(values.ppv)
    print(f"prevalence {prevalence:5.1%}: of the positive films {values.ppv:.0%} are right, "
          f"of the negative ones {values.npv:.1%}")
assert ppv[0] > 0.6 and (chest.is_standin or ppv[-1] < 0.4)

# %%
thresholds = [0.05, 0.2, 0.5]
benefit = metrics.net_benefit(test.y, p_test[:, 0], thresholds)
for threshold, *values in zip(thresholds, benefit.model, benefit.treat_all):
    print(f"net benefit at a threshold of {threshold:.0%}: {values[0]:.3f}, treating everybody "
          f"{values[1]:.3f}")
gained = benefit.model - benefit.treat_all
assert np.all(gained[1:] > 0) and abs(gained[0]) < 0.03

# %% [markdown]
# - **At the prevalence of the test part**, a positive answer is mostly right. Acting on the network
#   has more net benefit (chapter 10) than treating everybody at a threshold of 20 or 50 %; at 5 %,
#   where one would rather treat once too often, hardly. Where few children have a pneumonia, most
#   positive answers are false alarms on the real films: see the line of 5 % prevalence.
# - **Calibration** (Figure 20.8 and the lines below it): on the other batch of real films the
#   probabilities are too high on average, and cannot be taken at their word.
# - **Subgroups** cannot be checked: the file tells neither age nor sex, neither the device nor
#   whether bacteria or viruses were the cause.
# - **What was learned?** Perhaps how films of ill children are framed (see the card), or their mere
#   contrast. Networks can tell from a chest film which hospital and department it comes from, and a
#   network for pneumonia may use that (Zech and others 2018). Chapter 60 looks inside.
# - **Not to be used** on any patient: a film of 28 pixels is not what a radiologist reads, the
#   children come from one hospital, and nobody has validated it anywhere.

# %% [markdown]
# ## Exercises
#
# Nothing later depends on them. `exercises.hint("20.1")` in a cell of your own gives a hint.

# %% [markdown]
# ### Exercise 20.1 · What comes out? (reading, about 4 minutes)
#
# A colour photograph of the retina, 64 x 48 pixels with 3 channels, goes through each of these
# layers by itself. Give the shape of what comes out, without the batch, as (down, across,
# channels).
#
# - A: `Conv2D(10, 5)`
# - B: `Conv2D(10, 3, strides=2, padding="same")`
# - C: `MaxPooling2D(3)`

# %% tags=["exercise"]
answer_20_1 = ...  # {"A": (down, across, channels), "B": ..., "C": ...}

# %% tags=["check"]
exercises.check("20.1", answer_20_1)

# %% tags=["solution"]
answer_20_1_solution = {"A": (60, 44, 10), "B": (32, 24, 10), "C": (21, 16, 3)}
exercises.check("20.1", answer_20_1_solution)

# %% [markdown]
# ### Exercise 20.2 · A kernel for the ribs (applying, about 5 minutes)
#
# Write a kernel of 3 x 3 that answers to thin, bright, *level* lines, as ribs nearly are. In the
# sense of (20.1) it shall give a positive answer with such a line in the middle of its window, 0
# to an even region, 0 to any upright line or edge, and the same answer upside down.

# %% tags=["exercise"]
answer_20_2 = ...  # np.array([[...], [...], [...]])

# %% tags=["check"]
exercises.check("20.2", answer_20_2)

# %% tags=["solution"]
answer_20_2_solution = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])
exercises.check("20.2", answer_20_2_solution)

# %% [markdown]
# ### Exercise 20.3 · How far does it see? (applying, about 5 minutes)
#
# Implement (20.10) for a stack of layers, first to last, each given as (window, stride).

# %% tags=["exercise"]
def receptive_field(layers):
    """Return the width in pixels that one place of the last map sees, an int."""
    ...

# %% tags=["check"]
exercises.check("20.3", receptive_field)

# %% tags=["solution"]
def receptive_field_solution(layers):
    r, d = 1, 1
    for window, stride in layers:
        r += (window - 1) * d
        d *= stride
    return r


exercises.check("20.3", receptive_field_solution)

# %% [markdown]
# ### Exercise 20.4 · Backward through max pooling (building, about 10 minutes)
#
# Windows of `size` x `size` stand side by side; rows and columns at the end that fill no window are
# left out. Send each entry of `dy` back to the pixel of its window that was the largest (there are
# no ties).

# %% tags=["exercise"]
def max_pool_backward(dy, x, size):
    """x (batch, height, width, channels), dy (batch, down, across, channels).

    Return dx, of x's shape.
    """
    ...

# %% tags=["check"]
exercises.check("20.4", max_pool_backward)

# %% tags=["solution"]
def max_pool_backward_solution(dy, x, size):
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dy.shape):
        window = x[b, i * size : (i + 1) * size, j * size : (j + 1) * size, c]
        m, n = np.unravel_index(window.argmax(), window.shape)
        dx[b, i * size + m, j * size + n, c] = dy[b, i, j, c]
    return dx


exercises.check("20.4", max_pool_backward_solution)

# %% [markdown]
# ## What you can now do
#
# - compute (20.1) with a pencil and in NumPy, and name what Keras computes: D4's formula,
#   cross-correlation
# - choose kernel, stride, padding and pooling, and predict every shape by (20.7)
# - compute a receptive field by (20.10), and see it in a gradient
# - derive and implement (20.13) and (20.14), and check them by finite differences
# - train a network on films, and look behind an accuracy: prevalence, specificity, calibration
#
# **Next:** [21 · Image diagnosis](21_image_diagnosis.ipynb)

# %% [markdown]
# ## Further reading
#
# - Dumoulin and Visin 2016: strides and padding, drawn.
# - LeCun and others 1998: the network that made convolution and pooling known.
# - Zech and others 2018: networks for pneumonia recognise the hospital, and what that does.

# %% [markdown]
# ## References
#
# - Chellapilla, Puri, Simard, IWFHR 2006, <https://inria.hal.science/inria-00112631>. High
#   performance convolutional neural networks for document processing (windows as a matrix).
# - Dumoulin, Visin, 2016, <https://arxiv.org/abs/1603.07285>. A guide to convolution arithmetic for
#   deep learning.
# - Kermany et al., Cell 2018;172:1122, <https://doi.org/10.1016/j.cell.2018.02.010>. Identifying
#   medical diagnoses and treatable diseases by image-based deep learning (the films).
# - LeCun, Bottou, Bengio, Haffner, Proc IEEE 1998;86:2278, <https://doi.org/10.1109/5.726791>.
#   Gradient-based learning applied to document recognition.
# - Luo, Li, Urtasun, Zemel, NeurIPS 2016, <https://arxiv.org/abs/1701.04128>. Understanding the
#   effective receptive field in deep convolutional neural networks.
# - Yang et al., Sci Data 2023;10:41, <https://doi.org/10.1038/s41597-022-01721-8>. MedMNIST v2: a
#   large-scale lightweight benchmark for 2D and 3D biomedical image classification.
# - Zech et al., PLoS Med 2018;15:e1002683, <https://doi.org/10.1371/journal.pmed.1002683>. Variable
#   generalization performance of a deep learning model to detect pneumonia in chest radiographs.
# - D0, Neural networks in medicine: diagnosis and treatment, section 3.1; D1, Neural networks in
#   medical image analysis, section 3.1; D3, AI in medicine: CNN, RNN, GAN in code, section 3.1; D4,
#   Deep learning in health care in practice, section 4.1.
