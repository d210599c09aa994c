"""Exercise set 06 against the real library and the fault server: what its tasks claim is so."""

import inspect
import re

import numpy as np
import openai
import pytest
from api_samples import MESSAGES, client_of, made_up_keys
from openai.resources.chat.completions import Completions
from openai.types.chat import ChatCompletionChunk

from answer_key import load_set, load_task
from answer_key.ex06 import api_settings, candidates_at, find_leaks, join_stream, retry_predictions
from course_utils.checks import judges_ex06, stand_ins_ex06
from course_utils.checks.local import check_answers
from course_utils.decoding import softmax
from course_utils.fault_server import fault_server
from course_utils.key_shapes import find_keys
from tests.exercise_notebooks import notebook_of


def hidden_cases(task, seeds=range(5)):
    makers = [aspect.hidden for aspect in task.aspects if aspect.hidden]
    return [case for seed in seeds for make in makers for case in make(np.random.default_rng(seed))]


def three_times(create):
    for attempt in range(3):
        try:
            return create()
        except openai.RateLimitError:
            if attempt == 2:
                raise


def test_predictions_come_true():
    counts = []
    # Its Retry-After keeps the library's own pauses short here; the notebook shows the real ones.
    for fault, ask in (
        ("too_long", lambda create: create()),
        ("quota", lambda create: create()),
        (("busy", 0.01), three_times),
    ):
        with fault_server([fault] * 12) as server, client_of(server) as client:
            with pytest.raises(openai.APIStatusError):
                ask(lambda client=client: client.chat.completions.create(model="m", messages=MESSAGES))
            counts.append(len(server.requests))
    assert tuple(counts) == retry_predictions.TASK.reference


def test_moved_settings_are_names_of_the_library_and_taken():
    known = inspect.signature(Completions.create).parameters
    moved = {"do_sample": True, "top_p": 0.9, "num_return_sequences": 2, "stop_strings": ["."], "seed": 1}
    assert set(api_settings.reference(moved)) <= set(known)


def test_made_up_keys_are_found_by_the_pattern_and_look_like_keys():
    for seed in range(20):
        cells = stand_ins_ex06.notebook([{"cell_type": "markdown", "source": ["# 준비\n", "{키}"]}], seed)["cells"]
        key = cells[0]["source"][1]
        assert re.fullmatch(find_leaks.PATTERN, key) and find_keys(key) == [("OpenAI", key)]
    assert re.search(find_leaks.PATTERN, made_up_keys()["OpenAI"])


def test_the_notebooks_pattern_is_the_answer_keys():
    text = "\n".join(cell.source for cell in notebook_of(load_set("ex06"), "exercises").cells)
    assert f'KEY = re.compile(r"{find_leaks.PATTERN}")' in text


def test_a_told_key_counts_whatever_it_is():
    keys = [made_up_keys()[kind] for kind in ("OpenAI", "OpenAI project")]
    assert judges_ex06.leaks([[1, keys[0]]], [[1, keys[1]]]) is None
    assert judges_ex06.leaks([[1, "source"]], [[1, "***"]]) is not None


def test_candidates_are_lesson_04s_softmax_when_all_are_visible():
    rng = np.random.default_rng(3)
    logits = rng.normal(size=6) * 3
    top = [[str(i), float(value)] for i, value in enumerate(np.log(softmax(logits)))]
    choice = stand_ins_ex06.choice([top])
    for temperature in (0.3, 1.0, 1.8):
        made = candidates_at.reference(choice, 0, temperature)
        np.testing.assert_allclose(list(made.values()), softmax(logits / temperature), rtol=1e-6)


def test_a_real_stream_is_joined_and_its_chunks_look_like_the_stand_ins():
    settings = {"model": "m", "messages": MESSAGES, "stream": True, "stream_options": {"include_usage": True}}
    with fault_server(["ok", "cut", "ok"]) as server, client_of(server, max_retries=0) as client:
        whole = client.chat.completions.create(**{"model": "m", "messages": MESSAGES})
        with client.chat.completions.create(**settings) as stream:
            broken = join_stream.reference(stream)
        with client.chat.completions.create(**settings) as stream:
            chunks = list(stream)
    joined = join_stream.reference(iter(chunks))
    text = whole.choices[0].message.content
    assert joined == {"text": text, "finish_reason": "stop", "tokens": whole.usage.completion_tokens}
    assert text.startswith(broken["text"]) and broken["text"] and broken["finish_reason"] is broken["tokens"] is None
    made = list(stand_ins_ex06.stream(["네", "."], tokens=5))
    assert all(type(chunk) is ChatCompletionChunk for chunk in [*chunks, *made])
    assert made[-1].choices == chunks[-1].choices == [] and made[-2].choices[0].finish_reason == "stop"


@pytest.mark.parametrize("task", load_set("ex06").tasks, ids=lambda task: task.name)
def test_no_sheet_and_no_case_holds_a_key(task):
    assert find_keys(repr([(case.args, case.kwargs) for case in hidden_cases(task)])) == []


def record(*pauses, **rest):
    body = {"model": "m", "messages": MESSAGES}
    requests = [{"body": body, "answer": "ok", "waited": float(pause)} for pause in pauses]
    return {"returned": "네.", "requests": requests, "waited_after": 0.0} | rest


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (record(0, 1, 2), True),
        (record(0, 1.25, 2.4), True),
        (record(0, 0.99, 2), False),
        (record(0, 1, 2.6), False),
        (record(0.1, 1, 2), False),
        (record(0, 1), False),
        (record(0, 1, 2, returned=None), False),
        (record(0, 1, 2, returned="아니요."), False),
        (record(0, 1, 2, waited_after=1.0), False),
        (record(0, 1, 2, raised=["NameError"]), False),
        ("네.", False),
        (None, False),
    ],
)
def test_conversations_are_judged_by_requests_pauses_and_result(got, right):
    assert (judges_ex06.talk(got, record(0, 1, 2)) is None) == right


def test_bodies_must_be_the_same():
    for change in ({"n": 2}, {"model": "other"}, {"messages": []}):
        got = record(0)
        got["requests"][0]["body"] = {**got["requests"][0]["body"], **change}
        assert judges_ex06.talk(got, record(0)) is not None
        assert judges_ex06.talk(record(0), got) is not None


def test_a_raised_exception_may_be_a_more_special_one():
    wanted = {"raised": ["RateLimitError"], "requests": [], "waited_after": 0.0}
    assert judges_ex06.talk(wanted | {"raised": ["Mine", "RateLimitError"]}, wanted) is None
    assert "RuntimeError" in judges_ex06.talk(wanted | {"raised": ["RuntimeError"]}, wanted)


def test_a_function_that_is_not_written_is_told_so_once():
    for name in ("usable_drafts", "ask_patiently", "ask_models"):
        aspects = check_answers(load_task(name).sheet(), (lambda *args, **kwargs: None,)).aspects
        assert [aspect.earned for aspect in aspects] == [0] * len(aspects)
        assert aspects[0].finding.mistake == "no_return"


def test_an_error_of_the_learners_own_is_shown_with_its_line():
    def broken(client, model, messages, sleep, tries=5, wait=1.0):
        return client.chat.completions.create(model=model, messages=messagez)  # noqa: F821

    finding = check_answers(load_task("ask_patiently").sheet(), (broken,)).aspects[0].finding
    assert finding.mistake == "NameError" and "messagez" in finding.diagnosis
