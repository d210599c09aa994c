"""Exercise set 07: its rules against the lesson's, its numbers against SciPy, its model and judges as they say."""

import csv
import io
import itertools
import random
import re

import nbformat
import numpy as np
import pytest

from answer_key import load_set, load_task
from answer_key.ex07 import answer_all, better_setting, bot_predictions, drafts, mask_personal, safe_csv
from course_utils.approval_csv import defused
from course_utils.checks import judges_ex07, stand_ins_ex07
from course_utils.checks.local import check_answers
from course_utils.checks.result import details
from course_utils.shop_questions import Question, shop_questions
from tests.exercise_notebooks import ROOT, names_after_run, notebook_of

ASKED = {"id": "Q1", "product": "우산", "nickname": "졸려", "question": "이 우산 2개 사면 방수 되나요?"}


@pytest.fixture(scope="module")
def solved():
    return names_after_run(notebook_of(load_set("ex07"), "solutions"))


@pytest.fixture(scope="module")
def lesson():
    """The checks of the lesson: the cells that define them and need no model."""
    notebook = nbformat.read(ROOT / "notebooks" / "07_shop_bot.ipynb", as_version=4)
    names = {"queue": shop_questions(), "Question": Question}
    for cell in notebook.cells:
        defines = re.search(
            r"^(PERSONAL|def check_|def defuse|JOSA|NAME|PROMISE|CHECKS|system_prompt) ?", cell.source, re.M
        )
        if cell.cell_type == "code" and defines:
            exec(re.sub(r"^(print|assert).*$", "", cell.source, flags=re.M), names)
    return names


def asked(place):
    question = shop_questions()[place % 20]
    return {"id": question.id, "product": question.product, "question": question.text}


def test_the_notebook_gives_the_values_that_the_key_uses(solved):
    for name in ("TRIES", "SAFE", "PROMISES", "LEAKS", "ATTENTION", "JOSA"):
        assert solved[name] == getattr(drafts, name), name


def test_good_drafts_keep_every_rule_and_pass_the_lessons_checks_too(lesson):
    rng = np.random.default_rng(0)
    for place in range(200):
        question = asked(place)
        text = drafts.good(question, rng)
        as_in_lesson = Question("T", mask_personal.reference(question["question"]), question["product"])
        assert (drafts.broken(text, question), lesson["review"](text, as_in_lesson)) == ([], {}), text
    assert all(drafts.broken(drafts.SAFE, asked(place)) == ["상품"] for place in range(20))


@pytest.mark.parametrize("rule", drafts.RULES)
def test_bad_drafts_break_their_rule_and_mostly_no_other(rule):
    rng = np.random.default_rng(1)
    # A word of the draft may stand in the question, so a few drafts are no flaws at all; they are drawn again.
    found = [drafts.broken(drafts.bad(rule, asked(place), rng), asked(place)) for place in range(120)]
    assert sum(rule in one for one in found) > 100 and sum(one == [rule] for one in found) > 50


def test_written_drafts_are_bad_up_to_the_wanted_place_and_differ():
    for place, good_at in itertools.product(range(20), range(5)):
        texts = drafts.written(asked(place), drafts.RULES, np.random.default_rng(place), good_at)
        assert [bool(drafts.broken(text, asked(place))) for text in texts] == [at < good_at for at in range(4)]
        assert len({text.strip() for text in texts}) == 4


def test_what_the_notebook_says_about_the_lessons_mask(lesson):
    assert lesson["mask"]("hong@example.com입니다") == "(가림)입니다"
    assert lesson["mask"]("운송장 301000450001112") == "운송장 (가림)12"
    assert lesson["mask"]("+82 10-0000-1111") == "+82 10-0000-1111"


def test_predictions_come_true():
    texts = {"수리를 보장합니다.": True, "수리를 보장하기는 어렵습니다.": False, "평생 고쳐 드릴게요.": True}
    agree = sum(bool(re.search("보장|반드시|약속", text)) == promise for text, promise in texts.items())
    safe = {60: "가", 125: "나", 170: "다"}[min((60, 125, 170), key=lambda count: abs(count - 1000 * 0.5**4))]

    def sent_bad(draws, good=0.1, caught=0.8):
        passes = good + (1 - good) * (1 - caught)
        return (1 - good) * (1 - caught) / passes * (1 - (1 - passes) ** draws)

    growth = sent_bad(4) / sent_bad(1)
    assert bot_predictions.TASK.reference == (agree, safe, "다" if growth > 2 else "나" if growth > 0.9 else "가")


