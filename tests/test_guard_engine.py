"""The guard in front of engines that crash, hang or break off, and with a log that cannot be written."""

import asyncio
import errno
import io
import json
import sys
import threading
from contextlib import contextmanager

import openai
import pytest
from aiohttp import web

from course_utils import guard
from course_utils.engine_process import listen
from course_utils.engine_settings import EngineSettings

QUESTION = [{"role": "user", "content": "배송은 언제 오나요?"}]


def ask(client, **settings):
    return client.chat.completions.create(model="mini", messages=QUESTION, **settings)


@contextmanager
def guarded(engine):
    """The guard in a thread of this process, in front of a handler that plays the engine."""
    settings = EngineSettings(gguf="x", model="mini", keys=("a-key-for-tests",))
    started, ports, loop = threading.Event(), [], asyncio.new_event_loop()

    async def both():
        app = web.Application()
        app.router.add_post("/v1/chat/completions", engine)
        runner = web.AppRunner(app)
        await runner.setup()
        behind, front = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
        await web.SockSite(runner, behind).start()
        ports.append(front.getsockname()[1])
        url = f"http://127.0.0.1:{behind.getsockname()[1]}"
        try:
            await guard.serve(settings, url, "engine-key", front, started.set)
        finally:
            await runner.cleanup()

    task = loop.create_task(both())
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.gather(task, return_exceptions=True)))
    thread.start()
    started.wait(10)
    try:
        url = f"http://127.0.0.1:{ports[0]}/v1"
        with openai.OpenAI(base_url=url, api_key=settings.keys[0], max_retries=0) as made:
            yield made
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)
        loop.close()


async def crash(request):
    request.transport.abort()
    return web.Response()


async def hang(request):
    await asyncio.sleep(1)
    return web.Response()


async def nonsense(request):
    return web.Response(status=500, text="<html>")


async def break_off(request):
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    chunk = {"id": "1", "choices": [{"index": 0, "delta": {"content": "안"}}]}
    await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
    await asyncio.sleep(0.1)
    request.transport.abort()
    return response


@pytest.mark.parametrize(
    ("engine", "status", "code"),
    [(crash, 502, "engine_error"), (hang, 503, "engine_timeout"), (nonsense, 502, "engine_error")],
)
def test_an_engine_that_crashes_or_hangs_is_an_error_and_not_a_wait(engine, status, code, monkeypatch):
    monkeypatch.setattr(guard, "ENGINE_PATIENCE", 0.3)
    with guarded(engine) as client, pytest.raises(openai.InternalServerError) as caught:
        ask(client)
    assert (caught.value.status_code, caught.value.code) == (status, code)


def test_a_stream_that_breaks_ends_with_an_error_event():
    with guarded(break_off) as client:
        stream = iter(ask(client, stream=True))
        assert next(stream).choices[0].delta.content == "안"
        with pytest.raises(openai.APIError, match="broke off"):
            next(stream)


def test_a_log_that_cannot_be_written_takes_no_answer_away(monkeypatch):
    class FullDisk(io.StringIO):
        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

    async def answer(request):
        return web.json_response({"choices": []})

    with guarded(answer) as client:
        monkeypatch.setattr(sys, "stderr", FullDisk())
        assert ask(client).choices == []
        with pytest.raises(openai.BadRequestError):
            ask(client, temperature=3)
