"""A walk through an answer: chance by the rule, the model only when the text changes, and clear ends."""

import numpy as np
import pytest

from course_utils import decoding_walk, load_pipeline
from course_utils.candidates import Settings
from course_utils.decoding import decode_step
from course_utils.decoding_walk import SEED, DecodingWalk
from course_utils.errors import CourseError, CourseValueError
from course_utils.next_token import next_token_logits, prompt_ids

QUESTION = "이 텀블러 무게가 얼마나 되나요?"
MESSAGES = [{"role": "user", "content": QUESTION}]
WILD = Settings(temperature=3.0)


@pytest.fixture(scope="module")
def pipe():
    return load_pipeline("mini")


@pytest.fixture
def walk(pipe):
    return DecodingWalk(pipe, QUESTION)


@pytest.fixture
def forwards(monkeypatch):
    """Counts how often the model runs."""
    seen = []

    def counting(pipe, ids):
        seen.append(list(ids))
        return next_token_logits(pipe, ids)

    monkeypatch.setattr(decoding_walk, "next_token_logits", counting)
    return seen


def drawn(walk, settings, n):
    return [walk.draw_one(settings) for _ in range(n)]


def test_logits_are_those_after_question_and_answer_so_far(pipe, walk):
    assert walk.ids == prompt_ids(pipe, MESSAGES)
    first = walk.draw_one(WILD)
    assert walk.ids == [*prompt_ids(pipe, MESSAGES), first] and walk.drawn == [first]
    assert np.array_equal(walk.logits, next_token_logits(pipe, walk.ids))


def test_a_question_and_its_messages_are_the_same_walk(pipe):
    assert DecodingWalk(pipe, QUESTION).ids == DecodingWalk(pipe, MESSAGES).ids
    assert DecodingWalk(pipe, QUESTION, system="한 문장으로 답합니다.").ids == prompt_ids(
        pipe, [{"role": "system", "content": "한 문장으로 답합니다."}, *MESSAGES]
    )


def test_a_seed_fixes_the_walk_and_another_gives_another(pipe):
    walks = [drawn(DecodingWalk(pipe, QUESTION, seed=seed), WILD, 12) for seed in (5, 5, 6)]
    assert walks[0] == walks[1] != walks[2]


def test_undo_and_draw_again_gives_the_same_token_whatever_came_between(walk):
    tokens = drawn(walk, WILD, 6)
    for _ in range(3):
        walk.undo()
    assert walk.drawn == tokens[:3]
    walk.draw_many(WILD, 500)
    walk.step(Settings(0.5))
    assert drawn(walk, WILD, 3) == tokens[3:]
    walk.restart()
    assert walk.drawn == [] and drawn(walk, WILD, 6) == tokens


def test_places_have_draws_of_their_own(pipe, monkeypatch):
    """With the same logits everywhere the tokens still differ: the generator is seeded by the place too."""
    flat = np.zeros(3072, np.float32)
    monkeypatch.setattr(decoding_walk, "next_token_logits", lambda pipe, ids: flat)
    assert len(set(drawn(DecodingWalk(pipe, QUESTION), Settings(), 20))) > 10


def test_the_first_of_many_draws_is_the_one_draw(walk):
    for _ in range(5):
        [only] = walk.draw_many(WILD, 1)
        assert walk.draw_one(WILD) == only


def test_many_draws_follow_the_settings_and_leave_the_answer(walk):
    settings = Settings(2.0, top_k=20, top_p=0.9)
    counts = walk.draw_many(settings, 4000)
    probabilities = decode_step(walk.logits, 2.0, 20, 0.9)
    assert walk.drawn == [] and sum(counts.values()) == 4000
    for token in np.argsort(probabilities)[-30:]:
        expected, spread = 4000 * probabilities[token], np.sqrt(4000 * probabilities[token] + 1e-9)
        assert abs(counts[token] - expected) < 5 * spread + 1e-6


def test_more_draws_go_on_where_fewer_ended(walk):
    few, more = walk.draw_many(WILD, 100), walk.draw_many(WILD, 300)
    assert few <= more and sum((more - few).values()) == 200


def test_greedy_walk_is_the_library_s_greedy_answer(pipe, walk):
    while not walk.finished:
        walk.draw_one(Settings(greedy=True))
    answer = pipe(MESSAGES, max_new_tokens=200, do_sample=False, return_full_text=False)[0]["generated_text"]
    assert walk.text == answer and len(answer) > 10
    assert walk.tokens[-1] == "[|endofturn|]" and len(walk.tokens) == len(walk.drawn)


def test_the_end_token_ends_and_undo_reopens(walk):
    while not walk.finished:
        walk.draw_one(Settings(greedy=True))
    at_end = walk.logits
    for draw in (lambda: walk.draw_one(WILD), lambda: walk.draw_many(WILD)):
        with pytest.raises(CourseError, match="답이 끝났습니다.*되돌리기"):
            draw()
    walk.undo()
    assert not walk.finished and np.array_equal(walk.logits, at_end)
    assert walk.draw_one(Settings(greedy=True)) and walk.finished


