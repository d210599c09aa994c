"""From a folder of any usual shape to submissions: who, which set, which file, handed in when."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from fnmatch import fnmatchcase
from pathlib import Path

from course_utils.grading.found_files import FoundFile, Problem, Walk
from course_utils.grading.readable_names import readable_name, shortened
from course_utils.grading.results import Submission
from course_utils.grading.safe_files import read_regular_file
from course_utils.grading.student_names import NameClue, NameReader, copy_number
from course_utils.grading.submission_times import KOREA, in_zone
from course_utils.grading.which_set import set_in_name, set_in_text

MAX_NOTEBOOK_BYTES = 32 * 2**20
_NO_SET = "어느 연습 문제인지 알 수 없습니다. 이름에 ex04처럼 써 주십시오."
_LESSON_TITLE = re.compile(rb'"# 0\d\. ')
_LESSON = "강의 단원의 노트북으로 보입니다. 연습 문제 노트북이 아니어서 채점하지 않았습니다."


@dataclass(frozen=True)
class KnownSets:
    """The sets that can be graded: ``topics`` maps "ex04" to "softmax_temperature", ``tasks`` a task to its set."""

    topics: Mapping[str, str]
    tasks: Mapping[str, str]
    only: str = ""  # grade this one alone, and take what names no set for it

    @property
    def names(self) -> tuple[str, ...]:
        """The sets' names in order."""
        return tuple(sorted(self.topics))


@dataclass
class _Notebook:
    file: FoundFile
    exercise: str
    digest: str
    evident: bool = False  # its contents name the set: a scratch notebook beside it does not take its place
    notes: list[str] = field(default_factory=list)
    clue: NameClue = NameClue("", "")
    student: str = ""


def collect(
    submitted: Path,
    work_folder: Path,
    sets: KnownSets,
    *,
    ignored: Iterable[str] = (),
    roster: Sequence[str] = (),
    zone: tzinfo = KOREA,
    rename: Mapping[str, str] | None = None,
) -> tuple[list[Submission], list[Problem]]:
    """Every submission below ``submitted`` (a folder, a zip, or one notebook), the newest of each student and set.

    Args:
        work_folder: an empty folder for what comes out of archives; must exist as long as the submissions are used.
        ignored: patterns of paths, as shown in reports, to leave out ("old/*").
        roster: names of the class; a name on it is believed before any guess.
        zone: time zone of times that name none, such as those in zip archives.
        rename: name as found here -> right name, from the instructor.

    Returns:
        Submissions in the order of students and sets, and what could not be used.
    """
    walk = Walk(work_folder)
    walk.add(submitted)
    patterns = tuple(ignored)
    files = [file for file in walk.files if not _matches(file.shown, patterns)]
    problems = [problem for problem in walk.problems if not _matches(problem.where, patterns)]
    notebooks = _recognised(files, sets, problems)
    reader = NameReader(sets.names, sets.topics)
    # One archive given alone is the class's, whatever it is called; it is a student's when nothing else names one.
    shared = _shared_folders(notebooks, reader) | ({(readable_name(submitted.name),)} if submitted.is_file() else set())
    _name_students(notebooks, reader, shared, frozenset(roster))
    _keep_namesakes_apart(notebooks)
    problems += _rename(notebooks, rename or {})
    submissions = [_newest(group, zone) for group in _groups(notebooks).values()]
    return sorted(submissions, key=lambda one: (one.student, one.exercise)), problems


def _matches(shown: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(shown, pattern) or shown == pattern for pattern in patterns)


