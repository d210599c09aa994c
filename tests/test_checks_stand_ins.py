"""The API stand-ins: a real client and a timeless sleep, here and through a sandbox, with the record out of reach."""

import gc
import threading
import warnings

import openai
import pytest
from sandboxed import case, strongest

from course_utils.checks.api_record import is_record, record_text
from course_utils.checks.calling import call_here
from course_utils.checks.showing import outcome_text
from course_utils.checks.stand_ins import build, hosted, needs_host
from course_utils.checks.values import StandIn
from course_utils.grading.limits import Limits
from course_utils.grading.worker_link import WorkerLink

ASKED = [{"role": "user", "content": "우산 있나요?"}]
SCRIPT = [["busy", 3], "slow", "ok"]
ANSWERS = [{"choices": [["네.", "stop"], [None, "length"]], "usage": [40, 12, 8]}]
SOURCE = """
import openai

def stubborn(client, messages, sleep):
    while True:
        try:
            done = client.chat.completions.create(model="m", messages=messages, n=2)
            cached = done.usage.prompt_tokens_details.cached_tokens
            return [choice.message.content for choice in done.choices] + [cached]
        except openai.RateLimitError as error:
            sleep(float(error.response.headers["retry-after"]))
        except openai.APITimeoutError:
            sleep(0.5)
            sleep(0.25)
"""


def call():
    client = StandIn("api.client", script=SCRIPT, answers=ANSWERS)
    return case(client, ASKED, StandIn("api.sleep"))


@pytest.fixture
def stubborn():
    names = {}
    exec(SOURCE, names)
    return names["stubborn"]


def expected():
    body = {"model": "m", "messages": ASKED, "n": 2}
    seen = [("busy", 0.0), ("slow", 3.0), ("ok", 0.75)]
    requests = [{"body": body, "answer": answer, "waited": waited} for answer, waited in seen]
    return {"returned": ["네.", None, 8], "requests": requests, "waited_after": 0.0}


@pytest.fixture(params=["loopback", "socket"])
def folder(request, tmp_path):
    return tmp_path if request.param == "socket" else None


def test_requests_and_pauses_are_recorded_in_this_process(stubborn):
    outcome = call_here(stubborn, call(), 10)
    assert outcome.value == expected() and outcome.seconds < 5


def test_the_same_through_a_sandbox_without_a_network():
    with WorkerLink(strongest(), Limits(), sockets=True) as link:
        assert [report.status for report in link.run_cells([SOURCE])] == ["ok"]
        assert link.call("stubborn", call(), 10).value == expected()


def test_every_fault_is_the_exception_that_a_lesson_meets(folder):
    faults = {"busy": openai.RateLimitError, "drop": openai.APIConnectionError, "slow": openai.APITimeoutError}
    faults |= {"no_model": openai.NotFoundError, "overloaded": openai.InternalServerError, "cut": openai.APIError}
    with hosted([[StandIn("api.client", script=list(faults))]], folder) as (sent, evidence):
        client = build(sent)[0][0]
        for kind in faults.values():
            with pytest.raises(kind):
                client.chat.completions.create(model="m", messages=ASKED)
        client.close()
    assert [request["answer"] for request in evidence()["requests"]] == list(faults)


def test_pauses_after_the_last_request_are_told_apart(folder):
    with hosted([[StandIn("api.client", script=["ok"]), StandIn("api.sleep")]], folder) as (sent, evidence):
        client, sleep = build(sent)[0]
        sleep(2)
        client.chat.completions.create(model="m", messages=ASKED)
        sleep(1)
        client.close()
        sleep.close()
    assert [request["waited"] for request in evidence()["requests"]] == [2.0] and evidence()["waited_after"] == 1.0


@pytest.mark.parametrize(("seconds", "kind"), [("1", TypeError), (None, TypeError), (-1, ValueError)])
def test_sleep_refuses_what_time_sleep_refuses(seconds, kind):
    with hosted([[StandIn("api.client", script=[]), StandIn("api.sleep")]]) as (sent, _):
        client, sleep = build(sent)[0]
        with pytest.raises(kind):
            sleep(seconds)
        client.close()
        sleep.close()


def test_sleep_belongs_to_a_client():
    with pytest.raises(ValueError, match=r"api\.client"), hosted([[StandIn("api.sleep")]]):
        pass
    assert needs_host([StandIn("api.sleep")]) and not needs_host([StandIn("rng", seed=1)])


def test_proxies_of_the_machine_are_not_asked(monkeypatch, stubborn):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert call_here(stubborn, call(), 10).value == expected()


def test_nothing_is_left_open_or_running(folder, stubborn):
    def once():
        with hosted([list(call().args)], folder) as (sent, _):
            client, messages, sleep = build(sent)[0]
            stubborn(client, messages, sleep)
            client.close()
            sleep.close()

    once()
    before = threading.active_count()
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        for _ in range(3):
            once()
        gc.collect()
    assert threading.active_count() == before
    assert folder is None or not list(folder.iterdir())


def test_a_learner_who_forgets_everything_leaves_nothing_either():
    def careless(client, messages, sleep):
        client.with_options(timeout=3).chat.completions.create(model="m", messages=messages, stream=True)
        raise RuntimeError

    before = threading.active_count()
    outcome = call_here(careless, case(StandIn("api.client", script=["ok"]), ASKED, StandIn("api.sleep")), 10)
    assert outcome.value["raised"][0] == "RuntimeError" and outcome.value["requests"][0]["body"]["stream"] is True
    assert threading.active_count() == before


def test_record_reads_as_sentences(stubborn):
    outcome = call_here(stubborn, call(), 10)
    text = outcome_text(outcome)
    assert text.splitlines() == [
        "1번째 요청: model='m', n=2, 메시지 1개 → 429 rate_limit_exceeded",
        "2번째 요청: 3초 기다림, model='m', n=2, 메시지 1개 → 시간 초과",
        "3번째 요청: 0.75초 기다림, model='m', n=2, 메시지 1개 → 답변",
        "돌려준 값: ['네.', None, 8]",
    ]
    nothing = {"raised": ["NameError", "Exception"], "requests": [], "waited_after": 2.0}
    assert record_text(nothing) == "요청을 보내지 않음\n마지막 요청 뒤에 2초 기다림\nNameError 오류"
    assert not is_record({"requests": []}) and not is_record([])
