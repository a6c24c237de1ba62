"""Files that are damaged or hostile are refused before anything is taken from them."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from medlearn import data
from medlearn.data import files, kidney_disease, pneumonia_xray, registry

from . import faulty_server as faults


def archive_of(**members: bytes) -> bytes:
    return archive(list(members.items()))


def archive(members: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members:
            target.writestr(name, content)
    return buffer.getvalue()


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, path) -> None:
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize(
    "member",
    ["../table.csv", "a/../../table.csv", "/table.csv", "..\\table.csv", "C:\\table.csv",
     "\\\\host\\share\\table.csv", "C:table.csv"],
)
def test_archive_that_climbs_out_is_refused(member, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    payload = archive([("inside.csv", b"1"), (member, b"2")])
    with pytest.raises(data.DamagedFileError, match="outside its folder"):
        files.open_archive(payload)
    with pytest.raises(data.DamagedFileError, match="outside its folder"):
        kidney_disease.decode(payload)
    assert list(tmp_path.iterdir()) == []


def test_a_name_with_two_dots_inside_is_no_climbing():
    assert files.open_archive(archive([("a..b/table.v2..csv", b"1")])).namelist()


def test_archive_that_climbs_out_is_not_kept_by_fetch(served, own_cache, monkeypatch, tmp_path):
    served.body = archive([("../../escaped.csv", b"1")])
    kidney = registry.REGISTRY["kidney_disease"]
    monkeypatch.setitem(
        registry.REGISTRY,
        "kidney_disease",
        replace(kidney, remote=replace(kidney.remote, url=served.url)),
    )
    with pytest.raises(data.DamagedFileError, match="outside its folder.*Nothing of it was kept"):
        data.fetch("kidney_disease", progress=False)
    assert [path.name for path in own_cache.glob("[!.]*")] == []
    assert not list(tmp_path.rglob("escaped.csv"))
    assert data.load("kidney_disease", show_card=False).is_standin


def test_pickle_in_an_npz_is_never_run(tmp_path):
    trap = tmp_path / "the trap went off"
    payload = faults.image_file({"test_labels": np.array([Bomb(trap)], dtype=object)})
    with pytest.raises(data.DamagedFileError, match="pickled objects are never loaded"):
        pneumonia_xray.decode(payload)
    assert not trap.exists()
    # The same file does run its pickle in who lets it.
    with np.load(io.BytesIO(payload), allow_pickle=True) as arrays:
        arrays["test_labels"]
    assert trap.exists()


def test_npz_with_a_pickle_from_the_server_is_not_kept(served, own_cache, monkeypatch, tmp_path):
    trap = tmp_path / "the trap went off"
    served.body = faults.image_file({"test_labels": np.array([Bomb(trap)], dtype=object)})
    recipe = registry.REGISTRY["pneumonia_xray"]
    # Even where the checksum is that of the hostile file.
    monkeypatch.setitem(
        registry.REGISTRY,
        "pneumonia_xray",
        replace(recipe, remote=faults.remote_file(served.url, served.body)),
    )
    with pytest.raises(data.DamagedFileError, match="pickled objects are never loaded"):
        data.fetch("pneumonia_xray", progress=False)
    assert [path.name for path in own_cache.glob("[!.]*")] == []
    assert not trap.exists()


def test_bare_pickle_named_npz_is_refused(tmp_path):
    with pytest.raises(data.DamagedFileError, match="ZIP"):
        pneumonia_xray.decode(pickle.dumps(Bomb(tmp_path / "trap")))
    assert not (tmp_path / "trap").exists()


def test_npz_cut_anywhere_is_refused(body):
    for length in (0, 10, 1000, len(body) // 2, len(body) - 30):
        with pytest.raises(data.DamagedFileError):
            pneumonia_xray.decode(body[:length])


SMALL = faults.image_file(counts=(3, 1, 2))


@settings(max_examples=300, deadline=None)
@example(place=len(SMALL) - 300, change=0x80)
@given(place=st.integers(0, len(SMALL) - 1), change=st.integers(1, 255))
def test_npz_with_any_byte_altered_is_refused_or_reads_as_before(place, change):
    """Some bytes of an archive mean nothing, such as its dates; no other error may come out."""
    altered = bytearray(SMALL)
    altered[place] ^= change
    try:
        contents = pneumonia_xray.decode(bytes(altered))
    except data.DamagedFileError:
        return
    expected = pneumonia_xray.decode(SMALL)
    np.testing.assert_array_equal(contents.x, expected.x)
    np.testing.assert_array_equal(contents.y, expected.y)


def test_npz_without_an_array_or_of_another_shape_is_refused():
    with pytest.raises(data.DamagedFileError, match="plain arrays"):
        pneumonia_xray.decode(archive_of(train_images=b"x"))
    wrong = faults.image_file({"val_images": np.zeros((40, 32, 32), dtype=np.uint8)})
    with pytest.raises(data.DamagedFileError, match="32"):
        pneumonia_xray.decode(wrong)


def test_archive_member_that_unpacks_to_too_much_is_refused():
    payload = archive_of(**{"table.csv": b"0" * 2_000_000})
    with pytest.raises(data.DamagedFileError, match="more than"):
        kidney_disease.decode(payload)


# The faults of the publisher's file: stray tabs and spaces, a comma too many, quoted names.
HEALTHY = "48,80,1.020,1,0,?,normal,notpresent,notpresent,121,36,1.2,?,?,15.4,44,7800,5.2"
DIRTY = (
    "@relation kidney\n@attribute 'age' numeric\n@data\n"
    f"{HEALTHY},no,no,no,good,no,no,notckd\n"
    f"{HEALTHY}, yes,\tno,no,poor,no,no,ckd,\n"
    "\n"
    f"{HEALTHY.replace('44', chr(9) + '43')},yes,yes,,no,good,yes,no,ckd\t\n"
)
NAMES = list(kidney_disease.FEATURE_NAMES)


def test_dirty_table_is_read():
    x, y = kidney_disease.parse(DIRTY)
    assert x.shape == (3, 24)
    assert y.tolist() == [0, 1, 1]
    assert x[2, NAMES.index("packed cell volume")] == 43
    assert x[:, NAMES.index("hypertension")].tolist() == [0, 1, 1]
    assert x[:, NAMES.index("coronary artery disease")].tolist() == [0, 0, 0]
    assert x[:, NAMES.index("poor appetite")].tolist() == [0, 1, 0]
    assert np.isnan(x[:, [NAMES.index("sodium"), NAMES.index("potassium")]]).all()
    assert np.isnan(x).sum() == 9


def test_table_as_csv_reads_as_the_same():
    rows = DIRTY.split("@data\n")[1].splitlines()
    clean = [row.replace("?", "").replace("yes,,no", "yes,no").rstrip("\t,") for row in rows if row]
    x, y = kidney_disease.parse("age,bp,and so on\n" + "\n".join(clean))
    expected_x, expected_y = kidney_disease.parse(DIRTY)
    np.testing.assert_array_equal(x, expected_x)
    np.testing.assert_array_equal(y, expected_y)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("15.4", "fifteen", "'fifteen' for haemoglobin"), ("good", "fair", "'fair' for poor appetite"),
     ("notckd", "maybe", "'maybe' for the class"), ("48,80,", "48,", "24 values")],
)
def test_value_that_cannot_be_read_is_named(old, new, said):
    with pytest.raises(data.DamagedFileError, match=said):
        kidney_disease.parse(DIRTY.replace(old, new))


def test_table_with_other_values_is_refused_and_the_pinned_one_taken(monkeypatch):
    with pytest.raises(data.DamagedFileError, match="other values"):
        kidney_disease.decode(DIRTY.encode())
    pinned = files.sha256_of_arrays(*kidney_disease.parse(DIRTY))
    monkeypatch.setattr(kidney_disease, "SHA256_OF_ARRAYS", pinned)
    assert kidney_disease.decode(DIRTY.encode()).x.shape == (3, 24)
    zipped = archive([("folder/info.txt", b"?"), ("folder/table.arff", DIRTY.encode())])
    assert kidney_disease.decode(zipped).x.shape == (3, 24)


def test_checksum_of_arrays_sees_values_shapes_and_missing_ones():
    table = np.array([[1.0, np.nan], [2.0, 3.0]])
    digest = files.sha256_of_arrays(table)
    assert files.sha256_of_arrays(np.asfortranarray(table)) == digest
    assert files.sha256_of_arrays(table.astype(">f8")) == digest
    assert files.sha256_of_arrays(table.reshape(1, 4)) != digest
    assert files.sha256_of_arrays(np.nan_to_num(table)) != digest
    assert np.isnan(table[0, 1])
