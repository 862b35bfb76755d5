"""What happens to everything around a lead when it moves: alerts end, timers go, text is erased."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from askwatch.model.alert import LIVE_ALERT_STATES, AlertState, DeclineReason, TimerKind
from askwatch.model.ids import ExpertId
from askwatch.model.lead import LeadState, Outcome
from askwatch.state import alert_writes, bands, deliveries, feedback, lead_writes, timers
from askwatch.state.alerts import AlertRow, list_for_lead
from askwatch.state.leads import LeadRow, list_links
from askwatch.state.timers import alert_timer, lead_timer
from router.lifecycle import AlertEvent, LeadEvent, can_move_alert, check_lead, move_alert
from router.step import Step

# What must not be left of a lead whose post is gone, or was none.
_ERASED: dict[str, Any] = {
    "title": "",
    "text": "",
    "url": "",
    "author_name": "",
    "author_url": "",
    "author_hash": "",
    "place": "",
    "answer_url": "",
    "entities": (),
    "reasons": (),
}


def end_lead(step: Step, lead: LeadRow, event: LeadEvent, state: LeadState, reason: str) -> LeadRow:
    """Make a lead final: its alerts end, its timers go; without an ask its text goes as well."""
    step.tally.leads[state.value] += 1
    erased: dict[str, Any] = {}
    if state in {LeadState.DISMISSED, LeadState.WITHDRAWN}:
        _erase_links(step, lead)
        feedback.forget_text(step.transaction, lead.lead_id)
        erased = {**_ERASED, "post_id": lead_writes.hash_post(lead)}
    if state is LeadState.WITHDRAWN:
        feedback.erase_of_lead(step.transaction, lead.lead_id)
    kind = f"lead.{state.value}"
    lead = lead_writes.update_lead(
        step.transaction,
        lead,
        kind=kind,
        now=step.now,
        state=check_lead(lead.state, event, state),
        epoch=lead.epoch + 1,
        final_reason=reason,
        closed_at=step.now,
        **erased,
    )
    end_alerts(step, lead, AlertEvent.CANCEL)
    timers.drop_timers(step.transaction, lead.lead_id)
    bands.drop_bands(step.transaction, lead.lead_id)
    return lead


def close_lead(step: Step, lead: LeadRow, event: LeadEvent, outcome: Outcome) -> LeadRow:
    """End an answered lead with what became of it."""
    step.tally.leads["closed"] += 1
    timers.drop_timers(step.transaction, lead.lead_id)
    bands.drop_bands(step.transaction, lead.lead_id)
    return lead_writes.update_lead(
        step.transaction,
        lead,
        kind="lead.closed",
        now=step.now,
        state=check_lead(lead.state, event, LeadState.CLOSED),
        outcome=outcome,
        closed_at=step.now,
    )


def _erase_links(step: Step, lead: LeadRow) -> None:
    """Leave nothing that leads to the posts, but what keeps them from being found once more."""
    for link in list_links(step.transaction, lead.lead_id):
        if not link.is_withdrawn:
            bands.put_tombstone(
                step.transaction, link.source_id, link.post_id, link.post_revision, now=step.now
            )
            lead_writes.withdraw_link(step.transaction, link)


def end_alerts(
    step: Step, lead: LeadRow, event: AlertEvent, *, but_of: ExpertId | None = None
) -> None:
    """End every live alert of a lead but that of `but_of`, and what is on its way."""
    live = [
        alert
        for alert in alert_writes.list_live(step.transaction, lead.lead_id)
        if alert.expert_id != but_of
    ]
    for alert in live:
        end_alert(step, lead, alert, event)


def end_alert(
    step: Step,
    lead: LeadRow,
    alert: AlertRow,
    event: AlertEvent,
    *,
    decline_reason: DeclineReason | None = None,
) -> AlertRow:
    """Move one alert to where `event` leads, stop its deliveries and timers."""
    changes: dict[str, Any] = {"decline_reason": decline_reason} if decline_reason else {}
    alert = alert_writes.update_alert(
        step.transaction,
        alert,
        revision=lead.revision,
        now=step.now,
        state=move_alert(alert.state, event),
        closed_at=step.now,
        snoozed_until=None,
        **changes,
    )
    deliveries.cancel_waiting(step.transaction, [alert.alert_id])
    alert_writes.refund_untried(step.transaction, [alert.alert_id])
    timers.drop_alert_timers(step.transaction, alert.alert_id)
    step.tally.alerts[alert.state.value] += 1
    return alert


def mark_notified(step: Step, lead: LeadRow, alert: AlertRow) -> AlertRow:
    """Let the time to respond begin: something that pushes has reached the expert."""
    if alert.state is AlertState.HELD_QUIET:
        alert = _shift(step, lead, alert, AlertEvent.RELEASE)
    alert = _shift(step, lead, alert, AlertEvent.SENT, notified_at=step.now)
    put_response_timers(step, lead, alert)
    return alert


def put_response_timers(step: Step, lead: LeadRow, alert: AlertRow) -> None:
    """Set when the expert is reminded, and when the next people are asked instead."""
    policy = step.company.policy
    timers.drop_alert_timers(step.transaction, alert.alert_id)
    timeout = timedelta(seconds=policy.timeout_s(lead.urgency))
    for kind, after in (
        (TimerKind.REMIND, timeout * policy.remind_at),
        (TimerKind.ALERT_TIMEOUT, timeout),
    ):
        timer = alert_timer(
            alert.alert_id, lead.lead_id, kind, epoch=lead.epoch, due_at=step.now + after
        )
        timers.put_timer(step.transaction, timer)


def hold_quiet(step: Step, lead: LeadRow, alert: AlertRow) -> None:
    """Note that an alert waits for its expert's hours."""
    if alert.state is AlertState.QUEUED:
        _shift(step, lead, alert, AlertEvent.QUIET)


