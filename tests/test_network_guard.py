"""The guard under which notebooks run as tests refuses every connection beyond this machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

GUARD = Path(__file__).parent / "network_guard"


def run(code):
    environment = {**os.environ, "PYTHONPATH": str(GUARD)}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80), timeout=2)",
        "import socket; socket.socket().connect_ex(('192.0.2.1', 80))",
        "import socket; socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))",
        "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "import urllib.request; urllib.request.urlopen('https://example.org', timeout=2)",
        "import requests; requests.get('https://example.org', timeout=2)",
    ],
)
def test_refused(code):
    result = run(code)
    assert result.returncode != 0
    assert "the network is blocked in tests" in result.stderr


def test_loopback_is_open():
    result = run(
        "import socket; server = socket.create_server(('127.0.0.1', 0)); "
        "socket.create_connection(server.getsockname()); "
        "socket.create_connection(('localhost', server.getsockname()[1]))"
    )
    assert result.returncode == 0, result.stderr


def test_kernels_inherit_the_guard():
    assert str(GUARD) in os.environ["PYTHONPATH"].split(os.pathsep)
