"""``load_pipeline`` and ``load_model``: the library's own objects, quiet in every documented call, clear when wrong."""

import json
import os
from pathlib import Path

import pytest
from checkpoints import write_exaone_checkpoint
from warm_python import run_code

from course_utils import load_model, load_pipeline, models, runtime

ROOT = Path(__file__).parents[1]
MESSAGES = [{"role": "system", "content": "답하십시오."}, {"role": "user", "content": "안녕하세요 고객님"}]
LINE = "tiny 모델(파라미터 10만 개)을 CPU(스레드 1개)에서 float32로 불러왔습니다.\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_exaone_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def pipe(folder):
    return load_pipeline(str(folder))


def test_it_is_the_librarys_own_pipeline_with_the_librarys_own_defaults(pipe):
    from transformers import TextGenerationPipeline
    from transformers.generation import GenerationConfig

    from course_utils import older_pipeline

    assert isinstance(pipe, TextGenerationPipeline)
    assert older_pipeline.needed() == isinstance(pipe, older_pipeline.OlderTextGenerationPipeline)
    assert type(pipe.model).__name__ == "ExaoneForCausalLM" and not pipe.model.training
    assert pipe.tokenizer.padding_side == "left" and pipe.tokenizer.pad_token_id == 0
    changed = pipe.model.generation_config.to_diff_dict()
    changed.pop("transformers_version", None)
    plain = GenerationConfig.from_pretrained(pipe.model.name_or_path).to_diff_dict()
    plain.pop("transformers_version", None)
    assert changed == plain


CALLS = """
import os, sys
from course_utils import load_model, load_pipeline
from transformers import TextStreamer
pipe = load_pipeline(sys.argv[1])
one = [{"role": "user", "content": "a"}]
two = [{"role": "system", "content": "b"}, {"role": "user", "content": "cc dd ee"}]
pipe(one)
pipe(one, max_new_tokens=200)
pipe(one, max_new_tokens=3, return_full_text=False)
pipe(one, max_new_tokens=3, do_sample=False)
pipe(one, max_new_tokens=3, do_sample=True)
pipe(one, max_new_tokens=3, do_sample=True, temperature=10.0, top_k=0, top_p=0.9)
pipe(one, max_new_tokens=3, do_sample=True, temperature=0.7, top_k=10)
pipe([one, two], max_new_tokens=3, batch_size=2)
pipe([one, two, two], max_new_tokens=3, do_sample=False, batch_size=2)
pipe(one, max_length=60)
sys.stdout = open(os.devnull, "w")
pipe(one, max_new_tokens=3, streamer=TextStreamer(pipe.tokenizer, skip_prompt=True, skip_special_tokens=True))
sys.stdout = sys.__stdout__
model, tokenizer = load_model(sys.argv[1])
for chats in (one, [one, two]):
    inputs = tokenizer.apply_chat_template(
        chats, return_tensors="pt", return_dict=True, add_generation_prompt=True, padding=True
    )
    model.generate(**inputs, max_new_tokens=3)
    out = model.generate(**inputs, max_new_tokens=3, do_sample=True, temperature=0.5)
    tokenizer.batch_decode(out, skip_special_tokens=True)
inputs = tokenizer("a b", return_tensors="pt")
model.generate(**inputs, max_new_tokens=3)
tokenizer.decode(inputs["input_ids"][0])
"""


