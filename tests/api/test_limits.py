"""Token buckets."""

import pytest

from api.errors import TooManyRequestsError
from api.limits import RateLimiter
from askwatch.clock import ManualClock


def test_a_bucket_empties_and_fills_again(clock: ManualClock) -> None:
    limiter = RateLimiter(per_minute=6, burst=2, clock=clock)
    limiter.spend("a")
    limiter.spend("a")
    with pytest.raises(TooManyRequestsError, match="try again in 10 s"):
        limiter.spend("a")
    limiter.spend("b")
    clock.advance(4)
    with pytest.raises(TooManyRequestsError) as refused:
        limiter.spend("a")
    assert refused.value.retry_after_s == 6
    clock.advance(6)
    limiter.spend("a")


def test_a_bucket_never_holds_more_than_its_burst(clock: ManualClock) -> None:
    limiter = RateLimiter(per_minute=600, burst=1, clock=clock)
    clock.advance(3600)
    limiter.spend("a")
    clock.advance(3600)
    limiter.spend("a")
    with pytest.raises(TooManyRequestsError):
        limiter.spend("a")


def test_the_longest_unseen_caller_is_forgotten(clock: ManualClock) -> None:
    limiter = RateLimiter(per_minute=1, burst=1, clock=clock)
    limiter.spend("first")
    for number in range(10_000):
        limiter.spend(f"caller-{number}")
    limiter.spend("first")
    with pytest.raises(TooManyRequestsError):
        limiter.spend("caller-9999")
