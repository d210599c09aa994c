"""The explorer without a browser: move its controls, press its buttons, and read what it shows."""

import base64
import re
from html import unescape
from xml.etree import ElementTree

import numpy as np
import pytest

from course_utils import decoding_walk, load_pipeline
from course_utils.candidates import Settings
from course_utils.decoding import decode_step
from course_utils.errors import CourseError, CourseValueError
from course_utils.explorer import DecodingExplorer
from course_utils.next_token import next_token_logits, token_text

QUESTION = "이 텀블러 무게가 얼마나 되나요?"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def pipe():
    return load_pipeline("mini")


@pytest.fixture
def shown(pipe):
    return DecodingExplorer(pipe, [QUESTION, "배송은 언제 시작되나요?"])


def image(html):
    """(alt, SVG root) of the one picture in ``html``."""
    [(alt, data)] = re.findall(r'<img alt="([^"]*)"[^>]*base64,([^"]*)"', html)
    return unescape(alt), ElementTree.fromstring(base64.b64decode(data))


def words(html):
    return [text.text for text in image(html)[1].iter(f"{SVG}text")]


def kept_rows(html):
    """The mark of each row, in order: True for kept."""
    return [word.startswith("✓") for word in words(html) if word[:1] in "✓✕"]


def drawn_counts(html):
    """The numbers of the column of draws, by where they stand: the same x as its heading."""
    texts = list(image(html)[1].iter(f"{SVG}text"))
    [heading] = [text for text in texts if text.text == "뽑힘"]
    same = [text for text in texts if text.get("x") == heading.get("x") and text is not heading]
    return [int(text.text) for text in same]


def picture(explorer, place=0):
    return explorer.panels[place].picture.value


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"), [(0.7, 4, 1.0), (2.0, 0, 0.5), (5.0, 9, 0.9), (0.5, 0, 1.0)]
)
def test_moved_sliders_show_what_decode_step_keeps(shown, temperature, top_k, top_p):
    panel = shown.panels[0]
    panel.temperature.value, panel.top_k.value, panel.top_p.value = temperature, top_k, top_p
    after = decode_step(shown.walk.logits, temperature, top_k, top_p)
    order = shown.walk.candidates.ranking(10)
    assert kept_rows(picture(shown)) == [bool(after[token] > 0) for token in order]
    assert f"가운데 {np.count_nonzero(after):,}개가 남았습니다" in image(picture(shown))[0]
    assert Settings(temperature, top_k, top_p).words() in words(picture(shown))


def test_every_slider_changes_the_picture_and_none_runs_the_model(shown, monkeypatch):
    def never(*_):
        raise AssertionError("a slider ran the model")

    monkeypatch.setattr(decoding_walk, "next_token_logits", never)
    seen = [picture(shown)]
    panel = shown.panels[0]
    for control, value in ((panel.temperature, 2.0), (panel.top_k, 5), (panel.top_p, 0.5), (panel.greedy, True)):
        control.value = value
        seen.append(picture(shown))
    assert len(set(seen)) == 5 and "오류" not in shown.message.value


def test_draw_one_puts_a_kept_token_at_the_end_and_says_which(pipe, shown):
    shown.panels[0].top_k.value = 3
    allowed = set(np.flatnonzero(decode_step(shown.walk.logits, 1.0, 3)))
    before = picture(shown)
    shown.draw_one.click()
    [token] = shown.walk.drawn
    assert token in allowed and picture(shown) != before
    assert token_text(pipe.tokenizer, token) in unescape(shown.answer.value)
    assert token_text(pipe.tokenizer, token) in unescape(shown.message.value)


def test_a_hundred_draws_are_counted_and_only_kept_tokens_come(shown):
    panel = shown.panels[0]
    panel.temperature.value, panel.top_k.value = 2.0, 6
    shown.draw_many.click()
    counts = drawn_counts(picture(shown))
    assert sum(counts) == 100 and sum(counts[:6]) == 100 and sum(count > 0 for count in counts) > 1
    assert shown.walk.drawn == []
    shown.draw_many.click()
    assert sum(drawn_counts(picture(shown))) == 200
    panel.top_k.value = 2
    assert drawn_counts(picture(shown)) == []