def printed_by(code, folder):
    """Standard output and error of a fresh process: the library warns once per process, so each needs its own."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**keep, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}
    done = run_code(code, [str(folder)], env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_no_documented_call_prints_a_warning(folder):
    assert printed_by(CALLS, folder) == (LINE * 2, "")


def test_nor_with_a_checkpoint_that_names_no_padding_token(tmp_path):
    folder = write_exaone_checkpoint(tmp_path / "tiny")
    for name, keys in {"tokenizer_config.json": ["pad_token"], "generation_config.json": ["pad_token_id"]}.items():
        content = json.loads((folder / name).read_text())
        for key in keys:
            del content[key]
        (folder / name).write_text(json.dumps(content))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "pad_token_id": None}))
    assert printed_by(CALLS, folder) == (LINE * 2, "")


def test_greedy_pipeline_equals_bare_generate(pipe):
    inputs = pipe.tokenizer.apply_chat_template(
        MESSAGES, return_tensors="pt", return_dict=True, add_generation_prompt=True
    )
    ids = pipe.model.generate(**inputs, max_new_tokens=40, do_sample=False)[0, inputs["input_ids"].shape[1] :]
    expected = pipe.tokenizer.decode(ids, skip_special_tokens=True)
    answer = pipe(MESSAGES, max_new_tokens=40, do_sample=False, return_full_text=False)[0]["generated_text"]
    assert answer == expected != ""


def test_a_plain_call_samples_as_the_library_says(pipe):
    """Documented defaults of the pipeline: sampling at temperature 0.7, at most 256 new tokens."""
    from transformers import set_seed

    inputs = pipe.tokenizer.apply_chat_template(
        MESSAGES, return_tensors="pt", return_dict=True, add_generation_prompt=True
    )
    set_seed(3)
    plain = pipe(MESSAGES, return_full_text=False, return_tensors=None)[0]["generated_text"]
    set_seed(3)
    ids = pipe.model.generate(**inputs, max_new_tokens=256, do_sample=True, temperature=0.7)
    assert plain == pipe.tokenizer.decode(ids[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


def test_a_batch_answers_as_each_chat_alone(pipe):
    chats = [MESSAGES, MESSAGES[1:], [{"role": "user", "content": "배송은 보통 이틀에서 사흘 정도 걸립니다 " * 3}]]
    options = {"max_new_tokens": 10, "do_sample": False, "return_full_text": False}
    alone = [pipe(chat, **options)[0]["generated_text"] for chat in chats]
    assert [answers[0]["generated_text"] for answers in pipe(chats, batch_size=3, **options)] == alone


def test_arguments_go_on_to_the_librarys_pipeline(folder):
    pipe = load_pipeline(folder, max_new_tokens=2, do_sample=False, return_full_text=False)
    ids = pipe.tokenizer(pipe(MESSAGES)[0]["generated_text"])["input_ids"]
    assert 1 <= len(ids) <= 4
    assert pipe(MESSAGES) == load_pipeline(folder)(MESSAGES, max_new_tokens=2, do_sample=False, return_full_text=False)


def test_the_gpu_pipeline_does_not_scold_a_notebook_for_its_eleventh_call(pipe):
    for _ in range(12):
        pipe("a", max_new_tokens=1)
    assert pipe.call_count <= 10  # above that, and on CUDA, the library warns


def test_a_path_object_and_the_environment_name_a_model(folder, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_MODEL", str(folder))
    model, tokenizer = load_model()
    assert capsys.readouterr().out == LINE
    assert model.name_or_path == str(folder) and tokenizer.eos_token_id == 361


def test_auto_without_a_gpu_is_mini(monkeypatch):
    monkeypatch.delenv("COURSE_MODEL", raising=False)
    monkeypatch.setattr(runtime, "gpus", lambda: [])
    monkeypatch.setattr(models, "_load", lambda name, device, dtype: (name, device))
    assert load_model() == ("mini", "auto")


def test_auto_with_a_gpu_is_exaone_unless_the_cpu_was_asked_for(monkeypatch):
    monkeypatch.delenv("COURSE_MODEL", raising=False)
    monkeypatch.setattr(runtime, "gpus", lambda: [runtime.Gpu(0, "Tesla T4", (7, 5), 15 * 10**9, 16 * 10**9)])
    monkeypatch.setattr(models, "_load", lambda name, device, dtype: (name, device))
    assert load_model()[0] == "exaone" and load_model(device="cuda")[0] == "exaone"
    assert load_model(device="cpu")[0] == "mini"


@pytest.mark.parametrize(("dtype", "said"), [("float16", "float16으로"), ("bf16", "bfloat16으로")])
def test_half_precision_on_a_cpu_is_allowed(folder, capsys, dtype, said):
    import torch

    pipe = load_pipeline(folder, dtype=dtype)
    assert pipe.model.dtype is getattr(torch, said.removesuffix("으로"))
    assert said in capsys.readouterr().out
    assert pipe("a", max_new_tokens=2)


def test_a_stored_half_precision_model_computes_in_float32_on_a_cpu(tmp_path):
    import torch

    assert load_model(write_exaone_checkpoint(tmp_path / "half", dtype="float16"))[0].dtype is torch.float32


@pytest.mark.parametrize("name", ["mini/", " mini ", "https://huggingface.co/mini"])
def test_small_slips_in_a_name_are_forgiven(name):
    assert load_model(name)[0].num_parameters() == load_model("mini")[0].num_parameters()


def test_the_first_cpu_is_the_cpu(folder):
    import torch

    assert load_model(folder, device=torch.device("cpu", 0))[0].device == torch.device("cpu")


def test_several_threads_may_load_at_once(folder):
    """In its own process, because a race would leave transformers broken for every later test."""
    code = (
        "import sys\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from course_utils import load_model\n"
        "with ThreadPoolExecutor(4) as pool: models = list(pool.map(load_model, sys.argv[1:] * 8))\n"
        "print(all(m.lm_head.weight is m.model.embed_tokens.weight for m, _ in [*models, load_model(sys.argv[1])]))"
    )
    out, _ = printed_by(code, folder)
    assert out.splitlines()[-1] == "True"


def test_an_old_transformers_is_told_in_korean(folder):
    code = (
        "import sys, transformers\n"
        "transformers.__version__ = '5.1.0'\n"
        "from course_utils import CourseError, load_pipeline\n"
        "try: load_pipeline(sys.argv[1])\n"
        "except CourseError as error: print(error)"
    )
    out, _ = printed_by(code, folder)
    assert "5.1.0" in out and "pip install -U" in out


def test_spread_models_are_loaded_with_a_device_map_and_left_where_they_are(folder, monkeypatch):
    from transformers import AutoModelForCausalLM

    from course_utils.placement import Placement

    asked = {}
    real = AutoModelForCausalLM.from_pretrained

    def spy(*arguments, **options):
        asked.update(options)
        loaded = real(*arguments, **{**options, "device_map": {"": "cpu"}})  # the only device there is
        loaded[0].hf_device_map = {"": "cpu"}
        return loaded

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", spy)
    monkeypatch.setattr(models.placement, "place", lambda *_: Placement(None, "float32"))
    pipe = load_pipeline(folder)
    assert asked["device_map"] == "auto"
    assert pipe("a", max_new_tokens=2)


def test_few_threads_for_a_small_model_only(folder, monkeypatch):
    import torch

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    torch.set_num_threads(2)
    try:
        load_model(folder)
        assert torch.get_num_threads() == 1
        monkeypatch.setattr(models.placement, "SMALL_MODEL", 1000)
        load_model(folder)
        assert torch.get_num_threads() == 2
    finally:
        runtime.use_all_threads()
        torch.set_num_threads(1)
