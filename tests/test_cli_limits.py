"""The command line where things go wrong: a Korean line, a meaning in the exit status, never a trace."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from checkpoints import write_exaone_checkpoint
from warm_python import run_code

from course_utils.__main__ import main

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path):
    return write_exaone_checkpoint(tmp_path / "tiny")


def shell(command, folder):
    """Run a bash line with $ASK as the command line over the tiny model: (status, stderr)."""
    ask = f"{sys.executable} -m course_utils --model {folder} --max-new-tokens 3"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], cwd=ROOT, env={**os.environ, "ASK": ask}, capture_output=True
    )
    return done.returncode, done.stderr.decode("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    ("command", "status", "part"),
    [
        ("$ASK hi | true", 0, "불러왔습니다"),
        ("$ASK - <&-", 2, "질문이 비어 있습니다"),
    ],
)
def test_odd_input_and_output(folder, command, status, part):
    code, err = shell(command, folder)
    assert code == status and part in err and "Traceback" not in err


def asked(folder, *arguments, first=""):
    """The command line over the tiny model, after the code ``first``: (status, stderr)."""
    code = f"{first}\nimport runpy; runpy.run_module('course_utils', run_name='__main__', alter_sys=True)"
    settings = ["--model", str(folder), "--max-new-tokens", "3"]
    done = run_code(code, [*settings, *arguments], env={**os.environ, "PYTHONPATH": str(ROOT)})
    return done.returncode, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are no bytes there")
def test_half_a_letter_as_the_question(folder):
    code, err = asked(folder, os.fsdecode(b"\xed\xa0\x80"))
    assert code == 0 and "불러왔습니다" in err and "Traceback" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_answer_that_nothing_takes(folder):
    full = "import os; os.dup2(os.open('/dev/full', os.O_WRONLY), 1)"
    code, err = asked(folder, "hi", first=full)
    assert code == 1 and "출력하지 못했습니다" in err and "Traceback" not in err


def set_template(folder, template):
    file = folder / "tokenizer_config.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    settings.pop("chat_template", None)
    (folder / "chat_template.jinja").unlink(missing_ok=True)
    if template:
        (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    file.write_text(json.dumps(settings), encoding="utf-8")


@pytest.mark.parametrize(
    ("template", "part"),
    [
        (None, "채팅 템플릿(chat template)이 없어"),
        ("{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}", "--system을 빼고"),
    ],
)
def test_templates_that_do_not_take_the_messages(folder, capsys, template, part):
    set_template(folder, template)
    assert main(["hi", "--system", "x", "--model", str(folder)]) == 1
    assert part in capsys.readouterr().err


def test_a_question_longer_than_the_models_positions(tmp_path, capsys):
    folder = write_exaone_checkpoint(tmp_path / "short", max_positions=64)
    assert main(["가나다라 " * 100, "--model", str(folder)]) == 1
    err = capsys.readouterr().err
    assert "질문이 너무 깁니다" in err and "64개까지" in err and "longer than" not in err


def test_the_answer_never_runs_past_the_models_positions(tmp_path, capsys, monkeypatch):
    folder = write_exaone_checkpoint(tmp_path / "short", max_positions=64)
    asked = {}
    from transformers import TextGenerationPipeline

    real = TextGenerationPipeline.__call__
    monkeypatch.setattr(TextGenerationPipeline, "__call__", lambda s, m, **k: asked.update(k) or real(s, m, **k))
    assert main(["가", "--model", str(folder), "--max-new-tokens", "5000"]) == 0
    assert 0 < asked["max_new_tokens"] < 64


@pytest.mark.parametrize("temperature", ["1e-38", "0", "nan"])
def test_temperatures_that_overflow(capsys, temperature):
    with pytest.raises(SystemExit) as caught:
        main(["hi", "--temperature", temperature])
    assert caught.value.code == 2 and "쓸 수 없습니다" in capsys.readouterr().err


def test_an_error_nobody_foresaw_is_one_korean_line(folder, capsys, monkeypatch):
    monkeypatch.setattr("course_utils.__main__._answer", lambda *_: 1 / 0)
    assert main(["hi", "--model", str(folder)]) == 1
    assert "답을 만들지 못했습니다(ZeroDivisionError" in capsys.readouterr().err
