"""One notebook in the simulated Colab: "Run all" in a fresh kernel, and whatever a learner would see go wrong."""

from __future__ import annotations

import copy
import json
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools.bootstrap import BOOTSTRAP_ID, INSTALLING
from tools.colab_box import CONNECTIONS, PYTHON, Box
from tools.kernel_sockets import AsyncFileKernelManager
from tools.run_notebooks import CELL_TIMEOUT_SECONDS, complaints

RESTART = "application/vnd.colab-display-data+json"
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
_OWN_WIDGETS = ("@jupyter-widgets/base", "@jupyter-widgets/controls", "@jupyter-widgets/output")
_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.DOTALL)
# pip about an index of the machine on which the simulation runs, not of Colab.
_INDEX_NOTICE = re.compile(r"^WARNING: Location 'file:.*is ignored.*\n?", re.MULTILINE)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SCORES = """
import json
from course_utils.checks import progress_panel
print(json.dumps({name: [r.earned, r.tried_points] for name, r in progress_panel._RESULTS.items()}))
"""
_SECONDS_BETWEEN_SAMPLES = 1.0


@dataclass
class Outcome:
    """What running one notebook came to. Times in seconds, memory in bytes; empty `complaints`: nothing went wrong."""

    name: str
    cells: int = 0
    seconds: float = 0.0
    bootstrap: float = 0.0
    memory: int = 0
    widgets: int = 0
    compared: int = 0
    excused: list[str] = field(default_factory=list)  # cells whose output is not compared
    helped: int = 0  # cells with one more output there: what a widget needs on Colab's page
    complaints: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # files that it leaves in /content
    scores: dict[str, list[float]] = field(default_factory=dict)  # exercises: task -> points earned, points tried


def as_in_colab(saved: Any, solved: bool = False, twice: bool = False) -> Any:
    """The notebook as a learner runs it: without outputs; of a solution, without the tests that graders alone have.

    `twice`: all cells, and all of them again, as after "Run all" a second time.
    """
    notebook = copy.deepcopy(saved)
    if twice:
        again = [nbformat.from_dict({**cell, "id": f"{cell['id']}-again"}) for cell in notebook.cells]
        notebook.cells += again
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.source = _HIDDEN.sub("", cell.source) if solved else cell.source
    return notebook


def _manager_of(box: Box) -> type[AsyncFileKernelManager]:
    class Manager(AsyncFileKernelManager):
        """Starts the kernel inside the box; its sockets are in a folder of another name there."""

        folder = box.connections

        def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
            written = Path(self.connection_file)
            settings = json.loads(written.read_text(encoding="utf-8"))
            settings["ip"] = f"{CONNECTIONS}/{Path(settings['ip']).name}"
            inside = written.with_name(f"inside-{written.name}")
            inside.write_text(json.dumps(settings), encoding="utf-8")
            kernel = f"{PYTHON} -m colab_kernel_launcher -f {CONNECTIONS}/{inside.name}"
            return box.command("/bin/sh", "-c", f"exec {kernel} >{CONNECTIONS}/kernel.log 2>&1")

    return Manager


class _Memory(threading.Thread):
    """The most memory that a kernel and its children held at one time; shared pages are counted once (PSS)."""

    def __init__(self, client: NotebookClient) -> None:
        super().__init__(daemon=True)
        self.client, self.most, self.done = client, 0, threading.Event()

    def run(self) -> None:
        import psutil

        while not self.done.wait(_SECONDS_BETWEEN_SAMPLES):
            process = getattr(getattr(self.client.km, "provisioner", None), "process", None)
            if process is None:
                continue
            try:
                family = psutil.Process(process.pid).children(recursive=True)
                self.most = max(self.most, sum(child.memory_full_info().pss for child in family))
            except psutil.Error:  # ended while we looked
                continue


