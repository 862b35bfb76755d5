"""Changes of leads and their links; each grows the lead's revision and leaves a fact to relay."""

from collections.abc import Collection
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from askwatch.errors import BusyError
from askwatch.events import EVENTS, EventRecord
from askwatch.model.ids import EventId, ExpertId, LeadId, PostId, SourceId, derive_id
from askwatch.model.lead import CLAIMABLE_LEAD_STATES, LeadState
from askwatch.state.columns import to_columns
from askwatch.state.engine import Transaction
from askwatch.state.leads import LeadLinkRow, LeadRow, find_lead
from askwatch.state.outbox import add_event
from askwatch.state.tables import lead_links, leads

_COLUMNS = [each.name for each in fields(LeadRow)]
# Built once: making a statement costs as much as running it.
_INSERT_LEAD, _INSERT_LINK = insert(leads), insert(lead_links)


def insert_lead(transaction: Transaction, lead: LeadRow, *, kind: str, now: datetime) -> None:
    """Add a lead, with the fact `kind`."""
    values = to_columns({name: getattr(lead, name) for name in _COLUMNS})
    values["outcome"] = values["outcome"] or ""
    transaction.execute(_INSERT_LEAD, values)
    _tell(transaction, lead, kind=kind, now=now)


def update_lead(
    transaction: Transaction, lead: LeadRow, *, kind: str, now: datetime, **changes: Any
) -> LeadRow:
    """Change a lead and return it as it stands then, with the fact `kind`.

    Raises:
        BusyError: Somebody changed it since it was read; the whole transaction runs again.
    """
    after = replace(lead, **changes, revision=lead.revision + 1, updated_at=now)
    done = transaction.execute(
        update(leads)
        .where(leads.c.lead_id == lead.lead_id, leads.c.revision == lead.revision)
        .values(to_columns({**changes, "revision": after.revision, "updated_at": now}))
    )
    if done.rowcount == 0:
        raise BusyError("the lead was changed by somebody else")
    _tell(transaction, after, kind=kind, now=now)
    return after


def claim_lead(
    transaction: Transaction, lead_id: LeadId, expert_id: ExpertId, *, now: datetime
) -> LeadRow | None:
    """Make `expert_id` the owner in one statement; None when the lead is not to be had.

    The condition stands in the statement, so that of any number of claims one wins.
    """
    done = transaction.execute(
        update(leads)
        .where(
            leads.c.lead_id == lead_id,
            leads.c.owner_id.is_(None),
            leads.c.state.in_(sorted(state.value for state in CLAIMABLE_LEAD_STATES)),
        )
        .values(
            state=LeadState.CLAIMED.value,
            owner_id=expert_id,
            claimed_at=now,
            epoch=leads.c.epoch + 1,
            revision=leads.c.revision + 1,
            updated_at=now,
        )
    )
    if done.rowcount == 0:
        return None
    lead = find_lead(transaction, lead_id)
    _tell(transaction, lead, kind="lead.claimed", now=now)
    return lead


def insert_link(transaction: Transaction, link: LeadLinkRow) -> None:
    """Add a place that the lead's ask stands in."""
    values = {name: getattr(link, name) for name in LeadLinkRow.__slots__}
    transaction.execute(_INSERT_LINK, values)


def update_link(
    transaction: Transaction,
    source_id: SourceId,
    post_id: PostId,
    *,
    post_revision: int,
    url: str,
    author_hash: str,
) -> None:
    """Note what an edit of the post has changed about its link."""
    transaction.execute(
        update(lead_links)
        .where(lead_links.c.source_id == source_id, lead_links.c.post_id == post_id)
        .values(post_revision=post_revision, url=url, author_hash=author_hash)
    )


def withdraw_link(transaction: Transaction, link: LeadLinkRow) -> None:
    """Take a place away; what stays cannot lead back to the post or its author."""
    transaction.execute(
        update(lead_links)
        .where(lead_links.c.source_id == link.source_id, lead_links.c.post_id == link.post_id)
        .values(is_withdrawn=True, post_id=hash_post(link), url="", author_hash="")
    )


def hash_post(post: LeadLinkRow | LeadRow) -> PostId:
    """Return what stands for a post once it must not be named any more."""
    return PostId(derive_id("post", post.source_id, post.post_id))


def list_links_of_author(
    transaction: Transaction, source_id: SourceId, author_hash: str
) -> list[LeadLinkRow]:
    """Return every place where an author's asks still stand, by lead."""
    query = (
        select(lead_links)
        .where(
            lead_links.c.source_id == source_id,
            lead_links.c.author_hash == author_hash,
            lead_links.c.is_withdrawn.is_(False),
        )
        .order_by(lead_links.c.lead_id, lead_links.c.post_id)
    )
    return [LeadLinkRow(**row._mapping) for row in transaction.execute(query)]  # noqa: SLF001 - public name


def lock_leads(transaction: Transaction, lead_ids: Collection[LeadId]) -> None:
    """Lock these leads in one order, so that two transactions never wait for each other."""
    query = (
        select(leads.c.lead_id)
        .where(leads.c.lead_id.in_(lead_ids))
        .order_by(leads.c.lead_id)
        .with_for_update()
    )
    transaction.execute(query).all()


def _tell(transaction: Transaction, lead: LeadRow, *, kind: str, now: datetime) -> None:
    event = EventRecord(
        event_id=EventId(derive_id(EVENTS, lead.lead_id, kind, lead.revision)),
        kind=kind,
        at=now,
        lead_id=lead.lead_id,
        expert_id=lead.owner_id or "",
        state=lead.state.value,
        revision=lead.revision,
    )
    add_event(transaction, event, now=now)
