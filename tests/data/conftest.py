"""A cache of one's own for every test, and data that come from a local server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from medlearn.data import registry
from medlearn.data.download import Patience
from medlearn.data.recipes import Downloaded

from .faulty_server import Server, image_file, remote_file

QUICK = Patience(
    attempts=3, attempts_offline=2, connect_timeout=2, read_timeout=0.4, first_wait=0.02
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Point the cache to an empty folder that does not exist yet; no mirror, no source."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("MEDLEARN_CACHE", str(cache))
    monkeypatch.delenv("MEDLEARN_MIRROR", raising=False)
    monkeypatch.delenv("MEDLEARN_SOURCE", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return cache


@pytest.fixture(scope="session")
def body() -> bytes:
    return image_file()


@pytest.fixture
def server(body):
    running = Server(body)
    yield running
    running.close()


@pytest.fixture
def served(server, body, monkeypatch):
    """Let the radiographs come from the local server, and be impatient; leave out the others."""
    for name, recipe in list(registry.REGISTRY.items()):
        if isinstance(recipe, Downloaded) and name not in ("kidney_disease", "pneumonia_xray"):
            monkeypatch.delitem(registry.REGISTRY, name)
    recipe = replace(registry.REGISTRY["pneumonia_xray"], remote=remote_file(server.url, body))
    monkeypatch.setitem(registry.REGISTRY, "pneumonia_xray", recipe)
    monkeypatch.setattr(registry, "PATIENCE", QUICK)
    return server
