"""The pipeline with a look at the question: what the library answers it answers alike, the rest is refused."""

import pytest

from course_utils import load_pipeline
from course_utils.asked_checks import check_asked
from course_utils.errors import CourseError, CourseValueError
from course_utils.stopping import AnswerStopped, stoppable

HOW = {"max_new_tokens": 4, "do_sample": False}


@pytest.fixture(scope="module")
def pipe():
    return load_pipeline("mini")


@pytest.fixture(scope="module")
def plain(pipe):
    from transformers import TextGenerationPipeline

    made = TextGenerationPipeline(model=pipe.model, tokenizer=pipe.tokenizer)
    assert isinstance(pipe, TextGenerationPipeline)
    return made


@pytest.mark.parametrize(
    "asked",
    ["안녕", "", ["안녕", "우산"], [{"role": "user", "content": ""}], [[{"role": "user", "content": "안녕"}]] * 2],
)
@pytest.mark.filterwarnings("ignore")
def test_the_librarys_own_answers(pipe, plain, asked):
    assert pipe(asked, **HOW) == plain(asked, **HOW)


def test_generators_reach_the_library(pipe):
    assert len(list(pipe((text for text in ("안녕", "우산")), **HOW))) == 2


def test_the_tokenizer_keeps_its_warning_for_others(pipe):
    before = dict(pipe.tokenizer.deprecation_warnings)
    with pytest.raises(CourseError, match="너무 깁니다"):
        pipe("우산 " * 1500, **HOW)
    assert pipe.tokenizer.deprecation_warnings == before


def test_roles_that_a_template_names_are_taken():
    check_asked([{"role": "tool", "content": "1"}], ("user", "tool"))
    with pytest.raises(CourseValueError, match="customer"):
        check_asked([{"role": "customer", "content": "1"}])


def test_content_in_parts_is_for_models_that_take_it():
    parts = [{"role": "user", "content": [{"type": "text", "text": "안녕"}]}]
    check_asked(parts, texts_only=False)
    with pytest.raises(CourseValueError, match="content"):
        check_asked(parts)


def test_stopping_ends_the_streamer_and_stays_a_keyboard_interrupt():
    ended = []

    class Streamer:
        def end(self):
            ended.append(1)
            raise RuntimeError

    with pytest.raises(KeyboardInterrupt) as caught, stoppable(Streamer()):
        raise KeyboardInterrupt
    assert isinstance(caught.value, AnswerStopped) and ended == [1] and "남습니다" in str(caught.value)
    assert caught.value._render_traceback_() == [str(caught.value)]
