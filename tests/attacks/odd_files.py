"""Files that are no fair notebooks, notebooks that went through other programs, and honest noise."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attack_notebooks import FILE, FULL, TASKS, Attack, cell_attack, code, given_out, solved, write_notebook

ALL = tuple(TASKS)


def _bytes(name: str, content: bytes, *statuses: str) -> Attack:
    def write(folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / FILE).write_bytes(content)

    return Attack(f"file_{name}", write, 0, statuses or ("unreadable",))


def _changed(name: str, change: Callable[[dict[str, Any]], Any], earned: int = FULL, file: str = FILE) -> Attack:
    """A solved notebook after ``change``, which edits it or returns another."""

    def write(folder: Path) -> None:
        notebook = solved()
        write_notebook(change(notebook) or notebook, folder, file)

    return Attack(f"file_{name}", write, earned)


def _each(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    def change_all(notebook: dict[str, Any]) -> None:
        for cell in notebook["cells"]:
            change(cell)

    return change_all


def _format_3(notebook: dict[str, Any]) -> dict[str, Any]:
    cells = []
    for cell in notebook["cells"]:
        name = "input" if cell["cell_type"] == "code" else "source"
        kept = {key: value for key, value in cell.items() if key not in ("source", "id", "execution_count")}
        cells.append(kept | {name: cell["source"], "language": "python"})
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


def _colab(notebook: dict[str, Any]) -> None:
    notebook["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}, "accelerator": "GPU"}
    notebook["nbformat_minor"] = 0
    for cell in notebook["cells"]:
        cell["metadata"] = {"id": "xY3"} | {k: v for k, v in cell["metadata"].items() if k == "nbgrader"}
        cell.pop("id", None)


def _copied(notebook: dict[str, Any]) -> None:
    stubs = [cell for cell in given_out()["cells"] if cell["metadata"].get("nbgrader")]
    notebook["cells"] = [cell for cell in notebook["cells"] for _ in range(2)] + stubs


def _pipe(folder: Path) -> None:
    folder.mkdir(parents=True)
    os.mkfifo(folder / FILE)


def _folder(folder: Path) -> None:
    (folder / FILE).mkdir(parents=True)


def _extra(folder: Path) -> None:
    write_notebook(solved(), folder)
    (folder / "notes.txt").write_text("x")
    (folder / "numpy.py").write_text("raise SystemExit")


GOOD = json.dumps(given_out()).encode()
ODD_FILES = [
    _bytes("empty", b""),
    _bytes("cut_off", GOOD[: len(GOOD) // 2]),
    _bytes("picture", b"\x89PNG\r\n\x1a\n" + bytes(999)),
    _bytes("not_unicode", '{"cells": [{"source": "한글"}]}'.encode("cp949")),
    _bytes("no_cells", b'{"cells": [], "nbformat": 4}'),
    _bytes("nested", b'{"cells": ' + b"[" * 100_000, "unreadable"),
    _bytes("large", GOOD[:-2] + b" " * (21 << 20) + b"}", "refused"),
    Attack("file_pipe", _pipe, 0, ("refused", "")),
    Attack("file_folder", _folder, 0, ("refused", "")),
    _changed("many_cells", lambda notebook: notebook["cells"].extend([code("x = 1")] * 3000), 0),
    _changed("long_cell", lambda notebook: notebook["cells"].append(code("x = 1\n" * 100_000)), 0),
    Attack("file_extra_files", _extra, FULL),
    _changed("other_name", lambda notebook: None, file="ex04 (1) 최종.ipynb"),
    _changed("format_3", _format_3),
    _changed("colab", _colab),
    _changed("no_marks", _each(lambda cell: cell.update(metadata={}))),
    _changed("no_metadata", _each(lambda cell: cell.pop("metadata"))),
    _changed("no_kernel", lambda notebook: notebook.update(metadata={})),
    _changed("schema_99", _each(lambda cell: cell["metadata"].get("nbgrader", {}).update(schema_version=99))),
    _changed("schema_1", _each(lambda cell: cell["metadata"].get("nbgrader", {}).update(schema_version=1))),
    _changed("copied_cells", _copied),
    _changed("half_letters", lambda notebook: notebook["cells"].append(code("'\ud800\0'"))),
    _changed("large_outputs", _each(lambda cell: cell.update(outputs=[{"text": "x" * 200_000}]))),
    _changed("odd_cells", lambda notebook: notebook["cells"].extend([5, None, {}, {"cell_type": 7, "source": 8}, []])),
]
for attack in [a for a in ODD_FILES if a.name in ("file_many_cells", "file_long_cell")]:
    ODD_FILES[ODD_FILES.index(attack)] = Attack(attack.name, attack.write, 0, ("refused",))

HONEST = [
    cell_attack(f"honest_{name}", last, first=[first] if first else (), solve=ALL)
    for name, first, last in (
        ("stderr", "import sys\nprint('loading', file=sys.stderr)", "sys.stderr.write('done')"),
        ("warnings", "import warnings\nwarnings.warn('old')", "np.log(np.array([-1.0, 0.0])) / 0"),
        ("bar", "from tqdm.auto import tqdm\nfor _ in tqdm(range(3)): pass", "print('ok')"),
        ("magics", "%pip install -q numpy\n!ls -la\n%matplotlib inline\n%time x = 1", "%%time\ny = 2"),
        ("colab", "from google.colab import drive, files\ndrive.mount('/content/drive')", "files.upload()"),
        ("folders", "import os\nos.makedirs('mine', exist_ok=True)\nos.chdir('mine')", "open('x.txt', 'w').write('y')"),
        ("missing_package", "import no_such_package", "no_such_package.run()"),
        ("errors", "1 / 0", "undefined_name"),
        ("syntax_error", "def broken(:\n    pass", "print('unfinished'"),
        ("input", "name = input('이름: ')", "print(name)"),
        ("await", "import asyncio\nawait asyncio.sleep(0)", "display(1)"),
        ("own_module", "open('helper.py', 'w').write('v = 1')\nimport helper", "assert helper.v == 1"),
        ("own_checks", "assert True", "assert abs(softmax(np.zeros(2)).sum() - 1) < 1e-9\ncheck('softmax', softmax)"),
        ("own_seed", "np.random.seed(0)\nimport random\nrandom.seed(1)", "np.random.rand()"),
        ("types", "from dataclasses import dataclass", "@dataclass\nclass A:\n    x: int = 1"),
    )
]  # fmt: skip
NOISY = """
import functools, sys
def noisy(function):
    @functools.wraps(function)
    def called(*args, **kwargs):
        print("called", args, file=sys.stderr)
        return function(*args, **kwargs)
    return called
""" + "\n".join(f"{name} = noisy({name})" for name in TASKS if name != "predictions")
HONEST.append(cell_attack("honest_noisy_answers", NOISY, solve=ALL))
