"""A member of a consumer group on the embedded bus: leases on partitions, with fencing."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from askwatch.bus.base import Record
from askwatch.bus.sqlite_log import connect, read_partitions, timestamp, translated, write
from askwatch.bus.sqlite_members import is_surely_dead, new_member
from askwatch.clock import Clock
from askwatch.errors import FencedError

# A member that has not polled for so long is taken for dead and its partitions are given away.
SESSION_S = 30.0
# How often a member says that it is there and looks who else is.
BEAT_S = 1.0
# How long an idle poll sleeps between two looks at the file.
_LOOK_S = 0.02


@dataclass(slots=True)
class _Held:
    """A partition this member holds: its lease's epoch and how far it was read."""

    epoch: int
    committed: int
    position: int


class SqliteConsumer:
    """See `askwatch.bus.base.Consumer`."""

    def __init__(self, path: Path, *, stream: str, group: str, clock: Clock) -> None:
        self._connection = connect(path)
        self._stream, self._group, self._clock = stream, group, clock
        self._member = new_member()
        self._partitions = read_partitions(self._connection, stream)
        self._held: dict[int, _Held] = {}
        self._next_beat_s = 0.0
        self._first_partition = 0
        self._seen_version = -1
        self._is_paused = False
        self._fenced: list[int] = []

    def poll(self, *, max_records: int, timeout_s: float) -> list[Record]:
        deadline_s = self._clock.monotonic() + timeout_s
        while True:
            self._beat()
            records = [] if self._is_paused else self._fetch(max_records)
            remaining_s = deadline_s - self._clock.monotonic()
            if records or remaining_s <= 0:
                return records
            self._clock.sleep(min(_LOOK_S, remaining_s))

    def commit(self) -> None:
        def store() -> list[int]:
            return [
                partition
                for partition, held in self._held.items()
                if held.position > held.committed and not self._store(partition, held)
            ]

        lost = write(self._connection, store) + self._fenced
        self._fenced = []
        for held in self._held.values():
            held.committed = held.position
        if lost:
            for partition in lost:
                self._held.pop(partition, None)
            raise FencedError(
                f"partitions {sorted(lost)} of {self._stream!r} were given to another member "
                f"of {self._group!r}: their records are handled there"
            )

    def rewind(self) -> None:
        for held in self._held.values():
            held.position = held.committed
        self._seen_version = -1

    def pause(self) -> None:
        self._is_paused = True

    def resume(self) -> None:
        self._is_paused = False
        self._seen_version = -1

    def close(self) -> None:
        def leave() -> None:
            scope = (self._group, self._stream, self._member)
            self._connection.execute(
                "UPDATE assignments SET member = '' "
                "WHERE consumer_group = ? AND stream = ? AND member = ?",
                scope,
            )
            self._connection.execute(
                "DELETE FROM members WHERE consumer_group = ? AND stream = ? AND member = ?", scope
            )

        try:
            write(self._connection, leave)
        finally:
            self._connection.close()

    def _store(self, partition: int, held: _Held) -> bool:
        """Commit one partition; False when its lease is not ours any more."""
        changed = self._connection.execute(
            "UPDATE assignments SET committed = ? WHERE consumer_group = ? AND stream = ? "
            "AND partition = ? AND member = ? AND epoch = ?",
            (held.position, self._group, self._stream, partition, self._member, held.epoch),
        )
        return changed.rowcount == 1

    def _beat(self) -> None:
        """Renew membership, and take or give back partitions, once every `BEAT_S`."""
        now_s = self._clock.monotonic()
        if now_s < self._next_beat_s:
            return
        self._next_beat_s = now_s + BEAT_S
        write(self._connection, self._share_out)

    def _share_out(self) -> None:
        now = timestamp(self._clock)
        scope = (self._group, self._stream)
        execute = self._connection.execute
        execute(
            "INSERT INTO members VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET beat_at = ?4",
            (*scope, self._member, now),
        )
        execute(
            "DELETE FROM members WHERE consumer_group = ? AND stream = ? AND beat_at < ?",
            (*scope, now - SESSION_S),
        )
        members = self._living_members()
        owners = {
            row[0]: (row[1], row[2], row[3])
            for row in execute(
                "SELECT partition, member, epoch, committed FROM assignments "
                "WHERE consumer_group = ? AND stream = ?",
                scope,
            )
        }
        for partition in range(self._partitions):
            owner, epoch, committed = owners.get(partition, ("", 0, 0))
            wanted = members[partition % len(members)]
            self._drop_if_lost(partition, owner, epoch)
            if owner == self._member:
                self._give_back_unless(partition, wanted == self._member)
            elif wanted == self._member and owner not in members:
                self._take(partition, epoch + 1, committed)

    def _living_members(self) -> list[str]:
        """Return the members in order; those whose process has died are dropped at once."""
        scope = (self._group, self._stream)
        found = self._connection.execute(
            "SELECT member FROM members WHERE consumer_group = ? AND stream = ? ORDER BY member",
            scope,
        ).fetchall()
        dead = [member for (member,) in found if is_surely_dead(member)]
        self._connection.executemany(
            "DELETE FROM members WHERE consumer_group = ? AND stream = ? AND member = ?",
            [(*scope, member) for member in dead],
        )
        return [member for (member,) in found if member not in dead]

    def _drop_if_lost(self, partition: int, owner: str, epoch: int) -> None:
        held = self._held.get(partition)
        if held and (owner != self._member or epoch != held.epoch):
            if held.position > held.committed:
                # The next commit must say so: these records will be handled by somebody else.
                self._fenced.append(partition)
            del self._held[partition]

    def _give_back_unless(self, partition: int, is_wanted: bool) -> None:
        held = self._held.get(partition)
        if is_wanted or held is None or held.position > held.committed:
            return  # what is being handled is given back after its commit
        self._connection.execute(
            "UPDATE assignments SET member = '' "
            "WHERE consumer_group = ? AND stream = ? AND partition = ?",
            (self._group, self._stream, partition),
        )
        del self._held[partition]

    def _take(self, partition: int, epoch: int, committed: int) -> None:
        self._connection.execute(
            "INSERT INTO assignments VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
            "ON CONFLICT DO UPDATE SET member = ?4, epoch = ?5",
            (self._group, self._stream, partition, self._member, epoch, committed),
        )
        self._held[partition] = _Held(epoch, committed, committed)
        self._seen_version = -1

    def _fetch(self, max_records: int) -> list[Record]:
        with translated():
            version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
            if version == self._seen_version:
                return []  # nobody has written since an empty look
            records = self._read(max_records)
        if not records:
            self._seen_version = version
        return records

    def _read(self, max_records: int) -> list[Record]:
        # Another partition comes first each time, so that a full one cannot starve the rest.
        self._first_partition += 1
        order = sorted(self._held, key=lambda each: (each - self._first_partition) % 4096)
        records: list[Record] = []
        for partition in order:
            if len(records) >= max_records:
                break
            held = self._held[partition]
            found = read_records(
                self._connection,
                self._stream,
                partition,
                since=held.position,
                limit=max_records - len(records),
            )
            if found:
                held.position = found[-1].offset + 1
                records.extend(found)
        return records


