"""A program that talks to the API stand-in's socket by itself: no crash, no noise, bounded memory, a true record."""

import json
import logging
import socket
import sys
import time
import tracemalloc

import pytest

from course_utils.checks import watched_server
from course_utils.checks.watched_server import WatchedServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")


@pytest.fixture
def server(tmp_path):
    with WatchedServer([], (), tmp_path / "s") as opened:
        yield opened


def connected(server):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(5)
    client.connect(str(server.socket))
    return client


def request(server, body, path="/v1/chat/completions", length=None):
    length = len(body) if length is None else length
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {server.api_key}",
             "Content-Type: application/json", f"Content-Length: {length}"]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def status(server, body, path="/v1/chat/completions"):
    with connected(server) as client:
        client.sendall(request(server, body, path))
        return int(client.recv(200).split()[1])


ODD = [b"{", b"[]", b"5", b"[" * 100_000, b"1" * 100_000, b"\xff", b'{"messages": ' + b"[" * 5000 + b"]" * 5000 + b"}"]
PAUSES = [b'{"seconds": "x"}', b"{}", b"[]", b'{"seconds": ' + b"9" * 400 + b"}"]


def test_what_is_no_request_is_refused_and_the_next_one_is_answered(server, caplog):
    assert {status(server, body) for body in ODD} <= {200, 400}
    assert {status(server, body, "/waited") for body in PAUSES} == {400}
    assert status(server, b'{"model": "m", "messages": []}') == 200
    assert all(type(request["body"]) is dict for request in server.evidence()["requests"])
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_the_record_has_an_end(server, monkeypatch):
    monkeypatch.setattr(server, "_room", 100_000)
    body = json.dumps({"messages": "x" * 9_000}).encode()
    found = [status(server, body) for _ in range(14)]
    assert found == [200] * 11 + [503] * 3 and len(server.requests) == 11
    assert [status(server, b'{"seconds": 1}', "/waited") for _ in range(2)] == [503] * 2


def test_many_large_requests_at_once_are_not_kept(server):
    """The bodies of all but a few are thrown away as they come."""
    chunk, sent = b"x" * (1 << 16), 0
    clients = [connected(server) for _ in range(60)]
    for client in clients:
        client.sendall(request(server, b"", length=8 << 20))
        client.setblocking(False)
    tracemalloc.start()
    end = time.monotonic() + 8.0
    while sent < 300 << 20 and time.monotonic() < end:
        for client in clients:
            try:
                sent += client.send(chunk)
            except OSError:
                time.sleep(0.001)
    for client in clients:
        client.close()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 150 << 20 and peak < (watched_server._AT_ONCE * 8 + 60) << 20
    assert status(server, b'{"model": "m", "messages": []}') == 200
