"""The file behind the embedded bus: its schema, connections and short writing transactions."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from askwatch.clock import Clock
from askwatch.errors import BackendUnavailableError

T = TypeVar("T")

# Our own transactions take below 50 ms; waiting longer means that somebody holds the file.
BUSY_TIMEOUT_S = 10.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS streams (name TEXT PRIMARY KEY, partitions INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS heads (
  stream TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
  PRIMARY KEY (stream, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
  stream TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
  key TEXT NOT NULL, value BLOB NOT NULL, headers TEXT NOT NULL, appended_at REAL NOT NULL,
  PRIMARY KEY (stream, partition, offset)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS members (
  consumer_group TEXT NOT NULL, stream TEXT NOT NULL, member TEXT NOT NULL, beat_at REAL NOT NULL,
  PRIMARY KEY (consumer_group, stream, member)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS assignments (
  consumer_group TEXT NOT NULL, stream TEXT NOT NULL, partition INTEGER NOT NULL,
  member TEXT NOT NULL, epoch INTEGER NOT NULL, committed INTEGER NOT NULL,
  PRIMARY KEY (consumer_group, stream, partition)
) WITHOUT ROWID;
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open the file; every transaction begins by our own word.

    Raises:
        BackendUnavailableError: The file cannot be opened.
    """
    try:
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode=WAL")
        # An acknowledged record survives a killed process; a power cut may take the last few.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA secure_delete=ON")
    except sqlite3.Error as error:
        raise BackendUnavailableError("the bus", f"{path}: {error}") from error
    return connection


def create_schema(connection: sqlite3.Connection) -> None:
    """Create the tables that do not exist yet."""
    with translated():
        connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of SQLite into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise BackendUnavailableError("the bus", str(error)) from error


def write(connection: sqlite3.Connection, work: Callable[[], T]) -> T:
    """Run `work` in one immediate transaction and return what it returns."""
    with translated():
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work()
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        return result


def timestamp(clock: Clock) -> float:
    """Return the clock's time as seconds since 1970, as the file stores it."""
    return clock.now().timestamp()


def read_partitions(connection: sqlite3.Connection, stream: str) -> int:
    """Return how many partitions `stream` has.

    Raises:
        BackendUnavailableError: There is no such stream.
    """
    with translated():
        row = connection.execute(
            "SELECT partitions FROM streams WHERE name = ?", (stream,)
        ).fetchone()
    if row is None:
        raise BackendUnavailableError("the bus", f"there is no stream {stream!r}")
    return int(row[0])
