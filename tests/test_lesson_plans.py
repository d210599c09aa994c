"""The plans for lessons: minutes add up; sections, cells and tasks exist; numbers in the notes stand in the lesson."""

import re
from functools import cache
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/instructor"
PAGES = (FOLDER / f"{name}.ko.md" for name in ("periods", "plans", "lessons"))
PERIODS, PLANS, NOTES = (page.read_text(encoding="utf-8") for page in PAGES)
HEADING = re.compile(r"^#{2,3} ((\d+(?:\.\d+)?)\.? .+)$", re.MULTILINE)
LESSONS = {path.name[:2]: path for path in sorted(ROOT.glob("notebooks/0*.ipynb"))}
SETS = {path.name[:4]: path for path in sorted(ROOT.glob("exercises/*/*.ipynb"))}


@cache
def sections(path: Path) -> dict[str, tuple[str, int]]:
    """Number of a section -> (heading as it stands there, its code cells)."""
    found, now = {}, ""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and now:
            found[now][1] += 1
        for heading, number in HEADING.findall(cell.source) if cell.cell_type == "markdown" else ():
            now = number
            found[now] = [heading, 0]
    return {number: (heading, cells) for number, (heading, cells) in found.items()}


@cache
def task_minutes(path: Path) -> dict[str, int]:
    """Number of an exercise's heading -> the minutes that it names."""
    found = {}
    for cell in nbformat.read(path, as_version=4).cells:
        heading = HEADING.search(cell.source)
        minutes = re.search(r"\*\*시간\*\*: (\d+)분", cell.source)
        if heading and minutes:
            found[heading[2]] = int(minutes[1])
    return found


def rows(part: str) -> list[list[str]]:
    """The rows of the part's table whose first cell is a number."""
    lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in part.splitlines() if re.match(r"\| \d+ \|", line)]
    return [[cell.strip() for cell in line] for line in lines]


def parts(text: str) -> dict[str, str]:
    """Every section with a table of minutes."""
    found = {part.partition("\n")[0]: part for part in re.split(r"^#{2,3} ", text, flags=re.MULTILINE)[1:]}
    return {title: part for title, part in found.items() if "| 분 |" in part}


def notebook_of(part: str) -> Path:
    return next(path for path in [*LESSONS.values(), *SETS.values()] if f"[{path.name}]" in part)


LESSON_PERIODS = {title: part for title, part in parts(PERIODS).items() if "| 절 |" in part}
TASK_PERIODS = {title: part for title, part in parts(PERIODS).items() if "| 문제 |" in part}
MIXED = parts(PLANS)  # rows name the lesson in brackets


def named(entry: str, path: Path | None) -> tuple[Path, str, str]:
    """(notebook, section number, heading) of one line in a table's second column."""
    if tag := re.match(r"\[(\w+)\] ", entry):
        path, entry = (LESSONS | SETS)[tag[1]], entry[tag.end() :]
    return path, re.match(r"\d+(?:\.\d+)?", entry)[0], entry


@pytest.mark.parametrize("title", [*LESSON_PERIODS, *TASK_PERIODS])
def test_every_period_has_fifty_minutes(title):
    assert sum(int(row[0]) for row in rows(parts(PERIODS)[title])) == 50


def test_minutes_of_the_plans_are_those_that_their_headings_and_texts_name():
    totals = {title: sum(int(row[0]) for row in rows(part)) for title, part in MIXED.items()}
    assert all(f"({total}분)" in title for title, total in totals.items())
    workshop = [total for title, total in totals.items() if title[:2] in ("오전", "오후")]
    text = PLANS.partition("## 하루 워크숍")[2].partition("\n## ")[0]
    breaks = sum(map(int, re.findall(r"\*\*쉬는 시간 (\d+)분\*\*", text)))
    assert f"모두 {sum(workshop)}분이고, 쉬는 시간 {breaks}분과 점심" in text and sum(workshop) == 6 * 60
    end = 9 * 60 + 30 + sum(workshop) + breaks + 60
    assert f"오후 {end // 60 - 12}시 {end % 60}분에 끝납니다" in text


