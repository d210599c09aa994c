"""Inputs of the GGUF pipeline: what is taken, what is refused in Korean."""

import pytest

from course_utils.answer_prompts import Prompt, prompts_of
from course_utils.errors import CourseError, CourseValueError

USER = {"role": "user", "content": "a"}
ANSWER = {"role": "assistant", "content": "b"}


def test_one_or_several():
    assert prompts_of("a") == ([Prompt("a")], False)
    assert prompts_of(["a", "b"]) == ([Prompt("a"), Prompt("b")], True)
    assert prompts_of([USER]) == ([Prompt([USER])], False)
    assert prompts_of(([USER], (USER, ANSWER))) == ([Prompt([USER]), Prompt([USER, ANSWER], True)], True)
    assert prompts_of([USER, ANSWER], False) == ([Prompt([USER, ANSWER])], False)


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("", "비어 있"),
        ([], "메시지가 하나도 없습니다"),
        ([[]], "메시지가 하나도 없습니다"),
        (["a", ""], "비어 있"),
        (None, "받은 것: NoneType"),
        (7, "받은 것: int"),
        ((each for each in "ab"), "받은 것: generator"),
        (USER, "리스트로 감싸"),
        ([USER, "a"], "섞여 있는 것: dict, str"),
        ([[USER], "a"], "섞여 있는 것: list, str"),
        ([{"role": "user", "contents": "a"}], "철자"),
        ([["a"]], "role과 content"),
        (
            [{"role": "customer", "content": "a"}],
            "'customer'. 다음 가운데 하나로 고쳐 주십시오: system, user, assistant",
        ),
        ([{"role": "user", "content": [{"type": "text", "text": "a"}]}], "받은 것: list"),
        ([{"role": "user", "content": None}], "받은 것: NoneType"),
    ],
)
def test_what_is_no_question_is_refused_in_korean(asked, part):
    with pytest.raises(CourseValueError) as caught:
        prompts_of(asked)
    assert part in str(caught.value)


def test_a_template_that_is_missing_or_refuses_is_told_in_korean():
    from jinja2 import TemplateError

    class Plain:
        chat_template = None

    class Strict:
        chat_template = "x"

        def apply_chat_template(self, *arguments, **options):
            raise TemplateError("roles must alternate")

    with pytest.raises(CourseError, match="채팅 템플릿.*없어"):
        Prompt([USER]).ids(Plain())
    with pytest.raises(CourseError, match="roles must alternate"):
        Prompt([USER]).ids(Strict())


def test_a_result_leaves_the_question_as_it_was():
    asked = [USER, ANSWER]
    assert Prompt(asked, True).with_answer("c") == [USER, {"role": "assistant", "content": "bc"}]
    assert asked == [USER, {"role": "assistant", "content": "b"}]
