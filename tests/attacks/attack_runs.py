"""One family of attacks, graded as a class, and what must be true of each attack and of the world afterwards."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attack_class import EVERY, LIMITS, World, grade_attacks, marks_left
from attack_notebooks import FULL, SECRET
from damage_attacks import BREAKDOWNS, file_attacks
from odd_files import HONEST, ODD_FILES
from score_attacks import SCORES
from secret_attacks import secret_attacks

from course_utils.grading.sandbox import Sandbox

FAMILIES = ("scores", "outside", "breakdowns", "files")


def attacks_of(family: str, world: World) -> list:
    if family == "outside":
        return [*secret_attacks(world.folder, world.port), *file_attacks(world.folder)]
    return {"scores": SCORES, "breakdowns": BREAKDOWNS, "files": [*ODD_FILES, *HONEST]}[family]


class Run:
    """One family, graded. ``only``: names of the attacks to take; all of them without it."""

    def __init__(self, family: str, folder: Path, sandbox: Sandbox, only: Sequence[str] = ()) -> None:
        folder.mkdir()
        world = World(folder)
        with world.open():
            self.attacks = [one for one in attacks_of(family, world) if not only or one.name in only]
            self.graded = grade_attacks(world, self.attacks, sandbox)
        self.of = {attack.name: (index, attack) for index, attack in enumerate(self.attacks)}

    def entry(self, name: str) -> dict[str, Any] | None:
        """The attacker's entry in grades.json."""
        return self.graded.results.get(f"student_{self.of[name][0]:03d}_{name}")

    def earned(self, name: str) -> float:
        """Points of an attacker."""
        entry = self.entry(name)
        return sum(task["earned"] for task in entry["tasks"]) if entry else 0


def check_attack(run: Run, name: str) -> None:
    _, attack = run.of[name]
    entry = run.entry(name)
    status = entry["status"] if entry else ""
    assert status in attack.statuses, (status, entry and entry["notes"])
    assert run.earned(name) == attack.earned, entry and [(task["name"], task["earned"]) for task in entry["tasks"]]


def check_world(run: Run) -> None:
    graded = run.graded
    neighbours = {name: entry for name, entry in graded.results.items() if name.startswith("good_")}
    assert len(neighbours) == -(-len(run.attacks) // EVERY) + 1
    assert all(sum(task["earned"] for task in entry["tasks"]) == FULL for entry in neighbours.values())
    assert SECRET not in graded.written
    assert (graded.world / "secret.txt").read_text() == SECRET and not marks_left()
    assert {path.name for path in graded.world.iterdir()} == {"secret.txt", "socket", "submitted", "grades"}
    assert graded.left == {}
    slowest = LIMITS.total_seconds + LIMITS.start_seconds
    assert all(entry["seconds"] < slowest for entry in graded.results.values())
    assert graded.seconds < 5 + 1.5 * sum(entry["seconds"] for entry in graded.results.values())
