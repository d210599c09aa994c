"""ex07: automatic answers for a whole queue, judged by their properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from answer_key.ex07 import answer_all_cases as cases
from answer_key.ex07.drafts import RULE_TEXTS, RULES, SAFE, TRIES, broken, for_person
from answer_key.ex07.mask_personal import reference as mask
from answer_key.task import Aspect, Mistake, Task
from course_utils.checks.showing import FOR_PEOPLE

Draft = Callable[..., str]
Question = dict[str, Any]


def reference(questions: list[Question], draft: Draft) -> list[dict[str, Any]]:
    """For each question the first draft that keeps every rule, or the safe answer; never more than 1 + TRIES drafts."""
    return _answers(questions, draft)


def _answers(
    questions: list[Question],
    draft: Draft,
    *,
    sent: Callable[[str], str] = mask,
    wrong: Callable[[str, Question], Any] = broken,
    tries: int = TRIES,
    first: int = 1,
    tidy: Callable[[str], str] = str,
    last: bool = False,
    flag: Callable[[Question, bool], bool] = lambda question, safe: safe or for_person(question),
) -> list[dict[str, Any]]:
    results = []
    for question in questions:
        answer, used, safe = SAFE, tries + first, True
        for seed in range(tries + 1):
            text = tidy(draft(question["product"], sent(question["question"]), seed))
            if not wrong(text, question):
                answer, used, safe = text, seed + first, False
                break
        human = flag(question, safe)
        results.append({"id": question["id"], "answer": text if last else answer, "human": human, "drafts": used})
    return results


def expected(questions: list[Question], draft: Draft) -> dict[str, Any]:
    """What the judge needs to know of each question: its drafts, what is wrong with each, and whether a person must
    see it; and the right answers in short, for people.
    """
    queue = [
        {
            "id": question["id"],
            "asked": f"{question['product']}: {question['question']}",
            "person": for_person(question),
            "drafts": script["drafts"],
            "wrong": [", ".join(broken(text, question)) for text in script["drafts"]],
        }
        for question, script in zip(questions, draft.scripts, strict=True)
    ]
    return {FOR_PEOPLE: _in_short(queue), "queue": queue}


def _in_short(queue: list[dict[str, Any]]) -> str:
    """``Q05: 2번째 초안, human=False``, a line for each question."""
    if not queue:
        return "[]"
    lines = []
    for one in queue:
        place = next((place for place, wrong in enumerate(one["wrong"], 1) if not wrong), None)
        answer = f"{place}번째 초안, drafts={place}" if place else f"SAFE, drafts={TRIES + 1}"
        lines.append(f"{one['id']}: {answer}, human={one['person'] or place is None}")
    return "\n".join(lines)


def _looks(name: str, **facts: Callable[[list[Question], Draft], Any]) -> Callable[..., dict[str, Any]]:
    return lambda questions, draft: {"looks": name, **{key: fact(questions, draft) for key, fact in facts.items()}}


def _texts(wanted: Callable[[list[str], str, Question, int], bool]) -> Callable[..., list[str]]:
    def found(questions: list[Question], draft: Draft) -> list[str]:
        return [
            text
            for question, script in zip(questions, draft.scripts, strict=True)
            for place, text in enumerate(script["drafts"])
            if wanted(broken(text, question), text, question, place)
        ]

    return found


def _flawed(at: int) -> Callable[..., list[str]]:
    """The drafts of number ``at`` that break a rule, where they break different ones: one rule alone shows nothing."""

    def found(questions: list[Question], draft: Draft) -> list[str]:
        pairs = [(question, script["drafts"][at]) for question, script in zip(questions, draft.scripts, strict=True)]
        flawed = [text for question, text in pairs if broken(text, question)]
        return flawed if len({tuple(broken(text, question)) for question, text in pairs} - {()}) > 1 else []

    return found


def _ids(questions: list[Question], draft: Draft) -> list[str]:
    return [question["id"] for question in questions]


def _watched(questions: list[Question], draft: Draft) -> list[str]:
    return [question["id"] for question in questions if for_person(question)]


def _answerable(questions: list[Question], draft: Draft) -> list[str]:
    """Questions with personal data whose masked form has a draft that keeps the rules."""
    return _with_good(questions, draft, lambda script, first: bool(script["secrets"]))


def _with_good(questions: list[Question], draft: Draft, wanted: Callable[[dict, int], bool]) -> list[str]:
    """Questions of which a draft keeps the rules, where ``wanted`` says so of the script and that draft's number."""
    found = []
    for question, script in zip(questions, draft.scripts, strict=True):
        good = [place for place, text in enumerate(script["drafts"]) if not broken(text, question)]
        if good and wanted(script, good[0]):
            found.append(question["id"])
    return found


