"""Leases with fencing: one owner at a time; the epoch tells a late owner from the current one."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from askwatch.state.engine import Transaction
from askwatch.state.tables import leases
from askwatch.state.upsert import insert_ignore


def acquire(
    transaction: Transaction, name: str, owner: str, *, now: datetime, duration_s: float
) -> int | None:
    """Take or renew the lease and return its epoch; None while somebody else holds it.

    The epoch grows whenever the owner changes, so what an old owner still writes can be refused.
    """
    until = now + timedelta(seconds=duration_s)
    fresh = (
        insert_ignore(transaction, leases)
        .values(name=name, owner=owner, epoch=1, until=until)
        .returning(leases.c.epoch)
    )
    if transaction.execute(fresh).first() is not None:
        return 1
    mine = (
        update(leases)
        .where(leases.c.name == name, leases.c.owner == owner, leases.c.until > now)
        .values(until=until)
    )
    if transaction.execute(mine).rowcount == 0:
        over = (
            update(leases)
            .where(leases.c.name == name, leases.c.until <= now)
            .values(owner=owner, epoch=leases.c.epoch + 1, until=until)
        )
        if transaction.execute(over).rowcount == 0:
            return None
    return int(
        transaction.execute(select(leases.c.epoch).where(leases.c.name == name)).scalar_one()
    )


def is_held(transaction: Transaction, name: str, *, epoch: int, now: datetime) -> bool:
    """Tell whether the lease taken as `epoch` still stands; ask in the writing transaction."""
    query = select(leases.c.name).where(
        leases.c.name == name, leases.c.epoch == epoch, leases.c.until > now
    )
    return transaction.execute(query).first() is not None


def release(transaction: Transaction, name: str, owner: str, *, now: datetime) -> None:
    """Let the next one in at once; nothing happens when `owner` does not hold the lease."""
    transaction.execute(
        update(leases).where(leases.c.name == name, leases.c.owner == owner).values(until=now)
    )
