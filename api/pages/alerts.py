"""My alerts: what is for me now, what I have taken, and what was before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.pages.questions import Card, Detail, make_cards, read_detail, read_names
from api.pages.visit import PageVisit
from api.pages.voice import Voice
from api.pages.words import decline_reasons
from askwatch.model.alert import LIVE_ALERT_STATES, AlertState
from askwatch.model.ids import ExpertId, LeadId
from askwatch.model.lead import LeadState
from askwatch.state.alerts import AlertRow, list_for_expert
from askwatch.state.engine import Transaction
from askwatch.state.leads import LeadRow, find_leads, list_owned

routes = APIRouter(include_in_schema=False)

_EARLIER_LIMIT = 20
_NOW_STATES = LIVE_ALERT_STATES - {AlertState.SNOOZED}
_PAST_STATES = frozenset(AlertState) - LIVE_ALERT_STATES - {AlertState.CANCELLED}
_LATE_LEADS = {LeadState.ANSWERED, LeadState.CLOSED}


@dataclass(frozen=True, slots=True)
class Inbox:
    """An expert's alerts, in the order in which they matter."""

    now: list[Card]
    taken: list[Card]
    snoozed: list[Card]
    earlier: list[Card]

    @property
    def first(self) -> Card | None:
        """Return what to look at first."""
        return next(iter(self.now or self.taken), None)


def read_inbox(transaction: Transaction, voice: Voice, expert_id: ExpertId) -> Inbox:
    """Return an expert's inbox."""
    names = read_names(transaction, voice.locale)
    live = list_for_expert(transaction, expert_id, states=_NOW_STATES)
    snoozed = list_for_expert(transaction, expert_id, states=[AlertState.SNOOZED])
    past = list_for_expert(transaction, expert_id, states=_PAST_STATES, limit=_EARLIER_LIMIT)
    taken = list_owned(transaction, expert_id, states=[LeadState.CLAIMED])
    done = list_owned(transaction, expert_id, states=list(_LATE_LEADS), limit=_EARLIER_LIMIT)
    leads = {
        lead.lead_id: lead
        for lead in find_leads(transaction, [alert.lead_id for alert in (*live, *snoozed, *past)])
    }
    alerts = {alert.lead_id: alert for alert in (*live, *snoozed, *past)}
    shown = {lead.lead_id for lead in taken}

    def cards(rows: Iterable[LeadRow]) -> list[Card]:
        pairs = [(lead, alerts.get(lead.lead_id)) for lead in rows]
        return make_cards(transaction, voice, pairs, names=names, reader=expert_id)

    waiting = _leads_of(live, leads, without=shown)
    later = _leads_of(snoozed, leads, without=shown)
    shown |= {lead.lead_id for lead in (*waiting, *later, *done)}
    before = [*done, *_leads_of(past, leads, without=shown)]
    before.sort(key=lambda lead: lead.found_at, reverse=True)
    return Inbox(cards(waiting), cards(taken), cards(later), cards(before[:_EARLIER_LIMIT]))


@routes.get("/")
def show_alerts(visit: PageVisit) -> HTMLResponse:
    """Show my alerts; wide screens show the first question beside the list."""
    reader = visit.person.expert_id

    def read(transaction: Transaction) -> tuple[Inbox, Detail | None]:
        inbox = read_inbox(transaction, visit.voice, reader)
        if inbox.first is None:
            return inbox, None
        lead_id = inbox.first.lead.lead_id
        return inbox, read_detail(transaction, visit.voice, lead_id, reader)

    inbox, detail = visit.read(read)
    return visit.page(
        "alerts.html",
        inbox=inbox,
        detail=detail,
        selected="",
        decline_reasons=decline_reasons(visit.voice),
    )


def _leads_of(
    alerts: Iterable[AlertRow], leads: Mapping[LeadId, LeadRow], *, without: set[LeadId]
) -> list[LeadRow]:
    return [
        leads[alert.lead_id]
        for alert in alerts
        if alert.lead_id in leads and alert.lead_id not in without
    ]
