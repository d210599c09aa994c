"""`make compat`: its sets, what it reads and writes, and the outcomes that must never look green."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools import compat
from tools.compat_clashes import clashes
from tools.compat_install import Environment, changes, clean_environment, last_lines, requirements_of
from tools.compat_sets import SETS, chosen, interpreter, read_pins
from tools.compat_summary import Outcome, Result, different, markdown, one_line, read_junit

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TEST_TOOLS = PROJECT["optional-dependencies"]["test"]
JUNIT = """<?xml version="1.0"?><testsuites><testsuite name="pytest" tests="5">
<testcase classname="tests.test_a" name="test_right" time="0.1"/>
<testcase classname="tests.test_a" name="test_wrong">
<failure message="assert 1 == 2&#10; + where">trace</failure></testcase>
<testcase classname="tests.test_b" name="test_broken"><error message="fixture"/></testcase>
<testcase classname="tests.test_b" name="test_left"><skipped message="no GPU"/></testcase>
<testcase classname="notebooks.00" name="Cell 1"/>
</testsuite></testsuites>"""


# --- the sets ---


def test_sets_can_be_moved_to_another_python():
    [colab, newest] = chosen(["colab", "newest@3.13"])
    assert colab is not SETS["newest"] and colab.preinstalled and colab.python == "3.13"
    assert (newest.name, newest.python, newest.constraints) == ("newest@3.13", "3.13", None)
    assert {one.python for one in chosen(compat.DEFAULT)} == {"3.11", "3.12", "3.13"}


@pytest.mark.parametrize("wrong", ["latest", "newest@", "newest@3", "newest@3.x", "newest@2.7", "@3.13", ""])
def test_unknown_sets_end_with_status_2_and_name_the_known(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        compat.main([wrong])
    assert ended.value.code == 2 and "oldest" in capsys.readouterr().err


@pytest.mark.parametrize("one", SETS.values(), ids=SETS)
def test_files_of_the_sets_are_exact_pins(one):
    if one.constraints:
        assert len(read_pins((ROOT / one.constraints).read_text(encoding="utf-8"))) > 15


@pytest.mark.parametrize("line", ["numpy", "numpy>=2", "numpy==2,<3", "numpy!=2"])
def test_a_line_that_is_no_exact_pin_is_refused(line):
    with pytest.raises(ValueError, match="no exact pin"):
        read_pins(line)


def test_the_oldest_set_has_every_lower_bound():
    """What pyproject.toml promises is what is tried; 0.22.1 stands for ">=0.22" where that line begins with it."""
    pins = read_pins((ROOT / "requirements/oldest.txt").read_text(encoding="utf-8"))
    above = []
    for requirement in map(Requirement, PROJECT["dependencies"] + TEST_TOOLS):
        [bound] = [Version(part.version).release for part in requirement.specifier if part.operator == ">="]
        pin = pins[canonicalize_name(requirement.name)]
        if pin not in requirement.specifier or Version(pin).release[: len(bound)] != bound:
            above.append(f"{requirement}: {pin}")
    assert above == []


def test_the_weekly_run_has_every_set_on_the_python_it_installs():
    weekly = (ROOT / ".github/workflows/weekly.yml").read_text(encoding="utf-8")
    rows = re.findall(r'- \{ set: (\S+), python: "(\S+)" \}', weekly)
    assert {name.partition("@")[0] for name, _ in rows} == set(SETS)
    assert [(one.name, one.python) for one in chosen(name for name, _ in rows)] == rows


# --- Colab keeps its versions ---


def test_nothing_that_the_course_brings_along_asks_colab_for_another_version():
    """Also what comes with it: gguf, itables, xllamacpp, aiohttp and all that these require in turn."""
    colab = read_pins((ROOT / "requirements/colab.txt").read_text(encoding="utf-8"))
    assert clashes(PROJECT["dependencies"], colab, SETS["colab"].python) == []
    older = clashes(PROJECT["dependencies"], colab | {"numpy": "1.0"}, SETS["colab"].python)
    assert "course: numpy>=1.26" in older and any(line.startswith("gguf: numpy") for line in older)


def test_a_clash_is_found_however_deep_and_only_where_it_holds():
    needs = {
        "first": ["second[fast]>=1", "absent; python_version < '3.13'"],
        "second": ["numpy>=1; extra == 'slow'", "third; extra == 'fast'"],
        "third": ["numpy>=2.2", "first", "torch"],
        "torch": ["never-followed"],
    }
    there = {"numpy": "2.1.3", "torch": "2.11.0+cu128"}
    assert clashes(["first"], there, "3.13", needs.__getitem__) == ["third: numpy>=2.2"]
    assert clashes(["first"], there | {"numpy": "2.2"}, "3.13", needs.__getitem__) == []
    assert clashes(["torch>=2.12"], there, "3.13", needs.__getitem__) == ["course: torch>=2.12"]


def test_pips_report_names_only_what_was_there_before():
    planned = [("NumPy", "2.4.6"), ("itables", "2.9.1"), ("huggingface_hub", "2.4.0")]
    report = {"install": [{"metadata": {"name": name, "version": version}} for name, version in planned]}
    before = {"numpy": "2.1.3", "huggingface-hub": "1.27.0", "torch": "2.11.0"}
    assert changes(report, before) == ["huggingface-hub 1.27.0 -> 2.4.0", "numpy 2.1.3 -> 2.4.6"]
    assert changes({"install": []}, before) == []


# --- installing ---


class FakePip(Environment):
    """An environment whose index lacks one version, and that cannot put other packages together."""

    def __init__(self, folder, offered, impossible=()):
        super().__init__(folder, folder)
        self.offered, self.impossible, self.tried = offered, impossible, []

    def pip(self, *arguments):
        if arguments[:2] == ("index", "versions"):
            versions = self.offered.get(arguments[2], [])
            text = f"{arguments[2]} (1.0)\nAvailable versions: {', '.join(versions)}\n" if versions else ""
            return subprocess.CompletedProcess(arguments, 0 if versions else 1, text, "")
        pins = read_pins((self.folder / "constraints.txt").read_text())
        self.tried.append(pins)
        lacking = [name for name, version in pins.items() if version not in self.offered.get(name, [])]
        wrong = lacking + [name for name in arguments if name in self.impossible]
        return subprocess.CompletedProcess(arguments, bool(wrong), "", "WARNING: x\nERROR: cannot\n" if wrong else "")


def test_a_pin_that_nobody_offers_is_given_up_and_named(tmp_path):
    pip = FakePip(tmp_path, {"numpy": ["2.1.3", "2.1.2"], "torch": ["2.11.0"]})
    assert pip.install(["numpy"], {"numpy": "2.1.3", "torch": "2.12.0", "gone": "1"}) == ["torch", "gone"]
    assert pip.tried[-1] == {"numpy": "2.1.3"}
    assert pip.install(["numpy"], {"numpy": "2.1.2"}) == []


def test_offered_versions_are_all_kept_when_they_cannot_be_combined(tmp_path):
    pip = FakePip(tmp_path, {"numpy": ["2.1.3"]}, impossible=["two"])
    with pytest.raises(compat.NotInstalled, match="^ERROR: cannot$"):
        pip.install(["two"], {"numpy": "2.1.3"})
    assert pip.tried == [{"numpy": "2.1.3"}]


def test_the_reason_is_looked_for_in_pips_last_lines():
    assert last_lines("ERROR: first\nHint\nWARNING: no\n") == "ERROR: first"
    assert last_lines("Killed") == "Killed" and last_lines("") == "pip said nothing"


def test_only_the_later_tools_are_missing_from_the_first_step():
    first, every = requirements_of(ROOT, SETS["colab"]), requirements_of(ROOT, SETS["ci"])
    assert set(every) - set(first) == {line for line in every if line.startswith("nbgrader")} != set()
    assert len(every) == 2 + len(TEST_TOOLS)


def test_an_outer_make_does_not_steer_the_inner_one(monkeypatch):
    for name in ("MAKEFLAGS", "CONSTRAINTS", "VENV", "PYTHONPATH", "PYTEST_ADDOPTS", "PIP_CONSTRAINT", "TESTED"):
        monkeypatch.setenv(name, "outer")
    monkeypatch.setenv("COURSE_BROWSER", "chromium")
    assert "outer" not in clean_environment().values() and clean_environment()["COURSE_BROWSER"] == "chromium"


def test_an_interpreter_is_found_by_its_version_only():
    own = ".".join(map(str, sys.version_info[:2]))
    found = interpreter(own)
    assert subprocess.check_output([found, "-V"], text=True).startswith(f"Python {own}.")
    assert interpreter("3.2") is None


# --- reading and writing ---


def test_outcome_is_read_out_of_a_junit_file(tmp_path):
    path = tmp_path / "junit.xml"
    path.write_text(JUNIT)
    outcome = read_junit(path)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (2, 2, 1)
    assert outcome.failures == [("tests.test_a::test_wrong", "assert 1 == 2"), ("tests.test_b::test_broken", "fixture")]
    assert outcome + Outcome(passed=1, failed=1, failures=[("c", "d")]) == Outcome(
        3, 1, 3, [*outcome.failures, ("c", "d")]
    )


def test_one_line_is_the_first_that_says_something():
    assert one_line("\n  \n  reason \nmore") == "reason" and one_line("") == ""
    assert len(one_line("x" * 1000)) == 200 and one_line("x" * 1000).endswith("...")


def test_a_build_label_is_no_difference_and_an_unneeded_pin_neither():
    wished = {"torch": "2.11.0", "notebook": "6.5.7", "ray": "2"}
    installed = {"torch": "2.11.0+cpu", "notebook": "7.6.5"}
    assert different(wished, installed) == ["notebook 6.5.7 wished, 7.6.5 taken"]


def test_summary_has_a_row_for_each_set_and_names_what_failed():
    failed = Outcome(5, 1, 41, [(f"tests.t::test_{n}", "a `code` | bar") for n in range(41)])
    results = [
        Result(
            "colab", "3.13", "failed", versions={"torch": "2.11.0"}, outcome=failed, minutes={"install": 2.0, "t": 9.4}
        ),
        Result("ci@3.12", "3.12", "not run", problems=["no Python 3.12 on this machine"]),
    ]
    text = markdown(results, "abc", "2026-11-22")
    assert "| colab | 3.13 | failed | 5 | 41 | 1 | 11 |" in text and "| torch | 2.11.0 | - |" in text
    assert "| ci@3.12 | 3.12 | not run | 0 | 0 | 0 | 0 |" in text and "- no Python 3.12 on this machine" in text
    assert "- `tests.t::test_0`: `a 'code' | bar`" in text and "test_40" not in text and "- and 1 more" in text
