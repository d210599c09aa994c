"""A fault server that also notes how long its caller paused, and whose good answers a case can choose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from course_utils.checks.api_shapes import LATE, completion
from course_utils.fault_server import FaultServer

# In the grader it runs beside the judge, and a stranger's program may send what it likes.
_AT_ONCE = 8  # requests; further ones are turned away before they are read
_ROOM = 2**21  # bytes of all requests of one call together; JSON can take thirty times its length in memory
_EACH = 4_000  # bytes that every request counts at least


class WatchedServer(FaultServer):
    """``answers``: settings of ``api_shapes.completion``, one for each request that is answered well.

    "slow" in the script is a request that the client gives up on, at once: nobody waits.
    """

    def __init__(self, script: list[tuple[str, float]], answers: Sequence[dict], socket: Path | None) -> None:
        super().__init__([(name, 0.0 if name == "slow" else seconds) for name, seconds in script], socket=socket)
        self._answers = list(answers)
        self._busy, self._room = 0, _ROOM
        self._pauses: list[tuple[int, float]] = []  # how many requests had come before it, and its seconds

    def evidence(self) -> dict[str, Any]:
        """The requests in order, each with the seconds paused before it, and what was paused after the last one."""
        seen = [
            {
                "body": request.body if type(request.body) is dict else {},
                "answer": request.answer,
                "waited": self._paused(place),
            }
            for place, request in enumerate(self.requests)
        ]
        return {"requests": seen, "waited_after": self._paused(len(seen))}

    def _paused(self, place: int) -> float:
        return sum((seconds for before, seconds in self._pauses if before == place), 0.0)

    def _application(self) -> web.Application:
        app = super()._application()
        app.middlewares.append(self._bounded)
        app.router.add_post("/waited", self._note_pause)
        return app

    @web.middleware
    async def _bounded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Turn away what is too much, and answer what is no request in silence instead of logging it."""
        if self._busy >= _AT_ONCE or self._room <= 0:
            return web.Response(status=503)
        self._busy += 1
        try:
            self._room -= max(len(await request.read()), _EACH)
            return await handler(request) if self._room > 0 else web.Response(status=503)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            return web.Response(status=400)
        finally:
            self._busy -= 1

    async def _note_pause(self, request: web.Request) -> web.Response:
        self._pauses.append((len(self.requests), float((await request.json())["seconds"])))
        return web.Response()

    async def _good_answer(self, request: web.Request, body: dict[str, Any], cut: bool) -> web.StreamResponse:
        if self.requests[-1].answer == "slow":
            return web.Response(headers={LATE: "1"})
        if cut or body.get("stream") or not self._answers:
            return await super()._good_answer(request, body, cut)
        answer = completion(**self._answers.pop(0), model=str(body.get("model")))
        asked = body.get("n")
        answer["choices"] = answer["choices"][: asked if isinstance(asked, int) and asked > 0 else 1]
        return web.json_response(answer)
