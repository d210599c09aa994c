"""The child is launched with the same interpreter and packages, without secrets, wherever the parent stands."""

import json
import os
import subprocess
import sys

import pytest
from engine_children import alive, gone, parent

from course_utils import engine_launch
from course_utils.engine_settings import EngineSettings
from course_utils.errors import CourseError
from course_utils.gguf_files import gguf_for

# In a folder that is deleted at once, with packages that only this process's search path knows.
FROM_NOWHERE = """
import json, os, sys, tempfile
sys.path[:] = json.loads(sys.argv[2])
folder = tempfile.mkdtemp()
os.chdir(folder)
os.rmdir(folder)
from course_utils.engine import Engine
from course_utils.engine_settings import EngineSettings
engine = Engine(EngineSettings.from_json(sys.argv[1]))
print(engine.pid, flush=True)
"""

BROKEN_THERE = "import os, tempfile; folder = tempfile.mkdtemp(); os.chdir(folder); os.rmdir(folder); import socket"


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be deleted there")
def test_a_server_starts_from_a_deleted_folder_with_packages_only_on_the_search_path():
    settings = EngineSettings(gguf=str(gguf_for("mini").path), model="mini", keys=("a-key-for-tests",), threads=1)
    path = json.dumps([each for each in sys.path if each] + [str(engine_launch.Path.cwd())])
    bare = getattr(sys, "_base_executable", sys.executable)  # knows nothing of the environment's packages
    cache = {"COURSE_CACHE": os.environ["COURSE_CACHE"]} if "COURSE_CACHE" in os.environ else {}
    environment = {"HOME": os.environ.get("HOME", "/"), **cache}
    if "SystemError" in subprocess.run([bare, "-c", BROKEN_THERE], capture_output=True, text=True).stderr:
        pytest.skip("this Python (3.13.0) cannot miss an attribute in a deleted folder, and so not import socket")
    code = FROM_NOWHERE + "assert engine.running"
    with parent(code, settings.to_json(), path, python=bare, options=["-S", "-E"], env=environment) as process:
        out, error = process.communicate(timeout=30)
        assert process.returncode == 0, error
        assert gone(int(out)) and not alive(int(out))


def test_the_environment_of_the_child_holds_no_secret(monkeypatch):
    secrets = ["OPENAI_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "my_password", "Some_Api_Key", "LLAMA_APIKEY"]
    for name in secrets:
        monkeypatch.setenv(name, "hidden")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    environment = engine_launch.environment()
    assert not set(secrets) & environment.keys() and "hidden" not in environment.values()
    assert environment["GOMP_SPINCOUNT"].isdigit()
    assert environment["OMP_NUM_THREADS"] == "1" and environment["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize(("name", "value"), [("GOMP_SPINCOUNT", "7"), ("OMP_WAIT_POLICY", "ACTIVE")])
def test_a_learners_own_choice_of_how_threads_wait_stays(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    environment = engine_launch.environment()
    assert environment[name] == value and len({"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & environment.keys()) == 1


def test_the_current_folder_is_not_searched_for_packages_and_this_package_always_is(monkeypatch):
    root = str(engine_launch.Path(engine_launch.__file__).parents[1])
    monkeypatch.setattr(sys, "path", ["", "relative", "/usr/lib/python", engine_launch.Path("/no/string")])
    assert engine_launch.search_path() == ["/usr/lib/python", root]
    monkeypatch.setattr(sys, "path", ["/first", root, "/last"])
    assert engine_launch.search_path() == ["/first", root, "/last"]


@pytest.mark.parametrize("odd", ["", None, "/no/such/python3", "/bin/sh", os.curdir])
def test_the_interpreter_is_found_when_sys_executable_is_odd(monkeypatch, odd):
    monkeypatch.setattr(sys, "executable", odd)
    code = "import sys; print(sys.version_info[:2])"
    said = subprocess.run([engine_launch.python(), "-S", "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(sys.version_info[:2])


def test_a_machine_without_an_interpreter_is_told_in_korean(monkeypatch, tmp_path):
    for name in ("executable", "_base_executable", "prefix", "base_prefix"):
        monkeypatch.setattr(sys, name, str(tmp_path))
    with pytest.raises(CourseError, match="파이썬 프로그램을 찾지 못했습니다"):
        engine_launch.python()
