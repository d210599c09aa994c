"""Exercise set 02: the parts of EXAONE 3.5 in NumPy; every reference runs the real module of torch or transformers."""

from answer_key.ex02 import (
    apply_rope,
    cache_bytes,
    cache_ratios,
    cached_step,
    grouped_attention,
    parameter_count,
    rms_norm,
    rope_speeds,
    swiglu,
)
from answer_key.task import ExerciseSet

SET = ExerciseSet(
    name="ex02",
    folder="ex02_exaone_architecture",
    title="연습 문제 02. EXAONE의 부품을 넘파이로",
    tasks=(
        rms_norm.TASK,
        swiglu.TASK,
        rope_speeds.TASK,
        apply_rope.TASK,
        grouped_attention.TASK,
        parameter_count.TASK,
        cache_bytes.TASK,
        cache_ratios.TASK,
        cache_ratios.REASON,
        cached_step.TASK,
    ),
)
