"""From a name to a GGUF file on this machine: converted once, found in the cache, or refused in Korean."""

import os
import subprocess
import sys
import time

import pytest
from checkpoints import write_exaone_checkpoint
from gguf_child import CODE

from course_utils import convert_gguf, gguf_files, sources
from course_utils.convert import to_gguf
from course_utils.errors import CourseError
from course_utils.gguf_files import GgufFile, gguf_for
from course_utils.known_models import MINI_FOLDER
from course_utils.loading_errors import UnknownModelError


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
