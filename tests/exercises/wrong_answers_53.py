"""Typical wrong answers to the exercises of chapter 53, and what each must be told."""

RIGHT_53_1 = {"A": "reward", "B": "claim", "C": "support", "D": "hidden", "E": "support"}


def _with(letter, fault):
    return f"answer_53_1 = {RIGHT_53_1 | {letter: fault}}"


WRONG = [
    ("53.1", _with("A", "hidden"), "Silence is not survival"),
    ("53.1", _with("B", "support"), "winner's curse"),
    ("53.1", _with("C", "claim"), "nine patients' worth"),
    ("53.1", _with("D", "reward"), "do not say how they fell"),
    ("53.1", _with("E", "claim"), "two of two alive"),
    ("53.1", _with("E", "overfitting"), "answer one of claim, hidden, reward, support"),
    ("53.1", 'answer_53_1 = {"A": "reward"}', "says nothing of B, C, D, E"),
    ("53.1", 'answer_53_1 = ["reward", "claim"]', "Give a dictionary"),
    ("53.2", '''
def weighted_estimate(ratios, returns):
    w = np.prod(ratios, axis=1)
    return (w * returns).mean(), w.sum() ** 2 / (w ** 2).sum()
''', "divides by the number of patients"),
    ("53.2", '''
def weighted_estimate(ratios, returns):
    w = ratios.sum(axis=1)
    return (w * returns).sum() / w.sum(), w.sum() ** 2 / (w ** 2).sum()
''', "add or average the ratios"),
    ("53.2", '''
def weighted_estimate(ratios, returns):
    w = ratios[:, -1]
    return (w * returns).sum() / w.sum(), w.sum() ** 2 / (w ** 2).sum()
''', "last step's ratios"),
    ("53.2", '''
def weighted_estimate(ratios, returns):
    w = np.prod(ratios, axis=1)
    return returns.mean(), w.sum() ** 2 / (w ** 2).sum()
''', "weights are not used"),
    ("53.2", '''
def weighted_estimate(ratios, returns):
    w = np.prod(ratios, axis=1)
    return (w * returns).sum() / w.sum(), np.sum(w > 0)
''', "counts patients"),
    ("53.2", '''
def weighted_estimate(ratios, returns):
    w = np.prod(ratios, axis=1)
    return (w * returns).sum() / w.sum(), (w ** 2).sum() / w.sum() ** 2
''', "upside down"),
    ("53.2", '''
def weighted_estimate(ratios, returns):
    w = np.prod(ratios, axis=1)
    return (w * returns).sum() / w.sum(), w.sum() / (w ** 2).sum()
''', "left the square out"),
    ("53.2", '''
def weighted_estimate(ratios, returns):
    w = np.prod(ratios, axis=1)
    return (w * returns).sum() / w.sum()
''', "Return two numbers"),
    ("53.3", '''
def shaping_bonus(transitions, potential, terminal, discount):
    bonus = transitions @ potential - potential[:, np.newaxis]
    return np.where(terminal[:, np.newaxis], 0.0, bonus)
''', "discount is missing"),
    ("53.3", '''
def shaping_bonus(transitions, potential, terminal, discount):
    bonus = discount * (transitions @ potential - potential[:, np.newaxis])
    return np.where(terminal[:, np.newaxis], 0.0, bonus)
''', "next state's potential alone"),
    ("53.3", '''
def shaping_bonus(transitions, potential, terminal, discount):
    bonus = potential[:, np.newaxis] - discount * transitions @ potential
    return np.where(terminal[:, np.newaxis], 0.0, bonus)
''', "sign is turned"),
    ("53.3", '''
def shaping_bonus(transitions, potential, terminal, discount):
    return discount * transitions @ potential
''', "Subtract the one of the present state"),
    ("53.3", '''
def shaping_bonus(transitions, potential, terminal, discount):
    return np.repeat(-potential[:, np.newaxis], transitions.shape[1], axis=1)
''', "not for its change"),
    ("53.3", '''
def shaping_bonus(transitions, potential, terminal, discount):
    return discount * transitions @ potential - potential[:, np.newaxis]
''', "in the terminal state something is added"),
    ("53.3", '''
def shaping_bonus(transitions, potential, terminal, discount):
    return discount * potential - potential
''', "Return an array (states, actions)"),
    ("53.4", '''
def advise(taken, action_values, usual_values, min_count, min_share, margin):
    return action_values.argmax(axis=1)
''', "winner's curse"),
    ("53.4", '''
def advise(taken, action_values, usual_values, min_count, min_share, margin):
    values = np.where(taken >= min_count, action_values, -np.inf)
    return np.where(values.max(axis=1) > usual_values + margin, values.argmax(axis=1), -1)
''', "6 %"),
    ("53.4", '''
def advise(taken, action_values, usual_values, min_count, min_share, margin):
    share = taken / np.maximum(taken.sum(axis=1, keepdims=True), 1)
    allowed = (taken >= min_count) & (share >= min_share)
    return np.where(allowed, action_values, -np.inf).argmax(axis=1)
''', "8 decisions in all"),
    ("53.4", '''
def advise(taken, action_values, usual_values, min_count, min_share, margin):
    share = taken / np.maximum(taken.sum(axis=1, keepdims=True), 1)
    allowed = (taken >= min_count) & (share >= min_share)
    values = np.where(allowed, action_values, -np.inf)
    return np.where(values.max(axis=1) > usual_values, values.argmax(axis=1), -1)
''', "not more than the margin"),
    ("53.4", '''
def advise(taken, action_values, usual_values, min_count, min_share, margin):
    share = taken / np.maximum(taken.sum(axis=1, keepdims=True), 1)
    best = action_values.argmax(axis=1)
    rows = np.arange(len(best))
    good = (taken >= min_count)[rows, best] & (share >= min_share)[rows, best]
    return np.where(good & (action_values[rows, best] > usual_values + margin), best, -1)
''', "decline too often"),
]
