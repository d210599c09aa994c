"""``to_gguf()``: an EXAONE 3.x folder as one GGUF file for llama.cpp (architecture ``exaone``).

Neither torch nor transformers is loaded: the first start of the local server waits for this.
Source: llama.cpp's own converter (``conversion/exaone.py``) and the GGUF specification,
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.architecture import Sizes
from course_utils.errors import CourseValueError, first_line
from course_utils.exaone_folder import ConversionError, ExaoneFolder, open_exaone
from course_utils.exaone_names import to_gguf_name
from course_utils.gguf_tokenizer import same_words
from course_utils.part_files import part_file, progress_bar
from course_utils.stored_tensors import NUMPY_DTYPES, Stream
from course_utils.tables import listed

if TYPE_CHECKING:
    import numpy as np
    from gguf import GGUFWriter

VERSION = 2  # of what this module writes; a cached file of another version is made again
DTYPES = ("float16", "float32", "bfloat16")
_PRE_TOKENIZER = "exaone"


def to_gguf(src: str | os.PathLike, dst: str | os.PathLike, *, dtype: str = "float16") -> Path:
    """Write the EXAONE 3.x folder ``src`` as the GGUF file ``dst`` and return its path.

    The matrices are stored in ``dtype`` (``"float16"``, ``"float32"`` or ``"bfloat16"``), the norms in float32 as
    llama.cpp wants them. ``dst`` appears only when it is whole; an older file of that name is replaced.

    Raises:
        CourseError: ``src`` is no whole EXAONE 3.x folder with a BPE tokenizer, or ``dst`` cannot be written.
    """
    if dtype not in DTYPES:
        raise CourseValueError(f"자료형(dtype) '{dtype}' 값은 쓸 수 없습니다. 쓸 수 있는 값: {', '.join(DTYPES)}")
    folder = open_exaone(src)
    target = Path(dst).expanduser()
    if target.is_dir():
        raise ConversionError(
            f"폴더가 이미 있는 이름입니다: {target}\nmini.gguf처럼 만들 파일의 이름까지 적어 주십시오."
        )
    vocabulary = read_vocabulary(folder)
    with part_file(target, folder.bytes_in(dtype)) as part:
        _write(part, folder, vocabulary, dtype)
    return target


def _write(part: Path, folder: ExaoneFolder, vocabulary: dict[str, Any], dtype: str) -> None:
    import numpy as np
    from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType

    raw = {"float16": "F16", "float32": "F32", "bfloat16": "BF16"}
    kinds = {name: GGMLQuantizationType[code] for name, code in raw.items()}
    writer = GGUFWriter(part, "exaone")
    try:
        writer.add_name(folder.name)
        if folder.licence:
            writer.add_license(folder.licence)
        writer.add_file_type(LlamaFileType["ALL_F32" if dtype == "float32" else f"MOSTLY_{raw[dtype]}"])
        add_sizes(writer, folder.sizes, folder.positions, folder.epsilon, folder.rope["rope_theta"])
        add_vocabulary(writer, vocabulary)
        factors = rope_factors(folder.rope, folder.sizes.head_dim, folder.positions)
        if factors is not None:
            writer.add_tensor_info("rope_freqs.weight", factors.shape, factors.dtype, factors.nbytes)
        streams = []
        for name, tensor in folder.tensors.items():
            stream = Stream(tensor, "float32" if len(tensor.shape) == 1 else dtype)
            width = np.dtype(NUMPY_DTYPES[stream.dtype])
            writer.add_tensor_info(to_gguf_name(name), tensor.shape, width, stream.nbytes, kinds[stream.dtype])
            streams.append(stream)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        if factors is not None:
            writer.write_tensor_data(factors)
        with progress_bar("GGUF로 변환", folder.bytes_in(dtype)) as bar:
            for stream in streams:
                writer.write_tensor_data(stream)
                bar.update(stream.nbytes)
    finally:
        writer.close()


def add_sizes(writer: GGUFWriter, model: Sizes, positions: int, epsilon: float, rope_theta: float) -> None:
    """The model's shape as llama.cpp's metadata."""
    writer.add_context_length(positions)
    writer.add_embedding_length(model.hidden)
    writer.add_block_count(model.layers)
    writer.add_feed_forward_length(model.intermediate)
    writer.add_head_count(model.heads)
    writer.add_head_count_kv(model.kv_heads)
    writer.add_key_length(model.head_dim)
    writer.add_value_length(model.head_dim)
    writer.add_layer_norm_rms_eps(epsilon)
    writer.add_rope_dimension_count(model.head_dim)
    writer.add_rope_freq_base(rope_theta)
    writer.add_vocab_size(model.vocabulary)


def add_vocabulary(writer: GGUFWriter, vocabulary: dict[str, Any]) -> None:
    """What ``read_vocabulary`` returns, as llama.cpp's metadata."""
    writer.add_tokenizer_model("gpt2")  # llama.cpp's word for byte-level BPE
    writer.add_tokenizer_pre(_PRE_TOKENIZER)
    writer.add_token_list(vocabulary["tokens"])
    writer.add_token_types(vocabulary["types"])
    writer.add_token_merges(vocabulary["merges"])
    for name, number in vocabulary["special"].items():
        writer.add_uint32(f"tokenizer.ggml.{name}_token_id", number)
    writer.add_add_bos_token(False)
    if vocabulary["chat_template"]:
        writer.add_chat_template(vocabulary["chat_template"])


