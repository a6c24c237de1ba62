"""Typical wrong answers to the exercises of chapter 21, and what each must be told."""

RIGHT_21_1 = {"A": True, "B": False, "C": False, "D": True, "E": False, "F": False, "G": True}


def _with_one_wrong(letter):
    return f"answer_21_1 = {RIGHT_21_1 | {letter: not RIGHT_21_1[letter]}}"


WRONG = [
    ("21.1", _with_one_wrong("A"), "no upper side"),
    ("21.1", _with_one_wrong("B"), "very diagnosis"),
    ("21.1", _with_one_wrong("C"), "shadows would fall upwards"),
    ("21.1", _with_one_wrong("D"), "either way under the microscope"),
    ("21.1", _with_one_wrong("E"), "no skin is green"),
    ("21.1", _with_one_wrong("F"), "the other label"),
    ("21.1", _with_one_wrong("G"), "same lungs"),
    ("21.1", 'answer_21_1 = {"A": True, "B": False}', "says nothing of C, D, E, F, G"),
    ("21.1", 'answer_21_1 = ["A", "D", "G"]', "Give a dictionary"),
    ("21.2", '''
def threshold_for_sensitivity(y, score, wanted):
    return score[y == 1].min()
''', "Return the highest that is enough"),
    ("21.2", '''
def threshold_for_sensitivity(y, score, wanted):
    ill = np.sort(score[y == 1])
    return ill[int(np.ceil(wanted * len(ill))) - 1]
''', "from high to low"),
    ("21.2", '''
def threshold_for_sensitivity(y, score, wanted):
    ill = np.sort(score[y == 1])[::-1]
    return ill[int(np.floor(wanted * len(ill) + 1e-9)) - 1]
''', "Round up"),
    ("21.2", '''
def threshold_for_sensitivity(y, score, wanted):
    ill = np.sort(score[y == 1])[::-1]
    return ill[int(np.ceil(wanted * len(ill))) - 1]
''', "rounding error"),
    ("21.2", '''
def threshold_for_sensitivity(y, score, wanted):
    ordered = np.sort(score)[::-1]
    return ordered[int(np.ceil(wanted * len(ordered))) - 1]
''', "score of a case without the disease"),
    ("21.2", '''
def threshold_for_sensitivity(y, score, wanted):
    ill = score[y == 1]
    score.sort()
    return np.sort(ill)[::-1][int(np.ceil(wanted * len(ill))) - 1]
''', "in place"),
    ("21.2", '''
def threshold_for_sensitivity(y, score, wanted):
    ill = np.sort(score[y == 1])[::-1]
    return ill[int(np.ceil(wanted * len(ill))) - 2]
''', "one place too high"),
    ("21.3", '''
def ensemble_probability(logits, temperatures):
    z = logits / np.asarray(temperatures)[:, np.newaxis]
    return 1 / (1 + np.exp(-z.mean(axis=0)))
''', "averages the probabilities"),
    ("21.3", '''
def ensemble_probability(logits, temperatures):
    return (1 / (1 + np.exp(-logits))).mean(axis=0)
''', "temperatures are not used"),
    ("21.3", '''
def ensemble_probability(logits, temperatures):
    z = logits * np.asarray(temperatures)[:, np.newaxis]
    return (1 / (1 + np.exp(-z))).mean(axis=0)
''', "You multiply by the temperature"),
    ("21.3", '''
def ensemble_probability(logits, temperatures):
    z = logits / np.asarray(temperatures)[:, np.newaxis]
    return (1 / (1 + np.exp(z))).mean(axis=0)
''', "chance to be well"),
    ("21.3", '''
def ensemble_probability(logits, temperatures):
    z = logits / np.asarray(temperatures)[:, np.newaxis]
    return (1 / (1 + np.exp(-z))).mean(axis=1)
''', "mean over axis 0"),
    ("21.3", '''
def ensemble_probability(logits, temperatures):
    z = logits / np.mean(temperatures)
    return (1 / (1 + np.exp(-z))).mean(axis=0)
''', "Each network has its own"),
    ("21.3", '''
def ensemble_probability(logits, temperatures):
    logits /= np.asarray(temperatures)[:, np.newaxis]
    return (1 / (1 + np.exp(-logits))).mean(axis=0)
''', "in place"),
    ("21.4", '''
def cam_from_gradient(maps, gradient):
    return (gradient.sum(axis=(1, 2), keepdims=True) * maps).sum(axis=-1)
''', "cut it off"),
    ("21.4", '''
def cam_from_gradient(maps, gradient):
    return np.maximum((gradient * maps).sum(axis=-1), 0)
''', "place by place"),
    ("21.4", '''
def cam_from_gradient(maps, gradient):
    return np.abs((gradient.sum(axis=(1, 2), keepdims=True) * maps).sum(axis=-1))
''', "absolute value"),
    ("21.4", '''
def cam_from_gradient(maps, gradient):
    alpha = np.maximum(gradient.sum(axis=(1, 2), keepdims=True), 0)
    return (alpha * maps).sum(axis=-1)
''', "cut the weights"),
    ("21.4", '''
def cam_from_gradient(maps, gradient):
    return np.maximum((gradient.mean(axis=(1, 2), keepdims=True) * maps).sum(axis=-1), 0)
''', "paper's mean"),
    ("21.4", '''
def cam_from_gradient(maps, gradient):
    return np.maximum((gradient.sum(axis=(0, 1, 2)) * maps).sum(axis=-1), 0)
''', "Each picture has its own weights"),
]
