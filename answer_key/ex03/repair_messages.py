"""ex03: repair message lists that break the template's order."""

from __future__ import annotations

import numpy as np

from answer_key.ex03.samples import PERSONAS, Message, blanks, conversation, pick, question, said
from answer_key.task import Aspect, Case, Mistake, Task

ROLES = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "customer": "user",
    "bot": "assistant",
    "ai": "assistant",
}


def reference(messages: list[dict[str, str]]) -> list[Message]:
    """The repaired list, in the order of the task's text: names, empties, system first, runs of one role joined."""
    return _repair(messages)


def _repair(
    messages: list[dict[str, str]],
    *,
    roles: dict[str, str] = ROLES,
    stray: bool = False,
    empties: str = "first",
    system: str = "front",
    joined: bool = True,
    between: str = "\n",
    strip: bool = True,
) -> list[Message]:
    if empties == "first":
        messages = [message for message in messages if message["content"].strip()]
    named = []
    for message in messages:
        rest = {key: value for key, value in message.items() if stray and key not in ("role", "content")}
        role = message["role"].strip().lower()
        named.append(
            {
                "role": roles.get(role, role),
                "content": message["content"].strip() if strip else message["content"],
                **rest,
            }
        )
    if any(message["role"] not in ROLES.values() for message in named):
        raise ValueError("모르는 역할입니다.")
    if system == "front":
        named.sort(key=lambda message: message["role"] != "system")
    repaired: list[Message] = []
    for message in named:
        if joined and repaired and repaired[-1]["role"] == message["role"]:
            repaired[-1]["content"] += between + message["content"]
        else:
            repaired.append(message)
    return [message for message in repaired if empties != "last" or message["content"].strip()]


def _one_system(messages: list[dict[str, str]]) -> list[Message]:
    """Only the first system message is kept."""
    talk = _repair(messages, joined=False)
    first = next((message for message in talk if message["role"] == "system"), None)
    return _repair(([first] if first else []) + [message for message in talk if message["role"] != "system"])


def _last_of_run(messages: list[dict[str, str]]) -> list[Message]:
    """Of several messages of one role in a row only the last is kept."""
    talk = _repair(messages, joined=False)
    return [one for one, after in zip(talk, [*talk[1:], {"role": ""}], strict=True) if one["role"] != after["role"]]


def _grouped(messages: list[dict[str, str]]) -> list[Message]:
    """One message a role, whatever stands between."""
    joined: dict[str, Message] = {}
    for message in _repair(messages, joined=False):
        if message["role"] in joined:
            joined[message["role"]]["content"] += "\n" + message["content"]
        else:
            joined[message["role"]] = message
    return list(joined.values())


def _system_made(messages: list[dict[str, str]]) -> list[Message]:
    """A system message of its own where there is none."""
    talk = _repair(messages)
    return talk if talk and talk[0]["role"] == "system" else [said("system", ""), *talk]


def _no_error(messages: list[dict[str, str]]) -> list[Message]:
    known = [message for message in messages if message["role"].strip().lower() in ROLES]
    return _repair(known)


def _names(rng: np.random.Generator) -> list[Case]:
    made = []
    others = {
        "user": ("customer", "User", " USER "),
        "assistant": ("bot", "AI", "Bot "),
        "system": ("System", "SYSTEM"),
    }
    for turns in (1, 2, 2):
        talk = conversation(rng, turns)
        for message in talk:
            message["role"] = pick(rng, others[message["role"]])
            message["content"] = f"{message['content']}{blanks(rng, 0, 3)}"
            if rng.random() < 0.5:
                message["time"] = f"{int(rng.integers(10, 24))}:00"
        made.append(Case(talk))
    return made


def _empties(rng: np.random.Generator) -> list[Case]:
    made = []
    for turns in (1, 2):
        talk = conversation(rng, turns)
        talk.insert(int(rng.integers(1, len(talk))), said("assistant", blanks(rng, 0, 4)))
        made.append(Case(talk))
    return [*made, Case([said("system", " "), said("user", question(rng))])]


def _system(rng: np.random.Generator) -> list[Case]:
    made = []
    for turns in (0, 1, 2):
        talk = conversation(rng, turns)
        talk.append(talk.pop(0))
        if turns:
            talk.insert(2, said("system", pick(rng, tuple(set(PERSONAS) - {talk[-1]["content"]}))))
        made.append(Case(talk))
    return [*made, Case(conversation(rng, 1, system=False))]


def _runs(rng: np.random.Generator) -> list[Case]:
    made = []
    for turns in (0, 1, 2):
        talk = conversation(rng, turns)
        talk.insert(len(talk) - 1, said("user", question(rng)))
        talk.append(said("user", question(rng)))
        made.append(Case(talk))
    hole = conversation(rng, 1)
    hole[2]["content"] = blanks(rng, 0, 3)
    return [*made, Case(hole)]


def _refused(rng: np.random.Generator) -> list[Case]:
    return [Case([*conversation(rng, 0), said(role, question(rng))]) for role in ("tester", "answer", "")]


