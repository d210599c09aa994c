"""Strict nbval: what it is told not to compare is said first, and its kernels cannot take each other's ports."""

from pathlib import Path

import nbformat
import nbval.kernel

from tools.kernel_sockets import FileKernelManager
from tools.notebook_rules import MAX_IGNORED_OUTPUTS, not_compared

nbval.kernel.KernelManager = FileKernelManager  # nbval has no setting for it


def pytest_report_header(config):
    paths = sorted((Path(__file__).parent / "notebooks").glob("*.ipynb"))
    cells = {path.stem: not_compared(nbformat.read(path, as_version=4)) for path in paths}
    told = [f"{name} {len(numbers)} {numbers or ''}".rstrip() for name, numbers in cells.items()]
    return (
        f"notebook outputs not compared: only pictures, and 00's machine check (at most {MAX_IGNORED_OUTPUTS} each): "
        f"{', '.join(told) or 'no notebooks'}"
    )
