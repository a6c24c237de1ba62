"""Checks of chapter 30, Recurrence from scratch."""

import numpy as np

from .machinery import NotYet, close, exercise

RIGHT, AT_ONCE, NEVER, UNUSED = (
    "right", "forgets at once", "never forgets", "output gate unused",
)
CELLS = {"A": AT_ONCE, "B": RIGHT, "C": UNUSED, "D": NEVER}
WHY_NOT = {
    ("A", NEVER): "A's new cell holds nothing of the old one: i * g comes from this beat alone.",
    ("A", RIGHT): "In A the old cell stands nowhere on the right-hand side.",
    ("A", UNUSED): "A multiplies by o at the end. Look at its cell.",
    ("B", AT_ONCE): "B carries f * c over: it keeps as much as the forget gate says.",
    ("B", NEVER): "B multiplies the old cell by f, which may be 0: it can forget.",
    ("B", UNUSED): "B multiplies by o in its second line.",
    ("C", RIGHT): "C computes three gates in (30.9). Which of them stands in neither line?",
    ("C", AT_ONCE): "C carries f * c over. Look at its second line.",
    ("C", NEVER): "C multiplies the old cell by f: it can forget. Look at its second line.",
    ("D", RIGHT): "In D nothing can make the old cell smaller.",
    ("D", AT_ONCE): "D keeps the whole old cell, whatever happens.",
    ("D", UNUSED): "D multiplies by o at the end. Look at its cell.",
}


@exercise(
    "30.1",
    "Find the wrong gate",
    hints=[
        "Hold each against (30.11) and (30.12), symbol by symbol: which one is missing?",
        "Where c stands on the right without f in front, the cell never shrinks. Where c does not "
        "stand on the right at all, nothing is kept.",
        "B is (30.11) and (30.12) as they are. In C one symbol of (30.12) is missing.",
    ],
)
def find_the_wrong_gate(answer):
    """A dictionary from the letters A to D to what is wrong."""
    if not isinstance(answer, dict):
        raise NotYet('Give a dictionary: {"A": "...", "B": "...", "C": "...", "D": "..."}.')
    answer = {str(letter).strip().upper(): given for letter, given in answer.items()}
    missing = [letter for letter in CELLS if letter not in answer]
    if missing:
        raise NotYet(f"The dictionary says nothing of {', '.join(missing)}.")
    for letter, fault in CELLS.items():
        given = str(answer[letter]).strip().lower()
        if given not in CELLS.values():
            raise NotYet(
                f"{answer[letter]!r} for {letter} is none of: {sorted(CELLS.values())}."
            )
        if given != fault:
            raise NotYet(f"{letter} is not {given!r}. {WHY_NOT[letter, given]}")


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _gru_step(x, h, kernel, recurrent_kernel, bias, variant="right"):
    """One step of a GRU: the right one, or one with a mistake by name."""
    of_x = np.split(x @ kernel + bias, 3, axis=1)
    u_z, u_r, u_h = np.split(recurrent_kernel, 3, axis=1)
    seen = 0 * h if variant == "gates without the state" else h
    z, r = _sigmoid(of_x[0] + seen @ u_z), _sigmoid(of_x[1] + seen @ u_r)
    if variant == "r before z":
        z, r = r, z
    product = {"reset after": r * (h @ u_h), "no reset": h @ u_h}.get(variant, (r * h) @ u_h)
    candidate = r * (of_x[2] + h @ u_h) if variant == "reset on all" else of_x[2] + product
    if variant != "no tanh":
        candidate = _sigmoid(candidate) if variant == "sigmoid" else np.tanh(candidate)
    if variant == "z the other way round":
        return (1 - z) * h + z * candidate
    if variant == "candidate alone":
        return candidate
    return z * h + (1 - z) * candidate


GRU_MISTAKES = {
    "z the other way round": "z and 1 - z are exchanged. In (30.16) z keeps the old state.",
    "reset after": "The reset gate acts after the product, as in (30.15). Here it acts before: "
    "(r * h) @ U_h.",
    "reset on all": "The reset gate must not touch the input's part: it hides the state alone, "
    "r * h.",
    "no reset": "The reset gate is computed and not used: the candidate sees r * h.",
    "r before z": "The blocks are in the other order. z comes first, then r, then the candidate.",
    "no tanh": "The candidate goes through a tanh.",
    "sigmoid": "The candidate goes through a tanh, not through a sigmoid: it is no gate.",
    "gates without the state": "Your gates see x alone. In (30.14) they see h, too: + h @ U.",
    "candidate alone": "That is the candidate. The new state mixes it with the old one: (30.16).",
}


