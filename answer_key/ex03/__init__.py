"""Exercise set 03: messages, the chat template, answers and conversations."""

from answer_key.ex03 import (
    build_messages,
    clean_prompt,
    generation_settings,
    read_answer,
    render_prompt,
    repair_messages,
    reply,
    template_predictions,
    trim_history,
)
from answer_key.task import ExerciseSet

SET = ExerciseSet(
    name="ex03",
    folder="ex03_chat_generation",
    title="연습 문제 03. 메시지와 채팅 템플릿",
    tasks=(
        build_messages.TASK,
        clean_prompt.TASK,
        template_predictions.TASK,
        template_predictions.REASON,
        render_prompt.TASK,
        repair_messages.TASK,
        read_answer.TASK,
        generation_settings.TASK,
        trim_history.TASK,
        reply.TASK,
    ),
)
