"""What the explorer says and keeps while its controls are used in all orders."""

from html import unescape

import pytest

from course_utils import load_pipeline
from course_utils.explorer import QUESTIONS, DecodingExplorer
from course_utils.token_bars import percent


@pytest.fixture
def shown():
    return DecodingExplorer(load_pipeline("mini"))


@pytest.mark.parametrize("temperature", [1.0, 10.0])
def test_the_drawn_token_s_probability_is_written_as_in_the_picture(shown, temperature):
    shown.panels[0].temperature.value = temperature
    for _ in range(5):
        probabilities = shown.panels[0].settings.probabilities(shown.walk.logits)
        shown.draw_one.click()
        written = percent(probabilities[shown.walk.drawn[-1]])
        assert f"(뽑힐 확률 {written})" in unescape(shown.message.value)
    if temperature == 10:
        assert "0.0%" not in shown.message.value


def test_an_example_can_be_picked_again_after_another_question(shown):
    for example in (QUESTIONS[0], QUESTIONS[1]):
        shown.example.value = example
        shown.question.value = "이 우산 접히나요?"
        assert shown.example.value is None and shown.question.value == "이 우산 접히나요?"
        shown.example.value = example
        assert shown.question.value == shown._question == example
    shown.question.value = ""  # refused, and the examples stay open
    assert 'role="alert"' in shown.message.value and shown.example.value is None
    shown.example.value = QUESTIONS[1]
    assert shown.question.value == QUESTIONS[1] and 'role="alert"' not in shown.message.value


def test_an_example_that_was_typed_is_shown_as_picked(shown):
    shown.question.value = QUESTIONS[2]
    assert shown.example.value == QUESTIONS[2] == shown._question


def test_a_moved_slider_leaves_the_message_so_that_nothing_jumps(shown):
    shown.draw_one.click()
    said = shown.message.value
    shown.panels[0].temperature.value = 2.0
    assert "뽑힌 토큰" in said and shown.message.value == said
    shown.undo.click()
    assert "뽑힌 토큰" not in shown.message.value


def test_the_place_of_the_next_token_is_marked_as_in_the_lessons(shown):
    assert "___" not in shown.answer.value
    shown.draw_one.click()
    assert "___</b>" in shown.answer.value and "?" not in shown.answer.value


def test_counts_are_forgotten_when_another_comparison_begins(shown):
    shown.draw_many.click()
    assert sum(shown._counts[0].values()) == 100
    for compare in (True, False):
        shown.compare.value = compare
        assert not any(shown._counts)
        shown.draw_many.click()
