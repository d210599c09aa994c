"""EXAONE in plain transformers, measured against the independent forward pass of ``exaone_reference.py``."""

import json
import re
import subprocess
import sys

import pytest
import torch
from checkpoints import exaone_config, write_exaone_checkpoint
from exaone_reference import exaone_logits
from safetensors import safe_open
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, pipeline

import course_utils.exaone as exaone
from course_utils.errors import CourseError

TOLERANCE = 1e-5  # float32, logits of order one
LENGTH = 400  # past 300, so that scaled and unscaled RoPE are far apart
MESSAGES = [{"role": "user", "content": "2026년 달력이 있나요?"}]


@pytest.fixture(scope="module")
def ids():
    return torch.randint(3, 361, (2, LENGTH), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def logits(folder, ids, **kwargs):
    return AutoModelForCausalLM.from_pretrained(folder, **kwargs)(ids).logits


def difference(ours, reference):
    return (ours - reference).abs().max().item()


def file_names(folder):
    names = set()
    for file in folder.glob("*.safetensors"):
        with safe_open(file, "pt") as tensors:
            names |= set(tensors.keys())
    return names


# --- the same numbers as the published description ---


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param({}, id="tied, as 2.4B"),
        pytest.param({"lm_head": True}, id="tied, head written all the same"),
        pytest.param({"tied": False}, id="untied, as 7.8B and 32B"),
        pytest.param({"tied": False, "shards": 3}, id="three shards"),
        pytest.param({"original_positions": 64}, id="rope scaled below the text's length"),
        pytest.param({"original_positions": 256, "hidden": 128, "kv_heads": 4}, id="rope blended, wider heads"),
        pytest.param({"original_positions": None}, id="no rope scaling"),
        pytest.param({"rope_theta": 10_000, "kv_heads": 1, "layers": 2}, id="other theta, one kv head"),
    ],
)
def test_logits_equal_the_reference(tmp_path, ids, shape):
    folder = write_exaone_checkpoint(tmp_path, **shape)
    assert difference(logits(folder, ids), exaone_logits(folder, ids)) < TOLERANCE


def swap_gate_and_up(tensors):
    for name in [name for name in tensors if "c_fc_0" in name]:
        other = name.replace("c_fc_0", "c_fc_1")
        tensors[name], tensors[other] = tensors[other], tensors[name]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"edit": swap_gate_and_up}, id="gate and up swapped"),
        pytest.param({"overrides": {"rope_scaling": None}}, id="no rope scaling"),
        pytest.param({"overrides": {"rope_theta": 10_000}}, id="other theta"),
        pytest.param({"lm_head": True, "overrides": {"tie_word_embeddings": False}, "edit": "head"}, id="untied head"),
        pytest.param({"overrides": {"layer_norm_epsilon": 1e-2}}, id="other epsilon"),
        pytest.param({"overrides": {"activation_function": "relu"}}, id="other activation"),
    ],
)
def test_what_must_differ_differs(tmp_path, ids, wrong):
    """Each typical mistake moves the logits at least a thousand times further than the tolerance."""
    if wrong.get("edit") == "head":
        wrong = {**wrong, "edit": lambda tensors: tensors["lm_head.weight"].copy_(tensors["lm_head.weight"].flip(0))}
    right = write_exaone_checkpoint(tmp_path / "right", original_positions=64)
    other = write_exaone_checkpoint(tmp_path / "wrong", original_positions=64, **wrong)
    assert difference(logits(other, ids), exaone_logits(right, ids)) > 1000 * TOLERANCE


def test_half_precision_file_loads_as_stored_or_as_asked(tmp_path, ids):
    folder = write_exaone_checkpoint(tmp_path, dtype="float16")
    assert AutoModelForCausalLM.from_pretrained(folder, dtype="auto").dtype == torch.float16
    assert difference(logits(folder, ids, dtype=torch.float32), exaone_logits(folder, ids)) < TOLERANCE


# --- generation ---


def test_generation_with_and_without_cache_and_against_the_reference(tmp_path, ids):
    folder = write_exaone_checkpoint(tmp_path, original_positions=64)
    model = AutoModelForCausalLM.from_pretrained(folder)
    prompt, settings = ids[:1, :300], {"max_new_tokens": 40, "do_sample": False}
    cached = model.generate(prompt, use_cache=True, **settings)
    assert torch.equal(cached, model.generate(prompt, use_cache=False, **settings))
    assert cached.shape[1] == 340 and len(set(cached[0, 300:].tolist())) > 5
    assert torch.equal(exaone_logits(folder, cached[:, :-1])[:, 299:].argmax(-1), cached[:, 300:])


