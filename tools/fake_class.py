"""Make a class that hands in: `python -m tools.fake_class FOLDER --students 200 [--set ex04] [--shape flat]`.

Perfect, partly right (known mistakes of the answer key), blank, copied and late submissions, and faults of every kind
between them. `FOLDER/submitted` is what the grader gets, `FOLDER/truth.json` what each student really did.
"""

import argparse
import ast
import inspect
import json
import os
import random
import re
import sys
import textwrap
import types
import zipfile
from dataclasses import dataclass
from pathlib import Path

from answer_key import load_set, set_names
from tools.fake_faults import FAULTS

ROOT = Path(__file__).resolve().parent.parent
SHAPES = ("nbgrader", "flat", "moodle", "mixed")
_FAMILY, _GIVEN = (
    "김이박최정강조윤장임",
    ["민준", "서연", "도윤", "하은", "지호", "수아", "예준", "지우", "현우", "소율"],
)
_REASONS = [
    "온도가 낮으면 차이가 커집니다.",
    "로짓의 차이를 온도로 나누기 때문입니다.",
    "직접 계산해 보니 그렇게 나왔습니다.",
]


@dataclass(frozen=True)
class Student:
    """One who hands in. `kind`: "perfect", "partial", "blank", "copied", "late" or the name of a fault.

    `mistakes`: task -> known mistake; `source`: whom a copied submission is from.
    """

    name: str
    exercise: str
    kind: str
    mistakes: dict
    source: str = ""


def cells_of(exercise, kind):
    """The code and text of the set's notebook as a dictionary; `kind`: "solutions" or "exercises"."""
    key = load_set(exercise)
    return json.loads((ROOT / kind / key.folder / f"{key.folder}.ipynb").read_text(encoding="utf-8"))


def _grade_id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def _solved(exercise):
    """Task -> the solution cell's text without the marks of the solution."""
    found = {}
    for cell in cells_of(exercise, "solutions")["cells"]:
        source = re.sub(r"^ *### (BEGIN|END) SOLUTION\n?", "", "".join(cell["source"]), flags=re.M)
        found[_grade_id(cell)] = source
    return found


def mistaken_source(task, mistake):
    """The mistake as a learner would have written it; "" where it needs more than its own function."""
    names = task.answers
    if task.kind == "value":
        values = mistake.answer if len(names) > 1 else (mistake.answer,)
        lines = [f"{name} = {value!r}" for name, value in zip(names, values, strict=True)]
        try:
            ast.literal_eval(lines[0].partition("= ")[2])
        except (ValueError, SyntaxError):
            return ""
        return "\n".join(lines)
    function = mistake.answer
    if not isinstance(function, types.FunctionType) or function.__name__ == "<lambda>":
        return ""
    outer = _names(function.__code__) & set(function.__globals__) - {"np", "pd", "math"}
    if outer or function.__closure__ or mistake.expected:
        return ""
    source = textwrap.dedent(inspect.getsource(function))
    return re.sub(rf"\bdef {function.__name__}\b", f"def {names[0]}", source, count=1)


def _names(code):
    """Names that the code uses, inner functions and comprehensions included."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def own_style(name):
    """Lines that only one learner would write: a helper that is never needed, different for every name."""
    rng = random.Random(name)
    steps = [
        "total = total * {} + value", "if value > {}: total -= value", "total = abs(total - {})", "value %= {}",
        "while value > {}: value //= 2", "total, value = value, total + {}", "values = [value, {}, *values]",
        "total += len(str(value)) * {}", "for extra in range({}): total ^= extra", "value = max(value, {}, total)",
    ]  # fmt: skip
    body = [f"    {rng.choice(steps).format(rng.randint(2, 99))}" for _ in range(10)]
    return "\n".join(["def try_out(values, value=1, total=0):", *body, "    return total, value, values"])


def notebook_for(student, rng):
    """The student's notebook as a dictionary."""
    key, notebook = load_set(student.exercise), cells_of(student.exercise, "exercises")
    if student.kind == "blank":
        return notebook
    solved, tasks = _solved(student.exercise), {task.name: task for task in key.tasks}
    for cell in notebook["cells"]:
        task = tasks.get(_grade_id(cell))
        if task is None:
            continue
        source = solved[task.name]
        if task.name in student.mistakes:
            wrong = next(m for m in task.mistakes if m.name == student.mistakes[task.name])
            source = mistaken_source(task, wrong)
        elif task.kind == "text":
            source = f"{rng.choice(_REASONS)} ({student.source or student.name})"
        elif task.kind == "function" and student.kind not in FAULTS:
            source = f"{own_style((student.source or student.name) + task.name)}\n\n\n{source}"
        cell["source"] = source.splitlines(keepends=True)
    return notebook


