"""Random GGUFs: of the real shape, runnable, quickly written."""

import tracemalloc
from math import prod

import numpy as np
import pytest
from gguf import GGUFReader, dequantize
from openai import OpenAI

from course_utils.architecture import count_parameters
from course_utils.gguf_header import read_header
from course_utils.gguf_tokenizer import tokenizer_of
from course_utils.published_configs import published_config
from course_utils.serving import local_server
from tools import random_gguf
from tools.random_gguf import RandomBlocks, write_random_gguf

SMALL = {
    **published_config("2.4B"),
    "num_layers": 2, "hidden_size": 128, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32,
    "intermediate_size": 256, "vocab_size": 4000,
}  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write_random_gguf(tmp_path_factory.mktemp("random") / "small.gguf", SMALL)


def test_the_shape_is_the_one_asked_for(file):
    header = read_header(file)
    assert header.parameters == count_parameters(SMALL)["total"]
    assert header.metadata["general.file_type"] == 2  # mostly Q4_0
    assert header.metadata["exaone.rope.freq_base"] == 1e6 and "rope_freqs.weight" in header.shapes


def test_the_matrices_are_valid_blocks_of_order_one_over_the_root_of_the_columns(file):
    for tensor in GGUFReader(file).tensors:
        if tensor.tensor_type.name == "Q4_0":
            values = dequantize(tensor.data, tensor.tensor_type)
            assert values.shape == tuple(reversed([int(n) for n in tensor.shape]))
            assert np.isfinite(values).all()
            assert 0.9 < values.std() * values.shape[1] ** 0.5 < 1.1
            assert abs(values.mean()) < 0.2 * values.std()


def test_the_same_seed_gives_the_same_file_and_another_one_another(file, tmp_path):
    assert write_random_gguf(tmp_path / "same.gguf", SMALL).read_bytes() == file.read_bytes()
    assert write_random_gguf(tmp_path / "other.gguf", SMALL, seed=1).read_bytes() != file.read_bytes()


def test_the_engine_runs_it_and_says_something(file):
    with local_server(str(file)) as server:
        client = OpenAI(base_url=server.base_url, api_key=server.api_key)
        messages = [{"role": "user", "content": "배송은 언제 오나요?"}]
        answer = client.chat.completions.create(model=server.model, messages=messages, seed=1, max_completion_tokens=12)
    assert answer.usage.completion_tokens == 12
    assert sum("가" <= letter <= "힣" for letter in answer.choices[0].message.content) >= 12


def test_its_tokenizer_reads_korean_as_minis_and_knows_every_token(file):
    tokenizer = tokenizer_of(file)
    assert tokenizer.tokenize("2026") == ["2", "0", "2", "6"] and tokenizer.eos_token_id == 361
    assert len(tokenizer) == 4000 == len(set(tokenizer.convert_ids_to_tokens(range(4000))))
    assert all("가" <= letter <= "힣" for letter in tokenizer.decode([3999]).strip())


def test_memory_stays_small_for_a_large_matrix(tmp_path):
    blocks = RandomBlocks((65_536, 2560), np.random.default_rng(0))
    tracemalloc.start()
    with open(tmp_path / "x", "wb") as opened:
        blocks.tofile(opened)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "x").stat().st_size == blocks.nbytes == prod(blocks.shape) // 32 * 18 > 90_000_000
    assert peak < 50_000_000


def test_shapes_that_cannot_be_are_refused(tmp_path):
    with pytest.raises(ValueError, match="below mini's 3072"):
        write_random_gguf(tmp_path / "x.gguf", {**SMALL, "vocab_size": 3000})
    with pytest.raises(ValueError, match="multiples of 32"):
        write_random_gguf(tmp_path / "x.gguf", {**SMALL, "intermediate_size": 100})
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_starts_from_a_published_size(tmp_path, capsys):
    sizes = "--layers 1 --hidden 64 --heads 2 --kv-heads 1 --head-dim 32 --ffn 64 --vocab 3072"
    assert random_gguf.main([str(tmp_path / "x.gguf"), "--size", "7.8B", *sizes.split()]) == 0
    assert "output.weight" in read_header(tmp_path / "x.gguf").shapes  # untied, as the 7.8B
    assert str(tmp_path / "x.gguf") in capsys.readouterr().out
