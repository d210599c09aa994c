"""A tokenizer from a GGUF file's own metadata: token for token the one that the model came with."""

import random

import pytest
from checkpoints import write_exaone_checkpoint
from gguf import GGUFWriter
from transformers import AutoTokenizer

import course_utils.exaone  # noqa: F401 - teaches transformers about EXAONE
from course_utils.convert import to_gguf
from course_utils.errors import CourseError
from course_utils.gguf_files import gguf_for
from course_utils.gguf_tokenizer import same_words, tokenizer_of
from course_utils.known_models import MINI_FOLDER

PIECES = [
    "배송은 언제 오나요?", "2026", "12,900원", " ", "  ", "\n", "\n\n", "\t", "\u3000", "🙂", "👩‍👩‍👧", "🇰🇷",
    "don't", "I'VE", "a1b2",
    "[BOS]", "[PAD]", "[UNK]", "[|endofturn|]", "[|user|]", "[|assistant|]", "[|endofturn|", "½", "٣", "한글", "한글",
    "é", "e\u0301", "ﬁ", "漢字", "\u200b", "\x00", "�", "...", "!?", "ㅋㅋㅋ", "ʼ", "--",
    "https://x.kr/?a=1&b=2", "\r\n",
]  # fmt: skip


def texts(count):
    generator = random.Random(0)
    for number in range(count):
        if number % 3:
            yield "".join(generator.choices(PIECES, k=generator.randint(1, 8)))
        else:  # any letters at all, half of them Hangul
            letters = (generator.randrange(0xAC00, 0xD7A4) if generator.random() < 0.5 else generator.randrange(0x3000)
                       for _ in range(generator.randint(1, 12)))  # fmt: skip
            yield "".join(map(chr, letters))


@pytest.fixture(scope="module")
def pair():
    return tokenizer_of(gguf_for("mini").path), AutoTokenizer.from_pretrained(MINI_FOLDER)


def test_thousands_of_texts_give_the_same_tokens_and_the_same_text_back(pair):
    ours, minis = pair
    every = list(texts(5000))
    found, wanted = ours(every)["input_ids"], minis(every)["input_ids"]
    assert [text for text, a, b in zip(every, found, wanted, strict=True) if a != b] == []
    assert ours.batch_decode(found) == minis.batch_decode(wanted)
    skipped = {"skip_special_tokens": True}
    assert ours.batch_decode(found, **skipped) == minis.batch_decode(wanted, **skipped)
    assert len({number for ids in found for number in ids}) > 500


def test_digits_stand_alone_and_special_tokens_are_one(pair):
    ours, _ = pair
    assert ours.tokenize("2026") == ["2", "0", "2", "6"]
    assert ours("[|endofturn|]")["input_ids"] == [361]


def test_settings_and_special_tokens_are_the_models(pair):
    ours, minis = pair
    for name in (
        "bos_token_id", "eos_token_id", "pad_token_id", "unk_token_id", "all_special_ids", "model_max_length",
        "padding_side", "clean_up_tokenization_spaces", "vocab_size", "chat_template",
    ):  # fmt: skip
        assert getattr(ours, name) == getattr(minis, name), name
    assert len(ours) == len(minis) and ours.get_vocab() == minis.get_vocab()


@pytest.mark.parametrize("prompt", [True, False])
def test_chat_templates_give_the_same(pair, prompt):
    ours, minis = pair
    user, system = {"role": "user", "content": "2026년 것인가요? 🙂"}, {"role": "system", "content": "짧게."}
    for messages in ([user], [system, user], [user, {"role": "assistant", "content": "네"}, user]):
        for settings in ({"tokenize": False}, {"return_dict": True}):
            asked = {"add_generation_prompt": prompt, **settings}
            assert ours.apply_chat_template(messages, **asked) == minis.apply_chat_template(messages, **asked)


def test_padding_a_batch_is_the_same(pair):
    ours, minis = pair
    batch = ["짧게", "조금 더 긴 글입니다."]
    assert ours(batch, padding=True)["input_ids"] == minis(batch, padding=True)["input_ids"]


def test_rows_that_no_token_uses_are_no_tokens(tmp_path):
    """A vocabulary that was rounded up: the engine needs a text for every row, a tokenizer must not learn them."""
    folder = write_exaone_checkpoint(tmp_path / "model", vocab=384)
    ours = tokenizer_of(to_gguf(folder, tmp_path / "m.gguf"))
    assert len(ours) == 362 and ours("[PAD370]")["input_ids"] != [370]
    assert ours.get_vocab() == AutoTokenizer.from_pretrained(folder).get_vocab()


def test_word_splitting_is_compared_by_what_it_does(tmp_path):
    assert same_words(MINI_FOLDER / "tokenizer.json")
    content = (MINI_FOLDER / "tokenizer.json").read_text(encoding="utf-8")
    digits = content.replace('"Regex": "\\\\p{N}"', '"Regex": "\\\\p{Nd}"')
    assert digits != content
    (tmp_path / "tokenizer.json").write_text(digits, encoding="utf-8")
    assert not same_words(tmp_path / "tokenizer.json")


# --- refusals ---


def other_file(path, **metadata):
    writer = GGUFWriter(path, metadata.pop("architecture", "exaone"))
    for key, value in metadata.items():
        (writer.add_array if isinstance(value, list) else writer.add_string)(f"tokenizer.ggml.{key}", value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_files_without_a_readable_tokenizer_are_refused(tmp_path):
    with pytest.raises(CourseError, match="토크나이저.*들어 있지 않은"):
        tokenizer_of(other_file(tmp_path / "a.gguf"))
    unknown = other_file(
        tmp_path / "b.gguf", architecture="mamba9", model="gpt2", pre="other", tokens=["a"], merges=["a a"]
    )
    with pytest.raises(CourseError, match="(?s)b.gguf .구조 mamba9, 종류 gpt2/other.*EXAONE이나 mini"):
        tokenizer_of(unknown)
    (tmp_path / "c.gguf").write_bytes(b"GGUF" + bytes(9))
    with pytest.raises(CourseError, match="잘렸거나 깨졌습니다"):
        tokenizer_of(tmp_path / "c.gguf")
    with pytest.raises(CourseError, match="nowhere.gguf"):
        tokenizer_of(tmp_path / "nowhere.gguf")
