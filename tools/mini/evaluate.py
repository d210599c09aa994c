"""Measure the finished miniature on product x topic x wording combinations that training never saw."""

import math
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import course_utils.exaone  # noqa: F401  (registers the model type)

from . import answers, questions
from .catalogue import PERSONAS, Product, Topic, held_out, products, topics, trained_products, trained_questions
from .dialogues import LESSON_QUESTIONS, LESSON_SYSTEM, compose, opening
from .josa import Word
from .judge import FOLLOWS, names_product, names_topic
from .names import coined
from .tokenizer import EOS_ID, render
from .train import encode

CASES = 60  # per persona and suite
ROWS_AT_ONCE = 60
LONGEST_ANSWER = 120  # tokens
LESSON = [{"role": "system", "content": LESSON_SYSTEM}, {"role": "user", "content": LESSON_QUESTIONS[0]}]
SETTINGS = {
    "탐욕적(greedy)": dict(do_sample=False),
    "온도 0.7": dict(temperature=0.7, top_k=0),
    "온도 1": dict(temperature=1.0, top_k=0),
    "온도 2": dict(temperature=2.0, top_k=0),
    "온도 10": dict(temperature=10.0, top_k=0),
    "온도 10, top_k=50 (라이브러리 기본값)": dict(temperature=10.0, top_k=50),
    "온도 10, top_k=10": dict(temperature=10.0, top_k=10),
    "온도 10, top_p=0.9": dict(temperature=10.0, top_k=0, top_p=0.9),
    "온도 2, top_k=10": dict(temperature=2.0, top_k=10),
    "온도 2, top_p=0.9": dict(temperature=2.0, top_k=0, top_p=0.9),
    "온도 2, top_k=100, top_p=0.9": dict(temperature=2.0, top_k=100, top_p=0.9),
    "top_k=10": dict(temperature=1.0, top_k=10),
    "top_p=0.9": dict(temperature=1.0, top_k=0, top_p=0.9),
}


@dataclass(frozen=True)
class Case:
    persona: str
    product: Product
    topic: Topic
    messages: tuple[dict, ...]


def held_out_pairs() -> list[tuple[Product, Topic]]:
    """Every pair of a trained product and a topic that suits it which training never sees together."""
    return [(p, t) for p in trained_products() for t in topics() if t.suits(p) and held_out(p, t)]


def cases(suite: str, persona: str, rng: random.Random) -> Iterator[Case]:
    """Questions for one persona. Suites: "pair" (combination never trained), "wording" (and asked in words never
    trained), "product" (a product never trained), "coined" (a product name that did not exist until now)."""
    if suite in ("product", "coined"):
        shelf = [product for product in products() if product.trained != (suite == "product")]
        pairs = [(product, topic) for product in shelf for topic in topics() if topic.suits(product)]
    else:
        pairs = held_out_pairs()
    for product, topic in rng.sample(pairs, CASES):
        if suite == "coined":
            product = Product(Word(coined(rng)), "", "extra")
        template = topic.questions[-1] if suite == "wording" else rng.choice(trained_questions(topic))
        asked = questions.as_typed(questions.write(topic, product, rng, template), rng, (product.ko,))
        yield Case(persona, product, topic, (*opening(persona, rng), {"role": "user", "content": asked}))


class Miniature:
    """The model folder under test, with the two calls that the measurements need."""

    def __init__(self, folder: Path):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    def answer(self, conversations: list[tuple[dict, ...]], **settings) -> list[str]:
        """One answer to each conversation, `ROWS_AT_ONCE` side by side."""
        found = []
        for start in range(0, len(conversations), ROWS_AT_ONCE):
            rows = [list(messages) for messages in conversations[start : start + ROWS_AT_ONCE]]
            inputs = self.tokenizer.apply_chat_template(
                rows, add_generation_prompt=True, padding=True, return_tensors="pt", return_dict=True
            )
            options = dict(do_sample=True, max_new_tokens=LONGEST_ANSWER) | settings
            ids = self.model.generate(**inputs, **options)[:, inputs["input_ids"].shape[1] :]
            found += self.tokenizer.batch_decode(ids, skip_special_tokens=True)
        return found

    @torch.no_grad()
    def answer_loss(self, messages: list[dict]) -> tuple[float, int]:
        """Summed cross-entropy in nats of a dialogue's answers, and how many tokens they have."""
        ids, weights = encode(render(messages), self.tokenizer.backend_tokenizer, 0.0)
        logits = self.model(torch.tensor([ids])).logits[0, :-1]
        each = torch.nn.functional.cross_entropy(logits, torch.tensor(ids[1:]), reduction="none")
        chosen = torch.tensor(weights[1:]) > 0
        return each[chosen].sum().item(), int(chosen.sum())


