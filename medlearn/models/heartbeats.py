"""What a network is shown of a heartbeat: it beside its patient's usual one, and the rhythm."""

import numpy as np

AROUND, JUST_BEFORE = 50, 10  # beats: on either side for the usual interval; right before
USUAL_INTERVAL = 0.8  # s, 75 beats a minute
CLIP = 2.0  # an interval counts as four times another at most


def heartbeat_inputs(part):
    """The two inputs of a heartbeat classifier, from beats in mV and their intervals.

    Both inputs are made relative to the same recording, and never look at a label: electrodes and
    hearts differ more between people than normal and ectopic beats do in one. They use the whole
    recording, later beats included, as one reads a Holter recording the day after.

    Parameters
    ----------
    part : Split
        Of the data set "arrhythmia": `x` (n, samples, 1) in mV, and in `extra` "record", and
        "rr_before" and "rr_after" in s; the beats of a recording in the order of time.

    Returns
    -------
    beats : numpy.ndarray of float32, shape (n, samples, 2)
        The beat and, beside it, the median of all beats of its recording; both divided by the
        median height of the recording's beats.
    rhythm : numpy.ndarray of float32, shape (n, 5)
        Base-2 logarithms of ratios (-1: half, 1: twice), cut off at -2 and 2: interval before /
        usual, interval after / usual, interval before / mean of the ten before it, usual / 0.8 s,
        the previous beat's interval before / usual. Usual: the mean of 101 intervals around.

    Raises
    ------
    ValueError
        If the part has no records or intervals.

    Notes
    -----
    Taught in chapter 31. Intervals relative to the patient's own are de Chazal's idea: IEEE
    Transactions on Biomedical Engineering 2004;51:1196, doi 10.1109/TBME.2004.827359.
    """
    missing = {"record", "rr_before", "rr_after"} - set(part.extra or {})
    if missing:
        raise ValueError(
            f"the part lacks extra[{sorted(missing)[0]!r}]: give a part of the data set arrhythmia"
        )
    record = part.extra["record"]
    beats = np.empty((*part.x.shape[:2], 2), dtype=np.float32)
    rhythm = np.empty((len(record), 5), dtype=np.float32)
    for each in np.unique(record):
        rows = np.flatnonzero(record == each)
        own = part.x[rows, :, 0]
        height = np.median(np.abs(own).max(axis=1))
        beats[rows, :, 0] = own / height
        beats[rows, :, 1] = np.median(own, axis=0) / height
        rhythm[rows] = _rhythm(part.extra["rr_before"][rows], part.extra["rr_after"][rows])
    return beats, rhythm


def _rhythm(before, after):
    """The five ratios of one recording."""
    usual = _mean_of_window(before, AROUND, AROUND + 1)
    recent = _mean_of_window(before, JUST_BEFORE, 0)
    previous = np.concatenate([before[:1], before[:-1]])
    ratios = [before / usual, after / usual, before / recent, usual / USUAL_INTERVAL,
              previous / usual]
    return np.clip(np.log2(ratios), -CLIP, CLIP).T


def _mean_of_window(values, back, ahead):
    """Mean of values[k - back : k + ahead] at each k; of the value itself where that is empty."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    place = np.arange(len(values))
    first = np.maximum(place - back, 0)
    last = np.minimum(place + ahead, len(values))
    last = np.where(last > first, last, first + 1)
    return (total[last] - total[first]) / (last - first)


def thinned(part, most):
    """Keep at most so many normal beats of each recording, evenly spread in time, and all others.

    Normal beats of one recording are nearly copies of each other: more of them cost time and
    teach little.

    Parameters
    ----------
    part : Split
        With class 0 for normal and the record of each row in `extra`.
    most : int
        Normal beats of one recording.

    Returns
    -------
    numpy.ndarray of int
        The rows to keep, in their order.

    Raises
    ------
    ValueError
        If most is below 1.

    Examples
    --------
    >>> import numpy as np
    >>> from medlearn.data import Split
    >>> y = np.array([0, 0, 0, 0, 2, 0, 0])
    >>> thinned(Split(y, y, None, {"record": np.array([1, 1, 1, 1, 1, 2, 2])}), most=2)
    array([0, 3, 4, 5, 6])

    Notes
    -----
    Taught in chapter 31.
    """
    if most < 1:
        raise ValueError(f"most is {most}: keep at least one normal beat of each recording")
    record, keep = part.extra["record"], part.y > 0
    for each in np.unique(record):
        normal = np.flatnonzero((record == each) & (part.y == 0))
        if len(normal):
            keep[normal[np.linspace(0, len(normal) - 1, min(most, len(normal))).astype(int)]] = True
    return np.flatnonzero(keep)
