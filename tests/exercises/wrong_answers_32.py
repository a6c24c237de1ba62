"""Typical wrong answers to the exercises of chapter 32, and what each must be told."""

RIGHT_32_1 = {"A": True, "B": False, "C": True, "D": False, "E": False, "F": True, "G": True,
              "H": False}


def _with_one_wrong(letter):
    return f"answer_32_1 = {RIGHT_32_1 | {letter: not RIGHT_32_1[letter]}}"


WRONG = [
    ("32.1", _with_one_wrong("A"), "Names of relatives"),
    ("32.1", _with_one_wrong("B"), "names a disease"),
    ("32.1", _with_one_wrong("C"), "90 or older"),
    ("32.1", _with_one_wrong("D"), "up to 89 may stay"),
    ("32.1", _with_one_wrong("E"), "year alone may stay"),
    ("32.1", _with_one_wrong("F"), "parts of a date"),
    ("32.1", _with_one_wrong("G"), "serial number"),
    ("32.1", _with_one_wrong("H"), "a measurement"),
    ("32.1", 'answer_32_1 = {"A": True}', "says nothing of B, C, D, E, F, G, H"),
    ("32.1", 'answer_32_1 = ["A", "C"]', "Give a dictionary"),
    ("32.2", '''
def macro_and_micro_f1(matrix):
    tp = np.diag(matrix)
    f1 = 2 * tp / (matrix.sum(axis=0) + matrix.sum(axis=1))
    return tp.sum() / matrix.sum(), f1.mean()
''', "exchanged"),
    ("32.2", '''
def macro_and_micro_f1(matrix):
    tp = np.diag(matrix)
    p, r = (tp / matrix.sum(axis=0)).mean(), (tp / matrix.sum(axis=1)).mean()
    return 2 * p * r / (p + r), tp.sum() / matrix.sum()
''', "F1 of the two means"),
    ("32.2", '''
def macro_and_micro_f1(matrix):
    tp, true = np.diag(matrix), matrix.sum(axis=1)
    f1 = 2 * tp / (matrix.sum(axis=0) + true)
    return (f1 * true).sum() / true.sum(), tp.sum() / matrix.sum()
''', "weight the classes by their size"),
    ("32.2", '''
def macro_and_micro_f1(matrix):
    tp = np.diag(matrix)
    p, r = tp / matrix.sum(axis=0), tp / matrix.sum(axis=1)
    return ((p + r) / 2).mean(), tp.sum() / matrix.sum()
''', "harmonic mean"),
    ("32.2", '''
def macro_and_micro_f1(matrix):
    tp = np.diag(matrix)
    f1 = 2 * tp / (matrix.sum(axis=0) + matrix.sum(axis=1))
    return f1.mean(), f1.mean()
''', "which is its accuracy"),
    ("32.2", '''
def macro_and_micro_f1(matrix):
    tp = np.diag(matrix)
    with np.errstate(all="ignore"):
        f1 = 2 * tp / (matrix.sum(axis=0) + matrix.sum(axis=1))
    return f1.mean(), tp.sum() / matrix.sum()
''', "gives 0/0"),
    ("32.2", '''
def macro_and_micro_f1(matrix):
    tp = np.diag(matrix)
    both = matrix.sum(axis=0) + matrix.sum(axis=1)
    return (2 * tp[both > 0] / both[both > 0]).mean(), tp.sum() / matrix.sum()
''', "stays in the mean"),
    ("32.3", '''
def attention_context(scores, states, mask):
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shares / shares.sum(axis=1, keepdims=True)
    return (weights[:, :, np.newaxis] * states).sum(axis=1)
''', "mask is not used"),
    ("32.3", '''
def attention_context(scores, states, mask):
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = mask * shares / shares.sum(axis=1, keepdims=True)
    return (weights[:, :, np.newaxis] * states).sum(axis=1)
''', "no longer sum to 1"),
    ("32.3", '''
def attention_context(scores, states, mask):
    scores = scores * mask
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shares / shares.sum(axis=1, keepdims=True)
    return (weights[:, :, np.newaxis] * states).sum(axis=1)
''', "exp(0) is 1"),
    ("32.3", '''
def attention_context(scores, states, mask):
    weights = mask / mask.sum(axis=1, keepdims=True)
    return (weights[:, :, np.newaxis] * states).sum(axis=1)
''', "scores are not used"),
    ("32.3", '''
def attention_context(scores, states, mask):
    shares = np.where(mask, np.exp(scores), 0)
    weights = shares / shares.sum(axis=0, keepdims=True)
    return (weights[:, :, np.newaxis] * states).sum(axis=1)
''', "over the texts"),
    ("32.3", '''
def attention_context(scores, states, mask):
    shares = np.where(mask, np.exp(scores), 0)
    weights = shares / shares.sum(axis=1, keepdims=True)
    return (weights[:, :, np.newaxis] * states).sum(axis=1)
''', "overflows"),
    ("32.3", '''
def attention_context(scores, states, mask):
    shares = np.exp(scores - scores.max(axis=1, keepdims=True)) * mask
    weights = shares / shares.sum(axis=1, keepdims=True)
    return (weights[:, :, np.newaxis] * states).sum(axis=1)
''', "score of 900 on the padding"),
    ("32.3", '''
def attention_context(scores, states, mask):
    scores[~mask] = -np.inf
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shares / shares.sum(axis=1, keepdims=True)
    return (weights[:, :, np.newaxis] * states).sum(axis=1)
''', "in place"),
    ("32.4", '''
def dates_to_days(text):
    import re
    pattern = r"\\d{4}-\\d{2}-\\d{2}"
    first = np.datetime64(re.search(pattern, text).group())
    return re.sub(pattern, lambda m: f"day {(np.datetime64(m.group()) - first).astype(int)}", text)
''', "Count from the earliest"),
    ("32.4", '''
def dates_to_days(text):
    import re
    pattern = r"\\d{4}-\\d{2}-\\d{2}"
    order = sorted(re.findall(pattern, text))
    return re.sub(pattern, lambda m: f"day {order.index(m.group())}", text)
''', "order of the dates"),
    ("32.4", '''
def dates_to_days(text):
    import re
    pattern = r"\\d{4}-\\d{2}-\\d{2}"
    first = np.datetime64(min(re.findall(pattern, text)))
    return re.sub(pattern, lambda m: f"day {(np.datetime64(m.group()) - first).astype(int) + 1}", text)
''', "day 0, not day 1"),
    ("32.4", '''
def dates_to_days(text):
    import re
    pattern = r"\\d{4}-\\d{2}-\\d{2}"
    first = np.datetime64(min(re.findall(pattern, text)))
    return re.sub(pattern, lambda m: f"day {np.datetime64(m.group()) - first}", text)
''', "astype(int)"),
    ("32.4", '''
def dates_to_days(text):
    import re
    pattern = r"(\\d{4})-(\\d{2})-(\\d{2})"
    number = lambda m: 360 * int(m[1]) + 30 * int(m[2]) + int(m[3])
    first = min(number(m) for m in re.finditer(pattern, text))
    return re.sub(pattern, lambda m: f"day {number(m) - first}", text)
''', "leap year"),
    ("32.4", '''
def dates_to_days(text):
    return text
''', "unchanged"),
    ("32.5", '''
def find_identifiers(text):
    import re
    return re.findall(r"MRN \\d+", text)
''', "Use .span()"),
    ("32.5", '''
def find_identifiers(text):
    import re
    return list(re.finditer(r"MRN \\d+", text))
''', "Use .span()"),
    ("32.5", '''
def find_identifiers(text):
    return [(-20, -1)]
''', "places in the text"),
    ("32.5", '''
def find_identifiers(text):
    return text
''', "list of (start, end)"),
    ("32.5", '''
def find_identifiers(text):
    import re
    return [m.span() for m in re.finditer(r"MRN \\d+|\\S+@\\S+", text)]
''', "are gone; one that stayed"),
    ("32.5", '''
def find_identifiers(text):
    import re
    return [m.span() for m in re.finditer(r"\\b[A-Z][\\w.]*|\\S*\\d\\S*|\\S+@\\S+", text)]
''', "most often"),
    ("32.5", '''
def find_identifiers(text):
    return [(0, len(text))]
''', "of the clinical text"),
]
