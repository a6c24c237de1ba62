"""A server on this machine that fails on request, and the files that it serves."""

from __future__ import annotations

import hashlib
import io
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from medlearn.data.recipes import RemoteFile


def image_file(
    extra: dict[str, np.ndarray] | None = None, counts: tuple[int, int, int] = (200, 40, 50)
) -> bytes:
    """Write an .npz in the form of PneumoniaMNIST, incompressible, about 230 kB."""
    rng = np.random.default_rng(0)
    arrays = {}
    for part, count in zip(("train", "val", "test"), counts, strict=True):
        arrays[f"{part}_images"] = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        arrays[f"{part}_labels"] = rng.integers(0, 2, (count, 1), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **(arrays | (extra or {})))
    return buffer.getvalue()


def remote_file(url: str, body: bytes) -> RemoteFile:
    return RemoteFile(
        url=url,
        filename="images.npz",
        megabytes=0.2,
        sha256=hashlib.sha256(body).hexdigest(),
        mirror_paths=("medmnist/images.npz",),
    )


class Server:
    """Serves one body; `script` says how each request in turn is answered, the last for good."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.script: list[Callable[[BaseHTTPRequestHandler, bytes], None]] = [whole]
        self.ranges: list[str | None] = []
        self.released = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                turn = len(server.ranges)
                server.ranges.append(self.headers.get("Range"))
                self.released = server.released
                answer = server.script[min(turn, len(server.script) - 1)]
                try:
                    answer(self, server.body)
                except ConnectionError:
                    pass

            def log_message(self, *arguments: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}/images.npz"

    def close(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def _head(handler, status: int, length: int | None, **headers: str) -> None:
    handler.send_response(status)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


def whole(handler, body: bytes) -> None:
    """Send all, or from where the Range begins."""
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    if not asked:
        _head(handler, 200, len(body))
        handler.wfile.write(body)
        return
    start = int(asked[1])
    if start >= len(body):
        _head(handler, 416, 0)
        return
    _head(handler, 206, len(body) - start,
          Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}")
    handler.wfile.write(body[start:])


def ignoring_range(handler, body: bytes) -> None:
    _head(handler, 200, len(body))
    handler.wfile.write(body)


def cut(handler, body: bytes) -> None:
    """Promise all, send half, hang up."""
    _head(handler, 200, len(body))
    handler.wfile.write(body[: len(body) // 2])


def short_without_length(handler, body: bytes) -> None:
    """Send half and end as if that were all."""
    _head(handler, 200, None)
    handler.wfile.write(body[: len(body) // 2])


def altered(handler, body: bytes) -> None:
    _head(handler, 200, len(body))
    handler.wfile.write(bytes([body[0] ^ 1]) + body[1:])


def stalled(handler, body: bytes) -> None:
    """Send half and keep the line open without a word."""
    cut(handler, body)
    handler.wfile.flush()
    handler.released.wait(20)


def silent(handler, body: bytes) -> None:
    handler.released.wait(20)


def slow(handler, body: bytes) -> None:
    """Send all within about a second."""
    _head(handler, 200, len(body))
    for first in range(0, len(body), len(body) // 10):
        handler.wfile.write(body[first : first + len(body) // 10])
        handler.wfile.flush()
        time.sleep(0.1)


def wrong_place(handler, body: bytes) -> None:
    """Answer a Range with a part that begins elsewhere."""
    _head(handler, 206, len(body), Content_Range=f"bytes 0-{len(body) - 1}/{len(body)}")
    handler.wfile.write(body)


def status(code: int, **headers: str):
    return lambda handler, body: _head(handler, code, 0, **headers)
