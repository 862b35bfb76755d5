"""What each kind of timer does when it falls due; False when there is nothing left to do."""

from collections.abc import Callable
from datetime import timedelta

from askwatch.errors import AskwatchError
from askwatch.model.alert import AlertState, Channel, DeliveryState, TimerKind
from askwatch.model.lead import LeadState, Outcome
from askwatch.state import alert_writes, timers
from askwatch.state.alerts import AlertRow, list_deliveries
from askwatch.state.leads import LeadRow
from askwatch.state.timers import TimerRow, lead_timer
from router import moves, planning
from router.lifecycle import AlertEvent, LeadEvent
from router.selection import find_free, read_loads
from router.step import Step

_UNSENT = frozenset({AlertState.PLANNED, AlertState.QUEUED, AlertState.HELD_QUIET})
_OPEN = frozenset({AlertState.NOTIFIED, AlertState.SEEN})
_EXPIRING = frozenset(
    {LeadState.REVIEW, LeadState.NEW, LeadState.HELD, LeadState.ALERTING, LeadState.POOLED}
)


class BadTimerError(AskwatchError):
    """A timer says something that nobody could have meant; it waits until somebody looks."""


def fire(step: Step, timer: TimerRow, lead: LeadRow) -> bool:
    """Give a timer of the right epoch its effect on its lead.

    Raises:
        BadTimerError: There is no such timer of a lead, or of an alert.
    """
    if timer.alert_id is None:
        if timer.kind not in _OF_LEADS:
            raise BadTimerError(f"a timer of a lead cannot be of kind {timer.kind}")
        return _OF_LEADS[timer.kind](step, lead)
    if timer.kind not in _OF_ALERTS:
        raise BadTimerError(f"a timer of an alert cannot be of kind {timer.kind}")
    alert = alert_writes.get_alert(step.transaction, timer.alert_id)
    return alert is not None and _OF_ALERTS[timer.kind](step, lead, alert)


def expire(step: Step, lead: LeadRow) -> bool:
    """End a lead that nobody has taken in time."""
    if lead.state not in _EXPIRING:
        return False
    if step.now < lead.expires_at:
        timers.put_timer(
            step.transaction,
            lead_timer(lead.lead_id, TimerKind.EXPIRE, epoch=lead.epoch, due_at=lead.expires_at),
        )
        return False
    moves.end_lead(step, lead, LeadEvent.EXPIRE, LeadState.EXPIRED, "nobody took it in time")
    return True


def replan(step: Step, lead: LeadRow) -> bool:
    """Look again for somebody who may be told."""
    if lead.state is not LeadState.HELD:
        return False
    planning.replan(step, lead, LeadEvent.PLAN)
    return True


def warn_owner(step: Step, lead: LeadRow) -> bool:
    """Nudge the owner at half of the claim's time."""
    if lead.state is not LeadState.CLAIMED:
        return False
    alert = moves.accepted_alert(step, lead)
    if alert is None:  # they took it unasked: their page shows until when
        return False
    planning.add_notice(step, alert, kind="nudge")
    return True


def end_claim(step: Step, lead: LeadRow) -> bool:
    """Give a lead back that its owner has not answered; the others are asked again."""
    if lead.state is not LeadState.CLAIMED or lead.owner_id is None:
        return False
    owner_id = lead.owner_id
    timers.drop_timers(step.transaction, lead.lead_id)
    alert = moves.accepted_alert(step, lead)
    if alert is not None and alert.state is AlertState.ACCEPTED:
        moves.end_alert(step, lead, alert, AlertEvent.CANCEL)
    planning.replan(step, lead, LeadEvent.LEASE_END, excluded=[owner_id])
    moves.free_capacity(step, owner_id)
    step.tally.leads["claim ended"] += 1
    return True


