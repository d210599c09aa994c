"""openai_client(): which server it takes, what it says, and what really leaves for OpenAI."""

import importlib
import json
import os
import signal
import socket
import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import openai
import pytest
from api_samples import MESSAGES, forget_variables, made_up_keys
from fake_openai import FakeOpenAI

from course_utils import api_client, api_keys
from course_utils.api_calls import ask
from course_utils.api_client import model_name, openai_client
from course_utils.errors import CourseError, CourseValueError
from course_utils.fault_server import fault_server

KEY = made_up_keys()["OpenAI project"]


def today(monkeypatch, day):
    monkeypatch.setattr(api_client, "date", SimpleNamespace(today=lambda: day))


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    forget_variables(monkeypatch)
    today(monkeypatch, api_client.SHUTDOWN - timedelta(days=60))
    monkeypatch.setattr(api_keys, "_warned", set())


@pytest.fixture(scope="module")
def fake():
    with FakeOpenAI() as fake:
        yield fake


@pytest.fixture
def no_local(monkeypatch):
    monkeypatch.setattr(api_client, "_local_server", lambda: pytest.fail("a local server was started"))


def set_variables(monkeypatch, **values):
    for name, value in values.items():
        monkeypatch.setenv(f"OPENAI_{name}", value)


def colab_secrets(monkeypatch, **secrets):
    monkeypatch.setattr(api_client, "secret_in_colab", lambda name="OPENAI_API_KEY": (secrets.get(name), ""))


def one_line(capsys):
    [line] = capsys.readouterr().out.splitlines()
    return line


# --- OpenAI itself ---


def captured(client):
    """``client`` with a transport that keeps what would leave, below everything that the library does."""
    http = importlib.import_module(openai.DefaultHttpxClient.__mro__[1].__module__.split(".")[0])
    seen = []

    def answer(request):
        seen.append(request)
        return http.Response(200, json={"id": "x", "object": "chat.completion", "choices": [{"message": {}}]})

    return client.with_options(http_client=openai.DefaultHttpxClient(transport=http.MockTransport(answer))), seen


def test_with_a_key_the_request_goes_to_openai(monkeypatch, capsys, no_local):
    set_variables(monkeypatch, API_KEY=KEY)
    client, seen = captured(openai_client())
    assert type(client) is openai.OpenAI
    ask(client, MESSAGES, temperature=1.8)
    [request] = seen
    assert (request.method, str(request.url)) == ("POST", "https://api.openai.com/v1/chat/completions")
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert json.loads(request.content) == {"messages": MESSAGES, "model": "gpt-4o-mini", "temperature": 1.8}
    line = one_line(capsys)
    assert "api.openai.com" in line and "gpt-4o-mini" in line and KEY not in line and KEY not in repr(client)


