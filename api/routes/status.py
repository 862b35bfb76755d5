"""How the service stands, how active the company is, and who changed what."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from api.auth import ApiCaller, require
from api.deps import Caller, GivenServices
from api.openapi import problems
from api.schemas.operations import ActivityOut, Audit
from askwatch.errors import InvalidRequestError
from askwatch.model.expert import Role
from askwatch.state import audit
from askwatch.state.activity import read_activity
from askwatch.status import Status, collect_status

routes = APIRouter(prefix="/api/v1", tags=["operations"])

Operator = Annotated[Caller, Depends(require(Role.OPS, Role.ADMIN))]
Admin = Annotated[Caller, Depends(require(Role.ADMIN))]
_WEEK = timedelta(days=7)


@routes.get("/status", summary="How the service stands")
def show_status(services: GivenServices, _caller: Operator) -> Status:
    """Show counts, lags, sources and processes: what `askwatch status --json` prints."""
    return collect_status(database=services.database, bus=services.bus, clock=services.clock)


@routes.get("/activity", summary="How active the company is", responses=problems(422))
def show_activity(
    services: GivenServices,
    _caller: ApiCaller,
    after: Annotated[AwareDatetime | None, Query(description="Default: a week ago")] = None,
    before: Annotated[AwareDatetime | None, Query(description="Default: now")] = None,
) -> ActivityOut:
    """Show questions found, taken and answered, and who takes part by team; nobody is ranked."""
    end = before or services.clock.now()
    begin = after or end - _WEEK
    if begin >= end:
        raise InvalidRequestError("after must be earlier than before")
    found = services.database.read(lambda tx: read_activity(tx, after=begin, before=end))
    return ActivityOut.model_validate(found)


@routes.get("/audit", summary="Who changed what", responses=problems(422))
def show_audit(
    services: GivenServices,
    _caller: Admin,
    object_id: Annotated[str, Query(max_length=600)] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Audit:
    """Show the newest entries, of one lead, source or person when it is named."""
    entries = services.database.read(
        lambda tx: audit.list_entries(tx, object_id=object_id, limit=limit)
    )
    return Audit(entries=tuple(entries))
