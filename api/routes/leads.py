"""Leads: the feed from the index, one lead from the database."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.auth import ApiCaller
from api.deps import Caller, GivenServices
from api.etags import revision_etag
from api.openapi import problems
from api.schemas.alerts import AlertOut
from api.schemas.leads import (
    LeadDetail,
    LeadLinkOut,
    LeadPageOut,
    LeadSearch,
    Told,
    read_page,
)
from askwatch.errors import GoneError
from askwatch.model.ids import ExpertId, LeadId
from askwatch.model.lead import LeadState
from askwatch.state import alerts, experts, leads
from askwatch.state.alerts import AlertRow
from askwatch.state.engine import Transaction

routes = APIRouter(prefix="/api/v1/leads", tags=["leads"])


@routes.get("", summary="Search the feed", responses=problems(422))
def search(
    services: GivenServices, _caller: ApiCaller, question: Annotated[LeadSearch, Query()]
) -> LeadPageOut:
    """Find leads by words, filters and time; a page's `next_cursor` leads to the next one."""
    return read_page(services.index.search(question.to_query()))


@routes.get(
    "/{lead_id}",
    summary="Show one lead",
    responses=problems(404, 410, 422),
)
def show(
    services: GivenServices,
    caller: ApiCaller,
    lead_id: LeadId,
    response: Response,
) -> LeadDetail:
    """Show a lead as the database has it; its ETag is for If-Match of decisions."""
    detail = services.database.read(lambda tx: _read(tx, lead_id, caller))
    response.headers["ETag"] = revision_etag(detail.revision)
    return detail


def _read(transaction: Transaction, lead_id: LeadId, caller: Caller) -> LeadDetail:
    lead = leads.find_lead(transaction, lead_id)
    if lead.state == LeadState.WITHDRAWN:
        raise GoneError(lead_id, lead.state)
    rows = alerts.list_for_lead(transaction, lead_id)
    names = experts.find_names(transaction)
    mine = [row for row in rows if caller.expert and row.expert_id == caller.expert.expert_id]
    links = leads.list_links(transaction, lead_id)
    detail = LeadDetail.model_validate(lead)
    return detail.model_copy(
        update={
            "owner_name": names.get(lead.owner_id, "") if lead.owner_id else "",
            "told": tuple(_read_told(rows, names)),
            "links": tuple(
                LeadLinkOut(source_id=link.source_id, url=link.url, published_at=link.published_at)
                for link in links
                if not link.is_withdrawn
            ),
            "my_alert": AlertOut.model_validate(mine[0]) if mine else None,
        }
    )


def _read_told(rows: list[AlertRow], names: dict[ExpertId, str]) -> list[Told]:
    """Return who was told; how each decided stays between them and the service."""
    return [
        Told(expert_id=row.expert_id, name=names.get(row.expert_id, row.expert_id), told_at=told_at)
        for row in rows
        if (told_at := row.notified_at or row.seen_at) is not None
    ]
