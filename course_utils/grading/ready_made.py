"""Finished functions of libraries in answers where one's own code was asked for: told to the instructor, not forbidden.

Two sources: what the learner's code uses, read as words (nothing is parsed into a tree or run), and where the worker
says that an answer was defined. The second can be forged by a program, the first be hidden from by a clever one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from course_utils.grading.cell_plan import bound_names
from course_utils.grading.code_tokens import imported, statements

_FINISHED = ("course_utils", "answer_key", "scipy.special", "scipy.stats", "torch", "transformers", "sklearn",
             "tenacity", "backoff")  # fmt: skip
# What the exercises themselves hand out: data, connections, the panel.
_HANDED_OUT = tuple(
    f"course_utils.{name}"
    for name in (
        "check", "progress", "leaderboard", "published_configs", "shop_questions", "fault_server", "next_token",
        "load_model", "load_pipeline", "openai_client", "api_client", "catalogue", "check_machine", "errors",
        "checks.check", "checks.progress", "checks.stand_ins_ex05", "models",
    )
)  # fmt: skip
_MOST = 5  # names told of one task


def ready_made(
    cells: Sequence[str],
    given: Iterable[str],
    sources: Mapping[str, str],
    answers: Mapping[str, Sequence[str]],
    origins: Mapping[str, str],
) -> dict[str, tuple[str, ...]]:
    """Task -> the finished functions that its answer uses, as full names; tasks without any are left out.

    Args:
        cells: sources of the cells that were run. given: those of the notebook given out: only what is added counts.
        sources: task -> the learner's code of it. answers: task -> names of its answers.
        origins: name -> where the worker says it was defined, if not in the notebook.
    """
    known = {source.strip() for source in given}
    own = {source: bound_names(source) for source in cells if source.strip() not in known}
    bound = set().union(*own.values())
    names = {name: full for cell in cells for name, full in imported(cell).items() if name not in bound}
    found = {}
    for task, wanted in answers.items():
        used = {full for name in wanted if (full := names.get(name, "")) and _finished(full)}
        for text in _belonging(sources.get(task, ""), own):
            used |= {full for full in _used(text, names | imported(text)) if _finished(full)}
        used |= {origins[name] for name in wanted if origins.get(name)}
        if used:
            found[task] = tuple(sorted(used)[:_MOST])
    return found


def _finished(name: str) -> bool:
    return _is_one_of(name, _FINISHED) and not _is_one_of(name, _HANDED_OUT)


def _may_lead_there(name: str) -> bool:
    return _finished(name) or any(package.startswith(f"{name}.") for package in _FINISHED)


def _is_one_of(name: str, packages: Sequence[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _belonging(source: str, own: Mapping[str, set[str]]) -> list[str]:
    """``source`` and the learner's other cells that define what it uses, and so on."""
    found, waiting = [], [source]
    while waiting:
        text = waiting.pop()
        if text and text not in found:
            found.append(text)
            words = _words(text)
            waiting += [cell for cell, names in own.items() if names & words]
    return found


def _words(source: str) -> set[str]:
    return set(re.findall(r"\w+", source))


def _used(source: str, names: Mapping[str, str]) -> Iterator[str]:
    """Every ``a.b.c`` in the code whose ``a`` was imported and may lead to a finished function, as a full name."""
    names = {name: full for name, full in names.items() if _may_lead_there(full)}
    if not names.keys() & _words(source):  # nearly always; tokens cost more than all the rest
        return
    for line in statements(source):
        words = [word for _, word in line]
        if words[0] in ("import", "from"):
            continue
        for place, word in enumerate(words):
            if word in names and words[place - 1 : place] != ["."]:
                end = place + 1
                while words[end : end + 1] == ["."] and end + 1 < len(words):
                    end += 2
                yield names[word] + "".join(words[place + 1 : end])