@torch.no_grad()
def test_left_padded_batch_equals_single_texts(tmp_path, ids):
    folder = write_exaone_checkpoint(tmp_path, original_positions=64)
    model = AutoModelForCausalLM.from_pretrained(folder)
    batch, mask = ids.clone(), torch.ones_like(ids)
    batch[1, :150], mask[1, :150] = 0, 0
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    padded = model(batch, attention_mask=mask, position_ids=positions).logits
    assert difference(padded[:1], exaone_logits(folder, ids[:1])) < TOLERANCE
    assert difference(padded[1:, 150:], exaone_logits(folder, ids[1:, 150:])) < TOLERANCE
    together = model.generate(batch, attention_mask=mask, max_new_tokens=10, do_sample=False)
    alone = model.generate(batch[1:, 150:], max_new_tokens=10, do_sample=False)
    assert torch.equal(together[1, LENGTH:], alone[0, LENGTH - 150 :])


# --- Auto classes, pipeline, trust_remote_code ---


@pytest.mark.parametrize("remote", [{}, {"trust_remote_code": True}, {"trust_remote_code": False}])
def test_auto_classes_and_pipeline_take_our_classes(tmp_path, remote):
    """The folder's config.json names LG's remote code, which is not there: asking for it must not be needed."""
    folder = write_exaone_checkpoint(tmp_path)
    assert "auto_map" in json.loads((folder / "config.json").read_text())
    assert type(AutoConfig.from_pretrained(folder, **remote)) is exaone.ExaoneConfig
    assert type(AutoModelForCausalLM.from_pretrained(folder, **remote)) is exaone.ExaoneForCausalLM
    chat = pipeline("text-generation", model=str(folder), **remote)
    assert type(chat.model) is exaone.ExaoneForCausalLM
    answer = chat(MESSAGES, max_new_tokens=5, do_sample=False)[0]["generated_text"]
    assert answer[0] == MESSAGES[0] and answer[1]["role"] == "assistant" and answer[1]["content"]


@pytest.mark.parametrize("tokenizer_class", ["PreTrainedTokenizerFast", "GPT2Tokenizer"])
def test_tokenizer_splits_digits_and_knows_the_special_ids(tmp_path, tokenizer_class):
    folder = write_exaone_checkpoint(tmp_path, tokenizer_class=tokenizer_class)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.tokenize("2026") == ["2", "0", "2", "6"]
    assert (tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id) == (0, 1, 361)
    text = tokenizer.apply_chat_template(MESSAGES, tokenize=False, add_generation_prompt=True)
    assert text == "[|system|][|endofturn|]\n[|user|]2026년 달력이 있나요?\n[|assistant|]"
    encoded = tokenizer(text)["input_ids"]
    assert encoded.count(361) == 1 and 1 not in encoded
    assert tokenizer.decode(encoded) == text


# --- checkpoints that do not fit ---


def drop_two(tensors):
    del tensors["transformer.h.1.mlp.c_fc_1.weight"], tensors["transformer.ln_f.weight"]


def add_two(tensors):
    tensors["transformer.h.7.attn.attention.out_proj.weight"] = torch.zeros(2, 2)
    tensors["extra.weight"] = torch.zeros(2)


def reshape_one(tensors):
    tensors["transformer.h.0.attn.attention.k_proj.weight"] = torch.zeros(64, 64)


def reshape_head(tensors):
    tensors["lm_head.weight"] = torch.zeros(3, 64)


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"edit": drop_two}, ["transformer.h.1.mlp.c_fc_1.weight", "transformer.ln_f.weight"]),
        ({"edit": add_two}, ["transformer.h.7.attn.attention.out_proj.weight", "extra.weight"]),
        ({"edit": reshape_one}, ["transformer.h.0.attn.attention.k_proj.weight", "(64, 64)", "(16, 64)"]),
        ({"overrides": {"num_layers": 4}}, ["transformer.h.3.ln_1.weight", "transformer.h.3.mlp.c_proj.weight"]),
        ({"overrides": {"num_layers": 2}}, ["transformer.h.2.ln_2.weight"]),
        ({"tied": False, "lm_head": False}, ["lm_head.weight"]),
        ({"lm_head": True, "edit": reshape_head}, ["lm_head.weight", "(3, 64)"]),
    ],
)
def test_weights_that_do_not_fit_are_an_error_that_names_them(tmp_path, broken, named):
    folder = write_exaone_checkpoint(tmp_path, **broken)
    with pytest.raises(CourseError) as caught:
        AutoModelForCausalLM.from_pretrained(folder)
    message = str(caught.value)
    assert re.search("[가-힣]", message) and "model.layers" not in message
    assert all(name in message for name in named), message
    listed = set(re.findall(r"(?:transformer|lm_head|extra)[\w.]*weight", message))
    assert listed == {name for name in named if "weight" in name} or "num_layers" in broken.get("overrides", {})


