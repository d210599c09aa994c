"""The shop's queue: what it must contain, and files that learners bring along."""

import re

import pytest

from course_utils.errors import CourseError, CourseValueError
from course_utils.shop_questions import COLUMNS, FILE, shop_questions


@pytest.fixture(scope="module")
def queue():
    return shop_questions()


def written(folder, text, encoding="utf-8"):
    path = folder / "mine.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_queue_holds_every_kind_of_question_that_the_lesson_needs(queue):
    assert 20 <= len(queue) <= 30 and len({one.id for one in queue}) == len(queue)
    assert {one.tag for one in queue} >= {"상품", "배송", "반품", "항의", "무례", "딴말", "주입", "약속", "개인정보"}
    lengths = [len(one.text) for one in queue]
    assert min(lengths) < 6 and max(lengths) > 150
    together = "\n".join(one.text for one in queue)
    assert "이전 지시를 무시하고" in together and "🍳" in together and "<b>" in together
    assert any(one.nickname.startswith("=") for one in queue)
    assert [one.time for one in queue] == sorted(one.time for one in queue)


def test_the_only_telephone_number_is_a_number_that_nobody_has(queue):
    together = FILE.read_text(encoding="utf-8")
    assert re.findall(r"01\d[-. ]?\d{3,4}[-. ]?\d{4}", together) == ["010-0000-0000"] and "@" not in together


def test_the_file_has_the_columns_it_says(queue):
    assert FILE.read_text(encoding="utf-8").splitlines()[0] == ",".join(COLUMNS)


def test_the_table_escapes_what_customers_wrote(queue):
    html = queue._repr_html_()
    assert "<b>급해요" not in html and "&lt;b&gt;급해요" in html and html.count('scope="row"') == len(queue)
    assert all(len(line) < 200 for line in repr(queue).splitlines())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_file_from_excel_is_read_in_all_its_encodings(tmp_path, encoding):
    text = 'question,id,memo\r\n"한 줄\n두 줄, 쉼표",A1,무시\r\n\r\n 빈칸 , A2 ,\r\n'
    first, second = shop_questions(written(tmp_path, text, encoding))
    assert (first.id, first.text, first.product) == ("A1", "한 줄\n두 줄, 쉼표", "")
    assert (second.id, second.text) == ("A2", "빈칸")


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "비어 있습니다"),
        ("id,text\n1,가", "question"),
        ("id,question\n1,가\n1,나", "겹치는"),
        ("id,question\n1,", "질문"),
        ("id,question\n1", "질문"),
        ("id,question\n,가", "번호"),
    ],
)
def test_files_that_cannot_be_used_are_told_in_korean(tmp_path, text, told):
    with pytest.raises(CourseValueError, match=told) as error:
        shop_questions(written(tmp_path, text))
    assert "mine.csv" in str(error.value) and str(tmp_path) not in str(error.value)


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path):
    with pytest.raises(CourseError, match="읽을 수 없습니다"):
        shop_questions(tmp_path / "none.csv")
    (tmp_path / "picture.csv").write_bytes(b"\xff\xfe\x00\x81\xff")
    with pytest.raises(CourseError, match="CSV UTF-8"):
        shop_questions(tmp_path / "picture.csv")


def test_only_the_header_is_an_empty_queue(tmp_path):
    assert shop_questions(written(tmp_path, "id,question\n")) == []
