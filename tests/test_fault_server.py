"""The fault server fails as told, over real HTTP, writes down what came in but no key, and always ends."""

import socket
import threading

import openai
import pytest
from aiohttp import web
from api_samples import MESSAGES, client_of

from course_utils.background_server import BackgroundServer
from course_utils.errors import CourseValueError
from course_utils.fault_server import FAULTS, fault_server
from course_utils.serving import local_server

STATUS = {
    "busy": 429,
    "quota": 429,
    "server_error": 500,
    "overloaded": 503,
    "wrong_key": 401,
    "forbidden": 403,
    "no_model": 404,
    "too_long": 400,
}
OTHERS = {"ok", "slow", "drop", "cut", "login_page", "refuse_temperature"}


def create(server, **settings):
    settings = {"model": "x", "messages": MESSAGES, **settings}
    return client_of(server, max_retries=0, timeout=5).chat.completions.create(**settings)


@pytest.mark.parametrize("name", STATUS)
def test_an_error_has_its_status_and_openais_shape(name):
    with fault_server([name]) as server, pytest.raises(openai.APIStatusError) as caught:
        create(server)
    error = caught.value
    assert error.status_code == STATUS[name] and set(error.body) == {"message", "type", "param", "code"}
    assert ("retry-after" in error.response.headers) == (name == "busy")


def test_every_fault_is_tested():
    assert set(FAULTS) == set(STATUS) | OTHERS


def test_the_script_is_followed_and_then_all_is_well():
    with fault_server(["busy", "ok", "server_error"]) as server:
        seen = []
        for _ in range(5):
            try:
                seen.append(create(server).choices[0].finish_reason)
            except openai.APIStatusError as error:
                seen.append(error.status_code)
    assert seen == [429, "stop", 500, "stop", "stop"]
    assert [request.answer for request in server.requests] == ["busy", "ok", "server_error", "ok", "ok"]
    assert server.requests[0].body["messages"] == MESSAGES and server.requests[0].path == "/v1/chat/completions"
    assert sorted(r.seconds for r in server.requests) == [r.seconds for r in server.requests]


def test_connections_really_break():
    with fault_server(["drop", "cut", "cut"]) as server:
        for stream in (False, False, True):
            with pytest.raises(Exception, match="Connection error|peer closed|incomplete"):
                for _ in create(server, stream=stream):
                    pass


def test_a_slow_answer_comes_late_and_a_client_can_give_up():
    with fault_server([("slow", 0.2), ("slow", 5)]) as server:
        assert create(server).choices
        with pytest.raises(openai.APITimeoutError):
            create(server, timeout=0.1)


def test_temperature_is_refused_only_where_it_is_not_one():
    with fault_server(["refuse_temperature"] * 3) as server:
        with pytest.raises(openai.BadRequestError) as caught:
            create(server, temperature=0.2)
        assert (caught.value.param, caught.value.code) == ("temperature", "unsupported_value")
        assert create(server, temperature=1).choices and create(server).choices


def test_keys_are_checked_and_never_written_down():
    with fault_server(["busy"]) as server:
        with pytest.raises(openai.AuthenticationError):
            openai.OpenAI(base_url=server.base_url, api_key="other", max_retries=0).chat.completions.create(
                model="x", messages=MESSAGES
            )
        assert server.requests == []
        with pytest.raises(openai.RateLimitError):
            create(server)
        assert server.api_key not in repr(server) and server.api_key not in repr(server.requests)


@pytest.mark.parametrize(
    "script", [["bussy"], ["busy", 3], [("busy",)], [("quota", 2)], [("slow", -1)], [("slow", "2")]]
)
def test_unknown_faults_are_refused_with_the_names_there_are(script):
    with pytest.raises(CourseValueError, match="busy"):
        fault_server(script)


def test_nothing_is_left_running():
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError), fault_server([("slow", 60)]) as server:
        address = server.base_url.split("/")[2].split(":")
        with pytest.raises(openai.APITimeoutError):
            create(server, timeout=0.1)
        raise ZeroDivisionError
    assert not server.running and threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address[0], int(address[1])), timeout=1)
    server.stop()  # a second stop does nothing


def test_a_taken_port_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError):
        BackgroundServer(web.Application, port=taken.getsockname()[1]).start()


def test_a_real_server_answers_what_does_not_fail():
    with local_server("mini") as real, fault_server(["busy", "ok", "cut"], upstream=real) as server:
        settings = {"model": server.model, "temperature": 0, "max_completion_tokens": 8}
        with pytest.raises(openai.RateLimitError):
            create(server, **settings)
        direct = openai.OpenAI(base_url=real.base_url, api_key=real.api_key)
        expected = direct.chat.completions.create(messages=MESSAGES, **settings).choices[0].message.content
        assert create(server, **settings).choices[0].message.content == expected
        pieces = []
        with pytest.raises(Exception, match="Connection error|peer closed|incomplete"):
            for event in create(server, stream=True, **settings):
                pieces.append(event.choices[0].delta.content or "")
        assert expected.startswith("".join(pieces)) and len("".join(pieces)) < len(expected)
        streamed = create(server, stream=True, **settings)
        assert "".join(event.choices[0].delta.content or "" for event in streamed if event.choices) == expected
