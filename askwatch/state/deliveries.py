"""Changes of deliveries: made with their alert, taken under a lease, ended by whoever holds it."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, func, insert, or_, select, update

from askwatch.model.alert import Channel, DeliveryState
from askwatch.model.ids import AlertId, DeliveryId
from askwatch.state.alerts import DeliveryRow, read_delivery
from askwatch.state.columns import to_columns
from askwatch.state.engine import Transaction
from askwatch.state.tables import deliveries
from askwatch.state.upsert import insert_ignore

_INSERT = insert(deliveries)
_WAITING = (DeliveryState.PENDING.value, DeliveryState.FAILED_TEMP.value)


def insert_deliveries(transaction: Transaction, rows: Sequence[DeliveryRow]) -> None:
    """Add deliveries that are due."""
    if rows:
        values = [_to_values(row) for row in rows]
        transaction.execute(_INSERT, values)


def put_again(transaction: Transaction, row: DeliveryRow) -> None:
    """Add a delivery; one of its alert, channel and kind that is over begins anew as `row`."""
    values = _to_values(row)
    fresh = insert_ignore(transaction, deliveries).returning(deliveries.c.delivery_id)
    if transaction.execute(fresh, values).first() is not None:
        return
    transaction.execute(
        update(deliveries)
        .where(
            deliveries.c.alert_id == row.alert_id,
            deliveries.c.channel == row.channel.value,
            deliveries.c.kind == row.kind,
            deliveries.c.state.not_in((*_WAITING, DeliveryState.SENDING.value)),
        )
        .values({name: value for name, value in values.items() if name != "delivery_id"})
    )


def find_due(
    transaction: Transaction, channel: Channel, *, now: datetime, limit: int
) -> list[DeliveryRow]:
    """Return deliveries to be tried, the oldest first; those whose lease is over are unknown."""
    waiting = and_(deliveries.c.state.in_(_WAITING), deliveries.c.due_at <= now)
    unknown = and_(
        deliveries.c.state == DeliveryState.SENDING.value, deliveries.c.lease_until <= now
    )
    query = (
        select(deliveries)
        .where(deliveries.c.channel == channel.value, or_(waiting, unknown))
        .order_by(deliveries.c.due_at, deliveries.c.delivery_id)
        .limit(limit)
    )
    return [read_delivery(row) for row in transaction.execute(query)]


def take_lease(
    transaction: Transaction, row: DeliveryRow, owner: str, *, until: datetime
) -> DeliveryRow | None:
    """Begin an attempt at `row` as it was read; None when somebody else was faster."""
    done = transaction.execute(
        update(deliveries)
        .where(
            deliveries.c.delivery_id == row.delivery_id,
            deliveries.c.state == row.state.value,
            deliveries.c.attempt == row.attempt,
            deliveries.c.message_id == row.message_id,
        )
        .values(
            state=DeliveryState.SENDING.value,
            attempt=row.attempt + 1,
            lease_owner=owner,
            lease_until=until,
        )
    )
    if done.rowcount == 0:
        return None
    return replace(
        row,
        state=DeliveryState.SENDING,
        attempt=row.attempt + 1,
        lease_owner=owner,
        lease_until=until,
    )


def end_attempt(
    transaction: Transaction,
    row: DeliveryRow,
    state: DeliveryState,
    *,
    due_at: datetime | None = None,
    sent_at: datetime | None = None,
    error: str = "",
) -> bool:
    """Say what came of the attempt that `row` stands for; False when its lease was lost."""
    done = transaction.execute(
        update(deliveries)
        .where(
            deliveries.c.delivery_id == row.delivery_id,
            deliveries.c.state == DeliveryState.SENDING.value,
            deliveries.c.attempt == row.attempt,
            deliveries.c.lease_owner == row.lease_owner,
        )
        .values(
            state=state.value,
            due_at=due_at or row.due_at,
            sent_at=sent_at,
            error=error,
            lease_owner="",
            lease_until=None,
        )
    )
    return done.rowcount > 0


def cancel_waiting(transaction: Transaction, alert_ids: Collection[AlertId]) -> int:
    """End the deliveries of these alerts that are not under way; return how many."""
    done = transaction.execute(
        update(deliveries)
        .where(deliveries.c.alert_id.in_(alert_ids), deliveries.c.state.in_(_WAITING))
        .values(state=DeliveryState.STALE.value, error="no longer wanted")
    )
    return done.rowcount


def find_delivery(transaction: Transaction, delivery_id: DeliveryId) -> DeliveryRow | None:
    """Return one delivery."""
    query = select(deliveries).where(deliveries.c.delivery_id == delivery_id)
    found = transaction.execute(query).first()
    return None if found is None else read_delivery(found)


def count_waiting(transaction: Transaction, *, now: datetime) -> int:
    """Return how many deliveries are due and not tried yet."""
    query = (
        select(func.count())
        .select_from(deliveries)
        .where(deliveries.c.state.in_(_WAITING), deliveries.c.due_at <= now)
    )
    return int(transaction.execute(query).scalar_one())


def _to_values(row: DeliveryRow) -> dict[str, object]:
    return to_columns({name: getattr(row, name) for name in DeliveryRow.__slots__})
