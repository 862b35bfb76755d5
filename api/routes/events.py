"""Live updates: hints that something changed, as server-sent events."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from api.auth import ApiCaller
from api.live import LiveHub
from api.openapi import problems

routes = APIRouter(prefix="/api/v1/events", tags=["events"])


@routes.get(
    "",
    summary="Listen to changes",
    response_class=StreamingResponse,
    responses=problems(422)
    | {
        200: {
            "description": "Events with kind, lead_id, revision, state; `reload`: too much missed",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
def listen(
    request: Request,
    caller: ApiCaller,
    last_event_id: Annotated[str, Header(max_length=64)] = "",
    after: Annotated[str, Query(max_length=64, description="As Last-Event-ID, for pages")] = "",
) -> StreamingResponse:
    """Open a stream of hints; it ends after a quarter of an hour, and browsers come back."""
    hub: LiveHub = request.app.state.live
    hub.check_room()
    expert_id = caller.expert.expert_id if caller.expert else ""
    return StreamingResponse(
        hub.stream(expert_id=expert_id, after=last_event_id or after),
        media_type="text/event-stream",
        # nginx would otherwise hold events back.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
