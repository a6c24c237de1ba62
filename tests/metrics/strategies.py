"""Random outcomes, scores and probabilities for Hypothesis."""

import numpy as np
from hypothesis import strategies as st


@st.composite
def outcomes(draw, smallest=2, largest=60):
    """An outcome (n,) that holds 0 and 1 at least ``smallest`` / 2 times each."""
    each = smallest // 2
    zeros = draw(st.integers(each, largest // 2))
    ones = draw(st.integers(each, largest // 2))
    return np.array(draw(st.permutations([0] * zeros + [1] * ones)))


@st.composite
def outcomes_and_scores(draw, smallest=2, largest=60):
    """An outcome and a score of few levels (ties are common) or of many."""
    outcome = draw(outcomes(smallest, largest))
    levels = draw(st.sampled_from([2, 5, 1000]))
    rows = st.lists(st.integers(0, levels), min_size=outcome.size, max_size=outcome.size)
    return outcome, np.array(draw(rows)) / levels
