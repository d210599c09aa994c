"""Set ex05: right answers written in other ways lose nothing, and the judges of guesses and settings say why not."""

import numpy as np
import pytest

from answer_key import load_set
from answer_key.hidden import generator
from course_utils.checks.judges_ex05 import guesses, settings
from course_utils.checks.local import check_answers
from course_utils.checks.stand_ins_ex05 import SHOP_WORDS, mixer, shop_model

TASKS = {task.name: task for task in load_set("ex05").tasks}
RIGHT = {"board": (1.0, 1, 1.0), "drafts": (0.8, 50, 0.9), "slogans": (1.5, 6, 0.9)}
SEEDS = range(5)


def softmax(logits):
    weights = np.exp(logits - np.max(logits))
    return weights / weights.sum()


def through(warper, logits):
    """transformers' own filter on one row."""
    import torch

    return warper(None, torch.tensor(logits[None]))[0].numpy()


def library_top_k(logits, k):
    from transformers import TopKLogitsWarper

    return through(TopKLogitsWarper(k), logits)


def library_top_p(logits, p):
    from transformers import TopPLogitsWarper

    return through(TopPLogitsWarper(p), logits) if p < 1 else logits  # generate() leaves it out at 1


def counted_top_k(logits, k):
    return np.array([one if sum(other > one for other in logits) < k else -np.inf for one in logits])


def searched_top_p(logits, p):
    order = np.argsort(-logits)
    count = np.searchsorted(np.cumsum(softmax(logits)[order]), p) + 1
    return np.array([one if token in order[:count] else -np.inf for token, one in enumerate(logits)])


def top_p_from_below(logits, p):
    order = np.argsort(logits)
    removed = np.cumsum(softmax(logits)[order]) <= 1 - p
    removed[-1] = False
    narrowed = logits.copy()
    narrowed[order[removed]] = -np.inf
    return narrowed


def counts_as_array(logits, p, temperatures):
    return np.array([np.isfinite(searched_top_p(logits / t, p)).sum() for t in temperatures])


def steps(logits, temperature=1.0, top_k=0, top_p=1.0):
    return softmax(searched_top_p(counted_top_k(logits / temperature, top_k or len(logits)), top_p))


def allowed_by_a_loop(logits, banned, top_p):
    narrowed = [-np.inf if token in banned else one for token, one in enumerate(logits)]
    if max(narrowed) == -np.inf:
        raise ValueError
    return softmax(top_p_from_below(np.array(narrowed), top_p))


def generate_with_for(next_logits, prompt, end_id, max_new_tokens, rng=None):
    ids = list(prompt)
    for _ in range(max_new_tokens):
        logits = next_logits(ids)
        bounds = np.cumsum(softmax(logits))
        ids.append(np.argmax(logits) if rng is None else np.searchsorted(bounds / bounds[-1], rng.random(), "right"))
        if ids[-1] == end_id:
            break
    return np.array(ids[len(prompt) :], dtype=int)


OTHERS = [
    ("top_k_filter", library_top_k),
    ("top_k_filter", counted_top_k),
    ("top_p_filter", library_top_p),
    ("top_p_filter", searched_top_p),
    ("top_p_filter", top_p_from_below),
    ("kept_counts", counts_as_array),
    ("decode_step", steps),
    ("decode_allowed", allowed_by_a_loop),
    ("generate", generate_with_for),
]


@pytest.fixture(scope="module", autouse=True)
def libraries_are_loaded():
    """Loading them is no part of the seconds that an answer has."""
    for answer in (library_top_k, library_top_p):
        answer(np.zeros(3), 0.5 if answer is library_top_p else 1)


@pytest.mark.parametrize(("name", "answer"), OTHERS, ids=lambda value: getattr(value, "__name__", value))
def test_other_right_implementations_earn_everything(name, answer):
    task = TASKS[name]
    for seed in SEEDS:
        result = check_answers(task.sheet(generator(seed, name)), (answer,))
        reasons = [(aspect.name, aspect.finding.reason) for aspect in result.aspects if aspect.finding]
        assert (result.earned, reasons) == (task.points, [])


