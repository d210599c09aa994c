"""The package's face: light to import, its public names there, no module too long."""

import subprocess
import sys
from pathlib import Path

import pytest

import course_utils

ROOT = Path(__file__).parents[1]


def fresh(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "statement", ["", "; course_utils.CourseError; repr(course_utils.catalogue); dir(course_utils)"]
)
def test_import_is_light(statement):
    heavy = "{'torch', 'transformers', 'numpy', 'huggingface_hub', 'IPython'}"
    assert fresh(f"import sys, course_utils{statement}; print({heavy} & set(sys.modules))").strip() == "set()"


def test_naming_the_loader_does_not_import_torch():
    assert fresh("import sys, course_utils; course_utils.load_pipeline; print('torch' in sys.modules)") == "False\n"


def test_a_mistyped_model_name_does_not_wait_for_torch():
    code = (
        "import sys, course_utils\n"
        "try: course_utils.load_pipeline('minni')\n"
        "except course_utils.CourseError as error: print(error)\n"
        "print('torch' in sys.modules)"
    )
    out = fresh(code)
    assert "'mini'" in out and out.endswith("False\n")


def test_public_names():
    assert callable(course_utils.load_pipeline) and callable(course_utils.load_model)
    assert callable(course_utils.catalogue) and callable(course_utils.check_machine)
    assert issubclass(course_utils.CourseError, RuntimeError)
    assert set(course_utils.__all__) <= set(dir(course_utils))
    for name in course_utils.__all__:
        assert getattr(course_utils, name) is not None


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="load_pipelin"):
        course_utils.load_pipelin  # noqa: B018


def test_version_is_the_one_of_the_distribution():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert course_utils.__version__ == project["version"]


def test_no_module_passes_300_lines():
    long = {
        str(file.relative_to(ROOT)): count
        for file in (ROOT / "course_utils").rglob("*.py")
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}
