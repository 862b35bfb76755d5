"""What people decide about a lead; the router carries it out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header

from api.auth import expert_of, require
from api.deps import Caller, GivenServices, Services
from api.etags import check_if_match, revision_etag
from api.openapi import problems
from api.schemas.leads import (
    Answered,
    Decline,
    Dismiss,
    LeadStanding,
    PassOn,
    SetOutcome,
    Snooze,
    read_standing,
)
from askwatch.model.expert import Role
from askwatch.model.ids import LeadId
from askwatch.state import experts, leads
from askwatch.state.engine import Transaction

routes = APIRouter(
    prefix="/api/v1/leads/{lead_id}",
    tags=["decisions"],
    responses=problems(404, 409, 410, 412, 422),
)

# The feed is open to all who answer; operations only watches.
Taker = Annotated[Caller, Depends(require(Role.EXPERT, Role.SALES, Role.ADMIN))]
Judge = Annotated[Caller, Depends(require(Role.SALES, Role.ADMIN))]
IfMatch = Annotated[str, Header(description="ETag of the lead as the caller has seen it")]


@routes.post("/claim", summary="Take it")
def claim(
    services: GivenServices, caller: Taker, lead_id: LeadId, if_match: IfMatch = ""
) -> LeadStanding:
    """Become the owner. At most one wins; the others get 409 with the owner's name."""
    _check(services, lead_id, if_match)
    services.decisions.claim(lead_id, expert_of(caller).expert_id, actor=caller.actor)
    return _stand(services, lead_id)


@routes.post("/release", summary="Give it back")
def release(
    services: GivenServices, caller: Taker, lead_id: LeadId, if_match: IfMatch = ""
) -> LeadStanding:
    """Give a claimed lead back; the others are asked again."""
    _check(services, lead_id, if_match)
    services.decisions.release(lead_id, expert_of(caller).expert_id, actor=caller.actor)
    return _stand(services, lead_id)


@routes.post("/pass-on", summary="Hand it to a colleague")
def pass_on(
    services: GivenServices, caller: Taker, lead_id: LeadId, body: PassOn, if_match: IfMatch = ""
) -> LeadStanding:
    """Hand the lead, or the question whether to take it, to a colleague."""
    _check(services, lead_id, if_match)
    expert = expert_of(caller)
    services.decisions.pass_on(lead_id, expert.expert_id, to=body.to, actor=caller.actor)
    return _stand(services, lead_id)


@routes.post("/decline", summary="Not for me")
def decline(
    services: GivenServices, caller: Taker, lead_id: LeadId, body: Decline, if_match: IfMatch = ""
) -> LeadStanding:
    """End my alert; the next colleagues are told at once when nobody else is asked now."""
    _check(services, lead_id, if_match)
    expert = expert_of(caller)
    services.decisions.decline(lead_id, expert.expert_id, body.reason, actor=caller.actor)
    return _stand(services, lead_id)


@routes.post("/snooze", summary="Show it again later")
def snooze(
    services: GivenServices, caller: Taker, lead_id: LeadId, body: Snooze, if_match: IfMatch = ""
) -> LeadStanding:
    """Show my alert again at a time; others may take the lead meanwhile."""
    _check(services, lead_id, if_match)
    expert = expert_of(caller)
    services.decisions.snooze(lead_id, expert.expert_id, until=body.until, actor=caller.actor)
    return _stand(services, lead_id)


@routes.post("/answered", summary="It is answered")
def answered(
    services: GivenServices, caller: Taker, lead_id: LeadId, body: Answered, if_match: IfMatch = ""
) -> LeadStanding:
    """Say that I have answered, where, and whether the answer says whom I work for."""
    _check(services, lead_id, if_match)
    services.decisions.answer(
        lead_id,
        expert_of(caller).expert_id,
        answer_url=body.answer_url,
        disclosed=body.disclosed,
        disclosure_reason=body.disclosure_reason,
        actor=caller.actor,
    )
    return _stand(services, lead_id)


@routes.post("/dismiss", summary="It is no lead")
def dismiss(
    services: GivenServices, caller: Judge, lead_id: LeadId, body: Dismiss, if_match: IfMatch = ""
) -> LeadStanding:
    """Say that the post asks for nothing; its text goes, the verdict teaches."""
    _check(services, lead_id, if_match)
    services.decisions.dismiss(lead_id, reason=body.reason, actor=caller.actor)
    return _stand(services, lead_id)


@routes.post("/promote", summary="It is a lead")
def promote(
    services: GivenServices, caller: Taker, lead_id: LeadId, if_match: IfMatch = ""
) -> LeadStanding:
    """Take a lead out of the review lane; experts are told as of one found for certain."""
    _check(services, lead_id, if_match)
    services.decisions.promote(lead_id, actor=caller.actor)
    return _stand(services, lead_id)


@routes.post("/outcome", summary="What became of it")
def set_outcome(
    services: GivenServices,
    caller: Judge,
    lead_id: LeadId,
    body: SetOutcome,
    if_match: IfMatch = "",
) -> LeadStanding:
    """Say what became of an answered lead; that closes it."""
    _check(services, lead_id, if_match)
    services.decisions.set_outcome(lead_id, body.outcome, actor=caller.actor)
    return _stand(services, lead_id)


def _check(services: Services, lead_id: LeadId, if_match: str) -> None:
    if if_match:
        lead = services.database.read(lambda tx: leads.find_lead(tx, lead_id))
        check_if_match(if_match, revision_etag(lead.revision))


def _stand(services: Services, lead_id: LeadId) -> LeadStanding:
    def read(transaction: Transaction) -> LeadStanding:
        lead = leads.find_lead(transaction, lead_id)
        names = experts.find_names(transaction)
        return read_standing(lead, names.get(lead.owner_id, "") if lead.owner_id else "")

    return services.database.read(read)
