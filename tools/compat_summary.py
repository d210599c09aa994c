"""What `make compat` reports: outcomes out of pytest's JUnit files, and Markdown for the body of an issue."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

MAIN = (
    "torch transformers tokenizers huggingface-hub accelerate safetensors numpy scipy pandas matplotlib openai "
    "ipywidgets anywidget altair ipykernel jupyter-client notebook nbformat jupyterlab"
).split()
LISTED_FAILURES = 40
REASON_LENGTH = 200


@dataclass
class Outcome:
    """Counts of one pytest run, and (test, reason in one line) of those that failed."""

    passed: int = 0
    skipped: int = 0
    failed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.passed + other.passed,
            self.skipped + other.skipped,
            self.failed + other.failed,
            [*self.failures, *other.failures],
        )


@dataclass
class Result:
    """What became of one set. ``state``: "passed", "failed" or "not run" (no such interpreter)."""

    name: str
    python: str
    state: str
    commit: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)
    problems: list[str] = field(default_factory=list)
    minutes: dict[str, float] = field(default_factory=dict)


def one_line(text: str) -> str:
    """The first line that says something, shortened."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    line = lines[0] if lines else ""
    return line if len(line) <= REASON_LENGTH else line[: REASON_LENGTH - 3] + "..."


def read_junit(path: Path) -> Outcome:
    """Outcome of the run that wrote a JUnit file.

    Raises:
        FileNotFoundError: the run wrote none.
        xml.etree.ElementTree.ParseError: the file is cut off.
    """
    outcome = Outcome()
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        trouble = case.find("failure")
        trouble = case.find("error") if trouble is None else trouble
        if trouble is not None:
            outcome.failed += 1
            reason = one_line(trouble.get("message") or trouble.text or "")
            outcome.failures.append((f"{case.get('classname')}::{case.get('name')}", reason))
        elif case.find("skipped") is not None:
            outcome.skipped += 1
        else:
            outcome.passed += 1
    return outcome


def different(wished: dict[str, str], installed: dict[str, str]) -> list[str]:
    """One line for each wished pin that is not what is installed; packages that nothing asked for are left out.

    A build's label ("+cu128") is no difference.
    """
    return [
        f"{name} {version} wished, {installed[name]} taken"
        for name, version in wished.items()
        if name in installed and installed[name].split("+")[0] != version.split("+")[0]
    ]


def _code(text: str) -> str:
    return "`" + text.replace("`", "'") + "`"


def _result_row(result: Result) -> str:
    counts = result.outcome
    cells = [result.name, result.python, result.state, counts.passed, counts.failed, counts.skipped]
    return "| " + " | ".join(map(str, [*cells, f"{sum(result.minutes.values()):.0f}"])) + " |"


def _details(result: Result) -> list[str]:
    lines = [f"### {result.name} (Python {result.python}): {result.state}", ""]
    lines += [f"- {one_line(note)}" for note in [*result.problems, *result.notes]]
    if result.minutes:
        lines.append("- Minutes: " + ", ".join(f"{what} {minutes:.1f}" for what, minutes in result.minutes.items()))
    listed = result.outcome.failures[:LISTED_FAILURES]
    lines += [f"- {_code(test)}: {_code(reason)}" for test, reason in listed]
    if len(result.outcome.failures) > len(listed):
        lines.append(f"- and {len(result.outcome.failures) - len(listed)} more")
    return [*lines, ""]


def markdown(results: Iterable[Result], commit: str, day: str) -> str:
    """All results as the body of an issue: one row a set, the versions side by side, then what needs reading."""
    results = list(results)
    names = [result.name for result in results]
    lines = [f"Commit {commit}, {day}.", "", "| Set | Python | Result | Passed | Failed | Skipped | Minutes |"]
    lines += ["|---|---|---|---|---|---|---|", *map(_result_row, results), ""]
    lines += ["| Installed | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for package in MAIN:
        versions = [result.versions.get(package, "-") for result in results]
        lines.append(f"| {package} | " + " | ".join(versions) + " |")
    lines.append("")
    for result in results:
        lines += _details(result)
    return "\n".join(lines).rstrip() + "\n"
