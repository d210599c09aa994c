"""A GPU whose memory runs out in the middle of the work: told in Korean, and the memory is given back.

torch's error alone would keep the memory: its traceback refers to every frame of ``generate``, and these to the cache
of keys and values that filled the GPU. Jupyter keeps the last traceback, so the next try would fail as well.
"""

from __future__ import annotations

import gc
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from course_utils.loading_errors import NotEnoughMemoryError


def ran_out(error: BaseException) -> bool:
    """Whether ``error`` says that a GPU (CUDA or Apple's) has no memory left."""
    import torch

    # Apple's backend has no type of its own for it.
    return isinstance(error, torch.OutOfMemoryError) or "MPS backend out of memory" in str(error)


def give_back(error: BaseException) -> None:
    """Free what the failed work still holds: its local variables, and torch's reserve of GPU memory.

    ``error`` keeps its message and its lines; only the variables of the frames that have ended are gone.
    """
    import torch

    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


@contextmanager
def told_when_full() -> Iterator[None]:
    """What runs inside says in Korean that GPU memory ran out, and leaves none of it occupied.

    Raises:
        NotEnoughMemoryError: instead of torch's error, which is its cause.
    """
    try:
        yield
    except RuntimeError as error:
        if not ran_out(error):
            raise
        give_back(error)
        raise NotEnoughMemoryError(
            "GPU 메모리가 모자라 답을 끝까지 만들지 못했습니다. 모델은 그대로 있고 쓰던 메모리는 돌려놓았으므로, "
            "커널(kernel)을 다시 시작하지 않아도 됩니다.\n"
            "max_new_tokens를 줄이거나 앞선 대화를 줄여서 다시 실행해 주십시오. 질문 여러 개를 한꺼번에 넣었다면 "
            "batch_size나 num_return_sequences를 줄여 주십시오.\n"
            "같은 GPU를 쓰는 다른 노트북의 커널이 있으면 꺼 주십시오."
        ) from error
