"""The generator of the bundled model's training dialogues: grammar, variety, and what it must never say."""

import hashlib
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from corpus_checks import (
    LESSON_QUESTIONS,
    LESSON_SYSTEM,
    alternates,
    asks_the_lesson,
    fits,
    held_back_pair,
    kept_back_wording,
    noun_particles,
    quotes_the_lesson,
    squeezed,
    unfinished,
    wrong_particles,
)

from tools.mini import answers, catalogue, dialogues, questions
from tools.mini.josa import Word
from tools.mini.judge import FOLLOWS, names_product, names_topic

ROOT = Path(__file__).parents[1]
DIALOGUES = 5000


class Corpus:
    """Many dialogues, and what every answer about a topic was asked to be about."""

    def __init__(self, seed: int, monkeypatch: pytest.MonkeyPatch):
        self.told = []  # (persona, product or None, topic, answer)
        original = answers.about_topic

        def recorded(persona, product, topic, rng):
            answer = original(persona, product, topic, rng)
            self.told.append((persona, product, topic, answer))
            return answer

        monkeypatch.setattr(answers, "about_topic", recorded)
        rng = random.Random(seed)
        self.dialogues = [dialogues.compose(rng) for _ in range(DIALOGUES)]

    def said(self, role: str) -> list[str]:
        return [m["content"] for talk in self.dialogues for m in talk.messages if m["role"] == role]


@pytest.fixture(scope="module")
def corpus():
    with pytest.MonkeyPatch.context() as patch:
        yield Corpus(11, patch)


# --- the catalogue ---


def test_the_shop_is_large_enough():
    products, topics = catalogue.products(), catalogue.topics()
    assert sum(product.trained for product in products) >= 150
    assert len({product.category for product in products}) == 10
    assert all(any(not p.trained for p in products if p.category == c) for c in {p.category for p in products})
    assert len(topics) >= 60
    assert len({p.ko for p in products}) == len(products) and len({t.ko for t in topics}) == len(topics)
    assert all(p.ko and p.en.isascii() and p.en for p in products)
    assert all(topic.place in catalogue.read("places") for topic in topics)
    assert {p.ko for p in products}.isdisjoint(p.ko for p in catalogue.extra_products())


def test_each_topic_has_many_wordings_of_which_the_last_is_kept_apart():
    for topic in catalogue.topics():
        trained = catalogue.trained_questions(topic)
        assert len(trained) >= 3 and len(trained) + len(questions.GENERIC) >= 5
        assert topic.questions[-1] not in trained and len(set(topic.questions)) == len(topic.questions)


def test_one_pair_in_ten_is_held_out():
    pairs = [(p, t) for p in catalogue.products() for t in catalogue.topics()]
    assert all(catalogue.held_out(p, t) == held_back_pair(p.ko, t.ko) for p, t in pairs)
    assert 0.08 < sum(catalogue.held_out(p, t) for p, t in pairs) / len(pairs) < 0.13


# --- the dialogues ---

DIGEST = """
import hashlib, random
from tools.mini.dialogues import compose
rng = random.Random(5)
print(hashlib.sha256(repr([compose(rng).messages for _ in range(300)]).encode()).hexdigest())
"""


