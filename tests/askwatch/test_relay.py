"""Facts reach the bus once they are committed, whatever dies or is away meanwhile."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from askwatch.bus.base import Consumer, NewRecord, Producer, Record
from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import Clock, ManualClock, SystemClock
from askwatch.errors import BackendUnavailableError
from askwatch.events import EVENTS, EventRecord
from askwatch.faults import CRASH_VARIABLE
from askwatch.model.ids import EventId, PostId, SourceId
from askwatch.observe import OUTBOX_UNSENT
from askwatch.relay import LEASE, LEASE_S, Relay
from askwatch.settings import Settings
from askwatch.state import bands, handled, leases, outbox, processes
from askwatch.state.engine import Database
from askwatch.state.processes import ProcessRow

PATIENCE_S = 15.0


class RefusingBus(SqliteBus):
    """A bus whose producers fail for a while."""

    failures = 0

    def producer(self) -> Producer:
        return _RefusingProducer(self, super().producer())


class _RefusingProducer:
    def __init__(self, bus: RefusingBus, producer: Producer) -> None:
        self._bus, self._producer = bus, producer

    def produce(self, stream: str, records: Sequence[NewRecord]) -> None:
        if self._bus.failures:
            self._bus.failures -= 1
            raise BackendUnavailableError("the bus", "away")
        self._producer.produce(stream, records)

    def close(self) -> None:
        self._producer.close()


class Bench:
    """A database, a bus and relays between them."""

    def __init__(self, path: Path, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        self.bus = RefusingBus(
            path / "bus.db", partitions=2, retention_s=3600.0, clock=SystemClock()
        )
        self.bus.ensure_streams([EVENTS])
        self._consumers: list[Consumer] = []

    def relay(self, owner: str = "relay-a") -> Relay:
        return Relay(
            database=self.database, bus=self.bus, clock=self.clock, settings=Settings(), owner=owner
        )

    def add(self, *lead_ids: str) -> None:
        for lead_id in lead_ids:
            event = EventRecord(
                event_id=EventId(f"e-{lead_id}"), kind="lead.created", at=self.clock.now(),
                lead_id=lead_id, state="new", revision=1,
            )  # fmt: skip
            self.database.write(partial(outbox.add_event, event=event, now=self.clock.now()))

    def unsent(self) -> int:
        return self.database.read(outbox.count_unsent)

    def consumer(self) -> Consumer:
        consumer = self.bus.consumer(EVENTS, group="reader")
        self._consumers.append(consumer)
        return consumer

    def read(self, count: int) -> list[Record]:
        consumer = self.consumer()
        records: list[Record] = []
        for _ in range(int(PATIENCE_S / 0.1)):
            records += consumer.poll(max_records=1000, timeout_s=0.1)
            if len(records) >= count:
                break
        return records

    def close(self) -> None:
        for consumer in self._consumers:
            consumer.close()
        self.bus.close()


@pytest.fixture
def bench(tmp_path: Path, sqlite_database: Database, clock: ManualClock) -> Iterator[Bench]:
    bench = Bench(tmp_path, sqlite_database, clock)
    yield bench
    bench.close()


def run_until(relay: Relay, is_done: Callable[[], bool]) -> None:
    """Run `relay` in a thread until `is_done`, and stop it."""
    stop = threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    waiting, clock = threading.Event(), SystemClock()
    deadline_s = clock.monotonic() + PATIENCE_S
    while not is_done() and clock.monotonic() < deadline_s:
        waiting.wait(0.01)
    stop.set()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert is_done()


def test_a_fact_is_sent_with_key_and_schema_and_marked(bench: Bench) -> None:
    bench.add("1", "2")
    run_until(bench.relay(), lambda: bench.unsent() == 0)
    records = sorted(bench.read(2), key=lambda record: record.key)
    assert [record.key for record in records] == ["1", "2"]
    assert records[0].headers == {"schema": "event/1"}
    assert EventRecord.from_bytes(records[0].value).lead_id == "1"


def test_a_fact_reaches_the_bus_at_once_when_nothing_else_is_to_do(
    tmp_path: Path, sqlite_database: Database
) -> None:
    clock = SystemClock()
    bench = Bench(tmp_path, sqlite_database, clock)
    relay, stop = bench.relay(), threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    tail = bench.bus.tail(EVENTS)
    took: list[float] = []
    for number in range(11):
        bench.add(f"lead{number}")
        committed_s = clock.monotonic()
        while not tail.poll(max_records=10, timeout_s=0.005):
            assert clock.monotonic() - committed_s < PATIENCE_S
        took.append(clock.monotonic() - committed_s)
    stop.set()
    thread.join(PATIENCE_S)
    tail.close()
    bench.close()
    # The median: a busy machine may stall once. Aimed at is 0.05.
    assert sorted(took)[5] < 0.25


def test_more_facts_than_a_batch_are_sent_without_a_pause(bench: Bench) -> None:
    bench.add(*(str(number) for number in range(501)))
    relay = bench.relay()
    assert relay.step() == 0.0
    assert relay.stats() == {"sent": 500, "unsent": 1, "is_active": True}
    assert OUTBOX_UNSENT._value.get() == 1
    assert relay.step() > 0.0
    assert relay.stats() == {"sent": 501, "unsent": 0, "is_active": True}
    assert bench.bus.size(EVENTS) == 501


def test_one_relay_works_while_the_other_stands_by_and_takes_over_when_it_stops(
    bench: Bench, clock: ManualClock
) -> None:
    first, second = bench.relay("relay-a"), bench.relay("relay-b")
    bench.add("1")
    first.step()
    bench.add("2")
    second.step()
    assert (first.stats()["is_active"], second.stats()["is_active"]) == (True, False)
    assert bench.unsent() == 1
    clock.advance(2.0)
    stopped = threading.Event()
    stopped.set()
    first.run(stopped)
    second.step()
    assert bench.unsent() == 0


def test_a_dead_relay_is_followed_by_another_after_its_lease(
    bench: Bench, clock: ManualClock
) -> None:
    dead, heir = bench.relay("relay-a"), bench.relay("relay-b")
    dead.step()
    heir.step()
    assert heir.stats()["is_active"] is False
    clock.advance(LEASE_S + 0.1)
    bench.add("1")
    heir.step()
    assert bench.unsent() == 0
    dead.step()
    assert dead.stats()["is_active"] is False


def test_a_living_relay_keeps_its_lease(bench: Bench, clock: ManualClock) -> None:
    relay, other = bench.relay("relay-a"), bench.relay("relay-b")
    for _ in range(10):
        relay.step()
        other.step()
        clock.advance(LEASE_S / 3)
    assert relay.stats()["is_active"] is True
    assert other.stats()["is_active"] is False


def test_an_outage_of_the_bus_is_waited_out(bench: Bench) -> None:
    bench.bus.failures = 2
    bench.add("1", "2")
    run_until(bench.relay(), lambda: bench.unsent() == 0)
    assert len(bench.read(2)) == 2


def test_an_outage_of_the_database_is_waited_out(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.add("1")
    with bench.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE outbox RENAME TO away")
    relay, stop = bench.relay(), threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    waiting = threading.Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        if "relay waits" in caplog.text:
            break
        waiting.wait(0.01)
    with bench.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO outbox")
    assert len(bench.read(1)) == 1
    stop.set()
    thread.join(PATIENCE_S)
    assert bench.unsent() == 0


def test_what_a_relay_sent_before_it_was_killed_is_sent_again(bench: Bench, tmp_path: Path) -> None:
    bench.add("1")
    program = (
        "import sys, threading; from pathlib import Path\n"
        "from askwatch.bus.sqlite import SqliteBus; from askwatch.clock import SystemClock\n"
        "from askwatch.relay import Relay; from askwatch.settings import Settings\n"
        "from askwatch.state.engine import Database\n"
        "clock, folder = SystemClock(), Path(sys.argv[1])\n"
        "bus = SqliteBus(folder / 'bus.db', partitions=2, retention_s=3600.0, clock=clock)\n"
        "database = Database(f\"sqlite:///{folder / 'state.db'}\")\n"
        "Relay(database=database, bus=bus, clock=clock, settings=Settings(), owner='dead')"
        ".run(threading.Event())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, CRASH_VARIABLE: "relay.after_send"},
        cwd=Path(__file__).parents[2],
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert bench.unsent() == 1
    assert bench.bus.size(EVENTS) == 1
    # The dead one's lease is of today, and the clock of this test stands in the past.
    bench.database.write(
        lambda tx: leases.release(tx, LEASE, "dead", now=bench.clock.now() - timedelta(days=1))
    )
    bench.relay().step()
    assert bench.unsent() == 0
    first, second = bench.read(2)
    assert first.value == second.value


def test_a_relay_that_cannot_give_its_lease_back_still_stops(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    relay = bench.relay()
    relay.step()
    with bench.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE leases")
    stopped = threading.Event()
    stopped.set()
    # At its own logger, whatever other tests have made of the root's handlers and level.
    relay_log = logging.getLogger("askwatch.relay")
    relay_log.addHandler(caplog.handler)
    try:
        with caplog.at_level(logging.WARNING, logger=relay_log.name):
            relay.run(stopped)
    finally:
        relay_log.removeHandler(caplog.handler)
    assert "lease not given back" in caplog.text
    assert relay.stats()["is_active"] is False


def test_what_is_old_is_dropped_once_an_hour(bench: Bench, clock: ManualClock) -> None:
    relay = bench.relay()
    bench.add("old")
    relay.step()
    now = clock.now()
    database = bench.database
    feed, old, young = SourceId("feed"), PostId("1"), PostId("2")
    for post_id, days in ((old, 31), (young, 28)):
        gone_at = now - timedelta(days=days)
        put = partial(bands.put_tombstone, source_id=feed, post_id=post_id, revision=3, now=gone_at)
        database.write(put)
    database.write(lambda tx: handled.note(tx, "nlp", "e1", now=now - timedelta(days=31)))
    database.write(lambda tx: handled.note(tx, "nlp", "e2", now=now - timedelta(days=28)))
    database.write(lambda tx: processes.put_process(tx, _process("gone", now - timedelta(hours=1))))
    database.write(lambda tx: processes.put_process(tx, _process("here", now + timedelta(hours=2))))
    clock.advance(25 * 3600.0)
    bench.add("new")
    relay.step()
    with database.engine.connect() as connection:
        keys = connection.exec_driver_sql("SELECT key FROM outbox").scalars().all()
        events = connection.exec_driver_sql("SELECT event_id FROM handled").scalars().all()
    assert keys == ["new"]
    assert events == ["e2"]
    (process,) = database.read(processes.list_processes)
    assert process.instance == "here"
    assert database.read(lambda tx: bands.find_tombstone(tx, feed, old)) == 0
    assert database.read(lambda tx: bands.find_tombstone(tx, feed, young)) == 3


def test_records_past_their_retention_leave_the_bus(
    tmp_path: Path, sqlite_database: Database, clock: ManualClock
) -> None:
    bus = SqliteBus(tmp_path / "bus.db", partitions=1, retention_s=10.0, clock=clock)
    bus.ensure_streams([EVENTS])
    producer = bus.producer()
    producer.produce(EVENTS, [NewRecord("a", b"old")])
    producer.close()
    relay = Relay(
        database=sqlite_database, bus=bus, clock=clock, settings=Settings(), owner="relay-a"
    )
    relay.step()
    assert bus.size(EVENTS) == 1
    clock.advance(60.0)
    relay.step()
    assert bus.size(EVENTS) == 0
    bus.close()


def _process(instance: str, at: object) -> ProcessRow:
    return ProcessRow.model_validate(
        {
            "instance": instance, "name": "nlp", "host": "here", "pid": 1, "state": "running",
            "started_at": at, "beat_at": at, "stats": {},
        }
    )  # fmt: skip
