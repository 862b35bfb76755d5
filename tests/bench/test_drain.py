from datetime import UTC, datetime

import pytest

from askwatch.clock import ManualClock
from bench.drain import DrainError, Timing


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))


def test_the_time_runs_from_the_start_to_the_last_record(clock: ManualClock) -> None:
    timing = Timing("router", 800, is_begun=True, clock=clock)
    clock.advance(2.0)
    assert not timing.look([500])
    clock.advance(2.0)
    assert timing.look([800])
    assert (timing.result.count, timing.result.duration_s) == (800, 4.0)


def test_joining_counts_for_nothing_where_it_is_free(clock: ManualClock) -> None:
    timing = Timing("nlp", 2_000, is_begun=False, clock=clock)
    clock.advance(3.0)
    assert not timing.look([500, 0])
    clock.advance(1.0)
    assert not timing.look([500, 300])
    clock.advance(2.0)
    assert timing.look([1_100, 900])
    assert (timing.result.count, timing.result.duration_s) == (1_200, 2.0)


def test_what_stands_still_after_half_is_done(clock: ManualClock) -> None:
    timing = Timing("delivery", 100, is_begun=True, clock=clock)
    clock.advance(1.0)
    assert not timing.look([60])
    clock.advance(30.0)
    assert timing.look([60])
    assert (timing.result.count, timing.result.duration_s) == (60, 1.0)


def test_what_stands_still_before_that_is_a_fault(clock: ManualClock) -> None:
    timing = Timing("relay", 100, is_begun=True, clock=clock)
    clock.advance(30.0)
    with pytest.raises(DrainError, match="relay did 0 of 100"):
        timing.look([0])
