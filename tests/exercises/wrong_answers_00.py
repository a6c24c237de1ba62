"""Typical wrong answers to the exercises of chapter 00, and what the check says to each."""

WRONG = [
    (
        "00.1",
        """
def prevalence(diagnoses):
    return diagnoses.sum()
""",
        "that is the number of the sick",
    ),
    (
        "00.1",
        """
def prevalence(diagnoses):
    return 1 - diagnoses.mean()
""",
        "that is the share of the healthy",
    ),
    (
        "00.1",
        """
def prevalence(diagnoses):
    return 100 * diagnoses.mean()
""",
        "Return the share",
    ),
    (
        "00.1",
        """
def prevalence(diagnoses):
    return diagnoses.sum() / 4
""",
        "Right for 1, 0, 0, 0",
    ),
    (
        "00.1",
        """
def prevalence(diagnoses):
    diagnoses.mean()
""",
        "returned nothing",
    ),
]
