"""Typical wrong answers to the exercises of chapter 52, and what each must be told."""

RIGHT_52_1 = {"A": True, "B": True, "C": True, "D": False, "E": False, "F": True}


def _with_one_wrong(letter):
    return f"answer_52_1 = {RIGHT_52_1 | {letter: not RIGHT_52_1[letter]}}"


def _score(last):
    return f'''
def masked_score(preferences, admissible, action):
    weights = np.where(admissible, np.exp(preferences - preferences[admissible].max()), 0.0)
    policy = weights / weights.sum()
    taken = np.arange(len(preferences)) == action
    return {last}
'''


def _goals(choose, value, mask="admissible", last="rewards + discount * np.where(ended, 0, worth)"):
    return f'''
def double_goals(rewards, ended, chooser, valuer, admissible, discount):
    chosen = np.where({mask}, {choose}, -np.inf).argmax(axis=1)
    worth = {value}[np.arange(len(rewards)), chosen]
    return {last}
'''


def _n_step(stop="min(t + n, length)", rest="discount**n * values[end]"):
    return f'''
def n_step_goals(rewards, values, n, discount):
    length = len(rewards)
    goals = np.zeros(length)
    for t in range(length):
        end = {stop}
        goals[t] = sum(discount ** (k - t) * rewards[k] for k in range(t, end))
        if end < length:
            goals[t] += {rest}
    return goals
'''


WRONG = [
    ("52.1", _with_one_wrong("A"), "the same for every action"),
    ("52.1", _with_one_wrong("B"), "known before the dose"),
    ("52.1", _with_one_wrong("C"), "the usual"),
    ("52.1", _with_one_wrong("D"), "nothing would be learned"),
    ("52.1", _with_one_wrong("E"), "the dose has acted"),
    ("52.1", _with_one_wrong("F"), "only adds noise"),
    ("52.1", 'answer_52_1 = {"A": True}', "says nothing of B, C, D, E, F"),
    ("52.1", 'answer_52_1 = ["A", "C"]', "Give a dictionary"),
    ("52.2", '''
def masked_score(preferences, admissible, action):
    policy = np.exp(preferences) / np.exp(preferences).sum()
    return (np.arange(len(preferences)) == action) - policy
''', "still have a probability"),
    ("52.2", _score("policy - taken"), "sign is turned"),
    ("52.2", _score("policy"), "Those are the probabilities"),
    ("52.2", _score("np.where(taken, 1 - policy, 0.0)"), "knobs of the other allowed actions"),
    ("52.2", _score("(1 - policy)[action]"), "Return 5 numbers"),
    ("52.2", '''
def masked_score(preferences, admissible, action):
    weights = np.where(admissible, np.exp(preferences), 0.0)
    return (np.arange(len(preferences)) == action) - weights / weights.sum()
''', "overflows"),
    ("52.2", '''
def masked_score(preferences, admissible, action):
    weights = np.where(admissible, np.exp(preferences), 0.0)
    preferences[~admissible] = -np.inf
    return (np.arange(len(preferences)) == action) - weights / weights.sum()
''', "in place"),
    ("52.3", _goals("valuer", "valuer"), "plain DQN"),
    ("52.3", _goals("chooser", "chooser"), "also values"),
    ("52.3", _goals("valuer", "chooser"), "exchanged"),
    ("52.3", _goals("chooser", "valuer", mask="True"), "forbidden action was chosen"),
    ("52.3", _goals("np.where(admissible, chooser, 0)", "valuer", mask="True"), "Use -np.inf"),
    ("52.3", _goals("chooser", "valuer", last="rewards + discount * worth"), "nothing follows"),
    ("52.3", _goals("chooser", "valuer", last="np.where(ended, 0, rewards + discount * worth)"),
     "last reward still counts"),
    ("52.3", _goals("chooser", "valuer", last="rewards + np.where(ended, 0, worth)"),
     "discount is missing"),
    ("52.3", _goals("chooser", "valuer", last="rewards + 0.9 * np.where(ended, 0, worth)"),
     "written into your code"),
    ("52.4", _n_step(rest="values[end]"), "discount ** n belongs"),
    ("52.4", _n_step(stop="length"), "the critic is not asked"),
    ("52.4", _n_step(stop="t + 1", rest="discount * values[end]"), "n is not used"),
    ("52.4", _n_step(stop="min(t + n + 1, length)", rest="discount ** (n + 1) * values[end]"),
     "One reward too many"),
    ("52.4", '''
def n_step_goals(rewards, values, n, discount):
    length = len(rewards)
    goals = np.zeros(length)
    for t in range(length):
        end = min(t + n, length)
        goals[t] = sum(discount ** (k - t) * rewards[k] for k in range(t, end))
        goals[t] += discount ** (end - t) * values[min(end, length - 1)]
    return goals
''', "until the end comes near"),
    ("52.4", _n_step(stop="min(t + 2, length)", rest="discount**2 * values[end]"),
     "wrong for n = 1"),
]