def _mistakes(exercise, rng):
    """Some tasks of the set, each with one of its known mistakes."""
    possible = {}
    for task in load_set(exercise).tasks:
        names = [mistake.name for mistake in task.mistakes if mistaken_source(task, mistake)]
        if names:
            possible[task.name] = rng.choice(names)
    chosen = rng.sample(sorted(possible), k=min(len(possible), rng.randint(1, 3)))
    return {name: possible[name] for name in chosen}


def make_students(count, exercises, rng, faults=0.12):
    """`count` students for every set: two fifths perfect, two fifths partly right, the rest blank, copied or faulty."""
    students, faulty, every = [], list(FAULTS), round(1 / faults) if faults else 0
    names = [f"{_FAMILY[i % 10]}{_GIVEN[i // 10 % 10]}{i // 100 or ''}" for i in range(count)]
    for exercise in exercises:
        whole = []
        for number, name in enumerate(names):
            draw = rng.random()
            if faults and (number + 1) % every == 0:
                kind = faulty[number // every % len(faulty)]
                students.append(Student(name, exercise, kind, {}))
            elif draw < 0.4:
                whole.append(Student(name, exercise, "perfect" if draw < 0.36 else "late", {}))
            elif draw < 0.8 or not whole:
                whole.append(Student(name, exercise, "partial", _mistakes(exercise, rng)))
            elif draw < 0.9:
                students.append(Student(name, exercise, "blank", {}))
            else:
                source = rng.choice(whole)
                students.append(Student(name, exercise, "copied", source.mistakes, source.name))
        students += whole
    return students


def _path(student, shape, number):
    folder = load_set(student.exercise).folder
    if shape == "mixed":
        shape = SHAPES[number % 3]
    if shape == "nbgrader":
        return f"{student.name}/{folder}/{folder}.ipynb"
    if shape == "moodle":
        return f"{student.name}_{1000 + number}_assignsubmission_file_/{folder}.ipynb"
    return f"{folder} - {student.name}.ipynb" if number % 2 else f"{student.name}_{student.exercise} (1).ipynb"


def write_class(folder, students, rng, shape="nbgrader"):
    """Write `folder`/submitted (or submitted.zip for "moodle") and `folder`/truth.json; returns what to grade."""
    folder.mkdir(parents=True, exist_ok=True)
    submitted = folder / "submitted"
    for number, student in enumerate(students):
        path = submitted / _path(student, shape, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        notebook = notebook_for(student, rng)
        if student.kind in FAULTS:
            FAULTS[student.kind](path, notebook, student.exercise)
        else:
            path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
        if shape == "nbgrader":
            day = 30 if student.kind == "late" else 20
            (path.parent / "timestamp.txt").write_text(f"2026-03-{day} 12:00:00 Asia/Seoul", encoding="utf-8")
    truth = [vars(student) for student in students]
    (folder / "truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")
    return _zip(submitted) if shape == "moodle" else submitted


def _zip(submitted):
    target = submitted.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(submitted.rglob("*")):
            if path.is_file() and not path.is_symlink():
                archive.write(path, path.relative_to(submitted))
    return target


def main(arguments=None):
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--set", action="append", choices=set_names(), dest="sets")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shape", choices=SHAPES, default="nbgrader")
    parser.add_argument("--faults", type=float, default=0.12, help="share of students whose file is odd or hostile")
    options = parser.parse_args(arguments)
    if options.folder.exists() and os.listdir(options.folder):
        print(f"{options.folder} is not empty", file=sys.stderr)
        return 2
    rng = random.Random(options.seed)
    students = make_students(options.students, options.sets or ["ex04"], rng, options.faults)
    submitted = write_class(options.folder, students, rng, options.shape)
    print(f"{len(students)} submissions in {submitted}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
