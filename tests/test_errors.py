"""CourseError: a plain exception for programs, a bare Korean message for people in Jupyter."""

import pytest

from course_utils.errors import CourseError

MESSAGE = "모델을 찾지 못했습니다.\n이름을 확인해 주십시오."


def test_is_a_runtime_error_and_keeps_its_cause():
    with pytest.raises(RuntimeError, match="이름을 확인해") as caught:
        try:
            {}["model"]
        except KeyError as error:
            raise CourseError(MESSAGE) from error
    assert isinstance(caught.value.__cause__, KeyError)


def test_ipython_shows_the_message_and_no_traceback(capsys):
    shell_module = pytest.importorskip("IPython.core.interactiveshell")
    shell = shell_module.InteractiveShell()
    shell.run_cell("from course_utils.errors import CourseError")
    result = shell.run_cell(f"def secret_frame():\n    raise CourseError({MESSAGE!r})\nsecret_frame()")
    assert isinstance(result.error_in_exec, CourseError)
    shown = capsys.readouterr()
    assert (shown.out + shown.err).strip() == MESSAGE


def test_ipython_still_shows_other_tracebacks(capsys):
    """The control: an ordinary error in the same shell names its frames, so the test above can fail."""
    shell_module = pytest.importorskip("IPython.core.interactiveshell")
    shell_module.InteractiveShell().run_cell("def secret_frame():\n    raise RuntimeError('x')\nsecret_frame()")
    shown = capsys.readouterr()
    assert "secret_frame" in shown.out + shown.err
