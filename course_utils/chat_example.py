"""A conversation that was really held, for pages where no Python runs: mini on both sides, the API on its own server.

``tests/test_chat_example.py`` holds it again and compares.
"""

from __future__ import annotations

from course_utils.chat_turn import Answer, ChatSettings, Turn

GREEDY = ChatSettings(temperature=0.0)
_WEIGHT = "안녕하세요! 상품 상세 페이지에서 텀블러의 무게를 확인해 보시기 바랍니다."
_DELIVERY = "안녕하세요! 텀블러의 배송 기간은 배송 안내에 자세히 나와 있습니다. 감사합니다."
EXAMPLE = (
    Turn("이 텀블러 무게가 얼마나 되나요?", GREEDY, Answer("mini", _WEIGHT, 15), Answer("mini", _WEIGHT, 15)),
    Turn("배송은 언제 시작되나요?", GREEDY, Answer("mini", _DELIVERY, 16), Answer("mini", _DELIVERY, 16)),
    Turn(
        "그럼 색상은 몇 가지인가요?",
        ChatSettings(temperature=1.0),
        Answer(
            "mini",
            "네, 고객님. 옵션 선택 창을 보시면 텀블러의 색상 종류를 아실 수 있습니다. "
            "더 궁금한 점이 있으시면 언제든지 말씀해 주세요.",
            26,
        ),
        Answer(
            "mini",
            "찾아 주셔서 감사합니다. 옵션 선택 창에서 텀블러의 색상 종류를 확인해 보시기 바랍니다. "
            "더 궁금한 점이 있으시면 언제든지 말씀해 주세요.",
            25,
        ),
    ),
)
