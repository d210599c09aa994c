"""The lessons with an API run cell by cell as they would with a key: against a fake of OpenAI's own API."""

from pathlib import Path

import nbformat
import pytest
from api_samples import forget_variables
from fake_openai import FakeOpenAI

from course_utils.key_shapes import find_keys
from tools.run_notebooks import complaints, execute

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
LESSONS = sorted(path for number in ("06", "07") for path in FOLDER.glob(f"{number}_*.ipynb"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_cell_runs_against_openais_api(path, monkeypatch, tmp_path):
    forget_variables(monkeypatch)
    monkeypatch.setenv("COURSE_MODEL", "mini")
    notebook = nbformat.read(path, as_version=4)
    with FakeOpenAI() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", fake.api_key)
        execute(notebook, tmp_path)
    assert complaints(notebook) == []
    asked = [body["model"] for _, body in fake.requests]
    assert asked.count("gpt-4o-mini") > 3, "the lesson asked another server"
    saved = nbformat.writes(notebook)
    assert fake.api_key not in saved and find_keys(saved) == []
