"""Until when a taken lead may be answered before the others are asked again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from askwatch.model.alert import TimerKind
from askwatch.model.ids import LeadId
from askwatch.state.engine import Transaction
from askwatch.state.tables import timers


def find_claim_ends(transaction: Transaction, lead_ids: Sequence[LeadId]) -> dict[LeadId, datetime]:
    """Return the end of the claim of those of `lead_ids` that are taken."""
    if not lead_ids:
        return {}
    query = select(timers.c.lead_id, timers.c.due_at).where(
        timers.c.kind == TimerKind.CLAIM_LEASE.value, timers.c.lead_id.in_(lead_ids)
    )
    return {LeadId(lead_id): due_at for lead_id, due_at in transaction.execute(query)}
