"""How the course draws: one style, pictures with caption and description, progress bars."""

import base64
import html
import io
import math
import time

import matplotlib.pyplot as plt
from cycler import cycler
from IPython import get_ipython
from IPython.display import HTML, Markdown, display
from matplotlib.ticker import MultipleLocator

__all__ = [
    "COLOURS",
    "ecg_paper",
    "progress",
    "show",
    "training_progress",
    "use_course_style",
    "weighted_words",
]

# Okabe and Ito's palette, told apart by readers with any of the common colour deficiencies
# (https://jfly.uni-koeln.de/color/).
COLOURS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "red": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "grey": "#666666",
}


def use_course_style():
    """Set matplotlib's defaults for a lesson: palette, font sizes, a light grid.

    Lines differ in colour and in dash, so that no line is told by colour alone.

    Examples
    --------
    >>> use_course_style()
    >>> plt.rcParams["figure.dpi"]
    100.0
    """
    colours = [COLOURS[name] for name in ("blue", "orange", "green", "red", "purple", "sky")]
    dashes = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1))]
    plt.rcParams.update(
        {
            "figure.dpi": 100,
            "figure.figsize": (7.0, 4.0),
            "figure.constrained_layout.use": True,
            "axes.prop_cycle": cycler(color=colours) + cycler(linestyle=dashes),
            "axes.grid": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 12,
            "axes.labelsize": 11,
            "font.size": 11,
            "grid.alpha": 0.3,
            "image.cmap": "gray",
            "legend.frameon": False,
            "lines.linewidth": 2,
        }
    )


# ECG paper: it runs at 25 mm/s, 1 mV is 10 mm high; lines every 1 mm, heavier ones every 5 mm.
_MM_A_SECOND, _MM_A_MILLIVOLT = 25, 10
_ECG_GRID = "#D9848B"


def ecg_paper(signals, sampling_rate, titles=None, marks=None):
    """Draw ECG leads as a clinician reads them: on paper at 25 mm/s and 10 mm/mV.

    A small square is 0.04 s wide and 0.1 mV high, a large one 0.2 s and 0.5 mV. Shown at 100 dots
    an inch on a screen of that density, or printed unscaled, a second is 25 mm long.

    Parameters
    ----------
    signals : sequence of arrays, each of shape (m,)
        In mV; one a row, of equal length.
    sampling_rate : float
        Samples a second.
    titles : sequence of str, optional
        One above each row.
    marks : sequence of sequences of (float, str), optional
        For each row: times in s, and what is written above the signal there.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the signals differ in length, or titles or marks in number from them.

    Notes
    -----
    Introduced in chapter 31.

    Examples
    --------
    >>> import numpy as np
    >>> figure = ecg_paper([np.zeros(360), np.ones(360)], 360, titles=["flat", "higher"])
    >>> len(figure.axes)
    2
    >>> plt.close(figure)
    """
    if len({len(signal) for signal in signals}) != 1:
        raise ValueError("give at least one signal, all of equal length")
    for name, given in {"titles": titles, "marks": marks}.items():
        if given is not None and len(given) != len(signals):
            raise ValueError(f"{len(given)} {name} for {len(signals)} signals: give one a signal")
    seconds = len(signals[0]) / sampling_rate
    ranges = [_millivolt_range(signal) for signal in signals]
    heights = [high - low for low, high in ranges]
    inches = (
        (seconds * _MM_A_SECOND) / 25.4 + 0.9,
        sum(heights) * _MM_A_MILLIVOLT / 25.4 + 0.55 * len(signals) + 0.3,
    )
    figure, axes = plt.subplots(
        len(signals), 1, figsize=inches, squeeze=False, height_ratios=heights
    )
    for row, (ax, signal, limits) in enumerate(zip(axes[:, 0], signals, ranges, strict=True)):
        _rule_paper(ax, seconds, limits)
        time = [k / sampling_rate for k in range(len(signal))]
        ax.plot(time, signal, color="black", linestyle="-", linewidth=1)
        ax.set_ylabel("mV")
        if titles is not None:
            ax.set_title(titles[row], fontsize=10, loc="left")
        for at, text in marks[row] if marks is not None else ():
            ax.text(at, limits[1] - 0.1, text, ha="center", va="top", fontsize=10)
    axes[-1, 0].set_xlabel("time (s)")
    return figure


def _millivolt_range(signal):
    """The large squares that hold a signal, with one above for what is written there."""
    return math.floor(min(signal) / 0.5) * 0.5, math.ceil(max(signal) / 0.5) * 0.5 + 0.5


def _rule_paper(ax, seconds, limits):
    ax.set(xlim=(0, seconds), ylim=limits, aspect=_MM_A_MILLIVOLT / _MM_A_SECOND)
    for axis, large, small in ((ax.xaxis, 0.2, 0.04), (ax.yaxis, 0.5, 0.1)):
        axis.set_major_locator(MultipleLocator(large))
        axis.set_minor_locator(MultipleLocator(small))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}" if abs(value % 1) < 1e-6 else "")
    ax.grid(which="major", color=_ECG_GRID, linewidth=0.7, alpha=0.8)
    ax.grid(which="minor", color=_ECG_GRID, linewidth=0.3, alpha=0.6)
    ax.tick_params(which="both", length=0, labelsize=9)


def as_png(figure):
    """A matplotlib figure as the bytes of a PNG; the figure is closed."""
    buffer = io.BytesIO()
    # Without this, the file would name the matplotlib that wrote it, and differ with each version.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(figure)
    return buffer.getvalue()


