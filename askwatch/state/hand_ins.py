"""Posts that colleagues brought, and what came of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Row, select, update

from askwatch.errors import NotFoundError
from askwatch.model.ids import ExpertId, LeadId, PostId, SourceId
from askwatch.state.engine import Transaction
from askwatch.state.tables import hand_ins
from askwatch.state.upsert import insert_ignore

# The source that all of them belong to.
HAND_IN_SOURCE = SourceId("hand-in")

FETCHING, NEEDS_TEXT, RECEIVED = "fetching", "needs_text", "received"
FOUND, NOT_FOUND, WITHDRAWN = "found", "not_found", "withdrawn"


@dataclass(frozen=True, slots=True)
class HandIn:
    """One post that somebody brought; `state` is one of the words above."""

    hand_in_id: str
    expert_id: ExpertId
    source_id: SourceId
    post_id: PostId
    url: str
    state: str
    reason: str  # why its text is needed
    lead_id: LeadId | None
    verdict: dict[str, JsonValue]
    created_at: datetime
    updated_at: datetime


def create(
    transaction: Transaction,
    hand_in_id: str,
    expert_id: ExpertId,
    *,
    url: str,
    state: str,
    now: datetime,
) -> HandIn:
    """Note that somebody brought a post: state `received` with text, `fetching` with a link.

    One that is there already, even since a moment ago, is returned as it is.
    """
    hand_in = HandIn(
        hand_in_id=hand_in_id,
        expert_id=expert_id,
        source_id=HAND_IN_SOURCE,
        post_id=PostId(hand_in_id),
        url=url,
        state=state,
        reason="",
        lead_id=None,
        verdict={},
        created_at=now,
        updated_at=now,
    )
    values = {name: getattr(hand_in, name) for name in HandIn.__slots__}
    transaction.execute(insert_ignore(transaction, hand_ins).values(**values))
    return find(transaction, hand_in_id)


def find(transaction: Transaction, hand_in_id: str) -> HandIn:
    """Return one.

    Raises:
        NotFoundError: There is no such hand-in.
    """
    query = select(hand_ins).where(hand_ins.c.hand_in_id == hand_in_id)
    found = transaction.execute(query).first()
    if found is None:
        raise NotFoundError("hand-in", hand_in_id)
    return _read(found)


def list_for_expert(
    transaction: Transaction, expert_id: ExpertId, *, limit: int = 50
) -> list[HandIn]:
    """Return what one colleague brought, newest first."""
    query = (
        select(hand_ins)
        .where(hand_ins.c.expert_id == expert_id)
        .order_by(hand_ins.c.created_at.desc(), hand_ins.c.hand_in_id)
        .limit(limit)
    )
    return [_read(row) for row in transaction.execute(query)]


def take_fetching(transaction: Transaction, *, limit: int = 20) -> list[HandIn]:
    """Return links that wait to be fetched, oldest first.

    They stay so until one of the functions below is called, so that a crash loses none; the
    caller holds the lease `source:hand-in`.
    """
    query = (
        select(hand_ins)
        .where(hand_ins.c.state == FETCHING)
        .order_by(hand_ins.c.created_at, hand_ins.c.hand_in_id)
        .limit(limit)
    )
    return [_read(row) for row in transaction.execute(query)]


def set_received(transaction: Transaction, hand_in_id: str, *, now: datetime) -> bool:
    """Say that the text is there; False when it was withdrawn or judged meanwhile."""
    return _move(transaction, hand_in_id, (FETCHING, NEEDS_TEXT), now, state=RECEIVED, reason="")


def set_needs_text(
    transaction: Transaction, hand_in_id: str, reason: str, *, now: datetime
) -> bool:
    """Ask its sender for the text; False when it was withdrawn or judged meanwhile."""
    return _move(transaction, hand_in_id, (FETCHING,), now, state=NEEDS_TEXT, reason=reason)


def set_withdrawn(transaction: Transaction, hand_in_id: str, *, now: datetime) -> bool:
    """Say that its sender took it back; False when that was so already."""
    states = (FETCHING, NEEDS_TEXT, RECEIVED, FOUND, NOT_FOUND)
    return _move(transaction, hand_in_id, states, now, state=WITHDRAWN)


def set_verdict(  # noqa: PLR0913 - what is said of a post is one sentence of facts
    transaction: Transaction,
    source_id: SourceId,
    post_id: PostId,
    *,
    lead_id: LeadId | None,
    verdict: dict[str, JsonValue],
    state: str,
    now: datetime,
) -> bool:
    """Say what came of a post; False when nobody handed it in or it was withdrawn."""
    done = transaction.execute(
        update(hand_ins)
        .where(
            hand_ins.c.source_id == source_id,
            hand_ins.c.post_id == post_id,
            hand_ins.c.state != WITHDRAWN,
        )
        .values(lead_id=lead_id, verdict=verdict, state=state, updated_at=now)
    )
    return done.rowcount > 0


def _move(
    transaction: Transaction, hand_in_id: str, states: tuple[str, ...], now: datetime, **values: str
) -> bool:
    done = transaction.execute(
        update(hand_ins)
        .where(hand_ins.c.hand_in_id == hand_in_id, hand_ins.c.state.in_(states))
        .values(**values, updated_at=now)
    )
    return done.rowcount > 0


def _read(row: Row[Any]) -> HandIn:
    columns = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return HandIn(**{name: columns[name] for name in HandIn.__slots__})
