"""The real modules of torch and transformers that this set's references run, on NumPy arrays.

Heavy imports stand inside the functions: importing the answer key must not take torch's seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def tensor(values: Any) -> Any:
    """A float64 tensor of ``values``, so that the reference rounds less than any learner."""
    import torch

    return torch.tensor(np.asarray(values, dtype=np.float64))


def llama() -> Any:
    """The module of transformers with Llama's parts; EXAONE 3.5 is built from them (``course_utils.exaone``)."""
    from transformers.models.llama import modeling_llama

    return modeling_llama


def meta_model(config: Mapping[str, Any]) -> Any:
    """The whole EXAONE model of ``config`` (keys as in ``config.json``) with shapes only: no memory, no weights."""
    import torch

    from course_utils.exaone import ExaoneConfig, ExaoneForCausalLM

    keys = {key: value for key, value in config.items() if key != "torch_dtype"}
    sizes = {"vocab_size": 16, "intermediate_size": 16, "max_position_embeddings": 65_536}
    with torch.device("meta"):
        model = ExaoneForCausalLM(ExaoneConfig(**{**sizes, **keys})).eval()
    return model.to(getattr(torch, config.get("torch_dtype", "float32")))
