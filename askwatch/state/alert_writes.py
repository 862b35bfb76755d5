"""Changes of alerts, and what counts to the caps of their experts."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, insert, or_, select, update

from askwatch.errors import BusyError
from askwatch.events import EventRecord
from askwatch.model.alert import LIVE_ALERT_STATES
from askwatch.model.ids import AlertId, EventId, ExpertId, LeadId, TopicId, new_id
from askwatch.model.lead import LeadState
from askwatch.state.alerts import AlertRow, read_alert
from askwatch.state.columns import to_columns
from askwatch.state.engine import Transaction
from askwatch.state.outbox import add_events
from askwatch.state.tables import alerts, deliveries, leads

_COLUMNS = [each.name for each in fields(AlertRow)]
# Built once, since making a statement costs as much as running it.
_INSERT = insert(alerts)
_SLOTS = select(alerts.c.expert_id, alerts.c.planned_at, alerts.c.reminded_at).where(
    alerts.c.expert_id.in_(bindparam("experts", expanding=True)),
    alerts.c.is_slot_held,
    or_(alerts.c.planned_at >= bindparam("since"), alerts.c.reminded_at >= bindparam("since")),
)
_CLAIMS = (
    select(leads.c.owner_id, func.count())
    .where(
        leads.c.state == LeadState.CLAIMED.value,
        leads.c.owner_id.in_(bindparam("experts", expanding=True)),
    )
    .group_by(leads.c.owner_id)
)
_LIVE = sorted(state.value for state in LIVE_ALERT_STATES)


def insert_alerts(
    transaction: Transaction, rows: Sequence[AlertRow], *, revision: int, now: datetime
) -> None:
    """Add alerts, each with the fact alert.<state>; `revision` is the lead's."""
    if not rows:
        return
    values = [to_columns({name: getattr(row, name) for name in _COLUMNS}) for row in rows]
    for each in values:
        each["decline_reason"] = each["decline_reason"] or ""
    transaction.execute(_INSERT, values)
    events = [_make_event(row, revision=revision, now=now) for row in rows]
    add_events(transaction, events, now=now)


def update_alert(
    transaction: Transaction, alert: AlertRow, *, revision: int, now: datetime, **changes: Any
) -> AlertRow:
    """Change an alert and return it as it stands then, with the fact alert.<state>.

    Raises:
        BusyError: Its state is not the one that was read; the whole transaction runs again.
    """
    done = transaction.execute(
        update(alerts)
        .where(alerts.c.alert_id == alert.alert_id, alerts.c.state == alert.state.value)
        .values(to_columns(changes))
    )
    if done.rowcount == 0:
        raise BusyError("the alert was changed by somebody else")
    after = replace(alert, **changes)
    event = _make_event(after, revision=revision, now=now)
    add_events(transaction, [event], now=now)
    return after


def refund_untried(transaction: Transaction, alert_ids: Collection[AlertId]) -> None:
    """Give the cap slots of these alerts back where no delivery was ever tried."""
    tried = exists().where(deliveries.c.alert_id == alerts.c.alert_id, deliveries.c.attempt > 0)
    transaction.execute(
        update(alerts).where(alerts.c.alert_id.in_(alert_ids), ~tried).values(is_slot_held=False)
    )


def get_alert(transaction: Transaction, alert_id: AlertId) -> AlertRow | None:
    """Return an alert by its id."""
    found = transaction.execute(select(alerts).where(alerts.c.alert_id == alert_id)).first()
    return None if found is None else read_alert(found)


def list_live(transaction: Transaction, lead_id: LeadId) -> list[AlertRow]:
    """Return the alerts of a lead that still wait for their expert."""
    query = (
        select(alerts)
        .where(alerts.c.lead_id == lead_id, alerts.c.state.in_(_LIVE))
        .order_by(alerts.c.alert_id)
    )
    return [read_alert(row) for row in transaction.execute(query)]


def list_told(transaction: Transaction, lead_id: LeadId) -> set[ExpertId]:
    """Return who was ever alerted about a lead."""
    query = select(alerts.c.expert_id).where(alerts.c.lead_id == lead_id)
    return {ExpertId(each) for each in transaction.execute(query).scalars()}


def list_slots(
    transaction: Transaction, expert_ids: Sequence[ExpertId], *, since: datetime
) -> dict[ExpertId, list[datetime]]:
    """Return when these experts were told something since then; a reminder counts as well."""
    slots: dict[ExpertId, list[datetime]] = defaultdict(list)
    for row in transaction.execute(_SLOTS, {"experts": expert_ids, "since": since}):
        slots[ExpertId(row.expert_id)] += [
            at for at in (row.planned_at, row.reminded_at) if at is not None and at >= since
        ]
    return slots


def count_open_claims(
    transaction: Transaction, expert_ids: Sequence[ExpertId]
) -> dict[ExpertId, int]:
    """Return how many leads these experts have taken and not answered yet."""
    found = transaction.execute(_CLAIMS, {"experts": expert_ids})
    return {ExpertId(expert_id): count for expert_id, count in found}


def count_answers(transaction: Transaction) -> dict[tuple[ExpertId, TopicId], int]:
    """Return how many questions each expert has answered, by topic."""
    query = (
        select(leads.c.owner_id, leads.c.topic_id, func.count())
        .where(
            leads.c.state.in_([LeadState.ANSWERED.value, LeadState.CLOSED.value]),
            leads.c.answered_at.is_not(None),
            leads.c.owner_id.is_not(None),
            leads.c.topic_id.is_not(None),
        )
        .group_by(leads.c.owner_id, leads.c.topic_id)
    )
    return {
        (ExpertId(expert_id), TopicId(topic_id)): count
        for expert_id, topic_id, count in transaction.execute(query)
    }


def count_told(transaction: Transaction) -> dict[tuple[ExpertId, TopicId], int]:
    """Return how many alerts each expert was sent, by topic."""
    query = (
        select(alerts.c.expert_id, leads.c.topic_id, func.count())
        .join(leads, leads.c.lead_id == alerts.c.lead_id)
        .where(alerts.c.notified_at.is_not(None), leads.c.topic_id.is_not(None))
        .group_by(alerts.c.expert_id, leads.c.topic_id)
    )
    return {
        (ExpertId(expert_id), TopicId(topic_id)): count
        for expert_id, topic_id, count in transaction.execute(query)
    }


def _make_event(alert: AlertRow, *, revision: int, now: datetime) -> EventRecord:
    return EventRecord(
        # Some states come back (snoozed, notified again), so nothing it could be derived from
        # is unique; the row is written once, with the change it tells of.
        event_id=EventId(new_id()),
        kind=f"alert.{alert.state.value}",
        at=now,
        lead_id=alert.lead_id,
        alert_id=alert.alert_id,
        expert_id=alert.expert_id,
        state=alert.state.value,
        revision=revision,
    )
