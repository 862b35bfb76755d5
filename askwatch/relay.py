"""Brings facts from the outbox to the bus, one relay at a time, and keeps the house tidy."""

import itertools
import logging
import random
import threading
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from pydantic import JsonValue

from askwatch.bus.base import SCHEMA_HEADER, Bus, NewRecord, Producer
from askwatch.clock import Clock
from askwatch.errors import RetryableError
from askwatch.faults import crash_point
from askwatch.observe import OUTBOX_UNSENT
from askwatch.settings import Settings
from askwatch.state import bands, handled, leases, outbox, processes
from askwatch.state.engine import Database, Transaction
from askwatch.state.outbox import OutboxRow

log = logging.getLogger(__name__)

LEASE = "relay"
# A dead relay's work is taken over after this; a living one renews well before.
LEASE_S = 5.0
_RENEW_EVERY_S = 1.5
# From commit to bus it takes one look at the outbox and one acknowledgement: below 50 ms.
_POLL_S = 0.02
_STANDBY_S = 0.5
_BATCH = 500
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_TRIM_EVERY_S = 60.0
_TIDY_EVERY_S = 3600.0
_COUNT_EVERY_S = 5.0
# Sent facts are of use to whoever looks into an incident, no longer.
_KEEP_SENT = timedelta(days=1)
_KEEP_PROCESSES = timedelta(days=1)
# Longer than any stream holds a record and any dead letter waits to be replayed.
_KEEP_HANDLED = timedelta(days=30)


class Relay:
    """See `askwatch.process.Process`. Every fact is sent at least once; readers know its id.

    Order is that of the outbox as far as it is seen; per lead, the revision tells what is newer.
    """

    def __init__(
        self, *, database: Database, bus: Bus, clock: Clock, settings: Settings, owner: str
    ) -> None:
        # The settings have nothing for a relay; every process is made from the same arguments.
        del settings
        self._database, self._bus, self._clock, self._owner = database, bus, clock, owner
        self._producer: Producer | None = None
        self._sent, self._unsent = 0, 0
        self._is_active = False
        self._renew_at_s = self._count_at_s = clock.monotonic()
        self._trim_at_s = self._tidy_at_s = self._renew_at_s

    def run(self, stop: threading.Event) -> None:
        pause_s = _FIRST_PAUSE_S
        try:
            while not stop.is_set():
                try:
                    stop.wait(self.step())
                    pause_s = _FIRST_PAUSE_S
                except RetryableError as error:
                    log.warning("relay waits", extra={"reason": str(error)})
                    self._close_producer()
                    stop.wait(random.uniform(pause_s / 2, pause_s))
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        finally:
            self._close_producer()
            self._give_up_lease()

    def stats(self) -> dict[str, JsonValue]:
        return {"sent": self._sent, "unsent": self._unsent, "is_active": self._is_active}

    def step(self) -> float:
        """Do what is to be done now; return for how many seconds there is nothing else.

        Raises:
            RetryableError: Database or bus do not answer; call again later.
        """
        if not self._holds_lease():
            return _STANDBY_S
        rows = self._database.read(partial(outbox.take_unsent, limit=_BATCH))
        if rows:
            self._send(rows)
        self._count(len(rows))
        self._tidy()
        return 0.0 if len(rows) == _BATCH else _POLL_S

    def _holds_lease(self) -> bool:
        now_s = self._clock.monotonic()
        if self._is_active and now_s < self._renew_at_s:
            return True

        def acquire(transaction: Transaction) -> int | None:
            return leases.acquire(
                transaction, LEASE, self._owner, now=self._clock.now(), duration_s=LEASE_S
            )

        was_active, self._is_active = self._is_active, False
        self._is_active = self._database.write(acquire) is not None
        self._renew_at_s = now_s + _RENEW_EVERY_S
        if self._is_active != was_active:
            log.info("relay active" if self._is_active else "relay stands by")
        return self._is_active

    def _send(self, rows: Sequence[OutboxRow]) -> None:
        if self._producer is None:
            self._producer = self._bus.producer()
        # Neighbours of one stream go together; there is hardly ever more than one stream.
        for stream, group in itertools.groupby(rows, key=lambda row: row.stream):
            self._producer.produce(
                stream,
                [NewRecord(row.key, row.value, {SCHEMA_HEADER: row.schema_name}) for row in group],
            )
        crash_point("relay.after_send")
        ids, now = [row.outbox_id for row in rows], self._clock.now()
        self._database.write(lambda transaction: outbox.mark_sent(transaction, ids, now=now))
        self._sent += len(rows)

    def _count(self, seen: int) -> None:
        """Tell how many facts wait; a batch that is not full was all there were."""
        now_s = self._clock.monotonic()
        if seen < _BATCH:
            self._unsent = 0
        elif now_s >= self._count_at_s:
            self._count_at_s = now_s + _COUNT_EVERY_S
            self._unsent = self._database.read(outbox.count_unsent)
        OUTBOX_UNSENT.set(self._unsent)

    def _tidy(self) -> None:
        """Drop what is too old from bus and database."""
        now_s = self._clock.monotonic()
        if now_s >= self._trim_at_s:
            self._trim_at_s = now_s + _TRIM_EVERY_S
            self._bus.trim()
        if now_s >= self._tidy_at_s:
            self._tidy_at_s = now_s + _TIDY_EVERY_S
            now, write = self._clock.now(), self._database.write
            while write(partial(outbox.drop_sent, before=now - _KEEP_SENT)):
                pass  # A part in each transaction keeps them short.
            write(partial(handled.forget, before=now - _KEEP_HANDLED))
            write(partial(bands.drop_tombstones, before=now - _KEEP_HANDLED))
            write(partial(processes.drop_processes, before=now - _KEEP_PROCESSES))

    def _close_producer(self) -> None:
        if self._producer is not None:
            self._producer.close()
            self._producer = None

    def _give_up_lease(self) -> None:
        """Let the next relay in at once; should that fail, the lease runs out by itself."""
        if not self._is_active:
            return
        self._is_active = False
        now = self._clock.now()
        try:
            self._database.write(
                lambda transaction: leases.release(transaction, LEASE, self._owner, now=now)
            )
        except RetryableError as error:
            log.warning("lease not given back", extra={"reason": str(error)})
