"""Posts that people hand in, and what came of each."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.audited import note_change
from api.auth import expert_of, require
from api.deps import Caller, GivenServices, Services
from api.openapi import problems
from api.schemas.posts import HandedIn, HandIn, HandInList, HandInOut, SupplyText
from askwatch.errors import NotFoundError
from askwatch.model.expert import Role
from askwatch.state import hand_ins
from askwatch.state.hand_ins import HandIn as HandInRow

routes = APIRouter(prefix="/api/v1/posts", tags=["posts"])

# Everybody who has a name here; operations too sees posts in the wild.
Bringer = Annotated[Caller, Depends(require(*Role))]


@routes.post("", status_code=202, summary="Hand in a post", responses=problems(422))
def hand_in(services: GivenServices, caller: Bringer, body: HandIn) -> HandedIn:
    """Bring a post by its link, its text or both; the same link again is the same hand-in."""
    expert = expert_of(caller)
    handed = services.desk.hand_in(expert.expert_id, url=body.url, title=body.title, text=body.text)
    _note(services, caller, "post.hand_in", handed.hand_in_id)
    return HandedIn(id=handed.hand_in_id, state=handed.state)


@routes.get("", summary="List my posts", responses=problems(422))
def list_mine(
    services: GivenServices, caller: Bringer, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> HandInList:
    """Show what the caller handed in, newest first, and what came of it."""
    expert_id = expert_of(caller).expert_id
    rows = services.database.read(lambda tx: hand_ins.list_for_expert(tx, expert_id, limit=limit))
    return HandInList(posts=tuple(_read(row) for row in rows))


@routes.get("/{post_id}", summary="What came of a post", responses=problems(404, 422))
def show(services: GivenServices, caller: Bringer, post_id: str) -> HandInOut:
    """Show one hand-in of the caller."""
    return _read(_find(services, caller, post_id))


@routes.post(
    "/{post_id}/text",
    status_code=202,
    summary="Add the text of a post",
    responses=problems(404, 409, 422),
)
def supply_text(
    services: GivenServices, caller: Bringer, post_id: str, body: SupplyText
) -> HandInOut:
    """Bring the text of a link that may not be fetched."""
    services.desk.supply_text(post_id, expert_of(caller).expert_id, text=body.text)
    _note(services, caller, "post.supply_text", post_id)
    return _read(_find(services, caller, post_id))


@routes.delete(
    "/{post_id}", status_code=204, summary="Take a post back", responses=problems(404, 422)
)
def withdraw(services: GivenServices, caller: Bringer, post_id: str) -> None:
    """Take a post back: what came of it goes, too."""
    services.desk.withdraw(post_id, expert_of(caller).expert_id)
    _note(services, caller, "post.withdraw", post_id)


def _find(services: Services, caller: Caller, post_id: str) -> HandInRow:
    row = services.database.read(lambda tx: hand_ins.find(tx, post_id))
    if row.expert_id != expert_of(caller).expert_id:
        raise NotFoundError("hand-in", post_id)
    return row


def _note(services: Services, caller: Caller, action: str, hand_in_id: str) -> None:
    now = services.clock.now()
    services.database.write(lambda tx: note_change(tx, caller, action, hand_in_id, now=now))


def _read(row: HandInRow) -> HandInOut:
    return HandInOut(
        id=row.hand_in_id,
        url=row.url,
        state=row.state,
        reason=row.reason,
        lead_id=row.lead_id,
        verdict=row.verdict,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
