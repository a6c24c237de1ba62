"""Typical wrong answers to the exercises of chapter 31, and what each must be told."""

RIGHT_31_1 = {"A": True, "B": False, "C": True, "D": False, "E": True, "F": True}


def _with_one_wrong(letter):
    return f"answer_31_1 = {RIGHT_31_1 | {letter: not RIGHT_31_1[letter]}}"


WRONG = [
    ("31.1", _with_one_wrong("A"), "very hearts again"),
    ("31.1", _with_one_wrong("B"), "no patient is on both sides"),
    ("31.1", _with_one_wrong("C"), "first twenty-five"),
    ("31.1", _with_one_wrong("D"), "relative to itself"),
    ("31.1", _with_one_wrong("E"), "one heart"),
    ("31.1", _with_one_wrong("F"), "no fresh test"),
    ("31.1", 'answer_31_1 = {"A": True, "B": False}', "says nothing of C, D, E, F"),
    ("31.1", 'answer_31_1 = ["A", "C"]', "Give a dictionary"),
    ("31.2", '''
def sensitivity_and_ppv(confusion, c):
    return confusion[c, c] / confusion[:, c].sum(), confusion[c, c] / confusion[c].sum()
''', "exchanged"),
    ("31.2", '''
def sensitivity_and_ppv(confusion, c):
    false = confusion[:, c].sum() - confusion[c, c]
    others = confusion.sum() - confusion[c].sum()
    return confusion[c, c] / confusion[c].sum(), 1 - false / others
''', "the specificity"),
    ("31.2", '''
def sensitivity_and_ppv(confusion, c):
    return confusion[c, c] / confusion[c].sum(), np.trace(confusion) / confusion.sum()
''', "accuracy over all classes"),
    ("31.2", '''
def sensitivity_and_ppv(confusion, c):
    return 100 * confusion[c, c] / confusion[c].sum(), 100 * confusion[c, c] / confusion[:, c].sum()
''', "not percent"),
    ("31.2", '''
def sensitivity_and_ppv(confusion, c):
    return confusion[2, 2] / confusion[2].sum(), confusion[2, 2] / confusion[:, 2].sum()
''', "written into your code"),
    ("31.2", '''
def sensitivity_and_ppv(confusion, c):
    called = confusion[:, c].sum()
    return confusion[c, c] / confusion[c].sum(), confusion[c, c] / called if called else 0.0
''', "nobody knows"),
    ("31.2", '''
def sensitivity_and_ppv(confusion, c):
    return confusion[c, c] / confusion[c].sum()
''', "Return two numbers"),
    ("31.3", '''
def prematurity(times, back):
    intervals = np.diff(times)
    result = np.full(len(intervals), np.nan)
    for k in range(back, len(intervals)):
        result[k] = np.log(intervals[k] / np.median(intervals[k - back:k]))
    return result
''', "natural logarithm"),
    ("31.3", '''
def prematurity(times, back):
    intervals = np.diff(times)
    result = np.full(len(intervals), np.nan)
    for k in range(back, len(intervals)):
        result[k] = intervals[k] / np.median(intervals[k - back:k])
    return result
''', "the ratio itself"),
    ("31.3", '''
def prematurity(times, back):
    intervals = np.diff(times)
    result = np.full(len(intervals), np.nan)
    for k in range(back, len(intervals)):
        result[k] = np.log2(intervals[k] / np.median(intervals[k - back + 1:k + 1]))
    return result
''', "among those it is compared with"),
    ("31.3", '''
def prematurity(times, back):
    intervals = np.diff(times)
    result = np.full(len(intervals), np.nan)
    for k in range(back, len(intervals)):
        result[k] = np.log2(intervals[k] / np.mean(intervals[k - back:k]))
    return result
''', "compare with the mean"),
    ("31.3", '''
def prematurity(times, back):
    intervals = np.diff(times)
    result = np.full(len(intervals), np.nan)
    for k in range(back, len(intervals)):
        result[k] = np.log2(np.median(intervals[k - back:k]) / intervals[k])
    return result
''', "sign is turned"),
    ("31.3", '''
def prematurity(times, back):
    intervals = np.diff(times)
    result = np.zeros(len(intervals))
    for k in range(back, len(intervals)):
        result[k] = np.log2(intervals[k] / np.median(intervals[k - back:k]))
    return result
''', "leave them np.nan"),
    ("31.3", '''
def prematurity(times, back):
    intervals = np.diff(times, prepend=times[0])
    return intervals
''', "10 beats have 9 intervals"),
    ("31.4", '''
def alarm_hours(excess, threshold, quiet):
    return np.flatnonzero(excess > threshold)
''', "Every hour above"),
    ("31.4", '''
def alarm_hours(excess, threshold, quiet):
    above = np.concatenate([[False], excess > threshold])
    return np.flatnonzero(above[1:] & ~above[:-1])
''', "crossed from below"),
    ("31.4", '''
def alarm_hours(excess, threshold, quiet):
    hours, last = [], -np.inf
    for hour, value in enumerate(excess):
        if value > threshold and hour - last > quiet:
            hours.append(hour)
            last = hour
    return np.array(hours)
''', "one hour too long"),
    ("31.4", '''
def alarm_hours(excess, threshold, quiet):
    hours, last = [], -np.inf
    for hour, value in enumerate(excess):
        if value > threshold:
            if hour - last >= quiet:
                hours.append(hour)
            last = hour
    return np.array(hours)
''', "from the last hour above"),
    ("31.4", '''
def alarm_hours(excess, threshold, quiet):
    hours, last = [], -np.inf
    for hour, value in enumerate(excess):
        if value >= threshold and hour - last >= quiet:
            hours.append(hour)
            last = hour
    return np.array(hours)
''', "Above means above"),
    ("31.4", '''
def alarm_hours(excess, threshold, quiet):
    return excess > threshold
''', "not True and False"),
]
