"""The published configurations of EXAONE 3.5: values of the three ``config.json`` files, no download needed.

Sources: ``config.json`` of LGAI-EXAONE/EXAONE-3.5-{2.4B,7.8B,32B}-Instruct on the Hugging Face Hub and table 1 of the
technical report (arXiv:2412.04862), read in November 2026. The rotary lines of the 7.8B file were not seen; they are
given as in the other two, and no count of parameters, bytes or operations depends on them.
"""

from __future__ import annotations

import copy
from typing import Any

from course_utils.errors import CourseValueError

_COMMON: dict[str, Any] = {
    "model_type": "exaone",
    "num_key_value_heads": 8,
    "vocab_size": 102_400,
    "activation_function": "silu",
    "layer_norm_epsilon": 1e-5,
    "max_position_embeddings": 32_768,
    "rope_theta": 1_000_000,
    "rope_scaling": {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    },
    "bos_token_id": 1,
    "eos_token_id": 361,
    "pad_token_id": 0,
}
_BY_SIZE: dict[str, dict[str, Any]] = {
    "2.4B": {
        "hidden_size": 2560,
        "num_layers": 30,
        "num_attention_heads": 32,
        "head_dim": 80,
        "intermediate_size": 7168,
        "tie_word_embeddings": True,
    },
    "7.8B": {
        "hidden_size": 4096,
        "num_layers": 32,
        "num_attention_heads": 32,
        "head_dim": 128,
        "intermediate_size": 14_336,
        "tie_word_embeddings": False,
    },
    "32B": {
        "hidden_size": 5120,
        "num_layers": 64,
        "num_attention_heads": 40,
        "head_dim": 128,
        "intermediate_size": 27_392,
        "tie_word_embeddings": False,
    },
}
PUBLISHED_SIZES = tuple(_BY_SIZE)


def published_config(size: str) -> dict[str, Any]:
    """The configuration of EXAONE 3.5 in ``size`` (``"2.4B"``, ``"7.8B"`` or ``"32B"``) under EXAONE's key names.

    A dict of the caller's own; ``course_utils.exaone.ExaoneConfig(**published_config(size))`` is the same as a
    transformers configuration.

    Raises:
        CourseValueError: another size.
    """
    if size not in _BY_SIZE:
        raise CourseValueError(
            f"EXAONE 3.5에는 '{size}' 크기가 없습니다. 다음 가운데 하나를 넣어 주십시오: {', '.join(PUBLISHED_SIZES)}"
        )
    return copy.deepcopy({**_COMMON, **_BY_SIZE[size]})
