"""The suite can fail: the same attacks succeed without a sandbox, and where tests run in the student's process."""

import subprocess
import sys

import pytest
from attack_class import end_workers
from attack_notebooks import FILE, FULL, ROOT, SECRET
from attack_runs import Run
from score_attacks import SCORES

from course_utils.grading.sandbox import choose_sandbox


def test_without_a_sandbox_the_same_attacks_succeed(tmp_path):
    """So the tests above can fail: files are read, points got from them, a neighbour robbed, programs left running."""
    names = ("secret_neighbour", "secret_loopback", "writes_secret", "references_from_files", "solution_notebook_run",
             "sleepers_left")  # fmt: skip
    run = Run(tmp_path / "world", choose_sandbox(allow_none=True), names)
    end_workers()
    assert len(run.graded.left) >= 30
    assert run.graded.written.count(SECRET) >= 2
    assert (run.graded.world / "secret.txt").read_text() == f"{SECRET}x"
    assert run.earned("references_from_files") > FULL / 2 and run.earned("solution_notebook_run") == FULL


IN_ONE_PROCESS = """
import json, sys
from answer_key import load_set
tasks = [(task.name, task.answers) for task in load_set("ex04").tasks if task.kind != "text"]
space = {"get_ipython": lambda: None, "display": print}
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code" and "demo" not in cell["metadata"].get("tags", []):
        try:
            exec("".join(cell["source"]), space)
        except (Exception, SystemExit):
            pass
from answer_key.hidden import check_hidden
print("POINTS", sum(check_hidden(name, *(space.get(answer) for answer in answers)) for name, answers in tasks))
"""


@pytest.mark.parametrize("name", ["patched_scoring", "patched_hidden_check", "references_from_files"])
def test_graded_in_the_students_process_the_same_attacks_succeed(tmp_path, name):
    """As a notebook is graded whose tests stand in its own cells."""
    next(attack for attack in SCORES if attack.name == name).write(tmp_path)
    command = [sys.executable, "-c", IN_ONE_PROCESS, str(tmp_path / FILE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert float(done.stdout.rpartition("POINTS")[2]) > FULL / 2, done.stderr[-500:]
