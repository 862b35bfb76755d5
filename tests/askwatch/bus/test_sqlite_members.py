"""A member's name says whether its process still lives."""

import subprocess
import sys

from askwatch.bus.sqlite_members import is_surely_dead, new_member

_NAME = "from askwatch.bus.sqlite_members import new_member; print(new_member())"


def test_a_living_process_is_not_taken_for_dead() -> None:
    assert not is_surely_dead(new_member())


def test_a_process_that_ended_is_known_to_be_dead() -> None:
    done = subprocess.run([sys.executable, "-c", _NAME], capture_output=True, text=True, check=True)
    assert is_surely_dead(done.stdout.strip())


def test_another_process_with_the_same_id_is_not_the_member() -> None:
    host, pid, birth, rest = new_member().split("|")
    assert is_surely_dead("|".join((host, pid, str(int(birth) + 1), rest)))


def test_what_cannot_be_known_counts_as_alive() -> None:
    _host, pid, birth, rest = new_member().split("|")
    assert not is_surely_dead("|".join(("elsewhere", pid, birth, rest)))
    assert not is_surely_dead("an old name")
