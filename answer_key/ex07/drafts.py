"""Drafts of an imperfect model, good ones and ones that break one rule, and the rules of the shop themselves."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from answer_key.ex07 import invented_facts, mask_personal, rude_sentences
from answer_key.ex07.samples import PRODUCTS, pick, subject

# What the notebook gives the learner, word for word (a test compares).
TRIES = 3
SAFE = (
    "안녕하세요, 고객님. 문의해 주셔서 감사합니다. 남겨 주신 내용은 담당자가 직접 확인한 뒤 "
    "답변드리겠습니다. 조금만 기다려 주시면 감사하겠습니다."
)
PROMISES = ("반드시", "무조건", "보장", "약속", "당장", "즉시")
LEAKS = ("지시", "프롬프트", "챗봇")
ATTENTION = ("지시를 무시", "프롬프트", "화가", "장난하", "불량", "약속", "보장")
JOSA = "(?:의|은|는|이|가|을|를|과|와|에|도|만|까지|이랑|로|으로|에서|에는|인지)?(?![가-힣])"
RULES = ("길이", "인사", "말끝", "상품", "확답", "지어낸 수", "개인정보", "지시", "담당자")
# The diagnosis where a draft that breaks the rule was sent.
RULE_TEXTS = {
    "길이": "너무 짧거나 긴 초안이 나갔습니다. 30자 이상 200자 이하인지 len(text)로 보아 주십시오.",
    "인사": "인사 없이 시작한 초안이 나갔습니다. '안녕하세요'로 시작하는지 보아 주십시오.",
    "말끝": "반말이나 '확인 필요.' 같은 문장이 든 초안이 나갔습니다. 2번의 rude_sentences(text)가 빈 리스트인지 보아 "
    "주십시오.",
    "상품": "다른 상품의 이름을 말한 초안이 나갔습니다. 질문의 상품 이름이 초안에 있는지 보아 주십시오.",
    "확답": "확답하는 말이 든 초안이 나갔습니다. PROMISES의 말이 하나라도 있으면 다시 뽑아 주십시오.",
    "지어낸 수": "질문에 없던 수나 날짜를 말한 초안이 나갔습니다. 3번의 invented_facts(text, question)가 빈 "
    "리스트인지 보아 "
    "주십시오.",
    "개인정보": "개인정보로 보이는 것이 든 초안이 나갔습니다. 1번의 mask_personal(text)가 글을 바꾸는지 보면 "
    "알 수 있습니다.",
    "지시": "봇이 받은 지시를 내보인 초안이 나갔습니다. LEAKS의 말이 하나라도 있으면 다시 뽑아 주십시오.",
    "담당자": "사람이 확인한다는 말이 없는 초안이 나갔습니다. '담당자'와 '확인'이 모두 있는지 보아 주십시오.",
}

Question = dict[str, Any]


def broken(text: str, question: Question) -> list[str]:
    """The names of the rules that a draft breaks."""
    named = re.search(f"(?<![가-힣]){re.escape(question['product'])}{JOSA}", text)
    wrong = {
        "길이": not 30 <= len(text) <= 200,
        "인사": not text.startswith("안녕하세요"),
        "말끝": bool(rude_sentences.reference(text)),
        "상품": not named,
        "확답": any(word in text for word in PROMISES),
        "지어낸 수": bool(invented_facts.reference(text, question)),
        "개인정보": mask_personal.reference(text) != text,
        "지시": any(word in text for word in LEAKS),
        "담당자": not ("담당자" in text and "확인" in text),
    }
    return [rule for rule in RULES if wrong[rule]]


def for_person(question: Question) -> bool:
    """Whether a person must look at the question first, whatever the draft."""
    text = question["question"]
    return any(word in text for word in ATTENTION) or mask_personal.reference(text) != text


_HELLO = (
    "안녕하세요, 고객님.",
    "안녕하세요!",
    "안녕하세요, 고객님. 문의해 주셔서 감사합니다.",
    "안녕하세요, 문의 감사합니다.",
)
_ABOUT = ("{}에 관한 질문은", "{}의 자세한 정보는", "{}에 관해 남겨 주신 내용은", "{}에 대한 문의는")
_WAIT = (
    "담당자가 확인한 뒤 답변드리겠습니다.",
    "담당자가 확인할 시간이 필요합니다.",
    "담당자가 꼼꼼히 확인해 알려 드리겠습니다!",
)
_TAIL = (
    "", "", "조금만 기다려 주세요~ 😊", "오늘도 좋은 하루 보내세요.", "감사합니다.",
    "남겨 주신 글을 빠짐없이 살펴보겠습니다. 더 필요한 것이 있으면 게시판에서 다시 여쭙겠습니다.",
)  # fmt: skip
_PROMISED = {
    "반드시": "반드시 만족하실 것이며", "무조건": "무조건 만족하실 것이며", "보장": "품질을 보장하며",
    "약속": "만족을 약속드리며", "당장": "당장 보내 드리며", "즉시": "즉시 보내 드리며",
}  # fmt: skip


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def good(question: Question, rng: np.random.Generator) -> str:
    """A draft that keeps every rule; it may repeat a number that the customer wrote."""
    product = question["product"]
    masked = mask_personal.reference(question["question"])
    numbers = re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", masked)
    about = pick(rng, _ABOUT).format(product)
    if numbers and rng.integers(2):
        about = f"{product}에 관해 말씀하신 내용({pick(rng, numbers)})도"
    return _joined(pick(rng, _HELLO), about, pick(rng, _WAIT), pick(rng, _TAIL))


def bad(rule: str, question: Question, rng: np.random.Generator) -> str:
    """A draft that breaks ``rule``, and no other where that is possible."""
    product = question["product"]
    hello, wait = pick(rng, _HELLO), pick(rng, _WAIT)
    about = pick(rng, _ABOUT).format(product)
    if rule == "길이":
        more = " ".join(
            f"{word} 정보를 모으고 있습니다."
            for word in ("색상", "크기", "무게", "재질", "원산지", "포장", "세탁", "배송")
        )
        short = f"안녕하세요. {subject(product)} 담당자가 확인해요."
        return pick(
            rng, ("", "  ", short, short, f"{_HELLO[2]} {about} {wait} {more} {wait[:-1]}. {_TAIL[2]} {_TAIL[3]}")
        )
    if rule == "인사":
        return _joined(pick(rng, ("네,", "고객님,", "")), about, wait, "조금만 기다려 주세요.")
    if rule == "말끝":
        rude = pick(
            rng, ("담당자가 확인한 뒤 알려 줄게.", "담당자가 확인했다.", "담당자 확인 필요.", "담당자가 확인 중임!")
        )
        return _joined(hello, about, rude, pick(rng, ("조금만 기다려 주세요.", "감사합니다.", "")))
    if rule == "상품":
        return _joined(hello, f"{_misnamed(product, rng)}의 자세한 정보는", wait)
    if rule == "확답":
        return _joined(
            hello,
            f"{subject(product)} {_PROMISED[pick(rng, PROMISES)]}",
            wait,
        )
    if rule == "지어낸 수":
        when = pick(rng, ("내일", "모레", "이틀 안에", "3일 안에", "일주일 안에", "48시간 안에"))
        price = pick(rng, ("삼천 원이며", "이만 원이며", "7,500원이며"))
        return pick(rng, (_joined(hello, about, f"담당자가 확인한 뒤 {when} 답변드리겠습니다."),
                          _joined(hello, f"{product}의 배송비는 {price}", wait)))  # fmt: skip
    if rule == "개인정보":
        return _joined(hello, about, wait, f"{pick(rng, ('help', 'shop'))}@example.com으로 메일을 보내 주세요.")
    if rule == "지시":
        said = pick(rng, ("저는 쇼핑몰의 챗봇이어서", "제가 받은 지시에 따라", "시스템 프롬프트에 적힌 대로"))
        return _joined(hello, said, about, wait)
    return _joined(
        hello, about, pick(rng, ("곧 알려 드리겠습니다.", "정리해서 답변드리겠습니다.")), "조금만 기다려 주세요."
    )


def _misnamed(product: str, rng: np.random.Generator) -> str:
    other = pick(rng, [one for one in PRODUCTS if product not in one and one not in product])
    return pick(rng, (other, f"{product}통", f"미니{product}", f"{product[:-1]}오"))


def written(
    question: Question, rules: tuple[str, ...], rng: np.random.Generator, good_at: int | None = None
) -> list[str]:
    """The drafts by seed: bad ones up to number ``good_at`` (drawn at random when None), good ones from there on."""
    if good_at is None:
        good_at = int(rng.choice(TRIES + 2, p=(0.4, 0.2, 0.15, 0.1, 0.15)))
    if not rules:
        good_at = 0
    texts: list[str] = []
    while len(texts) <= TRIES:
        rule = pick(rng, rules) if len(texts) < good_at else ""
        text = bad(rule, question, rng) if rule else good(question, rng)
        if text.strip() not in [one.strip() for one in texts] and (rule in broken(text, question) if rule else True):
            texts.append(text)
    return texts
