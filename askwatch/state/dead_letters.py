"""Records that could not be handled: kept as rows, so that they can be listed, replayed, erased."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select, update

from askwatch.errors import NotFoundError
from askwatch.model.ids import derive_id
from askwatch.state.engine import Transaction
from askwatch.state.tables import dead_letters
from askwatch.state.upsert import insert_ignore

OPEN, REPLAYED, DROPPED = "open", "replayed", "dropped"


class GivenUp(Protocol):
    """What is stored of a record; `askwatch.bus.base.Record` is one."""

    @property
    def stream(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def value(self) -> bytes: ...


class DeadLetter(BaseModel):
    """A record that was given up, with why and where; `value` is empty once it was dropped."""

    model_config = ConfigDict(frozen=True)

    dead_letter_id: str
    consumer_group: str
    stream: str
    partition: int
    offset: int
    key: str
    headers: dict[str, str]
    value: bytes
    reason: str
    trace: str
    state: str
    created_at: datetime
    updated_at: datetime


def add(
    transaction: Transaction, record: GivenUp, *, group: str, reason: str, trace: str, now: datetime
) -> str:
    """Store `record` and return the row's id; storing the same record again changes nothing."""
    identity = derive_id(group, record.stream, record.partition, record.offset)
    statement = insert_ignore(transaction, dead_letters).values(
        dead_letter_id=identity,
        consumer_group=group,
        stream=record.stream,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        headers=dict(record.headers),
        value=record.value,
        reason=reason[:2000],
        trace=trace[-8000:],
        state=OPEN,
        created_at=now,
        updated_at=now,
    )
    transaction.execute(statement)
    return identity


def list_letters(
    transaction: Transaction, *, state: str = OPEN, limit: int = 100, after: str = ""
) -> list[DeadLetter]:
    """Return letters ordered by id, those after `after` (for paging)."""
    query = (
        select(dead_letters)
        .where(dead_letters.c.state == state, dead_letters.c.dead_letter_id > after)
        .order_by(dead_letters.c.dead_letter_id)
        .limit(limit)
    )
    return [DeadLetter.model_validate(dict(row)) for row in transaction.execute(query).mappings()]


def find(transaction: Transaction, dead_letter_id: str) -> DeadLetter:
    """Return one letter.

    Raises:
        NotFoundError: There is none with this id.
    """
    query = select(dead_letters).where(dead_letters.c.dead_letter_id == dead_letter_id)
    row = transaction.execute(query).mappings().first()
    if row is None:
        raise NotFoundError("dead letter", dead_letter_id)
    return DeadLetter.model_validate(dict(row))


def mark_replayed(transaction: Transaction, dead_letter_id: str, *, now: datetime) -> None:
    """Note that the record went back to its stream."""
    _set_state(transaction, dead_letter_id, {"state": REPLAYED, "updated_at": now})


def drop(transaction: Transaction, dead_letter_id: str, *, now: datetime) -> None:
    """Erase the record's value; reason and place stay."""
    _set_state(transaction, dead_letter_id, {"state": DROPPED, "value": b"", "updated_at": now})


def count_open(transaction: Transaction) -> int:
    """Return how many letters wait for somebody."""
    query = select(func.count()).where(dead_letters.c.state == OPEN)
    return int(transaction.execute(query).scalar_one())


def _set_state(transaction: Transaction, dead_letter_id: str, values: dict[str, object]) -> None:
    find(transaction, dead_letter_id)
    transaction.execute(
        update(dead_letters).where(dead_letters.c.dead_letter_id == dead_letter_id).values(values)
    )
