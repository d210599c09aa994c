"""A class server as an instructor opens it and students use it: keys, limits, counts, the sheet, its end."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import httpx
import psutil
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from course_utils.gguf_files import gguf_for
from course_utils.serving import local_server
from tests.ended_programs import ended_with_the_test
from tools import class_gate, class_load
from tools.class_gate import Counts, Gate, gate_settings, kind_of
from tools.class_load import Part, _pooled, busy_seconds, class_server, verdict
from tools.class_room import Room
from tools.class_server import _parser, main
from tools.class_students import Answer, Lesson, Students

KEYS = ("class-aaaa-bbbb-cccc", "class-dddd-eeee-ffff")
QUESTION = {"model": "mini", "messages": [{"role": "user", "content": "배송은 얼마나 걸리나요?"}], "max_tokens": 8}


@pytest.fixture(autouse=True)
def no_long_ticks(monkeypatch):
    monkeypatch.setattr(class_gate, "STATUS_SECONDS", 0.02)


@pytest.fixture(scope="module")
def engine():
    with local_server("mini", slots=2) as server:
        yield server


def with_gate(engine, use, *, per_minute=0, **limits):
    """Open a gate in front of the engine, let ``use(client)`` act, close it; the gate."""
    settings = {"host": "127.0.0.1", "port": 0, "at_once": 2, "waiting": 8, "answer": 64, **limits}
    gate = Gate(gate_settings("mini", KEYS, **settings), engine.engine_url, engine.engine_key, per_minute)
    done = asyncio.Event()

    async def act(port):
        headers = {"Authorization": f"Bearer {KEYS[0]}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/v1", headers=headers, timeout=30) as client:
            await use(client)

    async def run():
        tasks = []
        ready = lambda port: tasks.append(asyncio.create_task(act(port)))  # noqa: E731
        serving = asyncio.create_task(gate.serve(ready, lambda: not (tasks and tasks[0].done())))
        await asyncio.wait_for(serving, 60)
        await tasks[0]
        done.set()

    asyncio.run(run())
    assert done.is_set()
    return gate


def test_answers_refusals_and_wrong_keys_are_counted_apart(engine):
    async def use(client):
        assert (await client.post("/chat/completions", json=QUESTION)).status_code == 200
        assert (await client.post("/chat/completions", json={**QUESTION, "temperature": 9})).status_code == 400
        wrong = {"Authorization": "Bearer nobody-knows-me"}
        assert (await client.post("/chat/completions", json=QUESTION, headers=wrong)).status_code == 401
        second = {"Authorization": f"Bearer {KEYS[1]}"}
        assert (await client.post("/chat/completions", json=QUESTION, headers=second)).status_code == 200
        assert (await client.get("/models")).json()["data"][0]["id"] == "mini"

    counts = with_gate(engine, use).counts
    assert counts.by_kind == {"answered": 2, "refused": 1, "no_key": 1}
    assert counts.by_key == {"키 1": 2, "키 2": 1}
    assert counts.inside == 0 and counts.most_inside == 1
    assert not any(key in counts.line() for key in KEYS)


def test_no_answer_is_longer_than_the_server_allows(engine):
    async def use(client):
        for asked in ({}, {"max_tokens": 4000}, {"max_completion_tokens": 4000}, {"max_tokens": 3}):
            body = {**QUESTION, "max_tokens": None, **asked}
            answer = (await client.post("/chat/completions", json=body)).json()
            assert answer["usage"]["completion_tokens"] == min(5, *asked.values(), 5)
            assert answer["choices"][0]["finish_reason"] == "length"

    with_gate(engine, use, answer=5)


def test_each_key_has_its_own_number_of_requests_per_minute(engine):
    async def use(client):
        codes = [(await client.post("/chat/completions", json=QUESTION)).status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        refused = await client.post("/chat/completions", json=QUESTION)
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"
        second = {"Authorization": f"Bearer {KEYS[1]}"}
        assert (await client.post("/chat/completions", json=QUESTION, headers=second)).status_code == 200

    assert with_gate(engine, use, per_minute=2).counts.by_kind["busy"] == 2


def test_a_student_who_stops_a_cell_is_counted_and_keeps_no_place(engine):
    if hasattr(asyncio, "_nest_patched"):
        pytest.skip("jupyter_client 7 has patched asyncio in this process: a closed line is not noticed then")

    async def use(client):
        long = {**QUESTION, "max_tokens": 1900, "logit_bias": {"361": -100}, "stream": True}
        async with client.stream("POST", "/chat/completions", json=long) as answer:
            await anext(answer.aiter_raw())
        assert (await client.post("/chat/completions", json=QUESTION)).status_code == 200

    counts = with_gate(engine, use, at_once=1, waiting=1, answer=1900).counts
    assert counts.by_kind == {"left": 1, "answered": 1} and counts.inside == 0


@pytest.mark.parametrize(("last", "kind"), [("data: [DONE]", "answered"), ("data: {}", "left")])
def test_a_student_who_hangs_up_after_the_last_piece_of_a_stream_was_answered(last, kind):
    async def slow_to_close(request):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(f"{last}\n\n".encode())
        await hung_up.wait()

    async def use(client):
        app = web.Application()
        app.router.add_post("/v1/chat/completions", slow_to_close)
        async with TestServer(app, port=port):
            async with client.stream("POST", "/chat/completions", json={**QUESTION, "stream": True}) as answer:
                assert await anext(answer.aiter_lines()) == last
            await asyncio.sleep(0.2)
            hung_up.set()

    port, hung_up = unused_port(), asyncio.Event()
    engine = SimpleNamespace(engine_url=f"http://127.0.0.1:{port}", engine_key="x")
    assert with_gate(engine, use).counts.by_kind == {kind: 1}


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, "answered"), (401, "no_key"), (404, "refused"), (429, "busy"), (503, "busy"), (500, "failed")],
)
def test_what_a_status_counts_as(status, kind):
    assert kind_of(status) == kind


def test_more_at_once_than_llama_takes_is_waited_for_not_refused():
    settings = gate_settings("exaone", KEYS, host="127.0.0.1", port=0, at_once=200, waiting=50, answer=64)
    assert settings.slots + settings.waiting == 250


def test_the_room_closes_with_an_error_when_the_model_stops(tmp_path, capsys):
    gate = Gate(gate_settings("mini", KEYS, host="127.0.0.1", port=0, at_once=1, waiting=0, answer=9), "http://x", "")
    assert Room(gate, tmp_path, alive=lambda: False).run() == 1
    assert "멈췄습니다" in capsys.readouterr().out


def test_a_proxys_address_is_shown_and_checked_exactly_as_given(tmp_path, capsys, monkeypatch):
    url, calls = "https://class.example.kr/llm/v1", []

    def student(words, env, **rest):
        calls.append((words[1:], env["OPENAI_BASE_URL"], env["OPENAI_API_KEY"]))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr("tools.class_room.subprocess.run", student)
    gate = Gate(gate_settings("mini", KEYS, host="127.0.0.1", port=0, at_once=1, waiting=0, answer=9), "http://x", "")
    assert Room(gate, tmp_path, url, check=True).run() == 0
    assert calls == [(["-m", "tools.class_check"], url, KEYS[0])]
    said = capsys.readouterr().out
    assert f"OPENAI_BASE_URL={url}\n" in said and "http://127.0.0.1:" in said and "--lan" not in said
    for sheet in ("class.html", "class.md"):
        text = (tmp_path / sheet).read_text("utf-8")
        assert url in text and "127.0.0.1" not in text


@pytest.mark.parametrize(
    ("given", "good"),
    [("192.0.2.7", True), ("class.local", True), ("http://a.kr:8080/v1", True), ("https://a.kr/x/v1", True)]
    + [
        (wrong, False)
        for wrong in ("https://a.kr", "https://a.kr/", "192.0.2.7:8000/v1", "ftp://a.kr/v1", "https:///v1")
    ],
)
def test_an_address_is_a_computer_or_a_whole_url(given, good, capsys):
    words = ["llama", "--address", given]
    if good:
        assert _parser().parse_args(words).address == given
    else:
        with pytest.raises(SystemExit):
            _parser().parse_args(words)
        assert "--address: 192.168.0.10 같은 주소나" in capsys.readouterr().err


def test_a_taken_port_is_told_with_the_way_out(tmp_path, engine, capsys, monkeypatch):
    monkeypatch.setattr("tools.class_server.signal.signal", lambda *_: None)
    monkeypatch.setattr("course_utils.serving.local_server", lambda *_, **__: nullcontext(engine))
    port = engine.base_url.split(":")[2].removesuffix("/v1")
    assert main(["llama", "--port", port, "--handout", str(tmp_path), "--key-file", str(tmp_path / "keys")]) == 1
    assert "--port에 다른 번호" in capsys.readouterr().err


# --- as programs: the command that an instructor types, students in processes of their own ---


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_check_is_a_students_round_trip_and_ctrl_c_leaves_no_process(tmp_path):
    environment = {**os.environ, "COURSE_CLASS_KEYS": KEYS[0], "PYTHONUNBUFFERED": "1"}
    words = [sys.executable, "-m", "tools.class_server", "llama", "--port", "0", "--handout", str(tmp_path)]
    with ended_with_the_test(
        words, cwd=class_load.ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        said = ""
        while "Ctrl-C" not in said:
            said += server.stdout.readline()
        url = re.search(r"OPENAI_BASE_URL=(\S+)", said)[1]
        assert url in (tmp_path / "class.html").read_text("utf-8") and KEYS[0] in (tmp_path / "class.md").read_text(
            "utf-8"
        )
        check = [*words[:3], "check", url, KEYS[0]]
        done = subprocess.run(check, cwd=class_load.ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and done.stdout.count("[됨]") == 4, done.stdout + done.stderr
        assert KEYS[0] not in done.stdout
        family = psutil.Process(server.pid).children(recursive=True)
        assert family
        server.send_signal(signal.SIGINT)
        rest, _ = server.communicate(timeout=20)
        assert server.returncode == 0 and "답한 질문 2" in rest and "Traceback" not in rest
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []


def test_students_are_answered_and_a_full_server_puts_them_off_until_it_has_room():
    """By a .gguf file's path, as a class with a model of its own is measured; ``ask`` has its default settings."""
    file = str(gguf_for("mini").path)
    with class_server(file, "--at-once", "1", "--waiting", "1", "--context", "256") as server:
        with Students(processes=1) as students:
            lesson = Lesson(server.url, server.key, server.model, 6, questions=1, think=0, tokens=24, seconds=40)
            assert server.cpu_seconds() > 0
            hasty = students.attend(lesson)
            refused = [answer for answer in hasty if answer.error]
            assert len(hasty) == 6 and refused and all("RateLimitError" in answer.error for answer in refused)
            patient = students.attend(replace(lesson, patient=True))
            assert [answer.error for answer in patient] == [""] * 6
            assert sum(answer.put_off for answer in patient) > 0
            assert {answer.student for answer in patient} == set(range(6))
            alone = students.attend(replace(lesson, students=1, questions=4, different=2))
            assert [answer.error for answer in alone] == [""] * 4
            lengths = [answer.tokens for answer in sorted(alone, key=lambda one: one.asked)]
            assert lengths[:2] == lengths[2:]  # the same questions with the same seeds
    assert not server.process.is_running()


