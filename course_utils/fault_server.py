"""``fault_server()``: a server that fails as told, so that lesson 06 meets every error for real and at no cost."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import ClientSession, web

from course_utils.background_server import BackgroundServer
from course_utils.errors import CourseValueError
from course_utils.fault_answers import ERRORS, fixed_answer, fixed_events, model_list

# Name -> seconds when the script gives none: of waiting (slow), or to name in the header Retry-After (busy).
_SECONDS = {"slow": 3.0, "busy": 1.0}
_OTHERS = ("ok", "slow", "drop", "cut", "login_page", "refuse_temperature")
FAULTS = (*_OTHERS, *ERRORS)
_EVENTS_BEFORE_THE_CUT = 3


@dataclass(frozen=True)
class SeenRequest:
    """What came in: ``body`` as sent (never the headers, which hold the key) and the script's answer to it.

    ``seconds`` is the time since the server started.
    """

    path: str
    body: dict[str, Any]
    answer: str
    seconds: float


def _entry(entry: Any) -> tuple[str, float]:
    name, seconds = (entry[0], entry[1]) if isinstance(entry, tuple) and len(entry) == 2 else (entry, None)
    if name not in FAULTS:
        raise CourseValueError(
            f"fault_server()가 모르는 이름입니다: {entry!r}. 쓸 수 있는 이름은 다음과 같습니다: {', '.join(FAULTS)}. "
            '기다릴 시간은 ("slow", 2)처럼 초 단위로 함께 적습니다.'
        )
    if seconds is None:
        return name, _SECONDS.get(name, 0.0)
    if name not in _SECONDS or isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise CourseValueError(
            f'시간을 함께 적을 수 있는 이름은 "slow"와 "busy"뿐이고, 시간은 0 이상의 수(초)여야 합니다: {entry!r}'
        )
    return name, float(seconds)


@dataclass
class FaultServer:
    """Answers the first request as ``script[0]`` says, the second as ``script[1]`` ...; a context manager.

    When the script is used up, requests are answered by ``upstream`` (a ``LocalServer``), or with one fixed sentence.
    """

    script: list[tuple[str, float]]
    upstream: Any = None
    socket: Path | None = None
    requests: list[SeenRequest] = field(default_factory=list)
    api_key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def __post_init__(self) -> None:
        self._left = list(self.script)
        self._server = BackgroundServer(self._application, socket=self.socket)

    @property
    def base_url(self) -> str:
        """What ``OpenAI(base_url=...)`` takes."""
        return f"{self._server.url}/v1"

    @property
    def model(self) -> str:
        """The name of the model that answers when nothing fails."""
        return self.upstream.model if self.upstream else "fixed-answer"

    @property
    def running(self) -> bool:
        """Whether it can be asked."""
        return self._server.running

    def start(self) -> FaultServer:
        """Start it; returns itself."""
        self._started = time.monotonic()
        self._server.start()
        return self

    def stop(self) -> None:
        """End it; the address is free again."""
        self._server.stop()

    def __enter__(self) -> FaultServer:
        return self.start()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=8 * 2**20)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/{path:.*}", self._answer)
        return app

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response(model_list(self.model))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return self._error("wrong_key", 0, body)
        name, seconds = self._left.pop(0) if self._left else ("ok", 0.0)
        self.requests.append(SeenRequest(request.path, body, name, time.monotonic() - self._started))
        if name == "refuse_temperature":
            name = "no_temperature" if body.get("temperature") not in (None, 1) else "ok"
        if name == "slow":
            await asyncio.sleep(seconds)
        if name == "drop":
            request.transport.close()
            return web.Response()  # goes nowhere: the connection is gone
        if name == "login_page":
            return web.Response(
                text="<html><title>Wi-Fi</title><body>로그인하십시오</body></html>", content_type="text/html"
            )
        if name in ERRORS or name == "no_temperature":
            return self._error(name, seconds, body)
        return await self._good_answer(request, body, cut=name == "cut")

    def _error(self, name: str, seconds: float, body: dict[str, Any]) -> web.Response:
        from course_utils.fault_answers import error_body

        status, content = error_body(name, body)
        headers = {"Retry-After": f"{seconds:g}"} if name == "busy" else {}
        return web.json_response(content, status=status, headers=headers)

    async def _good_answer(self, request: web.Request, body: dict[str, Any], cut: bool) -> web.StreamResponse:
        if not self.upstream:
            return await self._fixed(request, body, cut)
        headers = {"Authorization": f"Bearer {self.upstream.api_key}"}
        url = self.upstream.base_url.removesuffix("/v1") + request.path
        async with ClientSession(headers=headers) as session, session.post(url, json=body) as answer:
            response = web.StreamResponse(
                status=answer.status, headers={"Content-Type": answer.headers["Content-Type"]}
            )
            await response.prepare(request)
            written = 0
            async for line in answer.content:
                await response.write(line)
                written += line.startswith(b"data:")
                if cut and (written >= _EVENTS_BEFORE_THE_CUT or not body.get("stream")):
                    request.transport.close()
                    return response
            await response.write_eof()
            return response

    async def _fixed(self, request: web.Request, body: dict[str, Any], cut: bool) -> web.StreamResponse:
        if body.get("stream"):
            parts = [f"data: {json.dumps(event)}\n\n" for event in fixed_events(body)] + ["data: [DONE]\n\n"]
        else:
            text = json.dumps(fixed_answer(body))
            parts = [text[: len(text) // 2], text[len(text) // 2 :]]
        kind = "text/event-stream" if body.get("stream") else "application/json"
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        try:
            for part in parts[: (_EVENTS_BEFORE_THE_CUT if body.get("stream") else 1)] if cut else parts:
                await response.write(part.encode())
            if not cut:
                await response.write_eof()
        except ConnectionResetError:  # who asked has left already
            return response
        if cut:
            request.transport.close()
        return response


def fault_server(script: Iterable[str | tuple[str, float]], upstream: Any = None) -> FaultServer:
    """A server to meet errors with: ``with fault_server(["busy", ("slow", 2), "ok"], upstream=server) as faults:``.

    Args:
        script: what the requests are answered with, one entry each, in order: ``"ok"``, or a name of ``FAULTS``;
            ``("slow", seconds)`` answers late, ``("busy", seconds)`` names the seconds in its Retry-After header.
        upstream: the ``LocalServer`` that answers what does not fail; without one a fixed sentence is answered.

    Raises:
        CourseValueError: an entry is not known.
    """
    return FaultServer(read_script(script), upstream)


def read_script(script: str | Iterable[str | tuple[str, float]]) -> list[tuple[str, float]]:
    """The entries of a script with their seconds; a single name is a script of one.

    Raises:
        CourseValueError: an entry is not known.
    """
    return [_entry(entry) for entry in ([script] if isinstance(script, str) else script)]
