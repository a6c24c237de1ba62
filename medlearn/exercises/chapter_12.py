"""Checks of chapter 12, Training deep networks."""

import numpy as np

from .machinery import NotYet, close, exercise

NO_SIGNAL = "no signal: starting weights too small"
FAULTS = {
    "A": NO_SIGNAL,
    "B": "overfitting",
    "C": "learning rate too small",
    "D": "learning rate too large",
}
WHY_NOT = {
    ("A", "learning rate too small"): "A does not fall at all, not even slowly, and it lies "
    "exactly where the mean predictor does.",
    ("A", "learning rate too large"): "Steps that are too large make a curve jump. A is flat.",
    ("A", "overfitting"): "In A training and validation lie together: there is no gap.",
    ("B", "learning rate too large"): "B's training loss falls smoothly to almost 0: the steps "
    "are fine. Look at what validation does meanwhile.",
    ("B", "learning rate too small"): "B's training loss is almost 0 long before the end: the "
    "steps are not too small. Look at what validation does meanwhile.",
    ("B", NO_SIGNAL): "B's training loss falls to almost 0, so a signal gets through.",
    ("C", NO_SIGNAL): "C falls, smoothly and without an end in sight, so a signal gets through.",
    ("C", "overfitting"): "In C validation falls together with training: there is no gap yet.",
    ("C", "learning rate too large"): "Steps that are too large make a curve jump. C is smooth.",
    ("D", "overfitting"): "In D the training loss itself jumps up and down; a network that "
    "overfits has a low one.",
    ("D", "learning rate too small"): "D moves far at every step. Small steps make a smooth curve.",
    ("D", NO_SIGNAL): "Without a signal nothing would move; D moves wildly.",
}


@exercise(
    "12.1",
    "Four learning curves",
    hints=[
        "Look at the training curve first. Does it move at all? Smoothly or in jumps? Only where "
        "it is low and smooth look at the gap to validation.",
        "A loss of 1 that never moves is the mean predictor: the network's output does not depend "
        "on the patient. Which letter is that?",
        "A flat: no signal. B with a growing gap: overfitting. C still falling: too small a rate. "
        "Which one is left for D?",
    ],
)
def four_learning_curves(answer):
    """A dictionary from the letters A to D to the four faults."""
    if not isinstance(answer, dict):
        raise NotYet('Give a dictionary: {"A": "...", "B": "...", "C": "...", "D": "..."}.')
    answer = {str(letter).strip().upper(): given for letter, given in answer.items()}
    missing = [letter for letter in FAULTS if letter not in answer]
    if missing:
        raise NotYet(f"The dictionary says nothing of {', '.join(missing)}.")
    for letter, fault in FAULTS.items():
        given = str(answer[letter]).strip().lower()
        if given not in FAULTS.values():
            raise NotYet(f"{answer[letter]!r} for {letter} is none of: {list(FAULTS.values())}.")
        if given != fault:
            raise NotYet(f"{letter} is not {given!r}. {WHY_NOT[letter, given]}")