def test_draws_of_tokens_without_a_row_are_told_too(shown):
    shown.panels[0].temperature.value = 10.0
    shown.draw_many.click()
    [note] = [word for word in words(picture(shown)) if word.endswith("번 뽑힘")]
    assert int(re.search(r"100번 가운데 (\d+)번", note)[1]) + sum(drawn_counts(picture(shown))) == 100


def test_further_undo_and_restart(shown):
    shown.panels[0].temperature.value = 2.0
    shown.draw_further.click()
    tokens = list(shown.walk.drawn)
    assert len(tokens) == 10
    shown.undo.click()
    shown.undo.click()
    assert shown.walk.drawn == tokens[:8] and shown.answer.value.count("<span") == 8
    shown.draw_one.click()
    assert shown.walk.drawn == tokens[:9]
    shown.restart.click()
    assert shown.walk.drawn == [] and "<span" not in shown.answer.value
    shown.draw_further.click()
    assert shown.walk.drawn == tokens


def test_seed_chooses_the_draws_and_keeps_the_text(pipe, shown):
    shown.panels[0].temperature.value = 5.0
    shown.draw_further.click()
    first = list(shown.walk.drawn)
    shown.seed.value = 4
    assert shown.walk.drawn == first and shown.walk.seed == 4
    shown.restart.click()
    shown.draw_further.click()
    other = DecodingExplorer(pipe, [QUESTION], temperature=5.0, seed=4)
    other.draw_further.click()
    assert shown.walk.drawn == other.walk.drawn != first


def test_to_the_end_and_no_further(shown):
    shown.panels[0].greedy.value = True
    for _ in range(10):
        if not shown.walk.finished:
            shown.draw_further.click()
    assert shown.walk.finished and "답이 끝났습니다" in shown.answer.value
    length = len(shown.walk.drawn)
    for button in (shown.draw_one, shown.draw_further, shown.draw_many):
        button.click()
        assert 'role="alert"' in shown.message.value and "답이 끝났습니다" in shown.message.value
    assert len(shown.walk.drawn) == length
    shown.undo.click()
    assert 'role="alert"' not in shown.message.value and not shown.walk.finished


def test_another_question_starts_another_walk(shown):
    shown.draw_one.click()
    shown.example.value = "배송은 언제 시작되나요?"
    assert shown.question.value == "배송은 언제 시작되나요?" and shown.walk.drawn == []
    before = picture(shown)
    shown.question.value = "이 우산 접히나요?"
    assert picture(shown) != before
    assert np.array_equal(shown.walk.logits, next_token_logits(shown._pipe, shown.walk.ids))


@pytest.mark.parametrize(
    ("question", "says"),
    [("", "비어 있습니다"), ("   ", "비어 있습니다"), ("[|endofturn|]", "특수 토큰"), ("가" * 9000, "너무 깁니다")],
)
def test_a_question_that_cannot_be_asked_is_told_and_the_old_one_stays(shown, question, says):
    before = picture(shown)
    shown.question.value = question
    assert says in shown.message.value and 'role="alert"' in shown.message.value
    assert QUESTION in shown.message.value and picture(shown) == before
    shown.draw_one.click()
    assert len(shown.walk.drawn) == 1 and 'role="alert"' not in shown.message.value
    assert QUESTION in shown.answer.value  # the box still holds the other text
    shown.question.value = QUESTION
    assert QUESTION not in shown.answer.value


def test_emoji_and_markup_are_questions_like_others(shown):
    for question in ("🙂👨‍👩‍👧", "<script>alert(1)</script>"):
        shown.question.value = question
        assert 'role="alert"' not in shown.message.value
        assert "<script>" not in shown._repr_mimebundle_()["text/html"]


def test_an_unexpected_error_is_shown_too(shown, monkeypatch):
    def broken(*_):
        raise OSError("device\nlost")

    monkeypatch.setattr(decoding_walk, "next_token_logits", broken)
    shown.draw_one.click()
    assert "OSError: device" in shown.message.value and "lost" not in shown.message.value
    assert "예상하지 못한 오류" in shown.message.value