def _other_answerable(questions: list[Question], draft: Draft) -> list[str]:
    return _with_good(questions, draft, lambda script, first: not script["secrets"])


def _later(questions: list[Question], draft: Draft) -> list[str]:
    return _with_good(questions, draft, lambda script, first: first > 0)


def _free(questions: list[Question], draft: Draft) -> list[str]:
    good, watched = _with_good(questions, draft, lambda script, first: True), _watched(questions, draft)
    return [one for one in good if one not in watched]


def _never(questions: list[Question], draft: Draft) -> list[str]:
    good = _with_good(questions, draft, lambda script, first: True)
    return [question["id"] for question in questions if question["id"] not in good]


def _secrets(questions: list[Question], draft: Draft) -> list[str]:
    return [secret for script in draft.scripts for secret in script["secrets"]]


def _without(rule: str) -> Callable[[str, Question], list[str]]:
    return lambda text, question: [one for one in broken(text, question) if one != rule]


def _loosely_named(text: str, question: Question) -> list[str]:
    found = broken(text, question)
    return [one for one in found if one != "상품" or question["product"] not in text]


_NAMES = ("length", "greeting", "ending", "product", "promise", "invented", "personal", "leak", "person")


def _rule_mistakes() -> list[Mistake]:
    made = []
    for name, rule in zip(_NAMES, RULES, strict=True):
        only = _texts(
            lambda found, text, question, place, rule=rule: (
                found == [rule] and not (rule == "상품" and question["product"] in text)
            )
        )
        made.append(
            Mistake(
                f"no_{name}",
                lambda questions, draft, rule=rule: _answers(questions, draft, wrong=_without(rule)),
                RULE_TEXTS[rule],
                expected=_looks("shows", texts=only),
            )
        )
    return made


