"""Names out of paths, and file names that are safe and never shared."""

import re
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.grading.readable_names import one_line, readable_name, shortened
from course_utils.grading.student_names import copy_number, file_name_for
from tests.handed_in import collected, hand_in

RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))}
ODD = [
    "../x",
    "a/b",
    "a\\b",
    "=HYPERLINK(1)",
    "홍\n길동",
    "*",
    "[abc]",
    "😀",
    "ㄱ" * 300,
    "CON",
    ".",
    "",
    "a:b",
    "홍길동",
]


def is_safe(name):
    return (
        re.fullmatch(r"[\w.-]+", name)
        and not name.startswith((".", "-"))
        and len(name.encode()) < 220
        and name.split(".")[0].lower() not in RESERVED | {""}
    )


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.one_of(st.text(max_size=60), st.sampled_from(ODD)), st.sampled_from(["ex04", "ex05"])), unique=True
    )
)
def test_file_names_are_safe_and_differ_where_the_words_do(pairs):
    names = [file_name_for(*pair) for pair in pairs]
    assert all(is_safe(name) for name in names), names
    folded = {unicodedata.normalize("NFKC", name).casefold() for name in names}
    assert len(folded) == len({*pairs})


def test_ordinary_names_stay_readable():
    assert file_name_for("홍길동", "ex04") == "홍길동-ex04"
    assert file_name_for("Kim Minsu", "ex04").startswith("Kim_Minsu-ex04-")


@given(st.text(), st.integers(2, 50))
def test_shown_names_are_one_composed_line_of_bounded_length(text, length):
    shown = shortened(one_line(text), length)
    assert len(shown) <= length and shown == unicodedata.normalize("NFC", shown)
    assert not any(unicodedata.category(letter)[0] == "C" and unicodedata.category(letter) != "Cn"
                   and unicodedata.category(letter) != "Co" for letter in shown)  # fmt: skip


def test_bytes_of_korean_windows_in_a_folder_are_read():
    assert readable_name("홍길동".encode("cp949").decode("utf-8", "surrogateescape")) == "홍길동"


def test_copy_numbers():
    names = ["ex04.ipynb", "ex04 (2).ipynb", "ex04-Copy3.ipynb", "ex04_12_34_x-1.ipynb", "ex04.ipynb.txt"]
    assert [copy_number(name) for name in names] == [0, 2, 3, 1, 0]


def test_hostile_names_of_folders_are_students_like_any_other(tmp_path):
    names = ["홍\n길동", '=HYPERLINK("x")', "[abc]", "*", "😀", "가" * 80, "-rf", "$(id)", "a;b", "이름 'x'"]
    for name in names:
        hand_in(tmp_path / "in", f"{name}/ex04.ipynb")
    found, problems = collected(tmp_path / "in", tmp_path)
    assert len(found) == len(names) and problems == []
    assert len({file_name_for(*key) for key in found}) == len(names)
    assert ("홍 길동", "ex04") in found


def test_long_names_that_are_cut_alike_stay_two_people(tmp_path):
    hand_in(tmp_path / "in", f"{'a' * 100}1/ex04.ipynb", f"{'a' * 100}2/ex04.ipynb")
    assert len(collected(tmp_path / "in", tmp_path)[0]) == 2
