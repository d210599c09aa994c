"""Task 7: the loop that writes an answer token by token."""

import numpy as np

from answer_key.ex05.inputs import softmax
from answer_key.task import Aspect, Case, Mistake, Task, stand_in

END = 6  # of the shop's little model
SHOP = stand_in("ex05.shop_model")


def _loop(next_logits, prompt, end_id, max_new_tokens, rng, seen=lambda prompt, new: prompt + new):
    new = []
    while len(new) < max_new_tokens:
        logits = np.asarray(next_logits(seen(list(prompt), new)))
        chances = softmax(logits)
        new.append(int(logits.argmax()) if rng is None else int(rng.choice(len(logits), p=chances)))
        if new[-1] == end_id:
            break
    return new


def reference(next_logits, prompt, end_id, max_new_tokens, rng=None):
    """The new ids, the end token included where it was reached."""
    return _loop(next_logits, prompt, end_id, max_new_tokens, rng)


def _mixer(rng: np.random.Generator, stop: int) -> tuple:
    """A toy model that looks at every id before it and ends when there are ``stop`` of them; its end id."""
    size = int(rng.integers(6, 12))
    return stand_in("ex05.mixer", seed=int(rng.integers(1, 10_000)), vocabulary=size, stop=stop), size - 1


def _prompt(rng: np.random.Generator, end: int) -> list[int]:
    return rng.integers(0, end, size=int(rng.integers(2, 5))).tolist()


def greedy(rng: np.random.Generator) -> list[Case]:
    """The end token comes before the limit."""
    cases = []
    for _ in range(4):
        model, end = _mixer(rng, stop=int(rng.integers(8, 14)))
        cases.append(Case(model, _prompt(rng, end), end, 30))
    return cases


def limited(rng: np.random.Generator) -> list[Case]:
    """The limit comes before the end token."""
    cases = []
    for limit in (0, 1, 5):
        model, end = _mixer(rng, stop=40)
        cases.append(Case(model, _prompt(rng, end), end, limit))
    return cases


def sampled(rng: np.random.Generator) -> list[Case]:
    """One draw a token from the generator that was handed in."""
    cases = []
    for _ in range(4):
        model, end = _mixer(rng, stop=int(rng.integers(10, 16)))
        seed = int(rng.integers(0, 10_000))
        cases.append(Case(model, _prompt(rng, end), end, 30, stand_in("rng", seed=seed)))
    return cases


def end_in_prompt(rng: np.random.Generator) -> list[Case]:
    """The prompt holds the end token of an earlier turn."""
    cases = []
    for _ in range(3):
        model, end = _mixer(rng, stop=int(rng.integers(10, 16)))
        cases.append(Case(model, [*_prompt(rng, end), end, *_prompt(rng, end)], end, 30))
    return cases


def _end_lost(next_logits, prompt, end_id, max_new_tokens, rng=None):
    new = reference(next_logits, prompt, end_id, max_new_tokens, rng)
    return new[:-1] if new and new[-1] == end_id else new


def _with_prompt(next_logits, prompt, end_id, max_new_tokens, rng=None):
    return list(prompt) + reference(next_logits, prompt, end_id, max_new_tokens, rng)


def _one_too_many(next_logits, prompt, end_id, max_new_tokens, rng=None):
    return reference(next_logits, prompt, end_id, max_new_tokens + 1, rng)


def _prompt_counts(next_logits, prompt, end_id, max_new_tokens, rng=None):
    return reference(next_logits, prompt, end_id, max_new_tokens - len(prompt), rng)


def _never_stops(next_logits, prompt, end_id, max_new_tokens, rng=None):
    return _loop(next_logits, prompt, None, max_new_tokens, rng)


def _prompt_only(next_logits, prompt, end_id, max_new_tokens, rng=None):
    return _loop(next_logits, prompt, end_id, max_new_tokens, rng, lambda prompt, new: prompt)


def _last_only(next_logits, prompt, end_id, max_new_tokens, rng=None):
    return _loop(next_logits, prompt, end_id, max_new_tokens, rng, lambda prompt, new: (prompt + new)[-1:])


def _prompt_forgotten(next_logits, prompt, end_id, max_new_tokens, rng=None):
    return _loop(next_logits, prompt, end_id, max_new_tokens, rng, lambda prompt, new: new or prompt)


def _always_greedy(next_logits, prompt, end_id, max_new_tokens, rng=None):
    return reference(next_logits, prompt, end_id, max_new_tokens)


def _looks_in_prompt(next_logits, prompt, end_id, max_new_tokens, rng=None):
    new = reference(next_logits, prompt, end_id, max_new_tokens, rng)
    return new[:1] if end_id in prompt else new


def _empty_for_old_end(next_logits, prompt, end_id, max_new_tokens, rng=None):
    return [] if end_id in prompt else reference(next_logits, prompt, end_id, max_new_tokens, rng)


def _one_only(next_logits, prompt, end_id, max_new_tokens, rng=None):
    return reference(next_logits, prompt, end_id, min(1, max_new_tokens), rng)


