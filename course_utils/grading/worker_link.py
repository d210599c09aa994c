"""The grader's side of one submission's worker: cells are run, functions called, whatever the program does.

A worker that crashes, floods or overruns its time is killed; the next order starts a new one, with the cells that
worked before. Nothing that comes from it is believed: answers are size-limited, parsed as JSON and decoded to plain
values, and points are given elsewhere.
"""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.checks.calling import with_evidence
from course_utils.checks.outcome import Outcome
from course_utils.checks.stand_ins import hosted
from course_utils.checks.values import encode
from course_utils.errors import CourseError
from course_utils.grading.limits import Limits
from course_utils.grading.line_channel import LineChannel, Lost
from course_utils.grading.sandbox import Sandbox, Worker

_MAX_STARTS = 12  # of workers for one submission
_REPLAYED = ("ok", "error")
_NOT_STARTED = "제출물을 실행할 프로그램이 시작되지 않았습니다"


@dataclass(frozen=True)
class CellReport:
    """What came of one cell. ``status``: "ok", "error", "timeout", "crash" or "skipped" (no time was left).

    ``line``: number of the line that failed, from 1; 0 when unknown. ``ignored``: Jupyter's own lines left out.
    """

    status: str
    error_types: tuple[str, ...] = ()
    error_text: str = ""
    line: int = 0
    printed: str = ""
    ignored: tuple[str, ...] = ()
    seconds: float = 0.0


