"""to_gguf() judged by what llama.cpp computes from the file: transformers' text and transformers' probabilities."""

import json
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import torch
from checkpoints import write_exaone_checkpoint
from gguf import GGUFReader
from gguf_engine import engine_logprobs, torch_logprobs
from openai import OpenAI

from course_utils import convert_gguf, exaone_names, load_pipeline, stored_tensors
from course_utils.convert import to_gguf
from course_utils.errors import CourseError
from course_utils.gguf_header import read_header
from course_utils.known_models import MINI_FOLDER
from course_utils.serving import local_server

# Largest difference of a log-probability. The engine keeps keys and values in float16 whatever the file holds.
TOLERANCE = {"float32": 0.003, "float16": 0.01, "bfloat16": 0.05}
IDS = torch.randint(3, 361, (300,), generator=torch.Generator().manual_seed(1)).tolist()
QUESTIONS = (
    "배송은 언제 오나요?", "이 텀블러 무게가 얼마나 되나요?", "환불하고 싶어요.", "2026년 달력인가요?",
    "세탁기에 돌려도 되나요?", "안녕하세요", "사이즈가 어떻게 되나요?", "재고가 있나요?", "색상은 무엇이 있나요?",
    "선물 포장이 되나요?",
    "교환 배송비는 누가 내나요?", "12,900원 맞나요? :)",
)  # fmt: skip


def test_greedy_text_of_mini_is_transformers(tmp_path):
    pipe = load_pipeline("mini", dtype="float32")
    with local_server(str(to_gguf(MINI_FOLDER, tmp_path / "mini.gguf"))) as server:
        client = OpenAI(base_url=server.base_url, api_key=server.api_key)
        for question in QUESTIONS:
            messages = [{"role": "user", "content": question}]
            said = pipe(messages, max_new_tokens=16, do_sample=False, return_full_text=False)[0]["generated_text"]
            answer = client.chat.completions.create(
                model=server.model, messages=messages, temperature=0, max_completion_tokens=16
            )
            assert answer.choices[0].message.content == said, question


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        pytest.param({"tied": False, "shards": 3}, "float32", id="untied, three shards"),
        pytest.param({"original_positions": 64}, "float16", id="tied, rope scaled below the text's length"),
        pytest.param({"original_positions": None, "dtype": "bfloat16"}, "float16", id="plain rope, from bfloat16"),
        pytest.param({"original_positions": 256, "hidden": 128, "kv_heads": 4}, "bfloat16", id="rope blended"),
    ],
)
def test_probabilities_of_random_weights_are_transformers(tmp_path, shape, dtype):
    folder = write_exaone_checkpoint(tmp_path / "model", **shape)
    file = to_gguf(folder, tmp_path / "model.gguf", dtype=dtype)
    difference = np.abs(engine_logprobs(file, IDS, 362) - torch_logprobs(folder, IDS)).max()
    assert difference < TOLERANCE[dtype]


def swap_gate_and_up(monkeypatch):
    names = exaone_names.GGUF_LAYER_NAMES
    monkeypatch.setitem(names, "mlp.gate_proj", "ffn_up")
    monkeypatch.setitem(names, "mlp.up_proj", "ffn_gate")


def drop_scaling(monkeypatch):
    monkeypatch.setattr(convert_gguf, "rope_factors", lambda *arguments: None)


def other_theta(monkeypatch):
    right = convert_gguf.add_sizes
    monkeypatch.setattr(convert_gguf, "add_sizes", lambda *arguments: right(*arguments[:-1], 10_000.0))


def tie_the_head(monkeypatch):
    right = convert_gguf.open_exaone

    def without_head(src):
        folder = right(src)
        del folder.tensors["lm_head.weight"]
        return folder

    monkeypatch.setattr(convert_gguf, "open_exaone", without_head)


@pytest.mark.parametrize("mistake", [swap_gate_and_up, drop_scaling, other_theta, tie_the_head])
def test_each_typical_wrong_conversion_would_be_seen(tmp_path, monkeypatch, mistake):
    folder = write_exaone_checkpoint(tmp_path / "model", tied=False, original_positions=64)
    mistake(monkeypatch)
    wrong = engine_logprobs(to_gguf(folder, tmp_path / "x.gguf", dtype="float32"), IDS, 362)
    assert np.abs(wrong - torch_logprobs(folder, IDS)).max() > 30 * TOLERANCE["float32"]


@pytest.mark.parametrize("theta", [10_000.0, 1_000_000.0])
@pytest.mark.parametrize(
    "scaling", [(8.0, 1.0, 4.0, 8192), (32.0, 1.0, 4.0, 256), (2.0, 2.0, 3.0, 64), (4.0, 1.0, 4.0, None)]
)
def test_rope_factors_are_those_of_transformers(theta, scaling):
    from transformers import LlamaConfig
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    keys = ("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings")
    rope = {"rope_type": "llama3", "rope_theta": theta, **dict(zip(keys, scaling, strict=True))}
    filled = {**rope, "original_max_position_embeddings": scaling[3] or 2048}
    config = LlamaConfig(
        hidden_size=640, num_attention_heads=8, head_dim=80, max_position_embeddings=2048, rope_parameters=filled
    )
    frequencies = ROPE_INIT_FUNCTIONS["llama3"](config, "cpu")[0].double().numpy()
    plain = theta ** -(np.arange(0, 80, 2) / 80)
    np.testing.assert_allclose(convert_gguf.rope_factors(rope, 80, 2048), plain / frequencies, rtol=2e-6)
    assert convert_gguf.rope_factors({**rope, "rope_type": "default"}, 80, 2048) is None


