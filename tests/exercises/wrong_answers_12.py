"""Typical wrong answers to the exercises of chapter 12, and what each must be told."""

WRONG = [
    ("12.1", '''
answer_12_1 = {
    "A": "learning rate too small", "B": "overfitting",
    "C": "no signal: starting weights too small", "D": "learning rate too large",
}
''', "does not fall at all"),
    ("12.1", '''
answer_12_1 = {
    "A": "no signal: starting weights too small", "B": "overfitting",
    "C": "learning rate too large", "D": "learning rate too small",
}
''', "C is not"),
    ("12.1", '''
answer_12_1 = {"A": "no signal: starting weights too small", "B": "overfitting"}
''', "says nothing of C, D"),
    ("12.1", '''
answer_12_1 = "B overfits"
''', "Give a dictionary"),
    ("12.2", '''
def momentum_step(w, g, v, learning_rate, beta):
    v = beta * v + learning_rate * g
    return w - v, v
''', "enters the velocity with a minus"),
    ("12.2", '''
def momentum_step(w, g, v, learning_rate, beta):
    new_v = beta * v - learning_rate * g
    return w + v, new_v
''', "old velocity"),
    ("12.2", '''
def momentum_step(w, g, v, learning_rate, beta):
    v = beta * v - (1 - beta) * learning_rate * g
    return w + v, v
''', "no factor 1 - beta"),
    ("12.2", '''
def momentum_step(w, g, v, learning_rate, beta):
    v *= beta
    v -= learning_rate * g
    w += v
    return w, v
''', "in place"),
    ("12.3", '''
def inverted_dropout(x, rate, training, rng):
    if not training:
        return x
    return x * (rng.random(x.shape) < rate) / rate
''', "drop four entries in five"),
    ("12.3", '''
def inverted_dropout(x, rate, training, rng):
    if not training:
        return x
    return x * (rng.random(x.shape) >= rate)
''', "not scaled up"),
    ("12.3", '''
def inverted_dropout(x, rate, training, rng):
    if not training:
        return x * (1 - rate)
    return x * (rng.random(x.shape) >= rate)
''', "older form"),
    ("12.3", '''
def inverted_dropout(x, rate, training, rng):
    return x * (rng.random(x.shape) >= rate) / (1 - rate)
''', "nothing may change"),
    ("12.3", '''
def inverted_dropout(x, rate, training, rng):
    if not training:
        return x
    return x * (rng.random(x.shape[1]) >= rate) / (1 - rate)
''', "same units"),
    ("12.4", '''
def batch_norm(x, gamma, beta, moving_mean, moving_variance, training, alpha=0.99, epsilon=1e-3):
    mean, variance = x.mean(axis=0), x.var(axis=0)
    if training:
        moving_mean = alpha * moving_mean + (1 - alpha) * mean
        moving_variance = alpha * moving_variance + (1 - alpha) * variance
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta, moving_mean, moving_variance
''', "whoever it is"),
    ("12.4", '''
def batch_norm(x, gamma, beta, moving_mean, moving_variance, training, alpha=0.99, epsilon=1e-3):
    mean, variance = moving_mean, moving_variance
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
        moving_mean = (1 - alpha) * moving_mean + alpha * mean
        moving_variance = (1 - alpha) * moving_variance + alpha * variance
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta, moving_mean, moving_variance
''', "wrong place"),
    ("12.4", '''
def batch_norm(x, gamma, beta, moving_mean, moving_variance, training, alpha=0.99, epsilon=1e-3):
    mean, variance = x.mean(), x.var()
    moving_mean = alpha * moving_mean + (1 - alpha) * mean
    moving_variance = alpha * moving_variance + (1 - alpha) * variance
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta, moving_mean, moving_variance
''', "Each feature has its own"),
    ("12.5", '''
def early_stopping(val_losses, patience):
    return int(np.argmin(val_losses)), len(val_losses) - 1
''', "had stopped before"),
    ("12.5", '''
def early_stopping(val_losses, patience):
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        if epoch - best > patience:
            break
    return best, epoch
''', "one epoch off"),
    ("12.5", '''
def early_stopping(val_losses, patience):
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss <= val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best, epoch
''', "equal is not lower"),
]
