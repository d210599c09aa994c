"""Tensors from file to file: every rounding as torch does it, nothing read that is not there."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from course_utils import stored_tensors
from course_utils.errors import CourseError
from course_utils.stored_tensors import Stream, write_safetensors

TORCH = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def bits(tensor):
    width = torch.int32 if tensor.dtype == torch.float32 else torch.int16
    return tensor.flatten().view(width).numpy()


def every_kind_of_number():
    """Random bit patterns: ordinary, tiny, huge, infinite and no numbers; and all halfway cases of one binade."""
    patterns = np.random.default_rng(0).integers(0, 2**32, 50_000, np.uint32)
    halfway = (np.arange(0x3F80, 0x4000, dtype=np.uint32) << 16) | 0x8000
    return torch.from_numpy(np.concatenate([patterns, halfway, halfway + 1, halfway - 1]).view(np.float32))


def copied(tmp_path, tensors, dtype):
    save_file(tensors, tmp_path / "in.safetensors")
    streams = [(t.name, Stream(t, dtype)) for t in stored_tensors.stored_tensors(tmp_path / "in.safetensors")]
    sizes = list(write_safetensors(tmp_path / "out.safetensors", streams))
    assert sizes == [stream.nbytes for _, stream in streams]
    return load_file(tmp_path / "out.safetensors")


@pytest.mark.parametrize("stored", TORCH)
@pytest.mark.parametrize("wanted", TORCH)
def test_rounding_is_torchs_bit_for_bit(tmp_path, monkeypatch, stored, wanted):
    monkeypatch.setattr(stored_tensors, "PIECE", 1000)
    values = every_kind_of_number().to(TORCH[stored])
    if wanted == "float16":
        values = values[values.float().abs() < 65504]  # what is beyond is refused, see below
    values = values[: len(values) // 4 * 4].reshape(4, -1)
    result = copied(tmp_path, {"x": values, "y": values[:1].clone()}, wanted)
    assert result["x"].shape == values.shape and result["x"].dtype == TORCH[wanted]
    expected = values.to(TORCH[wanted])
    number = ~expected.isnan().flatten().numpy()
    assert number.sum() > 10_000
    np.testing.assert_array_equal(bits(result["x"])[number], bits(expected)[number])
    assert torch.equal(result["x"].isnan(), expected.isnan())
    np.testing.assert_array_equal(bits(result["y"]), bits(result["x"][0]))


@pytest.mark.parametrize("value", [65520.0, -1e30])
def test_a_value_too_large_for_float16_is_refused(tmp_path, value):
    with pytest.raises(CourseError, match="(?s)가중치 x에 float16.*bfloat16"):
        copied(tmp_path, {"x": torch.tensor([1.0, value])}, "float16")


def test_values_that_only_round_down_to_the_largest_float16_are_fine(tmp_path):
    assert copied(tmp_path, {"x": torch.tensor([65519.0, float("inf")])}, "float16")["x"].tolist() == [65504, torch.inf]


def test_another_number_format_is_refused(tmp_path):
    save_file({"x": torch.zeros(4, dtype=torch.int8)}, tmp_path / "in.safetensors")
    with pytest.raises(CourseError, match="(?s)가중치 x의 자료형.I8.*양자화"):
        stored_tensors.stored_tensors(tmp_path / "in.safetensors")


def test_a_file_that_ends_early_is_told(tmp_path):
    save_file({"x": torch.zeros(100)}, tmp_path / "in.safetensors")
    [tensor] = stored_tensors.stored_tensors(tmp_path / "in.safetensors")
    content = (tmp_path / "in.safetensors").read_bytes()
    (tmp_path / "in.safetensors").write_bytes(content[:-4])
    with pytest.raises(CourseError, match="잘렸습니다"):
        list(tensor.pieces("float32"))


def test_the_head_is_aligned_as_the_format_asks(tmp_path):
    copied(tmp_path, {"name": torch.zeros(3), "other": torch.zeros(5)}, "bfloat16")
    content = (tmp_path / "out.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    assert length % 8 == 0 and json.loads(content[8 : 8 + length])["__metadata__"] == {"format": "pt"}
