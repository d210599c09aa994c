"""A fake of OpenAI's own API (not of the course's engine), to run the lessons' cells against what a key would meet.

It checks requests as strictly as the real one and answers in the documented shapes, with OpenAI's status codes, error
types and codes; the sentences of its errors are our own. No model runs: answers are drawn from a few words.
"""

import json
import random
from dataclasses import dataclass, field

from aiohttp import web
from fake_openai_checks import MODELS, Refusal, check_chat, check_response

from course_utils.background_server import BackgroundServer

WORDS = (
    ("안녕하세요,", "반갑습니다,"),
    ("고객님.", "고객님!"),
    ("문의하신", "말씀하신"),
    ("내용은", "사항은"),
    ("담당자가", "담당 부서에서"),
    ("확인한", "살펴본"),
    ("뒤", "후"),
    ("다시", "곧"),
    ("안내해", "알려"),
    ("드리겠습니다.", "드릴 예정입니다."),
)


def tokens_of_one_answer(body, number, rng):
    """Words with their spaces, and how the answer ended."""
    pick = (lambda pair: pair[0]) if body.get("temperature") == 0 else rng.choice
    words = [pick(pair) for pair in WORDS]
    words = [word if i == 0 else " " + word for i, word in enumerate(words)]
    stops = [body["stop"]] if isinstance(body.get("stop"), str) else body.get("stop") or []
    for stop in stops:
        before = "".join(words).split(stop)[0]
        kept = [word for i, word in enumerate(words) if "".join(words[: i + 1]) in before]
        words = kept + ([before[len("".join(kept)) :]] if before[len("".join(kept)) :] else [])
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or len(words)
    return words[:limit], "length" if len(words) > limit else "stop"


def logprobs(tokens, top):
    def entry(token, value):
        return {"token": token, "logprob": value, "bytes": list(token.encode())}

    others = [f" 후보{i}" for i in range(top)]
    rows = []
    for token in tokens:
        best = [entry(token, -0.25)] + [entry(other, -2.5 - i) for i, other in enumerate(others)]
        rows.append({**entry(token, -0.25), "top_logprobs": best[:top]})
    return {"content": rows, "refusal": None}


def usage(body, written):
    read = len(str(body.get("messages") or body.get("input")).split())
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def answers(body):
    """(tokens, finish_reason) for each of ``n`` answers; the same seed draws the same."""
    rng = random.Random(body.get("seed"))
    return [tokens_of_one_answer(body, number, rng) for number in range(body.get("n") or 1)]


def head(body, kind):
    return {"id": "chatcmpl-fake", "object": kind, "created": 1, "model": f"{body['model']}-2024-07-18"}


def completion(body):
    choices, written = [], 0
    for index, (tokens, end) in enumerate(answers(body)):
        written += len(tokens)
        message = {"role": "assistant", "content": "".join(tokens), "refusal": None, "annotations": []}
        odds = logprobs(tokens, body.get("top_logprobs") or 0) if body.get("logprobs") else None
        choices.append({"index": index, "message": message, "logprobs": odds, "finish_reason": end})
    return {
        **head(body, "chat.completion"),
        "choices": choices,
        "usage": usage(body, written),
        "service_tier": "default",
    }


def chunks(body):
    with_usage = (body.get("stream_options") or {}).get("include_usage")
    top = body.get("top_logprobs") or 0
    start = head(body, "chat.completion.chunk") | ({"usage": None} if with_usage else {})
    written = 0
    for index, (tokens, end) in enumerate(answers(body)):
        written += len(tokens)
        events = [({"role": "assistant", "content": "", "refusal": None}, None, None)]
        events += [({"content": t}, logprobs([t], top) if body.get("logprobs") else None, None) for t in tokens]
        for delta, odds, reason in [*events, ({}, None, end)]:
            choice = {"index": index, "delta": delta, "logprobs": odds, "finish_reason": reason}
            yield {**start, "choices": [choice]}
    if with_usage:
        yield {**start, "choices": [], "usage": usage(body, written)}


def response_object(body, text, written):
    counts = usage(body, written)
    content = [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}]
    message = {"type": "message", "id": "msg_fake", "status": "completed", "role": "assistant", "content": content}
    return {
        "id": "resp_fake",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "model": body["model"],
        "output": [message],
        "parallel_tool_calls": True,
        "temperature": body.get("temperature", 1.0),
        "tool_choice": "auto",
        "tools": [],
        "top_p": body.get("top_p", 1.0),
        "metadata": {},
        "usage": {
            "input_tokens": counts["prompt_tokens"],
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": counts["total_tokens"],
        },
    }


def response_events(body, tokens):
    final = response_object(body, "".join(tokens), len(tokens))
    place = {"item_id": "msg_fake", "output_index": 0, "content_index": 0}
    yield {"type": "response.created", "response": {**final, "status": "in_progress", "output": [], "usage": None}}
    for token in tokens:
        yield {"type": "response.output_text.delta", "delta": token, "logprobs": [], **place}
    yield {"type": "response.output_text.done", "text": "".join(tokens), "logprobs": [], **place}
    yield {"type": "response.completed", "response": final}


@dataclass
class FakeOpenAI:
    """The fake as a context manager; ``api_key`` is the only key it accepts."""

    api_key: str = field(default_factory=lambda: "sk-" + "proj-" + random.randbytes(24).hex(), repr=False)
    requests: list = field(default_factory=list)

    def __enter__(self):
        self._server = BackgroundServer(self._application).start()
        return self

    def __exit__(self, *_):
        self._server.stop()

    @property
    def base_url(self):
        return f"{self._server.url}/v1"

    def _application(self):
        app = web.Application(middlewares=[self._guarded])
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/responses", self._responses)
        return app

    @web.middleware
    async def _guarded(self, request, handler):
        try:
            key = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if not key:
                raise Refusal(401, "You didn't provide an API key.")
            if key != self.api_key:
                shown = f"{key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}"  # the real one quotes parts of it as well
                raise Refusal(401, f"Incorrect API key provided: {shown}.", "invalid_api_key")
            return await handler(request)
        except web.HTTPNotFound:
            return web.json_response(Refusal(404, f"Invalid URL ({request.method} {request.path})").body, status=404)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status)

    async def _body(self, request):
        body = await request.json()
        self.requests.append((request.path, body))
        return body

    async def _models(self, request):
        rows = [{"id": name, "object": "model", "created": 1, "owned_by": "system"} for name in MODELS]
        return web.json_response({"object": "list", "data": rows})

    async def _chat(self, request):
        body = await self._body(request)
        check_chat(body)
        if not body.get("stream"):
            return web.json_response(completion(body), headers={"x-request-id": "req_fake"})
        return await self._events(request, [f"data: {json.dumps(c)}\n\n" for c in chunks(body)] + ["data: [DONE]\n\n"])

    async def _responses(self, request):
        body = await self._body(request)
        check_response(body)
        tokens, _ = tokens_of_one_answer(body, 0, random.Random())
        if not body.get("stream"):
            return web.json_response(response_object(body, "".join(tokens), len(tokens)))
        events = ({**event, "sequence_number": i} for i, event in enumerate(response_events(body, tokens)))
        return await self._events(request, [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events])

    async def _events(self, request, lines):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for line in lines:
            await response.write(line.encode())
        await response.write_eof()
        return response
