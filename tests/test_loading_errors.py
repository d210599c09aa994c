"""What ``load_pipeline`` says when a model cannot be found, read or held: in Korean, with the way out."""

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


def test_an_architecture_that_transformers_does_not_know(tmp_path):
    folder = write_exaone_checkpoint(tmp_path / "m", overrides={"model_type": "exaone-99"})
    with pytest.raises(UnknownModelError, match="exaone-99.*모릅니다"):
        load_pipeline(folder)


def test_memory_is_checked_before_loading(folder, monkeypatch):
    monkeypatch.setattr(runtime, "free_cpu_memory", lambda: 100_000)
    monkeypatch.setattr(models, "_read", lambda *_: pytest.fail("loaded before the check"))
    with pytest.raises(NotEnoughMemoryError, match="0.1 MB"):
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
        ({"device_map": "auto"}, CourseError, 'device="auto"'),
    ],
)
def test_wrong_arguments(folder, monkeypatch, arguments, kind, part):
    monkeypatch.setattr(runtime, "gpus", lambda: [])
    with pytest.raises(kind, match=part.replace("(", r"\(")):
        load_pipeline(folder, **arguments)
