"""The send guard: the last look before anything leaves the house (ROUTING.md 1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from askwatch.model.alert import AlertState, Channel
from askwatch.model.expert import Expert
from askwatch.model.lead import CLAIMABLE_LEAD_STATES, LeadState
from askwatch.state.alerts import AlertRow, DeliveryRow
from askwatch.state.leads import LeadRow
from router.company import Company

_UNSEEN = frozenset({AlertState.QUEUED, AlertState.HELD_QUIET, AlertState.NOTIFIED})


class Ruling(StrEnum):
    """What the guard says."""

    SEND = "send"
    LATER = "later"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A ruling with its reason; `until` says when to look again."""

    ruling: Ruling
    reason: str = ""
    until: datetime | None = None


_SEND = Verdict(Ruling.SEND)


def judge(
    delivery: DeliveryRow, alert: AlertRow, lead: LeadRow, company: Company, now: datetime
) -> Verdict:
    """Return whether `delivery` may be sent now, as everything stands at this moment."""
    expert = company.experts.get(delivery.expert_id)
    objection = _find_objection(delivery, alert, lead, expert)
    if objection or expert is None:
        return Verdict(Ruling.STALE, objection)
    limit = timedelta(seconds=company.policy.alert_age_limit_s)
    if delivery.attempt == 1 and now - delivery.due_at > limit:
        return Verdict(Ruling.STALE, "waited too long to be sent")
    # The inbox makes no sound; but an alert that begins outside the hours waits for them.
    opens_at = company.calendars[expert.expert_id].next_open(now)
    if opens_at == now:
        return _SEND
    if opens_at is None or opens_at >= lead.expires_at or delivery.kind == "reminder":
        return Verdict(Ruling.STALE, "outside the expert's hours")
    return Verdict(Ruling.LATER, "outside the expert's hours", opens_at)


def _find_objection(
    delivery: DeliveryRow, alert: AlertRow, lead: LeadRow, expert: Expert | None
) -> str:
    """Return why it must never be sent; "" when nothing speaks against it."""
    if expert is None or not expert.is_active:
        return "the expert is not active any more"
    if not expert.has_consented:
        return "the expert wants no alerts"
    if delivery.kind == "alert":
        return _object_to_alert(delivery, alert, lead)
    if delivery.kind == "reminder":
        is_due = alert.state is AlertState.NOTIFIED and lead.state in CLAIMABLE_LEAD_STATES
        return "" if is_due else "nothing to remind of"
    is_theirs = lead.owner_id == expert.expert_id
    if delivery.kind == "outcome":
        return "" if is_theirs and lead.state is LeadState.ANSWERED else "the outcome is known"
    return "" if is_theirs and lead.state is LeadState.CLAIMED else "the lead is not theirs now"


def _object_to_alert(delivery: DeliveryRow, alert: AlertRow, lead: LeadRow) -> str:
    if lead.state not in CLAIMABLE_LEAD_STATES:
        return f"the lead is {lead.state.value}"
    if lead.epoch != delivery.epoch:
        return "others are asked by now"
    is_wanted = alert.state in _UNSEEN or delivery.channel is Channel.INBOX
    return "" if is_wanted and alert.closed_at is None else f"the alert is {alert.state.value}"
