"""How everything stands, in numbers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from askwatch.bus.base import NewRecord
from askwatch.bus.sqlite import SqliteBus
from askwatch.bus.streams import STREAMS
from askwatch.clock import ManualClock
from askwatch.events import POSTS
from askwatch.model.ids import SourceId
from askwatch.model.source import Permission, Source, SourceKind
from askwatch.state import processes, sources
from askwatch.state.engine import Database
from askwatch.state.processes import ProcessRow
from askwatch.state.sources import Report
from askwatch.status import collect_status

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def bus(tmp_path: Path, clock: ManualClock) -> Iterator[SqliteBus]:
    opened = SqliteBus(tmp_path / "bus.db", partitions=2, retention_s=3600, clock=clock)
    opened.ensure_streams(STREAMS)
    yield opened
    opened.close()


def put_source(database: Database, name: str, permission: Permission | None) -> None:
    source = Source(
        source_id=SourceId(name), kind=SourceKind.FEED, name=name,
        url="https://example.com/feed", permission=permission,
    )  # fmt: skip
    report = Report(state="running", posts=5)
    database.write(lambda tx: sources.put_source(tx, source, now=NOW))
    database.write(lambda tx: sources.report(tx, source.source_id, report, now=NOW))


def put_process(database: Database, name: str, **changes: object) -> None:
    values: dict[str, object] = {
        "instance": f"{name}-host-1", "name": name, "host": "host", "pid": 1,
        "state": "running", "started_at": NOW, "beat_at": NOW,
        "stats": {"handled": 7, "lag_records": 2, "lag_s": 0.5, "memory_mb": 80.5, "odd": "x"},
    }  # fmt: skip
    row = ProcessRow.model_validate(values | changes)
    database.write(lambda tx: processes.put_process(tx, row))


def test_an_empty_installation_has_nothing_to_tell(
    sqlite_database: Database, bus: SqliteBus, clock: ManualClock
) -> None:
    status = collect_status(database=sqlite_database, bus=bus, clock=clock)
    assert (status.at, status.posts, status.alerts) == (NOW, 0, 0)
    assert [(lag.group, lag.stream, lag.records) for lag in status.lag] == [
        ("nlp", "posts", 0), ("router", "leads", 0), ("index", "events", 0),
    ]  # fmt: skip
    assert status.sources == ()
    assert status.processes == ()


def test_posts_and_lag_are_counted(
    sqlite_database: Database, bus: SqliteBus, clock: ManualClock
) -> None:
    permission = Permission(permission_basis="own", approved_by="Ada", approved_on=date(2026, 1, 1))
    put_source(sqlite_database, "open", permission)
    put_source(
        sqlite_database, "ends", permission.model_copy(update={"valid_until": date(2026, 5, 1)})
    )
    put_source(sqlite_database, "none", None)
    sqlite_database.write(
        lambda tx: sources.set_paused(tx, SourceId("none"), is_paused=True, now=NOW)
    )
    producer = bus.producer()
    producer.produce(POSTS, [NewRecord("a", b"1"), NewRecord("b", b"2")])
    producer.close()
    clock.advance(3)
    status = collect_status(database=sqlite_database, bus=bus, clock=clock)
    assert status.posts == 15
    assert (status.lag[0].records, status.lag[0].age_s) == (2, 3.0)
    lines = {(line.source_id, line.state, line.permission_until) for line in status.sources}
    assert lines == {
        ("open", "running", "open"), ("ends", "running", "2026-05-01"), ("none", "paused", "none"),
    }  # fmt: skip


def test_a_process_that_beats_no_more_is_lost_and_then_forgotten(
    sqlite_database: Database, bus: SqliteBus, clock: ManualClock
) -> None:
    put_process(sqlite_database, "nlp")
    put_process(
        sqlite_database, "api", beat_at=NOW - timedelta(seconds=16), stats={"handled": True}
    )
    put_process(sqlite_database, "relay", beat_at=NOW - timedelta(minutes=10), state="stopped")
    put_process(sqlite_database, "timers", beat_at=NOW - timedelta(minutes=61))
    status = collect_status(database=sqlite_database, bus=bus, clock=clock)
    lines = {line.name: line for line in status.processes}
    assert {name: line.state for name, line in lines.items()} == {
        "nlp": "running", "api": "lost", "relay": "stopped",
    }  # fmt: skip
    nlp = lines["nlp"]
    assert (nlp.handled, nlp.lag_records, nlp.lag_s, nlp.memory_mb) == (7, 2, 0.5, 80.5)
    assert (lines["api"].handled, lines["api"].beat_age_s) == (None, 16.0)


def test_while_the_bus_is_away_the_rest_is_told(
    sqlite_database: Database, bus: SqliteBus, clock: ManualClock
) -> None:
    put_process(sqlite_database, "nlp")
    bus.close()
    status = collect_status(database=sqlite_database, bus=bus, clock=clock)
    assert status.lag == ()
    assert "bus does not answer" in status.bus_error
    assert len(status.processes) == 1
