"""Lesson 02's decoder, taken out of the notebook as learners see it, against transformers on random EXAONE checkpoints.

Only functions and classes are taken, so nothing that the notebook computed on its own model can leak in.
"""

import ast
import math
import random
from functools import cache
from pathlib import Path

import nbformat
import pytest
import torch
from checkpoints import write_exaone_checkpoint

import course_utils.exaone  # noqa: F401 - transformers can then read the checkpoints
from tools.bootstrap import BOOTSTRAP_ID

NOTEBOOK = Path(__file__).parent.parent / "notebooks" / "02_exaone_architecture.ipynb"
TOLERANCE = 1e-4
LENGTH = 150  # longer than the 64 positions of the scaled configurations below


@cache
def definitions():
    """Name -> source of every function and class that the notebook's cells define at the top level."""
    found = {}
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type == "code" and cell.get("id") != BOOTSTRAP_ID:
            for node in ast.parse(cell.source).body:
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    assert node.name not in found, f"{node.name} is defined twice: which one is the lesson's?"
                    found[node.name] = ast.get_source_segment(cell.source, node)
    return found


def lesson(changes=()):
    """The notebook's definitions as a namespace, after replacing text ``old`` -> ``new`` that must occur once."""
    source = "\n\n\n".join(definitions().values())
    for old, new in changes:
        assert source.count(old) == 1, f"the notebook has {old!r} {source.count(old)} times"
        source = source.replace(old, new)
    names = {"math": math, "torch": torch, "nn": torch.nn}
    exec(compile(source, str(NOTEBOOK), "exec"), names)
    return names


@pytest.fixture(autouse=True)
def no_gradients():
    with torch.no_grad():
        yield


def checkpoint(folder, **shape):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(write_exaone_checkpoint(folder, **shape), dtype="float32").eval()


def random_shape(seed, kv_heads, tied):
    """A configuration with 8 query heads: other sizes, other RoPE and other weights for every seed."""
    draw = random.Random(f"{seed} {kv_heads} {tied}")
    return {
        "heads": 8,
        "kv_heads": kv_heads,
        "tied": tied,
        "layers": draw.randint(1, 4),
        "hidden": 8 * draw.choice([4, 8, 10, 16]),
        "ffn": draw.randint(20, 200),
        "vocab": draw.randint(362, 700),
        "rope_theta": draw.choice([10_000, 1_000_000]),
        "original_positions": draw.choice([None, 64, 8192]),
        "seed": draw.randint(0, 10_000),
    }


def difference(names, model, rows=2, length=LENGTH):
    """The largest difference between the lesson's logits and transformers'."""
    ids = torch.randint(model.config.vocab_size, (rows, length), generator=torch.Generator().manual_seed(length))
    ours, theirs = names["build"](model)(ids), model(ids).logits
    assert ours.shape == theirs.shape == (rows, length, model.config.vocab_size) and ours.dtype == theirs.dtype
    return (ours - theirs).abs().max().item()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("kv_heads", [2, 8, 1], ids=["GQA 8/2", "MHA 8/8", "MQA 8/1"])
def test_the_assembled_decoder_gives_the_logits_of_transformers(tmp_path, kv_heads, tied, seed):
    model = checkpoint(tmp_path, **random_shape(seed, kv_heads, tied))
    assert model.config.tie_word_embeddings is tied and model.config.num_key_value_heads == kv_heads
    for length in (1, 7, LENGTH):
        assert difference(lesson(), model, length=length) < TOLERANCE