@pytest.mark.parametrize(
    ("dtype", "number", "kind"), [("float32", 0, "F32"), ("float16", 1, "F16"), ("bfloat16", 32, "BF16")]
)
def test_the_file_says_truthfully_what_it_holds(tmp_path, dtype, number, kind):
    file = to_gguf(MINI_FOLDER, tmp_path / "m.gguf", dtype=dtype)
    metadata = read_header(file).metadata
    assert metadata["general.file_type"] == number
    assert metadata["general.name"] == "mini" and metadata["general.license"] == "Apache-2.0"
    assert metadata["exaone.block_count"] == 6 and metadata["exaone.context_length"] == 2048
    special = {key.split(".")[-1]: value for key, value in metadata.items() if key.endswith("_token_id")}
    assert special == {"bos_token_id": 1, "eos_token_id": 361, "padding_token_id": 0, "unknown_token_id": 3}
    kinds = {tensor.name: tensor.tensor_type.name for tensor in GGUFReader(file).tensors}
    assert {name for name, found in kinds.items() if found == "F32" != kind} == {
        name for name in kinds if "norm" in name or name == "rope_freqs.weight"
    } - (set(kinds) if kind == "F32" else set())
    assert kinds["token_embd.weight"] == kind and "output.weight" not in kinds


def test_neither_torch_nor_transformers_is_loaded(tmp_path):
    code = (
        "import sys; from course_utils.convert import to_gguf\n"
        f"to_gguf({str(MINI_FOLDER)!r}, {str(tmp_path / 'm.gguf')!r})\n"
        "print({'torch', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "set()", done.stderr


def test_memory_is_a_few_pieces_whatever_the_size_of_a_tensor(tmp_path, monkeypatch):
    monkeypatch.setattr(stored_tensors, "PIECE", 1 << 15)  # 131 KB instead of 8 MB
    folder = write_exaone_checkpoint(tmp_path / "model", layers=1, hidden=256, ffn=8192)
    to_gguf(folder, tmp_path / "first.gguf")  # imports
    tracemalloc.start()
    file = to_gguf(folder, tmp_path / "model.gguf")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert file.stat().st_size > 12_000_000, "three matrices of 4 MB, of 8 MB in the folder"
    assert peak < 2_500_000


def test_the_older_file_stays_when_converting_fails(tmp_path, monkeypatch):
    target = tmp_path / "m.gguf"
    target.write_bytes(b"old")

    def interrupted(self, file):
        raise KeyboardInterrupt

    monkeypatch.setattr(convert_gguf.Stream, "tofile", interrupted)
    with pytest.raises(KeyboardInterrupt):
        to_gguf(MINI_FOLDER, target)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


# --- refusals ---


def edit_tokenizer(folder, change):
    file = folder / "tokenizer.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(json.dumps(content), encoding="utf-8")


def no_digits(content):
    content["pre_tokenizer"] = content["pre_tokenizer"]["pretokenizers"][1]


def too_many(content):
    content["model"]["vocab"]["zzz"] = 9999


def a_unigram(content):
    content["model"] = {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0.0]]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (no_digits, "나누는 규칙이 EXAONE과 다름"),
        (a_unigram, "종류 Unigram"),
        (too_many, "vocab_size.362개.보다 많습니다.*zzz"),
        (lambda content: content.pop("model"), "tokenizer.json을 읽을 수 없습니다"),
    ],
)
def test_a_tokenizer_that_llama_cpp_would_read_differently_is_refused(tmp_path, change, said):
    folder = write_exaone_checkpoint(tmp_path / "model")
    edit_tokenizer(folder, change)
    with pytest.raises(CourseError, match=said):
        to_gguf(folder, tmp_path / "m.gguf")
    assert not (tmp_path / "m.gguf").exists()


def test_a_missing_tokenizer_json_is_named(tmp_path):
    folder = write_exaone_checkpoint(tmp_path / "model")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(CourseError, match="tokenizer.json 파일이 없어"):
        to_gguf(folder, tmp_path / "m.gguf")


def test_wrong_arguments_are_refused(tmp_path):
    with pytest.raises(CourseError, match="'int8'.*float16, float32, bfloat16"):
        to_gguf(MINI_FOLDER, tmp_path / "m.gguf", dtype="int8")
    with pytest.raises(CourseError, match="폴더가 이미 있는 이름"):
        to_gguf(MINI_FOLDER, tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match="쓰지 못했습니다"):
        to_gguf(MINI_FOLDER, tmp_path / "file" / "m.gguf")
