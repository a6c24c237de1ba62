"""Typical wrong answers to the exercises of chapter 30, and what each must be told."""

GRU = '''
def gru_step_before(x, h, kernel, recurrent_kernel, bias):
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    of_x = np.split(x @ kernel + bias, 3, axis=1)
    u_z, u_r, u_h = np.split(recurrent_kernel, 3, axis=1)
    z, r = sigmoid(of_x[0] + h @ u_z), sigmoid(of_x[1] + h @ u_r)
    candidate = np.tanh(of_x[2] + (r * h) @ u_h)
    return z * h + (1 - z) * candidate
'''
CLIP = '''
def clip(gradients, limit):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    factor = min(1, limit / norm) if norm > 0 else 1
    return [g * factor for g in gradients]
'''
BPTT = '''
def recurrent_kernel_gradient(dh_last, h, recurrent_kernel):
    gradient, dh = np.zeros_like(recurrent_kernel), dh_last
    for t in reversed(range(1, len(h))):
        da = dh * (1 - h[t] ** 2)
        gradient = gradient + h[t - 1].T @ da
        dh = da @ recurrent_kernel.T
    return gradient
'''


def changed(source, old, new):
    """A right answer with one mistake in it."""
    assert old in source
    return source.replace(old, new)


WRONG = [
    ("30.1", '''
answer_30_1 = {"A": "never forgets", "B": "right", "C": "output gate unused",
               "D": "forgets at once"}
''', "from this beat alone"),
    ("30.1", '''
answer_30_1 = {"A": "forgets at once", "B": "never forgets", "C": "output gate unused",
               "D": "right"}
''', "it can forget"),
    ("30.1", '''
answer_30_1 = {"A": "forgets at once", "B": "right", "C": "right", "D": "never forgets"}
''', "in neither line"),
    ("30.1", '''
answer_30_1 = {"A": "forgets at once", "B": "right", "C": "output gate unused", "D": "right"}
''', "make the old cell smaller"),
    ("30.1", '''
answer_30_1 = {"A": "forgets at once", "B": "right"}
''', "says nothing of C, D"),
    ("30.1", '''
answer_30_1 = {"A": "broken", "B": "right", "C": "right", "D": "right"}
''', "is none of"),
    ("30.2", changed(GRU, "z * h + (1 - z) * candidate", "(1 - z) * h + z * candidate"),
     "exchanged"),
    ("30.2", changed(GRU, "(r * h) @ u_h", "r * (h @ u_h)"), "after the product"),
    ("30.2", changed(GRU, "(r * h) @ u_h", "h @ u_h"), "not used"),
    ("30.2", changed(GRU, "    z, r = ", "    r, z = "), "other order"),
    ("30.2", changed(GRU, "np.tanh(of_x[2] + (r * h) @ u_h)", "of_x[2] + (r * h) @ u_h"),
     "through a tanh"),
    ("30.2", changed(GRU, "np.tanh(of_x[2] + (r * h) @ u_h)", "np.tanh(r * (of_x[2] + h @ u_h))"),
     "the input's part"),
    ("30.2", changed(GRU, "np.tanh(of_x[2] + (r * h) @ u_h)", "sigmoid(of_x[2] + (r * h) @ u_h)"),
     "it is no gate"),
    ("30.2", changed(GRU, "sigmoid(of_x[0] + h @ u_z), sigmoid(of_x[1] + h @ u_r)",
                     "sigmoid(of_x[0]), sigmoid(of_x[1])"), "see x alone"),
    ("30.2", changed(GRU, "z * h + (1 - z) * candidate", "z * h + candidate"),
     "z and r alone first"),
    ("30.2", changed(GRU, "return z * h + (1 - z) * candidate", "return candidate"),
     "mixes it with the old"),
    ("30.2", changed(GRU, "x @ kernel + bias", "x @ kernel"), "bias is missing"),
    ("30.2", changed(GRU, "return z * h + (1 - z) * candidate", "return z, r, candidate"),
     "Return one array"),
    ("30.3", changed(CLIP, "return [g * factor for g in gradients]",
                     "return [g * min(1, limit / np.sqrt(np.sum(g**2))) for g in gradients]"),
     "its own norm"),
    ("30.3", changed(CLIP, "g * factor for", "np.clip(g, -limit, limit) for"), "cut off"),
    ("30.3", changed(CLIP, "min(1, limit / norm)", "1 / norm"), "length 1"),
    ("30.3", changed(CLIP, "np.sqrt(sum(np.sum(g**2) for g in gradients))",
                     "sum(np.sum(g**2) for g in gradients)"), "sum of the squares"),
    ("30.3", changed(CLIP, "np.sqrt(sum(np.sum(g**2) for g in gradients))",
                     "sum(np.sqrt(np.sum(g**2)) for g in gradients)"), "arrays' norms"),
    ("30.3", changed(CLIP, "min(1, limit / norm)", "limit / norm"), "stretched"),
    ("30.3", changed(CLIP, "g * factor for", "g / norm * min(norm, limit) for"), "give NaN"),
    ("30.3", '''
def clip(gradients, limit):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    for g in gradients:
        g *= min(1, limit / norm)
    return gradients
''', "changes the arrays"),
    ("30.4", changed(BPTT, "reversed(range(1, len(h)))", "[len(h) - 1]"), "Only the last beat"),
    ("30.4", changed(BPTT, "da @ recurrent_kernel.T", "da @ recurrent_kernel"), "*transpose*"),
    ("30.4", changed(BPTT, "dh * (1 - h[t] ** 2)", "dh"), "slope of tanh is missing"),
    ("30.4", changed(BPTT, "h[t - 1].T @ da", "h[t].T @ da"), "*before* the beat"),
    ("30.4", changed(BPTT, "1 - h[t] ** 2", "1 - h[t - 1] ** 2"), "that the beat made"),
    ("30.4", changed(BPTT, "dh = da @ recurrent_kernel.T", "pass"), "the gradient of the last one"),
    ("30.4", changed(BPTT, "return gradient", "return -gradient"), "sign is turned"),
    ("30.4", changed(BPTT, "dh = da @", "dh = dh + da @"), "used outside"),
    ("30.4", changed(BPTT, "h[t - 1].T @ da", "da.T @ h[t - 1]"), "That is the transpose"),
    ("30.4", changed(BPTT, "gradient = gradient + h", "gradient = h"), "Add up"),
    ("30.4", changed(BPTT, "return gradient", "return gradient / len(dh_last)"),
     "mean over the batch"),
    ("30.4", changed(BPTT, "reversed(range(1, len(h)))", "range(1, len(h))"), "Try two beats"),
]
