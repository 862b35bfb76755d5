"""What people decide about leads, carried out: every method is one transaction, audited."""

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import JsonValue

from askwatch.clock import Clock
from askwatch.errors import (
    AlreadyClaimedError,
    ConflictError,
    GoneError,
    InvalidRequestError,
    NotFoundError,
)
from askwatch.model.alert import LIVE_ALERT_STATES, AlertState, DeclineReason, TimerKind
from askwatch.model.decisions import Disclosure
from askwatch.model.expert import Expert
from askwatch.model.feedback import FeedbackKind
from askwatch.model.ids import ExpertId, LeadId
from askwatch.model.lead import CLAIMABLE_LEAD_STATES, FINAL_LEAD_STATES, LeadState, Outcome
from askwatch.settings import Settings
from askwatch.state import audit, experts, feedback, lead_writes, timers
from askwatch.state.alerts import find_alert
from askwatch.state.audit import AuditEntry
from askwatch.state.engine import Database, Transaction
from askwatch.state.leads import LeadRow, find_lead
from askwatch.state.locks import lock_planning
from askwatch.state.timers import alert_timer, lead_timer
from router import arrivals, handing_over, moves, planning
from router.company import CompanyCache
from router.lifecycle import AlertEvent, LeadEvent, check_lead
from router.step import Step, read_reach

_LONGEST_REASON = 500


