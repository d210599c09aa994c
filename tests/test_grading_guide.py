"""docs/instructor/grading.ko.md: its commands, options, files and messages are the tools' own."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from answer_key import load_set, set_names
from course_utils.grading import bubblewrap, class_state, grading_run, reports, sandbox
from course_utils.grading.command_line import _parser
from course_utils.grading.overrides_file import read_overrides
from course_utils.grading.results import STATUSES

ROOT = Path(__file__).resolve().parent.parent
PART = (ROOT / "docs/instructor/grading.ko.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^ *```(\w*)\n(.*?)^ *```", PART, flags=re.DOTALL | re.MULTILINE)
LINES = [line.strip() for kind, block in BLOCKS if not kind for line in block.splitlines()]
COMMANDS = [line.partition(" > ")[0] for line in LINES if line.startswith("python -m course_utils.grading")]
FOLDERS = {load_set(name).folder for name in set_names()}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one_that_the_grader_takes(command):
    assert _parser().parse_args(shlex.split(command)[3:])


def test_all_commands_of_the_grader_are_shown():
    assert {shlex.split(command)[3] for command in COMMANDS} == {"grade", "check-machine", "overrides-example"}


def test_every_option_that_the_guide_names_exists():
    [commands] = [action for action in _parser()._actions if action.dest == "command"]
    known = {option for one in commands.choices.values() for action in one._actions for option in action.option_strings}
    named = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", " ".join(COMMANDS))) | set(re.findall(r"`(--[a-z-]+)", PART))
    nbgrader_own = {"--force"}
    assert len(named) >= 7 and named - nbgrader_own <= known


@pytest.mark.nbgrader
def test_nbgrader_commands_exist_and_name_a_set():
    from nbgrader.apps import NbGraderApp

    lines = [line for line in LINES if line.startswith("nbgrader ")]
    assert len(lines) == 4
    for line in [*lines, *re.findall(r"`(nbgrader [a-z_]+[^`]*)`", PART)]:
        _, app, *rest = line.split()
        assert app in NbGraderApp.subcommands
        assert all(word in FOLDERS for word in rest if word.startswith("ex0"))


def test_make_targets_and_files_are_real():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z-]+)", PART):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
    assert "SUBMITTED" in makefile and "GRADES" in makefile
    for path in re.findall(r"`((?:exercises|tools)/[\w/.]+)", PART):
        assert (ROOT / path).exists(), path


def test_toml_of_the_guide_is_read(tmp_path):
    texts = [re.sub(r"^ {3}", "", block, flags=re.MULTILINE) for kind, block in BLOCKS if kind == "toml"]
    assert len(texts) == 2 and all(tomllib.loads(text) for text in texts)
    path = tmp_path / "overrides.toml"
    path.write_text("\n".join(texts), encoding="utf-8")
    overrides = read_overrides(path, {name: load_set(name) for name in set_names()})
    assert overrides.manual == {"홍길동": {"predictions_reason": 1.5}}
    assert overrides.policies["all"].maximum_percent == 50


def test_results_are_called_as_they_are_written():
    written = Path(reports.__file__).read_text(encoding="utf-8")
    for name in ("grades.csv", "grades_long.csv", "class_report.html", "to_grade.html", "grades.json"):
        assert f"| `{name}` |" in PART and f'"{name}"' in written
    assert class_state._SEED in PART and grading_run.OVERRIDES_NAME in PART
    assert all(status in PART for status in STATUSES)


def test_messages_of_the_table_are_the_grader_s_own():
    modules = " ".join(path.read_text(encoding="utf-8") for path in Path(bubblewrap.__file__).parent.glob("*.py"))
    messages = re.findall(r'^\| "([^"]+)" \|', PART, flags=re.MULTILINE)
    assert len(messages) >= 4
    for message in messages:
        assert message in modules, message
    assert "제출물을 가두는 방법: " in modules and sandbox.NO_SANDBOX.startswith(messages[0])


def test_what_holds_names_is_never_committed():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {
        "submitted/",
        "grades/",
        "overrides.toml",
        "roster.csv",
        "autograded/",
        "feedback/",
        "gradebook.db*",
    } <= set(ignored)
