"""Front door of stage 1: rows of sources come in, records on the stream `posts` go out."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue

from askwatch.bus.base import Bus
from askwatch.clock import Clock
from askwatch.errors import RetryableError
from askwatch.model.ids import SourceId
from askwatch.model.source import Source
from askwatch.process import Process
from askwatch.settings import Settings
from askwatch.state import leases, sources
from askwatch.state.engine import Database, Transaction
from askwatch.state.sources import SourceRow
from collectors.base import Reader
from collectors.hand_in_post import ensure_source
from collectors.intake import Intake
from collectors.permission import find_objection
from collectors.registry import Registry

log = logging.getLogger(__name__)

TICK_S = 0.5
LEASE_S = 10.0
RENEW_AFTER_S = 3.0
# A post that left its feed this long ago would be read as new if it came back.
SEEN_KEPT = timedelta(days=30)
PURGE_AFTER_S = 3600.0


def make_process(
    *, database: Database, bus: Bus, settings: Settings, clock: Clock, owner: str
) -> Process:
    """Return the process that reads every source that may be read, each under a lease."""
    return Stage(database=database, bus=bus, settings=settings, clock=clock, owner=owner)


@dataclass(slots=True)
class _Held:
    source: Source
    reader: Reader
    renewed_at: float


class Stage:
    """Holds the leases of this process and a reader for each."""

    def __init__(
        self, *, database: Database, bus: Bus, settings: Settings, clock: Clock, owner: str
    ) -> None:
        self._database, self._clock, self._owner = database, clock, owner
        self._intake = Intake(
            database=database, bus=bus, secret_key=settings.secret_key, clock=clock
        )
        self._registry = Registry(
            intake=self._intake, database=database, bus=bus, settings=settings, clock=clock
        )
        self._held: dict[SourceId, _Held] = {}
        self._purged_at = float("-inf")
        self._has_hand_ins = False

    def run(self, stop: threading.Event) -> None:
        """Work until `stop`, then give the leases back."""
        try:
            while not stop.is_set():
                try:
                    self._ensure_hand_ins()
                    self.tick()
                except RetryableError as error:
                    log.warning("sources not read", extra={"reason": str(error)})
                stop.wait(TICK_S)
        finally:
            self.close()

    def tick(self) -> None:
        """Look at every row once: begin, go on with, or end reading it."""
        rows = {row.source.source_id: row for row in self._database.read(sources.list_rows)}
        for source_id in [source_id for source_id in self._held if source_id not in rows]:
            self._let_go(source_id)
        for row in rows.values():
            self._look_at(row)
        self._purge()

    def stats(self) -> dict[str, JsonValue]:
        """Return what the heartbeat says of this process."""
        return {"sources": len(self._held), **self._registry.stats()}

    def close(self) -> None:
        """End every reader and give the leases back."""
        for source_id in list(self._held):
            self._let_go(source_id)
        self._registry.close()
        self._intake.close()

    def _ensure_hand_ins(self) -> None:
        """Make the row of the source of hand-ins once, where nobody has."""
        if self._has_hand_ins:
            return
        now = self._clock.now()
        self._database.write(lambda transaction: ensure_source(transaction, now=now))
        self._has_hand_ins = True

    def _look_at(self, row: SourceRow) -> None:
        source, source_id = row.source, row.source.source_id
        objection = find_objection(source, self._clock.now().date())
        if objection is not None:
            self._let_go(source_id)
            self._say_once(row, *objection)
            return
        held = self._held.get(source_id)
        if held is not None and held.source != source:
            self._let_go(source_id)
            held = None
        if held is None:
            held = self._take(row)
        elif self._clock.monotonic() - held.renewed_at > RENEW_AFTER_S:
            held = self._renew(held)
        if held is not None:
            held.reader.tick(row)

    def _take(self, row: SourceRow) -> _Held | None:
        source_id = row.source.source_id
        if not self._acquire(source_id):
            return None
        held = _Held(row.source, self._registry.open(row.source), self._clock.monotonic())
        self._held[source_id] = held
        if row.status.state in {"paused", "no_permission"}:
            self._set_state(source_id, "idle", "")
        log.info("source taken", extra={"source_id": source_id, "kind": row.source.kind.value})
        return held

    def _renew(self, held: _Held) -> _Held | None:
        if self._acquire(held.source.source_id):
            held.renewed_at = self._clock.monotonic()
            return held
        log.warning("source lost", extra={"source_id": held.source.source_id})
        self._let_go(held.source.source_id)
        return None

    def _acquire(self, source_id: SourceId) -> bool:
        now = self._clock.now()

        def write(transaction: Transaction) -> int | None:
            return leases.acquire(
                transaction, f"source:{source_id}", self._owner, now=now, duration_s=LEASE_S
            )

        return self._database.write(write) is not None

    def _let_go(self, source_id: SourceId) -> None:
        held = self._held.pop(source_id, None)
        if held is None:
            return
        held.reader.stop()
        now = self._clock.now()
        self._try_write(
            lambda transaction: leases.release(
                transaction, f"source:{source_id}", self._owner, now=now
            )
        )
        log.info("source left", extra={"source_id": source_id})

    def _say_once(self, row: SourceRow, state: str, message: str) -> None:
        if (row.status.state, row.status.last_error) == (state, message):
            return
        self._set_state(row.source.source_id, state, message)
        log.warning(
            "source does not run",
            extra={"source_id": row.source.source_id, "state": state, "reason": message},
        )

    def _set_state(self, source_id: SourceId, state: str, message: str) -> None:
        now = self._clock.now()
        self._try_write(
            lambda transaction: sources.set_state(transaction, source_id, state, message, now=now)
        )

    def _purge(self) -> None:
        if self._clock.monotonic() - self._purged_at < PURGE_AFTER_S:
            return
        self._purged_at = self._clock.monotonic()
        before = self._clock.now() - SEEN_KEPT
        self._try_write(lambda transaction: sources.forget_seen(transaction, before=before))

    def _try_write(self, work: Callable[[Transaction], object]) -> None:
        try:
            self._database.write(work)
        except RetryableError as error:
            log.warning("source status not written", extra={"reason": str(error)})