# --- the report ---


def answer(student, asked, ended, tokens=10, put_off=0, error=""):
    return Answer(student, asked, ended, tokens, put_off, error)


def test_busy_seconds_count_overlaps_once_and_pauses_not():
    assert busy_seconds([answer(0, 0, 2), answer(1, 1, 3), answer(2, 1.2, 1.5), answer(0, 10, 11)]) == 4


def test_report_and_verdict():
    alone = Part("alone", [answer(0, 0, 1), answer(0, 1, 2)])
    whole = Part("class", [answer(n, 0, 2) for n in range(4)])
    full = Part("full", [answer(0, 0, 1, put_off=2), answer(1, 0, 1)])
    assert (alone.tokens_per_second, whole.tokens_per_second, whole.latency(0.5)) == (10, 20, 2)
    assert verdict([alone, whole, full]) == []
    cells = Part("class", whole.answers, cpu_seconds=4.0).cells(10)
    assert cells[1:5] == ["4", "4", "0", "0"] and full.cells(10)[4] == "1" and cells[-2:] == ["2.00", "10"]
    both = _pooled([alone, Part("alone", [answer(0, 10, 14)])])
    assert (len(both.answers), both.tokens_per_second) == (3, 5)
    broken = Part("class", [*whole.answers, answer(5, 0, 1, error="never ended")])
    assert _pooled([whole, broken]).failed == 1
    assert "never ended" in verdict([alone, broken, full])[0]
    assert "1.5 times" in verdict([alone, alone, full])[0] and verdict([alone, alone, full], 0.0) == []
    assert "nobody was told busy" in verdict([alone, whole, whole])[0]


def test_a_student_that_never_answers_is_counted_as_failed():
    from tools.class_students import _missing

    lesson = SimpleNamespace(students=2, questions=3)
    lost = _missing(lesson, [answer(0, 0, 1), answer(0, 1, 2), answer(1, 0, 1)])
    assert sorted(one.student for one in lost) == [0, 1, 1] and all(one.error for one in lost)


def test_the_status_line_names_what_happened():
    counts = Counts(inside=3)
    counts.by_kind.update({"answered": 5, "left": 1})
    assert counts.line() == "처리 중 3, 답한 질문 5, 붐벼서 미룬 질문 0, 학생이 멈춘 질문 1"