def snooze(step: Step, lead: LeadRow, alert: AlertRow, until: datetime) -> None:
    """Put an alert off; its time-out stays, so that the others need not wait for it."""
    if alert.state in {AlertState.PLANNED, AlertState.HELD_QUIET}:
        alert = _shift(step, lead, alert, AlertEvent.RELEASE)
    _shift(step, lead, alert, AlertEvent.SNOOZE, snoozed_until=until)
    timers.drop_alert_timers(step.transaction, alert.alert_id, [TimerKind.REMIND])


def mark_seen(step: Step, lead: LeadRow, alert: AlertRow) -> None:
    """Note the first look at an alert; it counts as delivered by that, whatever the channel."""
    if alert.seen_at is not None or alert.state not in LIVE_ALERT_STATES:
        return
    if alert.state in {AlertState.QUEUED, AlertState.HELD_QUIET}:
        alert = mark_notified(step, lead, alert)
    if alert.state is AlertState.NOTIFIED:
        _shift(step, lead, alert, AlertEvent.OPEN, seen_at=step.now)


def wake(step: Step, lead: LeadRow, alert: AlertRow) -> AlertRow:
    """Show a snoozed alert again."""
    alert = _shift(step, lead, alert, AlertEvent.WAKE, snoozed_until=None)
    put_response_timers(step, lead, alert)
    return alert


def _shift(
    step: Step, lead: LeadRow, alert: AlertRow, event: AlertEvent, **changes: Any
) -> AlertRow:
    state = move_alert(alert.state, event)
    step.tally.alerts[state.value] += 1
    return alert_writes.update_alert(
        step.transaction, alert, revision=lead.revision, now=step.now, state=state, **changes
    )


def has_waiting_alert(step: Step, lead: LeadRow) -> bool:
    """Tell whether somebody is still to respond; who put it off does not hold up the others."""
    return any(
        alert.snoozed_until is None
        for alert in alert_writes.list_live(step.transaction, lead.lead_id)
    )


def begin_claim(step: Step, lead: LeadRow, expert_id: ExpertId) -> None:
    """Set everything right after `expert_id` has become the owner of `lead`."""
    for alert in list_for_lead(step.transaction, lead.lead_id):
        if alert.expert_id == expert_id:
            if can_move_alert(alert.state, AlertEvent.CLAIM):
                end_alert(step, lead, alert, AlertEvent.CLAIM)
        elif alert.state in LIVE_ALERT_STATES:
            end_alert(step, lead, alert, AlertEvent.LOSE)
    timers.drop_timers(step.transaction, lead.lead_id)
    put_claim_timers(step, lead, expert_id)
    step.tally.leads["claimed"] += 1


def free_capacity(step: Step, expert_id: ExpertId) -> None:
    """Plan waiting leads at once when an expert who had their hands full has one less."""
    expert = step.company.experts.get(expert_id)
    if expert is None:
        return
    left = alert_writes.count_open_claims(step.transaction, [expert_id]).get(expert_id, 0)
    if left + 1 >= expert.capacity:
        timers.hasten(step.transaction, TimerKind.REPLAN, now=step.now)


def put_claim_timers(step: Step, lead: LeadRow, expert_id: ExpertId) -> None:
    """Let the claim end after some of its owner's working time, and warn them half-way."""
    lease = timedelta(seconds=step.company.policy.claim_lease_s)
    for kind, duration in ((TimerKind.CLAIM_WARNING, lease / 2), (TimerKind.CLAIM_LEASE, lease)):
        calendar = step.company.calendars.get(expert_id)
        due_at = (
            step.now + duration
            if calendar is None
            else calendar.add_working_time(step.now, duration)
        )
        timer = lead_timer(lead.lead_id, kind, epoch=lead.epoch, due_at=due_at)
        timers.put_timer(step.transaction, timer)


def accepted_alert(step: Step, lead: LeadRow) -> AlertRow | None:
    """Return the alert that the owner had for the lead; None when they took it unasked."""
    found: Sequence[AlertRow] = [
        alert
        for alert in list_for_lead(step.transaction, lead.lead_id)
        if alert.expert_id == lead.owner_id
    ]
    return found[0] if found else None
