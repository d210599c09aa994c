"""transformers' text-generation pipeline with a look at the question first.

What the library would stumble over, in English and deep in its code, is refused in Korean; questions that it can
answer reach its own code unchanged, and its arguments, defaults and results stay its own.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from course_utils import older_pipeline
from course_utils.asked_checks import ROLES, check_asked
from course_utils.errors import CourseError
from course_utils.stopping import stoppable

if TYPE_CHECKING:
    import torch
    from transformers import TextGenerationPipeline

# What the library knows beyond these: data sets, generators, chats of its own. They pass as they are.
_CHECKED = (str, bytes, dict, list, tuple, int, float, type(None))
_LONG = "sequence-length-is-longer-than-the-specified-maximum"


def pipeline_class(device: torch.device) -> type[TextGenerationPipeline]:
    """The class for a model on ``device``: the course's looks, in front of what ``older_pipeline`` chooses there."""
    return _checked(older_pipeline.pipeline_class(device))


@cache
def _checked(base: type[TextGenerationPipeline]) -> type[TextGenerationPipeline]:
    return type(f"Checked{base.__name__}", (_Checks, base), {"__doc__": _Checks.__doc__, "__module__": __name__})


class _Checks:
    """``TextGenerationPipeline`` that refuses unusable questions with a ``CourseError``, and can be stopped quietly."""

    def __call__(self, text_inputs: Any, **kwargs: Any) -> Any:
        if isinstance(text_inputs, _CHECKED):
            check_asked(text_inputs, _roles(str(self.tokenizer.chat_template)), texts_only=False)
        with stoppable(kwargs.get("streamer")):
            return super().__call__(text_inputs, **kwargs)

    def preprocess(self, *args: Any, **kwargs: Any) -> Any:
        told = getattr(self.tokenizer, "deprecation_warnings", {})
        before = told.get(_LONG)
        told[_LONG] = True  # the tokenizer's own mark for "said already": what follows says it in Korean
        try:
            inputs = super().preprocess(*args, **kwargs)
        finally:
            told.pop(_LONG)
            if before is not None:
                told[_LONG] = before
        self._check_length(inputs["input_ids"].shape[-1])
        return inputs

    def _check_length(self, tokens: int) -> None:
        limit = getattr(self.model.config, "max_position_embeddings", None)
        if limit and tokens >= limit:
            raise CourseError(
                f"질문이 너무 깁니다. 질문이 {tokens:,}토큰인데 이 모델은 답까지 합쳐 {limit:,}토큰까지 읽습니다.\n"
                "질문이나 지난 대화를 줄이거나 나누어 주십시오."
            )


@cache
def _roles(template: str) -> tuple[str, ...]:
    """The usual roles, and those that the template names besides (``'tool'``)."""
    named = dict.fromkeys(re.findall(r"""['"](tool|developer|function|ipython|model)['"]""", template))
    return (*ROLES, *named)
