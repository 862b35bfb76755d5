"""Polls a batch, handles it, commits; tries again what can heal, gives up what cannot."""

import logging
import random
import threading
import traceback
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from pydantic import JsonValue

from askwatch.bus.base import Bus, Consumer, NewRecord, Record
from askwatch.clock import Clock
from askwatch.errors import AskwatchError, BadRecordError, FencedError, RetryableError
from askwatch.faults import crash_point
from askwatch.observe import (
    DEAD_LETTERS,
    HANDLE_SECONDS,
    LAG_RECORDS,
    LAG_SECONDS,
    RECORDS_HANDLED,
    RECORDS_RETRIED,
)
from askwatch.settings import Settings
from askwatch.state import dead_letters
from askwatch.state.engine import Database, Transaction

log = logging.getLogger(__name__)

BATCH_RECORDS = 500
_POLL_S = 0.05
_LAG_EVERY_S = 5.0
# Full jitter (Brooker, AWS Architecture Blog, 2015): a random pause up to a doubling bound.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 10.0
# An unexpected error may be a hiccup of something we call; after so many tries it is not.
_UNEXPECTED_TRIES = 3
_LIMIT_WINDOW_S = 600.0


class Handler(Protocol):
    """What a stage does with records."""

    def handle(self, records: Sequence[Record]) -> None:
        """Give `records` their effect; the same record again must change nothing.

        Raises:
            RetryableError: Nothing is wrong with the records: they come again after a pause.
            BadRecordError: One of them cannot be handled, now or later.
        """
        ...


