"""The fault server's answers: errors in OpenAI's shape (in our own words), and one fixed good answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_INVALID = "invalid_request_error"
# Name -> status, message, type, param, code; the statuses, types and codes are those that OpenAI's API sends.
ERRORS: dict[str, tuple[int, str, str, str | None, str | None]] = {
    "busy": (429, "Rate limit reached for this model. Try again later.", "requests", None, "rate_limit_exceeded"),
    "quota": (429, "You exceeded your current quota.", "insufficient_quota", None, "insufficient_quota"),
    "server_error": (500, "The server had an error while processing the request.", "server_error", None, None),
    "overloaded": (503, "The model is overloaded with other requests.", "server_error", None, None),
    "wrong_key": (401, "Incorrect API key provided.", _INVALID, None, "invalid_api_key"),
    "forbidden": (403, "Your project does not have access to this model.", _INVALID, None, "model_not_found"),
    "no_model": (
        404,
        "The model `{model}` does not exist or you do not have access to it.",
        _INVALID,
        None,
        "model_not_found",
    ),
    "too_long": (
        400,
        "The messages are longer than this model's context.",
        _INVALID,
        "messages",
        "context_length_exceeded",
    ),
}
_NO_TEMPERATURE = (
    400,
    "Unsupported value: 'temperature' does not support {temperature} with this model. Only the default (1) is.",
    _INVALID,
    "temperature",
    "unsupported_value",
)
_WORDS = ["안녕하세요, ", "고객님. ", "문의하신 ", "내용은 ", "담당자가 ", "확인한 ", "뒤 ", "알려 ", "드리겠습니다."]


def error_body(name: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Status and body of the error ``name`` as the answer to ``request``."""
    status, message, kind, param, code = _NO_TEMPERATURE if name == "no_temperature" else ERRORS[name]
    values = {"model": request.get("model"), "temperature": request.get("temperature")}
    error = {"message": message.format(**values), "type": kind, "param": param, "code": code}
    return status, {"error": error}


def model_list(name: str) -> dict[str, Any]:
    """The answer to ``GET /v1/models``."""
    return {"object": "list", "data": [{"id": name, "object": "model", "created": 0, "owned_by": "course"}]}


def _usage(request: dict[str, Any]) -> dict[str, int]:
    """Counts of words, which stand for tokens here: no model reads or writes anything."""
    read = len(str(request.get("messages", "")).split())
    return {"prompt_tokens": read, "completion_tokens": len(_WORDS), "total_tokens": read + len(_WORDS)}


def fixed_answer(request: dict[str, Any]) -> dict[str, Any]:
    """A chat completion with the fixed sentence."""
    message = {"role": "assistant", "content": "".join(_WORDS), "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    head = {"id": "chatcmpl-fixed", "object": "chat.completion", "created": 0, "model": request.get("model")}
    return {**head, "choices": [choice], "usage": _usage(request)}


def fixed_events(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same answer as the events of a stream, word by word."""
    head = {"id": "chatcmpl-fixed", "object": "chat.completion.chunk", "created": 0, "model": request.get("model")}
    deltas = [{"role": "assistant", "content": ""}, *({"content": word} for word in _WORDS), {}]
    for delta in deltas:
        end = None if delta else "stop"
        yield {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}]}
    if (request.get("stream_options") or {}).get("include_usage"):
        yield {**head, "choices": [], "usage": _usage(request)}
