"""One conversation with two models: the bundled one through transformers, and through the API of a real server."""

import threading

import pytest
from chat_fakes import FakeClient, FakePipe
from openai import OpenAI
from transformers import set_seed

from course_utils import chat_sides, load_pipeline
from course_utils.chat_session import ChatSession
from course_utils.errors import CourseValueError
from course_utils.fault_server import fault_server
from course_utils.serving import local_server

QUESTIONS = ("이 텀블러 무게가 얼마나 되나요?", "배송은 언제 시작되나요?", "그럼 색상은 몇 가지인가요?")
SYSTEM = "한 문장으로만 답해 줘."


@pytest.fixture(scope="module")
def pipe():
    return load_pipeline("mini")


@pytest.fixture(scope="module")
def client():
    with local_server() as server:
        yield OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0)


def test_at_temperature_zero_both_sides_say_the_same_through_a_whole_conversation(pipe, client):
    session = ChatSession(pipe, client, temperature=0, top_p=0.3)
    turns = [session.ask(question) for question in QUESTIONS]
    assert [turn.same for turn in turns] == [True] * 3
    assert [turn.pipeline.tokens for turn in turns] == [turn.api.tokens for turn in turns]
    assert len({turn.pipeline.text for turn in turns}) == 3 and all(turn.pipeline.seconds > 0 for turn in turns)
    assert "텀블러" in turns[2].pipeline.text, "the first question's product is remembered"


def test_the_pipeline_may_be_llama_cpp(client):
    with load_pipeline("mini", engine="llama.cpp") as pipe:
        session = ChatSession(pipe, client, temperature=0)
        turns = [session.ask(question) for question in QUESTIONS[:2]]
        assert [turn.same for turn in turns] == [True, True] and turns[0].pipeline.model == "mini"
        assert [turn.pipeline.tokens for turn in turns] == [turn.api.tokens for turn in turns]
        drawn = [session.ask(QUESTIONS[2], temperature=1.5, seed=seed).pipeline.text for seed in (1, 2, 3)]
        session.restart()
        for question in QUESTIONS[:2]:
            session.ask(question, temperature=0)
        assert len(set(drawn)) > 1 and session.ask(QUESTIONS[2], temperature=1.5, seed=1).pipeline.text == drawn[0]
        too_long = session.ask(QUESTIONS[0], max_tokens=10**6)
        assert "길이" in too_long.pipeline.error


def test_the_answers_are_those_of_the_lessons_own_calls(pipe, client):
    session = ChatSession(pipe, client, system=SYSTEM, temperature=1.3, top_p=0.9, seed=5, max_tokens=40)
    turn = session.ask(QUESTIONS[0])
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTIONS[0]}]
    set_seed(5)
    drawn = {"do_sample": True, "temperature": 1.3, "top_p": 0.9, "top_k": 0}
    [plain] = pipe(messages, max_new_tokens=40, return_full_text=False, **drawn)
    same = {"temperature": 1.3, "top_p": 0.9, "seed": 5, "max_completion_tokens": 40}
    completion = client.chat.completions.create(model="mini", messages=messages, **same)
    assert turn.pipeline.text == plain["generated_text"]
    assert turn.api.text == completion.choices[0].message.content
    assert turn.api.tokens == completion.usage.completion_tokens
    assert turn.pipeline.model == turn.api.model == "mini"


def test_each_side_is_sent_the_system_prompt_its_own_answers_and_the_question(pipe):
    client, fake = FakeClient(), FakePipe(pipe)
    session = ChatSession(fake, client, model="some-model", system=SYSTEM)
    session.ask(f"  {QUESTIONS[0]} \n")
    session.ask(QUESTIONS[1])
    for messages, own in (
        (fake.asked[1][0], "파이프라인의 답입니다."),
        (client.asked[1]["messages"], "API의 답입니다."),
    ):
        roles = [message["role"] for message in messages]
        said = [message["content"] for message in messages]
        assert roles == ["system", "user", "assistant", "user"]
        assert said == [SYSTEM, QUESTIONS[0], own, QUESTIONS[1]]
    session.restart()
    session.system = ""
    session.ask(QUESTIONS[2])
    assert fake.asked[2][0] == client.asked[2]["messages"] == [{"role": "user", "content": QUESTIONS[2]}]


def test_nothing_is_cut_off_on_either_side_unless_asked(pipe):
    client, fake = FakeClient(), FakePipe(pipe)
    session = ChatSession(fake, client, model="m", temperature=1.5, top_p=0.8, seed=3, max_tokens=50)
    session.ask(QUESTIONS[0])
    session.ask(QUESTIONS[0], temperature=0)
    sampled, greedy = (settings for _, settings in fake.asked)
    assert sampled["top_k"] == 0 and sampled["temperature"] == 1.5 and sampled["top_p"] == 0.8
    assert greedy["do_sample"] is False and "temperature" not in greedy
    assert [asked["temperature"] for asked in client.asked] == [1.5, 0]
    assert {(asked["top_p"], asked["seed"], asked["max_completion_tokens"]) for asked in client.asked} == {(0.8, 3, 50)}


