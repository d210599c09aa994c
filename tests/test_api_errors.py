"""explain(): every error of the openai library, provoked over HTTP, gets its own cause and way out, and no key."""

import json
import re

import httpx
import openai
import pytest
from aiohttp import web
from api_samples import MESSAGES, client_of, made_up_keys
from fake_openai import FakeOpenAI

from course_utils.api_errors import explain
from course_utils.background_server import BackgroundServer
from course_utils.errors import CourseValueError
from course_utils.fault_server import fault_server


@pytest.fixture(scope="module")
def fake():
    with FakeOpenAI() as fake:
        yield fake


def error_of(client, **settings):
    with pytest.raises(Exception) as caught:
        client.chat.completions.create(**{"model": "gpt-4o-mini", "messages": MESSAGES, **settings})
    return caught.value


def fake_client(fake, **settings):
    return openai.OpenAI(**{"base_url": fake.base_url, "api_key": fake.api_key, "max_retries": 0, **settings})


# What is sent to the fake of OpenAI's API -> words of the explanation.
REFUSED = [
    ({"temperature": 3}, ["400", "temperature=3", "0에서 2"]),
    ({"temperature": -0.5}, ["temperature=-0.5", "0에서 2"]),
    ({"temperature": "뜨겁게"}, ["temperature='뜨겁게'", "0에서 2"]),
    ({"top_p": 1.5}, ["top_p=1.5", "0에서 1"]),
    ({"n": 0}, ["n=0", "1 이상"]),
    ({"max_completion_tokens": -1}, ["max_completion_tokens=-1", "1 이상"]),
    ({"seed": 0.5}, ["seed=0.5", "정수"]),
    ({"stop": list("abcde")}, ["stop", "네 개까지"]),
    ({"logprobs": True, "top_logprobs": 21}, ["top_logprobs=21", "20"]),
    ({"top_logprobs": 3}, ["logprobs=True"]),
    ({"messages": []}, ["messages", "하나 이상"]),
    ({"messages": [{"role": "chef", "content": "x"}]}, ["messages", "system, user, assistant"]),
    ({"messages": [{"role": "user", "content": "긴 말 " * 3000}]}, ["컨텍스트", "덜어"]),
    ({"model": "o4-mini", "temperature": 0.2}, ["temperature", "추론", "빼고"]),
    ({"model": "o4-mini", "max_tokens": 5}, ["max_completion_tokens", "이름을 바꿔"]),
    ({"extra_body": {"temprature": 1}}, ["모르는 매개변수", "temprature"]),
    ({"model": "gpt-4o-mnii"}, ["404", "gpt-4o-mnii", "gpt-4o-mini"]),
]


@pytest.mark.parametrize(("sent", "words"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_openai_refuses_is_explained(fake, sent, words):
    client = fake_client(fake)
    said = explain(error_of(client, **sent), client)
    assert [word for word in words if word not in said] == [], said


FAULTS = [
    ("busy", ["429", "속도 제한", "기다렸다가"]),
    ("quota", ["insufficient_quota", "기다려도 풀리지 않습니다", "billing"]),
    ("server_error", ["500", "잠시 뒤"]),
    ("overloaded", ["503", "잠시 뒤"]),
    ("wrong_key", ["401", "키"]),
    ("forbidden", ["403", "권한"]),
    ("no_model", ["404", "gpt-4o-mini", "fixed-answer"]),
    ("too_long", ["400", "컨텍스트"]),
    ("drop", ["끊겼습니다", "다시"]),
    (("slow", 3), ["시간 초과", "timeout"]),
]


@pytest.mark.parametrize(("fault", "words"), FAULTS, ids=str)
def test_what_servers_do_is_explained(fault, words):
    with fault_server([fault]) as server:
        client = client_of(server, max_retries=0, timeout=0.2 if "slow" in fault else 5)
        said = explain(error_of(client), client)
    assert [word for word in words if word not in said] == [], said


def test_every_explanation_differs():
    """The table above would also pass if one long text were the answer to everything."""
    said = set()
    for fault, _ in FAULTS:
        with fault_server([fault]) as server:
            said.add(explain(error_of(client_of(server, max_retries=0, timeout=0.2 if "slow" in fault else 5))))
    assert len(said) == len(FAULTS) and max(map(len, said)) < 250


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:9/v1", ["꺼져 있습니다", "openai_client()"]),
        ("127.0.0.1:9/v1", ["http://"]),
        ("https://127.0.0.1:{port}/v1", ["http://로 바꿔"]),
        ("http://127.0.0.1:{port}/nothing", ["404", "/v1"]),
    ],
)
def test_wrong_addresses_are_explained(fake, address, words):
    port = fake.base_url.split(":")[-1].split("/")[0]
    error = error_of(fake_client(fake, base_url=address.format(port=port)))
    assert [word for word in words if word not in explain(error)] == [], explain(error)


