"""Where a model goes and whether it fits, table-tested on machines that a test describes."""

import importlib.util

import pytest

from course_utils import CourseError, placement, runtime
from course_utils.loading_errors import NotEnoughMemoryError, UnknownValueError
from course_utils.placement import Placement, parse_device, parse_dtype, place
from course_utils.runtime import Gpu

GB = 10**9
EXAONE = 2_405_327_360


def machine(monkeypatch, gpus=(), mps=False, memory=64 * GB):
    monkeypatch.setattr(runtime, "gpus", lambda: list(gpus))
    monkeypatch.setattr(runtime, "has_mps", lambda: mps)
    monkeypatch.setattr(runtime, "free_cpu_memory", lambda: memory)


def gpu(index=0, capability=(8, 0), free=15 * GB, name="GPU"):
    return Gpu(index, name, capability, free, 80 * GB)


@pytest.mark.parametrize(
    ("gpus", "mps", "parameters", "device", "dtype", "placed"),
    [
        ([], False, EXAONE, "auto", "auto", Placement("cpu", "float32")),
        ([], True, EXAONE, "auto", "auto", Placement("mps", "float16")),
        ([gpu(capability=(7, 5))], False, EXAONE, "auto", "auto", Placement("cuda:0", "float16")),
        ([gpu()], False, EXAONE, "auto", "auto", Placement("cuda:0", "bfloat16")),
        ([gpu()], False, EXAONE, "auto", "float16", Placement("cuda:0", "float16")),
        ([gpu()], False, EXAONE, "cpu", "auto", Placement("cpu", "float32")),
        ([gpu()], False, 5_000_000, "auto", "auto", Placement("cpu", "float32")),  # small: the CPU is faster
        ([gpu()], True, 5_000_000, "cuda:0", "auto", Placement("cuda:0", "bfloat16")),  # but a wish is a wish
        ([], False, 5_000_000, "cpu", "float16", Placement("cpu", "float16")),
        ([gpu(free=4 * GB)], False, EXAONE, "auto", "auto", Placement(None, "bfloat16")),  # one GPU, too small
        ([gpu(0, (8, 0), 4 * GB), gpu(1, (7, 5), 4 * GB)], False, EXAONE, "auto", "auto", Placement(None, "float16")),
    ],
)
def test_placement(monkeypatch, gpus, mps, parameters, device, dtype, placed):
    machine(monkeypatch, gpus, mps)
    assert place("m", parameters, device, dtype) == placed


@pytest.mark.parametrize(
    ("gpus", "memory", "device", "parts"),
    [
        ([], 4 * GB, "cpu", ["exaone", "bfloat16", "5.8 GB", "CPU", "4.0 GB", "코랩", '"mini"']),
        ([gpu(free=4 * GB)], 64 * GB, "cuda:0", ["cuda:0", "5.8 GB", "4.0 GB", 'device="auto"']),
        ([gpu(free=4 * GB)], 1 * GB, "auto", ["모든 GPU와 CPU", "5.0 GB", "catalogue()"]),
    ],
)
def test_too_little_memory_is_told_with_numbers_and_a_way_out(monkeypatch, gpus, memory, device, parts):
    machine(monkeypatch, gpus, memory=memory)
    with pytest.raises(NotEnoughMemoryError) as caught:
        place("exaone", EXAONE, device, "auto")
    assert [part for part in parts if part not in str(caught.value)] == []


def test_float32_that_was_asked_for_and_does_not_fit_names_the_half_sized_format(monkeypatch):
    machine(monkeypatch, memory=8 * GB)
    with pytest.raises(NotEnoughMemoryError, match=r'11\.5 GB(.|\n)*dtype="bfloat16"'):
        place("exaone", EXAONE, "auto", "float32")


def test_on_a_cpu_the_memory_decides_between_float32_and_bfloat16(monkeypatch):
    machine(monkeypatch, memory=8 * GB)
    assert place("exaone", EXAONE, "auto", "auto") == place("exaone", EXAONE, "cpu", "auto")
    assert place("exaone", EXAONE, "cpu", "auto") == Placement("cpu", "bfloat16")
    machine(monkeypatch, memory=12 * GB)
    assert place("exaone", EXAONE, "cpu", "auto") == Placement("cpu", "float32")


