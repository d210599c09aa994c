"""``python -m course_utils`` in a process of its own, and its arguments."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from checkpoints import write_exaone_checkpoint
from warm_python import run_code

from course_utils import load_pipeline
from course_utils.__main__ import _parser, main, sampling_arguments

ROOT = Path(__file__).parents[1]
QUESTION = "이 다이어리에 내년도 공휴일이 표시되어 있나요?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(write_exaone_checkpoint(tmp_path_factory.mktemp("cli") / "tiny"))


@pytest.fixture(scope="module")
def pipe(folder):
    return load_pipeline(folder)


def run(*arguments, stdin=None, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "course_utils", *arguments],
        input=stdin,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=120,
    )
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


COMMAND_LINE = "import runpy; runpy.run_module('course_utils', run_name='__main__', alter_sys=True)"


def run_warm(*arguments, stdin=b""):
    """As ``run``, where how the interpreter starts does not matter."""
    done = run_code(COMMAND_LINE, arguments, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=stdin)
    return done.returncode, done.stdout, done.stderr


def test_only_the_answer_is_on_stdout_and_it_is_the_pipelines_greedy_one(folder, pipe):
    messages = [{"role": "system", "content": "한 문장으로"}, {"role": "user", "content": QUESTION}]
    expected = pipe(messages, max_new_tokens=20, do_sample=False, return_full_text=False)[0]["generated_text"]
    arguments = ("--model", folder, "--system", "한 문장으로", "--max-new-tokens", "20")
    # A console of another code page must not break Hangul.
    code, out, err = run(QUESTION, *arguments, PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert (code, out.replace("\r\n", "\n")) == (0, expected.encode("utf-8", "replace").decode("utf-8") + "\n")
    assert err.splitlines() == ["tiny 모델(파라미터 10만 개)을 CPU(스레드 1개)에서 float32로 불러왔습니다."]


def test_the_question_comes_from_standard_input(folder, capsys, monkeypatch, pipe):
    code, out, _ = run_warm("-", "--model", folder, "--max-new-tokens", "5", stdin=f"  {QUESTION}\n".encode())
    messages = [{"role": "user", "content": QUESTION}]
    expected = pipe(messages, max_new_tokens=5, do_sample=False, return_full_text=False)[0]["generated_text"]
    assert (code, out) == (0, expected + "\n")


def test_a_seed_repeats_a_sampled_answer_and_another_changes_it(folder, capsys):
    def answer(seed):
        assert main([QUESTION, "--model", folder, "--temperature", "3", "--seed", seed]) == 0
        return capsys.readouterr().out

    assert answer("1") == answer("1") != answer("2")


@pytest.mark.parametrize(
    ("arguments", "sampling"),
    [
        ([], {"do_sample": False}),
        (["--seed", "3"], {"do_sample": False}),
        (["--temperature", "10"], {"do_sample": True, "temperature": 10.0, "top_k": 0, "top_p": 1.0}),
        (["--top-k", "5"], {"do_sample": True, "temperature": 1.0, "top_k": 5, "top_p": 1.0}),
        (["--top-k", "0"], {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0}),
        (["--top-p", "0.9"], {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 0.9}),
    ],
)
def test_what_is_not_asked_for_is_off(arguments, sampling):
    assert sampling_arguments(_parser().parse_args(["질문", *arguments])) == sampling


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["a", "--temperature", "0"], ["--temperature: '0' 값은 쓸 수 없습니다", "greedy"]),
        (["a", "--temperature", "-1"], ["0보다 큰 수"]),
        (["a", "--temperature", "nan"], ["'nan'"]),
        (["a", "--temperature", "inf"], ["'inf'"]),
        (["a", "--temperature", "hot"], ["'hot'"]),
        (["a", "--top-p", "1.5"], ["1 이하인 수"]),
        (["a", "--top-p", "0"], ["0보다 크고"]),
        (["a", "--top-k", "2.5"], ["0 이상의 정수"]),
        (["a", "--top-k", "-3"], ["0 이상의 정수"]),
        (["a", "--max-new-tokens", "0"], ["1 이상의 정수"]),
        (["a", "--seed", "-1"], ["'-1'"]),
        (["a", "--top-k"], ["--top-k 뒤에 값을"]),
        (["a", "b"], ["모르는 옵션입니다: b"]),
        (["a", "--nope"], ["모르는 옵션입니다: --nope"]),
        ([], ["질문이 비어 있습니다"]),
        (["  "], ["질문이 비어 있습니다"]),
    ],
)
def test_bad_values_are_told_in_korean_with_status_2(capsys, arguments, parts):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    printed = capsys.readouterr()
    assert caught.value.code == 2 and printed.out == ""
    assert [part for part in [*parts, "사용법: ", "오류: "] if part not in printed.err] == []


def test_an_unknown_model_is_a_bad_value_and_a_broken_one_is_not(tmp_path, capsys):
    assert main(["a", "--model", "minni"]) == 2
    assert "'mini'" in capsys.readouterr().err
    assert main(["a", "--model", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert printed.out == "" and "오류: " in printed.err and "config.json" in printed.err


def test_help_is_korean(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    text = capsys.readouterr().out
    assert caught.value.code == 0
    for word in (
        "사용법: ",
        "--system",
        "--model",
        "--temperature",
        "--top-k",
        "--top-p",
        "--max-new-tokens",
        "--seed",
    ):
        assert word in text
    assert "show this help" not in text and "usage:" not in text


def test_the_bundled_model_answers_about_the_diary():
    code, out, err = run_warm(QUESTION, "--model", "mini")
    assert code == 0, err
    assert "다이어리" in out and out.strip()[-1] in ".!?~" and "�" not in out
    assert err.startswith("mini 모델(파라미터 ") and len(err.splitlines()) == 1
