"""The guard in front of llama.cpp's server: OpenAI's rules and error shapes where the engine is lax.

It checks the key and the request, passes the request on unchanged otherwise, and streams the answer back. It never
computes an answer itself.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from aiohttp import ClientSession, ClientTimeout, web

from course_utils.engine_settings import EngineSettings

_SETTINGS = web.AppKey("settings", EngineSettings)
_ENGINE = web.AppKey("engine", ClientSession)


def error_response(
    status: int, message: str, code: str | None, param: str | None = None, kind: str = "invalid_request_error"
) -> web.Response:
    """An error in OpenAI's shape."""
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return web.json_response(body, status=status)


@web.middleware
async def _check_key(request: web.Request, handler: Any) -> web.StreamResponse:
    settings = request.app[_SETTINGS]
    if request.path == "/health":
        return await handler(request)
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if key not in settings.keys:
        return error_response(401, "Incorrect API key provided.", "invalid_api_key")
    return await handler(request)


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _models(request: web.Request) -> web.Response:
    model = request.app[_SETTINGS].model
    row = {"id": model, "object": "model", "created": 0, "owned_by": "course"}
    return web.json_response({"object": "list", "data": [row]})


async def _pass_on(request: web.Request) -> web.StreamResponse:
    settings = request.app[_SETTINGS]
    body = await request.json()
    if body.get("model") != settings.model:
        message = f"The model `{body.get('model')}` does not exist or you do not have access to it."
        return error_response(404, message, "model_not_found")
    async with request.app[_ENGINE].post(request.path, json=body) as answer:
        response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.headers["Content-Type"]})
        await response.prepare(request)
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
        return response


def application(settings: EngineSettings, engine_url: str, engine_key: str) -> web.Application:
    """The guard as an aiohttp application in front of the engine at ``engine_url``."""
    app = web.Application(middlewares=[_check_key], client_max_size=8 * 2**20)
    app[_SETTINGS] = settings

    async def engine(app: web.Application):
        headers = {"Authorization": f"Bearer {engine_key}"}
        async with ClientSession(engine_url, headers=headers, timeout=ClientTimeout(total=None)) as session:
            app[_ENGINE] = session
            yield

    app.cleanup_ctx.append(engine)
    app.router.add_get("/health", _health)
    app.router.add_get("/v1/models", _models)
    for path in ("/v1/chat/completions", "/v1/completions", "/v1/responses"):
        app.router.add_post(path, _pass_on)
    return app


async def serve(
    settings: EngineSettings, engine_url: str, engine_key: str, listener: socket.socket, ready: Callable[[], None]
) -> None:
    """Serve on ``listener`` until cancelled; ``ready`` is called once requests can come."""
    runner = web.AppRunner(application(settings, engine_url, engine_key), access_log=None, handler_cancellation=True)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    ready()
    await asyncio.Event().wait()
