"""The loop of every process: batches, retries, dead letters, a limit, a clean stop."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from askwatch.bus.base import NewRecord, Record
from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import SystemClock
from askwatch.errors import BadRecordError, BusyError
from askwatch.settings import Settings
from askwatch.state import dead_letters
from askwatch.state.engine import Database
from askwatch.worker import DeadLetterLimitError, Worker, replay

STREAM, GROUP = "posts", "nlp"


class RecordingHandler:
    """Notes what it handled, and stops the worker once it has seen enough."""

    def __init__(self, enough: int, stop: threading.Event) -> None:
        self.seen: list[str] = []
        self.batches: list[int] = []
        self.trouble: Callable[[str], None] = lambda value: None
        self._enough, self._stop = enough, stop

    def handle(self, records: Sequence[Record]) -> None:
        self.batches.append(len(records))
        for record in records:
            self.trouble(bytes(record.value).decode())
        for record in records:
            self.seen.append(bytes(record.value).decode())
        if len(self.seen) >= self._enough:
            self._stop.set()


class Bench:
    """A bus, a database and a worker on them."""

    def __init__(self, path: Path, database: Database, *, enough: int, limit: int = 100) -> None:
        self.clock, self.database, self.stop = SystemClock(), database, threading.Event()
        self.bus = SqliteBus(path / "bus.db", partitions=2, retention_s=3600.0, clock=self.clock)
        self.bus.ensure_streams([STREAM])
        self.handler = RecordingHandler(enough, self.stop)
        self.worker = Worker(
            name="nlp", stream=STREAM, group=GROUP, bus=self.bus, handler=self.handler,
            database=database, clock=self.clock, settings=Settings.load(dead_letter_limit=limit),
        )  # fmt: skip

    def produce(self, *values: str) -> None:
        producer = self.bus.producer()
        producer.produce(STREAM, [NewRecord("key", value.encode()) for value in values])
        producer.close()

    def run(self) -> None:
        timer = threading.Timer(20.0, self.stop.set)
        timer.start()
        try:
            self.worker.run(self.stop)
        finally:
            timer.cancel()


def test_a_batch_is_handled_whole_and_committed(tmp_path: Path, sqlite_database: Database) -> None:
    bench = Bench(tmp_path, sqlite_database, enough=3)
    bench.produce("a", "b", "c")
    bench.run()
    assert bench.handler.seen == ["a", "b", "c"]
    assert bench.handler.batches == [3]
    assert bench.bus.lag(STREAM, group=GROUP).records == 0
    assert bench.worker.stats()["handled"] == 3
    bench.bus.close()


def test_one_bad_record_goes_to_the_dead_letters_and_the_others_do_not(
    tmp_path: Path, sqlite_database: Database
) -> None:
    bench = Bench(tmp_path, sqlite_database, enough=2)

    def refuse(value: str) -> None:
        if value == "bad":
            raise BadRecordError("not a post record: text: missing")

    bench.handler.trouble = refuse
    bench.produce("a", "bad", "c")
    bench.run()
    assert bench.handler.seen == ["a", "c"]
    (letter,) = sqlite_database.read(dead_letters.list_letters)
    assert (letter.value, letter.reason) == (b"bad", "not a post record: text: missing")
    bench.bus.close()


def test_what_can_heal_is_tried_until_it_does(tmp_path: Path, sqlite_database: Database) -> None:
    bench = Bench(tmp_path, sqlite_database, enough=1)
    failures = [1, 2, 3]

    def fail_three_times(_value: str) -> None:
        if failures:
            failures.pop()
            raise BusyError("locked")

    bench.handler.trouble = fail_three_times
    bench.produce("a")
    bench.run()
    assert bench.handler.seen == ["a"]
    assert sqlite_database.read(dead_letters.count_open) == 0
    bench.bus.close()


def test_an_unexpected_error_is_tried_three_times_and_its_message_is_not_kept(
    tmp_path: Path, sqlite_database: Database
) -> None:
    bench = Bench(tmp_path, sqlite_database, enough=1)

    def explode(value: str) -> None:
        if value == "poison":
            raise ZeroDivisionError("secret words of a post")

    bench.handler.trouble = explode
    bench.produce("poison", "fine")
    bench.run()
    assert bench.handler.seen == ["fine"]
    (letter,) = sqlite_database.read(dead_letters.list_letters)
    assert letter.reason == "ZeroDivisionError"
    assert "secret" not in letter.trace
    bench.bus.close()


def test_too_many_dead_letters_stop_the_worker_loudly(
    tmp_path: Path, sqlite_database: Database
) -> None:
    bench = Bench(tmp_path, sqlite_database, enough=99, limit=3)

    def refuse(_value: str) -> None:
        raise BadRecordError("all of them")

    bench.handler.trouble = refuse
    bench.produce(*map(str, range(10)))
    with pytest.raises(DeadLetterLimitError, match="nlp gave up 3 records"):
        bench.run()
    assert sqlite_database.read(dead_letters.count_open) == 3
    assert bench.bus.lag(STREAM, group=GROUP).records == 10
    bench.bus.close()


def test_stopping_in_the_middle_of_a_retry_commits_nothing(
    tmp_path: Path, sqlite_database: Database
) -> None:
    bench = Bench(tmp_path, sqlite_database, enough=99)

    def stop_and_fail(_value: str) -> None:
        bench.stop.set()
        raise BusyError("locked")

    bench.handler.trouble = stop_and_fail
    bench.produce("a")
    bench.run()
    assert bench.bus.lag(STREAM, group=GROUP).records == 1
    bench.bus.close()


def test_a_dead_letter_is_replayed_and_a_dropped_one_cannot_be(
    tmp_path: Path, sqlite_database: Database
) -> None:
    bench = Bench(tmp_path, sqlite_database, enough=1)
    bench.produce("bad")

    bench.handler.trouble = _refuse
    threading.Timer(2.0, bench.stop.set).start()
    bench.run()
    (letter,) = sqlite_database.read(dead_letters.list_letters)
    replay(sqlite_database, bench.bus, letter.dead_letter_id, clock=bench.clock)
    assert bench.bus.size(STREAM) == 2
    assert sqlite_database.read(dead_letters.count_open) == 0
    now = bench.clock.now()
    sqlite_database.write(lambda tx: dead_letters.drop(tx, letter.dead_letter_id, now=now))
    with pytest.raises(BadRecordError, match="erased"):
        replay(sqlite_database, bench.bus, letter.dead_letter_id, clock=bench.clock)
    bench.bus.close()


def _refuse(_value: str) -> None:
    raise BadRecordError("not yet")
