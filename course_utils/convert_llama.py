"""``to_llama()``: an EXAONE 3.x folder as a Llama folder, for vLLM and every tool that knows no EXAONE.

Tensors are renamed and rounded file by file; no model is built and no torch is loaded.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from course_utils.errors import CourseValueError
from course_utils.exaone_folder import ConversionError, ExaoneFolder, open_exaone
from course_utils.exaone_names import CONFIG_KEYS, to_llama_name
from course_utils.part_files import part_file, progress_bar
from course_utils.stored_tensors import WIDTHS, Stream, write_safetensors

# Copied as they are: tokenizer, generation settings, and the licence, which must stay with the weights.
_COPIED = (
    "generation_config.json", "tokenizer.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "merges.txt", "chat_template.jinja", "LICENSE*", "NOTICE*", "README.md",
)  # fmt: skip
_DROPPED = ("auto_map", "rope_parameters", "dtype", "embed_dropout")


def to_llama(src: str | os.PathLike, dst: str | os.PathLike, dtype: str = "bfloat16") -> Path:
    """Write the EXAONE 3.x folder ``src`` as the Llama folder ``dst`` and return its path.

    All weights are stored in ``dtype`` (``"bfloat16"``, ``"float16"`` or ``"float32"``). ``dst`` must be a new or empty
    folder and appears only when it is whole. It is for this machine: EXAONE's licence does not allow passing it on
    under another one.

    Raises:
        CourseError: ``src`` is no whole EXAONE 3.x folder, or ``dst`` is taken or cannot be written.
    """
    if dtype not in WIDTHS:
        raise CourseValueError(f"자료형(dtype) '{dtype}' 값은 쓸 수 없습니다. 쓸 수 있는 값: {', '.join(WIDTHS)}")
    folder = open_exaone(src)
    if not (folder.path / "tokenizer.json").exists():
        raise ConversionError(
            f"tokenizer.json 파일이 없어 변환하지 않았습니다: {folder.path}\n"
            "모델을 내려받은 곳에서 tokenizer.json도 같은 폴더에 받아 주십시오."
        )
    target = Path(dst).expanduser()
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise ConversionError(
            f"이미 있는 이름이라 덮어쓰지 않았습니다: {target}\n그 폴더를 지우거나 다른 이름을 지정해 주십시오."
        )
    with part_file(target, folder.bytes_in(dtype)) as part:
        part.mkdir()
        _write_weights(part, folder, dtype)
        _write_json(part / "config.json", llama_settings(folder, dtype))
        _write_json(part / "tokenizer_config.json", _tokenizer_settings(folder))
        for pattern in _COPIED:
            for file in folder.path.glob(pattern):
                shutil.copyfile(file, part / file.name)
        if target.is_dir():
            target.rmdir()  # empty; a folder is not replaced on every system
    return target


def llama_settings(folder: ExaoneFolder, dtype: str) -> dict[str, Any]:
    """``config.json`` of the Llama folder, with the rotary settings under the keys that every version reads."""
    kept = {key: value for key, value in folder.settings.items() if key not in _DROPPED}
    settings = {CONFIG_KEYS.get(key, key): value for key, value in kept.items()}
    rope = folder.rope
    theta = rope.pop("rope_theta")
    model = folder.sizes
    return {
        **settings,
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": False,
        "head_dim": model.head_dim,
        "hidden_act": "silu",
        "max_position_embeddings": folder.positions,
        "mlp_bias": False,
        "model_type": "llama",
        "num_hidden_layers": model.layers,
        "num_key_value_heads": model.kv_heads,
        "rms_norm_eps": folder.epsilon,
        "rope_scaling": rope if rope["rope_type"] != "default" else None,
        "rope_theta": theta,
        "tie_word_embeddings": model.tied,
        "torch_dtype": dtype,
    }


def _tokenizer_settings(folder: ExaoneFolder) -> dict[str, Any]:
    settings = {key: value for key, value in folder.tokenizer_settings.items() if key != "auto_map"}
    # Any other class rebuilds the word splitting from its own rules, and "2026" becomes one token.
    settings["tokenizer_class"] = "PreTrainedTokenizerFast"
    if folder.chat_template:
        settings["chat_template"] = folder.chat_template  # older tools do not look into chat_template.jinja
    return settings


def _write_weights(part: Path, folder: ExaoneFolder, dtype: str) -> None:
    files: dict[str, list[tuple[str, Stream]]] = {}
    for name, tensor in folder.tensors.items():
        files.setdefault(tensor.file.name, []).append((to_llama_name(name), Stream(tensor, dtype)))
    with progress_bar("Llama 형식으로 변환", folder.bytes_in(dtype)) as bar:
        for file, streams in files.items():
            for size in write_safetensors(part / file, streams):
                bar.update(size)
    if list(files) != ["model.safetensors"]:
        names = {name: file for file, streams in files.items() for name, _ in streams}
        index = {"metadata": {"total_size": folder.bytes_in(dtype)}, "weight_map": dict(sorted(names.items()))}
        _write_json(part / "model.safetensors.index.json", index)


def _write_json(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