def test_nothing_to_undo_is_told(shown):
    shown.undo.click()
    assert "되돌릴 토큰이 없습니다" in shown.message.value


def test_two_settings_stand_side_by_side(shown):
    assert shown.panels[1].box.layout.display == "none"
    shown.compare.value = True
    assert shown.panels[1].box.layout.display is None
    first, second = shown.panels
    second.temperature.value, second.top_k.value = 2.0, 3
    assert sum(kept_rows(picture(shown, 1))) == 3 and all(kept_rows(picture(shown, 0)))
    assert "설정 A" in image(picture(shown, 0))[0] and "설정 B" in image(picture(shown, 1))[0]
    shown.draw_many.click()
    counts = drawn_counts(picture(shown, 1))
    assert sum(counts) == sum(counts[:3]) == 100
    shown.compare.value = False
    assert second.box.layout.display == "none" and "설정 A" not in image(picture(shown))[0]


def test_compared_draws_follow_the_first_setting(shown):
    shown.compare.value = True
    shown.panels[0].greedy.value = True
    shown.draw_further.click()
    greedy = DecodingExplorer(shown._pipe, [QUESTION])
    greedy.panels[0].greedy.value = True
    greedy.draw_further.click()
    assert shown.walk.drawn == greedy.walk.drawn


# --- what stands in its place where no Python runs ---


def test_the_bundle_has_widget_still_picture_and_words(pipe):
    explorer = DecodingExplorer(pipe, [QUESTION], temperature=0.7, top_k=5)
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.box.model_id
    alt, _ = image(bundle["text/html"])
    assert alt in bundle["text/plain"] and QUESTION in bundle["text/plain"] and QUESTION in bundle["text/html"]
    assert "온도 0.7 · top-k 5 · top-p 끔" in alt
    assert "뽑힘" not in words(bundle["text/html"])


def test_the_still_picture_is_the_same_every_time(pipe):
    first, second = (DecodingExplorer(pipe, [QUESTION], top_p=0.9)._repr_mimebundle_() for _ in range(2))
    assert first["text/html"] == second["text/html"] and first["text/plain"] == second["text/plain"]


def test_a_compared_still_picture_has_both(pipe):
    bundle = DecodingExplorer(pipe, [QUESTION], temperature=0.5, compare=True)._repr_mimebundle_()
    alt, root = image(bundle["text/html"])
    assert len(list(root.iter(f"{SVG}svg"))) == 3
    assert "설정 A" in alt and "온도 0.5" in alt and "설정 B" in alt and "온도 1 " in alt


# --- its controls ---


def test_constructor_sets_the_controls(pipe):
    explorer = DecodingExplorer(pipe, [QUESTION], temperature=0.73, top_k=37, top_p=0.123, rows=4, seed=9, compare=True)
    assert explorer.panels[0].settings == Settings(0.73, 37, 0.123) and explorer.panels[1].settings == Settings()
    assert explorer.seed.value == 9 and explorer.walk.seed == 9 and explorer.compare.value
    assert len(kept_rows(picture(explorer))) == 4


def test_without_a_pipe_the_course_s_model_is_loaded(monkeypatch):
    monkeypatch.setenv("COURSE_MODEL", "mini")
    assert DecodingExplorer().walk.candidates.size == 3072


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"temperature": 0}, "탐욕적 디코딩"),
        ({"top_k": -1}, "top_k"),
        ({"top_p": 0}, "top-p"),
        ({"seed": -1}, "seed"),
        ({"rows": 0}, "rows"),
        ({"questions": []}, "questions"),
        ({"questions": "질문 하나"}, "questions"),
        ({"questions": [""]}, "비어 있습니다"),
    ],
)
def test_wrong_arguments_are_refused_in_korean(pipe, wrong, says):
    with pytest.raises((CourseError, CourseValueError), match=says):
        DecodingExplorer(pipe, **wrong)
