"""A turn as a notebook saves it and a terminal prints it: the same on every machine, and words stay words."""

import re
from html import unescape

from course_utils.chat_turn import Answer, ChatSettings, Turn, turns_html, turns_text

TURN = Turn("무게가 <b>?", ChatSettings(), Answer("mini", "<i>답", 1234, 1.25), Answer("gpt-x", "", None, 2.5))


def cells(html):
    return [unescape(cell) for cell in re.findall(r"<t[hd](?: [^>]*)?>(.*?)</t[hd]>", html)]


def test_the_table_holds_question_settings_and_both_answers():
    assert cells(turns_html([TURN])) == [
        *("질문과 설정", "파이프라인의 답(mini)", "API의 답(gpt-x)"),
        *("무게가 <b>? [온도 1, top-p 1, 씨앗 1]", "<i>답 (토큰 1,234개)", "(빈 답)"),
    ]
    assert TURN._repr_html_() == turns_html([TURN]) and "<b>" not in turns_html([TURN])


def test_the_text_says_the_same():
    lines = (
        "질문: 무게가 <b>?\n설정: 온도 1, top-p 1, 씨앗 1\n파이프라인(mini): <i>답 (토큰 1,234개)\nAPI(gpt-x): (빈 답)"
    )
    assert repr(TURN) == turns_text([TURN]) == lines


def test_seconds_stand_only_where_they_are_asked_for():
    assert TURN.pipeline.facts(seconds=True) == "토큰 1,234개, 1.2초" and "1.2초" not in repr(TURN) + turns_html([TURN])


def test_several_models_and_unknown_ones_are_named_as_they_are():
    other = Turn("또", ChatSettings(0), Answer("mini", "답", 1), Answer("", error="서버가 바쁩니다."))
    headers = cells(turns_html([TURN, other]))[1:3]
    assert headers == ["파이프라인의 답(mini)", "API의 답(gpt-x)"]
    assert repr(other).splitlines()[1:] == [
        "설정: 온도 0(탐욕적 디코딩)",
        "파이프라인(mini): 답 (토큰 1개)",
        "API: 오류: 서버가 바쁩니다.",
    ]


def test_only_two_whole_answers_can_be_the_same():
    def turn(first, second):
        return Turn("질문", ChatSettings(), Answer("a", **first), Answer("b", **second))

    assert turn({"text": "답"}, {"text": "답"}).same and not turn({"text": "답"}, {"text": "답."}).same
    assert not turn({"error": "오류"}, {"error": "오류"}).same
    assert not turn({"text": "답", "unfinished": True}, {"text": "답"}).same
