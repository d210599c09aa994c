"""What a server is started with; travels from the parent process to the child as one line of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class EngineSettings:
    """Settings of one llama.cpp server with its guard.

    ``context`` is in tokens for each of the ``slots`` requests that are computed at once; ``waiting`` more may wait,
    further ones are told "busy". ``threads`` 0 leaves the choice to llama.cpp. ``port`` 0 takes a free one.
    """

    gguf: str
    model: str
    keys: tuple[str, ...]
    host: str = "127.0.0.1"
    port: int = 0
    context: int = 2048
    slots: int = 4
    threads: int = 0
    waiting: int = 64
    reuse_prompts: bool = True

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> EngineSettings:
        """The inverse of ``to_json``."""
        values = json.loads(line)
        return cls(**{**values, "keys": tuple(values["keys"])})
