"""Taps of colleagues, with the features that can be learned from; never a post's text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from askwatch.model.feedback import VERDICTS, AskedFor, Features, FeedbackKind
from askwatch.model.ids import LeadId, PostId, SourceId, TopicId, derive_id
from askwatch.state.columns import to_columns
from askwatch.state.engine import Transaction
from askwatch.state.leads import LeadRow
from askwatch.state.tables import feedback, lead_features
from askwatch.state.upsert import upsert

NOTE_LIMIT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """What somebody said of one post; `topic_id` and `asked_for` say what would be right."""

    kind: FeedbackKind
    given_by: str
    given_at: datetime
    post_hash: str
    author_hash: str
    features: Features
    lead_id: LeadId | None = None
    topic_id: TopicId | None = None
    asked_for: AskedFor | None = None
    note: str = ""

    @property
    def feedback_id(self) -> str:
        """Return its identity: a later verdict of the same colleague takes its place."""
        subject = "verdict" if self.kind in VERDICTS else self.kind.value
        return derive_id("feedback", self.post_hash, self.given_by, subject)


def put_features(
    transaction: Transaction, lead_id: LeadId, features: Features, *, now: datetime
) -> None:
    """Remember what was understood of a lead's words, in the place of what was before."""
    values: dict[str, object] = {
        "lead_id": lead_id,
        "body": features.model_dump(mode="json", exclude_defaults=True),
        "updated_at": now,
    }
    transaction.execute(upsert(transaction, lead_features, values))


def find_features(transaction: Transaction, lead: LeadRow) -> Features:
    """Return what is remembered of a lead; what its row says where nothing else is."""
    query = select(lead_features.c.body).where(lead_features.c.lead_id == lead.lead_id)
    body = transaction.execute(query).scalar()
    if body is not None:
        return Features.model_validate(body)
    return Features(
        lang=lead.lang,
        intent=lead.intent,
        lane=lead.lane,
        probability=lead.probability,
        b2b_probability=lead.b2b_probability,
        topics=lead.topics,
        model=lead.model,
    )


def give(transaction: Transaction, tap: Tap) -> None:
    """Store a tap; an earlier verdict of the same colleague on the same post gives way."""
    values: dict[str, object] = to_columns(
        {
            "feedback_id": tap.feedback_id,
            "kind": tap.kind,
            "lead_id": tap.lead_id,
            "post_hash": tap.post_hash,
            "author_hash": tap.author_hash,
            "topic_id": tap.topic_id,
            "asked_for": tap.asked_for or "",
            "note": tap.note.strip()[:NOTE_LIMIT],
            "given_by": tap.given_by,
            "given_at": tap.given_at,
        }
    )
    values["features"] = tap.features.model_dump(mode="json", exclude_defaults=True)
    transaction.execute(upsert(transaction, feedback, values))


def give_for_lead(  # noqa: PLR0913 - what is said of a lead is one sentence of facts
    transaction: Transaction,
    lead: LeadRow,
    kind: FeedbackKind,
    *,
    given_by: str,
    now: datetime,
    topic_id: TopicId | None = None,
    asked_for: AskedFor | None = None,
    note: str = "",
) -> None:
    """Store what somebody says of a lead whose text is still there."""
    tap = Tap(
        kind=kind,
        given_by=given_by,
        given_at=now,
        post_hash=hash_post(lead.source_id, lead.post_id),
        author_hash=lead.author_hash,
        features=find_features(transaction, lead),
        lead_id=lead.lead_id,
        topic_id=topic_id,
        asked_for=asked_for,
        note=note,
    )
    give(transaction, tap)


def hash_post(source_id: SourceId, post_id: PostId) -> str:
    """Return what stands for a post in taps, the same as in tombstones."""
    return derive_id("post", source_id, post_id)


def list_taps(transaction: Transaction, *, limit: int = 5_000) -> list[Tap]:
    """Return the newest taps, oldest of them first."""
    query = select(feedback).order_by(feedback.c.given_at.desc(), feedback.c.feedback_id)
    return [_read(row) for row in transaction.execute(query.limit(limit))][::-1]


def count_taps(transaction: Transaction) -> dict[FeedbackKind, int]:
    """Return how many taps of each kind there are; kinds without any are left out."""
    query = select(feedback.c.kind, func.count()).group_by(feedback.c.kind)
    return {FeedbackKind(kind): count for kind, count in transaction.execute(query)}


def forget_text(transaction: Transaction, lead_id: LeadId) -> None:
    """Let go what must not outlive a lead's text: notes, and the features kept for later."""
    transaction.execute(delete(lead_features).where(lead_features.c.lead_id == lead_id))
    transaction.execute(update(feedback).where(feedback.c.lead_id == lead_id).values(note=""))


def erase_of_lead(transaction: Transaction, lead_id: LeadId) -> None:
    """Erase every tap on a lead whose post is gone."""
    transaction.execute(delete(feedback).where(feedback.c.lead_id == lead_id))


def erase_of_post(transaction: Transaction, source_id: SourceId, post_id: PostId) -> None:
    """Erase every tap on a post that is gone, also when its lead was dismissed long ago."""
    gone = hash_post(source_id, post_id)
    transaction.execute(delete(feedback).where(feedback.c.post_hash == gone))


def erase_of_author(transaction: Transaction, author_hash: str) -> None:
    """Erase every tap on a post of this author."""
    if author_hash:
        transaction.execute(delete(feedback).where(feedback.c.author_hash == author_hash))


def list_kinds_of(transaction: Transaction, lead_id: LeadId, given_by: str) -> Sequence[str]:
    """Return what one colleague has said of a lead already."""
    query = select(feedback.c.kind).where(
        feedback.c.lead_id == lead_id, feedback.c.given_by == given_by
    )
    return sorted(transaction.execute(query).scalars())


def _read(row: Row[Any]) -> Tap:
    return Tap(
        kind=FeedbackKind(row.kind),
        given_by=row.given_by,
        given_at=row.given_at,
        post_hash=row.post_hash,
        author_hash=row.author_hash,
        features=Features.model_validate(row.features),
        lead_id=LeadId(row.lead_id) if row.lead_id else None,
        topic_id=TopicId(row.topic_id) if row.topic_id else None,
        asked_for=AskedFor(row.asked_for) if row.asked_for else None,
        note=row.note,
    )
