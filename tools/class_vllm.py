"""vLLM's command lines for a class: one GPU, several, or several machines.

vLLM listens on this computer only; the course's own gate (tools/class_gate.py) stands in front of it. Its own key check
covers /v1 but not, for example, /invocations, which answers questions as well, and it has no limit for each key.
Options and rules: vLLM 0.33.0, ``vllm/engine/arg_utils.py``, ``vllm/entrypoints/common/cli_args.py``,
``vllm/config/model.py``; tools/vllm_options.json holds the options that the tests compare with.
"""

from __future__ import annotations

import ipaddress
import json
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from course_utils.architecture import kv_cache_bytes, sizes, weight_bytes
from course_utils.errors import CourseError
from course_utils.published_configs import published_config

BACKENDS = ("mp", "ray")
RAY_PORT = 6379
# Activations, CUDA graphs and the CUDA context beside weights and cache. vLLM measures the real value when it starts.
OTHER_BYTES = 2 * 2**30
ENGINE_KEY_VARIABLE = "VLLM_API_KEY"  # a key in the command line would stand in every process list


@dataclass(frozen=True)
class VllmPlan:
    """How a class's vLLM is started.

    ``folder`` holds EXAONE as a Llama model (``course_utils.convert.to_llama``). ``gpus``: in each machine; the model
    is split over them. ``machines``: addresses of all machines, the first one takes the requests; () is this one alone.
    ``context``: tokens of question and answer together; ``at_once``: requests that are computed at once;
    ``answer``: most tokens of one answer; ``memory``: share of each GPU's memory that vLLM takes. ``size``: of EXAONE
    (``"2.4B"`` ...), asked only where ``folder`` is not here yet. ``gpu_gib``: memory of each GPU, where it is known.

    Raises:
        CourseError: vLLM could not start or run this way; the message says what would do.
    """

    folder: str
    name: str = "exaone"
    dtype: str = "bfloat16"
    gpus: int = 1
    machines: tuple[str, ...] = ()
    backend: str = "mp"
    context: int = 4096
    at_once: int = 64
    answer: int = 1024
    memory: float = 0.9
    port: int = 8001
    size: str = "2.4B"
    gpu_gib: float | None = None

    @cached_property
    def config(self) -> dict[str, Any]:
        """The model's configuration: the folder's, else the published one."""
        return folder_config(self.folder) or published_config(self.size)

    def __post_init__(self) -> None:
        check_split(self.config, self.gpus)
        if self.backend not in BACKENDS:
            raise CourseError(f"--backend에는 {', '.join(BACKENDS)} 가운데 하나를 써 주십시오.")
        if len(set(self.machines)) < len(self.machines) or len(self.machines) == 1:
            raise CourseError(
                "--machines에는 서로 다른 컴퓨터의 주소를 둘 이상 써 주십시오. 학생을 받을 컴퓨터를 먼저 적습니다."
            )
        for machine in self.machines:
            _check_address(machine)
        longest = self.config["max_position_embeddings"]
        if not 0 < self.answer < self.context <= longest:
            raise CourseError(
                f"답의 길이({self.answer:,}) < 문맥의 길이({self.context:,}) ≤ "
                f"모델이 읽는 길이({longest:,})가 되도록 정해 주십시오."
            )
        if not 0 < self.memory <= 1:
            raise CourseError(f"--memory에는 0보다 크고 1 이하인 수를 써 주십시오: {self.memory:g}")
        if self.gpu_gib is not None:
            check_memory(self)


@dataclass(frozen=True)
class Command:
    """One line to type: on which machine (address, or "" for this one), what, and which variables it needs."""

    words: tuple[str, ...]
    machine: str = ""
    variables: tuple[str, ...] = ()

    def __str__(self) -> str:
        return shlex.join(self.words)


def folder_config(folder: str | Path) -> dict[str, Any] | None:
    """``config.json`` of the Llama model in ``folder``; None where there is none.

    Raises:
        CourseError: it is no Llama model's; vLLM would want code from the hub or would not start.
    """
    file = Path(folder) / "config.json"
    if not file.is_file():
        return None
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        kind = config.get("model_type")
    except (ValueError, AttributeError):
        raise CourseError(f"파일을 읽지 못했습니다: {file}. 폴더를 convert로 다시 만들어 주십시오.") from None
    if kind != "llama":
        raise CourseError(
            f"{folder}에는 Llama 형식의 모델이 없습니다(model_type: {kind}).\n"
            "python -m tools.class_server convert로 만든 폴더를 써 주십시오."
        )
    return {"max_position_embeddings": 2048, **config}  # what Llama's configuration takes when it is left out


def _check_address(machine: str) -> None:
    try:
        ipaddress.ip_address(machine)
    except ValueError:
        raise CourseError(f"--machines에는 10.0.0.1처럼 숫자로 된 주소를 써 주십시오: {machine}") from None


