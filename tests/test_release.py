"""The release: made of a commit, whole, and without the answers."""

import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from tools import release, release_checks
from tools.commits import git
from tools.student_edition import student_makefile

ROOT = Path(__file__).resolve().parent.parent
STUDENT = "llm-generation-course-student"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The project as it lies here, committed in a repository of its own."""
    folder = tmp_path_factory.mktemp("release") / "project"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, encoding="utf-8")
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.split("\0"):
        if name and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    me = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
    for command in (["init", "-q"], ["add", "-A"], [*me, "commit", "-qm", "all"]):
        git(*command, folder=folder)
    return folder


@pytest.fixture(scope="module")
def made(project, tmp_path_factory):
    """All files of a release with a stamped address, by their suffix."""
    out = tmp_path_factory.mktemp("dist")
    paths = release.make(out, "Somebody/course", project)
    assert sorted(paths) == sorted(out.iterdir())
    return {path.suffix or path.name: path for path in paths}


def test_a_release_carries_the_version_and_the_address(made):
    version = release.version_of(ROOT)
    assert [made[kind].name for kind in (".gz", ".zip")] == [
        f"llm_generation_course-{version}.tar.gz",
        f"{STUDENT}-{version}.zip",
    ]
    assert made[".whl"].name == f"llm_generation_course-{version}-py3-none-any.whl"
    with zipfile.ZipFile(made[".zip"]) as archive:
        top = f"{STUDENT}-{version}"
        readme = archive.read(f"{top}/README.md").decode()
        texts = [archive.read(name).decode() for name in archive.namelist() if name.endswith((".ipynb", ".md"))]
    assert f"버전 {version}" in readme and "{" not in readme
    assert "Somebody/course" in readme and not any("OWNER/REPO" in text for text in texts)
    with zipfile.ZipFile(made[".whl"]) as archive:
        assert 'REPOSITORY = "Somebody/course"' in archive.read("course_utils/_repository.py").decode()


def test_the_sdist_has_no_answers(made):
    with tarfile.open(made[".gz"]) as archive:
        parts = {part for name in archive.getnames() for part in name.split("/")}
    assert parts & release_checks.SECRET_FOLDERS == set() and "course_utils" in parts


def test_sums_are_those_that_sha256sum_accepts(made):
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=made["SHA256SUMS"].parent, check=True)


def test_the_student_zip_is_the_same_when_made_again(made, tmp_path):
    with zipfile.ZipFile(made[".zip"]) as archive:
        archive.extractall(tmp_path)
        committed = archive.infolist()[0].date_time
    [folder] = tmp_path.iterdir()
    import calendar

    release.zip_folder(folder, tmp_path / "again.zip", calendar.timegm((*committed, 0, 0, 0)))
    assert (tmp_path / "again.zip").read_bytes() == made[".zip"].read_bytes()


def test_students_make_targets_are_those_that_work(tmp_path):
    (tmp_path / "Makefile").write_text(student_makefile((ROOT / "Makefile").read_text()))
    told = subprocess.run(["make", "help"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^make (\S+)", told, re.MULTILINE) == ["help", "lab", "clean"]


def changed(path, tmp_path, edit):
    """A copy of a zip whose entries went through `edit(dict of name -> bytes)`."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    edit(entries, next(iter(entries)).split("/")[0])
    copy = tmp_path / path.name
    with zipfile.ZipFile(copy, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return copy


def put_solution(entries, top):
    name = "exercises/ex04_softmax_temperature/ex04_softmax_temperature.ipynb"
    entries[f"{top}/{name}"] = (ROOT / name.replace("exercises", "solutions")).read_bytes()


def put_bare_solution(entries, top):
    """The solved code without nbgrader's marks, as a student's finished notebook has it."""
    put_solution(entries, top)
    for name, data in entries.items():
        entries[name] = re.sub(rb"### (BEGIN|END) [A-Z ]+", b"", data) if "ex04_softmax" in name else data


WRONG_EDITIONS = {
    "is for instructors": lambda entries, top: entries.update({f"{top}/answer_key/ex04/softmax.py": b""}),
    "BEGIN SOLUTION": put_solution,
    "holds a solution": put_bare_solution,
    "which is not in the zip": lambda entries, top: entries.pop(f"{top}/docs/errata.ko.md"),
    "02_exaone_architecture.ipynb is missing": lambda entries, top: entries.pop(
        f"{top}/notebooks/02_exaone_architecture.ipynb"
    ),
    "mini/config.json is missing": lambda entries, top: entries.pop(f"{top}/course_utils/assets/mini/config.json"),
}


@pytest.mark.parametrize("said", WRONG_EDITIONS)
def test_a_wrong_student_edition_is_refused(made, tmp_path, said):
    copy = changed(made[".zip"], tmp_path, WRONG_EDITIONS[said])
    assert any(said in problem for problem in release_checks.check_student_edition(copy, ROOT))


@pytest.mark.parametrize(
    "said, edit",
    [
        ("assets/mini/model.safetensors is missing", lambda names, top: names.pop(next(filter(_model, names)))),
        ("installs answer_key", lambda names, top: names.update({"answer_key/x.py": b""})),
        ("not in the project", lambda names, top: names.update({"course_utils/answers.py": b""})),
        ("differs", lambda names, top: names.update({"course_utils/errors.py": b""})),
    ],
)
def test_a_wrong_wheel_is_refused(made, tmp_path, said, edit):
    copy = changed(made[".whl"], tmp_path, edit)
    assert any(said in problem for problem in release_checks.check_wheel(copy, ROOT))


def test_a_package_that_does_not_run_is_noticed(made, tmp_path):
    copy = changed(made[".whl"], tmp_path, lambda names, top: names.update({"course_utils/models.py": b"1 / 0"}))
    assert "ZeroDivisionError" in release_checks.does_not_run(copy)[0]


def _model(name):
    return name.endswith("mini/model.safetensors")


def test_uncommitted_changes_and_full_folders_are_refused(project, made, tmp_path):
    with pytest.raises(release.ReleaseError, match="not empty"):
        release.make(made[".zip"].parent, None, project)
    (project / "README.md").write_text("changed")
    try:
        with pytest.raises(release.ReleaseError, match="uncommitted"):
            release.make(tmp_path / "dist", None, project)
    finally:
        git("checkout", "README.md", folder=project)


@pytest.mark.parametrize(
    "file, old, new, said",
    [
        ("course_utils/__init__.py", "__version__ = ", "__version__ = 9 or ", "__version__"),
        ("CHANGELOG.md", "## ", "## 9.9 of ", "CHANGELOG.md"),
    ],
)
def test_versions_must_agree(tmp_path, file, old, new, said):
    for name in ("pyproject.toml", "course_utils/__init__.py", "CHANGELOG.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        text = (ROOT / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(old, new, 1) if name == file else text)
    with pytest.raises(release.ReleaseError, match=re.escape(said)):
        release.version_of(tmp_path)


def test_a_placeholder_address_is_not_released_by_accident(capsys, monkeypatch):
    monkeypatch.setattr(release.stamp_repository, "current_repository", lambda *a: release.PLACEHOLDER)
    monkeypatch.setattr(release, "make", lambda *a: pytest.fail("made"))
    with pytest.raises(SystemExit):
        release.main([])
    assert "--repository" in capsys.readouterr().err
