"""Typical wrong answers to the exercises of chapter 10, and what the check says to each."""

WRONG = [
    ("10.1", 'answer_10_1 = {"A", "B", "C", "E", "F"}', "Study A does not leak"),
    ("10.1", 'answer_10_1 = {"B", "C", "D", "E", "F"}', "Study D does not leak"),
    ("10.1", 'answer_10_1 = {"B", "E", "F"}', "1 more: think of patients"),
    ("10.1", 'answer_10_1 = {"B", "C", "F"}', "1 more: think of time"),
    ("10.1", 'answer_10_1 = "B, C"', "2 more: think of time, of choosing"),
    ("10.1", 'answer_10_1 = {"G"}', "letters from A to F"),
    ("10.1", "answer_10_1 = 4", "a set of letters, such as"),
    (
        "10.2",
        """
def probability_of_disease(positive, sensitivity, specificity, prevalence):
    return sensitivity if positive else 1 - sensitivity
""",
        "you return the sensitivity",
    ),
    (
        "10.2",
        """
def probability_of_disease(positive, sensitivity, specificity, prevalence):
    if positive:
        return sensitivity / (sensitivity + 1 - specificity)
    return (1 - sensitivity) / (1 - sensitivity + specificity)
""",
        "You left the prevalence out",
    ),
    (
        "10.2",
        """
def probability_of_disease(positive, sensitivity, specificity, prevalence):
    ill = sensitivity * prevalence
    return ill / (ill + specificity * (1 - prevalence))
""",
        "you took the specificity",
    ),
    (
        "10.2",
        """
def probability_of_disease(positive, sensitivity, specificity, prevalence):
    if positive:
        ill, healthy = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
        return ill / (ill + healthy)
    ill, healthy = (1 - sensitivity) * prevalence, specificity * (1 - prevalence)
    return healthy / (ill + healthy)
""",
        "negative predictive value",
    ),
    (
        "10.2",
        """
def probability_of_disease(positive, sensitivity, specificity, prevalence):
    ill, healthy = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    return ill / (ill + healthy)
""",
        "does your function look",
    ),
    (
        "10.2",
        """
def probability_of_disease(positive, sensitivity, specificity, prevalence):
    ill, healthy = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    after = ill / (ill + healthy)
    return after if positive else 1 - after
""",
        "1 - PPV",
    ),
    (
        "10.2",
        """
def probability_of_disease(positive, sensitivity, specificity, prevalence):
    ill, healthy = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    return 100 * ill / (ill + healthy)
""",
        "Return the share",
    ),
    (
        "10.2",
        """
def probability_of_disease(positive, sensitivity, specificity, prevalence):
    odds = prevalence / (1 - prevalence)
    if positive:
        return odds * sensitivity / (1 - specificity)
    return odds * (1 - sensitivity) / specificity
""",
        "Turn odds o into a probability",
    ),
    (
        "10.3",
        """
def benefit_at(y_true, p, t):
    treated = p >= t
    return (np.sum(treated & (y_true == 1)) - np.sum(treated & (y_true == 0))) / len(y_true)
""",
        "did not weight",
    ),
    (
        "10.3",
        """
def benefit_at(y_true, p, t):
    treated = p >= t
    tp, fp = np.sum(treated & (y_true == 1)), np.sum(treated & (y_true == 0))
    return (tp - fp * (1 - t) / t) / len(y_true)
""",
        "upside down",
    ),
    (
        "10.3",
        """
def benefit_at(y_true, p, t):
    treated = p >= t
    tp, fp = np.sum(treated & (y_true == 1)), np.sum(treated & (y_true == 0))
    return (tp - fp * t) / len(y_true)
""",
        "not t itself",
    ),
    (
        "10.3",
        """
def benefit_at(y_true, p, t):
    treated = p >= t
    tp, fp = np.sum(treated & (y_true == 1)), np.sum(treated & (y_true == 0))
    return tp - fp * t / (1 - t)
""",
        "per patient",
    ),
    (
        "10.3",
        """
def benefit_at(y_true, p, t):
    treated = p >= t
    return np.mean(treated[y_true == 1]) - np.mean(treated[y_true == 0]) * t / (1 - t)
""",
        "by the ill and by the healthy",
    ),
    (
        "10.3",
        """
def benefit_at(y_true, p, t):
    treated = p > t
    tp, fp = np.sum(treated & (y_true == 1)), np.sum(treated & (y_true == 0))
    return (tp - fp * t / (1 - t)) / len(y_true)
""",
        "equal the threshold",
    ),
    (
        "10.4",
        """
def split_by_patient(patient, share, rng):
    return rng.random(len(patient)) < share
""",
        "draw patients, not rows",
    ),
    (
        "10.4",
        """
def split_by_patient(patient, share, rng):
    people = np.unique(patient)
    return np.isin(patient, people[: round(share * len(people))])
""",
        "Whatever rng is given",
    ),
    (
        "10.4",
        """
def split_by_patient(patient, share, rng):
    people = np.unique(patient)
    return rng.choice(people, size=round(share * len(people)), replace=False)
""",
        "are not a mask",
    ),
    (
        "10.4",
        """
def split_by_patient(patient, share, rng):
    people = np.unique(patient)
    chosen = rng.choice(people, size=round(share * len(people)), replace=False)
    return ~np.isin(patient, chosen)
""",
        "it must mark the test rows",
    ),
    (
        "10.4",
        """
def split_by_patient(patient, share, rng):
    chosen = np.unique(rng.choice(patient, size=round(share * len(patient))))
    return np.isin(patient, chosen)
""",
        "The share is of patients",
    ),
    (
        "10.4",
        """
def split_by_patient(patient, share, rng):
    people = np.unique(patient)
    chosen = np.random.default_rng().permutation(people)[: round(share * len(people))]
    return np.isin(patient, chosen)
""",
        "The same rng gives different splits",
    ),
    (
        "10.4",
        """
def split_by_patient(patient, share, rng):
    people = np.unique(patient)
    chosen = rng.choice(people, size=round(share * len(people)), replace=False)
    return np.isin(patient, chosen).astype(int)
""",
        "dtype bool",
    ),
    (
        "10.4",
        """
def split_by_patient(patient, share, rng):
    people = np.unique(patient)
    chosen = rng.choice(people, size=round(share * len(people)))
    return np.isin(patient, chosen)
""",
        "draw none twice (replace=False)",
    ),
    (
        "10.4",
        """
def split_by_patient(patient, share, rng):
    people = np.unique(patient)
    chosen = rng.choice(people, size=int(share * len(people)), replace=False)
    return np.isin(patient, chosen)
""",
        "hold 13; yours holds 12",
    ),
    (
        "10.4",
        """
def split_by_patient(patient, share, rng):
    people = np.unique(patient)
    chosen = rng.choice(people, size=10, replace=False)
    return np.isin(patient, chosen)
""",
        "hold 13; yours holds 10",
    ),
    (
        "10.4",
        """
def split_by_patient(patient, share, rng):
    people = np.unique(patient)
    chosen = rng.permutation(people)[: int(np.ceil(share * len(people)))]
    return np.isin(patient, chosen)
""",
        "hold 12; yours holds 13",
    ),
]