def test_the_sign_test_is_scipys():
    binomtest = pytest.importorskip("scipy.stats").binomtest
    for wins, losses in itertools.product(range(12), repeat=2):
        found = better_setting.reference([True] * wins + [False] * losses, [False] * wins + [True] * losses)
        if wins + losses:
            assert found["p"] == pytest.approx(binomtest(wins, wins + losses).pvalue)
    both = {"p": 1.0, "better": "알 수 없음"}
    assert better_setting.reference([], []) == better_setting.reference([True] * 24, [True] * 24) == both


def test_cells_are_defused_as_by_the_approval_board():
    made = random.Random(0)
    texts = ["".join(made.choices("=+-@＝＋－＠\t\n \r가a,\"'1", k=made.randrange(5))) for _ in range(2000)]
    read = list(csv.reader(io.StringIO(safe_csv.reference([{"글": text} for text in texts])[1:], newline="")))
    assert [row[0] if row else "" for row in read[1:]] == [defused(text) for text in texts]


@pytest.mark.parametrize(
    "style", [{"quoting": csv.QUOTE_ALL}, {"lineterminator": "\n"}, {"quoting": csv.QUOTE_NONNUMERIC}]
)
def test_how_a_csv_is_quoted_is_free(style):
    def own(rows):
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, list(rows[0]), **style)
        writer.writeheader()
        writer.writerows({k: defused(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows)
        return "\ufeff" + out.getvalue()

    task = load_task("safe_csv")
    assert check_answers(task.sheet(np.random.default_rng(0)), (own,)).earned == task.points


# --- the model of the last task ---

DRAFTS = ["가", "나", "다", "라"]
SCRIPT = {
    "product": "우산",
    "text": "제 번호는 (전화번호)입니다. 방수 되나요?",
    "drafts": DRAFTS,
    "secrets": ["010-0000-0000"],
}


def test_model_gives_the_drafts_by_seed_however_the_question_was_masked():
    for masked in (
        "제 번호는 (전화번호)입니다. 방수 되나요?",
        "제 번호는 (가림)입니다.  방수 되나요?",
        "제 번호는 ***입니다. 방수 되나요",
        "제 번호는 [개인정보]입니다. 방수 되나요?",
        "제 번호는 <전화번호>입니다. 방수 되나요?",
    ):
        model = stand_ins_ex07.model([SCRIPT])
        assert [model("우산", masked, seed) for seed in range(4)] == DRAFTS
        with pytest.raises(stand_ins_ex07.OverBudget):
            model("우산", masked, 0)


def test_model_echoes_what_was_not_masked():
    said = stand_ins_ex07.model([SCRIPT])("우산", "제 번호는 010-0000-0000입니다. 방수 되나요?", 0)
    assert "010-0000-0000" in said and drafts.broken(said, ASKED | {"product": "우산"})


@pytest.mark.parametrize("call", [("양산", SCRIPT["text"], 0), ("우산", "다른 질문", 0), ("우산", SCRIPT["text"], 4)])
def test_model_refuses_what_it_does_not_know(call):
    with pytest.raises(ValueError):
        stand_ins_ex07.model([SCRIPT])(*call)


def test_model_counts_its_budget():
    model = stand_ins_ex07.model([SCRIPT], budget=1)
    model("우산", SCRIPT["text"], 0)
    with pytest.raises(stand_ins_ex07.OverBudget):
        model("우산", SCRIPT["text"], 1)


# --- answers by their properties ---

RIGHT = {
    "queue": [
        {
            "id": "Q1",
            "asked": "우산: 방수 되나요?",
            "person": False,
            "drafts": DRAFTS,
            "wrong": ["인사", "말끝", "", ""],
        }
    ]
}


def judged(wrong=None, person=False, **answer):
    queue = [RIGHT["queue"][0] | {"person": person} | ({"wrong": wrong} if wrong else {})]
    given = {"id": "Q1", "answer": "다", "human": False, "drafts": 3} | answer
    return judges_ex07.answers([given], {"queue": queue}, safe="안전")


@pytest.mark.parametrize(
    "answer", [{}, {"answer": "라", "drafts": 4}, {"answer": " 다\n"}, {"human": True, "person": True},
               {"wrong": ["말끝"] * 4, "answer": "안전", "human": True, "drafts": 4}]
)  # fmt: skip
def test_answers_that_keep_the_rules_are_taken(answer):
    assert judged(**answer) is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"answer": "나", "drafts": 2}, "말끝"),
        ({"drafts": 2}, "drafts가 2"),
        ({"answer": "라", "drafts": 4, "wrong": ["", "", "", ""]}, "첫 초안"),
        ({"answer": "안전", "human": True, "drafts": 4}, "3번째 초안이 규칙을 모두 지켰는데"),
        ({"answer": "안전", "human": True, "drafts": 3, "wrong": ["말끝"] * 4}, "4번 뽑아야"),
        ({"answer": "안전", "human": False, "drafts": 4, "wrong": ["말끝"] * 4}, "human이 False"),
        ({"human": True}, "human이 True"),
        ({"person": True}, "human이 False"),
        ({"answer": "다!"}, "모델이 쓴 초안도 SAFE도 아닌"),
        ({"id": "Q2"}, "순서"),
        ({"drafts": True}, "정수"),
        ({"human": 1}, "True나 False"),
        ({"answer": None}, "글(문자열)"),
    ],
)
def test_answers_that_break_something_are_told_what(answer, reason):
    assert reason in judged(**answer)