def test_both_sides_are_asked_at_the_same_time(pipe):
    meeting = threading.Barrier(2, timeout=10)  # broken when one side waits for the other's end
    client = FakeClient(lambda settings: f"{meeting.wait() is not None}")
    turn = ChatSession(FakePipe(pipe, lambda messages: f"{meeting.wait() is not None}"), client, model="m").ask("안녕")
    assert turn.same and turn.api.text == "True"


def test_a_side_that_fails_says_so_and_forgets_the_question(pipe):
    with fault_server(["wrong_key", "ok"]) as server:
        client = OpenAI(base_url=server.base_url, api_key=server.api_key)
        session = ChatSession(pipe, client, model="m", temperature=0)
        failed, answered = session.ask(QUESTIONS[0]), session.ask(QUESTIONS[1])
    assert "401" in failed.api.error and not failed.api.text and failed.pipeline.text and not failed.same
    assert "401" in repr(failed) and "오류" in failed._repr_html_()
    assert not answered.api.error and answered.api.text
    sent = [request.body["messages"] for request in server.requests]
    assert [message["content"] for message in sent[1]] == [QUESTIONS[1]]
    assert [message["content"] for message in session.messages("pipeline", "?")][0] == QUESTIONS[0]


def test_a_busy_server_is_waited_for(pipe):
    waits = []
    with fault_server([("busy", 0.05), "ok"]) as server:
        client = OpenAI(base_url=server.base_url, api_key=server.api_key)
        turn = ChatSession(pipe, client, model="m", temperature=0).ask(QUESTIONS[0], on_wait=waits.append)
    assert len(waits) == 1 and 0 < waits[0] < 1 and turn.api.text and not turn.api.error


def test_a_server_that_is_gone_leaves_the_pipelines_answer(pipe):
    with local_server() as server:
        client = OpenAI(base_url=server.base_url, api_key=server.api_key, max_retries=0)
    turn = ChatSession(pipe, client, retries=0, temperature=0).ask(QUESTIONS[0])
    assert "서버" in turn.api.error and turn.pipeline.text and not turn.pipeline.error


def test_a_pipeline_that_fails_leaves_the_apis_answer(pipe):
    def fail(messages):
        raise RuntimeError("no <memory>\nat all")

    turn = ChatSession(FakePipe(pipe, fail), FakeClient(), model="m").ask(QUESTIONS[0])
    assert "RuntimeError: no <memory>" in turn.pipeline.error and turn.api.text == "API의 답입니다."


def test_a_conversation_that_does_not_fit_is_refused_before_it_runs(pipe):
    fake = FakePipe(pipe)
    limit = pipe.model.config.max_position_embeddings
    turn = ChatSession(fake, FakeClient(), model="m", max_tokens=limit).ask(QUESTIONS[0])
    assert "길이" in turn.pipeline.error and fake.asked == []


def test_a_cut_answer_is_marked_on_both_sides(pipe, client):
    session = ChatSession(pipe, client, temperature=0, max_tokens=5)
    turn = session.ask(QUESTIONS[0])
    assert turn.pipeline.cut and turn.api.cut and turn.pipeline.tokens == turn.api.tokens == 5
    whole = session.ask(QUESTIONS[0], max_tokens=200)
    assert not whole.pipeline.cut and not whole.api.cut and "잘림" not in repr(whole)


def test_an_answer_is_shown_while_it_grows(pipe, monkeypatch):
    monkeypatch.setattr(chat_sides, "_SHOW_EVERY", 0)
    seen = []
    session = ChatSession(pipe, FakeClient(), model="m", temperature=0)
    turn = session.ask(QUESTIONS[0], on_change=lambda question, answers: seen.append((question, answers)))
    assert seen[0] == (QUESTIONS[0], {}) and seen[-1][1]["pipeline"] == turn.pipeline
    parts = [answers["pipeline"] for _, answers in seen if "pipeline" in answers][:-1]
    assert len(parts) == turn.pipeline.tokens and all(part.unfinished for part in parts)
    texts = [part.text.rstrip("\ufffd") for part in parts]
    assert all(turn.pipeline.text.startswith(text) for text in texts) and len(set(texts)) > 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": 2.1},
        {"temperature": -0.1},
        {"temperature": "1"},
        {"top_p": 0},
        {"top_p": 1.1},
        {"seed": -1},
        {"seed": 2**31},
        {"seed": True},
        {"max_tokens": 0},
        {"max_tokens": 1.5},
        {"top_k": 5},
        {"system": 3},
        {"question": "왜?"},
    ],
    ids=str,
)
def test_values_that_cannot_be_used_are_refused_in_korean(pipe, wrong):
    with pytest.raises(CourseValueError, match=f"{next(iter(wrong))}|씨앗|설정"):
        ChatSession(pipe, FakeClient(), **wrong)


@pytest.mark.parametrize("question", ["", " \n", None, 3])
def test_an_empty_question_is_refused_and_asked_of_nobody(pipe, question):
    client = FakeClient()
    session = ChatSession(pipe, client, model="m")
    with pytest.raises(CourseValueError, match="질문"):
        session.ask(question)
    assert client.asked == session.turns == []


def test_swapped_arguments_are_named(pipe):
    with pytest.raises(CourseValueError, match="pipe"):
        ChatSession(FakeClient(), pipe)
    with pytest.raises(CourseValueError, match="client"):
        ChatSession(pipe, "https://example.org/v1")
