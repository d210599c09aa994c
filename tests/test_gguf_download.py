"""A GGUF file from the Hub: fetched with a bar, gone on with where it broke off, checked, or refused in Korean."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from checkpoints import write_exaone_checkpoint
from gguf_child import CODE
from hub_server import local_hub

from course_utils import gguf_files, hub, resumed_download
from course_utils.convert import to_gguf
from course_utils.errors import CourseError
from course_utils.gguf_files import gguf_for
from course_utils.known_models import MINI_FOLDER

NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens

# The process is gone after two million bytes: no clean-up of any kind runs.
DYING = """
import os, sys
import huggingface_hub.file_download as download
def dying(url, file, **settings):
    with open(sys.argv[2], "rb") as whole:
        file.write(whole.read(2_000_000))
    file.flush()
    os._exit(9)
download.http_get = dying
"""


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "gguf"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository with LG's names; every owner/... has it."""
    folder = tmp_path_factory.mktemp("hub")
    whole = to_gguf(MINI_FOLDER, folder / "tiny-Q4_K_M.gguf")
    for name in ("tiny-BF16.gguf", "mmproj-tiny.gguf", "a-00001-of-00002.gguf"):
        shutil.copy(whole, folder / name)
    return folder


def run(home: Path, model: str, endpoint: str, **more: str) -> tuple[str, str]:
    keep = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    environment = {**keep, "HF_HOME": str(home), "HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", **more}
    environment["NO_PROXY"] = "127.0.0.1"
    done = subprocess.run(
        [sys.executable, "-c", CODE, model], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


@pytest.mark.parametrize(
    ("model", "file"),
    [("owner/tiny", "tiny-Q4_K_M.gguf"), ("owner/tiny:tiny-BF16.gguf", "tiny-BF16.gguf")],
)
def test_a_repository_gives_its_best_file_and_later_needs_no_network(repository, tmp_path, model, file):
    with local_hub(repository) as (address, _):
        out, err = run(tmp_path / "hf", model, address, TQDM_POSITION="-1")  # a bar although this is no screen
    said, found = out.splitlines()
    assert said.startswith("모델 owner/tiny의 " + file) and " MB를 내려받습니다" in said and "100%" in err
    assert found == f"FILE {file[:-5]} {file} 5016832"
    for more in ({}, {"HF_HUB_OFFLINE": "1"}):
        assert run(tmp_path / "hf", model, NOBODY, **more) == (found + "\n", "")


def parts_of(home: Path) -> tuple[Path, Path]:
    """The whole file's place in the cache, emptied, and that of its unfinished beginning."""
    [file] = home.glob("hub/*/snapshots/*/*.gguf")
    blob = file.resolve()
    file.unlink()
    blob.unlink()
    return blob, blob.with_name(f"{blob.name}.course.part")


def test_a_download_that_broke_off_goes_on_in_the_next_process(repository, tmp_path):
    whole = (repository / "tiny-Q4_K_M.gguf").read_bytes()
    with local_hub(repository) as (address, requests):
        run(tmp_path / "hf", "owner/tiny", address)
        blob, part = parts_of(tmp_path / "hf")
        part.write_bytes(whole[:1_000_000])
        out, _ = run(tmp_path / "hf", "owner/tiny", address)
    assert "FILE tiny-Q4_K_M" in out and "RANGE 1000000" in requests
    assert blob.read_bytes() == whole and not part.exists()


def test_a_process_that_is_killed_leaves_a_beginning_that_is_used(repository, tmp_path):
    code = DYING + CODE
    with local_hub(repository) as (address, requests):
        command = [sys.executable, "-c", code, "owner/tiny", str(repository / "tiny-Q4_K_M.gguf")]
        environment = {**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_ENDPOINT": address, "HF_HUB_OFFLINE": "0"}
        assert subprocess.run(command, env=environment, capture_output=True, timeout=120).returncode == 9
        out, _ = run(tmp_path / "hf", "owner/tiny", address)
    assert "FILE tiny-Q4_K_M" in out and "RANGE 2000000" in requests


@pytest.mark.parametrize(
    ("model", "endpoint", "parts"),
    [
        ("exaone", NOBODY, ["HubError", "LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct-GGUF", "연결할 수 없어"]),
        ("LGAI-EXAONE/EXAONE-3.5-7.8B-Instruct", NOBODY, ["EXAONE-3.5-7.8B-Instruct-GGUF", "연결할 수 없어"]),
        ("exaone-32b", "", ["HubError", "EXAONE-3.5-32B-Instruct-GGUF"]),  # the local Hub has no such owner
        ("owner/tiny:other.gguf", "", ["'other.gguf' 파일이 없습니다", "tiny-BF16.gguf"]),
        ("gated/tiny", "", ["HubError", "동의"]),
    ],
)
def test_what_the_hub_does_not_give_is_told(repository, tmp_path, model, endpoint, parts):
    with local_hub(repository) as (address, _):
        out, _ = run(tmp_path / "hf", model, endpoint or address)
    if model != "gated/tiny":  # it hands out its list, and refuses the file
        assert out.startswith("ERROR")
    assert all(part in out for part in parts), out


def test_a_repository_without_gguf_names_what_to_use(tmp_path):
    with local_hub(write_exaone_checkpoint(tmp_path / "tiny")) as (address, _):
        out, _ = run(tmp_path / "hf", "owner/tiny", address)
    assert "GGUF 파일이 하나도 없습니다" in out and '"mini"' in out


def test_a_cut_off_file_in_the_hubs_cache_is_told_and_fetched_again_when_there_is_a_hub(repository, tmp_path):
    with local_hub(repository) as (address, _):
        run(tmp_path / "hf", "owner/tiny", address)
    [file] = (tmp_path / "hf").glob("hub/*/snapshots/*/*.gguf")
    blob = file.resolve()
    blob.write_bytes(blob.read_bytes()[:-1])
    out, _ = run(tmp_path / "hf", "owner/tiny", NOBODY)
    assert "ERROR BrokenFilesError" in out and f"{tmp_path}/hf/hub/models--owner--tiny)" in out and "지우고" in out
    assert blob.exists(), "thrown away before there was another copy"
    with local_hub(repository) as (address, _):
        out, _ = run(tmp_path / "hf", "owner/tiny", address)
    assert "지우고 다시 받습니다" in out and "ERROR" not in out


def test_lgs_names_are_the_catalogues(monkeypatch, tmp_path):
    asked = []
    path = to_gguf(MINI_FOLDER, tmp_path / "m.gguf")
    monkeypatch.setattr(gguf_files.hub, "cached_file", lambda hub_id, file: asked.append((hub_id, file)) or path)
    assert [gguf_for(name).name for name in ("exaone", "exaone-7.8b", "LGAI-EXAONE/EXAONE-3.5-32B-Instruct")] == [
        "exaone", "exaone-7.8b", "exaone-32b",
    ]  # fmt: skip
    stems = [f"EXAONE-3.5-{size}-Instruct" for size in ("2.4B", "7.8B", "32B")]
    assert asked == [(f"LGAI-EXAONE/{stem}-GGUF", f"{stem}-Q4_K_M.gguf") for stem in stems]


def test_a_download_that_comes_out_wrong_is_told_in_korean(monkeypatch):
    def broken(*arguments, **settings):
        raise OSError("Consistency check failed: file should be of size 5 but has size 3")

    monkeypatch.setattr(hub, "resumed_download", broken)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with pytest.raises(CourseError, match="(?s)내려받다가 끊겼습니다.*size 5.*다시 실행"):
        hub.download_file("owner/tiny", "x.gguf", 5)
    with pytest.raises(CourseError, match="디스크 공간이 모자라.*x.gguf"):
        hub.download_file("owner/tiny", "x.gguf", 10**18)


@pytest.mark.parametrize(("content", "right"), [(b"abc", True), (b"abd", False), (b"ab", False)])
def test_a_file_counts_only_with_the_announced_size_and_digest(tmp_path, content, right):
    announced = SimpleNamespace(size=3, etag=hashlib.sha256(b"abc").hexdigest())
    (tmp_path / "part").write_bytes(content)
    assert resumed_download._is_right(tmp_path / "part", announced) == right
