"""Product names as customers write them: plain, with a modifier, coined, or with a model code."""

import random
from dataclasses import replace
from functools import cache

from .catalogue import Product, extra_products, modifiers, products, trained_products
from .josa import Word

LETTERS = "ABCDEGHKLMNPRSTVXZ"


@cache
def common_syllables() -> tuple[str, ...]:
    """The 2,350 Hangul syllables of KS X 1001: those that Korean text really uses."""
    rows = (bytes((high, low)) for high in range(0xB0, 0xC9) for low in range(0xA1, 0xFF))
    return tuple(row.decode("euc-kr") for row in rows)


@cache
def everyday_syllables() -> tuple[str, ...]:
    """The syllables of the catalogue itself: coined names made of them look like brand names."""
    letters = set("".join(item.ko for item in (*products(), *extra_products())))
    return tuple(sorted(letter for letter in letters if "가" <= letter <= "힣"))


def coined(rng: random.Random) -> str:
    """A word that does not exist, of two to four syllables: it can only be copied, not remembered."""
    letters = common_syllables() if rng.random() < 0.5 else everyday_syllables()
    return "".join(rng.choice(letters) for _ in range(rng.choice((2, 3, 3, 4))))


def model_code(rng: random.Random) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.choice((1, 2)))) + str(rng.randrange(1, 1000))


def any_product(rng: random.Random) -> Product:
    """A product to ask about in training; mostly the catalogue's, often with something before the name."""
    shelf = trained_products()
    kind = rng.random()
    if kind < 0.58:
        return rng.choice(shelf)
    if kind < 0.72:
        return rng.choice(extra_products())
    if kind < 0.80:
        return Product(Word(coined(rng)), "", "extra")
    base = rng.choice(shelf if rng.random() < 0.7 else extra_products())
    if kind < 0.90:
        ko, en = rng.choice(modifiers())
        return replace(base, ko=Word(f"{ko} {base.ko}"), en=f"{en} {base.en}" if base.en else "")
    if kind < 0.97:
        return replace(base, ko=Word(f"{coined(rng)} {base.ko}"))
    code = model_code(rng)
    return replace(base, ko=Word(f"{code} {base.ko}"), en=f"{code} {base.en}" if base.en else "")
