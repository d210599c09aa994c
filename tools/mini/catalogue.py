"""The shop: products, topics, places and personas, read from the TOML files in ``data/``."""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .josa import Word

DATA = Path(__file__).with_name("data")
NOT_SHELVES = ("extra", "modifiers", "attributes")
PERSONAS = ("default", "defer", "brief", "english", "friend", "apology", "palace")
# The lesson's own question is about this pair, so no wording of it is ever trained on.
LESSON_PAIR = ("다이어리", "공휴일 표시 여부")


@dataclass(frozen=True)
class Product:
    ko: Word
    en: str  # "" where the shop has no English name for it
    category: str
    trained: bool = True


@dataclass(frozen=True)
class Topic:
    ko: Word
    en: str
    place: str  # a key of places()
    categories: tuple[str, ...]  # ("*",) = every category
    questions: tuple[str, ...]

    def suits(self, product: Product) -> bool:
        return "*" in self.categories or product.category in self.categories


@cache
def read(name: str) -> dict:
    """The parsed TOML file ``data/<name>.toml``."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines() if line.strip()]


@cache
def products() -> tuple[Product, ...]:
    """Everything on the shelves; those with ``trained=False`` appear in the evaluation only."""
    found = []
    for category, shelf in read("products").items():
        for line in _lines(shelf["items"]) if category not in NOT_SHELVES else ():
            ko, en = (part.strip() for part in line.split("|"))
            found.append(Product(Word(ko.lstrip("!")), en, category, trained=not ko.startswith("!")))
    return tuple(found)


@cache
def trained_products() -> tuple[Product, ...]:
    return tuple(product for product in products() if product.trained)


@cache
def extra_products() -> tuple[Product, ...]:
    """Goods outside the catalogue that have no English name; they teach copying."""
    return tuple(Product(Word(line), "", "extra") for line in _lines(read("products")["extra"]["items"]))


@cache
def modifiers() -> tuple[tuple[str, str], ...]:
    """Pairs such as ``("파란색", "blue")`` that may stand before a product."""
    lines = _lines(read("products")["modifiers"]["items"])
    return tuple(tuple(part.strip() for part in line.split("|")) for line in lines)


@cache
def attributes() -> tuple[Topic, ...]:
    """Things asked about that are no topic of their own; their name is copied into the answer."""
    lines = _lines(read("products")["attributes"]["items"])
    return tuple(Topic(Word(line), "", "detail", ("*",), ()) for line in lines)


@cache
def topics() -> tuple[Topic, ...]:
    """All topics; the last wording of each is kept out of training (see `trained_questions`)."""
    found = []
    for group in read("topics").values():
        for line in _lines(group["text"]):
            if line.startswith("# "):
                ko, en, place, categories = (part.strip() for part in line[2:].split("|"))
                found.append(Topic(Word(ko), en, place, tuple(categories.split()), ()))
            else:
                last = found[-1]
                found[-1] = Topic(last.ko, last.en, last.place, last.categories, (*last.questions, line))
    return tuple(found)


def trained_questions(topic: Topic) -> tuple[str, ...]:
    return topic.questions[:-1]


def held_out(product: Product, topic: Topic) -> bool:
    """True for the one product x topic pair in ten that is kept for the evaluation, and for the lesson's own pair."""
    if (product.ko, topic.ko) == LESSON_PAIR:
        return True
    return hashlib.sha1(f"{product.ko}|{topic.ko}".encode()).digest()[0] % 10 == 0
