"""docs/instructor/class_server.ko.md: its commands are the tools' own, its numbers are what the functions compute."""

import re
import shlex
from pathlib import Path

import pytest

from course_utils.architecture import kv_cache_bytes, weight_bytes
from course_utils.published_configs import published_config
from tools.class_server import _parser
from tools.class_vllm import longest_at_once, splits

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs/instructor/class_server.ko.md").read_text(encoding="utf-8")
CONFIG = published_config("2.4B")
COMMANDS = [line.strip() for line in GUIDE.splitlines() if line.strip().startswith("python -m tools.class_server")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one_that_the_tool_takes(command):
    assert _parser().parse_args(shlex.split(command)[3:])


def test_every_kind_of_server_and_every_option_that_the_guide_names_exists():
    assert {shlex.split(c)[3] for c in COMMANDS} == {"llama", "vllm", "convert", "check"}
    parser = _parser()
    [kinds] = [action for action in parser._actions if action.dest == "kind"]
    known = {option for one in kinds.choices.values() for action in one._actions for option in action.option_strings}
    named = set(re.findall(r"`(--[a-z-]+)", GUIDE))
    assert len(named) > 10 and named <= known


def test_defaults_in_the_table_are_the_tools_own():
    def default(*words):
        return _parser().parse_args(words)

    llama, vllm = default("llama"), default("vllm", "folder")
    rows = dict(re.findall(r"^\| `--([a-z-]+)` \| .* \| ([^|]+) \|$", GUIDE, re.MULTILINE))
    for name in ("keys", "waiting", "answer", "per-minute"):
        assert int(rows[name].replace(",", "")) == vars(llama)[name.replace("-", "_")]
    for name in ("at-once", "context"):
        numbers = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", rows[name].replace("vLLM", ""))]
        assert numbers == [vars(one)[name.replace("-", "_")] for one in (llama, vllm)]
    assert f"{llama.port}번 포트" in GUIDE


def test_how_many_fit_is_computed():
    rows = re.findall(r"^\| (\d+) GiB[^|]*\| (\d+) \| (\d+) \| (\d+) \|$", GUIDE, re.MULTILINE)
    assert len(rows) == 4
    for gib, *counts in rows:
        computed = [longest_at_once(int(gib) * 2**30, tokens, config=CONFIG) for tokens in (1024, 2048, 4096)]
        assert [int(n) for n in counts] == computed


def test_numbers_in_the_text_are_computed():
    assert f"토큰 하나에 {kv_cache_bytes(CONFIG, 1):,}바이트" in GUIDE
    assert f"16비트 파라미터 {weight_bytes(CONFIG) / 1e9:.2f} GB" in GUIDE
    for batch in (16, 8):
        assert f"{kv_cache_bytes(CONFIG, 2048, batch=batch) / 1e9:.2f} GB" in GUIDE
    assert ", ".join(str(n) for n in range(1, 33) if splits(CONFIG, n)) + "장" in GUIDE
