"""The explorer's HTML: whatever the words are, they stay text."""

from course_utils.explorer_view import answer_html, message_html


def test_html_is_made_of_text():
    assert "<b>x" not in answer_html(["<b>x", "&"], False) and "&lt;b&gt;x" in answer_html(["<b>x", "&"], False)
    assert "&lt;i&gt;<br>둘" in message_html("<i>\n둘") and 'role="status"' in message_html("")
    assert message_html("오류", error=True).startswith('<div role="alert"')
    assert "끝났습니다" in answer_html([], True) and "끝났습니다" not in answer_html([], False)