@exercise(
    "12.2",
    "Looking ahead with Nesterov",
    hints=[
        "Two lines: first the new velocity, then the weights. Only the place at which the gradient "
        "is taken differs from momentum.",
        "g = gradient(w + beta * v), with the old v. The rest is (12.7) as it stands.",
    ],
)
def nesterov_step(learner):
    """The weights and the velocity after one step whose gradient is taken ahead."""
    w, v = np.array([1.0, -2.0, 0.5]), np.array([0.2, -0.1, 0.3])
    kept = w.copy(), v.copy()

    def gradient(place):
        return np.array([2.0, 6.0, 1.0]) * place

    def ask(rate, beta):
        return _parts_of(learner(w, gradient, v, rate, beta), 2, "(new w, new v)")

    new_w, new_v = ask(0.2, 0.9)
    if not (np.array_equal(w, kept[0]) and np.array_equal(v, kept[1])):
        raise NotYet(
            "Your function changes w or v in place (as += does). Make new arrays: v = ..., not "
            "v += ..."
        )
    here, ahead = gradient(w), gradient(w + 0.9 * v)
    right_v = 0.9 * v - 0.2 * ahead
    if close(new_v, w + right_v) and close(new_w, right_v):
        raise NotYet("The two are in the other order: return the weights first, then the velocity.")
    if close(new_v, 0.9 * v - 0.2 * here):
        raise NotYet(
            "That is momentum: you take the gradient at w. Take it where the old velocity is about "
            "to carry you, at w + beta * v."
        )
    if close(new_v, 0.9 * v - 0.2 * gradient(w + v)):
        raise NotYet("You look ahead by the whole of v. Only beta * v of it is carried on.")
    if close(new_v, 0.9 * v - 0.2 * gradient(w - 0.9 * v)):
        raise NotYet("You look back. The velocity is added to the weights: ahead is w + beta * v.")
    if any(close(new_v, 0.9 * v + g) for g in (here, ahead)):
        raise NotYet(
            "That is PyTorch's form: its velocity holds the plain gradients, and the learning rate "
            "comes in with the weights. In (12.7) the velocity holds the steps, - eta * g."
        )
    if any(close(new_v, sign * (0.9 * v + 0.2 * g)) for g in (here, ahead) for sign in (1, -1)):
        raise NotYet(
            "The sign of the gradient: by (12.7) it enters the velocity with a minus, and the "
            "velocity is then added to the weights."
        )
    if any(close(new_v, 0.9 * v - 0.1 * 0.2 * g) for g in (here, ahead)):
        raise NotYet(
            "(12.7) has no factor 1 - beta: momentum's velocity is a sum, not a moving average. "
            "That factor belongs to Adam."
        )
    if not close(new_v, right_v):
        raise NotYet(
            f"For w = {w}, v = {v}, a gradient of {ahead} at w + beta * v, learning rate 0.2 and "
            f"beta 0.9 the new velocity is {right_v}; yours is {new_v!r}."
        )
    if close(new_w, w + v):
        raise NotYet("The weights move by the old velocity. Compute the new one first.")
    if close(new_w, w + 0.9 * v + right_v):
        raise NotYet(
            "The look ahead is only for the gradient. The step itself starts from w: w + new v."
        )
    if close(new_w, w - right_v):
        raise NotYet("The velocity already points downhill: add it to the weights.")
    if not close(new_w, w + right_v):
        raise NotYet(f"The new weights should be w + new v = {w + right_v}; yours are {new_w!r}.")
    new_w, _ = ask(0.3, 0.0)
    if not close(new_w, w - 0.3 * here):
        raise NotYet(
            "With beta = 0 there is nothing to look ahead by: the step is plain gradient descent, "
            "w - learning_rate * gradient(w). Do you use the arguments beta and learning_rate?"
        )


@exercise(
    "12.3",
    "Inverted dropout",
    hints=[
        "When predicting, return x as it is. In training, draw one uniform number for each entry.",
        "rng.random(x.shape) >= rate is True with probability 1 - rate: the entries to keep.",
        "Multiply x by that and divide by 1 - rate.",
    ],
)
def inverted_dropout(learner):
    """x with a share `rate` of its entries silenced and the others scaled up."""
    x = np.full((200, 250), 3.0)
    predicted = np.asarray(learner(x, 0.2, False, np.random.default_rng(0)))
    if predicted.shape != x.shape:
        raise NotYet(f"For x of shape {x.shape} you return shape {predicted.shape}.")
    if close(predicted, 0.8 * x):
        raise NotYet(
            "When predicting you multiply by 1 - rate. That is the older form; inverted dropout "
            "scales in training, so that predicting leaves x alone."
        )
    if not close(predicted, x):
        raise NotYet("When predicting (training is False) nothing may change: return x.")
    y = np.asarray(learner(x, 0.2, True, np.random.default_rng(0)))
    if not np.all(x == 3.0):
        raise NotYet("Your function changes the x that it is given. Make a new array.")
    if y.shape != x.shape:
        raise NotYet(f"For x of shape {x.shape} you return shape {y.shape} in training.")
    silent = y == 0
    dropped = np.mean(silent)
    if 0 < dropped < 1:
        if np.all(silent.all(axis=0) | ~silent.any(axis=0)):
            raise NotYet("All patients lose the same units. Draw one number for each entry of x.")
        if np.all(silent.all(axis=1) | ~silent.any(axis=1)):
            raise NotYet("Whole patients are silenced. Draw one number for each entry of x.")
    # 50,000 entries: the share dropped strays from the rate by 0.002 (one standard deviation).
    if abs(dropped - 0.8) < 0.01:
        raise NotYet(
            "At rate 0.2 you drop four entries in five. The rate is the share dropped, not the "
            "share kept (the erratum above)."
        )
    if abs(dropped - 0.2) > 0.01:
        raise NotYet(f"At rate 0.2 you drop {dropped:.0%} of the entries; it should be about 20 %.")
    kept = y[y != 0]
    if close(kept, np.full(kept.shape, 3.0)):
        raise NotYet(
            "The right share is dropped, but what is kept is not scaled up. Divide it by 1 - rate, "
            "or the next layer gets less than it will when predicting."
        )
    if close(kept, np.full(kept.shape, 3.0 / 0.2)):
        raise NotYet("You divide by the rate. Divide by the share kept, 1 - rate.")
    if not close(kept, np.full(kept.shape, 3.0 / 0.8)):
        raise NotYet(
            f"At rate 0.2 a kept 3 becomes 3 / 0.8 = 3.75; yours becomes {kept.flat[0]:g}."
        )
    half = np.asarray(learner(x, 0.5, True, np.random.default_rng(0)))
    if abs(np.mean(half == 0) - 0.5) > 0.01 or not close(half[half != 0].mean(), 6.0):
        raise NotYet(
            "Right at rate 0.2, but at rate 0.5 half the entries should be 0 and a kept 3 become "
            "6. Is a rate written into your code? Use the argument."
        )
    same, other = (learner(x, 0.2, True, np.random.default_rng(seed)) for seed in (0, 1))
    if not np.array_equal(silent, np.asarray(same) == 0):
        raise NotYet(
            "The same generator gives another mask the second time. Use the rng that is passed in, "
            "not one of your own."
        )
    if np.array_equal(silent, np.asarray(other) == 0):
        raise NotYet("Another generator gives the same mask. Use the rng that is passed in.")


