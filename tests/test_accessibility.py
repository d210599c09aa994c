"""Pages, notebooks and outputs can be read without seeing them; and every rule notices what breaks it."""

import base64

import nbformat
import pytest
import shown_html

from tools import accessibility, alt_texts
from tools.page_rules import fragment_problems, no_headings, page_problems

GOOD_ALT = "막대그래프: 온도와 낱말의 확률. 온도 1 - 감사합니다: 51.4%, 주셔서: 28.2%."
GOOD_SVG = '<svg width="10" height="5"><text x="1">감사합니다</text><text>51.4%</text></svg>'


def test_what_is_committed_can_be_read_without_seeing_it():
    assert accessibility.problems() == []


def test_pages_for_students_and_instructors(tmp_path):
    assert {name: found for name, html in shown_html.pages(tmp_path).items() if (found := page_problems(html))} == {}


def test_outputs_and_widgets():
    shown = shown_html.fragments()
    assert {name: found for name, html in shown.items() if (found := fragment_problems(html) + no_headings(html))} == {}
    for name in ("score 0", "score 1", "score 2"):  # words, not only the colour of the edge
        assert ("통과" in shown[name]) == (name != "score 2") and ("확인 필요" in shown[name]) == (name != "score 0")
    assert len({shown[f"card {i}"].split("[")[1].split("]")[0] for i in range(4)}) == 4  # a sign and a word each


PAGE = (
    '<html lang="ko"><head><title>제목</title></head><body><h1>제목</h1><h2>둘</h2><h3>셋</h3><h2>넷</h2>'
    '<table><caption>표</caption><tr><th scope="col">이름</th></tr></table><img alt="설명" src="data:,">'
    '<svg role="img"><title>그림 설명</title></svg><svg aria-hidden="true"></svg><label>값 <input></label>'
    '<a href="b.html">다음</a><div style="overflow-x:auto" tabindex="0">넓은 것</div><p id="a"></p></body></html>'
)
BREAKS = {
    'lang="ko"': "",
    "<title>제목</title>": "",
    "<h1>제목</h1>": "<h2>제목</h2>",
    "<h2>둘</h2>": "<h1>둘</h1>",
    "<h2>넷</h2>": "<h2> </h2>",
    "<h2>둘</h2><h3>": "<h3>",
    "<caption>표</caption>": "",
    ' scope="col"': "",
    '<th scope="col">이름</th>': "<td>이름</td>",
    'alt="설명"': 'alt=""',
    ' role="img"': "",
    "<title>그림 설명</title>": "",
    "<label>값 <input></label>": "값 <input>",
    ">다음</a>": "></a>",
    ' tabindex="0"': "",
    '<p id="a"></p>': '<p id="a"></p><p id="a"></p>',
}


def test_a_good_page_passes():
    assert page_problems(PAGE) == []


@pytest.mark.parametrize("part", BREAKS)
def test_every_rule_of_pages_notices(part):
    assert PAGE.count(part) == 1
    assert page_problems(PAGE.replace(part, BREAKS[part]))


def test_a_heading_inside_an_output_is_noticed():
    assert no_headings("<div><h3>결과</h3></div>") and not no_headings("<div><b>결과</b></div>")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("# 제목\n\n## 둘\n\n[말](a.md)\n\n[![뱃지](b.svg)](c.md)\n\n```\n# 주석\n```", True),
        ("---\nlicense: apache-2.0\n---\n# 제목", True),
        ("# 제목\n\n### 셋", False),
        ("# 제목\n\n# 또 제목", False),
        ("## 둘", False),
        ("# 제목\n\n##\n\n글", False),
        ("# 제목\n\n![](b.svg)", False),
        ("# 제목\n\n[](c.md)", False),
        ("# 제목\n\n[![](b.svg)](c.md)", False),
    ],
)
def test_pages_of_markdown(text, good):
    assert (accessibility.markdown_problems(text) == []) == good


def test_a_good_description_passes():
    assert alt_texts.complaints(GOOD_ALT, GOOD_SVG) == []


@pytest.mark.parametrize(
    ("alt", "why"),
    [
        ("", "says nothing"),
        ("그림", "says nothing"),
        ("그림 3: 그래프", "says nothing"),
        ("확률 51.4%", "letters"),
        ("감사합니다 51.4% " * 200, "letters"),
        ("Bar chart of the probabilities: 감사합니다 51.4%, and so on", "not Korean"),
        ("막대그래프: 온도와 낱말의 확률. 감사합니다가 가장 높습니다.", "no number"),
        ("막대그래프: 어제의 기온. 서울 3도, 부산 7도, 제주 11도, 춘천 1도.", "nothing that the figure shows"),
    ],
)
def test_useless_descriptions_are_noticed(alt, why):
    assert any(why in one for one in alt_texts.complaints(alt, GOOD_SVG))


def test_two_figures_with_one_description_are_noticed(tmp_path):
    assert alt_texts.repeated(["가", "나", "가"]) and not alt_texts.repeated(["가", "나"])
    data = base64.b64encode(GOOD_SVG.encode()).decode()
    image = f'<img alt="{GOOD_ALT}" src="data:image/svg+xml;base64,{data}">'
    outputs = [
        nbformat.v4.new_output("display_data", {"text/html": html}) for html in (image, image, "<table></table>")
    ]
    text, code = nbformat.v4.new_markdown_cell("# 제목"), nbformat.v4.new_code_cell("1", outputs=outputs)
    nbformat.write(nbformat.v4.new_notebook(cells=[text, code]), tmp_path / "a.ipynb")
    found = accessibility.notebook_problems(tmp_path / "a.ipynb")
    assert any("two figures" in one for one in found) and any("without a caption" in one for one in found)
    assert len(found) == 3  # the table has no headers, either


def test_every_picture_of_the_lessons_is_described():
    described = [
        figure
        for path in accessibility.ROOT.glob("notebooks/*.ipynb")
        for html in accessibility.outputs_of(path)
        for figure in alt_texts.figures(html)
    ]
    assert len(described) > 30
    assert alt_texts.repeated(alt for alt, _ in described) == []  # not even in two lessons
