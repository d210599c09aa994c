"""From a model's name to a running ``GgufPipeline``: which engine computes, what it needs, what is said about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from course_utils import hub, placement, runtime, sources
from course_utils.checkpoint_files import find_fault, find_gguf
from course_utils.errors import CourseError
from course_utils.gguf_header import GgufHeader, read_header
from course_utils.known_models import KnownModel, engine_memory, known, needed_memory
from course_utils.loading_errors import HubError, UnknownValueError, nearest, no_room_for_gguf
from course_utils.tables import gigabytes, korean_count

if TYPE_CHECKING:
    from course_utils.gguf_pipeline import GgufPipeline

ENGINES = ("auto", "transformers", "llama.cpp")
CONTEXT = 4096  # tokens of question and answer; a longer one costs memory from the start


def parse_engine(engine: Any) -> str:
    """One of ENGINES.

    Raises:
        UnknownValueError: any other value.
    """
    if engine not in ENGINES:
        raise UnknownValueError(
            f"쓸 수 없는 engine입니다: {engine!r}.{nearest(str(engine), ENGINES)} 쓸 수 있는 값: {', '.join(ENGINES)}"
        )
    return engine


def uses_llama_cpp(name: str, engine: str, device: str, dtype: str) -> bool:
    """Whether llama.cpp computes the model; all arguments as parsed.

    ``"auto"`` means: files that only llama.cpp reads, and EXAONE by name where the GPUs have no room for it. Whoever
    asks for a device other than the CPU, or for a number format, means transformers.

    Raises:
        UnknownValueError: ``engine="llama.cpp"`` together with a device or number format that it does not have.
    """
    if engine == "llama.cpp":
        if device not in ("auto", "cpu") or dtype != "auto":
            raise UnknownValueError(
                'engine="llama.cpp"는 CPU에서, 파일에 적힌 자료형 그대로 계산합니다. device와 dtype을 빼거나 '
                'engine="transformers"로 불러와 주십시오.'
            )
        return True
    if engine == "transformers":
        return False
    if name == "auto":
        return False
    if only_llama_cpp_reads(name):
        return True
    row = known(name)
    if row is None or row.hub_id is None or device not in ("auto", "cpu") or dtype != "auto":
        return False
    return device == "cpu" or sum(gpu.free for gpu in runtime.gpus()) < needed_memory(row.parameters, "float16")


def only_llama_cpp_reads(name: str) -> bool:
    """Whether ``name`` is a GGUF file, or a repository of such files, that transformers cannot read."""
    if sources.hub_file(name) or _row_of_gguf(name):
        return True
    path = sources.existing_path(name) if known(name) is None else None
    file = find_gguf(path) if path is not None else None
    if file is None:
        return False
    try:
        return read_header(file).architecture == "exaone"
    except (ValueError, OSError):
        return False  # whoever reads it says what is wrong with it


def load(name: str, *, context: int | None = None, **defaults: Any) -> GgufPipeline:
    """The model as a ``GgufPipeline``: fetched when it is not here, memory checked before and after; says what it is.

    Args:
        name: anything that ``gguf_for`` takes.
        context: tokens of question and answer together, at most what the model learned (default: CONTEXT).
        **defaults: arguments of every call.

    Raises:
        CourseError: no such file, no room for it, or the engine cannot be started.
    """
    from course_utils.gguf_files import gguf_for
    from course_utils.gguf_pipeline import GgufPipeline
    from course_utils.gguf_tokenizer import tokenizer_of

    row = known(name) or _row_of_gguf(name)
    if row is not None and row.gguf_bytes:
        _check_memory(row.name, row.gguf_bytes)  # before a long download
    try:
        file = gguf_for(name)
    except HubError as error:
        raise _with_what_is_here(error, row) from error
    header, size = read_header(file.path), file.path.stat().st_size
    _check_memory(file.name, size)
    parameters = row.parameters if row is not None else file.parameters
    threads = placement.engine_threads(parameters)
    longest = header.metadata.get(f"{header.architecture}.context_length", CONTEXT)
    wanted = CONTEXT if context is None else context
    pipe = GgufPipeline(
        str(file.path.absolute()),
        file.name,
        tokenizer_of(file.path),
        context=min(longest, wanted) if isinstance(wanted, int) else wanted,
        threads=threads,
        **defaults,
    )
    kind, bits = quantization(header)
    how = f"llama.cpp에서 {bits}비트로" if bits else "llama.cpp로"
    print(
        f"{file.name} 모델(파라미터 {korean_count(parameters)})을 {how} 불러왔습니다"
        f"({kind}, 파일 {gigabytes(size)}, CPU 스레드 {threads}개).",
        flush=True,
    )
    return pipe


def quantization(header: GgufHeader) -> tuple[str, int]:
    """How a file stores its numbers: llama.cpp's name (``Q4_K_M``, ``F16``) and bits; ``("GGUF", 0)`` if unsaid."""
    from gguf import LlamaFileType

    try:
        kind = LlamaFileType(header.metadata["general.file_type"]).name.split("_", 1)[1]  # MOSTLY_Q4_K_M, ALL_F32
        return kind, int(re.search(r"\d+", kind)[0])
    except (KeyError, ValueError, TypeError):
        return "GGUF", 0


def _row_of_gguf(name: str) -> KnownModel | None:
    """The catalogue's row whose repository of GGUF files ``name`` is."""
    return known(name[: -len("-gguf")]) if name.lower().endswith("-gguf") and "/" in name else None


def _check_memory(name: str, file_bytes: int) -> None:
    needed, free = engine_memory(file_bytes), runtime.free_cpu_memory()
    if free < needed:
        raise no_room_for_gguf(name, needed, free)


def _with_what_is_here(error: HubError, row: KnownModel | None) -> CourseError:
    """The error of the Hub, and what to do when transformers' files of the same model are here already."""
    folder = hub.cached_folder(row.hub_id) if row is not None and row.hub_id else None
    if folder is None or find_fault(folder):
        return error
    call = f'load_pipeline("{row.name}", engine="transformers")'
    return HubError(
        f"{error}\ntransformers용 파일은 이 컴퓨터에 있습니다. 메모리가 넉넉하면 {call}으로 쓸 수 있습니다."
    )
