"""Front door of stage 3: records of the stream `leads` come in, colleagues are told."""

from collections.abc import Sequence

from askwatch.bus.base import Bus, Record
from askwatch.clock import Clock
from askwatch.events import LEADS, LeadRecord
from askwatch.faults import crash_point
from askwatch.process import Process
from askwatch.settings import Settings
from askwatch.state.engine import Database, Transaction
from askwatch.state.locks import lock_planning
from askwatch.worker import Worker
from router import arrivals
from router.company import CompanyCache
from router.delivery import DeliveryProcess
from router.step import Reach, Step, Tally, read_reach
from router.timers import TimerProcess

NAME = "router"
# Sixteen leads with their alerts take about 40 ms; no writer should keep SQLite longer than 50.
CHUNK_RECORDS = 16


class LeadHandler:
    """Gives records their effect, a few in each transaction; the same record again has none."""

    def __init__(self, *, database: Database, reach: Reach, clock: Clock) -> None:
        self._database, self._reach, self._clock = database, reach, clock
        self._companies = CompanyCache()

    def handle(self, records: Sequence[Record]) -> None:
        """Make, merge, change and withdraw leads as `records` say.

        Raises:
            BadRecordError: One of them is no lead record; those before it may have their effect.
            RetryableError: The database does not answer; handle them again.
        """
        parsed = [LeadRecord.from_bytes(record.value) for record in records]
        for start in range(0, len(parsed), CHUNK_RECORDS):
            chunk = parsed[start : start + CHUNK_RECORDS]
            self._write(chunk)

    def _write(self, chunk: Sequence[LeadRecord]) -> None:
        def work(transaction: Transaction) -> Tally:
            lock_planning(transaction)
            now = self._clock.now()
            step = Step(
                transaction=transaction,
                now=now,
                company=self._companies.get(transaction, now),
                reach=self._reach,
            )
            for record in chunk:
                arrivals.apply(step, record)
            crash_point("router.after_handled")
            return step.tally

        self._database.write(work).observe()


def make_router(
    *, database: Database, bus: Bus, settings: Settings, clock: Clock, owner: str
) -> Process:
    """Return the process that turns records of `leads` into leads, alerts and deliveries."""
    del owner  # the bus gives its members their names
    handler = LeadHandler(database=database, reach=read_reach(settings), clock=clock)
    return Worker(
        name=NAME,
        stream=LEADS,
        group=arrivals.GROUP,
        bus=bus,
        handler=handler,
        database=database,
        clock=clock,
        settings=settings,
    )


def make_timers(
    *, database: Database, bus: Bus, settings: Settings, clock: Clock, owner: str
) -> Process:
    """Return the process that lets timers fire."""
    del bus, owner
    return TimerProcess(database=database, reach=read_reach(settings), clock=clock)


def make_delivery(
    *, database: Database, bus: Bus, settings: Settings, clock: Clock, owner: str
) -> Process:
    """Return the process that brings alerts to people."""
    del bus
    return DeliveryProcess(database=database, settings=settings, clock=clock, owner=owner)