class WorkerLink:
    """A context manager: one submission's program in its sandbox, from the first cell to the last call.

    ``files``: data files for its folder, by name. ``sockets``: whether it may reach ``socket_folder``, in which
    stand-ins with a trusted half (see ``checks.stand_ins.hosted``) put their Unix sockets.
    ``restarts``: how many times the program had to be started again.
    """

    def __init__(
        self, sandbox: Sandbox, limits: Limits, files: dict[str, bytes] | None = None, sockets: bool = False
    ) -> None:
        self._sandbox, self._limits = sandbox, limits
        self._files = {name: base64.b64encode(data).decode() for name, data in (files or {}).items()}
        self._sockets = sockets
        self.socket_folder: Path | None = None
        self._worker: Worker | None = None
        self._channel: LineChannel | None = None
        self._cells: list[tuple[str, str]] = []  # source and status
        self._given_up: dict[str, str] = {}  # answers whose call ended the worker, and how
        self._starts, self._order = 0, 0
        self._end = 0.0

    @property
    def restarts(self) -> int:
        return max(0, self._starts - 1)

    def __enter__(self) -> WorkerLink:
        self._end = time.monotonic() + self._limits.total_seconds
        if self._sockets:
            self.socket_folder = Path(tempfile.mkdtemp(prefix="grading-"))
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def close(self) -> None:
        """End the program; no process and no file of it is left."""
        self._drop()
        if self.socket_folder:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def run_cells(self, sources: list[str]) -> list[CellReport]:
        """Run the cells in order; each has its own time limit, and the next one is run whatever happened."""
        reports = []
        for source in sources:
            report = self._run_cell(source)
            self._cells.append((source, report.status))
            reports.append(report)
        return reports

    def origins(self, names: list[str]) -> dict[str, str]:
        """Full names of the functions that the notebook did not define itself, by name; empty when nothing answers."""
        try:
            answer = self._ask({"do": "origins", "names": list(names)}, self._limits.call_seconds)
        except Lost:
            return {}
        told = answer.get("origins")
        told = told if type(told) is dict else {}
        return {name: told[name][:200] for name in names if type(told.get(name)) is str and told[name]}

    def call(self, name: str, case: Any, seconds: float) -> Outcome:
        """Call the notebook's function ``name`` with the arguments of ``case`` (it has ``args`` and ``kwargs``).

        A function whose call crashed or could not be stopped is not called again.
        """
        seconds = min(seconds, self._limits.call_seconds)
        if name in self._given_up:
            return Outcome(self._given_up[name])
        with hosted([list(case.args), dict(case.kwargs)], self.socket_folder) as (sent, evidence):
            order = {"do": "call", "name": name, "sent": encode(sent), "seconds": seconds}
            outcome = self._outcome(order, seconds)
        if outcome.kind == "crash" or (outcome.kind == "timeout" and self._worker is None):
            self._given_up[name] = outcome.kind
        return with_evidence(outcome, evidence())

    def value(self, names: list[str]) -> Outcome:
        """The notebook's values of these names: one as itself, several as a tuple."""
        return self._outcome({"do": "value", "names": list(names)}, self._limits.call_seconds)

    def _outcome(self, order: dict[str, Any], seconds: float) -> Outcome:
        started = time.monotonic()
        try:
            answer = self._ask(order, seconds)
        except Lost as lost:
            return Outcome("timeout" if lost.kind == "timeout" else "crash", seconds=time.monotonic() - started)
        try:
            return Outcome.from_json(answer.get("outcome"), seconds=time.monotonic() - started)
        except Exception as error:  # whatever decoding strangers' data can raise, up to pandas' own errors
            return Outcome("unsendable", error_text=type(error).__name__, seconds=time.monotonic() - started)

    def _run_cell(self, source: str) -> CellReport:
        started = time.monotonic()
        if started >= self._end:
            return CellReport("skipped")
        try:
            answer = self._ask_cell(source, len(self._cells) + 1)
        except Lost as lost:
            return CellReport("timeout" if lost.kind == "timeout" else "crash", seconds=time.monotonic() - started)
        return _cell_report(answer, time.monotonic() - started)

    def _ask_cell(self, source: str, number: int, replay: bool = False) -> dict[str, Any]:
        seconds = self._limits.cell_seconds
        order = {"do": "cell", "source": source, "number": number, "seconds": seconds}
        return self._exchange(order, seconds) if replay else self._ask(order, seconds)

    def _ask(self, order: dict[str, Any], seconds: float) -> dict[str, Any]:
        if time.monotonic() >= self._end:
            self._drop()
            raise Lost("timeout")
        while self._worker is None:
            self._start_again()
        return self._exchange(order, seconds)

    def _exchange(self, order: dict[str, Any], seconds: float) -> dict[str, Any]:
        """One order and its answer. When there is none, the worker is killed."""
        self._order += 1
        line = json.dumps({"id": self._order, **order}).encode() + b"\n"
        deadline = min(time.monotonic() + seconds + self._limits.grace, self._end)
        try:
            return self._talk(line, self._order, deadline)
        except Lost:
            self._drop()
            raise

    def _talk(self, line: bytes, number: int, deadline: float) -> dict[str, Any]:
        answer = self._channel.exchange(line, b'{"id": %d,' % number, deadline)
        try:
            data = json.loads(answer)
        except (ValueError, RecursionError) as error:  # forged, nested too deep, numbers too long
            raise Lost("crash") from error
        return data

    def _start(self) -> None:
        self._starts += 1
        self._worker = self._sandbox.start(self._limits, self.socket_folder)
        process = self._worker.process
        self._channel = LineChannel(process.stdin.fileno(), process.stdout.fileno(), self._limits.answer)
        setup = json.dumps(self._worker.setup | {"files": self._files}).encode() + b"\n"
        try:
            told = self._talk(setup, 0, time.monotonic() + self._limits.start_seconds)
        except Lost as lost:
            words = self._worker.last_words()
            self._drop()
            raise CourseError(f"{_NOT_STARTED} ({lost.kind}). {words}".strip()) from lost
        asked = self._worker.setup
        if told.get("filter") != asked["filter"] or ("landlock" in asked and not told.get("landlock")):
            self._drop()
            raise CourseError(f"{_NOT_STARTED}: {told}")

    def _start_again(self) -> None:
        """A new worker with the cells that worked before; a cell that ends it now is left out from then on."""
        if self._starts >= _MAX_STARTS:
            raise Lost("crash")
        self._start()
        for index, (source, status) in enumerate(self._cells):
            if status in _REPLAYED:
                try:
                    self._ask_cell(source, index + 1, replay=True)
                except Lost as lost:
                    self._cells[index] = (source, lost.kind)
                    return

    def _drop(self) -> None:
        if self._worker is not None:
            self._worker.kill()
        self._worker = self._channel = None


def _cell_report(answer: dict[str, Any], seconds: float) -> CellReport:
    """A worker's report, believed only as far as its types go."""
    status = answer.get("status")
    types, ignored, line = answer.get("error_types", []), answer.get("ignored", []), answer.get("line", 0)
    texts = [answer.get(name, "") for name in ("error_text", "printed")]
    return CellReport(
        status=status if status in ("ok", "error", "timeout") else "crash",
        error_types=_strings(types),
        error_text=texts[0][:2000] if type(texts[0]) is str else "",
        line=line if type(line) is int and 0 <= line < 10**6 else 0,
        printed=texts[1][:20_000] if type(texts[1]) is str else "",
        ignored=_strings(ignored),
        seconds=seconds,
    )


def _strings(found: Any) -> tuple[str, ...]:
    return tuple(text[:200] for text in found[:50] if type(text) is str) if type(found) is list else ()
