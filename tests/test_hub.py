"""The Hub's part of loading, against a Hub on this machine, each case in a process of its own.

huggingface_hub reads its environment once, at import, so a case needs a fresh process anyway.
"""

import os
import shutil
from pathlib import Path

import pytest
from checkpoints import write_exaone_checkpoint
from hub_server import local_hub
from warm_python import run_code

ROOT = Path(__file__).parents[1]
NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens

CODE = """
import sys
from course_utils import CourseError, load_pipeline
from course_utils.loading_errors import HubError, BrokenFilesError
try:
    pipe = load_pipeline(sys.argv[1])
    print("NAME", pipe.model.name_or_path)
    print("TEXT", len(pipe([{"role": "user", "content": "a"}], max_new_tokens=3, do_sample=False)))
except CourseError as error:
    print("ERROR", type(error).__name__, error)
"""


def run(cache: Path, model: str, endpoint: str, code: str = CODE, **more: str) -> tuple[str, str]:
    """Standard output and error of ``load_pipeline(model)`` with this cache and this Hub."""
    keep = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "COURSE_"))}
    environment = {**keep, "HF_HOME": str(cache), "HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", **more}
    environment["NO_PROXY"] = "127.0.0.1"
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = run_code(code, [model], env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    return write_exaone_checkpoint(tmp_path_factory.mktemp("hub") / "tiny", shards=2)


@pytest.fixture(scope="module")
def downloaded(repository, tmp_path_factory):
    """A cache with the whole model, and what the download printed."""
    cache = tmp_path_factory.mktemp("cache")
    with local_hub(repository) as (address, requests):
        out, err = run(cache, "owner/tiny", address)
    return cache, out, err, requests


def copy_of(cache: Path, target: Path) -> Path:
    return Path(shutil.copytree(cache, target, symlinks=True))


def shards(cache: Path) -> list[Path]:
    return sorted(cache.glob("hub/models--owner--tiny/snapshots/*/model-*.safetensors"))


def test_a_model_is_downloaded_with_its_size_said_first_and_a_visible_bar(downloaded):
    _, out, err, _ = downloaded
    lines = out.splitlines()
    assert lines[0].startswith("모델 owner/tiny, ") and " KB를 내려받습니다" in lines[0]
    assert lines[1] == "owner/tiny 모델(파라미터 10만 개)을 CPU(스레드 1개)에서 float32로 불러왔습니다."
    assert lines[2:] == ["NAME owner/tiny", "TEXT 1"]
    assert "100%" in err  # huggingface_hub's own bar


def test_a_whole_cache_is_used_without_asking_for_the_model(downloaded, repository, tmp_path):
    with local_hub(repository) as (address, requests):
        out, err = run(copy_of(downloaded[0], tmp_path / "c"), "owner/tiny", address)
    assert "TEXT 1" in out and "내려받습니다" not in out
    assert [request for request in requests if "tiny" in request] == []
    assert err == ""


def test_an_interrupted_download_is_completed(downloaded, repository, tmp_path):
    cache = copy_of(downloaded[0], tmp_path / "c")
    shards(cache)[1].unlink()
    with local_hub(repository) as (address, _):
        out, _ = run(cache, "owner/tiny", address)
    assert "TEXT 1" in out


def test_an_interrupted_download_without_the_hub_names_what_is_missing(downloaded, tmp_path):
    cache = copy_of(downloaded[0], tmp_path / "c")
    lost = shards(cache)[1]
    lost.unlink()
    out, _ = run(cache, "owner/tiny", NOBODY)
    assert "ERROR HubError" in out and "끝나지 않았습니다" in out and lost.name in out and "연결할 수 없어" in out


def test_a_cut_off_file_in_the_cache_is_fetched_again_and_nothing_else(downloaded, repository, tmp_path):
    cache = copy_of(downloaded[0], tmp_path / "c")
    broken, whole = (shard.resolve() for shard in shards(cache))
    broken.write_bytes(broken.read_bytes()[:-100])
    with local_hub(repository) as (address, requests):
        out, _ = run(cache, "owner/tiny", address)
    assert "잘렸거나 깨져 있어 지우고 다시 받습니다" in out and "TEXT 1" in out
    fetched = [request for request in requests if request.startswith("GET") and request.endswith(".safetensors")]
    assert [request.rsplit("/", 1)[1] for request in fetched] == [shards(cache)[0].name]


def test_a_cut_off_file_without_the_hub_is_named(downloaded, tmp_path):
    cache = copy_of(downloaded[0], tmp_path / "c")
    broken = shards(cache)[0]
    broken.resolve().write_bytes(b"cut off")
    out, _ = run(cache, "owner/tiny", NOBODY)
    assert "ERROR HubError" in out and "온전하지 않습니다" in out and broken.name in out and "연결할 수 없어" in out
    assert broken.exists(), "thrown away before there was another copy"


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        ("nobody/tiny", ["HubError", "nobody/tiny", "없거나", "hf auth login"]),
        ("gated/tiny", ["HubError", "gated/tiny", "동의", "hf auth login", "https://huggingface.co/gated/tiny"]),
    ],
)
def test_a_refusal_of_the_hub_names_the_way_out(repository, tmp_path, model, parts):
    with local_hub(repository) as (address, _):
        out, _ = run(tmp_path, model, address)
    assert "ERROR" in out and all(part in out for part in parts), out


