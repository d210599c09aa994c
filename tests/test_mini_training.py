"""How the bundled model is made: tokenizer, chat format, loss weights, batches, resumable training and the export."""

import json
import random
import unicodedata
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer

from tools.mini import tokenizer as bpe
from tools.mini import train as training
from tools.mini.__main__ import export
from tools.mini.dialogues import compose

SYSTEM = {"role": "system", "content": "너는 챗봇이야."}
QUESTION = {"role": "user", "content": "다이어리 얼마예요?"}
ANSWER = {"role": "assistant", "content": "만 원입니다."}
AGAIN = {"role": "user", "content": "배송비는요?"}
# EXAONE 3.5's published chat format: no line break between an empty system turn's mark and its end, none after the
# last [|assistant|], and [|endofturn|] after system and assistant turns only.
RENDERED = [
    ([QUESTION], "[|system|][|endofturn|]\n[|user|]다이어리 얼마예요?\n"),
    ([SYSTEM, QUESTION], "[|system|]너는 챗봇이야.[|endofturn|]\n[|user|]다이어리 얼마예요?\n"),
    (
        [SYSTEM, QUESTION, ANSWER, AGAIN],
        "[|system|]너는 챗봇이야.[|endofturn|]\n[|user|]다이어리 얼마예요?\n"
        "[|assistant|]만 원입니다.[|endofturn|]\n[|user|]배송비는요?\n",
    ),
    (
        [QUESTION, ANSWER],
        "[|system|][|endofturn|]\n[|user|]다이어리 얼마예요?\n[|assistant|]만 원입니다.[|endofturn|]\n",
    ),
]
PLAN = training.Plan(
    seed=3, steps=6, dialogues=6, grouped=2, peak_learning_rate=2e-2, warm_up=2, save_every=2, prompt_weight=0.1
)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """Trained as the bundled one is, on few dialogues."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bpe, "TRAINING_DIALOGUES", 400)
        return bpe.train(seed=1)


@pytest.fixture
def small(monkeypatch):
    """A miniature of the miniature: one layer, hidden size 32."""
    original = training.configuration

    def configuration(vocabulary):
        config = original(vocabulary)
        config.num_hidden_layers, config.hidden_size, config.intermediate_size = 1, 32, 48
        config.num_attention_heads, config.num_key_value_heads, config.head_dim = 4, 2, 8
        return config

    monkeypatch.setattr(training, "configuration", configuration)


@pytest.fixture(scope="module")
def saved(tokenizer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    bpe.save(tokenizer, folder, 2048)
    config = {"model_type": "exaone", "bos_token_id": 1, "eos_token_id": 361, "pad_token_id": 0}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    import course_utils.exaone  # noqa: F401  (registers the model type)

    return AutoTokenizer.from_pretrained(folder)


# --- tokenizer ---


def test_special_tokens_have_exaones_ids(tokenizer, saved):
    assert [tokenizer.token_to_id(t) for t in ("[PAD]", "[BOS]", "[|endofturn|]")] == [0, 1, 361]
    assert (saved.pad_token_id, saved.bos_token_id, saved.eos_token_id) == (0, 1, 361)
    assert tokenizer.get_vocab_size() == bpe.VOCABULARY
    assert sorted(tokenizer.get_vocab().values()) == list(range(bpe.VOCABULARY))
    assert saved("안녕").input_ids[0] != 1  # EXAONE puts no [BOS] first
    assert tokenizer.encode("네.[|endofturn|]\n").ids.count(361) == 1


def test_training_the_tokenizer_again_gives_the_same_one(tokenizer, monkeypatch):
    monkeypatch.setattr(bpe, "TRAINING_DIALOGUES", 400)
    assert bpe.train(seed=1).to_str() == tokenizer.to_str()
    assert bpe.train(seed=2).to_str() != tokenizer.to_str()


def test_digits_are_split_one_by_one(tokenizer, saved):
    for encoder in (lambda text: tokenizer.encode(text).tokens, saved.tokenize):
        assert [t for t in encoder("2026년 10월") if any(c.isdigit() for c in t)] == list("202610")
    assert not [t for t in tokenizer.get_vocab() if sum(c in "0123456789" for c in t) > 1]


@pytest.mark.parametrize(
    "text",
    [
        "이 다이어리에 내년도 공휴일이 표시되어 있나요?",
        "Answer in English.",
        "좋아요 😀👍🏽",
        "  띄어\n\n쓰기\t ",
        "쀍똠방각하 뷁",
        "한글 漢字 é",
        "",
    ],
)
def test_any_text_comes_back(tokenizer, saved, text):
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text
    assert saved.decode(saved(text).input_ids) == text
    assert bpe.UNK_ID not in tokenizer.encode(text).ids


def test_decomposed_hangul_is_composed(tokenizer, saved):
    decomposed = unicodedata.normalize("NFD", "다이어리 공휴일")
    assert decomposed != "다이어리 공휴일"
    assert tokenizer.encode(decomposed).ids == tokenizer.encode("다이어리 공휴일").ids
    assert saved.decode(saved(decomposed).input_ids) == "다이어리 공휴일"


def test_korean_of_the_shop_takes_few_tokens(tokenizer):
    text = "다이어리의 배송 기간은 배송 안내에서 확인하실 수 있습니다."
    assert len(tokenizer.encode(text).ids) <= len(text)


# --- chat format ---


@pytest.mark.parametrize("messages, expected", RENDERED)
def test_the_chat_format_is_exaones(saved, messages, expected):
    assert bpe.render(messages) == expected
    assert saved.apply_chat_template(messages, tokenize=False) == expected
    asked = saved.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert asked == expected + "[|assistant|]"


def test_template_and_plain_python_agree_on_many_dialogues(saved):
    rng = random.Random(4)
    for _ in range(200):
        messages = compose(rng).messages
        assert saved.apply_chat_template(messages, tokenize=False) == bpe.render(messages)


# --- loss weights and batches ---


def test_only_answers_and_their_end_marks_weigh_fully(tokenizer):
    text = bpe.render([SYSTEM, QUESTION, ANSWER, AGAIN, {"role": "assistant", "content": "없어요!"}])
    ids, weights = training.encode(text, tokenizer, 0.25)
    assert ids == tokenizer.encode(text).ids and set(weights) == {0.25, 1.0}
    learnt = [i for i, weight in zip(ids, weights, strict=True) if weight == 1.0]
    spoken = tokenizer.decode(learnt, skip_special_tokens=False)
    assert spoken == "만 원입니다.[|endofturn|]없어요![|endofturn|]"


def test_weights_of_composed_dialogues(tokenizer):
    rng = random.Random(8)
    for _ in range(100):
        messages = compose(rng).messages
        ids, weights = training.encode(bpe.render(messages), tokenizer, 0.0)
        answers = "".join(m["content"] + "[|endofturn|]" for m in messages if m["role"] == "assistant")
        learnt = [i for i, w in zip(ids, weights, strict=True) if w]
        assert tokenizer.decode(learnt, skip_special_tokens=False) == answers


def test_batches_are_reproducible_and_use_each_dialogue_once(tokenizer):
    plan = replace(PLAN, dialogues=5, grouped=4)
    first = [training.batch(step, plan, tokenizer) for step in range(8)]
    training._group.cache_clear()
    for step in (5, 0, 3):
        again = training.batch(step, plan, tokenizer)
        assert all(torch.equal(a, b) for a, b in zip(first[step], again, strict=True))
    for group in (0, 1):
        rng = random.Random(f"{plan.seed} {group}")
        expected = [tokenizer.encode(bpe.render(compose(rng).messages)).ids for _ in range(20)]
        rows = []
        for ids, _, mask in first[4 * group : 4 * group + 4]:
            rows += [row[: int(m.sum())].tolist() for row, m in zip(ids, mask, strict=True)]
        assert sorted(rows) == sorted(expected)


def test_padding_neither_weighs_nor_is_seen(tokenizer):
    ids, weights, mask = training.batch(0, PLAN, tokenizer)
    assert ids.shape == weights.shape == mask.shape == (PLAN.dialogues, ids.shape[1])
    assert (mask.sum(1).max() == ids.shape[1]) and (mask == 0).any()
    assert (ids[mask == 0] == 0).all() and (weights[mask == 0] == 0).all() and (weights[mask == 1] > 0).all()


def test_the_learning_rate_warms_up_and_falls():
    plan = replace(PLAN, steps=100, warm_up=10, peak_learning_rate=1.0)
    rates = [training.learning_rate(step, plan) for step in range(100)]
    assert rates[0] == pytest.approx(0.1) and rates[9] == rates[10] == pytest.approx(1.0)
    assert rates[:10] == sorted(rates[:10]) and rates[10:] == sorted(rates[10:], reverse=True)
    assert 0.02 <= rates[-1] < 0.03


def test_the_loss_is_the_weighted_mean_over_next_tokens(small, tokenizer):
    torch.manual_seed(0)
    model = training.ExaoneForCausalLM(training.configuration(tokenizer.get_vocab_size()))
    ids, weights, mask = training.batch(0, PLAN, tokenizer)
    total = norm = 0.0
    for row in range(len(ids)):
        length = int(mask[row].sum())
        logits = model(input_ids=ids[row : row + 1, :length]).logits[0].float().log_softmax(-1)
        for at in range(length - 1):
            total -= weights[row, at + 1].item() * logits[at, ids[row, at + 1]].item()
            norm += weights[row, at + 1].item()
    assert training.loss_of(model, ids, weights, mask).item() == pytest.approx(total / norm, rel=2e-3)


# --- training ---


def losses(model, tokenizer) -> float:
    with torch.no_grad():
        return sum(training.loss_of(model, *training.batch(step, PLAN, tokenizer)).item() for step in range(6)) / 6


class Interrupted(Exception):
    pass


def test_an_interrupted_run_ends_with_the_very_same_weights(small, tokenizer, tmp_path, monkeypatch):
    torch.manual_seed(PLAN.seed)
    start = losses(training.ExaoneForCausalLM(training.configuration(tokenizer.get_vocab_size())), tokenizer)
    whole = training.train(tokenizer, _folder(tmp_path / "whole"), PLAN)
    assert losses(whole, tokenizer) < start - 1

    stopped, batch = _folder(tmp_path / "stopped"), training.batch

    def until_step_3(step, *rest):
        if step == 3:
            raise Interrupted
        return batch(step, *rest)

    with monkeypatch.context() as patch, pytest.raises(Interrupted):
        patch.setattr(training, "batch", until_step_3)
        training.train(tokenizer, stopped, PLAN)
    assert torch.load(stopped / "checkpoint.pt", weights_only=True)["step"] == 2
    torch.rand(7)  # whatever happened in between must not matter
    steps = []
    with monkeypatch.context() as patch:
        patch.setattr(training, "batch", lambda step, *rest: steps.append(step) or batch(step, *rest))
        resumed = training.train(tokenizer, stopped, PLAN)
    assert steps == [2, 3, 4, 5]
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name


def test_another_plans_checkpoint_is_refused(small, tokenizer, tmp_path):
    training.train(tokenizer, tmp_path, replace(PLAN, steps=1))
    with pytest.raises(ValueError, match="another plan"):
        training.train(tokenizer, tmp_path, replace(PLAN, steps=2))


def _folder(path):
    path.mkdir()
    return path


# --- export ---


def test_the_export_is_exaones_format_in_half_precision(small, tokenizer, tmp_path):
    torch.manual_seed(1)
    model = training.ExaoneForCausalLM(training.configuration(tokenizer.get_vocab_size())).eval()
    ids = torch.tensor([tokenizer.encode("다이어리 얼마예요?").ids])
    expected = model(ids).logits
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "stale.txt").write_text("left from before", encoding="utf-8")
    export(model, tokenizer, tmp_path / "out")

    with safe_open(tmp_path / "out" / "model.safetensors", "pt") as weights:
        names = set(weights.keys())
        assert {weights.get_tensor(name).dtype for name in names} == {torch.float16}
    layer = {f"attn.attention.{part}" for part in ("q_proj", "k_proj", "v_proj", "out_proj")}
    layer |= {"mlp.c_fc_0", "mlp.c_fc_1", "mlp.c_proj", "ln_1", "ln_2"}
    assert names == {f"transformer.h.0.{n}.weight" for n in layer} | {
        "transformer.wte.weight",
        "transformer.ln_f.weight",
    }
    config = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    assert config["model_type"] == "exaone" and config["num_layers"] == 1 and config["tie_word_embeddings"] is True
    assert config["rope_scaling"]["rope_type"] == "llama3" and config["rope_theta"] == 10000.0
    assert (config["bos_token_id"], config["eos_token_id"], config["pad_token_id"]) == (1, 361, 0)
    assert not (tmp_path / "out" / "stale.txt").exists()

    loaded = AutoModelForCausalLM.from_pretrained(tmp_path / "out", dtype=torch.float32)
    assert torch.allclose(loaded(ids).logits, expected, atol=2e-3)
    assert loaded.generation_config.eos_token_id == 361
    assert AutoTokenizer.from_pretrained(tmp_path / "out").chat_template == bpe.CHAT_TEMPLATE