def execute(box: Box, notebook: Any, timeout: int = CELL_TIMEOUT_SECONDS) -> tuple[int, str]:
    """Run the cells in a fresh kernel of the box, up to the first that fails, as "Run all" does.

    Outputs and times are written into the notebook. Returns the most memory held, and what stopped it (else empty).
    """
    client = NotebookClient(
        notebook, timeout=timeout, kernel_name="python3", kernel_manager_class=_manager_of(box), record_timing=True,
        store_widget_state=True, coalesce_streams=True, resources={"metadata": {"path": str(box.content)}},
    )  # fmt: skip
    memory = _Memory(client)
    memory.start()
    stopped = ""
    try:
        client.execute()
    except CellExecutionError as error:  # the cell's own error output tells the rest
        stopped = f"stopped at {error.ename}"
    except (CellTimeoutError, DeadKernelError, RuntimeError) as error:  # the last: the kernel did not start
        stopped = f"{type(error).__name__}: {str(error).splitlines()[0]}"
    finally:
        memory.done.set()
        memory.join()
    return memory.most, stopped


def seconds_of(cell: Any) -> float:
    """How long a cell ran; 0 when it did not."""
    times = cell.metadata.get("execution", {})
    begun, ended = times.get("iopub.execute_input"), times.get("shell.execute_reply")
    if not begun or not ended:
        return 0.0
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds()


def comparable(cell: Any) -> dict[str, list[str]]:
    """A cell's outputs as strict nbval compares them: by kind, in order, without metadata and widget views."""
    found: dict[str, list[str]] = {}
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            found.setdefault(output.name, []).append(output.text)
        elif output.output_type == "error":
            found.setdefault("error", []).append(output.evalue)
        for kind, value in output.get("data", {}).items():
            if kind != VIEW:
                found.setdefault(kind, []).append(value if isinstance(value, str) else json.dumps(value))
    joined = {name: ["".join(found[name])] for name in ("stdout", "stderr") if name in found}
    return {**found, **joined}


def first_difference(saved: dict[str, list[str]], ran: dict[str, list[str]]) -> str:
    """Where two cells' outputs part; empty where they are equal."""
    if saved == ran:
        return ""
    for kind in sorted({*saved, *ran}):
        old, new = "\n".join(saved.get(kind, ["(none)"])), "\n".join(ran.get(kind, ["(none)"]))
        if old != new:
            place = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
            start = max(0, place - 40)
            return f"{kind}: saved {old[start : place + 80]!r}, here {new[start : place + 80]!r}"
    return "other order of outputs"


def without_helper(cell: Any) -> Any:
    """A cell without the extra output with which `course_utils.widget_access` serves a widget on Colab's page."""
    from course_utils.widget_access import STYLE

    outputs = [out for out in cell.get("outputs", []) if STYLE not in str(out.get("data", {}).get("text/html", ""))]
    return nbformat.from_dict({**cell, "outputs": outputs})


def compare(saved: Any, notebook: Any, outcome: Outcome) -> None:
    """Hold the outputs of a run against the saved ones."""
    ran = {cell.id: cell for cell in notebook.cells}
    for cell in saved.cells:
        if cell.cell_type != "code" or cell.id == BOOTSTRAP_ID or ran[cell.id].execution_count is None:
            continue
        here = without_helper(ran[cell.id])
        difference = first_difference(comparable(cell), comparable(here))
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            outcome.excused.append(f"{cell.id}: not compared by nbval either")
            continue
        outcome.compared += 1
        if len(here.outputs) < len(ran[cell.id].outputs):
            outcome.helped += 1
        if difference:
            outcome.complaints.append(f"cell {cell.id}: output differs: {difference}")


def widget_complaints(notebook: Any) -> tuple[int, list[str]]:
    """How many widgets are shown, and those that Colab's page would not draw: of other packages, no manager named."""
    states = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    shown, found = 0, []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            view = output.get("data", {}).get(VIEW)
            if not view:
                continue
            shown += 1
            foreign = _foreign(view["model_id"], states)
            if foreign and "custom_widget_manager" not in str(output.metadata.get(VIEW, {})):
                found.append(f"cell {cell.id}: Colab would not draw the widget of {foreign}: no manager is named")
            if "text/html" not in output.data and "text/plain" not in output.data:
                found.append(f"cell {cell.id}: a widget without text for those who cannot see it")
    return shown, found


