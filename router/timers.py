"""Lets timers fire: each is taken and has its effect in one transaction, or stays."""

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta

from pydantic import JsonValue

from askwatch.clock import Clock
from askwatch.errors import AskwatchError, NotFoundError, RetryableError
from askwatch.faults import crash_point
from askwatch.model.alert import TimerKind
from askwatch.observe import TIMER_DELAY_SECONDS, TIMERS_FIRED
from askwatch.state import lead_writes, timers
from askwatch.state.engine import Database, Transaction
from askwatch.state.leads import find_lead
from askwatch.state.locks import lock_planning
from askwatch.state.timers import TimerRow
from router.company import CompanyCache
from router.falling_due import fire
from router.housekeeping import Housekeeping
from router.step import Reach, Step

log = logging.getLogger(__name__)

POLL_S = 0.25
# As for leads: one transaction stays below 50 ms.
CHUNK = 16
# A timer that cannot fire is tried again, without holding up the others.
_POSTPONED = timedelta(seconds=60)
# These look at states and times alone; every other timer belongs to one epoch of its lead.
_OF_ANY_EPOCH = frozenset({TimerKind.EXPIRE, TimerKind.OUTCOME_CHECK, TimerKind.UNSNOOZE})


class TimerProcess:
    """One loop; any number of processes share the timers without firing one twice."""

    def __init__(self, *, database: Database, reach: Reach, clock: Clock) -> None:
        self._database, self._reach, self._clock = database, reach, clock
        self._companies = CompanyCache()
        self._housekeeping = Housekeeping(database=database, clock=clock)
        self._fired = 0

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        while not stop.is_set():
            try:
                self._housekeeping.tick()
                fired = self.tick()
            except RetryableError as error:
                log.warning("timers not looked at", extra={"reason": str(error)})
                fired = 0
            if not fired:
                stop.wait(POLL_S)

    def stats(self) -> dict[str, JsonValue]:
        return {"fired": self._fired}

    def tick(self) -> int:
        """Let what is due now fire, some at a time; return how many timers were looked at."""
        now = self._clock.now()
        due = self._database.read(
            lambda transaction: timers.find_due(transaction, now=now, limit=CHUNK)
        )
        if not due:
            return 0
        try:
            self._fire(due)
        except RetryableError:
            raise
        except AskwatchError:
            # One of them is at fault; the others must not wait for it.
            for timer in due:
                self._fire_alone(timer)
        return len(due)

    def _fire_alone(self, timer: TimerRow) -> None:
        try:
            self._fire([timer])
        except RetryableError:
            raise
        except AskwatchError as error:
            log.error(  # noqa: TRY400 - the reason is the whole story
                "timer cannot fire",
                extra={"kind": timer.kind.value, "lead_id": timer.lead_id, "reason": str(error)},
            )
            TIMERS_FIRED.labels(kind=timer.kind.value, result="failed").inc()
            self._database.write(lambda transaction: self._postpone(transaction, timer))

    def _postpone(self, transaction: Transaction, timer: TimerRow) -> None:
        if timers.take(transaction, timer):
            later = TimerRow(
                timer.aggregate,
                timer.kind,
                timer.lead_id,
                timer.epoch,
                self._clock.now() + _POSTPONED,
            )
            timers.put_timer(transaction, later)

    def _fire(self, due: Sequence[TimerRow]) -> None:
        results: list[tuple[TimerRow, str]] = []

        def work(transaction: Transaction) -> Step:
            results.clear()
            lock_planning(transaction)
            lead_writes.lock_leads(transaction, {timer.lead_id for timer in due})
            now = self._clock.now()
            step = Step(
                transaction=transaction,
                now=now,
                company=self._companies.get(transaction, now),
                reach=self._reach,
            )
            for timer in due:
                if timers.take(transaction, timer):
                    results.append((timer, _fire_one(step, timer)))
                    crash_point("timers.mid_batch")
            return step

        step = self._database.write(work)
        step.tally.observe()
        self._fired += len(results)
        for timer, result in results:
            TIMERS_FIRED.labels(kind=timer.kind.value, result=result).inc()
            delay_s = (step.now - timer.due_at).total_seconds()
            TIMER_DELAY_SECONDS.labels(kind=timer.kind.value).observe(max(0.0, delay_s))


def _fire_one(step: Step, timer: TimerRow) -> str:
    try:
        lead = find_lead(step.transaction, timer.lead_id)
    except NotFoundError:
        return "stale"
    is_of_any_epoch = timer.kind in _OF_ANY_EPOCH
    if not is_of_any_epoch and timer.epoch != lead.epoch:
        return "stale"
    return "fired" if fire(step, timer, lead) else "stale"
