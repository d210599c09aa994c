"""The gate over the committed notebooks, and the proof that the gate notices: a bad notebook for every rule."""

import copy
import json
from pathlib import Path

import nbformat
import pytest
from api_samples import made_up_keys
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import notebook_rules as rules
from tools.bootstrap import bootstrap_source, colab_badge

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAME = "99_sample.ipynb"


def test_there_are_lessons():
    assert {path.name[:2] for path in NOTEBOOKS} >= {f"{number:02}" for number in range(8)}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_committed_notebook_keeps_the_rules(path):
    assert rules.check(path) == []


def good_notebook():
    """A small notebook that keeps every rule, at the edges of some of them."""
    svg = '<svg role="img" aria-label="막대그래프: 7과 3" width="10"></svg>'
    prose = '출력은 3입니다. 원문은 "모델은 확률을 구한다."라고 씁니다.\n\n> 인용한 글이다.\n\n```\n# 주석이다.\n```'
    picture = new_output("display_data", {"image/svg+xml": svg, "text/plain": "<Figure>"})
    code = [
        new_code_cell(bootstrap_source(), id="bootstrap", execution_count=1),
        new_code_cell("\n".join(["x = 3"] * rules.MAX_LINES), execution_count=2, outputs=[picture]),
        new_code_cell(
            "#" * rules.MAX_COLUMNS,
            execution_count=3,
            outputs=[new_output("execute_result", {"text/html": '<img alt="시간" src="data:,">'}, execution_count=3)],
            metadata={"tags": ["nbval-ignore-output"]},
        ),
    ]
    cells = [
        new_markdown_cell(f"# 제목\n\n{colab_badge(NAME)}\n\n## 학습 목표\n\n- 걸리는 시간: 40분"),
        code[0],
        new_markdown_cell("## 하는 일\n\n### 작은 제목\n\n무엇을 하는지 봅니다. https://example.org/home/page"),
        code[1],
        new_markdown_cell(prose + "\n\n![그림 설명](a.svg)"),
        code[2],
        new_markdown_cell("## 정리\n\n끝났습니다."),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": {"display_name": "Python 3", "name": "python3"}})


def test_good_notebook_breaks_no_rule(tmp_path):
    nbformat.write(good_notebook(), tmp_path / NAME)
    assert rules.check(tmp_path / NAME) == []


def output(cell, **kwargs):
    """A change that replaces the outputs of cell number `cell` by one of the kind described in `kwargs`."""
    return lambda notebook: notebook.cells[cell].update(outputs=[new_output(**kwargs)])


def display(**data):
    return output(3, output_type="display_data", data={kind.replace("__", "/"): text for kind, text in data.items()})


def source(cell, text):
    return lambda notebook: notebook.cells[cell].update(source=text)


def edited(cell, old, new):
    def change(notebook):
        assert old in notebook.cells[cell].source
        notebook.cells[cell].source = notebook.cells[cell].source.replace(old, new)

    return change


def tagged(tag):
    return lambda notebook: [cell.metadata.update(tags=[tag]) for cell in notebook.cells]


# rule that must notice -> changes, each of which alone breaks the good notebook
BREAKS = {
    "executed_in_order": [
        lambda nb: nb.cells[3].update(execution_count=None),
        lambda nb: nb.cells[3].update(execution_count=4),
        lambda nb: nb.cells[1].update(execution_count=2),
    ],
    "quiet": [
        output(3, output_type="stream", name="stderr", text="Warning: ..."),
        output(3, output_type="error", ename="ValueError", evalue="no", traceback=[]),
    ],
    "no_leftovers": [
        lambda nb: nb.metadata.update(widgets={}),
        lambda nb: nb.cells[3].metadata.update(execution={"iopub.execute_input": "2026-01-01"}),
    ],
    "no_keys": [
        source(5, 'key = "sk-' + "proj-abcdefgh12345678" + '"'),
        output(3, output_type="stream", name="stdout", text="hf_" + "a1B2" * 8),
        *(source(5, f"x = {key!r}") for key in made_up_keys().values()),
        *(output(3, output_type="stream", name="stdout", text=key) for key in made_up_keys().values()),
        *(display(text__html=f"<p>{key}</p>") for key in made_up_keys().values()),
    ],
    "no_machine_paths": [
        source(5, 'open("/home/kim/a.txt")'),
        output(3, output_type="stream", name="stdout", text="file at /root/course"),
        output(3, output_type="stream", name="stdout", text="C:\\Users\\kim"),
        display(text__plain="'/tmp/x1'"),
    ],
    "short_cells": [source(5, "x = 1\n" * (rules.MAX_LINES + 1)), source(5, "#" * (rules.MAX_COLUMNS + 1))],
    "framed": [lambda nb: nb.cells.pop(4), lambda nb: nb.cells.pop(6)],
    "title_cell": [
        edited(0, "# 제목", "제목"),
        edited(0, "목표", "내용"),
        edited(0, "40분", "잠깐"),
        edited(0, NAME, "98_other.ipynb"),
        lambda nb: nb.cells.pop(0),
    ],
    "bootstrap_cell": [edited(1, "%pip install -q", "!pip install"), lambda nb: nb.cells[1].update(id="other")],
    "alt_texts": [
        edited(4, "그림 설명", ""),
        edited(4, "![그림 설명](a.svg)", '<img src="a.png">'),
        display(image__png="aGk="),
        display(text__html='<p>글</p><img src="a.png" alt="">'),
        display(text__html="<svg viewBox='0 0 1 1'><path/></svg>"),
        output(3, output_type="display_data", data={"image/svg+xml": "<svg><title> </title></svg>"}),
    ],
    "heading_order": [
        edited(2, "### 작은", "#### 작은"),
        edited(6, "## 정리", "# 정리"),
        edited(0, "## 학습", "### 학습"),
    ],
    "no_struck_text": [edited(6, "끝났습니다.", "첫 시간은 0~6절, 둘째 시간은 7~13절입니다.")],
    "polite_prose": [
        edited(6, "끝났습니다.", "이제 끝났다."),
        edited(6, "끝났습니다.", "확률을 구한다. 다음으로 갑니다."),
        edited(6, "끝났습니다.", "**모델은 확률이다.**"),
    ],
    "really_tested": [
        tagged("nbval-skip"),
        tagged("nbval-ignore-output"),
        output(5, output_type="stream", name="stdout", text="0.3 s"),
        output(5, output_type="execute_result", data={"text/html": "<p>0.3 s</p>", "text/plain": "0.3 s"}),
        lambda nb: nb.cells[5].outputs.append(new_output("stream", name="stdout", text="0.3 s")),
        lambda nb: nb.cells[5].update(outputs=[]),
        source(3, "# NBVAL_IGNORE_OUTPUT\nx = 3"),
        source(3, "x = 3\n#PYTEST_VALIDATE_IGNORE_OUTPUT"),
    ],
}
CASES = [(rule, number) for rule, changes in BREAKS.items() for number in range(len(changes))]


def test_every_rule_has_a_bad_notebook():
    assert set(BREAKS) == {rule.__name__ for rule in rules.RULES}


@pytest.mark.parametrize(("rule", "number"), CASES)
def test_bad_notebook_is_noticed(rule, number):
    notebook = copy.deepcopy(good_notebook())
    BREAKS[rule][number](notebook)
    assert getattr(rules, rule)(notebook, NAME) != []


def test_check_names_the_rule(tmp_path):
    notebook = good_notebook()
    notebook.cells[3].execution_count = 9
    nbformat.write(notebook, tmp_path / NAME)
    [problem] = rules.check(tmp_path / NAME)
    assert problem.startswith("executed_in_order: ")


def test_outputs_that_are_not_compared_are_found():
    assert rules.not_compared(good_notebook()) == [5]
    assert json.loads(nbformat.writes(good_notebook()))["cells"][5]["metadata"]["tags"] == ["nbval-ignore-output"]
