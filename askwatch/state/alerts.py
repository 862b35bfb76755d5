"""Alerts and deliveries, as rows; the router alone decides how they move."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Row, func, select

from askwatch.model.alert import AlertState, Channel, DeclineReason, DeliveryState
from askwatch.model.ids import AlertId, DeliveryId, ExpertId, LeadId
from askwatch.state.engine import Transaction
from askwatch.state.tables import alerts, deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """The decision to tell one expert about one lead.

    `because` says why this expert, for words in any language: [{"kind": "skill", "values":
    ["Keycloak"]}, {"kind": "language", "values": ["da"]}, ...]; `terms` holds every term of the
    score.
    """

    alert_id: AlertId
    lead_id: LeadId
    expert_id: ExpertId
    state: AlertState
    rung: int
    epoch: int
    score: float
    terms: dict[str, float]
    because: list[dict[str, JsonValue]]
    propensity: float
    policy_version: int
    model: str
    local_day: date
    planned_at: datetime
    notified_at: datetime | None
    seen_at: datetime | None
    reminded_at: datetime | None
    snoozed_until: datetime | None
    closed_at: datetime | None
    decline_reason: DeclineReason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One try to bring an alert over one channel; `message_id` is the same in every attempt."""

    delivery_id: DeliveryId
    alert_id: AlertId
    lead_id: LeadId
    expert_id: ExpertId
    channel: Channel
    kind: str
    state: DeliveryState
    epoch: int
    attempt: int
    due_at: datetime
    lease_owner: str
    lease_until: datetime | None
    message_id: str
    error: str
    created_at: datetime
    sent_at: datetime | None


def find_alert(transaction: Transaction, lead_id: LeadId, expert_id: ExpertId) -> AlertRow | None:
    """Return the one alert of an expert about a lead, if there ever was one."""
    query = select(alerts).where(alerts.c.lead_id == lead_id, alerts.c.expert_id == expert_id)
    found = transaction.execute(query).first()
    return None if found is None else read_alert(found)


def list_for_lead(transaction: Transaction, lead_id: LeadId) -> list[AlertRow]:
    """Return all alerts about a lead, by rung and score."""
    query = (
        select(alerts)
        .where(alerts.c.lead_id == lead_id)
        .order_by(alerts.c.rung, alerts.c.score.desc(), alerts.c.expert_id)
    )
    return [read_alert(row) for row in transaction.execute(query)]


def list_for_expert(
    transaction: Transaction,
    expert_id: ExpertId,
    *,
    states: Iterable[AlertState],
    limit: int = 50,
) -> list[AlertRow]:
    """Return an expert's alerts that are in one of `states`, newest first."""
    query = (
        select(alerts)
        .where(alerts.c.expert_id == expert_id, alerts.c.state.in_(list(states)))
        .order_by(alerts.c.planned_at.desc(), alerts.c.alert_id)
        .limit(limit)
    )
    return [read_alert(row) for row in transaction.execute(query)]


def list_deliveries(transaction: Transaction, alert_ids: Sequence[AlertId]) -> list[DeliveryRow]:
    """Return the deliveries of these alerts, oldest first."""
    query = (
        select(deliveries)
        .where(deliveries.c.alert_id.in_(alert_ids))
        .order_by(deliveries.c.created_at, deliveries.c.delivery_id)
    )
    return [read_delivery(row) for row in transaction.execute(query)]


def count_alerts_by_state(transaction: Transaction) -> dict[str, int]:
    """Return how many alerts are in each state."""
    query = select(alerts.c.state, func.count()).group_by(alerts.c.state)
    return dict(transaction.execute(query).all())


def count_deliveries_by_state(transaction: Transaction) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    query = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
    return dict(transaction.execute(query).all())


def read_alert(row: Row[Any]) -> AlertRow:
    """Return what a row of the table `alerts` says."""
    columns = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    values: dict[str, Any] = {each.name: columns[each.name] for each in fields(AlertRow)}
    values["state"] = AlertState(values["state"])
    reason = values["decline_reason"]
    values["decline_reason"] = DeclineReason(reason) if reason else None
    return AlertRow(**values)


def read_delivery(row: Row[Any]) -> DeliveryRow:
    """Return what a row of the table `deliveries` says."""
    columns = row._mapping  # noqa: SLF001 - as above
    values: dict[str, Any] = {each.name: columns[each.name] for each in fields(DeliveryRow)}
    values["state"] = DeliveryState(values["state"])
    values["channel"] = Channel(values["channel"])
    return DeliveryRow(**values)
