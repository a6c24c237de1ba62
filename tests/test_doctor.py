"""The doctor finds what is well and what is not, and says what to do."""

import sys

import pytest

from medlearn import doctor


def test_this_installation_is_healthy(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDLEARN_CACHE", str(tmp_path))
    monkeypatch.setattr(doctor, "MEMORY_NEEDED_GIB", 0)  # other tests may hold memory meanwhile
    findings = list(doctor.examine())
    assert [f for f in findings if not f.ok] == []
    assert [f.name for f in findings] == [
        "Python", "settings", "packages", "memory", "cores", "data folder", "Jupyter kernel", "TensorFlow",
    ]  # fmt: skip
    assert all(str(f).startswith("ok  ") for f in findings)


def test_old_python(monkeypatch):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 0))
    finding = doctor.python_version()
    assert not finding.ok
    assert "3.12" in finding.text
    assert str(finding).startswith("MEND")


def test_missing_package(monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", ["numpy", "no-such-package"])
    finding = doctor.packages()
    assert not finding.ok
    assert "no-such-package" in finding.text and "uv sync" in finding.text


def test_package_that_cannot_be_imported_is_told_not_raised(monkeypatch):
    monkeypatch.setitem(sys.modules, "psutil", None)
    (finding,) = doctor.examine([doctor.memory])
    assert not finding.ok
    assert "psutil" in finding.text and "uv sync" in finding.text


def test_little_memory(monkeypatch):
    monkeypatch.setattr(doctor, "MEMORY_NEEDED_GIB", 1e6)
    finding = doctor.memory()
    assert not finding.ok
    assert "close other programs" in finding.text


def test_full_disk(monkeypatch, tmp_path):
    monkeypatch.setenv("MEDLEARN_CACHE", str(tmp_path))
    monkeypatch.setattr(doctor, "DISK_NEEDED_MIB", 1e12)
    assert not doctor.cache().ok


def test_unwritable_cache_says_which_variable_to_set(monkeypatch, tmp_path):
    occupied = tmp_path / "file"
    occupied.write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("MEDLEARN_CACHE", str(occupied / "cache"))
    finding = doctor.cache()
    assert not finding.ok
    assert "MEDLEARN_CACHE" in finding.text


def test_home_is_not_named(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("MEDLEARN_CACHE", str(tmp_path / "cache"))
    finding = doctor.cache()
    assert finding.ok
    assert str(tmp_path) not in finding.text and "~" in finding.text


@pytest.mark.parametrize(
    ("code", "said"), [("raise SystemError('broken build')", "broken build"), ("exit(3)", "code 3")]
)
def test_broken_tensorflow_is_told_not_raised(monkeypatch, code, said):
    monkeypatch.setattr(doctor, "TRAIN_ONE_STEP", code)
    finding = doctor.tensorflow()
    assert not finding.ok
    assert said in finding.text and "reinstall" in finding.text


def test_kernel_that_does_not_start(monkeypatch):
    from jupyter_client import manager

    def refuses(**_):
        raise RuntimeError("kernel died")

    monkeypatch.setattr(manager, "start_new_kernel", refuses)
    finding = doctor.kernel()
    assert not finding.ok
    assert "kernel died" in finding.text and "ipykernel install" in finding.text


def test_command_ends_with_an_error_code_where_something_is_wrong(monkeypatch, capsys):
    from medlearn import cli

    monkeypatch.setattr(doctor, "CHECKS", [doctor.python_version])
    assert cli.main(["doctor"]) == 0
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 0))
    assert cli.main(["doctor"]) == 1
    assert "MEND" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("variable", "value", "advice"),
    [
        ("MEDLEARN_SEED", "abc", "whole number"),
        ("MEDLEARN_SOURCE", "bogus", "standin"),
        ("MEDLEARN_MIRROR", "/no/such/folder", "correct or unset"),
        ("KERAS_BACKEND", "jax", "unset"),
    ],
)
def test_mistyped_variable_is_named_and_tensorflow_is_not_blamed(
    monkeypatch, variable, value, advice
):
    monkeypatch.setenv(variable, value)
    finding = doctor.settings()
    assert not finding.ok
    assert variable in finding.text and advice in finding.text
    blamed = doctor.tensorflow()
    assert not blamed.ok
    assert "settings" in blamed.text and "reinstall" not in blamed.text
