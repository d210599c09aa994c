"""ex06: how many requests reach the server, predicted before they are sent; and why."""

from __future__ import annotations

from answer_key.task import Aspect, Case, Mistake, Task

# A test sends these requests to a fault server and counts.
TASK = Task(
    name="retry_predictions",
    title="서버가 받는 요청의 수 예상하기",
    kind="value",
    answers=("prediction_1", "prediction_2", "prediction_3"),
    reference=(1, 3, 9),
    judge=("ex03.predictions", {}),
    aspects=(Aspect("predictions", "세 가지 예상", 3, visible=(Case(),)),),
    mistakes=(
        Mistake(
            "bad_request_again",
            (3, None, None),
            "1번: 라이브러리도 고칠 수 없는 요청은 다시 보내지 않습니다. "
            "400은 같은 요청을 다시 보내도 똑같이 실패합니다.",
        ),
        Mistake(
            "bad_request_never",
            (0, None, None),
            "1번: 라이브러리는 글의 길이를 미리 알지 못합니다. 거절하는 것은 서버이므로 요청이 한 번은 나갑니다.",
        ),
        Mistake(
            "quota_known",
            (None, 1, None),
            "2번: 라이브러리는 code를 보지 않고 상태 코드만 봅니다. 429이면 돈이 떨어진 계정이라도 다시 보냅니다.",
        ),
        Mistake(
            "two_in_all",
            (None, 2, None),
            "2번: max_retries는 전체 횟수가 아니라 '다시' 보내는 횟수입니다. 처음 한 번에 더해 셉니다.",
        ),
        Mistake(
            "only_ours",
            (None, None, 3),
            "3번: 우리 반복만 세었습니다. 한 번 부를 때마다 라이브러리가 안에서 몇 번 더 보내는지 생각해 보십시오.",
        ),
        Mistake(
            "added",
            (None, None, 5),
            "3번: 횟수를 더했습니다. 우리가 한 번 부를 때마다 라이브러리가 스스로 다시 보내므로 횟수는 곱해집니다.",
        ),
        Mistake(
            "retries_times",
            (None, None, 6),
            "3번: 다시 보내는 횟수 2만 곱했습니다. 한 번 부를 때마다 처음 보내는 요청도 세어야 합니다.",
        ),
    ),
)
REASON = Task(
    name="retry_reason",
    title="다시 시도가 곱해지는 까닭",
    kind="text",
    manual_points=2,
    mark_scheme=(
        "1점: 우리 함수의 시도마다 라이브러리가 스스로 다시 보내므로 횟수가 곱해진다는 것(또는 라이브러리가 code를 "
        "보지 않아 풀리지 않을 오류도 다시 보낸다는 것)을 실행한 출력의 수를 들어 설명했습니다.\n"
        "1점: 한쪽을 끈다(max_retries=0)는 고치는 방법을 적었습니다.\n"
        "예상이 틀렸더라도 출력에 근거해 고쳤으면 점수를 줍니다."
    ),
)
