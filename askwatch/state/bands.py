"""Near-duplicate bands of leads, and hashes of posts that are gone."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select

from askwatch.model.ids import LeadId, PostId, SourceId, derive_id
from askwatch.model.lead import FINAL_LEAD_STATES
from askwatch.state.engine import Transaction
from askwatch.state.tables import lead_bands, leads, tombstones
from askwatch.state.upsert import insert_ignore, upsert

_WIDTH = 40
# Asked for every lead; built once, since making a statement costs as much as running it. A key
# that very many leads share (a phrase of a season) is read no further than this.
_MOST_MET, _MOST_COPIES = 400, 5
_MET = (
    select(lead_bands.c.lead_id)
    .where(
        lead_bands.c.band.in_(bindparam("bands", expanding=True)),
        lead_bands.c.seen_at >= bindparam("since"),
    )
    .limit(_MOST_MET)
    .subquery()
)
_COPIES = (
    select(leads.c.lead_id)
    .join(_MET, _MET.c.lead_id == leads.c.lead_id)
    .where(leads.c.state.not_in(sorted(state.value for state in FINAL_LEAD_STATES)))
    .group_by(leads.c.lead_id, leads.c.found_at)
    .order_by(func.count().desc(), leads.c.found_at, leads.c.lead_id)
    .limit(_MOST_COPIES)
)
_TOMBSTONE = select(tombstones.c.revision).where(tombstones.c.post_hash == bindparam("hash"))


def find_copies(
    transaction: Transaction, signature: Sequence[str], *, since: datetime
) -> list[LeadId]:
    """Return the open leads that share most keys of `signature` and were seen since then.

    At most five, of which the oldest comes first among equals. Whoever makes a lead when none of
    them is a copy holds the planning lock (locks.py), or two replicas could each miss the other's.
    """
    if not signature:
        return []
    # The keys of all words come first: whatever else is shared, an exact copy is among the found.
    for keys in (signature[:1], signature[1:]):
        if keys:
            found = transaction.execute(_COPIES, {"bands": _narrow(keys), "since": since})
            leads_met = [LeadId(row.lead_id) for row in found]
            if leads_met:
                return leads_met
    return []


def put_bands(
    transaction: Transaction, lead_id: LeadId, signature: Sequence[str], *, now: datetime
) -> None:
    """Note by which bands copies of a lead are known."""
    if not signature:
        return
    rows = [{"band": band, "lead_id": lead_id, "seen_at": now} for band in _narrow(signature)]
    transaction.execute(insert_ignore(transaction, lead_bands), rows)


def drop_bands(transaction: Transaction, lead_id: LeadId) -> None:
    """Forget a lead's bands: they are made from its text."""
    transaction.execute(delete(lead_bands).where(lead_bands.c.lead_id == lead_id))


def put_tombstone(
    transaction: Transaction, source_id: SourceId, post_id: PostId, revision: int, *, now: datetime
) -> None:
    """Note that a post is gone since `revision`; an older revision of it may still arrive."""
    if revision > find_tombstone(transaction, source_id, post_id):
        values = {
            "post_hash": _hash(source_id, post_id),
            "revision": revision,
            "created_at": now,
        }
        transaction.execute(upsert(transaction, tombstones, values))


def find_tombstone(transaction: Transaction, source_id: SourceId, post_id: PostId) -> int:
    """Return the revision since which a post is gone; 0 when it is not."""
    found = transaction.execute(_TOMBSTONE, {"hash": _hash(source_id, post_id)}).scalar()
    return int(found or 0)


def drop_tombstones(transaction: Transaction, *, before: datetime) -> int:
    """Forget posts gone before that time; return how many."""
    return transaction.execute(delete(tombstones).where(tombstones.c.created_at < before)).rowcount


def _hash(source_id: SourceId, post_id: PostId) -> str:
    return derive_id("post", source_id, post_id)


def _narrow(signature: Sequence[str]) -> list[str]:
    return sorted({band if len(band) <= _WIDTH else derive_id(band) for band in signature})
