"""The model's side of a decode step: which logits follow a half-written answer, and how to show a token honestly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np

_VISIBLE = {" ": "␣", "\n": "↵", "\t": "⇥", "\r": "␍"}
# Bytes that are not whole letters, after decoding with "surrogateescape".
_LONE_BYTES = re.compile("[\udc80-\udcff]+")


def prompt_ids(pipe: Any, messages: Sequence[dict[str, str]], answer: str = "") -> list[int]:
    """Token ids of a chat up to the point where the assistant would go on, with ``answer`` as its beginning.

    Args:
        pipe: a text-generation pipeline, as ``load_pipeline()`` gives it.
        messages: dictionaries with ``role`` and ``content``.
        answer: what the assistant has said so far.
    """
    prompt = pipe.tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True)
    # The template writes the special tokens itself; the tokenizer must not add a second beginning.
    return pipe.tokenizer(prompt + answer, add_special_tokens=False)["input_ids"]


def next_token_logits(pipe: Any, ids: Sequence[int]) -> np.ndarray:
    """The model's logits for the token after ``ids``: float32, shape ``(V,)``, V the model's vocabulary.

    V can be larger than the tokenizer's: models round it up to a size that computes fast.
    """
    import torch

    with torch.inference_mode():
        batch = torch.tensor([list(ids)], device=pipe.model.device)
        return pipe.model(input_ids=batch, logits_to_keep=1, use_cache=False).logits[0, -1].float().cpu().numpy()


def token_text(tokenizer: Any, token_id: int) -> str:
    """One token as visible text: spaces as ``␣``, line breaks as ``↵``, pieces of letters as their bytes (``<EC 95>``).

    Byte-level tokenizers cut rare letters into bytes; decoded alone such a piece would show as ``�``. An id beyond the
    tokenizer's vocabulary shows as ``<102399>``.
    """
    token = tokenizer.convert_ids_to_tokens(int(token_id))
    if token is None:
        return f"<{int(token_id)}>"
    text = tokenizer.decode([int(token_id)])
    if "\ufffd" in text:
        text = _from_bytes(token) or text
    elif token.startswith("▁") and not text.startswith(" "):  # SentencePiece; decode() drops a leading space
        text = " " + text
    visible = "".join(_visible(letter) for letter in text) or f"<{int(token_id)}>"
    return _LONE_BYTES.sub(lambda found: f"<{' '.join(f'{ord(x) - 0xDC00:02X}' for x in found[0])}>", visible)


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
