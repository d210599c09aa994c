"""An EXAONE folder in other programs' formats: ``to_gguf`` for llama.cpp, ``to_llama`` for vLLM and older tools.

python -m course_utils.convert llama SRC DST [--dtype bfloat16]
python -m course_utils.convert gguf SRC DST [--dtype float16]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from course_utils import hub, sources
from course_utils.convert_gguf import DTYPES, to_gguf
from course_utils.convert_llama import to_llama
from course_utils.errors import CourseError
from course_utils.korean_arguments import Formatter, Parser, use_utf8
from course_utils.loading_errors import UnknownModelError

__all__ = ["main", "to_gguf", "to_llama"]


def model_folder(name: str) -> Path:
    """The folder of a model: a path, a name of the catalogue or a Hub id, downloaded when it is not in the cache.

    Raises:
        CourseError: as ``sources.find``, or the name is that of a .gguf file.
    """
    source = sources.find(name)
    if source.gguf_file:
        raise CourseError(
            f"이미 GGUF 파일이라 변환할 것이 없습니다: {source.gguf_file}\n"
            "config.json이 들어 있는 모델 폴더를 넣어 주십시오."
        )
    if not source.cached:
        return Path(source.location)
    if source.download:
        hub.download(source.download)
    folder = hub.cached_folder(source.location)
    if folder is None:
        raise CourseError(f"내려받은 모델을 찾지 못했습니다: {name}\n다시 실행해 주십시오.")
    return folder


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m course_utils.convert",
        description="EXAONE 3.x 모델을 다른 프로그램이 읽는 형식으로 바꿉니다.",
        epilog="EXAONE의 라이선스는 비상업용입니다. 바꾼 파일은 이 컴퓨터에서만 쓰고 다시 배포하지 말아 주십시오.",
        formatter_class=Formatter,
        add_help=False,
    )
    what = parser.add_argument_group("변환")
    what.add_argument(
        "format", metavar="FORMAT", choices=["llama", "gguf"], help="llama(vLLM용 폴더) 또는 gguf(llama.cpp용 파일)"
    )
    what.add_argument("source", metavar="SRC", help="모델 폴더, 강의에서 쓰는 이름(mini, exaone) 또는 허브 주소")
    what.add_argument("target", metavar="DST", help="새로 만들 폴더(llama)나 파일(gguf)")
    options = parser.add_argument_group("옵션")
    options.add_argument("-h", "--help", action="help", help="이 도움말을 보여 주고 끝냅니다")
    options.add_argument(
        "--dtype",
        metavar="자료형",
        choices=sorted(DTYPES),
        help="bfloat16, float16, float32 가운데 하나 (기본값: llama는 bfloat16, gguf는 float16)",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0, 1 for an error, 2 for a wrong name, 130 for Ctrl-C."""
    use_utf8()
    options = _parser().parse_args(arguments)
    convert = {"llama": to_llama, "gguf": to_gguf}[options.format]
    try:
        made = convert(
            model_folder(options.source), options.target, **({"dtype": options.dtype} if options.dtype else {})
        )
    except CourseError as error:
        print(f"오류: {error}", file=sys.stderr)
        return 2 if isinstance(error, UnknownModelError) else 1
    except KeyboardInterrupt:
        return 130
    print(f"만들었습니다: {made}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
