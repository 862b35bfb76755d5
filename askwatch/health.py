"""Asks every back end whether it answers, for probes and pages."""

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from askwatch.bus.base import Bus
from askwatch.errors import AskwatchError
from askwatch.search.base import LeadIndex
from askwatch.state.engine import Database


class Dependency(BaseModel):
    """Whether one back end answers."""

    model_config = ConfigDict(frozen=True)

    name: str
    is_ok: bool
    is_required: bool = Field(description="Without it nothing works; else only a part does not")
    reason: str = ""


class Health(BaseModel):
    """Whether the service can work."""

    model_config = ConfigDict(frozen=True)

    state: str = Field(description="ok, degraded (a part does not work) or down")
    dependencies: tuple[Dependency, ...]


def check_health(*, database: Database, bus: Bus, index: LeadIndex) -> Health:
    """Return how the back ends are; never raises for one that is away."""
    dependencies = (
        _ask("database", database.check, is_required=True),
        _ask("bus", bus.check, is_required=True),
        # The feed says so itself when its index is away; alerts, pages and claims go on.
        _ask("index", index.check, is_required=False),
    )
    away = [each for each in dependencies if not each.is_ok]
    state = "ok" if not away else "degraded"
    if any(each.is_required for each in away):
        state = "down"
    return Health(state=state, dependencies=dependencies)


def _ask(name: str, check: Callable[[], None], *, is_required: bool) -> Dependency:
    try:
        check()
    except AskwatchError as error:
        return Dependency(name=name, is_ok=False, is_required=is_required, reason=str(error))
    return Dependency(name=name, is_ok=True, is_required=is_required)
