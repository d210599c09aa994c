"""Every row of docs/faults.ko.md: the scenario holds, and it fails as soon as its handling is removed."""

import sys

import pytest
from fault import faults
from learner import at_work, staged

from tools.fault_table import PAGE, page

FAULTS = {fault.scenario.__name__: fault for fault in faults()}
REMOVED = [(name, handling) for name, fault in FAULTS.items() for handling in fault.without]
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="learners are forked processes, small disks are mounts of their own"
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with staged(tmp_path_factory.mktemp("stage")) as shared:
        yield shared


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name, stage, tmp_path):
    with at_work(stage, tmp_path) as learner:
        FAULTS[name].scenario(learner)


@pytest.mark.parametrize(("name", "handling"), REMOVED)
def test_it_fails_without_its_handling(name, handling, stage, tmp_path):
    """Only an assertion of the scenario counts: an error of the stage is no proof."""
    fault = FAULTS[name]
    with at_work(stage, tmp_path, {handling: fault.without[handling]}) as learner, pytest.raises(AssertionError):
        fault.scenario(learner)


@pytest.mark.parametrize("name", FAULTS)
def test_the_row_is_written_out(name):
    fault = FAULTS[name]
    for text in (fault.what, fault.seen, fault.way_out, fault.kept):
        assert text.endswith((".", "다")) and "|" not in text and "\n" not in text
    assert "십시오" in fault.way_out


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tools.fault_table"


def test_no_scenario_hides_another():
    assert len(FAULTS) == len(faults())
