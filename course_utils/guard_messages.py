"""Checks of a conversation, as ``messages`` (Chat Completions) and as ``input`` (Responses)."""

from __future__ import annotations

from typing import Any

from course_utils.guard_errors import bad_value
from course_utils.guard_values import missing, wrong_type

_ROLES = ("system", "developer", "user", "assistant")
_TEXT_PARTS = ("text", "input_text", "output_text")
# What an answer of the API holds besides its text; it comes back when a program appends the answer to its messages.
_CHAT_KEYS = {"role", "content", "name", "reasoning_content"}
_CHAT_NULLS = {"refusal", "audio", "annotations", "function_call", "tool_calls"}
_INPUT_KEYS = {"role", "content", "type", "id", "status", "phase"}


def messages(value: Any, name: str) -> list[dict[str, str]]:
    """A conversation as the engine takes it: role and text. ``developer`` is the newer name of ``system``."""
    if not isinstance(value, list):
        raise wrong_type(name, "an array of objects", value)
    if not value:
        raise bad_value(f"Invalid '{name}': empty array. Expected at least one message.", name, "empty_array")
    return [_message(each, f"{name}[{place}]", _CHAT_KEYS) for place, each in enumerate(value)]


def response_input(value: Any, name: str) -> str | list[dict[str, Any]]:
    """The ``input`` of the Responses API: a text or a conversation."""
    if isinstance(value, str):
        if not value:
            raise bad_value(f"Invalid '{name}': empty string.", name, "empty_string")
        return value
    if not isinstance(value, list):
        raise wrong_type(name, "a string or an array of objects", value)
    if not value:
        raise bad_value(f"Invalid '{name}': empty array. Expected at least one message.", name, "empty_array")
    return [_input_item(each, f"{name}[{place}]") for place, each in enumerate(value)]


def _input_item(value: Any, where: str) -> dict[str, Any]:
    if isinstance(value, dict) and value.get("type", "message") != "message":
        raise bad_value(f"Invalid '{where}.type': this server takes messages only.", f"{where}.type")
    message = _message(value, where, _INPUT_KEYS)
    kind = "output_text" if message["role"] == "assistant" else "input_text"
    return {"type": "message", "role": message["role"], "content": [{"type": kind, "text": message["content"]}]}


def _message(value: Any, where: str, known: set[str]) -> dict[str, str]:
    if not isinstance(value, dict):
        raise wrong_type(where, "an object", value)
    role = _role(value.get("role"), f"{where}.role")
    for key in value:
        if key in _CHAT_NULLS and not value[key]:
            continue
        if key in _CHAT_NULLS:
            raise bad_value(
                f"'{where}.{key}' is not supported by this server.", f"{where}.{key}", "unsupported_parameter"
            )
        if key not in known:
            raise bad_value(f"Unknown parameter: '{where}.{key}'.", f"{where}.{key}", "unknown_parameter")
    return {"role": role, "content": _content(value.get("content"), f"{where}.content")}


def _role(role: Any, name: str) -> str:
    if role is None:
        raise missing(name)
    if role in ("tool", "function"):
        raise bad_value(f"Invalid '{name}': this server has no tools, so the role '{role}' cannot be used.", name)
    if role not in _ROLES:
        wanted = ", ".join(f"'{each}'" for each in _ROLES)
        raise bad_value(f"Invalid value for '{name}'. Supported values are: {wanted}.", name)
    return "system" if role == "developer" else role


def _content(content: Any, name: str) -> str:
    if content is None:
        raise missing(name)
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise wrong_type(name, "a string or an array of text parts", content)
    if not content:
        raise bad_value(f"Invalid '{name}': empty array.", name, "empty_array")
    return "\n".join(_part(each, f"{name}[{place}]") for place, each in enumerate(content))


def _part(part: Any, where: str) -> str:
    if not isinstance(part, dict):
        raise wrong_type(where, "an object", part)
    if part.get("type") not in _TEXT_PARTS:
        raise bad_value(f"Invalid content in '{where}': this model reads text only.", f"{where}.type")
    if not isinstance(part.get("text"), str):
        raise wrong_type(f"{where}.text", "a string", part.get("text"))
    return part["text"]
