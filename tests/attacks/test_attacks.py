"""Every attack between perfect submissions: no unearned point, no harm, no secret, nothing left, in bounded time.

All attacks are handed in as one class and graded once, on two processes, by the code behind ``make grade``.
"""

from pathlib import Path

import pytest
from attack_class import World
from attack_runs import Run, all_attacks, check_attack, check_world
from sandboxed import strongest, this_sandbox

NOWHERE = World.__new__(World)
NOWHERE.folder, NOWHERE.port = Path("/nowhere"), 1  # enough for the names
NAMES = [f"{family}-{attack.name}" for family, attacks in all_attacks(NOWHERE).items() for attack in attacks]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The whole class, graded once."""
    return Run(tmp_path_factory.mktemp("attacks") / "world", strongest())


@pytest.mark.parametrize("name", NAMES)
def test_an_attack_earns_what_was_solved_and_no_more(run, name):
    check_attack(run, name.partition("-")[2])


def test_neighbours_world_and_clock_are_as_they_should_be(run):
    check_world(run)


LANDLOCK = ("sleepers_left", "fork_bomb", "kills_everybody", "stops_itself", "memory_in_a_cell", "large_file",
            "ends_the_process", "channel_flooded", "endless_cell_deaf_to_signals", "replaced_by_a_program",
            "secret_file", "secret_environment_of_others", "secret_neighbour", "secret_loopback", "secret_unix_socket",
            "secret_abstract_socket", "secret_shared_memory", "secret_link_made_inside", "writes_neighbour",
            "writes_neighbour_rights", "writes_results_removed", "writes_everywhere")  # fmt: skip


def test_landlock_holds_where_there_is_no_bubblewrap(tmp_path):
    run = Run(tmp_path / "world", this_sandbox("landlock"), LANDLOCK)
    assert len(run.attacks) == len(LANDLOCK)
    for attack in run.attacks:
        check_attack(run, attack.name)
    check_world(run)


def test_there_are_at_least_as_many_attacks_as_were_tried_before_building():
    assert len(NAMES) >= 73 and len(set(NAMES)) == len(NAMES)
