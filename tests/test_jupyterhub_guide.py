"""docs/instructor/jupyterhub.ko.md: its configuration and its script run and do what the text promises."""

import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/instructor/jupyterhub.ko.md").read_text(encoding="utf-8")
[CONFIG] = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
[SCRIPT] = re.findall(r"^```sh\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)


class Settings(SimpleNamespace):
    """Takes every name, as traitlets' configuration object does."""

    def __getattr__(self, name):
        value = Settings()
        setattr(self, name, value)
        return value


def configured() -> Settings:
    c = Settings()
    exec(compile(CONFIG, "jupyterhub_config.py", "exec"), {"get_config": lambda: c})
    return c


def test_the_configuration_runs_and_sets_what_the_page_promises(monkeypatch):
    monkeypatch.delenv("COURSE_FOLDER", raising=False)
    c = configured()
    assert c.Spawner.cmd == ["/opt/course/start-student.sh"]
    assert c.Spawner.environment["COURSE_MODEL"] == "mini" and c.Spawner.environment["OMP_NUM_THREADS"] == "1"
    assert "OPENAI_API_KEY" not in c.Spawner.environment, "a key only where an instructor puts one"
    assert c.Spawner.mem_limit == "2G" and "| 한 사람의 제한 | 2 GB" in PAGE
    assert c.JupyterHub.bind_url.startswith("http://127.0.0.1:"), "nothing open without https in front"
    assert c.Authenticator.allowed_users and "allow_all" not in CONFIG


def test_the_configuration_opens_a_notebook_that_exists():
    assert (ROOT / configured().Spawner.default_url.removeprefix("/lab/tree/")).is_file()


def test_the_script_copies_once_and_starts_the_server(tmp_path):
    shell = shutil.which("sh")
    if shell is None:
        pytest.skip("no POSIX shell on this machine")
    course, home = tmp_path / "course", tmp_path / "home"
    for name in ("notebooks", "exercises/ex01", "exercises/ex02", ".venv/bin"):
        (course / name).mkdir(parents=True)
        (course / name / "file").write_text("new")
    server = course / ".venv/bin/jupyterhub-singleuser"
    server.write_text('#!/bin/sh\necho "started $1"\n')
    server.chmod(0o755)
    kept = home / "course/exercises/ex01"
    kept.mkdir(parents=True)
    (kept / "file").write_text("mine")
    script = tmp_path / "start-student.sh"
    script.write_text(SCRIPT, encoding="utf-8")
    environment = {"HOME": str(home), "COURSE_FOLDER": str(course), "PATH": "/usr/bin:/bin"}
    for _ in range(2):
        done = subprocess.run([shell, script, "--port=1"], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout == "started --port=1\n"
    assert (kept / "file").read_text() == "mine", "what a student wrote stays"
    assert (home / "course").stat().st_mode & 0o077 == 0, "other students read no answers"
    copied = sorted(path.relative_to(home / "course").as_posix() for path in home.rglob("file"))
    assert copied == ["exercises/ex01/file", "exercises/ex02/file", "notebooks/file"]


def test_every_lesson_has_a_row_of_measured_memory():
    rows = re.findall(r"^\| (\d\d) \| (\d+) MB \| (?:-|\d+ MB) \| \d+초 \|$", PAGE, flags=re.MULTILINE)
    assert [lesson for lesson, _ in rows] == [path.name[:2] for path in sorted(ROOT.glob("notebooks/0*.ipynb"))]
    assert max(int(megabytes) for _, megabytes in rows) * 2 < 2000, "two notebooks fit the limit of one student"
