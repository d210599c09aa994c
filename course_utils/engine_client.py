"""Asking llama.cpp's engine directly: token ids in, token ids out, with an end at once when nobody waits any more.

The engine's own ``/completion`` is used, not OpenAI's endpoints: it takes token ids, so that the course's tokenizer
and chat template decide what the model reads, and it gives the ids back.
"""

from __future__ import annotations

import http.client
import json
import selectors
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

# Seconds between two looks at a silent engine. On Windows only such a look lets Ctrl-C in.
_LOOK = 0.2


class EngineLost(ConnectionError):
    """The engine does not answer: its process has ended or ends."""


class EngineRefusal(ValueError):
    """The engine says no to a request; the text is its own."""


@dataclass(frozen=True)
class Piece:
    """What came at once while an answer grows: the text, and its token ids where they are known.

    Bytes that are no whole letter yet are held back by the engine; of the tokens that come together afterwards it
    names only the last, and then ``tokens`` is None.
    """

    text: str
    tokens: list[int] | None


class EngineClient:
    """One engine at ``url`` that answers to ``key``. An interrupted call closes its connection; the engine then stops
    computing that answer.
    """

    def __init__(self, url: str, key: str) -> None:
        self._address = urlsplit(url).netloc
        self._key = key

    def complete(self, request: dict[str, Any]) -> list[int]:
        """All tokens of one answer, the end token included.

        Raises:
            EngineLost: no engine, or it went away.
            EngineRefusal: the request is not one that it takes.
        """
        with self._answer_to({**request, "stream": False}) as answer:
            return json.loads(answer.read())["tokens"]

    def pieces(self, request: dict[str, Any]) -> Iterator[Piece]:
        """The same answer piece by piece, as it is made. Closing the iterator ends the computation.

        Raises:
            EngineLost, EngineRefusal: as ``complete``.
        """
        with self._answer_to({**request, "stream": True}) as answer:
            yield from _pieces(answer)

    @contextmanager
    def _answer_to(self, request: dict[str, Any]) -> Iterator[http.client.HTTPResponse]:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(self._address)
        try:
            connection.request("POST", "/completion", json.dumps(request), headers)
            _await_answer(connection.sock)
            with connection.getresponse() as answer:
                if answer.status != http.client.OK:
                    raise EngineRefusal(_reason(answer.read()))
                yield answer
        except EngineLost:
            raise
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            raise EngineLost(str(error)) from error
        finally:
            connection.close()


def _await_answer(sock: socket.socket) -> None:
    # Not select.select(): it fails in a kernel that holds more than 1,023 open files.
    with selectors.DefaultSelector() as looking:
        looking.register(sock, selectors.EVENT_READ)
        while not looking.select(_LOOK):
            pass


def _pieces(answer: http.client.HTTPResponse) -> Iterator[Piece]:
    seen = 0
    for line in answer:
        if not line.startswith(b"data:"):
            continue
        event = json.loads(line[len(b"data:") :])
        if "error" in event:
            raise EngineLost(event["error"].get("message", ""))
        count = event["tokens_predicted"]
        if event["stop"]:
            if count > seen:  # the answer ends within a letter; decoding its bytes shows this sign, too
                yield Piece("\ufffd", None)
            return
        yield Piece(event["content"], event["tokens"] if count == seen + len(event["tokens"]) else None)
        seen = count
    raise EngineLost("the answer broke off")


def _reason(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return body[:200].decode("utf-8", "replace")