def _recognised(files: Sequence[FoundFile], sets: KnownSets, problems: list[Problem]) -> list[_Notebook]:
    """The notebooks whose set is known; when all the others are of one set, it is also that of what names none."""
    found, unknown = [], []
    for file in files:
        content = _content(file)
        notebook = _recognise(file, content, sets)
        if notebook.exercise:
            found.append(notebook)
        elif content is not None and _LESSON_TITLE.search(content):
            problems.append(Problem(file.shown, _LESSON))
        elif file.refusal and file.parts[-1].lower().endswith(".zip") and len(file.parts) == 1:
            problems.append(Problem(file.shown, file.refusal))  # a class's rather than a student's
        else:
            unknown.append(notebook)
    common = {notebook.exercise for notebook in found} or {sets.only} - {""}
    for notebook in unknown:
        exercise = sets.only or (next(iter(common)) if len(common) == 1 else "")
        if exercise:
            notebook.exercise = exercise
            notebook.notes.append(f"이름과 내용에 어느 연습 문제인지 나와 있지 않아 {exercise}로 보았습니다.")
            found.append(notebook)
        else:
            problems.append(Problem(notebook.file.shown, notebook.file.refusal or _NO_SET))
    return [notebook for notebook in found if sets.only in ("", notebook.exercise)]


def _content(file: FoundFile) -> bytes | None:
    if file.refusal:
        return None
    try:
        return read_regular_file(file.path, MAX_NOTEBOOK_BYTES)
    except (OSError, ValueError):
        return None


def _recognise(file: FoundFile, content: bytes | None, sets: KnownSets) -> _Notebook:
    named = set_in_name(file.parts[-1], sets.names)
    for part in reversed(file.parts[:-1]):
        named = named or set_in_name(part, sets.names)
    if content is None:  # a pipe, too large, unreadable: grading says what is wrong with it
        return _Notebook(file, named, "")
    written = set_in_text(content.decode("utf-8", "replace"), sets.names, sets.tasks)
    notebook = _Notebook(file, written or named, hashlib.sha256(content).hexdigest(), bool(written))
    if written and named and written != named:
        notebook.notes.append(f"이름은 {named}인데 내용은 {written}입니다. 내용에 따라 채점했습니다.")
    return notebook


def _name_students(
    notebooks: Sequence[_Notebook], reader: NameReader, shared: set[tuple[str, ...]], roster: frozenset[str]
) -> None:
    """Decide for each notebook whether its folder or its name says whose it is; ``shared``: folders of a class."""
    for notebook in notebooks:
        parts = notebook.file.parts
        in_file, depth = reader.in_file(parts[-1]), reader.folder_depth(parts)
        platform, nbgrader = reader.in_platform(parts), reader.nbgrader_depth(parts)
        if platform:
            notebook.clue = platform
        elif in_file in roster:
            notebook.clue = reader.file_clue(parts)
        elif nbgrader is not None:
            notebook.clue = reader.folder_clue(parts, nbgrader)
        elif depth is not None and (parts[: depth + 1] not in shared or not in_file):
            notebook.clue = reader.folder_clue(parts, depth)
        elif in_file:
            notebook.clue = reader.file_clue(parts)
        else:
            stem = parts[-1].rsplit(".", 1)[0] or parts[-1]
            notebook.clue = NameClue(f"이름 없음({stem})", "", parts[:-1])
            notebook.notes.append("누구의 제출물인지 알 수 없습니다. overrides.toml의 [rename]에 이름을 써 주십시오.")


