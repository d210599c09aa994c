"""Exercise set 04: softmax and temperature."""

from answer_key.ex04 import softmax
from answer_key.task import ExerciseSet

SET = ExerciseSet(
    name="ex04",
    folder="ex04_softmax_temperature",
    title="연습 문제 04. 소프트맥스와 온도",
    tasks=(softmax.TASK,),
)
