"""An EXAONE 3.x model folder for the converters: opened and checked without loading the model."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils import checkpoint_files
from course_utils.architecture import Sizes, sizes
from course_utils.errors import CourseError, CourseValueError
from course_utils.exaone_names import HEAD, LAYER_NAMES, OUTER_NAMES
from course_utils.known_models import MINI, MINI_FOLDER, known
from course_utils.loading_errors import broken_files, missing_path
from course_utils.stored_tensors import WIDTHS, StoredTensor, stored_tensors
from course_utils.tables import listed

ROPE_TYPES = ("default", "llama3")
_DEFAULT_THETA = 10_000.0  # transformers' own, for a config.json that names none
_DEFAULT_POSITIONS = 2048
_DEFAULT_EPSILON = 1e-5


class ConversionError(CourseError):
    """The folder is no EXAONE model that the converters can read."""


@dataclass(frozen=True)
class ExaoneFolder:
    """A checked folder: ``settings`` is ``config.json``, ``tensors`` are the model's under EXAONE's names.

    A tied model has no ``lm_head.weight`` here, even where its file repeats the embedding under that name.
    """

    path: Path
    settings: dict[str, Any]
    sizes: Sizes
    tensors: dict[str, StoredTensor]

    @property
    def rope(self) -> dict[str, Any]:
        """Rotary settings: ``rope_theta``, ``rope_type`` and what that type needs."""
        settings = self.settings
        new = dict(settings.get("rope_parameters") or {})  # the key of transformers 5
        old = dict(settings.get("rope_scaling") or {})
        theta = new.get("rope_theta") or settings.get("rope_theta") or _DEFAULT_THETA
        merged = {**old, **new, "rope_theta": float(theta)}
        kind = merged.pop("type", "default")  # the oldest name
        return {"rope_type": kind, **merged}

    @property
    def positions(self) -> int:
        """Tokens of the longest text."""
        return self.settings.get("max_position_embeddings") or _DEFAULT_POSITIONS

    @property
    def epsilon(self) -> float:
        """RMSNorm's epsilon."""
        keys = ("layer_norm_epsilon", "rms_norm_eps")
        return next((self.settings[key] for key in keys if self.settings.get(key) is not None), _DEFAULT_EPSILON)

    @property
    def hub_id(self) -> str | None:
        """Where the folder comes from, when the Hub's cache holds it."""
        for part in self.path.absolute().parts:
            if found := re.fullmatch(r"models--([\w.-]+?)--([\w.-]+)", part):
                return f"{found[1]}/{found[2]}"
        return None

    @property
    def name(self) -> str:
        """What to call the model: the repository's or the folder's name."""
        return self.hub_id.split("/")[1] if self.hub_id else self.path.resolve().name

    @property
    def licence(self) -> str | None:
        """The licence that the catalogue or the folder's own model card (README.md) names."""
        if self.path.resolve() == MINI_FOLDER.resolve():
            return MINI.licence
        row = known(self.hub_id or "")
        return row.licence if row else _card_licence(self.path / "README.md")

    @property
    def chat_template(self) -> str | None:
        """The chat template (Jinja), from its own file or from ``tokenizer_config.json``; None without one."""
        file = self.path / "chat_template.jinja"
        if file.exists():
            return file.read_text(encoding="utf-8")
        template = self.tokenizer_settings.get("chat_template")
        if isinstance(template, list):  # several, by name
            return next((row["template"] for row in template if row.get("name") == "default"), None)
        return template

    @property
    def tokenizer_settings(self) -> dict[str, Any]:
        """``tokenizer_config.json``; empty where there is none."""
        file = self.path / "tokenizer_config.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def bytes_in(self, dtype: str) -> int:
        """Bytes of all weights in ``dtype``."""
        return sum(tensor.count for tensor in self.tensors.values()) * WIDTHS[dtype]


def open_exaone(folder: str | os.PathLike) -> ExaoneFolder:
    """The folder of an EXAONE 3.x model, with every tensor that its ``config.json`` asks for, in the right shape.

    Raises:
        CourseError: no such folder, no EXAONE 3.x, files missing or damaged, weights that do not fit the settings.
    """
    path = _folder(folder)
    settings = _settings(path)
    kind = settings.get("model_type")
    if kind != "exaone":
        raise ConversionError(
            f"EXAONE 3.x 모델의 폴더가 아니어서 변환하지 않았습니다: {path} (model_type: {kind})\n"
            "config.json의 model_type이 exaone인 폴더(예: EXAONE-3.5-2.4B-Instruct)를 넣어 주십시오."
        )
    checkpoint_files.check_folder(path)
    model = sizes(settings)
    _refuse_variants(path, settings, model)
    opened = ExaoneFolder(path, settings, model, _tensors(path, model))
    _check_rope(opened)
    return opened


