"""The guard in front of llama.cpp's server: OpenAI's rules and error shapes where the engine is lax.

It checks the key and the request, lets as many in as can be computed or may wait, passes the request on and streams
the answer back. It never computes an answer itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector, web

from course_utils.engine_settings import EngineSettings
from course_utils.guard_errors import Refusal, engine_lost, engine_silent, from_engine
from course_utils.guard_queue import Places
from course_utils.guard_rules import check, parse

ENGINE_PATIENCE = 600.0  # seconds without a byte from the engine; the openai client waits as long
CLIENT_PATIENCE = 60.0  # seconds for a client to send its request
READER_PATIENCE = 20.0  # seconds for a client to take a piece of the answer; it holds a place that others wait for
BODY_LIMIT = 2 * 2**20  # bytes; far more than any context holds

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_SETTINGS = web.AppKey("settings", EngineSettings)
_ENGINE = web.AppKey("engine", ClientSession)
_PLACES = web.AppKey("places", Places)


def _log(line: str) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):  # a full disk must not cost an answer
        print(f"guard: {line}", file=sys.stderr, flush=True)


class _NamesOnly(logging.Handler):
    """aiohttp's own reports without their text: they quote the line of a request that they could not read."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        _log(kind.__name__ if kind else record.levelname)


def _quiet_logger() -> logging.Logger:
    logger = logging.Logger("course_utils.guard", logging.WARNING)  # not in the tree of loggers: nobody adds handlers
    logger.addHandler(_NamesOnly())
    return logger


@web.middleware
async def _shape_errors(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Every error in OpenAI's shape; one line in the log for every request, without its content."""
    started, status = time.monotonic(), 499  # the client went away before an answer
    try:
        response = await handler(request)
        status = response.status
        return response
    except Refusal as refusal:
        status = refusal.status
        return _refuse(refusal)
    except web.HTTPException as error:
        status = error.status
        return _refuse(_from_aiohttp(request, error))
    except (ConnectionError, asyncio.CancelledError):
        raise
    except Exception as error:
        status = 500
        _log(f"{type(error).__name__} in {_where(error)}")
        return _refuse(Refusal(500, "The server had an error.", "internal_error", None, "server_error"))
    finally:
        seconds = time.monotonic() - started
        _log(f"{request.method} {request.path[:80]!a} {status} {seconds:.3f}s")


@web.middleware
async def _check_key(request: web.Request, handler: _Handler) -> web.StreamResponse:
    if request.path == "/health":
        return await handler(request)
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    sent = key.strip().encode("utf-8", "surrogateescape") if scheme.lower() == "bearer" else b""
    if not sent:
        message = "You didn't provide an API key. Send it in the Authorization header: Bearer YOUR_KEY."
        raise Refusal(401, message, "invalid_api_key")
    # All keys are compared, each in constant time: the answer's delay tells nothing about a key.
    if not sum(secrets.compare_digest(sent, known.encode()) for known in request.app[_SETTINGS].keys):
        raise Refusal(401, "Incorrect API key provided.", "invalid_api_key")
    return await handler(request)


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def _model_row(request: web.Request) -> dict:
    return {"id": request.app[_SETTINGS].model, "object": "model", "created": 0, "owned_by": "course"}


async def _models(request: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [_model_row(request)]})


async def _model(request: web.Request) -> web.Response:
    asked = request.match_info["model"]
    if asked != request.app[_SETTINGS].model:
        raise Refusal(404, f"The model `{asked[:100]}` does not exist.", "model_not_found", "model")
    return web.json_response(_model_row(request))


async def _answer(request: web.Request) -> web.StreamResponse:
    try:
        async with asyncio.timeout(CLIENT_PATIENCE):
            raw = await request.read()
    except TimeoutError:
        raise Refusal(408, "Your request took too long to arrive.", "request_timeout") from None
    order = check(request.path, parse(raw), request.app[_SETTINGS])
    async with request.app[_PLACES].take(order.places):
        try:
            async with request.app[_ENGINE].post(request.path, json=order.body) as answer:
                if answer.status != 200:
                    raise from_engine(answer.status, await answer.read(), order.prompt)
                if answer.content_type != "text/event-stream":
                    return web.Response(body=await answer.read(), content_type=answer.content_type, charset="utf-8")
                return await _relay(request, answer)
        except TimeoutError:  # before ClientError: aiohttp's time-out is both
            raise engine_silent(ENGINE_PATIENCE) from None
        except ClientError as error:
            raise engine_lost() from error


