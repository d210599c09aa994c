"""``GgufPipeline`` on mini's GGUF against transformers' pipeline on mini: same text, shapes, streams."""

import contextlib
import io

import pytest

from course_utils import CourseError, load_pipeline
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


@pytest.fixture(scope="module")
def pipe():
    with load_pipeline("mini", engine="llama.cpp") as loaded:
        yield loaded


@pytest.fixture(scope="module")
def reference():
    return load_pipeline("mini")


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
