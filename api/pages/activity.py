"""Activity: what is asked and answered, and who takes part by team; nobody is ranked."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.pages.visit import PageVisit
from askwatch.state.activity import Activity, read_activity
from askwatch.state.engine import Transaction

routes = APIRouter(include_in_schema=False)

_SPANS = {"7": timedelta(days=7), "30": timedelta(days=30)}


@dataclass(frozen=True, slots=True)
class Span:
    """A time to look at, and where choosing it leads."""

    name: str
    address: str
    is_chosen: bool


@routes.get("/activity")
def show_activity(visit: PageVisit, days: str = "7") -> HTMLResponse:
    """Show the last 7 or 30 days."""
    chosen = days if days in _SPANS else "7"
    now = visit.voice.now

    def read(transaction: Transaction) -> Activity:
        return read_activity(transaction, after=now - _SPANS[chosen], before=now)

    names = {"7": visit.voice.say("last 7 days"), "30": visit.voice.say("last 30 days")}
    return visit.page(
        "activity.html",
        activity=visit.read(read),
        spans=[Span(names[each], f"/activity?days={each}", each == chosen) for each in _SPANS],
    )
