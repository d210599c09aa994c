"""The answer key of set 02: its references run the real modules, and agree with each other and with the course."""

import numpy as np
import pytest

from answer_key import load_set
from answer_key.ex02 import apply_rope, cache_bytes, cached_step, grouped_attention, parameter_count, rope_speeds
from answer_key.hidden import generator
from course_utils.architecture import count_parameters, kv_cache_bytes
from course_utils.checks.judges_ex02 import ratios, step
from course_utils.published_configs import published_config

TASKS = [task for task in load_set("ex02").tasks if task.kind == "function"]
# What the model class takes; token ids and the type have no part in the counts.
LEFT_OUT = ("bos_token_id", "eos_token_id", "pad_token_id", "model_type")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_no_reference_ends_in_an_error(task):
    """An error of the real module would be taken for the expected answer."""
    for aspect in task.sheet(generator("ex02")).aspects:
        assert all(case.expected.kind == "value" for case in aspect.cases)


def test_steps_with_a_cache_give_what_the_full_run_gives():
    rng, speeds = np.random.default_rng(0), rope_speeds.reference(8, 10_000.0)
    q, k, v = (rng.normal(size=(heads, 5, 8)) for heads in (4, 2, 2))
    turned = [apply_rope.reference(x, np.arange(5), speeds) for x in (q, k)]
    full = grouped_attention.reference(*turned, v)
    keys = values = np.empty((2, 0, 8))
    for i in range(5):
        new = [x[:, i : i + 1] for x in (q, k, v)]
        output, keys, values = cached_step.reference(*new, keys, values, speeds)
        np.testing.assert_allclose(output[:, 0], full[:, i], atol=1e-9)
    np.testing.assert_allclose(keys, turned[1], atol=1e-9)


def test_scores_depend_on_the_distance_alone():
    rng, speeds = np.random.default_rng(1), np.array([1.0, 0.3, 0.05])
    q, k = rng.normal(size=(2, 1, 1, 6))

    def score(at_q, at_k):
        places = (np.array([at_q]), np.array([at_k]))
        return np.sum(apply_rope.reference(q, places[0], speeds) * apply_rope.reference(k, places[1], speeds))

    assert score(5, 2) == pytest.approx(score(1005, 1002), abs=1e-9)
    assert abs(score(5, 2) - score(5, 3)) > 1e-3


@pytest.mark.parametrize("size", ["2.4B", "7.8B"])  # tied, untied
def test_counts_of_the_real_model_are_those_of_the_course(size):
    config = {key: value for key, value in published_config(size).items() if key not in LEFT_OUT}
    assert parameter_count.reference(config) == count_parameters(published_config(size))["total"]
    measured = cache_bytes.reference({**config, "torch_dtype": "bfloat16"}, 100, batch=2)
    assert measured == kv_cache_bytes(published_config(size), 100, batch=2)


def test_judge_of_predictions_names_the_wrong_ones():
    assert ratios([0.5, 1, 1, 2], [0.5, 1, 1, 2]) is None
    assert ratios(np.array([0.5, 1, 1, 2]), [0.5, 1, 1, 2]) is None
    assert ratios([0.5, 2, 1, 4], [0.5, 1, 1, 2]).startswith("B, D의")
    assert ratios([0.5, 1, 1, "2"], [0.5, 1, 1, 2]).startswith("D에 글(str)이")
    assert ratios([9, 9, 9, 9], [0.5, 1, 1, 2]) == "예측이 모두 다릅니다."
    for odd in (None, 1, [1], "abcd", {"A": 1}):
        assert "4개를 리스트로" in ratios(odd, [0.5, 1, 1, 2])


def test_judge_of_a_step_names_the_wrong_parts():
    right = (np.zeros((2, 1, 2)), np.ones((1, 3, 2)), np.ones((1, 3, 2)))
    assert step(list(right), right) is None
    assert step((right[0], right[1] + 1, right[2][:, :2]), right).split("\n")[0].startswith("keys:")
    assert "모양(shape)" in step((right[0], right[1], right[2][:, :2]), right)
    for odd in (None, right[0], right[:2], {"output": 1}):
        assert step(odd, right).startswith("output, keys, values 세 가지를")
