"""Does an answer name what was asked, and does it follow its persona? Plain rules, readable in one go."""

import re
from collections.abc import Callable

from .catalogue import Product, Topic, products, read

HANGUL = re.compile("[가-힣]")
POLITE = re.compile(r"(니다|세요|까요|니까|이에요|예요|어요|아요|드려요|랍니다|시오|소서)[.!?~]*(\s|$)")
PALACE = re.compile("옵니다|옵니까|나이다|옵소서")
SENTENCE_END = re.compile(r"[.!?]+")


def names_product(answer: str, product: Product, persona: str) -> bool:
    """True where the product's whole name is said, and not just as a part of another one ("책상 스탠드", "price")."""

    def name(item: Product) -> str:
        return item.en if persona == "english" else item.ko

    asked = name(product)
    longer = (name(item) for item in products() if asked in name(item) and name(item) != asked)
    end = r"\b" if persona == "english" else ""  # in Korean a particle follows
    return bool(re.search(rf"\b{re.escape(asked)}{end}", answer)) and not any(other in answer for other in longer)


def names_topic(answer: str, topic: Topic, persona: str) -> bool:
    """True where the topic is what the answer is about; the place to look ("the return guide") does not count."""
    if persona == "english":
        return bool(re.search(rf"\b{re.escape(topic.en)} of the\b", answer))
    return bool(re.search(rf"\b{re.escape(topic.ko)}(은|는|을|를|에 대해)\b", answer))


def sentences(answer: str) -> list[str]:
    return [part.strip() for part in SENTENCE_END.split(answer) if part.strip()]


def _points_to_a_place(answer: str) -> bool:
    return any(korean in answer for korean, _ in read("places").values())


def _apologises(answer: str) -> bool:
    return bool(sentences(answer)) and bool(re.search("죄송|사과드|사과의 말씀", sentences(answer)[0]))


def _is_default(answer: str) -> bool:
    others = _apologises(answer) or "담당자" in answer or PALACE.search(answer)
    return bool(POLITE.search(answer)) and _points_to_a_place(answer) and not others


def _defers(answer: str) -> bool:
    waits = re.search("시간|기다려|확인되는 대로|곧 답변|빠르게 안내", answer)
    return "담당자" in answer and bool(waits) and bool(POLITE.search(answer)) and not _points_to_a_place(answer)


# What each persona promises, as a test of one answer about a topic of a product.
FOLLOWS: dict[str, Callable[[str], bool]] = {
    "default": _is_default,
    "defer": _defers,
    "brief": lambda answer: len(sentences(answer)) == 1 and answer[-1:] in ".!?",
    "english": lambda answer: not HANGUL.search(answer) and len(answer) > 10,
    "friend": lambda answer: bool(HANGUL.search(answer)) and not POLITE.search(answer),
    "apology": _apologises,
    "palace": lambda answer: bool(PALACE.search(answer)),
}
