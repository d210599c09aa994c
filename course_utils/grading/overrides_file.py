"""The instructor's TOML file read and checked; every error is told in Korean with its line."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, tzinfo
from pathlib import Path
from typing import Any

from course_utils.checks.sheets import SetSheet
from course_utils.errors import CourseError
from course_utils.grading.overrides import ALL, LatePolicy, Overrides
from course_utils.grading.readable_names import one_line
from course_utils.grading.safe_files import read_regular_file
from course_utils.grading.submission_times import DEFAULT_ZONE_NAME, in_zone, parsed_time, time_zone

_MAX_BYTES = 4 * 2**20
_SECTIONS = ("time_zone", "ignore", "late", "manual", "excused", "rename")
_LATE = ("deadline", "grace_minutes", "percent_per_day", "maximum_percent", "count_file_times", "extensions")
EXAMPLE = """\
# 채점에 더할 결정을 적는 파일입니다. 필요한 줄의 맨 앞에서 #을 지우고 값을 고쳐 주십시오.
# 이 파일을 고친 뒤 채점 명령을 다시 실행하면, 제출물을 다시 실행하지 않고 점수만 새로 계산합니다.

# 시간대를 적지 않은 시각은 이 시간대로 읽습니다.
time_zone = "Asia/Seoul"

# 채점하지 않을 파일: 보고서에 나온 경로를 그대로 적습니다. *는 아무 글자나 뜻합니다.
# ignore = ["작년/*", "홍길동/연습장.ipynb"]

# 모든 연습 문제의 마감과 감점. 감점은 얻은 점수의 백분율(%)입니다.
# [late]
# deadline = 2026-03-27T23:59:00
# grace_minutes = 10           # 마감 뒤 이만큼(분)은 늦은 것으로 보지 않습니다
# percent_per_day = 10         # 하루 늦을 때마다 빼는 비율. 하루가 안 되어도 하루로 셉니다
# maximum_percent = 50         # 아무리 늦어도 이보다 더 빼지 않습니다
# count_file_times = false     # 파일이 저장된 시각밖에 모를 때에도 감점하려면 true

# 한 연습 문제만 다르게 정할 때. 적지 않은 값은 [late]를 따릅니다.
# [late.ex04]
# deadline = 2026-04-03T23:59:00
# [late.ex04.extensions]       # 수강생마다 다른 마감
# "홍길동" = 2026-04-05T23:59:00

# 직접 채점한 점수: 수강생 아래에 문제 이름 = 점수
# [manual."홍길동"]
# predictions_reason = 1.5

# 점수에 세지 않을 수강생과 연습 문제. 모든 연습 문제라면 "all"
# [excused]
# "김철수" = ["ex04"]
# "이영희" = "all"

