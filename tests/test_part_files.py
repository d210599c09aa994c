"""Half-written files never carry the name, whatever ends the writing."""

import errno
import shutil

import pytest

from course_utils import part_files
from course_utils.errors import CourseError
from course_utils.part_files import part_file, progress_bar


def write(target, content=b"new", size=3):
    with part_file(target, size) as part:
        part.write_bytes(content)


def test_the_name_appears_when_the_file_is_whole_and_replaces_an_older_one(tmp_path):
    target = tmp_path / "new folder" / "모델.gguf"
    with part_file(target, 3) as part:
        part.write_bytes(b"one")
        assert not target.exists()
    write(target, b"two")
    assert target.read_bytes() == b"two" and list(target.parent.iterdir()) == [target]


def test_a_folder_takes_its_name_as_well(tmp_path):
    with part_file(tmp_path / "model", 3) as part:
        part.mkdir()
        (part / "a").write_text("a")
    assert [path.name for path in tmp_path.iterdir()] == ["model"] and (tmp_path / "model" / "a").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("x"), CourseError("x")])
@pytest.mark.parametrize("folder", [True, False])
def test_whatever_goes_wrong_nothing_is_left_and_the_old_file_stays(tmp_path, error, folder):
    (tmp_path / "m").write_bytes(b"old")
    with pytest.raises(type(error)), part_file(tmp_path / "m", 3) as part:
        (part / "x").parent.mkdir() if folder else part.write_bytes(b"half")
        raise error
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_full_disk_is_told_before_writing(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(part_files.shutil, "disk_usage", lambda path: usage._replace(free=10**6))
    with pytest.raises(CourseError, match=r"(?s)디스크 공간이 모자라.*4.8 GB가 필요한데 1.0 MB만.*공간을 비우거나"):
        write(tmp_path / "m", size=4_800_000_000)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_while_writing_is_told(tmp_path):
    with pytest.raises(CourseError, match="디스크 공간이 모자라.*도중에"), part_file(tmp_path / "m", 3) as part:
        part.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CourseError, match="(?s)파일을 쓰지 못했습니다: .*file/m.*쓰기 권한"):
        write(tmp_path / "file" / "m")


@pytest.mark.parametrize(("size", "shown"), [(10_000_000, False), (4_800_000_000, True)])
def test_only_long_work_shows_a_bar_of_one_line(capsys, size, shown):
    with progress_bar("변환", size) as bar:
        bar.update(size)
    said = capsys.readouterr().err
    assert said.count("\n") == shown and ("변환: 100%" in said) == shown
