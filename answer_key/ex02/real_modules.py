"""The real modules of torch and transformers that this set's references run, on NumPy arrays.

Heavy imports stand inside the functions: importing the answer key must not take torch's seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np


def tensor(values: Any) -> Any:
    """A float64 tensor of ``values``, so that the reference rounds less than any learner."""
    import torch

    return torch.tensor(np.asarray(values, dtype=np.float64))


def array(values: Any) -> np.ndarray:
    """A tensor as an array, without the last few digits: they differ between processors, and 6e-17 means 0."""
    return np.round(values.detach().double().numpy(), 12) + 0.0


def llama() -> Any:
    """The module of transformers with Llama's parts; EXAONE 3.5 is built from them (``course_utils.exaone``)."""
    from transformers.models.llama import modeling_llama

    return modeling_llama


def _meta_model(config: Mapping[str, Any]) -> Any:
    """The whole EXAONE model of ``config`` (keys as in ``config.json``) with shapes only: no memory, no weights."""
    import torch

    from course_utils.exaone import ExaoneConfig, ExaoneForCausalLM

    keys = {key: value for key, value in config.items() if key != "torch_dtype"}
    # What the KV cache does not depend on may be left out of its task's configurations.
    others = {"vocab_size": 16, "intermediate_size": 16}
    with torch.device("meta"):
        model = ExaoneForCausalLM(ExaoneConfig(**{**others, **keys})).eval()
    return model.to(getattr(torch, config.get("torch_dtype", "float32")))


def counted_parameters(config: Mapping[str, Any]) -> int:
    """Parameters of the real model of ``config``, counted; a shared tensor counts once."""
    return _counted(json.dumps(config))


@lru_cache(maxsize=64)
def _counted(config: str) -> int:
    return sum(weight.numel() for weight in _meta_model(json.loads(config)).parameters())


def measured_cache(config: Mapping[str, Any], tokens: int, batch: int) -> int:
    """Bytes of the cache that the real model of ``config`` fills when it reads ``batch`` texts of ``tokens`` tokens."""
    return _measured(json.dumps(config), tokens, batch)


@lru_cache(maxsize=64)
def _measured(config: str, tokens: int, batch: int) -> int:
    import torch

    ids = torch.zeros(batch, tokens, dtype=torch.long, device="meta")
    with torch.no_grad(), torch.device("meta"):
        # Without the output layer: it has no part in the cache, and on this device every operation takes its time.
        cache = _meta_model(json.loads(config)).model(ids, use_cache=True).past_key_values
    return sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)