MISTAKES = {
    "gate and up swapped": (
        "silu(self.gate_proj(x)) * self.up_proj(x)",
        "self.gate_proj(x) * silu(self.up_proj(x))",
    ),
    "ReLU for SiLU": ("return x * torch.sigmoid(x)", "return torch.relu(x)"),
    "scores not scaled": (" / math.sqrt(q.shape[-1])", ""),
    "no mask": ("scores.masked_fill(future, -math.inf)", "scores"),
    "mask lets the next token through": (".triu(1)", ".triu(2)"),
    "KV heads dealt out in turn, not in groups": (
        "kv.repeat_interleave(heads // kv.shape[-3], dim=-3)",
        "kv.repeat(1, heads // kv.shape[-3], 1, 1)",
    ),
    "rotation pairs neighbours": ("first, second = x.chunk(2, dim=-1)", "first, second = x[..., ::2], x[..., 1::2]"),
    "rotation the other way round": (
        "[first * cos - second * sin, second * cos + first * sin]",
        "[first * cos + second * sin, second * cos - first * sin]",
    ),
    "key not rotated": (
        "k = rotate(split_heads(self.k_proj(x), self.size), angles)",
        "k = split_heads(self.k_proj(x), self.size)",
    ),
    "value rotated too": (
        "v = split_heads(self.v_proj(x), self.size)",
        "v = rotate(split_heads(self.v_proj(x), self.size), angles)",
    ),
    "no RoPE scaling": ('if rope["rope_type"] != "llama3":', "if True:"),
    "RoPE scaling without the blend": (".clamp(0, 1)", ".clamp(0, 1).round()"),
    "mean taken off in the norm": ("x.float().pow(2).mean(", "(x.float() - x.float().mean(-1, True)).pow(2).mean("),
    "norm without its weight": ("self.weight * (x.float() * scale)", "(x.float() * scale)"),
    "no residual around attention": ("x = x + self.self_attn(", "x = self.self_attn("),
    "no residual around the feed-forward part": ("return x + self.mlp(", "return self.mlp("),
    "no norm before the feed-forward part": ("self.mlp(self.post_attention_layernorm(x))", "self.mlp(x)"),
    "no last norm": ("self.lm_head(self.norm(x))", "self.lm_head(x)"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_one_wrong_line_is_seen(tmp_path, mistake):
    model = checkpoint(tmp_path, heads=8, kv_heads=2, original_positions=64, rope_theta=10_000)
    assert difference(lesson(), model) < TOLERANCE
    assert difference(lesson([mistake]), model) > 10 * TOLERANCE


def test_an_untied_output_layer_is_not_replaced_by_the_embedding(tmp_path):
    model = checkpoint(tmp_path, tied=False)
    wrong = ("self.lm_head(self.norm(x))", "self.norm(x) @ self.embed_tokens.weight.T")
    assert difference(lesson([wrong]), model) > 10 * TOLERANCE


def test_greedy_decoding_writes_what_generate_writes(tmp_path):
    model = checkpoint(tmp_path, kv_heads=2, layers=2)
    names = lesson()
    answers = []
    for seed in range(4):
        ids = torch.randint(5, 300, (1, 12), generator=torch.Generator().manual_seed(seed))
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        theirs = model.generate(**inputs, max_new_tokens=25, do_sample=False)[0, 12:].tolist()
        # Ends at this answer's fifth token, to see that the loop stops there and keeps the token that stopped it.
        end = theirs[4]
        assert names["greedy"](names["build"](model), ids, end=-1, limit=25) == theirs
        assert names["greedy"](names["build"](model), ids, end=end, limit=25) == theirs[: theirs.index(end) + 1]
        answers.append(tuple(theirs))
    assert len(set(answers)) == 4


def test_the_decoder_shares_the_models_weights_instead_of_copying_them(tmp_path):
    """EXAONE 2.4B fills a T4 once, not twice."""
    model = checkpoint(tmp_path)
    mine = lesson()["build"](model)
    theirs = {weight.data_ptr() for weight in model.state_dict().values()}
    assert {weight.data_ptr() for weight in mine.state_dict().values()} <= theirs


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("kv_heads", [8, 4, 2, 1])
def test_the_formulas_for_parameters_and_cache_hold(tmp_path, kv_heads, tied):
    names = lesson()
    model = checkpoint(tmp_path, **random_shape(1, kv_heads, tied))
    counted = names["count"](model.config)
    assert counted == names["count_real"](model)
    assert sum(counted.values()) == sum(weight.numel() for weight in model.parameters())
    cache = model(torch.ones(3, 17, dtype=torch.long), use_cache=True).past_key_values
    stored = sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)
    assert stored == 3 * names["cache_bytes"](model.config, 17, 4)


def test_each_definition_is_as_short_as_the_lesson_says():
    lines = {name: len(source.splitlines()) for name, source in definitions().items()}
    assert lines["RMSNorm"] <= 8 and max(lines.values()) <= 15
    assert {"FeedForward", "rotate", "rope_speeds", "grouped_attention", "Attention", "Block", "Decoder"} <= set(lines)
