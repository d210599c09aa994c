"""Solutions for the tests of the copy hints: really different ones for one task, and ways in which copies differ.

``TOP_P`` holds eight ways to keep the smallest set of most probable tokens that reaches p.
"""

import ast

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


# Steps of short tasks, each in the ways in which students write them, the most usual first.
STEPS = {
    "softmax": (
        ("x = np.asarray(x, dtype=float)", "x = np.array(x)", "", "x = np.asarray(x)"),
        ("y = x - np.max(x)", "y = x - x.max()", "m = max(x); y = x - m", "big = np.max(x); y = [a - big for a in x]"),
        ("e = np.exp(y)", "e = [math.exp(t) for t in y]", "e = np.e ** np.array(y)"),
        ("return e / e.sum()", "return e / np.sum(e)", "s = sum(e); return [t / s for t in e]"),
    ),
    "temperature": (
        ("if x <= 0: raise ValueError('온도')", "if not x > 0: raise ValueError", "assert x > 0", ""),
        ("return np.array(z) / x", "return [a / x for a in z]", "s = np.asarray(z) / x; return s", "return z / x"),
    ),
    "top_k": (
        ("z = np.asarray(z, float)", "z = np.array(z, dtype=float).copy()", "z = np.array(z)", ""),
        ("o = np.argsort(z)[::-1]", "o = np.argsort(-z)", "o = sorted(range(len(z)), key=lambda i: -z[i])"),
        ("k = o[:n]", "k = set(o[:n])", "k = [o[i] for i in range(n)]", "k = list(o)[0:n]"),
        (
            "r = np.full(len(z), -np.inf); r[k] = z[k]; return r",
            "return [a if i in k else -np.inf for i, a in enumerate(z)]",
            "m = np.ones(len(z), bool); m[k] = False; z[m] = -np.inf; return z",
            "return np.where(z >= z[k[-1]], z, -np.inf)",
        ),
    ),
    "entropy": (
        ("p = np.asarray(p)", "p = np.array(p, dtype=float)", ""),
        ("p = p[p > 0]", "p = [v for v in p if v > 0]", "p = p + 1e-12", "p = np.where(p > 0, p, 1)"),
        (
            "return -np.sum(p * np.log2(p))",
            "return -(p * np.log2(p)).sum()",
            "return float(-np.sum(p * np.log(p)) / np.log(2))",
            "return sum(-v * math.log2(v) for v in p)",
        ),
    ),
}


def honest_student(rng):
    """Task -> source: every step as this student happens to write it."""
    skew = rng.choice((0.4, 0.6))
    found = {}
    for task, steps in STEPS.items():
        body = []
        for ways in steps:
            place = 0
            while place < len(ways) - 1 and rng.random() < skew:
                place += 1
            body += [line for line in ways[place].split("; ") if line]
        found[task] = f"def {task}(x, z, n, p):\n" + "".join(f"    {line}\n" for line in body)
    return found


class _Renamed(ast.NodeTransformer):
    """Own names get other ones; what the task prescribes and what was imported stays."""

    def __init__(self, own):
        self._own = own

    def visit_Name(self, node):
        return ast.Name(self._own.get(node.id, node.id), node.ctx)

    def visit_arg(self, node):
        return ast.arg(self._own.get(node.arg, node.arg), ast.Constant("number"))

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.name = self._own.get(node.name, node.name)
        node.body = [ast.Expr(ast.Constant(f"이 함수는 {node.name}입니다.")), *node.body]
        return node


def disguised(source):
    """A copy with other names, docstrings, annotations, comments, another layout, and lines that do nothing."""
    tree = ast.parse(source)
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    stored |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    inner = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)} - {"top_p_filter"}
    own = {name: f"my_{i}" for i, name in enumerate(sorted(stored | inner))}
    lines = ast.unparse(ast.fix_missing_locations(_Renamed(own).visit(tree))).splitlines()
    commented = "\n\n".join(f"{line}  # 설명 {i}" for i, line in enumerate(lines))
    return f"# 제가 직접 했습니다.\nunused = 0\n{commented}\nprint(unused)\n"
