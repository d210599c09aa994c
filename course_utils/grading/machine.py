"""Can this machine grade, how fast, and what would have to be installed: for ``check-machine``."""

from __future__ import annotations

import os
import sys

from course_utils.errors import CourseError
from course_utils.grading.command_line import usable_cores
from course_utils.grading.limits import MIB, Limits

_LIMITS = Limits()
_JUDGE = 512 * MIB  # the grader's own process beside each: references, judges, torch for some
_NEEDED = _LIMITS.memory + 2 * _LIMITS.work + _JUDGE  # bytes for each submission run at a time, at the very worst


def machine_report() -> tuple[str, bool]:
    """The report in Korean, and whether submissions can be graded safely here. Starts a sandbox to try it."""
    import psutil

    memory = psutil.virtual_memory()
    cores = usable_cores()
    lines = [
        f"파이썬: {sys.version.split()[0]}, 운영 체제: {sys.platform}",
        f"쓸 수 있는 코어: {cores}개",
        f"메모리: {memory.total / 2**30:.1f} GB 가운데 {memory.available / 2**30:.1f} GB 비어 있음",
    ]
    if memory.available < cores * _NEEDED:
        jobs = max(1, int(memory.available // _NEEDED))
        lines.append(
            f"제출물마다 메모리를 한도({_NEEDED / 2**30:.2g} GB)까지 쓰면 모자랍니다. --jobs {jobs} 값을 권합니다."
        )
    lines += _answer_keys()
    able = True
    try:
        from course_utils.grading.sandbox import choose_sandbox

        sandbox = choose_sandbox()
        lines.append(f"제출물을 가두는 방법: {sandbox.name} (시험 실행 성공)")
        lines += [f"- {weakness}" for weakness in sandbox.weaknesses]
    except CourseError as error:
        lines.append(str(error))
        able = False
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        lines.append("관리자(root)로 실행하고 있습니다. 채점은 일반 사용자로 하는 편이 더 안전합니다.")
    return "\n".join(lines), able


def _answer_keys() -> list[str]:
    from course_utils.grading.answer_keys import key_names, load_key

    try:
        names = key_names()
    except CourseError as error:
        return [str(error)]
    lines = [f"채점할 수 있는 세트: {', '.join(names) or '없음'}"]
    for name in names:
        try:
            load_key(name)
        except CourseError as error:
            lines.append(f"- {error}")
    return lines
