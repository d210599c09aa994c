"""Tells at the start of every test run how many notebook outputs strict nbval is told not to compare."""

from pathlib import Path

import nbformat

from tools.notebook_rules import MAX_IGNORED_OUTPUTS, ignored_outputs


def pytest_report_header(config):
    paths = sorted((Path(__file__).parent / "notebooks").glob("*.ipynb"))
    counts = [f"{path.stem} {ignored_outputs(nbformat.read(path, as_version=4))}" for path in paths]
    return f"notebook outputs not compared (at most {MAX_IGNORED_OUTPUTS} each): {', '.join(counts) or 'no notebooks'}"
