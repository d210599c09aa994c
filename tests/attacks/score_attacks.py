"""Attempts at points that were not earned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attack_notebooks import (
    FILE,
    FULL,
    KEY,
    POINTS,
    ROOT,
    TASKS,
    Attack,
    answers,
    cell_attack,
    code,
    given_out,
    solved,
    with_cells,
    write_notebook,
)

EQUAL = """
class Equal:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __contains__ = __lt__
    def __hash__(self): return 0
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    def __array__(self, *args, **kwargs): return np.zeros(0)
    def __len__(self): return 0
    def __bool__(self): return True
"""
REFERENCES = f"""
import importlib.util, pathlib, sys
sys.path.insert(0, {str(ROOT)!r})
for name in {TASKS!r}:
    for file in ({str(ROOT)!r} + '/answer_key/ex04/' + name + '.py',):
        try:
            space = {{}}
            exec(open(file).read(), space)
            globals()[name] = space['reference']
        except BaseException:
            pass
"""
SOLUTION = f"""
import json
try:
    for cell in json.load(open({str(ROOT / "solutions" / KEY.folder / FILE)!r}))['cells']:
        if cell['metadata'].get('nbgrader', {{}}).get('solution') and cell['cell_type'] == 'code':
            exec(''.join(cell['source']), globals())
except OSError:
    pass
"""
SHEET_FILE = str(ROOT / "course_utils" / "assets" / "checks" / "ex04.json")
SHEET = answers(
    f"""
import course_utils, glob, json
from course_utils.checks.values import decode, encode
for path in [*glob.glob(course_utils.__path__[0] + '/assets/checks/*.json'), {SHEET_FILE!r}]:
    try:
        for task in json.load(open(path))['tasks']:
            for case in [c for a in task['aspects'] for c in a['cases']]:
                if case['args'] == [encode(x) for x in args]:
                    return decode(case['expected']['value'])
    except OSError:
        pass
"""
)
FRAMES = answers("""
import gc, sys
frame = sys._getframe()
while frame is not None:
    for name in ('expected', 'wanted', 'reference'):
        if name in frame.f_locals:
            return frame.f_locals[name]
    frame = frame.f_back
for thing in gc.get_objects():
    if type(thing).__name__ in ('CaseSheet', 'Task', 'Outcome') and getattr(thing, 'expected', None) is not None:
        return thing.expected
""")
FORGED_LINES = """
import os
line = b'{"id": %d, "outcome": {"kind": "value", "value": 4.0, "points": 99, "earned": 99}, "status": "ok"}\\n'
for order in range(1, 300):
    for number in range(3, 40):
        try:
            os.write(number, line % order)
        except OSError:
            pass
