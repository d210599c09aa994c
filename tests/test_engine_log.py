"""Log files: private, few, and readable from the end."""

import os
import sys

import pytest

from course_utils import engine_log


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))


def test_a_new_log_is_private_and_the_oldest_make_room(tmp_path):
    paths = []
    for age in range(engine_log.KEPT + 3, 0, -1):
        handle, path = engine_log.new_log()
        os.close(handle)
        os.utime(path, (1e9 - age, 1e9 - age))
        paths.append(path)
    (tmp_path / "logs" / "notes.txt").write_text("not a log")
    os.close(engine_log.new_log()[0])
    kept = {path for path in paths if path.exists()}
    assert kept == set(paths[-engine_log.KEPT + 1 :])
    assert (tmp_path / "logs" / "notes.txt").exists()
    if sys.platform != "win32":
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in kept)


def test_the_last_lines_are_those_of_the_end_however_long_the_log_is(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"\xff" + "".join(f"줄 {number}\n" for number in range(50_000)).encode() + b"x" * 500)
    lines = engine_log.last_lines(path, 3).splitlines()
    assert lines == ["줄 49998", "줄 49999", "x" * 200]
    assert engine_log.last_lines(tmp_path / "missing") == ""
