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
''', "C is smooth"),
    ("12.1", '''
answer_12_1 = {"A": "no signal: starting weights too small", "B": "overfitting"}
''', "says nothing of C, D"),
    ("12.1", '''
answer_12_1 = "B overfits"
''', "Give a dictionary"),
    ("12.1", '''
answer_12_1 = {
    "A": "learning rate too large",
    "B": "overfitting",
    "C": "learning rate too small",
    "D": "no signal: starting weights too small",
}
''', "A is flat"),
    ("12.1", '''
answer_12_1 = {
    "A": "NO SIGNAL: STARTING WEIGHTS TOO SMALL",
    "B": "Learning Rate Too Small",
    "C": "overfitting",
    "D": "learning rate too large",
}
''', "not too small"),
    ("12.1", '''
answer_12_1 = {
    "A": "overfitting",
    "B": "no signal: starting weights too small",
    "C": "learning rate too small",
    "D": "learning rate too large",
}
''', "there is no gap"),
    ("12.1", '''
answer_12_1 = {
    "A": "no signal: starting weights too small",
    "B": "no signal: starting weights too small",
    "C": "learning rate too small",
    "D": "learning rate too large",
}
''', "so a signal gets through"),
    ("12.1", '''
answer_12_1 = {
    "A": "no signal: starting weights too small",
    "B": "learning rate too large",
    "C": "learning rate too small",
    "D": "overfitting",
}
''', "the steps are fine"),
    ("12.1", '''
answer_12_1 = {
    "A": "no signal: starting weights too small",
    "B": "overfitting",
    "C": "overfitting",
    "D": "learning rate too large",
}
''', "no gap yet"),
    ("12.1", '''
answer_12_1 = {
    "A": "no signal: starting weights too small",
    "B": "overfitting",
    "C": "no signal: starting weights too small",
    "D": "learning rate too large",
}
''', "without an end in sight"),
    ("12.1", '''
answer_12_1 = {
    "A": "no signal: starting weights too small",
    "B": "overfitting",
    "C": "learning rate too small",
    "D": "learning rate too small",
}
''', "D moves far"),
    ("12.1", '''
answer_12_1 = {
    "A": "no signal: starting weights too small",
    "B": "overfitting",
    "C": "learning rate too small",
    "D": "no signal: starting weights too small",
}
''', "D moves wildly"),
    ("12.1", '''
answer_12_1 = {
    "A": "no signal: starting weights too small",
    "B": "overfitting",
    "C": "learning rate too small",
    "D": "overfitting",
}
''', "jumps up and down"),
    ("12.1", '''
answer_12_1 = {
    "A": "no signal: starting weights too small",
    "B": "overfitting",
    "C": "learning rate too small",
    "D": "too large",
}
''', "is none of"),
    ("12.2", '''
def nesterov_step(w, gradient, v, learning_rate, beta):
    v = beta * v - learning_rate * gradient(w)
    return w + v, v
''', "That is momentum"),
    ("12.2", '''
def nesterov_step(w, gradient, v, learning_rate, beta):
    v = beta * v - learning_rate * gradient(w + v)
    return w + v, v
''', "whole of v"),
    ("12.2", '''
def nesterov_step(w, gradient, v, learning_rate, beta):
    v = beta * v - learning_rate * gradient(w - beta * v)
    return w + v, v
''', "look back"),
    ("12.2", '''
def nesterov_step(w, gradient, v, learning_rate, beta):
    v = beta * v + gradient(w + beta * v)
    return w - learning_rate * v, v
''', "PyTorch's form"),
    ("12.2", '''
def nesterov_step(w, gradient, v, learning_rate, beta):
    v = beta * v + learning_rate * gradient(w + beta * v)
    return w - v, v
''', "enters the velocity with a minus"),
    ("12.2", '''
def nesterov_step(w, gradient, v, learning_rate, beta):
    v = beta * v - (1 - beta) * learning_rate * gradient(w + beta * v)
    return w + v, v
