"""What the explorer is made with: good defaults, and Korean words for whatever does not fit."""

import re

import pytest

from course_utils import load_pipeline
from course_utils.candidates import Settings
from course_utils.errors import CourseValueError
from course_utils.explorer import QUESTIONS, DecodingExplorer

QUESTION = QUESTIONS[0]


@pytest.fixture(scope="module")
def pipe():
    return load_pipeline("mini")


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_a_beginner_draws_first_is_a_likely_token(pipe, question):
    """Chance could as well begin with a piece of a letter; the default seed was chosen so that it does not."""
    explorer = DecodingExplorer(pipe)
    explorer.example.value = question
    before = explorer.walk.logits
    explorer.draw_one.click()
    assert Settings().probabilities(before)[explorer.walk.drawn[0]] > 0.1


@pytest.mark.parametrize("questions", [(each for each in ["하나", "둘"]), ("하나", "둘"), {"하나": 1, "둘": 2}.keys()])
def test_questions_come_from_anything_that_can_be_listed(pipe, questions):
    explorer = DecodingExplorer(pipe, questions)
    assert explorer.example.options == ("하나", "둘") and explorer.question.value == "하나"


@pytest.mark.parametrize(
    "questions",
    [
        [1],
        [None],
        5,
        None,
        {"role": "user"},
        iter([]),
        [[{"role": "user", "content": "질문"}]],
        [{"role": "user"}],
        b"q",
    ],
)
def test_questions_that_are_no_texts_are_refused(pipe, questions):
    with pytest.raises(CourseValueError, match="(?s)questions.*따옴표로 묶은 글"):
        DecodingExplorer(pipe, questions)


@pytest.mark.parametrize("what", ["mini", ["질문"], 3, {"role": "user"}])
def test_what_is_no_pipeline_is_refused(what):
    with pytest.raises(CourseValueError, match=r"load_pipeline\(\).*통째로") as caught:
        DecodingExplorer(what)
    assert repr(what) in str(caught.value) or type(what).__name__ in str(caught.value)


@pytest.mark.parametrize("part", ["model", "tokenizer"])
def test_a_part_of_the_pipeline_is_refused(pipe, part):
    with pytest.raises(CourseValueError, match=r"load_pipeline\(\).*통째로") as caught:
        DecodingExplorer(getattr(pipe, part))
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"system": 1}, "system은 따옴표로"),
        ({"compare": "yes"}, "compare에는 True나 False"),
        ({"seed": 2**31}, "2,147,483,647 이하"),
        ({"seed": "1"}, "seed"),
    ],
)
def test_other_mistakes_are_told_in_korean(pipe, wrong, says):
    with pytest.raises(CourseValueError, match=re.escape(says)) as caught:
        DecodingExplorer(pipe, **wrong)
    assert str(*wrong.values()) in str(caught.value)


def test_the_largest_seed_is_taken(pipe):
    assert DecodingExplorer(pipe, seed=2**31 - 1).seed.value == 2**31 - 1


def test_in_a_terminal_it_shows_itself_in_words(pipe):
    explorer = DecodingExplorer(pipe)
    assert repr(explorer) == explorer._repr_mimebundle_()["text/plain"]
    assert QUESTION in repr(explorer)
