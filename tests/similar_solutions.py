"""Solutions for the tests of the copy hints: really different ones for one task, and ways in which copies differ.

``TOP_P``: eight ways to keep the smallest set of most probable tokens that reaches p.
"""

import re

STUB = '''def top_p_filter(logits, p):
    """가장 확률이 높은 토큰부터 더해서 p에 이를 때까지만 남깁니다."""
    # 여기에 코드를 작성합니다.
    ...
'''

TOP_P = [
    """import numpy as np
def top_p_filter(logits, p):
    # 확률로 바꾸고 큰 것부터 늘어놓는다
    shifted = logits - logits.max()
    probabilities = np.exp(shifted) / np.exp(shifted).sum()
    order = np.argsort(-probabilities)
    total = np.cumsum(probabilities[order])
    count = np.searchsorted(total, p) + 1
    result = np.full_like(logits, -np.inf)
    result[order[:count]] = logits[order[:count]]
    return result
""",
    """import math
def top_p_filter(logits, p):
    biggest = max(logits)
    weights = [math.exp(z - biggest) for z in logits]
    norm = sum(weights)
    ranked = sorted(range(len(weights)), key=lambda i: weights[i], reverse=True)
    keep, mass = set(), 0.0
    for token in ranked:
        keep.add(token)
        mass += weights[token] / norm
        if mass >= p:
            break
    return [z if i in keep else float("-inf") for i, z in enumerate(logits)]
""",
    """import numpy as np
def top_p_filter(logits, p):
    e = np.exp(logits - np.max(logits))
    probs = e / np.sum(e)
    answer = np.array(logits, dtype=float)
    for i in range(len(probs)):
        before = 0
        for j in range(len(probs)):
            if probs[j] > probs[i] or (probs[j] == probs[i] and j < i):
                before = before + probs[j]
        if before >= p:
            answer[i] = float('-inf')
    return answer
""",
    """import numpy as np
from scipy.special import softmax
def top_p_filter(logits, p):
    q = softmax(logits)
    idx = q.argsort()[::-1]
    exclusive = q[idx].cumsum() - q[idx]
    mask = np.zeros(q.shape, dtype=bool)
    mask[idx] = exclusive < p
    return np.where(mask, logits, -np.inf)
""",
    """import numpy as np
def top_p_filter(logits, p):
    out = logits.copy()
    probs = np.exp(out) / np.exp(out).sum()
    left = probs.copy()
    kept = []
    acc = 0.0
    while acc < p and len(kept) < len(left):
        best = int(np.argmax(left))
        acc += left[best]
        kept.append(best)
        left[best] = -1
    for k in set(range(len(out))) - set(kept):
        out[k] = -np.inf
    return out
""",
    """import heapq
import numpy as np
def top_p_filter(logits, p):
    probs = np.exp(logits - np.logaddexp.reduce(logits))
    heap = [(-value, place) for place, value in enumerate(probs)]
    heapq.heapify(heap)
    lowest, seen = None, 0
    while heap and seen < p:
        value, lowest = heapq.heappop(heap)
        seen -= value
    return np.array([a if (-b, i) <= (-probs[lowest], lowest) else -np.inf
                     for i, (a, b) in enumerate(zip(logits, probs))])
""",
    """import pandas as pd
import numpy as np
def top_p_filter(logits, p):
    frame = pd.DataFrame({"z": logits})
    frame["p"] = np.exp(frame.z - frame.z.max())
    frame["p"] /= frame["p"].sum()
    frame = frame.sort_values("p", ascending=False, kind="stable")
    frame["before"] = frame["p"].cumsum().shift(fill_value=0)
    frame.loc[frame.before >= p, "z"] = -np.inf
    return frame.sort_index()["z"].to_numpy()
""",
    """import numpy as np
def top_p_filter(logits, p):
    def softmax(x):
        y = np.exp(x - x.max(axis=-1, keepdims=True))
        return y / y.sum(axis=-1, keepdims=True)
    def nucleus(sorted_values):
        running = 0
        for n, value in enumerate(sorted_values, start=1):
            running += value
            if running >= p:
                return n
        return len(sorted_values)
    chances = softmax(logits)
    size = nucleus(sorted(chances, reverse=True))
    threshold = np.partition(chances, -size)[-size]
    return np.where(chances >= threshold, logits, -np.inf)
""",
]


def renamed(source: str) -> str:
    """Every own variable and inner function with another name, also in the parameters."""
    names = set(re.findall(r"\b(\w+)(?:, \w+)* (?:\+|-|/)?= ", source)) | set(
        re.findall(r"def (\w+)|for (\w+)", source)[0]
    )
    for name in sorted(names | set(re.findall(r"def \w+\((\w+)", source)), key=len, reverse=True):
        source = re.sub(rf"(?<![.\w\"]){name}\b(?! *\))", f"다른_{name}", source) if name else source
    return source
