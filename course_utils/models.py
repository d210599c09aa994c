"""``load_pipeline`` and ``load_model``: choose a model, check it, load it through transformers' own calls, explain.

What comes back are the library's own objects with the library's own defaults; they are only set up so that the
calls of the course print no warning (padding side, padding token).
"""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from course_utils import gguf_loading, gpu_memory, hub, placement, runtime
from course_utils.errors import CourseError, first_line
from course_utils.known_models import EXAONE, MINI, auto_choice, known, needed_memory
from course_utils.loading_errors import (
    UnknownModelError,
    broken_files,
    missing_library,
    only_llama_cpp,
    out_of_memory,
    unknown_architecture,
)
from course_utils.sources import Source, find, unknown
from course_utils.tables import gigabytes, korean_count, listed

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase, TextGenerationPipeline

    from course_utils.gguf_pipeline import GgufPipeline

# Loading less than this takes about a second: a progress bar would only clutter the notebook.
_BAR_FROM = 500_000_000
# transformers swaps class attributes while it loads: two threads at once leave them broken for the whole process.
_LOADING = threading.Lock()


def load_pipeline(
    model: str | os.PathLike = "auto",
    *,
    engine: str = "auto",
    device: Any = "auto",
    dtype: Any = "auto",
    **kwargs: Any,
) -> TextGenerationPipeline | GgufPipeline:
    """A text-generation pipeline with the model ready to answer; prints one line that says which.

    It is ``transformers``' own, except for EXAONE where no GPU has room for it: then llama.cpp computes LG's own file
    in 4 bits, called in the same way.

    Args:
        model: ``"auto"`` (the environment variable COURSE_MODEL, else EXAONE 3.5 2.4B when a CUDA GPU has room for it
            and it can be had, else ``"mini"``), a name of ``catalogue()``, a Hub id, a model folder, a .gguf file or a
            folder that holds one.
        engine: ``"transformers"``, ``"llama.cpp"`` (on the CPU, any model that ``gguf_for`` takes), or ``"auto"``:
            llama.cpp for EXAONE where no GPU has room and for files that only it reads, transformers otherwise.
        device: ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:N"``, ``"mps"``, a number or a ``torch.device``.
        dtype: ``"auto"``, ``"float32"``, ``"bfloat16"``, ``"float16"`` or a ``torch.dtype``; one of these by name
            means transformers.
        **kwargs: passed on to ``transformers.pipeline``; with llama.cpp, arguments of every call, and ``context``:
            how many tokens question and answer have together (4,096).

    Raises:
        CourseError: with the way out, in Korean, whenever the model cannot be found, fetched, held or read.
    """
    _refuse_arguments(kwargs)
    wanted, where = gguf_loading.parse_engine(engine), placement.parse_device(device)
    number_format = placement.parse_dtype(dtype)
    name, from_variable = _name_of(model)
    if gguf_loading.uses_llama_cpp(name, wanted, where, number_format):
        with _variable_told(from_variable):
            return gguf_loading.load(name, **kwargs)
    if "context" in kwargs:
        raise CourseError('context는 llama.cpp로 실행할 때만 정할 수 있습니다. engine="llama.cpp"를 함께 써 주십시오.')
    return _pipeline_of(*load_model(model, device=device, dtype=dtype), kwargs)


def _pipeline_of(
    loaded: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, kwargs: dict[str, Any]
) -> TextGenerationPipeline:
    from transformers import pipeline

    from course_utils import checked_pipeline

    # A model that accelerate spread over devices must not be moved to one.
    where = {} if hasattr(loaded, "hf_device_map") else {"device": loaded.device}
    kwargs.setdefault("pipeline_class", checked_pipeline.pipeline_class(loaded.device))
    if not tokenizer.clean_up_tokenization_spaces:
        # Older pipelines ask for it whatever the tokenizer says.
        kwargs.setdefault("clean_up_tokenization_spaces", False)
    pipe = pipeline("text-generation", model=loaded, tokenizer=tokenizer, **where, **kwargs)
    # On a GPU the pipeline takes its eleventh call for a loop over a data set and warns. A lesson is no such loop:
    # its count of calls, which serves nothing else, starts far below.
    pipe.call_count = -(10**9)
    return pipe


