"""argparse in Korean: usage, headings and error messages of every command line of the course."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Any, NoReturn

_MESSAGES = [
    (r"argument (\S+): expected one argument", r"\1 뒤에 값을 하나 써 주십시오"),
    (r"argument (\S+): expected at least one argument", r"\1 뒤에 값을 하나 이상 써 주십시오"),
    (r"argument (\S+): not allowed with argument (\S+)", r"\1 옵션과 \2 옵션은 함께 쓸 수 없습니다"),
    (r"argument (\S+): invalid float value: '(.*)'", r"\1 뒤에는 수를 써 주십시오: '\2'"),
    (
        r"argument (\S+): invalid choice: '?(.*?)'? \(choose from (.*)\)",
        r"\1: '\2' 값은 쓸 수 없습니다. 다음 가운데 하나를 써 주십시오: \3",
    ),
    (r"argument (\S+): (.*)", r"\1: \2"),
    (r"the following arguments are required: (.*)", r"빠진 것이 있습니다: \1"),
    (
        r"unrecognized arguments: (.*)",
        r"모르는 옵션입니다: \1 (빈칸이 있는 값은 따옴표로 묶고, -로 시작하는 값 앞에는 --를 써 주십시오)",
    ),
    (r"ambiguous option: (.*) could match (.*)", r"\1: 다음 가운데 무엇인지 알 수 없습니다: \2"),
]


class Formatter(argparse.HelpFormatter):
    """Help text with a Korean word for "usage"."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """As argparse, with its own prefix in Korean."""
        super().add_usage(usage, actions, groups, "사용법: " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser whose help is in Korean, and which leaves with status 2 and a Korean message for what it cannot read."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"formatter_class": Formatter, **settings})
        self._positionals.title, self._optionals.title = "인수", "옵션"
        for action in self._actions:  # the only one so far is argparse's own --help
            action.help = "이 도움말을 보여 주고 끝냅니다"

    def error(self, message: str) -> NoReturn:
        """Usage and ``message`` in Korean on standard error, then exit status 2."""
        for pattern, korean in _MESSAGES:
            if re.fullmatch(pattern, message):
                message = re.sub(pattern, korean, message)
                break
        self.print_usage(sys.stderr)
        self.exit(2, f"오류: {message}\n")


def use_utf8() -> None:
    """Standard streams in UTF-8: a Windows console may be set to a code page that cannot write Hangul."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
