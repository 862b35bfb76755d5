"""One question: the post, why it is here, who knows of it, and what to do about it."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from api.pages.alerts import read_inbox
from api.pages.deciding import Refusal, decide, snooze_until
from api.pages.questions import Detail, read_detail, read_names
from api.pages.visit import ChangeVisit, PageVisit, Visit
from api.pages.words import decline_reasons
from api.schemas.learning import GiveFeedback
from api.tapping import give_feedback
from askwatch.errors import InvalidRequestError
from askwatch.model.alert import AlertState, DeclineReason
from askwatch.model.decisions import Disclosure
from askwatch.model.expert import Expert, Role
from askwatch.model.ids import ExpertId, LeadId
from askwatch.model.lead import Outcome
from askwatch.state.engine import Transaction
from askwatch.state.experts import list_experts
from askwatch.state.feedback import list_kinds_of

routes = APIRouter(include_in_schema=False, prefix="/questions/{lead_id}")

Text = Annotated[str, Form()]
# A link of an answer or a reason is never longer; what is longer was pasted by mistake.
_FIELD_LIMIT = 2_000


@routes.get("")
def show_question(visit: PageVisit, lead_id: LeadId) -> HTMLResponse:
    """Show a question; who was asked about it counts as having seen it."""
    detail = visit.read(lambda tx: read_detail(tx, visit.voice, lead_id, visit.person.expert_id))
    alert = detail.card.alert
    if alert is not None and alert.state in {AlertState.QUEUED, AlertState.NOTIFIED}:
        visit.services.decisions.mark_seen(lead_id, visit.person.expert_id)
    return _show(visit, lead_id, None)


@routes.post("/claim")
def claim(visit: ChangeVisit, lead_id: LeadId) -> Response:
    return _decide(visit, lead_id, visit.services.decisions.claim, "taken")


@routes.post("/release")
def release(visit: ChangeVisit, lead_id: LeadId) -> Response:
    return _decide(visit, lead_id, visit.services.decisions.release, "released", to="/")


@routes.post("/pass-on")
def pass_on(visit: ChangeVisit, lead_id: LeadId, to: Text = "") -> Response:
    if not to:
        words = visit.voice.say("Choose the colleague who should have it.")
        return _show(visit, lead_id, Refusal(422, words))
    step = partial(visit.services.decisions.pass_on, to=ExpertId(to))
    return _decide(visit, lead_id, step, "passed_on", to="/")


@routes.post("/decline")
def decline(visit: ChangeVisit, lead_id: LeadId, reason: Text = "") -> Response:
    chosen = read_reason(visit, reason)
    step = partial(visit.services.decisions.decline, reason=chosen)
    return _decide(visit, lead_id, step, "declined", to="/")


@routes.post("/snooze")
def snooze(visit: ChangeVisit, lead_id: LeadId, until: Text = "") -> Response:
    step = partial(visit.services.decisions.snooze, until=snooze_until(visit.voice, until))
    return _decide(visit, lead_id, step, "snoozed", to="/")


@routes.post("/answer")
def answer(
    visit: ChangeVisit,
    lead_id: LeadId,
    answer_url: Text = "",
    disclosed: Text = "",
    disclosure_reason: Text = "",
) -> Response:
    kept = {
        "answer_url": answer_url.strip(),
        "disclosed": disclosed,
        "disclosure_reason": disclosure_reason.strip(),
    }
    refusal = answer_question(visit, lead_id, visit.person, kept)
    if refusal is not None:
        return _show(visit, lead_id, refusal)
    return visit.go(f"/questions/{lead_id}", "answered")


@routes.post("/promote")
def promote(visit: ChangeVisit, lead_id: LeadId, back: Text = "") -> Response:
    decisions = visit.services.decisions
    refusal = decide(visit.voice, lambda: decisions.promote(lead_id, actor=visit.actor))
    return _end(visit, lead_id, refusal, "promoted", to=_way_back(back))


@routes.post("/dismiss")
def dismiss(visit: ChangeVisit, lead_id: LeadId, reason: Text = "", back: Text = "") -> Response:
    visit.insist(Role.SALES, Role.ADMIN)
    decisions = visit.services.decisions
    refusal = decide(
        visit.voice,
        lambda: decisions.dismiss(
            lead_id, reason=reason.strip()[:_FIELD_LIMIT] or "not_a_lead", actor=visit.actor
        ),
    )
    return _end(visit, lead_id, refusal, "dismissed", to=_way_back(back))


@routes.post("/outcome")
def set_outcome(visit: ChangeVisit, lead_id: LeadId, outcome: Text = "") -> Response:
    visit.insist(Role.SALES, Role.ADMIN)
    if outcome not in set(Outcome):
        raise InvalidRequestError(visit.voice.say("Choose what became of it."))
    decisions = visit.services.decisions
    refusal = decide(
        visit.voice,
        lambda: decisions.set_outcome(lead_id, Outcome(outcome), actor=visit.actor),
    )
    return _end(visit, lead_id, refusal, "outcome")


@routes.post("/feedback")
def feedback(
    visit: ChangeVisit,
    lead_id: LeadId,
    kind: Text = "",
    topic_id: Text = "",
    asked_for: Text = "",
    note: Text = "",
) -> Response:
    visit.insist(Role.EXPERT, Role.SALES, Role.ADMIN)
    given = {"kind": kind, "topic_id": topic_id, "asked_for": asked_for, "note": note.strip()}
    try:
        said = GiveFeedback.model_validate({name: value for name, value in given.items() if value})
    except ValidationError as error:
        raise InvalidRequestError(visit.voice.say("Say what is wrong with it.")) from error
    refusal = decide(visit.voice, lambda: _give(visit, lead_id, said))
    return _end(visit, lead_id, refusal, "feedback")


def _give(visit: Visit, lead_id: LeadId, said: GiveFeedback) -> None:
    give_feedback(visit.services, visit.member, lead_id, said)


def _way_back(back: str) -> str:
    """Return the page of the feed that a form was on; "" for every other address."""
    return back if back == "/feed" or back.startswith("/feed?") else ""


@routes.get("/{step}")
def return_to_question(visit: PageVisit, lead_id: LeadId, step: str) -> RedirectResponse:  # noqa: ARG001 - part of the address
    """Lead back to the question: a form's address is opened when a session ended in between."""
    return visit.go(f"/questions/{lead_id}")


