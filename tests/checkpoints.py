"""Tiny random checkpoints in EXAONE's on-disk format, written without the code under test.

Tensors go to safetensors files under EXAONE's names and ``config.json`` gets the keys that LG publishes, so a wrong
name in ``course_utils.exaone`` cannot cancel itself out. The tokenizer is a small byte-level BPE with EXAONE's
special ids: ``[PAD]`` 0, ``[BOS]`` 1, ``[|endofturn|]`` 361.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file

PAD, BOS, END_OF_TURN = 0, 1, 361
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}{{ '[|system|][|endofturn|]\\n' }}{% endif %}"
    "{{ '[|' + message['role'] + '|]' + message['content'] }}"
    "{% if message['role'] == 'user' %}{{ '\\n' }}{% else %}{{ '[|endofturn|]\\n' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '[|assistant|]' }}{% endif %}"
)
_TOKENIZER_TEXT = [
    "안녕하세요 고객님 문의해 주셔서 감사합니다",
    "이 다이어리에 달력이 표시되어 있나요",
    "네 상품 상세 페이지에서 확인하실 수 있습니다",
    "배송은 보통 이틀에서 사흘 정도 걸립니다",
    "[|system|] [|user|] [|assistant|]",
    "2026년 2026년 2026년 2026년 2026년",
    "please answer the question about this product in one sentence",
]


def exaone_config(
    *,
    layers: int = 3,
    hidden: int = 64,
    heads: int = 8,
    kv_heads: int = 2,
    ffn: int = 96,
    vocab: int = 362,
    tied: bool = True,
    rope_theta: float = 1_000_000,
    original_positions: int | None = 8192,
    max_positions: int = 32768,
    dtype: str = "float32",
) -> dict:
    """``config.json`` as LG publishes it; ``original_positions=None`` means no RoPE scaling."""
    scaling = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
    scaling["original_max_position_embeddings"] = original_positions
    return {
        "activation_function": "silu",
        "architectures": ["ExaoneForCausalLM"],
        "attention_dropout": 0.0,
        "auto_map": {
            "AutoConfig": "configuration_exaone.ExaoneConfig",
            "AutoModelForCausalLM": "modeling_exaone.ExaoneForCausalLM",
            "AutoModelForSequenceClassification": "modeling_exaone.ExaoneForSequenceClassification",
        },
        "bos_token_id": BOS,
        "embed_dropout": 0.0,
        "eos_token_id": END_OF_TURN,
        "head_dim": hidden // heads,
        "hidden_size": hidden,
        "initializer_range": 0.02,
        "intermediate_size": ffn,
        "layer_norm_epsilon": 1e-05,
        "max_position_embeddings": max_positions,
        "model_type": "exaone",
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "num_layers": layers,
        "pad_token_id": PAD,
        "rope_scaling": scaling if original_positions else None,
        "rope_theta": rope_theta,
        "tie_word_embeddings": tied,
        "torch_dtype": dtype,
        "transformers_version": "4.43.0",
        "use_cache": True,
        "vocab_size": vocab,
    }


def exaone_tensors(config: dict, *, seed: int = 0) -> dict[str, torch.Tensor]:
    """Random weights under EXAONE's names, with logits of order one; ``lm_head.weight`` is always there."""
    generator = torch.Generator().manual_seed(seed)
    hidden, ffn, head_dim = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    queries, keys = config["num_attention_heads"] * head_dim, config["num_key_value_heads"] * head_dim

    def linear(rows: int, columns: int) -> torch.Tensor:
        return torch.randn(rows, columns, generator=generator) * columns**-0.5

    def norm() -> torch.Tensor:
        return 1 + 0.2 * torch.randn(hidden, generator=generator)

    tensors = {"transformer.wte.weight": linear(config["vocab_size"], hidden) / 2}
    for layer in range(config["num_layers"]):
        shapes = {"q_proj": (queries, hidden), "k_proj": (keys, hidden), "v_proj": (keys, hidden)}
        shapes["out_proj"] = (hidden, queries)
        for name, shape in shapes.items():
            tensors[f"transformer.h.{layer}.attn.attention.{name}.weight"] = linear(*shape)
        for name, shape in {"c_fc_0": (ffn, hidden), "c_fc_1": (ffn, hidden), "c_proj": (hidden, ffn)}.items():
            tensors[f"transformer.h.{layer}.mlp.{name}.weight"] = linear(*shape)
        for name in ("ln_1", "ln_2"):
            tensors[f"transformer.h.{layer}.{name}.weight"] = norm()
    tensors["transformer.ln_f.weight"] = norm()
    tied_head = tensors["transformer.wte.weight"].clone()
    tensors["lm_head.weight"] = tied_head if config["tie_word_embeddings"] else linear(config["vocab_size"], hidden) / 2
    return tensors


