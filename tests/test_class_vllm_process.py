"""Starting vLLM for a class: with programs that stand in for it everywhere, with vLLM itself where it is installed."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from course_utils.errors import CourseError
from tools.class_server import main
from tools.class_vllm import VllmPlan
from tools.class_vllm_process import VllmProcess, gpu_gib

ROOT = Path(__file__).resolve().parent.parent

FAKE = '''#!{python}
"""Stands in for vllm: checks how it is called, then serves /health (or ends, or hangs)."""
import http.server, json, os, sys, time
print("called", sys.argv[1:], "key", os.environ["VLLM_API_KEY"], flush=True)
if "{how}" == "breaks":
    sys.exit("no GPU")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()
    log_message = lambda *_: None
if "{how}" == "hangs":
    time.sleep(60)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Handler).serve_forever()
'''


@pytest.fixture
def fake_vllm(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))

    def write(how):
        program = tmp_path / "vllm"
        program.write_text(FAKE.format(python=sys.executable, how=how))
        program.chmod(0o755)
        return str(program)

    return write


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.mark.skipif(sys.platform == "win32", reason="vLLM does not run on Windows")
class TestStarting:
    def test_vllm_is_waited_for_and_ended(self, fake_vllm):
        with VllmProcess(VllmPlan("folder", port=free_port()), fake_vllm("works")) as process:
            assert process.running
            said = process.log.read_text()
            assert process.key in said and "'--port'" in said
        assert not process.running
        assert len(process.key) >= 32

    def test_a_vllm_that_breaks_is_told_with_its_last_words_but_without_the_key(self, fake_vllm):
        process = VllmProcess(VllmPlan("folder", port=free_port()), fake_vllm("breaks"))
        with pytest.raises(CourseError, match="no GPU") as caught, process:
            pass
        assert process.key not in str(caught.value)

    def test_a_vllm_that_never_gets_ready_is_ended(self, fake_vllm):
        process = VllmProcess(VllmPlan("folder", port=free_port()), fake_vllm("hangs"), start_seconds=0.5)
        with pytest.raises(CourseError, match="준비되지"), process:
            pass
        assert not process.running

    def test_the_largest_gpus_memory_is_what_nvidia_smi_says(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        program = tmp_path / "nvidia-smi"
        for script, gib in (("echo 15360; echo 24576", 24.0), ("echo no devices", None), ("exit 9", None)):
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
            assert gpu_gib() == gib

    def test_a_missing_program_and_several_machines_are_refused(self, fake_vllm):
        with pytest.raises(CourseError, match="--start vllm-env"), VllmProcess(VllmPlan("folder"), "/nowhere/vllm"):
            pass
        with pytest.raises(CourseError, match="여러 컴퓨터"):
            VllmProcess(VllmPlan("folder", machines=("10.0.0.1", "10.0.0.2")))


ENGINE = '''#!{python}
"""Stands in for vllm with a real engine behind the same options: llama.cpp on the bundled model."""
import os, sys, time
import xllamacpp
from course_utils.gguf_files import gguf_for
option = lambda name: sys.argv[sys.argv.index(name) + 1]
params = xllamacpp.CommonParams()
params.model.path, params.model_alias = str(gguf_for("mini").path), {{option("--served-model-name")}}
if hasattr(params, "hostnames"):
    params.hostnames = [option("--host")]
else:  # until xllamacpp 2026.9
    params.hostname = option("--host")
params.port = int(option("--port"))
params.api_keys, params.n_parallel, params.n_ctx, params.ui = [os.environ["VLLM_API_KEY"]], 2, 512, False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
time.sleep(60)
'''


@pytest.mark.skipif(sys.platform == "win32", reason="vLLM does not run on Windows")
def test_a_student_is_answered_through_the_gate_by_an_engine_started_as_vllm_is(tmp_path, monkeypatch, capfd):
    program = tmp_path / "vllm"
    program.write_text(ENGINE.format(python=sys.executable))
    program.chmod(0o755)
    words = ["vllm", "folder", "--start", str(program), "--check", "--name", "our-exaone", "--port", "0"]
    words += ["--engine-port", str(free_port()), "--handout", str(tmp_path), "--key-file", str(tmp_path / "keys.txt")]
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr("tools.class_server.signal.signal", lambda *_: None)
    assert main(words) == 0, capfd.readouterr()
    said = capfd.readouterr().out
    assert said.count("[됨]") == 4 and "모델: our-exaone" in said
    assert [p for p in psutil.process_iter(["cmdline"]) if str(program) in (p.info["cmdline"] or [])] == []


@pytest.mark.gpu
@pytest.mark.skipif(
    shutil.which("vllm") is None, reason="needs vLLM and a CUDA GPU; set up as requirements/vllm.txt says"
)
def test_vllm_serves_the_bundled_model_as_a_llama_folder(tmp_path):
    """On a machine with vLLM in PATH: the round trip that a student makes, through the gate."""
    from course_utils.convert import to_llama
    from course_utils.known_models import MINI_FOLDER

    to_llama(MINI_FOLDER, tmp_path / "mini-llama", dtype="float16")
    words = [sys.executable, "-m", "tools.class_server", "vllm", str(tmp_path / "mini-llama"), "--start", "--check"]
    words += ["--dtype", "float16", "--context", "512", "--answer", "200", "--memory", "0.3", "--port", "0"]
    words += ["--engine-port", str(free_port()), "--handout", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\[됨\] 스트리밍", done.stdout)
