"""ex07: personal data out of a text before it is sent, each kind with its own label."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from answer_key.ex07.samples import abroad, card, digits, mail, phone, pick, resident
from answer_key.task import Aspect, Case, Mistake, Task

_MAIL = r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_RESIDENT = r"\d{6}-?[1-8]\d{6}"
_CARD = r"(?:\d{4}[- ]?){3}\d{4}"
_HOME = r"0\d{1,2}[-. ]?\d{3,4}[-. ]?\d{4}"
_ABROAD = r"\+82[-. ]?[1-9]\d?[-. ]?\d{3,4}[-. ]?\d{4}"
LABELS = {"mail": "(전자 우편)", "resident": "(주민등록번호)", "card": "(카드 번호)", "phone": "(전화번호)"}


def _alone(pattern: str) -> str:
    return rf"(?<!\d)(?:{pattern})(?!\d)"


def _masker(
    mail: str = _MAIL,
    resident: str = _alone(_RESIDENT),
    card: str = _alone(_CARD),
    phone: str = _alone(f"{_ABROAD}|{_HOME}"),
    labels: dict[str, str] = LABELS,
    count: int = 0,
    order: tuple[str, ...] = ("mail", "resident", "card", "phone"),
) -> Callable[[str], str]:
    patterns = {"mail": mail, "resident": resident, "card": card, "phone": phone}

    def masked(text: str) -> str:
        for kind in order:
            text = re.sub(patterns[kind], labels[kind], text, count=count)
        return text

    return masked


reference = _masker()
reference.__doc__ = "The text with every phone number, address, resident and card number replaced by its label."


def _phones(rng: np.random.Generator) -> list[Case]:
    texts = [f"제 번호는 {phone(rng, gap)}입니다." for gap in ("-", "", " ", ".")]
    return [Case(text) for text in texts] + [Case(f"{phone(rng)} 또는 {phone(rng, '')}로 연락 주세요.")]


def _others(rng: np.random.Generator) -> list[Case]:
    return [
        Case(f"답은 {mail(rng)}으로 주세요. 전화는 {phone(rng)}입니다."),
        Case(f"{mail(rng)}, {mail(rng)} 둘 다 됩니다."),
        Case(f"주민등록번호는 {resident(rng, pick(rng, ('-', '')))}입니다."),
        Case(f"외국인등록번호 {resident(rng, kinds='5678')}로 확인해 주세요."),
        *(Case(f"카드 {card(rng, gap)}로 결제했어요.") for gap in ("-", " ", "")),
        Case(f"{resident(rng)} {card(rng)} {phone(rng)} {mail(rng)}"),
    ]


def _from_abroad(rng: np.random.Generator) -> list[Case]:
    return [Case(f"해외에 있어요. {abroad(rng, gap)}로 전화 주세요.") for gap in ("-", " ", "")]


def _left(rng: np.random.Generator) -> list[Case]:
    year, day = int(rng.integers(2020, 2030)), int(rng.integers(10, 29))
    return [
        Case(f"주문 번호 {digits(rng, 14, '123456789')}, 연락처 {phone(rng)}"),
        Case(f"운송장 {digits(rng, 1, '123456789')}{phone(rng, '')}{digits(rng, 2)} 조회가 안 돼요. {mail(rng)}"),
        Case(
            f"{year}-11-{day}에 산 {digits(rng, 3, '12')}.5 사이즈, {digits(rng, 2, '123')},000원이에요. {phone(rng)}"
        ),
        Case(f"주문 {year}11{day}{digits(rng, 9)}, 카드 {card(rng)}"),
    ]


TASK = Task(
    name="mask_personal",
    title="보내기 전에 개인정보 가리기",
    reference=reference,
    judge=("equal", {}),
    aspects=(
        Aspect(
            "phone",
            "전화번호",
            1,
            visible=(
                Case("연락은 010-0000-0000이나 010-0000-1111, 아무 때나 괜찮습니다."),
                Case("매장 전화가 02-000-1111인가요?"),
                Case("01000001111이나 031.000.1111로 연락 주세요."),
            ),
            hidden=_phones,
        ),
        Aspect(
            "others",
            "전자 우편, 주민등록번호, 카드 번호",
            2,
            visible=(
                Case("메일은 a.b+shop@example.co.kr으로 주세요."),
                Case("010101-3000000, 카드는 4000-1234-5678-9010입니다."),
                Case("외국인등록번호 900101-5000000입니다."),
                Case("카드 4000 1234 5678 9010으로 결제했어요."),
                Case("카드 4000123456789010으로 결제했어요."),
            ),
            hidden=_others,
        ),
        Aspect(
            "abroad",
            "+82로 적은 전화번호",
            1,
            visible=(
                Case("해외에 있어요. +82-10-0000-1111로 전화 주세요."),
                Case("+82 2 000 1111은 매장 번호인가요?"),
            ),
            hidden=_from_abroad,
        ),
        Aspect(
            "left",
            "가리지 말아야 할 번호",
            1,
            visible=(
                Case("2026-11-02에 주문한 운동화 265, 39,000원입니다. 연락처는 010-0000-0000입니다."),
                Case("운송장 301000000001112, 전화 010-0000-0000"),
                Case("운송장 0100000011112, 전화 010-0000-0000"),
            ),
            hidden=_left,
        ),
    ),
    mistakes=(
        Mistake(
            "one_label",
            _masker(labels=dict.fromkeys(LABELS, "(가림)")),
            "가리기는 했지만 표시가 (가림) 하나뿐입니다. 무엇을 가렸는지 알 수 있도록 종류마다 다른 표시를 "
            "넣어 주십시오.",
        ),
        Mistake(
            "first_only",
            _masker(count=1),
            "종류마다 처음 나온 하나만 가렸습니다. count를 주지 않은 re.sub()은 나온 것을 모두 바꿉니다.",
        ),
        Mistake(
            "hyphen_only",
            _masker(phone=_alone(r"(?:\+82-|0)\d{1,2}-\d{3,4}-\d{4}"), card=_alone(r"(?:\d{4}-){3}\d{4}")),
            "붙임표(-)로 적은 번호만 가렸습니다. 붙임표 자리에는 점이나 빈칸이 올 수도, 아무것도 없을 수도 있습니다.",
        ),
        Mistake(
            "mobile_only",
            _masker(phone=_alone(r"(?:\+82[-. ]?|0)10[-. ]?\d{4}[-. ]?\d{4}")),
            "010으로 시작하는 번호만 가렸습니다. 02, 031 같은 지역 번호와 가운데가 세 자리인 번호도 가려야 합니다.",
        ),
        Mistake(
            "no_abroad",
            _masker(phone=_alone(_HOME)),
            "+82로 시작하는 번호가 남았습니다. 정규 표현식에서 +는 '하나 이상'이므로 더하기 기호는 \\+로 적습니다.",
        ),
        Mistake(
            "no_phone",
            _masker(order=("mail", "resident", "card")),
            "전화번호가 그대로 남았습니다. re.sub()은 text를 바꾸지 않고 바꾼 글을 돌려주므로 text = re.sub(...)처럼 "
            "다시 담아야 합니다.",
        ),
        Mistake(
            "hangul_eaten",
            _masker(mail=r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
            r"주소 뒤의 한글까지 함께 가렸습니다. 파이썬의 \w는 한글에도 맞으므로 영문자와 숫자만 적어 주십시오: "
            "[A-Za-z0-9]",
        ),
        Mistake(
            "one_dot",
            _masker(mail=r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9-]+"),
            "example.co.kr처럼 점이 여럿인 주소의 뒷부분이 남았습니다. 점과 그 뒤의 글자를 (?:...)+로 묶어 되풀이해 "
            "주십시오.",
        ),
        Mistake(
            "plain_users",
            _masker(mail=r"[A-Za-z0-9]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
            "@ 앞의 일부가 남았습니다. @ 앞에는 영문자와 숫자 말고도 점, 밑줄, 더하기, 붙임표가 올 수 있습니다: "
            "[A-Za-z0-9._+-]",
        ),
        Mistake(
            "no_mail",
            _masker(order=("resident", "card", "phone")),
            "전자 우편 주소가 그대로 남았습니다. @가 든 주소도 (전자 우편)으로 바꾸어 주십시오.",
        ),
        Mistake(
            "no_foreigners",
            _masker(resident=_alone(r"\d{6}-?[1-4]\d{6}")),
            "뒷자리의 첫 숫자를 1에서 4까지만 보았습니다. 외국인등록번호는 5에서 8로 시작하므로 [1-8]로 적어 주십시오.",
        ),
        Mistake(
            "born_before_2000",
            _masker(resident=_alone(r"\d{6}-?[1-2]\d{6}")),
            "2000년대에 태어난 사람의 번호를 놓쳤습니다. 뒷자리의 첫 숫자는 1에서 8까지입니다.",
        ),
        Mistake(
            "no_card",
            _masker(order=("mail", "resident", "phone")),
            "카드 번호가 그대로 남았습니다. 숫자 네 개씩 네 묶음이고, 사이에 붙임표나 빈칸이 없을 수도 있습니다.",
        ),
        Mistake(
            "every_number",
            _masker(phone=r"\+?\d[\d-]{2,}\d|\d{3,}", order=("mail", "phone")),
            "날짜와 주문 번호까지 가렸습니다. 필요한 정보까지 지우면 모델이 질문을 알아듣지 못합니다. "
            "숫자의 개수와 끊는 자리까지 맞는 것만 가려 주십시오.",
        ),
        Mistake(
            "no_end",
            _masker(resident=rf"(?<!\d){_RESIDENT}", card=rf"(?<!\d){_CARD}", phone=rf"(?<!\d)(?:{_ABROAD}|{_HOME})"),
            r"번호의 앞은 보았지만 뒤에 숫자가 더 붙어 있는지는 보지 않았습니다. 맨 뒤에 (?!\d)를 더해 주십시오.",
        ),
        Mistake(
            "inside_longer",
            _masker(resident=_RESIDENT, card=_CARD, phone=f"{_ABROAD}|{_HOME}"),
            r"더 긴 번호의 일부를 개인정보로 잘못 보았습니다. 앞에는 (?<!\d), 뒤에는 (?!\d)를 두어 "
            "숫자가 더 붙어 있지 않은 것만 가려 주십시오.",
        ),
        Mistake(
            "word_ends",
            _masker(resident=rf"\b{_RESIDENT}\b", card=rf"\b{_CARD}\b", phone=rf"{_ABROAD}\b|\b{_HOME}\b"),
            r"번호 뒤에 한글이 붙으면 놓칩니다. \b는 숫자와 한글 사이를 낱말의 끝으로 보지 않습니다. "
            r"앞에는 (?<!\d), 뒤에는 (?!\d)를 두어 주십시오.",
        ),
    ),
)
