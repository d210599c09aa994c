"""The house itself: READMEs in two languages that say the same, requirements that agree, sizes, make targets."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
MAX_FILE_BYTES = 2_000_000
MAX_MODULE_LINES = 300


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def tracked_files():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for path in (ROOT / name for name in listed.stdout.split("\0") if name) if path.exists()]


# --- the two READMEs ---


def code_blocks(text):
    return re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL)


def outline(text):
    """What both languages must share, in order of appearance: heading levels, commands, shapes of tables and lists,
    targets of links, and everything set as code."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return {
        "headings": re.findall(r"^#+(?= )", prose, re.MULTILINE),
        "commands": code_blocks(text),
        "tables": [row.count("|") for row in re.findall(r"^\|.*\|$", prose, re.MULTILINE)],
        "lists": re.findall(r"^ *-(?= )", prose, re.MULTILINE),
        "links": sorted(link for link in re.findall(r"\]\(([^)]+)\)", prose) if not link.startswith("README")),
        "code": sorted(re.findall(r"`([^`\n]+)`", prose)),
        "lesson minutes": re.findall(r"^\| (\d\d) [^|]*\| *(\S+) *\|", prose, re.MULTILINE),
    }


@pytest.mark.parametrize("part", outline("").keys())
def test_readmes_say_the_same(part):
    english, korean = outline(read("README.md"))[part], outline(read("README.ko.md"))[part]
    assert english == korean
    assert english, "nothing compared"


def test_readmes_are_in_their_language_and_link_to_each_other():
    def share_of_hangul(text):
        letters = re.findall(r"[^\W\d_]", "".join(re.split(r"^```.*?^```$", text, flags=re.MULTILINE | re.DOTALL)))
        return sum("가" <= letter <= "힣" for letter in letters) / len(letters)

    assert share_of_hangul(read("README.md")) < 0.02 and share_of_hangul(read("README.ko.md")) > 0.4
    assert "(README.ko.md)" in read("README.md") and "(README.md)" in read("README.ko.md")


def test_readme_lists_every_lesson_with_its_time():
    rows = re.findall(r"\| (\d+) \| \[!.*?notebooks/(\S+?)\)", read("README.md"))
    listed = {name: int(minutes) for minutes, name in rows}
    assert set(listed) == {path.name for path in ROOT.glob("notebooks/*.ipynb")}
    for name, minutes in listed.items():
        assert f"{minutes}분" in read(f"notebooks/{name}"), f"{name} itself names another time"


def test_readme_lists_every_exercise_set_with_its_time():
    rows = re.findall(r"\| (\d+) \| \[!.*?exercises/(\S+?)\)", read("README.md"))
    listed = {name: int(minutes) for minutes, name in rows}
    assert set(listed) == {f"{path.parent.name}/{path.name}" for path in ROOT.glob("exercises/*/*.ipynb")}
    for name, minutes in listed.items():
        assert f"때 {minutes}분" in read(f"exercises/{name}"), f"{name} itself names another time"


