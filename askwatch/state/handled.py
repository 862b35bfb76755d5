"""Event ids already dealt with: they make every event's effect exist once."""

from datetime import datetime

from sqlalchemy import delete

from askwatch.state.engine import Transaction
from askwatch.state.tables import handled
from askwatch.state.upsert import insert_ignore


def note(transaction: Transaction, group: str, event_id: str, *, now: datetime) -> bool:
    """Note that `group` deals with `event_id`; False when it has done so before."""
    row = {"consumer_group": group, "event_id": event_id, "handled_at": now}
    statement = insert_ignore(transaction, handled).returning(handled.c.event_id)
    return transaction.execute(statement, row).first() is not None


def forget(transaction: Transaction, *, before: datetime) -> int:
    """Drop notes older than every stream and dead letter could be; return how many."""
    return transaction.execute(delete(handled).where(handled.c.handled_at < before)).rowcount
