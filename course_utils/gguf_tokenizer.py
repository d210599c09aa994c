"""The tokenizer inside a GGUF file as a transformers tokenizer: same tokens, same chat template."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.errors import CourseError, first_line
from course_utils.gguf_header import GgufHeader, read_header
from course_utils.loading_errors import broken_files

if TYPE_CHECKING:
    from tokenizers.pre_tokenizers import PreTokenizer
    from transformers import PreTrainedTokenizerFast

# gguf.TokenType
_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED = 1, 2, 3, 4, 5
_SPECIAL = {"bos": "bos_token", "eos": "eos_token", "unknown": "unk_token", "padding": "pad_token"}
# Every kind of word boundary of GPT-2's rule, and digits of more than one script.
_SAMPLE = " 2026년 12월, don't  stop!  I've 3½Ⅳ ٣٤ 배송은\n\n언제?\t[|user|] a1b2\u3000끝 "


def exaone_words() -> PreTokenizer:
    """EXAONE's word splitting: every digit alone, the rest as GPT-2 does; bytes as letters."""
    from tokenizers import Regex, pre_tokenizers

    digits = pre_tokenizers.Split(Regex(r"\p{N}"), "isolated")
    return pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])


def same_words(tokenizer_json: Path) -> bool:
    """Whether a ``tokenizer.json`` splits text into EXAONE's words."""
    from tokenizers import Tokenizer

    splitter = Tokenizer.from_file(str(tokenizer_json)).pre_tokenizer
    return splitter is not None and splitter.pre_tokenize_str(_SAMPLE) == exaone_words().pre_tokenize_str(_SAMPLE)


def tokenizer_of(file: str | os.PathLike) -> PreTrainedTokenizerFast:
    """The tokenizer of a .gguf file, from the file's own metadata.

    EXAONE's kind is built here, with Unicode normalization (NFC) as in EXAONE's ``tokenizer.json``, which GGUF cannot
    say: Hangul that arrives as separate letters is read as syllables. For other kinds transformers' own GGUF reader
    is asked.

    Raises:
        CourseError: the file is damaged, has no tokenizer, or one of a kind that nobody here can read.
    """
    path = Path(file)
    try:
        header = read_header(path)
    except (ValueError, OSError) as error:
        raise broken_files(str(path), "GGUF 파일이 잘렸거나 깨졌습니다", cached=False) from error
    metadata = header.metadata
    if not metadata.get("tokenizer.ggml.tokens"):
        raise CourseError(
            f"토크나이저(tokenizer)가 들어 있지 않은 GGUF 파일입니다: {path}\n모델 전체가 든 GGUF 파일을 써 주십시오."
        )
    if metadata.get("tokenizer.ggml.model") == "gpt2" and metadata.get("tokenizer.ggml.pre") == "exaone":
        return _built(header)
    return _read_by_transformers(path, header)


def _built(header: GgufHeader) -> PreTrainedTokenizerFast:
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers
    from transformers import PreTrainedTokenizerFast

    metadata = header.metadata
    tokens = metadata["tokenizer.ggml.tokens"]
    types = metadata.get("tokenizer.ggml.token_type") or [_NORMAL] * len(tokens)
    special = _special_tokens(metadata, tokens)
    merges = [tuple(line.split(" ", 1)) for line in metadata.get("tokenizer.ggml.merges", [])]
    vocabulary = {token: number for number, token in enumerate(tokens) if types[number] != _UNUSED}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token=special.get("unk_token")))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.NFC(), exaone_words()
    tokenizer.decoder = decoders.ByteLevel()
    for number, kind in enumerate(types):
        if kind in (_CONTROL, _UNKNOWN):
            tokenizer.add_special_tokens([AddedToken(tokens[number], special=True, normalized=False)])
        elif kind == _USER_DEFINED:
            tokenizer.add_tokens([AddedToken(tokens[number], special=False, normalized=False)])
    length = metadata.get(f"{header.architecture}.context_length")
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        chat_template=metadata.get("tokenizer.chat_template"),
        padding_side="left",
        clean_up_tokenization_spaces=False,
        **({"model_max_length": length} if length else {}),
        **special,
    )


def _special_tokens(metadata: dict[str, Any], tokens: list[str]) -> dict[str, str]:
    found = {name: metadata.get(f"tokenizer.ggml.{key}_token_id") for key, name in _SPECIAL.items()}
    return {name: tokens[number] for name, number in found.items() if number is not None and number < len(tokens)}


def _read_by_transformers(path: Path, header: GgufHeader) -> PreTrainedTokenizerFast:
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name, local_files_only=True)
    except Exception as error:  # an architecture it does not know shows as any kind of error
        kind = f"{header.metadata.get('tokenizer.ggml.model')}/{header.metadata.get('tokenizer.ggml.pre')}"
        raise CourseError(
            f"이 GGUF 파일의 토크나이저를 여기서 읽을 수 없습니다: {path.name} "
            f"(구조 {header.architecture}, 종류 {kind}, {first_line(error) or type(error).__name__})\n"
            "EXAONE이나 mini의 GGUF 파일을 써 주십시오. 서버(local_server)에는 이 파일도 쓸 수 있습니다."
        ) from error