PAGES = ["README.md", "README.ko.md", *sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md"))]


@pytest.mark.parametrize("page", PAGES)
def test_links_inside_the_project_lead_somewhere(page):
    targets = [t for t in re.findall(r"\]\(([^)#]+)[^)]*\)", read(page)) if not t.startswith("http")]
    assert [t for t in targets if not ((ROOT / page).parent / t).exists()] == []


# --- requirements ---


def pins(path):
    """Package -> exact version; an entry that is no exact pin is an error."""
    found = {}
    for line in read(path).splitlines():
        if line.strip() and not line.startswith("#"):
            [specifier] = Requirement(line).specifier
            assert specifier.operator == "==", line
            found[canonicalize_name(Requirement(line).name)] = specifier.version
    return found


def project():
    return tomllib.loads(read("pyproject.toml"))["project"]


def ranges():
    """Every requirement of the package, of its extras and of requirements.txt."""
    extras = [line for group in project().get("optional-dependencies", {}).values() for line in group]
    local = [line for line in read("requirements.txt").splitlines() if line and line[0] not in "#-"]
    return [Requirement(line) for line in project()["dependencies"] + extras + local]


def test_ci_pins_every_requirement_inside_its_range():
    pinned = pins("requirements/ci.txt")
    outside = [str(r) for r in ranges() if not r.specifier.contains(pinned.get(canonicalize_name(r.name), "0"))]
    assert outside == []
    assert all(r.specifier for r in ranges())


def test_installed_versions_are_the_pinned_ones():
    """`pip install -c` really used the file: the environment of `make test` has what it says."""
    constraints = os.environ.get("CONSTRAINTS", "requirements/ci.txt")  # make hands its variable on
    if Path(sys.prefix) != ROOT / ".venv":
        pytest.skip("not the environment that make test builds")
    if not constraints:
        pytest.skip("make was told to install without the pins")
    frozen = subprocess.run([sys.executable, "-m", "pip", "freeze"], capture_output=True, text=True, check=True)
    versions = dict(line.split("==") for line in frozen.stdout.splitlines() if "==" in line)
    pinned = pins(constraints)
    different = {
        name: version
        for name, version in versions.items()
        if version.split("+")[0] != pinned.get(canonicalize_name(name), version)
    }
    assert different == {}


def test_pinned_versions_run_on_the_first_release_of_the_oldest_python():
    """A pin for 3.11.5 and later stops `make lab` on Debian 12, whose Python is 3.11.2."""
    pinned = pins("requirements/ci.txt")
    oldest = project()["requires-python"].removeprefix(">=") + ".0"
    found = [one for one in metadata.distributions() if one.version == pinned.get(canonicalize_name(one.name))]
    assert found
    pythons = {one.name: one.metadata["Requires-Python"] or "" for one in found}
    assert {name: python for name, python in pythons.items() if oldest not in SpecifierSet(python)} == {}


def test_colab_needs_no_other_version_than_it_has():
    colab = pins("requirements/colab.txt")
    required = [Requirement(line) for line in project()["dependencies"]]
    there = [r for r in required if canonicalize_name(r.name) in colab]
    assert {r.name for r in there} >= {"torch", "transformers", "accelerate", "numpy", "safetensors"}
    assert [str(r) for r in there if not r.specifier.contains(colab[canonicalize_name(r.name)])] == []


def test_package_itself_needs_no_jupyter():
    names = {canonicalize_name(Requirement(line).name) for line in project()["dependencies"]}
    assert names.isdisjoint({"jupyterlab", "notebook", "nbval", "nbgrader", "pytest"})


def test_every_import_of_the_package_is_declared():
    """Third-party modules that course_utils imports, anywhere in a file, stand among its dependencies."""
    imported = set()
    for path in (ROOT / "course_utils").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {canonicalize_name(alias.name.split(".")[0]) for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(canonicalize_name(node.module.split(".")[0]))
    own = {canonicalize_name(name) for name in sys.stdlib_module_names} | {"course-utils"}
    own |= {"answer-key"}  # beside the package in a checkout; the grader says so where it is missing
    declared = {canonicalize_name(Requirement(line).name) for line in project()["dependencies"]}
    optional = {"ipython", "google"}  # used only where a notebook has already loaded them
    assert imported - own - optional - declared == set()


def test_versions_agree():
    import course_utils

    assert project()["version"] == course_utils.__version__
    assert f"## {course_utils.__version__}" in read("CHANGELOG.md")


# --- the package's rooms ---


def rooms():
    """Module -> modules of the package that it may use, from the table of docs/architecture.md."""
    section = read("docs/architecture.md").split("\n## The package\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", section, re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", uses)) for name, uses in rows}


def imports_of(path):
    """Modules of course_utils that a file imports, at its top or inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("course_utils.")}
        elif isinstance(node, ast.ImportFrom) and (node.level or node.module.split(".")[0] == "course_utils"):
            inner = (node.module or "").removeprefix("course_utils").lstrip(".")
            found |= {inner.split(".")[0]} if inner else {alias.name for alias in node.names}
    return found


def test_every_module_has_its_room_and_its_imports_follow_the_arrows():
    modules = {path.stem: path for path in (ROOT / "course_utils").glob("*.py") if path.stem != "__init__"}
    assert set(rooms()) == set(modules)
    assert {name: extra for name, path in modules.items() if (extra := imports_of(path) - rooms()[name])} == {}
    assert {name: gone for name, path in modules.items() if (gone := rooms()[name] - imports_of(path))} == {}


@pytest.mark.parametrize("folder", ["checks", "grading"])
def test_every_module_of_a_subpackage_has_its_row(folder):
    rows = set(re.findall(rf"^\| `{folder}\.(\w+)` \|", read("docs/architecture.md"), re.MULTILINE))
    assert rows == {path.stem for path in (ROOT / "course_utils" / folder).glob("*.py")} - {"__init__"}


def test_package_never_imports_the_tools_or_the_tests():
    pattern = re.compile(r"^\s*(from|import) (tools|tests)\b", re.MULTILINE)
    assert [p for p in (ROOT / "course_utils").rglob("*.py") if pattern.search(p.read_text(encoding="utf-8"))] == []


# --- sizes, make targets, CI ---


def test_no_large_file_outside_the_assets():
    large = [p for p in tracked_files() if p.stat().st_size > MAX_FILE_BYTES and "assets" not in p.parts]
    assert large == []


def test_no_module_is_too_long():
    modules = [path for path in tracked_files() if path.suffix == ".py"]
    long = {path.name: n for path in modules if (n := len(path.read_text("utf-8").splitlines())) > MAX_MODULE_LINES}
    assert modules and long == {}


def make(*arguments):
    if os.name == "nt" or shutil.which("make") is None:
        pytest.skip("make is for Linux and macOS; Windows users have plain lines in the README")
    # What an outer `make test` hands on (flags, VENV=...) must not steer this inner make.
    outer = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", env=outer)


@pytest.mark.parametrize(
    "target",
    [
        "lab",
        "test",
        "compat",
        "notebooks",
        "exercises",
        "grade",
        "bench",
        "class-server",
        "bench-class",
        "train-mini",
        "slides",
        "release",
        "clean",
    ],
)
def test_make_target_exists_and_help_lists_it(target):
    assert make("-n", target).returncode == 0
    assert f"make {target} " in make().stdout


def test_make_says_clearly_that_python_is_too_old(tmp_path):
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = make("lab", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0 and "파이썬 3.11 이상이 필요합니다" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_make_test_fails_without_notebooks(tmp_path):
    """The commands name all folders, and pytest refuses a folder that is not there."""
    lessons, exercises = [line for line in make("-n", "test").stdout.splitlines() if "pytest" in line]
    assert re.search(r"--nbval .* notebooks tests", lessons) and "COURSE_MODEL=mini" in lessons
    assert re.search(r"--nbval-lax .* solutions exercises", exercises) and "COURSE_MODEL=mini" in exercises
    arguments = [sys.executable, "-m", "pytest", "-q", "--nbval", "-p", "no:cacheprovider", str(tmp_path / "notebooks")]
    assert subprocess.run(arguments, cwd=tmp_path, capture_output=True).returncode == 4


def test_ci_runs_make_test():
    assert read(".ci/run").splitlines()[-1] == "exec make test"
    assert ".ci/run" in read(".github/workflows/test.yml")
