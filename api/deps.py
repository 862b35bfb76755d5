"""What a request handler may ask for: the services, and who is calling."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from askwatch.bus.base import Bus
from askwatch.clock import Clock
from askwatch.links import LeadLink
from askwatch.model.decisions import Decisions
from askwatch.model.desk import HandInDesk
from askwatch.model.expert import Expert, Role
from askwatch.search.base import LeadIndex
from askwatch.settings import Settings
from askwatch.state.engine import Database
from askwatch.state.leads import LeadRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything the API stands on, opened by whoever starts it."""

    database: Database
    bus: Bus
    index: LeadIndex
    settings: Settings
    clock: Clock
    decisions: Decisions
    desk: HandInDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A signed-in person, or a machine with a key.

    `expert` is None for a key in nobody's name; `csrf_token` is "" for keys.
    """

    actor: str  # expert:<id> or key:<id>, as the audit names it
    roles: frozenset[Role]
    expert: Expert | None
    csrf_token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCaller:
    """Who came by a mail's link: that expert, for that one lead and nothing else."""

    link: LeadLink
    caller: Caller
    lead: LeadRow


def get_services(request: Request) -> Services:
    """Return what the app was made with."""
    services: Services = request.app.state.services
    return services


GivenServices: TypeAlias = Annotated[Services, Depends(get_services)]
