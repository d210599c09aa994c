"""Task 9: settings for three customers, judged by what they do at two places of an answer."""

from answer_key.task import Aspect, Case, Mistake, Task, part

_NAMES = ("temperature", "top_k", "top_p")
RIGHT = {"board": (1.0, 1, 1.0), "drafts": (0.8, 50, 0.9), "slogans": (1.5, 6, 0.9)}


def _answers(**changed: tuple) -> tuple[dict, ...]:
    """The right settings, those of some situations replaced."""
    return tuple(dict(zip(_NAMES, values, strict=True)) for values in (RIGHT | changed).values())


def _wrong(flaw: str, where: str, settings: tuple, text: str) -> Mistake:
    """Settings that have ``flaw`` in the situation ``where`` and are right in the others."""
    return Mistake(f"{where}_{flaw}", _answers(**{where: settings}), text)


TASK = Task(
    name="choose_settings",
    title="세 손님에게 맞는 설정",
    kind="value",
    answers=("for_board", "for_drafts", "for_slogans"),
    reference=_answers(),
    expected=part,
    judge=("ex05.settings", {}),
    aspects=(
        Aspect("board", "게시판: for_board", points=1, visible=(Case(0),)),
        Aspect("drafts", "초안: for_drafts", points=1, visible=(Case(1),)),
        Aspect("slogans", "광고 문구: for_slogans", points=1, visible=(Case(2),)),
    ),
    mistakes=(
        _wrong(
            "zero_temperature",
            "board",
            (0, 0, 1.0),
            "온도는 0보다 커야 합니다. 로짓을 0으로 나눌 수 없습니다. 늘 같은 답을 바란다면 온도 대신 후보의 수를 "
            "줄이십시오.",
        ),
        _wrong(
            "percent",
            "drafts",
            (0.8, 50, 90),
            "top_p는 0보다 크고 1 이하여야 합니다. 90%는 90이 아니라 0.9로 적습니다. 라이브러리는 1 이상인 값을 "
            "오류 없이 무시하므로 더 조심해야 합니다.",
        ),
        _wrong(
            "varied",
            "board",
            (0.1, 0, 1.0),
            "후보가 둘 이상 남는 자리가 있어 답이 그때그때 달라집니다. 온도를 낮추는 것만으로는 다른 후보의 확률이 "
            "0이 되지 않습니다. 어느 자리에서나 하나만 남기는 필터 설정을 찾으십시오.",
        ),
        _wrong(
            "tail_flat",
            "drafts",
            (1.5, 0, 0.95),
            "초안(for_drafts)의 설정이 평평한 자리에서 꼬리의 토큰까지 남깁니다. 온도를 낮추거나 필터를 더 죄어 "
            "주십시오. 05 단원 12절의 시작점이 도움이 됩니다.",
        ),
        _wrong(
            "tail_sharp",
            "drafts",
            (1.0, 6, 1.0),
            "초안(for_drafts)의 설정이 뾰족한 자리에서 어울리지 않는 토큰까지 남깁니다. 자리마다 남는 수가 달라야 "
            "하므로 개수를 정하는 필터만으로는 되지 않습니다.",
        ),
        _wrong(
            "narrow",
            "drafts",
            (0.8, 3, 0.9),
            "초안(for_drafts)의 설정이 평평한 자리에서 어울리는 토큰까지 잘랐습니다. 0~5번 여섯 개가 모두 남도록 "
            "필터를 느슨하게 하십시오.",
        ),
        _wrong(
            "cool",
            "slogans",
            (0.8, 50, 0.9),
            "광고 문구 손님은 온도 1.5 이상을 바랍니다. 온도를 낮추지 말고 필터로 꼬리를 자르십시오.",
        ),
        _wrong(
            "tail_flat",
            "slogans",
            (1.5, 0, 0.95),
            "평평한 자리에서 꼬리의 토큰이 남습니다. 온도가 높으면 top-p가 꼬리까지 담습니다. top_p를 낮추거나, "
            "top_k로 먼저 줄여 top-p의 일을 덜어 주십시오.",
        ),
        _wrong(
            "tail_sharp",
            "slogans",
            (1.5, 6, 1.0),
            "뾰족한 자리에서 어울리지 않는 토큰이 남습니다. top_k만으로는 어느 자리에서나 같은 수가 남습니다. "
            "top_p를 함께 써서 1등만 남게 하십시오.",
        ),
        _wrong(
            "narrow",
            "slogans",
            (1.5, 3, 0.9),
            "평평한 자리에서 어울리는 토큰까지 잘렸습니다. 그 자리의 어울리는 토큰은 여섯 개(0~5번)입니다. 필터를 조금 "
            "느슨하게 하십시오.",
        ),
    ),
)
