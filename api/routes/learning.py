"""Taps on leads, what was learned from them, and back-tests of changes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.audited import note_change
from api.auth import require
from api.deps import Caller, GivenServices
from api.openapi import problems
from api.schemas.learning import (
    AdaptationOut,
    Adaptations,
    Applied,
    BacktestOut,
    Backtests,
    FeedbackCounts,
    FeedbackGiven,
    GiveFeedback,
)
from api.tapping import give_feedback
from askwatch.model.backtest import BacktestRequest
from askwatch.model.expert import Role
from askwatch.model.ids import LeadId
from askwatch.state import adaptations, backtests, feedback
from askwatch.state.backtests import Backtest
from askwatch.state.engine import Transaction

routes = APIRouter(prefix="/api/v1", tags=["learning"])

Taker = Annotated[Caller, Depends(require(Role.EXPERT, Role.SALES, Role.ADMIN))]
Admin = Annotated[Caller, Depends(require(Role.ADMIN))]


@routes.post(
    "/leads/{lead_id}/feedback",
    status_code=201,
    summary="Say what is wrong with it",
    responses=problems(404, 410, 422),
)
def give(
    services: GivenServices, caller: Taker, lead_id: LeadId, body: GiveFeedback
) -> FeedbackGiven:
    """Say what was understood wrongly; the lead stays where it is, the language stage learns."""
    kinds = give_feedback(services, caller, lead_id, body)
    return FeedbackGiven(lead_id=lead_id, kinds=tuple(kinds))


@routes.get("/feedback", summary="How much there is to learn from")
def count(services: GivenServices, _caller: Admin) -> FeedbackCounts:
    """Count the taps by kind."""
    found = services.database.read(feedback.count_taps)
    return FeedbackCounts(
        taps=sum(found.values()), kinds={kind.value: number for kind, number in found.items()}
    )


@routes.get("/adaptations", summary="What was learned")
def list_adaptations(services: GivenServices, _caller: Admin) -> Adaptations:
    """Show the newest versions with what was measured of each."""
    rows = services.database.read(adaptations.list_adaptations)
    champion = services.database.read(adaptations.find_champion)
    return Adaptations(
        champion=champion.version if champion else None,
        adaptations=tuple(AdaptationOut.model_validate(row) for row in rows),
    )


@routes.post(
    "/adaptations/{version}/apply", summary="Apply a version", responses=problems(404, 422)
)
def apply_adaptation(services: GivenServices, caller: Admin, version: int) -> Applied:
    """Apply a version again, within seconds; 0 is the model alone."""
    now = services.clock.now()
    applied = services.database.write(
        lambda tx: adaptations.roll_back(tx, version, actor=caller.actor, now=now)
    )
    return Applied(version=applied)


@routes.post(
    "/backtests", status_code=202, summary="Try a change", responses=problems(404, 409, 422)
)
def ask_for_backtest(services: GivenServices, caller: Admin, body: BacktestRequest) -> BacktestOut:
    """Try topics, thresholds or an adaptation on what is still on the stream.

    The language stage works on it: ask for it again until it is done.
    """
    now = services.clock.now()

    def write(transaction: Transaction) -> Backtest:
        if body.adaptation:
            adaptations.find_adaptation(transaction, body.adaptation)
        asked = backtests.ask_for(transaction, body, actor=caller.actor, now=now)
        note_change(transaction, caller, "backtest.ask", asked.backtest_id, now=now)
        return asked

    return BacktestOut.model_validate(services.database.write(write))


@routes.get("/backtests", summary="List back-tests", responses=problems(422))
def list_backtests(
    services: GivenServices, _caller: Admin, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> Backtests:
    """Show the newest ones."""
    rows = services.database.read(lambda tx: backtests.list_backtests(tx, limit=limit))
    return Backtests(backtests=tuple(BacktestOut.model_validate(row) for row in rows))


@routes.get(
    "/backtests/{backtest_id}", summary="What a back-test showed", responses=problems(404, 422)
)
def show_backtest(services: GivenServices, _caller: Admin, backtest_id: str) -> BacktestOut:
    """Show one, with its result when it is done."""
    row = services.database.read(lambda tx: backtests.find(tx, backtest_id))
    return BacktestOut.model_validate(row)
