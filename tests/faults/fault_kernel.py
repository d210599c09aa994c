"""Faults of the kernel: the stop button and a restart while an answer is written."""

import os
import signal
import time
from contextlib import suppress

from fault import fault
from in_server import in_server

QUESTION = 'question = [{"role": "user", "content": "이 우산 무게가 얼마나 되나요?"}]\n'
SLOWLY = """\
import time
from transformers import TextStreamer
class Slowly(TextStreamer):
    def on_finalized_text(self, text, stream_end=False):
        super().on_finalized_text(text, stream_end)
        time.sleep(0.2)
"""
CLIENT = 'from course_utils import openai_client\nclient = openai_client(where="local")\n'
STREAM = """\
from course_utils.api_calls import ask_stream
for piece in ask_stream(client, question, max_completion_tokens=100):
    print(piece, end="", flush=True)
    time.sleep(0.05)
"""
NOTHING = "__import__('contextlib').nullcontext"


@fault(
    "정지 단추, 파이프라인이 답을 쓰는 중",
    what="`TextStreamer`로 답이 나오는 도중에 정지 단추를 눌렀습니다.",
    seen="나온 글은 화면에 남고, 멈추었다는 한 줄이 나옵니다.",
    way_out="다시 물으려면 셀을 다시 실행하십시오.",
    kept="모델과 변수가 그대로 있고, 멈출 때까지 나온 글도 남습니다.",
    without={"course_utils.checked_pipeline.stoppable": NOTHING},
)
def stop_button_pipeline(learner):
    learner.cell('from course_utils import load_pipeline\npipe = load_pipeline("mini")').went_well()
    learner.cell(QUESTION + SLOWLY + "slowly = Slowly(pipe.tokenizer, skip_prompt=True)").went_well()
    _stopped(learner, "pipe(question, do_sample=False, streamer=slowly)", "안녕하세요")
    _answers(learner)


@fault(
    "정지 단추, llama.cpp로 실행하는 파이프라인이 답을 쓰는 중",
    what='`load_pipeline(..., engine="llama.cpp")`의 답이 나오는 도중에 정지 단추를 눌렀습니다.',
    seen="나온 글은 화면에 남고, 멈추었다는 한 줄이 나옵니다.",
    way_out="다시 물으려면 셀을 다시 실행하십시오.",
    kept="llama.cpp의 프로세스가 그대로 있어 모델을 다시 불러오지 않습니다.",
    without={"course_utils.gguf_pipeline.stoppable": NOTHING},
)
def stop_button_gguf(learner):
    learner.cell('from course_utils import load_pipeline\npipe = load_pipeline("mini", engine="llama.cpp")').went_well()
    learner.cell(QUESTION + SLOWLY + "slowly = Slowly(pipe.tokenizer, skip_prompt=True)").went_well()
    before = learner.value("pipe.pid")
    _stopped(learner, "pipe(question, do_sample=False, streamer=slowly)", "안녕하세요")
    _answers(learner)
    assert learner.value("pipe.pid") == before


def _stopped(learner, code, first):
    learner.begin(code)
    learner.wait_until_shown(first)
    learner.interrupt()
    shown = learner.finish(10)
    shown.refused().has(first, "멈추었습니다", "남습니다")


def _answers(learner):
    answer = 'print(pipe(question, do_sample=False)[0]["generated_text"][-1]["content"])'
    learner.cell(answer).went_well().has("우산")


@fault(
    "정지 단추, 서버의 답을 받는 중",
    what="`ask_stream()`이 서버의 답을 기다리거나 받는 도중에 정지 단추를 눌렀습니다.",
    seen="멈추었다는 한 줄이 나옵니다.",
    way_out="다시 물으려면 셀을 다시 실행하십시오.",
    kept="받은 글은 화면과 오류의 `text`에 남고, 서버와 클라이언트는 그대로 쓸 수 있습니다.",
    without={"course_utils.api_calls.stopped": "lambda text: KeyboardInterrupt()"},
)
def stop_button_stream(learner):
    learner.cell(
        "from openai import OpenAI\nfrom course_utils.fault_server import fault_server\n"
        "from course_utils.api_calls import ask, ask_stream\n" + QUESTION
    ).went_well()
    learner.before(_HANGING)
    learner.cell("server = fault_server([]).start()").went_well()
    learner.cell("client = OpenAI(base_url=server.base_url, api_key=server.api_key)").went_well()
    learner.begin(
        "try:\n    for piece in ask_stream(client, question):\n        print(piece, end='', flush=True)\n"
        "except KeyboardInterrupt as error:\n    mine = getattr(error, 'text', '')\n    raise"
    )
    learner.wait_until_shown("!")
    learner.interrupt()
    shown = learner.finish(10)
    shown.refused().has("멈추었습니다", "남습니다")
    assert learner.value("mine") and learner.value("mine") in shown.text
    learner.cell("print(ask(client, question).choices[0].message.content); server.stop()").went_well()


# A server that sends the beginning of its answer and then nothing more.
_HANGING = """
import asyncio
from course_utils.fault_server import FaultServer
from aiohttp import web
usual = FaultServer._good_answer
async def hang(self, request, *rest, **settings):
    FaultServer._good_answer = usual
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b'data: {"id":"1","object":"chat.completion.chunk","created":0,"model":"m","choices":'
                         b'[{"index":0,"delta":{"content":"hello!"},"finish_reason":null}]}\\n\\n')
    await asyncio.sleep(60)
FaultServer._good_answer = hang
"""


@fault(
    "커널 다시 시작, 답을 받는 중",
    what="이 컴퓨터의 서버가 답을 보내는 도중에 커널을 다시 시작했습니다.",
    seen="커널이 곧 다시 뜨고, 남아서 메모리를 차지하는 프로세스가 없습니다.",
    way_out="맨 위 셀부터 다시 실행하십시오.",
    kept="노트북에 저장된 셀과 출력, 변환해 둔 모델 파일이 그대로 있습니다.",
    without={
        "course_utils.engine_launch._BOOT": in_server("import course_utils.engine_process as e; e._watch_parent = id")
    },
)
def restart_mid_stream(learner):
    kernel = learner.kernel()
    kernel.cell("import time\n" + QUESTION + CLIENT).went_well()
    shown = kernel.cell("import course_utils.api_client as a; print('PID', a._local.pid)").went_well()
    pids = [int(shown.text.split("PID")[1].split()[0])]
    kernel.begin("while True:\n    " + STREAM.replace("\n", "\n    "))
    kernel.wait_until_shown("니다")
    try:
        kernel.restart()
        until = time.monotonic() + 5
        while any(map(_lives, pids)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not any(map(_lives, pids)), "a server outlived its kernel"
        kernel.cell("import time\n" + QUESTION + CLIENT).went_well()
        kernel.cell(
            "from course_utils.api_calls import ask\nprint(ask(client, question).choices[0].message.content)"
        ).has("우산")
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _lives(pid):
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
