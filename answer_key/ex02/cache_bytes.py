"""Task 7: bytes of the KV cache, against the cache that the real model fills on torch's meta device."""

from __future__ import annotations

from typing import Any

import numpy as np

from answer_key.ex02.real_modules import measured_cache
from answer_key.task import Aspect, Case, Mistake, Task
from course_utils.published_configs import published_config

_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}


def reference(config, tokens, batch=1):
    """Bytes of the keys and values in the ``past_key_values`` of a real run."""
    return measured_cache(config, tokens, batch)


def _bytes(c, tokens, batch=1, pair=2, heads=None, width=None, number=None, layers=None):
    heads = heads or c.get("num_key_value_heads", c["num_attention_heads"])
    width = width or c.get("head_dim", c["hidden_size"] // c["num_attention_heads"])
    number = number or _BYTES[c["torch_dtype"]]
    return pair * (layers or c["num_layers"]) * heads * width * tokens * batch * number


def keys_only(config, tokens, batch=1):
    return _bytes(config, tokens, batch, pair=1)


def query_heads(config, tokens, batch=1):
    return _bytes(config, tokens, batch, heads=config["num_attention_heads"])


def one_layer(config, tokens, batch=1):
    return _bytes(config, tokens, batch, layers=1)


def two_bytes(config, tokens, batch=1):
    return _bytes(config, tokens, batch, number=2)


def four_bytes(config, tokens, batch=1):
    return _bytes(config, tokens, batch, number=4)


def bits(config, tokens, batch=1):
    return 8 * _bytes(config, tokens, batch)


def one_text(config, tokens, batch=1):
    return _bytes(config, tokens)


def hidden_per_head(config, tokens, batch=1):
    return _bytes(config, tokens, batch, width=config["hidden_size"])


def divided_always(config, tokens, batch=1):
    return _bytes(config, tokens, batch, width=config["hidden_size"] // config["num_attention_heads"])


def one_kv_head(config, tokens, batch=1):
    return _bytes(config, tokens, batch, heads=config.get("num_key_value_heads", 1))


def never_left_out(config, tokens, batch=1):
    config["num_key_value_heads"], config["head_dim"]  # KeyError where they are left out
    return _bytes(config, tokens, batch)


def one_token(config, tokens, batch=1):
    return _bytes(config, 1, batch)


def in_kilobytes(config, tokens, batch=1):
    return _bytes(config, tokens, batch) / 1000


def _config(layers: int, hidden: int, heads: int, dtype: str, **more: int) -> dict[str, Any]:
    sizes = {"hidden_size": hidden, "num_layers": layers, "num_attention_heads": heads}
    return {**sizes, **more, "torch_dtype": dtype}


def _drawn(rng: np.random.Generator, dtype: str, kv: bool = True, size: bool = True) -> Case:
    # Factors that have no common divisors, so that two different mistakes seldom give the same number.
    kv_heads, head_dim, layers = int(rng.integers(2, 4)), 2 * int(rng.integers(2, 8)), int(rng.choice([2, 3]))
    heads = 5 * kv_heads
    hidden = heads * (head_dim + 3 if size else head_dim)
    more = ({"num_key_value_heads": kv_heads} if kv else {}) | ({"head_dim": head_dim} if size else {})
    return Case(
        _config(layers, hidden, heads, dtype, **more), int(rng.integers(5, 60)), batch=int(rng.choice([5, 7, 11]))
    )


def _given(rng: np.random.Generator) -> list[Case]:
    return [_drawn(rng, str(rng.choice(["float16", "bfloat16"])))]


def _single(rng: np.random.Generator) -> list[Case]:
    return [_drawn(rng, "float32")]


def _left_out(rng: np.random.Generator) -> list[Case]:
    return [_drawn(rng, "float16", kv=False), _drawn(rng, "float32", size=False)]


def _exaone() -> dict[str, Any]:
    keys = ("hidden_size", "num_layers", "num_attention_heads", "num_key_value_heads", "head_dim")
    return {**{key: published_config("2.4B")[key] for key in keys}, "torch_dtype": "bfloat16"}


TASK = Task(
    name="cache_bytes",
    title="KV 캐시의 크기",
    reference=reference,
    judge=("close", {"rtol": 0, "atol": 0.5}),
    seconds=3.0,
    aspects=(
        Aspect(
            "given",
            "16비트 캐시",
            points=2,
            visible=(
                Case(
                    _config(7, 330, 15, "float16", num_key_value_heads=3, head_dim=14),
                    10,
                    batch=3,
                    label="손으로 센 예",
                ),
                Case(_exaone(), 8192, batch=4, label="EXAONE 3.5 2.4B, 대화 네 개"),
            ),
            hidden=_given,
        ),
        Aspect(
            "single",
            "32비트 캐시",
            points=1,
            visible=(Case(_config(7, 330, 15, "float32", num_key_value_heads=3, head_dim=14), 10),),
            hidden=_single,
        ),
        Aspect(
            "left_out",
            "설정에 빠진 값이 있을 때",
            points=1,
            visible=(Case(_config(7, 330, 15, "float16"), 10, label="KV 헤드의 수와 head_dim이 없음"),),
            hidden=_left_out,
        ),
    ),
    mistakes=(
        Mistake(
            "two_bytes",
            two_bytes,
            "맞는 값의 절반입니다. 수 하나를 언제나 2바이트로 세지 않았는지 확인해 주십시오. torch_dtype이 "
            "float32이면 4바이트입니다.",
        ),
        Mistake(
            "keys_only",
            keys_only,
            "맞는 값의 절반입니다. 캐시에는 키와 값이 함께 들어 있으므로 2를 곱하고, 16비트 수 하나는 2바이트이므로 "
            "다시 2를 곱합니다. 둘 가운데 하나가 빠졌는지 확인해 주십시오.",
        ),
        Mistake(
            "query_heads",
            query_heads,
            "쿼리 헤드의 수를 곱했습니다. 캐시에 저장하는 것은 키와 값이므로 num_key_value_heads를 곱해 주십시오.",
        ),
        Mistake(
            "one_layer", one_layer, "블록 하나만 셌습니다. 캐시는 블록마다 따로 있으므로 num_layers를 곱해 주십시오."
        ),
        Mistake("bits", bits, "비트로 셌습니다. 8비트가 1바이트이므로 16비트 수 하나는 2바이트입니다."),
        Mistake(
            "four_bytes",
            four_bytes,
            "16비트 수를 4바이트로 셌습니다. float32만 4바이트이고, float16과 bfloat16은 둘 다 2바이트입니다.",
        ),
        Mistake("one_text", one_text, "batch를 곱하지 않았습니다. 대화마다 캐시가 따로 필요합니다."),
        Mistake(
            "hidden_per_head",
            hidden_per_head,
            "헤드마다 은닉 벡터 전체를 저장한다고 셌습니다. 헤드 하나가 저장하는 수는 head_dim개입니다.",
        ),
        Mistake(
            "divided_always",
            divided_always,
            "설정에 head_dim이 있는데도 hidden_size // num_attention_heads를 썼습니다. 그 나눗셈은 head_dim이 없을 "
            "때만 씁니다.",
        ),
        Mistake(
            "one_kv_head",
            one_kv_head,
            "num_key_value_heads가 없으면 KV 헤드를 1개로 보았습니다. 그 값이 없는 설정은 쿼리 헤드마다 KV 헤드가 "
            "있는 멀티 헤드 어텐션이므로 num_attention_heads를 써야 합니다.",
        ),
        Mistake("in_kilobytes", in_kilobytes, "1,000으로 나누었습니다. 바이트 수를 그대로 돌려주십시오."),
        Mistake(
            "never_left_out",
            never_left_out,
            "설정에 없는 이름을 대괄호로 읽어 KeyError가 났습니다. num_key_value_heads와 head_dim은 없을 수도 "
            "있습니다. 없을 때 쓸 값을 함께 주는 config.get(이름, 값)으로 읽어 주십시오.",
        ),
        Mistake(
            "one_token",
            one_token,
            "토큰의 수를 곱하지 않았습니다. 키와 값은 토큰마다 하나씩 저장됩니다.",
        ),
    ),
)