def check_outcome(step: Step, lead: LeadRow) -> bool:
    """Ask the owner what became of an answer; in the end, close it as one without a reply."""
    if lead.state is not LeadState.ANSWERED or lead.answered_at is None:
        return False
    limit = lead.answered_at + timedelta(seconds=step.company.policy.outcome_limit_s)
    if step.now >= limit:
        moves.close_lead(step, lead, LeadEvent.NO_OUTCOME, Outcome.NO_REPLY)
        return True
    alert = moves.accepted_alert(step, lead)
    if alert is not None:
        planning.add_notice(step, alert, kind="outcome")
    timers.put_timer(
        step.transaction,
        lead_timer(lead.lead_id, TimerKind.OUTCOME_CHECK, epoch=lead.epoch, due_at=limit),
    )
    return True


def miss_deadline(step: Step, lead: LeadRow, alert: AlertRow) -> bool:
    """Ask the next people when nothing that pushes has reached this one."""
    if alert.state is AlertState.SNOOZED:
        # Put off before it was sent: the others need not wait for that.
        _climb(step, lead)
        return True
    if alert.state not in _UNSENT:
        return False
    if alert.state is AlertState.QUEUED and is_in_inbox(step, alert):
        # The mail server is away, but the page has shown it: the inbox is all there is.
        moves.mark_notified(step, lead, alert)
        return True
    moves.end_alert(step, lead, alert, AlertEvent.NOT_DELIVERED)
    _climb(step, lead)
    return True


def time_out(step: Step, lead: LeadRow, alert: AlertRow) -> bool:
    """End an alert without a response; with the last one, the next people are asked."""
    if alert.state is AlertState.SNOOZED:
        # It stays with who put it off; the others need not wait for that.
        _climb(step, lead)
        return True
    if alert.state not in _OPEN:
        return False
    moves.end_alert(step, lead, alert, AlertEvent.TIMEOUT)
    _climb(step, lead)
    return True


def remind(step: Step, lead: LeadRow, alert: AlertRow) -> bool:
    """Tell an expert once more, if they have not looked and their caps allow it."""
    expert = step.company.experts.get(alert.expert_id)
    if alert.state is not AlertState.NOTIFIED or alert.reminded_at or expert is None:
        return False
    load = read_loads(step.transaction, [expert.expert_id], step.now)[expert.expert_id]
    free_at = find_free(expert, step.company, load, step.now)
    if free_at is None or free_at > step.now:
        return False
    alert = alert_writes.update_alert(
        step.transaction, alert, revision=lead.revision, now=step.now, reminded_at=step.now
    )
    planning.add_notice(step, alert, kind="reminder")
    return True


def unsnooze(step: Step, lead: LeadRow, alert: AlertRow) -> bool:
    """Show an alert again at the time its expert wished."""
    if alert.state is not AlertState.SNOOZED or lead.state not in _EXPIRING:
        return False
    alert = moves.wake(step, lead, alert)
    planning.add_notice(step, alert, kind="reminder")
    return True


def is_in_inbox(step: Step, alert: AlertRow) -> bool:
    """Tell whether the alert stands in its expert's inbox."""
    return any(
        each.channel is Channel.INBOX and each.state is DeliveryState.SENT and each.kind == "alert"
        for each in list_deliveries(step.transaction, [alert.alert_id])
    )


def _climb(step: Step, lead: LeadRow) -> None:
    """Go to the next rung when nobody is left who might respond."""
    if lead.state is LeadState.ALERTING and not moves.has_waiting_alert(step, lead):
        planning.replan(step, lead, LeadEvent.ALERT_TIMEOUT)


_OF_LEADS: dict[TimerKind, Callable[[Step, LeadRow], bool]] = {
    TimerKind.EXPIRE: expire,
    TimerKind.REPLAN: replan,
    TimerKind.CLAIM_WARNING: warn_owner,
    TimerKind.CLAIM_LEASE: end_claim,
    TimerKind.OUTCOME_CHECK: check_outcome,
}
_OF_ALERTS: dict[TimerKind, Callable[[Step, LeadRow, AlertRow], bool]] = {
    TimerKind.DELIVERY_DEADLINE: miss_deadline,
    TimerKind.ALERT_TIMEOUT: time_out,
    TimerKind.REMIND: remind,
    TimerKind.UNSNOOZE: unsnooze,
}
