"""What only the embedded bus does: retention in its own hands, a file that may be unusable."""

from pathlib import Path

import pytest

from askwatch.bus.base import NewRecord
from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import ManualClock
from askwatch.errors import BackendUnavailableError


def open_bus(path: Path, clock: ManualClock) -> SqliteBus:
    bus = SqliteBus(path, partitions=2, retention_s=60.0, clock=clock)
    bus.ensure_streams(["posts"])
    return bus


def test_records_older_than_the_retention_are_dropped(tmp_path: Path, clock: ManualClock) -> None:
    bus = open_bus(tmp_path / "bus.db", clock)
    producer = bus.producer()
    producer.produce("posts", [NewRecord(str(number), b"old") for number in range(5_000)])
    clock.advance(61.0)
    producer.produce("posts", [NewRecord("new", b"new")])
    assert bus.trim() == 5_000
    assert bus.size("posts") == 1
    producer.close()
    bus.close()


def test_offsets_go_on_after_everything_was_trimmed(tmp_path: Path, clock: ManualClock) -> None:
    bus = open_bus(tmp_path / "bus.db", clock)
    producer = bus.producer()
    consumer = bus.consumer("posts", group="nlp")
    producer.produce("posts", [NewRecord("a", b"one")])
    assert len(consumer.poll(max_records=5, timeout_s=1.0)) == 1
    consumer.commit()
    clock.advance(61.0)
    bus.trim()
    producer.produce("posts", [NewRecord("a", b"two")])
    assert [record.offset for record in consumer.poll(max_records=5, timeout_s=1.0)] == [1]
    for opened in (consumer, producer, bus):
        opened.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path, clock: ManualClock) -> None:
    path = tmp_path / "bus.db"
    path.write_text("this is no database, but long enough to be looked at as one" * 10)
    with pytest.raises(BackendUnavailableError, match=r"bus\.db"):
        open_bus(path, clock)
