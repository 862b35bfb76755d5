"""The replay source: resumes at its line, loops, and says what is wrong in its row."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import ManualClock
from askwatch.model.source import SourceKind
from askwatch.state import sources
from askwatch.state.engine import Database
from collectors.intake import Intake
from collectors.replay_source import ReplayReader
from tests.collectors.builders import (
    FEED,
    NOW,
    find_row,
    make_source,
    put_source,
    read_stream,
    wait_until,
)

Open = Callable[..., ReplayReader]


@pytest.fixture
def open_reader(
    intake: Intake, sqlite_database: Database, bus: SqliteBus, clock: ManualClock
) -> Iterator[Open]:
    opened: list[ReplayReader] = []

    def open_reader(**options: object) -> ReplayReader:
        source = make_source(kind=SourceKind.REPLAY, url="", options={"rate": 0, **options})
        put_source(sqlite_database, source)
        reader = ReplayReader(source, intake=intake, bus=bus, clock=clock)
        opened.append(reader)
        return reader

    yield open_reader
    for reader in opened:
        reader.stop()


def write(path: Path, count: int) -> str:
    file = path / "posts.jsonl"
    lines = [
        orjson.dumps({"id": str(n), "text": f"Kender nogen en revisor? {n}"}) for n in range(count)
    ]
    file.write_bytes(b"\n".join(lines) + b"\n{broken\n")
    return str(file)


def state(database: Database) -> str:
    return find_row(database).status.state


def test_a_file_is_sent_once_and_its_end_is_told(
    open_reader: Open, sqlite_database: Database, bus: SqliteBus, tmp_path: Path
) -> None:
    reader = open_reader(path=write(tmp_path, 700))
    for _ in range(3):
        reader.tick(find_row(sqlite_database))
    wait_until(lambda: state(sqlite_database) == "done")
    row = find_row(sqlite_database)
    assert (row.status.posts_read, row.cursor) == (700, {"line": 701, "pass": 1})
    assert row.status.last_post_at == NOW
    assert row.status.last_error.startswith("1 lines were skipped, the first: line 701: not JSON")
    assert len(read_stream(bus)) == 700
    again = open_reader(path=write(tmp_path, 700))
    again.tick(find_row(sqlite_database))
    again.stop()
    assert read_stream(bus) == []


def test_a_replay_goes_on_behind_its_cursor(
    open_reader: Open, sqlite_database: Database, bus: SqliteBus, tmp_path: Path
) -> None:
    reader = open_reader(path=write(tmp_path, 10))
    sqlite_database.write(
        lambda tx: sources.write_cursor(tx, FEED, {"line": 7, "pass": 1}, now=NOW)
    )
    reader.tick(find_row(sqlite_database))
    wait_until(lambda: state(sqlite_database) == "done")
    assert sorted(record.post_id for record in read_stream(bus)) == ["7", "8", "9"]


def test_a_loop_sends_new_posts_each_time(
    open_reader: Open, sqlite_database: Database, bus: SqliteBus, tmp_path: Path
) -> None:
    reader = open_reader(path=write(tmp_path, 3), loop=True)
    reader.tick(find_row(sqlite_database))
    wait_until(lambda: find_row(sqlite_database).status.posts_read >= 9)
    reader.stop()
    assert {"0", "0~2", "0~3"} <= {str(record.post_id) for record in read_stream(bus)}
    assert state(sqlite_database) == "running"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"path": "/nowhere/posts.jsonl"}, "/nowhere/posts.jsonl cannot be read"),
        ({"rate": "fast"}, "options.rate is 'fast'"),
        ({"rate": -1}, "options.rate is -1"),
        ({"rate": True}, "options.rate is True"),
    ],
)
def test_what_is_wrong_stands_in_the_row(
    open_reader: Open, sqlite_database: Database, options: dict[str, object], said: str
) -> None:
    open_reader(**options).tick(find_row(sqlite_database))
    wait_until(lambda: state(sqlite_database) == "failing")
    row = find_row(sqlite_database)
    assert said in row.status.last_error
    assert row.status.errors == 1


def test_a_slow_replay_stops_at_once_and_nothing_is_written_after(
    open_reader: Open, sqlite_database: Database, tmp_path: Path
) -> None:
    reader = open_reader(path=write(tmp_path, 50), rate=0.001)
    reader.tick(find_row(sqlite_database))
    wait_until(lambda: find_row(sqlite_database).status.posts_read >= 1)
    reader.stop()
    row = find_row(sqlite_database)
    assert row.status.posts_read < 50
    assert all(not thread.name.startswith("replay-") for thread in threading.enumerate())
