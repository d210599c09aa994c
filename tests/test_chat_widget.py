"""The chat widget without a browser: write in its fields, press its buttons, and read what it shows."""

import threading
from html import unescape

import pytest
from chat_fakes import FakeClient, FakePipe
from openai import OpenAI

from course_utils import load_pipeline
from course_utils.chat_example import EXAMPLE
from course_utils.chat_turn import turns_text
from course_utils.chat_widget import QUESTIONS, CompareChat
from course_utils.errors import CourseValueError
from course_utils.fault_server import fault_server

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def pipe():
    return load_pipeline("mini")


@pytest.fixture
def chat(pipe):
    return CompareChat(FakePipe(pipe), FakeClient(), model="some-model")


def ask(chat, question):
    chat.question.value = question
    chat.send.click()


def conversation(chat):
    return unescape(chat.past.value + chat.latest.value)


def test_a_question_is_answered_by_both_and_the_field_is_free_for_the_next(chat):
    assert chat.question.value == QUESTIONS[0] and "아직 대화가 없습니다" in conversation(chat)
    chat.send.click()
    assert chat.question.value == "" and "모두 왔습니다" in chat.message.value
    for words in (QUESTIONS[0], "파이프라인의 답입니다.", "API의 답입니다.", "(mini)", "(some-model)", "토큰 7개"):
        assert words in chat.latest.value
    assert chat.past.value == ""
    ask(chat, "둘째 질문")
    assert (
        QUESTIONS[0] in chat.past.value and "둘째 질문" in chat.latest.value and QUESTIONS[0] not in chat.latest.value
    )


def test_the_controls_reach_both_models_and_each_answer_says_its_settings(chat):
    chat.temperature.value, chat.top_p.value, chat.seed.value = 0.7, 0.9, 11
    chat.system.value = "친절하게"
    ask(chat, "무게는?")
    chat.temperature.value = 0
    ask(chat, "배송은?")
    [first, second] = chat.session.sides["api"]._client.asked
    assert (first["temperature"], first["top_p"], first["seed"]) == (0.7, 0.9, 11) and second["temperature"] == 0
    assert first["messages"][0] == {"role": "system", "content": "친절하게"}
    assert "온도 0.7, top-p 0.9, 씨앗 11" in chat.past.value and "온도 0(탐욕적 디코딩)" in chat.latest.value


def test_nothing_can_be_sent_while_answers_come(pipe):
    seen = []

    def answer(messages):
        seen.append([control.disabled for control in chat.controls])
        seen.append("쓰는 중" in chat.latest.value and "기다리는 중" in chat.message.value)
        chat.send.click()  # the second half of a double click
        return "답"

    chat = CompareChat(FakePipe(pipe, answer), FakeClient(), model="m")
    chat.send.click()
    assert seen == [[True] * len(chat.controls), True] and len(chat.session.turns) == 1
    assert not any(control.disabled for control in chat.controls)


def test_what_people_write_stays_text(chat):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    chat.system.value = evil
    ask(chat, evil)
    ask(chat, "다음")
    for html in (chat.past.value, chat._repr_mimebundle_()["text/html"]):
        assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html


def test_answers_of_models_stay_text(pipe):
    chat = CompareChat(FakePipe(pipe, lambda _: "<script>1"), FakeClient(lambda _: "<b>2\n3"), model="<i>m")
    chat.send.click()
    assert "<script" not in chat.latest.value and "<b>2" not in chat.latest.value and "<i>m" not in chat.latest.value
    assert "&lt;b&gt;2<br>3" in chat.latest.value


def test_an_error_of_the_api_is_shown_in_korean_and_the_question_stays(pipe):
    with fault_server(["quota"]) as server:
        client = OpenAI(base_url=server.base_url, api_key=server.api_key)
        chat = CompareChat(pipe, client, model="m", temperature=0)
        chat.send.click()
    assert "insufficient_quota" in chat.latest.value and "⚠ 오류" in chat.latest.value
    assert 'role="alert"' in chat.message.value and "API" in chat.message.value
    assert chat.question.value == QUESTIONS[0] and not chat.send.disabled and "상세 페이지" in chat.latest.value


