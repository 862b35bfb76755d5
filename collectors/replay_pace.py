"""The pace of a replay: batches that leave at a rate, and a brake where readers fall behind."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from askwatch.bus.base import Bus
from askwatch.clock import Clock
from askwatch.events import POSTS, PostRecord

BATCH = 500
# The language stage handles some thousand posts a second; more than this waiting is only memory.
LAG_LIMIT = 20_000
LAG_CHECK_S = 0.5
LAG_CHECK_EVERY = 4_000


@dataclass(frozen=True, slots=True)
class ReplayLine:
    """A good line: its number from 1, seconds to wait before it, and what it says."""

    number: int
    wait_s: float
    record: PostRecord


class Pace:
    """Cuts records into batches that leave at a rate."""

    def __init__(self, rate: float, *, clock: Clock, stop: threading.Event) -> None:
        self._rate, self._clock, self._stop = rate, clock, stop
        # Twenty batches a second are smooth to the eye and cheap for the bus.
        self._size = min(BATCH, max(1, int(rate / 20))) if rate > 0 else BATCH

    def batches(self, lines: Iterator[ReplayLine]) -> Iterator[list[ReplayLine]]:
        """Yield batches when they are due; ends early when told to stop."""
        batch: list[ReplayLine] = []
        due = self._clock.monotonic()
        for line in lines:
            if line.wait_s > 0 and batch:
                yield batch
                batch = []
            if self._stop.wait(line.wait_s) if line.wait_s > 0 else self._stop.is_set():
                return
            batch.append(line)
            if len(batch) >= self._size:
                yield batch
                due = self._wait_until_due(due, len(batch))
                batch = []
        if batch:
            yield batch

    def _wait_until_due(self, due: float, sent: int) -> float:
        if self._rate <= 0:
            return due
        now = self._clock.monotonic()
        # After a pause, go on at the rate instead of catching up in a burst.
        due = max(due, now - 1.0) + sent / self._rate
        if due > now:
            self._stop.wait(due - now)
        return due


class Brake:
    """Holds a replay back while the language stage is far behind."""

    def __init__(self, bus: Bus, stop: threading.Event) -> None:
        self._bus, self._stop, self._unchecked = bus, stop, 0

    def sent(self, records: int) -> None:
        """Return when the language stage is not too far behind, or when told to stop."""
        self._unchecked += records
        # Counting what waits takes longer than sending a batch.
        if self._unchecked < LAG_CHECK_EVERY:
            return
        self._unchecked = 0
        while self._bus.lag(POSTS, group="nlp").records > LAG_LIMIT and not self._stop.is_set():
            self._stop.wait(LAG_CHECK_S)
