"""The grader's row of the benchmark: it really runs both graders, and refuses figures of unequal work."""

import re
import sys

import pytest

from course_utils.errors import CourseError
from course_utils.grading import sandbox
from tools import bench_grading

linux = pytest.mark.skipif(sys.platform != "linux", reason="grading needs a sandbox of Linux")


@linux
@pytest.mark.nbgrader
def test_both_graders_run_on_the_same_submissions(capsys):
    row = bench_grading.grading_row(count=1)
    assert row.value > 0 and row.limit == 1 / 5
    assert re.fullmatch(r"[\d.]+x \(\d+ : \d+\); with --jobs 1 [\d.]+x \(\d+\)", row.measured)
    assert "1 submissions of ex04" in row.what and capsys.readouterr().out == ""


def test_what_a_command_says_is_told_when_it_fails():
    with pytest.raises(RuntimeError, match="(?s)exit status 3.*no such thing"):
        bench_grading._timed([sys.executable, "-c", "import sys; print('no such thing', file=sys.stderr); sys.exit(3)"])


def test_unequal_work_is_no_figure():
    theirs = {("a", "ex04"): {str(task): 1.0 for task in range(20)}}
    bench_grading.check_alike(theirs, {("a", "ex04"): theirs["a", "ex04"] | {"0": 0.0}}, 1)
    with pytest.raises(RuntimeError, match="18 of 20"):
        bench_grading.check_alike(theirs, {("a", "ex04"): theirs["a", "ex04"] | {"0": 0.0, "1": 0.0}}, 1)
    with pytest.raises(RuntimeError, match="1 and 1 submissions"):
        bench_grading.check_alike(theirs, theirs, 2)


def test_without_a_sandbox_there_is_no_row(monkeypatch, capsys):
    def none():
        raise CourseError("없음")

    monkeypatch.setattr(sandbox, "choose_sandbox", none)
    assert bench_grading.grading_row() is None
    assert "not measured: 없음" in capsys.readouterr().err
