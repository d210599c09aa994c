"""EXAONE 3.x written out in plain PyTorch, straight from its published description.

Nothing here comes from ``transformers``: the file is the yardstick that ``course_utils.exaone`` is measured with, and
a short text to read for anyone who wants to see the whole model at once. Shapes: B texts, T tokens, H heads,
G key/value heads, D numbers per head, C hidden size, V vocabulary.

Sources: EXAONE 3.5 technical report (arXiv:2412.04862), RMSNorm (arXiv:1910.07467), RoPE (arXiv:2104.09864),
grouped-query attention (arXiv:2305.13245), SwiGLU (arXiv:2002.05202), Llama 3.1's RoPE scaling (arXiv:2407.21783).
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor


def exaone_logits(folder: str | Path, ids: Tensor) -> Tensor:
    """Token ids (B, T) -> scores of the next token (B, T, V), in float32."""
    config = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
    weights = {}
    for file in sorted(Path(folder).glob("*.safetensors")):
        weights |= {name: tensor.float() for name, tensor in load_file(file).items()}

    eps = config["layer_norm_epsilon"]
    cos, sin = rope_tables(config, ids.shape[1])
    x = weights["transformer.wte.weight"][ids]  # (B, T, C)
    for number in range(config["num_layers"]):
        layer = {
            name.removeprefix(f"transformer.h.{number}."): weight
            for name, weight in weights.items()
            if name.startswith(f"transformer.h.{number}.")
        }
        x = x + attention(rms_norm(x, layer["ln_1.weight"], eps), layer, config, cos, sin)
        x = x + feed_forward(rms_norm(x, layer["ln_2.weight"], eps), layer)
    x = rms_norm(x, weights["transformer.ln_f.weight"], eps)
    # A tied model has no output matrix of its own: it asks how well x agrees with each token's embedding.
    head = weights["transformer.wte.weight"] if config["tie_word_embeddings"] else weights["lm_head.weight"]
    return x @ head.T


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    return weight * x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt()


def rope_tables(config: dict, length: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the angle by which position t turns pair d: two tables (T, D/2)."""
    dim = config["head_dim"]
    frequency = 1 / config["rope_theta"] ** (torch.arange(0, dim, 2).float() / dim)
    if config.get("rope_scaling"):
        frequency = llama3_scaling(frequency, config["rope_scaling"])
    angle = torch.arange(length).float()[:, None] * frequency
    return angle.cos(), angle.sin()


def llama3_scaling(frequency: Tensor, scaling: dict) -> Tensor:
    """Turn the slow pairs `factor` times slower, leave the fast ones, and blend in between."""
    factor, low, high = scaling["factor"], scaling["low_freq_factor"], scaling["high_freq_factor"]
    turns = scaling["original_max_position_embeddings"] * frequency / (2 * math.pi)
    keep = ((turns - low) / (high - low)).clamp(0, 1)  # 0: fewer than `low` full turns, 1: more than `high`
    return keep * frequency + (1 - keep) * frequency / factor


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each pair (x[d], x[d + D/2]) of (B, heads, T, D) by its angle."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


def attention(x: Tensor, layer: dict[str, Tensor], config: dict, cos: Tensor, sin: Tensor) -> Tensor:
    heads, groups = config["num_attention_heads"], config["num_key_value_heads"]

    def project(name: str, count: int) -> Tensor:  # (B, T, C) -> (B, count, T, D)
        y = x @ layer[f"attn.attention.{name}.weight"].T
        return y.unflatten(-1, (count, config["head_dim"])).transpose(1, 2)

    query = rotate(project("q_proj", heads), cos, sin)
    key = rotate(project("k_proj", groups), cos, sin)
    value = project("v_proj", groups)
    # H/G neighbouring query heads share one key/value head.
    key, value = (y.repeat_interleave(heads // groups, dim=1) for y in (key, value))
    scores = query @ key.transpose(-1, -2) / math.sqrt(config["head_dim"])  # (B, H, T, T)
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(diagonal=1)
    mixed = scores.masked_fill(future, -torch.inf).softmax(-1) @ value
    return mixed.transpose(1, 2).flatten(-2) @ layer["attn.attention.out_proj.weight"].T


def feed_forward(x: Tensor, layer: dict[str, Tensor]) -> Tensor:
    gate = x @ layer["mlp.c_fc_0.weight"].T
    up = x @ layer["mlp.c_fc_1.weight"].T
    return (gate * gate.sigmoid() * up) @ layer["mlp.c_proj.weight"].T
