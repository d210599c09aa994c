"""A model server for a whole class: students set two variables and every lesson-06 cell works.

    python -m tools.class_server llama [--lan] [--model mini|exaone|FILE.gguf]      no GPU: llama.cpp
    python -m tools.class_server convert FOLDER                                     EXAONE as a Llama folder, for vLLM
    python -m tools.class_server vllm FOLDER [--gpus N] [--start] [--lan]           NVIDIA GPUs: vLLM
    python -m tools.class_server check URL KEY                                      from a student's computer

docs/instructor/class_server.ko.md says which one suits which room.
Exit status: 0 closed by Ctrl-C or checked well, 1 otherwise.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from course_utils.errors import CourseError
from course_utils.korean_arguments import Parser, use_utf8
from course_utils.published_configs import PUBLISHED_SIZES
from course_utils.user_cache import cache_folder
from tools.class_gate import Gate, gate_settings
from tools.class_keys import VARIABLE, class_keys
from tools.class_room import Room

# Small models gain little from many at once on a CPU and large ones read slowly: docs/instructor/class_server.ko.md.
AT_ONCE_LLAMA, AT_ONCE_VLLM = 16, 64
EXAONE_ID = "LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct"


def _at_least(least: int) -> Any:
    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{least} 이상의 정수를 써 주십시오: {text!r}")
        return int(text)

    return read


def _address(text: str) -> str:
    """A computer's address, or the whole URL at which a proxy takes the students' requests."""
    url = urlsplit(text)
    whole = url.scheme in ("http", "https") and url.hostname and url.path.strip("/")
    if not whole and "/" in text:
        raise argparse.ArgumentTypeError(
            f"192.168.0.10 같은 주소나, https://class.example.kr/v1처럼 끝까지 적은 주소를 써 주십시오: {text!r}"
        )
    return text


def _class_options(parser: argparse.ArgumentParser, at_once: int, context: int) -> None:
    """Options that both kinds of server have."""
    room = parser.add_argument_group("교실")
    room.add_argument("--lan", action="store_true", help="같은 네트워크의 학생도 접속하게 합니다(기본값: 이 컴퓨터만)")
    room.add_argument(
        "--address",
        type=_address,
        default="",
        help="안내문에 적을 주소. 자동으로 고른 주소가 틀릴 때, 또는 프록시의 주소(https://...)를 알릴 때 씁니다",
    )
    room.add_argument("--port", type=_at_least(0), default=8000, help="포트 번호(기본값: 8000)")
    room.add_argument("--handout", type=Path, help="안내문을 저장할 폴더")
    room.add_argument("--check", action="store_true", help="학생처럼 한 번 물어보고 닫습니다")
    keys = parser.add_argument_group("키")
    keys.add_argument(
        "--keys", type=_at_least(1), default=1, help=f"키의 개수(기본값: 1). {VARIABLE}가 있으면 그 키만 씁니다"
    )
    keys.add_argument("--key-file", type=Path, help="키를 저장할 파일. 없으면 만듭니다")
    keys.add_argument("--new-keys", action="store_true", help="전에 쓰던 키를 버리고 새로 만듭니다")
    limits = parser.add_argument_group("제한")
    limits.add_argument(
        "--at-once", type=_at_least(1), default=at_once, help=f"함께 계산할 질문의 수(기본값: {at_once})"
    )
    limits.add_argument(
        "--waiting", type=_at_least(0), default=100, help="차례를 기다릴 수 있는 질문의 수(기본값: 100)"
    )
    limits.add_argument("--answer", type=_at_least(1), default=1024, help="답 하나의 최대 토큰(기본값: 1024)")
    limits.add_argument(
        "--context", type=_at_least(64), default=context, help=f"질문과 답을 합친 최대 토큰(기본값: {context})"
    )
    limits.add_argument(
        "--per-minute", type=_at_least(0), default=0, help="키마다 1분에 받을 질문의 수. 0이면 제한이 없습니다(기본값)"
    )


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m tools.class_server", description="수업에서 모두 함께 쓰는 모델 서버를 엽니다.")
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="llama|vllm|convert|check")
    llama = kinds.add_parser("llama", help="GPU가 없는 교실: llama.cpp")
    llama.add_argument("--model", default="mini", help="mini, exaone, 또는 .gguf 파일(기본값: mini)")
    llama.add_argument("--threads", type=_at_least(1), help="CPU 스레드. 쓰지 않으면 모델의 크기에 맞춥니다")
    _class_options(llama, AT_ONCE_LLAMA, 2048)
    vllm = kinds.add_parser("vllm", help="NVIDIA GPU가 있는 교실: vLLM. --start가 없으면 명령만 보여 줍니다")
    vllm.add_argument("folder", help="convert로 만든 폴더")
    vllm.add_argument("--name", default="exaone", help="학생이 쓸 모델 이름(기본값: exaone)")
    vllm.add_argument(
        "--size", choices=PUBLISHED_SIZES, default="2.4B", help="폴더가 아직 없을 때, 모델의 크기(기본값: 2.4B)"
    )
    vllm.add_argument("--dtype", choices=("bfloat16", "float16"), default="bfloat16", help="T4는 float16")
    vllm.add_argument("--gpus", type=_at_least(1), default=1, help="컴퓨터마다 쓸 GPU(기본값: 1)")
    vllm.add_argument(
        "--machines", nargs="+", default=(), metavar="주소", help="여러 컴퓨터의 주소. 학생을 받을 컴퓨터가 먼저입니다"
    )
    vllm.add_argument("--backend", choices=("mp", "ray"), default="mp", help="여러 컴퓨터를 잇는 방법(기본값: mp)")
    vllm.add_argument("--memory", type=float, default=0.9, help="GPU 메모리 가운데 vLLM이 쓸 비율(기본값: 0.9)")
    vllm.add_argument(
        "--gpu-memory", type=float, metavar="GiB", help="GPU 하나의 메모리. 쓰지 않으면 --start 때 알아냅니다"
    )
    vllm.add_argument("--engine-port", type=_at_least(1), default=8001, help="vLLM이 쓸 포트(기본값: 8001)")
    way = vllm.add_mutually_exclusive_group()
    way.add_argument("--start", metavar="VLLM", nargs="?", const="vllm", help="vLLM을 실행하고 수업 서버를 엽니다")
    way.add_argument("--attach", action="store_true", help="이미 실행한 vLLM으로 수업 서버를 엽니다")
    _class_options(vllm, AT_ONCE_VLLM, 4096)
    convert = kinds.add_parser("convert", help="EXAONE을 vLLM이 읽는 Llama 폴더로 바꿉니다")
    convert.add_argument("folder", type=Path, help="결과를 저장할 폴더")
    convert.add_argument("--source", default=EXAONE_ID, help=f"허브 주소나 폴더(기본값: {EXAONE_ID})")
    convert.add_argument("--dtype", choices=("bfloat16", "float16"), default="bfloat16", help="T4는 float16")
    check = kinds.add_parser("check", help="학생의 컴퓨터에서 서버를 확인합니다")
    check.add_argument("url", help="OPENAI_BASE_URL에 넣을 값")
    check.add_argument("key", help="OPENAI_API_KEY에 넣을 값")
    return parser


def _gate(options: argparse.Namespace, model: str, engine_url: str, engine_key: str) -> Gate:
    file = options.key_file or cache_folder("class") / "keys.txt"
    settings = gate_settings(
        model,
        class_keys(options.keys, file, fresh=options.new_keys),
        host="0.0.0.0" if options.lan else "127.0.0.1",
        port=options.port,
        at_once=options.at_once,
        waiting=options.waiting,
        answer=options.answer,
    )
    return Gate(settings, engine_url, engine_key, options.per_minute)


def _open(options: argparse.Namespace, gate: Gate, alive: Any) -> int:
    folder = options.handout or cache_folder("class")
    return Room(gate, folder, options.address, alive, options.check).run()


def run_llama(options: argparse.Namespace) -> int:
    """llama.cpp on this computer's loopback, the gate in front of it."""
    from course_utils.serving import local_server

    limits = {"slots": options.at_once, "waiting": options.waiting, "context": options.context}
    print(f"모델을 켜는 중입니다: {options.model}", flush=True)
    with local_server(options.model, threads=options.threads, **limits) as server:
        gate = _gate(options, server.model, server.engine_url, server.engine_key)
        return _open(options, gate, lambda: server.running)


