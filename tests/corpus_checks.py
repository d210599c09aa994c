"""Checks of the generated dialogues, written without the generator's own code; test_mini_corpus shows each can fail."""

import hashlib
import re
import unicodedata
from functools import cache

from tools.mini import catalogue

LESSON_SYSTEM = """너는 쇼핑몰 홈페이지에 올라온 질문에 대답하는 Q&A 챗봇이야.
확정적인 답변을 하지 말고 제품 담당자가 정확한 답변을 하기 위해 시간이 필요하다는 간단하고 친절한 답변을 생성해줘."""
LESSON_QUESTIONS = (
    "이 다이어리에 내년도 공휴일이 표시되어 있나요?",
    "이 다이어리에는 내년도 공휴일 정보가 있나요?",
)
# particle -> does it follow a final consonant? 으로/로 is checked on its own, for the sake of ㄹ.
PARTICLES = {"은": True, "는": False, "이": True, "가": False, "을": True, "를": False, "과": True, "와": False}


def ends_in_consonant(word: str) -> tuple[bool, bool]:
    """(has a final consonant, and it is ㄹ), from the canonical decomposition of the last syllable."""
    last = unicodedata.normalize("NFD", word)[-1]
    return "\u11a8" <= last <= "\u11c2", last == "\u11af"


def fits(word: str, particle: str) -> bool:
    consonant, rieul = ends_in_consonant(word)
    if particle in ("으로", "로"):
        return (particle == "로") == (not consonant or rieul)
    return PARTICLES[particle] == consonant


def known_nouns() -> set[str]:
    shelves = (catalogue.products(), catalogue.extra_products(), catalogue.topics(), catalogue.attributes())
    places = [korean for korean, _ in catalogue.read("places").values()]
    return {str(item.ko) for shelf in shelves for item in shelf} | set(places) | {"상품", "물건"}


@cache
def _noun_and_particle() -> re.Pattern:
    nouns = "|".join(re.escape(noun) for noun in sorted(known_nouns(), key=len, reverse=True))
    return re.compile(rf"\b({nouns})(은|는|이|가|을|를|과|와|으로|로)(?=[\s.,!?]|$)")


def noun_particles(text: str) -> list[tuple[str, str]]:
    """Every known noun of `text` that a particle follows, with the particle."""
    return _noun_and_particle().findall(text)


def wrong_particles(text: str) -> list[str]:
    return [noun + particle for noun, particle in noun_particles(text) if not fits(noun, particle)]


def unfinished(text: str) -> bool:
    """A slot left open, or both forms of a particle at once."""
    return bool(re.search(r"[{}]|[가-힣]\((은|는|이|가|을|를|과|와|으로|로)\)|None", text))


def alternates(messages: list[dict]) -> bool:
    roles = [message["role"] for message in messages]
    turns = roles[1:] if roles[0] == "system" else roles
    return bool(turns) and len(turns) % 2 == 0 and turns == ["user", "assistant"] * (len(turns) // 2)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text).rstrip(".?!")


def quotes_the_lesson(text: str) -> bool:
    return any(squeezed(lesson) in squeezed(text) for lesson in (LESSON_SYSTEM, *LESSON_QUESTIONS))


def asks_the_lesson(text: str) -> bool:
    return "다이어리" in squeezed(text) and ("공휴일" in squeezed(text) or "빨간날" in squeezed(text))


def kept_back_wording() -> re.Pattern:
    """Any topic's last wording, spaces aside, about any known product."""
    names = "|".join(squeezed(p.ko) for p in (*catalogue.products(), *catalogue.extra_products()))
    product = rf"(?:.*?(?:{names}|이거|그거|이상품|그상품))"
    particles = {"{p}": "", "{p:은}": "[은는]", "{p:이}": "[이가]", "{p:을}": "[을를]", "{p:과}": "[과와]"}
    wordings = []
    for topic in catalogue.topics():
        wording = re.escape(squeezed(topic.questions[-1])).replace(r"\{", "{").replace(r"\}", "}")
        for slot, particle in particles.items():
            wording = wording.replace(slot, product + particle)
        assert "{" not in wording, topic
        wordings.append(wording)
    return re.compile("|".join(rf"(?:{wording})" for wording in wordings))


def held_back_pair(name: str, topic: str) -> bool:
    """Independent of `catalogue.held_out`: one pair in ten by the hash of its text, and the lesson's pair."""
    digest = int(hashlib.sha1(f"{name}|{topic}".encode()).hexdigest()[:2], 16)
    return digest % 10 == 0 or (name, topic) == ("다이어리", "공휴일 표시 여부")