# 이름을 바로잡을 때: "보고서에 나온 이름" = "바른 이름"
# [rename]
# "이름 없음(ex04 (1))" = "박민수"
"""


def read_overrides(path: Path, sets: Mapping[str, SetSheet]) -> Overrides:
    """The decisions in the TOML file at ``path``.

    Raises:
        CourseError: the file cannot be read, is no TOML, or says something that cannot be; Korean, with the line.
    """
    try:
        text = read_regular_file(path, _MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CourseError(f"{path} 파일이 UTF-8이 아닙니다. 편집기에서 UTF-8로 저장해 주십시오.") from error
    except (OSError, ValueError) as error:
        raise CourseError(f"{path} 파일을 읽지 못했습니다({error}).") from error
    try:
        data = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"line (\d+), column (\d+)", str(error))
        place = f"{where[1]}번째 줄 {where[2]}번째 글자" if where else "파일 끝"
        raise CourseError(
            f"{path}: {place}에서 TOML 문법에 맞지 않습니다({error}). 한글 이름은 따옴표로 묶어 주십시오."
        ) from error
    return _File(path, text, sets).overrides(data)


class _File:
    """One file being read: knows its text, so that errors can name the line."""

    def __init__(self, path: Path, text: str, sets: Mapping[str, SetSheet]) -> None:
        self._path, self._lines, self._sets = path, text.splitlines(), sets
        self._tasks = {task.name: task for one in sets.values() for task in one.tasks}
        self._zone: tzinfo | None = None

    def overrides(self, data: dict[str, Any]) -> Overrides:
        self._only(data, _SECTIONS, "")
        zone_name = data.get("time_zone", DEFAULT_ZONE_NAME)
        self._zone = time_zone(zone_name) if isinstance(zone_name, str) else None
        if self._zone is None:
            raise self._error("time_zone", f'없는 시간대입니다: {zone_name!r}. 예: "Asia/Seoul", "UTC"')
        ignore = data.get("ignore", [])
        if not isinstance(ignore, list) or any(not isinstance(item, str) for item in ignore):
            raise self._error("ignore", '파일 이름의 목록이어야 합니다. 예: ignore = ["작년/*"]')
        return Overrides(
            zone=self._zone,
            policies=self._policies(self._table(data, "late")),
            manual=self._manual(self._table(data, "manual")),
            excused=self._excused(self._table(data, "excused")),
            rename=self._rename(self._table(data, "rename")),
            ignore=tuple(one_line(item) for item in ignore),
            source=self._path,
        )

    def _policies(self, late: dict[str, Any]) -> dict[str, LatePolicy]:
        own = {name: late[name] for name in late if name in self._sets}
        general = {name: value for name, value in late.items() if name not in own}
        self._only(general, (*_LATE, *self._sets), "late")
        found = {ALL: self._policy(general, "late")}
        for name in own:
            table = self._table(late, name)
            self._only(table, _LATE, f"late.{name}")
            extensions = {**general.get("extensions", {}), **self._table(table, "extensions")}
            found[name] = self._policy({**general, **table, "extensions": extensions}, f"late.{name}")
        return found

    def _policy(self, table: dict[str, Any], where: str) -> LatePolicy:
        count = table.get("count_file_times", False)
        if not isinstance(count, bool):
            raise self._error("count_file_times", "true 또는 false를 써 주십시오.")
        deadline = self._time(table["deadline"], "deadline") if "deadline" in table else None
        extensions = {
            one_line(student): self._time(value, student) for student, value in self._table(table, "extensions").items()
        }
        return LatePolicy(
            deadline,
            self._number(table.get("grace_minutes", 0), "grace_minutes", 10**6),
            self._number(table.get("percent_per_day", 0), "percent_per_day", 100),
            self._number(table.get("maximum_percent", 100), "maximum_percent", 100),
            count,
            extensions,
        )

    def _manual(self, students: dict[str, Any]) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}
        for student in students:
            table = self._table(students, student)
            points = {}
            for name, value in table.items():
                if name not in self._tasks:
                    raise self._error(name, f"없는 문제 이름입니다: {name}.{near(name, self._tasks)}")
                task = self._tasks[name]
                points[name] = self._number(value, name, task.manual_points or task.points, after=student)
            found[one_line(student)] = points
        return found

    def _excused(self, table: dict[str, Any]) -> dict[str, frozenset[str]]:
        found = {}
        for student, value in table.items():
            names = [value] if isinstance(value, str) else value
            if not isinstance(names, list) or any(name not in (ALL, *self._sets) for name in names):
                known = ", ".join(self._sets)
                raise self._error(student, f'연습 문제의 목록이나 "all"을 써 주십시오. 연습 문제: {known}')
            found[one_line(student)] = frozenset(names)
        return found

    def _rename(self, table: dict[str, Any]) -> dict[str, str]:
        for old, new in table.items():
            if not isinstance(new, str) or not one_line(new):
                raise self._error(old, "바른 이름을 따옴표로 묶어 써 주십시오.")
        return {one_line(old): one_line(new) for old, new in table.items()}

    def _time(self, value: Any, key: str) -> datetime:
        assert self._zone is not None
        if isinstance(value, str):
            value = parsed_time(value)
        if isinstance(value, datetime):
            return in_zone(value, self._zone)
        if isinstance(value, date):  # the whole of that day
            return datetime.combine(value, time(23, 59, 59), self._zone)
        raise self._error(key, "시각을 알 수 없습니다. 예: 2026-03-27T23:59:00 또는 2026-03-27T23:59:00+09:00")

    def _number(self, value: Any, key: str, most: float, after: str = "") -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._error(key, f"수를 써 주십시오(받은 값: {value!r}).", after)
        if not 0 <= value <= most:
            raise self._error(key, f"0 이상 {most:g} 이하여야 합니다(받은 값: {value:g}).", after)
        return float(value)

    def _table(self, data: dict[str, Any], name: str) -> dict[str, Any]:
        table = data.get(name, {})
        if not isinstance(table, dict):
            raise self._error(name, f"이 이름 아래에는 여러 줄을 씁니다. 예를 보려면: {EXAMPLE_COMMAND}")
        return table

    def _only(self, table: dict[str, Any], allowed: Iterable[str], where: str) -> None:
        allowed = list(allowed)
        for name in table:
            if name not in allowed:
                place = f"[{where}]에 " if where else ""
                raise self._error(name, f"{place}쓸 수 없는 이름입니다: {name}.{near(name, allowed)}")

    def _error(self, key: str, what: str, after: str = "") -> CourseError:
        start = self._line(after, 0) if after else 0
        line = self._line(key, start)
        place = f" {line + 1}번째 줄" if line < len(self._lines) else ""
        return CourseError(f"{self._path}{place} ({key}): {what}")

    def _line(self, key: str, start: int) -> int:
        """Index of the first line from ``start`` on that holds ``key`` outside a comment."""
        word = re.compile(rf"(?<!\w){re.escape(key)}(?!\w)")
        held = (i for i in range(start, len(self._lines)) if word.search(self._lines[i].split("#")[0]))
        return next(held, len(self._lines))


EXAMPLE_COMMAND = "python -m course_utils.grading overrides-example"


def near(name: str, known: Iterable[str]) -> str:
    """`` 혹시 ...입니까?`` with the nearest of ``known`` names, or nothing."""
    found = difflib.get_close_matches(name, list(known), 2, 0.5)
    return f" 혹시 {' 또는 '.join(found)}입니까?" if found else ""


def unknown_students(overrides: Overrides, students: Iterable[str]) -> list[str]:
    """A Korean sentence for every student in the file whom nobody knows: a mistyped name changes nothing silently."""
    known = set(students)
    places = {f'[manual."{name}"]': name for name in overrides.manual}
    places |= {f"[excused] {name}": name for name in overrides.excused}
    for exercise, policy in overrides.policies.items():
        place = "[late.extensions]" if exercise == ALL else f"[late.{exercise}.extensions]"
        places |= {f"{place} {name}": name for name in policy.extensions}
    return [
        f"{overrides.source}: {place}의 수강생이 제출물에 없습니다.{near(name, known)}"
        for place, name in places.items()
        if name not in known
    ]