@exercise(
    "12.4",
    "Batch normalisation",
    hints=[
        "There are two cases. Which mean and variance does each use? Only training changes the "
        "moving averages.",
        "In training: mean = x.mean(axis=0), variance = x.var(axis=0). The batch is axis 0, so "
        "each feature gets its own.",
        "moving = alpha * moving + (1 - alpha) * batch, for both; then "
        "y = gamma * (x - mean) / np.sqrt(variance + epsilon) + beta.",
    ],
)
def batch_norm(learner):
    """Output and moving averages, in training and when predicting."""
    x = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 80.0]])
    gamma, beta = np.array([2.0, 0.5]), np.array([1.0, -1.0])
    moving_mean, moving_variance = np.array([0.5, 20.0]), np.array([4.0, 100.0])

    def ask(rows, training, alpha=0.9):
        arrays = (rows, gamma, beta, moving_mean, moving_variance)
        given = [array.copy() for array in arrays]
        answer = learner(*given, training, alpha=alpha, epsilon=0.01)
        if not all(map(np.array_equal, given, arrays)):
            raise NotYet(
                "Your function changes the arrays it is given in place (as *= does). Make new "
                "ones: moving_mean = ..., not moving_mean *= ..."
            )
        parts = _parts_of(answer, 3, "(y, moving mean, moving variance)")
        return [np.asarray(part, dtype=float) for part in parts]

    def expected(rows, mean, variance):
        return gamma * (rows - mean) / np.sqrt(variance + 0.01) + beta

    y, new_mean, new_variance = ask(x, training=True)
    mean, variance = x.mean(axis=0), x.var(axis=0)
    if y.shape != x.shape:
        raise NotYet(f"y should have x's shape {x.shape}; yours has {y.shape}.")
    if close(y, expected(x, moving_mean, moving_variance)):
        raise NotYet(
            "In training you use the moving averages. Use the batch's own mean and variance."
        )
    updated = 0.9 * moving_mean + 0.1 * mean, 0.9 * moving_variance + 0.1 * variance
    if close(y, expected(x, *updated)):
        raise NotYet(
            "In training you normalise by the moving averages after updating them. They are for "
            "predicting; use the batch's own mean and variance."
        )
    if close(y, expected(x, x.mean(), x.var())):
        raise NotYet("One mean for the whole array. Each feature has its own: axis=0.")
    if close(y, expected(x, x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True))):
        raise NotYet(
            "One mean for each patient (axis=1). The mean of a feature goes over the patients of "
            "the batch: axis=0."
        )
    if close(y, expected(x, mean, x.var(axis=0, ddof=1))):
        raise NotYet("The variance in (12.11) divides by n, not by n - 1 (ddof=0).")
    if close(y, gamma * (x - mean) / (variance + 0.01) + beta):
        raise NotYet("You divide by the variance. Divide by its square root.")
    if not close(y, expected(x, mean, variance)):
        raise NotYet(
            f"In training the first patient's y should be {expected(x, mean, variance)[0]}; yours "
            f"is {y[0]}. Check epsilon (inside the root), gamma and beta."
        )
    if close(new_mean, 0.1 * moving_mean + 0.9 * mean):
        raise NotYet(
            "The factor alpha stands at the wrong place: it is the share of the *old* average that "
            "is kept, 1 - alpha goes to the batch."
        )
    if close(new_mean, moving_mean):
        raise NotYet("In training the moving averages must follow the batch: (12.13).")
    if not close(new_mean, 0.9 * moving_mean + 0.1 * mean):
        raise NotYet(
            f"With alpha 0.9 the moving mean should become {0.9 * moving_mean + 0.1 * mean}; yours "
            f"is {new_mean}."
        )
    if not close(new_variance, 0.9 * moving_variance + 0.1 * variance):
        raise NotYet(
            f"The moving mean is right. The moving variance should become "
            f"{0.9 * moving_variance + 0.1 * variance}; yours is {new_variance}."
        )
    y, same_mean, same_variance = ask(x[:1], training=False)
    if close(y, [beta]):
        raise NotYet(
            "When predicting for one patient you get beta, whoever it is: you still use the "
            "batch's statistics. Use the moving averages."
        )
    if not close(y, expected(x[:1], moving_mean, moving_variance)):
        raise NotYet(
            f"When predicting, y should be {expected(x[:1], moving_mean, moving_variance)}; yours "
            f"is {y}. Use the moving averages as they were passed in."
        )
    if not (close(same_mean, moving_mean) and close(same_variance, moving_variance)):
        raise NotYet("Predicting must not change the moving averages: return them as they came.")


