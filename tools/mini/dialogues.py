"""Whole dialogues: a system prompt that picks the persona, then one to four turns."""

import random
from dataclasses import dataclass, replace

from . import answers, questions
from .catalogue import PERSONAS, Product, Topic, attributes, held_out, read, topics
from .josa import Word
from .names import any_product

WEIGHTS = (0.24, 0.24, 0.1, 0.13, 0.1, 0.1, 0.09)  # of PERSONAS
TURNS = (0.70, 0.21, 0.06, 0.03)  # chance of one, two, three, four questions
TALK = ("hello", "thanks", "who", "bye", "ability", "praise", "angry", "mood", "recommend")
# The lesson's own system prompts and questions: close wordings are trained, these are not (checked by the tests).
LESSON_SYSTEM = (
    "너는 쇼핑몰 홈페이지에 올라온 질문에 대답하는 Q&A 챗봇이야. "
    "확정적인 답변을 하지 말고 제품 담당자가 정확한 답변을 하기 위해 시간이 필요하다는 간단하고 친절한 답변을 생성해줘."
)
LESSON_QUESTIONS = ("이 다이어리에 내년도 공휴일이 표시되어 있나요?", "이 다이어리에는 내년도 공휴일 정보가 있나요?")


@dataclass
class Dialogue:
    """Chat messages as `apply_chat_template` takes them, and the persona that answers in them."""

    persona: str
    messages: list[dict]

    def say(self, role: str, content: str) -> None:
        self.messages.append({"role": role, "content": content})


def opening(persona: str, rng: random.Random) -> list[dict]:
    """The messages before the first question: the system prompt for `persona`, or nothing where that is empty."""
    system = system_prompt(persona, rng)
    return [{"role": "system", "content": system}] if system else []


def system_prompt(persona: str, rng: random.Random) -> str:
    """A system prompt that asks for `persona`; "" for the default one now and then."""
    own, roles = rng.choice(read("personas")[persona]["system"]), read("personas")["roles"]["text"]
    kind = rng.random()
    if kind < 0.35 or not own and kind < 0.7:
        return loosened(own, rng)
    parts = [rng.choice(roles), own]
    if kind > 0.9:
        parts.reverse()
    return loosened(" ".join(part for part in parts if part), rng)


def loosened(text: str, rng: random.Random) -> str:
    """`text` with some spaces turned into line breaks or long runs, as triple quotes and backslashes leave them."""
    if rng.random() > 0.25:
        return text
    spaces = [at for at, letter in enumerate(text) if letter == " "]
    run = "\n" * rng.randrange(2) + " " * rng.choice((1, 4, 8, 12, 16, 17, 18, 20))
    for at in sorted(rng.sample(spaces, min(len(spaces), rng.randrange(1, 4))), reverse=True):
        text = text[:at] + run + text[at + 1 :]
    return text


def pick_topic(product: Product | None, persona: str, rng: random.Random) -> Topic:
    """A topic that suits `product` and is not held out for the evaluation together with it."""
    if persona != "english" and rng.random() < 0.12:
        return rng.choice(attributes())
    suitable = [t for t in topics() if product is None or (t.suits(product) and not _kept_back(product, t))]
    return rng.choice(suitable)


def _kept_back(product: Product, topic: Topic) -> bool:
    # A modified name ("파란색 다이어리") keeps the pair back as the plain one does.
    words = product.ko.split(" ")
    return any(held_out(replace(product, ko=Word(" ".join(words[start:]))), topic) for start in range(len(words)))


def _ask_topic(talk: Dialogue, rng: random.Random) -> Product | None:
    product = any_product(rng) if rng.random() < 0.94 else None
    topic = pick_topic(product, talk.persona, rng)
    if product is None:
        asked = questions.follow_up(topic, rng)
    elif talk.persona == "english" and product.en and rng.random() < 0.15:
        asked = questions.in_english(topic, product, rng)
    else:
        asked = questions.write(topic, product, rng)
    keep = (product.ko, topic.ko) if product else (topic.ko,)
    talk.say("user", questions.as_typed(asked, rng, keep))
    talk.say("assistant", answers.about_topic(talk.persona, product, topic, rng))
    return product


def _ask_more(talk: Dialogue, product: Product, rng: random.Random) -> None:
    topic = pick_topic(product, talk.persona, rng)
    talk.say("user", questions.as_typed(questions.follow_up(topic, rng), rng, (topic.ko,)))
    talk.say("assistant", answers.about_topic(talk.persona, product, topic, rng))


def _chat(talk: Dialogue, kind: str, rng: random.Random) -> None:
    section = read("chat")[kind]
    fill = {name: Word(rng.choice(section[name])) for name in ("place", "number", "thing", "person") if name in section}
    asked = rng.choice(section["ask"]).format(**fill)
    talk.say("user", questions.as_typed(asked, rng) if kind == "outside" or rng.random() < 0.3 else asked)
    talk.say("assistant", answers.small_talk(kind, talk.persona, rng))


def _ask_oddly(talk: Dialogue, rng: random.Random) -> Product:
    product = any_product(rng)
    asked = rng.choice(read("chat")["odd"]["ask"]).format(p=Word(rng.choice(("", "", "이 ")) + product.ko))
    talk.say("user", questions.as_typed(asked, rng, (product.ko,)))
    talk.say("assistant", answers.about_oddity(talk.persona, product, rng))
    return product


def compose(rng: random.Random) -> Dialogue:
    """One training dialogue. The same `rng` state gives the same dialogue."""
    persona = rng.choices(PERSONAS, WEIGHTS)[0]
    talk = Dialogue(persona, opening(persona, rng))
    product = None
    for turn in range(rng.choices((1, 2, 3, 4), TURNS)[0]):
        kind = rng.random()
        if turn and product and kind < 0.5:
            _ask_more(talk, product, rng)
        elif turn and kind < 0.62:
            _chat(talk, rng.choice(("thanks", "bye", "praise")), rng)
        elif kind < 0.80:
            product = _ask_topic(talk, rng)
        elif kind < 0.86:
            product = _ask_oddly(talk, rng)
        elif kind < 0.93:
            _chat(talk, rng.choice(TALK), rng)
        else:
            _chat(talk, "outside", rng)
    return talk if not quotes_the_lesson(talk.messages) else compose(rng)


def quotes_the_lesson(messages: list[dict]) -> bool:
    """True where a message is, spaces and line breaks aside, one that the lessons ask the model."""
    return any(_squeezed(message["content"]) in _LESSON for message in messages)


def _squeezed(text: str) -> str:
    return "".join(text.split()).rstrip(".?!")


_LESSON = frozenset(_squeezed(text) for text in (LESSON_SYSTEM, *LESSON_QUESTIONS))
