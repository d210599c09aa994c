"""An EXAONE folder in other programs' formats: ``to_gguf`` for llama.cpp, ``to_llama`` for vLLM and older tools."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from course_utils.user_cache import cache_folder


def to_gguf(src: str | os.PathLike, dst: str | os.PathLike) -> Path:
    """Write the EXAONE folder ``src`` as one GGUF file ``dst`` (architecture ``exaone``)."""
    import numpy as np
    from gguf import GGUFWriter, LlamaFileType, TokenType
    from safetensors import safe_open
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    from course_utils.exaone import ExaoneConfig

    src, dst = Path(src), Path(dst)
    config = ExaoneConfig.from_pretrained(src)
    head = config.head_dim
    writer = GGUFWriter(dst, "exaone")
    writer.add_name(src.name)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(head)
    rope = config.rope_parameters
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_vocab_size(config.vocab_size)
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    tokenizer = json.loads((src / "tokenizer.json").read_text(encoding="utf-8"))
    by_id = {number: token for token, number in tokenizer["model"]["vocab"].items()}
    added = {row["id"]: row for row in tokenizer["added_tokens"]}
    tokens, kinds = [], []
    for number in range(config.vocab_size):
        if number in added:
            tokens.append(added[number]["content"])
            kinds.append(TokenType.CONTROL if added[number]["special"] else TokenType.USER_DEFINED)
        elif number in by_id:
            tokens.append(by_id[number])
            kinds.append(TokenType.NORMAL)
        else:
            tokens.append(f"[PAD{number}]")
            kinds.append(TokenType.UNUSED)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("exaone")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) if isinstance(pair, list) else pair for pair in tokenizer["model"]["merges"]])
    writer.add_bos_token_id(config.bos_token_id)
    writer.add_eos_token_id(config.eos_token_id)
    writer.add_pad_token_id(config.pad_token_id)
    writer.add_add_bos_token(False)
    writer.add_chat_template((src / "chat_template.jinja").read_text(encoding="utf-8"))
    if rope.get("rope_type", "default") != "default":
        plain = 1.0 / rope["rope_theta"] ** (np.arange(0, head, 2, dtype=np.float64) / head)
        scaled, _ = ROPE_INIT_FUNCTIONS[rope["rope_type"]](config, "cpu")
        writer.add_tensor("rope_freqs.weight", (plain / scaled.double().numpy()).astype(np.float32))
    outer = {"transformer.wte": "token_embd", "transformer.ln_f": "output_norm", "lm_head": "output"}
    inner = {
        "ln_1": "attn_norm",
        "ln_2": "ffn_norm",
        "attn.attention.q_proj": "attn_q",
        "attn.attention.k_proj": "attn_k",
        "attn.attention.v_proj": "attn_v",
        "attn.attention.out_proj": "attn_output",
        "mlp.c_fc_0": "ffn_gate",
        "mlp.c_fc_1": "ffn_up",
        "mlp.c_proj": "ffn_down",
    }
    with safe_open(src / "model.safetensors", framework="np") as file:
        for name in file.keys():  # noqa: SIM118 - safe_open has no __iter__
            stem = name.removesuffix(".weight")
            if stem not in outer:
                _, _, layer, kind = stem.split(".", 3)
            new = outer.get(stem) or f"blk.{layer}.{inner[kind]}"
            values = file.get_tensor(name)
            writer.add_tensor(f"{new}.weight", values.astype(np.float32) if values.ndim == 1 else values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return dst


def cached_gguf(src: Path) -> Path:
    """``to_gguf`` of ``src`` in the course's cache folder, made when it is not there yet."""
    stamp = "|".join(f"{file.name}:{file.stat().st_size}:{file.stat().st_mtime_ns}" for file in sorted(src.iterdir()))
    target = cache_folder("gguf") / f"{src.name}-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}.gguf"
    if not target.exists():
        part = target.with_suffix(f".{os.getpid()}.part")
        os.replace(to_gguf(src, part), target)
    return target