@pytest.mark.parametrize(
    ("parameters", "variable", "physical", "threads"),
    [(5_000_000, "", 4, 1), (EXAONE, "", 4, 4), (EXAONE, "3", 4, 3), (EXAONE, "", None, 8), (EXAONE, "", 16, 8)],
)
def test_llama_cpp_computes_a_big_model_on_the_physical_cores(monkeypatch, parameters, variable, physical, threads):
    import os

    import psutil

    monkeypatch.setenv("OMP_NUM_THREADS", variable)
    monkeypatch.setattr(psutil, "cpu_count", lambda logical: physical)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    assert placement.engine_threads(parameters) == threads


def test_the_way_out_holds(monkeypatch):
    machine(monkeypatch, memory=8 * GB)
    assert place("exaone", EXAONE, "cpu", "bfloat16") == Placement("cpu", "bfloat16")


def test_spreading_needs_accelerate(monkeypatch):
    machine(monkeypatch, [gpu(free=4 * GB)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CourseError, match="pip install accelerate"):
        place("exaone", EXAONE, "auto", "auto")


@pytest.mark.parametrize(
    ("given", "name"),
    [("auto", "auto"), ("fp16", "float16"), ("half", "float16"), ("BF16", "bfloat16"), ("torch.float32", "float32")],
)
def test_dtype_names(given, name):
    assert parse_dtype(given) == name


def test_dtype_of_torch():
    import torch

    assert [parse_dtype(dtype) for dtype in (torch.float16, torch.bfloat16, torch.float32)] == [
        "float16",
        "bfloat16",
        "float32",
    ]


@pytest.mark.parametrize(("given", "hint"), [("float61", "float16"), ("bfloat", "bfloat16"), (8, ""), (None, "")])
def test_a_bad_dtype_lists_the_good_ones(given, hint):
    with pytest.raises(UnknownValueError) as caught:
        parse_dtype(given)
    assert "auto, float32, bfloat16, float16" in str(caught.value) and hint in str(caught.value)


@pytest.mark.parametrize(
    ("given", "gpus", "device"),
    [
        ("auto", [], "auto"),
        ("cpu", [], "cpu"),
        (-1, [gpu()], "cpu"),
        (0, [gpu()], "cuda:0"),
        ("cuda", [gpu(0, free=GB), gpu(1)], "cuda:1"),
        ("CUDA:1", [gpu(0), gpu(1)], "cuda:1"),
    ],
)
def test_device_names(monkeypatch, given, gpus, device):
    machine(monkeypatch, gpus)
    assert parse_device(given) == device


def test_a_torch_device(monkeypatch):
    import torch

    machine(monkeypatch, [gpu()])
    assert parse_device(torch.device("cpu")) == "cpu" and parse_device(torch.device("cuda", 0)) == "cuda:0"


@pytest.mark.parametrize(
    ("given", "gpus", "parts"),
    [
        ("cuda", [], ["CUDA GPU를 찾을 수 없습니다", 'device="cpu"', "런타임"]),
        (0, [], ["CUDA GPU를 찾을 수 없습니다"]),
        ("cuda:3", [gpu(name="Tesla T4")], ["GPU 3번은 없습니다", "cuda:0 (Tesla T4)"]),
        ("mps", [], ["MPS", 'device="cpu"']),
        ("gpu", [], ["'gpu'", "auto, cpu, cuda, cuda:번호, mps"]),
        ("cudo", [], ["'cuda'"]),
        ("cpu:x", [], ["'cpu:x'"]),
    ],
)
def test_a_device_that_is_not_there(monkeypatch, given, gpus, parts):
    machine(monkeypatch, gpus)
    with pytest.raises(UnknownValueError) as caught:
        parse_device(given)
    assert [part for part in parts if part not in str(caught.value)] == []


def test_what_the_line_says(monkeypatch):
    machine(monkeypatch, [gpu(name="Tesla T4")])
    described = [Placement(device, "float16").described(4) for device in ("cpu", "cuda:0", "mps", None)]
    assert described == ["CPU(스레드 4개)", "GPU(Tesla T4)", "Apple GPU(MPS)", "여러 장치(accelerate가 나눔)"]
    assert placement.SMALL_MODEL < EXAONE
