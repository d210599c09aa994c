"""The model's side of a decode step: which logits follow a half-written answer, and how to show a token honestly."""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.errors import CourseValueError
from course_utils.gpu_memory import told_when_full

_VISIBLE = {" ": "␣", "\n": "↵", "\t": "⇥", "\r": "␍"}
# Bytes that are not whole letters, after decoding with "surrogateescape".
_LONE_BYTES = re.compile("[\udc80-\udcff]+")


def prompt_ids(pipe: Any, messages: Sequence[dict[str, str]], answer: str = "") -> list[int]:
    """Token ids of a chat up to the point where the assistant would go on, with ``answer`` as its beginning.

    Args:
        pipe: a text-generation pipeline, as ``load_pipeline()`` gives it.
        messages: dictionaries with ``role`` and ``content``.
        answer: what the assistant has said so far.

    Raises:
        CourseValueError: ``messages`` is no list of such dictionaries.
    """
    if isinstance(messages, str) or not all(isinstance(each, dict) for each in messages):
        raise CourseValueError(
            '대화는 [{"role": "user", "content": "질문"}]처럼 딕셔너리의 리스트로 넣어 주십시오. '
            f"받은 값: {messages!r}"
        )
    prompt = pipe.tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True)
    # The template writes the special tokens itself; the tokenizer must not add a second beginning.
    # verbose=False: whoever uses the ids refuses what is too long for the model, in Korean.
    return pipe.tokenizer(prompt + answer, add_special_tokens=False, verbose=False)["input_ids"]


def next_token_logits(pipe: Any, ids: Sequence[int]) -> np.ndarray:
    """The model's logits for the token after ``ids``: float32, shape ``(V,)``, V the model's vocabulary.

    V can be larger than the tokenizer's: models round it up to a size that computes fast.

    Raises:
        CourseValueError: no ids, something that is no list of whole numbers, or an id that the model does not have.
    """
    import torch

    numbers = _checked(ids, pipe.model.get_input_embeddings().num_embeddings)
    with torch.inference_mode(), told_when_full():
        batch = torch.tensor([numbers], device=pipe.model.device)
        return pipe.model(input_ids=batch, logits_to_keep=1, use_cache=False).logits[0, -1].float().cpu().numpy()


def token_text(tokenizer: Any, token_id: int) -> str:
    """One token as visible text: spaces as ``␣``, line breaks as ``↵``, pieces of letters as their bytes (``<EC 95>``).

    Byte-level tokenizers cut rare letters into bytes; decoded alone such a piece would show as ``�``. An id beyond the
    tokenizer's vocabulary shows as ``<102399>``.
    """
    token = tokenizer.convert_ids_to_tokens(int(token_id)) if token_id >= 0 else None
    if token is None:
        return f"<{int(token_id)}>"
    text = tokenizer.decode([int(token_id)])
    if "\ufffd" in text:
        text = _from_bytes(token) or text
    elif token.startswith("▁"):  # SentencePiece, whose decode() drops a leading space
        text = token.replace("▁", " ")
    visible = "".join(_visible(letter) for letter in text) or f"<{int(token_id)}>"
    return _LONE_BYTES.sub(lambda found: f"<{' '.join(f'{ord(x) - 0xDC00:02X}' for x in found[0])}>", visible)


def _checked(ids: Sequence[int], vocabulary: int) -> list[int]:
    """The ids as Python's own numbers. An id outside the vocabulary would bring a GPU down until a restart."""
    try:
        numbers = [operator.index(each) for each in ids]
    except TypeError as error:
        raise CourseValueError(
            "토큰 번호는 [1, 2, 3]처럼 정수의 리스트로 넣어 주십시오. 문장이라면 prompt_ids()로 먼저 바꾸고, "
            "여러 줄짜리 텐서라면 한 줄만 고릅니다."
        ) from error
    if not numbers:
        raise CourseValueError(
            "토큰이 하나도 없어 다음 토큰을 예측할 수 없습니다. 토큰 번호를 하나 이상 넣어 주십시오."
        )
    if not (0 <= min(numbers) and max(numbers) < vocabulary):
        wrong = next(each for each in numbers if not 0 <= each < vocabulary)
        raise CourseValueError(
            f"이 모델의 어휘에 없는 토큰 번호입니다: {wrong} (쓸 수 있는 번호: 0부터 {vocabulary - 1}까지).\n"
            "토큰 번호를 만든 토크나이저가 이 모델의 것인지 확인해 주십시오."
        )
    return numbers


def _from_bytes(token: str) -> str:
    """The text of a byte token of either kind, ``ìķ`` (byte-level BPE) or ``<0xEC>`` (SentencePiece); "" for others.

    Bytes that are not whole letters become lone surrogates.
    """
    if single := re.fullmatch(r"<0x([0-9A-F]{2})>", token):
        return bytes.fromhex(single[1]).decode("utf-8", "surrogateescape")
    if not all(letter in _BYTE_OF for letter in token):
        return ""
    return bytes(_BYTE_OF[letter] for letter in token).decode("utf-8", "surrogateescape")


def _visible(letter: str) -> str:
    if letter in _VISIBLE:
        return _VISIBLE[letter]
    if _LONE_BYTES.match(letter):
        return letter
    hidden = unicodedata.category(letter)[0] in "CZ" and letter != "\u200d"  # the joiner holds emoji together
    return f"<U+{ord(letter):04X}>" if hidden else letter


def _byte_alphabet() -> dict[str, int]:
    """Letter -> byte in the vocabulary of byte-level BPE (GPT-2's ``bytes_to_unicode``, turned round)."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + place): byte for place, byte in enumerate(others)}


_BYTE_OF = _byte_alphabet()
