"""Archives that break, lie or attack: what can be read comes out, the rest is told, nothing is written elsewhere."""

import io
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.grading import archives
from course_utils.grading.archives import Budget, unpack
from tests.handed_in import collected, notebook, zipped


def unpacked(path, tmp_path, **limits):
    folder = tmp_path / "out"
    folder.mkdir(exist_ok=True)
    budget = Budget(folder, **limits)
    found = list(unpack(path, (path.name,), budget))
    assert {file.parent for file in folder.rglob("*")} <= {folder}, "files stay in the one folder"
    return found


def entry(name, mode):
    info = zipfile.ZipInfo(name, (2026, 3, 20, 10, 0, 0))
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize("name", ["../../evil.ipynb", "/etc/evil.ipynb", "a/../../../evil.ipynb", "..\\evil.ipynb"])
def test_no_entry_leaves_its_folder(name, tmp_path):
    [one] = unpacked(zipped(tmp_path / "a.zip", [name]), tmp_path)
    assert one.parts[-1] == "evil.ipynb" and ".." not in one.parts
    assert one.path.parent == tmp_path / "out"
    assert not list(tmp_path.parent.glob("evil*"))


def test_links_in_archives_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry("ex04.ipynb", stat.S_IFLNK | 0o777), "/etc/passwd")
    [one] = unpacked(tmp_path / "a.zip", tmp_path)
    assert "링크" in one.problem


def test_bomb_is_counted_out_and_costs_the_others_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_ENTRY_BYTES", 2**20)
    monkeypatch.setattr(archives, "_PIECE", 2**16)
    names = {"bomb.ipynb": bytes(50 * 2**20), "ex04.ipynb": notebook()}
    kept, remove = [], Path.unlink
    monkeypatch.setattr(Path, "unlink", lambda path, **_: (kept.append(path.stat().st_size), remove(path)))
    bomb, good = unpacked(zipped(tmp_path / "a.zip", names), tmp_path, bytes_left=2**20)
    assert "zip 폭탄" in bomb.problem and good.path.read_bytes() == notebook()
    assert [file.name for file in (tmp_path / "out").iterdir()] == [good.path.name]
    assert kept and max(kept) <= 2**20, "no more of it was ever written"


def test_many_bombs_end_an_inner_archive_and_the_class_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_ENTRY_BYTES", 2**20)
    inner = zipped(tmp_path / "b.zip", {f"{n}.ipynb": bytes(2**21) for n in range(100)}).read_bytes()
    outer = {"나쁜.zip": inner, "홍길동_ex04.ipynb": notebook()}
    found, problems = collected(zipped(tmp_path / "class.zip", outer), tmp_path)
    assert set(found) == {("홍길동", "ex04"), ("나쁜", "ex04")} and problems == []
    assert f"제출물이 {archives.MAX_BOMBS + 1}개" in found["나쁜", "ex04"].notes[-1]
    assert "zip 폭탄" in found["나쁜", "ex04"].refused and not found["홍길동", "ex04"].refused


def test_total_size_number_and_depth_are_limited(tmp_path, monkeypatch):
    big = notebook("x" * 5000)
    *_, last = unpacked(zipped(tmp_path / "a.zip", {f"{n}.ipynb": big for n in range(4)}), tmp_path, bytes_left=12_000)
    assert "나누어 채점" in last.problem
    monkeypatch.setattr(archives, "MAX_ENTRIES", 3)
    [one] = unpacked(tmp_path / "a.zip", tmp_path)
    assert "3개를 넘어" in one.problem
    nested = notebook()
    for level in range(6):
        nested = zipped(tmp_path / f"{level}.zip", {"a.zip" if level else "ex04.ipynb": nested}).read_bytes()
    found, problems = collected(tmp_path / "5.zip", tmp_path)
    assert found == {} and "3겹" in problems[0]


def test_a_size_that_lies_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_ENTRY_BYTES", 2**20)
    raw = bytearray(zipped(tmp_path / "a.zip", {"ex04.ipynb": bytes(8 * 2**20)}).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = raw.index(signature)
        raw[at + offset : at + offset + 4] = struct.pack("<I", 100)
    (tmp_path / "a.zip").write_bytes(raw)
    [one] = unpacked(tmp_path / "a.zip", tmp_path)
    assert one.problem


def test_encrypted_and_unknown_methods_are_told(tmp_path):
    path = zipped(tmp_path / "a.zip", ["ex04.ipynb"])
    raw = path.read_bytes()
    for name, offset, value in (("locked", (6, 8), 1), ("method", (8, 10), 97)):
        changed = bytearray(raw)
        changed[raw.index(b"PK\x03\x04") + offset[0]] = value
        changed[raw.index(b"PK\x01\x02") + offset[1]] = value
        (tmp_path / f"{name}.zip").write_bytes(changed)
        [one] = unpacked(tmp_path / f"{name}.zip", tmp_path)
        assert ("암호" in one.problem) == (name == "locked") and one.problem


@pytest.mark.parametrize("student", ["홍길동", "강산"])  # the second one's UTF-8 is valid cp949 as well
@pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
def test_korean_names_without_the_utf8_mark_are_read(encoding, student, tmp_path):
    """Windows in Korea writes cp949 and macOS UTF-8; neither sets the mark that says so."""
    name, content = f"ex04_{student}.ipynb", notebook()
    raw, crc, size = name.encode(encoding), zlib.crc32(content), len(content)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 0x5C74, crc, size, size, len(raw), 0)
    central = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0x5C74, crc, size, size, len(raw), *[0] * 6)
    start = len(local + raw + content)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central + raw), start, 0)
    (tmp_path / "a.zip").write_bytes(local + raw + content + central + raw + end)
    found, problems = collected(tmp_path / "a.zip", tmp_path)
    assert (list(found), problems) == ([(student, "ex04")], [])


def test_macos_hangul_and_the_same_name_typed_elsewhere_are_one_student(tmp_path):
    import unicodedata

    names = [f"{unicodedata.normalize(form, '홍길동')}/ex0{n}.ipynb" for form, n in (("NFD", 4), ("NFC", 5))]
    found, _ = collected(zipped(tmp_path / "a.zip", names), tmp_path)
    assert set(found) == {("홍길동", "ex04"), ("홍길동", "ex05")}


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + bytes(18), bytes(1000), b"not a zip" * 100])
def test_what_is_no_archive_is_told(content, tmp_path):
    (tmp_path / "a.zip").write_bytes(content)
    assert all(one.problem or not one.path.name for one in unpacked(tmp_path / "a.zip", tmp_path))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_damage_to_an_archive_makes_it_raise(data, tmp_path_factory):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a/ex04.ipynb", "b/timestamp.txt", "c.zip"):
            archive.writestr(name, notebook(name))
    raw = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    tmp_path = tmp_path_factory.mktemp("damaged")
    (tmp_path / "a.zip").write_bytes(raw)
    collected(tmp_path / "a.zip", tmp_path)
