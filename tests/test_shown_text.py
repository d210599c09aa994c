"""Somebody's text on a page: escaped, isolated where it runs the other way, with nothing unseen in it."""

from html import escape

from hypothesis import given
from hypothesis import strategies as st

from course_utils.shown_text import shown_html, visible, without_unseen


@given(st.text(alphabet=st.characters(max_codepoint=0xD7A3, exclude_categories=("Cc", "Cf", "Cs", "Co"))))
def test_text_without_unseen_characters_is_only_escaped(text):
    assert visible(text) == text == without_unseen(text)
    assert shown_html(text) in (escape(text), f'<bdi dir="auto">{escape(text)}</bdi>')


def test_text_from_right_to_left_is_isolated():
    for text in ("هل الشحن مجاني؟", "שלום", "우산 שלום 있나요?"):
        assert shown_html(text) == f'<bdi dir="auto">{text}</bdi>'
    assert shown_html("우산 <있나요>?") == "우산 &lt;있나요&gt;?"


def test_what_acts_unseen_is_shown_or_left_out():
    for letter in "\u202e\u2066\x00\x1b\x7f\ud83d":
        assert visible(f"가{letter}나") == f"가<U+{ord(letter):04X}>나" and without_unseen(f"가{letter}나") == "가나"
    assert visible("가\t나\r\n다 👨\u200d👩") == "가\t나\r\n다 👨\u200d👩"