def _shared_folders(notebooks: Sequence[_Notebook], reader: NameReader) -> set[tuple[str, ...]]:
    """Folders that belong to a class, not to a student: several people's names in the files of one set.

    Where most folders beside each other hold one name each, the folders are students, and the one with two names holds
    two tries of one student.
    """
    names: dict[tuple[str, ...], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for notebook in notebooks:
        depth = reader.folder_depth(notebook.file.parts)
        if depth is not None:
            name = reader.in_file(notebook.file.parts[-1])
            names[notebook.file.parts[: depth + 1]][notebook.exercise] |= {name} - {""}
    crowded = {folder for folder, by_set in names.items() if any(len(people) > 1 for people in by_set.values())}
    beside: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for folder in names:
        beside[folder[:-1]].append(folder)
    return {
        folder for folder in crowded if 2 * len(crowded.intersection(beside[folder[:-1]])) >= len(beside[folder[:-1]])
    }


def _keep_namesakes_apart(notebooks: Sequence[_Notebook]) -> None:
    """Give each notebook its student's name, with the platform's number or the place where one name is two people's."""
    sets_at: dict[tuple[str, ...], set[str]] = defaultdict(set)
    by_name: dict[str, list[_Notebook]] = defaultdict(list)
    for notebook in notebooks:
        sets_at[notebook.clue.place].add(notebook.exercise)
        by_name[notebook.clue.name].append(notebook)
    for name, group in by_name.items():
        places = sorted({notebook.clue.place for notebook in group})
        # Folders that hold different sets are the weeks of one class, not two classes.
        weeks = all(not (sets_at[a] & sets_at[b]) for i, a in enumerate(places) for b in places[i + 1 :])
        for notebook in group:
            marks = [] if weeks or len(places) == 1 else [" / ".join(notebook.clue.place) or "맨 위 폴더"]
            if _ids_differ(group, notebook, weeks):
                marks.append(notebook.clue.platform_id)
            notebook.student = shortened(name) + "".join(f" ({shortened(mark, 40)})" for mark in marks if mark)
            if marks:
                notebook.notes.append("이름이 같은 제출물이 다른 곳에도 있어 다른 사람으로 보고 따로 채점했습니다.")
    _make_unique(notebooks)


def _ids_differ(group: Sequence[_Notebook], notebook: _Notebook, weeks: bool) -> bool:
    ids: dict[str, set[str]] = defaultdict(set)  # Moodle numbers a student anew in each assignment
    for other in group:
        if weeks or other.clue.place == notebook.clue.place:
            ids[other.exercise].add(other.clue.platform_id)
    return any(len(found) > 1 for found in ids.values())


def _make_unique(notebooks: Sequence[_Notebook]) -> None:
    """Names that came out the same for different people (both cut short, say) get a number."""
    people: dict[str, list[tuple]] = defaultdict(list)
    for notebook in notebooks:
        exact = notebook.clue
        marked = notebook.student != shortened(exact.name)
        person = (exact.name, exact.place, exact.platform_id) if marked else (exact.name,)
        if person not in people[notebook.student]:
            people[notebook.student].append(person)
        number = people[notebook.student].index(person)
        notebook.student += f" #{number + 1}" if number else ""


def _rename(notebooks: Sequence[_Notebook], names: Mapping[str, str]) -> list[Problem]:
    unused = names.keys() - {notebook.student for notebook in notebooks}
    for notebook in notebooks:
        notebook.student = names.get(notebook.student, notebook.student)
    return [
        Problem(f"[rename] {name}", "이 이름의 제출물이 없습니다. 이름을 확인해 주십시오.") for name in sorted(unused)
    ]


def _groups(notebooks: Sequence[_Notebook]) -> dict[tuple[str, str], list[_Notebook]]:
    groups: dict[tuple[str, str], list[_Notebook]] = defaultdict(list)
    for notebook in notebooks:
        groups[notebook.student, notebook.exercise].append(notebook)
    return groups


def _newest(group: Sequence[_Notebook], zone: tzinfo) -> Submission:
    """The latest that can be opened and is the set's; of versions equally old, the one with the highest copy number."""

    def age(notebook: _Notebook) -> tuple[bool, bool, float, int, str]:
        when = notebook.file.when
        number = copy_number(notebook.file.parts[-1])
        seconds = in_zone(when, zone).timestamp() if when else 0.0
        return (not notebook.file.refusal, notebook.evident, seconds, number, notebook.file.shown)

    newest = max(group, key=age)
    notes = list(newest.notes)
    if len(group) > 1:
        older = ", ".join(shortened(one.file.shown) for one in sorted(group, key=age) if one is not newest)
        notes.append(
            f"제출물이 {len(group)}개여서 가장 새 것을 채점했습니다. 채점하지 않은 것: {shortened(older, 400)}"
        )
    when = newest.file.when
    return Submission(
        student=newest.student,
        exercise=newest.exercise,
        path=newest.file.path,
        digest=newest.digest,
        when=in_zone(when, zone).isoformat(timespec="seconds") if when else "",
        notes=tuple(notes),
        clock=newest.file.clock if when else "",
        shown=newest.file.shown,
        refused=newest.file.refusal,
    )
