"""Exercise set 03 against the bundled model: what its tasks claim about template, pipeline and settings is so."""

import warnings

import numpy as np
import pytest

from answer_key import load_task
from answer_key.ex03 import generation_settings, read_answer, render_prompt, repair_messages, template_predictions
from answer_key.ex03.samples import conversation
from course_utils import load_pipeline
from course_utils.checks import judges_ex03, stand_ins_ex03
from course_utils.checks.calling import call_here
from course_utils.checks.local import check_answers

ASKED = [{"role": "user", "content": "텀블러를 식기세척기에 넣어도 되나요?"}]


@pytest.fixture(scope="module")
def pipe():
    return load_pipeline("mini")


def cases(task, seeds):
    makers = [aspect.hidden for aspect in task.aspects if aspect.hidden]
    shown = [case for aspect in task.aspects for case in aspect.visible]
    return shown + [case for seed in seeds for make in makers for case in make(np.random.default_rng(seed))]


def test_template_reference_is_the_tokenizers_own_rendering(pipe):
    tried = cases(render_prompt.TASK, range(10))
    assert len(tried) > 100
    for case in tried:
        real = pipe.tokenizer.apply_chat_template(case.args[0], tokenize=False, **case.kwargs)
        assert render_prompt.reference(*case.args, **case.kwargs) == real


def test_predictions_come_true(pipe):
    talk = [*ASKED, {"role": "assistant", "content": "네."}, {"role": "user", "content": "무게가 얼마나 되나요?"}]
    text = pipe.tokenizer.apply_chat_template(talk, tokenize=False)
    ends = {"[|assistant|]": "가", "되나요?\n": "나", "[|endofturn|]\n": "다"}
    ending = next(letter for end, letter in ends.items() if text.endswith(end))
    open_question = "[|system|]친구처럼 반말로 답해 줘.[|endofturn|]\n[|user|]우산 배송은"
    inputs = pipe.tokenizer(open_question, return_tensors="pt")
    new_ids = pipe.model.generate(**inputs, max_new_tokens=20)[0, inputs["input_ids"].shape[1] :]
    written = pipe.tokenizer.decode(new_ids, skip_special_tokens=True)
    goes_on = "다" if written.split("\n")[0].endswith("?") else "가" if written else "나"
    assert template_predictions.TASK.reference == (text.count("[|endofturn|]"), ending, goes_on)


@pytest.mark.parametrize("limit", [60, 12])
@pytest.mark.parametrize("full", [True, False])
def test_answers_of_the_real_pipeline_are_read(pipe, limit, full):
    keep = {"skip_special_tokens": False, "return_full_text": full}
    result = pipe(ASKED, max_new_tokens=limit, do_sample=False, **keep)
    whole = pipe(ASKED, max_new_tokens=60, do_sample=False, return_full_text=False)[0]["generated_text"]
    read = read_answer.reference(result)
    assert read == whole if limit == 60 else whole.startswith(read) and read.endswith("!") and read != whole