@exercise(
    "30.2",
    "One step of a GRU",
    hints=[
        "np.split(array, 3, axis=1) cuts a matrix into the three blocks.",
        "z and r first: sigmoid of their blocks of x @ kernel + bias plus h @ their block of the "
        "recurrent kernel.",
        "candidate = np.tanh(third block of x @ kernel + bias + (r * h) @ third block of the "
        "recurrent kernel); return z * h + (1 - z) * candidate.",
    ],
)
def gru_step_before(learner):
    """The new state."""
    rng = np.random.default_rng(0)
    for batch, features, units in ((3, 2, 4), (1, 3, 2)):
        x, h = rng.normal(size=(batch, features)), rng.normal(size=(batch, units))
        weights = [rng.normal(size=s) for s in ((features, 3 * units), (units, 3 * units),
                                                (3 * units,))]
        kept = h.copy()
        given = learner(x, h, *weights)
        if not np.array_equal(h, kept):
            raise NotYet("Your function changes h itself. Make a new array.")
        if isinstance(given, (tuple, list)):
            raise NotYet("Return one array, the new state.")
        given = np.asarray(given)
        if given.shape != h.shape:
            raise NotYet(f"The new state should have h's shape {h.shape}; yours has {given.shape}.")
        right = _gru_step(x, h, *weights)
        if close(given, right):
            continue
        for variant, message in GRU_MISTAKES.items():
            if close(given, _gru_step(x, h, *weights, variant)):
                raise NotYet(message)
        if close(given, _gru_step(x, h, *weights[:2], 0 * weights[2])):
            raise NotYet("The bias is missing: x @ kernel + bias.")
        raise NotYet(
            f"For a state of {h[0].round(2)} the new one should be {right[0].round(4)}; yours is "
            f"{given[0].round(4)}. Compute z and r alone first and see that they lie between 0 "
            "and 1."
        )


@exercise(
    "30.3",
    "Clip by the global norm",
    hints=[
        "One norm for all arrays together: sum up the squares of all entries of all arrays.",
        "norm = np.sqrt(sum(np.sum(g**2) for g in gradients)); the factor is min(1, limit / norm).",
        "Return [g * factor for g in gradients]. Where the norm is 0, there is nothing to clip.",
    ],
)
def clip(learner):
    """The arrays, shortened by one factor where they are too long."""
    long = [np.array([[3.0, 0.0], [0.0, 4.0]]), np.array([12.0])]  # norm 13
    kept = [gradient.copy() for gradient in long]
    given = _as_arrays(learner(long, 1.3), long)
    if not all(np.array_equal(a, b) for a, b in zip(long, kept, strict=True)):
        raise NotYet("Your function changes the arrays that it was given (as *= does).")
    if _close_all(given, [g * 1.3 / n for g, n in zip(long, (5, 12), strict=True)]):
        raise NotYet(
            "Each array is clipped by its own norm (Keras's clipnorm). One norm for all together "
            "keeps the direction."
        )
    if _close_all(given, [np.clip(g, -1.3, 1.3) for g in long]):
        raise NotYet("Each entry is cut off (Keras's clipvalue). Shorten all by one factor.")
    if _close_all(given, [g / 13 for g in long]):
        raise NotYet("The result has length 1, whatever the limit. The factor is limit / norm.")
    if _close_all(given, [g * 1.3 / 169 for g in long]):
        raise NotYet("You divide by the sum of the squares. The norm is its square root.")
    if _close_all(given, [g * 1.3 / 19 for g in long]):
        raise NotYet("That is the sum of the absolute values. Square, sum up, take the root.")
    if _close_all(given, [g * 1.3 / 17 for g in long]):
        raise NotYet("You add up the arrays' norms. Add up their squares, then take one root.")
    if not _close_all(given, [g / 10 for g in long]):
        raise NotYet(
            "Arrays of norm 13 and a limit of 1.3: every entry should become a tenth of itself; "
            f"yours became {[g.round(3).tolist() for g in given]}."
        )
    short = [np.array([0.3]), np.array([[0.0, 0.4]])]
    given = _as_arrays(learner(short, 2.0), short)
    if _close_all(given, [g * 4 for g in short]):
        raise NotYet("Gradients shorter than the limit are stretched to it. Leave them alone.")
    if not _close_all(given, short):
        raise NotYet("Gradients shorter than the limit must stay as they are.")
    nothing = [np.zeros(3)]
    with np.errstate(all="ignore"):
        given = _as_arrays(learner(nothing, 1.0), nothing)
    if not _close_all(given, nothing):
        raise NotYet("Gradients of 0 give NaN: you divide by a norm of 0.")


def _as_arrays(given, expected):
    if not isinstance(given, (list, tuple)):
        raise NotYet(f"Return a list of arrays, not {type(given).__name__}.")
    if len(given) != len(expected):
        raise NotYet(f"Return as many arrays as were given: {len(expected)}, not {len(given)}.")
    arrays = [np.asarray(array) for array in given]
    for array, like in zip(arrays, expected, strict=True):
        if array.shape != like.shape:
            raise NotYet(f"An array of shape {like.shape} came back with shape {array.shape}.")
    return arrays


