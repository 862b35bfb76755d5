"""Rows of a lead for the contract tests."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from askwatch.model.alert import AlertState, Channel, DeliveryState
from askwatch.model.ids import AlertId, DeliveryId, ExpertId, LeadId, PostId, SourceId, TopicId
from askwatch.model.lead import Entity, Intent, Lane, LeadState, Reason, TopicScore
from askwatch.state import (
    alert_writes,
    deliveries,
    lead_writes,
)
from askwatch.state.alerts import AlertRow, DeliveryRow
from askwatch.state.engine import Transaction
from askwatch.state.leads import LeadLinkRow, LeadRow
from askwatch.state.locks import lock_planning

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
FEED, POST = SourceId("feed"), PostId("1")
ANNA, BO = ExpertId("anna"), ExpertId("bo")


def make_lead(number: int = 1, **changes: object) -> LeadRow:
    lead = LeadRow(
        lead_id=LeadId(f"lead-{number}"),
        state=LeadState.ALERTING,
        epoch=1,
        revision=1,
        lane=Lane.ALERT,
        intent=Intent.VENDOR_REQUEST,
        probability=0.9,
        b2b_probability=0.8,
        lang="da",
        topic_id=TopicId("identity"),
        topics=(TopicScore(topic_id=TopicId("identity"), probability=0.9),),
        entities=(Entity(kind="place", text="Århus", start=0, end=5),),
        reasons=(Reason(kind="ask", text="nogen der", start=0, end=9, weight=1.5),),
        urgency="normal",
        value=0.5,
        value_terms={"b2b": 1.0},
        model="m1",
        source_id=FEED,
        post_id=PostId(str(number)),
        post_revision=1,
        title="Titel",
        text="Nogen der kender Keycloak?",
        url="https://example.org/1",
        author_name="Ida",
        author_url="",
        author_hash="hash-1",
        place="",
        published_at=NOW,
        observed_at=NOW,
        found_at=NOW + timedelta(seconds=number),
        handed_in_by=None,
        rung=1,
        owner_id=None,
        claimed_at=None,
        answered_at=None,
        answer_url="",
        disclosed="",
        disclosure_reason="",
        outcome=None,
        final_reason="",
        first_alerted_at=None,
        expires_at=NOW + timedelta(hours=48),
        closed_at=None,
        updated_at=NOW,
    )
    return replace(lead, **changes)  # type: ignore[arg-type]  # fields by name


def make_link(number: int = 1, post_id: str = "1") -> LeadLinkRow:
    return LeadLinkRow(
        source_id=FEED,
        post_id=PostId(post_id),
        lead_id=LeadId(f"lead-{number}"),
        url="https://example.org/1",
        author_hash="hash-1",
        post_revision=1,
        published_at=NOW,
        linked_at=NOW,
        is_withdrawn=False,
    )


def make_alert(expert_id: ExpertId = ANNA, **changes: object) -> AlertRow:
    alert = AlertRow(
        alert_id=AlertId(f"alert-{expert_id}"),
        lead_id=LeadId("lead-1"),
        expert_id=expert_id,
        state=AlertState.QUEUED,
        rung=1,
        epoch=1,
        score=0.5,
        terms={"topic_fit": 0.5},
        because=[{"kind": "skill", "values": ["Keycloak"]}],
        propensity=1.0,
        policy_version=1,
        model="start-1",
        local_day=date(2026, 3, 2),
        planned_at=NOW,
        notified_at=None,
        seen_at=None,
        reminded_at=None,
        snoozed_until=None,
        closed_at=None,
        decline_reason=None,
    )
    return replace(alert, **changes)  # type: ignore[arg-type]  # fields by name


def make_delivery(expert_id: ExpertId = ANNA, channel: Channel = Channel.EMAIL) -> DeliveryRow:
    return DeliveryRow(
        delivery_id=DeliveryId(f"d-{expert_id}-{channel}"),
        alert_id=AlertId(f"alert-{expert_id}"),
        lead_id=LeadId("lead-1"),
        expert_id=expert_id,
        channel=channel,
        kind="alert",
        state=DeliveryState.PENDING,
        epoch=1,
        attempt=0,
        due_at=NOW,
        lease_owner="",
        lease_until=None,
        message_id=f"<{expert_id}-{channel}@example.org>",
        error="",
        created_at=NOW,
        sent_at=None,
    )


def fill(transaction: Transaction) -> None:
    """Write one lead, its link, and alerts of Anna and Bo."""
    lock_planning(transaction)
    lead_writes.insert_lead(transaction, make_lead(), kind="lead.created", now=NOW)
    lead_writes.insert_link(transaction, make_link())
    rows = [make_alert(ANNA), make_alert(BO)]
    alert_writes.insert_alerts(transaction, rows, revision=1, now=NOW)
    alert_writes.insert_alerts(transaction, [], revision=1, now=NOW)
    deliveries.insert_deliveries(transaction, [make_delivery(ANNA), make_delivery(BO)])
    deliveries.insert_deliveries(transaction, [])
