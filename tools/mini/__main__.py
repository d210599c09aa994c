"""``python -m tools.mini``: tokenizer, training, export, evaluation and model card; resumes where it stopped."""

import argparse
import json
import shutil
from pathlib import Path

import torch
from tokenizers import Tokenizer

from . import card
from . import tokenizer as bpe
from .evaluate import evaluate
from .train import Plan, train

ROOT = Path(__file__).parents[2]
WORK = ROOT / "build" / "mini"
ASSETS = ROOT / "course_utils" / "assets" / "mini"


def trained_tokenizer(work: Path, seed: int) -> Tokenizer:
    path = work / "tokenizer.json"
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        bpe.train(seed).save(str(path))
    return Tokenizer.from_file(str(path))


def export(model, tokenizer: Tokenizer, folder: Path) -> None:
    """Write the model as EXAONE does: its tensor names, half precision, its configuration keys."""
    shutil.rmtree(folder, ignore_errors=True)
    model.to(torch.float16).save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # saved for its owner alone, but others will read the package
    # As in EXAONE's own file: the special tokens and nothing about sampling.
    ids = {"bos_token_id": bpe.BOS_ID, "eos_token_id": bpe.EOS_ID, "pad_token_id": bpe.PAD_ID}
    (folder / "generation_config.json").write_text(json.dumps(ids, indent=2) + "\n", encoding="utf-8")
    bpe.save(tokenizer, folder, model.config.max_position_embeddings)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.mini", description=__doc__)
    parser.add_argument("--steps", type=int, default=Plan.steps, help="training steps (default: %(default)s)")
    parser.add_argument("--work", type=Path, default=WORK, help="checkpoints go here (default: build/mini)")
    parser.add_argument("--out", type=Path, default=ASSETS, help="the finished model goes here")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="CPU threads for training")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    plan = Plan(steps=options.steps)
    tokenizer = trained_tokenizer(options.work, plan.seed)
    export(train(tokenizer, options.work, plan), tokenizer, options.out)
    card.write(options.out, evaluate(options.out), plan)


if __name__ == "__main__":
    main()
