"""What a call of a ``GgufPipeline`` may ask for: the arguments of transformers' pipeline that llama.cpp computes alike.

Names, defaults and refusals are the library's; what this engine cannot do is refused by name, never ignored.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from numbers import Integral, Real
from typing import Any

from course_utils.errors import CourseValueError
from course_utils.loading_errors import nearest

# llama.cpp takes this one as "any seed".
SEED_LIMIT = 2**32 - 1
TORCH_CALL = 'load_pipeline("exaone", engine="transformers")'
_SAMPLING = ("temperature", "top_k", "top_p")
# The lessons' order, and nothing else: llama.cpp's own chain would cut by min-p and more.
_CHAIN = ["penalties", "temperature", "top_k", "top_p"]
_OTHER_WAY = {
    "max_length": "max_length는 질문까지 합친 길이입니다. 새로 만들 토큰의 수를 max_new_tokens로 적어 주십시오.",
    "stop_sequence": 'stop_sequence 대신 stop_strings=["멈출 글"]을 써 주십시오.',
    "stop": 'stop은 API의 이름입니다. 여기서는 stop_strings=["멈출 글"]을 써 주십시오.',
    "max_tokens": "max_tokens는 API의 이름입니다. 여기서는 max_new_tokens를 써 주십시오.",
    "max_completion_tokens": "max_completion_tokens는 API의 이름입니다. 여기서는 max_new_tokens를 써 주십시오.",
    "n": "n은 API의 이름입니다. 여기서는 num_return_sequences를 써 주십시오.",
    "stream": "stream은 API의 이름입니다. streamer=TextStreamer(pipe.tokenizer, skip_prompt=True)를 써 주십시오.",
}


@dataclass(frozen=True)
class CallSettings:
    """One call's settings; the defaults are those of transformers' text-generation pipeline."""

    max_new_tokens: int = 256
    do_sample: bool = True
    temperature: float = 0.7
    top_k: int = 50
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    num_return_sequences: int = 1
    stop_strings: tuple[str, ...] = ()
    return_full_text: bool = True
    skip_special_tokens: bool = True
    continue_final_message: bool | None = None
    streamer: Any = None
    seed: int | None = None
    batch_size: int = 1  # changes no answer; this engine computes them one after another

    def updated(self, arguments: Mapping[str, Any]) -> CallSettings:
        """These settings with a call's ``arguments`` in them; None leaves a setting as it is, as in the library.

        Raises:
            CourseValueError: an unknown argument, or a value that cannot be meant.
        """
        for name in arguments:
            if name not in _CHECKS:
                raise _unknown(name)
        given = {name: value for name, value in arguments.items() if value is not None}
        result = replace(self, **{name: _CHECKS[name](name, value) for name, value in given.items()})
        result._check_together(given)
        return result

    def _check_together(self, given: Mapping[str, Any]) -> None:
        if not self.do_sample:
            if self.num_return_sequences > 1:
                raise CourseValueError(
                    "do_sample=False이면 답이 하나뿐이라 num_return_sequences를 2 이상으로 정할 수 없습니다.\n"
                    "여러 답을 보려면 do_sample=True로 뽑아 주십시오."
                )
            if unused := [name for name in _SAMPLING if name in given]:
                warnings.warn(  # the library, too, says it and goes on
                    f"do_sample=False는 확률이 가장 큰 토큰만 고르므로 {', '.join(unused)} 값을 쓰지 않습니다.",
                    stacklevel=4,
                )
        if self.streamer is not None and self.num_return_sequences > 1:
            raise CourseValueError("streamer는 답 하나만 보여 줄 수 있습니다. num_return_sequences를 빼 주십시오.")

    def request(self, prompt: list[int], room: int, seed: int) -> dict[str, Any]:
        """The engine's request for one answer to ``prompt`` of at most ``room`` tokens."""
        length = min(self.max_new_tokens, room)
        asked = {
            "prompt": prompt,
            "n_predict": length,
            "seed": seed,
            "samplers": _CHAIN,
            "temperature": self.temperature,
            "top_k": self.top_k,
            "top_p": self.top_p,
            "repeat_penalty": self.repetition_penalty,
            "repeat_last_n": len(prompt) + length,  # over the whole text, the question included, as in the library
            "stop": list(self.stop_strings),
            "return_tokens": True,
            "cache_prompt": False,
        }
        return asked if self.do_sample else asked | {"samplers": ["penalties", "top_k"], "top_k": 1}