@exercise(
    "12.5",
    "When to stop",
    hints=[
        "Go through the losses one by one and remember the epoch of the lowest so far. How many "
        "epochs ago was it?",
        "When epoch - best == patience, training stops after this epoch. What comes later does not "
        "exist for you.",
        "for epoch, loss in enumerate(val_losses): if loss < val_losses[best]: best = epoch; then "
        "if epoch - best >= patience: break.",
    ],
)
def early_stopping(learner):
    """The best epoch until the stop, and the last epoch that was trained."""
    losses = [5.0, 4.0, 3.0, 3.5, 3.2, 3.1, 1.0]
    best, last = _parts_of(learner(list(losses), 2), 2, "(best epoch, last epoch)")
    if (best, last) == (6, 6) or best == 6:
        raise NotYet(
            f"For {losses} with patience 2 you return the loss 1.0 of epoch 6. Training had "
            "stopped before: epochs 3 and 4 brought nothing better than epoch 2."
        )
    if (best, last) == (4, 2):
        raise NotYet("The two are in the other order: best epoch first, then the last one trained.")
    if (best, last) == (3, 5):
        raise NotYet("Count the epochs from 0, as Python does.")
    if best == last:
        raise NotYet(
            "The best epoch and the last epoch cannot be the same after a stop: the weights go "
            "back to the best one, before the waiting began."
        )
    if (best, last) in [(2, 5), (2, 3)]:
        raise NotYet(
            f"The best epoch, 2, is right; the stop is one epoch off. With patience 2, epochs 3 "
            f"and 4 are waited for, and training stops after 4. You return {last}."
        )
    if (best, last) != (2, 4):
        raise NotYet(
            f"For {losses} with patience 2 the answer is (2, 4); you return {(best, last)}."
        )
    cases = [
        ([3.0, 2.0, 1.0], 2, (2, 2), "losses that fall to the end"),
        ([1.0, 1.0, 1.0, 1.0, 1.0], 3, (0, 3), "equal losses: equal is not lower"),
        ([3.0, 2.0, 2.5, 1.0, 1.5, 1.2, 1.1], 2, (3, 5), "a late gain, which starts a new count"),
        ([2.0, 3.0, 1.0], 1, (0, 1), "patience 1"),
        ([3.0, 1.0, 2.0], 3, (1, 2), "losses that end before the patience is used up"),
    ]
    for losses, patience, expected, what in cases:
        given = _parts_of(learner(list(losses), patience), 2, "(best epoch, last epoch)")
        if tuple(given) != expected:
            raise NotYet(
                f"Right so far. Not yet for {what}: {losses} with patience {patience} gives "
                f"{expected}, you return {tuple(given)}."
            )


def _parts_of(answer, count, what):
    """The parts of a learner's answer, or NotYet where there are not so many."""
    several = isinstance(answer, (tuple, list)) or (isinstance(answer, np.ndarray) and answer.ndim)
    if not several or len(answer) != count:
        raise NotYet(f"Return {count} things, {what}, separated by commas.")
    return answer
