"""The text-generation pipeline where transformers' own one alone would leave a beginner helpless.

On a GPU, a call that runs out of memory says so in Korean (``gpu_memory``); nothing else differs from the library's.

Versions 5.8 up to about 5.22 warn in every call: they hand ``generate`` both a ``GenerationConfig`` and the call's
arguments, which ``generate`` deprecates, and fill in ``max_length=20`` beside ``max_new_tokens``. Newer versions merge
the two themselves (``Pipeline._prepare_generate_kwargs``), and this module does the same for the older ones: same
arguments, same defaults, same results.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from transformers import GenerationConfig, TextGenerationPipeline

from course_utils.gpu_memory import told_when_full

if TYPE_CHECKING:
    import torch

# The library's meaning of "not set" for max_length: 20 new tokens. The older pipelines write it out.
_UNSET_LENGTH = 20
_SAMPLING = ("temperature", "top_k", "top_p", "min_p", "top_h", "typical_p", "epsilon_cutoff", "eta_cutoff")


def needed() -> bool:
    """Whether the installed transformers is one of those versions."""
    return not hasattr(TextGenerationPipeline, "_prepare_generate_kwargs")


def pipeline_class(device: torch.device) -> type[TextGenerationPipeline]:
    """The class for a model on ``device``: the library's own where nothing has to be added to it."""
    if device.type == "cpu":
        return OlderTextGenerationPipeline if needed() else TextGenerationPipeline
    return OlderGpuPipeline if needed() else GpuPipeline


class OlderTextGenerationPipeline(TextGenerationPipeline):
    """``TextGenerationPipeline`` that gives ``generate`` one ``GenerationConfig`` with the call's arguments in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        settings = vars(GenerationConfig()).keys() & kwargs.keys()
        self._given = {name: kwargs.pop(name) for name in settings}
        super().__init__(*args, **kwargs)

    def _forward(self, model_inputs: Any, **generate_kwargs: Any) -> Any:
        if generate_kwargs.get("generation_config") is None:
            generate_kwargs = self._merged({**self._given, **generate_kwargs})
        return super()._forward(model_inputs, **generate_kwargs)

    def _merged(self, arguments: dict[str, Any]) -> dict[str, Any]:
        settings = copy.deepcopy(self.generation_config)
        if settings.max_length == _UNSET_LENGTH:
            settings.max_length = None
        if "max_length" in arguments and "max_new_tokens" not in arguments:
            settings.max_new_tokens = None
        if not arguments.get("do_sample", settings.do_sample):
            for name in _SAMPLING:
                setattr(settings, name, None)
        rest = settings.update(**{name: value for name, value in arguments.items() if name != "generation_config"})
        return {**rest, "generation_config": settings}


class _TellsWhenFull:
    def forward(self, model_inputs: Any, **forward_params: Any) -> Any:
        with told_when_full():
            return super().forward(model_inputs, **forward_params)


class GpuPipeline(_TellsWhenFull, TextGenerationPipeline):
    """``TextGenerationPipeline`` whose calls say in Korean that the GPU's memory ran out."""


class OlderGpuPipeline(_TellsWhenFull, OlderTextGenerationPipeline):
    """The same for the older versions."""