def test_without_any_stand_in_the_connection_leaves_for_api_openai_com(monkeypatch, no_local):
    """A proxy on this machine sees where the untouched client connects to."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        lines = []

        def first_line():
            connection, _ = proxy.accept()
            with connection:
                lines.append(connection.recv(1000).split(b"\r\n")[0])

        thread = threading.Thread(target=first_line)
        thread.start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        set_variables(monkeypatch, API_KEY=KEY)
        with pytest.raises(CourseError):
            ask(openai_client(), MESSAGES, retries=0)
        thread.join(5)
    assert lines == [b"CONNECT api.openai.com:443 HTTP/1.1"]


def test_the_colab_secret_is_used(monkeypatch, capsys, no_local):
    colab_secrets(monkeypatch, OPENAI_API_KEY=KEY)
    assert openai_client().api_key == KEY
    assert "코랩 비밀" in one_line(capsys)


def test_a_class_server_named_in_colabs_secrets_gets_the_class_key(monkeypatch, capsys, fake, no_local):
    colab_secrets(monkeypatch, OPENAI_BASE_URL=fake.base_url, OPENAI_API_KEY=fake.api_key)
    client = openai_client()
    assert str(client.base_url).rstrip("/") == fake.base_url and client.api_key == fake.api_key
    assert "수업 서버" in one_line(capsys)


def test_a_class_address_that_may_not_be_read_stops_before_the_class_key_goes_to_openai(monkeypatch, no_local):
    why = api_keys._why_no_secret("NotebookAccessError", "OPENAI_BASE_URL")
    secrets = {"OPENAI_BASE_URL": (None, why), "OPENAI_API_KEY": (KEY, "")}
    monkeypatch.setattr(api_client, "secret_in_colab", lambda name="OPENAI_API_KEY": secrets[name])
    with pytest.raises(CourseError, match="OPENAI_BASE_URL.*노트북 액세스"):
        openai_client()


def test_a_key_argument_is_used_and_warned_about(capsys, no_local):
    assert openai_client(key=KEY).api_key == KEY
    out = capsys.readouterr().out
    assert "주의" in out and KEY not in out


@pytest.mark.parametrize("bad", ["여기에 키", "sk-...", "your-api-key", KEY[:9] + " " + KEY[9:]])
def test_a_key_that_cannot_be_right_stops_before_any_request(monkeypatch, bad, no_local):
    set_variables(monkeypatch, API_KEY=bad)
    monkeypatch.setattr(openai, "OpenAI", lambda **_: pytest.fail("a client was made"))
    with pytest.raises(CourseValueError, match="환경 변수 OPENAI_API_KEY"):
        openai_client()


def test_openai_without_a_key_says_how_to_get_one(no_local):
    with pytest.raises(CourseError, match="ask_for_key"):
        openai_client("openai")


def test_an_unknown_place_is_refused(no_local):
    with pytest.raises(CourseValueError, match="'class'"):
        openai_client("teacher")


# --- a class server ---


def test_the_class_server_comes_before_the_key_for_openai(monkeypatch, capsys, fake, no_local):
    address = fake.base_url.removeprefix("http://").removesuffix("/v1")
    set_variables(monkeypatch, BASE_URL=f" {address}/ ", API_KEY=fake.api_key)
    client = openai_client()
    assert str(client.base_url).rstrip("/") == fake.base_url and model_name(client) == "gpt-4o-mini"
    line = one_line(capsys)
    assert address in line and "수업 서버" in line and fake.api_key not in line
    assert ask(client, MESSAGES).choices[0].message.content


def test_a_schools_proxy_does_not_stand_before_a_nearby_server(monkeypatch, fake, no_local):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    set_variables(monkeypatch, BASE_URL=fake.base_url, API_KEY=fake.api_key)
    assert ask(openai_client(), MESSAGES, retries=0).choices


def test_a_missing_variable_is_named(monkeypatch, no_local):
    set_variables(monkeypatch, BASE_URL="http://127.0.0.1:9/v1")
    with pytest.raises(CourseError, match="지금 없는 것: OPENAI_API_KEY"):
        openai_client()
    monkeypatch.delenv("OPENAI_BASE_URL")
    with pytest.raises(CourseError, match="OPENAI_BASE_URL, OPENAI_API_KEY"):
        openai_client("class")


def test_a_wrong_class_key_is_told_at_once(monkeypatch, fake, no_local):
    set_variables(monkeypatch, BASE_URL=fake.base_url, API_KEY="class-key-7")
    with pytest.raises(CourseError, match="키를 받아들이지 않았습니다") as caught:
        openai_client()
    assert "class-key" not in str(caught.value)


def test_a_server_that_is_not_there_is_told_with_the_way_out(monkeypatch, no_local):
    set_variables(monkeypatch, BASE_URL="http://127.0.0.1:9/v1", API_KEY="class-key-7")
    with pytest.raises(CourseError, match='where="local"'):
        openai_client()


def test_a_server_that_never_answers_is_given_up_in_time(monkeypatch, no_local):
    monkeypatch.setattr(api_client, "CLASS_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        set_variables(monkeypatch, BASE_URL=f"127.0.0.1:{silent.getsockname()[1]}", API_KEY="class-key-7")
        start = time.monotonic()
        with pytest.raises(CourseError, match="답하지 않았습니다"):
            openai_client()
        assert time.monotonic() - start < 2


def test_openai_model_wins_and_must_be_there(monkeypatch, fake, no_local):
    set_variables(monkeypatch, BASE_URL=fake.base_url, API_KEY=fake.api_key, MODEL="o4-mini")
    assert model_name(openai_client()) == "o4-mini"
    set_variables(monkeypatch, MODEL="exaone")
    with pytest.raises(CourseError, match="gpt-4o-mini, gpt-4o, o4-mini"):
        openai_client()


def test_openais_own_address_is_openai(monkeypatch, capsys, no_local):
    set_variables(monkeypatch, BASE_URL="https://api.openai.com/v1", API_KEY=KEY)
    assert model_name(openai_client()) == "gpt-4o-mini"
    assert "요금" in one_line(capsys)


def test_a_model_that_openai_has_shut_down_gives_way_to_its_successor(monkeypatch, no_local):
    set_variables(monkeypatch, API_KEY=KEY)
    client = openai_client()
    names = []
    for day in (api_client.SHUTDOWN - timedelta(days=1), api_client.SHUTDOWN):
        today(monkeypatch, day)
        names.append(model_name(client))
    assert names == [api_client.DEFAULT_MODEL, api_client.SUCCESSOR]


def test_model_name_of_any_server_is_its_first_model():
    with fault_server([]) as server:
        client = openai.OpenAI(base_url=server.base_url, api_key=server.api_key)
        assert model_name(client) == "fixed-answer"
        refused = openai.OpenAI(base_url="http://127.0.0.1:9/v1", api_key="x", max_retries=0)
        with pytest.raises(CourseError, match="꺼져"):
            model_name(refused)


# --- this machine ---


def test_without_a_key_one_server_on_this_machine_answers_and_comes_back_when_it_dies(monkeypatch, capsys):
    monkeypatch.setattr(api_client, "_local", None)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client = openai_client()
    server = api_client._local
    try:
        assert "이 컴퓨터의 서버" in one_line(capsys)
        assert str(client.base_url).rstrip("/") == server.base_url and model_name(client) == "mini"
        assert ask(client, MESSAGES, max_completion_tokens=3).usage.completion_tokens == 3
        pid = server.pid
        openai_client("local")
        assert server.pid == pid
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 10
        while server.running and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not server.running
        assert ask(openai_client(), MESSAGES, max_completion_tokens=3).choices and server.pid != pid
    finally:
        server.stop()


@pytest.mark.parametrize(("error", "told"), [("NotebookAccessError", True), ("SecretNotFoundError", False)])
def test_a_colab_secret_that_may_not_be_read_is_told_beside_the_local_server(monkeypatch, capsys, error, told):
    why = api_keys._why_no_secret(error, "OPENAI_API_KEY")
    secrets = {"OPENAI_BASE_URL": (None, ""), "OPENAI_API_KEY": (None, why)}
    monkeypatch.setattr(api_client, "secret_in_colab", lambda name="OPENAI_API_KEY": secrets[name])
    with fault_server([]) as server:
        monkeypatch.setattr(api_client, "_local_server", lambda: server)
        openai_client()
    line = one_line(capsys)
    assert ("코랩 비밀" in line) == told and why in line
