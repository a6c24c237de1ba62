"""Simulated clinical notes from a grammar: the stand-in of the medical abstracts."""

from __future__ import annotations

import numpy as np

__all__ = ["CONDITIONS", "SHARED", "fill", "opening", "simulate_texts"]

# For each group of conditions: diseases, findings, tests and treatments that belong to it.
CONDITIONS = {
    "general": {
        "disease": ("sepsis", "anaphylaxis", "postoperative wound infection", "heat stroke",
                    "hypothermia", "acute poisoning", "multiple trauma", "unexplained fever",
                    "burns", "dehydration", "chronic pain", "an abscess of the neck"),
        "finding": ("fever with rigors", "a discharging wound", "generalised oedema",
                    "widespread bruising", "pallor", "weight loss without a cause",
                    "a rash over the trunk", "tenderness over the scar"),
        "test": ("blood cultures", "the white cell count", "C-reactive protein", "serum lactate"),
        "treatment": ("broad-spectrum antibiotics", "fluids into a vein", "drainage of the wound",
                      "adrenaline", "cooling", "analgesics"),
    },
    "neoplasms": {
        "disease": ("breast carcinoma", "lymphoma", "adenocarcinoma of the lung", "melanoma",
                    "acute leukaemia", "carcinoma of the prostate", "ovarian carcinoma",
                    "osteosarcoma"),
        "finding": ("a hard fixed lump", "enlarged lymph nodes", "metastases in the bone",
                    "an ulcerated mole", "night sweats"),
        "test": ("biopsy", "histology of the tumour", "staging by computed tomography",
                 "the tumour marker"),
        "treatment": ("chemotherapy", "radiotherapy", "resection of the tumour",
                      "hormone therapy"),
    },
    "digestive": {
        "disease": ("duodenal ulcer", "Crohn disease", "cirrhosis of the liver", "gallstones",
                    "acute pancreatitis", "ulcerative colitis", "reflux oesophagitis",
                    "coeliac disease"),
        "finding": ("pain in the epigastrium", "bloody stools", "jaundice", "ascites",
                    "vomiting after meals"),
        "test": ("gastroscopy", "colonoscopy", "serum lipase", "liver enzymes"),
        "treatment": ("a proton pump inhibitor", "removal of the gallbladder", "lactulose",
                      "ligation of varices"),
    },
    "nervous": {
        "disease": ("ischaemic stroke", "multiple sclerosis", "epilepsy", "Parkinson disease",
                    "migraine", "bacterial meningitis", "polyneuropathy", "Alzheimer disease"),
        "finding": ("weakness of the left arm", "a generalised seizure", "tremor at rest",
                    "double vision", "loss of memory"),
        "test": ("magnetic resonance imaging of the brain", "the electroencephalogram",
                 "lumbar puncture", "nerve conduction"),
        "treatment": ("levodopa", "an anticonvulsant", "thrombolysis", "interferon beta"),
    },
    "cardiovascular": {
        "disease": ("myocardial infarction", "heart failure", "atrial fibrillation",
                    "aortic stenosis", "hypertension", "deep vein thrombosis", "angina pectoris",
                    "peripheral arterial disease"),
        "finding": ("crushing chest pain", "a systolic murmur", "swollen ankles",
                    "an irregular pulse", "breathlessness on stairs"),
        "test": ("the electrocardiogram", "echocardiography", "coronary angiography",
                 "troponin"),
        "treatment": ("a beta blocker", "warfarin", "coronary bypass surgery",
                      "a diuretic"),
    },
}

