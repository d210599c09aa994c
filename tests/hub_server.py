"""A Hub on this machine: the few requests that huggingface_hub makes, answered over HTTP.

``owner/...`` repositories are one folder; ``gated/...`` lists its files and refuses them; others are not found.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Pace:
    """A slow line: weights come in pieces of ``piece`` bytes with ``pause`` seconds in between.

    ``stall_after``: so many bytes of a file come, and then nothing more. A test may change it while files are
    served, and may look at ``sent``: the bytes that went out so slowly.
    """

    piece: int = 1 << 14
    pause: float = 0.0
    stall_after: int | None = None
    sent: int = 0


def _make_handler(folder: Path, requests: list[str], breaks: list[int], pace: Pace) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        _offset = 0  # where in the file the answer begins

        def log_message(self, *arguments: object) -> None:
            pass

        def _send(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self._slowly(body)

        def _slowly(self, body: bytes) -> None:
            if not pace.pause or self._offset + len(body) <= pace.piece:
                self.wfile.write(body)
                return
            for start in range(0, len(body), pace.piece):
                if pace.stall_after is not None and self._offset + start >= pace.stall_after:
                    _sleep_while(lambda: pace.stall_after is not None)
                    self.close_connection = True
                    return
                with suppress(OSError):  # nobody listens any more
                    self.wfile.write(body[start : start + pace.piece])
                    pace.sent += pace.piece
                time.sleep(pace.pause)

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            requests.append(f"{self.command} {self.path}")
            parts = self.path.split("?")[0].strip("/").split("/")
            api = parts[:2] == ["api", "models"]
            owner = parts[2] if api else parts[0]
            if owner not in ("owner", "gated"):
                self._send(404, b"{}", X_Error_Code="RepoNotFound")
            elif api:
                self._send(200, json.dumps(self._listing(parts)).encode(), Content_Type="application/json")
            elif owner == "gated":
                self._send(403, b"{}", X_Error_Code="GatedRepo")
            else:
                self._file("/".join(parts[4:]))

        def _listing(self, parts: list[str]) -> object:
            files = sorted(folder.iterdir())
            if "tree" in parts:
                return [
                    {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": _etag(file)}
                    for file in files
                ]
            siblings = [{"rfilename": file.name, "size": file.stat().st_size} for file in files]
            return {"id": "/".join(parts[2:4]), "sha": COMMIT, "siblings": siblings, "private": False}

        def _file(self, name: str) -> None:
            file = folder / name
            if not file.exists():
                self._send(404, b"{}", X_Error_Code="EntryNotFound", X_Repo_Commit=COMMIT)
                return
            body, headers = file.read_bytes(), {"ETag": f'"{_etag(file)}"', "X_Repo_Commit": COMMIT}
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if asked:
                start = self._offset = int(asked[1])
                requests.append(f"RANGE {start}")
                headers["Content_Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                self._send(206, body[start:], **headers)
            elif breaks and self.command == "GET" and len(body) > breaks[0]:
                self._break_off(body, breaks.pop(), headers)
            else:
                self._send(200, body, **headers)

        def _break_off(self, body: bytes, after: int, headers: dict[str, str]) -> None:
            """The line goes dead: fewer bytes than promised."""
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.wfile.write(f"{name.replace('_', '-')}: {value}\r\n".encode())
            self.wfile.write(b"\r\n" + body[:after])
            self.close_connection = True

    return Handler


def _sleep_while(stalled: Callable[[], bool], most: float = 30.0) -> None:
    until = time.monotonic() + most
    while stalled() and time.monotonic() < until:
        time.sleep(0.05)


def _etag(file: Path) -> str:
    return hashlib.sha1(file.read_bytes()).hexdigest()


@contextmanager
def local_hub(
    folder: Path, break_after: int | None = None, port: int = 0, pace: Pace | None = None
) -> Iterator[tuple[str, list[str]]]:
    """Serve ``folder`` as every ``owner/...`` model; gives the address and the growing list of requests.

    ``break_after``: the first file of more bytes than that breaks off there, once. ``port`` 0: any free one.
    """
    requests: list[str] = []
    breaks = [] if break_after is None else [break_after]
    server = ThreadingHTTPServer(("127.0.0.1", port), _make_handler(folder, requests, breaks, pace or Pace()))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
    finally:
        if pace:
            pace.stall_after = None
        server.shutdown()
        server.server_close()
        thread.join()