def test_loading_info_and_accepted_shapes_are_honoured(tmp_path):
    good = write_exaone_checkpoint(tmp_path / "good")
    model, info = AutoModelForCausalLM.from_pretrained(good, output_loading_info=True)
    assert type(model) is exaone.ExaoneForCausalLM and not info["missing_keys"]
    reshaped = write_exaone_checkpoint(tmp_path / "reshaped", edit=reshape_one)
    model = AutoModelForCausalLM.from_pretrained(reshaped, ignore_mismatched_sizes=True)
    assert model.model.layers[0].self_attn.k_proj.weight.shape == (16, 64)


def test_stored_rotary_frequencies_are_ignored(tmp_path, ids):
    def add_frequencies(tensors):
        tensors["transformer.h.0.attn.attention.rotary.inv_freq"] = torch.zeros(4)
        tensors["transformer.h.1.attn.attention.rotary_emb.inv_freq"] = torch.zeros(4)

    folder = write_exaone_checkpoint(tmp_path, edit=add_frequencies)
    assert difference(logits(folder, ids), exaone_logits(folder, ids)) < TOLERANCE


# --- saving ---


@pytest.mark.parametrize("shape", [{}, {"tied": False}, {"original_positions": None}, {"max_shard_size": "100KB"}])
def test_save_pretrained_gives_back_exaones_own_format(tmp_path, ids, shape):
    size = {key: shape[key] for key in ("max_shard_size",) if key in shape}
    folder = write_exaone_checkpoint(
        tmp_path / "first", **{key: value for key, value in shape.items() if key not in size}
    )
    saved = tmp_path / "second"
    AutoModelForCausalLM.from_pretrained(folder).save_pretrained(saved, **size)
    assert file_names(saved) == file_names(folder)
    assert len(list(saved.glob("*.safetensors"))) > 1 or not size
    before, after = (json.loads((place / "config.json").read_text()) for place in (folder, saved))
    assert before.pop("auto_map") and "auto_map" not in after  # no Python files lie in the saved folder
    assert before.pop("transformers_version") != after.pop("transformers_version")
    assert after == before
    expected = exaone_logits(folder, ids)
    assert difference(exaone_logits(saved, ids), expected) == 0
    assert difference(logits(saved, ids), expected) < TOLERANCE


def test_config_reads_llamas_key_names_too():
    written = exaone_config(layers=5)
    llama_keys = dict(written)
    for exaone_key, llama_key in exaone.CONFIG_KEYS.items():
        llama_keys[llama_key] = llama_keys.pop(exaone_key)
    llama_keys["rope_parameters"] = {**llama_keys.pop("rope_scaling"), "rope_theta": llama_keys.pop("rope_theta")}
    first, second = exaone.ExaoneConfig(**written), exaone.ExaoneConfig(**llama_keys)
    assert first.to_dict() == second.to_dict() and first.num_layers == first.num_hidden_layers == 5
    assert exaone.ExaoneConfig(**first.to_dict()).to_dict() == first.to_dict()


def test_a_config_that_does_not_say_so_is_tied(tmp_path, ids):
    folder = write_exaone_checkpoint(tmp_path)
    config = exaone_config()
    del config["tie_word_embeddings"]
    expected = exaone_logits(folder, ids)
    (folder / "config.json").write_text(json.dumps(config))
    assert difference(logits(folder, ids), expected) < TOLERANCE


@pytest.mark.parametrize(
    ("shape", "parameters"),
    [
        ({"hidden": 2560, "layers": 30, "heads": 32, "ffn": 7168, "tied": True}, 2_405_327_360),
        ({"hidden": 4096, "layers": 32, "heads": 32, "ffn": 14336, "tied": False}, 7_818_448_896),
        ({"hidden": 5120, "layers": 64, "heads": 40, "ffn": 27392, "tied": False}, 32_003_200_000),
    ],
    ids=["2.4B", "7.8B", "32B"],
)
def test_published_sizes(shape, parameters):
    config = exaone.ExaoneConfig(**exaone_config(kv_heads=8, vocab=102400, **shape))
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    assert model.num_parameters() == parameters


# --- versions of transformers ---


@pytest.mark.parametrize("version", ["4.57.6", "5.7.0", "5.1.0.dev0"])
def test_too_old_transformers_is_named_with_the_way_out(version):
    with pytest.raises(CourseError, match="너무 오래") as caught:
        exaone.check_transformers(version)
    assert version in str(caught.value) and 'pip install -U "transformers>=5.8"' in str(caught.value)


@pytest.mark.parametrize("version", ["5.8.0", "5.15.0", "5.23.0", "5.100.1", "6.0.0rc1"])
def test_supported_transformers_pass(version):
    exaone.check_transformers(version)


def test_importing_under_an_old_transformers_says_so():
    code = "import transformers; transformers.__version__ = '4.57.6'; import course_utils.exaone"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode != 0 and "CourseError" in done.stderr and "4.57.6" in done.stderr