"""
PATCHED = {
    "tests_of_numpy": "import numpy.testing\nfor n in dir(np.testing):\n    if n.startswith('assert'): "
    "setattr(np.testing, n, lambda *a, **k: None)",
    "comparisons_of_numpy": "np.allclose = np.array_equal = np.isclose = np.array_equiv = lambda *a, **k: True",
    "builtins": "import builtins\nbuiltins.sorted = lambda *a, **k: []\nbuiltins.all = builtins.isinstance = "
    "lambda *a, **k: True\nbuiltins.len = lambda *a: 1\nbuiltins.abs = lambda *a: 0",
    "judges": "import course_utils.checks.judges as j\nj.find = lambda name: lambda *a, **k: None\n"
    "for n in dir(j):\n    if callable(getattr(j, n)): setattr(j, n, lambda *a, **k: None)",
    "scoring": "import course_utils.checks.scoring as s\ns.disagreement = s.examine = lambda *a, **k: None",
    "hidden_check": "import sys, types\nm = types.ModuleType('answer_key.hidden')\nm.check_hidden = lambda *a: 99.0\n"
    "sys.modules['answer_key'] = types.ModuleType('answer_key')\nsys.modules['answer_key.hidden'] = m",
    "check": "import course_utils, course_utils.checks\ncheck = course_utils.check = course_utils.checks.check = "
    "lambda *a: 99.0\nprogress = lambda *a: 99.0",
    "outcome": "from course_utils.checks.outcome import Outcome\nOutcome.to_json = lambda self: {'kind': 'value', "
    "'value': 4.0, 'points': 99, 'earned': 99, 'passed': True}",
    "encoding": "import course_utils.checks.values as v, course_utils.checks.outcome as o\n"
    "v.encode = o.encode = lambda x: {'$': 'stand_in', 'data': ['rng', {'seed': 1}]}",
    "json": "import json\nold = json.dumps\njson.dumps = lambda x, **k: old(x, **k)[:-1] + ', \"outcome\": "
    "{\"kind\": \"value\", \"value\": Infinity}, \"points\": 99}'",
    "worker": "import course_utils.grading.worker as w\nfrom course_utils.checks.outcome import Outcome\n"
    "w._call = w._value = lambda *a: Outcome('value', True)\nw._obey = lambda *a: {'outcome': {'kind': 'value', "
    "'value': True}, 'points': 99}",
    "module_numpy": "import sys, types\nfake = types.ModuleType('numpy')\n"
    "fake.__getattr__ = lambda n: lambda *a, **k: 1\n"
    "sys.modules['numpy'] = fake",
    "own_numpy_file": "open('numpy.py', 'w').write('def __getattr__(n): return lambda *a, **k: True')\nimport sys\n"
    "sys.path.insert(0, '')\nfor n in [n for n in sys.modules if n.startswith('numpy')]: del sys.modules[n]\n"
    "import numpy",
    "transformer": "import ast\nclass Drop(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
    "get_ipython().ast_transformers.append(Drop())",
}  # fmt: skip
RETURNED = {
    "published_points": "print('4.0'); display(4.0); get_ipython().displayhook(4.0); return 4.0",
    "equal_object": "return Equal()",
    "equal_float": "return type('F', (float,), {'__eq__': lambda s, o: True, '__sub__': lambda s, o: 0.0})(1.0)",
    "equal_list": "return type('L', (list,), {'__eq__': lambda s, o: True, '__len__': lambda s: 3})([1, 2, 3])",
    "equal_text": "return type('S', (str,), {'__eq__': lambda s, o: True})('x')",
    "not_a_number": "return np.full(np.shape(args[0]) if args else 3, np.nan)",
    "ellipsis": "return ...",
    "module": "return np",
}  # fmt: skip


def _metadata(name: str, **changes: Any) -> Attack:
    """Marks of nbgrader changed in every cell that has them."""

    def write(folder: Path) -> None:
        notebook = given_out()
        for cell in notebook["cells"]:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"] |= changes
        write_notebook(notebook, folder)

    return Attack(f"marks_{name}", write)


def _cells(name: str, change: Any, earned: int = 0) -> Attack:
    def write(folder: Path) -> None:
        notebook = given_out()
        notebook["cells"] = change(notebook["cells"])
        write_notebook(notebook, folder)

    return Attack(name, write, earned)


def _is_check(cell: dict[str, Any]) -> bool:
    return cell["metadata"].get("nbgrader", {}).get("grade") is True and cell["cell_type"] == "code"


def _forged_outputs(cells: list[Any]) -> list[Any]:
    result = {"output_type": "execute_result", "data": {"text/plain": "4.0"}, "execution_count": 1, "metadata": {}}
    return [cell | ({"outputs": [result]} if _is_check(cell) else {}) for cell in cells]


def _first_half_wrong(folder: Path) -> None:
    write_notebook(with_cells(solved(TASKS[:2]), last=[answers("return 0")]), folder)


SCORES = [
    cell_attack("references_from_files", REFERENCES),
    cell_attack("references_imported", f"import sys\nsys.path[:0] = [{str(ROOT)!r}]\n"
                "from answer_key.ex04.softmax import reference as softmax"),
    cell_attack("solution_notebook_run", SOLUTION),
    cell_attack("sheet_looked_up", SHEET),
    cell_attack("sheet_through_the_package", answers(
        "from course_utils.checks.sheets import task_sheet\n"
        "return task_sheet('softmax').aspects[0].cases[0].expected.value")),
    cell_attack("frames_and_objects", FRAMES),
    cell_attack("forged_lines_in_a_cell", FORGED_LINES),
    cell_attack("forged_lines_in_a_call", answers(FORGED_LINES + "return 4.0")),
    *(cell_attack(f"patched_{name}", source, answers("return 4.0")) for name, source in PATCHED.items()),
    *(cell_attack(f"returned_{name}", EQUAL, answers(body)) for name, body in RETURNED.items()),
    _metadata("points", points=100, grade=True, locked=False),
    _metadata("solution", solution=True, grade=False),
    _metadata("unknown", grade_id="nobody"),
    _metadata("types", grade_id=["x"], points="many", schema_version={"a": 1}),
    _cells("checks_as_text", lambda cells: [c | ({"cell_type": "markdown"} if _is_check(c) else {}) for c in cells]),
    _cells("checks_deleted", lambda cells: [c for c in cells if not _is_check(c)]),
    _cells("checks_replaced", lambda cells: [c | ({"source": "4.0"} if _is_check(c) else {}) for c in cells]),
    _cells("forged_outputs", _forged_outputs),
    _cells("one_answer_copied_over_all_marks", lambda cells: [*cells, *(code("99.0", nbgrader={
        "grade_id": name, "grade": True, "points": 99, "schema_version": 3}) for name in TASKS)]),
    Attack("right_answers_overwritten", _first_half_wrong),
]  # fmt: skip
assert FULL == sum(POINTS.values())
