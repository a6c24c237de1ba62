"""The file of abstracts: what is read, what is refused, and copies that stay together."""

from __future__ import annotations

import numpy as np
import pytest

from medlearn.data import DamagedFileError
from medlearn.data.medical_abstracts import copies_together, decode

HEADER = "condition_label,medical_abstract\n"


def test_labels_are_renumbered_with_the_catch_all_first():
    contents = decode((HEADER + '5,"A rash, ""unclear"". "\n1,A tumour.\n4,A heart.\n').encode())
    assert contents.x.tolist() == ['A rash, "unclear".', "A tumour.", "A heart."]
    assert contents.y.tolist() == [0, 1, 4]
    assert contents.class_names[0] == "general pathological conditions"
    assert contents.class_names[4] == "cardiovascular diseases"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"label,text\n1,A tumour.\n",
        (HEADER + "6,A tumour.\n").encode(),
        (HEADER + "1,A tumour.,more\n").encode(),
        (HEADER + "1\n").encode(),
        b"\xff\xfe" + HEADER.encode("utf-16-le"),
        (HEADER + '1,"' + "a" * 200_000 + '"\n').encode(),
    ],
)
def test_what_is_no_table_of_labels_and_texts_is_refused(content):
    with pytest.raises(DamagedFileError, match="no table of texts|a label from 1 to 5"):
        decode(content)


def test_copies_stay_together_and_every_part_has_every_label():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 5, 2000)
    text = np.array([f"text {k}" for k in rng.integers(0, 1500, 2000)], dtype=object)
    parts = copies_together("example", text, y)
    for one in np.unique(text.astype(str)):
        assert len(set(parts[text == one])) == 1
    shares = [np.bincount(y[parts == part], minlength=5) / np.sum(parts == part)
              for part in ("train", "validation", "test")]
    np.testing.assert_allclose(shares[1], shares[0], atol=0.05)
    np.testing.assert_allclose(shares[2], shares[0], atol=0.05)
    assert parts.tolist() == copies_together("example", text, y).tolist()
    assert parts.tolist() != copies_together("another", text, y).tolist()
