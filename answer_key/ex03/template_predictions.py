"""ex03: what the template and the bundled model do, predicted before they are run; and why."""

from __future__ import annotations

from answer_key.task import Aspect, Case, Mistake, Task, part

# A test renders the conversation with the bundled tokenizer and lets the bundled model write on.
TASK = Task(
    name="template_predictions",
    title="템플릿과 모델의 행동 예상하기",
    kind="value",
    answers=("prediction_1", "prediction_2", "prediction_3"),
    reference=(2, "나", "다"),
    expected=part,
    judge=("ex03.predictions", {}),
    aspects=(
        Aspect("marks", "1번: [|endofturn|]의 수", 1, visible=(Case(0),)),
        Aspect("ending", "2번: 글의 끝", 1, visible=(Case(1),)),
        Aspect("goes_on", "3번: 모델이 이어 쓰는 글", 1, visible=(Case(2),)),
    ),
    mistakes=(
        Mistake(
            "one_mark",
            (1, None, None),
            "1번: 이 대화에는 시스템 메시지가 없습니다. "
            "그때 템플릿이 맨 앞에 무엇을 붙이는지 03 단원 10절에서 찾아보십시오.",
        ),
        Mistake(
            "three_marks",
            (3, None, None),
            "1번: user 메시지에도 [|endofturn|]이 붙는다고 본 것 같습니다. "
            "03 단원 3절의 출력에서 질문의 끝을 보십시오.",
        ),
        Mistake(
            "four_marks",
            (4, None, None),
            "1번: 모든 메시지가 [|endofturn|]으로 끝나는 것은 아닙니다. 03 단원 3절의 출력에서 질문의 끝을 보십시오.",
        ),
        Mistake(
            "no_mark",
            (0, None, None),
            "1번: 지난 답변은 [|endofturn|]으로 닫힙니다. 빈 시스템 메시지도 잊지 마십시오.",
        ),
        Mistake(
            "open_prompt",
            (None, "가", None),
            "2번: [|assistant|]는 add_generation_prompt=True일 때만 붙습니다. 이 문제에서는 주지 않았습니다.",
        ),
        Mistake(
            "closed_question",
            (None, "다", None),
            "2번: [|endofturn|]으로 끝나는 것은 시스템 메시지와 답변입니다. 이 대화는 질문으로 끝났습니다.",
        ),
        Mistake(
            "answers_anyway",
            (None, None, "가"),
            "3번: 모델은 '답할 차례'라는 것을 모릅니다. 글의 바로 다음에 올 법한 말을 이어 쓸 뿐입니다. "
            "실행 결과를 보십시오.",
        ),
        Mistake(
            "stops",
            (None, None, "나"),
            "3번: 모델에는 글이 덜 끝났다며 멈추는 기능이 없습니다. 다음에 올 법한 토큰을 이어 씁니다. "
            "실행 결과를 보십시오.",
        ),
    ),
)
REASON = Task(
    name="template_reason",
    title="생성 프롬프트가 필요한 까닭",
    kind="text",
    manual_points=2,
    mark_scheme=(
        "1점: 모델은 앞의 글에 이어질 다음 토큰을 쓸 뿐이며, [|assistant|]가 없으면 질문을 이어 쓰거나 역할 "
        "표시부터 쓸 수 있다는 것을 설명했습니다.\n"
        "1점: 그 결과(손님의 질문을 지어냄, 역할 표시가 답변에 섞임 등) 하나를 자신이 실행한 출력에서 들었습니다.\n"
        "예상이 틀렸더라도 출력에 근거해 고쳤으면 점수를 줍니다."
    ),
)
