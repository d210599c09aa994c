"""ex07: a table as CSV text that a spreadsheet opens: Hangul readable, nothing computed, nothing lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import numpy as np

from answer_key.ex07.samples import ASKS, NICKNAMES, PRODUCTS, pick, some
from answer_key.task import Aspect, Case, Mistake, Task

_SIGNS = tuple("=+-@＝＋－＠\t\r\n")
Rows = list[dict[str, Any]]


def _defused(text: str, signs: tuple[str, ...] = _SIGNS, strip: bool = True) -> str:
    return f"'{text}" if text.startswith(signs) or (strip and text.lstrip().startswith(signs)) else text


def _writer(
    cell: Callable[[Any], Any] | None = None,
    defused: Callable[[str], str] = _defused,
    mark: str = "\ufeff",
    header: bool = True,
) -> Callable[[Rows], str]:
    def text_of(value: Any) -> Any:
        return defused(value) if isinstance(value, str) else "" if value is None else value

    def written(rows: Rows) -> str:
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        if header:
            writer.writerow(rows[0])
        writer.writerows([(cell or text_of)(value) for value in row.values()] for row in rows)
        return mark + out.getvalue()

    return written


reference = _writer()
reference.__doc__ = (
    "The rows under their names as CSV text with a BOM; texts that look like formulas get an apostrophe."
)


def _after_blanks(text: str) -> str:
    bare = text.lstrip()
    return text[: len(text) - len(bare)] + f"'{bare}" if _defused(text) != text else text


def _keys_only(rows: Rows) -> str:
    return _writer()([dict(zip(row, row, strict=True)) for row in rows])


def _joined(rows: Rows) -> str:
    lines = [list(rows[0]), *([str(_defused(str(value))) for value in row.values()] for row in rows)]
    return "\ufeff" + "\n".join(",".join(line) for line in lines)


def _reordered(rows: Rows) -> str:
    return _writer()([{name: row[name] for name in sorted(row)} for row in rows])


def _row(rng: np.random.Generator, **other: Any) -> dict[str, Any]:
    return {
        "id": f"Q{int(rng.integers(1, 99)):02d}",
        "nickname": pick(rng, NICKNAMES),
        "answer": pick(rng, ASKS),
    } | other


def _plain(rng: np.random.Generator) -> list[Case]:
    product = pick(rng, PRODUCTS)
    return [
        Case([_row(rng, answer=f"{product}, {pick(rng, PRODUCTS)} 문의"), _row(rng)]),
        Case([_row(rng, answer=f'손님이 "{pick(rng, ASKS)}"라고 했습니다.')]),
        Case([_row(rng, answer=f"{product}입니다.\n{pick(rng, ASKS)}", note="1+1=2"), _row(rng, note="a-b@c")]),
    ]


def _formulas(rng: np.random.Generator) -> list[Case]:
    made = [f"{sign}{pick(rng, ('SUM(1+1)', 'HYPERLINK(1)', '10도', '가'))}" for sign in some(rng, "=+-@", 4)]
    return [
        Case([_row(rng, nickname=made[0]), _row(rng, answer=made[1])]),
        Case([_row(rng, nickname=made[2], answer=made[3])]),
    ]


def _disguised(rng: np.random.Generator) -> list[Case]:
    wide = [f"{sign}{pick(rng, ('SUM(1+1)', '가', '10'))}" for sign in some(rng, "＝＋－＠", 4)]
    tab = pick(rng, "\t\r\n") + pick(rng, ("=1", "가나"))
    return [
        Case([_row(rng, nickname=wide[0], answer=wide[1]), _row(rng, nickname=wide[2], answer=wide[3])]),
        Case([_row(rng, nickname=f"{' ' * int(rng.integers(1, 5))}=1+1", answer=tab)]),
        Case([_row(rng, nickname=f" \t{wide[0]}", answer=f"\u3000@{pick(rng, NICKNAMES)}")]),
    ]


def _values(rng: np.random.Generator) -> list[Case]:
    count = int(rng.integers(2, 90))
    return [
        Case([_row(rng, drafts=count, change=-count, note=None), _row(rng, drafts=0, change=count / 10, note="-")]),
        Case([_row(rng, change=-count / 4, note=None, human="")]),
    ]


def _line(nickname: Any, answer: Any, **other: Any) -> dict[str, Any]:
    return {"id": "Q14", "nickname": nickname, "answer": answer} | other


TASK = Task(
    name="safe_csv",
    title="수식이 되지 않는 CSV 쓰기",
    reference=reference,
    judge=("ex07.csv_table", {}),
    aspects=(
        Aspect(
            "plain",
            "쉼표, 따옴표, 줄바꿈",
            1,
            visible=(Case([_line("달빛서랍", "네, 있습니다.\n감사합니다."), _line("졸려", '"확인"했습니다. 1+1=2')]),),
            hidden=_plain,
        ),
        Aspect(
            "formulas",
            "수식으로 시작하는 칸",
            1,
            visible=(Case([_line("=SUM(1+1)", "-10도에서도 따뜻합니다."), _line("@상점", "+82로 적은 번호")]),),
            hidden=_formulas,
        ),
        Aspect(
            "disguised",
            "전각 문자, 탭, 앞의 빈칸",
            1,
            visible=(Case([_line("＝SUM(1+1)", "  =1+1"), _line("\t가나", "확인했습니다.")]),),
            hidden=_disguised,
        ),
        Aspect(
            "values",
            "수와 빈 값",
            1,
            visible=(
                Case([_line("졸려", "확인했습니다.", change=-3, note=None), _line("=1", "네.", change=2.5, note="")]),
            ),
            hidden=_values,
        ),
    ),
    mistakes=(
        Mistake(
            "no_mark",
            _writer(mark=""),
            "맨 앞에 BOM이 없습니다. 윈도의 엑셀에서 한글이 깨지므로 글의 맨 앞에 '\\ufeff'를 붙여 주십시오.",
        ),
        Mistake("no_header", _writer(header=False), "열 이름이 없습니다. 첫 줄에 딕셔너리의 키를 적어 주십시오."),
        Mistake(
            "keys_only",
            _keys_only,
            "줄마다 값이 아니라 열 이름을 적었습니다. 딕셔너리를 그대로 돌면 키가 나오므로 row.values()를 써 주십시오.",
        ),
        Mistake(
            "joined",
            _joined,
            "쉼표로 이어 붙이기만 했습니다. 칸 안의 쉼표, 따옴표, 줄바꿈에서 표가 어긋납니다. "
            "csv.writer가 따옴표를 알아서 붙이게 해 주십시오.",
        ),
        Mistake(
            "only_equals",
            _writer(defused=lambda text: f"'{text}" if text.startswith("=") else text),
            "=만 막았습니다. 엑셀은 +, -, @로 시작하는 칸도 계산합니다.",
        ),
        Mistake(
            "narrow_only",
            _writer(defused=lambda text: _defused(text, tuple("=+-@"))),
            "＝＋－＠ 같은 전각 문자나 탭으로 시작하는 칸이 남았습니다. 스프레드시트는 이것도 수식으로 읽을 수 "
            "있습니다.",
        ),
        Mistake(
            "no_strip",
            _writer(defused=lambda text: _defused(text, strip=False)),
            "빈칸 뒤에 숨은 수식을 놓쳤습니다. 앞의 빈칸을 뗀 글(lstrip)도 함께 보아 주십시오.",
        ),
        Mistake(
            "only_stripped",
            _writer(defused=lambda text: f"'{text}" if text.lstrip().startswith(_SIGNS) else text),
            "탭이나 줄바꿈으로 시작하는 칸이 남았습니다. lstrip()은 탭도 떼어 버리므로 떼기 전의 글도 함께 보아 "
            "주십시오.",
        ),
        Mistake(
            "after_blanks",
            _writer(defused=_after_blanks),
            "작은따옴표를 빈칸 뒤에 붙였습니다. 칸의 맨 앞에 붙여 주십시오.",
        ),
        Mistake(
            "stripped_only",
            _writer(defused=lambda text: _defused(text.strip())),
            "칸의 앞뒤 빈칸을 지웠습니다. 판단할 때만 빈칸을 떼고, 적을 때는 받은 글을 그대로 적어 주십시오.",
        ),
        Mistake(
            "removed",
            _writer(defused=lambda text: text.lstrip().lstrip("".join(_SIGNS))),
            "수식 기호를 지웠습니다. 손님이 적은 글이 달라집니다. 지우지 말고 작은따옴표를 앞에 붙여 주십시오.",
        ),
        Mistake(
            "every_cell",
            _writer(defused=lambda text: f"'{text}"),
            "모든 글에 작은따옴표를 붙였습니다. 수식으로 보일 수 있는 칸에만 붙여 주십시오.",
        ),
        Mistake(
            "anywhere",
            _writer(defused=lambda text: f"'{text}" if any(sign in text for sign in _SIGNS) else text),
            "글의 가운데에 있는 기호까지 막았습니다. 스프레드시트는 칸의 맨 앞만 봅니다. startswith()를 써 주십시오.",
        ),
        Mistake(
            "numbers_too",
            _writer(cell=lambda value: _defused("" if value is None else str(value))),
            "음수에도 작은따옴표를 붙였습니다. 수는 수식이 아니므로 글(str)일 때만 살펴 주십시오.",
        ),
        Mistake(
            "none_written",
            _writer(cell=lambda value: _defused(value) if isinstance(value, str) else str(value)),
            "None이 'None'이라는 글자로 적혔습니다. 값이 None이면 칸을 비워 주십시오.",
        ),
        Mistake("reordered", _reordered, "열의 순서가 바뀌었습니다. 첫 행의 키 순서를 그대로 지켜 주십시오."),
    ),
)
