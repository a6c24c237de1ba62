"""Pictures with knobs: live where a kernel runs, a still picture where none does."""

import base64
import html

import ipywidgets
from IPython.display import Markdown, display

from .notebooks import WIDGET_VIEW
from .plots import as_png, caption_markdown, check_described

__all__ = ["choice", "explore", "slider", "text"]


def slider(label, low, high, start, step=None):
    """A slider for whole numbers (if all four numbers are int) or for real ones.

    Parameters
    ----------
    label : str
    low, high, start, step : int or float
        Range, value at the start and step (default 1, or a hundredth of the range).

    Returns
    -------
    ipywidgets.IntSlider or ipywidgets.FloatSlider

    Raises
    ------
    ValueError
        If ``start`` lies outside the range.

    Examples
    --------
    >>> slider("Threshold", 0.0, 1.0, 0.5).step
    0.01
    """
    if not low <= start <= high:
        raise ValueError(f"{label}: start {start} is not between {low} and {high}")
    whole = all(isinstance(number, int) for number in (low, high, start, step or 1))
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    return kind(
        description=label,
        min=low,
        max=high,
        value=start,
        step=step or (1 if whole else (high - low) / 100),
        continuous_update=False,
        style={"description_width": "initial"},
        layout={"width": "28em"},
    )


def choice(label, options, start=None):
    """A drop-down list.

    Parameters
    ----------
    label : str
    options : list
        The choices, or pairs of (text, value).
    start : object
        The value at the start (default: the first).

    Returns
    -------
    ipywidgets.Dropdown

    Examples
    --------
    >>> choice("Loss", ["squared error", "cross-entropy"]).value
    'squared error'
    """
    control = ipywidgets.Dropdown(
        description=label, options=options, style={"description_width": "initial"}
    )
    if start is not None:
        control.value = start
    return control


def text(label, start):
    """A line to type in; Enter, or leaving the line, applies it.

    Parameters
    ----------
    label, start : str

    Returns
    -------
    ipywidgets.Text

    Examples
    --------
    >>> text("Kernel", "-1 0 1").value
    '-1 0 1'
    """
    return ipywidgets.Text(
        description=label,
        value=start,
        continuous_update=False,
        style={"description_width": "initial"},
        layout={"width": "28em"},
    )


def _image_tag(png, alt):
    encoded = base64.b64encode(png).decode()
    return (
        f'<img style="max-width: 100%" src="data:image/png;base64,{encoded}" '
        f'alt="{html.escape(alt)}">'
    )


def redrawn(draw, controls, alt):
    """A box of controls over a picture that follows them.

    Parameters
    ----------
    draw, controls, alt
        As for :func:`explore`.

    Returns
    -------
    ipywidgets.VBox
        The controls, the picture (an HTML widget), a line for messages.
    bytes
        The picture at the starting values, a PNG.
    """

    def values():
        return {name: control.value for name, control in controls.items()}

    still = as_png(draw(**values()))
    picture = ipywidgets.HTML(_image_tag(still, alt))
    message = ipywidgets.HTML()

    def redraw(_change):
        try:
            picture.value = _image_tag(as_png(draw(**values())), f"{alt} Now at {values()}.")
            message.value = ""
        except Exception as error:  # an exception in a callback would vanish in the server's log
            message.value = html.escape(f"Not drawn: {type(error).__name__}: {error}")

    for control in controls.values():
        control.observe(redraw, names="value")
    return ipywidgets.VBox([*controls.values(), picture, message]), still


def explore(draw, controls, caption, alt):
    """Show a picture that is drawn again whenever a control is moved.

    The output holds two forms of the same thing: the live widget, and a still picture at the
    starting values, which is what a reader sees where no kernel runs (the saved notebook, a web
    page, print).

    Parameters
    ----------
    draw : callable
        Takes the controls' values by name and returns a matplotlib figure, in under 0.5 s.
    controls : dict of str to ipywidgets control
        In the order in which they are shown.
    caption, alt : str
        As for :func:`medlearn.plots.show`; they describe the picture at the starting values.

    Raises
    ------
    ValueError
        If there is no control, or caption or description is missing.
    """
    if not controls:
        raise ValueError("give at least one control, such as widgets.slider(...)")
    check_described(caption, alt)
    box, still = redrawn(draw, controls, alt)
    display(
        {
            WIDGET_VIEW: {"model_id": box.model_id, "version_major": 2, "version_minor": 0},
            "image/png": base64.b64encode(still).decode(),
            "text/plain": alt,
        },
        metadata={"image/png": {"alt": alt}},
        raw=True,
    )
    display(Markdown(caption_markdown(caption, alt)))
