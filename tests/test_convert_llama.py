"""to_llama(): a folder that plain Llama classes read, to the last bit."""

import json

import pytest
import torch
from checkpoints import write_exaone_checkpoint
from exaone_reference import exaone_logits
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

import course_utils.exaone  # noqa: F401 - teaches transformers about EXAONE, for the comparison
from course_utils import convert_llama, exaone_names
from course_utils.convert import to_llama
from course_utils.errors import CourseError
from course_utils.exaone_folder import open_exaone
from course_utils.known_models import MINI_FOLDER

IDS = torch.randint(3, 361, (1, 300), generator=torch.Generator().manual_seed(1))
MESSAGES = [{"role": "user", "content": "2026년 달력이 있나요?"}]


@torch.no_grad()
def logits(cls, folder, dtype):
    return cls.from_pretrained(folder, dtype=dtype)(IDS).logits


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param({}, id="tied"),
        pytest.param({"lm_head": True}, id="tied, head written all the same"),
        pytest.param({"tied": False, "shards": 3}, id="untied, three shards"),
        pytest.param({"original_positions": 64}, id="rope scaled below the text's length"),
        pytest.param({"original_positions": None, "rope_theta": 10_000}, id="plain rope"),
    ],
)
def test_logits_are_exaones_to_the_last_bit(tmp_path, shape):
    folder = write_exaone_checkpoint(tmp_path / "exaone", **shape)
    llama = to_llama(folder, tmp_path / "llama", "float32")
    ours = logits(LlamaForCausalLM, llama, torch.float32)
    assert (ours - logits(AutoModelForCausalLM, folder, torch.float32)).abs().max().item() == 0.0
    assert (ours - exaone_logits(folder, IDS)).abs().max() < 1e-5  # and right, not only equal


def test_a_folder_that_transformers_5_saved_is_read_as_well(tmp_path):
    folder = write_exaone_checkpoint(tmp_path / "exaone", original_positions=64)
    config = json.loads((folder / "config.json").read_text())
    config = {exaone_names.CONFIG_KEYS.get(key, key): value for key, value in config.items()}
    config["rope_parameters"] = {**config.pop("rope_scaling"), "rope_theta": config.pop("rope_theta")}
    (folder / "config.json").write_text(json.dumps(config))
    llama = to_llama(folder, tmp_path / "llama", "float32")
    ours = logits(LlamaForCausalLM, llama, torch.float32)
    assert (ours - logits(AutoModelForCausalLM, folder, torch.float32)).abs().max().item() == 0.0


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_weights_in_sixteen_bits_are_those_that_torch_rounds(tmp_path, dtype):
    folder = write_exaone_checkpoint(tmp_path / "exaone", tied=False)
    llama = to_llama(folder, tmp_path / "llama", dtype)
    number_format = getattr(torch, dtype)
    same = logits(LlamaForCausalLM, llama, "auto") == logits(AutoModelForCausalLM, folder, number_format)
    assert bool(same.all())
    assert {tensor.dtype for tensor in load_file(llama / "model.safetensors").values()} == {number_format}
    assert json.loads((llama / "config.json").read_text())["torch_dtype"] == dtype


def test_the_default_is_bfloat16(tmp_path):
    to_llama(write_exaone_checkpoint(tmp_path / "exaone"), tmp_path / "llama")
    assert AutoConfig.from_pretrained(tmp_path / "llama").dtype == torch.bfloat16


def test_the_settings_are_llamas_and_name_no_code(tmp_path):
    folder = to_llama(write_exaone_checkpoint(tmp_path / "exaone"), tmp_path / "llama")
    settings = json.loads((folder / "config.json").read_text())
    assert settings["model_type"] == "llama" and settings["architectures"] == ["LlamaForCausalLM"]
    assert "auto_map" not in settings and "auto_map" not in json.loads((folder / "tokenizer_config.json").read_text())
    exaone_keys = {"num_layers", "activation_function", "layer_norm_epsilon", "embed_dropout"}
    assert not exaone_keys & settings.keys()
    # Both forms of the rotary settings would be read by one version or the other: only the old one is everybody's.
    assert settings["rope_theta"] == 1e6 and settings["rope_scaling"]["rope_type"] == "llama3"
    assert "rope_parameters" not in settings
    assert (settings["eos_token_id"], settings["tie_word_embeddings"]) == (361, True)


