"""How many opinions are asked for."""

from askwatch.clock import ManualClock
from nlp.opinions.budget import Budget


def test_a_minute_has_its_number_and_the_next_one_again(clock: ManualClock) -> None:
    budget = Budget(clock, per_minute=2, per_day=0)
    assert [budget.take() for _ in range(3)] == [True, True, False]
    clock.advance(59.0)
    assert not budget.take()
    clock.advance(1.0)
    assert budget.take()


def test_a_day_ends_at_midnight_utc(clock: ManualClock) -> None:
    budget = Budget(clock, per_minute=0, per_day=2)
    assert [budget.take() for _ in range(3)] == [True, True, False]
    clock.advance(13 * 3600.0)
    assert not budget.take()
    clock.advance(3600.0)
    assert budget.take()


def test_what_is_refused_costs_nothing(clock: ManualClock) -> None:
    budget = Budget(clock, per_minute=1, per_day=2)
    assert [budget.take() for _ in range(9)].count(True) == 1
    clock.advance(60.0)
    assert budget.take()


def test_zero_means_no_limit(clock: ManualClock) -> None:
    budget = Budget(clock, per_minute=0, per_day=0)
    assert all(budget.take() for _ in range(1_000))
