"""vLLM's command lines: every option exists in the vLLM and Ray that requirements/vllm.txt pins, rules of splitting."""

import json
import os
import re
import shlex
import subprocess
import textwrap
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from course_utils.architecture import kv_cache_bytes, weight_bytes
from course_utils.errors import CourseError
from course_utils.published_configs import published_config
from tools import vllm_options
from tools.class_server import _parser
from tools.class_vllm import VllmPlan, commands, longest_at_once, splits
from tools.class_vllm_process import instructions

FACTS = json.loads(vllm_options.FACTS.read_text(encoding="utf-8"))
ROOT = Path(__file__).resolve().parent.parent
CONFIG = published_config("2.4B")
TWO = ("10.0.0.1", "10.0.0.2")
PLANS = {
    "one GPU": VllmPlan("exaone-llama"),
    "T4": VllmPlan("exaone-llama", dtype="float16", context=2048, answer=512),
    "four GPUs": VllmPlan("exaone-llama", gpus=4),
    "two machines": VllmPlan("exaone-llama", gpus=2, machines=TWO),
    "three machines": VllmPlan("exaone-llama", machines=(*TWO, "10.0.0.3")),
    "two machines with Ray": VllmPlan("exaone-llama", gpus=2, machines=TWO, backend="ray"),
}


def options_of(words):
    """Option -> value (None for a switch), by the facts; anything that the program does not have is an error."""
    known, rest = FACTS[" ".join(words[:2])], list(words[2:])
    found = {}
    if words[0] == "vllm":
        assert not rest.pop(0).startswith("-"), "the folder comes first"
    while rest:
        name = rest.pop(0)
        assert name in known, f"{words[0]} {words[1]} has no option {name}"
        found[name] = rest.pop(0) if known[name]["value"] else None
        assert found[name] is None or not found[name].startswith("--"), f"{name} needs a value"
        assert found[name] in known[name].get("choices", [found[name]])
    return found


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_every_option_of_every_command_is_one_that_the_program_has(plan):
    for command in commands(plan):
        assert options_of(command.words)


def test_the_facts_are_of_the_versions_that_the_requirements_pin():
    lines = [line for line in (ROOT / "requirements/vllm.txt").read_text("utf-8").splitlines() if line[0] != "#"]
    pinned = {Requirement(line).name: str(Requirement(line).specifier) for line in lines}
    assert pinned == {name: f"=={FACTS[name]['version']}" for name in ("vllm", "ray")}
    assert FACTS["vllm"]["wheel"].startswith(f"vllm-{FACTS['vllm']['version']}-")
    assert {"--api-key", "--max-logprobs", "--headless"} <= set(FACTS["vllm serve"]) and len(FACTS["vllm serve"]) > 300


def test_an_option_that_does_not_exist_is_noticed():
    words = ["vllm", "serve", "folder", "--tensor-parallel", "2"]
    with pytest.raises(AssertionError, match="no option --tensor-parallel"):
        options_of(words)
    with pytest.raises(AssertionError):
        options_of(["vllm", "serve", "folder", "--dtype", "float8"])


def test_a_request_without_settings_samples_from_the_whole_distribution():
    options = options_of(commands(PLANS["one GPU"])[0].words)
    assert options["--generation-config"] == "vllm"
    assert json.loads(options["--override-generation-config"]) == {"max_new_tokens": 1024}
    assert options["--max-logprobs"] == "20"


def test_vllm_listens_on_this_computer_only_and_no_key_is_in_the_command_line():
    for plan in PLANS.values():
        for command in commands(plan):
            if command.words[0] == "vllm":
                options = options_of(command.words)
                assert options["--host"] == "127.0.0.1" and "--api-key" not in options
                assert ("VLLM_API_KEY" in command.variables) == ("--headless" not in options)


def test_several_machines_by_vllm_itself_differ_in_rank_alone_and_the_first_one_takes_requests():
    first, second, third = commands(PLANS["three machines"])
    assert [c.machine for c in (first, second, third)] == [*TWO, "10.0.0.3"]
    ranks = [options_of(c.words) for c in (first, second, third)]
    assert [one.pop("--node-rank") for one in ranks] == ["0", "1", "2"]
    assert ["--headless" in one for one in ranks] == [False, True, True]
    for one in ranks:
        one.pop("--headless", None)
    assert ranks[0] == ranks[1] == ranks[2]
    assert (ranks[0]["--nnodes"], ranks[0]["--master-addr"]) == ("3", "10.0.0.1")
    assert int(ranks[0]["--pipeline-parallel-size"]) % 3 == 0  # vLLM: the machines must divide all GPUs evenly


