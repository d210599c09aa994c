"""The instructor's tables: sections and cells that exist, and nothing a class runs needs a cell that it did not run."""

import ast
import builtins
import functools
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs/instructor"
PERIODS = (PAGES / "periods.ko.md").read_text(encoding="utf-8").split("## 연습 문제의 시간표")[0]
TABLES = [block for block in re.split(r"^### ", PERIODS, flags=re.MULTILINE) if "/notebooks/" in block]


@functools.cache
def code_cells(notebook: Path) -> dict[str, list[str]]:
    """Section -> the source of its code cells, in the notebook's order."""
    found, section = {}, ""
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            found.setdefault(section, []).append(cell.source)
            continue
        for section in re.findall(r"^#{2,4} (.+?)\s*$", cell.source, flags=re.MULTILINE):
            found.setdefault(section, [])
    return found


def names(source: str) -> tuple[set[str], set[str]]:
    """What the cell defines and what it uses, functions' own names counted as defined."""
    tree = ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE))
    made, used = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (made if isinstance(node.ctx, ast.Store) else used).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            made.add(node.name)
        elif isinstance(node, ast.alias):
            made.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.arg):
            made.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            made.add(node.name)
    return made, used - set(dir(builtins))


def rows(table: str) -> list[list[str]]:
    """The cells of the lines that start with minutes."""
    lines = re.findall(r"^\| \d.*$", table, flags=re.MULTILINE)
    return [[part.strip() for part in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def picked(entry: str, sections: list[str], lesson: dict[str, list[str]]) -> list[tuple[str, int]]:
    """The cells that an entry like "전부" or "4의 1번 셀, 4.1의 2~3번 셀" means; an AssertionError names a bad one."""
    if entry == "-":
        return []
    if entry == "전부":
        return [(section, i) for section in sections for i in range(len(lesson[section]))]
    found, section = [], sections[0]
    for part in entry.split(", "):
        match = re.fullmatch(r"(?:([\d.]+)의 )?(\d+)(?:~(\d+))?번 셀", part)
        assert match, part
        number, first, last = match.groups()
        if number:
            section = next(s for s in sections if re.match(rf"{re.escape(number)}\.? ", s))
        cells = range(int(first) - 1, int(last or first))
        assert cells[-1] < len(lesson[section]), f"{section}: {part}"
        found += [(section, i) for i in cells]
    return found


@pytest.mark.parametrize("table", TABLES, ids=[table.splitlines()[0] for table in TABLES])
def test_a_class_that_runs_what_the_table_says_meets_no_name_error(table):
    lesson = code_cells(ROOT / re.search(r"notebooks/\w+\.ipynb", table)[0])
    order = [(section, i) for section in lesson for i in range(len(lesson[section]))]
    made_by = {cell: names(lesson[cell[0]][cell[1]])[0] for cell in order}
    known: set[str] = set()
    minutes, started = 0, "둘째" not in table.splitlines()[0]
    for time, where, run, shown, _ in rows(table):
        minutes += int(time)
        sections = where.replace("\\|", "|").split("<br>")
        assert all(section in lesson for section in sections if section[0].isdigit()), sections
        sections = [section for section in sections if lesson.get(section)]
        picked(shown, sections, lesson)
        if sections and not started:  # the second hour begins with everything above its first section
            started = True
            known |= set().union(*(made_by[cell] for cell in order[: order.index((sections[0], 0))]))
        for section, i in picked(run, sections, lesson):
            made, used = names(lesson[section][i])
            above = set().union(*(made_by[cell] for cell in order[: order.index((section, i))]))
            missed = (used & above) - made - known
            assert not missed, f"{section}, cell {i + 1}: {missed}"
            known |= made
    assert minutes == 50
