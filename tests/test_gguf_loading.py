"""Which engine ``load_pipeline`` takes, what it checks and says, and LG's file from a Hub on this machine."""

import os
from pathlib import Path

import pytest
from hub_server import local_hub
from warm_python import run_code

from course_utils import CourseError, gguf_loading, hub, load_model, load_pipeline, models, runtime
from course_utils.gguf_files import gguf_for
from course_utils.gguf_header import GgufHeader
from course_utils.gguf_loading import only_llama_cpp_reads, quantization, uses_llama_cpp
from course_utils.gguf_pipeline import GgufPipeline
from course_utils.loading_errors import HubError, NotEnoughMemoryError, UnknownModelError, UnknownValueError
from course_utils.runtime import Gpu

ROOT = Path(__file__).parents[1]
GB = 10**9
REPOSITORY = "LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct"


def machine(monkeypatch, *free):
    gpus = [Gpu(index, "GPU", (8, 0), room, 80 * GB) for index, room in enumerate(free)]
    monkeypatch.setattr(runtime, "gpus", lambda: gpus)


@pytest.fixture(scope="module")
def mini_file():
    return gguf_for("mini").path


@pytest.mark.parametrize(
    ("gpus", "name", "device", "dtype", "expected"),
    [
        ((), "exaone", "auto", "auto", True),
        ((), REPOSITORY.lower(), "auto", "auto", True),
        ((), "exaone-7.8b", "cpu", "auto", True),
        ((), "mini", "auto", "auto", False),
        ((), "auto", "auto", "auto", False),
        ((), "owner/other", "auto", "auto", False),
        ((), "exaone", "auto", "bfloat16", False),  # a number format is transformers' matter
        ((), "exaone", "mps", "auto", False),
        ((15 * GB,), "exaone", "auto", "auto", False),
        ((15 * GB,), "exaone", "cpu", "auto", True),
        ((15 * GB,), "exaone", "cuda:0", "auto", False),
        ((4 * GB,), "exaone", "auto", "auto", True),  # a GPU without room
        ((4 * GB, 4 * GB), "exaone", "auto", "auto", False),  # two have it
        ((15 * GB,), "exaone-32b", "auto", "auto", True),
        ((15 * GB,), f"{REPOSITORY}-GGUF", "auto", "auto", True),  # transformers cannot read it
        ((15 * GB,), "owner/other-GGUF:other-Q4_0.gguf", "auto", "auto", True),
    ],
)
def test_auto_takes_llama_cpp_for_exaone_without_a_gpu_that_has_room(monkeypatch, gpus, name, device, dtype, expected):
    machine(monkeypatch, *gpus)
    assert uses_llama_cpp(name, "auto", device, dtype) is expected
    assert uses_llama_cpp(name, "transformers", device, dtype) is False


def test_an_engine_that_was_asked_for_is_taken(monkeypatch):
    machine(monkeypatch, 15 * GB)
    assert uses_llama_cpp("mini", "llama.cpp", "auto", "auto") is True
    for device, dtype in (("cuda:0", "auto"), ("mps", "auto"), ("auto", "float32")):
        with pytest.raises(UnknownValueError, match="device와 dtype을 빼거나"):
            uses_llama_cpp("mini", "llama.cpp", device, dtype)
    with pytest.raises(UnknownValueError, match="'lamacpp'.*혹시 'llama.cpp'"):
        load_pipeline("mini", engine="lamacpp")


def test_files_of_exaones_architecture_are_for_llama_cpp_only(mini_file, tmp_path):
    assert only_llama_cpp_reads(str(mini_file))
    (tmp_path / "broken.gguf").write_bytes(b"GGUF")
    assert not only_llama_cpp_reads(str(tmp_path / "broken.gguf"))
    with pytest.raises(UnknownModelError, match='engine="llama.cpp"'):
        load_model(mini_file)
    with load_pipeline(mini_file) as pipe:
        assert isinstance(pipe, GgufPipeline)


def test_the_printed_line_says_engine_bits_file_and_threads(capsys):
    load_pipeline("mini", engine="llama.cpp").close()
    line = capsys.readouterr().out
    assert (
        line
        == "mini 모델(파라미터 501만 개)을 llama.cpp에서 16비트로 불러왔습니다(F16, 파일 10.2 MB, CPU 스레드 1개).\n"
    )


@pytest.mark.parametrize(
    ("number", "expected"),
    [(15, ("Q4_K_M", 4)), (2, ("Q4_0", 4)), (7, ("Q8_0", 8)), (1, ("F16", 16)), (0, ("F32", 32)), (30, ("IQ4_XS", 4))]
    + [(None, ("GGUF", 0)), (9999, ("GGUF", 0))],
)
def test_the_kind_of_quantization_is_read_from_the_file(number, expected):
    assert quantization(GgufHeader({} if number is None else {"general.file_type": number}, {})) == expected


def test_the_variable_names_the_model_for_this_engine_too(monkeypatch):
    seen = []
    monkeypatch.setattr(gguf_loading, "load", lambda name, **more: seen.append((name, more)))
    machine(monkeypatch)
    monkeypatch.setenv("COURSE_MODEL", "exaone")
    load_pipeline()
    load_pipeline(max_new_tokens=5)
    monkeypatch.setenv("COURSE_MODEL", "mini")
    load_pipeline(engine="llama.cpp", context=100)
    assert seen == [("exaone", {}), ("exaone", {"max_new_tokens": 5}), ("mini", {"context": 100})]
    monkeypatch.undo()
    monkeypatch.setenv("COURSE_MODEL", "minni")
    with pytest.raises(UnknownModelError, match="COURSE_MODEL.*minni"):
        load_pipeline(engine="llama.cpp")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"context": "a"}, "context에는"),
        ({"context": 0}, "context에는"),
        ({"tempurature": 1.0}, "혹시 'temperature'"),
        ({"torch_dtype": "float32"}, "옛 이름"),
        ({"device_map": "auto"}, "device_map"),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused(arguments, part):
    with pytest.raises(CourseError, match=part):
        load_pipeline("mini", engine="llama.cpp", **arguments)


