"""``class_server convert`` with its own defaults: what it fetches is enough, and the Llama folder is the same model."""

import json
from fnmatch import fnmatch

import pytest
import torch
from checkpoints import write_exaone_checkpoint
from transformers import AutoModelForCausalLM, AutoTokenizer

from course_utils.errors import CourseError
from course_utils.exaone import ExaoneForCausalLM
from tools import class_server
from tools.class_vllm import VllmPlan


def test_convert_fetches_what_it_needs_and_writes_a_llama_folder_of_the_same_model(tmp_path, monkeypatch):
    hub = write_exaone_checkpoint(tmp_path / "hub", shards=2)
    (hub / "modeling_exaone.py").write_text("raise SystemExit('code from the hub must not run')")

    def snapshot_download(name, allow_patterns):
        (here := tmp_path / "download").mkdir()
        for file in hub.iterdir():
            if any(fnmatch(file.name, pattern) for pattern in allow_patterns):
                (here / file.name).write_bytes(file.read_bytes())
        assert name == "LGAI-EXAONE/EXAONE-3.5-2.4B-Instruct" and not list(here.glob("*.py"))
        return str(here)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    monkeypatch.setattr(class_server.signal, "signal", lambda *_: None)
    out = tmp_path / "exaone-llama"
    assert class_server.main(["convert", str(out)]) == 0
    config = json.loads((out / "config.json").read_text("utf-8"))
    assert config["model_type"] == "llama" and "auto_map" not in config
    ids = torch.tensor([[5, 9, 200, 361, 7, 300]])
    ours = AutoModelForCausalLM.from_pretrained(out, dtype="auto")
    exaone = ExaoneForCausalLM.from_pretrained(hub, dtype=torch.bfloat16)
    assert type(ours).__name__ == "LlamaForCausalLM" and ours.dtype == torch.bfloat16
    with torch.no_grad():
        assert torch.equal(ours(ids).logits, exaone(ids).logits)
    question = [{"role": "user", "content": "2026년 달력이 있나요?"}]
    chats = [AutoTokenizer.from_pretrained(f).apply_chat_template(question, return_dict=False) for f in (hub, out)]
    assert chats[0] == chats[1] and len(chats[0]) > 10
    with pytest.raises(CourseError, match=": 1, 2, 4, 8$"):  # 8 heads, 2 KV heads
        VllmPlan(str(out), gpus=3)