def run_vllm(options: argparse.Namespace) -> int:
    """Print vLLM's command lines; with ``--start`` run the one, with ``--attach`` or ``--start`` open the gate."""
    from tools.class_vllm import ENGINE_KEY_VARIABLE, VllmPlan
    from tools.class_vllm_process import VllmProcess, gpu_gib, instructions

    plan = VllmPlan(
        folder=options.folder,
        name=options.name,
        dtype=options.dtype,
        gpus=options.gpus,
        machines=tuple(options.machines),
        backend=options.backend,
        context=options.context,
        at_once=options.at_once,
        answer=options.answer,
        memory=options.memory,
        port=options.engine_port,
        size=options.size,
        gpu_gib=gpu_gib() if options.start and not options.gpu_memory else options.gpu_memory,
    )
    url = f"http://127.0.0.1:{plan.port}"
    if options.attach:
        if not (key := os.environ.get(ENGINE_KEY_VARIABLE)):
            raise CourseError(
                f"vLLM을 실행할 때 정한 환경 변수 {ENGINE_KEY_VARIABLE}를 이 터미널에도 같은 값으로 정해 주십시오."
            )
        return _open(options, _gate(options, plan.name, url, key), lambda: True)
    if not options.start:
        print(instructions(plan, options.given))
        return 0
    with VllmProcess(plan, options.start) as process:
        return _open(options, _gate(options, plan.name, url, process.key), lambda: process.running)


def run_convert(options: argparse.Namespace) -> int:
    """EXAONE as a plain Llama folder: no remote code, no registration needed on the other side."""
    from course_utils.convert import to_llama

    source = options.source
    if not Path(source).is_dir():
        from huggingface_hub import snapshot_download

        print(f"내려받습니다: {source}. 라이선스(EXAONE AI Model License, 비상업)를 먼저 읽어 주십시오.", flush=True)
        source = snapshot_download(source, allow_patterns=["*.json", "*.safetensors", "*.txt", "*.jinja", "LICENSE*"])
    to_llama(source, options.folder, dtype=options.dtype)
    print(f"{options.folder}에 저장했습니다. 이 폴더를 다른 사람에게 나누어 주지 말아 주십시오.")
    print("까닭: docs/instructor/accessibility_and_licence.ko.md")
    return 0


def run_check(options: argparse.Namespace) -> int:
    """A student's round trip, from this computer."""
    from tools import class_check
    from tools.class_handout import KEY, URL

    os.environ[URL], os.environ[KEY] = options.url, options.key
    return class_check.main()


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    use_utf8()
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(words)
    options.given = words[1:]
    run = {"llama": run_llama, "vllm": run_vllm, "convert": run_convert, "check": run_check}[options.kind]
    signal.signal(signal.SIGTERM, _interrupt)  # a service manager's way to stop is as clean as Ctrl-C
    try:
        return run(options)
    except KeyboardInterrupt:
        return 130
    except CourseError as error:
        print(f"오류: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
