"""Typical wrong answers to the exercises of chapter 51, and what each must be told."""

RIGHT_51_1 = {"A": True, "B": False, "C": False, "D": True, "E": False, "F": True}
SAID = {
    "A": "mean of such numbers",
    "B": "it lost lives",
    "C": "There is no P in it",
    "D": "nothing can follow an end",
    "E": "only a value *above*",
    "F": "know the tables and nothing else",
}

WRONG = [
    *[
        ("51.1", f"answer_51_1 = {dict(RIGHT_51_1) | {letter: not RIGHT_51_1[letter]}}", phrase)
        for letter, phrase in SAID.items()
    ],
    ("51.1", 'answer_51_1 = {"A": True, "B": False}', "says nothing of C, D, E, F"),
    ("51.1", f"answer_51_1 = {RIGHT_51_1 | dict(C='no')}", "neither True nor False"),
    ("51.1", 'answer_51_1 = "A and D"', "Give a dictionary"),
    ("51.2", '''
def backup(reward, probabilities, values, gamma):
    return reward + np.dot(probabilities, values)
''', "forgot gamma"),
    ("51.2", '''
def backup(reward, probabilities, values, gamma):
    return gamma * (reward + np.dot(probabilities, values))
''', "discount the reward too"),
    ("51.2", '''
def backup(reward, probabilities, values, gamma):
    return gamma * np.dot(probabilities, values)
''', "reward of the step is missing"),
    ("51.2", '''
def backup(reward, probabilities, values, gamma):
    return reward + gamma * values.max()
''', "chance, not choice"),
    ("51.2", '''
def backup(reward, probabilities, values, gamma):
    return reward + gamma * values.mean()
''', "weight by the probabilities"),
    ("51.2", '''
def backup(reward, probabilities, values, gamma):
    return reward + gamma * values.sum()
''', "multiply each by its probability"),
    ("51.2", '''
def backup(reward, probabilities, values, gamma):
    return reward + gamma * probabilities * values
''', "Return one number"),
    ("51.3", '''
def q_update(Q, s, a, r, s_next, ended, open_next, alpha, gamma):
    Q = np.array(Q, dtype=float)
    best_next = 0.0 if ended else Q[s_next].max()
    Q[s, a] += alpha * (r + gamma * best_next - Q[s, a])
    return Q
''', "runs over a closed action"),
    ("51.3", '''
def q_update(Q, s, a, r, s_next, ended, open_next, alpha, gamma):
    Q = np.array(Q, dtype=float)
    best_next = 0.0 if ended else Q[s_next][open_next].max()
    Q[s, a] += alpha * (r + gamma * best_next)
    return Q
''', "grows without end"),
    ("51.3", '''
def q_update(Q, s, a, r, s_next, ended, open_next, alpha, gamma):
    Q = np.array(Q, dtype=float)
    best_next = 0.0 if ended else Q[s_next][open_next].max()
    Q[s, a] += alpha * (r + gamma * best_next - Q[s_next, a])
    return Q
''', "You subtract Q[s_next, a]"),
    ("51.3", '''
def q_update(Q, s, a, r, s_next, ended, open_next, alpha, gamma):
    Q = np.array(Q, dtype=float)
    best_next = Q[s_next][open_next].max()
    Q[s, a] += alpha * (r + gamma * best_next - Q[s, a])
    return Q
''', "nothing follows"),
    ("51.3", '''
def q_update(Q, s, a, r, s_next, ended, open_next, alpha, gamma):
    best_next = 0.0 if ended else Q[s_next][open_next].max()
    Q[s, a] += alpha * (r + gamma * best_next - Q[s, a])
    return Q
''', "changes the table it was given"),
    ("51.3", '''
def q_update(Q, s, a, r, s_next, ended, open_next, alpha, gamma):
    Q = np.array(Q, dtype=float)
    best_next = 0.0 if ended else (Q[s_next] * open_next).max()
    Q[s, a] += alpha * (r + gamma * best_next - Q[s, a])
    return Q
''', "not set to 0"),
    ("51.3", '''
def q_update(Q, s, a, r, s_next, ended, open_next, alpha, gamma):
    Q = np.array(Q, dtype=float)
    best_next = 0.0 if ended else Q[s_next][open_next].max()
    Q[s, a] = r + gamma * best_next
    return Q
''', "in place of the entry"),
    ("51.3", '''
def q_update(Q, s, a, r, s_next, ended, open_next, alpha, gamma):
    Q = np.array(Q, dtype=float)
    best_next = 0.0 if ended else Q[s_next][open_next].max()
    return Q[s, a] + alpha * (r + gamma * best_next - Q[s, a])
''', "Return the whole table"),
    ("51.4", '''
def epsilon_greedy_policy(q, mask, epsilon):
    policy = epsilon * mask / np.sum(mask)
    policy[q.argmax()] += 1 - epsilon
    return policy
''', "it may not be taken"),
    ("51.4", '''
def epsilon_greedy_policy(q, mask, epsilon):
    policy = np.full(len(q), epsilon / len(q))
    policy[np.where(mask, q, -np.inf).argmax()] += 1 - epsilon
    return policy
''', "only open actions share epsilon"),
    ("51.4", '''
def epsilon_greedy_policy(q, mask, epsilon):
    policy = epsilon * mask / np.sum(mask)
    policy[np.where(mask, q, -np.inf).argmax()] = 1 - epsilon
    return policy
''', "its share of epsilon too"),
    ("51.4", '''
def epsilon_greedy_policy(q, mask, epsilon):
    policy = epsilon * mask / (np.sum(mask) - 1)
    policy[np.where(mask, q, -np.inf).argmax()] = 1 - epsilon
    return policy
''', "includes the best"),
    ("51.4", '''
def epsilon_greedy_policy(q, mask, epsilon):
    policy = (1 - epsilon) * mask / np.sum(mask)
    policy[np.where(mask, q, -np.inf).argmax()] += epsilon
    return policy
''', "are swapped"),
    ("51.4", '''
def epsilon_greedy_policy(q, mask, epsilon):
    policy = epsilon * mask / len(q)
    policy[np.where(mask, q, -np.inf).argmax()] += 1 - epsilon
    return policy
''', "only three are open"),
    ("51.4", '''
def epsilon_greedy_policy(q, mask, epsilon):
    policy = epsilon * mask / np.sum(mask)
    policy[(q * mask).argmax()] += 1 - epsilon
    return policy
''', "mask with -np.inf"),
    ("51.5", '''
def expected_steps(P, policy, ends):
    moves = np.einsum("sa,sat->st", policy, P)[np.ix_(~ends, ~ends)]
    steps = np.ones(len(P))
    steps[~ends] = np.linalg.solve(np.eye(len(moves)) - moves, np.ones(len(moves)))
    return steps
''', "An end has 0 steps"),
    ("51.5", '''
def expected_steps(P, policy, ends):
    moves = np.einsum("sa,sat->st", policy, P)[np.ix_(~ends, ~ends)]
    steps = np.zeros(len(P))
    steps[~ends] = np.linalg.solve(np.eye(len(moves)) - moves, np.ones(len(moves))) - 1
    return steps
''', "One step too few"),
    ("51.5", '''
def expected_steps(P, policy, ends):
    moves = P.mean(axis=1)[np.ix_(~ends, ~ends)]
    steps = np.zeros(len(P))
    steps[~ends] = np.linalg.solve(np.eye(len(moves)) - moves, np.ones(len(moves)))
    return steps
''', "plain mean over actions"),
    ("51.5", '''
def expected_steps(P, policy, ends):
    moves = np.einsum("sa,sat->st", policy, P)[np.ix_(~ends, ~ends)]
    steps = np.zeros(len(P))
    steps[~ends] = np.linalg.solve(np.eye(len(moves)) - moves.T, np.ones(len(moves)))
    return steps
''', "transposed"),
    ("51.5", '''
def expected_steps(P, policy, ends):
    return np.where(ends, 0.0, 1.0)
''', "what follows must be added"),
]
