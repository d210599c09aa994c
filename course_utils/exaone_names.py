"""EXAONE 3.x is Llama under other names: the names, for every module that reads or writes such a checkpoint.

Source: ``LlamaForCausalLM`` of transformers and LG's published ``config.json`` and weight files.
"""

from __future__ import annotations

import re

# EXAONE's configuration key -> Llama's.
CONFIG_KEYS = {
    "num_layers": "num_hidden_layers",
    "activation_function": "hidden_act",
    "layer_norm_epsilon": "rms_norm_eps",
}

# EXAONE's tensor name inside a layer -> Llama's. c_fc_0 is the branch that goes through SiLU.
LAYER_NAMES = {
    "ln_1": "input_layernorm",
    "ln_2": "post_attention_layernorm",
    "attn.attention.q_proj": "self_attn.q_proj",
    "attn.attention.k_proj": "self_attn.k_proj",
    "attn.attention.v_proj": "self_attn.v_proj",
    "attn.attention.out_proj": "self_attn.o_proj",
    "mlp.c_fc_0": "mlp.gate_proj",
    "mlp.c_fc_1": "mlp.up_proj",
    "mlp.c_proj": "mlp.down_proj",
}
OUTER_NAMES = {"transformer.wte": "model.embed_tokens", "transformer.ln_f": "model.norm"}
HEAD = "lm_head.weight"  # the same in both

# Llama's tensor name -> llama.cpp's.
GGUF_LAYER_NAMES = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
GGUF_OUTER_NAMES = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}


def to_llama_name(name: str) -> str:
    """Tensor name of an EXAONE checkpoint -> Llama's; other names come back as they are."""
    layer = re.fullmatch(r"transformer\.h\.(\d+)\.(.+)\.(\w+)", name)
    if layer and layer[2] in LAYER_NAMES:
        return f"model.layers.{layer[1]}.{LAYER_NAMES[layer[2]]}.{layer[3]}"
    stem, _, ending = name.rpartition(".")
    return f"{OUTER_NAMES[stem]}.{ending}" if stem in OUTER_NAMES else name


def to_gguf_name(name: str) -> str:
    """Tensor name of an EXAONE checkpoint -> llama.cpp's; KeyError for a name that is no part of the model."""
    llama = to_llama_name(name)
    layer = re.fullmatch(r"model\.layers\.(\d+)\.(.+)\.weight", llama)
    if layer:
        return f"blk.{layer[1]}.{GGUF_LAYER_NAMES[layer[2]]}.weight"
    return f"{GGUF_OUTER_NAMES[llama.removesuffix('.weight')]}.weight"
