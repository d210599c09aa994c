"""ex06: where an API key stands in a notebook's file, without ever telling the key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from answer_key.task import Aspect, Case, Mistake, Task, stand_in

Notebook = dict[str, Any]
Places = list[list[Any]]
PATTERN = r"sk-(?:proj-)?[A-Za-z0-9]{20,}"  # the notebook gives it to the learners


def reference(notebook: Notebook) -> Places:
    """``[number of the cell from 1, "source" or "outputs"]`` for each place that holds a key."""
    return _places(notebook)


def _places(
    notebook: Notebook,
    parts: tuple[str, ...] = ("source", "outputs"),
    kinds: tuple[str, ...] = ("code", "markdown"),
    first: int = 1,
    found: Callable[[Any], Any] = lambda part: re.search(PATTERN, json.dumps(part)),
) -> Places:
    made = []
    for number, cell in enumerate(notebook["cells"], first):
        for part in parts:
            if cell["cell_type"] in kinds and found(cell.get(part, "")):
                made.append([number, part])
    return made


def _told(notebook: Notebook, key: Callable[[str], str]) -> Places:
    """Puts the key itself where the place belongs."""
    made = []
    for number, cell in enumerate(notebook["cells"], 1):
        for part in ("source", "outputs"):
            if match := re.search(PATTERN, json.dumps(cell.get(part, ""))):
                made.append([number, key(match[0])])
    return made


def _plain_text(part: Any) -> Any:
    """Looks at strings only."""
    return isinstance(part, str) and re.search(PATTERN, part)


def _only_printed(part: Any) -> Any:
    """Of the outputs, looks at what was printed only."""
    if isinstance(part, list) and part and isinstance(part[0], dict):
        part = [output.get("text", "") for output in part]
    return re.search(PATTERN, json.dumps(part))


def _once_a_cell(notebook: Notebook) -> Places:
    made: Places = []
    for number, part in reference(notebook):
        if not made or made[-1][0] != number:
            made.append([number, part])
    return made


def _no_outputs_there(notebook: Notebook) -> Places:
    """Reads the outputs of text cells, which have none."""
    for cell in notebook["cells"]:
        cell["outputs"]
    return reference(notebook)


def _by_part(notebook: Notebook) -> Places:
    return sorted(reference(notebook), key=lambda place: place[1] != "source")


def code(source: Any, *outputs: dict[str, Any]) -> dict[str, Any]:
    """A code cell."""
    return {"cell_type": "code", "source": source, "outputs": list(outputs)}


def note(source: Any) -> dict[str, Any]:
    """A text cell; such cells have no outputs."""
    return {"cell_type": "markdown", "source": source}


def _printed(text: Any) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _result(text: str) -> dict[str, Any]:
    return {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}}


def _error(text: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": "AuthenticationError", "evalue": text, "traceback": ["", text]}


_HARMLESS = (
    code("import os\nfrom openai import OpenAI"),
    code("client = OpenAI()", _printed("준비되었습니다.\n")),
    code('key = os.environ["OPENAI_API_KEY"]'),
    note("키는 `sk-`로 시작합니다. 여기에 적지 않습니다."),
    code('client = OpenAI(api_key="sk-여기에-키")'),
    code("project = 'desk-organizer-with-twelve-drawers'"),
    code("print('OPENAI_API_KEY' in os.environ)", _printed(["True\n"])),
)


def _notebook(rng: np.random.Generator, *leaky: dict[str, Any], harmless: int = 4) -> Case:
    places = rng.choice(len(_HARMLESS), harmless, replace=False)
    cells = [*leaky, *(_HARMLESS[int(place)] for place in places)]
    order = rng.permutation(len(cells))
    return Case(stand_in("ex06.notebook", cells=[cells[int(place)] for place in order], seed=int(rng.integers(10**6))))


def _in_code(rng: np.random.Generator) -> list[Case]:
    return [
        _notebook(rng, code('client = OpenAI(api_key="{키}")')),
        _notebook(rng, code("KEY = '{키}'\nclient = OpenAI(api_key=KEY)"), code("!export OPENAI_API_KEY={키}")),
    ]


def _elsewhere(rng: np.random.Generator) -> list[Case]:
    return [
        _notebook(rng, note("메모\n{키}\n지우기!")),
        _notebook(rng, code(["import os\n", 'os.environ["OPENAI_API_KEY"] = "{키}"\n'])),
        _notebook(rng, note(["# 준비\n", "{키}\n"]), code("x = '{키}'")),
    ]


def _in_outputs(rng: np.random.Generator) -> list[Case]:
    return [
        _notebook(rng, code("print(key)", _printed("{키}\n"))),
        _notebook(rng, code("key", _result("'{키}'")), code("print(key)", _printed(["키:\n", "{키}\n"]))),
        _notebook(rng, code("client.models.list()", _error("Incorrect API key provided: {키}"))),
        _notebook(rng, code("print('{키}')", _printed("{키}\n"))),
    ]


def _clean(rng: np.random.Generator) -> list[Case]:
    return [_notebook(rng, harmless=int(rng.integers(5, 8))) for _ in range(3)]


def _shown(*cells: dict[str, Any], seed: int = 1) -> Case:
    return Case(stand_in("ex06.notebook", cells=list(cells), seed=seed))


TASK = Task(
    name="find_leaks",
    title="노트북에서 새어 나간 키 찾기",
    reference=reference,
    judge=("ex06.leaks", {}),
    aspects=(
        Aspect(
            "code",
            "코드에 적은 키",
            1,
            visible=(_shown(code('client = OpenAI(api_key="{키}")'), _HARMLESS[0], code('api_key = "{키}"')),),
            hidden=_in_code,
        ),
        Aspect(
            "elsewhere",
            "글 셀, 줄의 리스트로 저장된 셀",
            1,
            visible=(_shown(code(["import os\n", 'KEY = "{키}"\n']), note("메모: {키}"), code(['"{키}"']), seed=2),),
            hidden=_elsewhere,
        ),
        Aspect(
            "outputs",
            "출력에 남은 키",
            1,
            visible=(
                _shown(code("print(key)", _printed("{키}\n")), code("print('{키}')", _printed("{키}\n")), seed=3),
                _shown(_HARMLESS[1], code("key", _result("'{키}'")), code("ask()", _error("키: {키}")), seed=4),
            ),
            hidden=_in_outputs,
        ),
        Aspect("clean", "키가 아닌 것", 1, visible=(_shown(*_HARMLESS[2:6]),), hidden=_clean, edge=True),
    ),
    mistakes=(
        Mistake(
            "tells_the_key",
            lambda notebook: _told(notebook, lambda key: key),
            "돌려준 값에 키가 들어 있습니다. 이 결과를 출력하면 키가 한 번 더 저장됩니다. "
            "어디에 있는지만 알려 주십시오.",
            expected=lambda notebook: _told(notebook, lambda key: "***"),
        ),
        Mistake(
            "text_cells_have_none",
            _no_outputs_there,
            '글 셀에는 "outputs"가 없어 KeyError가 났습니다. cell.get("outputs", [])처럼 꺼내면 없을 때 빈 리스트가 '
            "됩니다.",
        ),
        Mistake(
            "by_part",
            _by_part,
            "찾은 곳은 모두 맞지만 순서가 다릅니다. 셀을 하나씩 보면서, 한 셀 안에서 source와 outputs를 차례로 "
            "보십시오.",
        ),
        Mistake(
            "from_zero",
            lambda notebook: _places(notebook, first=0),
            '셀의 번호가 하나씩 작습니다. 1부터 세려면 enumerate(notebook["cells"], 1)을 씁니다.',
        ),
        Mistake(
            "printed_only",
            lambda notebook: _places(notebook, found=_only_printed),
            "출력 가운데 print()로 나온 글(text)만 보았습니다. "
            "셀의 마지막 값(data)과 오류(traceback)에도 키가 남습니다.",
        ),
        Mistake(
            "first_cell",
            lambda notebook: _places({"cells": notebook["cells"][:1]}),
            "첫 셀만 보고 끝났습니다. return이 for 문 안에 있으면 첫 바퀴에서 함수가 끝나므로 for 문 밖에 두십시오.",
        ),
        Mistake(
            "nothing_found",
            lambda notebook: [],
            "키가 있는데 하나도 찾지 못했습니다. 빈 리스트를 돌려주었는지, KEY.search() 대신 글의 맨 앞만 보는 "
            "KEY.match()를 쓰지 않았는지 확인하십시오.",
        ),
        Mistake(
            "no_outputs",
            lambda notebook: _places(notebook, parts=("source",)),
            '코드만 보고 출력은 보지 않았습니다. 출력도 노트북 파일에 저장되므로 cell["outputs"]도 찾아보십시오.',
        ),
        Mistake(
            "code_cells",
            lambda notebook: _places(notebook, kinds=("code",)),
            "코드 셀만 보았습니다. 글 셀(markdown)에 적어 둔 키도 파일에 그대로 저장됩니다.",
        ),
        Mistake(
            "strings_only",
            lambda notebook: _places(notebook, found=_plain_text),
            "문자열일 때만 찾았습니다. source는 줄의 리스트일 수도 있고 outputs는 딕셔너리의 리스트입니다. "
            "json.dumps()로 글 하나로 바꾼 다음 찾아보십시오.",
        ),
        Mistake(
            "once_a_cell",
            _once_a_cell,
            "셀마다 한 곳만 찾고 멈추었습니다. "
            "코드와 출력 두 곳에 있으면 두 곳 모두 알려 주어야 모두 지울 수 있습니다.",
        ),
        Mistake(
            "any_sk",
            lambda notebook: _places(notebook, found=lambda part: "sk-" in json.dumps(part)),
            "'sk-'라는 글자만 찾아 키가 아닌 것까지 걸렸습니다(desk-organizer처럼). 준비해 둔 KEY로 찾아 주십시오.",
        ),
        Mistake(
            "names",
            lambda notebook: _places(notebook, found=lambda part: "api_key" in json.dumps(part).lower()),
            "키의 이름을 찾았습니다. 환경 변수의 이름은 적어도 됩니다. 새어 나가면 안 되는 것은 키의 값입니다.",
        ),
    ),
)