def load_model(
    model: str | os.PathLike = "auto", *, device: Any = "auto", dtype: Any = "auto"
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The model (in evaluation mode, on its device) and its tokenizer; arguments and errors of ``load_pipeline``.

    Always transformers' own: what needs logits needs these.
    """
    number_format, where = placement.parse_dtype(dtype), placement.parse_device(device)
    name, from_variable = _name_of(model)
    if name == "auto":
        return _load_auto(where, number_format)
    with _variable_told(from_variable):
        return _load(name, where, number_format)


def _name_of(model: Any) -> tuple[str, bool]:
    """The model's name, ``"auto"`` replaced by COURSE_MODEL where that is set, and whether it was."""
    if not isinstance(model, (str, os.PathLike)):
        raise unknown(repr(model))
    name = os.fspath(model).strip()
    if name != "auto":
        return name, False
    name = os.environ.get("COURSE_MODEL", "auto").strip()
    return ("auto", False) if name in ("", "auto") else (name, True)


@contextmanager
def _variable_told(from_variable: bool) -> Iterator[None]:
    try:
        yield
    except UnknownModelError as error:
        if not from_variable:
            raise
        raise UnknownModelError(f"환경 변수 COURSE_MODEL에 적힌 모델을 찾지 못했습니다. {error}") from error


def _load_auto(device: str, dtype: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    choice = auto_choice(runtime.gpus()) if device == "auto" or device.startswith("cuda") else MINI
    if choice is EXAONE:
        try:
            return _load(EXAONE.name, device, dtype)
        except CourseError as error:
            print(f"{first_line(error)} 대신 함께 들어 있는 작은 모델 mini를 불러옵니다.", flush=True)
    return _load(MINI.name, device, dtype)


def _load(name: str, device: str, dtype: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    source = find(name)  # first: a mistyped name should not wait for torch
    import course_utils.exaone  # noqa: F401 - teaches transformers about EXAONE; says so when it is too old

    placed = placement.place(source.name, source.parameters, device, dtype)
    _tell_cost(source, placed)
    if source.download:
        hub.download(source.download)
    with _LOADING:
        model, tokenizer = _read(source, placed)
    _prepare_calls(model, tokenizer)
    parameters = sum(tensor.numel() for tensor in model.parameters())
    _choose_threads(parameters, placed)
    _explain(source, parameters, placed)
    return model, tokenizer


def _read(source: Source, placed: placement.Placement) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    # Everything is on the disk by now; without the first flag each file would be asked for on the Hub again, and
    # without the second a folder with code of its own would ask the learner whether to run it.
    files: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    if source.gguf_file:
        files["gguf_file"] = source.gguf_file
    spread = {} if placed.device else {"device_map": "auto"}
    try:
        if source.gguf_file:
            _check_gguf(source)
        else:
            _check_architecture(source)
        with _loading_bar(source.parameters):
            tokenizer = AutoTokenizer.from_pretrained(source.location, **files)
            model, info = AutoModelForCausalLM.from_pretrained(
                source.location, dtype=getattr(torch, placed.dtype), output_loading_info=True, **files, **spread
            )
        _refuse_random_weights(source, info["missing_keys"])
        return (model if spread else model.to(placed.device)), tokenizer
    except (torch.OutOfMemoryError, MemoryError) as error:
        gpu_memory.give_back(error)
        raise out_of_memory(source.name) from error
    except CourseError:
        raise
    except ImportError as error:
        raise missing_library(source.name, first_line(error)) from error
    except Exception as error:
        # A file or setting that is wrong shows in the loaders as any kind of error. Their own words name the place,
        # but those on pickled weights advise a beginner to read them unsafely.
        said = "" if isinstance(error, pickle.UnpicklingError) else first_line(error)
        reason = said or type(error).__name__
        raise broken_files(source.location, f"읽는 중에 오류가 났습니다({reason})", source.cached) from error


def _refuse_random_weights(source: Source, missing: Collection[str]) -> None:
    """The library fills weights that a checkpoint lacks with random numbers, and only warns."""
    if missing:
        what = f"config.json의 구조에 필요한 가중치가 없습니다({listed(missing, shown=5)})"
        raise broken_files(source.location, what, source.cached)


def _check_architecture(source: Source) -> None:
    from transformers import CONFIG_MAPPING, PretrainedConfig

    settings, _ = PretrainedConfig.get_config_dict(source.location, local_files_only=True)
    architecture = settings.get("model_type")
    if not isinstance(architecture, str) or architecture not in CONFIG_MAPPING:
        raise unknown_architecture(source.name, architecture)


def _check_gguf(source: Source) -> None:
    from course_utils.gguf_header import read_header

    architecture = read_header(os.path.join(source.location, source.gguf_file)).architecture
    if architecture == "exaone":
        raise only_llama_cpp(source.name, architecture)


@contextmanager
def _loading_bar(parameters: int) -> Iterator[None]:
    from transformers.utils import logging

    hides = parameters < _BAR_FROM and logging.is_progress_bar_enabled()
    if not hides or "HF_HUB_DISABLE_PROGRESS_BARS" in os.environ:  # a learner's own setting stays as it is
        yield
        return
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.enable_progress_bar()


def _prepare_calls(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Settle what generate() would otherwise guess and warn about; no default of the library changes."""
    tokenizer.padding_side = "left"
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if type(getattr(backend, "model", None)).__name__ == "BPE":
        # Many checkpoints carry True from WordPiece times. For BPE the library ignores that, and says so at length.
        tokenizer.clean_up_tokenization_spaces = False
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    if model.generation_config.pad_token_id is None:
        model.generation_config.pad_token_id = tokenizer.pad_token_id


def _choose_threads(parameters: int, placed: placement.Placement) -> None:
    if placed.device == "cpu" and parameters < placement.SMALL_MODEL:
        runtime.use_one_thread()
    else:
        runtime.use_all_threads()


def _tell_cost(source: Source, placed: placement.Placement) -> None:
    """What EXAONE costs in transformers on a CPU: many load it there without knowing of the other way."""
    row = known(source.name)
    if row is None or row.hub_id is None or placed.device != "cpu":
        return
    memory = gigabytes(needed_memory(row.parameters, placed.dtype))
    print(
        f"{row.name} 모델을 transformers로 CPU에서 불러옵니다. 메모리 {memory}가 필요하고, "
        "답 하나에 몇 분이 걸릴 수 있습니다.\n"
        f'글만 만들 때는 load_pipeline("{row.name}")이 4비트 GGUF 파일로 훨씬 빠르고 가볍게 답합니다.',
        flush=True,
    )


def _explain(source: Source, parameters: int, placed: placement.Placement) -> None:
    import torch

    suffix = "로" if placed.dtype == "float32" else "으로"  # the figure is read out: 32 ends in a vowel, 16 does not
    print(
        f"{source.name} 모델(파라미터 {korean_count(parameters)})을 {placed.described(torch.get_num_threads())}에서 "
        f"{placed.dtype}{suffix} 불러왔습니다.",
        flush=True,
    )


def _refuse_arguments(arguments: dict[str, Any]) -> None:
    # pipeline() would warn about the first and load on its own terms with the second.
    if "torch_dtype" in arguments:
        raise CourseError('torch_dtype은 옛 이름입니다. dtype="bfloat16"처럼 dtype으로 써 주십시오.')
    if taken := {"task", "tokenizer"} & arguments.keys():
        raise CourseError(
            f"load_pipeline()에 따로 넘길 수 없는 값입니다: {', '.join(sorted(taken))}. 모델에 맞는 것을 불러옵니다.\n"
            "직접 조합하려면 load_model()로 불러온 뒤 transformers의 pipeline()에 넘겨 주십시오."
        )
    if "device_map" in arguments:
        raise CourseError('device_map은 필요할 때 저절로 정해집니다. 대신 device="auto"로 실행해 주십시오.')
