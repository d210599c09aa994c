"""Attacks graded as a class, and what must be true of each attack and of the world afterwards."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attack_class import EVERY, LIMITS, World, grade_attacks, marks_left
from attack_notebooks import FULL, SECRET, Attack
from damage_attacks import BREAKDOWNS, file_attacks
from odd_files import HONEST, ODD_FILES
from score_attacks import SCORES
from secret_attacks import secret_attacks

from course_utils.grading.sandbox import Sandbox


def all_attacks(world: World) -> dict[str, list[Attack]]:
    """Family -> its attacks on this world."""
    return {
        "scores": SCORES,
        "secrets": secret_attacks(world.folder, world.port),
        "damage": [*file_attacks(world.folder), *BREAKDOWNS],
        "files": ODD_FILES,
        "honest": HONEST,
    }


class Run:
    """Attacks, graded as one class. ``only``: their names; all of them without it."""

    def __init__(self, folder: Path, sandbox: Sandbox, only: Sequence[str] = ()) -> None:
        folder.mkdir()
        world = World(folder)
        with world.open():
            every = [attack for family in all_attacks(world).values() for attack in family]
            self.attacks = [attack for attack in every if not only or attack.name in only]
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
