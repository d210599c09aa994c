"""Device, number format, memory and threads: decided from what the machine says, here from what a test says."""

import re
import sys
import types
from html.parser import HTMLParser

import pytest

from course_utils import known_models, runtime
from course_utils.runtime import Gpu

GB = 10**9
T4 = Gpu(0, "Tesla T4", (7, 5), 15 * GB, 16 * GB)
A100 = Gpu(0, "NVIDIA A100", (8, 0), 39 * GB, 40 * GB)
H100_BUSY = Gpu(1, "NVIDIA H100", (9, 0), 2 * GB, 80 * GB)


def machine_with(monkeypatch, gpus=(), mps=False):
    monkeypatch.setattr(runtime, "gpus", lambda: list(gpus))
    monkeypatch.setattr(runtime, "has_mps", lambda: mps)


@pytest.mark.parametrize(
    ("gpus", "mps", "device", "dtype"),
    [
        ([], False, "cpu", "float32"),
        ([], True, "mps", "float16"),
        ([T4], False, "cuda:0", "float16"),
        ([A100], False, "cuda:0", "bfloat16"),
        ([Gpu(0, "V100", (7, 0), GB, GB)], False, "cuda:0", "float16"),
        ([Gpu(0, "RTX 4090", (8, 9), GB, GB)], False, "cuda:0", "bfloat16"),
        ([T4, Gpu(1, "A100", (8, 0), 39 * GB, 40 * GB)], True, "cuda:1", "bfloat16"),  # most free memory wins
        ([A100, H100_BUSY], False, "cuda:0", "bfloat16"),
    ],
)
def test_best_device_and_dtype(monkeypatch, gpus, mps, device, dtype):
    machine_with(monkeypatch, gpus, mps)
    assert runtime.best_device() == device
    assert runtime.best_dtype(device) == dtype


def test_gpus_that_share_a_model_take_the_oldest_ones_number_format(monkeypatch):
    machine_with(monkeypatch, [A100, Gpu(1, "Tesla T4", (7, 5), GB, GB)])
    assert runtime.best_dtype("cuda") == "float16"
    assert runtime.best_dtype("cuda:0") == "bfloat16"


def test_gpus_asks_torch_for_every_gpu(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda index: (index + 5, 40))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: f"GPU-{index}")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda index: (8, index))
    assert runtime.gpus() == [Gpu(0, "GPU-0", (8, 0), 5, 40), Gpu(1, "GPU-1", (8, 1), 6, 40)]


@pytest.mark.parametrize(
    ("gpus", "choice"),
    [
        ([], "mini"),
        ([T4], "exaone"),
        ([Gpu(0, "small", (8, 6), 4 * GB, 4 * GB)], "mini"),
        ([Gpu(0, "full", (8, 6), 2 * GB, 24 * GB), A100], "exaone"),
    ],
)
def test_auto_takes_exaone_only_where_a_gpu_has_room(gpus, choice):
    assert known_models.auto_choice(gpus).name == choice


@pytest.mark.parametrize(
    ("environment", "shell", "place"),
    [
        ({"COLAB_RELEASE_TAG": "release-colab"}, "Shell", "colab"),
        ({"CI": "true"}, None, "ci"),
        ({"CI": "false"}, None, "local"),
        ({}, "ZMQInteractiveShell", "jupyter"),
        ({}, "TerminalInteractiveShell", "local"),
        ({}, None, "local"),
    ],
)
def test_place(monkeypatch, environment, shell, place):
    for name in ("CI", "COLAB_RELEASE_TAG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    current = type(shell, (), {})() if shell else None
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: current))
    assert runtime.place() == place


def test_free_memory_respects_a_containers_limit(monkeypatch, tmp_path):
    import psutil

    everything = psutil.virtual_memory().available
    monkeypatch.setattr(runtime, "_CGROUP", tmp_path)
    assert runtime.free_cpu_memory() == pytest.approx(everything, rel=0.2)  # no limit files: what psutil says
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("900\n")
    assert runtime.free_cpu_memory() > 10_000
    (tmp_path / "memory.max").write_text("1000\n")
    assert runtime.free_cpu_memory() == 100
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 300\n")
    assert runtime.free_cpu_memory() == 400


def test_one_thread_and_back(monkeypatch):
    import torch

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    torch.set_num_threads(2)
    try:
        runtime.use_one_thread()
        runtime.use_one_thread()  # a second small model must not forget the first number
        assert torch.get_num_threads() == 1
        runtime.use_all_threads()
        assert torch.get_num_threads() == 2
        monkeypatch.setenv("OMP_NUM_THREADS", "2")
        runtime.use_one_thread()
        assert torch.get_num_threads() == 2
    finally:
        runtime.use_all_threads()
        torch.set_num_threads(1)


class Tables(HTMLParser):
    """Counts what a screen reader needs."""

    def __init__(self, html):
        super().__init__()
        self.seen = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes).get("scope")))


def test_check_machine_reads_well_in_both_forms(monkeypatch):
    machine_with(monkeypatch, [T4])
    monkeypatch.delenv("COURSE_MODEL", raising=False)
    machine = runtime.check_machine()
    assert (machine.device, machine.dtype, machine.auto_model) == ("cuda:0", "float16", "exaone")
    text = str(machine)
    for word in ("이 컴퓨터 점검", "Tesla T4", "15.0 GB / 16.0 GB", "float16", "exaone", "남은 메모리"):
        assert word in text
    seen = Tables(machine._repr_html_()).seen
    assert seen.count(("caption", None)) == 1 and seen.count(("th", "col")) == 2
    assert seen.count(("th", "row")) == len(machine.rows()) == seen.count(("td", None))


def test_check_machine_on_this_machine_and_with_course_model(monkeypatch):
    monkeypatch.setenv("COURSE_MODEL", "owner/model")
    machine = runtime.check_machine()
    assert machine.auto_model == "owner/model"
    assert machine.free_memory > 0 and machine.cores >= 1
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", machine.python)
    assert machine.versions["transformers"][0].isdigit()
