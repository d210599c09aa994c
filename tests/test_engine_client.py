"""The engine's client against a scripted engine: pieces, ends in the middle of a letter, refusals, lost lines."""

import json
import os
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from course_utils.answer_stream import AnswerStream
from course_utils.engine_client import EngineClient, EngineLost, EngineRefusal, Piece


@contextmanager
def engine(body, status=200):
    """A server that answers every request with ``body``; gives its address and what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            asked.append((self.path, self.headers["Authorization"], json.loads(self.rfile.read(length))))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def events(*rows):
    return b"".join(b"data: " + json.dumps(row).encode() + b"\n\n" for row in rows)


def event(content, tokens, count, stop=False):
    return {"content": content, "tokens": tokens, "tokens_predicted": count, "stop": stop}


def test_an_answer_comes_as_token_ids_and_the_key_is_sent():
    with engine(b'{"tokens": [1, 2, 361]}') as (url, asked):
        assert EngineClient(url, "a-key").complete({"prompt": [5]}) == [1, 2, 361]
    assert asked == [("/completion", "Bearer a-key", {"prompt": [5], "stream": False})]


def test_it_answers_in_a_kernel_with_more_open_files_than_select_can_count():
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] != resource.RLIM_INFINITY and before[1] < 2048:
        pytest.skip("this machine allows fewer than 2,048 open files")
    with ExitStack() as opened, engine(b'{"tokens": [1]}') as (url, _):
        opened.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        resource.setrlimit(resource.RLIMIT_NOFILE, (2048, before[1]))
        while opened.enter_context(open(os.devnull)).fileno() < 1024:
            pass
        assert EngineClient(url, "k").complete({}) == [1]


def test_pieces_name_their_tokens_only_where_the_engine_named_all_of_them():
    body = events(event("가", [7], 1), event("나", [9], 3), event("", [361], 4), event("", [], 4, stop=True))
    with engine(body) as (url, asked):
        assert list(EngineClient(url, "k").pieces({})) == [Piece("가", [7]), Piece("나", None), Piece("", [361])]
    assert asked[0][2] == {"stream": True}


def test_an_answer_that_ends_within_a_letter_shows_the_sign_for_it():
    with engine(events(event("가", [7], 1), event("", [], 2, stop=True))) as (url, _):
        assert list(EngineClient(url, "k").pieces({}))[-1] == Piece("\ufffd", None)


@pytest.mark.parametrize(
    "body",
    [
        events(event("가", [7], 1)),
        events({"error": {"message": "out of memory"}}),
        b"data: {",
    ],
    ids=["broken off", "an error in the middle", "half a line"],
)
def test_a_stream_that_breaks_is_a_lost_engine(body):
    with engine(body) as (url, _), pytest.raises(EngineLost):
        list(EngineClient(url, "k").pieces({}))


def test_nobody_there_is_a_lost_engine():
    with pytest.raises(EngineLost):
        EngineClient("http://127.0.0.1:9", "k").complete({})


@pytest.mark.parametrize(
    ("body", "said"),
    [(b'{"error": {"message": "Prompt contains invalid tokens"}}', "invalid tokens"), (b"<html>no</html>", "<html>")],
)
def test_a_refusal_carries_the_engines_own_words(body, said):
    with engine(body, status=400) as (url, _), pytest.raises(EngineRefusal, match=said):
        EngineClient(url, "k").complete({})


def test_a_function_gets_text_and_an_object_gets_tokens():
    class Tokenizer:
        def __call__(self, text, add_special_tokens):
            assert not add_special_tokens
            return {"input_ids": [ord(letter) for letter in text]}

    class Streamer:
        def __init__(self):
            self.seen = []

        def put(self, value):
            self.seen.append(value.tolist())

        def end(self):
            self.seen.append("end")

    class Client:
        def pieces(self, request):
            yield from [Piece("가", [7]), Piece("나다", None), Piece("", [361])]

    texts, streamer = [], Streamer()
    tokens = [7, ord("나"), ord("다"), 361]
    assert AnswerStream(texts.append, Tokenizer()).run(Client(), {"prompt": [5, 6]}) == tokens
    assert AnswerStream(streamer, Tokenizer()).run(Client(), {"prompt": [5, 6]}) == tokens
    assert texts == ["가", "나다"]
    assert streamer.seen == [[[5, 6]], *([token] for token in tokens), "end"]
