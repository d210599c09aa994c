"""Errors of the local server in OpenAI's shape: ``{"error": {"message", "type", "param", "code"}}``.

``code`` is a string or null. Messages are English, as OpenAI's are; ``course_utils.api_errors`` explains them.
"""

from __future__ import annotations

import json
from typing import Any


class Refusal(Exception):
    """An answer that is an error: HTTP ``status``, the four fields of OpenAI's error object, more headers."""

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def bad_value(message: str, param: str, code: str = "invalid_value") -> Refusal:
    """400 for the value of one argument."""
    return Refusal(400, message, code, param)


def busy(computed: int, waiting: int, seconds: int) -> Refusal:
    """429: too many requests are computed and waiting; worth another try after ``seconds``."""
    message = (
        f"The server is busy: {computed} requests are being computed and {waiting} are waiting. "
        f"Please try again in {seconds}s."
    )
    return Refusal(429, message, "rate_limit_exceeded", None, "requests", {"Retry-After": str(seconds)})


def engine_lost() -> Refusal:
    """502: the engine broke off."""
    return Refusal(
        502, "The model broke off while it was answering. Please try again.", "engine_error", None, "server_error"
    )


def engine_silent(seconds: float) -> Refusal:
    """503: the engine said nothing for ``seconds``."""
    message = f"The model did not answer within {seconds:.0f}s. Please try again later."
    return Refusal(503, message, "engine_timeout", None, "server_error")


def from_engine(status: int, raw: bytes, param: str) -> Refusal:
    """llama.cpp's error in OpenAI's shape; ``param`` is the argument that holds the prompt."""
    try:
        error: dict[str, Any] = json.loads(raw)["error"]
        message, kind = str(error["message"]), error.get("type")
    except (ValueError, KeyError, TypeError):
        return engine_lost()
    if kind == "exceed_context_size_error":
        message = (
            f"This model's maximum context length is {error.get('n_ctx')} tokens. However, your request resulted in "
            f"{error.get('n_prompt_tokens')} tokens. Please shorten it."
        )
        return Refusal(400, message, "context_length_exceeded", param)
    if 400 <= status < 500:
        return Refusal(400, message, "invalid_value")
    return Refusal(503 if status == 503 else 500, message, "engine_error", None, "server_error")
