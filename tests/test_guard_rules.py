"""OpenAI's rules, without a server: what passes, what is refused, and with which status, code and parameter."""

import json
import math
import time
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.engine_settings import EngineSettings
from course_utils.guard_errors import Refusal, from_engine
from course_utils.guard_rules import check, parse

SETTINGS = EngineSettings(gguf="mini.gguf", model="mini", keys=("a-key-for-tests",), slots=4)
CHAT, OLD, NEW = "/v1/chat/completions", "/v1/completions", "/v1/responses"
USER = {"role": "user", "content": "안녕"}
LEAST = {CHAT: {"messages": [USER]}, OLD: {"prompt": "안녕"}, NEW: {"input": "안녕"}}


def checked(path=CHAT, **arguments):
    body = {"model": "mini", **LEAST[path], **arguments}
    return check(path, parse(json.dumps(body).encode()), SETTINGS)


def refusal(path=CHAT, **arguments):
    with pytest.raises(Refusal) as caught:
        checked(path, **arguments)
    error = caught.value.body["error"]
    assert set(error) == {"message", "type", "param", "code"} and error["type"] == "invalid_request_error"
    return caught.value.status, error["code"], error["param"]


@pytest.mark.parametrize("path", LEAST)
def test_the_least_request_passes_with_no_setting_added_that_changes_the_draw(path):
    sent = checked(path).body
    assert sent.keys() - {"model", "max_tokens"} == LEAST[path].keys()
    assert ("max_tokens" in sent) is (path == OLD)


def test_marks_piled_on_one_letter_cannot_hold_up_everybody_else():
    # Putting n marks in order takes n * n steps: a second for a few kilobytes, minutes for a request of full size.
    pile = "a" + "\u0300\u0316" * 20_000
    started = time.monotonic()
    with pytest.raises(Refusal, match="combining"):
        parse(json.dumps({"content": pile}, ensure_ascii=False).encode())
    assert time.monotonic() - started < 0.5
    with pytest.raises(Refusal, match="combining"):
        parse(json.dumps({"content": pile}).encode())


def test_marks_as_people_write_them_are_composed():
    text = "a\u0316\u0300" + "\u1112\u1161\u11ab" * 100 + "e" + "\u0301" * 30
    assert parse(json.dumps({"content": text}).encode()) == {"content": normalize("NFC", text)}


GOOD = [
    *({"temperature": each} for each in (0, 0.0, 1, 2, 2.0, None)),
    *({"top_p": each} for each in (0, 0.5, 1)),
    *({"n": each} for each in (1, 4)),
    *({"stop": each} for each in ("a", ["a"], ["a", "b", "c", "d"])),
    *({"presence_penalty": each} for each in (-2, 2)),
    {"frequency_penalty": 0.5},
    {"logprobs": True, "top_logprobs": 20},
    {"stream": True, "stream_options": {"include_usage": True}},
    {"logit_bias": {"42": -100}},
    {"response_format": {"type": "json_object"}},
]


@pytest.mark.parametrize("arguments", GOOD, ids=str)
def test_what_openai_allows_goes_to_the_engine_as_it_is(arguments):
    sent = checked(**arguments).body
    for name, value in arguments.items():
        if name == "stop":
            assert sent[name] == ([value] if isinstance(value, str) else value)
        else:
            assert sent.get(name) == value