def measure_suite(mini: Miniature, suite: str, rng: random.Random) -> dict[str, dict[str, float]]:
    """Per persona (and "all"): shares of greedy answers that name the product, the topic, and keep the persona."""
    # The shop has no English name for products it does not know.
    personas = [p for p in PERSONAS if p != "english" or suite in ("pair", "wording")]
    table, every = {}, []
    for persona in personas:
        asked = list(cases(suite, persona, rng))
        told = mini.answer([case.messages for case in asked], do_sample=False)
        marks = [
            (names_product(a, c.product, persona), names_topic(a, c.topic, persona), FOLLOWS[persona](a))
            for c, a in zip(asked, told, strict=True)
        ]
        table[persona] = _shares(marks)
        every += marks
    return table | {"all": _shares(every)}


def _shares(marks: list[tuple[bool, bool, bool]]) -> dict[str, float]:
    product, topic, persona = (sum(column) / len(marks) for column in zip(*marks, strict=True))
    return {"product": product, "topic": topic, "persona": persona, "cases": len(marks)}


def perplexity(mini: Miniature, rng: random.Random, dialogues: int = 300) -> float:
    """Per-token perplexity of reference answers about held-out product x topic pairs."""
    total, tokens = 0.0, 0
    for product, topic in rng.sample(held_out_pairs(), dialogues):
        persona = rng.choice(PERSONAS)
        messages = opening(persona, rng)
        messages.append({"role": "user", "content": questions.write(topic, product, rng)})
        messages.append({"role": "assistant", "content": answers.about_topic(persona, product, topic, rng)})
        loss, count = mini.answer_loss(messages)
        total, tokens = total + loss, tokens + count
    return math.exp(total / tokens)


def known_words(rng: random.Random, dialogues: int = 20_000) -> set[str]:
    """The space-separated words, without punctuation, of many generated dialogues: what a well-formed word is here."""
    texts = (message["content"] for _ in range(dialogues) for message in compose(rng).messages)
    return {word for text in texts for word in words(text)} | set(words(" ".join((LESSON_SYSTEM, *LESSON_QUESTIONS))))


def words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s.,!?~]+", text) if word]


def decoding_table(mini: Miniature, rng: random.Random, samples: int = 100) -> dict[str, dict[str, float]]:
    """The lesson's prompt answered `samples` times under each of `SETTINGS`: what heat breaks and cutting mends."""
    known, table = known_words(rng), {}
    for name, settings in SETTINGS.items():
        told = mini.answer([LESSON] * (1 if settings.get("do_sample") is False else samples), **settings)
        said = [words(text) for text in told]
        table[name] = {
            "distinct": len(set(told)),
            "answers": len(told),
            "known_words": sum(word in known for text in said for word in text) / max(1, sum(map(len, said))),
            "product": sum("다이어리" in text for text in told) / len(told),
            "persona": sum(FOLLOWS["defer"](text) for text in told) / len(told),
            "example": told[0],
        }
    return table


def evaluate(folder: Path, seed: int = 7) -> dict:
    """All measurements of the model card, as plain values."""
    torch.manual_seed(seed)
    mini = Miniature(folder)
    assert mini.tokenizer.eos_token_id == EOS_ID
    suites = ("pair", "wording", "product", "coined")
    lesson = [(LESSON[0], {"role": "user", "content": question}) for question in LESSON_QUESTIONS]
    return {
        "parameters": mini.model.num_parameters(),
        "perplexity": perplexity(mini, random.Random(f"perplexity {seed}")),
        "suites": {suite: measure_suite(mini, suite, random.Random(f"{suite} {seed}")) for suite in suites},
        "decoding": decoding_table(mini, random.Random(f"words {seed}")),
        "lesson": dict(zip(LESSON_QUESTIONS, mini.answer(lesson, do_sample=False), strict=True)),
    }