_SHOWN_NAMES = [
    {"role": "Customer", "content": " 우산 무게가 얼마나 되나요?", "time": "10:02"},
    {"role": "bot", "content": "확인하고 있습니다.", "stars": "5"},
    {"role": " user ", "content": "감사합니다."},
]
_SHOWN_RUN = [said("user", "텀블러 있나요?"), said("user", "빨간색으로요.")]
_SHOWN_HOLE = [said("user", "이불 있나요?"), said("assistant", " "), said("user", "두꺼운 것으로요.")]
_SHOWN_SYSTEMS = [said("system", "반말로 답해 줘."), said("user", "이불 있나요?"), said("system", "짧게 답해 줘.")]

TASK = Task(
    name="repair_messages",
    title="고장 난 메시지 목록 고치기",
    reference=reference,
    judge=("ex03.messages", {}),
    aspects=(
        Aspect("names", "역할의 이름, 남는 키, 앞뒤의 빈칸", 1, visible=(Case(_SHOWN_NAMES),), hidden=_names),
        Aspect(
            "empties",
            "빈 메시지를 뺌",
            1,
            visible=(
                Case([said("system", "한 문장으로만 답해 줘."), said("user", "백팩 있나요?"), said("assistant", "")]),
            ),
            hidden=_empties,
        ),
        Aspect(
            "system",
            "시스템 메시지를 맨 앞에 하나로",
            1,
            visible=(Case([said("user", "이불 있나요?"), said("system", "반말로 답해 줘.")]), Case(_SHOWN_SYSTEMS)),
            hidden=_system,
        ),
        Aspect(
            "runs", "잇달아 나온 같은 역할을 하나로", 1, visible=(Case(_SHOWN_RUN), Case(_SHOWN_HOLE)), hidden=_runs
        ),
        Aspect("refused", "모르는 역할을 거절함", 1, visible=(Case([said("tester", "안녕하세요")]),), hidden=_refused),
    ),
    mistakes=(
        Mistake(
            "stray_keys",
            lambda messages: _repair(messages, stray=True),
            "role과 content가 아닌 키가 남아 있습니다. 두 키만 가진 새 딕셔너리를 만들어 주십시오.",
        ),
        Mistake(
            "padded",
            lambda messages: _repair(messages, strip=False),
            "내용의 앞뒤에 빈칸이 남아 있습니다. 빈 메시지인지 볼 때뿐 아니라 새 메시지에 넣을 때도 다듬어 주십시오.",
        ),
        Mistake(
            "system_made",
            _system_made,
            "없던 시스템 메시지를 만들어 넣었습니다. 받은 목록에 시스템 메시지가 없으면 그대로 둡니다.",
        ),
        Mistake(
            "grouped",
            _grouped,
            "떨어져 있는 메시지까지 역할별로 모았습니다. 바로 앞의 메시지와 역할이 같을 때만 이어야 대화의 순서가 "
            "남습니다.",
        ),
        Mistake(
            "spaced",
            lambda messages: _repair(messages, between=" "),
            "내용을 줄바꿈이 아닌 것으로 이었습니다. 두 내용 사이에는 \\n 하나가 들어갑니다.",
        ),
        Mistake(
            "empties_last",
            lambda messages: _repair(messages, empties="last"),
            "빈 메시지를 나중에 뺐거나, 한 덩어리로 합친 뒤에 뺐습니다. "
            "빈 메시지부터 빼야 그 앞뒤의 user 메시지가 이웃이 됩니다.",
        ),
        Mistake(
            "empties_kept",
            lambda messages: _repair(messages, empties="never"),
            "내용이 빈 메시지가 남아 있습니다. content.strip()이 빈 글인 메시지는 넣지 마십시오.",
        ),
        Mistake(
            "system_place",
            lambda messages: _repair(messages, system="kept"),
            "시스템 메시지가 맨 앞에 있지 않습니다. "
            "템플릿은 맨 앞에 빈 시스템 메시지를 만들고 진짜 지시는 뒤로 밀려납니다.",
        ),
        Mistake(
            "one_system",
            _one_system,
            "시스템 메시지 가운데 첫째만 남았습니다. 여러 개면 버리지 말고 줄바꿈으로 이어 하나로 만들어 주십시오.",
        ),
        Mistake(
            "not_joined",
            lambda messages: _repair(messages, joined=False),
            "같은 역할의 메시지가 잇달아 있습니다. 앞 메시지의 content 뒤에 줄바꿈과 함께 이어 붙여 주십시오.",
        ),
        Mistake(
            "last_of_run",
            _last_of_run,
            "같은 역할이 잇달아 나올 때 마지막 메시지만 남았습니다. 앞의 내용도 버리지 말고 줄바꿈으로 이어 주십시오.",
        ),
        Mistake(
            "no_error",
            _no_error,
            "모르는 역할의 메시지를 조용히 버렸습니다. 손님의 말이 사라질 수 있으므로 ValueError를 일으켜 주십시오.",
        ),
    ),
)
