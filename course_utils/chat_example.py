"""A conversation that was really held, for pages where no Python runs: mini on both sides, the API on its own server.

``tests/test_chat_example.py`` holds it again and compares.
"""

from __future__ import annotations

from course_utils.chat_turn import Answer, ChatSettings, Turn

SYSTEM = ""
EXAMPLE = (
    Turn(
        "이 텀블러 무게가 얼마나 되나요?",
        ChatSettings(temperature=0.0),
        Answer("mini", "안녕하세요! 상품 상세 페이지에서 텀블러의 무게를 확인해 보시기 바랍니다.", 15),
        Answer("mini", "안녕하세요! 상품 상세 페이지에서 텀블러의 무게를 확인해 보시기 바랍니다.", 15),
    ),
)
