"""Queries for what must always hold; each returns the ids that break it, so none when all is well.

The names are those of the routing design. Where a constraint of the schema stands behind one, the
query says so should that constraint ever be lost.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from askwatch.model.alert import AlertState, TimerKind
from askwatch.model.ids import ExpertId
from askwatch.model.lead import CLAIMABLE_LEAD_STATES, FINAL_LEAD_STATES, LeadState
from askwatch.state import experts
from askwatch.state.engine import Transaction
from askwatch.state.tables import alerts, deliveries, lead_links, leads, timers

# An alert may stay open this long beyond its timer (ROUTING: I7).
_LATE = timedelta(seconds=60)
_FINAL = sorted(state.value for state in FINAL_LEAD_STATES)
_CLAIMABLE = sorted(state.value for state in CLAIMABLE_LEAD_STATES)
_TAKEN = [LeadState.CLAIMED.value, LeadState.ANSWERED.value]


def find_two_owners(transaction: Transaction, now: datetime) -> list[str]:
    """I1: return leads with more than one open claim, or with one whose owner is another."""
    del now
    accepted = alerts.c.state == AlertState.ACCEPTED.value
    many = select(alerts.c.lead_id).where(accepted).group_by(alerts.c.lead_id)
    found = transaction.execute(many.having(func.count() > 1)).scalars().all()
    wrong = (
        select(leads.c.lead_id)
        .select_from(leads.outerjoin(alerts, and_(alerts.c.lead_id == leads.c.lead_id, accepted)))
        .where(
            or_(
                and_(leads.c.state.in_(_TAKEN), leads.c.owner_id.is_(None)),
                and_(leads.c.state.in_(_CLAIMABLE), leads.c.owner_id.is_not(None)),
                and_(leads.c.state.in_(_TAKEN), alerts.c.expert_id != leads.c.owner_id),
            )
        )
    )
    return sorted({*found, *transaction.execute(wrong).scalars()})


def find_forgotten(transaction: Transaction, now: datetime) -> list[str]:
    """I3: return open leads that no timer will ever touch again."""
    del now
    has_timer = exists().where(timers.c.lead_id == leads.c.lead_id)
    return _leads(transaction, leads.c.state.not_in(_FINAL), ~has_timer)


def find_over_cap(transaction: Transaction, now: datetime) -> list[str]:
    """I4: return experts told more often than their cap, on a local day or within 24 hours.

    Looks at the last two days; a reminder counts as an alert of its own.
    """
    since = now - timedelta(days=2)
    caps = {each.expert_id: each.daily_cap for each in experts.list_experts(transaction)}
    query = select(alerts.c.expert_id, alerts.c.planned_at, alerts.c.reminded_at).where(
        alerts.c.planned_at >= since,
        alerts.c.is_slot_held,
        # Whom a colleague names is told whatever the caps say.
        alerts.c.score > 0,
    )
    times: dict[ExpertId, list[datetime]] = {}
    for row in transaction.execute(query):
        told = [at for at in (row.planned_at, row.reminded_at) if at is not None]
        times.setdefault(ExpertId(row.expert_id), []).extend(told)
    days = (
        select(alerts.c.expert_id, alerts.c.local_day, func.count())
        .where(alerts.c.planned_at >= since, alerts.c.is_slot_held, alerts.c.score > 0)
        .group_by(alerts.c.expert_id, alerts.c.local_day)
    )
    over = {
        ExpertId(expert_id)
        for expert_id, _, count in transaction.execute(days)
        if count > caps.get(expert_id, count)
    }
    over |= {
        expert_id
        for expert_id, told in times.items()
        if expert_id in caps and _exceeds(sorted(told), caps[expert_id])
    }
    return sorted(over)


def find_told_twice(transaction: Transaction, now: datetime) -> list[str]:
    """I6: return alerts that were told twice: as two rows, or with two reminders."""
    del now
    twice = (
        select(func.min(alerts.c.alert_id))
        .group_by(alerts.c.lead_id, alerts.c.expert_id)
        .having(func.count() > 1)
    )
    again = (
        select(deliveries.c.alert_id)
        .where(deliveries.c.kind.in_(["alert", "reminder"]))
        .group_by(deliveries.c.alert_id, deliveries.c.channel, deliveries.c.kind)
        .having(func.count() > 1)
    )
    return sorted({*transaction.execute(twice).scalars(), *transaction.execute(again).scalars()})


def find_overdue(transaction: Transaction, now: datetime) -> list[str]:
    """I7: return alerts that are still open well after their time, or have no end at all."""
    is_open = alerts.c.state.in_([AlertState.NOTIFIED.value, AlertState.SEEN.value])
    timer = and_(
        timers.c.aggregate == "alert:" + alerts.c.alert_id,
        timers.c.kind == TimerKind.ALERT_TIMEOUT.value,
    )
    query = select(alerts.c.alert_id).select_from(alerts.outerjoin(timers, timer))
    query = query.where(is_open, or_(timers.c.due_at.is_(None), timers.c.due_at < now - _LATE))
    return sorted(transaction.execute(query).scalars())


def find_readable(transaction: Transaction, now: datetime) -> list[str]:
    """I10: return withdrawn or dismissed leads of which something can still be read."""
    del now
    is_erased = leads.c.state.in_([LeadState.WITHDRAWN.value, LeadState.DISMISSED.value])
    columns = (
        leads.c.title, leads.c.text, leads.c.url, leads.c.author_name, leads.c.author_url,
        leads.c.author_hash,
    )  # fmt: skip
    has_link = exists().where(
        lead_links.c.lead_id == leads.c.lead_id, lead_links.c.is_withdrawn.is_(False)
    )
    return _leads(transaction, is_erased, or_(*(column != "" for column in columns), has_link))


def find_unexplained(transaction: Transaction, now: datetime) -> list[str]:
    """I11: return alerts without the propensity that learning needs."""
    del now
    query = select(alerts.c.alert_id).where(
        or_(alerts.c.propensity <= 0, alerts.c.propensity > 1, alerts.c.model == "")
    )
    return sorted(transaction.execute(query).scalars())


def find_undisclosed(transaction: Transaction, now: datetime) -> list[str]:
    """I12: return answered leads that do not say whether the employer was named."""
    del now
    is_answered = leads.c.answered_at.is_not(None)
    said = leads.c.disclosed.in_(["yes", "no", "not_needed"])
    lacks_reason = and_(leads.c.disclosed != "yes", leads.c.disclosure_reason == "")
    return _leads(transaction, is_answered, or_(~said, lacks_reason))


def find_restless(transaction: Transaction, now: datetime) -> list[str]:
    """I13: return final leads that still have timers, live alerts or no time of their end."""
    del now
    live = [
        AlertState.QUEUED.value,
        AlertState.HELD_QUIET.value,
        AlertState.NOTIFIED.value,
        AlertState.SEEN.value,
        AlertState.SNOOZED.value,
    ]
    has_timer = exists().where(timers.c.lead_id == leads.c.lead_id)
    has_alert = exists().where(alerts.c.lead_id == leads.c.lead_id, alerts.c.state.in_(live))
    restless = or_(has_timer, has_alert, leads.c.closed_at.is_(None))
    return _leads(transaction, leads.c.state.in_(_FINAL), restless)


INVARIANTS: dict[str, tuple[str, Callable[[Transaction, datetime], list[str]]]] = {
    "I1": ("a lead has more than one owner", find_two_owners),
    "I3": ("an open lead is forgotten", find_forgotten),
    "I4": ("an expert was told more often than their cap", find_over_cap),
    "I6": ("an expert was told twice about one lead", find_told_twice),
    "I7": ("an alert is open after its time", find_overdue),
    "I10": ("an erased lead can still be read", find_readable),
    "I11": ("an alert has no propensity", find_unexplained),
    "I12": ("an answered lead does not say what was disclosed", find_undisclosed),
    "I13": ("a final lead still moves", find_restless),
}


def _leads(transaction: Transaction, *conditions: ColumnElement[bool]) -> list[str]:
    query = select(leads.c.lead_id).where(*conditions).order_by(leads.c.lead_id)
    return list(transaction.execute(query).scalars())


def _exceeds(told: list[datetime], cap: int) -> bool:
    """Tell whether more than `cap` of these times lie within some 24 hours."""
    day = timedelta(hours=24)
    return any(told[number] - told[number - cap] < day for number in range(cap, len(told)))
