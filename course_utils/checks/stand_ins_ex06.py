"""Stand-ins of ex06: objects of the ``openai`` library, built from a few values, and notebooks with a made-up key."""

from __future__ import annotations

import random
import string
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from course_utils.checks import api_shapes

KEY_HERE = "{키}"


def choice(places: Sequence[Sequence[tuple[str, float]]] | None) -> Any:
    """A ``Choice`` with log probabilities, as ``api_shapes.logprobs`` takes them; None: they were not asked for."""
    from openai.types.chat import ChatCompletion

    data = api_shapes.completion([["".join(place[0][0] for place in places or []), "stop"]])
    if places is not None:
        data["choices"][0]["logprobs"] = api_shapes.logprobs(places)
    return ChatCompletion.model_validate(data).choices[0]


def usages(rows: Sequence[Sequence[int | None] | None]) -> list[Any]:
    """``CompletionUsage`` objects, each from the values that ``api_shapes.usage_of`` takes; None stays None."""
    from openai.types import CompletionUsage

    return [None if row is None else CompletionUsage.model_validate(api_shapes.usage_of(*row)) for row in rows]


class Stream:
    """Chunks one by one. Like ``openai.Stream`` it may be closed and stand in a ``with`` statement."""

    def __init__(self, chunks: Generator[Any, None, None]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._chunks)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """No chunk comes any more."""
        self._chunks.close()


def stream(pieces: Sequence[Any], reason: str | None = "stop", tokens: int | None = None, breaks: str = "") -> Stream:
    """A stream of ``ChatCompletionChunk`` objects, as ``api_shapes.stream`` describes it.

    ``breaks``: how it fails after the pieces, "network" (the HTTP library's error, as in a real lost connection) or
    "server" (an error that the server reports).
    """
    return Stream(_chunks(pieces, (None, None) if breaks else (reason, tokens), breaks))


def _chunks(pieces: Sequence[Any], end: tuple[str | None, int | None], breaks: str) -> Generator[Any, None, None]:
    from openai.types.chat import ChatCompletionChunk

    for data in api_shapes.stream(pieces, *end):
        yield ChatCompletionChunk.model_validate(data)
    if breaks:
        raise _broken(breaks)


def _broken(breaks: str) -> Exception:
    from course_utils.checks.stand_ins_api import http_library

    http = http_library()
    request = http.Request("POST", "http://127.0.0.1/v1/chat/completions")
    if breaks == "network":
        return http.RemoteProtocolError("peer closed connection", request=request)
    from openai import APIError

    return APIError("The server had an error.", request=request, body=None)


def notebook(cells: Sequence[dict[str, Any]], seed: int = 0) -> dict[str, Any]:
    """A notebook's JSON data with a made-up API key wherever ``KEY_HERE`` stands in the cells.

    The key is put together here: none is written in any file.
    """
    draw = random.Random(seed)
    letters = string.ascii_letters + string.digits
    key = "-".join(["sk", *(["proj"] if seed % 2 else []), "".join(draw.choices(letters, k=40))])
    empty = {"metadata": {}, "source": ""}
    return {"cells": [{**empty, **_filled(cell, key)} for cell in cells], "metadata": {}, "nbformat": 4}


def _filled(value: Any, key: str) -> Any:
    if isinstance(value, str):
        return value.replace(KEY_HERE, key)
    if isinstance(value, list):
        return [_filled(item, key) for item in value]
    return {name: _filled(item, key) for name, item in value.items()} if isinstance(value, dict) else value
