"""Particles, and the judge that says whether an answer names what was asked and keeps its persona."""

import random

import pytest

from tools.mini import answers, catalogue
from tools.mini.catalogue import Product, Topic
from tools.mini.josa import Word, with_josa
from tools.mini.judge import FOLLOWS, names_product, names_topic, sentences


@pytest.mark.parametrize(
    "word, josa, expected",
    [
        ("우산", "은", "우산은"),
        ("다이어리", "은", "다이어리는"),
        ("우산", "이", "우산이"),
        ("다이어리", "이", "다이어리가"),
        ("우산", "을", "우산을"),
        ("다이어리", "을", "다이어리를"),
        ("우산", "과", "우산과"),
        ("다이어리", "과", "다이어리와"),
        ("우산", "으로", "우산으로"),
        ("다이어리", "으로", "다이어리로"),
        ("꿀", "으로", "꿀로"),  # ㄹ takes 로, but 은 and 이 as any consonant
        ("꿀", "은", "꿀은"),
        ("우산", "이에요", "우산이에요"),
        ("다이어리", "이에요", "다이어리예요"),
        ("꿀", "이에요", "꿀이에요"),
        ("우산", "이야", "우산이야"),
        ("다이어리", "이야", "다이어리야"),
        # Digits and letters as they are read: 삼, 칠, 사, 백; 엘, 에이, 비.
        ("A3", "은", "A3은"),
        ("B7", "으로", "B7로"),
        ("B4", "은", "B4는"),
        ("100", "으로", "100으로"),
        ("XL", "으로", "XL로"),
        ("XL", "은", "XL은"),
        ("USB", "은", "USB는"),
        ("usb n", "을", "usb n을"),
        # Brackets and quotes are not read.
        ("우산(대형)", "은", "우산(대형)은"),
        ("텀블러(소)", "은", "텀블러(소)는"),
        ("'꿀'", "으로", "'꿀'로"),
        ("", "은", "는"),
        ("!?", "이", "!?가"),
    ],
)
def test_josa_agrees_with_the_sound_before_it(word, josa, expected):
    assert with_josa(word, josa) == expected
    assert f"{Word(word):{josa}}" == expected


def test_josa_that_does_not_change_is_refused_and_a_plain_slot_stays_plain():
    with pytest.raises(KeyError):
        with_josa("우산", "도")
    assert f"{Word('우산')}도" == "우산도"


def test_the_judge_tells_the_personas_apart():
    rng = random.Random(2)
    pairs = [(p, t) for p in catalogue.products() for t in catalogue.topics() if t.suits(p)]
    confused = {("brief", "default"): 1.0, "brief": 0.10, ("apology", "brief"): 0.02}  # a short answer may be anybody's
    for persona in catalogue.PERSONAS:
        spoken = [answers.about_topic(persona, *rng.choice(pairs), rng) for _ in range(200)]
        for judge in catalogue.PERSONAS:
            share = sum(FOLLOWS[judge](answer) for answer in spoken) / len(spoken)
            limit = confused.get((persona, judge), confused.get(judge, 0.0))
            assert share == 1.0 if judge == persona else share <= limit, (persona, judge, share)


GOOD = {
    "default": [
        "안녕하세요, 고객님. 다이어리의 가격은 상품 상세 페이지에서 확인하실 수 있습니다.",
        "다이어리의 색상 종류는 옵션 선택 창에서 확인하실 수 있습니다.",  # 옵 alone does not make a courtier
        "사과의 소비 기한은 제품 라벨 사진에 자세히 나와 있습니다. 감사합니다.",  # the apple, not an apology
    ],
    "defer": ["다이어리의 가격은 제품 담당자가 확인하겠습니다. 시간이 조금 필요하니 기다려 주세요."],
    "brief": ["다이어리의 가격은 상품 상세 페이지에서 확인해 주세요."],
    "english": ["You can find the price of the diary on the product page."],
    "friend": ["응, 반가워! 다이어리의 가격은 상품 상세 페이지에 나와 있어."],
    "apology": [
        "불편을 드려 죄송합니다. 다이어리의 가격은 상품 상세 페이지에 있습니다.",
        "먼저 사과의 말씀을 드립니다. 가격은 상품 상세 페이지에 있습니다.",
        "먼저 불편을 드린 점 사과드립니다. 가격은 상품 상세 페이지에 있습니다.",
    ],
    "palace": ["전하, 다이어리의 가격은 상품 상세 페이지에 적혀 있사옵니다."],
}
BAD = {
    "default": [GOOD["defer"][0], GOOD["english"][0], GOOD["friend"][0], GOOD["apology"][0], GOOD["palace"][0], ""],
    "defer": [
        GOOD["default"][0],
        "제품 담당자가 확인하겠습니다.",  # no word of the time it takes
        "담당자가 확인할 시간이 필요해. 기다려.",  # not polite
        "담당자가 확인 중이니 기다려 주세요. 다이어리의 가격은 상품 상세 페이지에 있습니다.",  # an answer after all
    ],
    "brief": [GOOD["default"][2], "가격은 상품 상세 페이지에", ""],
    "english": [GOOD["brief"][0], "The price of the 다이어리 is on the product page.", "Yes."],
    "friend": [GOOD["default"][0], GOOD["palace"][0], GOOD["english"][0], "나와 있어. 감사합니다."],
    "apology": [GOOD["default"][0], "가격은 상품 상세 페이지에 있습니다. 죄송합니다.", GOOD["default"][2], ""],
    "palace": [GOOD["default"][0], GOOD["default"][1], GOOD["friend"][0]],
}


@pytest.mark.parametrize("persona", catalogue.PERSONAS)
def test_the_judge_knows_each_persona(persona):
    assert [answer for answer in GOOD[persona] if not FOLLOWS[persona](answer)] == []
    assert [answer for answer in BAD[persona] if FOLLOWS[persona](answer)] == []


def _product(ko: str, en: str) -> Product:
    return Product(Word(ko), en, "stationery")


def test_naming_means_the_whole_product():
    desk, lamp, rice = _product("책상", "desk"), _product("책상 스탠드", "desk lamp"), _product("쌀", "rice")
    assert names_product("책상의 가격은 상품 상세 페이지에 있습니다.", desk, "default")
    assert names_product("책상 스탠드의 가격은 상품 상세 페이지에 있습니다.", lamp, "default")
    assert not names_product("의자의 가격은 상품 상세 페이지에 있습니다.", desk, "default")
    assert not names_product("책상 스탠드의 가격은 상품 상세 페이지에 있습니다.", desk, "default")
    assert names_product("You can find the price of the rice on the product page.", rice, "english")
    assert not names_product("You can find the price of the honey on the product page.", rice, "english")


def test_naming_means_the_topic_and_not_the_place():
    back = Topic(Word("반품 방법"), "return", "returns", ("*",), ())
    scent = Topic(Word("향"), "scent", "detail", ("*",), ())
    assert names_topic("You can find the return of the diary on the exchange and return guide.", back, "english")
    assert not names_topic("Please check the exchange and return guide for the price of the diary.", back, "english")
    assert names_topic("비누의 향은 상품 상세 페이지에 있습니다.", scent, "default")
    assert not names_topic("향수의 가격은 상품 상세 페이지에 있습니다.", scent, "default")


def test_sentences_are_counted():
    assert sentences("네! 있습니다. 감사합니다.") == ["네", "있습니다", "감사합니다"]
