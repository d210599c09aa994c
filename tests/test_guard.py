"""The guard over the wire: what the real openai client makes of its answers, busy times, clients that leave."""

import secrets
import socket
import threading
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import openai
import pytest
import requests

from course_utils import guard
from course_utils.serving import local_server

QUESTION = [{"role": "user", "content": "배송은 언제 오나요?"}]
ENDLESS = {"temperature": 2.0, "seed": 1, "logit_bias": {"361": -100}}  # never the token that ends an answer


@pytest.fixture(scope="module")
def server():
    with local_server(slots=2, waiting=1, context=1024) as running:
        yield running


@pytest.fixture(scope="module")
def client(server):
    with openai.OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0) as made:
        yield made


def ask(client, **settings):
    return client.chat.completions.create(**{"model": "mini", "messages": QUESTION, "temperature": 0, **settings})


def shape(response, status):
    error = response.json()["error"]
    assert response.status_code == status and set(error) == {"message", "type", "param", "code"}
    assert error["code"] is None or isinstance(error["code"], str)
    return error


def until_free(client):
    started = time.monotonic()
    while True:
        try:
            ask(client, max_tokens=1, n=2)
            return time.monotonic() - started
        except openai.RateLimitError:
            assert time.monotonic() - started < 10
            time.sleep(0.02)


def test_a_wrong_missing_or_malformed_key_is_a_401_and_is_not_repeated(server):
    wrong = secrets.token_urlsafe(24)
    headers = [None, wrong, f"Bearer {wrong}", "Bearer", "Bearer ", f"Basic {server.api_key}", server.api_key]
    headers += [f"Bearer {server.api_key}x", f"Bearer {server.api_key[:-1]}", "Bearer 열쇠".encode()]
    for header in headers:
        said = requests.get(f"{server.base_url}/models", headers={"Authorization": header} if header else {})
        assert shape(said, 401)["code"] == "invalid_api_key"
        assert wrong not in said.text and server.api_key not in said.text
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=server.base_url, api_key=wrong, max_retries=0).models.list()
    good = {"Authorization": f"bearer {server.api_key}"}
    assert requests.get(f"{server.base_url}/models", headers=good).status_code == 200


def test_addresses_and_methods_that_do_not_exist_are_404_and_405_and_health_needs_no_key(server):
    headers = {"Authorization": f"Bearer {server.api_key}"}
    assert shape(requests.post(f"{server.base_url}/embeddings", headers=headers), 404)["code"] == "unknown_url"
    refused = requests.get(f"{server.base_url}/chat/completions", headers=headers)
    assert shape(refused, 405)["code"] == "method_not_supported" and refused.headers["Allow"] == "POST"
    assert requests.get(server.base_url.removesuffix("v1") + "health").json() == {"status": "ok"}
    large = requests.post(f"{server.base_url}/responses", headers=headers, data=b" " * (guard.BODY_LIMIT + 1))
    assert shape(large, 413)["code"] == "request_too_large"
    assert shape(requests.post(f"{server.base_url}/completions", headers=headers, data=b"{"), 400)["code"] is None


def test_models_are_listed_and_found_by_name(client):
    assert [each.id for each in client.models.list()] == ["mini"]
    assert client.models.retrieve("mini").id == "mini"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("gpt/4o")
    assert caught.value.code == "model_not_found"


def test_the_client_parses_refusals_and_the_context_is_told_with_both_numbers(client):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, temperature=3)
    assert (caught.value.code, caught.value.param) == ("decimal_above_max_value", "temperature")
    assert caught.value.request_id.startswith("req_")
    with pytest.raises(openai.BadRequestError, match=r"1024 tokens\. However.* \d{4} tokens") as caught:
        ask(client, messages=QUESTION * 300)
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "messages")
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="mini", input="배송 " * 3000)
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "input")
    with pytest.raises(openai.NotFoundError):
        ask(client, model="gpt-4o-mini")


def test_a_length_beyond_the_context_ends_there(client):
    answer = ask(client, messages=[{"role": "user", "content": "배송 " * 950}], max_tokens=9999, **ENDLESS)
    assert answer.choices[0].finish_reason == "length" and answer.usage.total_tokens == 1024


def test_the_three_endpoints_answer_and_stream_under_the_models_name(client):
    whole = ask(client)
    assert whole.model == "mini" and whole.choices[0].finish_reason == "stop"
    pieces = list(ask(client, stream=True, stream_options={"include_usage": True}))
    assert "".join(each.choices[0].delta.content or "" for each in pieces if each.choices) == (
        whole.choices[0].message.content
    )
    assert pieces[-1].usage.completion_tokens == whole.usage.completion_tokens
    old = client.completions.create(model="mini", prompt="안녕", temperature=0)
    assert old.model == "mini" and old.usage.completion_tokens == 16
    new = client.responses.create(model="mini", input=QUESTION, temperature=0)
    assert new.output_text == whole.choices[0].message.content and new.model == "mini"
    events = list(client.responses.create(model="mini", input=QUESTION, temperature=0, stream=True))
    assert events[-1].response.output_text == new.output_text


