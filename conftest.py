"""For every test run: how many processes share it, and which notebook outputs strict nbval does not compare."""

import os
from pathlib import Path

import nbformat
import pytest

from tools.notebook_rules import MAX_IGNORED_OUTPUTS, not_compared


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers():
    """One process more than cores: a third of their time, tests wait for servers, kernels and browsers."""
    workers = yield
    return workers if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS") else workers + 1


def pytest_report_header(config):
    paths = sorted((Path(__file__).parent / "notebooks").glob("*.ipynb"))
    cells = {path.stem: not_compared(nbformat.read(path, as_version=4)) for path in paths}
    told = [f"{name} {len(numbers)} {numbers or ''}".rstrip() for name, numbers in cells.items()]
    return (
        f"notebook outputs not compared: only pictures, and 00's machine check (at most {MAX_IGNORED_OUTPUTS} each): "
        f"{', '.join(told) or 'no notebooks'}"
    )
