"""Inside the sandbox: a notebook's cells, run one after another in one namespace as a kernel would."""

from __future__ import annotations

import ast
import builtins
import importlib.machinery
import inspect
import io
import linecache
import sys
import types
from typing import Any

from course_utils.checks.calling import TimeUp, time_limit
from course_utils.grading.magics import plain_python

MAX_PRINTED = 20_000  # letters kept of what one cell prints
_NO_INPUT = "채점할 때는 input()에 답할 사람이 없습니다. input()을 쓰지 않는 코드로 고쳐 주십시오."


class Kept(io.TextIOBase):
    """A place for printed text that keeps the beginning and drops the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._room = MAX_PRINTED

    def write(self, text: str) -> int:
        if self._room > 0 and text:
            self._parts.append(str(text[: self._room]))
            self._room -= len(self._parts[-1])
        return len(text)

    def writable(self) -> bool:
        return True

    @property
    def buffer(self) -> Any:
        """For programs that print bytes."""
        return types.SimpleNamespace(write=lambda data: self.write(bytes(data).decode("utf-8", "replace")), flush=int)

    @property
    def encoding(self) -> str:
        return "utf-8"

    def text(self) -> str:
        """What was kept."""
        return "".join(self._parts)


class _Nothing:
    """Stands for parts of Jupyter that do not exist here: any attribute, any call, and nothing happens."""

    def __getattr__(self, name: str) -> _Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        return None


class _Colab:
    """``google.colab`` as an empty package, so that a notebook from Colab runs."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name == "google" or name.split(".")[:2] == ["google", "colab"]:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        module = types.ModuleType(spec.name)
        if spec.name != "google":
            module.__getattr__ = _Nothing().__getattr__
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


def new_namespace() -> dict[str, Any]:
    """The namespace of a fresh notebook, and this process prepared for it."""
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    sys.meta_path.append(_Colab())
    builtins.input = _no_input
    _silence_checks()
    nothing = _Nothing()
    main.__dict__.update(
        get_ipython=lambda: nothing, display=_nothing, exit=_leave, quit=_leave, help=_nothing, __builtins__=builtins
    )
    return main.__dict__


def _silence_checks() -> None:
    """``check()`` and ``progress()`` of the notebook do nothing here: the grader asks its own questions."""
    import course_utils
    import course_utils.checks

    for module in (course_utils, course_utils.checks):
        module.check = module.progress = _no_points


def _no_points(*args: Any, **kwargs: Any) -> float:
    return 0.0


def _nothing(*args: Any, **kwargs: Any) -> None:
    return None


def _leave(*args: Any) -> None:
    raise SystemExit


def _no_input(*args: Any) -> str:
    raise RuntimeError(_NO_INPUT)


def run_cell(source: str, number: int, namespace: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Run one cell; nothing it raises comes out. Returns the report as plain data."""
    output = Kept()
    name = f"<ipython-input-{number}>"
    report: dict[str, Any] = {"status": "ok"}
    sys.stdout = sys.stderr = output
    try:
        with time_limit(seconds):
            code, ignored = plain_python(source)
            report["ignored"] = [line[:200] for line in ignored[:20]]
            linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
            _execute(code, name, namespace)
    except TimeUp:
        report["status"] = "timeout"
    except BaseException as error:  # SystemExit and KeyboardInterrupt end this cell, as in Jupyter
        report |= {"status": "error", **_told(error, name)}
    report["printed"] = output.text()
    return report


def _execute(code: str, name: str, namespace: dict[str, Any]) -> None:
    compiled = compile(code, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    if compiled.co_flags & inspect.CO_COROUTINE:
        import asyncio  # here, because it costs 30 ms and hardly any cell awaits

        asyncio.run(types.FunctionType(compiled, namespace)())
    else:
        exec(compiled, namespace)


def _told(error: BaseException, name: str) -> dict[str, Any]:
    line, trace = 0, error.__traceback__
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == name else line
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == name:
        line = error.lineno or 0
    try:
        text = str(error)[:2000]
    except BaseException:  # a student's own exception whose __str__ fails
        text = ""
    return {"error_types": [kind.__name__ for kind in type(error).__mro__[:-1]], "error_text": text, "line": line}