# --- what is not accepted, and what to do instead ---


def _unknown(name: str) -> CourseValueError:
    if name in _OTHER_WAY:
        return CourseValueError(_OTHER_WAY[name])
    if name in ("text_inputs", "inputs"):
        return CourseValueError(f"질문은 이름 없이 첫 자리에 넣어 주십시오. 예: pipe(messages). 받은 이름: {name}")
    known = [field.name for field in fields(CallSettings)]
    return CourseValueError(
        f"llama.cpp로 실행하는 이 파이프라인에는 '{name}' 매개변수가 없습니다.{nearest(name, known)}\n"
        f"쓸 수 있는 것: {', '.join(known)}\n"
        f"transformers에만 있는 기능이라면 {TORCH_CALL}으로 불러와 주십시오."
    )


def _whole(least: int, hint: str = "") -> Callable[[str, Any], int]:
    def check(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
            raise CourseValueError(f"{name}에는 {least} 이상의 정수를 넣어 주십시오{hint}. {_received(value)}")
        return int(value)

    return check


def _truth(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise CourseValueError(f"{name}에는 True나 False를 넣어 주십시오. {_received(value)}")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _temperature(name: str, value: Any) -> float:
    if not _is_number(value) or not 0 < value < float("inf"):
        raise CourseValueError(
            f"온도(temperature)는 0보다 큰 수여야 합니다. {_received(value)}\n"
            "확률이 가장 큰 토큰만 고르기를 원하시면 온도를 0으로 두는 대신 do_sample=False를 써 주십시오."
        )
    return float(value)


def _share(name: str, value: Any) -> float:
    if not _is_number(value) or not 0 <= value <= 1:
        raise CourseValueError(f"{name}에는 0에서 1 사이의 수를 넣어 주십시오. 1은 끈다는 뜻입니다. {_received(value)}")
    return float(value)


def _penalty(name: str, value: Any) -> float:
    if not _is_number(value) or not 0 < value < float("inf"):
        raise CourseValueError(f"{name}에는 0보다 큰 수를 넣어 주십시오. 1은 끈다는 뜻입니다. {_received(value)}")
    return float(value)


def _strings(name: str, value: Any) -> tuple[str, ...]:
    listed = (value,) if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(each, str) and each for each in listed):
        raise CourseValueError(f'{name}에는 멈출 글을 리스트로 넣어 주십시오. 예: ["\\n"]. {_received(value)}')
    return tuple(listed)


def _seed(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or not 0 <= value < SEED_LIMIT:
        raise CourseValueError(f"씨앗(seed)에는 0 이상 {SEED_LIMIT:,} 미만의 정수를 넣어 주십시오. {_received(value)}")
    return int(value)


def _streamer(name: str, value: Any) -> Any:
    if not callable(value) and not (hasattr(value, "put") and hasattr(value, "end")):
        raise CourseValueError(
            "streamer에는 TextStreamer(pipe.tokenizer, skip_prompt=True) 같은 객체나, 글 조각을 받는 함수를 "
            f"넣어 주십시오. {_received(value)}"
        )
    return value


def _received(value: Any) -> str:
    return f"받은 값: {value!r:.60}"


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "max_new_tokens": _whole(1),
    "do_sample": _truth,
    "temperature": _temperature,
    "top_k": _whole(0, "(0은 끈다는 뜻입니다)"),
    "top_p": _share,
    "repetition_penalty": _penalty,
    "num_return_sequences": _whole(1),
    "stop_strings": _strings,
    "return_full_text": _truth,
    "skip_special_tokens": _truth,
    "continue_final_message": _truth,
    "streamer": _streamer,
    "seed": _seed,
    "batch_size": _whole(1),
}
