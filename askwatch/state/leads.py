"""Leads and their links, as rows; the router alone decides how a lead moves."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from askwatch.errors import NotFoundError
from askwatch.model.ids import ExpertId, LeadId, PostId, SourceId, TopicId
from askwatch.model.lead import Entity, Intent, Lane, LeadState, Outcome, Reason, TopicScore
from askwatch.state.engine import Transaction
from askwatch.state.tables import lead_links, leads

_BEGINNING = LeadId("")
# Asked for every record; built once, since making a statement costs as much as running it.
_BY_POST = select(lead_links).where(
    lead_links.c.source_id == bindparam("source"), lead_links.c.post_id == bindparam("post")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRow:
    """A lead as it stands; see the table `leads` for what each column means.

    What has a default is so until somebody acts on the lead.
    """

    lead_id: LeadId
    state: LeadState
    epoch: int
    revision: int
    lane: Lane
    intent: Intent
    probability: float
    b2b_probability: float
    lang: str
    topic_id: TopicId | None
    topics: tuple[TopicScore, ...]
    entities: tuple[Entity, ...]
    reasons: tuple[Reason, ...]
    urgency: str
    value: float
    value_terms: dict[str, float]
    model: str
    source_id: SourceId
    post_id: PostId
    post_revision: int
    title: str
    text: str
    url: str
    author_name: str
    author_url: str
    author_hash: str
    place: str
    published_at: datetime
    observed_at: datetime
    found_at: datetime
    handed_in_by: ExpertId | None
    rung: int = 0
    owner_id: ExpertId | None = None
    claimed_at: datetime | None = None
    answered_at: datetime | None = None
    answer_url: str = ""
    disclosed: str = ""
    disclosure_reason: str = ""
    outcome: Outcome | None = None
    final_reason: str = ""
    first_alerted_at: datetime | None = None
    expires_at: datetime
    closed_at: datetime | None = None
    updated_at: datetime

    @property
    def full_text(self) -> str:
        """Return title and body as one text; offsets of reasons and entities count in it."""
        if not self.title or self.text.startswith(self.title):
            return self.text
        return f"{self.title}\n\n{self.text}" if self.text else self.title


@dataclass(frozen=True, slots=True)
class LeadLinkRow:
    """One place that a lead's ask stands in."""

    source_id: SourceId
    post_id: PostId
    lead_id: LeadId
    url: str
    author_hash: str
    post_revision: int
    published_at: datetime
    linked_at: datetime
    is_withdrawn: bool


def find_lead(transaction: Transaction, lead_id: LeadId, *, for_update: bool = False) -> LeadRow:
    """Return one lead, locked until the transaction ends when it is `for_update`.

    Raises:
        NotFoundError: There is no such lead.
    """
    query = select(leads).where(leads.c.lead_id == lead_id)
    if for_update:
        query = query.with_for_update()
    found = transaction.execute(query).first()
    if found is None:
        raise NotFoundError("lead", lead_id)
    return read_lead(found)


def find_leads(transaction: Transaction, lead_ids: Sequence[LeadId]) -> list[LeadRow]:
    """Return those of `lead_ids` that exist, by id."""
    query = select(leads).where(leads.c.lead_id.in_(lead_ids)).order_by(leads.c.lead_id)
    return [read_lead(row) for row in transaction.execute(query)]


def find_by_post(
    transaction: Transaction, source_id: SourceId, post_id: PostId
) -> LeadLinkRow | None:
    """Return the link of a post, withdrawn or not; None when the post never became a lead."""
    found = transaction.execute(_BY_POST, {"source": source_id, "post": post_id}).first()
    return None if found is None else LeadLinkRow(**found._mapping)  # noqa: SLF001 - public name


def list_links(transaction: Transaction, lead_id: LeadId) -> list[LeadLinkRow]:
    """Return every place a lead's ask stands in, the first one first."""
    query = (
        select(lead_links)
        .where(lead_links.c.lead_id == lead_id)
        .order_by(lead_links.c.linked_at, lead_links.c.post_id)
    )
    return [LeadLinkRow(**row._mapping) for row in transaction.execute(query)]  # noqa: SLF001 - as above


def list_page(transaction: Transaction, *, after: LeadId, limit: int) -> list[LeadRow]:
    """Return leads by id behind `after` ("" for the beginning)."""
    query = select(leads).where(leads.c.lead_id > after).order_by(leads.c.lead_id).limit(limit)
    return [read_lead(row) for row in transaction.execute(query)]


def list_changed_since(
    transaction: Transaction, since: datetime, *, after: LeadId = _BEGINNING, limit: int = 500
) -> list[LeadRow]:
    """Return leads changed at `since` or later, by id behind `after`."""
    query = (
        select(leads)
        .where(leads.c.updated_at >= since, leads.c.lead_id > after)
        .order_by(leads.c.lead_id)
        .limit(limit)
    )
    return [read_lead(row) for row in transaction.execute(query)]


def list_owned(
    transaction: Transaction, expert_id: ExpertId, *, states: Sequence[LeadState], limit: int = 50
) -> list[LeadRow]:
    """Return leads that an expert has taken and that are in one of `states`, newest first."""
    query = (
        select(leads)
        .where(leads.c.owner_id == expert_id, leads.c.state.in_(states))
        .order_by(leads.c.claimed_at.desc(), leads.c.lead_id)
        .limit(limit)
    )
    return [read_lead(row) for row in transaction.execute(query)]


def count_by_state(transaction: Transaction) -> dict[str, int]:
    """Return how many leads are in each state."""
    query = select(leads.c.state, func.count()).group_by(leads.c.state)
    return dict(transaction.execute(query).all())


def read_lead(row: Row[Any]) -> LeadRow:
    """Return what a row of the table `leads` says."""
    columns = row._mapping  # noqa: SLF001 - as above
    values: dict[str, Any] = {each.name: columns[each.name] for each in fields(LeadRow)}
    values["state"] = LeadState(values["state"])
    values["lane"] = Lane(values["lane"])
    values["intent"] = Intent(values["intent"])
    values["topics"] = tuple(TopicScore.model_validate(each) for each in values["topics"])
    values["entities"] = tuple(Entity.model_validate(each) for each in values["entities"])
    values["reasons"] = tuple(Reason.model_validate(each) for each in values["reasons"])
    values["outcome"] = Outcome(values["outcome"]) if values["outcome"] else None
    return LeadRow(**values)
