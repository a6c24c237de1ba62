"""How the course draws: one style, pictures with caption and description, progress bars."""

import base64
import html
import io
import time

import matplotlib.pyplot as plt
from cycler import cycler
from IPython import get_ipython
from IPython.display import HTML, Markdown, display

__all__ = ["COLOURS", "progress", "show", "training_progress", "use_course_style"]

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
