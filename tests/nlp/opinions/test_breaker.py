"""When a reader is left alone."""

import pytest

from askwatch.clock import ManualClock
from nlp.opinions.breaker import FAILURES, LONGEST_PAUSE_S, PAUSE_S, Breaker


@pytest.fixture
def breaker(clock: ManualClock) -> Breaker:
    return Breaker(clock, reader="test")


def fail_often(breaker: Breaker) -> None:
    for _ in range(FAILURES):
        assert breaker.admit()
        breaker.fail()


def test_it_opens_after_failures_in_a_row(breaker: Breaker) -> None:
    for _ in range(FAILURES - 1):
        breaker.fail()
    breaker.succeed()
    fail_often(breaker)
    assert not breaker.admit()


def test_one_tries_after_the_pause_and_success_closes(breaker: Breaker, clock: ManualClock) -> None:
    fail_often(breaker)
    clock.advance(PAUSE_S)
    assert [breaker.admit() for _ in range(3)] == [True, False, False]
    breaker.succeed()
    assert all(breaker.admit() for _ in range(3))


def test_each_try_that_fails_doubles_the_pause(breaker: Breaker, clock: ManualClock) -> None:
    fail_often(breaker)
    for pause_s in (PAUSE_S, 2 * PAUSE_S, 4 * PAUSE_S):
        clock.advance(pause_s - 0.1)
        assert not breaker.admit()
        clock.advance(0.1)
        assert breaker.admit()
        breaker.fail()


def test_the_pause_has_an_end(breaker: Breaker, clock: ManualClock) -> None:
    fail_often(breaker)
    for _ in range(12):
        clock.advance(LONGEST_PAUSE_S)
        assert breaker.admit()
        breaker.fail()
    clock.advance(LONGEST_PAUSE_S)
    assert breaker.admit()


def test_failures_that_were_under_way_do_not_lengthen_the_pause(
    breaker: Breaker, clock: ManualClock
) -> None:
    fail_often(breaker)
    for _ in range(3):
        clock.advance(PAUSE_S / 4)
        breaker.fail()
    clock.advance(PAUSE_S / 4)
    assert breaker.admit()


def test_a_try_of_which_nothing_is_heard_is_tried_again(
    breaker: Breaker, clock: ManualClock
) -> None:
    fail_often(breaker)
    clock.advance(PAUSE_S)
    assert breaker.admit()
    clock.advance(PAUSE_S)
    assert breaker.admit()


def test_who_asks_to_wait_is_left_alone_at_once(breaker: Breaker, clock: ManualClock) -> None:
    breaker.fail(wait_s=120.0)
    clock.advance(119.0)
    assert not breaker.admit()
    clock.advance(1.0)
    assert breaker.admit()


def test_nobody_can_ask_to_wait_for_ever(breaker: Breaker, clock: ManualClock) -> None:
    breaker.fail(wait_s=1e9)
    clock.advance(LONGEST_PAUSE_S)
    assert breaker.admit()
