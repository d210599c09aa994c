"""Every attack between perfect submissions: no unearned point, no harm, no secret, nothing left, in bounded time.

Each family of attacks is handed in as one class and graded once, on two processes, by the code behind ``make grade``.
"""

from pathlib import Path

import pytest
from attack_runs import FAMILIES, Run, attacks_of, check_attack, check_world
from sandboxed import strongest, this_sandbox

NAMES = [
    (family, attack.name)
    for family in FAMILIES
    for attack in attacks_of(family, type("Nowhere", (), {"folder": Path("/nowhere"), "port": 1}))
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Each family is graded when its first test asks for it."""
    done = {}

    def run(family: str) -> Run:
        if family not in done:
            done[family] = Run(family, tmp_path_factory.mktemp(family) / "world", strongest())
        return done[family]

    return run


@pytest.mark.parametrize(("family", "name"), NAMES, ids=[f"{family}-{name}" for family, name in NAMES])
def test_an_attack_earns_what_was_solved_and_no_more(runs, family, name):
    check_attack(runs(family), name)


@pytest.mark.parametrize("family", FAMILIES)
def test_neighbours_world_and_clock_are_as_they_should_be(runs, family):
    check_world(runs(family))


LANDLOCK = ("sleepers_left", "fork_bomb", "kills_everybody", "stops_itself", "memory_in_a_cell", "large_file",
            "ends_the_process", "channel_flooded", "endless_cell_deaf_to_signals", "replaced_by_a_program")  # fmt: skip


OUTSIDE = ("secret_file", "secret_environment_of_others", "secret_neighbour", "secret_loopback", "secret_unix_socket",
           "secret_abstract_socket", "secret_shared_memory", "secret_link_made_inside", "writes_neighbour",
           "writes_neighbour_rights", "writes_results_removed", "writes_everywhere")  # fmt: skip


@pytest.mark.parametrize(("family", "only"), [("outside", OUTSIDE), ("breakdowns", LANDLOCK)])
def test_landlock_holds_where_there_is_no_bubblewrap(tmp_path, family, only):
    run = Run(family, tmp_path / "world", this_sandbox("landlock"), only)
    for attack in run.attacks:
        check_attack(run, attack.name)
    check_world(run)


def test_there_are_at_least_as_many_attacks_as_were_tried_before_building():
    assert len(NAMES) >= 73 and len(set(NAMES)) == len(NAMES)
