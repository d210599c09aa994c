"""The glossary: whole, without contradictions, and the one source of the lessons' lists of words."""

import json
import re
import shutil

import pytest

from course_utils.errors import CourseValueError
from course_utils.glossary import look_up, terms
from tools import glossary
from tools.glossary import APPENDIX, POINTER, lesson_files, lesson_words, unglossed
from tools.language_texts import cells

TERMS = terms()
LESSONS = lesson_files()


def prose_of(path):
    return "\n\n".join(source for where, source in cells(path, "markdown") if not where.endswith("words"))


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.korean)
def test_a_term_is_whole(term):
    assert re.fullmatch(r"[^.]*(?:`[^`]*`[^.]*)*니다\.", term.definition), "one sentence in 합니다체"
    assert not term.more or term.more.endswith("니다.")
    assert {term.first, term.lesson} <= set(LESSONS) and term.first <= term.lesson
    assert term.english and not {term.korean, *term.variants} & set(term.avoid)


def test_no_form_belongs_to_two_terms():
    forms = [form for term in TERMS for form in {term.korean, *term.variants, *term.avoid}]
    assert len(forms) == len(set(forms))
    allowed = {form for term in TERMS for form in (term.korean, *term.variants)}
    clashes = [(bad, good) for term in TERMS for bad in term.avoid for good in allowed if bad in good]
    assert clashes == [], "a form to avoid is part of a form to use"


@pytest.mark.parametrize("term", [term for term in TERMS if not term.everyday], ids=lambda term: term.korean)
def test_first_is_the_first_lesson_that_uses_the_word(term):
    used = re.compile(rf"(?<![가-힣A-Za-z]){re.escape(term.korean)}")
    assert term.first == next(number for number, path in LESSONS.items() if used.search(prose_of(path)))


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.korean)
def test_the_lesson_that_explains_a_word_uses_it(term):
    assert term.korean in prose_of(LESSONS[term.lesson])


def test_every_lesson_ends_with_its_words_as_the_glossary_has_them():
    assert glossary.stale() == [], "run: python -m tools.glossary"
    assert all("\n- **" in f"\n{lesson_words(number)}" and POINTER in lesson_words(number) for number in LESSONS)


def test_the_appendix_has_every_word_once_in_alphabetical_order():
    [text] = [source for where, source in cells(glossary.LESSONS / APPENDIX, "markdown") if where.endswith("terms")]
    words = re.findall(r"^- \*\*(.+?)\*\*", text, re.MULTILINE)
    assert sorted(words) == sorted(term.korean for term in TERMS)
    hangul = [word for word in words if "가" <= word[0]]
    assert hangul == sorted(hangul) and words[: len(hangul)] == hangul
    assert APPENDIX in prose_of(LESSONS["00"]), "the course's map leads to it"


@pytest.fixture
def copy_of_lessons(tmp_path, monkeypatch):
    for path in glossary.LESSONS.glob("*.ipynb"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(glossary, "LESSONS", tmp_path)
    return tmp_path


def test_a_list_edited_by_hand_is_found_and_written_again(copy_of_lessons):
    path = next(copy_of_lessons.glob("04*.ipynb"))
    before = path.read_text(encoding="utf-8")
    notebook = json.loads(before)
    [words] = [cell for cell in notebook["cells"] if cell.get("id") == "words"]
    words["source"] = [line.replace("로짓을 나누는 수입니다", "로짓을 곱하는 수입니다") for line in words["source"]]
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")
    assert glossary.main(["--check"]) == 1 and glossary.stale() == [path.name]
    assert glossary.main([]) == 0 and glossary.stale() == []
    assert path.read_text(encoding="utf-8") == before


def test_a_lesson_without_a_list_is_found(copy_of_lessons):
    path = next(copy_of_lessons.glob("05*.ipynb"))
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] = [cell for cell in notebook["cells"] if cell.get("id") != "words"]
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    assert glossary.stale(write=True) == [path.name] == glossary.stale()


# --- English beside the first use ---


@pytest.mark.parametrize("number", LESSONS)
def test_a_lesson_gives_the_english_word_where_it_first_uses_a_word(number):
    assert unglossed(LESSONS[number]) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("소프트맥스로 확률을 구합니다.", ["소프트맥스"]),
        ("소프트맥스(softmax)로 확률을 구합니다. 소프트맥스는 함수입니다.", []),
        ("소프트맥스로 구합니다. 그다음 문단에서야 소프트맥스(softmax)라고 적습니다.", ["소프트맥스"]),
        ("**로터리 위치 임베딩**(RoPE)을 씁니다.", []),
        ('## 소프트맥스\n\n[소프트맥스](04.ipynb), `소프트맥스`, "소프트맥스"', []),
        ("재정규화(renormalization)합니다.", []),  # 정규화 inside another word
        ("서버에 요청을 보냅니다.", []),  # everyday words
    ],
)
def test_a_missing_english_word_is_noticed(tmp_path, text, missing):
    path = tmp_path / "03_sample.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "id": "m", "source": [text]}]}), encoding="utf-8")
    assert unglossed(path) == missing


# --- looking words up ---


@pytest.mark.parametrize("word", ["온도", "temperature", " Temperature ", "템퍼러처"])
def test_a_word_is_found_in_any_of_its_forms(word):
    assert look_up(word) == (
        "온도(temperature): 로짓을 나누는 수입니다. 낮으면 1등으로 쏠리고 높으면 고르게 퍼지며, 순서는 바뀌지 "
        "않습니다. (04 단원)"
    )


def test_spaces_hyphens_and_capitals_do_not_matter():
    assert look_up("kv캐시") == look_up("KV cache") and look_up("TOP_K") == look_up("top-k")


def test_every_form_of_every_word_is_found():
    assert all(term.meaning in look_up(form) for term in TERMS for form in (term.korean, term.english, *term.avoid))


@pytest.mark.parametrize(
    ("word", "said"), [("소프드맥스", "소프트맥스"), ("", "look_up("), (None, "None"), ("!?", "'!?'")]
)
def test_an_unknown_word_is_answered_in_korean(word, said):
    with pytest.raises(CourseValueError, match="낱말 모음에 없는 말입니다") as caught:
        look_up(word)
    assert said in str(caught.value)