def test_shards_keep_their_files_and_a_surplus_head_goes(tmp_path):
    folder = to_llama(write_exaone_checkpoint(tmp_path / "exaone", shards=3, lm_head=True), tmp_path / "llama")
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    found = {name: file.name for file in folder.glob("*.safetensors") for name in load_file(file)}
    assert index["weight_map"] == found and "lm_head.weight" not in found and len(set(found.values())) == 3
    bytes_held = sum(t.nbytes for file in folder.glob("*.safetensors") for t in load_file(file).values())
    assert index["metadata"]["total_size"] == bytes_held


@pytest.mark.parametrize("tokenizer_class", ["PreTrainedTokenizerFast", "GPT2Tokenizer"])
def test_the_tokenizer_splits_digits_whatever_class_the_folder_named(tmp_path, tokenizer_class):
    exaone = write_exaone_checkpoint(tmp_path / "exaone", tokenizer_class=tokenizer_class)
    (exaone / "LICENSE").write_text("words")
    folder = to_llama(exaone, tmp_path / "llama")
    tokenizer, before = AutoTokenizer.from_pretrained(folder), AutoTokenizer.from_pretrained(exaone)
    assert tokenizer.tokenize("2026") == ["2", "0", "2", "6"]
    assert tokenizer.apply_chat_template(MESSAGES) == before.apply_chat_template(MESSAGES)
    assert (tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id) == (0, 1, 361)
    for name in ("generation_config.json", "LICENSE", "tokenizer.json"):
        assert (folder / name).read_bytes() == (exaone / name).read_bytes()


def test_mini_answers_the_same_as_a_llama_folder(tmp_path):
    folder = to_llama(MINI_FOLDER, tmp_path / "mini", "float32")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.apply_chat_template(MESSAGES, tokenize=False) == AutoTokenizer.from_pretrained(
        MINI_FOLDER
    ).apply_chat_template(MESSAGES, tokenize=False)
    # For tools that do not look into chat_template.jinja.
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert settings["chat_template"] == (MINI_FOLDER / "chat_template.jinja").read_text(encoding="utf-8")
    asked = logits(LlamaForCausalLM, folder, torch.float32)
    assert (asked - logits(AutoModelForCausalLM, MINI_FOLDER, torch.float32)).abs().max().item() == 0.0


# --- refusals ---


def test_an_existing_folder_is_not_overwritten_but_an_empty_one_is_used(tmp_path):
    exaone = write_exaone_checkpoint(tmp_path / "exaone")
    (tmp_path / "empty").mkdir()
    assert (to_llama(exaone, tmp_path / "empty") / "config.json").exists()
    (tmp_path / "file").write_text("x")
    for taken in (tmp_path / "empty", tmp_path / "file", exaone):
        with pytest.raises(CourseError, match="이미 있는 이름"):
            to_llama(exaone, taken)


def test_nothing_is_left_when_it_is_interrupted(tmp_path, monkeypatch):
    exaone = write_exaone_checkpoint(tmp_path / "exaone")

    def interrupted(folder):
        raise KeyboardInterrupt

    monkeypatch.setattr(convert_llama, "_tokenizer_settings", interrupted)
    with pytest.raises(KeyboardInterrupt):
        to_llama(exaone, tmp_path / "llama")
    assert list(tmp_path.iterdir()) == [exaone]


def test_wrong_sources_and_values_are_refused(tmp_path):
    exaone = write_exaone_checkpoint(tmp_path / "exaone")
    with pytest.raises(CourseError, match="'int4'.*float32, float16, bfloat16"):
        to_llama(exaone, tmp_path / "llama", "int4")
    llama = to_llama(exaone, tmp_path / "llama")
    with pytest.raises(CourseError, match="model_type: llama"):
        to_llama(llama, tmp_path / "again")
    (exaone / "tokenizer.json").unlink()
    with pytest.raises(CourseError, match="tokenizer.json 파일이 없어"):
        to_llama(exaone, tmp_path / "again")
    assert not (tmp_path / "again").exists()
    assert open_exaone(exaone).sizes.tied
