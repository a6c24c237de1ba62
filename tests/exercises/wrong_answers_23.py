"""Typical wrong answers to the exercises of chapter 23, and what each must be told."""

HEAD_VESSELS = '''
from scipy.ndimage import gaussian_filter


def vessel_mask(green, inside, share):
    light = gaussian_filter(green * inside, 8)
    around = light / np.maximum(gaussian_filter(inside * 1.0, 8), 1e-6)
'''

WRONG = [
    ("23.1", '''
answer_23_1 = {"A": "too large", "B": "a stray piece", "C": "shifted", "D": "half missing"}
''', "A layer all around would move"),
    ("23.1", '''
answer_23_1 = {"A": "a stray piece", "B": "shifted", "C": "too large", "D": "half missing"}
''', "What is B's volume error"),
    ("23.1", '''
answer_23_1 = {"A": "a stray piece", "B": "too large", "C": "half missing", "D": "shifted"}
''', "C's volume error is 0"),
    ("23.1", '''
answer_23_1 = {"A": "a stray piece", "B": "too large", "C": "shifted", "D": "too large"}
''', "D's volume error is negative"),
    ("23.1", '''
answer_23_1 = {"A": "a stray piece", "B": "too large"}
''', "says nothing of C, D"),
    ("23.1", '''
answer_23_1 = {"A": "stray", "B": "too large", "C": "shifted", "D": "half missing"}
''', "is none of"),
    ("23.1", '''
answer_23_1 = ["a stray piece", "too large", "shifted", "half missing"]
''', "Give a dictionary"),
    ("23.2", '''
def one_dice_loss(truth, probability):
    both = (truth * probability).sum()
    return (2 * both + 1) / (truth.sum() + probability.sum() + 1)
''', "The loss is 1 minus it"),
    ("23.2", '''
def one_dice_loss(truth, probability):
    both = (truth * probability).sum()
    return 1 - (both + 1) / (truth.sum() + probability.sum() + 1)
''', "factor 2"),
    ("23.2", '''
def one_dice_loss(truth, probability):
    both = (truth * probability).sum()
    return 1 - 2 * both / (truth.sum() + probability.sum())
''', "divides 0 by 0"),
    ("23.2", '''
def one_dice_loss(truth, probability):
    both = (truth * probability).sum()
    return 1 - 2 * both / (truth.sum() + probability.sum() + 1)
''', "stands below only"),
    ("23.2", '''
def one_dice_loss(truth, probability):
    hard = probability > 0.5
    both = (truth * hard).sum()
    return 1 - (2 * both + 1) / (truth.sum() + hard.sum() + 1)
''', "A step has no slope"),
    ("23.2", '''
def one_dice_loss(truth, probability):
    pixels = (1, 2)
    both = (truth * probability).sum(axis=pixels)
    each = truth.sum(axis=pixels) + probability.sum(axis=pixels)
    return np.mean(1 - (2 * both + 1) / (each + 1))
''', "average over the slices"),
    ("23.2", '''
def one_dice_loss(truth, probability):
    both = (truth * probability).sum()
    return 1 - (both + 1) / (truth.sum() + probability.sum() - both + 1)
''', "intersection over union"),
    ("23.2", '''
def one_dice_loss(truth, probability):
    both = (truth * probability).sum(axis=0)
    return 1 - (2 * both + 1) / (truth.sum(axis=0) + probability.sum(axis=0) + 1)
''', "one number"),
    ("23.3", '''
def hd95(first, second, spacing):
    first, second = first * spacing, second * spacing
    table = np.linalg.norm(first[:, None] - second[None], axis=-1)
    return np.percentile(table.min(axis=1), 95)
''', "from the first to the second"),
    ("23.3", '''
def hd95(first, second, spacing):
    first, second = first * spacing, second * spacing
    table = np.linalg.norm(first[:, None] - second[None], axis=-1)
    return np.percentile(table.min(axis=0), 95)
''', "from the second to the first"),
    ("23.3", '''
def hd95(first, second, spacing):
    table = np.linalg.norm(first[:, None] - second[None], axis=-1)
    return max(np.percentile(table.min(axis=axis), 95) for axis in (0, 1))
''', "in voxels"),
    ("23.3", '''
def hd95(first, second, spacing):
    first, second = first * spacing, second * spacing
    table = np.linalg.norm(first[:, None] - second[None], axis=-1)
    return max(table.min(axis=axis).max() for axis in (0, 1))
''', "single stray voxel"),
    ("23.3", '''
def hd95(first, second, spacing):
    first, second = first * spacing, second * spacing
    table = np.linalg.norm(first[:, None] - second[None], axis=-1)
    return np.percentile([*table.min(axis=0), *table.min(axis=1)], 95)
''', "pool both directions"),
    ("23.3", '''
def hd95(first, second, spacing):
    first, second = first * spacing, second * spacing
    table = np.linalg.norm(first[:, None] - second[None], axis=-1)
    return np.mean([np.percentile(table.min(axis=axis), 95) for axis in (0, 1)])
''', "average the two directions"),
    ("23.3", '''
def hd95(first, second, spacing):
    first, second = first[:, :2] * spacing[:2], second[:, :2] * spacing[:2]
    table = np.linalg.norm(first[:, None] - second[None], axis=-1)
    return max(np.percentile(table.min(axis=axis), 95) for axis in (0, 1))
''', "any number of axes"),
    ("23.4", '''
def vessel_mask(green, inside, share):
    return (green < np.quantile(green[inside], share)) & inside
''', "from one side"),
    ("23.4", HEAD_VESSELS + '''
    darker = 1 - green / np.maximum(around, 1e-6)
    return darker > np.quantile(darker[inside], 1 - share)
''', "outside the visible disc"),
    ("23.4", HEAD_VESSELS + '''
    brighter = green / np.maximum(around, 1e-6) - 1
    return (brighter > np.quantile(brighter[inside], 1 - share)) & inside
''', "brighter than its surroundings"),
    ("23.4", HEAD_VESSELS + '''
    return (around - green > 0.04) & inside
''', "weaker lamp"),
    ("23.4", HEAD_VESSELS + '''
    darker = 1 - green / np.maximum(around, 1e-6)
    return (darker > np.quantile(darker[inside], 0.95)) & inside
''', "Do you use the argument"),
    ("23.4", HEAD_VESSELS + '''
    return 1 - green / np.maximum(around, 1e-6)
''', "Return a mask"),
    ("23.4", '''
def vessel_mask(green, inside, share):
    green[~inside] = green[inside].mean()
    return (green < np.quantile(green[inside], share)) & inside
''', "Work on a copy"),
]
