"""When something was handed in: nbgrader's timestamp.txt, times without a zone, and Korean text for them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from course_utils.grading.safe_files import read_regular_file

DEFAULT_ZONE_NAME = "Asia/Seoul"
KOREA = timezone(timedelta(hours=9), "Asia/Seoul")  # no summer time since 1988


def time_zone(name: str) -> tzinfo | None:
    """The zone called ``name``, ``None`` when there is none of that name. Korea's and UTC exist on every machine."""
    if name.upper() in ("UTC", "GMT", "Z"):
        return UTC
    if name in (DEFAULT_ZONE_NAME, "KST", "ROK"):
        return KOREA
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # Windows has no zones without the package tzdata
        return None


def read_timestamp_file(path: Path) -> datetime | None:
    """The time in nbgrader's timestamp.txt ("2026-03-20 12:00:00.1 UTC", or ISO 8601); ``None`` when it is not one."""
    try:
        text = read_regular_file(path, 1_000).decode("utf-8-sig").strip()
    except (OSError, ValueError):
        return None
    return parsed_time(text)


def parsed_time(text: str) -> datetime | None:
    """An ISO 8601 time, perhaps followed by the name of a zone; without a zone it stays without one."""
    match = re.fullmatch(
        r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\s*([+-]\d\d:?\d\d|[A-Za-z_/+-]+)?", text
    )
    if match is None:
        return None
    moment, zone = match.groups()
    try:
        if zone and zone[0] in "+-":
            return datetime.fromisoformat(moment + zone)
        when = datetime.fromisoformat(moment)
    except ValueError:
        return None
    known = time_zone(zone) if zone else None
    return when.replace(tzinfo=known) if known else (None if zone else when)


def in_zone(when: datetime, zone: tzinfo) -> datetime:
    """``when`` in ``zone``; a time without a zone is taken as that zone's."""
    return when.replace(tzinfo=zone) if when.tzinfo is None else when.astimezone(zone)