def test_with_ray_one_command_starts_the_model_after_every_machine_has_joined():
    head, join, serve = commands(PLANS["two machines with Ray"])
    assert "--head" in head.words and (head.machine, join.machine, serve.machine) == (*TWO, TWO[0])
    assert options_of(join.words)["--address"] == f"{TWO[0]}:{options_of(head.words)['--port']}"
    assert options_of(serve.words)["--distributed-executor-backend"] == "ray"
    assert "--nnodes" not in serve.words


def test_the_printed_lines_are_the_commands_and_the_gate_comes_last_with_everything_that_was_asked_for():
    given = ["exaone-llama", "--gpus", "2", "--machines", *TWO, "--context", "2048", "--waiting", "7"]
    given += ["--per-minute", "30", "--keys", "3", "--answer", "99", "--handout", "a folder"]
    plan = PLANS["two machines"]
    text = instructions(plan, given)
    for command in commands(plan):
        assert text.count(shlex.join(command.words)) == 1
    words = shlex.split(text.splitlines()[-1])
    assert words[:3] == ["python", "-m", "tools.class_server"]
    asked, shown = vars(_parser().parse_args(["vllm", *given])), vars(_parser().parse_args(words[3:]))
    assert {name for name in asked if asked[name] != shown[name]} == {"attach", "lan"} and shown["attach"]
    assert "--lan" not in instructions(plan, ["folder", "--address", "https://class.example.kr/v1"])


@pytest.mark.skipif(os.name == "nt", reason="vLLM does not run on Windows")
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_the_printed_lines_run_in_a_shell_and_each_block_sets_all_its_machine_needs(plan, tmp_path):
    """Each block in a shell of its own, as on another machine, with programs that print what they find."""
    for name in ("vllm", "ray", "python", "ip"):
        script = 'echo "2: eth7  inet $5/24"' if name == "ip" else f'echo "{name} $1"; env | sed "s/^/{name} /"'
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "openssl").write_text("#!/bin/sh\necho fresh-key\n")
    (tmp_path / "openssl").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
    *blocks, gate = instructions(plan).split("\n\n")
    machines = {}
    for block in blocks:
        said = subprocess.run(["sh", "-ec", block], env=environment, capture_output=True, text=True, check=True).stdout
        address = re.search(r"^# (\S+) 컴퓨터에서", block, re.MULTILINE)
        machines.setdefault(address[1] if address else "", []).append(said)
    said = subprocess.run(["sh", "-ec", gate], env=environment, capture_output=True, text=True, check=True).stdout
    assert "python VLLM_API_KEY=fresh-key" in said and (tmp_path / ".class-vllm-key").stat().st_mode & 0o77 == 0
    assert sum(text.count(" VLLM_API_KEY=fresh-key") for texts in machines.values() for text in texts) == 1
    assert set(machines) - {""} == set(plan.machines)
    for address, texts in machines.items():
        for text in filter(None, texts):
            assert "VLLM_NO_USAGE_STATS=1" in text and "RAY_USAGE_STATS_ENABLED=0" in text
            if address:
                assert f"VLLM_HOST_IP={address}" in text
                assert " NCCL_SOCKET_IFNAME=eth7" in text and " GLOO_SOCKET_IFNAME=eth7" in text


# --- splitting and sizes ---


def test_tensor_parallel_sizes_that_divide_the_heads():
    """32 query heads and 8 KV heads; vLLM's own rule (config/model.py, models/llama.py) written as its assertions."""
    for gpus in range(1, 65):
        by_vllm = 32 % gpus == 0 and (8 % gpus == 0 if gpus <= 8 else gpus % 8 == 0)
        assert splits(CONFIG, gpus) == by_vllm, gpus
    assert not splits(CONFIG, 0) and splits(published_config("32B"), 40)


@pytest.mark.parametrize(
    ("size", "heads", "good"),
    [("2.4B", 32, "1, 2, 4, 8, 16, 32"), ("7.8B", 32, "1, 2, 4, 8, 16, 32"), ("32B", 40, "1, 2, 4, 8, 40")],
)
def test_three_gpus_are_refused_with_the_numbers_that_split_this_model(size, heads, good):
    with pytest.raises(CourseError, match=f"헤드 {heads}개.*\n.*: {good}$"):
        VllmPlan("folder", gpus=3, size=size)


