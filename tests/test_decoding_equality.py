"""decode_step and its filters choose what transformers chooses, with the same probabilities: generated cases.

The kept tokens must be the same ones, and two things that the library leaves to chance are told apart from errors:

- It sorts with torch.sort, which is not stable: of equal logits at the border of top-p it keeps the right number, but
  any of them. So against the library as it is, what is kept is compared by value, and against the library with a
  stable sort by token id.
- It adds up float32 probabilities. Where the exact probability of a token and of all below it lies within BORDER of
  1 - p, that rounding decides, and the token may fall on either side. Such cases are counted and must be rare.
"""

from collections import Counter

import numpy as np
import pytest
import torch
from checkpoints import write_exaone_checkpoint
from decoding_reference import (
    exact_softmax,
    exact_tails,
    library_logits,
    library_probabilities,
    library_processors,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.decoding import apply_temperature, decode_step, softmax, top_k_filter, top_p_filter

# The library's sums are off by less than 1e-6 up to a few thousand tokens. At V = 102,400 torch's float32 softmax was
# measured to sum to 1 + 1.2e-5, 20 tokens holding most of it: each probability 1.3e-5 too large (ours: 1.1e-6).
BORDER = 2e-6
WIDE_BORDER = 2e-5
WIDE = 102_400
EXAMPLES = 1200
EXACTLY = settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None)


# --- what is compared ---


def disputed(ours, theirs, before, top_p, border):
    """How many more tokens of a row one side keeps; they must lie at the border.

    Each side must keep the most probable tokens of ``before``, the logits that top-p was given.
    """
    most = np.sort(before)
    counts = [np.count_nonzero(np.isfinite(side)) for side in (ours, theirs)]
    for side, count in zip((ours, theirs), counts, strict=True):
        np.testing.assert_array_equal(np.sort(side)[len(side) - count :], most[len(most) - count :])
    between = slice(len(most) - max(counts), len(most) - min(counts))
    distance = np.abs(exact_tails(before)[between] - (1 - top_p))
    assert distance.max(initial=0) <= border, f"kept {counts}, but {distance.max():.1e} from the threshold"
    return abs(counts[0] - counts[1])


def compare(logits, temperature=1.0, top_k=0, top_p=1.0, border=BORDER):
    """Every step and all together on a batch ``(rows, V)``; returns how many tokens at the border differ."""
    warm = apply_temperature(logits, temperature)
    np.testing.assert_array_equal(warm, library_logits(logits, temperature))
    best = top_k_filter(warm, top_k) if top_k else warm
    np.testing.assert_array_equal(best, library_logits(warm, top_k=top_k))
    ours = top_p_filter(best, top_p)
    probabilities = decode_step(logits, temperature, top_k, top_p)
    # Our one step is our three steps.
    np.testing.assert_array_equal(probabilities > 0, softmax(ours) > 0)
    np.testing.assert_allclose(probabilities, softmax(ours), rtol=1e-6, atol=0)
    # float32 holds a difference of 88, after which exp() underflows, to 5e-6.
    np.testing.assert_allclose(probabilities, exact_softmax(ours), rtol=1e-5, atol=1e-37)

    numbers = (logits, temperature, top_k, top_p)
    theirs = library_logits(*numbers)
    if different := sum(disputed(*rows, top_p, border) for rows in zip(ours, theirs, best, strict=True)):
        return different
    np.testing.assert_array_equal(ours, library_logits(*numbers, stable=True))
    for found, expected in [
        (probabilities, library_probabilities(*numbers, stable=True)),
        (np.sort(probabilities), np.sort(library_probabilities(*numbers))),
    ]:
        np.testing.assert_allclose(found, expected, rtol=border, atol=1e-6)
    return 0


# --- generated cases ---


def rounded(values, dtype):
    return torch.from_numpy(values).to(dtype).float().numpy()


