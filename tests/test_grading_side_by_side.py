"""Items side by side: all come back, one that dies or hangs takes no other along, nothing is left running."""

import sys
import time

import psutil
import pytest

from course_utils.grading.side_by_side import Broken, side_by_side
from tests.fake_grading import oom_score, process_number, slow_square, square, troubled


def children():
    return {child.pid for child in psutil.Process().children(recursive=True) if "resource_tracker" not in words(child)}


def words(process):
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def test_every_item_comes_back_once_with_its_index():
    before = children()
    assert dict(side_by_side(square, range(20), 3, 30)) == {i: i * i for i in range(20)}
    assert list(side_by_side(square, [], 3, 30)) == []
    assert children() == before


def test_several_processes_share_the_work():
    assert len({pid for _, pid in side_by_side(process_number, range(10), 2, 30)}) == 2


def test_what_dies_or_hangs_is_told_and_the_others_are_done(tmp_path):
    items = [4, 0, 5, 1, ("once", str(tmp_path / "died")), 6]
    results = dict(side_by_side(troubled, items, 2, 3.0))
    assert results == {0: 16, 1: Broken("died"), 2: 25, 3: Broken("hung"), 4: "second try", 5: 36}


def test_stopping_early_leaves_no_process():
    before = children()
    for _ in side_by_side(slow_square, range(50), 2, 30):
        break
    assert children() == before


def test_an_exception_of_the_caller_leaves_no_process():
    before = children()
    with pytest.raises(KeyError):
        for _ in side_by_side(slow_square, range(50), 2, 30):
            raise KeyError
    assert children() == before


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_processes_end_with_a_parent_that_was_killed():
    code = "from tests.fake_grading import *\nfrom course_utils.grading.side_by_side import side_by_side\n" \
           "if __name__ == '__main__':\n list(side_by_side(troubled, [1, 1], 2, 600))"  # fmt: skip
    parent = psutil.Popen([sys.executable, "-c", code])
    hands = []
    while len(hands) < 2:
        hands = [child for child in parent.children() if "spawn_main" in words(child)]
        time.sleep(0.05)
    time.sleep(1.0)  # both are at work, and would be for ten minutes
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(hands, timeout=10)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's own file")
def test_when_memory_runs_out_the_workers_go_first():
    assert list(side_by_side(oom_score, [0], 1, 30.0)) == [(0, 500)] and oom_score(0) < 500
