"""Task 6: how many parameters a configuration makes, against the real model counted on torch's meta device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from answer_key.ex02.real_modules import counted_parameters
from answer_key.task import Aspect, Case, Mistake, Task
from course_utils.published_configs import published_config

_KEYS = (
    "vocab_size",
    "hidden_size",
    "num_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "intermediate_size",
    "tie_word_embeddings",
)


def reference(config):
    """The parameters of ``ExaoneForCausalLM``, counted one tensor at a time."""
    return counted_parameters(config)


def _count(
    c: Mapping[str, Any],
    kv_heads=None,
    width=None,
    matrices=3,
    output=None,
    last_norm=1,
    tables=1,
    norms=2,
    square=2,
    shared=2,
):
    d, layers = c["hidden_size"], c["num_layers"]
    queries = width or c["num_attention_heads"] * c["head_dim"]
    keys = (kv_heads or c["num_key_value_heads"]) * c["head_dim"]
    attention = square * d * queries + shared * d * keys
    block = attention + matrices * d * c["intermediate_size"] + norms * d
    separate = not c["tie_word_embeddings"] if output is None else output
    return (tables + separate) * c["vocab_size"] * d + layers * block + last_norm * d


def tied_counted_twice(config):
    return _count(config, output=True)


def never_separate(config):
    return _count(config, output=False)


def full_keys(config):
    return _count(config, kv_heads=config["num_attention_heads"])


def square_queries(config):
    return _count(config, width=config["hidden_size"])


def no_output_projection(config):
    return _count(config, square=1)


def two_matrices(config):
    return _count(config, matrices=2)


def no_last_norm(config):
    return _count(config, last_norm=0)


def one_norm(config):
    return _count(config, norms=1)


def with_layer_norm_bias(config):
    return _count(config, norms=4, last_norm=2)


def one_block(config):
    return _count({**config, "num_layers": 1})


def keys_without_values(config):
    return _count(config, shared=1)


def no_norms(config):
    return _count(config, norms=0, last_norm=0)


def heads_without_their_size(config):
    return _count({**config, "head_dim": 1})


def no_embedding(config):
    return _count(config, tables=0)


def _config(vocabulary, hidden, layers, heads, kv_heads, head_dim, middle, tied) -> dict[str, Any]:
    return dict(zip(_KEYS, (vocabulary, hidden, layers, heads, kv_heads, head_dim, middle, tied), strict=True))


def _random(rng: np.random.Generator, tied: bool, wide: bool = False) -> dict[str, Any]:
    kv_heads, shared, head_dim = (int(n) for n in rng.integers((1, 2, 1), (4, 4, 5)))
    heads, head_dim = kv_heads * shared, 2 * head_dim
    hidden = heads * head_dim + (6 if wide else 0)
    middle, vocabulary, layers = int(rng.integers(20, 60)), int(rng.integers(50, 200)), int(rng.integers(2, 5))
    return _config(vocabulary, hidden, layers, heads, kv_heads, head_dim, middle, tied)


def _published(size: str) -> dict[str, Any]:
    return {key: published_config(size)[key] for key in _KEYS}


def _tied(rng: np.random.Generator) -> list[Case]:
    return [Case(_random(rng, tied=True))]


def _untied(rng: np.random.Generator) -> list[Case]:
    return [Case(_random(rng, tied=False))]


def _wide(rng: np.random.Generator) -> list[Case]:
    return [Case(_random(rng, tied=bool(tied), wide=True)) for tied in (0, 1)]


TASK = Task(
    name="parameter_count",
    title="파라미터의 수",
    reference=reference,
    judge=("close", {"rtol": 0, "atol": 0.5}),
    seconds=3.0,
    aspects=(
        Aspect(
            "tied",
            "출력층이 임베딩을 함께 쓸 때",
            points=2,
            visible=(
                Case(_config(10, 8, 2, 2, 1, 4, 10, True), label="손으로 센 예"),
                Case(_published("2.4B"), label="EXAONE 3.5 2.4B"),
            ),
            hidden=_tied,
        ),
        Aspect(
            "untied",
            "출력층을 따로 둘 때",
            points=1,
            visible=(
                Case(_config(10, 8, 2, 2, 1, 4, 10, False), label="손으로 센 예"),
                Case(_published("7.8B"), label="EXAONE 3.5 7.8B"),
            ),
            hidden=_untied,
        ),
        Aspect("wide", "쿼리 헤드를 이은 크기가 은닉 벡터의 크기와 다를 때", points=1, hidden=_wide),
    ),
    mistakes=(
        Mistake(
            "tied_counted_twice",
            tied_counted_twice,
            "출력층을 따로 셌습니다. tie_word_embeddings가 참이면 출력층은 임베딩의 표를 함께 쓰므로 한 번만 셉니다.",
        ),
        Mistake(
            "never_separate",
            never_separate,
            "출력층을 세지 않았습니다. tie_word_embeddings가 거짓이면 (어휘의 크기 × 은닉 벡터의 크기)만큼 더 "
            "있습니다.",
        ),
        Mistake(
            "full_keys",
            full_keys,
            "키와 값의 밀집층을 쿼리만큼 크게 셌습니다. 그룹 쿼리 어텐션에서는 KV 헤드의 "
            "수(num_key_value_heads)만큼만 있습니다.",
        ),
        Mistake(
            "square_queries",
            square_queries,
            "쿼리와 출력 밀집층을 (은닉 × 은닉)으로 셌습니다. 쿼리의 크기는 num_attention_heads × head_dim이고, "
            "은닉 벡터의 크기와 다른 모델도 있습니다.",
        ),
        Mistake(
            "no_output_projection",
            no_output_projection,
            "어텐션의 밀집층은 넷입니다. 쿼리, 키, 값 말고도 헤드를 이은 다음에 지나는 o_proj가 있습니다.",
        ),
        Mistake(
            "two_matrices",
            two_matrices,
            "피드포워드의 밀집층을 둘만 셌습니다. 게이트가 있는 피드포워드에는 gate_proj, up_proj, down_proj 셋이 "
            "있습니다.",
        ),
        Mistake(
            "no_last_norm",
            no_last_norm,
            "마지막 정규화가 빠졌습니다. 블록을 모두 지난 다음에 정규화가 하나 더 있습니다(은닉 벡터의 크기만큼).",
        ),
        Mistake(
            "one_norm",
            one_norm,
            "블록마다 정규화를 하나만 셌습니다. 어텐션 앞과 피드포워드 앞에 하나씩, 둘이 있습니다.",
        ),
        Mistake(
            "with_layer_norm_bias",
            with_layer_norm_bias,
            "정규화마다 절편까지 셌습니다. RMS 정규화에는 절편이 없고 가중치만 있습니다.",
        ),
        Mistake(
            "one_block",
            one_block,
            "블록을 하나만 셌습니다. 어텐션, 피드포워드와 정규화 두 개는 블록마다 있으므로 num_layers를 곱해 주십시오.",
        ),
        Mistake(
            "no_embedding",
            no_embedding,
            "임베딩의 표가 빠졌습니다. (어휘의 크기 × 은닉 벡터의 크기)를 더해 주십시오.",
        ),
        Mistake(
            "keys_without_values",
            keys_without_values,
            "키와 값의 밀집층 가운데 하나만 셌습니다. 크기는 같지만 서로 다른 밀집층이므로 둘 다 세어 주십시오.",
        ),
        Mistake(
            "no_norms",
            no_norms,
            "정규화를 하나도 세지 않았습니다. RMS 정규화에는 은닉 벡터의 크기만큼 가중치가 있고, 블록마다 둘, 마지막에 "
            "하나가 있습니다.",
        ),
        Mistake(
            "heads_without_their_size",
            heads_without_their_size,
            "헤드의 수에 head_dim을 곱하지 않았습니다. 쿼리의 크기는 (쿼리 헤드의 수 × head_dim), 키와 값의 크기는 (KV "
            "헤드의 수 × head_dim)입니다.",
        ),
    ),
)
