"""The model's side of a decode step: the ids it reads, the logits it gives, and tokens shown as text."""

import re

import numpy as np
import pytest
import torch
from checkpoints import write_exaone_checkpoint

from course_utils import load_pipeline
from course_utils.decoding import decode_step
from course_utils.errors import CourseError
from course_utils.next_token import next_token_logits, prompt_ids, token_text

QUESTION = [{"role": "user", "content": "이 텀블러 무게가 얼마나 되나요?"}]
CHAT = [{"role": "system", "content": "짧게 답합니다."}, *QUESTION]


@pytest.fixture(scope="module")
def mini():
    return load_pipeline("mini", device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = write_exaone_checkpoint(tmp_path_factory.mktemp("tiny"))
    return load_pipeline(folder, device="cpu", dtype="float32")


# --- ids and logits ---


@pytest.mark.parametrize("messages", [QUESTION, CHAT], ids=["question", "with system"])
def test_prompt_is_the_chat_template_with_the_answer_behind_it(mini, messages):
    templated = mini.tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)["input_ids"]
    ids = prompt_ids(mini, messages)
    assert ids == templated and all(type(each) is int for each in ids)
    begun = prompt_ids(mini, messages, "무게는")
    assert begun[: len(ids)] == ids
    assert mini.tokenizer.decode(begun[len(ids) :]) == "무게는"
    assert prompt_ids(mini, tuple(messages), "") == ids


def test_prompt_gets_no_second_beginning_from_a_tokenizer_that_adds_one(mini):
    """Llama's tokenizers put their first token before every text; its template has written that token already."""

    class Adding:
        apply_chat_template = mini.tokenizer.apply_chat_template

        def __call__(self, text, add_special_tokens=True, **other):
            ids = mini.tokenizer(text, add_special_tokens=False)["input_ids"]
            return {"input_ids": [1] * add_special_tokens + ids}

    class Pipe:
        tokenizer = Adding()

    assert prompt_ids(Pipe(), QUESTION, "네") == prompt_ids(mini, QUESTION, "네")


@pytest.mark.parametrize("answer", ["", "네, 무게는"])
def test_logits_are_the_last_row_of_the_models_full_pass(mini, answer):
    ids = prompt_ids(mini, QUESTION, answer)
    logits = next_token_logits(mini, ids)
    with torch.inference_mode():
        whole = mini.model(input_ids=torch.tensor([ids])).logits
    assert type(logits) is np.ndarray and logits.dtype == np.float32 and logits.shape == whole.shape[2:]
    np.testing.assert_allclose(logits, whole[0, -1].numpy(), atol=1e-4)
    assert np.abs(whole[0, -2].numpy() - logits).max() > 0.1  # the row before it is another one


@pytest.mark.parametrize("pipe", ["mini", "tiny"])
def test_logits_and_probabilities_are_those_of_generates_first_step(pipe, request):
    pipe = request.getfixturevalue(pipe)
    ids = prompt_ids(pipe, QUESTION, "네,")
    numbers = {"temperature": 0.8, "top_k": 40, "top_p": 0.9}
    output = pipe.model.generate(
        torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        max_new_tokens=1,
        do_sample=True,
        output_logits=True,
        output_scores=True,
        return_dict_in_generate=True,
        **numbers,
    )
    logits = next_token_logits(pipe, ids)
    np.testing.assert_allclose(logits, output.logits[0][0].numpy(), atol=1e-4)
    np.testing.assert_allclose(decode_step(logits, **numbers), output.scores[0][0].softmax(-1).numpy(), atol=1e-5)


def test_choosing_the_highest_logit_again_and_again_is_generates_greedy_answer(mini):
    ids = prompt_ids(mini, QUESTION)
    mask = torch.ones(1, len(ids), dtype=torch.long)
    expected = mini.model.generate(torch.tensor([ids]), attention_mask=mask, max_new_tokens=12, do_sample=False)
    for _ in range(12):
        ids = [*ids, int(next_token_logits(mini, ids).argmax())]
    assert ids == expected[0].tolist()


def test_ids_may_be_a_tensor_or_an_array(tiny):
    expected = next_token_logits(tiny, [5, 6, 7])
    for ids in ((5, 6, 7), np.array([5, 6, 7]), torch.tensor([5, 6, 7])):
        np.testing.assert_array_equal(next_token_logits(tiny, ids), expected)


def test_pass_keeps_nothing_for_training(tiny):
    next_token_logits(tiny, [5])
    assert all(parameter.grad is None for parameter in tiny.model.parameters())


