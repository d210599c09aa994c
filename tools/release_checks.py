"""What must hold of a release: the student edition gives no answer away and works, the wheel is whole."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tools import exercises

# Folders of the project that hold answers, or what reads them.
SECRET_FOLDERS = {"solutions", "answer_key", "tests", "tools"}
_MARKERS = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)|answer_key|check_hidden")
_SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)\s*### END SOLUTION", re.DOTALL)
_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
# Asks the bundled model, and looks at every sheet of the visible checks, with the package in the given folder alone.
_SMOKE = """
import course_utils, sys
from pathlib import Path
assert Path(course_utils.__file__).is_relative_to(sys.argv[1]), course_utils.__file__
from course_utils.checks.sheets import set_names
assert len(set_names()) == 7, set_names()
from course_utils import leaderboard, load_pipeline
assert len(leaderboard.open_llm()) > 4000 and len(leaderboard.arena()) > 100
question = [{"role": "user", "content": "배송은 얼마나 걸리나요?"}]
answer = load_pipeline("mini")(question, max_new_tokens=8, do_sample=False, return_full_text=False)
assert answer[0]["generated_text"], answer
"""


def check_student_edition(path: Path, project: Path) -> list[str]:
    """All that is wrong with the student edition `path` (a zip), against the project it was made of."""
    with zipfile.ZipFile(path) as archive:
        names = [PurePosixPath(name) for name in archive.namelist()]
        found = [f"{name} is for instructors or maintainers" for name in names if SECRET_FOLDERS & set(name.parts)]
        notebooks = {name: json.loads(archive.read(str(name))) for name in names if name.suffix == ".ipynb"}
        pages = {name: archive.read(str(name)).decode("utf-8") for name in names if name.suffix == ".md"}
        found += _package_problems(archive, f"{names[0].parts[0]}/", project)
    found += _answers(notebooks, project)
    found += _missing_links(pages, names)
    wanted = {f"notebooks/{file.name}" for file in project.glob("notebooks/*.ipynb")}
    wanted |= {f"exercises/{name}/{name}.ipynb" for name in exercises.folders()}
    present = {str(PurePosixPath(*name.parts[1:])) for name in names}
    return found + [f"{name} is missing" for name in sorted(wanted - present)]


def _answers(notebooks: dict[PurePosixPath, dict], project: Path) -> Iterator[str]:
    """Solutions, hidden tests and mark schemes that stand in a notebook of the edition."""
    solutions = list(_solutions(project))
    if not solutions:
        yield "the project has no solutions to compare with"
    for name, notebook in notebooks.items():
        sources = ["".join(cell["source"]) for cell in notebook["cells"]]
        if match := _MARKERS.search("\n".join(sources)):
            yield f"{name} holds {match[0]!r}"
        if "exercises" in name.parts:
            text = _squeezed("\n".join(sources))
            yield from (f"{name} holds a solution: {part.strip()[:40]!r}" for part in solutions if part in text)


def _solutions(project: Path) -> Iterator[str]:
    """The solutions' code and the model answers to texts, squeezed; those too short to tell anything are left out."""
    for path in project.glob("solutions/*/*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            by_hand = cell["cell_type"] == "markdown" and cell["metadata"].get("nbgrader", {}).get("solution")
            for part in [source] if by_hand else _SOLUTION.findall(source):
                if len(part := _squeezed(part)) >= 60:
                    yield part


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _missing_links(pages: dict[PurePosixPath, str], names: list[PurePosixPath]) -> Iterator[str]:
    for page, text in pages.items():
        for link in _LINK.findall(text):
            target = PurePosixPath(os.path.normpath(page.parent / link))
            if not any(name == target or target in name.parents for name in names):
                yield f"{page} links to {link}, which is not in the zip"


def check_wheel(path: Path, project: Path) -> list[str]:
    """All that is wrong with the wheel `path`: a file more or less than the package has, other bytes, not running."""
    with zipfile.ZipFile(path) as archive:
        tops = {PurePosixPath(name).parts[0] for name in archive.namelist()}
        found = [f"the wheel installs {top}" for top in sorted(tops) if top != "course_utils" and "." not in top]
        found += _package_problems(archive, "", project)
    return found or does_not_run(path)


def _package_problems(archive: zipfile.ZipFile, top: str, project: Path) -> Iterator[str]:
    """How the package in an archive, under the folder `top`, differs from the project's."""
    inside = f"{top}course_utils/"
    digests = {
        name.removeprefix(top): hashlib.sha256(archive.read(name)).digest()
        for name in archive.namelist()
        if name.startswith(inside)
    }
    ours = {
        file.relative_to(project).as_posix(): hashlib.sha256(file.read_bytes()).digest()
        for file in (project / "course_utils").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    yield from (f"{name} is missing" for name in sorted(ours.keys() - digests.keys()))
    yield from (f"{name} is not in the project" for name in sorted(digests.keys() - ours.keys()))
    # The address is stamped in the copy that the release was made of.
    shared = (ours.keys() & digests.keys()) - {"course_utils/_repository.py"}
    yield from (f"{name} differs from the project's" for name in sorted(shared) if ours[name] != digests[name])


def does_not_run(path: Path) -> list[str]:
    """What happened where the package in the archive `path` does not answer a question from an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        home = next(Path(folder).rglob("course_utils/__init__.py")).parent.parent
        environment = {**os.environ, "PYTHONPATH": str(home), "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", _SMOKE, str(home)], cwd=folder, env=environment, capture_output=True, text=True
        )
    return [f"{path.name} does not run:\n{done.stderr[-1500:]}"] if done.returncode else []