@pytest.mark.parametrize("job", generation_settings.JOBS)
def test_the_reference_settings_are_taken_without_a_warning(pipe, job, caplog, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pipe(ASKED, **generation_settings.reference(job) | {"max_new_tokens": 3})
    assert "may be ignored" not in caplog.text + "".join(capfd.readouterr())


@pytest.mark.parametrize("full", [True, False])
def test_stand_in_pipeline_answers_in_the_shape_of_the_real_one(pipe, full):
    def shape(result):
        text = result[0]["generated_text"]
        return list(result[0]), len(result), [list(message) for message in text] if full else type(text)

    settings = {"max_new_tokens": 2, "do_sample": False, "return_full_text": full}
    assert shape(stand_ins_ex03.pipe()(ASKED, **settings)) == shape(pipe(ASKED, **settings))


@pytest.mark.parametrize("wrong", ["글", [], [{"role": "user", "contents": "질문"}], [ASKED], None])
def test_stand_ins_take_only_lists_of_messages(wrong):
    for call in (stand_ins_ex03.pipe(), stand_ins_ex03.counter()):
        with pytest.raises(TypeError):
            call(wrong)
    with pytest.raises(ValueError, match="max_tokens"):
        stand_ins_ex03.pipe()(ASKED, max_tokens=3)


def test_stand_in_pipeline_tells_one_way_of_calling_from_another():
    talk = conversation(np.random.default_rng(0), 1)
    greedy = {"do_sample": False, "max_new_tokens": 200}
    calls = [(talk, greedy), (talk[1:], greedy), (talk[-1:], greedy), (talk, {}), (talk, {**greedy, "do_sample": True})]
    calls.append((talk, {**greedy, "max_new_tokens": 100}))
    said = {stand_ins_ex03.pipe()(messages, **how)[0]["generated_text"][-1]["content"] for messages, how in calls}
    assert len(said) == len(calls)
    assert stand_ins_ex03.pipe()(talk, **greedy) == stand_ins_ex03.pipe()(talk, **greedy)


def test_counter_counts_each_message_and_its_mark():
    assert stand_ins_ex03.counter(letters=2, marks=3)([{"role": "user", "content": "우산 있나요?"}]) == 3 + 3 + 4


@pytest.mark.parametrize(
    ("job", "settings", "right"),
    [
        ("늘 같은 답", {"do_sample": False, "max_new_tokens": 100}, True),
        ("늘 같은 답", {"do_sample": 0, "max_new_tokens": 100}, False),
        ("늘 같은 답", {"do_sample": False, "max_new_tokens": 257}, False),
        ("늘 같은 답", {"do_sample": True, "max_new_tokens": 200}, False),
        ("여러 초안", {"do_sample": True, "max_new_tokens": 200, "temperature": 1.5, "top_k": 0, "top_p": 0.9}, True),
        ("여러 초안", {"do_sample": True, "max_new_tokens": 200, "temperature": 1.2, "top_k": None}, True),
        ("여러 초안", {"do_sample": True, "max_new_tokens": 200, "temperature": 1.2}, False),
        ("여러 초안", {"do_sample": True, "max_new_tokens": 200, "temperature": 1.2, "top_k": 0, "top_p": 0}, False),
        ("여러 초안", {"do_sample": True, "max_new_tokens": 200, "temperature": 0.7, "top_k": 0}, False),
        ("여러 초안", {"do_sample": True, "max_new_tokens": 200, "temperature": "1.0", "top_k": 0}, False),
        ("여러 초안", {"do_sample": True, "max_new_tokens": 200, "temperature": 1.0, "top_k": False}, False),
        ("긴 안내문", {"do_sample": False, "max_new_tokens": 1000, "repetition_penalty": 1.5}, True),
        ("긴 안내문", {"do_sample": False, "max_new_tokens": 1000, "repetition_penalty": 1}, False),
        ("긴 안내문", {"do_sample": False, "max_new_tokens": 400.0, "repetition_penalty": 1.2}, False),
        ("늘 같은 답", None, False),
    ],
)
def test_settings_are_judged_by_their_properties(job, settings, right):
    reason = judges_ex03.settings(settings, generation_settings.JOBS[job])
    assert (reason is None) == right


@pytest.mark.parametrize(
    ("got", "right"),
    [(value, True) for value in [(2, "나", "다"), ("2번", "나", "다"), (2.0, " 나. ", "'다'"), [2, "나", "다"]]]
    + [(value, False) for value in [(2, None, "다"), (2, "나"), None, 2, (2, "나", ["다"]), (True, "나", "다")]]
    + [
        (value, False) for value in [(3, "나", "다"), (2, "줄바꿈", "다"), (2, "", "다"), (2, "나다", "다"), (-2, 1, 1)]
    ],
)
def test_predictions_are_judged_one_by_one(got, right):
    assert (judges_ex03.predictions(got, (2, "나", "다")) is None) == right


@pytest.mark.parametrize(
    ("got", "reason"),
    [
        ([], "0개"),
        ("글", "리스트"),
        ([{"role": "user", "text": "가"}], "두 키"),
        ([{"role": "bot", "content": "가"}], "role"),
    ]
    + [
        ([{"role": "user", "content": "나"}], "content"),
        (["가"], "두 키"),
        ([{"role": "user", "content": "가"}], None),
    ],
)
def test_messages_are_compared_one_by_one(got, reason):
    said = judges_ex03.messages(got, [{"role": "user", "content": "가"}])
    assert said is None if reason is None else reason in said


@pytest.mark.parametrize(
    ("got", "reason"),
    [
        ("가나다", None),
        ("", "빈 글"),
        ("가나", "모자랍니다"),
        ("가나다라", "더 있습니다"),
        ("가다", "2번째"),
        (None, "다릅니다"),
    ],
)
def test_texts_are_compared_letter_by_letter(got, reason):
    said = judges_ex03.exact_text(got, "가나다")
    assert said is None if reason is None else reason in said


def test_repaired_lists_keep_the_templates_order_and_need_no_second_repair():
    for case in cases(repair_messages.TASK, range(20)):
        try:
            repaired = repair_messages.reference(*case.args)
        except ValueError:
            continue
        roles = [message["role"] for message in repaired]
        assert "system" not in roles[1:] and all(one != after for one, after in zip(roles, roles[1:], strict=False))
        assert all(set(message) == {"role", "content"} and message["content"].strip() for message in repaired)
        assert repair_messages.reference(repaired) == repaired


def test_a_reply_that_appends_to_the_history_it_was_given_fails_for_that():
    def careless(pipe, history, question):
        if not question.strip():
            raise ValueError
        history.append({"role": "user", "content": question.strip()})
        return pipe(history, do_sample=False, max_new_tokens=200)[0]["generated_text"]

    result = check_answers(load_task("reply").sheet(), (careless,))
    found = [aspect.finding.mistake for aspect in result.aspects if aspect.finding]
    assert found[:2] == ["changed_input", "changed_input"]


def test_trimmed_history_is_the_longest_that_fits():
    task = load_task("trim_history")
    for case in task.sheet(np.random.default_rng(5)).aspects[1].cases:
        kept, messages, budget = case.expected.value, case.args[0], case.args[1]
        count = stand_ins_ex03.counter(**case.args[2].settings)
        longer = [m for m in messages if m["role"] == "system"] + messages[-(len(kept) + 1) :]
        assert count(kept) <= budget < count(longer)
        assert call_here(task.reference, case, 5).value == kept
