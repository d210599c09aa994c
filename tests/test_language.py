"""The language gate over every Korean text of the course, and the proof that each rule notices what breaks it."""

import json

import pytest

from tools import language_rules as rules
from tools.language_josa import READ_AS, final_of, wrong_josa
from tools.language_texts import GAP, ROOT, Text, every_text, notebook_texts, python_strings

EVERY = list(every_text())


def test_every_text_keeps_the_rules():
    assert rules.problems(EVERY) == []


def test_all_kinds_of_text_are_read():
    places = " ".join(text.where for text in EVERY)
    for place in (
        *("notebooks/04_softmax", "notebooks/A1_", "solutions/ex05_", "README.ko.md", "docs/errata.ko.md", "Makefile"),
        *("docs/instructor", "course_utils/errors", "course_utils/decoding.py", "course_utils/checks/judges.py"),
        *("answer_key/ex04/", "tools/class_server.py", "course_utils/diagram_model.py", "course_utils/grading/"),
    ):
        assert place in places or place == "course_utils/errors", place
    assert len(EVERY) > 5000
    assert not any(text.where.startswith("tools/mini/") for text in EVERY)


def test_what_is_allowed_still_occurs():
    for name, place, part in rules.ALLOWED:
        rule = getattr(rules, name)
        assert any(part in words for text in EVERY if text.where.startswith(place) for words in rule(text)), part
    assert len(rules.ALLOWED) <= 10, "the list is kept short"


# --- each rule on texts that break it, and on texts at its edges that do not ---

BREAKS = {
    "plain_style": ["이제 끝났다.", "확률을 구한다. 다음으로 갑니다.", "**모델은 확률이다.**", "| 값 | 다르다. |"],
    "friendly_style": [
        *(
            "실행해 주세요.",
            "이제 끝났어요.",
            "함수예요!",
            "값이 달라요. 다음으로 갑니다.",
            "그렇죠?",
            "알려 드릴게요.",
        ),
        *("그렇지요.", "이것이 온도이에요.", "| 값이 커져요 |"),
    ],
    "avoided_terms": ["매개 변수를 넣습니다.", "프롬포트를 씁니다.", "시드를 정합니다.", "KV캐시", "탑-k로 자릅니다."],
    "spacing": [
        *(
            "두 칸을  띄었습니다.",
            "값은 3 입니다 .",
            "값,온도",
            "끝입니다.다음입니다.",
            "소프트맥스 (softmax)는",
            "3 개를",
        ),
        *("온도( 낮음)", "온도(낮음 )", "답 10 번"),
    ],
    "marks": [
        "로짓 — 모델의 점수 — 입니다.",
        "기다립니다....",
        "“따옴표”를 씁니다.",
        "온도、확률",
        "끝입니다。",
        "값··온도···",
    ],
    "josa": [
        *(
            "확률은(는) 높습니다.",
            "softmax을 씁니다.",
            "`softmax`이 함수입니다.",
            "top-k을 켭니다.",
            "top-p으로 자릅니다.",
        ),
        *(
            "EXAONE는 모델입니다.",
            "로짓(logits)가 점수입니다.",
            "**온도**을 낮춥니다.",
            "API이 있습니다.",
            "3가 나옵니다.",
        ),
        *(
            "GPT으로 묻습니다.",
            '"바나나"은 드뭅니다.',
            "온도을 낮춥니다.",
            "로짓를 봅니다.",
            "확률와 로짓",
            "1으로 나눕니다.",
        ),
        *("7으로 나눕니다.", "`top_k=10`를 줍니다.", "vLLM를 씁니다.", "90%을 담습니다.", "1/3는 작습니다."),
    ],
    "spelling": [
        *(
            "몇일 걸립니다.",
            "그러면 안됩니다.",
            "최대값을 봅니다.",
            "갯수를 셉니다.",
            "할수 있습니다.",
            "디렉토리를 엽니다.",
        ),
        *(
            "역활을 정합니다.",
            "그렇게 하면 되요.",
            "않되는 까닭",
            "모델로써 씁니다.",
            "값이 보여집니다.",
            "윈도우에서 엽니다.",
        ),
        *(
            "금새 끝납니다.",
            "어떻해 합니까?",
            "모르는 것 입니다.",
            "됬습니다",
            "일일히 셉니다.",
            "촛점",
            "꼭지점",
            "왠만하면",
        ),
        *(
            "읽을 뿐만아니라",
            "말하는데로 합니다.",
            "할려고 합니다.",
            "설레임",
            "띄워쓰기",
            "씀으로서",
            "있음에 있어서",
            "바램이 있습니다.",
        ),
    ],
    "hype": ["혁신적인 모델입니다.", "놀라운 결과입니다!", "손쉽게 만듭니다.", "대단합니다!!", "최고의 강의입니다."],
}
KEEPS = [
    "갑시다. 보십시오. 어디에 있나요? 왜 그럴까요? 무엇이 됩니까?",
    '손님이 "배송 언제 와요?"라고 물었습니다. 원문은 "모델은 확률을 구한다."입니다.',
    "안녕하세요, 고객님! `안녕하세요`는 인사입니다. | 안녕하세요 |",
    "> 인용한 글이다. 기다려 주세요.\n\n```\n# 주석이다.  두 칸\n```",
    "토큰(token) 3개, 500토큰, 4바이트, 03 단원, 2.4B, 16 GB, 1,000번입니다.",
    "소프트맥스(softmax)는, `softmax()`는, top-k와 top-p를, EXAONE은, API로, 7.8B와, 90%를, 1/3이, 10을, 8로 씁니다.",
    "`do_sample=False`와 `top_k=50`이, vLLM이, URL로, JSON을, `True`를, `x`가, `n`이 있습니다.",
    "마을을 나을 것으로 봅니다. 확인 필요. 중요 지점과 8 초과입니다.\n\n### 9.1 토큰이 돈입니다",
    "`decode_step(logits)`을 부르든 `decode_step(logits)`를 부르든 상관없습니다. `unheard`은, `unheard`는",
    '첫째는, … 곧 "…"라고 적은 것입니다. 값을 읽는 것은 사람입니다. 결과와 효과를 도와 나와 봅니다.',
    "최댓값, 개수, 며칠, 안 됩니다, 되는, 돼서, 할 수 있습니다, 보입니다, 역할, 디렉터리",
    "- 항목: 값\n    - 안쪽 항목\n\n| 가 | 나  |\n|---|---|\n\n[고리](https://example.org/가.나,다) $a  b$",
]


