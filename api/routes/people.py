"""Experts, and the caller."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from pydantic import JsonValue, ValidationError

from api.audited import note_change
from api.auth import ApiCaller, check_roles, expert_of, require
from api.deps import Caller, GivenServices
from api.etags import check_if_match, content_etag
from api.openapi import problems
from api.schemas.people import Colleague, Colleagues, Me, Preferences
from askwatch.errors import ConflictError, InvalidRequestError
from askwatch.model.expert import Expert, Role
from askwatch.model.ids import ExpertId
from askwatch.state import api_keys, experts, sign_in
from askwatch.state.engine import Transaction

routes = APIRouter(prefix="/api/v1", tags=["people"])

Admin = Annotated[Caller, Depends(require(Role.ADMIN))]
IfMatch = Annotated[str, Header(description="ETag of the expert as the caller has seen it")]


@routes.get("/me", summary="Who am I")
def show_me(caller: ApiCaller) -> Me:
    """Show who is calling, what they may do, and what is known of them."""
    return Me(
        actor=caller.actor,
        roles=tuple(sorted(caller.roles)),
        csrf_token=caller.csrf_token,
        expert=caller.expert,
    )


@routes.put("/me", summary="Change what is known of me", responses=problems(422))
def change_me(services: GivenServices, caller: ApiCaller, body: Preferences) -> Expert:
    """Set topics, hours, channels and the like; name, address and roles are an administrator's."""
    changes: dict[str, JsonValue] = body.model_dump(mode="json", exclude_none=True)
    expert_id, now = expert_of(caller).expert_id, services.clock.now()

    def write(transaction: Transaction) -> Expert:
        known = experts.find_expert(transaction, expert_id)
        expert = _change(known, changes)
        experts.put_expert(transaction, expert, now=now)
        note_change(
            transaction, caller, "expert.put", expert_id, now=now, fields=", ".join(changes)
        )
        return expert

    return services.database.write(write)


@routes.get("/experts", summary="List colleagues")
def list_all(services: GivenServices, _caller: ApiCaller) -> Colleagues:
    """Show what everybody may know of everybody, by id."""
    rows = services.database.read(experts.list_experts)
    return Colleagues(experts=tuple(Colleague.model_validate(row) for row in rows))


@routes.get("/experts/{expert_id}", summary="Show an expert", responses=problems(404, 422))
def show(
    services: GivenServices, caller: ApiCaller, expert_id: ExpertId, response: Response
) -> Expert:
    """Show all that is known of an expert: to themselves and to administrators."""
    if caller.expert is None or caller.expert.expert_id != expert_id:
        check_roles(caller, Role.ADMIN)
    expert = services.database.read(lambda tx: experts.find_expert(tx, expert_id))
    response.headers["ETag"] = content_etag(expert)
    return expert


@routes.put(
    "/experts/{expert_id}", summary="Create or replace an expert",
    responses=problems(409, 412, 422),
)  # fmt: skip
def put(
    services: GivenServices,
    caller: Admin,
    expert_id: ExpertId,
    body: Expert,
    response: Response,
    if_match: IfMatch = "",
) -> Expert:
    """Write an expert whole; two active ones cannot share an address, since it signs in."""
    if body.expert_id != expert_id:
        raise InvalidRequestError("expert_id in the body is not the one in the address")
    now = services.clock.now()

    def write(transaction: Transaction) -> None:
        if if_match:
            known = experts.find_expert(transaction, expert_id)
            check_if_match(if_match, content_etag(known))
        namesake = experts.find_by_email(transaction, body.email)
        if body.is_active and namesake is not None and namesake.expert_id != expert_id:
            raise ConflictError(f"{namesake.name} has this address already")
        experts.put_expert(transaction, body, now=now)
        if not body.is_active:
            sign_in.end_all(transaction, expert_id)
        note_change(transaction, caller, "expert.put", expert_id, now=now)

    services.database.write(write)
    response.headers["ETag"] = content_etag(body)
    return body


@routes.delete(
    "/experts/{expert_id}", status_code=204, summary="Remove an expert",
    responses=problems(404, 409, 412, 422),
)  # fmt: skip
def remove(
    services: GivenServices, caller: Admin, expert_id: ExpertId, if_match: IfMatch = ""
) -> None:
    """Forget an expert; they are signed out and their keys are revoked."""
    if caller.expert is not None and caller.expert.expert_id == expert_id:
        raise ConflictError("you cannot remove yourself: ask another administrator")
    now = services.clock.now()

    def write(transaction: Transaction) -> None:
        known = experts.find_expert(transaction, expert_id)
        check_if_match(if_match, content_etag(known))
        experts.remove_expert(transaction, expert_id)
        sign_in.end_all(transaction, expert_id)
        api_keys.revoke_all(transaction, expert_id)
        note_change(transaction, caller, "expert.remove", expert_id, now=now)

    services.database.write(write)


def _change(expert: Expert, changes: dict[str, JsonValue]) -> Expert:
    try:
        return Expert.model_validate(expert.model_dump(mode="json") | changes)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise InvalidRequestError(faults) from None
