"""The catalogue's figures against the library's own model classes, and its two forms."""

import pytest
from checkpoints import write_exaone_checkpoint

from course_utils import catalogue, known_models
from course_utils.known_models import EXAONE, KNOWN_MODELS, MINI, engine_memory, known, needed_memory
from course_utils.tables import html_table, korean_count, text_table

# hidden size, layers, heads, key/value heads, head size, FFN, tied: the published config.json files.
PUBLISHED = {
    "exaone": (2560, 30, 32, 8, 80, 7168, True),
    "exaone-7.8b": (4096, 32, 32, 8, 128, 14336, False),
    "exaone-32b": (5120, 64, 40, 8, 128, 27392, False),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameter_counts_are_those_of_the_published_shapes(name):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    hidden, layers, heads, kv_heads, head_size, ffn, tied = PUBLISHED[name]
    config = LlamaConfig(
        vocab_size=102400,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        head_dim=head_size,
        intermediate_size=ffn,
        tie_word_embeddings=tied,
    )
    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    assert known(name).parameters == sum(tensor.numel() for tensor in model.parameters())


def test_sizes_follow_from_the_counts():
    assert EXAONE.download_bytes == pytest.approx(9.62e9, rel=1e-3)  # the repository is stored in float32
    assert known("exaone-32b").download_bytes is None  # its number format is not established
    assert MINI.download_bytes == 0
    assert needed_memory(1_000, "float32") == 4_800 and needed_memory(1_000, "bfloat16") == 2_400


def test_the_4_bit_files_are_the_published_one_and_estimates_of_the_same_kind():
    assert EXAONE.gguf_bytes == 1_640_000_000 and MINI.gguf_bytes is None
    for name in ("exaone-7.8b", "exaone-32b"):  # 4 to 5.5 bits a parameter
        assert 0.5 < known(name).gguf_bytes / known(name).parameters < 0.69
    assert EXAONE.gguf_bytes < engine_memory(EXAONE.gguf_bytes) < needed_memory(EXAONE.parameters, "bfloat16") / 2


def test_the_bundled_models_count_is_read_from_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr(known_models, "MINI_FOLDER", write_exaone_checkpoint(tmp_path / "m", shards=2))
    import torch
    from safetensors import safe_open

    values = 0
    for file in (tmp_path / "m").glob("*.safetensors"):
        with safe_open(file, framework="pt") as tensors:
            values += sum(torch.numel(tensors.get_tensor(name)) for name in tensors.keys())  # noqa: SIM118
    assert MINI.parameters == values > 0
    monkeypatch.setattr(known_models, "MINI_FOLDER", tmp_path / "absent")
    assert MINI.parameters == 0


def test_names_and_hub_ids_find_the_row():
    assert known("EXAONE") is EXAONE is known("lgai-exaone/exaone-3.5-2.4b-instruct")
    assert known("mini") is MINI and known("minni") is None


@pytest.mark.parametrize(
    ("number", "text"),
    [(950, "950개"), (4_743_936, "474만 개"), (134_515_008, "1.3억 개"), (2_405_327_360, "24.1억 개")],
)
def test_counts_in_korean(number, text):
    assert korean_count(number) == text


def test_the_catalogue_as_text_and_as_an_accessible_table():
    table = catalogue()
    assert len(table) == len(list(table)) == 4
    text, html = repr(table), table._repr_html_()
    for row in KNOWN_MODELS:
        assert row.name in text and f'<th scope="row">{row.name}</th>' in html and row.licence in html
    shown = ("24.1억 개", "9.6 GB", "11.5 GB", "5.8 GB", "4비트 1.6 GB", "2.4 GB", "Apache-2.0")
    for part in (*shown, "LGAI-EXAONE/EXAONE-3.5-7.8B-Instruct"):
        assert part in text and part in html
    assert html.count("<caption>") == 1 and html.count('<th scope="col"') == len(table.headers)


def test_tables_escape_and_align():
    assert "<b>" not in html_table("c", ["h<b>"], [["<b>"]])
    lines = text_table("제목", ["이름", "값"], [["가나다", "1"], ["ab", "2"]]).splitlines()
    assert lines[1:] == ["이름    값", "가나다  1", "ab      2"]
