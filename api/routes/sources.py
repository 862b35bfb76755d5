"""Sources: where posts come from, and whether they may be read."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from api.audited import note_change
from api.auth import require
from api.deps import Caller, GivenServices, Services
from api.etags import check_if_match, content_etag
from api.openapi import problems
from api.schemas.company import SourceOut, Sources
from askwatch.errors import InvalidRequestError
from askwatch.model.expert import Role
from askwatch.model.ids import SourceId
from askwatch.model.source import Source, SourceKind
from askwatch.state import sources
from askwatch.state.engine import Transaction
from askwatch.state.sources import SourceRow

routes = APIRouter(prefix="/api/v1/sources", tags=["sources"])

Operator = Annotated[Caller, Depends(require(Role.OPS, Role.ADMIN))]
IfMatch = Annotated[str, Header(description="ETag of the source as the caller has seen it")]


@routes.get("", summary="List sources")
def list_all(services: GivenServices, _caller: Operator) -> Sources:
    """Show all sources, how reading them goes, and by which permission."""
    rows = services.database.read(sources.list_rows)
    return Sources(sources=tuple(_read(row) for row in rows))


@routes.get("/{source_id}", summary="Show a source", responses=problems(404, 422))
def show(
    services: GivenServices, _caller: Operator, source_id: SourceId, response: Response
) -> SourceOut:
    """Show one source."""
    return _answer(services, source_id, response)


@routes.put("/{source_id}", summary="Create or replace a source", responses=problems(412, 422))
def put(
    services: GivenServices,
    caller: Operator,
    source_id: SourceId,
    body: Source,
    response: Response,
    if_match: IfMatch = "",
) -> SourceOut:
    """Write a source whole; without a current permission it is kept, but not read."""
    if body.source_id != source_id:
        raise InvalidRequestError("source_id in the body is not the one in the address")
    if body.kind == SourceKind.FEED and not body.url.startswith(("http://", "https://")):
        raise InvalidRequestError("a feed needs a url that begins with https:// or http://")
    now = services.clock.now()

    def write(transaction: Transaction) -> None:
        known = {source.source_id: source for source in sources.list_sources(transaction)}
        old = known.get(source_id)
        if if_match:
            old = sources.find_source(transaction, source_id)
            check_if_match(if_match, content_etag(old))
        _refuse_files(old, body)
        sources.put_source(transaction, body, now=now)
        note_change(transaction, caller, "source.put", source_id, now=now)

    services.database.write(write)
    return _answer(services, source_id, response)


@routes.post("/{source_id}/pause", summary="Stop reading a source", responses=problems(404, 422))
def pause(
    services: GivenServices, caller: Operator, source_id: SourceId, response: Response
) -> SourceOut:
    """Stop reading; takes effect within seconds."""
    _set_paused(services, caller, source_id, is_paused=True)
    return _answer(services, source_id, response)


@routes.post("/{source_id}/resume", summary="Go on reading", responses=problems(404, 422))
def resume(
    services: GivenServices, caller: Operator, source_id: SourceId, response: Response
) -> SourceOut:
    """Go on where reading stopped."""
    _set_paused(services, caller, source_id, is_paused=False)
    return _answer(services, source_id, response)


def _set_paused(
    services: Services, caller: Caller, source_id: SourceId, *, is_paused: bool
) -> None:
    now = services.clock.now()
    action = "source.pause" if is_paused else "source.resume"

    def write(transaction: Transaction) -> None:
        sources.set_paused(transaction, source_id, is_paused=is_paused, now=now)
        note_change(transaction, caller, action, source_id, now=now)

    services.database.write(write)


def _refuse_files(old: Source | None, new: Source) -> None:
    """Let nobody read files of the server by an address of a replay."""
    if new.kind == SourceKind.FEED and (old is None or old.kind == SourceKind.FEED):
        return
    if old is None or (old.kind, old.options, old.url) != (new.kind, new.options, new.url):
        raise InvalidRequestError(
            f"sources of kind {new.kind.value} are made and moved on the server, with "
            "'askwatch apply' or 'askwatch replay'; here only name and permission can change"
        )


def _answer(services: Services, source_id: SourceId, response: Response) -> SourceOut:
    row = services.database.read(lambda tx: sources.find_row(tx, source_id))
    response.headers["ETag"] = content_etag(row.source)
    return _read(row)


def _read(row: SourceRow) -> SourceOut:
    return SourceOut(source=row.source, status=row.status)
