"""From a name to a GGUF file: converted once, found in the cache, fetched, or refused in Korean."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from checkpoints import write_exaone_checkpoint
from hub_server import local_hub

from course_utils import convert_gguf, gguf_files, hub, resumed_download, sources
from course_utils.convert import to_gguf
from course_utils.errors import CourseError
from course_utils.gguf_files import GgufFile, gguf_for
from course_utils.known_models import MINI_FOLDER
from course_utils.loading_errors import UnknownModelError

NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens
CODE = """
import sys
from course_utils import CourseError
from course_utils.gguf_files import gguf_for
try:
    file = gguf_for(sys.argv[1])
    print("FILE", file.name, file.path.name, file.parameters)
except CourseError as error:
    print("ERROR", type(error).__name__, error)
"""


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


@pytest.fixture
def conversions(monkeypatch):
    """What was really converted."""
    made = []
    monkeypatch.setattr(gguf_files, "to_gguf", lambda src, dst: made.append(src) or to_gguf(src, dst))
    return made


# --- converted here ---


def test_mini_is_converted_once_and_auto_is_mini(conversions, own_cache):
    first = gguf_for("mini")
    assert first == gguf_for("auto") == gguf_for(" MINI ") == gguf_for()
    assert first.name == "mini" and first.parameters == 5_016_832 and conversions == [MINI_FOLDER]
    assert list(own_cache.iterdir()) == [first.path]


def test_a_changed_model_or_converter_makes_a_new_file_and_removes_the_old_one(
    conversions, own_cache, tmp_path, monkeypatch
):
    folder = write_exaone_checkpoint(tmp_path / "tiny")
    kept = gguf_for("mini").path
    first = gguf_for(folder)
    assert first.name == "tiny" and first.parameters > 0
    content = (folder / "model.safetensors").read_bytes()
    facts = (folder / "model.safetensors").stat()
    (folder / "model.safetensors").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(folder / "model.safetensors", ns=(facts.st_atime_ns, facts.st_mtime_ns))  # same size, same time
    second = gguf_for(str(folder))
    assert second.path != first.path and set(own_cache.iterdir()) == {kept, second.path}
    monkeypatch.setattr(gguf_files, "VERSION", convert_gguf.VERSION + 1)
    third = gguf_for(folder)
    assert third.path != second.path and set(own_cache.iterdir()) == {kept, third.path}
    assert len(conversions) == 4


def test_two_folders_of_one_name_do_not_push_each_other_out(conversions, tmp_path):
    one, two = (write_exaone_checkpoint(tmp_path / part / "tiny", seed=seed) for seed, part in enumerate("ab"))
    assert gguf_for(one).path != gguf_for(two).path
    assert gguf_for(one) == gguf_for(one) and len(conversions) == 2


def test_large_files_count_by_their_beginning_size_and_time(conversions, tmp_path, monkeypatch):
    monkeypatch.setattr(gguf_files, "_WHOLE_HASH", 1000)
    folder = write_exaone_checkpoint(tmp_path / "tiny")
    assert gguf_for(folder) == gguf_for(folder) and len(conversions) == 1
    os.utime(folder / "model.safetensors", ns=(1, 1))
    gguf_for(folder)
    assert len(conversions) == 2


def test_a_damaged_file_in_the_cache_is_made_again(conversions):
    path = gguf_for("mini").path
    path.write_bytes(path.read_bytes()[:-1000])
    assert gguf_for("mini").path == path and len(conversions) == 2


def test_half_written_files_of_dead_processes_go_after_a_day(own_cache):
    path = gguf_for("mini").path
    old, fresh = (own_cache / f".{path.name}.{n}-aaaaaa.part" for n in (1, 2))
    for part in (old, fresh):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    path.unlink()
    gguf_for("mini")
    assert set(own_cache.iterdir()) == {path, fresh}


def test_processes_that_start_together_all_get_the_whole_file(own_cache):
    command = [sys.executable, "-c", CODE, "mini"]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert {run.communicate(timeout=120)[0] for run in runs} == {f"FILE mini {gguf_for('mini').path.name} 5016832\n"}
    assert len(list(own_cache.iterdir())) == 1


def test_a_file_that_another_process_finished_first_will_do(monkeypatch):
    def beaten(src, dst):
        to_gguf(src, dst)
        raise CourseError("in use")  # Windows: replacing a file that a server has open

    monkeypatch.setattr(gguf_files, "to_gguf", beaten)
    assert gguf_for("mini").parameters == 5_016_832


def test_starting_needs_no_torch():
    code = CODE + "print({'torch', 'transformers', 'huggingface_hub'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code, "mini"], capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines()[-1] == "set()", done.stderr


# --- given ---


def test_gguf_files_and_folders_with_one_are_taken_as_they_are(conversions, tmp_path):
    path = to_gguf(MINI_FOLDER, tmp_path / "models" / "나의 모델.gguf")
    expected = GgufFile("나의 모델", path, 5_016_832)
    assert gguf_for(path) == gguf_for(str(path)) == gguf_for(path.parent) == expected
    assert conversions == []


def test_a_damaged_gguf_file_is_told(tmp_path):
    path = to_gguf(MINI_FOLDER, tmp_path / "m.gguf")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CourseError, match="(?s)GGUF 파일이 잘렸거나 깨졌습니다.*다시 복사하거나"):
        gguf_for(path)


@pytest.mark.parametrize("name", ["minni", "", "no/such/folder", "x.gguf", "./here", "a b", "C:\\m.gguf", "gpt 4"])
def test_unknown_names_are_refused_in_load_pipelines_words(name):
    with pytest.raises(UnknownModelError) as ours:
        gguf_for(name)
    with pytest.raises(UnknownModelError) as pipelines:
        sources.find(name)
    assert str(ours.value) == str(pipelines.value)


def test_what_is_no_model_is_refused(tmp_path):
    for wrong in (None, 7, ["mini"]):
        with pytest.raises(UnknownModelError, match="모델은 없습니다"):
            gguf_for(wrong)
    (tmp_path / "note.txt").write_text("x")
    with pytest.raises(UnknownModelError):
        gguf_for(tmp_path / "note.txt")
    llama = write_exaone_checkpoint(tmp_path / "llama", overrides={"model_type": "llama"})
    with pytest.raises(CourseError, match="model_type: llama"):
        gguf_for(llama)


# --- from the Hub ---


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


def test_a_cut_off_file_in_the_hubs_cache_says_which_folder_to_delete(repository, tmp_path):
    with local_hub(repository) as (address, _):
        run(tmp_path / "hf", "owner/tiny", address)
    [file] = (tmp_path / "hf").glob("hub/*/snapshots/*/*.gguf")
    blob = file.resolve()
    blob.write_bytes(blob.read_bytes()[:-1])
    out, _ = run(tmp_path / "hf", "owner/tiny", NOBODY)
    assert "ERROR BrokenFilesError" in out and f"{tmp_path}/hf/hub/models--owner--tiny)" in out and "지우고" in out


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
