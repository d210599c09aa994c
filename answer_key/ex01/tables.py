"""Tables for the cases: rows of the real snapshot, and made-up ones whose names say that they are made up."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from course_utils.leaderboard import open_llm

COLUMNS = ("model", "type_icon", "params_b", "ifeval", "average", "license", "available_on_hub")
MADE_UP_LICENCES = ("apache-2.0", "mit", "gemma", "other", None)


@lru_cache
def _snapshot() -> pd.DataFrame:
    table = open_llm()[list(COLUMNS)]
    texts = {name: table[name].astype(object) for name in ("model", "type_icon", "license")}
    return table.assign(**texts).drop_duplicates("model")


def real_rows(*models: str) -> pd.DataFrame:
    """The rows of these models in this order, with ``COLUMNS``; numbered from 0."""
    rows = _snapshot().set_index("model", drop=False).loc[list(models)]
    return plain(rows)


def real_sample(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Some real rows in any order, half of them for chat; no two with the same IFEval, so that there is one best."""
    table = _snapshot().drop_duplicates("ifeval")
    chat = table["type_icon"] == "💬"
    parts = [part.sample(rows // 2, random_state=int(rng.integers(2**31))) for part in (table[chat], table[~chat])]
    return plain(pd.concat(parts).sample(frac=1, random_state=int(rng.integers(2**31))))


def made_up(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """A table of invented models ("가상/모델-1"): licences, sizes and scores with blanks, some no longer on the Hub."""
    licences = rng.permutation([MADE_UP_LICENCES[i % 5] for i in range(rows)])
    blank = rng.random((2, rows)) < 0.15
    table = pd.DataFrame(
        {
            "model": [f"가상/모델-{number + 1}" for number in rng.permutation(rows)],
            "type_icon": rng.choice(["💬", "💬", "🔶"], size=rows),
            "params_b": np.where(blank[0], np.nan, rng.uniform(0.3, 20, size=rows).round(3)),
            "ifeval": np.where(blank[1], np.nan, (rng.permutation(rows) * 3 + 20.0)),
            "average": rng.uniform(5, 45, size=rows).round(2),
            "license": pd.Series(list(licences), dtype=object),
            "available_on_hub": rng.random(rows) < 0.7,
        }
    )
    return plain(table)


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """With an index from 0 and None for a missing text, as it comes out of the sandbox's protocol."""
    table = table.reset_index(drop=True)
    return table.assign(license=[None if pd.isna(one) else str(one) for one in table["license"]])
