"""The forked process is what a fresh one is: its own environment, path, output, status; libraries not loaded yet."""

import json
import os
import sys

import pytest
from warm_python import FRESH, run_code

SEEN = """
import json, os, sys
print(json.dumps([dict(os.environ), sys.argv, __name__, os.getcwd(), sys.path[:2], sorted(sys.modules)]))
print("한글", file=sys.stderr)
"""


def test_environment_arguments_and_output_are_its_own_and_libraries_are_fresh(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run_code(SEEN, ["a", "b"], env={"HF_HOME": "x", "PYTHONPATH": "/somewhere"})
    assert (done.returncode, done.stderr) == (0, "한글\n")
    environment, argv, name, cwd, path, modules = json.loads(done.stdout)
    assert environment.items() >= {"HF_HOME": "x", "PYTHONPATH": "/somewhere"}.items() and "PATH" not in environment
    assert (argv, name, cwd, path) == (["-c", "a", "b"], "__main__", str(tmp_path), ["", "/somewhere"])
    assert not set(FRESH) & set(modules)
    if sys.platform == "linux":
        assert "torch" in modules


def test_one_process_leaves_nothing_for_the_next():
    run_code("import os, sys; os.environ['LEFT'] = 'x'; sys.left = 1; left = 2", env=os.environ)
    code = "import os, sys; print('LEFT' in os.environ, hasattr(sys, 'left'), 'left' in globals())"
    assert run_code(code, env=os.environ).stdout == "False False False\n"


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [("raise SystemExit(3)", 3, ""), ("1 / 0", 1, "ZeroDivisionError"), ("import os; os.abort()", -6, "")],
)
def test_statuses_are_those_of_a_process(code, status, said):
    done = run_code(code, env=os.environ)
    assert done.returncode == status and said in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere subprocess raises its own error")
def test_a_process_that_hangs_is_ended():
    assert run_code("import time; time.sleep(60)", env=os.environ, seconds=1).returncode == -14
    assert run_code("print(1)", env=os.environ).stdout == "1\n"


def test_what_runs_at_exit_runs():
    assert run_code("import atexit; atexit.register(print, 'bye'); print('hi')", env=os.environ).stdout == "hi\nbye\n"


def test_standard_input_is_its_own_and_may_be_set_up():
    code = "import sys; sys.stdin.reconfigure(encoding='utf-8'); print(sys.stdin.read())"
    assert [run_code(code, env=os.environ, stdin=text.encode()).stdout for text in ("가", "")] == ["가\n", "\n"]
