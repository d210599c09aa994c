"""Exercise set 05: top-k, top-p, their order, and the generation loop."""

from answer_key.ex05 import (
    choose_settings,
    decode_allowed,
    decode_step,
    generate,
    hidden_default,
    kept_counts,
    top_k_filter,
    top_p_filter,
)
from answer_key.task import ExerciseSet

SET = ExerciseSet(
    name="ex05",
    folder="ex05_top_k_top_p",
    title="연습 문제 05. 후보 좁히기: top-k와 top-p",
    tasks=(
        top_k_filter.TASK,
        top_p_filter.TASK,
        kept_counts.TASK,
        hidden_default.TASK,
        hidden_default.REASON,
        decode_step.TASK,
        generate.TASK,
        decode_allowed.TASK,
        choose_settings.TASK,
    ),
)
