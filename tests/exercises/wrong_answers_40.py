"""Typical wrong answers to the exercises of chapter 40, and what each must be told."""

RIGHT_40_1 = {"A": "collapse", "B": "balance", "C": "copying", "D": "saturation"}


def _with_one_wrong(letter, word):
    return f"answer_40_1 = {RIGHT_40_1 | {letter: word}}"


WRONG = [
    ("40.1", _with_one_wrong("A", "balance"), "few kinds are drawn"),
    ("40.1", _with_one_wrong("B", "collapse"), "where the game should end"),
    ("40.1", _with_one_wrong("C", "collapse"), "far nearer to training films"),
    ("40.1", _with_one_wrong("D", "balance"), "next to 0"),
    ("40.1", _with_one_wrong("D", "vanishing"), "choose one of"),
    ("40.1", 'answer_40_1 = {"A": "collapse"}', "says nothing of B, C, D"),
    ("40.1", 'answer_40_1 = ["collapse", "balance", "copying", "saturation"]', "Give a dictionary"),
    ("40.2", '''
def best_discriminator(p, q, share):
    return p / (p + q)
''', "the share changes nothing"),
    ("40.2", '''
def best_discriminator(p, q, share):
    return q / (p + q)
''', "probability of *drawn*"),
    ("40.2", '''
def best_discriminator(p, q, share):
    return (1 - share) * p / ((1 - share) * p + share * q)
''', "shares are exchanged"),
    ("40.2", '''
def best_discriminator(p, q, share):
    return share * p / (p + q)
''', "divide by all that is shown"),
    ("40.2", '''
def best_discriminator(p, q, share):
    return share * p / (share * p + q / 2)
''', "weigh p with the share"),
    ("40.2", '''
def best_discriminator(p, q, share):
    return np.sum(share * p) / np.sum(share * p + (1 - share) * q)
''', "has shape"),
    ("40.3", '''
def generator_loss(logits):
    return np.sum(np.logaddexp(0, -logits))
''', "sum over the batch"),
    ("40.3", '''
def generator_loss(logits):
    return np.mean(np.logaddexp(0, logits))
''', "sign of the logit is turned"),
    ("40.3", '''
def generator_loss(logits):
    return -np.mean(np.logaddexp(0, logits))
''', "saturating loss"),
    ("40.3", '''
def generator_loss(logits):
    return -np.mean(np.logaddexp(0, -logits))
''', "The sign is turned: a loss"),
    ("40.3", '''
def generator_loss(logits):
    with np.errstate(all="ignore"):
        return -np.mean(np.log(1 / (1 + np.exp(-logits))))
''', "NaN or infinite"),
    ("40.3", '''
def generator_loss(logits):
    with np.errstate(all="ignore"):
        return -np.mean(np.log(np.clip(1 / (1 + np.exp(-logits)), 1e-7, 1)))
''', "clipped probability"),
    ("40.3", '''
def generator_loss(logits):
    return np.logaddexp(0, -logits)
''', "has shape"),
    ("40.4", '''
def count_modes(points, centres, radius, share=0.1):
    d = np.linalg.norm(points[:, None] - centres, axis=-1)
    counts = np.bincount(d.argmin(axis=1), minlength=len(centres))
    return int(np.sum(counts >= share * len(points) / len(centres)))
''', "far from every centre"),
    ("40.4", '''
def count_modes(points, centres, radius, share=0.1):
    d = np.linalg.norm(points[:, None] - centres, axis=-1)
    near = d.argmin(axis=1)[d.min(axis=1) <= radius]
    return len(np.unique(near))
''', "1 point of 100"),
    ("40.4", '''
def count_modes(points, centres, radius, share=0.1):
    d = np.linalg.norm(points[:, None] - centres, axis=-1)
    near = d.argmin(axis=1)[d.min(axis=1) <= radius]
    counts = np.bincount(near, minlength=len(centres))
    return int(np.sum(counts >= share * len(points)))
''', "3 of 100 points"),
    ("40.4", '''
def count_modes(points, centres, radius, share=0.1):
    d = np.linalg.norm(points[:, None] - centres, axis=-1)
    near = d.argmin(axis=1)[d.min(axis=1) <= radius]
    counts = np.bincount(near, minlength=len(centres))
    return int(np.sum(counts > share * len(points) / len(centres)))
''', "exactly its share"),
    ("40.4", '''
def count_modes(points, centres, radius, share=0.1):
    d = np.linalg.norm(points[:, None] - centres, axis=-1)
    counts = (d <= radius).sum(axis=0)
    return int(np.sum(counts >= share * len(points) / len(centres)))
''', "belongs to its nearest alone"),
    ("40.4", '''
def count_modes(points, centres, radius, share=0.1):
    d = np.linalg.norm(points[:, None] - centres, axis=-1)
    near = d.argmin(axis=1)[d.min(axis=1) <= radius]
    return np.bincount(near, minlength=len(centres)) >= share * len(points) / len(centres)
''', "Return one number"),
    ("40.5", '''
def normalised_kernel(kernel, start, steps):
    return kernel / np.linalg.norm(kernel)
''', "Frobenius"),
    ("40.5", '''
def normalised_kernel(kernel, start, steps):
    w = kernel.reshape(-1, kernel.shape[-1])
    v = start / np.linalg.norm(start)
    for _ in range(steps):
        v = w.T @ (w @ v)
        norm = np.linalg.norm(v)
        v = v / norm
    return kernel / norm
''', "*square* of the norm"),
    ("40.5", '''
def normalised_kernel(kernel, start, steps):
    w = kernel.reshape(-1, kernel.shape[-1])
    v = start / np.linalg.norm(start)
    for _ in range(steps):
        v = w.T @ (w @ v)
        v = v / np.linalg.norm(v)
    return kernel * np.linalg.norm(w @ v)
''', "divide"),
    ("40.5", '''
def normalised_kernel(kernel, start, steps):
    w = kernel.reshape(kernel.shape[0], -1)
    v = np.ones(w.shape[1])
    for _ in range(steps):
        v = w.T @ (w @ v)
        v = v / np.linalg.norm(v)
    return kernel / np.linalg.norm(w @ v)
''', "wrong shape"),
    ("40.5", '''
def normalised_kernel(kernel, start, steps):
    w = kernel.reshape(-1, kernel.shape[-1])
    return kernel / np.linalg.norm(w @ start)
''', "should have norm 1"),
    ("40.5", '''
def normalised_kernel(kernel, start, steps):
    w = kernel.reshape(-1, kernel.shape[-1])
    return kernel / np.linalg.norm(w, 2)
''', "use as many steps as you are given"),
    ("40.5", '''
def normalised_kernel(kernel, start, steps):
    w = kernel.reshape(-1, kernel.shape[-1])
    v = start / np.linalg.norm(start)
    for _ in range(steps):
        v = w.T @ (w @ v)
        v = v / np.linalg.norm(v)
    kernel /= np.linalg.norm(w @ v)
    return kernel
''', "changed in place"),
]
