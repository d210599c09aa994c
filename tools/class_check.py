"""A round trip to a class server as a student makes it: two variables, then lesson 06's ``openai_client()``.

    OPENAI_BASE_URL=... OPENAI_API_KEY=... python -m tools.class_check

Exit status: 0 everything answered as it should, 1 something did not.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from course_utils.errors import CourseError

QUESTION = [{"role": "user", "content": "이 텀블러 무게가 얼마나 되나요?"}]
TOKENS = 40
SECONDS = 120.0  # for one answer; a laptop with a large model and a long queue needs some


def _answer(client: Any, model: str) -> str:
    reply = client.chat.completions.create(model=model, messages=QUESTION, max_completion_tokens=TOKENS)
    return f"답: {reply.choices[0].message.content.strip()[:60]}"


def _stream(client: Any, model: str) -> str:
    pieces = 0
    stream = client.chat.completions.create(model=model, messages=QUESTION, max_completion_tokens=TOKENS, stream=True)
    for chunk in stream:
        pieces += bool(chunk.choices and chunk.choices[0].delta.content)
    if pieces < 2:
        raise CourseError("답이 조각으로 나뉘어 오지 않았습니다. 프록시가 답을 모아서 보내지 않는지 확인해 주십시오.")
    return f"조각 {pieces}개"


def _wrong_key(client: Any, model: str) -> str:
    from openai import AuthenticationError

    try:
        client.with_options(api_key=client.api_key + "x").models.list()
    except AuthenticationError:
        return "401로 거절합니다"
    raise CourseError("틀린 키로도 답이 옵니다. 서버가 키를 검사하지 않습니다.")


STEPS: tuple[tuple[str, Callable[[Any, str], str]], ...] = (
    ("질문하고 답 받기", _answer),
    ("스트리밍", _stream),
    ("틀린 키", _wrong_key),
)


def check() -> bool:
    """Print one line for each step; whether all of them went well."""
    from course_utils import openai_client
    from course_utils.api_client import model_name

    try:
        client = openai_client().with_options(timeout=SECONDS, max_retries=1)
        model = model_name(client)
    except Exception as error:
        print(f"[안 됨] 연결: {_why(error)}\n주소와 키, 방화벽을 확인해 주십시오.")
        return False
    print(f"[됨] 연결: {os.environ.get('OPENAI_BASE_URL')}의 모델 {model}")
    return all([_step(name, step, client, model) for name, step in STEPS])


def _step(name: str, step: Callable[[Any, str], str], client: Any, model: str) -> bool:
    started = time.perf_counter()
    try:
        said = step(client, model)
    except Exception as error:
        print(f"[안 됨] {name}: {_why(error)}")
        return False
    print(f"[됨] {name} ({time.perf_counter() - started:.1f}초): {said}")
    return True


def _why(error: Exception) -> str:
    from openai import OpenAIError

    from course_utils.api_errors import explain

    if isinstance(error, OpenAIError):
        return explain(error)
    return str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"


def main() -> int:
    sys.stdout.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)
    return 0 if check() else 1


if __name__ == "__main__":
    sys.exit(main())