def test_an_unreachable_hub_is_an_error_for_a_model_asked_for_by_name(tmp_path):
    out, _ = run(tmp_path, "exaone", NOBODY)
    assert "ERROR HubError" in out and "연결할 수 없어" in out
    assert "LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct" in out and 'load_pipeline("mini")' in out


def test_offline_mode_names_the_variable(tmp_path):
    out, _ = run(tmp_path, "exaone", NOBODY, HF_HUB_OFFLINE="1")
    assert "ERROR HubError" in out and "HF_HUB_OFFLINE" in out


FAKE_GPU = """
from course_utils import runtime
runtime.gpus = lambda: [runtime.Gpu(0, "Tesla T4", (7, 5), 15 * 10**9, 16 * 10**9)]
from course_utils import models
real_load = models._load
models._load = lambda name, device, dtype: real_load(name, device, dtype) if name == "exaone" else print("THEN", name)
try:
    models.load_model("auto")
except TypeError:
    pass
"""


def test_auto_with_a_gpu_says_in_one_line_that_the_hub_is_out_of_reach_and_takes_mini(tmp_path):
    out, _ = run(tmp_path, "auto", NOBODY, code=FAKE_GPU)
    first, second = out.splitlines()
    assert "연결할 수 없어" in first and "mini를 불러옵니다" in first
    assert second == "THEN mini"


def test_a_full_disk_is_told_before_the_download(monkeypatch, tmp_path):
    from course_utils import hub
    from course_utils.loading_errors import HubError

    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(hub.shutil, "disk_usage", lambda path: usage._replace(free=10**6))
    with pytest.raises(HubError, match="디스크 공간이 모자라.*9.6 GB"):
        hub.download(hub.HubModel("owner/tiny", 10, 9_630_000_000, ["*"]))


def test_a_server_error_gives_its_number():
    from huggingface_hub.errors import HfHubHTTPError

    from course_utils.loading_errors import hub_error

    class Answer:
        status_code = 503
        headers: dict = {}
        request = None

    error = HfHubHTTPError.__new__(HfHubHTTPError)
    error.response = Answer()
    import huggingface_hub.constants as constants

    offline, constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE, False
    try:
        assert "503" in str(hub_error(error, "owner/tiny"))
        assert hub_error(ValueError("not about the Hub"), "owner/tiny") is None
    finally:
        constants.HF_HUB_OFFLINE = offline


TWO_AT_ONCE = """
import threading, time
import huggingface_hub
from course_utils import hub

inside, most = [], []
def slow(*arguments, **options):
    inside.append(1)
    most.append(len(inside))
    time.sleep(0.2)
    inside.pop()
hub.resumed_download = huggingface_hub.snapshot_download = slow
model = hub.HubModel("owner/tiny", 1, 1, ["*.json"], ["a.safetensors"])
jobs = [threading.Thread(target=hub.download, args=[model]) for _ in range(2)]
jobs.append(threading.Thread(target=hub.download_file, args=["owner/tiny", "tiny.gguf", 1]))
[one.start() for one in jobs]
[one.join() for one in jobs]
print("MOST", max(most), len(most))
"""


def test_a_model_is_downloaded_by_one_notebook_at_a_time_its_small_files_too(tmp_path):
    """Else the library takes away, for a moment, the name of a file that the quicker notebook is reading."""
    out, _ = run(tmp_path, "", NOBODY, code=TWO_AT_ONCE)
    assert "MOST 1 5" in out