def test_an_answer_can_be_appended_to_the_conversation_as_it_came(client):
    first = ask(client)
    more = [*QUESTION, first.choices[0].message, {"role": "user", "content": "감사합니다"}]
    plain = [*QUESTION, {"role": "assistant", "content": first.choices[0].message.content}, more[-1]]
    said = ask(client, messages=more).choices[0].message.content
    assert said and said == ask(client, messages=plain).choices[0].message.content
    response = client.responses.create(model="mini", input=QUESTION, temperature=0)
    thread = [*QUESTION, *(each.model_dump() for each in response.output), more[-1]]
    assert client.responses.create(model="mini", input=thread, temperature=0).output_text == said


def test_the_developers_role_is_the_systems_and_instructions_too(client):
    system = "너는 교환과 환불을 맡은 상담원이다."
    said = [
        ask(client, messages=[{"role": role, "content": system}, *QUESTION]).choices[0].message.content
        for role in ("system", "developer")
    ]
    said.append(client.responses.create(model="mini", instructions=system, input=QUESTION, temperature=0).output_text)
    assert len(set(said)) == 1


def test_several_draws_differ_and_a_seed_brings_all_of_them_back(client):
    def texts(**settings):
        return [each.message.content for each in ask(client, temperature=1.5, n=2, **settings).choices]

    assert len({*texts(seed=30), *texts(seed=40)}) == 4
    assert texts(seed=30) == texts(seed=30)
    assert texts(seed=30)[1] == texts(seed=31)[0]  # the engine counts on: the second answer has the next seed
    assert len({tuple(texts()) for _ in range(4)}) > 1  # without a seed, each time anew


def test_hangul_in_single_letters_is_read_as_whole_syllables(client):
    taken_apart = [{"role": "user", "content": unicodedata.normalize("NFD", QUESTION[0]["content"])}]
    apart, whole = ask(client, messages=taken_apart), ask(client)
    assert apart.usage == whole.usage and apart.choices[0].message == whole.choices[0].message


def test_stop_sequences_are_cut_off(client):
    text = ask(client).choices[0].message.content
    assert ask(client, stop=[text[8:11]]).choices[0].message.content == text[: text.index(text[8:11])]


def test_one_request_more_than_computed_and_waiting_is_told_busy_and_others_are_served(client):
    def quick(_):
        try:
            return ask(client, max_tokens=60, **ENDLESS).choices[0].finish_reason
        except openai.RateLimitError as error:
            assert int(error.response.headers["retry-after"]) >= 1 and error.code == "rate_limit_exceeded"
            return "busy"

    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(quick, range(12)))
    assert set(said) == {"length", "busy"} and said.count("length") >= 3
    patient = client.with_options(max_retries=5)
    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(lambda _: ask(patient, max_tokens=5), range(6)))


def test_a_client_that_leaves_frees_its_place_at_once_and_the_computation_ends(server, client):
    streams = [ask(client, stream=True, **ENDLESS) for _ in range(2)]
    for stream in streams:
        next(iter(stream))
    ended = []

    def short():
        try:
            ended.append(ask(client, max_tokens=1).object)
        except openai.RateLimitError:
            ended.append("refused")

    # Whichever comes first waits, and the other finds no place; which one that is a busy machine decides.
    others = [threading.Thread(target=short) for _ in range(2)]
    for other in others:
        other.start()
    until = time.monotonic() + 5
    while not ended and time.monotonic() < until:
        time.sleep(0.01)
    assert ended == ["refused"]
    for stream in streams:
        stream.close()
    assert until_free(client) < 1.0
    for other in others:
        other.join(5)
    assert ended == ["refused", "chat.completion"]
    with pytest.raises(openai.APITimeoutError):
        ask(client.with_options(timeout=0.2), **ENDLESS)
    assert until_free(client) < 2.0  # the engine looks once a second whether anybody still listens


def test_the_log_tells_requests_without_keys_and_without_what_people_write(server, client):
    secret = "비밀스러운 이야기"
    ask(client, messages=[{"role": "user", "content": secret}])
    client.completions.create(model="mini", prompt=secret)
    with pytest.raises(openai.BadRequestError):
        ask(client, messages=[{"role": secret, "content": secret}])
    log = server.log.read_text()
    assert "POST '/v1/chat/completions' 200" in log and "400" in log
    assert secret not in log and server.api_key not in log and server.engine_key not in log


def test_the_log_and_the_answer_show_nothing_of_a_request_that_is_no_http(server):
    secret = "a-secret-question"
    spoilt = [
        f"POST /v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer {server.api_key}\0\r\n\r\n",
        f"POST /v1/chat/completions HTTP/1.1\r\nAuthorization Bearer {server.api_key}\r\n\r\n",
        f"POST /v1/chat completions?{secret} HTTP/1.1\r\n\r\n",
        f"POST /v1/chat/completions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{secret}\r\n",
    ]
    for request in spoilt:
        with socket.create_connection(("127.0.0.1", urlsplit(server.base_url).port), timeout=5) as line:
            line.sendall(request.encode())
            assert b" 400 " in line.recv(4096)
    log = server.log.read_text()
    assert log.count("guard: BadHttpMessage") >= 2
    assert secret not in log and server.api_key not in log and "Traceback" not in log
