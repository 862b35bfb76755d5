"""A process says that it is there, and that it has stopped."""

from askwatch.clock import ManualClock
from askwatch.heartbeat import Heartbeat, instance_name, memory_mb
from askwatch.state.engine import Database
from askwatch.state.processes import list_processes


def test_a_process_is_listed_while_it_runs_and_after(
    sqlite_database: Database, clock: ManualClock
) -> None:
    heartbeat = Heartbeat(
        "nlp", database=sqlite_database, clock=clock, stats=lambda: {"handled": 5}
    )
    with heartbeat:
        (row,) = sqlite_database.read(list_processes)
        assert (row.instance, row.state) == (instance_name("nlp"), "running")
        assert row.stats["handled"] == 5
    (row,) = sqlite_database.read(list_processes)
    assert row.state == "stopped"


def test_memory_is_measured() -> None:
    assert memory_mb() >= 0.0


def test_a_database_that_is_away_does_not_stop_the_process(clock: ManualClock) -> None:
    away = Database("sqlite:////nowhere/at/all.db")
    with Heartbeat("nlp", database=away, clock=clock, stats=dict):
        assert True
    away.close()