def write_exaone_checkpoint(
    path: str | Path,
    *,
    shards: int = 1,
    lm_head: bool | None = None,
    seed: int = 0,
    edit: Callable[[dict[str, torch.Tensor]], None] | None = None,
    overrides: dict | None = None,
    tokenizer_class: str | None = "PreTrainedTokenizerFast",
    **shape,
) -> Path:
    """Write a whole model folder and return it.

    ``shape`` goes to ``exaone_config``. ``lm_head``: write the key (default: only when untied, as LG does).
    ``edit(tensors)`` changes the tensors just before they are written and ``overrides`` the keys of ``config.json``
    (after the tensors were shaped), to make broken checkpoints. ``tokenizer_class``: what ``tokenizer_config.json``
    says; None writes no tokenizer.
    """
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    config = exaone_config(**shape)
    tensors = exaone_tensors(config, seed=seed)
    if not (not config["tie_word_embeddings"] if lm_head is None else lm_head):
        del tensors["lm_head.weight"]
    dtype = getattr(torch, config["torch_dtype"])
    tensors = {name: tensor.to(dtype) for name, tensor in tensors.items()}
    if edit:
        edit(tensors)
    _write_weights(folder, tensors, shards)
    _write_json(folder / "config.json", {**config, **(overrides or {})})
    ids = {"bos_token_id": BOS, "eos_token_id": END_OF_TURN, "pad_token_id": PAD}
    _write_json(folder / "generation_config.json", {"_from_model_config": True, **ids})
    if tokenizer_class:
        write_tokenizer(folder, tokenizer_class)
    return folder


def _write_weights(folder: Path, tensors: dict[str, torch.Tensor], shards: int) -> None:
    if shards == 1:
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        return
    weight_map = {}
    for number in range(shards):
        part = dict(list(tensors.items())[number::shards])
        file = f"model-{number + 1:05d}-of-{shards:05d}.safetensors"
        save_file(part, folder / file, metadata={"format": "pt"})
        weight_map |= dict.fromkeys(part, file)
    size = sum(tensor.nbytes for tensor in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": weight_map}
    _write_json(folder / "model.safetensors.index.json", index)


def write_tokenizer(folder: Path, tokenizer_class: str = "PreTrainedTokenizerFast") -> None:
    """``tokenizer.json`` (digits split one by one, as EXAONE does), ``vocab.json``, ``merges.txt`` and their config."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    words = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.pre_tokenizer = words
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=END_OF_TURN,
        special_tokens=["[PAD]", "[BOS]", "[UNK]"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_TOKENIZER_TEXT, trainer)
    # Only now: the vocabulary then holds "2026" in one piece, so a reader that loses this rule gives itself away.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(r"\p{N}"), "isolated"), words])
    assert tokenizer.token_to_id("2026") is not None
    tokenizer.add_special_tokens([AddedToken("[|endofturn|]", special=True, normalized=False)])
    assert tokenizer.token_to_id("[|endofturn|]") == END_OF_TURN
    tokenizer.save(str(folder / "tokenizer.json"))
    tokenizer.model.save(str(folder))
    settings = {
        "add_bos_token": False,
        "add_prefix_space": False,
        "bos_token": "[BOS]",
        "chat_template": CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": True,
        "eos_token": "[|endofturn|]",
        "pad_token": "[PAD]",
        "tokenizer_class": tokenizer_class,
        "unk_token": "[UNK]",
    }
    _write_json(folder / "tokenizer_config.json", settings)


def _write_json(file: Path, content: dict) -> None:
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