def check_described(caption, alt):
    """Raise ValueError where a picture comes without caption or description."""
    for name, text in {"caption": caption, "alt": alt}.items():
        if not isinstance(text, str) or len(text.strip()) < 10:
            raise ValueError(f"give the picture a {name} of at least 10 characters, not {text!r}")


def caption_markdown(caption, alt):
    """Caption under a picture, and its description for readers who cannot see it."""
    number, dot, rest = caption.partition(". ")
    shown = f"**{number}.** {rest}" if dot and number.startswith("Figure ") else caption
    return (
        f"{shown}\n\n<details><summary>The picture in words</summary>"
        f"{html.escape(alt, quote=False)}</details>"
    )


def show(figure, caption, alt):
    """Show a figure with a caption under it and a description of it, then close it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    caption : str
        What to see in the picture, beginning with its number: ``"Figure 11.2. The loss falls."``
        Markdown and formulas are allowed.
    alt : str
        What the picture shows, for readers who cannot see it. Stored with the picture as its
        ``alt`` text, and shown on request under the caption.

    Raises
    ------
    ValueError
        If caption or description is missing.
    """
    check_described(caption, alt)
    png = base64.b64encode(as_png(figure)).decode()
    display(
        {"image/png": png, "text/plain": alt}, metadata={"image/png": {"alt": alt}}, raw=True
    )
    display(Markdown(caption_markdown(caption, alt)))


def weighted_words(words, weights, numbered=8, columns=84):
    """A text in which a bar under each word is as high as its weight.

    Parameters
    ----------
    words : sequence of str
    weights : array, shape (len(words),)
        Not below 0. The bars are scaled to the largest.
    numbered : int
        The words of the largest weights that also carry their weight as a number, in percent.
    columns : int
        Characters a line.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no word, or a word has no weight.

    Examples
    --------
    >>> figure = weighted_words(["no", "fever"], [0.2, 0.8])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['no', '20', 'fever', '80']
    >>> plt.close(figure)
    """
    if not words or len(words) != len(weights):
        raise ValueError(f"{len(words)} words and {len(weights)} weights: give each word one")
    places, line, column = [], 0, 0
    for word in words:
        if column and column + len(word) > columns:
            line, column = line + 1, 0
        places.append((line, column))
        column += max(len(word), 2) + 1
    figure, ax = plt.subplots(figsize=(0.085 * columns, 0.4 * (line + 1)))
    ax.set(xlim=(0, columns), ylim=(line + 1, 0))
    ax.axis("off")
    tallest = max(max(weights), 1e-12)
    largest = set(sorted(range(len(words)), key=lambda k: -weights[k])[:numbered])
    for k, (word, (row, column)) in enumerate(zip(words, places, strict=True)):
        ax.text(column, row + 0.42, word, family="monospace", fontsize=9, va="bottom")
        height = 0.3 * weights[k] / tallest
        ax.bar(column, height, len(word), bottom=row + 0.46, align="edge",
               color=COLOURS["orange" if k in largest else "sky"])
        if k in largest:
            ax.text(column, row + 0.88, f"{100 * weights[k]:.0f}", fontsize=7, va="center",
                    color=COLOURS["grey"])
    return figure


class _ProgressBar:
    """A bar that is redrawn in place, at most five times a second; silent outside IPython."""

    def __init__(self, total, label):
        self.total, self.label = total, label
        self.start = time.perf_counter()
        self.drawn = 0.0
        self.handle = None
        if get_ipython() is not None:
            self.handle = display(self._picture(0, ""), display_id=True)

    def _redraw(self, picture):
        if self.handle is not None:
            self.handle.update(picture)

    def _picture(self, done, note):
        return HTML(
            f"<label>{html.escape(self.label)} "
            f"<progress max='{self.total}' value='{done}'></progress> "
            f"{done} of {self.total} {html.escape(note)}</label>"
        )

    def update(self, done, note=""):
        now = time.perf_counter()
        if done >= self.total or now - self.drawn > 0.2:
            self.drawn = now
            self._redraw(self._picture(done, note))

    def finish(self, done):
        seconds = time.perf_counter() - self.start
        text = f"{self.label}: {done} of {self.total} in {seconds:.1f} s"
        self._redraw(HTML(f"<span>{html.escape(text)}</span>"))


def progress(items, label):
    """Iterate over ``items`` and show a progress bar (in a notebook; elsewhere nothing is shown).

    Parameters
    ----------
    items : sized iterable
    label : str

    Yields
    ------
    The items, one by one.

    Examples
    --------
    >>> [2 * seed for seed in progress(range(3), "Seeds")]
    [0, 2, 4]
    """
    bar = _ProgressBar(len(items), label)
    done = 0
    try:
        for item in items:
            yield item
            done += 1
            bar.update(done)
    finally:
        bar.finish(done)


def training_progress(epochs, label="Training"):
    """A callback for ``Sequential.fit(..., on_epoch=...)`` that shows a progress bar.

    Parameters
    ----------
    epochs : int
        The number of epochs that ``fit`` was asked for. After early stopping the bar stays where
        training ended.
    label : str

    Returns
    -------
    callable
        Takes ``(epoch, logs)``: the number of the epoch from 0, and a dict of losses.
    """
    bar = _ProgressBar(epochs, label)

    def on_epoch(epoch, logs):
        note = ", ".join(f"{name} {value:.4g}" for name, value in logs.items())
        bar.update(epoch + 1, note)
        if epoch + 1 == epochs:
            bar.finish(epochs)

    return on_epoch
