"""ask(): asks again where that helps, as often and as long as promised, and says so; everything over real HTTP."""

import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import openai
import pytest
from aiohttp import web
from api_samples import MESSAGES, client_of, made_up_keys
from fake_openai import FakeOpenAI
from hypothesis import given
from hypothesis import strategies as st

from course_utils import api_calls
from course_utils.api_calls import RETRIES, BrokenStreamError, ask, ask_stream
from course_utils.background_server import BackgroundServer
from course_utils.errors import CourseError, CourseValueError
from course_utils.fault_server import fault_server


@pytest.fixture(scope="module")
def fake():
    with FakeOpenAI() as fake:
        yield fake


@pytest.fixture
def slept():
    return []


def asked(script, slept, *, stream=False, timeout=5, **settings):
    """(the answer or the CourseError, names of the answers that the server gave)."""
    with fault_server(script) as server:
        client = client_of(server, timeout=timeout)
        settings = {"sleep": slept.append, "rng": lambda: 0.0, **settings}
        try:
            answer = "".join(ask_stream(client, MESSAGES, **settings)) if stream else ask(client, MESSAGES, **settings)
        except CourseError as error:
            answer = error
        return answer, [request.answer for request in server.requests]


PASSING = [("busy", 0.5), "server_error", "overloaded", "drop", ("slow", 2)]


def test_a_server_that_stays_busy_is_given_more_time_than_it_asks(slept):
    answer, given = asked([("busy", 1)] * 4, slept)
    assert given == ["busy"] * 4 + ["ok"] and slept == [1, 2, 4, 8]


@pytest.mark.parametrize("fault", PASSING, ids=str)
@pytest.mark.parametrize("stream", [False, True])
def test_what_passes_is_asked_again(fault, stream, slept, capsys):
    answer, given = asked([fault], slept, stream=stream, timeout=0.3)
    assert given == [fault if isinstance(fault, str) else fault[0], "ok"]
    assert "안녕하세요" in (answer if stream else answer.choices[0].message.content)
    [line] = capsys.readouterr().out.splitlines()
    assert line.endswith(f"약 {slept[0]:g}초 뒤에 다시 묻습니다(1/{RETRIES}).")


@pytest.mark.parametrize("fault", ["quota", "wrong_key", "forbidden", "no_model", "too_long"])
@pytest.mark.parametrize("stream", [False, True])
def test_what_does_not_pass_is_asked_once(fault, stream, slept, capsys):
    answer, given = asked([fault], slept, stream=stream)
    assert isinstance(answer, CourseError) and given == [fault] and slept == []
    assert isinstance(answer.__cause__, openai.APIStatusError) and capsys.readouterr().out == ""


def test_pauses_double_and_end(slept, capsys):
    answer, given = asked(["server_error"] * 9, slept, retries=5, first_wait=0.5)
    assert slept == [0.5, 1, 2, 4, 8] and len(given) == 6
    assert str(answer).startswith("5번 다시 물었지만") and "(500)" in str(answer)
    assert [line[-6:] for line in capsys.readouterr().out.splitlines()] == [f"({i}/5)." for i in range(1, 6)]


def test_no_pause_is_longer_than_the_longest(slept):
    asked(["server_error"] * 9, slept, retries=8, first_wait=5, patience=1000)
    assert slept == [5, 10, 20, 30, 30, 30, 30, 30]


@given(unit=st.floats(0, 1, exclude_max=True), nominal=st.floats(0.01, 30))
def test_chance_only_lengthens_a_pause_and_only_a_little(unit, nominal):
    slept = []
    patience = api_calls._Patience(1, nominal, 100, slept.append, lambda: unit)
    patience.wait_after(openai.APITimeoutError(request=None), None)
    assert nominal <= slept[0] <= nominal * 1.25


def test_the_server_names_the_pause(slept, capsys):
    asked([("busy", 7), ("busy", 0)], slept)
    assert slept == [7, 0] and "약 7초" in capsys.readouterr().out


def test_patience_ends_before_a_pause_that_would_be_too_long(slept):
    answer, given = asked([("busy", 500)], slept)
    assert slept == [] and given == ["busy"] and "500초 뒤" in str(answer)


def test_a_slow_server_uses_up_patience(slept):
    start = time.monotonic()
    answer, given = asked([("slow", 3)] * 9, slept, timeout=0.1, patience=0.3, first_wait=0.05)
    assert isinstance(answer, CourseError) and 1 <= len(given) <= 3 and time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-1"}, 0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers, seconds):
    error = type("E", (), {"response": type("R", (), {"headers": headers})})
    assert api_calls._retry_after(error) == seconds


def test_retry_after_may_be_a_date():
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    error = type("E", (), {"response": type("R", (), {"headers": {"retry-after": later}})})
    assert 55 < api_calls._retry_after(error) <= 60


def test_the_librarys_own_retries_do_not_multiply(slept):
    with fault_server(["server_error"] * 9) as server:
        client = client_of(server, max_retries=5)
        with pytest.raises(CourseError):
            ask(client, MESSAGES, retries=1, sleep=slept.append)
        assert len(server.requests) == 2 and client.max_retries == 5


@pytest.mark.parametrize("setting", ["temperature", "top_p"])
def test_a_reasoning_model_is_asked_without_what_it_refuses_and_it_is_said_once(fake, setting, capsys):
    client = openai.OpenAI(base_url=fake.base_url, api_key=fake.api_key)
    fake.requests.clear()
    for _ in range(2):
        assert ask(client, MESSAGES, model="o4-mini", **{setting: 0.5}).choices
    assert [setting in body for _, body in fake.requests] == [True, False, False]
    assert capsys.readouterr().out.count("추론 모델") == 1
    fake.requests.clear()
    ask(client, MESSAGES, model="gpt-4o-mini", **{setting: 0.5})
    assert fake.requests[0][1][setting] == 0.5, "another model keeps the setting"


