"""Lets one or more processes of a stage work off what waits for them, and takes the time."""

import multiprocessing
import threading
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.synchronize import Event, Semaphore
from typing import Any

from askwatch.backends import Backends, opened
from askwatch.clock import Clock, SystemClock
from askwatch.observe import configure_logging
from askwatch.process import Process
from askwatch.settings import Settings

# What a process says of its own progress, by stage.
PROGRESS = {
    "nlp": "handled",
    "router": "handled",
    "delivery": "sent_inbox",
    "relay": "sent",
    "index": "handled",
}
_LOOK_S = 0.01
_READY_PATIENCE_S = 120.0
# A stage whose progress stands still for so long is done, or stuck: the figure says how far it got.
_STILL_S = 20.0


class DrainError(Exception):
    """A stage did not do what was waiting for it."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What was done while all processes were at work."""

    count: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class _Strings:
    """By what the parent leads its children."""

    ready: Semaphore
    go: Event
    stop: Event


def drain(
    stage: str,
    settings: Settings,
    *,
    expected: int,
    processes: int = 1,
    is_joining_free: bool = False,
) -> Drained:
    """Run `stage` until `expected` records are handled.

    The time runs from when the processes may begin; `is_joining_free` from when each of them has
    handled its first batch, since joining a group takes seconds on Kafka.

    Raises:
        DrainError: A process died, or nothing moved any more before half was done.
    """
    context = multiprocessing.get_context("spawn")
    strings = _Strings(context.Semaphore(0), context.Event(), context.Event())
    counts = [context.Value("q", 0) for _ in range(processes)]
    children = [_start(context, stage, settings, strings, count) for count in counts]
    try:
        for _ in children:
            if not strings.ready.acquire(timeout=_READY_PATIENCE_S):
                raise DrainError(f"{stage} was not ready in time")
        strings.go.set()
        clock = SystemClock()
        timing = Timing(stage, expected, is_begun=not is_joining_free, clock=clock)
        while not timing.look([count.value for count in counts]):
            if any(child.exitcode for child in children):
                raise DrainError(f"{stage} died")
            clock.sleep(_LOOK_S)
        return timing.result
    finally:
        strings.stop.set()
        for child in children:
            child.join(30)
            if child.exitcode is None:
                child.kill()
                child.join()


def _start(
    context: SpawnContext, stage: str, settings: Settings, strings: _Strings, count: Any
) -> SpawnProcess:
    child = context.Process(target=_live, args=(stage, settings, strings, count), daemon=True)
    child.start()
    return child


class Timing:
    """Watches how much is done, and when."""

    def __init__(self, stage: str, expected: int, *, is_begun: bool, clock: Clock) -> None:
        self._clock = clock
        self._stage, self._expected, self._is_begun = stage, expected, is_begun
        self._first, self._last = 0, 0
        self._first_s = self._last_s = self._clock.monotonic()

    def look(self, done: list[int]) -> bool:
        """Return whether all is done, or nothing moves any more.

        Raises:
            DrainError: Not even half is done, and nothing moves.
        """
        total, now_s = sum(done), self._clock.monotonic()
        if total != self._last:
            self._last, self._last_s = total, now_s
        # With little to do a process may get nothing at all: half is late enough to begin.
        if not self._is_begun and (all(done) or total >= self._expected / 2):
            self._is_begun, self._first, self._first_s = True, total, now_s
        if total >= self._expected:
            return True
        if now_s - self._last_s > _STILL_S:
            if total < self._expected / 2:
                raise DrainError(f"{self._stage} did {total} of {self._expected}")
            return True
        return False

    @property
    def result(self) -> Drained:
        duration_s = max(_LOOK_S, self._last_s - self._first_s)
        return Drained(max(0, self._last - self._first), duration_s)


def _live(stage: str, settings: Settings, strings: _Strings, count: Any) -> None:
    configure_logging("ERROR", "json")
    clock = SystemClock()
    with opened(settings, clock=clock) as backends:
        process = make_stage(stage, backends, clock)
        halt = threading.Event()

        def watch() -> None:
            while not strings.stop.wait(_LOOK_S):
                count.value = int(str(process.stats()[PROGRESS[stage]]))
            halt.set()

        strings.ready.release()
        strings.go.wait()
        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        process.run(halt)


def make_stage(stage: str, backends: Backends, clock: Clock) -> Process:
    """Return the process of a stage, ready to run."""
    from askwatch.projection import make_projection
    from askwatch.relay import Relay

    settings, database, bus = backends.settings, backends.database, backends.bus
    if stage == "index":
        return make_projection(
            database=database, bus=bus, index=backends.index, clock=clock, settings=settings
        )
    if stage == "nlp":
        from nlp.stage import make_process as make
    elif stage == "router":
        from router.stage import make_router as make
    elif stage == "delivery":
        from router.stage import make_delivery as make
    else:
        make = Relay
    return make(database=database, bus=bus, settings=settings, clock=clock, owner="bench")
