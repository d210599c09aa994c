"""``python -m course_utils.grading``: grade what a class handed in, look at the machine, show the overrides file.

Exit status of ``grade``: 0 every submission was read and run, 1 some were not or nothing could be graded, 2 wrong
arguments, 130 interrupted (what was graded is kept).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from course_utils.errors import CourseError, first_line
from course_utils.korean_arguments import Formatter, Parser, use_utf8

_INTERRUPTED = "중단했습니다. 이미 채점한 것은 남아 있습니다. 같은 명령을 다시 실행하면 이어서 채점합니다."


def usable_cores() -> int:
    """Cores that this process may use; fewer than the machine has inside a container."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 512:
        raise argparse.ArgumentTypeError(f"'{text}' 값은 쓸 수 없습니다. 1 이상 512 이하의 정수를 써 주십시오")
    return int(text)


def _set_name(text: str) -> str:
    digits = text.lower().removeprefix("ex")
    if not digits.isdecimal() or len(digits) > 2:
        raise argparse.ArgumentTypeError(f"'{text}' 연습 문제는 없습니다. ex04처럼 써 주십시오")
    return f"ex{int(digits):02d}"


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m course_utils.grading",
        description="연습 문제 제출물을 가두어 실행하고 채점합니다.",
        epilog="명령마다 더 자세한 도움말: python -m course_utils.grading grade --help",
    )
    commands = parser.add_subparsers(dest="command", metavar="명령", required=True, parser_class=Parser, title="명령")
    _add_grade(commands.add_parser("grade", help="폴더나 zip에 모인 제출물을 채점합니다", formatter_class=Formatter))
    commands.add_parser("check-machine", help="이 컴퓨터에서 채점할 수 있는지 살핍니다")
    commands.add_parser("overrides-example", help="마감과 직접 채점한 점수 등을 적는 파일의 예를 출력합니다")
    return parser


def _add_grade(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "제출물을 모두 찾아 채점하고 점수표(grades.csv), 수강생별 피드백, 채점 보고서를 만듭니다. "
        "같은 명령을 다시 실행하면 새로 들어오거나 바뀐 것만 채점합니다."
    )
    parser.add_argument("submitted", metavar="SUBMITTED", type=Path, help="제출물 폴더, zip 파일 또는 노트북 하나")
    parser.add_argument("--out", metavar="GRADES", type=Path, required=True, help="결과를 쓸 폴더")
    parser.add_argument("--set", metavar="ex04", type=_set_name, help="이 연습 문제만 채점합니다")
    parser.add_argument(
        "--jobs", metavar="개수", type=_jobs, default=usable_cores(), help="한 번에 몇 개씩 채점할지 (기본값: 코어 수)"
    )
    parser.add_argument(
        "--seed", metavar="글", help="숨은 점검의 씨앗(seed). 쓰지 않으면 처음 채점할 때 정한 것을 씁니다"
    )
    parser.add_argument(
        "--overrides",
        metavar="파일",
        type=Path,
        help="마감과 직접 채점한 점수를 적은 파일 (기본값: 제출물 폴더 옆의 overrides.toml)",
    )
    parser.add_argument(
        "--roster", metavar="파일", type=Path, help="수강생 명단 CSV. 제출하지 않은 사람도 0점으로 적습니다"
    )
    parser.add_argument("--again", action="store_true", help="이미 채점한 것도 모두 다시 채점합니다")
    parser.add_argument(
        "--no-sandbox", action="store_true", help="가두지 않고 실행합니다. 믿을 수 있는 제출물에만 쓰십시오"
    )


def _run(options: argparse.Namespace) -> int:
    if options.command == "overrides-example":
        from course_utils.grading.overrides_file import EXAMPLE

        print(EXAMPLE, end="")
        return 0
    if options.command == "check-machine":
        from course_utils.grading.machine import machine_report

        text, able = machine_report()
        print(text)
        return 0 if able else 1
    from course_utils.grading.grading_run import GradingOrder, grade_all

    order = GradingOrder(
        submitted=options.submitted,
        out=options.out,
        only=options.set or "",
        jobs=options.jobs,
        seed=options.seed,
        overrides=options.overrides,
        roster=options.roster,
        again=options.again,
        sandboxed=not options.no_sandbox,
    )
    return grade_all(order)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status; argparse leaves with status 2 by ``SystemExit``."""
    use_utf8()
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except CourseError as error:
        print(f"오류: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"\n{_INTERRUPTED}", file=sys.stderr)
        return 130
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        print(f"오류: 파일을 읽거나 쓰지 못했습니다({error.strerror or error}){place}", file=sys.stderr)
    except Exception as error:
        print(f"오류: 채점기에 잘못이 있습니다({type(error).__name__}: {first_line(error)}).", file=sys.stderr)
        print("이미 채점한 것과 이전 결과는 그대로 있습니다. 이 문장을 강의 관리자에게 알려 주십시오.", file=sys.stderr)
    return 1
