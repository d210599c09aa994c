"""Write a GGUF with random weights in the shape of a real model: for measuring speed and memory without a download.

    python -m tools.random_gguf OUT.gguf [--size 2.4B | --layers 2 --hidden 64 ...]

The matrices are Q4_0 (blocks of 32 values: a float16 scale, then 16 bytes with two 4-bit numbers each, value =
scale x (number - 8)); a scale of 1 / (4.6 sqrt(columns)) keeps every layer's output of order one. The text that comes
out is noise, but it is text: the tokens behind mini's own are made-up Korean words.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType

from course_utils.architecture import Sizes, sizes
from course_utils.convert_gguf import add_sizes, add_vocabulary, read_vocabulary, rope_factors
from course_utils.exaone_folder import expected_tensors, open_exaone
from course_utils.exaone_names import to_gguf_name
from course_utils.known_models import MINI_FOLDER
from course_utils.part_files import part_file
from course_utils.published_configs import PUBLISHED_SIZES, published_config
from course_utils.user_cache import cache_folder

BLOCK = 32  # values
BLOCK_BYTES = 2 + BLOCK // 2
_SPREAD = 4.6  # standard deviation of the numbers 0 to 15
_PIECE = 1 << 20  # blocks at a time: 18 MB
_SYLLABLES = 11_172  # Hangul syllables, from U+AC00


@dataclass(frozen=True)
class RandomBlocks:
    """A random Q4_0 matrix that is made while it is written; what GGUFWriter asks of an array."""

    shape: tuple[int, ...]
    generator: np.random.Generator

    @property
    def nbytes(self) -> int:
        """Bytes in the file."""
        return self.shape[0] * self.shape[1] // BLOCK * BLOCK_BYTES

    def tofile(self, file) -> None:
        """Write the blocks."""
        scale = np.float16(1 / (_SPREAD * self.shape[1] ** 0.5)).tobytes()
        for count in _pieces(self.nbytes // BLOCK_BYTES):
            blocks = self.generator.integers(0, 256, (count, BLOCK_BYTES), np.uint8)
            blocks[:, :2] = np.frombuffer(scale, np.uint8)
            file.write(blocks.data)


def _pieces(blocks: int) -> Iterator[int]:
    for first in range(0, blocks, _PIECE):
        yield min(_PIECE, blocks - first)


def kept_random_gguf(name: str, config: dict) -> Path:
    """The random GGUF of that name in the course's cache, written when it is not there yet."""
    path = cache_folder("bench") / f"random-{name}-q4_0.gguf"
    return path if path.exists() else write_random_gguf(path, config)


def write_random_gguf(path: str | os.PathLike, config: dict | None = None, *, seed: int = 0) -> Path:
    """Write a random model of ``config``'s shape (EXAONE's keys; default: EXAONE 3.5 2.4B's) and return its path.

    Memory stays under some tens of megabytes above the interpreter's, whatever the shape. The vocabulary is mini's,
    padded with made-up words, so it needs at least as many tokens; matrices need columns in multiples of 32.
    """
    config = config or published_config("2.4B")
    model = sizes(config)
    mini = open_exaone(MINI_FOLDER)
    if model.vocabulary < mini.sizes.vocabulary:
        raise ValueError(f"vocab_size {model.vocabulary} is below mini's {mini.sizes.vocabulary}")
    tensors = {to_gguf_name(name): shape for name, shape in expected_tensors(model).items()}
    odd = {name: shape for name, shape in tensors.items() if len(shape) == 2 and shape[1] % BLOCK}
    if odd:
        raise ValueError(f"Q4_0 needs columns in multiples of {BLOCK}: {odd}")
    target = Path(path)
    total = sum(shape[0] * shape[1] // BLOCK * BLOCK_BYTES for shape in tensors.values() if len(shape) == 2)
    with part_file(target, total) as part:
        _write(part, config, model, tensors, padded(read_vocabulary(mini), model.vocabulary), seed)
    return target


def _write(part: Path, config: dict, model: Sizes, tensors: dict, vocabulary: dict, seed: int) -> None:
    generator = np.random.Generator(np.random.SFC64(seed))
    positions, theta = config.get("max_position_embeddings", 2048), float(config.get("rope_theta", 10_000))
    rope = {"rope_type": "default", **(config.get("rope_scaling") or {}), "rope_theta": theta}
    factors = rope_factors(rope, model.head_dim, positions)
    written = {} if factors is None else {"rope_freqs.weight": factors}
    for name, shape in tensors.items():
        written[name] = RandomBlocks(shape, generator) if len(shape) == 2 else np.ones(shape, np.float32)
    writer = GGUFWriter(part, "exaone")
    try:
        writer.add_name("random")
        writer.add_file_type(LlamaFileType.MOSTLY_Q4_0)
        add_sizes(writer, model, positions, config.get("layer_norm_epsilon", 1e-5), theta)
        add_vocabulary(writer, vocabulary)
        for name, values in written.items():
            kind = GGMLQuantizationType.Q4_0 if isinstance(values, RandomBlocks) else GGMLQuantizationType.F32
            writer.add_tensor_info(name, values.shape, np.dtype(np.float32), values.nbytes, kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for values in written.values():
            writer.write_tensor_data(values)
    finally:
        writer.close()


def padded(vocabulary: dict, size: int) -> dict:
    """``vocabulary`` with made-up words of two syllables behind its own tokens, up to ``size`` tokens."""
    tokens, types = list(vocabulary["tokens"]), list(vocabulary["types"])
    letters, taken = _byte_letters(), set(tokens)
    number = 0
    while len(tokens) < size:
        # A step without a common factor: the second syllables come in no visible order, and pairs do not repeat.
        word = chr(0xAC00 + number // 28 % _SYLLABLES) + chr(0xAC00 + number * 7919 % _SYLLABLES)
        token = "".join(letters[byte] for byte in f" {word}".encode())
        number += 1
        if token not in taken:
            taken.add(token)
            tokens.append(token)
            types.append(int(TokenType.NORMAL))
    return {**vocabulary, "tokens": tokens, "types": types}


def _byte_letters() -> dict[int, str]:
    """Byte -> the letter that byte-level BPE writes for it (GPT-2's table)."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {byte: chr(byte) for byte in shown} | {byte: chr(256 + place) for place, byte in enumerate(hidden)}


def _config(options: argparse.Namespace) -> dict:
    config = published_config(options.size)
    own = {
        "num_layers": options.layers,
        "hidden_size": options.hidden,
        "num_attention_heads": options.heads,
        "num_key_value_heads": options.kv_heads,
        "head_dim": options.head_dim,
        "intermediate_size": options.ffn,
        "vocab_size": options.vocab,
    }
    return {**config, **{key: value for key, value in own.items() if value is not None}}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.random_gguf", description=__doc__.splitlines()[0])
    parser.add_argument("out", help="the .gguf file to write")
    parser.add_argument("--size", choices=PUBLISHED_SIZES, default="2.4B", help="EXAONE 3.5's shape to start from")
    for name in ("layers", "hidden", "heads", "kv-heads", "head-dim", "ffn", "vocab"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    path = write_random_gguf(options.out, _config(options), seed=options.seed)
    print(f"{path} ({path.stat().st_size / 1e9:.2f} GB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
