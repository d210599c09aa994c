"""A customer's question in many wordings: polite and casual, with slips of spelling, without spaces."""

import random

from .catalogue import Product, Topic, trained_questions
from .josa import Word

POINTING = (
    "이 ",
    "이 ",
    "이 ",
    "그 ",
    "저 ",
    "여기 있는 ",
    "지난번에 산 ",
    "어제 본 ",
)
GENERIC = (
    "{p}의 {t:이} 어떻게 되나요?",
    "{p} {t:이} 궁금합니다.",
    "{p} {t} 알려 주세요.",
    "{p} {t} 문의드립니다.",
    "{p} {t} 어떻게 돼?",
    "{p} {t} 좀 알려 줘.",
    "{p:은} {t:이} 어떤가요?",
    "{p}의 {t:을} 알고 싶어요.",
    "{p} {t:이} 뭐야?",
    "{p}에 대해 묻고 싶은데 {t:이} 어떻게 되나요?",
)
FOLLOW_UP = (
    "그럼 {t:은}요?",
    "{t:은} 어떻게 되나요?",
    "{t}도 알려 주세요.",
    "그럼 {t:은} 어때?",
    "하나 더요, {t:이} 궁금해요.",
    "{t}도 궁금합니다.",
    "그리고 {t:은} 어떻게 돼?",
)
IN_ENGLISH = (
    "What is the {t} of the {p}?",
    "Could you tell me about the {t} of this {p}?",
    "I want to know the {t} of the {p}.",
    "{p}: {t}?",
)
BEFORE = (
    "안녕하세요. ",
    "안녕하세요~ ",
    "안녕하세요! ",
    "질문 있어요. ",
    "혹시 ",
    "저기요, ",
    "문의드려요. ",
    "궁금한 게 있는데요, ",
)
AFTER = (
    " 감사합니다.",
    " 답변 부탁드려요.",
    " 빨리 알려 주세요.",
    " 부탁드립니다.",
    " ㅠㅠ",
    "??",
    "~",
    " 꼭 알려 주세요!",
)
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
CONFUSED = dict(("ㅐㅔ", "ㅔㅐ", "ㅖㅔ", "ㅒㅐ", "ㅚㅙ", "ㅙㅚ", "ㅏㅑ", "ㅓㅕ", "ㅗㅛ", "ㅡㅜ", "ㅢㅣ", "ㅞㅙ"))


def write(topic: Topic, product: Product, rng: random.Random, template: str | None = None) -> str:
    """A question about `topic` of `product`; `template` fixes the wording, otherwise a trained one is picked."""
    if template is None:
        own = trained_questions(topic)
        template = rng.choice(own) if own and rng.random() < 0.72 else rng.choice(GENERIC)
    name = product.ko
    if rng.random() < 0.45:
        name = Word(rng.choice(POINTING) + name)
    return template.format(p=name, t=topic.ko)


def follow_up(topic: Topic, rng: random.Random) -> str:
    """A question that leaves the product to the turn before."""
    own = trained_questions(topic)
    if own and rng.random() < 0.4:
        return rng.choice(own).format(p=Word(rng.choice(("이거", "그거", "이 상품", "그 상품"))), t=topic.ko)
    return rng.choice(FOLLOW_UP).format(t=topic.ko)


def in_english(topic: Topic, product: Product, rng: random.Random) -> str:
    return rng.choice(IN_ENGLISH).format(p=product.en, t=topic.en)


def as_typed(text: str, rng: random.Random, keep: tuple[str, ...] = ()) -> str:
    """`text` as somebody in a hurry types it; the words in `keep` are never misspelt (spaces may go)."""
    if rng.random() < 0.15:
        text = rng.choice(BEFORE) + text
    if rng.random() < 0.12:
        text = text.rstrip(".?") + rng.choice(AFTER) if rng.random() < 0.5 else text + rng.choice(AFTER)
    if rng.random() < 0.25:
        text = text.rstrip(".?!")
    if rng.random() < 0.15:
        text = misspell(text, rng, keep)
    if rng.random() < 0.08:
        text = text.replace(" ", "")
    return text


def misspell(text: str, rng: random.Random, keep: tuple[str, ...] = ()) -> str:
    """One slip outside the words in `keep`: a wrong vowel, a lost final consonant or space, a doubled letter."""
    protected = set()
    for word in keep:
        start = text.find(word)
        protected.update(range(start, start + len(word)) if start >= 0 else ())
    places = [at for at in range(len(text)) if at not in protected]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + slip(text[at], rng) + text[at + 1 :]


def slip(letter: str, rng: random.Random) -> str:
    """What a slip makes of one character."""
    if letter == " ":
        return ""
    if not "가" <= letter <= "힣":
        return letter
    initial, rest = divmod(ord(letter) - 0xAC00, 21 * 28)
    vowel, final = divmod(rest, 28)
    kind = rng.random()
    if kind < 0.2:
        return letter * 2
    if kind < 0.4 and final:
        final = 0
    else:
        vowel = VOWELS.index(CONFUSED.get(VOWELS[vowel], VOWELS[vowel]))
    return chr(0xAC00 + initial * 21 * 28 + vowel * 28 + final)