def rope_factors(rope: dict[str, Any], head_dim: int, positions: int) -> np.ndarray | None:
    """What llama.cpp divides each rotary frequency by (float32, one for each pair of numbers); None without scaling.

    Llama 3.1's scaling: waves shorter than ``original / high_freq_factor`` tokens stay, those longer than
    ``original / low_freq_factor`` are stretched by ``factor``, those between are blended.
    Source: ``_compute_llama3_parameters`` of transformers.
    """
    import numpy as np

    if rope["rope_type"] == "default":
        return None
    low, high = rope["low_freq_factor"], rope["high_freq_factor"]
    original = rope.get("original_max_position_embeddings") or positions
    waves = 2 * np.pi * rope["rope_theta"] ** (np.arange(0, head_dim, 2, dtype=np.float64) / head_dim)
    # 0 for long waves, 1 for short ones; equal limits leave no room to blend.
    share = np.clip((original / waves - low) / (high - low), 0, 1) if high > low else (original / waves > low) * 1.0
    return (1 / ((1 - share) / rope["factor"] + share)).astype(np.float32)


def read_vocabulary(folder: ExaoneFolder) -> dict[str, Any]:
    """The folder's tokenizer: ``tokens`` and ``types`` by id, ``merges``, ``special`` ids, ``chat_template``.

    Raises:
        ConversionError: no ``tokenizer.json``, no BPE, other word splitting than EXAONE's, or more tokens than rows.
    """
    content = _tokenizer_json(folder)
    from gguf import TokenType

    model, size = content["model"], folder.sizes.vocabulary
    tokens = [f"[PAD{number}]" for number in range(size)]  # rows of the embedding that no token uses
    types = [int(TokenType.UNUSED)] * size
    added = {row["content"]: (row["id"], row["special"]) for row in content.get("added_tokens") or []}
    beyond = [token for token, number in model["vocab"].items() if number >= size]
    beyond += [token for token, (number, _) in added.items() if number >= size]
    if beyond:
        raise ConversionError(
            f"토크나이저의 토큰이 config.json의 vocab_size({size:,}개)보다 많습니다: {folder.path} "
            f"({listed(beyond, shown=3)})\n같은 모델의 tokenizer.json과 config.json인지 확인해 주십시오."
        )
    for token, number in model["vocab"].items():
        tokens[number], types[number] = token, int(TokenType.NORMAL)
    for token, (number, special) in added.items():
        tokens[number], types[number] = token, int(TokenType.CONTROL if special else TokenType.USER_DEFINED)
    ids = {token: number for number, token in enumerate(tokens)}
    merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in model["merges"]]
    return {
        "tokens": tokens,
        "types": types,
        "merges": merges,
        "special": _special_ids(folder, model, ids),
        "chat_template": folder.chat_template,
    }


def _special_ids(folder: ExaoneFolder, model: dict[str, Any], ids: dict[str, int]) -> dict[str, int]:
    special = {}
    for name, key in (("bos", "bos_token_id"), ("eos", "eos_token_id"), ("padding", "pad_token_id")):
        number = folder.settings.get(key)
        number = number[0] if isinstance(number, list) else number
        if number is not None:
            special[name] = number
    unknown = folder.tokenizer_settings.get("unk_token") or model.get("unk_token")
    unknown = unknown.get("content") if isinstance(unknown, dict) else unknown
    if unknown in ids:
        special["unknown"] = ids[unknown]
    return special


def _tokenizer_json(folder: ExaoneFolder) -> dict[str, Any]:
    file = folder.path / "tokenizer.json"
    if not file.exists():
        raise ConversionError(
            f"tokenizer.json 파일이 없어 변환하지 않았습니다: {folder.path}\n"
            "모델을 내려받은 곳에서 tokenizer.json도 같은 폴더에 받아 주십시오."
        )
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        kind = content["model"]["type"]
        fits = kind == "BPE" and same_words(file)
    except Exception as error:  # the tokenizers library raises bare Exception for what it cannot read
        raise ConversionError(
            f"tokenizer.json을 읽을 수 없습니다({first_line(error)}): {folder.path}\n파일을 다시 내려받아 주십시오."
        ) from error
    if not fits:
        what = f"종류 {kind}" if kind != "BPE" else "글을 나누는 규칙이 EXAONE과 다름"
        raise ConversionError(
            f"EXAONE의 토크나이저(바이트 단위 BPE)가 아니어서 변환하지 않았습니다: {folder.path} ({what})\n"
            "LG가 공개한 모델의 tokenizer.json을 써 주십시오."
        )
    return content