BAD = [
    *(({"temperature": each}, "decimal_above_max_value") for each in (2.0001, 3, 10**30)),
    *(({"temperature": each}, "decimal_below_min_value") for each in (-0.001, -1)),
    *(({"temperature": each}, "invalid_type") for each in ("1", True, [1], {})),
    ({"top_p": 1.5}, "decimal_above_max_value"),
    ({"top_p": -0.1}, "decimal_below_min_value"),
    ({"presence_penalty": 2.1}, "decimal_above_max_value"),
    ({"frequency_penalty": -2.1}, "decimal_below_min_value"),
    ({"n": 0}, "integer_below_min_value"),
    ({"n": 5}, "integer_above_max_value"),
    *(({"n": each}, "invalid_type") for each in (1.0, True, "1")),
    ({"max_tokens": 0}, "integer_below_min_value"),
    ({"max_completion_tokens": -1}, "integer_below_min_value"),
    ({"max_completion_tokens": 1.5}, "invalid_type"),
    ({"seed": 1.5}, "invalid_type"),
    ({"seed": 2**63}, "integer_above_max_value"),
    ({"stop": list("abcde")}, "array_above_max_length"),
    ({"stop": []}, "empty_array"),
    *(({"stop": each}, "empty_string") for each in ("", ["a", ""])),
    *(({"stop": each}, "invalid_type") for each in (1, [1])),
    *(({"logprobs": each}, "invalid_type") for each in (1, "true")),
    ({"top_logprobs": 3}, "invalid_value"),
    ({"top_logprobs": 21, "logprobs": True}, "integer_above_max_value"),
    ({"top_logprobs": 3, "logprobs": False}, "invalid_value"),
    ({"stream": "yes"}, "invalid_type"),
    ({"stream_options": {"include_usage": True}}, "invalid_value"),
    ({"logit_bias": {"안": 1}}, "invalid_value"),
    ({"logit_bias": [1]}, "invalid_type"),
    ({"response_format": {"type": "json_schema"}}, "unsupported_value"),
    ({"modalities": ["text", "audio"]}, "unsupported_value"),
    ({"messages": []}, "empty_array"),
    *(({"messages": each}, "invalid_type") for each in ("안녕", {}, 1)),
    *(({each: []}, "unsupported_parameter") for each in ("tools", "functions")),
    *(({each: "auto"}, "unsupported_parameter") for each in ("tool_choice", "function_call", "reasoning_effort")),
    ({"audio": {"voice": "a"}}, "unsupported_parameter"),
    # What llama.cpp would take and OpenAI would not.
    *(({each: 1}, "unknown_parameter") for each in ("top_k", "min_p", "samplers", "n_predict", "cache_prompt", "temp")),
]


@pytest.mark.parametrize(("arguments", "code"), BAD, ids=str)
def test_what_openai_refuses_is_refused_with_its_status_code_and_parameter(arguments, code):
    assert refusal(**arguments) == (400, code, next(iter(arguments)))


@pytest.mark.parametrize(
    ("message", "code", "param"),
    [
        ("안녕", "invalid_type", "messages[1]"),
        ({"content": "안녕"}, "missing_required_parameter", "messages[1].role"),
        ({"role": "boss", "content": "안녕"}, "invalid_value", "messages[1].role"),
        ({"role": ["user"], "content": "안녕"}, "invalid_value", "messages[1].role"),
        ({"role": "tool", "content": "안녕"}, "invalid_value", "messages[1].role"),
        ({"role": "user"}, "missing_required_parameter", "messages[1].content"),
        ({"role": "assistant", "content": None}, "missing_required_parameter", "messages[1].content"),
        ({"role": "user", "content": 3}, "invalid_type", "messages[1].content"),
        ({"role": "user", "content": []}, "empty_array", "messages[1].content"),
        ({"role": "user", "content": ["a"]}, "invalid_type", "messages[1].content[0]"),
        ({"role": "user", "content": [{"type": "text"}]}, "invalid_type", "messages[1].content[0].text"),
        ({"role": "user", "content": [{"type": "image_url"}]}, "invalid_value", "messages[1].content[0].type"),
        ({"role": "user", "content": "a", "colour": 1}, "unknown_parameter", "messages[1].colour"),
        ({"role": "assistant", "content": "a", "tool_calls": [1]}, "unsupported_parameter", "messages[1].tool_calls"),
    ],
    ids=str,
)
def test_a_bad_message_is_refused_with_its_place(message, code, param):
    assert refusal(messages=[USER, message]) == (400, code, param)


def test_roles_and_parts_reach_the_engine_as_plain_text():
    parts = [{"type": "text", "text": "가"}, {"type": "text", "text": "나"}]
    answer = {"role": "assistant", "content": "", "refusal": None, "annotations": [], "tool_calls": None}
    sent = checked(messages=[{"role": "developer", "content": "친절"}, {"role": "user", "content": parts}, answer]).body
    assert sent["messages"] == [
        {"role": "system", "content": "친절"},
        {"role": "user", "content": "가\n나"},
        {"role": "assistant", "content": ""},
    ]


def test_other_models_are_unknown_and_no_model_is_a_missing_parameter():
    assert refusal(model="gpt-4o-mini") == (404, "model_not_found", "model")
    assert refusal(model=None) == (400, "missing_required_parameter", "model")
    assert refusal(model=3) == (400, "invalid_type", "model")
    for path, least in LEAST.items():
        assert refusal(path, **dict.fromkeys(least)) == (400, "missing_required_parameter", next(iter(least)))


