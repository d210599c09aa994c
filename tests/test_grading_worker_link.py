"""A submission's program may do what it likes: the grader gets outcomes, in time, and what was earned stays."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from sandboxed import NAMES, QUICK, case, strongest, this_sandbox

from course_utils.checks.stand_ins import StandIn
from course_utils.errors import CourseError
from course_utils.grading import worker_link
from course_utils.grading.line_channel import LineChannel, Lost
from course_utils.grading.sandbox import choose_sandbox
from course_utils.grading.worker_link import WorkerLink

GOOD = "def good(x):\n    return [x, x * 2]"


def ask(cells, name="f", *args, limits=QUICK, **kwargs):
    """Reports, outcome of one call, and then the outcome of ``good(3)``."""
    with WorkerLink(strongest(), limits) as link:
        reports = link.run_cells([GOOD, *cells])[1:]
        outcome = link.call(name, case(*args, **kwargs), QUICK.call_seconds)
        return reports, outcome, link.call("good", case(3), QUICK.call_seconds)


@pytest.mark.parametrize("name", [*NAMES, "none"])
def test_values_of_every_kind_come_back_and_changed_input_is_told(name):
    sandbox = choose_sandbox(allow_none=True) if name == "none" else this_sandbox(name)
    cells = [
        "import numpy as np",
        "def f(x, *, times):\n    x[0] = 9\n    print('said')\n    return {'a': (x * times, None)}",
    ]
    with WorkerLink(sandbox, QUICK) as link:
        assert [report.status for report in link.run_cells(cells)] == ["ok", "ok"]
        outcome = link.call("f", case(np.array([1.0, 2.0]), times=3), 1.0)
        assert outcome.kind == "value" and outcome.changed_input and outcome.printed == "said\n"
        np.testing.assert_array_equal(outcome.value["a"][0], [27.0, 6.0])
        again = link.call("f", case(np.array([1.0, 2.0]), times=3), 1.0)
        np.testing.assert_array_equal(again.value["a"][0], [27.0, 6.0])  # fresh arguments each time


def test_cells_share_a_namespace_and_an_error_ends_only_its_cell():
    cells = ["a = 1\nb = 1 / 0\nc = 2", "d = a + 1", "def f():\n    return [a, d, __name__, 'c' in globals()]"]
    reports, outcome, _ = ask(cells)
    assert [report.status for report in reports] == ["error", "ok", "ok"]
    assert reports[0].error_types[0] == "ZeroDivisionError" and reports[0].line == 2
    assert outcome.value == [1, 2, "__main__", False]


def test_what_a_notebook_finds_in_jupyter_is_there():
    cells = [
        "%matplotlib inline\n!pip install nothing\nx = !ls\ntext = '''\n%kept\n'''",
        "%%time\ny = 1",
        "from google.colab import drive, files\ndrive.mount('/content')\nimport google.colab",
        "get_ipython().run_line_magic('matplotlib', 'inline')\ndisplay(1)\nhelp(int)",
        "from course_utils import check, progress\nz = check('f', f=1) + progress('ex04')",
        "import asyncio\nw = await asyncio.sleep(0, 7)",
        "exit()",
        "name = input('?')",
        "open('helper.py', 'w').write('v = 5')\nimport helper",
        "def f():\n    return [x, y, z, w, helper.v, text]",
    ]
    reports, outcome, _ = ask(cells)
    assert [report.status for report in reports] == ["ok"] * 6 + ["error"] * 2 + ["ok"] * 2
    assert outcome.value == [[], 1, 0.0, 7, 5, "\n%kept\n"]
    assert "input()" in reports[7].error_text
    assert reports[0].ignored == ("%matplotlib inline", "!pip install nothing", "x = !ls")


def test_data_files_and_stand_ins_reach_the_program():
    cells = ["def f(rng):\n    return [rng.integers(100), open('d.txt').read()]"]
    with WorkerLink(strongest(), QUICK, files={"d.txt": "자료".encode()}) as link:
        link.run_cells(cells)
        outcome = link.call("f", case(StandIn("rng", seed=5)), 1.0)
    assert outcome.value == [np.random.default_rng(5).integers(100), "자료"]


def test_printing_without_end_is_cut_and_stderr_is_no_mistake():
    cells = ["import sys\nfor _ in range(300):\n    print('x' * 100_000)\nprint('warn', file=sys.stderr)",
             "def f():\n    print('y' * 10_000_000)\n    print('progress', file=sys.stderr)\n    return 1"]  # fmt: skip
    reports, outcome, _ = ask(cells)
    assert len(reports[0].printed) == 20_000 and len(outcome.printed) == 2_000 and outcome.value == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("while True: pass", "timeout"),
        ("while True:\n        try:\n            while True: pass\n        except BaseException: pass", "timeout"),
        ("import signal\n    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 30))\n    while True: pass", "timeout"),
        ("import os; os._exit(0)", "crash"),
        ("import os; os.kill(os.getpid(), 9)", "crash"),
        ("import ctypes; ctypes.string_at(0)", "crash"),
        ("import os\n    for n in range(3, 100):\n        try: os.close(n)\n        except OSError: pass", "crash"),
        ("import os\n    while True: os.write(21, b'x' * 65536)", "crash"),
        ("import os\n    while True: os.write(21, b'y\\n' * 999)", "crash"),
        ("import sys; sys.exit()", "error"),
        ("raise KeyboardInterrupt", "error"),
        ("return f()", "error"),
        ("return bytearray(3 << 30)", "error"),
        ("return object()", "unsendable"),
        ("return 10 ** 100000", "unsendable"),
        ("x = []; x.append(x); return x", "unsendable"),
        ("return ['x' * 900000] * 9", "unsendable"),
        ("import os; os.write(21, b'{\"id\": 3, ' + b'[' * 200000 + b'\\n'); return 1", "crash"),
        ('import os; os.write(21, b\'{"id": 3, "outcome": 3}\\n\'); return 1', "unsendable"),
        ("import os; os.write(21, b'{\"id\": 3, \"outcome\": ' + b'9' * 9999 + b'}\\n'); return 1", "crash"),
        ("import os; os.write(21, b'{\"id\": 9}\\n[]\\n\\xff\\n'); return 1", "value"),
    ],
)
def test_no_call_stops_the_grader_and_the_next_function_is_graded(body, kind):
    started = time.monotonic()
    _, outcome, good = ask([f"def f():\n    {body}"])
    assert outcome.kind == kind, outcome
    assert good.value == [3, 6]
    assert time.monotonic() - started < 6


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("while True: pass", "timeout"),
        ("import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 30))\nwhile True: pass", "timeout"),
        ("import os; os._exit(1)", "crash"),
        ("def", "error"),
        ("\0", "error"),
        ("(" * 5000, "error"),
        ("import no_such_package", "error"),
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()", "ok"),
    ],
)
def test_no_cell_stops_the_grader_and_the_others_are_run(cell, status):
    reports, outcome, good = ask([cell, "def f():\n    return good(1)"])
    assert [report.status for report in reports] == [status, "ok"]
    assert outcome.value == [1, 2] and good.value == [3, 6]


def test_a_function_that_crashed_is_not_called_again_and_cells_are_replayed_once():
    with WorkerLink(strongest(), QUICK) as link:
        link.run_cells([GOOD, "import os\ndef f(): os._exit(1)"])
        assert link.call("f", case(), 1.0).kind == "crash" and link.call("good", case(1), 1.0).kind == "value"
        assert link.call("f", case(), 1.0).kind == "crash" and link.restarts == 1


def test_a_cell_that_ends_the_program_only_when_replayed_is_left_out():
    trap = "import os\nif os.path.exists('again'):\n    os._exit(1)"
    with WorkerLink(strongest(), QUICK, files={"again": b""}) as link:
        link._cells = [(GOOD, "ok"), (trap, "ok"), ("v = 1", "ok")]
        link._drop()
        assert link.call("good", case(1), 1.0).value == [1, 2]
        assert link.value(["v"]).value == 1 and link.restarts == 2


def test_total_time_is_limited_whatever_the_cells_do():
    limits = replace(QUICK, total_seconds=2.0)
    started = time.monotonic()
    with WorkerLink(strongest(), limits) as link:
        reports = link.run_cells([GOOD, *["import time\ntime.sleep(1.2)"] * 4])
        assert [report.status for report in reports] == ["ok", "ok", "timeout", "skipped", "skipped"]
        assert link.call("good", case(1), 1.0).kind == "timeout"
        assert link.origins(["good"]) == {}
    assert time.monotonic() - started < 5


def test_answers_that_are_no_functions():
    cells = ["none = None\ndots = ...\nnumber = 3\nlist_ = [1]\nobj = object()", GOOD]
    with WorkerLink(strongest(), QUICK) as link:
        link.run_cells(cells)
        assert link.call("missing", case(), 1.0).kind == "missing" and link.call("none", case(), 1.0).value is ...
        assert link.call("number", case(), 1.0).kind == "unsendable"
        assert link.value(["number"]).value == 3 and link.value(["number", "list_"]).value == (3, [1])
        assert link.value(["number", "nothing"]).kind == "missing" and link.value(["obj"]).kind == "unsendable"


def test_functions_that_the_notebook_did_not_define_are_told():
    cell = "from math import exp\nimport functools\npart = functools.partial(exp, 1)\nwrapped = functools.cache(good)"
    odd = "number = 3\nclass Odd:\n    def __getattr__(self, name): raise SystemExit\nodd = Odd()"
    with WorkerLink(strongest(), QUICK) as link:
        link.run_cells([GOOD, cell, odd])
        told = link.origins(["exp", "part", "good", "wrapped", "number", "odd", "missing"])
    assert told == {"exp": "math.exp", "part": "math.exp"}


def test_no_thread_and_no_process_is_left():
    before = threading.active_count()
    for body in ("return 1", "import os; os._exit(1)", "while True: pass"):
        with WorkerLink(strongest(), QUICK) as link:
            link.run_cells([f"def f():\n    {body}"])
            link.call("f", case(), 0.3)
            worker = link._worker
        assert link._worker is None and (worker is None or worker.process.returncode is not None)
    assert threading.active_count() == before


def test_a_worker_that_does_not_start_is_told_with_its_last_words(monkeypatch):
    from course_utils.grading import sandbox

    monkeypatch.setattr(sandbox, "_START", "raise SystemExit('no module')")
    with pytest.raises(CourseError, match="시작되지 않았습니다.*no module"), WorkerLink(strongest(), QUICK):
        pass


def test_reports_are_believed_only_as_far_as_their_types_go():
    forged = {"status": "great", "error_types": [1, "A"], "error_text": 5, "line": -3, "printed": ["x"], "ignored": 1}
    report = worker_link._cell_report(forged, 0.5)
    assert report == worker_link.CellReport("crash", ("A",), seconds=0.5)


def test_the_channel_keeps_its_deadline_and_its_limit(tmp_path):
    import os

    (inner_in, out), (inner, inner_out) = os.pipe(), os.pipe()
    channel = LineChannel(out, inner, 1000)
    try:
        with pytest.raises(Lost, match="timeout"):  # nobody reads, nobody answers
            channel.exchange(b"x" * 200_000, b"a", time.monotonic() + 0.1)
        os.write(inner_out, b"junk\nab" + b"c" * 500 + b"\n")
        assert channel.exchange(b"", b"ab", time.monotonic() + 1) == b"ab" + b"c" * 500
        os.write(inner_out, b"z" * 2000)
        with pytest.raises(Lost, match="flood"):
            channel.exchange(b"", b"ab", time.monotonic() + 1)
        os.close(inner_in)
        with pytest.raises(Lost, match="crash"):
            LineChannel(out, inner, 1000).exchange(b"x", b"a", time.monotonic() + 1)
    finally:
        for number in (out, inner, inner_out):
            os.close(number)
