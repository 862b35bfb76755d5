"""Facts to be sent: written in the transaction of the change, relayed at least once."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, func, select, update

from askwatch.events import EVENTS, EventRecord
from askwatch.state.engine import Transaction
from askwatch.state.tables import outbox
from askwatch.state.upsert import insert_ignore


class OutboxRow(BaseModel):
    """A fact that the relay brings to its stream."""

    model_config = ConfigDict(frozen=True)

    outbox_id: int
    stream: str
    key: str
    # The column is called "schema"; a pydantic field of that name would hide a method.
    schema_name: str
    value: bytes


def add_event(transaction: Transaction, event: EventRecord, *, now: datetime) -> None:
    """Add a fact; one with the same event id is there only once."""
    add_events(transaction, [event], now=now)


def add_events(transaction: Transaction, events: Sequence[EventRecord], *, now: datetime) -> None:
    """Add facts in one go."""
    if not events:
        return
    rows = [
        {
            "event_id": event.event_id,
            "stream": EVENTS,
            "key": event.key,
            "schema": event.SCHEMA,
            "value": event.to_bytes(),
            "created_at": now,
        }
        for event in events
    ]
    transaction.execute(insert_ignore(transaction, outbox), rows)


def take_unsent(transaction: Transaction, *, limit: int) -> list[OutboxRow]:
    """Return facts not sent yet, in the order they were written.

    Looks for rows without a time of sending, never for ids above the last one: PostgreSQL hands
    out ids in another order than transactions commit.
    """
    query = (
        select(
            outbox.c.outbox_id,
            outbox.c.stream,
            outbox.c.key,
            outbox.c.schema.label("schema_name"),
            outbox.c.value,
        )
        .where(outbox.c.sent_at.is_(None))
        .order_by(outbox.c.outbox_id)
        .limit(limit)
    )
    return [OutboxRow.model_validate(dict(row)) for row in transaction.execute(query).mappings()]


def mark_sent(transaction: Transaction, outbox_ids: Sequence[int], *, now: datetime) -> None:
    """Note that the bus has acknowledged these facts."""
    transaction.execute(
        update(outbox).where(outbox.c.outbox_id.in_(outbox_ids)).values(sent_at=now)
    )


def count_unsent(transaction: Transaction) -> int:
    """Return how many facts wait for the relay."""
    query = select(func.count()).where(outbox.c.sent_at.is_(None)).select_from(outbox)
    return int(transaction.execute(query).scalar_one())


def drop_sent(transaction: Transaction, *, before: datetime, limit: int = 1_000) -> int:
    """Delete facts sent before that time, at most `limit` of the oldest; return how many.

    Old facts come first, so that only the first ones are looked at, however many there are.
    """
    oldest = (
        select(outbox.c.outbox_id, outbox.c.sent_at)
        .order_by(outbox.c.outbox_id)
        .limit(limit)
        .subquery()
    )
    old = select(oldest.c.outbox_id).where(oldest.c.sent_at < before)
    return transaction.execute(delete(outbox).where(outbox.c.outbox_id.in_(old))).rowcount
