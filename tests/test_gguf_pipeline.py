"""``GgufPipeline`` on mini's GGUF against transformers' pipeline on mini: same text, chances and shapes; its end."""

import _thread
import contextlib
import gc
import io
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest
from scipy.stats import chisquare

from course_utils import CourseError, answer_settings, load_pipeline
from course_utils.decoding_walk import DecodingWalk
from course_utils.next_token import next_token_logits

QUESTIONS = (
    "이 텀블러 무게가 얼마나 되나요?",
    "배송은 언제 오나요?",
    "주문한 운동화가 지금 어디쯤 왔나요?",
    "이 이불 세탁 방법 알려 주세요.",
    "다이어리에 2026년 공휴일이 있나요?",
    "환불하고 싶어요",
    "안녕하세요",
    "색깔이 사진과 같나요?!",
    "Does it come in black?",
    "오늘 날씨 어때 😊",
)
SYSTEM = {"role": "system", "content": "너는 쇼핑몰 상담원이야. 짧고 친절하게 대답해줘."}
CHAT = [SYSTEM, {"role": "user", "content": QUESTIONS[0]}]
BEGINNING = "안녕하세요"
GREEDY = {"do_sample": False, "max_new_tokens": 40}
LONG = {"temperature": 10.0, "top_k": 0, "max_new_tokens": 2000, "seed": 1}


@pytest.fixture(scope="module")
def pipe():
    with load_pipeline("mini", engine="llama.cpp") as loaded:
        yield loaded


@pytest.fixture(scope="module")
def reference():
    return load_pipeline("mini")


def ended(pid, seconds=10.0):
    """Whether the process ends within ``seconds``."""
    until = time.monotonic() + seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


# --- the same answers ---


def test_greedy_text_equals_transformers_on_many_questions_and_lengths(pipe, reference):
    for number, question in enumerate(QUESTIONS):
        chat = [SYSTEM][: number % 2] + [{"role": "user", "content": question}]
        for length in (1, 6, 60):
            settings = {"do_sample": False, "max_new_tokens": length}
            assert pipe(chat, **settings) == reference(chat, **settings)


@pytest.mark.parametrize(
    "asked",
    [
        BEGINNING,
        CHAT,
        tuple(CHAT),
        [BEGINNING, "배송은"],
        [CHAT, CHAT[1:]],
        [*CHAT, {"role": "assistant", "content": "네, 고객님."}],
        [*CHAT, {"role": "assistant", "content": "네."}, {"role": "user", "content": "감사합니다"}],
        [SYSTEM, {"role": "user", "content": ""}],
    ],
    ids=["text", "chat", "tuple", "texts", "chats", "prefill", "turns", "empty question"],
)
@pytest.mark.parametrize("full", [None, True, False])
def test_every_form_of_input_gives_the_librarys_result(pipe, reference, asked, full):
    settings = GREEDY if full is None else {**GREEDY, "return_full_text": full}
    assert pipe(asked, **settings) == reference(asked, **settings)


@pytest.mark.parametrize(
    "more",
    [
        {"repetition_penalty": 1.4},
        {"skip_special_tokens": False},
        {"continue_final_message": False},
        {"batch_size": 2},
    ],
)
def test_other_settings_mean_what_they_mean_to_the_library(pipe, reference, more):
    chats = [CHAT, [*CHAT, {"role": "assistant", "content": "네, 고객님."}]]
    plain = pipe(chats, **GREEDY)
    assert pipe(chats, **GREEDY, **more) == reference(chats, **GREEDY, **more)
    assert "batch_size" in more or pipe(chats, **GREEDY, **more) != plain


@pytest.mark.parametrize("stop", [["상세 페이"], ["!", "페이지"], ["없는 글"]])
def test_a_stop_string_ends_the_answer_with_the_token_that_completes_it(pipe, reference, stop):
    expected = reference(CHAT, **GREEDY, stop_strings=stop, tokenizer=reference.tokenizer)
    assert pipe(CHAT, **GREEDY, stop_strings=stop) == expected
    assert pipe(CHAT, **GREEDY, stop_strings=stop, streamer=lambda text: None) == expected


def test_several_sequences_are_different_draws_in_one_list(pipe, reference):
    settings = {"num_return_sequences": 3, "max_new_tokens": 30, "temperature": 1.5, "return_full_text": False}
    ours, theirs = pipe(CHAT, **settings, seed=5), reference(CHAT, **settings)
    assert len(ours) == len(theirs) == 3 and [set(row) for row in ours] == [set(row) for row in theirs]
    assert len({row["generated_text"] for row in ours}) == 3
    assert [len(rows) for rows in pipe([CHAT, CHAT], **settings)] == [3, 3]


# --- the same chances ---


def probabilities_by_text(reference, temperature, top_k, top_p):
    """The library's own processors on the library's logits: how likely is which text of one token."""
    import torch
    from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    ids = reference.tokenizer(BEGINNING)["input_ids"]
    scores = torch.from_numpy(next_token_logits(reference, ids))[None]
    if temperature != 1:
        scores = TemperatureLogitsWarper(temperature)(None, scores)
    if top_k:
        scores = TopKLogitsWarper(top_k)(None, scores)
    if top_p < 1:
        scores = TopPLogitsWarper(top_p)(None, scores)
    chances = {}
    for token, chance in enumerate(scores.softmax(-1)[0].double().tolist()):
        text = reference.tokenizer.decode([token], skip_special_tokens=True)
        chances[text] = chances.get(text, 0.0) + chance
    return chances