def check_split(config: Any, gpus: int) -> None:
    """Whether tensor parallelism can split the model over ``gpus`` GPUs.

    Query heads must divide evenly; KV heads must divide evenly or, where there are more GPUs, be copied evenly.

    Raises:
        CourseError: it cannot; the message names the numbers that work.
    """
    if not splits(config, gpus):
        model = sizes(config)
        good = [str(n) for n in range(1, model.heads + 1) if splits(config, n)]
        raise CourseError(
            f"GPU {gpus}개로는 이 모델을 나눌 수 없습니다. 쿼리 헤드 {model.heads}개와 KV 헤드 {model.kv_heads}개가 "
            f"나누어떨어져야 합니다.\n다음 가운데 하나를 써 주십시오: {', '.join(good)}"
        )


def splits(config: Any, gpus: int) -> bool:
    """The rule of ``check_split``, from vLLM's ``config/model.py`` and ``models/llama.py``."""
    model = sizes(config)
    if gpus < 1 or model.heads % gpus:
        return False
    return (gpus % model.kv_heads if gpus > model.kv_heads else model.kv_heads % gpus) == 0


def serve_words(plan: VllmPlan) -> list[str]:
    """``vllm serve`` for one machine."""
    words = ["vllm", "serve", plan.folder, "--served-model-name", plan.name]
    words += ["--host", "127.0.0.1", "--port", str(plan.port), "--dtype", plan.dtype]
    words += ["--max-model-len", str(plan.context), "--max-num-seqs", str(plan.at_once)]
    words += ["--gpu-memory-utilization", f"{plan.memory:g}", "--max-logprobs", "20"]
    # Temperature 1, top-p 1, no top-k unless a request asks: not what the folder's generation_config.json may say.
    words += ["--generation-config", "vllm"]
    words += ["--override-generation-config", json.dumps({"max_new_tokens": plan.answer})]
    if plan.gpus > 1:
        words += ["--tensor-parallel-size", str(plan.gpus)]
    return words


def commands(plan: VllmPlan) -> list[Command]:
    """What to type, in this order; on each machine where there are several.

    Over several machines the model is split by layers (pipeline), inside a machine by heads (tensor): only a layer's
    result crosses the network.
    """
    words = serve_words(plan)
    secret = (ENGINE_KEY_VARIABLE,)
    if not plan.machines:
        return [Command(tuple(words), variables=secret)]
    first, *others = plan.machines
    words += ["--pipeline-parallel-size", str(len(plan.machines)), "--distributed-executor-backend", plan.backend]
    if plan.backend == "ray":
        head = Command(("ray", "start", "--head", "--port", str(RAY_PORT), "--node-ip-address", first), first)
        join = ("ray", "start", "--address", f"{first}:{RAY_PORT}", "--node-ip-address")
        joins = [Command((*join, machine), machine) for machine in others]
        return [head, *joins, Command(tuple(words), first, secret)]
    words += ["--nnodes", str(len(plan.machines)), "--master-addr", first]
    ranks = [(*words, "--node-rank", str(rank)) for rank in range(len(plan.machines))]
    return [
        Command(ranks[0], first, secret),
        *(Command((*rank, "--headless"), machine) for rank, machine in zip(ranks[1:], others, strict=True)),
    ]


def longest_at_once(
    gpu_bytes: int,
    context: int,
    *,
    config: Any,
    memory: float = 0.9,
    dtype: str = "bfloat16",
    gpus: int = 1,
    machines: int = 1,
) -> int:
    """How many requests of full ``context`` length (tokens) fit beside the weights; negative: the weights do not.

    Shorter requests take less: this is the worst case. 0: not even one. ``gpu_bytes`` (bytes) is each GPU's memory;
    heads are split over ``gpus`` of each machine, layers over ``machines``.
    """
    room = int(gpu_bytes * memory) - weight_bytes(config, dtype) // (gpus * machines) - OTHER_BYTES
    # More GPUs than KV heads hold copies of them.
    return room * min(gpus, sizes(config).kv_heads) * machines // kv_cache_bytes(config, context)


def check_memory(plan: VllmPlan) -> None:
    """Whether one question of full length fits into GPUs of ``plan.gpu_gib`` GiB each.

    Raises:
        CourseError: it does not; the message names the number of GPUs that would do.
    """
    gpu, machines = int(plan.gpu_gib * 2**30), max(1, len(plan.machines))
    rest = {"config": plan.config, "memory": plan.memory, "dtype": plan.dtype, "machines": machines}

    def fits(gpus: int) -> bool:
        return longest_at_once(gpu, plan.context, gpus=gpus, **rest) >= 1

    if fits(plan.gpus):
        return
    weights, room = weight_bytes(plan.config, plan.dtype) / 1e9, gpu * plan.memory / 1e9
    more = [n for n in range(plan.gpus + 1, sizes(plan.config).heads + 1) if splits(plan.config, n) and fits(n)]
    way = f"--gpus {more[0]}처럼 더 여러 장에 나누거나 " if more else ""
    raise CourseError(
        f"GPU 메모리가 모자랍니다. 모델의 파라미터는 {weights:.1f} GB이고, 쓸 GPU는 {plan.gpus * machines}장입니다.\n"
        f"한 장의 {room:.1f} GB에 그 몫과 질문 하나({plan.context:,}토큰)의 KV 캐시가 들어가지 않습니다.\n"
        f"{way}더 작은 모델을 써 주십시오."
    )
