"""The caller's own alerts."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import ApiCaller, expert_of
from api.deps import GivenServices
from api.openapi import problems
from api.schemas.alerts import MyAlerts, read_my_alert
from askwatch.model.alert import LIVE_ALERT_STATES, AlertState
from askwatch.model.lead import LeadState
from askwatch.state import alerts, leads
from askwatch.state.engine import Transaction

routes = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])


@routes.get("", summary="List my alerts", responses=problems(422))
def list_mine(
    services: GivenServices,
    caller: ApiCaller,
    state: Annotated[
        list[AlertState] | None, Query(description="Default: those that still wait")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> MyAlerts:
    """Show what the caller was told about, with the question and why them."""
    expert_id = expert_of(caller).expert_id
    states = state or LIVE_ALERT_STATES

    def read(transaction: Transaction) -> MyAlerts:
        mine = alerts.list_for_expert(transaction, expert_id, states=states, limit=limit)
        found = leads.find_leads(transaction, [alert.lead_id for alert in mine])
        by_id = {lead.lead_id: lead for lead in found if lead.state != LeadState.WITHDRAWN}
        shown = [alert for alert in mine if alert.lead_id in by_id]
        return MyAlerts(alerts=tuple(read_my_alert(alert, by_id[alert.lead_id]) for alert in shown))

    return services.database.read(read)
