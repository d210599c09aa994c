"""The engine's next-token log-probabilities over the whole vocabulary, for comparison with transformers'."""

import json
import urllib.request
from pathlib import Path

import numpy as np
import torch

from course_utils.gguf_tokenizer import tokenizer_of
from course_utils.serving import local_server


def engine_logprobs(gguf: Path, ids: list[int], vocabulary: int) -> np.ndarray:
    """Log-softmax of the engine's raw logits after ``ids``."""
    # The engine leaves the numbers out when the token that it chose is half a letter. A bias makes it choose a whole
    # one; the numbers are those of the raw logits all the same.
    letter = tokenizer_of(gguf).convert_tokens_to_ids("a")
    asked = {"prompt": ids, "n_predict": 1, "n_probs": vocabulary, "logit_bias": [[letter, 1000]]}
    with local_server(str(gguf)) as server:
        headers = {"Authorization": f"Bearer {server.engine_key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{server.engine_url}/completion", json.dumps(asked).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            rows = json.load(answer)["completion_probabilities"][0]["top_logprobs"]
    found = np.full(vocabulary, np.nan)
    for row in rows:
        found[row["id"]] = row["logprob"]
    return found


@torch.no_grad()
def torch_logprobs(folder: Path, ids: list[int]) -> np.ndarray:
    """The same from transformers, in float32."""
    from transformers import AutoModelForCausalLM

    import course_utils.exaone  # noqa: F401 - teaches transformers about EXAONE

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return model(torch.tensor([ids])).logits[0, -1].log_softmax(-1).numpy()