def test_a_reasoning_models_limit_has_another_name(fake, capsys):
    client = openai.OpenAI(base_url=fake.base_url, api_key=fake.api_key)
    answer = ask(client, MESSAGES, model="o4-mini", max_tokens=3, temperature=0, top_p=0.9)
    assert answer.usage.completion_tokens == 3 and answer.choices[0].finish_reason == "length"
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_what_the_answer_needs_is_not_dropped(fake):
    client = openai.OpenAI(base_url=fake.base_url, api_key=fake.api_key)
    with pytest.raises(CourseError, match="logprobs"):
        ask(client, MESSAGES, model="o4-mini", logprobs=True)


def test_the_caller_s_settings_and_messages_reach_the_server_unchanged(fake):
    client = openai.OpenAI(base_url=fake.base_url, api_key=fake.api_key)
    fake.requests.clear()
    answer = ask(client, MESSAGES, temperature=1.8, seed=3, n=2, stop=["."], logprobs=True, top_logprobs=2)
    sent = {"temperature": 1.8, "seed": 3, "n": 2, "stop": ["."], "logprobs": True, "top_logprobs": 2}
    assert fake.requests == [("/v1/chat/completions", {"model": "gpt-4o-mini", "messages": MESSAGES, **sent})]
    assert type(answer) is openai.types.chat.ChatCompletion and len(answer.choices) == 2


def test_ctrl_c_passes_through():
    def interrupted(_):
        raise KeyboardInterrupt

    with fault_server(["busy"]) as server, pytest.raises(KeyboardInterrupt):
        ask(client_of(server), MESSAGES, sleep=interrupted)


def test_a_login_page_is_no_answer(slept):
    answer, _ = asked(["login_page"], slept)
    assert "로그인 화면" in str(answer)


@pytest.mark.parametrize("settings", [{"retries": -1}, {"retries": 1.5}, {"first_wait": -1}])
def test_wrong_arguments_are_refused_before_any_request(settings, slept):
    answer, given = asked([], slept, **settings)
    assert isinstance(answer, CourseValueError) and given == []


def test_streaming_has_its_own_function(fake):
    client = openai.OpenAI(base_url=fake.base_url, api_key=fake.api_key)
    with pytest.raises(CourseValueError, match="ask_stream"):
        ask(client, MESSAGES, stream=True)


def test_wrong_clients_and_mistyped_parameters_are_refused(slept):
    with pytest.raises(CourseValueError, match="openai_client"):
        ask(MESSAGES, MESSAGES)
    answer, given = asked([], slept, temprature=1)
    assert isinstance(answer, CourseValueError) and "temprature" in str(answer) and given == []


# --- streaming ---


def test_a_stream_gives_the_same_text_piece_by_piece():
    with fault_server([]) as server:
        pieces = list(ask_stream(client_of(server), MESSAGES))
        assert "".join(pieces) == ask(client_of(server), MESSAGES).choices[0].message.content and len(pieces) > 3


def test_a_stream_that_breaks_keeps_what_had_come(slept):
    answer, given = asked(["cut"], slept, stream=True)
    assert isinstance(answer, BrokenStreamError) and given == ["cut"]
    assert answer.text == "안녕하세요, 고객님. " and f"{len(answer.text)}자" in str(answer)


def test_a_stream_that_ends_without_saying_so_is_broken():
    """Some proxies close a connection in good order though the answer is not at its end."""
    event = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "x"}
    event["choices"] = [{"index": 0, "delta": {"content": "안녕"}, "finish_reason": None}]

    async def half(request):
        return web.Response(text=f"data: {json.dumps(event)}\n\n", content_type="text/event-stream")

    def application():
        app = web.Application()
        app.router.add_post("/v1/chat/completions", half)
        return app

    with BackgroundServer(application) as server, pytest.raises(BrokenStreamError) as caught:
        list(ask_stream(openai.OpenAI(base_url=f"{server.url}/v1", api_key="x"), MESSAGES, model="x"))
    assert caught.value.text == "안녕"


def test_a_stream_may_be_left_early_and_with_ctrl_c():
    with fault_server([]) as server:
        stream = ask_stream(client_of(server), MESSAGES)
        assert next(stream) == "안녕하세요, "
        with pytest.raises(KeyboardInterrupt):
            stream.throw(KeyboardInterrupt)
        assert ask(client_of(server), MESSAGES).choices


def test_usage_at_the_end_of_a_stream_is_no_text(fake):
    client = openai.OpenAI(base_url=fake.base_url, api_key=fake.api_key)
    text = "".join(ask_stream(client, MESSAGES, stream_options={"include_usage": True}, seed=1))
    assert text == ask(client, MESSAGES, seed=1).choices[0].message.content
    with pytest.raises(CourseValueError, match="하나만"):
        ask_stream(client, MESSAGES, n=2)


def test_no_message_shows_the_key(slept, capsys):
    key = made_up_keys()["OpenAI"]
    with FakeOpenAI() as fake, pytest.raises(CourseError) as caught:
        ask(openai.OpenAI(base_url=fake.base_url, api_key=key), MESSAGES, model="gpt-4o-mini")
    assert key[-4:] not in str(caught.value) and "401" in str(caught.value)
    assert json.dumps(fake.requests) == "[]"