''', "no factor 1 - beta"),
    ("12.2", '''
def nesterov_step(w, gradient, v, learning_rate, beta):
    new_v = beta * v - learning_rate * gradient(w + beta * v)
    return w + v, new_v
''', "old velocity"),
    ("12.2", '''
def nesterov_step(w, gradient, v, learning_rate, beta):
    w = w + beta * v
    v = beta * v - learning_rate * gradient(w)
    return w + v, v
''', "only for the gradient"),
    ("12.2", '''
def nesterov_step(w, gradient, v, learning_rate, beta):
    v = beta * v - learning_rate * gradient(w + beta * v)
    return np.array([v, w + v])
''', "in the other order"),
    ("12.2", '''
def nesterov_step(w, gradient, v, learning_rate, beta):
    v = 0.9 * v - learning_rate * gradient(w + 0.9 * v)
    return w + v, v
''', "nothing to look ahead by"),
    ("12.2", '''
def nesterov_step(w, gradient, v, learning_rate, beta):
    ahead = w + beta * v
    v *= beta
    v -= learning_rate * gradient(ahead)
    return w + v, v
''', "in place"),
    ("12.2", '''
def nesterov_step(w, gradient, v, learning_rate, beta):
    return w + beta * v - learning_rate * gradient(w + beta * v)
''', "Return 2 things"),
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
    ("12.3", '''
def inverted_dropout(x, rate, training, rng):
    if not training:
        return x
    return x * (rng.random((len(x), 1)) >= rate) / (1 - rate)
''', "Whole patients are silenced"),
    ("12.3", '''
def inverted_dropout(x, rate, training, rng):
    if not training:
        return x
    return x * (rng.random(x.shape) >= 0.2) / 0.8
''', "written into your code"),
    ("12.3", '''
def inverted_dropout(x, rate, training, rng):
    if not training:
        return x
    rng = np.random.default_rng()
    return x * (rng.random(x.shape) >= rate) / (1 - rate)
''', "another mask the second time"),
    ("12.3", '''
def inverted_dropout(x, rate, training, rng):
    if not training:
        return x
    rng = np.random.default_rng(7)
    return x * (rng.random(x.shape) >= rate) / (1 - rate)
''', "gives the same mask"),
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
    ("12.4", '''
def batch_norm(x, gamma, beta, moving_mean, moving_variance, training, alpha=0.99, epsilon=1e-3):
    if training:
        moving_mean = alpha * moving_mean + (1 - alpha) * x.mean(axis=0)
        moving_variance = alpha * moving_variance + (1 - alpha) * x.var(axis=0)
    y = gamma * (x - moving_mean) / np.sqrt(moving_variance + epsilon) + beta
    return y, moving_mean, moving_variance
''', "after updating them"),
    ("12.4", '''
def batch_norm(x, gamma, beta, moving_mean, moving_variance, training, alpha=0.99, epsilon=1e-3):
    mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    y = gamma * (x - mean) / np.sqrt(variance + epsilon) + beta
    return y, moving_mean, moving_variance
''', "One mean for each patient"),
    ("12.4", '''
def batch_norm(x, gamma, beta, moving_mean, moving_variance, training, alpha=0.99, epsilon=1e-3):
    mean, variance = moving_mean, moving_variance
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
        moving_mean *= alpha
        moving_mean += (1 - alpha) * mean
        moving_variance = alpha * moving_variance + (1 - alpha) * variance
    y = gamma * (x - mean) / np.sqrt(variance + epsilon) + beta
    return y, moving_mean, moving_variance
''', "in place"),
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
    ("12.5", '''
def early_stopping(val_losses, patience):
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            return best, epoch
    return best, best + patience
''', "losses that fall to the end"),
    ("12.5", '''
def early_stopping(val_losses, patience):
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            return best, epoch
    return best, best
''', "before the patience is used up"),
]
