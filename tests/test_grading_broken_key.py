"""An answer key that cannot be loaded costs its own set the points for this run, and no other set anything."""

import json
import os
import random
import shutil
import subprocess
import sys

import pytest
from exercise_notebooks import ROOT

from answer_key import load_set
from tools.fake_class import Student, write_class

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading needs a sandbox of Linux")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "mini", "*.safetensors")


@pytest.fixture
def course(tmp_path):
    """A copy of the course whose answer key of ex05 has a slip of the keyboard in it."""
    for name in ("course_utils", "answer_key", "exercises"):
        shutil.copytree(ROOT / name, tmp_path / "course" / name, ignore=_LEFT_OUT)
    with (tmp_path / "course" / "answer_key" / "ex05" / "__init__.py").open("a") as file:
        file.write("\nSET = = SET\n")
    return tmp_path / "course"


def run(course, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(course)}
    command = [sys.executable, "-m", "course_utils.grading", *map(str, arguments)]
    return subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, encoding="utf-8")


def test_the_other_sets_are_graded_and_the_reason_is_told(course, tmp_path):
    students = [Student("가온", "ex04", "perfect", {}), Student("나래", "ex05", "perfect", {})]
    submitted = write_class(tmp_path / "class", students, random.Random(0))
    (tmp_path / "overrides.toml").write_text('[manual."나래"]\nhidden_default_reason = 1\n', encoding="utf-8")
    options = ["--out", tmp_path / "out", "--overrides", tmp_path / "overrides.toml"]
    done = run(course, "grade", submitted, *options)
    assert done.returncode == 1 and "채점함 1" in done.stdout and "채점하지 못함 1" in done.stdout, done.stderr
    good, failed = json.loads((tmp_path / "out" / "grades.json").read_text(encoding="utf-8"))["grades"]
    key = load_set("ex04")
    assert sum(task["earned"] for task in good["tasks"]) == key.points - sum(task.manual_points for task in key.tasks)
    assert failed["status"] == "failed" and "ex05의 정답" in failed["notes"][-1]
    assert "SyntaxError" in failed["notes"][-1] and str(course) not in failed["notes"][-1]
    shutil.copy(ROOT / "answer_key" / "ex05" / "__init__.py", course / "answer_key" / "ex05")
    again = run(course, "grade", submitted, *options)
    assert again.returncode == 0 and "채점함 2" in again.stdout, again.stderr
    told = run(course, "check-machine").stdout
    assert "ex05" in told and "불러오지 못해" not in told


def test_the_machine_check_tells_it(course):
    assert "ex05의 정답(answer_key)을 불러오지 못해" in run(course, "check-machine").stdout
