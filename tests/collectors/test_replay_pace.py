"""The pace at which a replay leaves, and what holds it back."""

import threading

import pytest

from askwatch.bus.base import Lag
from askwatch.clock import ManualClock
from askwatch.events import PostKind, PostRecord
from askwatch.model.ids import EventId, SourceId
from collectors.replay_pace import LAG_CHECK_EVERY, LAG_LIMIT, Brake, Pace, ReplayLine
from tests.collectors.builders import NOW

FILE = SourceId("file")


class Waiting(threading.Event):
    """An event whose waiting moves a clock, and ends after some waits."""

    def __init__(self, clock: ManualClock, *, patience: int = 10**6) -> None:
        super().__init__()
        self._clock, self._patience = clock, patience
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        self._clock.advance(timeout or 0.0)
        if len(self.waits) >= self._patience:
            self.set()
        return self.is_set()


def make_lines(count: int, **waits: float) -> list[ReplayLine]:
    record = PostRecord(event_id=EventId("e"), kind=PostKind.DELETED, at=NOW, source_id=FILE)
    return [
        ReplayLine(number, waits.get(f"line_{number}", 0.0), record)
        for number in range(1, count + 1)
    ]


def test_a_rate_is_kept_over_time(clock: ManualClock) -> None:
    pace = Pace(200.0, clock=clock, stop=Waiting(clock))
    sizes = [len(batch) for batch in pace.batches(iter(make_lines(1_000)))]
    assert set(sizes) == {10}
    assert clock.monotonic() == pytest.approx(5.0, abs=0.1)


def test_no_rate_means_full_batches_at_once(clock: ManualClock) -> None:
    stop = Waiting(clock)
    sizes = [len(b) for b in Pace(0.0, clock=clock, stop=stop).batches(iter(make_lines(1_100)))]
    assert (sizes, stop.waits) == ([500, 500, 100], [])


def test_a_line_may_wait_and_lets_those_before_it_go(clock: ManualClock) -> None:
    stop = Waiting(clock)
    pace = Pace(0.0, clock=clock, stop=stop)
    batches = [[line.number for line in b] for b in pace.batches(iter(make_lines(4, line_3=2.5)))]
    assert (batches, stop.waits) == ([[1, 2], [3, 4]], [2.5])


def test_a_pause_is_not_made_up_in_a_burst(clock: ManualClock) -> None:
    batches = Pace(100.0, clock=clock, stop=Waiting(clock)).batches(iter(make_lines(400)))
    next(batches)
    clock.advance(60.0)
    began_s = clock.monotonic()
    assert sum(len(batch) for batch in batches) == 395
    assert clock.monotonic() - began_s > 2.5


def test_a_stop_while_waiting_ends_the_batches(clock: ManualClock) -> None:
    pace = Pace(100.0, clock=clock, stop=Waiting(clock, patience=2))
    assert sum(len(batch) for batch in pace.batches(iter(make_lines(400)))) <= 15


class Behind:
    """A bus whose readers catch up with every look."""

    def __init__(self, *lags: int) -> None:
        self._lags = list(lags)

    def lag(self, _stream: str, *, group: str) -> Lag:
        assert group == "nlp"
        return Lag(self._lags.pop(0), 0.0)


def test_a_replay_waits_for_readers_that_are_far_behind(clock: ManualClock) -> None:
    stop = Waiting(clock)
    brake = Brake(Behind(LAG_LIMIT + 2, LAG_LIMIT + 1, LAG_LIMIT), stop)  # type: ignore[arg-type]  # only lag is asked
    brake.sent(LAG_CHECK_EVERY - 1)
    assert stop.waits == []
    brake.sent(1)
    assert len(stop.waits) == 2


def test_a_replay_that_waits_can_be_stopped(clock: ManualClock) -> None:
    stop = Waiting(clock, patience=1)
    Brake(Behind(*[LAG_LIMIT + 1] * 5), stop).sent(LAG_CHECK_EVERY)  # type: ignore[arg-type]  # as above
    assert len(stop.waits) == 1
