"""Train the miniature from scratch: resumable, seeded, with a progress bar."""

import math
import random
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import torch
from tokenizers import Tokenizer
from tqdm import tqdm

from course_utils.exaone import ExaoneConfig, ExaoneForCausalLM

from .dialogues import compose
from .tokenizer import BOS_ID, EOS_ID, PAD_ID, render

ANSWER_MARK = "[|assistant|]"


@dataclass(frozen=True)
class Plan:
    """Everything that decides the result; a checkpoint made under another plan is not continued."""

    seed: int = 20261122
    steps: int = 4500
    dialogues: int = 48  # per step
    grouped: int = 16  # steps whose dialogues are sorted by length together
    peak_learning_rate: float = 2e-3
    warm_up: int = 150
    weight_decay: float = 0.05
    prompt_weight: float = 0.1  # loss on the customer's words: helps early on, matters little
    save_every: int = 200


def configuration(vocabulary: int) -> ExaoneConfig:
    """EXAONE 3.5 in miniature: GQA 8/2, SiLU-gated feed-forward, RMSNorm, llama3-scaled RoPE, tied embeddings."""
    return ExaoneConfig(
        vocab_size=vocabulary,
        hidden_size=256,
        num_hidden_layers=6,
        num_attention_heads=8,
        num_key_value_heads=2,
        intermediate_size=704,
        max_position_embeddings=2048,
        rms_norm_eps=1e-5,
        hidden_act="silu",
        tie_word_embeddings=True,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 10000.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 256,
        },
        bos_token_id=BOS_ID,
        eos_token_id=EOS_ID,
        pad_token_id=PAD_ID,
    )


def encode(text: str, tokenizer: Tokenizer, prompt_weight: float) -> tuple[list[int], list[float]]:
    """Token ids of a rendered dialogue and each token's weight in the loss: 1 in answers (with their end mark)."""
    encoded = tokenizer.encode(text)
    weights, answering = [], False
    for token, (_, end) in zip(encoded.ids, encoded.offsets, strict=True):
        weights.append(1.0 if answering else prompt_weight)
        if token == EOS_ID:
            answering = False
        elif text.endswith(ANSWER_MARK, 0, end):
            answering = True
    return encoded.ids, weights


@lru_cache(maxsize=1)
def _group(number: int, plan: Plan, tokenizer: Tokenizer) -> list[list[tuple[list[int], list[float]]]]:
    """The encoded dialogues of `plan.grouped` steps, each step's of about one length: little padding, less work."""
    rng = random.Random(f"{plan.seed} {number}")
    texts = [render(compose(rng).messages) for _ in range(plan.dialogues * plan.grouped)]
    rows = sorted((encode(text, tokenizer, plan.prompt_weight) for text in texts), key=lambda row: len(row[0]))
    steps = [rows[start : start + plan.dialogues] for start in range(0, len(rows), plan.dialogues)]
    rng.shuffle(steps)
    return steps


def batch(step: int, plan: Plan, tokenizer: Tokenizer) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Step `step`'s fresh dialogues: ids, weights, attention mask, each [dialogues, longest]; the same at every run."""
    group, place = divmod(step, plan.grouped)
    rows = _group(group, plan, tokenizer)[place]
    longest = max(len(ids) for ids, _ in rows)
    ids = torch.full((len(rows), longest), PAD_ID)
    weights, mask = torch.zeros(len(rows), longest), torch.zeros(len(rows), longest, dtype=torch.long)
    for row, (tokens, parts) in enumerate(rows):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        weights[row, : len(tokens)] = torch.tensor(parts)
        mask[row, : len(tokens)] = 1
    return ids, weights, mask


def learning_rate(step: int, plan: Plan) -> float:
    """Linear warm-up, then a cosine down to 2 % of the peak."""
    if step < plan.warm_up:
        return plan.peak_learning_rate * (step + 1) / plan.warm_up
    progress = (step - plan.warm_up) / max(1, plan.steps - plan.warm_up)
    return plan.peak_learning_rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))


def loss_of(model: ExaoneForCausalLM, ids: torch.Tensor, weights: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Weighted mean cross-entropy of each next token, in nats."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits[:, :-1]
    each = torch.nn.functional.cross_entropy(logits.float().transpose(1, 2), ids[:, 1:], reduction="none")
    return (each * weights[:, 1:]).sum() / weights[:, 1:].sum()


def _optimizer(model: ExaoneForCausalLM, plan: Plan) -> torch.optim.AdamW:
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": matrices, "weight_decay": plan.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), fused=True)


def train(tokenizer: Tokenizer, work: Path, plan: Plan) -> ExaoneForCausalLM:
    """Train to the plan's end, going on from ``work/checkpoint.pt`` where one of the same plan is found.

    Raises:
        ValueError: the checkpoint belongs to another plan.
    """
    torch.manual_seed(plan.seed)
    # Eager attention: on a CPU the fused kernel's bfloat16 backward pass takes longer than all matrix products.
    model = ExaoneForCausalLM._from_config(configuration(tokenizer.get_vocab_size()), attn_implementation="eager")
    optimizer, done, saved = _optimizer(model, plan), 0, work / "checkpoint.pt"
    if saved.exists():
        state = torch.load(saved, weights_only=True)
        if state["plan"] != asdict(plan):
            raise ValueError(f"{saved} was made under another plan ({state['plan']}): remove it or restore that plan")
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        done = state["step"]
    bar = tqdm(range(done, plan.steps), initial=done, total=plan.steps, desc="train", mininterval=5)
    for step in bar:
        loss = loss_of(model, *batch(step, plan, tokenizer))
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, plan)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        bar.set_postfix(loss=f"{loss.item():.3f}")
        if (step + 1) % plan.save_every == 0 or step + 1 == plan.steps:
            _save(saved, model, optimizer, step + 1, plan)
    return model.eval()


def _save(path: Path, model: ExaoneForCausalLM, optimizer: torch.optim.Optimizer, step: int, plan: Plan) -> None:
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "plan": asdict(plan)}
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)  # a kill while writing must not cost the last checkpoint