def _close_all(given, expected):
    return all(close(a, b) for a, b in zip(given, expected, strict=True))


def _recurrent_gradient(dh_last, h, recurrent_kernel, mistake):
    """dU by backpropagation through time, with a mistake by name."""
    gradient, dh = np.zeros_like(recurrent_kernel), dh_last
    for t in reversed(range(1, len(h))):
        state = h[t - 1] if mistake == "slope of the state before" else h[t]
        da = dh if mistake == "no slope" else dh * (1 - state**2)
        source = h[t] if mistake == "state after" else h[t - 1]
        gradient += source.T @ da
        if mistake == "last beat alone":
            break
        kept = dh if mistake == "dh kept" else 0
        dh = kept + da @ (recurrent_kernel if mistake == "not transposed" else recurrent_kernel.T)
        if mistake == "the same dh":
            dh = dh_last
    return gradient


BPTT_MISTAKES = {
    "last beat alone": "Only the last beat's share is there. U is used at every beat: go on to the "
    "beats before, with the gradient that (30.3) carries back.",
    "not transposed": "On the way back the gradient meets the *transpose* of the recurrent kernel.",
    "no slope": "The slope of tanh is missing, (30.4): da = dh * (1 - h[t]**2).",
    "state after": "dU collects h[t-1].T @ da: U multiplied the state *before* the beat.",
    "slope of the state before": "The slope belongs to the state that the beat made, h[t], not to "
    "the one before it.",
    "dh kept": "You add the later gradient to the earlier beat. Only the last state is used "
    "outside, so the beats before get da @ recurrent_kernel.T alone.",
    "the same dh": "Every beat gets the gradient of the last one. It must pass through U and the "
    "slopes on its way back: (30.3).",
}


@exercise(
    "30.4",
    "The gradient of the recurrent kernel",
    hints=[
        "Go through the beats from the last, t = T, to the first, t = 1, and add up each one's "
        "share.",
        "At beat t: da = dh * (1 - h[t]**2), and its share is h[t-1].T @ da.",
        "Then dh = da @ recurrent_kernel.T for the beat before. Begin with dh = dh_last.",
    ],
)
def recurrent_kernel_gradient(learner):
    """The gradient summed up over all beats, held to finite differences."""
    rng = np.random.default_rng(0)
    for beats, batch, units in ((1, 2, 2), (4, 3, 2), (6, 1, 3)):
        inputs = rng.normal(size=(beats, batch, units))
        kernel = rng.normal(size=(units, units))
        dh_last = rng.normal(size=(batch, units))
        h = _states(inputs, kernel)
        kept = h.copy(), dh_last.copy()
        given = np.asarray(learner(dh_last, h, kernel))
        if not (np.array_equal(h, kept[0]) and np.array_equal(dh_last, kept[1])):
            raise NotYet("Your function changes h or dh_last itself. Make new arrays.")
        if given.shape != kernel.shape:
            raise NotYet(
                f"The gradient should have the kernel's shape {kernel.shape}; yours has "
                f"{given.shape}."
            )
        numeric = _numeric_gradient(inputs, kernel, dh_last)
        if close(given, numeric, tolerance=1e-5):
            continue
        for mistake, message in BPTT_MISTAKES.items():
            if close(given, _recurrent_gradient(dh_last, h, kernel, mistake)):
                raise NotYet(message)
        if not given.any():
            raise NotYet("All zeros: only the first beat's share is left; h[0] is 0. Add up (+=).")
        if close(given.T, numeric, tolerance=1e-5):
            raise NotYet("That is the transpose. Each share is h[t-1].T @ da, not da.T @ h[t-1].")
        if close(given * batch, numeric, tolerance=1e-5):
            raise NotYet("You take the mean over the batch. dU is the sum over all its rows.")
        if close(given, -numeric, tolerance=1e-5):
            raise NotYet("The sign is turned. The gradient points uphill; only a step goes down.")
        raise NotYet(
            f"For {beats} beats finite differences give {numeric.round(4).tolist()}; yours is "
            f"{given.round(4).tolist()}. Try two beats: as h[0] is 0, only the second one's share, "
            "h[1].T @ da, counts."
        )


def _states(inputs, kernel):
    h = np.zeros((len(inputs) + 1, *inputs.shape[1:]))
    for t, step in enumerate(inputs):
        h[t + 1] = np.tanh(step + h[t] @ kernel)
    return h


def _numeric_gradient(inputs, kernel, dh_last, epsilon=1e-5):
    numeric = np.zeros_like(kernel)
    for index in np.ndindex(kernel.shape):
        step = np.zeros_like(kernel)
        step[index] = epsilon
        above, below = (np.sum(dh_last * _states(inputs, kernel + s)[-1]) for s in (step, -step))
        numeric[index] = (above - below) / (2 * epsilon)
    return numeric
