"""Arithmetic on a model's configuration: parameters, bytes, KV cache and floating-point operations, without weights.

The architecture is EXAONE 3.x's, which is Llama's: embedding, blocks of grouped-query attention and gated feed-forward
with RMSNorm before each, a last RMSNorm, an output layer that may be the embedding again ("tied").
Sources: EXAONE 3.5 technical report (arXiv:2412.04862); ``LlamaForCausalLM`` of transformers, which the tests count.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from course_utils.errors import CourseValueError
from course_utils.known_models import BYTES_PER_VALUE

_ARCHITECTURES = ("exaone", "llama")
# What a configuration may call it: Llama's name, EXAONE's name.
_LAYER_KEYS = ("num_hidden_layers", "num_layers")


@dataclass(frozen=True)
class Sizes:
    """The sizes that decide what a decoder costs; every function here takes one in place of a configuration.

    ``hidden``: numbers per token between the blocks; ``intermediate``: inside the feed-forward part; ``heads`` query
    heads share ``kv_heads`` key-value heads of ``head_dim`` numbers each; ``tied``: the output layer is the embedding.
    """

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocabulary: int
    tied: bool = False
    attention_bias: bool = False
    feed_forward_bias: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.type == "int":
                object.__setattr__(self, field.name, _whole_number(field.name, getattr(self, field.name), least=1))
            elif not isinstance(getattr(self, field.name), bool):  # "False" would count as true
                raise CourseValueError(
                    f"{field.name}에 {getattr(self, field.name)!r} 값이 들어왔습니다. True나 False를 넣어 주십시오."
                )
        if self.heads % self.kv_heads:
            raise CourseValueError(
                f"쿼리 헤드(query head) {self.heads:,}개를 KV 헤드 {self.kv_heads:,}개에 똑같이 나눌 수 없습니다.\n"
                f"KV 헤드 수로 {self.heads:,}의 약수를 넣어 주십시오. 예: {self.heads:,}, 1"
            )

    @property
    def query_width(self) -> int:
        """Numbers per token in all query heads together: ``heads * head_dim``."""
        return self.heads * self.head_dim

    @property
    def kv_width(self) -> int:
        """Numbers per token in all key heads together, and in all value heads: ``kv_heads * head_dim``."""
        return self.kv_heads * self.head_dim

    @property
    def kind(self) -> str:
        """``"MHA"`` (a KV head for every query head), ``"MQA"`` (one for all) or ``"GQA"`` (between)."""
        if self.kv_heads == self.heads:
            return "MHA"
        return "MQA" if self.kv_heads == 1 else "GQA"


def sizes(config: Any) -> Sizes:
    """The sizes in ``config``: a transformers configuration or a dict, with EXAONE's key names or Llama's.

    Left out, ``num_key_value_heads`` is the number of query heads, ``head_dim`` is hidden size / heads, and the output
    layer is tied for EXAONE and separate otherwise: the defaults of transformers and of ``course_utils.exaone``.

    Raises:
        CourseValueError: a key is missing, a size is no positive whole number, a switch is no bool, heads that cannot
            be shared, or a model type of another architecture (its parts would be counted wrongly).
    """
    if isinstance(config, Sizes):
        return config
    kind = _read(config, "model_type")
    if kind is not None and kind not in _ARCHITECTURES:
        raise CourseValueError(
            f"'{kind}' 모델은 구조가 달라 여기의 식으로 셀 수 없습니다.\n"
            f"{', '.join(_ARCHITECTURES)} 구조의 설정(config)을 넣어 주십시오."
        )
    hidden, heads = _required(config, "hidden_size"), _required(config, "num_attention_heads")
    head_dim = _read(config, "head_dim")
    tied = _read(config, "tie_word_embeddings")
    return Sizes(
        hidden=hidden,
        layers=_required(config, *_LAYER_KEYS),
        heads=heads,
        kv_heads=heads if (kv_heads := _read(config, "num_key_value_heads")) is None else kv_heads,
        head_dim=_head_dim(hidden, heads) if head_dim is None else head_dim,
        intermediate=_required(config, "intermediate_size"),
        vocabulary=_required(config, "vocab_size"),
        tied=kind == "exaone" if tied is None else tied,
        attention_bias=_read(config, "attention_bias") or False,
        feed_forward_bias=_read(config, "mlp_bias") or False,
    )


def count_parameters(config: Any) -> dict[str, Any]:
    """How many parameters the model has, part by part.

    Returns:
        ``"total"`` = ``"embedding"`` + ``"attention"`` + ``"feed_forward"`` + ``"norm"`` + ``"output_layer"``, each for
        the whole model (``"output_layer"`` is 0 when tied: the embedding is counted once). ``"per_layer"`` is a dict
        for one block: ``q, k, v, o, gate, up, down, norm, total``.

    Raises:
        CourseValueError: as ``sizes``.
    """
    model = sizes(config)
    layer = _layer_parameters(model)
    table = model.vocabulary * model.hidden
    counts = {
        "embedding": table,
        "attention": model.layers * sum(layer[name] for name in "qkvo"),
        "feed_forward": model.layers * sum(layer[name] for name in ("gate", "up", "down")),
        "norm": model.layers * layer["norm"] + model.hidden,
        "output_layer": 0 if model.tied else table,
    }
    return {"total": sum(counts.values()), **counts, "per_layer": {**layer, "total": sum(layer.values())}}


def weight_bytes(config: Any, dtype: str = "bfloat16") -> int:
    """Bytes of all weights in ``dtype``: ``"float32"``, ``"bfloat16"``, ``"float16"`` or torch's name of it.

    Raises:
        CourseValueError: another dtype; as ``sizes``.
    """
    name = str(dtype).removeprefix("torch.")
    if name not in BYTES_PER_VALUE:
        raise CourseValueError(
            f"자료형(dtype) '{name}'의 바이트 수를 알지 못합니다.\n"
            f"다음 가운데 하나를 넣어 주십시오: {', '.join(BYTES_PER_VALUE)}"
        )
    return count_parameters(config)["total"] * BYTES_PER_VALUE[name]


def kv_cache_bytes(config: Any, tokens: int, batch: int = 1, bytes_per_value: int = 2) -> int:
    """Bytes of the KV cache: 2 (key and value) x layers x KV heads x head dimension x tokens x batch x bytes.

    ``bytes_per_value``: 2 for bfloat16 and float16, 4 for float32.

    Raises:
        CourseValueError: a number that is not whole, ``tokens`` below 0, the others below 1; as ``sizes``.
    """
    model = sizes(config)
    tokens = _whole_number("tokens", tokens, least=0)
    batch = _whole_number("batch", batch, least=1)
    width = _whole_number("bytes_per_value", bytes_per_value, least=1)
    return 2 * model.layers * model.kv_width * tokens * batch * width


def flops_parts(config: Any, context: int) -> dict[str, int]:
    """Floating-point operations to compute one more token that sees ``context`` tokens (itself included).

    A matrix of a x b numbers costs 2ab operations for a token, one multiplication and one addition for each number:

    - ``"projections"``: 2 x layers x (q + k + v + o)
    - ``"scores"``: 4 x layers x heads x head dimension x context: query times keys, weights times values
    - ``"feed_forward"``: 2 x layers x (gate + up + down)
    - ``"output_layer"``: 2 x vocabulary x hidden size, also when tied (sharing saves memory, not work)

    Norms, softmax, SiLU, RoPE and biases are left out: they grow with the width, not with its square. The embedding
    is a look-up. Source: Hoffmann et al. 2022 (arXiv:2203.15556), appendix F, with grouped keys and values.

    Raises:
        CourseValueError: ``context`` is no whole number of 1 or more; as ``sizes``.
    """
    model = replace(sizes(config), attention_bias=False, feed_forward_bias=False)
    context = _whole_number("context", context, least=1)
    counts = count_parameters(model)
    return {
        "projections": 2 * counts["attention"],
        "scores": 4 * model.layers * model.query_width * context,
        "feed_forward": 2 * counts["feed_forward"],
        "output_layer": 2 * model.vocabulary * model.hidden,
    }


def flops_per_token(config: Any, context: int) -> int:
    """The sum of ``flops_parts``: operations for one more token after ``context - 1`` others, with a KV cache."""
    return sum(flops_parts(config, context).values())


def with_kv_heads(config: Any, kv_heads: int) -> Any:
    """A copy of ``config``, of its own kind, with ``kv_heads`` KV heads: heads (MHA), 1 (MQA) or between (GQA).

    The head dimension stays what it is.

    Raises:
        CourseValueError: ``kv_heads`` does not divide the number of query heads; as ``sizes``.
    """
    model = replace(sizes(config), kv_heads=kv_heads)
    if isinstance(config, Sizes):
        return model
    changes = {"num_key_value_heads": model.kv_heads, "head_dim": model.head_dim}
    if isinstance(config, Mapping):
        return {**copy.deepcopy(dict(config)), **changes}
    changed = copy.deepcopy(config)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _layer_parameters(model: Sizes) -> dict[str, int]:
    bias, fold = int(model.attention_bias), int(model.feed_forward_bias)
    return {
        "q": (model.hidden + bias) * model.query_width,
        "k": (model.hidden + bias) * model.kv_width,
        "v": (model.hidden + bias) * model.kv_width,
        "o": (model.query_width + bias) * model.hidden,
        "gate": (model.hidden + fold) * model.intermediate,
        "up": (model.hidden + fold) * model.intermediate,
        "down": (model.intermediate + fold) * model.hidden,
        "norm": 2 * model.hidden,
    }


def _read(config: Any, *names: str) -> Any:
    """The first of ``names`` that ``config`` has and that is not None, else None."""
    found = (config.get(name) if isinstance(config, Mapping) else getattr(config, name, None) for name in names)
    return next((value for value in found if value is not None), None)


def _required(config: Any, *names: str) -> int:
    value = _read(config, *names)
    if value is None:
        raise CourseValueError(
            f"설정(config)에 '{' 또는 '.join(names)}' 값이 없습니다.\n"
            "config.json을 읽은 dict나 AutoConfig.from_pretrained(...)의 결과를 그대로 넣어 주십시오."
        )
    return _whole_number(names[0], value, least=1)


def _head_dim(hidden: int, heads: int) -> int:
    if hidden % heads:
        raise CourseValueError(
            f"은닉 차원(hidden_size) {hidden:,}, 헤드 수 {heads:,}: 나누어떨어지지 않아 헤드 차원을 정할 수 없습니다.\n"
            "head_dim을 함께 넣거나 두 값을 확인해 주십시오."
        )
    return hidden // heads


def _whole_number(name: str, value: Any, least: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or number < least:
        raise CourseValueError(
            f"{name}에 {value!r} 값이 들어왔습니다. {least} 이상의 정수(whole number)를 넣어 주십시오."
        )
    return number
