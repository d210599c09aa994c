"""perplexity(probabilities): 2 to the power of the entropy in bits, row by row. Reference: scipy.stats.entropy."""

from __future__ import annotations

import numpy as np

from answer_key.task import Aspect, Case, Mistake, Task


def entropy(probabilities, base):
    """Along the last axis; 0 log 0 counts as 0."""
    from scipy.special import entr

    return entr(np.asarray(probabilities, dtype=float)).sum(axis=-1) / np.log(base)


def reference(probabilities):
    return 2.0 ** entropy(probabilities, 2)


def surprises(probabilities):
    return probabilities * np.log2(1 / probabilities)


def zeros_left_in(probabilities):
    return 2.0 ** surprises(probabilities).sum(axis=-1)


def whole_table(probabilities):
    return 2.0 ** surprises(probabilities[probabilities > 0]).sum()


def whole_table_and_nan(probabilities):
    return 2.0 ** surprises(probabilities).sum()


def down_the_columns(probabilities):
    kept = np.where(probabilities > 0, probabilities, 1)
    return 2.0 ** surprises(kept).sum(axis=0)


def candidates(probabilities):
    return (probabilities > 0).sum(axis=-1)


def surprise_without_weight(probabilities):
    """The plain mean of the surprises of the tokens that can come."""
    possible = probabilities > 0
    bits = np.log2(1 / np.where(possible, probabilities, 1))
    return 2.0 ** (bits.sum(axis=-1) / possible.sum(axis=-1))


def random_distribution(rng, shape, zeros=0):
    values = rng.dirichlet(np.full(shape[-1], 0.8), size=shape[:-1]) + 0.001
    values[..., :zeros] = 0
    values = rng.permuted(values, axis=-1)
    return values / values.sum(axis=-1, keepdims=True)


def random_rows(rng):
    return [Case(random_distribution(rng, (int(size),))) for size in rng.integers(3, 9, size=3)]


def random_zeros(rng):
    return [Case(random_distribution(rng, (6,), zeros)) for zeros in (1, 3)]


def random_tables(rng):
    return [Case(random_distribution(rng, (4, 4), 1)), Case(random_distribution(rng, (3, 5), 2))]


TASK = Task(
    name="perplexity",
    title="답변의 자리마다 혼란도",
    reference=reference,
    aspects=(
        Aspect("row", "분포 하나의 혼란도", 1, (Case(np.array([0.5, 0.25, 0.125, 0.125])),), random_rows),
        Aspect(
            "zero", "확률 0이 섞인 분포", 1, (Case(np.array([0.5, 0.0, 0.5])), Case(np.array([0.0, 1.0]))), random_zeros
        ),
        Aspect(
            "table",
            "답변의 자리마다 하나씩",
            2,
            (Case(np.array([[0.5, 0.5, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25], [0.0, 0.0, 1.0, 0.0]])),),
            random_tables,
        ),
    ),
    mistakes=(
        Mistake(
            "entropy",
            lambda p: entropy(p, 2),
            "엔트로피(비트)를 돌려주었습니다. 혼란도는 2를 엔트로피만큼 거듭제곱한 수입니다.",
        ),
        Mistake(
            "nats",
            lambda p: entropy(p, np.e),
            "np.log로 잰 엔트로피(밑이 e)를 돌려주었습니다. np.log2로 엔트로피를 잰 다음 2를 그만큼 거듭제곱해 "
            "주십시오.",
        ),
        Mistake(
            "two_to_nats",
            lambda p: 2.0 ** entropy(p, np.e),
            "로그의 밑과 거듭제곱의 밑이 다릅니다. np.log의 밑은 e인데 2를 거듭제곱했습니다. 둘 다 2가 되도록 "
            "np.log2를 써 주십시오.",
        ),
        Mistake(
            "e_to_bits",
            lambda p: np.exp(entropy(p, 2)),
            "로그의 밑과 거듭제곱의 밑이 다릅니다. np.log2로 잰 비트를 np.exp()로 되돌렸습니다. 2 ** 엔트로피로 "
            "되돌려 주십시오.",
        ),
        Mistake(
            "sign",
            lambda p: 2.0 ** -entropy(p, 2),
            "부호가 거꾸로여서 1보다 작은 수가 나왔습니다. 놀라움은 log2(1/p), 곧 -log2(p)입니다. 혼란도는 1보다 "
            "작을 수 없습니다.",
        ),
        Mistake(
            "no_weights",
            surprise_without_weight,
            "확률을 곱하지 않고 놀라움을 평균했습니다. 자주 나오는 토큰의 놀라움은 더 자주 겪으므로, 놀라움마다 그 "
            "토큰의 확률을 곱한 뒤 더해 주십시오.",
        ),
        Mistake(
            "candidates",
            candidates,
            "확률이 0이 아닌 토큰의 수를 세었습니다. 한 토큰으로 쏠린 분포라면 후보가 많아도 망설임은 작습니다. "
            "엔트로피로 계산해 주십시오.",
        ),
        Mistake(
            "zero_nan",
            zeros_left_in,
            "확률이 0인 토큰에서 0 × log2(1/0)을 계산하여 nan이 되었습니다. 나올 일이 없는 토큰은 빼거나, 로그를 "
            "씌우기 전에 0을 1로 바꾸어(np.where) 놀라움이 0이 되게 해 주십시오.",
        ),
        Mistake(
            "whole_table",
            whole_table,
            "표 전체를 더해 수 하나가 나왔습니다. p[p > 0]은 표를 한 줄로 펴 버립니다. 모양을 지키려면 np.where를 "
            "쓰고 axis=-1로 더해 주십시오.",
        ),
        Mistake(
            "whole_and_nan",
            whole_table_and_nan,
            "두 가지를 고쳐야 합니다. 표 전체를 더해 수 하나가 되었고(axis=-1이 필요합니다), 확률이 0인 곳에서 "
            "nan이 생겼습니다.",
        ),
        Mistake(
            "columns",
            down_the_columns,
            "열 방향(axis=0)으로 더했습니다. 한 줄이 한 자리의 분포이므로 axis=-1로 더해 주십시오.",
        ),
    ),
)