TASK = Task(
    name="answer_all",
    title="질문 스무 개에 자동으로 답하기",
    reference=reference,
    expected=expected,
    judge=("ex07.answers", {"safe": SAFE}),
    seconds=10.0,
    aspects=(
        Aspect("kept", "통과한 첫 초안을 그대로, 질문마다 차례로", 2, visible=cases.KEPT, hidden=cases.kept),
        Aspect("form", "꼴에 관한 규칙", 2, visible=cases.FORM, hidden=cases.form),
        Aspect("content", "내용에 관한 규칙", 2, visible=cases.CONTENT, hidden=cases.content),
        Aspect("masked", "개인정보를 가리고 넘김", 1, visible=cases.MASKED, hidden=cases.masked),
        Aspect("never", "끝내 통과하지 못할 때", 1, visible=cases.NEVER, hidden=cases.never),
        Aspect("person", "사람이 먼저 볼 질문", 1, visible=cases.PERSON, hidden=cases.person),
        Aspect("queue", "질문 스무 개", 2, visible=cases.QUEUE, hidden=cases.queue),
    ),
    mistakes=(
        Mistake(
            "left_out",
            lambda questions, draft: [one for one in _answers(questions, draft) if one["answer"] != SAFE][1:],
            "답하지 않은 질문이 있습니다. 안전한 답변으로 바꾼 것까지 질문마다 하나씩 돌려주십시오.",
            expected=_looks("left_out", ids=_ids),
        ),
        Mistake(
            "all_safe",
            lambda questions, draft: [
                {"id": q["id"], "answer": SAFE, "human": True, "drafts": TRIES + 1} for q in questions
            ],
            "모든 질문에 안전한 답변을 보냈습니다. 규칙을 지킨 초안은 그대로 써야 담당자의 시간을 아낄 수 있습니다. "
            "좋은 초안까지 걸리는 점검이 있는지, 다시 뽑을 때 씨앗을 늘렸는지 확인해 주십시오.",
            expected=_looks("all_safe"),
        ),
        Mistake(
            "reordered",
            lambda questions, draft: sorted(_answers(questions, draft), key=lambda one: one["drafts"])[::-1],
            "답의 순서가 질문의 순서와 다릅니다. questions를 차례로 돌면서 append() 하면 순서가 지켜집니다.",
            expected=_looks("reordered", ids=_ids),
        ),
        Mistake(
            "labels",
            lambda questions, draft: _answers(questions, draft, sent=str, tidy=mask),
            "질문을 그대로 보낸 다음 돌아온 초안을 가렸습니다. 개인정보는 이미 바깥으로 나갔습니다. "
            "draft()에 넘기기 전에 질문을 가려 주십시오.",
            expected=_looks("labels"),
        ),
        Mistake(
            "unmasked",
            lambda questions, draft: _answers(questions, draft, sent=str),
            "개인정보를 가리지 않고 draft()에 넘겼습니다. 모델이 초안마다 그것을 되풀이했습니다. "
            "mask_personal(question['question'])을 넘겨 주십시오.",
            expected=_looks("unmasked", ids=_answerable, others=_other_answerable, texts=_secrets),
        ),
        Mistake(
            "never_again",
            lambda questions, draft: _answers(questions, draft, wrong=lambda text, question: []),
            "첫 초안을 점검하지 않고 모두 내보냈습니다. 규칙을 어긴 초안이면 씨앗을 바꾸어 다시 뽑아 주십시오.",
            expected=_looks("never_again", texts=_flawed(0)),
        ),
        Mistake(
            "same_seed",
            lambda questions, draft: _answers(
                questions, lambda product, text, seed: draft(product, text, 0), tries=TRIES
            ),
            "첫 초안이 규칙을 어긴 질문에 모두 안전한 답변을 보냈습니다. 씨앗을 0에서 3까지 하나씩 늘려 draft()에 "
            "넘기는지, 걸린 다음에 정말 다시 뽑는지 확인해 주십시오.",
            expected=_looks("same_seed", later=_later, none=_never),
        ),
        Mistake(
            "last_sent",
            lambda questions, draft: _answers(questions, draft, last=True),
            "끝내 통과하지 못한 마지막 초안을 내보냈습니다. 통과한 초안이 없으면 SAFE를 보내 주십시오.",
            expected=_looks("last_sent", texts=_flawed(TRIES)),
        ),
        *_rule_mistakes(),
        Mistake(
            "loosely_named",
            lambda questions, draft: _answers(questions, draft, wrong=_loosely_named),
            "상품 이름을 in으로만 찾았습니다. '우산통'에도 '우산'이라는 글자가 있습니다. 이름의 앞에 한글이 "
            "없고 뒤에는 "
            "JOSA만 오는지 정규 표현식으로 보아 주십시오.",
            expected=_looks(
                "shows",
                texts=_texts(lambda found, text, question, place: found == ["상품"] and question["product"] in text),
            ),
        ),
        Mistake(
            "fewer",
            lambda questions, draft: _answers(questions, draft, tries=TRIES - 1),
            "한 번 덜 뽑고 포기했습니다. 첫 초안과 다시 뽑기 TRIES번을 더해 모두 네 번까지 뽑을 수 있습니다.",
            expected=_looks("fewer", most=lambda questions, draft: TRIES + 1),
        ),
        Mistake(
            "redraws",
            lambda questions, draft: _answers(questions, draft, first=0),
            "drafts에 다시 뽑은 횟수를 적었습니다. 첫 초안까지 넣어 뽑은 횟수를 모두 세어 주십시오.",
            expected=_looks("redraws"),
        ),
        Mistake(
            "unmarked",
            lambda questions, draft: _answers(questions, draft, flag=lambda question, safe: for_person(question)),
            "안전한 답변을 보낸 질문의 human이 False입니다. 아직 아무도 답하지 않은 질문이므로 사람에게 넘겨 주십시오.",
            expected=_looks("unmarked"),
        ),
        Mistake(
            "everyone",
            lambda questions, draft: _answers(questions, draft, flag=lambda question, safe: True),
            "모든 질문을 사람에게 넘겼습니다. human은 SAFE를 보냈거나, 질문에 ATTENTION의 말이나 개인정보가 있을 때만 "
            "True입니다.",
            expected=_looks("everyone", ids=_free),
        ),
        Mistake(
            "unseen",
            lambda questions, draft: _answers(questions, draft, flag=lambda question, safe: safe),
            "초안이 통과했더라도 사람이 먼저 볼 질문이 있습니다. ATTENTION의 말이나 개인정보가 질문에 있으면 human을 "
            "True로 해 주십시오.",
            expected=_looks("unseen", ids=_watched),
        ),
    ),
)
