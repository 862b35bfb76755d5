"""Lets go what must not stay, and publishes the miss rate: once a minute, beside the timers."""

from datetime import timedelta

from askwatch.clock import Clock
from askwatch.observe import MISS_RATE, REJECTED_MARKED
from askwatch.state import backtests, rejected_posts
from askwatch.state.engine import Database, Transaction
from askwatch.state.rejected_posts import MissRate

EVERY_S = 60.0
# The same as on the page and in the API.
_SPAN = timedelta(days=30)


class Housekeeping:
    """Any number of processes may do it; what is gone is gone."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._next_s = float("-inf")

    def tick(self) -> bool:
        """Do it when a minute has gone by; tell whether it was done."""
        now_s = self._clock.monotonic()
        if now_s < self._next_s:
            return False
        self._next_s = now_s + EVERY_S
        now = self._clock.now()

        def work(transaction: Transaction) -> MissRate:
            rejected_posts.expire(transaction, now=now)
            backtests.drop_old(transaction, now=now)
            return rejected_posts.read_miss_rate(transaction, since=now - _SPAN)

        _publish(self._database.write(work))
        return True


def _publish(rate: MissRate) -> None:
    low, high = rate.interval
    REJECTED_MARKED.set(rate.marked)
    MISS_RATE.labels(bound="low").set(low)
    MISS_RATE.labels(bound="high").set(high)
    if rate.share is not None:
        MISS_RATE.labels(bound="share").set(rate.share)