class DeadLetterLimitError(AskwatchError):
    """Too many records could not be handled: the fault is ours, not theirs."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(
            f"{name} gave up {limit} records within ten minutes and stops, so that a fault of its "
            "own cannot drain the stream: look at 'askwatch dead list', mend the cause, start again"
        )


class Worker:
    """One process's loop over one stream."""

    def __init__(  # noqa: PLR0913 - everything a loop needs, each by name
        self,
        *,
        name: str,
        stream: str,
        group: str,
        bus: Bus,
        handler: Handler,
        database: Database,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._name, self._stream, self._group = name, stream, group
        self._bus, self._handler, self._database = bus, handler, database
        self._clock, self._limit = clock, settings.dead_letter_limit
        self._given_up: deque[float] = deque()
        self._handled = 0
        self._next_lag_s = 0.0
        self._lag: dict[str, JsonValue] = {}

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; what is polled by then is handled or left uncommitted.

        Raises:
            DeadLetterLimitError: More than the allowed number of records could not be handled.
        """
        consumer = self._bus.consumer(self._stream, group=self._group)
        try:
            while not stop.is_set():
                self._step(consumer, stop)
        finally:
            consumer.close()

    def stats(self) -> dict[str, JsonValue]:
        """Return what the heartbeat tells: records handled, and how far behind we are."""
        return {"handled": self._handled, **self._lag}

    def _step(self, consumer: Consumer, stop: threading.Event) -> None:
        try:
            records = consumer.poll(max_records=BATCH_RECORDS, timeout_s=_POLL_S)
            self._observe_lag()
            if not records:
                return
            crash_point(f"{self._name}.after_poll")
            if not self._handle(records, consumer, stop):
                consumer.rewind()
                return
            crash_point(f"{self._name}.after_handle")
            consumer.commit()
            crash_point(f"{self._name}.after_commit")
        except FencedError as error:
            log.warning("partition lost", extra={**self._fields(), "reason": str(error)})
        except RetryableError as error:
            log.warning("bus away", extra={**self._fields(), "reason": str(error)})
            stop.wait(_FIRST_PAUSE_S)

    def _handle(self, records: Sequence[Record], consumer: Consumer, stop: threading.Event) -> bool:
        """Give all records their effect; False when asked to stop before that."""
        try:
            self._call(records)
        except Exception as error:  # noqa: BLE001 - the one place that may: a fault of a handler ends here
            if not isinstance(error, RetryableError | BadRecordError):
                extra = {"reason": type(error).__name__, "trace": _trace(error)}
                log.warning("batch failed", extra=self._fields() | extra)
            RECORDS_RETRIED.labels(process=self._name, stream=self._stream).inc()
        else:
            return True
        # One at a time, so that one bad record does not take the others with it.
        return all(self._handle_one(record, consumer, stop) for record in records)

    def _handle_one(self, record: Record, consumer: Consumer, stop: threading.Event) -> bool:
        failures, pause_s = 0, _FIRST_PAUSE_S
        while not stop.is_set():
            try:
                self._call([record])
            except RetryableError as error:
                log.warning("try again later", extra={**self._fields(), "reason": str(error)})
            except BadRecordError as error:
                self._give_up(record, error)
                return True
            except Exception as error:  # noqa: BLE001 - as above
                failures += 1
                if failures >= _UNEXPECTED_TRIES:
                    self._give_up(record, error)
                    return True
            else:
                return True
            RECORDS_RETRIED.labels(process=self._name, stream=self._stream).inc()
            self._pause(consumer, stop, random.uniform(0, pause_s))
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        return False

    def _call(self, records: Sequence[Record]) -> None:
        began_s = self._clock.monotonic()
        self._handler.handle(records)
        HANDLE_SECONDS.labels(process=self._name).observe(self._clock.monotonic() - began_s)
        RECORDS_HANDLED.labels(process=self._name, stream=self._stream).inc(len(records))
        self._handled += len(records)

    def _pause(self, consumer: Consumer, stop: threading.Event, duration_s: float) -> None:
        """Wait without losing the membership in the group."""
        consumer.pause()
        try:
            deadline_s = self._clock.monotonic() + duration_s
            while not stop.is_set() and self._clock.monotonic() < deadline_s:
                remaining_s = deadline_s - self._clock.monotonic()
                consumer.poll(max_records=1, timeout_s=min(1.0, remaining_s))
        finally:
            consumer.resume()

    def _give_up(self, record: Record, error: Exception) -> None:
        now, now_s = self._clock.now(), self._clock.monotonic()
        trace = _trace(error)
        reason = str(error) if isinstance(error, AskwatchError) else type(error).__name__

        def store(transaction: Transaction) -> None:
            dead_letters.add(
                transaction, record, group=self._group, reason=reason, trace=trace, now=now
            )

        self._database.write(store)
        DEAD_LETTERS.labels(process=self._name, stream=self._stream).inc()
        log.error("record given up", extra={**self._fields(), "reason": reason})
        self._given_up.append(now_s)
        while now_s - self._given_up[0] > _LIMIT_WINDOW_S:
            self._given_up.popleft()
        if len(self._given_up) >= self._limit:
            raise DeadLetterLimitError(self._name, self._limit)

    def _observe_lag(self) -> None:
        now_s = self._clock.monotonic()
        if now_s < self._next_lag_s:
            return
        self._next_lag_s = now_s + _LAG_EVERY_S
        lag = self._bus.lag(self._stream, group=self._group)
        LAG_RECORDS.labels(process=self._name, stream=self._stream).set(lag.records)
        LAG_SECONDS.labels(process=self._name, stream=self._stream).set(lag.age_s)
        self._lag = {"lag_records": lag.records, "lag_s": round(lag.age_s, 3)}

    def _fields(self) -> dict[str, str]:
        return {"stage": self._name, "stream": self._stream}


def _trace(error: Exception) -> str:
    """Return files, lines and functions, never values: a message may hold a post's text."""
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join(f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)


def replay(database: Database, bus: Bus, dead_letter_id: str, *, clock: Clock) -> None:
    """Send a dead letter to its stream once more; handlers know it by its event id.

    Raises:
        NotFoundError: There is no such letter.
        BadRecordError: It was dropped, so there is nothing to send.
    """
    letter = database.read(lambda transaction: dead_letters.find(transaction, dead_letter_id))
    if letter.state == dead_letters.DROPPED:
        raise BadRecordError(f"dead letter {dead_letter_id} was dropped: its record is erased")
    producer = bus.producer()
    try:
        producer.produce(letter.stream, [NewRecord(letter.key, letter.value, letter.headers)])
    finally:
        producer.close()
    now = clock.now()
    database.write(
        lambda transaction: dead_letters.mark_replayed(transaction, dead_letter_id, now=now)
    )
