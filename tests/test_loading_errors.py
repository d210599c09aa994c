"""What ``load_pipeline`` says when a model cannot be found, read or held: in Korean, with the way out."""

import json
import re

import pytest
from checkpoints import write_exaone_checkpoint

from course_utils import CourseError, load_pipeline, models, runtime
from course_utils.loading_errors import BrokenFilesError, NotEnoughMemoryError, UnknownModelError, UnknownValueError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_exaone_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("minni", ["'minni'", "혹시 'mini'", "catalogue()"]),
        ("Exaone-7b", ["혹시 'exaone-7.8b'"]),
        ("", ["mini, exaone"]),
        ("./no/such/folder", ["모델 경로가 없습니다", "작업 폴더"]),
        ("no-such-file.gguf", ["모델 경로가 없습니다"]),
        (r"C:\models\x", ["모델 경로가 없습니다"]),
        ("abc/모델", ["'abc/모델'"]),
        ("abc/x.git", ["'abc/x.git'"]),
        ("x" * 400, ["catalogue()"]),
        ("~nobody-here/x/y", ["모델 경로가 없습니다"]),
        (None, ["'None'"]),
        (5, ["'5'"]),
    ],
)
def test_an_unknown_name_or_path(name, parts):
    with pytest.raises(UnknownModelError) as caught:
        load_pipeline(name)
    assert [part for part in parts if part not in str(caught.value)] == []


def cut(file, size=100):
    file.write_bytes(file.read_bytes()[:-size])


@pytest.mark.parametrize(
    ("damage", "parts"),
    [
        (lambda f: (f / "config.json").unlink(), ["config.json 파일이 없습니다"]),
        (lambda f: (f / "config.json").write_text("{"), ["config.json", "JSON"]),
        (lambda f: (f / "config.json").write_text("[]"), ["config.json", "JSON"]),
        (lambda f: (f / "model-00002-of-00003.safetensors").unlink(), ["model-00002-of-00003", "없습니다"]),
        (lambda f: cut(f / "model-00003-of-00003.safetensors"), ["model-00003-of-00003", "잘렸거나"]),
        (lambda f: (f / "model-00001-of-00003.safetensors").write_bytes(b""), ["model-00001-of-00003", "잘렸거나"]),
        (lambda f: (f / "model.safetensors.index.json").write_text("[]"), ["index"]),
        (lambda f: (f / "model.safetensors.index.json").unlink(), ["가중치 파일(model.safetensors)이 없습니다"]),
        (lambda f: [(f / n).unlink() for n in ("tokenizer.json", "vocab.json")], ["토크나이저"]),
        (lambda f: (f / "tokenizer.json").write_text("{}"), ["읽는 중에 오류"]),
    ],
)
def test_a_folder_that_is_not_whole_says_what_is_wrong(tmp_path, damage, parts):
    folder = write_exaone_checkpoint(tmp_path / "m", shards=3)
    damage(folder)
    with pytest.raises(BrokenFilesError) as caught:
        load_pipeline(folder)
    assert [part for part in [*parts, str(folder), "다시"] if part not in str(caught.value)] == []


def change_settings(folder, **changes):
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
    return folder


def test_weights_of_another_architecture_are_no_model_with_random_weights(tmp_path):
    """EXAONE's tensors under `model_type: llama`: the library alone would load them, all random, with a warning."""
    folder = change_settings(write_exaone_checkpoint(tmp_path / "m"), model_type="llama")
    with pytest.raises(BrokenFilesError, match="필요한 가중치가 없습니다.*model.embed_tokens.weight"):
        load_pipeline(folder)


def test_a_quantised_model_without_its_library(tmp_path):
    folder = write_exaone_checkpoint(tmp_path / "m")
    change_settings(folder, quantization_config={"quant_method": "awq", "bits": 4})
    with pytest.raises(CourseError, match="양자화하지 않은 원래 모델"):
        load_pipeline(folder)


def test_settings_that_make_no_sense(tmp_path):
    folder = change_settings(write_exaone_checkpoint(tmp_path / "m"), num_key_value_heads=0)
    with pytest.raises(BrokenFilesError, match="읽는 중에 오류"):
        load_pipeline(folder)


def test_damaged_pickled_weights_bring_no_advice_to_read_them_unsafely(tmp_path):
    folder = write_exaone_checkpoint(tmp_path / "m")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"no pickle")
    with pytest.raises(BrokenFilesError) as caught:
        load_pipeline(folder)
    assert "weights_only" not in str(caught.value)


def test_files_that_may_not_be_read(folder, monkeypatch):
    def forbidden(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.read_text", forbidden)
    with pytest.raises(BrokenFilesError, match=r"읽을 권한이 없습니다\(config.json\)"):
        load_pipeline(folder)


def test_a_wrong_course_model_names_the_variable(monkeypatch):
    monkeypatch.setenv("COURSE_MODEL", "banana")
    with pytest.raises(UnknownModelError, match="COURSE_MODEL.*banana"):
        load_pipeline()


def test_an_architecture_that_transformers_does_not_know(tmp_path):
    folder = write_exaone_checkpoint(tmp_path / "m", overrides={"model_type": "exaone-99"})
    with pytest.raises(UnknownModelError, match="exaone-99.*모릅니다"):
        load_pipeline(folder)


def test_memory_is_checked_before_loading(folder, monkeypatch):
    monkeypatch.setattr(runtime, "free_cpu_memory", lambda: 100_000)
    monkeypatch.setattr(models, "_read", lambda *_: pytest.fail("loaded before the check"))
    with pytest.raises(NotEnoughMemoryError, match="100.0 KB"):
        load_pipeline(folder)


def test_memory_that_runs_out_while_loading(folder, monkeypatch):
    import torch
    from transformers import AutoModelForCausalLM

    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", full)
    with pytest.raises(NotEnoughMemoryError, match="바닥났습니다") as caught:
        load_pipeline(folder)
    assert isinstance(caught.value.__cause__, torch.OutOfMemoryError)


@pytest.mark.parametrize(
    ("arguments", "kind", "part"),
    [
        ({"device": "cuda"}, UnknownValueError, "CUDA GPU를 찾을 수 없습니다"),
        ({"dtype": "float61"}, UnknownValueError, "float16"),
        ({"torch_dtype": "auto"}, CourseError, "dtype="),
        ({"tokenizer": "x"}, CourseError, "load_model()"),
        ({"device_map": "auto"}, CourseError, 'device="auto"'),
    ],
)
def test_wrong_arguments(folder, monkeypatch, arguments, kind, part):
    monkeypatch.setattr(runtime, "gpus", lambda: [])
    with pytest.raises(kind, match=re.escape(part)):
        load_pipeline(folder, **arguments)
