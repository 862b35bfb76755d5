"""Who is told of a lead and when: alerts, deliveries and timers in the caller's transaction."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from askwatch.model.alert import AlertState, Channel, DeliveryState, TimerKind
from askwatch.model.expert import Expert
from askwatch.model.ids import AlertId, DeliveryId, ExpertId, new_id
from askwatch.model.lead import LeadState
from askwatch.state import alert_writes, deliveries, lead_writes, timers
from askwatch.state.alerts import AlertRow, DeliveryRow
from askwatch.state.leads import LeadRow
from askwatch.state.timers import alert_timer, lead_timer
from router.lifecycle import LeadEvent, check_lead
from router.scoring import Because, Match, read_ask
from router.selection import Choice, choose_experts
from router.step import Step

# Which formula chose; the decision log keeps it beside every alert.
MODEL = "start-1"


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a lead goes and who is told, decided but not written."""

    state: LeadState
    choice: Choice


def decide(step: Step, lead: LeadRow, *, excluded: Collection[ExpertId] = ()) -> Plan:
    """Return what should become of `lead` now; nothing is written."""
    if lead.rung >= step.company.policy.rungs or lead.expires_at <= step.now:
        return Plan(LeadState.POOLED, Choice((), None))
    told = alert_writes.list_told(step.transaction, lead.lead_id) if lead.revision else set()
    choice = choose_experts(
        step.transaction,
        read_ask(lead, step.company),
        step.company,
        excluded=told | set(excluded),
        now=step.now,
    )
    if choice.chosen:
        return Plan(LeadState.ALERTING, choice)
    if choice.next_at is not None and choice.next_at < lead.expires_at:
        return Plan(LeadState.HELD, choice)
    return Plan(LeadState.POOLED, choice)


def create(step: Step, lead: LeadRow) -> LeadRow:
    """Write a new lead, planned at once unless it waits for a review."""
    expiry = lead_timer(lead.lead_id, TimerKind.EXPIRE, epoch=lead.epoch, due_at=lead.expires_at)
    plan = None
    if lead.state is LeadState.NEW:
        plan = decide(step, lead)
        state = check_lead(lead.state, LeadEvent.PLAN, plan.state)
        lead = replace(lead, state=state, rung=int(bool(plan.choice.chosen)))
    lead = replace(lead, revision=1)
    lead_writes.insert_lead(step.transaction, lead, kind="lead.created", now=step.now)
    timers.put_timer(step.transaction, expiry)
    if plan is not None:
        _carry_out(step, lead, plan)
    step.tally.leads["created"] += 1
    return lead


def replan(
    step: Step, lead: LeadRow, event: LeadEvent, *, excluded: Collection[ExpertId] = ()
) -> LeadRow:
    """Ask the next people, or wait, or leave the lead to the feed; the epoch grows."""
    if event in {LeadEvent.RELEASE, LeadEvent.LEASE_END, LeadEvent.CHANGE_TOPIC}:
        # The ladder begins anew; whoever was told before is not told again.
        lead = replace(lead, rung=0)
    plan = decide(step, lead, excluded=excluded)
    lead = lead_writes.update_lead(
        step.transaction,
        lead,
        kind="lead.changed",
        now=step.now,
        state=check_lead(lead.state, event, plan.state),
        epoch=lead.epoch + 1,
        rung=lead.rung + int(bool(plan.choice.chosen)),
        owner_id=None,
        claimed_at=None,
    )
    timers.put_timer(
        step.transaction,
        lead_timer(lead.lead_id, TimerKind.EXPIRE, epoch=lead.epoch, due_at=lead.expires_at),
    )
    _carry_out(step, lead, plan)
    return lead


def tell_directly(
    step: Step, lead: LeadRow, expert: Expert, because: Because, *, state: AlertState, kind: str
) -> AlertRow:
    """Tell one expert whom a colleague has named; hours and caps do not stand in the way."""
    alert = _make_alert(step, lead, expert, state=state, because=because, score=0.0, terms={})
    alert_writes.insert_alerts(step.transaction, [alert], revision=lead.revision, now=step.now)
    _add_deliveries(step, [alert], kind=kind)
    step.tally.alerts[state.value] += 1
    return alert