def test_every_rule_has_texts_that_break_it():
    assert set(BREAKS) == {rule.__name__ for rule in rules.RULES}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in BREAKS.items() for text in texts])
def test_a_rule_notices(rule, text):
    assert getattr(rules, rule)(Text("sample", text)) != []


@pytest.mark.parametrize("number", range(len(rules._SPELLING)))
def test_every_slip_of_spelling_is_noticed_in_a_sample(number):
    pattern, _ = rules._SPELLING[number]
    assert any(pattern.search(text) for text in BREAKS["spelling"])


@pytest.mark.parametrize("text", KEEPS)
def test_good_text_breaks_no_rule(text):
    assert rules.problems([Text("sample", text)]) == []


def test_every_form_to_avoid_is_noticed():
    from course_utils.glossary import terms

    missed = [
        form for term in terms() for form in term.avoid if not rules.avoided_terms(Text("", f"이 {form} 말입니다."))
    ]
    assert missed == []


def test_other_voices_may_speak_as_they_like():
    said = Text("sample", "언제 와요? 확인했다. 꼭 알려 주세요.", own_voice=False)
    assert rules.problems([said]) == [] and len(rules.problems([Text("sample", said.source)])) == 3


def test_a_finding_says_where_and_which_rule():
    [found] = rules.problems([Text("notebooks/04.ipynb, cell m1", "온도를 낮추면 몇일 걸립니다.")])
    assert found.startswith("notebooks/04.ipynb, cell m1: spelling: 며칠: ") and "몇일" in found


def test_the_command_line_ends_with_status_1_where_something_is_wrong(monkeypatch, capsys):
    monkeypatch.setattr(rules, "every_text", lambda: [Text("a.ko.md", "끝났다.")])
    assert rules.main() == 1 and "a.ko.md: plain_style" in capsys.readouterr().out
    monkeypatch.setattr(rules, "every_text", lambda: [Text("a.ko.md", "끝났습니다.")])
    assert rules.main() == 0


# --- what is read ---


def test_a_notebooks_text_comments_and_strings_are_read(tmp_path):
    code = ["%pip install x\n", "# 주석입니다.\n", 'print("글입니다.", 3)  # 뒤의 주석\n', 'color = "#123"']
    cells = [
        {"cell_type": "markdown", "id": "m", "source": ["# 제목"]},
        {"cell_type": "code", "id": "c", "source": code},
    ]
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    found = [(text.source, text.own_voice) for text in notebook_texts(path)]
    assert found == [("# 제목", True), ("주석입니다.", True), ("뒤의 주석", True), ("글입니다.", False)]


def test_a_modules_messages_are_read_and_its_docstrings_and_patterns_are_not(tmp_path):
    source = '"""문서 글이다."""\nimport re\nX = re.compile("[가-힣]+")\ndef f(a):\n    """값이다."""\n'
    source += '    raise ValueError(f"{a}: 값이 "\n        f"틀립니다. {a!r}")\n'
    path = tmp_path / "m.py"
    path.write_text(source, encoding="utf-8")
    assert [text.source for text in python_strings(path)] == ["{}: 값이 틀립니다. {}"]


def test_markup_code_and_formulas_are_no_prose():
    text = Text("", "[온도](a.ipynb) `매개 변수` $x  y$ <b>로짓</b> https://a.b/c\n```\n코드다.\n```\n끝")
    assert text.prose == f"온도 {GAP} {GAP} 로짓 {GAP}\n\n끝"
    assert "`매개 변수`" in text.with_code and "매개" not in text.own_words


# --- particles ---


@pytest.mark.parametrize(
    ("head", "final"),
    [("온도", 0), ("로짓", 19), ("softmax", 0), ("`model`", 8), ("GPT", 0), ("URL", 8), ("10", 16), ("2", 0)]
    + [
        ("로짓(logits)", 19),
        ("**온도**", 0),
        ('"확률"', 8),
        ("unheard", None),
        ("f(x)", None),
        ("3/4", 16),
        ("50%", 0),
    ],
)
def test_the_last_sound_of_a_word(head, final):
    found = final_of(head)
    assert found == final or (found is not None and final is not None and bool(found) == bool(final) and final != 8)


def test_readings_end_in_hangul():
    assert len(READ_AS) > 150 and all("가" <= reading[-1] <= "힣" for reading in READ_AS.values())


def test_both_forms_of_a_particle_are_never_right():
    for word in ["softmax", "token", "API", "EXAONE", "7", "온도(temperature)", "로짓(logits)"]:
        for pair in [("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"), ("으로", "로")]:
            assert sum(bool(wrong_josa(f"{word}{josa} 봅니다.")) for josa in pair) == 1


def test_the_gate_reads_this_project():
    assert (ROOT / "notebooks").is_dir() and (ROOT / "course_utils").is_dir()