class RouterDecisions:
    """Implements askwatch.model.decisions.Decisions. Thread-safe."""

    def __init__(self, *, database: Database, settings: Settings, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._reach = read_reach(settings)
        self._companies = CompanyCache()

    def claim(self, lead_id: LeadId, expert_id: ExpertId, *, actor: str) -> None:
        def work(step: Step) -> None:
            _find_active(step, expert_id)
            _claim(step, lead_id, expert_id, actor)

        self._write(work)

    def release(self, lead_id: LeadId, expert_id: ExpertId, *, actor: str) -> None:
        def work(step: Step) -> None:
            lead = find_lead(step.transaction, lead_id, for_update=True)
            if lead.state in CLAIMABLE_LEAD_STATES:
                return  # given back already
            _require_owner(step, lead, expert_id, LeadState.CLAIMED, "give back")
            timers.drop_timers(step.transaction, lead_id)
            alert = moves.accepted_alert(step, lead)
            if alert is not None and alert.state is AlertState.ACCEPTED:
                moves.end_alert(step, lead, alert, AlertEvent.CANCEL)
            planning.replan(step, lead, LeadEvent.RELEASE, excluded=[expert_id])
            moves.free_capacity(step, expert_id)
            _note(step, actor, "lead.release", lead_id, {"expert_id": expert_id})

        self._write(work, plans=True)

    def pass_on(self, lead_id: LeadId, expert_id: ExpertId, *, to: ExpertId, actor: str) -> None:
        if to == expert_id:
            raise InvalidRequestError("a question is passed on to somebody else")

        def work(step: Step) -> None:
            colleague = _find_active(step, to)
            lead = find_lead(step.transaction, lead_id, for_update=True)
            _refuse_final(lead)
            if lead.owner_id == to:
                return  # passed on already
            if lead.owner_id is not None:
                _require_owner(step, lead, expert_id, LeadState.CLAIMED, "pass on")
                handing_over.hand_claim_over(step, lead, colleague)
            elif lead.state in CLAIMABLE_LEAD_STATES:
                if not handing_over.pass_alert_on(step, lead, expert_id, colleague):
                    return
            else:
                raise ConflictError(f"a question in {lead.state.value} cannot be passed on")
            _note(step, actor, "lead.pass_on", lead_id, {"from": expert_id, "to": to})

        self._write(work, plans=True)

    def decline(
        self, lead_id: LeadId, expert_id: ExpertId, reason: DeclineReason, *, actor: str
    ) -> None:
        def work(step: Step) -> None:
            lead = find_lead(step.transaction, lead_id, for_update=True)
            _refuse_final(lead)
            alert = find_alert(step.transaction, lead_id, expert_id)
            if alert is None:
                raise NotFoundError("alert of yours for the question", lead_id)
            if alert.state is AlertState.DECLINED:
                return
            if alert.state is AlertState.ACCEPTED:
                raise ConflictError("you have taken the question: give it back or pass it on")
            if alert.state not in LIVE_ALERT_STATES:
                return  # their time had run out; nobody waits for them
            moves.end_alert(step, lead, alert, AlertEvent.DECLINE, decline_reason=reason)
            _note(step, actor, "lead.decline", lead_id, {"reason": reason.value})
            if reason is DeclineReason.NOT_A_LEAD:
                _teach(step, lead, FeedbackKind.NOT_A_LEAD, actor)
            if lead.state is LeadState.ALERTING and not moves.has_waiting_alert(step, lead):
                planning.replan(step, lead, LeadEvent.DECLINE)

        self._write(work, plans=True)

    def snooze(self, lead_id: LeadId, expert_id: ExpertId, *, until: datetime, actor: str) -> None:
        if until.tzinfo is None:
            raise InvalidRequestError("until needs a time zone")

        def work(step: Step) -> None:
            lead = find_lead(step.transaction, lead_id, for_update=True)
            _refuse_final(lead)
            alert = find_alert(step.transaction, lead_id, expert_id)
            if alert is None:
                raise NotFoundError("alert of yours for the question", lead_id)
            if not step.now < until < lead.expires_at:
                latest = lead.expires_at.isoformat(timespec="minutes")
                raise InvalidRequestError(f"until must lie between now and {latest}")
            if alert.state not in LIVE_ALERT_STATES:
                raise ConflictError(f"your alert is {alert.state.value} and cannot be put off")
            moves.snooze(step, lead, alert, until)
            timer = alert_timer(
                alert.alert_id, lead_id, TimerKind.UNSNOOZE, epoch=lead.epoch, due_at=until
            )
            timers.put_timer(step.transaction, timer)
            _note(step, actor, "lead.snooze", lead_id, {"until": until.isoformat()})

        self._write(work)

    def mark_seen(self, lead_id: LeadId, expert_id: ExpertId) -> None:
        def work(step: Step) -> None:
            lead = find_lead(step.transaction, lead_id, for_update=True)
            alert = find_alert(step.transaction, lead_id, expert_id)
            if alert is not None:
                moves.mark_seen(step, lead, alert)

        self._write(work)

    def answer(
        self,
        lead_id: LeadId,
        expert_id: ExpertId,
        *,
        answer_url: str,
        disclosed: Disclosure,
        disclosure_reason: str,
        actor: str,
    ) -> None:
        reason = _check_answer(answer_url, disclosed, disclosure_reason)

        def work(step: Step) -> None:
            _find_active(step, expert_id)
            lead = _claim(step, lead_id, expert_id, actor)
            if lead.state is LeadState.ANSWERED:
                return
            timers.drop_timers(step.transaction, lead_id)
            lead = lead_writes.update_lead(
                step.transaction,
                lead,
                kind="lead.answered",
                now=step.now,
                state=check_lead(lead.state, LeadEvent.ANSWER, LeadState.ANSWERED),
                answered_at=step.now,
                answer_url=answer_url.strip(),
                disclosed=disclosed.value,
                disclosure_reason=reason,
            )
            due_at = step.now + timedelta(seconds=step.company.policy.outcome_check_s)
            timers.put_timer(
                step.transaction,
                lead_timer(lead_id, TimerKind.OUTCOME_CHECK, epoch=lead.epoch, due_at=due_at),
            )
            moves.free_capacity(step, expert_id)
            step.tally.leads["answered"] += 1
            _note(step, actor, "lead.answer", lead_id, {"disclosed": disclosed.value})

        self._write(work)

    def dismiss(self, lead_id: LeadId, *, reason: str, actor: str) -> None:
        reason = _check_reason(reason)

        def work(step: Step) -> None:
            lead = find_lead(step.transaction, lead_id, for_update=True)
            if lead.state is LeadState.DISMISSED:
                return
            _refuse_final(lead)
            if lead.state is LeadState.ANSWERED:
                raise ConflictError("the question is answered: say what became of it instead")
            # Before its text and what was understood of it go.
            _teach(step, lead, FeedbackKind.NOT_A_LEAD, actor)
            moves.end_lead(step, lead, LeadEvent.DISMISS, LeadState.DISMISSED, reason)
            _note(step, actor, "lead.dismiss", lead_id, {"was": lead.state.value})

        self._write(work)

    def promote(self, lead_id: LeadId, *, actor: str) -> None:
        def work(step: Step) -> None:
            lead = find_lead(step.transaction, lead_id, for_update=True)
            _refuse_final(lead)
            if lead.state is not LeadState.REVIEW:
                return  # it is out of the review already
            _teach(step, lead, FeedbackKind.WANTED, actor)
            arrivals.promote(step, lead)
            _note(step, actor, "lead.promote", lead_id, {})

        self._write(work, plans=True)

    def set_outcome(self, lead_id: LeadId, outcome: Outcome, *, actor: str) -> None:
        def work(step: Step) -> None:
            lead = find_lead(step.transaction, lead_id, for_update=True)
            if lead.state is LeadState.CLOSED and lead.outcome is outcome:
                return
            _refuse_final(lead)
            if lead.state is not LeadState.ANSWERED:
                raise ConflictError("only an answered question has an outcome")
            moves.close_lead(step, lead, LeadEvent.OUTCOME, outcome)
            _note(step, actor, "lead.outcome", lead_id, {"outcome": outcome.value})

        self._write(work)

    def _write(self, work: Callable[[Step], None], *, plans: bool = False) -> None:
        def run(transaction: Transaction) -> Step:
            if plans:
                lock_planning(transaction)
            now = self._clock.now()
            company = self._companies.get(transaction, now)
            step = Step(transaction=transaction, now=now, company=company, reach=self._reach)
            work(step)
            return step

        self._database.write(run).tally.observe()


def _claim(step: Step, lead_id: LeadId, expert_id: ExpertId, actor: str) -> LeadRow:
    """Return the lead, owned by `expert_id`: by one conditional statement, or long since."""
    lead = lead_writes.claim_lead(step.transaction, lead_id, expert_id, now=step.now)
    if lead is not None:
        moves.begin_claim(step, lead, expert_id)
        _note(step, actor, "lead.claim", lead_id, {"expert_id": expert_id})
        _teach(step, lead, FeedbackKind.WANTED, actor)
        return lead
    lead = find_lead(step.transaction, lead_id, for_update=True)
    _refuse_final(lead)
    if lead.state is LeadState.REVIEW:
        raise ConflictError("the question waits for a review: take it out of there first")
    if lead.owner_id != expert_id:
        raise _taken(step, lead)
    return lead


def _teach(step: Step, lead: LeadRow, kind: FeedbackKind, actor: str) -> None:
    """Let the language stage learn from a decision."""
    feedback.give_for_lead(step.transaction, lead, kind, given_by=actor, now=step.now)


def _require_owner(
    step: Step, lead: LeadRow, expert_id: ExpertId, state: LeadState, what: str
) -> None:
    _refuse_final(lead)
    if lead.owner_id is not None and lead.owner_id != expert_id:
        raise _taken(step, lead)
    if lead.owner_id is None or lead.state is not state:
        raise ConflictError(f"you can only {what} a question that you have taken")


def _refuse_final(lead: LeadRow) -> None:
    if lead.state in FINAL_LEAD_STATES:
        raise GoneError(lead.lead_id, lead.state.value)


def _taken(step: Step, lead: LeadRow) -> AlreadyClaimedError:
    owner_id = lead.owner_id or ExpertId("")
    name = experts.find_names(step.transaction).get(owner_id, "a former colleague")
    return AlreadyClaimedError(lead.lead_id, owner_id, name)


def _find_active(step: Step, expert_id: ExpertId) -> Expert:
    expert = experts.find_expert(step.transaction, expert_id)
    if not expert.is_active:
        raise NotFoundError("expert", expert_id)
    return expert


def _check_answer(answer_url: str, disclosed: Disclosure, reason: str) -> str:
    reason = reason.strip()[:_LONGEST_REASON]
    if disclosed is not Disclosure.YES and not reason:
        raise InvalidRequestError("say why the answer does not tell whom you work for")
    url = answer_url.strip()
    if url and not url.lower().startswith(("https://", "http://")):
        raise InvalidRequestError("the answer's address must begin with https:// or http://")
    return reason


def _check_reason(reason: str) -> str:
    if not reason.strip():
        raise InvalidRequestError("say why the post is no question for us")
    return reason.strip()[:_LONGEST_REASON]


def _note(
    step: Step, actor: str, action: str, lead_id: LeadId, detail: dict[str, JsonValue]
) -> None:
    entry = AuditEntry(at=step.now, actor=actor, action=action, object_id=lead_id, detail=detail)
    audit.note(step.transaction, entry)