def _uniform(next_logits, prompt, end_id, max_new_tokens, rng=None):
    flat = (lambda ids: np.zeros(len(next_logits(ids)))) if rng is not None else next_logits
    return _loop(flat, prompt, end_id, max_new_tokens, rng)


TASK = Task(
    name="generate",
    title="생성 루프",
    reference=reference,
    judge=("equal", {}),
    aspects=(
        Aspect(
            "greedy",
            "탐욕적 디코딩, 종료 토큰에서 멈춤",
            points=2,
            visible=(
                Case(SHOP, [0], END, 20, label="문제의 예"),
                Case(
                    stand_in("ex05.mixer", seed=7, vocabulary=8, stop=9),
                    [3, 1],
                    7,
                    20,
                    label="앞의 토큰을 모두 보는 모델",
                ),
            ),
            hidden=greedy,
        ),
        Aspect(
            "limited",
            "max_new_tokens에서 멈춤",
            points=1,
            visible=(
                Case(SHOP, [0, 1], END, 4, label="종료 토큰 전에 4개에서 멈춤"),
                Case(SHOP, [0], END, 0, label="0개"),
            ),
            hidden=limited,
        ),
        Aspect(
            "sampled",
            "rng로 뽑기",
            points=1,
            visible=(
                Case(SHOP, [0], END, 20, stand_in("rng", seed=0), label="씨앗 0"),
                Case(SHOP, [0], END, 20, stand_in("rng", seed=5), label="씨앗 5"),
            ),
            hidden=sampled,
        ),
        Aspect("end_in_prompt", "프롬프트에 종료 토큰이 있을 때", points=1, visible=(), hidden=end_in_prompt),
    ),
    mistakes=(
        Mistake(
            "with_prompt",
            _with_prompt,
            "프롬프트까지 돌려주었습니다. 새로 만든 토큰만 담은 리스트를 돌려주십시오.",
        ),
        Mistake(
            "end_lost",
            _end_lost,
            "종료 토큰이 빠졌습니다. 고른 토큰을 먼저 리스트에 넣은 다음 종료 토큰인지 확인하고 멈추십시오.",
        ),
        Mistake(
            "one_too_many",
            _one_too_many,
            "max_new_tokens보다 하나 더 만들었습니다. 새 토큰의 수가 max_new_tokens보다 작을 때만(<) 하나를 더 "
            "만듭니다.",
        ),
        Mistake(
            "prompt_counts",
            _prompt_counts,
            "프롬프트의 길이까지 세었습니다. max_new_tokens는 새로 만드는 토큰의 수만 제한합니다.",
        ),
        Mistake(
            "never_stops",
            _never_stops,
            "종료 토큰이 나온 뒤에도 계속 만들었습니다. 방금 고른 토큰이 end_id이면 반복을 끝내십시오.",
        ),
        Mistake(
            "prompt_only",
            _prompt_only,
            "모델에 늘 프롬프트만 넣었습니다. 새 토큰을 프롬프트 뒤에 이어 붙인 목록을 다시 넣어야 다음 말이 "
            "이어집니다.",
        ),
        Mistake(
            "last_only",
            _last_only,
            "모델에 마지막 토큰 하나만 넣었습니다. 이 문제의 모델에는 KV 캐시가 없으므로 프롬프트부터 지금까지의 "
            "토큰을 모두 넣어야 합니다.",
        ),
        Mistake(
            "prompt_forgotten",
            _prompt_forgotten,
            "둘째 토큰부터 프롬프트 없이 새 토큰만 모델에 넣었습니다. 프롬프트와 새 토큰을 이어 붙여 넣으십시오.",
        ),
        Mistake(
            "always_greedy",
            _always_greedy,
            "rng를 주어도 늘 1등을 골랐습니다. rng가 None이 아니면 소프트맥스로 구한 확률에 따라 rng.choice()로 "
            "뽑습니다.",
        ),
        Mistake(
            "uniform",
            _uniform,
            "확률을 쓰지 않고 고르게 뽑았습니다. rng.choice()의 p=에 softmax(logits)를 넣어 주십시오.",
        ),
        Mistake(
            "looks_in_prompt",
            _looks_in_prompt,
            "프롬프트에 있던 종료 토큰을 보고 하나만 만들고 멈추었습니다. 앞의 대화에도 종료 토큰이 있을 수 있으므로 "
            "방금 고른 토큰만 end_id와 견주어 주십시오.",
        ),
        Mistake(
            "one_only",
            _one_only,
            "토큰을 하나만 만들고 끝났습니다. return이 반복문 안에 들여 쓰여 있지 않은지, 멈추는 조건이 맞는지 확인해 "
            "주십시오.",
        ),
        Mistake(
            "empty_for_old_end",
            _empty_for_old_end,
            "프롬프트에 있던 종료 토큰을 보고 아무것도 만들지 않았습니다. 방금 고른 토큰만 end_id와 견주어 주십시오.",
        ),
    ),
)
