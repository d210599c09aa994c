"""Run notebooks in place on the bundled model, and save them clean.

    python -m tools.run_notebooks [NOTEBOOK ...]      (default: all of notebooks/)

What is saved depends on the code alone, not on the machine: no widget state, no timings, one fixed kernelspec.
A notebook that writes to stderr or raises is not saved, and the exit status is 1; the reason is printed.
"""

import argparse
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tools.bootstrap import BOOTSTRAP_ID, bootstrap_source
from tools.kernel_sockets import AsyncFileKernelManager

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
# Cell metadata that people write; everything else there is left behind by tools.
KEPT_CELL_KEYS = {"tags", "jupyter", "editable", "deletable", "slideshow"}
CELL_TIMEOUT_SECONDS = 600


def sync_bootstrap(notebook) -> None:
    """Give the bootstrap cell the text that tools/bootstrap.py defines."""
    for cell in notebook.cells:
        if cell.get("id") == BOOTSTRAP_ID:
            cell.source = bootstrap_source()


def clean(notebook) -> None:
    """Remove from `notebook`, in place, whatever differs from one run or machine to the next."""
    notebook.metadata.clear()
    notebook.metadata.update(kernelspec=dict(KERNELSPEC), language_info={"name": "python"})
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in KEPT_CELL_KEYS})
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)


def complaints(notebook) -> list[str]:
    """What a learner should not see in the outputs: errors, and anything on stderr."""
    found = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                found.append(f"cell {number}: {output.ename}: {output.evalue}")
            elif output.output_type == "stream" and output.name == "stderr":
                found.append(f"cell {number}: stderr: {output.text.strip()}")
    return found


def execute(notebook, folder: Path) -> None:
    """Run `notebook` top to bottom in a fresh kernel of this Python; outputs are written into it.

    Raises:
        CellExecutionError: a cell raised and is not tagged "raises-exception".
    """
    NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_SECONDS,
        kernel_name="python3",
        kernel_manager_class=AsyncFileKernelManager,
        record_timing=False,
        store_widget_state=False,
        # nbval joins neighbouring stream outputs before it compares; saved this way they also read better.
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    ).execute()


def run(path: Path) -> list[str]:
    """Run one notebook and save it unless something went wrong; returns the complaints, empty when all is well."""
    notebook = nbformat.read(path, as_version=4)
    sync_bootstrap(notebook)
    try:
        execute(notebook, path.parent)
    except CellExecutionError as error:
        return [str(error)]
    found = complaints(notebook)
    if not found:
        clean(notebook)
        path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Run notebooks in place on the bundled model, and save them clean.")
    parser.add_argument("notebooks", nargs="*", type=Path)
    chosen = parser.parse_args().notebooks or sorted(NOTEBOOKS.glob("*.ipynb"))
    if not chosen:
        print(f"no notebooks in {NOTEBOOKS}", file=sys.stderr)
        return 1
    os.environ["COURSE_MODEL"] = "mini"
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    failed = False
    for path in chosen:
        found = run(path)
        print(f"{path.name}: {'not saved' if found else 'saved'}", *found, sep="\n  ")
        failed = failed or bool(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