@pytest.mark.parametrize("title", [*LESSON_PERIODS, *MIXED])
def test_sections_and_cells_exist(title):
    part = (LESSON_PERIODS | MIXED)[title]
    own = notebook_of(part) if title in LESSON_PERIODS else None
    assert any("전부" in row[2] for row in rows(part))
    for _, what, everyone, shown, _ in rows(part):
        entries = [entry for entry in what.split("<br>") if re.match(r"(\[\w+\] )?\d", entry)]
        here = {}
        for path, number, heading in (named(entry, own) for entry in entries):
            assert sections(path)[number][0] == heading
            here[number] = sections(path)[number][1]
        for place, first, last in re.findall(r"(?:(\d+(?:\.\d+)?)의 )?(\d+)(?:~(\d+))?번 셀", f"{everyone} {shown}"):
            [cells] = [here[place]] if place else here.values()
            assert int(first) <= int(last or first) <= cells, (what, everyone, shown)
        if entries and everyone == shown == "-":
            continue  # read or talked about
        assert not entries or sum(here.values()), f"{what}: nothing to run"


@pytest.mark.parametrize("title", TASK_PERIODS)
def test_tasks_exist_and_get_the_time_that_they_name(title):
    part = TASK_PERIODS[title]
    path = notebook_of(part)
    for minutes, what, how in rows(part):
        if re.match(r"\d", what):
            number = re.match(r"\d+(?:\.\d+)?", what)[0]
            assert sections(path)[number][0] == what
            assert int(minutes) >= task_minutes(path)[number] or "나머지는 과제" in how, what


def test_the_course_of_six_weeks_uses_every_period_once():
    weeks = PLANS.partition("## 6주 과정")[2].partition("\n## ")[0]
    used = re.findall(r"\(periods\.ko\.md#([^)]+)\)", weeks)
    known = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in parts(PERIODS)}
    assert len(used) == len(set(used)) and set(used) == known
    assert len(used) + weeks.count(", 발표와 정리 |") == 6 * 2 * 2


def test_time_to_prepare_is_what_the_notebooks_ask_of_a_learner():
    def alone(*names):
        pattern = re.compile(r"\*\*걸리는 시간\*\*: (?:혼자 공부할 때 )?(\d+)분")
        return sum(int(pattern.search(LESSONS[name].read_text(encoding="utf-8"))[1]) for name in names)

    for names in (("00", "03", "04", "05"), ("01", "02", "06", "07")):
        hours, minutes = divmod(alone(*names), 60)
        assert f"| {hours}시간 {minutes}분" in PLANS


# --- notes ---

NOTE = {part[:2]: part for part in re.split(r"^## ", NOTES, flags=re.MULTILINE)[1:]}


@pytest.mark.parametrize("lesson", LESSONS)
def test_notes_have_everything_an_instructor_was_promised(lesson):
    note = NOTE[lesson]
    for part in ("**목표**", "| 물을 것 | 바라는 답 | 흔한 오답 |", "| 오개념 | 뒤집는 셀 |", "**막히는 곳**",
                 "**칠판 그림(2분)**", "**나가는 질문**"):  # fmt: skip
        assert part in note
    assert max(map(len, note.partition("```")[2].partition("```")[0].splitlines())) <= 100


@pytest.mark.parametrize("lesson", LESSONS)
def test_notes_point_at_sections_and_cells_that_exist(lesson):
    known = sections(LESSONS[lesson])
    places = re.findall(r"(\d+(?:\.\d+)?)절(?:의 (\d+)번 셀(?:과 (\d+)번 셀)?)?", NOTE[lesson])
    assert len(places) >= 5
    for number, *cells in places:
        assert number in known
        assert all(int(cell) <= known[number][1] for cell in cells if cell), (number, cells)
    misconceptions = NOTE[lesson].partition("| 오개념 |")[2].partition("\n\n")[0]
    assert all("번 셀" in line for line in misconceptions.splitlines()[2:])


@pytest.mark.parametrize("lesson", LESSONS)
def test_numbers_of_the_notes_stand_in_the_lesson(lesson):
    notebook = nbformat.read(LESSONS[lesson], as_version=4)
    said = " ".join(
        [cell.source for cell in notebook.cells]
        + [str(output) for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    )
    prose = re.sub(r"\d+(?:\.\d+)?절|ex\d+|연습 \d+", "", NOTE[lesson])
    numbers = re.findall(r"(?<![\w.])\d{1,3}(?:,\d{3})+|(?<![\w.])\d+\.\d{2,}|(?<![\w.,])\d{2,}(?:\.\d)?%", prose)
    assert [number for number in numbers if number not in said] == []
