"""A question goes from one colleague to another: the claim itself, or only the alert."""

from askwatch.errors import ConflictError
from askwatch.model.alert import LIVE_ALERT_STATES, AlertState
from askwatch.model.expert import Expert
from askwatch.model.ids import ExpertId
from askwatch.model.lead import LeadState
from askwatch.state import experts, lead_writes, timers
from askwatch.state.alerts import find_alert
from askwatch.state.leads import LeadRow
from router import moves, planning
from router.lifecycle import AlertEvent, LeadEvent, check_lead
from router.scoring import Because
from router.step import Step


def hand_claim_over(step: Step, lead: LeadRow, to: Expert) -> LeadRow:
    """Make `to` the owner in the place of another; their time begins anew, and they are told."""
    old = moves.accepted_alert(step, lead)
    giver = lead.owner_id or ExpertId("")
    lead = lead_writes.update_lead(
        step.transaction,
        lead,
        kind="lead.claimed",
        now=step.now,
        state=check_lead(lead.state, LeadEvent.HAND_OVER, LeadState.CLAIMED),
        owner_id=to.expert_id,
        claimed_at=step.now,
        epoch=lead.epoch + 1,
    )
    if old is not None and old.state is AlertState.ACCEPTED:
        moves.end_alert(step, lead, old, AlertEvent.LOSE)
    alert = find_alert(step.transaction, lead.lead_id, to.expert_id)
    if alert is None:
        state = AlertState.ACCEPTED
        planning.tell_directly(step, lead, to, _passed_on(step, giver), state=state, kind="handed")
    else:
        alert = moves.end_alert(step, lead, alert, AlertEvent.CLAIM)
        planning.add_notice(step, alert, kind="handed")
    timers.drop_timers(step.transaction, lead.lead_id)
    moves.put_claim_timers(step, lead, to.expert_id)
    return lead


def pass_alert_on(step: Step, lead: LeadRow, giver: ExpertId, to: Expert) -> bool:
    """End the giver's alert and tell `to` instead; False when `to` has been told already.

    Nobody is told twice about one question, so it goes to somebody who has not heard of it.
    """
    mine = find_alert(step.transaction, lead.lead_id, giver)
    if mine is None:
        raise ConflictError("only who was asked, or has taken the question, can pass it on")
    theirs = find_alert(step.transaction, lead.lead_id, to.expert_id)
    if theirs is not None and theirs.state not in LIVE_ALERT_STATES:
        raise ConflictError(f"{to.name} was asked before and did not take it")
    if theirs is not None and mine.state not in LIVE_ALERT_STATES:
        return False
    if mine.state in LIVE_ALERT_STATES:
        moves.end_alert(step, lead, mine, AlertEvent.CANCEL)
    if theirs is None:
        lead = lead_writes.update_lead(
            step.transaction,
            lead,
            kind="lead.changed",
            now=step.now,
            state=check_lead(lead.state, LeadEvent.HAND_OVER, LeadState.ALERTING),
        )
        state = AlertState.QUEUED
        planning.tell_directly(step, lead, to, _passed_on(step, giver), state=state, kind="alert")
    return True


def _passed_on(step: Step, giver: ExpertId) -> Because:
    name = experts.find_names(step.transaction).get(giver, giver)
    return [{"kind": "passed_on", "values": [name]}]