def test_a_context_without_llama_cpp_is_refused():
    with pytest.raises(CourseError, match='engine="llama.cpp"'):
        load_pipeline("mini", context=100)


def test_load_model_stays_with_transformers_and_says_what_it_costs(monkeypatch, capsys):
    machine(monkeypatch)
    monkeypatch.setattr(runtime, "free_cpu_memory", lambda: 8 * GB)
    monkeypatch.setattr(models, "find", lambda name: models.Source(REPOSITORY, REPOSITORY, 2_405_327_360, cached=True))
    monkeypatch.setattr(
        models, "_read", lambda source, placed: exec("raise CourseError(placed.dtype)", globals(), locals())
    )
    for load in (lambda: load_model("exaone"), lambda: load_pipeline("exaone", engine="transformers")):
        with pytest.raises(CourseError, match="^bfloat16$"):
            load()
        said = capsys.readouterr().out
        assert "메모리 5.8 GB" in said and "몇 분" in said and 'load_pipeline("exaone")' in said


# --- from the Hub ---


def test_offline_the_error_names_the_repository_of_lgs_file(monkeypatch):
    machine(monkeypatch)
    with pytest.raises(HubError) as caught:
        load_pipeline("exaone")
    assert f"{REPOSITORY}-GGUF" in str(caught.value) and "HF_HUB_OFFLINE" in str(caught.value)


def test_transformers_files_that_are_here_are_named_as_the_way_out(monkeypatch, tmp_path):
    machine(monkeypatch)
    monkeypatch.setattr(hub, "cached_folder", lambda hub_id: tmp_path)
    monkeypatch.setattr(gguf_loading, "find_fault", lambda folder: None)
    with pytest.raises(HubError, match=r'load_pipeline\("exaone", engine="transformers"\)'):
        load_pipeline("exaone")


def test_too_little_memory_is_told_before_the_download(monkeypatch):
    machine(monkeypatch)
    monkeypatch.setattr(runtime, "free_cpu_memory", lambda: 2 * GB)
    monkeypatch.setattr(hub, "file_sizes", lambda hub_id: pytest.fail("the Hub was asked"))
    with pytest.raises(NotEnoughMemoryError, match="2.4 GB가 필요한데 남은 메모리는 2.0 GB"):
        load_pipeline("exaone")


def test_a_full_disk_is_told_before_the_download(monkeypatch, tmp_path):
    machine(monkeypatch)
    usage = hub.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(hub.shutil, "disk_usage", lambda path: usage._replace(free=10**6))
    name = "EXAONE-3.5-2.4B-Instruct-Q4_K_M.gguf"
    monkeypatch.setattr(hub, "file_sizes", lambda hub_id: {name: 1_640_000_000} if hub_id.endswith("-GGUF") else {})
    with pytest.raises(HubError, match="디스크 공간이 모자라.*1.6 GB"):
        load_pipeline("exaone")


CODE = """
import sys
sys.stderr.isatty = lambda: True  # the Hub's library draws a single file's bar for people only
from course_utils import CourseError, known_models, load_pipeline
row = known_models.KnownModel("exaone", "owner/tiny", "licence", "needs", 5_014_784, published_gguf=10_000_000)
known_models.KNOWN_MODELS = (known_models.MINI, row)
try:
    pipe = load_pipeline("exaone")
    print("TEXT", pipe([{"role": "user", "content": "안녕하세요"}], max_new_tokens=9, do_sample=False)[0])
    pipe.close()
except CourseError as error:
    print("ERROR", type(error).__name__, error)
"""


def run(cache, endpoint):
    """Standard output and error of ``load_pipeline("exaone")`` with this cache and this Hub."""
    keep = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "COURSE_"))}
    environment = {**keep, "HF_HOME": str(cache), "HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1"}
    environment |= {"NO_PROXY": "127.0.0.1", "CUDA_VISIBLE_DEVICES": ""}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = run_code(CODE, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_a_download_shows_a_bar_goes_on_where_it_broke_off_and_is_needed_once(mini_file, tmp_path):
    """Three runs, each a process of its own: the line goes dead, the rest is fetched, nothing is fetched."""
    folder = tmp_path / "hub"
    folder.mkdir()
    # The Hub's library writes 10 MiB at a time: what broke off before the first of them is fetched anew.
    (folder / "tiny-Q4_K_M.gguf").write_bytes(mini_file.read_bytes() + bytes(12_000_000))
    with local_hub(folder, break_after=14_000_000) as (address, requests):
        out, err = run(tmp_path / "cache", address)
        whole = "TEXT" in out  # newer versions of huggingface_hub try again by themselves, from where it broke off
        assert whole or "끊겼습니다" in out or "연결할 수 없어" in out, out
        first = out
        if not whole:
            out, err = run(tmp_path / "cache", address)
        assert "모델 owner/tiny-GGUF의 tiny-Q4_K_M.gguf, 22.2 MB를 내려받습니다" in first
        assert "exaone 모델(파라미터 501만 개)을 llama.cpp에서 16비트로" in out and "TEXT" in out
        assert "100%" in err and "tiny-Q4_K_M.gguf" in err
        starts = [int(request.split()[1]) for request in requests if request.startswith("RANGE")]
        assert starts and 10_000_000 < starts[-1] <= 14_000_000, requests
        requests.clear()
        again, _ = run(tmp_path / "cache", address)
    assert "TEXT" in again and "내려받습니다" not in again and requests == []