@pytest.mark.parametrize("name", [name for name, task in TASKS.items() if task.kind == "function"])
def test_no_two_mistakes_look_alike_in_the_first_visible_case(name):
    """Otherwise a learner would be told another's mistake."""
    task = TASKS[name]
    looks = task.sheet().aspects[0].cases[0].mistakes
    for mistake in task.mistakes:
        if mistake.name in looks:
            finding = check_answers(task.sheet(), (mistake.answer,)).aspects[0].finding
            assert finding.mistake == mistake.name


def three(**changed):
    names = ("temperature", "top_k", "top_p")
    return tuple(dict(zip(names, values, strict=True)) for values in (RIGHT | changed).values())


@pytest.mark.parametrize(
    "changed",
    [{}, {"slogans": (1.5, 0, 0.75)}, {"board": (5.0, 0, 1e-9)}, {"drafts": (1.0, 6, 0.95)}, {"board": (9.0, 1, 0.5)}],
)
def test_any_settings_that_do_what_is_asked_are_right(changed):
    assert settings(three(**changed), three()) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"board": (0.1, 0, 1.0)}, "하나씩만"),
        ({"drafts": (0.8, 5, 1.0)}, "어울리지 않는"),
        ({"drafts": (0.8, 4, 0.9)}, "가운데"),
        ({"slogans": (1.4, 6, 0.9)}, "1.5 이상"),
        ({"slogans": (1.5, 0, 0.9)}, "꼬리"),
        ({"drafts": (float("nan"), 6, 0.9)}, "유한한"),
        ({"drafts": (1e-320, 6, 0.9)}, "for_drafts"),
        ({"drafts": (0.8, 6.5, 0.9)}, "정수"),
        ({"drafts": ("0.8", 6, 0.9)}, "수여야"),
        ({"drafts": (0.8, True, 0.9)}, "수여야"),
    ],
)
def test_other_settings_are_refused_with_a_reason(changed, reason):
    assert reason in settings(three(**changed), three())


def test_one_customers_settings_are_judged_alone():
    only_drafts = (None, three()[1], None)
    assert settings((None, *three()[1:]), only_drafts) is None
    assert settings(three(drafts=(0.8, 5, 1.0)), only_drafts).startswith("for_drafts")
    assert settings(three(), (None, None, None))


@pytest.mark.parametrize("odd", [None, 3, (None, None, None), ({}, {}, {}), [[], [], []]])
def test_odd_settings_are_refused(odd):
    assert settings(odd, three())


def test_guesses_name_the_wrong_ones_and_forgive_spaces():
    assert guesses((50, 3072, " 나", "다"), (50, 3072, "나", "다")) is None
    assert guesses(("50개", "3,072", "나.", "'다'"), (50, 3072, "나", "다")) is None
    assert guesses((50, 10, "나", "가"), (50, 3072, "나", "다")).endswith(": guess_b, guess_d")
    assert guesses((50, 10, "나", None), (50, 3072, "나", "다")) == "아직 적지 않은 예상: guess_d"
    assert "guess_c" in guesses((50, 3072, 45, "다"), (50, 3072, "나", "다"))
    assert guesses((50, 3072, None, None), (None, None, None, None))
    assert guesses((1,), (50, 3072, "나", "다"))


def test_toy_models():
    """The shop's model answers as the notebook says; the mixer depends on every id, on their order, and ends."""
    sentence = [0]
    while sentence[-1] != 6:
        sentence.append(int(shop_model()(sentence).argmax()))
    assert " ".join(SHOP_WORDS[token] for token in sentence) == "문의 감사합니다 확인 후 답변 드리겠습니다 <끝>"
    model = mixer(seed=7, vocabulary=8, stop=5)
    seen = {tuple(model(ids)) for ids in ([1, 2, 3], [2, 1, 3], [0, 2, 3], [2, 3], [3])}
    assert len(seen) == 5
    assert model([1, 2, 3, 4]).argmax() != 7 and model([1, 2, 3, 4, 5]).argmax() == 7