def p_value(pipe, chances, draws=500, **settings):
    """Chi-square test of ``draws`` next tokens against ``chances``; rare texts are counted together."""
    rows = pipe(BEGINNING, num_return_sequences=draws, max_new_tokens=1, return_full_text=False, seed=11, **settings)
    drawn = [row["generated_text"] for row in rows]
    if any(chances[text] == 0 for text in drawn):
        return 0.0
    frequent = [text for text, chance in chances.items() if chance * draws >= 5]
    observed = [drawn.count(text) for text in frequent]
    expected = [chances[text] * draws for text in frequent]
    rest = draws - sum(expected)
    if rest >= 5:
        observed, expected = [*observed, draws - sum(observed)], [*expected, rest]
    assert len(expected) > 3, "a distribution that shows something"
    return chisquare(observed, np.array(expected) * sum(observed) / sum(expected)).pvalue


SETTINGS = {
    "off": {"temperature": 1.0, "top_k": 0, "top_p": 1.0},
    "top-k": {"temperature": 2.0, "top_k": 10, "top_p": 1.0},
    "top-p": {"temperature": 1.5, "top_k": 0, "top_p": 0.9},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_next_tokens_come_as_often_as_transformers_says(pipe, reference, name):
    assert p_value(pipe, probabilities_by_text(reference, **SETTINGS[name]), **SETTINGS[name]) > 0.01


def test_a_call_without_settings_draws_as_the_librarys_defaults(pipe, reference):
    assert p_value(pipe, probabilities_by_text(reference, 0.7, 50, 1.0)) > 0.01


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("top-p", {"samplers": ["top_k", "top_p", "temperature"]}),
        ("off", {"samplers": ["min_p", "temperature"], "min_p": 0.05}),
        ("top-k", {"top_k": 11}),
        ("off", {"temperature": 0.8}),
    ],
    ids=["top-p before the temperature", "a hidden min-p", "top-k by one off", "another temperature"],
)
def test_the_test_of_chances_notices_a_wrong_chain(pipe, reference, monkeypatch, name, wrong):
    right = answer_settings.CallSettings.request
    monkeypatch.setattr(answer_settings.CallSettings, "request", lambda *given: right(*given) | wrong)
    assert p_value(pipe, probabilities_by_text(reference, **SETTINGS[name]), **SETTINGS[name]) < 0.01


# --- seeds ---


def test_set_seed_repeats_calls_in_their_order_and_each_call_draws_anew(pipe):
    from transformers import set_seed

    hot = {"temperature": 1.5, "max_new_tokens": 20}
    set_seed(3)
    first, second = pipe(CHAT, **hot), pipe(CHAT, **hot)
    set_seed(3)
    assert [pipe(CHAT, **hot), pipe(CHAT, **hot)] == [first, second] and first != second
    set_seed(4)
    assert pipe(CHAT, **hot) != first


def test_a_seed_of_the_call_repeats_it_whatever_came_before(pipe):
    hot = {"temperature": 1.5, "max_new_tokens": 20, "return_full_text": False}
    first = pipe(CHAT, **hot, seed=7)
    pipe(CHAT[1:], **hot)
    assert pipe(CHAT, **hot, seed=7) == first != pipe(CHAT, **hot, seed=8)
    assert pipe(CHAT, **hot, seed=7, num_return_sequences=2)[0] == first[0]


# --- streaming ---


@pytest.mark.parametrize("settings", [GREEDY, {"seed": 3, "temperature": 10.0, "top_k": 0, "max_new_tokens": 39}])
def test_streamers_see_the_answer_that_is_returned(pipe, settings):
    from transformers import TextIteratorStreamer, TextStreamer

    expected = pipe(CHAT, **settings, return_full_text=False)
    answer = expected[0]["generated_text"]
    pieces = []
    assert pipe(CHAT, **settings, return_full_text=False, streamer=pieces.append) == expected
    assert "".join(pieces) == answer and len(pieces) > 5
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        pipe(CHAT, **settings, streamer=TextStreamer(pipe.tokenizer, skip_prompt=True, skip_special_tokens=True))
    assert printed.getvalue() == answer + "\n"
    streamer = TextIteratorStreamer(pipe.tokenizer, skip_prompt=True, skip_special_tokens=True)
    pipe(CHAT, **settings, streamer=streamer)
    assert "".join(streamer) == answer


def test_a_streamer_prints_what_it_prints_with_the_library(pipe, reference):
    from transformers import TextStreamer

    printed = []
    for each in (pipe, reference):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            each(CHAT, **GREEDY, streamer=TextStreamer(each.tokenizer))
        printed.append(out.getvalue())
    assert printed[0] == printed[1] and CHAT[1]["content"] in printed[0]


