"""The clerk's answers: one per persona, with the product and topic named and every josa right."""

import random

from .catalogue import Product, Topic, read
from .josa import Word

UNNAMED = {"friend": "물어본 상품", "palace": "하문하신 물건", "english": "item you asked about"}
UNNAMED_ELSE = "문의하신 상품"


def subject(persona: str, product: Product | None, topic: Topic, rng: random.Random) -> Word:
    """What the answer is about: "다이어리의 배송 기간", or in English "delivery time of the diary"."""
    if persona == "english":
        return Word(f"{topic.en} of the {(product and product.en) or UNNAMED['english']}")
    name = product.ko if product else UNNAMED.get(persona, UNNAMED_ELSE)
    return Word(f"{name} {topic.ko}" if rng.random() < 0.15 else f"{name}의 {topic.ko}")


def about_topic(persona: str, product: Product | None, topic: Topic, rng: random.Random) -> str:
    """An answer about `topic` of `product` (None: the customer named no product)."""
    style = read("personas")[persona]
    korean, english = read("places")[topic.place]
    place = english if persona == "english" else Word(korean)
    cores = [core for core in style["core"] if product or "문의하신" not in core]
    core = rng.choice(cores).format(s=subject(persona, product, topic, rng), w=place)
    return " ".join(part for part in (rng.choice(style["open"]), core, rng.choice(style["close"])) if part)


def small_talk(kind: str, persona: str, rng: random.Random) -> str:
    """An answer to small talk or to a question outside the shop; `kind` is a section of ``data/chat.toml``."""
    return rng.choice(read("chat")[kind][persona])


def about_oddity(persona: str, product: Product, rng: random.Random) -> str:
    """An answer to an odd question about `product`: names it and admits that this needs looking into."""
    name = Word(product.en or UNNAMED["english"]) if persona == "english" else product.ko
    return rng.choice(read("chat")["odd"][persona]).format(p=name)