def test_the_same_seed_gives_the_same_dialogues_in_every_process():
    rng = random.Random(5)
    here = hashlib.sha256(repr([dialogues.compose(rng).messages for _ in range(300)]).encode()).hexdigest()
    for hash_seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONIOENCODING": "utf-8"}
        run = subprocess.run(
            [sys.executable, "-c", DIGEST], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == here
    other = random.Random(6)
    other_talk = repr([dialogues.compose(other).messages for _ in range(300)])
    assert hashlib.sha256(other_talk.encode()).hexdigest() != here


def test_roles_alternate(corpus):
    assert all(alternates(talk.messages) for talk in corpus.dialogues)


def test_nothing_is_left_unfilled(corpus):
    texts = corpus.said("user") + corpus.said("assistant") + corpus.said("system")
    assert [text for text in texts if unfinished(text)] == []
    assert all(text.strip() for text in texts)


def test_every_particle_in_the_answers_is_right(corpus):
    spoken = corpus.said("assistant")
    assert sum(len(noun_particles(answer)) for answer in spoken) > DIALOGUES
    assert [wrong for answer in spoken for wrong in wrong_particles(answer)] == []


def test_particles_after_invented_names_are_right_too(corpus):
    odd = [re.search(r"전하, (.+)([은는]) 소신이 더", answer) for answer in corpus.said("assistant")]
    found = [match.groups() for match in odd if match]
    assert len(found) > 5
    assert [pair for pair in found if not fits(*pair)] == []


def test_every_answer_keeps_its_persona(corpus):
    strayed = [(p, a) for p, _, _, a in corpus.told if not FOLLOWS[p](a)]
    assert strayed == [], f"{len(strayed)} of {len(corpus.told)}"


def test_every_answer_names_what_was_asked(corpus):
    for persona, product, topic, answer in corpus.told:
        assert names_topic(answer, topic, persona), (topic, answer)
        if product and (product.en or persona != "english"):
            assert names_product(answer, product, persona), (product, answer)


def test_what_is_kept_for_the_evaluation_is_never_trained(corpus):
    names = {product.ko for product in catalogue.products()}
    about_topics = [told for told in corpus.told if told[2] in catalogue.topics()]
    assert len(about_topics) > DIALOGUES / 2
    for _, product, topic, _answer in about_topics:
        parts = product.ko.split(" ") if product else []
        tails = {" ".join(parts[start:]) for start in range(len(parts))} & names
        assert not any(held_back_pair(tail, topic.ko) for tail in tails), (product, topic)
    unseen = {product.ko for product in catalogue.products() if not product.trained}
    spoken = corpus.said("user") + corpus.said("assistant")
    assert not [text for text in spoken if any(re.search(rf"\b{name}", text) for name in unseen - {"만년필"})]
    # A fountain pen may be what somebody writes with, never what the answer is about.
    assert not [answer for answer in corpus.said("assistant") if "만년필" in answer]


def test_no_kept_back_wording_is_trained(corpus):
    kept = kept_back_wording()
    assert sorted({text for text in corpus.said("user") if kept.fullmatch(squeezed(text))}) == []


def test_no_general_or_trained_wording_is_the_kept_back_one():
    for topic in catalogue.topics():
        trained = (*catalogue.trained_questions(topic), *questions.GENERIC)
        for name in (Word("우산"), Word("텐트")):
            kept = squeezed(topic.questions[-1].format(p=name, t=topic.ko))
            assert kept not in {squeezed(wording.format(p=name, t=topic.ko)) for wording in trained}, topic


def test_the_lesson_is_never_trained(corpus):
    texts = [message["content"] for talk in corpus.dialogues for message in talk.messages]
    assert not [text for text in texts if quotes_the_lesson(text)]
    assert not [text for text in corpus.said("user") if asks_the_lesson(text)]
    assert not [text for text in corpus.said("assistant") if asks_the_lesson(text)]
    # Not for want of either: diaries and public holidays are both asked about.
    assert any("다이어리" in text for text in texts) and any("공휴일" in text for text in texts)


def test_the_composer_throws_the_lesson_away():
    assert " ".join(LESSON_SYSTEM.split()) == dialogues.LESSON_SYSTEM
    assert dialogues.LESSON_QUESTIONS == LESSON_QUESTIONS
    broken_up = LESSON_SYSTEM.replace(" ", "\n" + " " * 16)
    assert dialogues.quotes_the_lesson([{"role": "system", "content": broken_up}])
    assert dialogues.quotes_the_lesson([{"role": "user", "content": "이 다이어리에 내년도 공휴일이 표시되어있나요"}])
    assert not dialogues.quotes_the_lesson([{"role": "user", "content": "이 다이어리에 내년도 달력이 있나요?"}])


def plain_name(product) -> str:
    """The catalogue name inside a product's name ("파란색 텀블러" -> "텀블러"), else the whole name."""
    inside = (item.ko for item in catalogue.products() if product.ko == item.ko or product.ko.endswith(f" {item.ko}"))
    return max(inside, key=len, default=product.ko)


def test_everything_turns_up(corpus):
    assert {talk.persona for talk in corpus.dialogues} == set(catalogue.PERSONAS)
    assert {topic.ko for topic in catalogue.topics()} <= {topic.ko for _, _, topic, _ in corpus.told}
    asked = {plain_name(product) for _, product, _, _ in corpus.told if product}
    assert {product.ko for product in catalogue.products() if product.trained} <= asked
    turns = [sum(m["role"] == "user" for m in talk.messages) for talk in corpus.dialogues]
    assert 0.2 < sum(count > 1 for count in turns) / DIALOGUES < 0.5
    chat = catalogue.read("chat")
    for kind in (*dialogues.TALK, "outside"):
        spoken = {text for persona in catalogue.PERSONAS for text in chat[kind][persona]}
        assert len(spoken & set(corpus.said("assistant"))) > len(spoken) / 2, kind
    assert any(talk.messages[0]["role"] == "user" for talk in corpus.dialogues)
    assert len(set(corpus.said("user"))) > 0.8 * len(corpus.said("user"))


def test_a_second_question_is_answered_about_the_same_product(corpus):
    follow_ups = {template.format(t=t.ko) for template in questions.FOLLOW_UP for t in catalogue.topics()}
    names = sorted({str(product.ko) for product in catalogue.products()}, key=len, reverse=True)
    kept = []
    for talk in corpus.dialogues:
        spoken = [m["content"] for m in talk.messages if m["role"] != "system"]
        named = [name for name in names if re.search(rf"\b{name}의 ", spoken[1])]
        unnamed = re.search("문의하신 상품|물어본 상품|하문하신 물건", spoken[-1])
        if len(spoken) == 4 and named and spoken[2] in follow_ups and not unnamed:
            kept.append(named[0] in spoken[3])
    assert len(kept) > 20 and all(kept)


# --- the checkers fail on bad examples ---


def test_the_checkers_see_what_is_wrong():
    assert wrong_particles("다이어리은 상품 상세 페이지를 보세요.") == ["다이어리은"]
    assert wrong_particles("다이어리는 상품 상세 페이지을 보세요.") == ["상품 상세 페이지을"]
    assert wrong_particles("우산를 사용 설명서로, 볼펜 세트으로") == ["우산를", "볼펜 세트으로"]
    assert wrong_particles("꿀으로 귤로 우산으로") == ["꿀으로"]
    assert unfinished("{p}의 가격") and unfinished("우산은(는) 있습니다") and not unfinished("우산(대형)은 있습니다")
    user, assistant = {"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}
    assert alternates([user, assistant]) and alternates([{"role": "system", "content": "."}, user, assistant])
    assert not alternates([user]) and not alternates([user, user, assistant, assistant])
    assert quotes_the_lesson("안녕하세요. 이 다이어리에 내년도   공휴일이\n표시되어 있나요")
    assert not quotes_the_lesson("안녕")
    assert asks_the_lesson("다이어리에 공휴일 나와요?") and not asks_the_lesson("달력에 공휴일 나와요?")
    kept = kept_back_wording()
    assert kept.fullmatch(squeezed("이 우산은 얼마 이상 사야 배송비가 없나요?"))
    assert not kept.fullmatch(squeezed("이 우산 배송비가 얼마예요?"))


def test_every_wrong_particle_would_be_seen(corpus):
    other = dict(zip("은는이가을를과와", "는은가이를을와과", strict=True))
    for answer in corpus.said("assistant")[:1000]:
        for noun, particle in noun_particles(answer):
            if particle in other:
                assert wrong_particles(f"{noun}{other[particle]} ") == [f"{noun}{other[particle]}"]