def _foreign(model: str, states: dict[str, Any]) -> str:
    """The package of a widget, or of one inside it, that is not ipywidgets; empty when there is none."""
    seen, waiting = set(), [model]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in states:
            continue
        seen.add(name)
        if states[name]["model_module"] not in _OWN_WIDGETS:
            return states[name]["model_module"]
        waiting += re.findall(r"IPY_MODEL_([0-9a-f]+)", json.dumps(states[name]["state"]))
    return ""


def bootstrap_words(notebook: Any) -> str:
    """What the bootstrap cell prints, without notices about this machine's package index."""
    cells = [cell for cell in notebook.cells if cell.id == BOOTSTRAP_ID]
    words = "".join("".join(comparable(cell).get("stdout", [])) for cell in cells)
    return _INDEX_NOTICE.sub("", _COLOURS.sub("", words).replace("\r", "")).lstrip("\n")


def run_notebook(
    box: Box, path: Path, *, kind: str = "lesson", twice: bool = False, wheel: str = ""
) -> Outcome:  # fmt: skip
    """Put the notebook alone into /content, run it and look at everything that a learner would see.

    `kind`: "lesson" (compared with its saved outputs), "exercise" (unsolved), "solution" or "other".
    `wheel`: its place inside; the bootstrap cell then installs it and not the address.
    """
    saved, outcome = nbformat.read(path, as_version=4), Outcome(path.stem)
    notebook = as_in_colab(saved, solved=kind == "solution", twice=twice)
    if wheel:
        for cell in notebook.cells:
            if cell.id == BOOTSTRAP_ID:
                cell.source = re.sub(r"git\+https://\S+", wheel, cell.source)
    if kind in ("exercise", "solution"):
        notebook.cells.append(nbformat.v4.new_code_cell(_SCORES, id="scores"))
    before = {file.name for file in box.content.iterdir()}
    (box.content / path.name).write_text(nbformat.writes(notebook), encoding="utf-8")
    begun = time.perf_counter()
    outcome.memory, stopped = execute(box, notebook)
    outcome.seconds = time.perf_counter() - begun
    outcome.left = sorted({file.name for file in box.content.iterdir()} - before - {path.name})
    outcome.cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    outcome.bootstrap = next((seconds_of(cell) for cell in notebook.cells if cell.id == BOOTSTRAP_ID), 0.0)
    outcome.complaints += ([stopped] if stopped else []) + complaints(notebook) + _restarts(notebook)
    outcome.widgets, found = widget_complaints(notebook)
    outcome.complaints += found
    if (words := bootstrap_words(notebook)) not in ("", INSTALLING):
        outcome.complaints.append(f"the bootstrap cell says: {words.strip()[-600:]!r}")
    if kind == "lesson":
        compare(saved, notebook, outcome)
    elif kind in ("exercise", "solution") and not stopped:
        outcome.scores = json.loads("".join(comparable(notebook.cells[-1]).get("stdout", ["{}"])))
        _judge_scores(kind, outcome)
    (box.content / path.name).unlink()
    return outcome


def _restarts(notebook: Any) -> list[str]:
    shown = [
        cell.id for cell in notebook.cells for output in cell.get("outputs", []) if RESTART in output.get("data", {})
    ]
    return [f"cell {cell}: Colab asks for a restart of the runtime" for cell in shown]


def _judge_scores(kind: str, outcome: Outcome) -> None:
    if not outcome.scores:
        outcome.complaints.append("no task was checked")
    for task, (earned, tried) in outcome.scores.items():
        if kind == "solution" and earned != tried:
            outcome.complaints.append(f"task {task}: the solution earns {earned} of {tried}")
        elif kind == "exercise" and earned:
            outcome.complaints.append(f"task {task}: unsolved, it earns {earned}")
