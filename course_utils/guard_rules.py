"""OpenAI's rules for a request: which arguments there are, what they may be, and how llama.cpp takes them.

What differs from OpenAI, because llama.cpp computes it so:

- ``top_p`` 0 leaves the most probable token, as at OpenAI; lessons 04 and 05 call for a value above 0.
- ``frequency_penalty`` and ``presence_penalty`` count the last 64 tokens, the prompt's among them.
- ``n`` goes up to the number of slots. ``seed`` gives the same text again when nothing else is computed meanwhile.
- ``logprobs`` are those of the model itself, before temperature, penalties and top-p.
- ``logprobs=True`` without ``top_logprobs`` lists the chosen or most probable token in ``top_logprobs``.
- a request with ``max_completion_tokens`` beyond the context ends at the context's end (``finish_reason`` "length"),
  and at the server's own limit for one answer where it has one (a class server).
- the Responses API calls an answer "completed" also when ``max_output_tokens`` cut it, and its stream's events carry no
  indexes: ``responses.create(stream=True)`` works, the library's helper ``responses.stream()`` does not.
- a message's text is text: what looks like a mark of the chat template or a special token is defused
  (``template_marks``), since llama.cpp would read it as one. The raw ``prompt`` of ``/v1/completions`` stays as it is.

Arguments that the server cannot honour are refused by name; only book-keeping (``user``, ``metadata``) is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NoReturn
from unicodedata import combining, normalize

from course_utils.engine_settings import EngineSettings
from course_utils.guard_errors import Refusal, bad_value
from course_utils.guard_messages import messages, response_input
from course_utils.guard_values import (
    DROP,
    Check,
    flag,
    ignored,
    logit_bias,
    missing,
    number,
    one_of,
    refused,
    seed,
    stop,
    text,
    whole,
    wrong_type,
)
from course_utils.template_marks import without_marks

_MANY = 2**31 - 1
_MARKS_IN_A_ROW = 30  # Unicode's own bound for text in streams (UAX 15); no language comes near it


@dataclass(frozen=True)
class Order:
    """A checked request: what goes to the engine, how many slots it takes, and which argument holds the prompt."""

    body: dict[str, Any]
    places: int
    prompt: str


def parse(raw: bytes) -> dict[str, Any]:
    """The body of a request as a dictionary without nulls (an argument that is null was not given).

    Its texts are composed (Unicode NFC), as EXAONE's tokenizer does and llama.cpp does not: Hangul that was copied from
    a Mac's file name comes as single letters, which the model has never seen.
    """
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_no_number)
        plain = json.dumps(body, ensure_ascii=False)
        plain.encode("utf-8")  # half a letter ("\ud800") is no text
        body = json.loads(_composed(plain))
    except (ValueError, RecursionError) as error:
        message = "We could not parse the JSON body of your request. It must be one JSON object in UTF-8."
        raise Refusal(400, message) from error
    if not isinstance(body, dict):
        raise Refusal(400, "The body of your request must be a JSON object.")
    return {name: value for name, value in body.items() if value is not None}


def _composed(text: str) -> str:
    """NFC. Many combining marks in a row would take hours, and hold up everybody: the time grows with their square."""
    if not text.isascii():
        runs = (sum(1 for _ in run) for is_mark, run in groupby(map(bool, map(combining, text))) if is_mark)
        if max(runs, default=0) > _MARKS_IN_A_ROW:
            raise Refusal(400, f"Your text has more than {_MARKS_IN_A_ROW} combining marks in a row.", "invalid_value")
    return normalize("NFC", text)


def check(path: str, body: dict[str, Any], settings: EngineSettings) -> Order:
    """The request as the engine takes it.

    Raises:
        Refusal: 400 or 404 in OpenAI's shape.
    """
    _check_model(body.get("model"), settings.model)
    rules, prompt = _rules(path, settings)
    for name in body:
        if name not in rules:
            raise bad_value(f"Unrecognized request argument supplied: {name[:60]}", name[:60], "unknown_parameter")
    if prompt not in body:
        raise missing(prompt)
    checked = {name: rules[name](value, name) for name, value in body.items()}
    sent = {name: value for name, value in checked.items() if value is not DROP}
    _check_together(sent)
    if path != "/v1/completions":
        for name in {prompt, "instructions"} & sent.keys():
            sent[name] = _defused(sent[name], settings.marks)
    return Order(_for_engine(path, sent, settings.answer), sent.get("n", 1), prompt)


def _defused(value: Any, marks: Sequence[str]) -> Any:
    if isinstance(value, list):
        return [_defused(each, marks) for each in value]
    if isinstance(value, dict):
        return {key: _defused(each, marks) if key in ("content", "text") else each for key, each in value.items()}
    return without_marks(value, marks)


def _check_model(asked: Any, model: str) -> None:
    if asked is None:
        raise missing("model")
    if text(asked, "model") != model:
        message = f"The model `{asked[:100]}` does not exist or you do not have access to it."
        raise Refusal(404, message, "model_not_found", "model")


def _rules(path: str, settings: EngineSettings) -> tuple[dict[str, Check], str]:
    if path == "/v1/responses":
        return {**_COMMON, **_RESPONSES}, "input"
    n = {"n": whole(1, settings.slots)}
    if path == "/v1/completions":
        return {**_COMMON, **_DRAWS, **_COMPLETIONS, **n}, "prompt"
    return {**_COMMON, **_DRAWS, **_CHAT, **n}, "messages"


def _check_together(body: dict[str, Any]) -> None:
    if "max_tokens" in body and "max_completion_tokens" in body:
        message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        raise bad_value(message, "max_tokens", "invalid_parameter_combination")
    if "top_logprobs" in body and not body.get("logprobs"):
        raise bad_value("'top_logprobs' is only allowed when 'logprobs' is true.", "top_logprobs")
    if "stream_options" in body and not body.get("stream"):
        raise bad_value("'stream_options' is only allowed when 'stream' is true.", "stream_options")


def _for_engine(path: str, body: dict[str, Any], answer: int) -> dict[str, Any]:
    sent = dict(body)
    if "max_completion_tokens" in sent:
        sent["max_tokens"] = sent.pop("max_completion_tokens")
    if path == "/v1/completions":
        sent.setdefault("max_tokens", 16)  # OpenAI's default there
    if answer:
        name = "max_output_tokens" if path == "/v1/responses" else "max_tokens"
        sent[name] = min(sent.get(name, answer), answer)
    if sent.get("logprobs"):
        sent["top_logprobs"] = max(1, sent.get("top_logprobs", 1))  # 0 would turn both off, none would list 20
    return sent


def _stream_options(value: Any, name: str) -> dict[str, bool]:
    if not isinstance(value, dict):
        raise wrong_type(name, "an object", value)
    for key in value:
        if key not in ("include_usage", "include_obfuscation"):
            raise bad_value(f"Unknown parameter: '{name}.{key[:60]}'.", name, "unknown_parameter")
        flag(value[key], f"{name}.{key}")
    return {"include_usage": value.get("include_usage", False)}


def _response_format(value: Any, name: str) -> Any:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in ("text", "json_object"):
        message = f"This server supports only the types 'text' and 'json_object' for '{name}'."
        raise bad_value(message, name, "unsupported_value")
    return DROP if kind == "text" else {"type": kind}


def _prompt(value: Any, name: str) -> str:
    if not text(value, name):
        raise bad_value(f"Invalid '{name}': empty string.", name, "empty_string")
    return value


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


_COMMON: dict[str, Check] = {
    "model": text,
    "temperature": number(0, 2),
    "top_p": number(0, 1),
    "stream": flag,
    **dict.fromkeys(("user", "store", "metadata", "safety_identifier", "service_tier"), ignored),
    **dict.fromkeys(("prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"), ignored),
}
_DRAWS: dict[str, Check] = {
    "max_tokens": whole(1, _MANY),
    "presence_penalty": number(-2, 2),
    "frequency_penalty": number(-2, 2),
    "stop": stop,
    "seed": seed,
    "logit_bias": logit_bias,
    "stream_options": _stream_options,
}
_CHAT: dict[str, Check] = {
    "messages": messages,
    "max_completion_tokens": whole(1, _MANY),
    "logprobs": flag,
    "top_logprobs": whole(0, 20),
    "response_format": _response_format,
    "modalities": one_of(["text"]),
    **dict.fromkeys(("tools", "tool_choice", "parallel_tool_calls", "functions", "function_call"), refused),
    **dict.fromkeys(("audio", "prediction", "reasoning_effort", "verbosity"), refused),
    **dict.fromkeys(("web_search_options", "moderation"), refused),
}
_COMPLETIONS: dict[str, Check] = {
    "prompt": _prompt,
    "echo": one_of(False),
    "best_of": one_of(1),
    **dict.fromkeys(("logprobs", "suffix"), refused),
}
_RESPONSES: dict[str, Check] = {
    "input": response_input,
    "instructions": text,
    "max_output_tokens": whole(16, _MANY),
    "truncation": one_of("disabled"),
    "background": one_of(False),
    "include": one_of([]),
    "text": one_of({"format": {"type": "text"}}),
    "stream_options": ignored,  # only include_obfuscation exists there: padding against eavesdroppers
    **dict.fromkeys(("tools", "tool_choice", "parallel_tool_calls", "max_tool_calls"), refused),
    **dict.fromkeys(("previous_response_id", "conversation", "context_management", "prompt"), refused),
    **dict.fromkeys(("reasoning", "top_logprobs", "moderation"), refused),
}