def read_reason(visit: Visit, reason: str) -> DeclineReason:
    """Return the reason that a form names.

    Raises:
        InvalidRequestError: There is no such reason.
    """
    if reason not in set(DeclineReason):
        raise InvalidRequestError(visit.voice.say("Choose why it is not for you."))
    return DeclineReason(reason)


def answer_question(
    visit: Visit, lead_id: LeadId, expert: Expert, kept: dict[str, str]
) -> Refusal | None:
    """Note an answer as the form `kept` says; None when it was noted."""
    wrong = _check_answer(visit, kept)
    if wrong:
        return Refusal(422, wrong, "answer", kept)
    decisions = visit.services.decisions
    refusal = decide(
        visit.voice,
        lambda: decisions.answer(
            lead_id,
            expert.expert_id,
            answer_url=kept["answer_url"],
            disclosed=Disclosure(kept["disclosed"]),
            disclosure_reason=kept["disclosure_reason"],
            actor=visit.actor,
        ),
    )
    if refusal is not None and refusal.status == 422:
        return Refusal(refusal.status, refusal.words, "answer", kept)
    return refusal


def _check_answer(visit: Visit, kept: dict[str, str]) -> str:
    url = kept["answer_url"]
    if url and not url.startswith(("https://", "http://")):
        return visit.voice.say("A link begins with https:// - copy it from the address bar.")
    if len(url) > _FIELD_LIMIT or len(kept["disclosure_reason"]) > _FIELD_LIMIT:
        return visit.voice.say("That is too long: at most 2,000 characters.")
    if kept["disclosed"] not in set(Disclosure):
        return visit.voice.say("Say whether your answer tells where you work.")
    if kept["disclosed"] != Disclosure.YES and not kept["disclosure_reason"]:
        return visit.voice.say("Say in a few words why it was not needed.")
    return ""


def _decide(
    visit: Visit, lead_id: LeadId, step: Callable[..., None], said: str, *, to: str = ""
) -> Response:
    person = visit.person
    refusal = decide(visit.voice, lambda: step(lead_id, person.expert_id, actor=visit.actor))
    return _end(visit, lead_id, refusal, said, to=to)


def _end(
    visit: Visit, lead_id: LeadId, refusal: Refusal | None, said: str, *, to: str = ""
) -> Response:
    if refusal is not None:
        return _show(visit, lead_id, refusal)
    return visit.go(to or f"/questions/{lead_id}", said)


def _show(visit: Visit, lead_id: LeadId, refusal: Refusal | None) -> HTMLResponse:
    reader = visit.person.expert_id

    def read(transaction: Transaction) -> dict[str, object]:
        detail: Detail = read_detail(transaction, visit.voice, lead_id, reader)
        return {
            "detail": detail,
            "known_topics": sorted(
                read_names(transaction, visit.voice.locale).topics.items(), key=lambda each: each[1]
            ),
            "said_kinds": list_kinds_of(transaction, lead_id, visit.actor),
            "inbox": read_inbox(transaction, visit.voice, reader),
            "colleagues": [
                expert
                for expert in list_experts(transaction, only_active=True)
                if expert.expert_id != reader and Role.EXPERT in expert.roles
            ],
        }

    return visit.page(
        "question.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        selected=lead_id,
        decline_reasons=decline_reasons(visit.voice),
        **visit.read(read),
    )
