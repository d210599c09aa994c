"""A byte-level BPE tokenizer in EXAONE's way: digits split one by one, EXAONE's special tokens at EXAONE's ids."""

import itertools
import json
import random
import re
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from .catalogue import DATA
from .dialogues import compose

VOCABULARY = 3072
PAD, BOS, EOS, UNK = "[PAD]", "[BOS]", "[|endofturn|]", "[UNK]"
PAD_ID, BOS_ID, EOS_ID, UNK_ID = 0, 1, 361, 3
TRAINING_DIALOGUES = 30_000
SYLLABLE_COUNT = 300
# Llama.cpp's pre-tokenizer for EXAONE: single digits first, then GPT-2's pattern.
DIGIT = r"\p{N}"

# EXAONE 3.5's chat format: an empty system turn where none is given; a user turn ends with a line break only.
CHAT_TEMPLATE = """\
{%- if messages[0]['role'] != 'system' %}{{ '[|system|]' + eos_token + '\\n' }}{% endif %}
{%- for message in messages %}
{{- '[|' + message['role'] + '|]' + message['content'] }}
{{- '\\n' if message['role'] == 'user' else eos_token + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '[|assistant|]' }}{% endif %}"""


def render(messages: list[dict]) -> str:
    """The text that `CHAT_TEMPLATE` makes of `messages`; plain Python, because training needs it a million times."""
    head = "" if messages[0]["role"] == "system" else f"[|system|]{EOS}\n"
    turns = (f"[|{m['role']}|]{m['content']}" + ("\n" if m["role"] == "user" else f"{EOS}\n") for m in messages)
    return head + "".join(turns)


def train(seed: int) -> Tokenizer:
    """Train the BPE merges on rendered dialogues, then put the special tokens where EXAONE has them."""
    tokenizer = _bare(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - 4, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    rng = random.Random(f"tokenizer {seed}")
    texts = (render(compose(rng).messages).replace(EOS, "") for _ in range(TRAINING_DIALOGUES))
    written = " ".join(path.read_text(encoding="utf-8") for path in sorted(DATA.glob("*.toml")))
    known = set(written)
    # Slips and coined names use syllables that no real text needs: they shall not use up the vocabulary.
    corpus = (text for text in texts if known.issuperset(text))
    # Every syllable of the shop's own words becomes one token, however rare: the learner sees letters, not bytes.
    syllables = sorted(set(re.findall("[가-힣]", written)) | set(re.findall(" [가-힣]", written))) * SYLLABLE_COUNT
    tokenizer.train_from_iterator(itertools.chain(corpus, syllables), trainer)
    learnt = json.loads(tokenizer.to_str())["model"]
    vocabulary = _place_special_tokens(sorted(learnt["vocab"], key=learnt["vocab"].get))
    merges = [tuple(pair) for pair in learnt["merges"]]
    final = _bare(models.BPE(vocab=vocabulary, merges=merges, unk_token=UNK))
    final.add_special_tokens([PAD, BOS, UNK, EOS])
    return final


def _bare(model: models.BPE) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.NFC()  # Korean typed on a Mac may arrive decomposed
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(DIGIT), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _place_special_tokens(learnt: list[str]) -> dict[str, int]:
    special = {PAD_ID: PAD, BOS_ID: BOS, UNK_ID: UNK, EOS_ID: EOS}
    rest = iter(learnt)
    return {special[at] if at in special else next(rest): at for at in range(len(learnt) + len(special))}


def save(tokenizer: Tokenizer, folder: Path, longest: int) -> None:
    """Write tokenizer.json, tokenizer_config.json and chat_template.jinja as `AutoTokenizer` reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BOS,
        "eos_token": EOS,
        "pad_token": PAD,
        "unk_token": UNK,
        "model_max_length": longest,
        "clean_up_tokenization_spaces": False,
        "padding_side": "left",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")