def add_notice(step: Step, alert: AlertRow, *, kind: str) -> None:
    """Queue one more delivery (reminder, nudge, notice) on every channel of the expert."""
    expert = step.company.experts.get(alert.expert_id)
    if expert is None:
        return
    for channel in _channels_of(step, expert):
        row = _make_delivery(step, alert, channel, kind=kind)
        deliveries.put_again(step.transaction, row)


def add_inbox(step: Step, alert: AlertRow) -> None:
    """Show an alert in the inbox of somebody whom their own channels do not reach."""
    row = _make_delivery(step, alert, Channel.INBOX, kind="alert")
    deliveries.put_again(step.transaction, row)


def _carry_out(step: Step, lead: LeadRow, plan: Plan) -> None:
    step.tally.leads[plan.state.value] += 1
    if plan.state is LeadState.HELD and plan.choice.next_at is not None:
        timers.put_timer(
            step.transaction,
            lead_timer(
                lead.lead_id, TimerKind.REPLAN, epoch=lead.epoch, due_at=plan.choice.next_at
            ),
        )
    if not plan.choice.chosen:
        return
    alerts = [_from_match(step, lead, match) for match in plan.choice.chosen]
    alert_writes.insert_alerts(step.transaction, alerts, revision=lead.revision, now=step.now)
    _add_deliveries(step, alerts, kind="alert")
    due_at = step.now + timedelta(seconds=step.company.policy.delivery_deadline_s)
    kind = TimerKind.DELIVERY_DEADLINE
    timers.put_timers(
        step.transaction,
        [
            alert_timer(each.alert_id, lead.lead_id, kind, epoch=lead.epoch, due_at=due_at)
            for each in alerts
        ],
    )
    step.tally.alerts[AlertState.QUEUED.value] += len(alerts)


def _from_match(step: Step, lead: LeadRow, match: Match) -> AlertRow:
    return _make_alert(
        step,
        lead,
        match.expert,
        state=AlertState.QUEUED,
        because=match.because,
        score=match.score,
        terms=match.all_terms(),
    )


def _make_alert(  # noqa: PLR0913 - an alert is all of these
    step: Step,
    lead: LeadRow,
    expert: Expert,
    *,
    state: AlertState,
    because: Because,
    score: float,
    terms: dict[str, float],
) -> AlertRow:
    return AlertRow(
        alert_id=AlertId(new_id()),
        lead_id=lead.lead_id,
        expert_id=expert.expert_id,
        state=state,
        rung=lead.rung,
        epoch=lead.epoch,
        score=score,
        terms=terms,
        because=because,
        # Nothing is drawn by chance yet: who was chosen would be chosen again.
        propensity=1.0,
        policy_version=step.company.policy_version,
        model=MODEL,
        local_day=step.company.calendars[expert.expert_id].local_day(step.now),
        planned_at=step.now,
        notified_at=None,
        seen_at=None,
        reminded_at=None,
        snoozed_until=None,
        closed_at=None,
        decline_reason=None,
    )


def _add_deliveries(step: Step, alerts: Collection[AlertRow], *, kind: str) -> None:
    rows = [
        _make_delivery(step, alert, channel, kind=kind)
        for alert in alerts
        for channel in _channels_of(step, step.company.experts[alert.expert_id])
    ]
    deliveries.insert_deliveries(step.transaction, rows)


def _channels_of(step: Step, expert: Expert) -> list[Channel]:
    """Return how an expert can be told; the inbox where nothing of their choice is there."""
    usable = [channel for channel in expert.channels if channel in step.reach.channels]
    return list(dict.fromkeys(usable)) or [Channel.INBOX]


def _make_delivery(step: Step, alert: AlertRow, channel: Channel, *, kind: str) -> DeliveryRow:
    delivery_id = DeliveryId(new_id())
    return DeliveryRow(
        delivery_id=delivery_id,
        alert_id=alert.alert_id,
        lead_id=alert.lead_id,
        expert_id=alert.expert_id,
        channel=channel,
        kind=kind,
        state=DeliveryState.PENDING,
        epoch=alert.epoch,
        attempt=0,
        due_at=step.now,
        lease_owner="",
        lease_until=None,
        message_id=f"<{delivery_id}@{step.reach.mail_host}>",
        error="",
        created_at=step.now,
        sent_at=None,
    )
