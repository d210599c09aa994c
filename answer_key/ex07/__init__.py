"""Exercise set 07: a shop bot's guardrails, retries, evaluation and CSV, and the automatic answers as a whole."""

from answer_key.ex07 import (
    answer_all,
    better_setting,
    bot_predictions,
    check_quality,
    draw_until_passed,
    invented_facts,
    mask_personal,
    rude_sentences,
    safe_csv,
)
from answer_key.task import ExerciseSet

SET = ExerciseSet(
    name="ex07",
    folder="ex07_shop_bot",
    title="연습 문제 07. 상점 봇",
    tasks=(
        mask_personal.TASK,
        rude_sentences.TASK,
        invented_facts.TASK,
        draw_until_passed.TASK,
        bot_predictions.TASK,
        bot_predictions.REASON,
        check_quality.TASK,
        better_setting.TASK,
        safe_csv.TASK,
        answer_all.TASK,
    ),
)
