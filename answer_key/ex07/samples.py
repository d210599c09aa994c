"""Random customers, numbers and sentences, from which the hidden cases of ex07 are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

PRODUCTS = (
    "다이어리", "텀블러", "운동화", "무선 이어폰", "백팩", "우산", "원두커피", "패딩", "머그컵", "이불",
    "기계식 키보드", "보조 배터리", "만년필", "목도리", "프라이팬", "보온병", "에코백", "원피스",
)  # fmt: skip
ASKS = (
    "무게가 얼마나 되나요?", "색이 몇 가지인가요?", "선물 포장이 되나요?", "교환할 수 있나요?", "다시 들어오나요?",
    "세탁은 어떻게 하나요?", "배송비가 있나요?", "어느 나라 제품인가요?", "수리를 맡길 수 있나요?", "사진과 "
    "같은 색인가요?",
)  # fmt: skip
NICKNAMES = ("달빛서랍", "뚜벅이", "산미좋아", "졸려", "타닥타닥", "열람실구석자리", "계란후라이장인")
_USERS = ("hong", "gildong.hong", "shop_fan", "a.b+shop", "kim-01")
_HOSTS = ("example.com", "mail.example.co.kr", "example.org", "my-shop.example.net")


def pick(rng: np.random.Generator, choices: Sequence[Any]) -> Any:
    """One of ``choices``."""
    return choices[int(rng.integers(len(choices)))]


def some(rng: np.random.Generator, choices: Sequence[Any], count: int) -> list[Any]:
    """``count`` different ones of ``choices``, in random order."""
    return [choices[int(place)] for place in rng.permutation(len(choices))[:count]]


def digits(rng: np.random.Generator, count: int, first: str = "0123456789") -> str:
    """``count`` digits, the first of them out of ``first``."""
    return pick(rng, first) + "".join(str(int(one)) for one in rng.integers(10, size=count - 1))


def phone(rng: np.random.Generator, gap: str = "-") -> str:
    """A domestic number, mobile or of a town."""
    area = pick(rng, ("010", "011", "02", "031", "064"))
    return f"{area}{gap}{digits(rng, int(rng.integers(3, 5)), '23456789')}{gap}{digits(rng, 4)}"


def abroad(rng: np.random.Generator, gap: str = "-") -> str:
    """The same kind of number written for a caller from abroad."""
    area = pick(rng, ("10", "2", "31", "64"))
    return f"+82{gap}{area}{gap}{digits(rng, int(rng.integers(3, 5)), '23456789')}{gap}{digits(rng, 4)}"


def mail(rng: np.random.Generator) -> str:
    """An address of a domain that is kept for examples."""
    return f"{pick(rng, _USERS)}@{pick(rng, _HOSTS)}"


def resident(rng: np.random.Generator, gap: str = "-", kinds: str = "1234") -> str:
    """Something that looks like a resident number."""
    month, day = int(rng.integers(1, 13)), int(rng.integers(1, 29))
    return f"{digits(rng, 2)}{month:02d}{day:02d}{gap}{digits(rng, 7, kinds)}"


def card(rng: np.random.Generator, gap: str = "-") -> str:
    """Something that looks like a card number."""
    return gap.join([digits(rng, 4, "3456789"), *(digits(rng, 4) for _ in range(3))])


def subject(product: str) -> str:
    """The product with the topic particle that its last letter asks for: 우산은, 운동화는."""
    return f"{product}{'은' if (ord(product[-1]) - ord('가')) % 28 else '는'}"
