"""Typical wrong answers to the exercises of chapter 41, and what each must be told."""

RIGHT_41_1 = {"A": False, "B": True, "C": False, "D": True, "E": False}


def _with_one_wrong(letter):
    return f"answer_41_1 = {RIGHT_41_1 | {letter: not RIGHT_41_1[letter]}}"


MIX = '''
def mix_with_nearest(x, share):
    distance = np.linalg.norm(x[:, np.newaxis] - x, axis=-1)
    np.fill_diagonal(distance, {diagonal})
    return {answer}
'''
BETRAYAL = '''
def betrayal(inside, outside, released):
    near = [np.linalg.norm(x[:, np.newaxis] - released, axis=-1).{reduced}(axis=1)
            for x in (inside, outside)]
    a, b = near[0][:, np.newaxis], near[1][np.newaxis, :]
    return {answer}
'''
NEAREST = "x[distance.argmin(axis=1)]"

WRONG = [
    ("41.1", _with_one_wrong("A"), "leakage"),
    ("41.1", _with_one_wrong("B"), "compares pairs"),
    ("41.1", _with_one_wrong("C"), "one draw of luck"),
    ("41.1", _with_one_wrong("D"), "the same care"),
    ("41.1", _with_one_wrong("E"), "flatters"),
    ("41.1", 'answer_41_1 = {"A": False}', "says nothing of B, C, D, E"),
    ("41.1", 'answer_41_1 = ["B", "D"]', "Give a dictionary"),
    ("41.2", MIX.format(diagonal="0", answer=f"(1 - share) * x + share * {NEAREST}"),
     "x itself"),
    ("41.2", MIX.format(diagonal="np.inf", answer=f"share * x + (1 - share) * {NEAREST}"),
     "the picture's own"),
    ("41.2", MIX.format(diagonal="np.inf", answer=NEAREST), "neighbour itself"),
    ("41.2", MIX.format(diagonal="np.inf", answer=f"x + share * {NEAREST}"), "whole picture"),
    ("41.2", MIX.format(diagonal="0",
                        answer="(1 - share) * x + share * x[distance.argmax(axis=1)]"),
     "farthest"),
    ("41.2", """
def mix_with_nearest(x, share):
    distance = np.abs(x[:, np.newaxis] - x).sum(axis=-1)
    np.fill_diagonal(distance, np.inf)
    return (1 - share) * x + share * x[distance.argmin(axis=1)]
""", "Euclid"),
    ("41.3", BETRAYAL.format(reduced="min", answer="np.mean((b < a) + 0.5 * (b == a))"),
     "wrong way round"),
    ("41.3", BETRAYAL.format(reduced="min", answer="np.mean(a < b)"), "counted as nothing"),
    ("41.3", BETRAYAL.format(reduced="min", answer="np.mean(a <= b)"), "counted as whole"),
    ("41.3", BETRAYAL.format(reduced="mean", answer="np.mean((a < b) + 0.5 * (a == b))"),
     "mean distance"),
    ("41.3", BETRAYAL.format(reduced="min", answer="float(a.mean() < b.mean())"),
     "means of the two groups"),
    ("41.3", BETRAYAL.format(reduced="min", answer="(a < b).mean(axis=1)"), "one number"),
]
