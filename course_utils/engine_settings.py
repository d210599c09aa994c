"""What a server is started with; travels from the parent process to the child as one line of JSON."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from course_utils.errors import CourseValueError

# Name, smallest and largest value. More than 64 requests at once is vLLM's business, not a laptop's.
_LIMITS = {
    "port": (0, 65535),
    "context": (16, 2**20),
    "slots": (1, 64),
    "threads": (0, 1024),
    "waiting": (0, 100_000),
    "answer": (0, 2**20),
}
_KEY = re.compile(r"[!-~]{8,512}")


@dataclass(frozen=True)
class EngineSettings:
    """Settings of one llama.cpp server with its guard.

    ``context`` is in tokens for each of the ``slots`` requests that are computed at once; ``waiting`` more may wait,
    further ones are told "busy". ``threads`` 0 leaves the choice to llama.cpp. ``port`` 0 takes a free one.
    ``reuse_prompts`` keeps the computed beginning of a conversation: faster, but rounding then depends on what was
    asked before, and a seed does not promise the same answer. ``answer``: no answer gets longer than so many tokens,
    whatever a request asks for; 0 leaves it to the context. ``marks``: special tokens that a message's text must not
    become (``template_marks``); by default those of the usual models.

    Raises:
        CourseValueError: a value that no server can be started with.
    """

    gguf: str
    model: str
    keys: tuple[str, ...] = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    context: int = 2048
    slots: int = 4
    threads: int = 0
    waiting: int = 64
    reuse_prompts: bool = True
    answer: int = 0
    marks: tuple[str, ...] = ("[BOS]", "[EOS]", "[PAD]", "[UNK]", "<s>", "</s>")

    def __post_init__(self) -> None:
        for name, (least, most) in _LIMITS.items():
            _check_number(name, getattr(self, name), least, most)
        if not isinstance(self.host, str) or not self.host:
            raise CourseValueError(f'host에는 "127.0.0.1" 같은 주소를 넣어 주십시오. 받은 값: {self.host!r}')
        keys_are_list = isinstance(self.keys, (list, tuple)) and len(self.keys) > 0
        if not keys_are_list or not all(isinstance(each, str) and _KEY.fullmatch(each) for each in self.keys):
            raise CourseValueError(
                "keys에는 API 키를 하나 이상 리스트로 넣어 주십시오. 키는 공백 없는 영문자, 숫자, 기호 8자 이상입니다. "
                "keys를 빼면 서버가 임의의 키를 만듭니다."
            )
        object.__setattr__(self, "keys", tuple(self.keys))
        object.__setattr__(self, "marks", tuple(self.marks))  # JSON has lists only

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> EngineSettings:
        """The inverse of ``to_json``."""
        return cls(**json.loads(line))


def _check_number(name: str, value: Any, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise CourseValueError(f"{name}에는 {least}부터 {most}까지의 정수를 넣어 주십시오. 받은 값: {value!r}")