SHAPES_OF_LOGITS = {
    "as a model's": lambda x, rng: x * 3,
    "flat": lambda x, rng: x * 1e-3,
    "all equal": lambda x, rng: x * 0 + x[0, 0],
    "sharp": lambda x, rng: x * 60,
    "few values": lambda x, rng: np.round(x),
    "two values": lambda x, rng: np.sign(x),
    "float16": lambda x, rng: rounded(x * 3, torch.float16),
    "bfloat16": lambda x, rng: rounded(x * 3, torch.bfloat16),
    "with -inf": lambda x, rng: np.where((rng.random(x.shape) < 0.4) & (x < x.max(-1, keepdims=True)), -np.inf, x),
    "far from 0": lambda x, rng: np.round(x * 2) + np.float32(rng.choice([-1e6, -3e4, 1e4, 1e6])),
    "one far above": lambda x, rng: np.where(x == x.max(-1, keepdims=True), x + 40, x),
}
EDGE_SHARES = [1e-9, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.999, 1 - 1e-6, np.nextafter(1, 0), 1.0]


def make_logits(kind, shape, seed):
    rng = np.random.default_rng(seed)
    return SHAPES_OF_LOGITS[kind](rng.standard_normal(shape, dtype=np.float32), rng).astype(np.float32)


@st.composite
def cases(draw):
    """(kind, shape, seed) of logits and (temperature, top_k, top_p)"""
    size = draw(st.one_of(st.integers(1, 12), st.integers(13, 300), st.sampled_from([64, 65, 3072, 5000])))
    kind = draw(st.sampled_from(list(SHAPES_OF_LOGITS)))
    recipe = kind, (draw(st.integers(1, 3)), size), draw(st.integers(0, 2**32 - 1))
    temperature = draw(st.one_of(st.sampled_from([1.0, 0.001, 0.7, 2.0, 10.0]), st.floats(0.05, 20)))
    top_k = draw(st.one_of(st.just(0), st.integers(1, size + 3), st.sampled_from([1, 10, 50, 100])))
    top_p = draw(st.one_of(st.sampled_from(EDGE_SHARES), st.floats(0, 1, exclude_min=True)))
    return recipe, (temperature, top_k, top_p)


def ties_at_the_top_p_border(before, after):
    cut = np.isfinite(before) & np.isinf(after)
    return any(np.isin(b[c], b[np.isfinite(a)]).any() for b, a, c in zip(before, after, cut, strict=True))


def note(seen, kind, logits, temperature, top_k, top_p):
    """Count what a case covers, so that the test can prove that the generator reaches it."""
    best = library_logits(logits, temperature, top_k)
    seen[kind] += 1
    seen["top_k above V"] += top_k > logits.shape[-1]
    seen["tie at the k-th place"] += bool(0 < top_k < np.isfinite(best).sum(axis=-1).max())
    seen["tie at the border of top-p"] += ties_at_the_top_p_border(best, library_logits(best, top_p=top_p))
    seen["one token"] += logits.shape[-1] == 1
    seen["several rows"] += len(logits) > 1
    seen["top_p of nearly 0"] += top_p < 1e-6
    seen["top_p of nearly 1"] += 1 - 1e-5 < top_p < 1
    seen["top_p of 1"] += top_p == 1
    seen["all three steps"] += temperature != 1 and 0 < top_k < logits.shape[-1] and top_p < 1


def test_more_than_a_thousand_generated_cases_give_what_the_library_gives():
    seen, at_the_border = Counter(), []

    @EXACTLY
    @given(cases())
    def run(case):
        recipe, numbers = case
        logits = make_logits(*recipe)
        at_the_border.append(compare(logits, *numbers))
        np.testing.assert_array_equal(logits, make_logits(*recipe))  # nothing was written into it
        note(seen, recipe[0], logits, *numbers)

    run()
    different = np.count_nonzero(at_the_border)
    print(f"{len(at_the_border)} cases, {different} of them differ at the border; covered: {dict(seen)}")
    assert len(at_the_border) >= 1000
    assert different <= len(at_the_border) // 100
    assert set(seen) >= set(SHAPES_OF_LOGITS) and min(seen.values()) >= 20, seen


