"""``GgufPipeline`` draws as transformers does: next tokens counted and compared with the library's probabilities."""

import numpy as np
import pytest
from scipy.stats import chisquare

from course_utils import answer_settings, load_pipeline
from course_utils.next_token import next_token_logits

BEGINNING = "안녕하세요"


@pytest.fixture(scope="module")
def pipe():
    with load_pipeline("mini", engine="llama.cpp") as loaded:
        yield loaded


@pytest.fixture(scope="module")
def reference():
    return load_pipeline("mini")


def probabilities_by_text(reference, temperature, top_k, top_p):
    """The library's own processors on the library's logits: how likely is which text of one token."""
    import torch
    from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    ids = reference.tokenizer(BEGINNING)["input_ids"]
    scores = torch.from_numpy(next_token_logits(reference, ids))[None]
    if temperature != 1:
        scores = TemperatureLogitsWarper(temperature)(None, scores)
    if top_k:
        scores = TopKLogitsWarper(top_k)(None, scores)
    if top_p < 1:
        scores = TopPLogitsWarper(top_p)(None, scores)
    chances = {}
    for token, chance in enumerate(scores.softmax(-1)[0].double().tolist()):
        text = reference.tokenizer.decode([token], skip_special_tokens=True)
        chances[text] = chances.get(text, 0.0) + chance
    return chances


def p_value(pipe, chances, draws=500, **settings):
    """Chi-square test of ``draws`` next tokens against ``chances``; rare texts are counted together."""
    rows = pipe(BEGINNING, num_return_sequences=draws, max_new_tokens=1, return_full_text=False, seed=11, **settings)
    drawn = [row["generated_text"] for row in rows]
    if any(chances[text] == 0 for text in drawn):
        return 0.0
    frequent = [text for text, chance in chances.items() if chance * draws >= 5]
    observed = [drawn.count(text) for text in frequent]
    expected = [chances[text] * draws for text in frequent]
    rest = draws - sum(expected)
    if rest >= 5:
        observed, expected = [*observed, draws - sum(observed)], [*expected, rest]
    assert len(expected) > 3, "a distribution that shows something"
    return chisquare(observed, np.array(expected) * sum(observed) / sum(expected)).pvalue


SETTINGS = {
    "off": {"temperature": 1.0, "top_k": 0, "top_p": 1.0},
    "top-k": {"temperature": 2.0, "top_k": 10, "top_p": 1.0},
    "top-p": {"temperature": 1.5, "top_k": 0, "top_p": 0.9},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_next_tokens_come_as_often_as_transformers_says(pipe, reference, name):
    assert p_value(pipe, probabilities_by_text(reference, **SETTINGS[name]), **SETTINGS[name]) > 0.01


def test_a_call_without_settings_draws_as_the_librarys_defaults(pipe, reference):
    assert p_value(pipe, probabilities_by_text(reference, 0.7, 50, 1.0)) > 0.01


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("top-p", {"samplers": ["top_k", "top_p", "temperature"]}),
        ("off", {"samplers": ["min_p", "temperature"], "min_p": 0.05}),
        ("top-k", {"top_k": 11}),
        ("off", {"temperature": 0.8}),
    ],
    ids=["top-p before the temperature", "a hidden min-p", "top-k by one off", "another temperature"],
)
def test_the_test_of_chances_notices_a_wrong_chain(pipe, reference, monkeypatch, name, wrong):
    right = answer_settings.CallSettings.request
    monkeypatch.setattr(answer_settings.CallSettings, "request", lambda *given: right(*given) | wrong)
    assert p_value(pipe, probabilities_by_text(reference, **SETTINGS[name]), **SETTINGS[name]) < 0.01