def test_a_wrong_path_is_no_missing_model_and_a_web_page_is_no_api(fake):
    async def page(request):
        return web.Response(text="<html>Jupyter</html>", content_type="text/html")

    async def nothing(request):
        error = {"message": f"Invalid URL (GET {request.path})", "code": "unknown_url", "param": None, "type": "x"}
        return web.json_response({"error": error}, status=404)

    def pages():
        app = web.Application()
        app.router.add_get("/v1/models", page)
        app.router.add_get("/{path:.*}", nothing)
        return app

    with BackgroundServer(pages) as server:
        for path, words in (("v1", "형식(JSON)이 아닙니다"), ("v1/v1", "그런 주소가 없습니다(404)")):
            with fake_client(fake, base_url=f"{server.url}/{path}") as client, pytest.raises(Exception) as caught:
                client.models.list()
            assert words in explain(caught.value)


@pytest.mark.parametrize("host", ["api.openai.com", "no-such-host.invalid"])
def test_no_network_is_explained(fake, host, monkeypatch):
    def no_network(*_, **__):
        raise OSError(-2, "Name or service not known")

    monkeypatch.setattr("socket.create_connection", no_network)
    monkeypatch.setattr("socket.getaddrinfo", no_network)
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    said = explain(error_of(fake_client(fake, base_url=f"https://{host}/v1")))
    assert "주소를 찾지 못했습니다" in said and ("인터넷" in said) == (host == "api.openai.com")


@pytest.mark.parametrize("kind", ["OpenAI", "OpenAI project"])
def test_no_part_of_a_key_is_shown_though_the_server_quotes_it(fake, kind):
    key = made_up_keys()[kind]
    error = error_of(fake_client(fake, api_key=key))
    assert key[-4:] in str(error), "the fake quotes parts of the key, as OpenAI does"
    assert key[3:8] not in explain(error) and key[-4:] not in explain(error)


def test_unknown_refusals_quote_the_server_without_keys():
    from course_utils.api_refusals import their_words

    error = RuntimeError("odd: " + made_up_keys()["OpenAI"])
    assert explain(error).startswith("예상하지 못한 오류입니다(RuntimeError)") and "a1B2" not in explain(error)
    assert their_words(ValueError("")) == ""


def test_mistyped_parameters_are_named(fake):
    error = error_of(fake_client(fake), temprature=0)
    assert "temprature" in explain(error) and "이름이 비슷한 매개변수: temperature." in explain(error)


def test_answers_that_are_no_json_are_explained():
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads("<html>")
    assert "로그인 화면" in explain(caught.value)


def test_other_errors_of_the_library_are_explained(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(openai.OpenAIError) as caught:
        openai.OpenAI()
    assert "openai_client()" in explain(caught.value)
    assert "안전 필터" in explain(openai.ContentFilterFinishReasonError())
    completion = openai.types.chat.ChatCompletion.construct(usage=None)
    assert "max_completion_tokens" in explain(openai.LengthFinishReasonError(completion=completion))
    assert explain(CourseValueError("그대로")) == "그대로"


@pytest.mark.parametrize("host", ["api.openai.com", "class.example"])
@pytest.mark.parametrize("cause", ["getaddrinfo failed", "Connection reset by peer"])
def test_particles_agree_with_the_words_before_them(host, cause):
    request = httpx.Request("POST", f"http://{host}/v1/chat/completions")
    error = openai.APIConnectionError(request=request)
    error.__cause__ = OSError(cause)
    said = explain(error)
    before, after = re.search(r"([가-힣])([을를]) 확인", said).groups()
    assert ((ord(before) - ord("가")) % 28 != 0) == (after == "을"), said