# --- limits, interrupts, threads ---


def test_too_long_a_question_is_refused_and_an_answer_that_meets_the_limit_is_told():
    with load_pipeline("mini", engine="llama.cpp", context=64) as short:
        with pytest.raises(CourseError, match="64개까지만.*\n.*context"):
            short("배송은 " * 80)
        with pytest.warns(UserWarning, match="64토큰"):
            short(CHAT, **LONG)
        assert short.context == 64


def busy_seconds(pid, seconds=0.6):
    before = sum(psutil.Process(pid).cpu_times()[:2])
    time.sleep(seconds)
    return sum(psutil.Process(pid).cpu_times()[:2]) - before


@pytest.mark.parametrize("streamed", [False, True])
def test_an_interrupt_ends_the_computation_and_leaves_the_pipe_usable(pipe, streamed):
    settings = {**LONG, "streamer": lambda text: None} if streamed else LONG
    threading.Timer(0.3, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        for _ in range(50):
            pipe(CHAT, **settings)
    time.sleep(1.2)  # the engine looks after its clients once a second
    assert busy_seconds(pipe.pid) < 0.2
    assert pipe(CHAT, **GREEDY) == pipe(CHAT, **GREEDY)


def test_a_streamer_that_fails_fails_the_call_only(pipe):
    def broken(text):
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        pipe(CHAT, **LONG, streamer=broken)
    assert pipe(CHAT, **GREEDY)


def test_several_threads_may_ask_at_once(pipe):
    alone = [pipe(question, **GREEDY) for question in QUESTIONS]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda question: pipe(question, **GREEDY), QUESTIONS)) == alone


# --- beginning and end of the process ---


def test_the_engine_ends_with_its_pipeline():
    pipe = load_pipeline("mini", engine="llama.cpp")
    pid = pipe.pid
    assert psutil.pid_exists(pid)
    del pipe
    gc.collect()
    assert ended(pid)


def test_close_ends_the_engine_and_later_calls_are_refused_in_korean():
    pipe = load_pipeline("mini", engine="llama.cpp")
    pid = pipe.pid
    pipe.close()
    pipe.close()
    assert pipe.closed and pipe.pid is None and ended(pid) and "closed" in repr(pipe)
    with pytest.raises(CourseError, match="닫혔습니다"):
        pipe(CHAT)


def test_a_crashed_engine_is_replaced_with_one_line(pipe, capsys):
    before, pid = pipe(CHAT, **GREEDY), pipe.pid
    psutil.Process(pid).kill()
    assert ended(pid)
    assert pipe(CHAT, **GREEDY) == before
    assert capsys.readouterr().out == "llama.cpp 프로세스가 끝나 있어 새로 켭니다.\n"
    assert pipe.pid != pid


def test_an_engine_that_dies_while_it_answers_is_told_in_korean(pipe):
    pid = pipe.pid
    threading.Timer(0.2, psutil.Process(pid).kill).start()
    with pytest.raises(CourseError, match="도중에 멈췄습니다"):
        for _ in range(50):
            pipe(CHAT, **LONG)
    assert pipe(CHAT, **GREEDY)


# --- what it is, and what it is not ---


def test_it_shows_no_key_and_says_what_it_is(pipe):
    assert repr(pipe) == "<GgufPipeline mini (llama.cpp, CPU threads 1, context 2048)>"
    keys = [pipe._holder._engine.engine_key, *pipe._holder._engine.settings.keys]
    assert not any(key in text for key in keys for text in (repr(pipe), str(vars(pipe)), repr(pipe._holder)))
    assert str(pipe.device) == "cpu" and pipe.task == "text-generation"
    assert not hasattr(pipe, "generation_config")


def test_the_tokenizer_is_the_models(pipe, reference):
    for text in (*QUESTIONS, "2026", "[|user|]가나다[|endofturn|]"):
        assert pipe.tokenizer(text)["input_ids"] == reference.tokenizer(text)["input_ids"]


def test_lessons_that_need_logits_say_how_to_get_them(pipe):
    from course_utils.explorer import DecodingExplorer

    for use in (
        lambda: pipe.model,
        lambda: next_token_logits(pipe, [1, 2]),
        lambda: DecodingWalk(pipe, "질문"),
        lambda: DecodingExplorer(pipe),
    ):
        with pytest.raises(CourseError) as caught:
            use()
        assert 'engine="transformers"' in str(caught.value) and 'load_pipeline("mini")' in str(caught.value)


def test_defaults_of_the_pipeline_hold_for_every_call_and_a_call_overrides_them():
    with load_pipeline("mini", engine="llama.cpp", **GREEDY, return_full_text=False) as pipe:
        assert pipe(CHAT) == pipe(CHAT, **GREEDY, return_full_text=False)
        assert isinstance(pipe(CHAT, return_full_text=True)[0]["generated_text"], list)


def test_it_ends_with_its_interpreter(tmp_path):
    import subprocess
    import sys

    code = 'from course_utils import load_pipeline\np = load_pipeline("mini", engine="llama.cpp")\nprint(p.pid)'
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env=os.environ)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert ended(int(done.stdout.split()[-1]))
