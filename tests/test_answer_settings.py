"""What a call of the GGUF pipeline may ask for: the library's defaults, and Korean refusals by name."""

import math

import pytest

from course_utils.answer_settings import SEED_LIMIT, CallSettings
from course_utils.errors import CourseValueError


def test_defaults_are_those_of_the_librarys_pipeline():
    from transformers import TextGenerationPipeline

    default = TextGenerationPipeline._default_generation_config
    plain = CallSettings()
    assert plain.max_new_tokens == default.max_new_tokens and plain.do_sample is default.do_sample
    assert plain.temperature == default.temperature
    # generate() fills these in where nobody set them.
    assert (plain.top_k, plain.top_p, plain.repetition_penalty, plain.num_return_sequences) == (50, 1.0, 1.0, 1)


def test_none_leaves_a_setting_as_it_is():
    settings = CallSettings().updated({"temperature": 2.0})
    assert settings.updated({"temperature": None, "seed": None}) == settings


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"temperature": 0}, "do_sample=False"),
        ({"temperature": 0.0}, "0보다 큰 수"),
        ({"temperature": -1.0}, "0보다 큰 수"),
        ({"temperature": math.nan}, "0보다 큰 수"),
        ({"temperature": math.inf}, "0보다 큰 수"),
        ({"temperature": "1"}, "받은 값: '1'"),
        ({"temperature": True}, "받은 값: True"),
        ({"top_k": -1}, "0은 끈다"),
        ({"top_k": 1.5}, "top_k에는"),
        ({"top_p": 1.1}, "top_p에는 0에서 1"),
        ({"top_p": -0.1}, "top_p에는"),
        ({"repetition_penalty": 0}, "repetition_penalty에는"),
        ({"max_new_tokens": 0}, "1 이상의 정수"),
        ({"max_new_tokens": "200"}, "1 이상의 정수"),
        ({"num_return_sequences": 0}, "1 이상의 정수"),
        ({"do_sample": "yes"}, "True나 False"),
        ({"return_full_text": 1}, "True나 False"),
        ({"do_sample": False, "num_return_sequences": 2}, "do_sample=True"),
        ({"streamer": print, "num_return_sequences": 2}, "답 하나만"),
        ({"streamer": 3}, "TextStreamer"),
        ({"stop_strings": [1]}, "리스트"),
        ({"stop_strings": ""}, "리스트"),
        ({"seed": -1}, "씨앗"),
        ({"seed": SEED_LIMIT}, "씨앗"),
        ({"seed": 1.0}, "씨앗"),
        ({"max_length": 100}, "max_new_tokens"),
        ({"max_tokens": 100}, "API의 이름"),
        ({"n": 2}, "num_return_sequences"),
        ({"stop": ["a"]}, "stop_strings"),
        ({"stream": True}, "TextStreamer"),
        ({"temprature": 1.0}, "혹시 'temperature'"),
        ({"num_beams": 4}, 'engine="transformers"'),
        ({"output_scores": True}, "'output_scores' 매개변수가 없습니다"),
        ({"text_inputs": "a"}, "첫 자리"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_korean_with_the_way_out(arguments, part):
    with pytest.raises(CourseValueError) as caught:
        CallSettings().updated(arguments)
    assert part in str(caught.value)


@pytest.mark.parametrize("name", ["temperature", "top_k", "top_p", "max_new_tokens", "repetition_penalty"])
def test_values_that_the_library_refuses_are_refused_here(name):
    """Every value that transformers' own checks reject; more is refused here, never less."""
    from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper
    from transformers.generation.logits_process import RepetitionPenaltyLogitsProcessor

    def length(value):
        if value <= 0:
            raise ValueError

    theirs = {
        "temperature": TemperatureLogitsWarper,
        "top_k": lambda value: value == 0 or TopKLogitsWarper(value),  # generate() leaves it out for 0
        "top_p": TopPLogitsWarper,
        "max_new_tokens": length,
        "repetition_penalty": RepetitionPenaltyLogitsProcessor,
    }[name]
    whole = name in ("top_k", "max_new_tokens")
    for value in (-2, -1, 0, 1, 5, 50) if whole else (-1.0, -0.1, 0.0, 0.1, 0.9, 1.0, 1.5, 10.0):
        try:
            theirs(value)
            accepted = True
        except ValueError:
            accepted = False
        try:
            CallSettings().updated({name: value})
            ours = True
        except CourseValueError:
            ours = False
        assert ours == accepted, value


def test_greedy_with_sampling_settings_is_told_as_the_library_does_and_goes_on():
    with pytest.warns(UserWarning, match="temperature, top_p"):
        settings = CallSettings().updated({"do_sample": False, "temperature": 2.0, "top_p": 0.9})
    assert settings.request([1], 10, 0)["top_k"] == 1


def test_the_request_holds_the_lessons_order_and_leaves_room():
    request = CallSettings(temperature=2.0, top_k=10, top_p=0.9).request([5, 6, 7], 100, 3)
    assert request["samplers"] == ["penalties", "temperature", "top_k", "top_p"]
    assert (request["temperature"], request["top_k"], request["top_p"], request["seed"]) == (2.0, 10, 0.9, 3)
    assert request["n_predict"] == 100 and request["repeat_last_n"] >= 103
    assert CallSettings(max_new_tokens=7).request([5], 100, 3)["n_predict"] == 7
