"""Pictures carry captions and descriptions; widgets redraw, and survive a drawing that fails."""

import base64

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest

from medlearn import plots, widgets

PNG = b"\x89PNG"


@pytest.fixture(scope="module", autouse=True)
def no_window():
    plt.switch_backend("agg")


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, as (data, metadata), in place of a notebook."""
    collected = []

    def collect(data, metadata=None, raw=False, **_):
        collected.append((data if raw else data.data, metadata))

    for module in (plots, widgets):
        monkeypatch.setattr(module, "display", collect)
    return collected


def picture(height=1.0):
    figure, ax = plt.subplots(figsize=(2, 2))
    ax.plot([0, height])
    return figure


CAPTION, ALT = "Figure 99.1. A line that rises.", "A straight line from 0 to 1."


def test_show_gives_picture_description_and_numbered_caption(shown):
    figure = picture()
    plots.show(figure, CAPTION, ALT)
    (data, metadata), (caption, _) = shown
    assert base64.b64decode(data["image/png"]).startswith(PNG)
    assert metadata["image/png"]["alt"] == data["text/plain"] == ALT
    assert caption.startswith("**Figure 99.1.** A line that rises.")
    assert ALT in caption
    assert not plt.fignum_exists(figure.number), "the figure is closed"


@pytest.mark.parametrize(("caption", "alt"), [("", ALT), (CAPTION, ""), (CAPTION, None)])
def test_picture_without_words_is_refused(shown, caption, alt):
    with pytest.raises(ValueError, match="give the picture a"):
        plots.show(picture(), caption, alt)
    assert shown == []
    plt.close("all")


def test_pictures_of_the_same_thing_are_the_same_bytes():
    assert plots.as_png(picture()) == plots.as_png(picture())


def test_bars_under_words_follow_the_weights_and_lines_wrap():
    words, weights = ["fever"] * 30, np.arange(30) / 435
    figure = plots.weighted_words(words, weights, numbered=2, columns=40)
    ax = figure.axes[0]
    heights = [bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(heights, 0.3 * np.arange(30) / 29)
    texts = [text.get_text() for text in ax.texts]
    assert texts.count("fever") == 30
    assert [text for text in texts if text != "fever"] == ["6", "7"]
    assert max(text.get_position()[0] for text in ax.texts) < 40
    assert len({text.get_position()[1] for text in ax.texts if text.get_text() == "fever"}) == 5
    plots.as_png(figure)


def test_each_word_needs_a_weight():
    with pytest.raises(ValueError, match="2 words and 1 weights"):
        plots.weighted_words(["no", "fever"], [1.0])


def test_course_colours_and_dashes_differ_together():
    plots.use_course_style()
    cycle = list(plt.rcParams["axes.prop_cycle"])
    assert len({str(s["linestyle"]) for s in cycle}) == len({s["color"] for s in cycle}) == len(cycle)


@pytest.fixture
def drawn(monkeypatch):
    """The pictures of progress bars, as a notebook would get them."""
    pictures = []

    class Handle:
        def update(self, picture):
            pictures.append(picture.data)

    monkeypatch.setattr(plots, "get_ipython", object)
    monkeypatch.setattr(plots, "display", lambda *_, **__: Handle())
    return pictures


def test_progress_yields_every_item_and_draws_to_the_end(drawn):
    assert list(plots.progress([3, 1, 2], "Items")) == [3, 1, 2]
    assert "value='3'" in drawn[-2] and "Items: 3 of 3 in" in drawn[-1]


def test_progress_says_where_a_broken_loop_ended(drawn):
    items = plots.progress([1, 2, 3], "Items")
    next(items), next(items)
    items.close()
    assert "Items: 1 of 3 in" in drawn[-1]


def test_progress_is_silent_outside_a_notebook(capsys):
    assert list(plots.progress([1], "Items")) == [1]
    assert capsys.readouterr() == ("", "")


def test_training_progress_shows_what_fit_passes(drawn):
    on_epoch = plots.training_progress(2)
    on_epoch(0, {"loss": 1.0, "val_loss": 2.0})
    on_epoch(1, {"loss": 0.5, "val_loss": 3.0})
    assert "loss 0.5, val_loss 3" in drawn[-2]
    assert "Training: 2 of 2 in" in drawn[-1]


def test_explore_shows_live_widget_and_still_picture(shown):
    widgets.explore(picture, {"height": widgets.slider("Height", 0.0, 2.0, 1.0)}, CAPTION, ALT)
    data, metadata = shown[0]
    assert data[widgets.WIDGET_VIEW]["model_id"]
    assert base64.b64decode(data["image/png"]) == plots.as_png(picture(1.0))
    assert metadata["image/png"]["alt"] == ALT
    assert shown[1][0].startswith("**Figure 99.1.**")


def test_moving_a_slider_changes_the_picture():
    height = widgets.slider("Height", 0.0, 2.0, 1.0)
    box, _ = widgets.redrawn(picture, {"height": height}, ALT)
    before = box.children[1].value
    height.value = 2.0
    after = box.children[1].value
    assert after != before
    assert "{&#x27;height&#x27;: 2.0}" in after, "the description follows the knob"


def test_drawing_that_fails_is_told_and_the_next_one_works():
    def draw(height):
        return picture(1 / height)

    height = widgets.slider("Height", 0, 2, 1)
    box, _ = widgets.redrawn(draw, {"height": height}, ALT)
    height.value = 0
    assert "Not drawn: ZeroDivisionError" in box.children[2].value
    height.value = 2
    assert box.children[2].value == ""


def test_explore_needs_a_control(shown):
    with pytest.raises(ValueError, match="at least one control"):
        widgets.explore(picture, {}, CAPTION, ALT)


def test_slider_kinds_and_range():
    assert isinstance(widgets.slider("n", 1, 9, 3), ipywidgets.IntSlider)
    assert isinstance(widgets.slider("x", 0.0, 1.0, 0.5), ipywidgets.FloatSlider)
    with pytest.raises(ValueError, match="not between"):
        widgets.slider("x", 0.0, 1.0, 2.0)


def test_choice_starts_where_asked():
    assert widgets.choice("Loss", ["a", "b"], "b").value == "b"


def test_ecg_paper_has_its_squares_and_its_speed():
    """25 mm a second and 10 mm a millivolt: 0.2 s is as wide as 0.5 mV is high."""
    signals = [[0.0, 1.2, -0.4] * 360, [0.0, 0.3, 0.0] * 360]
    figure = plots.ecg_paper(signals, 360, ["first", "second"], [[(1.0, "V")], []])
    figure.draw_without_rendering()
    for ax, height in zip(figure.axes, (2.5, 1.0), strict=True):
        assert ax.get_xlim() == (0, 3)
        assert ax.get_ylim()[1] - ax.get_ylim()[0] == pytest.approx(height)
        box = ax.get_window_extent()
        assert box.width / 3 / 25 == pytest.approx(box.height / height / 10, rel=0.01)
        assert box.width / figure.dpi * 25.4 / 3 == pytest.approx(25, rel=0.1)
        for axis, large, small in ((ax.xaxis, 0.2, 0.04), (ax.yaxis, 0.5, 0.1)):
            major, minor = axis.get_majorticklocs(), axis.get_minorticklocs()
            assert major[1] - major[0] == pytest.approx(large)
            steps = [b - a for a, b in zip(minor, minor[1:])]  # leaves out the large ones
            assert min(steps) == pytest.approx(small)
    assert [text.get_text() for text in figure.axes[0].texts] == ["V"]
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["first", "second"]
    plt.close(figure)


def test_ecg_paper_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="equal length"):
        plots.ecg_paper([[0.0, 1.0], [0.0]], 360)
    with pytest.raises(ValueError, match="at least one signal"):
        plots.ecg_paper([], 360)
    with pytest.raises(ValueError, match="1 titles for 2 signals"):
        plots.ecg_paper([[0.0], [0.0]], 360, titles=["one"])
