"""ex07: a check against people's decisions: what it missed, what it caught wrongly, precision and recall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from answer_key.ex07.samples import pick
from answer_key.task import Aspect, Case, Mistake, Task

FINE, EDITED, REFUSED, OPEN = "승인", "고쳐서 승인", "거절", "남음"
Rows = list[dict[str, Any]]


def reference(rows: Rows) -> dict[str, Any]:
    """Ids missed and wrongly caught, precision and recall (None where nothing can be divided); open rows left out."""
    return _quality(rows)


def _share(part: int, whole: int, empty: float | None = None) -> float | None:
    return part / whole if whole else empty


def _quality(
    rows: Rows,
    bad: tuple[str, ...] = (EDITED, REFUSED),
    left_out: tuple[str, ...] = (OPEN,),
    empty: float | None = None,
) -> dict[str, Any]:
    decided = [row for row in rows if row["decision"] not in left_out]
    caught = [row["id"] for row in decided if row["caught"]]
    wrong = [row["id"] for row in decided if row["decision"] in bad]
    both = len(set(caught) & set(wrong))
    return {
        "missed": [one for one in wrong if one not in caught],
        "caught_wrongly": [one for one in caught if one not in wrong],
        "precision": _share(both, len(caught), empty),
        "recall": _share(both, len(wrong), empty),
    }


def _swapped(first: str, second: str) -> Callable[[Rows], dict[str, Any]]:
    def answer(rows: Rows) -> dict[str, Any]:
        found = reference(rows)
        return found | {first: found[second], second: found[first]}

    return answer


def _percent(rows: Rows) -> dict[str, Any]:
    found = reference(rows)
    return found | {name: found[name] and 100 * found[name] for name in ("precision", "recall")}


def _accuracy(rows: Rows) -> dict[str, Any]:
    found = reference(rows)
    decided = [row for row in rows if row["decision"] != OPEN]
    right = len(decided) - len(found["missed"]) - len(found["caught_wrongly"])
    return found | {"precision": _share(right, len(decided))}


def _of_all(rows: Rows) -> dict[str, Any]:
    found, decided = reference(rows), [row for row in rows if row["decision"] != OPEN]
    both = sum(row["caught"] and row["decision"] in (EDITED, REFUSED) for row in decided)
    return found | {"precision": _share(both, len(decided)), "recall": _share(both, len(decided))}


def _unguarded(rows: Rows) -> dict[str, Any]:
    found = reference(rows)
    if found["precision"] is None or found["recall"] is None:
        raise ZeroDivisionError("division by zero")
    return found


def _rows(*kinds: tuple[int, bool, str]) -> Rows:
    """So many rows of each kind, numbered from Q01."""
    flat = [(caught, decision) for count, caught, decision in kinds for _ in range(count)]
    return [{"id": f"Q{n:02d}", "caught": caught, "decision": decision} for n, (caught, decision) in enumerate(flat, 1)]


def _mixed(rng: np.random.Generator, *kinds: tuple[int, bool, str]) -> Case:
    rows = _rows(*kinds)
    return Case([rows[int(place)] for place in rng.permutation(len(rows))])


def _bad(rng: np.random.Generator) -> str:
    return pick(rng, (EDITED, REFUSED))


def _decided(rng: np.random.Generator) -> list[Case]:
    made = []
    for _ in range(4):
        some = [int(one) for one in rng.integers(1, 7, size=5)]
        some[3] += some[1] == some[0]
        made.append(_mixed(rng, (some[0], True, EDITED), (some[1], True, FINE), (some[2], False, FINE),
                           (some[3] + 6, False, REFUSED), (some[4], True, REFUSED)))  # fmt: skip
    return made


def _with_open(rng: np.random.Generator) -> list[Case]:
    made = []
    for _ in range(3):
        some = [int(one) for one in rng.integers(1, 6, size=6)]
        made.append(_mixed(rng, (some[0], True, _bad(rng)), (some[1], True, FINE), (some[2], False, FINE),
                           (some[3], False, _bad(rng)), (some[4], True, OPEN), (some[5], False, OPEN)))  # fmt: skip
    return made


def _empty(rng: np.random.Generator) -> list[Case]:
    count = int(rng.integers(2, 6))
    return [
        _mixed(rng, (count, False, FINE), (2, False, _bad(rng))),
        _mixed(rng, (count, False, FINE), (1, True, FINE)),
        _mixed(rng, (count, True, OPEN), (1, False, FINE)),
        Case([]),
    ]


_LESSON = _rows((3, True, FINE), (5, True, EDITED), (3, True, REFUSED), (11, False, FINE), (2, False, EDITED))

TASK = Task(
    name="check_quality",
    title="점검과 사람의 판단 견주기",
    reference=reference,
    judge=("close", {}),
    aspects=(
        Aspect(
            "decided",
            "모두 결정한 표",
            2,
            visible=(
                Case(_LESSON, label="07 단원 10.4의 표"),
                Case(_rows((1, True, REFUSED), (1, False, FINE), (3, False, EDITED), (2, True, FINE))),
            ),
            hidden=_decided,
        ),
        Aspect(
            "open",
            "아직 결정하지 않은 행",
            1,
            visible=(
                Case(_rows((2, True, EDITED), (1, True, FINE), (2, False, OPEN), (3, True, OPEN), (1, False, REFUSED))),
            ),
            hidden=_with_open,
        ),
        Aspect(
            "empty",
            "나눌 수 없을 때",
            1,
            visible=(
                Case(_rows((2, False, FINE), (1, False, REFUSED))),
                Case(_rows((1, True, FINE), (1, False, FINE))),
            ),
            hidden=_empty,
        ),
    ),
    mistakes=(
        Mistake(
            "zero",
            lambda rows: _quality(rows, empty=0.0),
            "나눌 수 없을 때 0을 돌려주었습니다. 0은 '모두 틀렸다'는 뜻입니다. 잴 것이 없었다는 뜻으로 None을 "
            "돌려주십시오.",
        ),
        Mistake(
            "one",
            lambda rows: _quality(rows, empty=1.0),
            "나눌 수 없을 때 1을 돌려주었습니다. 1은 '모두 맞았다'는 뜻입니다. 잴 것이 없었다는 뜻으로 None을 "
            "돌려주십시오.",
        ),
        Mistake(
            "percent",
            _percent,
            "비율에 100을 곱했습니다. 0.75처럼 0에서 1까지의 수로 돌려주십시오.",
        ),
        Mistake(
            "rates_swapped",
            _swapped("precision", "recall"),
            "정밀도와 재현율이 서로 바뀌었습니다. 정밀도는 '점검이 잡은 것' 가운데서, 재현율은 '정말 나쁜 것' 가운데서 "
            "셉니다.",
        ),
        Mistake(
            "lists_swapped",
            _swapped("missed", "caught_wrongly"),
            "missed와 caught_wrongly가 서로 바뀌었습니다. missed는 나쁜데 점검이 잡지 못한 것입니다.",
        ),
        Mistake(
            "edited_is_fine",
            lambda rows: _quality(rows, bad=(REFUSED,)),
            "'고쳐서 승인'을 좋은 초안으로 세었습니다. 사람이 고쳤다면 그대로는 내보낼 수 없던 초안입니다.",
        ),
        Mistake(
            "refused_is_fine",
            lambda rows: _quality(rows, bad=(EDITED,)),
            "'거절'을 나쁜 초안으로 세지 않았습니다. '고쳐서 승인'과 '거절'이 모두 나쁜 초안입니다.",
        ),
        Mistake(
            "open_is_fine",
            lambda rows: _quality(rows, left_out=()),
            "'남음'인 행을 좋은 초안으로 세었습니다. 아직 모르는 것은 좋은 것도 나쁜 것도 아니므로 먼저 빼 주십시오.",
        ),
        Mistake(
            "open_is_bad",
            lambda rows: _quality(rows, bad=(EDITED, REFUSED, OPEN), left_out=()),
            "'남음'인 행을 나쁜 초안으로 세었습니다. 결정하지 않은 행은 먼저 빼 주십시오.",
        ),
        Mistake(
            "accuracy",
            _accuracy,
            "precision에 정확도(옳게 판단한 비율)를 적었습니다. 좋은 초안이 훨씬 많으면 아무것도 잡지 않는 점검도 "
            "정확도는 높습니다. 점검이 잡은 것으로 나누어 주십시오.",
        ),
        Mistake(
            "of_all",
            _of_all,
            "행 전체의 수로 나누었습니다. 정밀도는 잡은 것의 수로, 재현율은 나쁜 것의 수로 나눕니다.",
        ),
        Mistake(
            "unguarded",
            _unguarded,
            "0으로 나누었습니다. 점검이 하나도 잡지 않았거나 나쁜 초안이 하나도 없을 때를 먼저 살펴 주십시오.",
        ),
    ),
)