class SqliteTail:
    """See `askwatch.bus.base.Tail`."""

    def __init__(self, path: Path, *, stream: str, clock: Clock, from_oldest: bool = False) -> None:
        self._connection = connect(path)
        self._stream, self._clock = stream, clock
        read_partitions(self._connection, stream)
        with translated():
            self._positions: dict[int, int] = dict(
                self._connection.execute(
                    "SELECT partition, next_offset FROM heads WHERE stream = ?", (stream,)
                ).fetchall()
            )
        if from_oldest:
            self._positions = dict.fromkeys(self._positions, 0)

    def poll(self, *, max_records: int, timeout_s: float) -> list[Record]:
        deadline_s = self._clock.monotonic() + timeout_s
        while True:
            records = self._read(max_records)
            remaining_s = deadline_s - self._clock.monotonic()
            if records or remaining_s <= 0:
                return records
            self._clock.sleep(min(_LOOK_S, remaining_s))

    def close(self) -> None:
        self._connection.close()

    def _read(self, max_records: int) -> list[Record]:
        records: list[Record] = []
        with translated():
            for partition in sorted(self._positions):
                limit = max_records - len(records)
                position = self._positions[partition]
                found = read_records(
                    self._connection, self._stream, partition, since=position, limit=limit
                )
                if found:
                    self._positions[partition] = found[-1].offset + 1
                    records.extend(found)
        return records


def read_records(
    connection: sqlite3.Connection, stream: str, partition: int, *, since: int, limit: int
) -> list[Record]:
    """Return records of one partition with offsets from `since` on, at most `limit`."""
    rows = connection.execute(
        "SELECT offset, key, value, headers, appended_at FROM records "
        "WHERE stream = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT ?",
        (stream, partition, since, limit),
    )
    return [
        Record(
            stream=stream,
            partition=partition,
            offset=offset,
            key=key,
            value=value,
            headers=orjson.loads(headers),
            appended_at=datetime.fromtimestamp(appended_at, UTC),
        )
        for offset, key, value, headers, appended_at in rows
    ]
