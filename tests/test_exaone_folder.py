"""What the converters accept, and what each refusal says."""

import json

import pytest
import torch
from checkpoints import exaone_config, write_exaone_checkpoint

from course_utils.architecture import sizes
from course_utils.errors import CourseError
from course_utils.exaone_folder import expected_tensors, open_exaone
from course_utils.known_models import MINI_FOLDER
from course_utils.published_configs import PUBLISHED_SIZES, published_config


def drop(name):
    return lambda tensors: tensors.pop(name)


def add_bias(tensors):
    tensors["transformer.h.0.mlp.c_fc_0.bias"] = torch.zeros(4)


def cut_norm(tensors):
    tensors["transformer.ln_f.weight"] = torch.ones(3)


def old_file(tensors):
    tensors["transformer.h.0.attn.attention.rotary.inv_freq"] = torch.ones(4)


SCALING = exaone_config()["rope_scaling"]


@pytest.mark.parametrize(
    ("shape", "parts"),
    [
        ({"overrides": {"model_type": "llama"}}, ["EXAONE 3.x 모델의 폴더가 아니어서", "model_type: llama"]),
        ({"overrides": {"model_type": "exaone4"}}, ["model_type: exaone4"]),
        ({"edit": drop("transformer.ln_f.weight")}, ["없는 가중치 1개(transformer.ln_f.weight)"]),
        ({"edit": drop("transformer.h.1.mlp.c_fc_0.weight"), "shards": 2}, ["없는 가중치 1개(transformer.h.1.mlp"]),
        ({"overrides": {"tie_word_embeddings": False}}, ["없는 가중치 1개(lm_head.weight)"]),
        ({"overrides": {"num_layers": 2}}, ["남는 가중치 9개"]),
        ({"overrides": {"num_layers": 4}}, ["없는 가중치 9개"]),
        ({"edit": add_bias}, ["남는 가중치 1개(transformer.h.0.mlp.c_fc_0.bias)"]),
        ({"edit": cut_norm}, ["모양이 다른 가중치 1개(transformer.ln_f.weight)"]),
        ({"overrides": {"activation_function": "gelu"}}, ["활성화 함수가 gelu인 모델"]),
        ({"overrides": {"attention_bias": True}}, ["절편"]),
        ({"overrides": {"quantization_config": {"quant_method": "awq"}}}, ["양자화"]),
        ({"overrides": {"rope_scaling": {**SCALING, "rope_type": "yarn"}}}, ["'yarn'", "llama3"]),
        ({"overrides": {"rope_scaling": {"type": "dynamic", "factor": 2.0}}}, ["'dynamic'"]),
        ({"overrides": {"rope_scaling": {**SCALING, "factor": 0}}}, ["rope_scaling에 factor 값"]),
        ({"overrides": {"rope_scaling": {"rope_type": "llama3"}}}, ["factor, high_freq_factor, low_freq_factor"]),
        ({"overrides": {"hidden_size": None}}, ["hidden_size"]),
        ({"tokenizer_class": None}, ["토크나이저"]),
    ],
)
def test_a_folder_that_does_not_fit_is_refused_by_name(tmp_path, shape, parts):
    folder = write_exaone_checkpoint(tmp_path / "model", **shape)
    with pytest.raises(CourseError) as raised:
        open_exaone(folder)
    assert all(part in str(raised.value) for part in parts), raised.value
    assert "\n" in str(raised.value) and str(raised.value).endswith(".")


def test_folders_that_are_none_are_refused(tmp_path):
    (tmp_path / "x.gguf").write_bytes(b"GGUF")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{")
    for wrong, said in {
        tmp_path / "nowhere": "모델 경로가 없습니다",
        str(tmp_path / "x.gguf"): "폴더가 아니라 파일입니다",
        tmp_path / "empty": "config.json 파일이 없습니다",
        tmp_path / "broken": "JSON으로 읽을 수 없습니다",
        7: "경로를 글자로",
    }.items():
        with pytest.raises(CourseError, match=said):
            open_exaone(wrong)


def test_weights_in_another_format_and_cut_off_files_are_refused(tmp_path):
    folder = write_exaone_checkpoint(tmp_path / "model")
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:-5])
    with pytest.raises(CourseError, match="잘렸거나 깨졌습니다"):
        open_exaone(folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(CourseError, match="safetensors 형식"):
        open_exaone(folder)


@pytest.mark.parametrize("size", PUBLISHED_SIZES)
def test_expected_tensors_of_the_published_models_are_as_many_numbers_as_published(size):
    from math import prod

    from course_utils.architecture import count_parameters

    shapes = expected_tensors(sizes(published_config(size)))
    assert sum(map(prod, shapes.values())) == count_parameters(published_config(size))["total"]


def test_tensors_of_all_shards_are_found_and_a_repeated_head_is_none(tmp_path):
    tied = open_exaone(write_exaone_checkpoint(tmp_path / "tied", shards=3, lm_head=True, edit=old_file))
    assert len({tensor.file for tensor in tied.tensors.values()}) == 3
    assert set(tied.tensors) == set(expected_tensors(tied.sizes)) and "lm_head.weight" not in tied.tensors
    assert "lm_head.weight" in open_exaone(write_exaone_checkpoint(tmp_path / "untied", tied=False)).tensors


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"rope_scaling": {**{k: v for k, v in SCALING.items() if k != "rope_type"}, "type": "llama3"}},
        {"rope_scaling": None, "rope_theta": None, "rope_parameters": {**SCALING, "rope_theta": 1_000_000}},
    ],
)
def test_rotary_settings_are_read_in_every_form(tmp_path, overrides):
    folder = write_exaone_checkpoint(tmp_path, overrides=overrides)
    assert open_exaone(folder).rope == {**SCALING, "rope_theta": 1e6}


def test_name_and_licence_come_from_the_catalogue_the_cache_and_the_card(tmp_path):
    mini = open_exaone(MINI_FOLDER)
    assert (mini.name, mini.licence, mini.hub_id) == ("mini", "Apache-2.0", None)
    cached = tmp_path / "models--LGAI-EXAONE--EXAONE-3.5-2.4B-Instruct" / "snapshots" / "0123"
    lg = open_exaone(write_exaone_checkpoint(cached))
    assert lg.name == "EXAONE-3.5-2.4B-Instruct" and "EXAONE AI Model License" in lg.licence
    own = write_exaone_checkpoint(tmp_path / "own")
    assert open_exaone(own).licence is None
    (own / "README.md").write_text("---\nlicense: other\nlicense_name: 'my-licence'\n---\n# x\nlicense: no\n")
    assert (open_exaone(own).name, open_exaone(own).licence) == ("own", "my-licence")


def test_the_chat_template_is_found_wherever_it_is(tmp_path):
    folder = write_exaone_checkpoint(tmp_path)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    assert open_exaone(folder).chat_template == settings["chat_template"]
    settings["chat_template"] = [{"name": "tool", "template": "t"}, {"name": "default", "template": "d"}]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    assert open_exaone(folder).chat_template == "d"
    (folder / "chat_template.jinja").write_text("own file")
    assert open_exaone(folder).chat_template == "own file"
