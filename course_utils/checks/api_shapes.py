"""Answers of a chat API as JSON data in OpenAI's shape, from the few values that an exercise's case names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

# One choice: its text and why it ended.
Choice = Sequence[str | None]
# An answer with this header counts as not having come in time: the clients of ``stand_ins_api`` give up at once.
LATE = "X-Late"


def completion(choices: Sequence[Choice], usage: Sequence[int | None] | None = None, model: str = "mini") -> dict:
    """A chat completion with ``choices``, and ``usage`` as ``usage_of`` takes it."""
    made = [
        {
            "index": place,
            "message": {"role": "assistant", "content": content, "refusal": None},
            "logprobs": None,
            "finish_reason": reason,
        }
        for place, (content, reason) in enumerate(choices)
    ]
    head = {"id": "chatcmpl-made", "object": "chat.completion", "created": 0, "model": model}
    return {**head, "choices": made, "usage": usage_of(*usage) if usage else None}


def usage_of(read: int, written: int, cached: int | None = None, thought: int | None = None) -> dict[str, Any]:
    """Tokens read and written; ``cached`` of those read, ``thought`` of those written. None: the server is silent."""
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": None if cached is None else {"cached_tokens": cached},
        "completion_tokens_details": None if thought is None else {"reasoning_tokens": thought},
    }


def stream(pieces: Sequence[Any], reason: str | None, tokens: int | None) -> Iterator[dict[str, Any]]:
    """The chunks of a stream: one for each piece ("" and None are sent too), then the end, then the usage.

    A piece that is an empty list is a chunk without choices. ``reason`` None: the end is missing; ``tokens`` None:
    no usage was asked for.
    """
    head = {"id": "chatcmpl-made", "object": "chat.completion.chunk", "created": 0, "model": "mini"}

    def chunk(delta: dict[str, Any], end: str | None = None) -> dict[str, Any]:
        return {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}]}

    yield chunk({"role": "assistant", "content": None})
    for piece in pieces:
        yield {**head, "choices": []} if piece == [] else chunk({"content": piece})
    if reason:
        yield chunk({}, reason)
    if tokens is not None:
        yield {**head, "choices": [], "usage": usage_of(10, tokens)}


def logprobs(places: Sequence[Sequence[tuple[str, float]]]) -> dict[str, Any]:
    """``choice.logprobs``: for each place its candidates (token, log probability), of which the first was written."""
    content = []
    for candidates in places:
        top = [{"token": token, "logprob": value, "bytes": list(token.encode())} for token, value in candidates]
        content.append({**top[0], "top_logprobs": top})
    return {"content": content, "refusal": None}