SENTENCES = (
    "The history was one of {finding} for {count} weeks.",
    "On examination: {finding}.",
    "We asked for {test}, which was {result}.",
    "{Test} {was} repeated after {count} days and {was} {result}.",
    "The patient was given {treatment} for {count} days.",
    "Treatment with {treatment} was begun.",
    "The working diagnosis was {disease}.",
    "A relative had {disease} at the age of {age}.",
    "{Finding} had settled at follow-up.",
)
SHARED = (
    "The patient lives with a partner and needs no help at home.",
    "There are no known allergies.",
    "The patient has never smoked and drinks little.",
    "Temperature and breathing were recorded every four hours.",
    "Kidney function was within the reference range.",
    "A letter was sent to the family doctor.",
    "The next visit was arranged in {count} weeks.",
    "The case was discussed at the weekly meeting.",
    "Risks and benefits were explained and consent was given.",
    "The patient slept badly and felt tired during the day.",
    "The list of medicines was checked with the pharmacist.",
    "Physiotherapy was offered {count} times a week.",
)
RESULTS = ("normal", "abnormal", "not conclusive", "unchanged", "slightly raised")

# As in the real data, in the order of CONDITIONS; and the share of notes with a second label.
COUNTS = (400, 260, 120, 160, 260)
COPIED = 0.04
BORROWED = 0.25  # share of the telling sentences that belong to another group
SEED = 20260132


def fill(rng: np.random.Generator, sentence: str, group: str) -> str:
    """Fill the slots of a sentence with words of a group of conditions.

    Examples
    --------
    >>> import numpy as np
    >>> fill(np.random.default_rng(0), "The working diagnosis was {disease}.", "nervous")
    'The working diagnosis was polyneuropathy.'
    """
    words = {kind: str(rng.choice(options)) for kind, options in CONDITIONS[group].items()}
    words |= {kind.capitalize(): word[:1].upper() + word[1:] for kind, word in words.items()}
    words["was"] = "were" if words["test"] in ("blood cultures", "liver enzymes") else "was"
    return sentence.format(
        count=rng.integers(2, 13), age=rng.integers(35, 85), result=rng.choice(RESULTS), **words
    )


def opening(rng: np.random.Generator) -> str:
    """The first sentence of a note: age and sex.

    Examples
    --------
    >>> import numpy as np
    >>> opening(np.random.default_rng(0))
    'A 50-year-old woman was seen in the emergency room.'
    """
    who, where = rng.choice(("man", "woman")), rng.choice(("clinic", "emergency room", "ward"))
    age = rng.integers(20, 80)
    return f"A {age}-year-old {who} was seen in the {where}."


def _note(rng: np.random.Generator, group: str) -> str:
    sentences = []
    for sentence in rng.choice(SENTENCES, rng.integers(3, 6), replace=False):
        others = [other for other in CONDITIONS if other != group]
        source = str(rng.choice(others)) if rng.random() < BORROWED else group
        sentences.append(fill(rng, str(sentence), source))
    shared = [fill(rng, str(s), group) for s in rng.choice(SHARED, rng.integers(3, 7), False)]
    sentences = [str(sentence) for sentence in rng.permutation(sentences + shared)]
    return " ".join([opening(rng), *sentences])


def simulate_texts() -> tuple[np.ndarray, np.ndarray]:
    """Simulate notes of five groups, some of them twice with two labels.

    Returns
    -------
    text : numpy.ndarray of str, shape (n,)
    y : numpy.ndarray of int64, shape (n,)
        The group, in the order of CONDITIONS.

    Examples
    --------
    >>> text, y = simulate_texts()
    >>> len(text), len(set(text)), y.max()
    (1248, 1200, np.int64(4))
    """
    rng = np.random.default_rng(SEED)
    y = np.repeat(np.arange(len(COUNTS)), COUNTS)
    text = [_note(rng, list(CONDITIONS)[label]) for label in y]
    twice = rng.choice(len(y), round(COPIED * len(y)), replace=False)
    other = (y[twice] + rng.integers(1, len(COUNTS), len(twice))) % len(COUNTS)
    order = rng.permutation(len(y) + len(twice))
    text = np.array([*text, *(text[k] for k in twice)], dtype=object)
    return text[order], np.concatenate([y, other])[order].astype(np.int64)
