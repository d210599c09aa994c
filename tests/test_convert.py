"""The converters from the shell."""

import os
import subprocess
import sys

import pytest
from checkpoints import write_exaone_checkpoint
from hub_server import local_hub

from course_utils import convert
from course_utils.gguf_header import read_header
from course_utils.known_models import MINI_FOLDER


def test_both_formats_are_written_and_told(tmp_path, capsys):
    assert convert.main(["gguf", "mini", str(tmp_path / "mini.gguf"), "--dtype", "float32"]) == 0
    assert read_header(tmp_path / "mini.gguf").metadata["general.file_type"] == 0
    assert convert.main(["llama", str(MINI_FOLDER), str(tmp_path / "llama")]) == 0
    assert (tmp_path / "llama" / "model.safetensors").exists()
    assert capsys.readouterr().out.splitlines() == [
        f"만들었습니다: {tmp_path / 'mini.gguf'}",
        f"만들었습니다: {tmp_path / 'llama'}",
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["llama", "minni", "x"], 2, "혹시 'mini' 아닌가요?"),
        (["gguf", "no/such/folder", "x"], 2, "모델 경로가 없습니다"),
        (["llama", "{tmp}/llama", "{tmp}/again"], 1, "model_type: llama"),
        (["llama", "mini", "{tmp}/llama"], 1, "이미 있는 이름"),
        (["gguf", "{tmp}/m.gguf", "{tmp}/x.gguf"], 1, "이미 GGUF 파일"),
    ],
)
def test_errors_are_one_korean_message_and_a_status(tmp_path, capsys, arguments, status, said):
    convert.to_llama(MINI_FOLDER, tmp_path / "llama")
    convert.to_gguf(MINI_FOLDER, tmp_path / "m.gguf")
    assert convert.main([argument.format(tmp=tmp_path) for argument in arguments]) == status
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("오류: ") and said in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "빠진 것이 있습니다: FORMAT, SRC, DST"),
        (["onnx", "mini", "x"], "'onnx' 값은 쓸 수 없습니다"),
        (["gguf", "mini", "x", "--dtype", "int4"], "'int4' 값은 쓸 수 없습니다"),
        (["gguf", "mini", "x", "--tpye", "float32"], "모르는 옵션입니다: --tpye"),
    ],
)
def test_wrong_arguments_are_told_in_korean(capsys, arguments, said):
    with pytest.raises(SystemExit) as left:
        convert.main(arguments)
    err = capsys.readouterr().err
    assert left.value.code == 2 and err.startswith("사용법: ") and said in err
    assert "invalid" not in err and "required" not in err


def test_help_is_korean(capsys):
    with pytest.raises(SystemExit) as left:
        convert.main(["--help"])
    out = capsys.readouterr().out
    assert left.value.code == 0 and "사용법" in out and "비상업" in out
    assert not {"usage", "positional", "show this"} & set(out.split())


def test_ctrl_c_is_quiet(tmp_path, monkeypatch, capsys):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(convert, "to_gguf", interrupted)
    assert convert.main(["gguf", "mini", str(tmp_path / "x.gguf")]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_model_on_the_hub_is_downloaded_and_then_found_in_the_cache(tmp_path):
    repository = write_exaone_checkpoint(tmp_path / "tiny", shards=2, dtype="bfloat16")
    keep = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    settings = {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_DISABLE_XET": "1", "NO_PROXY": "127.0.0.1"}

    def run(target, endpoint, **more):
        command = [sys.executable, "-m", "course_utils.convert", "llama", "owner/tiny", str(tmp_path / target)]
        environment = {**keep, **settings, "HF_ENDPOINT": endpoint, **more}
        return subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120)

    with local_hub(repository) as (address, _):
        first = run("one", address)
    assert first.returncode == 0 and "내려받습니다" in first.stdout, first.stderr
    second = run("two", "http://127.0.0.1:9")
    assert second.returncode == 0 and second.stdout.splitlines() == [f"만들었습니다: {tmp_path / 'two'}"], second.stderr
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