def test_the_question_that_failed_is_told_whole_but_no_drafts_beyond_the_needed_one():
    reason = judged(answer="나", drafts=2)
    assert "우산: 방수 되나요?" in reason and "2번째 초안(어긴 규칙: 말끝): '나'" in reason
    assert "3번째 초안(규칙을 지킴): '다'" in reason and "'라'" not in reason and "drafts=2" in reason


def test_a_long_queue_is_shown_in_short_to_people():
    result = check_answers(answer_all.TASK.sheet(), (lambda questions, draft: [],))
    for aspect in result.aspects:
        rows = dict(details(aspect.finding, result))
        assert "ex07.model(...)" in rows["입력"] and len(rows["입력"]) < 700
        count = len(aspect.finding.case.args[0])
        assert rows["기댓값"].count("human=") == count and rows["기댓값"].count("\n") == count - 1


def test_text_that_is_no_csv_is_told_apart_from_a_missing_mark():
    assert "파일에 들어갈 글" in judges_ex07.csv_table("out.csv", "\ufeffid,answer\r\n")
    assert "BOM" in judges_ex07.csv_table("id,answer\r\n", "\ufeffid,answer\r\n")


@pytest.mark.parametrize("odd", [None, 3, "글", {}, [None], [[]], [{"id": "Q1"}], [], [{}, {}]])
def test_odd_answers_are_refused_in_words(odd):
    expected = {"queue": RIGHT["queue"]}
    assert judges_ex07.answers(odd, expected, safe="안전")
    for name in judges_ex07._LOOKS:
        facts = {"looks": name, "texts": ["가"], "ids": ["Q1"], "others": [], "later": ["Q1"], "none": [], "most": 4}
        assert odd == [] or judges_ex07.answers(odd, facts, safe="안전")


def test_other_ways_to_mask_and_to_check_lose_nothing(lesson):
    def own(questions, draft):
        results = []
        for question in questions:
            masked = mask_personal._masker(labels=dict.fromkeys(mask_personal.LABELS, "***"))(question["question"])
            texts = (draft(question["product"], masked, seed=seed) for seed in range(4))
            good = next(((n, text) for n, text in enumerate(texts, 1) if not drafts.broken(text, question)), None)
            human = good is None or drafts.for_person(question)
            used, text = good or (4, drafts.SAFE)
            results.append({"drafts": used, "human": human, "answer": text, "id": question["id"]})
        return tuple(results)

    task = answer_all.TASK
    for seed in range(5):
        assert check_answers(task.sheet(np.random.default_rng(seed)), (own,)).earned == task.points
