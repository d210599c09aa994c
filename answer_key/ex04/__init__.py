"""Exercise set 04: softmax, temperature, draws, perplexity, the probability of a whole reply."""

from answer_key.ex04 import (
    draw_tokens,
    draws_until_close,
    perplexity,
    predictions,
    probabilities_at,
    reply_log2,
    softmax,
    temperature_for,
)
from answer_key.task import ExerciseSet

SET = ExerciseSet(
    name="ex04",
    folder="ex04_softmax_temperature",
    title="연습 문제 04. 소프트맥스와 온도",
    tasks=(
        softmax.TASK,
        probabilities_at.TASK,
        predictions.TASK,
        predictions.REASON,
        draw_tokens.TASK,
        draws_until_close.TASK,
        perplexity.TASK,
        reply_log2.TASK,
        temperature_for.TASK,
    ),
)
