"""What came of one source's posts."""

from dataclasses import dataclass

from sqlalchemy import func, select

from askwatch.model.ids import SourceId
from askwatch.state.engine import Transaction
from askwatch.state.tables import alerts, lead_links, leads


@dataclass(frozen=True, slots=True)
class SourceLeads:
    """Leads first found in a source, its posts that stand in any lead, alerts about its leads."""

    leads_by_state: dict[str, int]
    linked_posts: int
    alerts: int
    first_alerts_s: tuple[float, ...]  # from a post's reading to its lead's first alert, ascending


def count_source_leads(transaction: Transaction, source_id: SourceId) -> SourceLeads:
    """Return the counts of one source."""
    by_state = (
        select(leads.c.state, func.count())
        .where(leads.c.source_id == source_id)
        .group_by(leads.c.state)
    )
    linked = select(func.count()).select_from(lead_links).where(lead_links.c.source_id == source_id)
    told = (
        select(func.count())
        .select_from(alerts.join(leads, alerts.c.lead_id == leads.c.lead_id))
        .where(leads.c.source_id == source_id)
    )
    first = (
        select(leads.c.observed_at, func.min(alerts.c.notified_at).label("notified_at"))
        .join(alerts, alerts.c.lead_id == leads.c.lead_id)
        .where(leads.c.source_id == source_id, alerts.c.notified_at.is_not(None))
        .group_by(leads.c.lead_id, leads.c.observed_at)
    )
    delays = [row.notified_at - row.observed_at for row in transaction.execute(first)]
    return SourceLeads(
        leads_by_state={row.state: int(row[1]) for row in transaction.execute(by_state)},
        linked_posts=int(transaction.execute(linked).scalar_one()),
        alerts=int(transaction.execute(told).scalar_one()),
        first_alerts_s=tuple(sorted(delay.total_seconds() for delay in delays)),
    )
