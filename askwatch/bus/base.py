"""The interface of the bus; `sqlite.py` and `kafka.py` keep its promises.

A stream is a named log, split into partitions by the hash of a record's key: records of one key
keep their order. A record stays until it is older than the stream's retention.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

# A record above this is refused: Kafka's default message limit is 1 MiB with its overhead.
RECORD_LIMIT_BYTES = 900_000
SCHEMA_HEADER = "schema"


@dataclass(frozen=True, slots=True)
class NewRecord:
    """An entry to append. `headers` carry the schema name and version, e.g. schema=post/1."""

    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """An entry of a stream. `offset` grows within its partition; gaps are possible."""

    stream: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: Mapping[str, str]
    appended_at: datetime


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a group is behind: records not committed yet, age in seconds of the oldest."""

    records: int
    age_s: float


class Producer(Protocol):
    """Appends records."""

    def produce(self, stream: str, records: Sequence[NewRecord]) -> None:
        """Append `records` in order and return when all of them are acknowledged (durable).

        Bytes in flight are bounded: the call blocks instead of growing memory. After an error
        some of the records may be in the log; producing all of them again is safe because
        readers know records by their event id.

        Raises:
            RecordTooLargeError: A record is above `RECORD_LIMIT_BYTES`; nothing was appended.
            BackendUnavailableError: Not acknowledged in time.
        """
        ...

    def close(self) -> None:
        """Release connections; everything produced is already acknowledged."""
        ...


class Consumer(Protocol):
    """One member of a consumer group on one stream; used from one thread."""

    def poll(self, *, max_records: int, timeout_s: float) -> list[Record]:
        """Return the next records of the partitions held, at most `max_records`.

        Waits up to `timeout_s` for the first one; an empty list means nothing came. Offsets per
        partition ascend. Also keeps the membership alive, so call it at least every 30 s, paused
        or not. What was polled but not committed when a member leaves or dies is given to another
        member again.
        """
        ...

    def commit(self) -> None:
        """Mark everything polled so far as handled.

        Raises:
            FencedError: A partition was given to another member meanwhile; nothing of it was
                committed, its records will be handled there. Call `poll` again to go on.
        """
        ...

    def rewind(self) -> None:
        """Go back to the last commit: the next poll returns the uncommitted records again."""
        ...

    def pause(self) -> None:
        """Let `poll` return nothing (membership is kept) until `resume`."""
        ...

    def resume(self) -> None:
        """Undo `pause`."""
        ...

    def close(self) -> None:
        """Leave the group at once, so that the others need not wait for a time-out."""
        ...


class Tail(Protocol):
    """Reads what is appended to a stream, without a group; used from one thread."""

    def poll(self, *, max_records: int, timeout_s: float) -> list[Record]:
        """Return records in log order per partition; nothing is remembered about the reader."""
        ...

    def close(self) -> None:
        """Release the connection."""
        ...


class Bus(Protocol):
    """An opened bus; make one per process. Thread-safe, what it hands out is not."""

    def ensure_streams(self, names: Sequence[str]) -> None:
        """Create the streams that do not exist yet."""
        ...

    def producer(self) -> Producer:
        """Return a new producer; the caller closes it."""
        ...

    def consumer(self, stream: str, *, group: str) -> Consumer:
        """Join `group` on `stream` as a new member; a new group starts at the oldest record."""
        ...

    def tail(self, stream: str, *, from_oldest: bool = False) -> Tail:
        """Return a reader that starts behind the newest record, or at the oldest one there is."""
        ...

    def lag(self, stream: str, *, group: str) -> Lag:
        """Return how far `group` is behind on `stream`; (0, 0.0) when it has read everything."""
        ...

    def size(self, stream: str) -> int:
        """Return how many records `stream` holds, approximately where the log has gaps."""
        ...

    def trim(self) -> int:
        """Drop records older than retention where the back end does not do so itself.

        Returns the number dropped (0 on Kafka).
        """
        ...

    def check(self) -> None:
        """Raise BackendUnavailableError unless the bus answers."""
        ...

    def close(self) -> None:
        """Release everything; consumers and producers are closed before."""
        ...
