"""Published worked cases that the tests of `medlearn.metrics` compare with."""

import numpy as np

# Liver scans against pathology: Altman and Bland, BMJ 1994;308:1552,
# doi 10.1136/bmj.308.6943.1552; predictive values: BMJ 1994;309:102,
# doi 10.1136/bmj.309.6947.102.
# The second note prints 54/81 = 0.59, a slip: it is 0.67. Where the prevalence is 0.25 it gives a
# positive predictive value of 0.45 and a negative one of 0.95.
LIVER_SCAN = {"tp": 231, "fp": 32, "fn": 27, "tn": 54}

# One reader's ratings 1 to 5 of 109 CT images: Hanley and McNeil, Radiology 1982;143:29,
# doi 10.1148/radiology.143.1.7063747, table I.
CT_NORMAL = [33, 6, 6, 11, 2]
CT_ABNORMAL = [3, 2, 2, 11, 33]

# 49 patients with ovarian cancer and bowel obstruction: DeLong, DeLong and Clarke-Pearson,
# Biometrics 1988;44:837, doi 10.2307/2531595; the 43 complete rows are printed in the SAS/STAT
# User's Guide, LOGISTIC, "Comparing Receiver Operating Characteristic Curves". Columns: albumin,
# total protein, 10 - Krebs-Goplerud score, outcome.
OVARIAN = np.array(
    """
    3.0 5.8 10 0  3.2 6.3 5 1  3.9 6.8 3 1  2.8 4.8 6 0  3.2 5.8 3 1  0.9 4.0 5 0  2.5 5.7 8 0
    1.6 5.6 5 1  3.8 5.7 5 1  3.7 6.7 6 1  3.2 5.4 4 1  3.8 6.6 6 1  4.1 6.6 5 1  3.6 5.7 5 1
    4.3 7.0 4 1  3.6 6.7 4 0  2.3 4.4 6 1  4.2 7.6 4 0  4.0 6.6 6 0  3.5 5.8 6 1  3.8 6.8 7 1
    3.0 4.7 8 0  4.5 7.4 5 1  3.7 7.4 5 1  3.1 6.6 6 1  4.1 8.2 6 1  4.3 7.0 5 1  4.3 6.5 4 1
    3.2 5.1 5 1  2.6 4.7 6 1  3.3 6.8 6 0  1.7 4.0 7 0  3.7 6.1 5 1  3.3 6.3 7 1  4.2 7.7 6 1
    3.5 6.2 5 1  2.9 5.7 9 0  2.1 4.8 7 1  2.8 6.2 8 0  4.0 7.0 7 1  3.3 5.7 6 1  3.7 6.9 5 1
    3.6 6.6 5 1
    """.split(),
    dtype=float,
).reshape(-1, 4)

# Wilson's limits (method 3, without continuity correction): Newcombe, Statistics in Medicine
# 1998;17:857, table I, doi 10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E.
WILSON = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]

# Family history as a test for cancer, the example of the package `dcurves` that the group of
# Vickers keeps (MSKCC-Epi-Bio/dcurves, dcurves/data/r_dca_famhistory.csv): 750 patients, 105 with
# cancer; 24 of these and 91 others have a family history. Rows: threshold probability, net
# benefit of testing, of treating all.
FAMILY_HISTORY = {"tp": 24, "fp": 91, "fn": 81, "tn": 554}
FAMILY_HISTORY_NET_BENEFIT = [
    (0.05, 0.025614035087719297, 0.09473684210526317),
    (0.10, 0.018518518518518517, 0.04444444444444445),
    (0.14, 0.012248062015503873, 0.0),
    (0.20, 0.0016666666666666635, -0.07499999999999998),
    (0.30, -0.02000000000000001, -0.2285714285714286),
]


def outcome_and_prediction(tp, fp, fn, tn):
    """One row for each case of a two-by-two table: truth (n,) and prediction (n,)."""
    counts = [tp, fp, fn, tn]
    return np.repeat([1, 0, 1, 0], counts), np.repeat([1, 1, 0, 0], counts)


def ct_ratings():
    """Truth (109,) and ratings (109,) of the CT images."""
    outcome = np.repeat([0, 1], [sum(CT_NORMAL), sum(CT_ABNORMAL)])
    rating = np.repeat(np.tile(np.arange(1, 6), 2), CT_NORMAL + CT_ABNORMAL)
    return outcome, rating
