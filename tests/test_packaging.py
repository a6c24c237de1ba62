"""One truth about versions: pyproject.toml, uv.lock, environment.yml, postBuild, README agree."""

import importlib.util
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

import medlearn

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
GIVEN = {"jupyterlab", "tensorflow", "matplotlib", "nbval", "ipywidgets", "seaborn"}


def _script():
    spec = importlib.util.spec_from_file_location(
        "write_environment", ROOT / ".ci" / "write_environment.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _locked():
    versions = {}
    for package in LOCK["package"]:
        versions.setdefault(package["name"], set()).add(package.get("version"))
    return versions


def _conda():
    return [line for line in ENVIRONMENT["dependencies"] if isinstance(line, str)]


def _pip():
    return next(d["pip"] for d in ENVIRONMENT["dependencies"] if isinstance(d, dict))


def test_lock_is_up_to_date_with_pyproject():
    run = subprocess.run(
        [os.environ.get("UV", "uv"), "lock", "--check", "--offline"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, f"run: uv lock\n{run.stderr}"


def test_lock_serves_every_python_and_system_that_is_promised():
    assert SpecifierSet(PROJECT["requires-python"]) == SpecifierSet(LOCK["requires-python"])
    for version in ("3.11.0", "3.12.0", "3.13.0"):
        assert Version(version) in SpecifierSet(LOCK["requires-python"])
    markers = " ".join(LOCK["supported-markers"])
    assert all(name in markers for name in ("linux", "darwin", "win32"))
    tensorflow = next(p for p in LOCK["package"] if p["name"] == "tensorflow")
    wheels = " ".join(wheel["url"] for wheel in tensorflow["wheels"])
    for python in ("cp311", "cp312", "cp313"):
        for system in ("manylinux", "macosx", "win_amd64"):
            assert any(
                python in url and system in url for url in wheels.split()
            ), (python, system)


def test_given_packages_are_declared_with_ranges_and_locked_within_them():
    requirements = {r.name: r for r in map(Requirement, PROJECT["dependencies"])}
    assert GIVEN <= set(requirements)
    for name, requirement in requirements.items():
        assert str(requirement.specifier), f"{name}: give a range"
        assert not any(s.operator == "==" for s in requirement.specifier), f"{name}: no exact pin"
        assert all(Version(v) in requirement.specifier for v in _locked()[name])


# The retired gym comes with icu-sepsis; tests/rl/test_import.py holds that it is never imported.
@pytest.mark.parametrize("name", ["torch", "tensorflow-cpu", "medmnist"])
def test_nothing_heavy_or_dead_came_in(name):
    assert name not in _locked()


def test_environment_is_what_the_lock_says():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert text == _script().environment(), "run: uv run .ci/write_environment.py"


def test_environment_takes_python_and_pip_alone_from_conda():
    names = [line.partition("=")[0] for line in _conda()]
    assert names == ["python", "pip"]
    python = _conda()[0].partition("=")[2]
    assert Version(f"{python}.0") in SpecifierSet(PROJECT["requires-python"])
    assert _pip()[-1] == "--editable ."


def test_environment_pins_every_given_package_exactly_as_locked():
    pins = {r.name: r.specifier for r in map(Requirement, _pip()[:-1])}
    assert GIVEN <= set(pins)
    for name, specifier in pins.items():
        (pin,) = specifier
        assert pin.operator == "=="
        assert pin.version in _locked()[name]


def test_environment_satisfies_the_declared_ranges():
    pins = {r.name: next(iter(r.specifier)).version for r in map(Requirement, _pip()[:-1])}
    for requirement in map(Requirement, PROJECT["dependencies"]):
        assert Version(pins[requirement.name]) in requirement.specifier


def test_binder_accepts_and_renders_the_repository(monkeypatch):
    from repo2docker.app import Repo2Docker

    monkeypatch.chdir(ROOT)
    application = Repo2Docker()
    packs = [kind(application.base_image) for kind in application.buildpacks]
    chosen = next(pack for pack in packs if pack.detect())
    assert type(chosen).__name__ == "CondaBuildPack"
    assert chosen.python_version == _conda()[0].partition("=")[2]
    chosen.platform = "linux/amd64"
    recipe = chosen.render({"NB_UID": "1000", "NB_USER": "learner"})
    assert "environment.yml" in recipe
    assert "./postBuild" in recipe


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no executable bit")
def test_post_build_can_be_executed_and_calls_the_package():
    script = ROOT / "postBuild"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").startswith("#!/bin/bash\n")
    assert "medlearn fetch --small" in script.read_text(encoding="utf-8")


def test_stated_versions_agree():
    assert medlearn.__version__ == PROJECT["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"]


def test_readme_first_screen_gives_the_two_commands():
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:40]
    assert "pip install uv && uv run medlearn lab" in first_screen
    assert "pip install uv && uv run pytest" in first_screen


def test_import_is_light():
    code = (
        "import sys, time; start = time.perf_counter(); import medlearn; "
        "took = time.perf_counter() - start; "
        "heavy = {'tensorflow', 'keras', 'matplotlib', 'numpy', 'IPython'} & set(sys.modules); "
        "print(took, heavy)"
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=True,
    )
    seconds, heavy = run.stdout.strip().split(" ", 1)
    assert heavy == "set()"
    assert float(seconds) < 0.2


@pytest.mark.parametrize("name", ["data", "scratch", "metrics"])
def test_lower_layers_know_neither_keras_nor_what_stands_above(name):
    code = f"import sys, medlearn.{name}; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert not {"tensorflow", "keras", "matplotlib"} & loaded
    above = {"data", "scratch", "metrics", "exercises", "plots", "widgets", "cli"} - {name}
    assert not {f"medlearn.{other}" for other in above} & loaded
