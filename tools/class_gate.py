"""The gate of a class server: the course's guard on the network's address, with limits for each key and live counts.

Behind it is llama.cpp's engine or vLLM; both listen on this computer only.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from course_utils import guard
from course_utils.engine_settings import EngineSettings
from course_utils.errors import CourseError
from course_utils.guard_errors import Refusal

STATUS_SECONDS = 1.0
KINDS = {
    "answered": "답한 질문",
    "busy": "붐벼서 미룬 질문",
    "no_key": "틀린 키",
    "refused": "잘못된 요청",
    "left": "학생이 멈춘 질문",
    "failed": "실패",
}
ALWAYS_SHOWN = ("answered", "busy")


@dataclass
class Counts:
    """What happened so far. ``inside``: requests that are being answered or wait for their turn."""

    inside: int = 0
    most_inside: int = 0
    by_kind: Counter = field(default_factory=Counter)
    by_key: Counter = field(default_factory=Counter)

    def line(self) -> str:
        """One line for the instructor's terminal."""
        shown = [f"{word} {n}" for kind, word in KINDS.items() if (n := self.by_kind[kind]) or kind in ALWAYS_SHOWN]
        return ", ".join([f"처리 중 {self.inside}", *shown])


def kind_of(status: int) -> str:
    """Under which name an answer with this HTTP status is counted."""
    if status < 400:
        return "answered"
    return {401: "no_key", 429: "busy", 503: "busy"}.get(status, "refused" if status < 500 else "failed")


class Gate:
    """Counts and limits around the guard's application. ``counts`` is what the status line shows.

    ``per_minute``: how many requests each key may make in a minute, 0 for any number.
    """

    def __init__(self, settings: EngineSettings, engine_url: str, engine_key: str, per_minute: int = 0) -> None:
        self.settings, self.per_minute, self.counts = settings, per_minute, Counts()
        self._engine_url, self._engine_key = engine_url, engine_key
        self._recent: dict[str, deque[float]] = {key: deque() for key in settings.keys}

    def application(self) -> web.Application:
        """The guard's application with this gate outermost."""
        app = guard.application(self.settings, self._engine_url, self._engine_key)
        app.middlewares.insert(0, self._count)
        app.middlewares.append(self._limit)  # behind the guard's check of the key
        return app

    @web.middleware
    async def _count(self, request: web.Request, handler: Callable) -> web.StreamResponse:
        if request.method != "POST":
            return await handler(request)
        counts = self.counts
        counts.inside += 1
        counts.most_inside = max(counts.most_inside, counts.inside)
        kind = "failed"
        try:
            response = await handler(request)
            kind = kind_of(response.status)
            return response
        except web.HTTPException as answer:
            kind = kind_of(answer.status)
            raise
        except (asyncio.CancelledError, ConnectionResetError):
            kind = "left"
            raise
        finally:
            counts.inside -= 1
            counts.by_kind[kind] += 1
            if kind != "no_key":
                counts.by_key[self.label(_key(request))] += 1

    @web.middleware
    async def _limit(self, request: web.Request, handler: Callable) -> web.StreamResponse:
        if request.method != "POST":
            return await handler(request)
        self._check_rate(_key(request))
        return await handler(request)

    def _check_rate(self, key: str) -> None:
        recent, now = self._recent.get(key), time.monotonic()
        if not self.per_minute or recent is None:
            return
        while recent and recent[0] <= now - 60:
            recent.popleft()
        if len(recent) < self.per_minute:
            recent.append(now)
            return
        seconds = max(1, round(recent[0] + 60 - now))
        message = f"Rate limit reached: {self.per_minute} requests per minute. Please try again in {seconds}s."
        headers = {"Retry-After": str(seconds)}
        raise Refusal(429, message, "rate_limit_exceeded", kind="requests", headers=headers)

    def label(self, key: str) -> str:
        """The key's number, as the status names it: never the key itself."""
        keys = self.settings.keys
        return f"키 {keys.index(key) + 1}" if key in keys else "모르는 키"

    async def serve(self, ready: Callable[[int], None], tick: Callable[[], bool]) -> None:
        """Serve until ``tick``, called every second, says False; ``ready`` gets the port once students may come.

        Raises:
            CourseError: the port is taken or the address is not this computer's.
        """
        runner = guard.runner_of(self.application(), last=2.0)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, self.settings.host, self.settings.port).start()
            except OSError as error:
                place = f"{self.settings.host}:{self.settings.port}"
                raise CourseError(
                    f"{place}에서 서버를 열지 못했습니다({error.strerror or error}).\n"
                    "그 포트를 쓰는 다른 프로그램을 끄거나, --port에 다른 번호를 써 주십시오."
                ) from error
            ready(runner.addresses[0][1])
            while tick():
                await asyncio.sleep(STATUS_SECONDS)
        finally:
            await runner.cleanup()


def _key(request: web.Request) -> str:
    return request.headers.get("Authorization", "").partition(" ")[2].strip()


def gate_settings(
    model: str, keys: Any, *, host: str, port: int, at_once: int, waiting: int, answer: int
) -> EngineSettings:
    """Settings of the guard: ``at_once`` requests are computed, ``waiting`` more wait, further ones are told "busy".

    ``answer``: most tokens of one answer.
    """
    slots = min(at_once, 64)  # what EngineSettings allows; vLLM computes more, and only the sum decides who waits
    return EngineSettings(
        gguf="",
        model=model,
        keys=tuple(keys),
        host=host,
        port=port,
        slots=slots,
        waiting=waiting + at_once - slots,
        answer=answer,
    )