def test_both_names_of_the_length_together_are_refused_and_each_alone_is_the_engines():
    assert refusal(max_tokens=5, max_completion_tokens=5)[1] == "invalid_parameter_combination"
    assert checked(max_completion_tokens=5).body["max_tokens"] == checked(max_tokens=5).body["max_tokens"] == 5


@pytest.mark.parametrize("name", ["user", "store", "metadata", "safety_identifier", "service_tier"])
def test_book_keeping_is_accepted_and_does_not_reach_the_engine(name):
    for path in LEAST:
        assert name not in checked(path, **{name: "x"}).body


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_seed_stays_a_seed_and_none_means_random(seed):
    sent = checked(seed=seed).body["seed"]
    assert 0 <= sent < 2**32 - 1
    assert sent == seed or not 0 <= seed < 2**32 - 1


def test_log_probabilities_are_asked_for_so_that_the_engine_gives_what_was_asked():
    assert checked(logprobs=True).body["top_logprobs"] == 1
    assert checked(logprobs=True, top_logprobs=0).body["top_logprobs"] == 1
    assert checked(logprobs=True, top_logprobs=7).body["top_logprobs"] == 7
    assert "top_logprobs" not in checked(logprobs=False).body


@pytest.mark.parametrize(
    ("path", "arguments", "code"),
    [
        (OLD, {"prompt": ""}, "empty_string"),
        (OLD, {"prompt": ["가"]}, "invalid_type"),
        (OLD, {"echo": True}, "unsupported_value"),
        (OLD, {"best_of": 2}, "unsupported_value"),
        (OLD, {"logprobs": 3}, "unsupported_parameter"),
        (OLD, {"messages": [USER]}, "unknown_parameter"),
        (NEW, {"input": ""}, "empty_string"),
        (NEW, {"input": []}, "empty_array"),
        (NEW, {"input": 3}, "invalid_type"),
        (NEW, {"instructions": 3}, "invalid_type"),
        (NEW, {"temperature": 2.5}, "decimal_above_max_value"),
        (NEW, {"top_p": 2}, "decimal_above_max_value"),
        (NEW, {"max_output_tokens": 15}, "integer_below_min_value"),
        (NEW, {"previous_response_id": "resp_1"}, "unsupported_parameter"),
        (NEW, {"reasoning": {"effort": "low"}}, "unsupported_parameter"),
        (NEW, {"background": True}, "unsupported_value"),
        (NEW, {"text": {"format": {"type": "json_object"}}}, "unsupported_value"),
        (NEW, {"max_tokens": 5}, "unknown_parameter"),
    ],
)
def test_the_other_two_endpoints_refuse_what_they_cannot_honour(path, arguments, code):
    assert refusal(path, **arguments) == (400, code, next(iter(arguments)))


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b'"a"', b"\xff", b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": "\\ud800"}', b"[" * 100_000],
)
def test_a_body_that_is_no_json_object_is_a_400(raw):
    with pytest.raises(Refusal) as caught:
        parse(raw)
    assert caught.value.status == 400


def test_a_number_too_large_for_a_decimal_is_refused():
    with pytest.raises(Refusal, match="finite"):
        check(CHAT, {"model": "mini", **LEAST[CHAT], "temperature": math.inf}, SETTINGS)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["temperature", "messages", "stop", "n", "logit_bias", "stream_options", "response_format", "input", "prompt"]


@given(st.sampled_from(list(LEAST)), st.dictionaries(st.sampled_from(NAMES), junk, max_size=4))
def test_whatever_comes_is_passed_or_refused_but_never_breaks_the_guard(path, arguments):
    try:
        order = check(path, {"model": "mini", **LEAST[path], **arguments}, SETTINGS)
    except Refusal as caught:
        assert caught.status in (400, 404)
        json.dumps(caught.body)
    else:
        assert 1 <= order.places <= SETTINGS.slots


def test_the_engines_errors_get_openais_shape():
    long = {"type": "exceed_context_size_error", "message": "x", "n_ctx": 2048, "n_prompt_tokens": 8108, "code": 400}
    error = from_engine(400, json.dumps({"error": long}).encode(), "messages")
    assert error.status == 400 and error.body["error"]["code"] == "context_length_exceeded"
    assert "2048" in str(error) and "8108" in str(error)
    other = from_engine(
        500, json.dumps({"error": {"type": "server_error", "message": "oh", "code": 500}}).encode(), "x"
    )
    assert (other.status, other.body["error"]["code"]) == (500, "engine_error")
    assert [from_engine(500, raw, "x").status for raw in (b"", b"<html>", b"[]", b'{"error": 3}')] == [502] * 4
