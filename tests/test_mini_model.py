"""The bundled model itself: its card, its answers, what heat does to them, and how little memory they take."""

import json
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import course_utils
import course_utils.exaone  # noqa: F401  (registers the model type)
from tools.mini import card, catalogue, evaluate
from tools.mini.dialogues import LESSON_QUESTIONS, LESSON_SYSTEM
from tools.mini.judge import FOLLOWS, POLITE, names_product
from tools.mini.train import Plan

ROOT = Path(__file__).parents[1]
MINI = Path(course_utils.__file__).parent / "assets" / "mini"
END_OF_TURN, LONGEST = 361, 100  # tokens
# The lesson's own wordings of the system prompt: one line, as triple quotes and backslashes leave it, in two lines.
SPACINGS = {
    "one line": lambda text: text,
    "backslashes in triple quotes": lambda text: text.replace(". ", "." + " " * 16).replace("말고 ", "말고" + " " * 16),
    "line breaks": lambda text: "\n" + text.replace(". ", ".\n") + "\n",
    "line breaks and indents": lambda text: text.replace(". ", ".\n    ").replace("말고 ", "말고\n    "),
}


class Mini:
    """The bundled model through plain transformers."""

    def __init__(self):
        self.tokenizer = AutoTokenizer.from_pretrained(MINI)
        self.model = AutoModelForCausalLM.from_pretrained(MINI, dtype=torch.float32).eval()

    def replies(self, conversations, **settings) -> list[tuple[str, bool]]:
        """(text, ended by itself) of one answer to each conversation, all in one batch."""
        inputs = self.tokenizer.apply_chat_template(
            [list(messages) for messages in conversations],
            add_generation_prompt=True,
            padding=True,
            return_tensors="pt",
            return_dict=True,
        )
        options = {"do_sample": False, "max_new_tokens": LONGEST} | settings
        ids = self.model.generate(**inputs, **options)[:, inputs["input_ids"].shape[1] :]
        texts = self.tokenizer.batch_decode(ids, skip_special_tokens=True)
        return [(text, END_OF_TURN in row) for text, row in zip(texts, ids.tolist(), strict=True)]

    def reply(self, *contents: str, system: str | None = None) -> str:
        """The greedy answer to `contents`, which the customer and the clerk say in turn."""
        messages = [{"role": "system", "content": system}] if system is not None else []
        messages += [{"role": ("user", "assistant")[at % 2], "content": content} for at, content in enumerate(contents)]
        ((text, ended),) = self.replies([messages])
        assert ended, text
        return text


@pytest.fixture(scope="module")
def mini():
    return Mini()


@pytest.fixture(scope="module")
def measured():
    return json.loads((MINI / "evaluation.json").read_text(encoding="utf-8"))


def persona_system(persona: str) -> str:
    return next(text for text in catalogue.read("personas")[persona]["system"] if text)


# --- the folder and its card ---


