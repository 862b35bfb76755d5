"""Writes that were answered before: the same key gives the same answer, and no second effect."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, select, update

from askwatch.errors import ConflictError, InvalidRequestError
from askwatch.state.engine import Transaction
from askwatch.state.tables import idempotency_keys
from askwatch.state.upsert import insert_ignore

# Callers try again within minutes; a day leaves room for a machine that was switched off.
KEPT_FOR = timedelta(hours=24)
# A request that has not ended by then died with its process.
GIVEN_UP_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with."""

    status: int
    body: bytes
    headers: dict[str, str]


def begin(
    transaction: Transaction, actor: str, key: str, *, request_hash: str, now: datetime
) -> Answer | None:
    """Reserve a key for a request; returns the answer if it was given before.

    Raises:
        InvalidRequestError: The key was used for another request.
        ConflictError: The first request with this key still runs.
    """
    old = delete(idempotency_keys).where(idempotency_keys.c.created_at < now - KEPT_FOR)
    transaction.execute(old)
    fresh = (
        insert_ignore(transaction, idempotency_keys)
        .values(actor=actor, key=key, request_hash=request_hash, headers={}, created_at=now)
        .returning(idempotency_keys.c.key)
    )
    if transaction.execute(fresh).first() is not None:
        return None
    row = transaction.execute(
        select(idempotency_keys).where(_is(actor, key)).with_for_update()
    ).one()
    if row.request_hash != request_hash:
        raise InvalidRequestError(
            "this Idempotency-Key was used for another request: use a new one for each"
        )
    if row.status is not None:
        return Answer(row.status, row.body or b"", row.headers)
    if now - row.created_at < GIVEN_UP_AFTER:
        raise ConflictError("the first request with this Idempotency-Key still runs: wait for it")
    transaction.execute(update(idempotency_keys).where(_is(actor, key)).values(created_at=now))
    return None


def finish(transaction: Transaction, actor: str, key: str, answer: Answer) -> None:
    """Keep the answer for those who ask again."""
    values = {"status": answer.status, "body": answer.body, "headers": answer.headers}
    transaction.execute(update(idempotency_keys).where(_is(actor, key)).values(values))


def release(transaction: Transaction, actor: str, key: str) -> None:
    """Forget a request that had no effect, so that it may be tried again with its key."""
    transaction.execute(delete(idempotency_keys).where(_is(actor, key)))


def _is(actor: str, key: str) -> ColumnElement[bool]:
    return and_(idempotency_keys.c.actor == actor, idempotency_keys.c.key == key)