@settings(EXACTLY, max_examples=300)
@given(
    st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=8),
    st.sampled_from([1.0, 0.5, 3.0]),
    st.integers(0, 9),
    st.floats(0, 1, exclude_min=True),
)
def test_short_rows_of_any_numbers_give_what_the_library_gives(row, temperature, top_k, top_p):
    """Numbers of hypothesis's own choice, which shrink to a small counterexample."""
    compare(np.array([row], dtype=np.float32), temperature, top_k, top_p)


@pytest.mark.parametrize("size", [2, 4, 8, 16, 32, 64, 128, 4096])
def test_sums_of_exactly_p_are_cut_as_the_library_cuts_them(size):
    """2^n equal tokens have probabilities that add up without rounding, so nothing may differ at the border."""
    row = np.zeros((1, size), dtype=np.float32)
    for share in np.unique(np.linspace(1, size, 16, dtype=int)):
        for p in (share / size, share / size - 1e-4 / size, share / size + 1e-4 / size):
            assert compare(row, top_p=min(p, 1.0), border=1e-9) == 0
        assert np.isfinite(top_p_filter(row, share / size)).sum() == share


@pytest.mark.parametrize("kind", SHAPES_OF_LOGITS)
def test_a_real_vocabulary_of_102400_tokens_gives_what_the_library_gives(kind):
    """EXAONE's size; both filters, each alone, and the flat case in which top-p keeps most of the vocabulary."""
    settings_of_the_lessons = [(2.0, 100, 0.9), (1.0, 0, 0.9), (10.0, 0, 0.9), (10.0, 10, 1.0), (0.8, 0, 0.999)]
    for seed, numbers in enumerate(settings_of_the_lessons):
        logits = make_logits(kind, (1, WIDE), seed)
        different = compare(logits, *numbers, border=WIDE_BORDER)
        # In the dense middle of 102,400 tokens, 2e-5 of probability is a token or two of the thousands kept.
        assert different <= 4, f"{different} tokens at the border, {numbers}"


def test_probabilities_of_a_wide_vocabulary_are_nearer_to_the_exact_ones_than_the_librarys():
    """Which side is rounded more: torch adds up the 102,400 weights in float32, we in float64."""
    logits = make_logits("as a model's", (1, WIDE), 0)
    logits[0, :20] += 12
    exact = exact_softmax(logits)
    ours = np.abs(decode_step(logits) - exact).max()
    theirs = np.abs(library_probabilities(logits) - exact).max()
    assert ours < 1e-7 < theirs < 1e-5


# --- that generate() does what library_processors says ---


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory):
    from transformers import AutoModelForCausalLM

    import course_utils.exaone  # noqa: F401 (registers the architecture)

    folder = write_exaone_checkpoint(tmp_path_factory.mktemp("tiny"))
    return AutoModelForCausalLM.from_pretrained(folder, dtype="float32", local_files_only=True)


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"),
    [(0.7, 40, 0.9), (1.0, 0, 1.0), (2.0, 0, 1.0), (1.0, 5, 1.0), (1.0, 0, 0.5), (1.0, 1000, 1.0), (2.0, 100, 0.9)],
)
def test_generate_builds_these_processors_in_this_order(tiny_model, monkeypatch, temperature, top_k, top_p):
    built = []
    original = tiny_model._get_logits_processor
    monkeypatch.setattr(
        tiny_model, "_get_logits_processor", lambda *a, **settings: built.append(original(*a, **settings)) or built[-1]
    )
    numbers = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    answer = tiny_model.generate(
        torch.tensor([[5, 6, 7]]),
        attention_mask=torch.ones(1, 3, dtype=torch.long),
        do_sample=True,
        max_new_tokens=1,
        output_logits=True,
        output_scores=True,
        return_dict_in_generate=True,
        **numbers,
    )
    expected = library_processors(temperature, top_k, top_p)
    assert [type(each) for each in built[0]] == [type(each) for each in expected]
    own = ("temperature", "top_k", "top_p", "min_tokens_to_keep")
    assert [[vars(p).get(n) for n in own] for p in built[0]] == [[vars(p).get(n) for n in own] for p in expected]
    # And what comes out is what we compute from what went in.
    probabilities = answer.scores[0].softmax(-1).numpy()
    np.testing.assert_allclose(decode_step(answer.logits[0], **numbers), probabilities, atol=1e-7)