async def _relay(request: web.Request, answer: ClientResponse) -> web.StreamResponse:
    """The engine's stream, byte for byte. When it breaks, an error event says so; the status was sent long before."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"  # a proxy in between must not hold the pieces back
    await response.prepare(request)
    whole = False
    try:
        async for piece in _pieces(answer):
            async with asyncio.timeout(READER_PATIENCE):
                await response.write(piece)
            whole = whole or b"data: [DONE]" in piece
        await response.write_eof()
    except TimeoutError:
        raise ConnectionAbortedError("the client does not read") from None
    except (asyncio.CancelledError, ConnectionError):
        if not whole:  # else the client hung up after the last piece: it has its answer
            raise
    return response


async def _pieces(answer: ClientResponse) -> AsyncIterator[bytes]:
    pieces = answer.content.iter_any()
    while True:
        try:
            piece = await anext(pieces, None)
        except TimeoutError:
            piece = _event(engine_silent(ENGINE_PATIENCE))
        except ClientError:
            piece = _event(engine_lost())
        if piece is None:
            return
        yield piece


def _event(refusal: Refusal) -> bytes:
    return f"\n\ndata: {json.dumps(refusal.body)}\n\n".encode()


def _refuse(refusal: Refusal) -> web.Response:
    return web.json_response(refusal.body, status=refusal.status, headers=refusal.headers)


def _from_aiohttp(request: web.Request, error: web.HTTPException) -> Refusal:
    what = f"{request.method} {request.path[:200]}"
    match error.status:
        case 404:
            return Refusal(404, f"Invalid URL ({what})", "unknown_url")
        case 405:
            headers = {"Allow": error.headers.get("Allow", "")}
            return Refusal(405, f"Not allowed here: {what}.", "method_not_supported", headers=headers)
        case 413:
            return Refusal(413, f"The request is too large: at most {BODY_LIMIT} bytes.", "request_too_large")
    return Refusal(error.status, error.reason or "Bad request.")


def _where(error: BaseException) -> str:
    """File and line of an error of ours; its message is left out, because it may hold what somebody wrote."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"


async def _name_request(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["x-request-id"] = f"req_{secrets.token_hex(12)}"


def application(settings: EngineSettings, engine_url: str, engine_key: str) -> web.Application:
    """The guard as an aiohttp application in front of the engine at ``engine_url``."""
    app = web.Application(middlewares=[_shape_errors, _check_key], client_max_size=BODY_LIMIT)
    app[_SETTINGS] = settings
    app[_PLACES] = Places(settings.slots, settings.waiting)

    async def engine(app: web.Application) -> AsyncIterator[None]:
        async with ClientSession(
            engine_url,
            headers={"Authorization": f"Bearer {engine_key}"},
            timeout=ClientTimeout(total=None, connect=10, sock_read=ENGINE_PATIENCE),
            # A connection that is kept open occupies one of the engine's few threads.
            connector=TCPConnector(limit=0, force_close=True),
        ) as session:
            app[_ENGINE] = session
            yield

    app.cleanup_ctx.append(engine)
    app.on_response_prepare.append(_name_request)
    app.router.add_get("/health", _health)
    app.router.add_get("/v1/models", _models)
    app.router.add_get("/v1/models/{model:.+}", _model)
    for path in ("/v1/chat/completions", "/v1/completions", "/v1/responses"):
        app.router.add_post(path, _answer)
    return app


def runner_of(app: web.Application, last: float = 1.0) -> web.AppRunner:
    """Runs the guard: a client that leaves frees its place, and no log shows keys or what people write.

    ``last``: seconds for answers that are not ready when the server is closed.
    """
    return web.AppRunner(app, access_log=None, logger=_quiet_logger(), handler_cancellation=True, shutdown_timeout=last)


async def serve(
    settings: EngineSettings, engine_url: str, engine_key: str, listener: socket.socket, ready: Callable[[], None]
) -> None:
    """Serve on ``listener`` until cancelled; ``ready`` is called once requests can come."""
    app = application(settings, engine_url, engine_key)
    runner = runner_of(app)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        ready()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
