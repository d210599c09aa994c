"""ex07: numbers, days and amounts in a draft that the customer did not mention."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from answer_key.ex07.samples import ASKS, PRODUCTS, digits, pick, some, subject
from answer_key.task import Aspect, Case, Mistake, Task

DAYS = ("오늘", "내일", "모레", "이틀", "사흘", "일주일", "주말", "당일")
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_DAY = r"오늘(?!도)|내일|모레|이틀|사흘|일주일|주말|당일"
_WON = r"(?<![가-힣\d])[일이삼사오육칠팔구십백천만]+ ?원(?![가-힣])"
_WON_THEN = r"(?<![가-힣\d])[일이삼사오육칠팔구십백천만]+ ?원(?=[은을이에의으입]|[^가-힣]|$)"


def _plain(word: str) -> str:
    return re.sub(r"[, ]", "", word)


def _finder(
    pattern: str = f"{_NUMBER}|{_DAY}|{_WON_THEN}",
    plain: Callable[[str], str] = _plain,
    product: bool = True,
    once: bool = True,
    compare: bool = True,
    gap: str = " ",
) -> Callable[[str, dict], list[str]]:
    def found(text: str, question: dict) -> list[str]:
        known = (question["product"] + gap if product else "") + question["question"]
        asked = {plain(word) for word in re.findall(pattern, known)} if compare else set()
        new: dict[str, str] = {}
        words = []
        for word in re.findall(pattern, text):
            if plain(word) not in asked:
                new.setdefault(plain(word), word)
                words.append(word)
        return list(new.values()) if once else words

    return found


reference = _finder()
reference.__doc__ = (
    "Numbers, days and amounts of the draft that stand neither in the question nor in the product's name."
)


def _twice_spelled(text: str, question: dict) -> list[str]:
    return list(dict.fromkeys(_finder(once=False)(text, question)))


def _by_kind(text: str, question: dict) -> list[str]:
    words = reference(text, question)
    return sorted(words, key=lambda word: 0 if word[0].isdigit() else 1 if word in DAYS else 2)


def _inside(text: str, question: dict) -> list[str]:
    known = _plain(f"{question['question']} {question['product']}")
    words = dict.fromkeys(re.findall(f"{_NUMBER}|{_DAY}|{_WON_THEN}", text))
    return [word for word in words if _plain(word) not in known]


def _asked(text: str, product: str = "우산") -> dict:
    return {"id": "T1", "product": product, "question": text}


def _draft(middle: str) -> str:
    return f"안녕하세요, 고객님. {middle} 담당자가 확인한 뒤 답변드리겠습니다."


def _numbers(rng: np.random.Generator) -> list[Case]:
    made = []
    for _ in range(4):
        said, other = digits(rng, 2, "123456"), digits(rng, 2, "789")
        product = pick(rng, PRODUCTS)
        asked = _asked(f"{said}살 조카에게 {pick(rng, ('줄', '보낼'))} {product}, {pick(rng, ASKS)}", product)
        made.append(Case(_draft(f"{said}살 조카에게 맞는 {product} {other}개와 {said[1]}개가 있습니다."), asked))
    liters = digits(rng, 3, "3456789")
    return [*made, Case(_draft(f"텀블러 {liters}은 뜨거운 물 {digits(rng, 2, '12')}도에서"), _asked(
        "뜨거운 물 되나요?", f"텀블러 {liters}"))]  # fmt: skip


def _days(rng: np.random.Generator) -> list[Case]:
    made = []
    for _ in range(3):
        one, two = some(rng, DAYS[1:], 2)
        product = pick(rng, PRODUCTS)
        asked = _asked(f"{one} 꼭 받아야 하는데 {product} 배송되나요?", product)
        made.append(Case(_draft(f"{one} 받으시려면 {two} 출발해야 하고, {two} 도착합니다."), asked))
    greeting = f"{_draft('내용은')} 오늘도 좋은 하루 보내세요."
    return [*made, Case(greeting, _asked(pick(rng, ASKS))), Case(f"오늘 {greeting} 3", _asked("있나요?"))]


def _written(rng: np.random.Generator) -> list[Case]:
    inch = f"{digits(rng, 2, '12')}.{digits(rng, 1, '123456789')}"
    price = int(rng.integers(11, 99))
    return [
        Case(_draft(f"{inch}인치와 {inch.split('.')[0]}인치는"), _asked(f"{inch}인치 노트북 들어가나요?", "백팩")),
        Case(
            _draft(f"{price},000원이며 배송비는 {digits(rng, 1, '12345')},500원입니다."),
            _asked(f"{price}000원 맞나요?"),
        ),
        Case(_draft(f"{price}000원과 {price + 1}000원은"), _asked(f"{price},000원 맞나요?")),
    ]


def _amounts(rng: np.random.Generator) -> list[Case]:
    one, two = some(rng, ("만 원", "삼천 원", "오만 원", "이천오백 원", "십만 원", "칠백 원"), 2)
    return [
        Case(_draft(f"{subject(pick(rng, PRODUCTS))} {one}입니다."), _asked(pick(rng, ASKS))),
        Case(_draft(f"말씀하신 {one.replace(' ', '')}은 맞고 배송비는 {two}입니다."), _asked(f"{one} 맞나요?")),
        Case(_draft(f"이 원피스와 이 원두커피는 {two}이며 직원이"), _asked(pick(rng, ASKS), "원피스")),
        Case(_draft(f"{digits(rng, 1, '3456789')}만 원에 이 원피스를"), _asked("얼마예요?", "원피스")),
    ]


TASK = Task(
    name="invented_facts",
    title="지어낸 수와 날짜 찾기",
    reference=reference,
    judge=("equal", {}),
    aspects=(
        Aspect(
            "numbers",
            "질문에 없던 수",
            1,
            visible=(
                Case("우산 2개를 사시면 50% 할인됩니다. 50%는 큰 할인입니다.", _asked("우산 2개 사면 할인되나요?")),
                Case("텀블러 500 2개는 5시간 따뜻합니다.", _asked("2개 사면 얼마나 따뜻한가요?", "텀블러 500")),
            ),
            hidden=_numbers,
        ),
        Aspect(
            "days",
            "질문에 없던 날짜",
            1,
            visible=(
                Case("주말까지 받으시려면 이틀 걸립니다.", _asked("주말에 받을 수 있나요?")),
                Case("내일 답변드리겠습니다. 오늘도 좋은 하루 보내세요.", _asked("색이 몇 가지인가요?")),
                Case("모레 오시면 3개를 드리고 내일은 없습니다.", _asked("재고 있나요?")),
            ),
            hidden=_days,
        ),
        Aspect(
            "written",
            "소수점과 쉼표",
            1,
            visible=(
                Case("15.6인치와 15인치가 들어갑니다.", _asked("15.6인치 노트북 들어가나요?", "백팩")),
                Case("2개에 39,000원이고 배송비는 2,500원입니다.", _asked("2개에 39000원 맞나요?")),
            ),
            hidden=_written,
        ),
        Aspect(
            "amounts",
            "한글로 적은 금액",
            1,
            visible=(
                Case("이 원피스는 삼만 원입니다. 배송비는 삼천 원!", _asked("얼마예요?", "원피스")),
                Case("만원이 맞고 배송비는 삼천 원입니다.", _asked("만 원 맞나요?")),
                Case("배송비는 삼천 원, 반품도 삼천원입니다.", _asked("배송비가 있나요?")),
            ),
            hidden=_amounts,
        ),
    ),
    mistakes=(
        Mistake(
            "glued",
            _finder(gap=""),
            "상품 이름과 질문을 빈칸 없이 이었습니다. '텀블러 500'과 '2개'가 붙어 5002가 됩니다. 사이에 빈칸을 넣어 "
            "주십시오.",
        ),
        Mistake(
            "everything",
            _finder(compare=False),
            "손님이 먼저 적은 수와 날짜까지 잡았습니다. 질문과 상품 이름에 같은 말이 있으면 빼 주십시오.",
        ),
        Mistake(
            "no_product",
            _finder(product=False),
            "상품 이름에 든 수를 지어낸 것으로 보았습니다. 질문과 상품 이름을 함께 살펴 주십시오.",
        ),
        Mistake(
            "bare_bool",
            lambda text, question: bool(reference(text, question)),
            "참이나 거짓을 돌려주었습니다. 담당자가 볼 수 있도록 지어낸 말들을 리스트로 돌려주십시오.",
        ),
        Mistake(
            "twice_spelled",
            _twice_spelled,
            "'삼천 원'과 '삼천원'처럼 빈칸이나 쉼표만 다른 같은 말이 두 번 들어 있습니다. 이미 넣은 것과 견줄 때에도 "
            "쉼표와 빈칸을 없애 주십시오.",
        ),
        Mistake(
            "twice",
            _finder(once=False),
            "같은 말이 두 번 들어 있습니다. 처음 나온 것만 남겨 주십시오. dict.fromkeys()를 쓰면 순서도 지켜집니다.",
        ),
        Mistake(
            "cleaned",
            lambda text, question: [_plain(word) for word in reference(text, question)],
            "쉼표나 빈칸을 없앤 말을 돌려주었습니다. 견줄 때만 없애고, 돌려줄 때는 초안에 적힌 그대로 돌려주십시오.",
        ),
        Mistake(
            "by_kind",
            _by_kind,
            "수, 날짜, 금액을 따로 찾아 이어 붙였습니다. 초안에 나온 순서대로여야 하므로 세로줄(|)로 이은 정규 표현식 "
            "하나로 찾아 주십시오.",
        ),
        Mistake(
            "digits_only",
            _finder(pattern=rf"\d+|{_DAY}|{_WON_THEN}"),
            r"소수점과 쉼표에서 수를 잘랐습니다. 15.6은 15와 6이 아니라 한 수이고 39,000도 그렇습니다. "
            "정규 표현식에 쉼표 묶음과 소수 부분을 더해 주십시오.",
        ),
        Mistake(
            "commas",
            _finder(plain=lambda word: word.replace(" ", "")),
            "39,000과 39000을 다른 수로 보았습니다. 견줄 때는 쉼표를 없애고, 돌려줄 때는 초안에 적힌 대로 "
            "돌려주십시오.",
        ),
        Mistake(
            "inside",
            _inside,
            "글 안에 들어 있는지를 in으로 보았습니다. '5'는 '15'나 '500' 안에도 있습니다. "
            "질문에서도 수와 날짜를 findall()로 꺼내 통째로 견주어 주십시오.",
        ),
        Mistake(
            "no_days",
            _finder(pattern=f"{_NUMBER}|{_WON_THEN}"),
            "날짜를 나타내는 말을 놓쳤습니다. '내일', '이틀'처럼 숫자 없이 적은 말도 확답이 됩니다.",
        ),
        Mistake(
            "today_too",
            _finder(pattern=f"{_NUMBER}|{'|'.join(DAYS)}|{_WON_THEN}"),
            "'오늘도 좋은 하루'라는 인사를 날짜로 보았습니다. '오늘' 바로 뒤에 '도'가 없어야 한다는 조건 (?!도)를 더해 "
            "주십시오.",
        ),
        Mistake(
            "no_amounts",
            _finder(pattern=f"{_NUMBER}|{_DAY}"),
            "한글로 적은 금액을 놓쳤습니다. '삼만 원'처럼 일~만의 글자가 이어지고 '원'으로 끝나는 말도 찾아 주십시오.",
        ),
        Mistake(
            "dress",
            _finder(pattern=f"{_NUMBER}|{_DAY}|(?<![가-힣\\d])[일이삼사오육칠팔구십백천만]+ ?원"),
            "'이 원피스'의 '이 원'을 2원으로 보았습니다. '원' 뒤에 올 수 있는 글자를 (?=...)로 정해 주십시오.",
        ),
        Mistake(
            "no_particle",
            _finder(pattern=f"{_NUMBER}|{_DAY}|{_WON}"),
            "'삼만 원입니다'처럼 '원' 뒤에 조사나 말끝이 붙은 금액을 놓쳤습니다. "
            "은, 을, 이, 에, 의, 으, 입으로 시작하는 것은 받아들여 주십시오.",
        ),
    ),
)