def expected_tensors(model: Sizes) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of an EXAONE checkpoint with these sizes."""
    inner = {
        "ln_1": (model.hidden,),
        "ln_2": (model.hidden,),
        "attn.attention.q_proj": (model.query_width, model.hidden),
        "attn.attention.k_proj": (model.kv_width, model.hidden),
        "attn.attention.v_proj": (model.kv_width, model.hidden),
        "attn.attention.out_proj": (model.hidden, model.query_width),
        "mlp.c_fc_0": (model.intermediate, model.hidden),
        "mlp.c_fc_1": (model.intermediate, model.hidden),
        "mlp.c_proj": (model.hidden, model.intermediate),
    }
    embedding, norm = OUTER_NAMES
    table = (model.vocabulary, model.hidden)
    shapes: dict[str, tuple[int, ...]] = {f"{embedding}.weight": table}
    for layer in range(model.layers):
        shapes |= {f"transformer.h.{layer}.{name}.weight": inner[name] for name in LAYER_NAMES}
    shapes[f"{norm}.weight"] = (model.hidden,)
    return shapes if model.tied else {**shapes, HEAD: table}


def _folder(folder: str | os.PathLike) -> Path:
    if not isinstance(folder, (str, os.PathLike)):
        raise CourseValueError(f"모델 폴더의 경로를 글자로 넣어 주십시오. 받은 값: {folder!r}")
    path = Path(folder).expanduser()
    if not path.exists():
        raise missing_path(str(folder))
    if not path.is_dir():
        raise ConversionError(f"모델 폴더가 아니라 파일입니다: {path}\nconfig.json이 들어 있는 폴더를 넣어 주십시오.")
    return path


def _settings(path: Path) -> dict[str, Any]:
    file = path / "config.json"
    if not file.exists():
        raise ConversionError(
            f"EXAONE 모델의 폴더가 아닙니다: {path} (config.json 파일이 없습니다)\n"
            "config.json, tokenizer.json, model.safetensors가 들어 있는 폴더를 넣어 주십시오."
        )
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        settings = None
    if not isinstance(settings, dict):
        raise broken_files(str(path), "config.json 파일을 JSON으로 읽을 수 없습니다", cached=False)
    return settings


def _refuse_variants(path: Path, settings: dict[str, Any], model: Sizes) -> None:
    activation = settings.get("activation_function") or settings.get("hidden_act") or "silu"
    if settings.get("quantization_config"):
        what = "양자화(quantization)한 모델"
    elif activation != "silu":
        what = f"활성화 함수가 {activation}인 모델"
    elif model.attention_bias or model.feed_forward_bias:
        what = "절편(bias)이 있는 모델"
    else:
        return
    raise ConversionError(f"{what}은 변환할 수 없습니다: {path}\nLG가 공개한 원래 모델의 폴더를 넣어 주십시오.")


def _check_rope(folder: ExaoneFolder) -> None:
    rope = folder.rope
    if rope["rope_type"] not in ROPE_TYPES:
        raise ConversionError(
            f"로터리 위치 임베딩(RoPE)의 종류 '{rope['rope_type']}' 값은 변환할 수 없습니다: {folder.path}\n"
            f"변환할 수 있는 종류는 {', '.join(ROPE_TYPES)}입니다. EXAONE 3.5는 llama3을 씁니다."
        )
    if rope["rope_type"] == "llama3":
        lost = [key for key in ("factor", "low_freq_factor", "high_freq_factor") if not _positive(rope.get(key))]
        if lost:
            raise broken_files(
                str(folder.path),
                f"config.json의 rope_scaling에 {listed(lost, shown=5)} 값이 없거나 틀립니다",
                cached=False,
            )


def _positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _tensors(path: Path, model: Sizes) -> dict[str, StoredTensor]:
    files = checkpoint_files.weight_files(path)
    if files[0].suffix != ".safetensors":
        raise ConversionError(
            f"safetensors 형식의 가중치만 변환할 수 있습니다: {files[0].name} ({path})\n"
            "model.safetensors가 들어 있는 폴더를 넣어 주십시오."
        )
    found = {tensor.name: tensor for file in files for tensor in stored_tensors(file)}
    # Very old tools stored the rotary frequencies too; they are computed from the configuration.
    found = {name: tensor for name, tensor in found.items() if not name.endswith("rotary.inv_freq")}
    if model.tied:
        found.pop(HEAD, None)
    expected = expected_tensors(model)
    wrong = {
        "없는 가중치": expected.keys() - found.keys(),
        "남는 가중치": found.keys() - expected.keys(),
        "모양이 다른 가중치": [n for n in expected if n in found and found[n].shape != expected[n]],
    }
    told = [f"{what} {len(names)}개({listed(names, shown=3)})" for what, names in wrong.items() if names]
    if told:
        raise broken_files(str(path), f"config.json의 설정과 가중치가 맞지 않습니다: {', '.join(told)}", cached=False)
    return {name: found[name] for name in expected}


def _card_licence(card: Path) -> str | None:
    if not card.exists():
        return None
    lines = card.read_text(encoding="utf-8", errors="replace").splitlines()
    if not lines or lines[0].strip() != "---":
        return None
    found = {}
    for line in lines[1:]:
        if line.strip() == "---":
            break
        key, _, value = line.partition(":")
        found[key.strip()] = value.strip().strip("\"'")
    return found.get("license_name") or found.get("license") or None