# --- what is refused ---


@pytest.mark.parametrize("messages", ["안녕하세요", ["안녕하세요"], [QUESTION]], ids=str)
def test_messages_must_be_a_list_of_dictionaries(tiny, messages):
    with pytest.raises(CourseError, match='"role": "user"'):
        prompt_ids(tiny, messages)


@pytest.mark.parametrize(
    ("ids", "word"),
    [
        ([], "하나도 없어"),
        ([5, 362], r"362 \(쓸 수 있는 번호: 0부터 361까지\)"),
        ([-1, 5], "어휘에 없는 토큰 번호입니다: -1"),
        ("안녕", "정수의 리스트"),
        ([5.0], "정수의 리스트"),
        ([[5, 6]], "정수의 리스트"),
        (torch.tensor([[5, 6]]), "한 줄만"),
        (7, "정수의 리스트"),
    ],
    ids=str,
)
def test_ids_must_be_tokens_of_the_model(tiny, ids, word):
    with pytest.raises(CourseError, match=word):
        next_token_logits(tiny, ids)


# --- tokens as text ---


def texts(tokenizer, text):
    return [token_text(tokenizer, each) for each in tokenizer(text, add_special_tokens=False)["input_ids"]]


def to_bytes(shown):
    """Back from what token_text shows to the bytes of the text."""
    shown = re.sub("[␣↵⇥␍]", lambda found: {"␣": " ", "↵": "\n", "⇥": "\t", "␍": "\r"}[found[0]], shown)
    pieces = re.split(r"<((?:[0-9A-F]{2} ?)+)>", shown)
    return b"".join(bytes.fromhex(p) if number % 2 else p.encode() for number, p in enumerate(pieces))


TEXTS = ["네, 고객님.", "a  b\tc\nd\r\n", "쾅뷁 ㅋㅋ", "가격은 12,000원(VAT 포함)!", "😀 👨\u200d👩\u200d👧 뛟"]


@pytest.mark.parametrize("text", TEXTS)
def test_shown_tokens_hold_every_byte_of_the_text_and_no_blank(mini, text):
    shown = texts(mini.tokenizer, text)
    assert b"".join(map(to_bytes, shown)) == text.encode()
    assert all(each and not re.search(r"\s|\ufffd", re.sub("<.*>", "", each)) for each in shown)


def test_blanks_are_signs_and_pieces_of_letters_are_bytes(mini):
    assert texts(mini.tokenizer, "안녕 \n\t")[-2:] == ["↵", "⇥"]
    assert texts(mini.tokenizer, " a") == ["␣a"]
    assert texts(mini.tokenizer, "뷁") == ["<EB>", "<B7>", "<81>"]


def test_every_token_of_the_vocabulary_has_a_text_without_blanks(mini):
    shown = [token_text(mini.tokenizer, each) for each in range(len(mini.tokenizer))]
    assert all(shown)
    assert not [each for each in shown if re.search(r"[\s\ufffd\x00-\x1f]", re.sub("<[0-9A-F ]+>", "", each))]
    assert len(set(shown)) == len(shown)


def test_special_tokens_and_ids_beyond_the_vocabulary(mini):
    assert [token_text(mini.tokenizer, each) for each in (0, 1, 361)] == ["[PAD]", "[BOS]", "[|endofturn|]"]
    assert token_text(mini.tokenizer, len(mini.tokenizer)) == f"<{len(mini.tokenizer)}>"
    assert token_text(mini.tokenizer, np.int64(102_399)) == "<102399>"
    assert token_text(mini.tokenizer, -1) == "<-1>"


class SentencePieceLike:
    """Llama 2's way: a leading blank is ▁, which decode() drops; other bytes are <0x..>, decoded alone as �."""

    vocabulary = {"▁안녕": "안녕", "안녕": "안녕", "▁": "", "<0xEC>": "�", "<0x0A>": "\n", "▁▁": " ", "</s>": "</s>"}
    vocabulary |= {"\u200b": "\u200b", "": "", "�": "�"}

    def convert_ids_to_tokens(self, number):
        return dict(enumerate(self.vocabulary)).get(number)

    def decode(self, ids):
        return "".join(list(self.vocabulary.values())[each] for each in ids)


def test_tokens_of_a_sentencepiece_vocabulary():
    shown = [token_text(SentencePieceLike(), each) for each in range(11)]
    assert shown == ["␣안녕", "안녕", "␣", "<EC>", "↵", "␣␣", "</s>", "<U+200B>", "<8>", "�", "<10>"]
