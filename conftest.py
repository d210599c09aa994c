"""Tells at the start of every test run which notebook outputs strict nbval is told not to compare."""

from pathlib import Path

import nbformat

from tools.notebook_rules import MAX_IGNORED_OUTPUTS, not_compared


def pytest_report_header(config):
    paths = sorted((Path(__file__).parent / "notebooks").glob("*.ipynb"))
    cells = {path.stem: not_compared(nbformat.read(path, as_version=4)) for path in paths}
    told = [f"{name} {len(numbers)} {numbers or ''}".rstrip() for name, numbers in cells.items()]
    return (
        f"notebook outputs not compared: only pictures, and 00's machine check (at most {MAX_IGNORED_OUTPUTS} each): "
        f"{', '.join(told) or 'no notebooks'}"
    )