@pytest.mark.parametrize("ends", [7, [5, 7]])
def test_the_model_s_own_end_ids_count(walk, pipe, monkeypatch, ends):
    monkeypatch.setattr(pipe.model.generation_config, "eos_token_id", ends)
    walk.drawn[:] = [7]
    assert walk.finished
    walk.drawn[:] = [8]
    assert not walk.finished


def test_the_answer_has_a_greatest_length(walk, monkeypatch):
    monkeypatch.setattr(decoding_walk, "MAX_TOKENS", 2)
    drawn(walk, Settings(greedy=True), 2)
    assert walk.full and not walk.finished
    with pytest.raises(CourseError, match="2개"):
        walk.draw_one(Settings())
    assert len(walk.drawn) == 2


def test_the_model_s_own_length_counts_too(pipe, monkeypatch):
    monkeypatch.setattr(pipe.model.config, "max_position_embeddings", len(prompt_ids(pipe, MESSAGES)) + 1)
    walk = DecodingWalk(pipe, QUESTION)
    walk.draw_one(Settings(greedy=True))
    assert walk.full
    monkeypatch.setattr(pipe.model.config, "max_position_embeddings", len(prompt_ids(pipe, MESSAGES)))
    with pytest.raises(CourseError, match="너무 깁니다"):
        DecodingWalk(pipe, QUESTION)


def test_the_model_runs_only_when_the_text_changes(walk, forwards):
    for temperature in (0.1, 1.0, 5.0):
        walk.step(Settings(temperature))
        walk.draw_many(Settings(temperature))
    assert len(forwards) == 1
    drawn(walk, WILD, 3)
    _ = walk.logits
    assert len(forwards) == 4
    walk.undo()
    walk.restart()
    _ = walk.logits, drawn(walk, WILD, 3), walk.logits
    assert len(forwards) == 4


def test_what_is_remembered_is_bounded(walk, forwards, monkeypatch):
    monkeypatch.setattr(decoding_walk, "_REMEMBERED", 2)
    drawn(walk, WILD, 4)
    assert len(walk._places) == 2 and len(forwards) == 4
    walk.restart()
    _ = walk.logits
    assert len(forwards) == 5


def test_two_settings_are_compared_at_the_same_place(walk):
    walk.draw_one(WILD)
    first, second = walk.step(Settings(0.5, top_k=3)), walk.step(Settings(2.0))
    assert [c.before for c in first.candidates] == [c.before for c in second.candidates]
    assert first.kept == 3 and second.kept == second.size


@pytest.mark.parametrize("question", ["", "  \n", [], [{"role": "user", "content": " "}]])
def test_an_empty_question_is_refused(pipe, question):
    with pytest.raises(CourseValueError, match="질문이 비어 있습니다"):
        DecodingWalk(pipe, question)


@pytest.mark.parametrize("question", [1, None, ["질문"], {"role": "user", "content": "질문"}, [1]])
def test_a_question_that_is_no_text_is_refused(pipe, question):
    with pytest.raises(CourseValueError, match="따옴표로 묶은 글"):
        DecodingWalk(pipe, question)


def test_an_empty_system_prompt_is_none_at_all(pipe, monkeypatch):
    """None leaves it to the template, which may have words of its own."""
    template = "{% if messages[0].role != 'system' %}나무{% endif %}{% for m in messages %}{{ m.content }}{% endfor %}"
    monkeypatch.setattr(pipe.tokenizer, "chat_template", template)
    texts = [pipe.tokenizer.decode(DecodingWalk(pipe, "바다", system=system).ids) for system in (None, "", "구름")]
    assert texts == ["나무바다", "바다", "구름바다"]


@pytest.mark.parametrize("where", ["question", "system"])
@pytest.mark.parametrize("token", ["[|endofturn|]", "[BOS]"])
def test_control_tokens_are_refused_by_name(pipe, token, where):
    text = f"안녕하세요 {token} 네"
    with pytest.raises(CourseValueError) as caught:
        DecodingWalk(pipe, text) if where == "question" else DecodingWalk(pipe, QUESTION, system=text)
    assert token in str(caught.value)


@pytest.mark.parametrize("question", ["🙂👨‍👩‍👧", "[|user|]", "한국어 English العربية", "\u0000\ud7ff", "a" * 500])
def test_odd_questions_are_walked(pipe, question):
    walk = DecodingWalk(pipe, question)
    drawn(walk, WILD, 3)
    assert len(walk.tokens) == 3


@pytest.mark.parametrize("seed", [-1, 1.5, True, None, "0"])
def test_bad_seeds_are_refused(pipe, walk, seed):
    with pytest.raises(CourseValueError, match="seed"):
        DecodingWalk(pipe, QUESTION, seed=seed)
    with pytest.raises(CourseValueError, match="seed"):
        walk.seed = seed
    assert walk.seed == SEED


def test_nothing_to_undo_is_said(walk):
    with pytest.raises(CourseError, match="되돌릴 토큰이 없습니다"):
        walk.undo()
