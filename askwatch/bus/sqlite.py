"""The embedded bus: a log in one SQLite file that several processes share."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import orjson

from askwatch.bus.base import Consumer, Lag, NewRecord, Producer, Tail
from askwatch.bus.sizes import check_sizes
from askwatch.bus.sqlite_consumer import SqliteConsumer, SqliteTail
from askwatch.bus.sqlite_log import (
    connect,
    create_schema,
    read_partitions,
    timestamp,
    translated,
    write,
)
from askwatch.bus.streams import partition_of
from askwatch.clock import Clock

# Records in one writing transaction, which so stays below 50 ms.
_BATCH = 1_000
_TRIM_BATCH = 2_000


class SqliteProducer:
    """See `askwatch.bus.base.Producer`. Acknowledged means committed to the file."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._connection = connect(path)
        self._clock = clock

    def produce(self, stream: str, records: Sequence[NewRecord]) -> None:
        check_sizes(records)
        partitions = read_partitions(self._connection, stream)
        for start in range(0, len(records), _BATCH):
            batch = records[start : start + _BATCH]
            write(self._connection, partial(self._append, stream, partitions, batch))

    def close(self) -> None:
        self._connection.close()

    def _append(self, stream: str, partitions: int, records: Sequence[NewRecord]) -> None:
        now = timestamp(self._clock)
        heads: dict[int, int] = dict(
            self._connection.execute(
                "SELECT partition, next_offset FROM heads WHERE stream = ?", (stream,)
            ).fetchall()
        )
        rows = []
        for record in records:
            partition = partition_of(record.key, partitions)
            offset = heads.get(partition, 0)
            heads[partition] = offset + 1
            headers = orjson.dumps(dict(record.headers)).decode()
            rows.append((stream, partition, offset, record.key, record.value, headers, now))
        self._connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        self._connection.executemany(
            "INSERT INTO heads VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET next_offset = ?3",
            [(stream, partition, offset) for partition, offset in heads.items()],
        )


class SqliteBus:
    """See `askwatch.bus.base.Bus`."""

    def __init__(self, path: Path, *, partitions: int, retention_s: float, clock: Clock) -> None:
        self._path, self._partitions = path, partitions
        self._retention_s, self._clock = retention_s, clock
        self._connection = connect(path)
        create_schema(self._connection)

    def ensure_streams(self, names: Sequence[str]) -> None:
        def create() -> None:
            for name in names:
                self._connection.execute(
                    "INSERT INTO streams VALUES (?, ?) ON CONFLICT DO NOTHING",
                    (name, self._partitions),
                )
                count = read_partitions(self._connection, name)
                self._connection.executemany(
                    "INSERT INTO heads VALUES (?, ?, 0) ON CONFLICT DO NOTHING",
                    [(name, partition) for partition in range(count)],
                )

        write(self._connection, create)

    def producer(self) -> Producer:
        return SqliteProducer(self._path, clock=self._clock)

    def consumer(self, stream: str, *, group: str) -> Consumer:
        return SqliteConsumer(self._path, stream=stream, group=group, clock=self._clock)

    def tail(self, stream: str, *, from_oldest: bool = False) -> Tail:
        return SqliteTail(self._path, stream=stream, clock=self._clock, from_oldest=from_oldest)

    def lag(self, stream: str, *, group: str) -> Lag:
        # Offsets of a partition have no gaps, so only its first waiting record is looked at: the
        # replay and the status ask often, and counting 20 000 records takes tens of milliseconds.
        with translated():
            records, oldest = self._connection.execute(
                "SELECT sum(h.next_offset - r.offset), min(r.appended_at) FROM heads h "
                "LEFT JOIN assignments a ON a.consumer_group = ? AND a.stream = h.stream "
                "AND a.partition = h.partition "
                "JOIN records r ON r.stream = h.stream AND r.partition = h.partition "
                "AND r.offset = (SELECT min(w.offset) FROM records w WHERE w.stream = h.stream "
                "AND w.partition = h.partition AND w.offset >= coalesce(a.committed, 0)) "
                "WHERE h.stream = ?",
                (group, stream),
            ).fetchone()
        age_s = 0.0 if oldest is None else max(0.0, timestamp(self._clock) - oldest)
        return Lag(records=int(records or 0), age_s=age_s)

    def size(self, stream: str) -> int:
        with translated():
            row = self._connection.execute(
                "SELECT count(*) FROM records WHERE stream = ?", (stream,)
            ).fetchone()
        return int(row[0])

    def trim(self) -> int:
        """Drop what is too old, in short transactions, so that nobody waits for long."""
        limit = timestamp(self._clock) - self._retention_s
        dropped = 0
        while True:
            count = write(self._connection, partial(self._trim_once, limit))
            dropped += count
            if count < _TRIM_BATCH:
                return dropped

    def check(self) -> None:
        with translated():
            self._connection.execute("SELECT 1 FROM streams LIMIT 1").fetchall()

    def close(self) -> None:
        self._connection.close()

    def _trim_once(self, limit: float) -> int:
        # Within a partition old records come first: look at the first ones only.
        old = [
            row
            for stream, partition in self._connection.execute("SELECT stream, partition FROM heads")
            for row in self._connection.execute(
                "SELECT stream, partition, offset FROM (SELECT * FROM records WHERE stream = ? "
                "AND partition = ? ORDER BY offset LIMIT ?) WHERE appended_at < ?",
                (stream, partition, _TRIM_BATCH, limit),
            )
        ][:_TRIM_BATCH]
        self._connection.executemany(
            "DELETE FROM records WHERE stream = ? AND partition = ? AND offset = ?", old
        )
        return len(old)
