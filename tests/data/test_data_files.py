"""Files that are damaged or hostile are refused before anything is taken from them."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import tarfile
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from medlearn import data
from medlearn.data import (
    files,
    hippocampus,
    kidney_disease,
    pneumonia_xray,
    registry,
    retinal_vessels,
)

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


def tar_of(members: list[tuple[str, bytes]], kind: bytes = tarfile.REGTYPE) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as target:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.type, member.size = kind, len(content)
            if kind == tarfile.SYMTYPE:
                member.linkname, member.size = "/etc/passwd", 0
            target.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def volume_file(seed: int, shape: tuple[int, ...] = (33, 50, 38), zoom: float = 1.0) -> bytes:
    import nibabel

    rng = np.random.default_rng(seed)
    image = nibabel.Nifti1Image(rng.integers(0, 3, shape, dtype=np.uint8), np.diag([zoom] * 3 + [1]))
    return gzip.compress(image.to_bytes())


def brain_members(folders: tuple[str, str] = ("imagesTr", "labelsTr")) -> list[tuple[str, bytes]]:
    return [
        (f"Task04_Hippocampus/{folder}/hippocampus_{number:03}.nii.gz", volume_file(number + row))
        for row, folder in enumerate(folders)
        for number in (3, 4, 7, 11, 12)
    ]


def pin_volumes(monkeypatch, members):
    by_place = {name.split("/", 1)[1]: hippocampus._volume(content) for name, content in members}
    order = sorted(by_place, key=lambda name: (name[-10:], name))
    pinned = files.sha256_of_arrays(*(by_place[name] for name in order))
    monkeypatch.setattr(hippocampus, "SHA256_OF_ARRAYS", pinned)


def test_volumes_come_alike_from_archive_and_folder_sides_of_a_subject_together(
    monkeypatch, tmp_path
):
    members = brain_members()
    pin_volumes(monkeypatch, members)
    # What a Mac adds to an archive, the test images without labels, the contents: all passed over.
    extra = [("Task04_Hippocampus/imagesTr/._hippocampus_003.nii.gz", b"mac"),
             ("Task04_Hippocampus/imagesTs/hippocampus_002.nii.gz", b"no labels"),
             ("Task04_Hippocampus/dataset.json", b"{}")]
    packed = hippocampus.decode(tar_of(extra + members))
    for name, content in members:
        place = tmp_path / name.replace("Tr/", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    unpacked = hippocampus.decode_folder(tmp_path)
    np.testing.assert_array_equal(packed.x, unpacked.x)
    np.testing.assert_array_equal(packed.y, unpacked.y)
    assert packed.x.shape == (5, 32, 56, 40, 1)
    assert packed.patient.tolist() == [2, 2, 4, 6, 6]
    assert packed.split[0] == packed.split[1] and packed.split[3] == packed.split[4]


def test_other_volumes_than_the_pinned_ones_are_refused(monkeypatch):
    members = brain_members()
    pin_volumes(monkeypatch, members)
    other = [*members[:-1], (members[-1][0], volume_file(99))]
    with pytest.raises(data.DamagedFileError, match="other volumes"):
        hippocampus.decode(tar_of(other))
    with pytest.raises(data.DamagedFileError, match="an image and a mask of each"):
        hippocampus.decode(tar_of(members[:-1]))
    thick = [*members[:-1], (members[-1][0], volume_file(12, zoom=2.0))]
    with pytest.raises(data.DamagedFileError, match="1 mm voxels"):
        hippocampus.decode(tar_of(thick))
    torn = [*members[:-1], (members[-1][0], members[-1][1][:500])]
    with pytest.raises(data.DamagedFileError, match="cut off"):
        hippocampus.decode(tar_of(torn))


@pytest.mark.parametrize("name", ["../hippocampus_003.nii.gz", "/imagesTr/hippocampus_003.nii.gz",
                                  "C:\\imagesTr\\hippocampus_003.nii.gz"])
def test_tar_archive_that_climbs_out_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(data.DamagedFileError, match="outside its folder"):
        hippocampus.decode(tar_of([("imagesTr/hippocampus_001.nii.gz", b"1"), (name, b"2")]))
    assert list(tmp_path.iterdir()) == []


def test_tar_archive_that_is_cut_off_or_none_is_refused():
    whole = tar_of(brain_members())
    for payload in (b"", b"no archive", whole[:5000], whole[: len(whole) // 2 + 100]):
        with pytest.raises(data.DamagedFileError):
            hippocampus.decode(payload)


def test_links_in_a_tar_archive_are_not_followed():
    linked = tar_of([("imagesTr/hippocampus_001.nii.gz", b"")], tarfile.SYMTYPE)
    assert files.read_tar(linked, hippocampus.MEMBER, 10) == {}


def test_members_that_are_or_unpack_to_too_much_are_refused(tmp_path):
    payload = tar_of([("imagesTr/hippocampus_001.nii.gz", b"0" * 2_000_001)])
    with pytest.raises(data.DamagedFileError, match="more than"):
        hippocampus.decode(payload)
    with pytest.raises(data.DamagedFileError, match="unpacks to more than"):
        files.gunzip(gzip.compress(b"0" * 2_000_001), 2_000_000)
    (tmp_path / "Image_01L.jpg").write_bytes(b"0" * 5_000_001)
    with pytest.raises(data.DamagedFileError, match="more than"):
        retinal_vessels.decode_folder(tmp_path)


def picture(mode: str, seed: int, size: tuple[int, int] = (999, 960)) -> bytes:
    from PIL import Image

    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (30, 31, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    image = Image.fromarray(coarse).resize(size).convert(mode)
    image.save(buffer, "PNG" if mode == "1" else "JPEG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def eyes():
    made = {kind: [picture("1" if kind.endswith("png") else "RGB", seed + 10 * row)
                   for seed in range(3)] for row, kind in enumerate(retinal_vessels.KINDS)}
    return [(f"Image_{child:02}{side}{kind}", made[kind][child % 3])
            for child in range(1, 15) for side in "LR" for kind in retinal_vessels.KINDS]


def pin_eyes(monkeypatch, members):
    import hashlib

    photographs = [content for name, content in members if name.endswith(".jpg")]
    masks = [retinal_vessels._picture(c, "1") for name, c in members if name.endswith(".png")]
    digest = hashlib.sha256(b"".join(photographs)).hexdigest()
    monkeypatch.setattr(retinal_vessels, "SHA256_OF_PHOTOGRAPHS", digest)
    monkeypatch.setattr(retinal_vessels, "SHA256_OF_MASKS", files.sha256_of_arrays(*masks))


def test_photographs_come_alike_from_archive_and_folder(monkeypatch, tmp_path, eyes):
    pin_eyes(monkeypatch, eyes)
    packed = retinal_vessels.decode(archive(eyes))
    for name, content in eyes:
        (tmp_path / name).write_bytes(content)
    unpacked = retinal_vessels.decode_folder(tmp_path)
    np.testing.assert_array_equal(packed.x, unpacked.x)
    np.testing.assert_array_equal(packed.y, unpacked.y)
    assert packed.x.shape == (28, 480, 500, 3) and packed.y.shape == (28, 480, 500, 2)
    assert packed.patient.tolist() == sorted([*range(1, 15)] * 2)
    assert (packed.split[0::2] == packed.split[1::2]).all()
    first = retinal_vessels._picture(dict(eyes)["Image_01L_1stHO.png"], "1")
    assert packed.y[0, 0, 0, 0] == (first[:2, :2].mean() >= 0.5)
    assert packed.y[0, 5, 499, 0] == (first[10:12, 998].mean() >= 0.5)


def test_other_pictures_than_the_pinned_ones_are_refused(monkeypatch, eyes):
    pin_eyes(monkeypatch, eyes)
    members = dict(eyes)
    with pytest.raises(data.DamagedFileError, match="lacks 'Image_14R"):
        retinal_vessels.decode(archive(eyes[:-3]))
    for name, content, said in (
        ("Image_03L.jpg", picture("RGB", 77), "other photographs"),
        ("Image_03L_2ndHO.png", picture("1", 77), "other masks"),
        ("Image_03L_2ndHO.png", picture("1", 77, (500, 480)), "a picture of"),
        ("Image_03L_2ndHO.png", b"no picture", "cannot be read"),
    ):
        with pytest.raises(data.DamagedFileError, match=said):
            retinal_vessels.decode(archive([*(members | {name: content}).items()]))
    with pytest.raises(data.DamagedFileError, match="outside its folder"):
        retinal_vessels.decode(archive([*eyes, ("../Image_01L.jpg", b"1")]))