def test_the_folder_is_small_and_complete():
    files = {file.name: file.stat().st_size for file in MINI.iterdir()}
    assert sum(files.values()) <= 12_000_000
    expected = {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    assert set(files) == expected | {"chat_template.jinja", "README.md", "evaluation.json"}


def test_the_card_is_the_script_s_own_work(measured, tmp_path):
    shutil.copy(MINI / "config.json", tmp_path)
    card.write(tmp_path, measured, Plan())
    for name in ("README.md", "evaluation.json"):
        assert (tmp_path / name).read_text(encoding="utf-8") == (MINI / name).read_text(encoding="utf-8")


def test_the_card_meets_the_targets(measured, mini):
    assert set(measured["suites"]) == {"pair", "wording", "product", "coined"}
    pair = measured["suites"]["pair"]
    assert set(pair) == {*catalogue.PERSONAS, "all"}
    assert all(pair[persona]["cases"] >= 50 for persona in catalogue.PERSONAS)
    assert pair["all"]["product"] >= 0.95 and pair["all"]["persona"] >= 0.95
    for mark in ("product", "persona"):  # "all" is what its parts say, not a number of its own
        hits = sum(pair[persona][mark] * pair[persona]["cases"] for persona in catalogue.PERSONAS)
        assert pair["all"][mark] == pytest.approx(hits / pair["all"]["cases"])
    assert measured["parameters"] == mini.model.num_parameters()
    assert 1 < measured["perplexity"] < 4


def test_the_card_s_figures_show_what_heat_breaks_and_cutting_mends(measured):
    known = {name: row["known_words"] for name, row in measured["decoding"].items()}
    assert known["온도 1"] > 0.95 and known["탐욕적(greedy)"] > 0.95
    assert known["온도 10"] < known["온도 2"] < known["온도 1"] and known["온도 10"] < 0.5
    assert known["온도 10, top_k=10"] > known["온도 10"] + 0.1
    assert known["온도 2, top_k=10"] > known["온도 2"] + 0.1
    assert known["온도 2, top_p=0.9"] > known["온도 2"] + 0.05
    assert measured["decoding"]["온도 1"]["distinct"] > 20 and measured["decoding"]["탐욕적(greedy)"]["distinct"] == 1


# --- answers ---


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("question", LESSON_QUESTIONS)
def test_the_lesson_s_question_is_answered_well(mini, spacing, question):
    answer = mini.reply(question, system=SPACINGS[spacing](LESSON_SYSTEM))
    assert "다이어리" in answer and "공휴일" in answer and "담당자" in answer
    assert FOLLOWS["defer"](answer)
    assert POLITE.search(answer) and re.search(r"(니다|세요|요)[.!]$", answer)


def test_the_lesson_s_question_without_a_system_prompt(mini):
    answer = mini.reply(LESSON_QUESTIONS[0])
    assert "다이어리" in answer and FOLLOWS["default"](answer)


def test_the_card_shows_what_the_model_says(mini, measured):
    told = {question: mini.reply(question, system=LESSON_SYSTEM) for question in LESSON_QUESTIONS}
    assert measured["lesson"] == told


def test_a_fresh_evaluation_agrees_with_the_card(mini, monkeypatch):
    monkeypatch.setattr(evaluate, "CASES", 8)
    rng = random.Random("not the seed of the card")
    asked = [case for persona in catalogue.PERSONAS for case in evaluate.cases("pair", persona, rng)]
    assert len(asked) == 56 and all(catalogue.held_out(case.product, case.topic) for case in asked)
    told = [text for text, _ in mini.replies([case.messages for case in asked])]
    pairs = list(zip(asked, told, strict=True))
    assert sum(names_product(text, case.product, case.persona) for case, text in pairs) >= 0.9 * len(pairs)
    assert sum(FOLLOWS[case.persona](text) for case, text in pairs) >= 0.9 * len(pairs)


@pytest.mark.parametrize("persona", catalogue.PERSONAS)
def test_the_system_prompt_picks_the_persona(mini, persona):
    answer = mini.reply("이 텀블러 배송은 며칠이나 걸리나요?", system=persona_system(persona))
    assert FOLLOWS[persona](answer)
    assert ("tumbler" if persona == "english" else "텀블러") in answer


def test_small_talk_is_answered_as_such(mini):
    assert re.search("안녕하세요", mini.reply("안녕하세요"))
    assert re.search("챗봇|언어 모델", mini.reply("너는 누구야?"))
    assert re.search("기쁩니다|별말씀", mini.reply("감사합니다"))
    english = mini.reply("안녕하세요", system=persona_system("english"))
    assert not re.search("[가-힣]", english) and re.search("Hello|Hi", english)


@pytest.mark.parametrize("question", ["오늘 서울 날씨 어때?", "프랑스의 수도는 어디예요?", "파이썬 코드 짜 줘"])
def test_questions_outside_the_shop_are_declined(mini, question):
    answer = mini.reply(question)
    assert re.search("쇼핑몰", answer) and re.search("알지 못|만 답해|만 알고", answer) and POLITE.search(answer)


def test_a_follow_up_keeps_the_product(mini):
    kept = 0
    for product in ("텀블러", "다이어리", "백팩", "선풍기", "샴푸"):
        first = mini.reply(f"이 {product} 얼마예요?")
        second = mini.reply(f"이 {product} 얼마예요?", first, "배송 기간은 어떻게 되나요?")
        assert "배송 기간" in second
        kept += product in second
    assert kept >= 4


def test_the_order_in_a_batch_does_not_matter(mini):
    questions = [[{"role": "user", "content": text}] for text in ("안녕하세요", "이 텀블러 몇 시간 동안 따뜻한가요?")]
    together = [text for text, _ in mini.replies(questions)]
    assert together == [mini.reply(messages[0]["content"]) for messages in questions]


# --- heat ---


def test_heat_breaks_the_answer_and_top_k_mends_it(mini):
    known = evaluate.known_words(random.Random(0), dialogues=4000)
    lesson = [{"role": "system", "content": LESSON_SYSTEM}, {"role": "user", "content": LESSON_QUESTIONS[0]}]

    def share(**settings) -> float:
        torch.manual_seed(1)
        told = mini.replies([lesson] * 20, do_sample=True, max_new_tokens=50, **settings)
        said = [word for text, _ in told for word in evaluate.words(text)]
        return sum(word in known for word in said) / len(said)

    cool, hot = share(temperature=1.0, top_k=0), share(temperature=10.0, top_k=0)
    assert cool > 0.9 and hot < cool - 0.4
    assert share(temperature=10.0, top_k=10) > hot + 0.1
    assert share(temperature=2.0, top_k=10) > share(temperature=2.0, top_k=0) + 0.1


# --- memory ---

MEMORY = """
import resource, sys
import torch, transformers
def peak():  # bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
before = peak()
import course_utils
ask = [{"role": "user", "content": "이 다이어리 얼마예요?"}]
answer = course_utils.load_pipeline("mini")(ask, return_full_text=False, do_sample=False, max_new_tokens=100)
assert answer[0]["generated_text"].strip()
print("extra", peak() - before)
"""


def test_an_answer_takes_little_memory():
    pytest.importorskip("resource")
    run = subprocess.run([sys.executable, "-c", MEMORY], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    extra = int(run.stdout.split("extra")[1])
    assert extra < 300 * 2**20
