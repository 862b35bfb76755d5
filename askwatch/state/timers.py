"""What falls due: rows that say when, for what, and in which epoch of the lead."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from askwatch.model.alert import TimerKind
from askwatch.model.ids import AlertId, LeadId
from askwatch.state.engine import Transaction
from askwatch.state.tables import timers
from askwatch.state.upsert import upsert_many


@dataclass(frozen=True, slots=True)
class TimerRow:
    """One timer; its aggregate is lead:<id> or alert:<id>."""

    aggregate: str
    kind: TimerKind
    lead_id: LeadId
    epoch: int
    due_at: datetime

    @property
    def alert_id(self) -> AlertId | None:
        """Return the alert it belongs to; None for a timer of the lead itself."""
        kind, _, identity = self.aggregate.partition(":")
        return AlertId(identity) if kind == "alert" else None


def lead_timer(lead_id: LeadId, kind: TimerKind, *, epoch: int, due_at: datetime) -> TimerRow:
    """Return a timer of a lead."""
    return TimerRow(f"lead:{lead_id}", kind, lead_id, epoch, due_at)


def alert_timer(
    alert_id: AlertId, lead_id: LeadId, kind: TimerKind, *, epoch: int, due_at: datetime
) -> TimerRow:
    """Return a timer of one alert."""
    return TimerRow(f"alert:{alert_id}", kind, lead_id, epoch, due_at)


def put_timer(transaction: Transaction, timer: TimerRow) -> None:
    """Set a timer; one of the same aggregate and kind is replaced."""
    put_timers(transaction, [timer])


def put_timers(transaction: Transaction, rows: Sequence[TimerRow]) -> None:
    """Set timers, each in the place of one of the same aggregate and kind."""
    values = [
        {
            "aggregate": row.aggregate,
            "kind": row.kind.value,
            "lead_id": row.lead_id,
            "epoch": row.epoch,
            "due_at": row.due_at,
        }
        for row in rows
    ]
    if values:
        transaction.execute(upsert_many(transaction, timers), values)


def drop_timers(
    transaction: Transaction, lead_id: LeadId, *, keep: Collection[TimerKind] = ()
) -> None:
    """Take back every timer of a lead and of its alerts, but for the kinds to `keep`."""
    statement = delete(timers).where(timers.c.lead_id == lead_id)
    if keep:
        statement = statement.where(timers.c.kind.not_in(sorted(kind.value for kind in keep)))
    transaction.execute(statement)


def drop_alert_timers(
    transaction: Transaction, alert_id: AlertId, kinds: Collection[TimerKind] = ()
) -> None:
    """Take back the timers of one alert, or those of the named kinds."""
    statement = delete(timers).where(timers.c.aggregate == f"alert:{alert_id}")
    if kinds:
        statement = statement.where(timers.c.kind.in_(sorted(kind.value for kind in kinds)))
    transaction.execute(statement)


def find_due(transaction: Transaction, *, now: datetime, limit: int) -> list[TimerRow]:
    """Return timers that are due, the oldest first; nothing is locked."""
    query = (
        select(timers)
        .where(timers.c.due_at <= now)
        .order_by(timers.c.due_at, timers.c.aggregate)
        .limit(limit)
    )
    return [
        TimerRow(row.aggregate, TimerKind(row.kind), LeadId(row.lead_id), row.epoch, row.due_at)
        for row in transaction.execute(query)
    ]


def take(transaction: Transaction, timer: TimerRow) -> bool:
    """Take a due timer away; False when it is gone, changed, or in another worker's hands.

    It fires in the same transaction: should that fail, the timer is still there.
    """
    query = (
        select(timers.c.aggregate)
        .where(
            timers.c.aggregate == timer.aggregate,
            timers.c.kind == timer.kind.value,
            timers.c.due_at == timer.due_at,
            timers.c.epoch == timer.epoch,
        )
        .with_for_update(skip_locked=True)
    )
    if transaction.execute(query).first() is None:
        return False
    transaction.execute(
        delete(timers).where(
            timers.c.aggregate == timer.aggregate, timers.c.kind == timer.kind.value
        )
    )
    return True


def hasten(transaction: Transaction, kind: TimerKind, *, now: datetime) -> int:
    """Let every timer of that kind fall due at once; return how many."""
    done = transaction.execute(
        update(timers).where(timers.c.kind == kind.value, timers.c.due_at > now).values(due_at=now)
    )
    return done.rowcount


def count_due(transaction: Transaction, *, now: datetime) -> int:
    """Return how many timers wait to fire."""
    query = select(func.count()).select_from(timers).where(timers.c.due_at <= now)
    return int(transaction.execute(query).scalar_one())