def test_a_wait_for_a_busy_server_is_announced(pipe):
    said = []
    with fault_server([("busy", 0.05)]) as server:
        client = OpenAI(base_url=server.base_url, api_key=server.api_key)
        chat = CompareChat(pipe, client, model="m", temperature=0)
        chat.message.observe(lambda change: said.append(change["new"]), names="value")
        chat.send.click()
    assert any("다시 묻습니다" in message for message in said) and "모두 왔습니다" in said[-1]


@pytest.mark.parametrize("empty", ["", " \n "])
def test_an_empty_question_is_refused_and_nothing_is_lost(chat, empty):
    chat.send.click()
    shown = conversation(chat)
    ask(chat, empty)
    assert "비어 있습니다" in chat.message.value and conversation(chat) == shown and not chat.send.disabled


def test_a_new_conversation_forgets_the_old_one(chat):
    chat.send.click()
    chat.restart.click()
    assert "아직 대화가 없습니다" in conversation(chat) and QUESTIONS[0] not in conversation(chat)
    ask(chat, "새 질문")
    assert chat.session.sides["api"]._client.asked[-1]["messages"] == [{"role": "user", "content": "새 질문"}]


def test_an_interrupted_question_leaves_the_widget_usable_and_its_late_answer_is_not_shown(pipe):
    begun, late = threading.Event(), threading.Event()
    threads = []

    def slow(settings):
        threads.append(threading.current_thread())
        begun.set()
        assert late.wait(10)
        return "늦은 답"

    def stop(messages):
        assert begun.wait(10)
        raise KeyboardInterrupt

    chat = CompareChat(FakePipe(pipe, stop), FakeClient(slow), model="m")
    chat.send.click()
    assert "멈추었습니다" in chat.message.value and chat.session.turns == [] and not chat.send.disabled
    late.set()
    threads[0].join(10)
    assert "늦은 답" not in conversation(chat) and "아직 대화가 없습니다" in conversation(chat)


def test_a_ready_made_question_is_put_into_the_field_and_can_be_picked_again(chat):
    for _ in range(2):
        chat.question.value = "내 질문"
        chat.example.value = QUESTIONS[2]
        assert chat.question.value == QUESTIONS[2]


def test_the_system_prompt_is_folded_until_it_is_asked_for(chat):
    assert chat.system.layout.display == "none" and chat.fold.description.endswith("펼치기")
    chat.fold.value = True
    assert chat.system.layout.display is None and chat.fold.description.endswith("접기")


def test_where_no_python_runs_a_recorded_conversation_stands_and_it_is_the_same_everywhere(pipe, chat):
    other = CompareChat(FakePipe(pipe), FakeClient())
    one, two = chat._repr_mimebundle_(), other._repr_mimebundle_()
    assert one.pop(VIEW)["model_id"] != two.pop(VIEW)["model_id"]
    assert one == two and set(one) == {"text/plain", "text/html"}
    assert one["text/plain"] == repr(chat) == turns_text(EXAMPLE)
    assert one["text/html"].count("<table ") == 1 and "기록해 둔" in one["text/html"]


def test_after_a_conversation_it_stands_there_itself_without_its_seconds(pipe):
    bundles = []
    for _ in range(2):
        chat = CompareChat(FakePipe(pipe), FakeClient(), model="m")
        chat.send.click()
        bundles.append(chat._repr_mimebundle_())
        bundles[-1].pop(VIEW)
    assert bundles[0] == bundles[1] and "API의 답입니다." in bundles[0]["text/html"]
    assert "기록해 둔" not in bundles[0]["text/html"] and "초" not in bundles[0]["text/plain"]


def test_start_values_stand_on_the_controls(pipe):
    start = {"temperature": 0.35, "top_p": 0.01, "seed": 8, "max_tokens": 9, "system": "짧게", "question": "왜?"}
    chat = CompareChat(FakePipe(pipe), FakeClient(), model="m", **start)
    assert (chat.temperature.value, chat.top_p.value, chat.seed.value) == (0.35, 0.01, 8)
    assert (chat.system.value, chat.question.value) == ("짧게", "왜?")
    chat.send.click()
    assert chat.session.sides["api"]._client.asked[0]["max_completion_tokens"] == 9


def test_wrong_arguments_are_refused_in_korean(pipe):
    with pytest.raises(CourseValueError, match="온도"):
        CompareChat(pipe, FakeClient(), temperature=3)
    with pytest.raises(CourseValueError, match="question"):
        CompareChat(pipe, FakeClient(), question=["왜?"])