def llama_folder(folder, **changes):
    config = {"model_type": "llama", "hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 6}
    config |= {"num_key_value_heads": 3, "intermediate_size": 96, "vocab_size": 300, "max_position_embeddings": 512}
    (folder / "config.json").write_text(json.dumps(config | changes))
    return str(folder)


def test_the_folders_own_configuration_counts_where_it_is_there(tmp_path):
    folder = llama_folder(tmp_path)
    assert VllmPlan(folder, gpus=3, context=512, answer=100, size="32B").config["hidden_size"] == 48
    with pytest.raises(CourseError, match=": 1, 3, 6$"):
        VllmPlan(folder, gpus=2, context=512, answer=100)
    with pytest.raises(CourseError, match=r"모델이 읽는 길이\(512\)"):
        VllmPlan(folder, context=4096)


@pytest.mark.parametrize("text", ["{", "[]", '{"model_type": "exaone"}', "{}"])
def test_a_folder_that_vllm_could_not_read_is_refused_with_the_way_to_make_one(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(CourseError, match="convert"):
        VllmPlan(str(tmp_path))


def test_a_model_that_does_not_fit_is_refused_with_the_number_of_gpus_that_do():
    with pytest.raises(CourseError, match=r"64\.0 GB이고, 쓸 GPU는 1장.*\n.*\n--gpus 4처럼"):
        VllmPlan("folder", size="32B", gpu_gib=24)
    for gpus, machines in ((4, ()), (2, TWO)):
        assert VllmPlan("folder", size="32B", gpu_gib=24, gpus=gpus, machines=machines)
    with pytest.raises(CourseError, match="\n더 작은 모델"):
        VllmPlan("folder", size="32B", gpu_gib=2)
    assert VllmPlan("folder", gpu_gib=8, context=2048)  # 4.8 GB of weights


@pytest.mark.parametrize(
    "wrong",
    [{"machines": ("a",)}, {"machines": ("a", "a")}, {"backend": "mpi"}, {"answer": 4096}, {"context": 32769}]
    + [{"memory": 0.0}, {"memory": 1.5}, {"memory": float("nan")}, {"machines": ("10.0.0.1", "gpu-2")}],
)
def test_plans_that_vllm_would_refuse_are_refused_here(wrong):
    with pytest.raises(CourseError):
        VllmPlan("folder", **wrong)


def test_longest_at_once_fills_the_memory_and_no_more():
    gpu = 16 * 2**30
    fits = longest_at_once(gpu, 2048, config=CONFIG)
    used = weight_bytes(CONFIG) + kv_cache_bytes(CONFIG, 2048, batch=fits)
    one = kv_cache_bytes(CONFIG, 2048)
    assert gpu * 0.9 - 2 * 2**30 - one < used <= gpu * 0.9 - 2 * 2**30
    assert longest_at_once(4 * 2**30, 2048, config=CONFIG) < 0


def test_a_split_model_leaves_each_gpu_more_room():
    gpu, one = 16 * 2**30, kv_cache_bytes(CONFIG, 2048)
    for gpus, machines in ((4, 1), (1, 4), (2, 2)):
        room = int(gpu * 0.9) - weight_bytes(CONFIG) // 4 - 2 * 2**30
        assert longest_at_once(gpu, 2048, config=CONFIG, gpus=gpus, machines=machines) == 4 * room // one
    # 16 GPUs, 8 KV heads: each GPU holds one head, as with 8.
    room = int(gpu * 0.9) - weight_bytes(CONFIG) // 16 - 2 * 2**30
    assert longest_at_once(gpu, 2048, config=CONFIG, gpus=16) == 8 * room // one


# --- reading options out of a wheel's source ---


def test_options_are_read_from_source_without_running_it():
    engine = """
        raise SystemExit("must not run")
        class EngineArgs:
            tensor_size: int = 1
            eager: bool = False
            number: ModelDType | None = None
        def add(parser):
            group.add_argument("--tensor-size", "-t", **kwargs["tensor_size"])
            group.add_argument("--eager", **kwargs["eager"])
            group.add_argument("--number", **kwargs["number"])
            group.add_argument("--old", action=argparse.BooleanOptionalAction)
    """
    frontend = """
        class FrontendArgs:
            api_key: list[str] | None = None
            no_docs: bool = False
        parser.add_argument("tag")
        parser.add_argument("--headless", action="store_true")
    """
    config = 'ModelDType = Literal["auto", "half"]'
    sources = {
        vllm_options.ENGINE: textwrap.dedent(engine),
        vllm_options.FRONTEND: textwrap.dedent(frontend),
        vllm_options.CONFIGS + "model.py": config,
    }
    assert vllm_options.vllm_options(sources) == {
        "--api-key": {"value": True},
        "--eager": {"value": False},
        "--headless": {"value": False},
        "--no-docs": {"value": False},
        "--number": {"value": True, "choices": ["auto", "half"]},
        "--old": {"value": False},
        "--tensor-size": {"value": True, "short": "-t"},
    }
    ray = '@click.option("--head", is_flag=True)\n@click.option("--port", type=int)\ndef start(head, port): ...'
    assert vllm_options.ray_start_options(ray) == {"--head": {"value": False}, "--port": {"value": True}}
