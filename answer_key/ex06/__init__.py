"""Exercise set 06: requests, answers, cost, errors and patience with a chat API."""

from answer_key.ex06 import (
    api_settings,
    ask_models,
    ask_patiently,
    candidates_at,
    find_leaks,
    join_stream,
    monthly_won,
    retry_predictions,
    usable_drafts,
)
from answer_key.task import ExerciseSet

SET = ExerciseSet(
    name="ex06",
    folder="ex06_openai_api",
    title="연습 문제 06. API로 묻고 답 받기",
    tasks=(
        api_settings.TASK,
        find_leaks.TASK,
        usable_drafts.TASK,
        candidates_at.TASK,
        join_stream.TASK,
        monthly_won.TASK,
        retry_predictions.TASK,
        retry_predictions.REASON,
        ask_patiently.TASK,
        ask_models.TASK,
    ),
)
