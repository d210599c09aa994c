"""``python -m course_utils QUESTION``: one question to a model, the answer on standard output.

Everything else (which model, download, errors) goes to standard error, so the answer can be piped on. Exit status:
0 answered, 1 the model could not be loaded, 2 wrong arguments, 130 interrupted.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from typing import Any

from course_utils.errors import CourseError, first_line
from course_utils.korean_arguments import Formatter, Parser, use_utf8


def _number(
    kind: Callable[[str], Any], allowed: Callable[[Any], bool], description: str
) -> Callable[[str], int | float]:
    def read(text: str) -> int | float:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not math.isfinite(value) or not allowed(value):
            raise argparse.ArgumentTypeError(f"'{text}' 값은 쓸 수 없습니다. {description}")
        return value

    return read


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m course_utils",
        description="언어 모델에게 한 가지를 묻고 답을 출력합니다.",
        epilog="--temperature, --top-k, --top-p를 하나도 쓰지 않으면 확률이 가장 큰 토큰만 고릅니다(greedy). "
        "하나라도 쓰면 샘플링(sampling)을 하고, 쓰지 않은 것은 끕니다.",
        formatter_class=Formatter,
        add_help=False,
    )
    place = parser.add_argument_group("질문")
    place.add_argument("question", metavar="QUESTION", nargs="?", help='물을 말. "-"이면 표준 입력에서 읽습니다')
    options = parser.add_argument_group("옵션")
    options.add_argument("-h", "--help", action="help", help="이 도움말을 보여 주고 끝냅니다")
    options.add_argument("--system", metavar="글", help="시스템 프롬프트(system prompt). 쓰지 않으면 없습니다")
    options.add_argument(
        "--model", metavar="이름", default="auto", help="auto, mini, exaone, 허브 주소, 폴더, .gguf 파일 (기본값: auto)"
    )
    temperature = _number(
        float, lambda v: v >= 1e-6, "0보다 큰 수(0.000001 이상)를 써 주십시오. 0을 원하시면 이 옵션을 빼십시오(greedy)"
    )
    options.add_argument("--temperature", metavar="수", type=temperature, help="온도: 0보다 큰 수")
    top_k = _number(int, lambda v: v >= 0, "0 이상의 정수를 써 주십시오")
    options.add_argument("--top-k", metavar="개수", type=top_k, help="확률이 큰 토큰 몇 개까지 볼지. 0이면 끕니다")
    top_p = _number(float, lambda v: 0 < v <= 1, "0보다 크고 1 이하인 수를 써 주십시오")
    options.add_argument("--top-p", metavar="수", type=top_p, help="확률의 합이 얼마가 될 때까지 볼지. 1이면 끕니다")
    length = _number(int, lambda v: v >= 1, "1 이상의 정수를 써 주십시오")
    options.add_argument(
        "--max-new-tokens", metavar="개수", type=length, default=200, help="답의 최대 길이 (기본값: 200)"
    )
    seed = _number(int, lambda v: 0 <= v < 2**32, "0 이상 2의 32제곱 미만의 정수를 써 주십시오")
    options.add_argument("--seed", metavar="정수", type=seed, help="난수 씨앗. 같은 샘플링 결과를 다시 얻게 합니다")
    return parser


def sampling_arguments(options: argparse.Namespace) -> dict[str, Any]:
    """Arguments of ``generate`` for the given options: greedy without any of them, else the others switched off."""
    asked = (options.temperature, options.top_k, options.top_p)
    if all(value is None for value in asked):
        return {"do_sample": False}
    temperature, top_k, top_p = (
        off if value is None else value for value, off in zip(asked, (1.0, 0, 1.0), strict=True)
    )
    return {"do_sample": True, "temperature": temperature, "top_k": top_k, "top_p": top_p}


def _answer(question: str, options: argparse.Namespace) -> str:
    from course_utils.models import load_pipeline
    from course_utils.template_marks import marks_of, without_marks

    pipe = load_pipeline(options.model)
    if options.seed is not None:
        from transformers import set_seed

        set_seed(options.seed)
    messages = [{"role": "system", "content": options.system}] if options.system is not None else []
    question = without_marks(question, marks_of(pipe.tokenizer))
    messages.append({"role": "user", "content": question})
    room = _room_for_answer(pipe, messages)
    arguments = {"max_new_tokens": min(options.max_new_tokens, room), **sampling_arguments(options)}
    return pipe(messages, return_full_text=False, **arguments)[0]["generated_text"]


def _room_for_answer(pipe: Any, messages: list[dict[str, str]]) -> int:
    """How many tokens the model's positions leave for the answer.

    Raises:
        CourseError: the model has no chat template, its template refuses the messages, or they fill all positions.
    """
    from jinja2 import TemplateError

    if pipe.tokenizer.chat_template is None:
        raise CourseError(
            "이 모델에는 채팅 템플릿(chat template)이 없어 질문을 받을 수 없습니다. "
            "이름에 Instruct나 Chat이 붙은 모델을 쓰십시오."
        )
    try:
        text = pipe.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    except TemplateError as error:
        raise CourseError(
            f"이 모델의 채팅 템플릿이 메시지를 받지 않습니다({error}). --system을 빼고 다시 실행해 주십시오."
        ) from error
    length = len(pipe.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
    positions = _positions(pipe)
    if length >= positions:
        raise CourseError(
            f"질문이 너무 깁니다. 토큰(token) {length:,}개인데 이 모델은 답까지 합쳐 {positions:,}개까지 읽습니다. "
            "질문을 나누거나 줄여 주십시오."
        )
    return positions - length


def _positions(pipe: Any) -> int:
    """How many tokens question and answer may have together."""
    from course_utils.gguf_pipeline import GgufPipeline

    if isinstance(pipe, GgufPipeline):
        return pipe.context
    return getattr(pipe.model.config, "max_position_embeddings", None) or sys.maxsize


def _encodable(text: str | None) -> str | None:
    # Arguments that are no valid UTF-8 arrive as lone surrogates, which no tokenizer takes.
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")


def _write(answer: str) -> int:
    try:
        print(answer)
        sys.stdout.flush()
        return 0
    except OSError as error:
        # Python flushes once more when it ends, and would print a trace then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # the reader, such as `head`, has seen enough
            return 0
        print(f"오류: 답을 출력하지 못했습니다({error.strerror}).", file=sys.stderr)
        return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status; argparse leaves with status 2 by ``SystemExit``."""
    use_utf8()
    parser = _parser()
    options = parser.parse_args(arguments)
    options.system = _encodable(options.system)
    try:
        question = options.question
        if question == "-":
            question = sys.stdin.read() if sys.stdin else ""
        if not (question or "").strip():
            parser.error('질문이 비어 있습니다. 예: python -m course_utils "배송은 얼마나 걸리나요?"')
        with redirect_stdout(sys.stderr):
            answer = _answer(_encodable(question.strip()), options)
    except CourseError as error:
        from course_utils.loading_errors import UnknownModelError

        print(f"오류: {error}", file=sys.stderr)
        return 2 if isinstance(error, UnknownModelError) else 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        print(f"오류: 답을 만들지 못했습니다({type(error).__name__}: {first_line(error)}).", file=sys.stderr)
        print("다른 모델(--model mini)이나 다른 옵션으로 다시 실행해 주십시오.", file=sys.stderr)
        return 1
    return _write(answer)


if __name__ == "__main__":
    sys.exit(main())
